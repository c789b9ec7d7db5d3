-- Whom accounts are at providers of OpenID Connect: kept from the first sign-in there, because a provider may give a name to another.
CREATE TABLE external_identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id),
    linked_at TEXT NOT NULL,
    -- When they first showed all that was asked for; not yet where an administrator has linked them.
    shown_at TEXT,
    -- Taken away: by its name it is not linked again.
    unlinked_at TEXT,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX external_identities_user_id ON external_identities (user_id);
CREATE UNIQUE INDEX external_identities_linked_key ON external_identities (user_id, issuer) WHERE unlinked_at IS NULL;

-- Whether a provider has vouched for its owner, and no password was shown.
ALTER TABLE sessions ADD COLUMN single_sign_on INTEGER NOT NULL DEFAULT 0 CHECK (single_sign_on IN (0, 1));
-- For whom a provider has vouched, where no password was shown.
ALTER TABLE sign_in_challenges ADD COLUMN issuer TEXT;
ALTER TABLE sign_in_challenges ADD COLUMN subject TEXT;
