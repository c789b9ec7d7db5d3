DROP TABLE checkpoints;
DROP TABLE audit_entries;
DROP TRIGGER events_are_never_updated;
ALTER TABLE events DROP COLUMN hash;

CREATE TRIGGER events_are_never_updated BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
