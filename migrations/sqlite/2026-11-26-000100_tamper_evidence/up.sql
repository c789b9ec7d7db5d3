-- Each event carries a hash over itself and the hash of the one before it. An event of an earlier version is without one
-- until the worker or the next event of its case gives it one; nothing else may change.
ALTER TABLE events ADD COLUMN hash BLOB CHECK (length(hash) = 32);

DROP TRIGGER events_are_never_updated;

CREATE TRIGGER events_are_never_updated BEFORE UPDATE ON events
WHEN OLD.hash IS NOT NULL OR NEW.hash IS NULL OR OLD.id <> NEW.id OR OLD.case_id <> NEW.case_id OR OLD.seq <> NEW.seq
    OR OLD.kind <> NEW.kind OR OLD.body <> NEW.body OR OLD.actor <> NEW.actor OR OLD.occurred_at <> NEW.occurred_at
    OR OLD.occurred_on <> NEW.occurred_on OR OLD.recorded_at <> NEW.recorded_at OR OLD.position <> NEW.position
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

-- Who did, saw or tried what outside the journals of cases: sign-ins, administrative acts, readings of personal data.
CREATE TABLE audit_entries (
    id INTEGER NOT NULL PRIMARY KEY,
    recorded_at TEXT NOT NULL,
    act TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused')),
    user_id INTEGER,
    address TEXT,
    case_id INTEGER,
    subject TEXT,
    purpose TEXT,
    details TEXT NOT NULL CHECK (json_valid(details)),
    position INTEGER NOT NULL
) STRICT;

CREATE INDEX audit_entries_position_id ON audit_entries (position, id);
CREATE INDEX audit_entries_user_id ON audit_entries (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX audit_entries_case_id ON audit_entries (case_id, id) WHERE case_id IS NOT NULL;
CREATE INDEX audit_entries_subject ON audit_entries (subject, id) WHERE subject IS NOT NULL;
CREATE INDEX audit_entries_act ON audit_entries (act, id);

CREATE TRIGGER audit_entries_are_never_updated BEFORE UPDATE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

CREATE TRIGGER audit_entries_are_never_deleted BEFORE DELETE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

-- The hashes of all events and audit entries since the checkpoint before, in their order, under one signature.
CREATE TABLE checkpoints (
    number INTEGER NOT NULL PRIMARY KEY CHECK (number > 0),
    made_at TEXT NOT NULL,
    event_count INTEGER NOT NULL,
    last_event_id INTEGER,
    event_hashes BLOB NOT NULL CHECK (length(event_hashes) % 32 = 0),
    entry_count INTEGER NOT NULL,
    last_entry_id INTEGER,
    entry_hashes BLOB NOT NULL CHECK (length(entry_hashes) % 32 = 0),
    note TEXT NOT NULL,
    public_key BLOB NOT NULL CHECK (length(public_key) = 32),
    signature BLOB NOT NULL CHECK (length(signature) = 64)
) STRICT;

CREATE TRIGGER checkpoints_are_never_updated BEFORE UPDATE ON checkpoints
BEGIN
    SELECT RAISE(ABORT, 'checkpoints are append-only');
END;

CREATE TRIGGER checkpoints_are_never_deleted BEFORE DELETE ON checkpoints
BEGIN
    SELECT RAISE(ABORT, 'checkpoints are append-only');
END;
