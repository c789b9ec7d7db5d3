-- People, sealed field by field; a blind index is a keyed hash, so that equality can be asked without opening.
CREATE TABLE people (
    id INTEGER NOT NULL PRIMARY KEY,
    name_sealed BLOB NOT NULL,
    identity_sealed BLOB,
    phone_sealed BLOB,
    address_sealed BLOB,
    particulars_sealed BLOB,
    identity_index BLOB CHECK (length(identity_index) = 32),
    name_phone_index BLOB CHECK (length(name_phone_index) = 32),
    created_at TEXT NOT NULL
) STRICT;

CREATE INDEX people_identity_index ON people (identity_index) WHERE identity_index IS NOT NULL;
CREATE INDEX people_name_phone_index ON people (name_phone_index) WHERE name_phone_index IS NOT NULL;

-- The journal: the truth of every case. Articles 42-46 hang liability on who did what, when, so no row ever changes.
CREATE TABLE events (
    id INTEGER NOT NULL PRIMARY KEY,
    case_id INTEGER NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    kind TEXT NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body)),
    actor TEXT NOT NULL CHECK (json_valid(actor)),
    occurred_at TEXT NOT NULL,
    occurred_on TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    UNIQUE (case_id, seq)
) STRICT;

CREATE TRIGGER events_are_never_updated BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

-- The last serial of each county and year; taken in the filing's transaction, so a failed filing leaves no gap.
CREATE TABLE case_numbers (
    county TEXT NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL CHECK (last > 0),
    PRIMARY KEY (county, year)
) STRICT, WITHOUT ROWID;

-- An answer is kept in the transaction of its effect, so that a repeated request replays it and does nothing twice.
CREATE TABLE idempotency_keys (
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    etag TEXT,
    location TEXT,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (actor, key)
) STRICT;

CREATE INDEX idempotency_keys_expires_at ON idempotency_keys (expires_at);
