-- Who an account is at a provider of OpenID Connect: kept from the first sign-in there, because the provider may give a name to another.
CREATE TABLE external_identities (
    user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (id),
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    linked_at TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX external_identities_subject_key ON external_identities (issuer, subject);

-- Whether the provider has vouched for its owner, and no password was shown.
ALTER TABLE sessions ADD COLUMN single_sign_on INTEGER NOT NULL DEFAULT 0 CHECK (single_sign_on IN (0, 1));
ALTER TABLE sign_in_challenges ADD COLUMN single_sign_on INTEGER NOT NULL DEFAULT 0 CHECK (single_sign_on IN (0, 1));
