-- Each event carries a hash over itself and the hash of the one before it. An event of an earlier version is without one
-- until the worker or the next event of its case gives it one; nothing else may change.
ALTER TABLE events ADD COLUMN hash BYTEA;
-- Whatever is there has none yet, so there is nothing to look through while nobody can write.
ALTER TABLE events ADD CONSTRAINT events_hash_check CHECK (length(hash) = 32) NOT VALID;

DROP TRIGGER events_are_never_updated ON events;

CREATE TRIGGER events_are_never_updated BEFORE UPDATE ON events FOR EACH ROW
    WHEN (OLD.hash IS NOT NULL OR NEW.hash IS NULL
        OR (OLD.id, OLD.case_id, OLD.seq, OLD.kind, OLD.body, OLD.actor, OLD.occurred_at, OLD.occurred_on, OLD.recorded_at,
            OLD.position)
        IS DISTINCT FROM
            (NEW.id, NEW.case_id, NEW.seq, NEW.kind, NEW.body, NEW.actor, NEW.occurred_at, NEW.occurred_on, NEW.recorded_at,
            NEW.position))
    EXECUTE FUNCTION refuse_change_of_journal();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;

-- Who did, saw or tried what outside the journals of cases: sign-ins, administrative acts, readings of personal data.
CREATE TABLE audit_entries (
    id BIGINT NOT NULL CONSTRAINT audit_entries_id_key PRIMARY KEY,
    recorded_at TIMESTAMP NOT NULL,
    act TEXT COLLATE "C" NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused')),
    user_id BIGINT,
    address TEXT,
    case_id BIGINT,
    subject TEXT COLLATE "C",
    purpose TEXT,
    details TEXT NOT NULL CHECK (details::json IS NOT NULL),
    position BIGINT NOT NULL
);

-- The same as that of events, to which an offset may have been added since.
DO $$
BEGIN
    EXECUTE format(
        'ALTER TABLE audit_entries ALTER COLUMN position SET DEFAULT (%s + GREATEST(pg_current_xact_id()::text::bigint, '
        'pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1))',
        (SELECT value::bigint FROM meta WHERE key = 'position_offset'));
END
$$;

CREATE INDEX audit_entries_position_id ON audit_entries (position, id);
CREATE INDEX audit_entries_user_id ON audit_entries (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX audit_entries_case_id ON audit_entries (case_id, id) WHERE case_id IS NOT NULL;
CREATE INDEX audit_entries_subject ON audit_entries (subject, id) WHERE subject IS NOT NULL;
CREATE INDEX audit_entries_act ON audit_entries (act, id);

CREATE TRIGGER audit_entries_are_never_updated BEFORE UPDATE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER audit_entries_are_never_deleted BEFORE DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER audit_entries_are_never_emptied BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The hashes of all events and audit entries since the checkpoint before, in their order, under one signature.
CREATE TABLE checkpoints (
    number BIGINT NOT NULL CONSTRAINT checkpoints_number_key PRIMARY KEY CHECK (number > 0),
    made_at TIMESTAMP NOT NULL,
    event_count BIGINT NOT NULL,
    last_event_id BIGINT,
    event_hashes BYTEA NOT NULL CHECK (length(event_hashes) % 32 = 0),
    entry_count BIGINT NOT NULL,
    last_entry_id BIGINT,
    entry_hashes BYTEA NOT NULL CHECK (length(entry_hashes) % 32 = 0),
    note TEXT NOT NULL,
    public_key BYTEA NOT NULL CHECK (length(public_key) = 32),
    signature BYTEA NOT NULL CHECK (length(signature) = 64)
);

CREATE TRIGGER checkpoints_are_never_updated BEFORE UPDATE ON checkpoints
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER checkpoints_are_never_deleted BEFORE DELETE ON checkpoints
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER checkpoints_are_never_emptied BEFORE TRUNCATE ON checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
