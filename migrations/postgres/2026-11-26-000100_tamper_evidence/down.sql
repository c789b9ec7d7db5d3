DROP TABLE checkpoints;
DROP TABLE audit_entries;
DROP FUNCTION refuse_change();
DROP TRIGGER events_are_never_updated ON events;
ALTER TABLE events DROP COLUMN hash;

CREATE TRIGGER events_are_never_updated BEFORE UPDATE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_journal();
