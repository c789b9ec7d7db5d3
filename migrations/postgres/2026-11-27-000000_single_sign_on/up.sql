-- Who an account is at a provider of OpenID Connect: kept from the first sign-in there, because the provider may give a name to another.
CREATE TABLE external_identities (
    user_id BIGINT NOT NULL CONSTRAINT external_identities_user_id_key PRIMARY KEY REFERENCES users (id),
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    linked_at TIMESTAMP NOT NULL
);

CREATE UNIQUE INDEX external_identities_subject_key ON external_identities (issuer, subject);

-- Whether the provider has vouched for its owner, and no password was shown.
ALTER TABLE sessions ADD COLUMN single_sign_on BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE sign_in_challenges ADD COLUMN single_sign_on BOOLEAN NOT NULL DEFAULT false;
