-- Events in the order of their transactions, for a reader that follows the whole journal. Transactions commit in
-- another order than they begin, so the reader stops before the oldest one that is still open. The number of the newest
-- transaction that has ended keeps an event behind those that its own transaction waited for.
ALTER TABLE events ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
ALTER TABLE events ALTER COLUMN position SET DEFAULT
    (GREATEST(pg_current_xact_id()::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1));

CREATE INDEX events_position_case_id_seq ON events (position, case_id, seq);

-- What is added to a transaction's number, so that positions go on rising in a cluster that a dump was restored into.
INSERT INTO meta (key, value) VALUES ('position_offset', '0');

-- Work that one process at a time does for all: who has it, and until when.
CREATE TABLE leases (
    name TEXT COLLATE "C" NOT NULL CONSTRAINT leases_name_key PRIMARY KEY,
    holder BIGINT NOT NULL,
    until TIMESTAMP NOT NULL
);

-- How far a replica must be for a caller to find there what they wrote last. Unlogged: a crash loses no more than that.
CREATE UNLOGGED TABLE written_by (
    caller TEXT COLLATE "C" NOT NULL CONSTRAINT written_by_caller_key PRIMARY KEY,
    position PG_LSN NOT NULL
);
