-- The keys that sign access tokens: the newest signs, and one that was retired is asked until its last token has expired.
CREATE TABLE token_keys (
    id BIGINT NOT NULL CONSTRAINT token_keys_id_key PRIMARY KEY,
    public_key BYTEA NOT NULL CHECK (length(public_key) = 32),
    seed_sealed BYTEA NOT NULL,
    made_at TIMESTAMP NOT NULL,
    retired_at TIMESTAMP
);

-- A sign-in, from which a family of refresh tokens grows; what lets its owner recognise it.
CREATE TABLE sessions (
    id BIGINT NOT NULL CONSTRAINT sessions_id_key PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id),
    started_at TIMESTAMP NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT
);

CREATE INDEX sessions_user_id ON sessions (user_id, id);

-- From where those began that go on is not known.
INSERT INTO sessions (id, user_id, started_at, address, user_agent)
SELECT family_id, user_id, min(issued_at), '', NULL FROM refresh_tokens GROUP BY family_id, user_id;

-- Passwords that an account had, which it does not take again soon.
CREATE TABLE former_passwords (
    user_id BIGINT NOT NULL REFERENCES users (id),
    replaced_at TIMESTAMP NOT NULL,
    password_hash TEXT NOT NULL,
    CONSTRAINT former_passwords_user_id_replaced_at_key PRIMARY KEY (user_id, replaced_at)
);
