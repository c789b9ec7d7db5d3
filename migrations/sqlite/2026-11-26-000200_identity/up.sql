-- The keys that sign access tokens: the newest signs, and one that was retired is asked until its last token has expired.
CREATE TABLE token_keys (
    id INTEGER NOT NULL PRIMARY KEY,
    public_key BLOB NOT NULL CHECK (length(public_key) = 32),
    seed_sealed BLOB NOT NULL,
    made_at TEXT NOT NULL,
    retired_at TEXT
) STRICT;

-- A sign-in, from which a family of refresh tokens grows; what lets its owner recognise it.
CREATE TABLE sessions (
    id INTEGER NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    started_at TEXT NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT
) STRICT;

CREATE INDEX sessions_user_id ON sessions (user_id, id);

-- From where those began that go on is not known.
INSERT INTO sessions (id, user_id, started_at, address, user_agent)
SELECT family_id, user_id, min(issued_at), '', NULL FROM refresh_tokens GROUP BY family_id, user_id;

-- Passwords that an account had, which it does not take again soon.
CREATE TABLE former_passwords (
    user_id INTEGER NOT NULL REFERENCES users (id),
    replaced_at TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    PRIMARY KEY (user_id, replaced_at)
) STRICT, WITHOUT ROWID;
