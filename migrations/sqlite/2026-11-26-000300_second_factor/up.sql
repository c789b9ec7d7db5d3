-- What makes the codes of an account's authenticator (RFC 6238); not confirmed until the first of them was shown.
CREATE TABLE second_factors (
    id INTEGER NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    secret_sealed BLOB NOT NULL,
    begun_at TEXT NOT NULL,
    confirmed_at TEXT,
    -- The time step of the newest code that was taken: none is taken twice, nor one before it.
    last_step INTEGER NOT NULL
) STRICT;

CREATE INDEX second_factors_user_id ON second_factors (user_id);
CREATE UNIQUE INDEX second_factors_confirmed_key ON second_factors (user_id) WHERE confirmed_at IS NOT NULL;
CREATE UNIQUE INDEX second_factors_begun_key ON second_factors (user_id) WHERE confirmed_at IS NULL;

-- What stands in for a lost authenticator, each once.
CREATE TABLE recovery_codes (
    user_id INTEGER NOT NULL REFERENCES users (id),
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    PRIMARY KEY (user_id, code_hash)
) STRICT, WITHOUT ROWID;

-- Sign-ins whose password was right and whose second factor is waited for.
CREATE TABLE sign_in_challenges (
    token_hash BLOB NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    user_id INTEGER NOT NULL REFERENCES users (id),
    expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sign_in_challenges_user_id ON sign_in_challenges (user_id);
CREATE INDEX sign_in_challenges_expires_at ON sign_in_challenges (expires_at);

ALTER TABLE sessions ADD COLUMN second_factor INTEGER NOT NULL DEFAULT 0 CHECK (second_factor IN (0, 1));
