-- Events in the order of their commits, for a reader that follows the whole journal: those of one append share a
-- position. What was there before goes first, by case.
ALTER TABLE events ADD COLUMN position INTEGER NOT NULL DEFAULT 0;

CREATE INDEX events_position_case_id_seq ON events (position, case_id, seq);

-- Work that one process at a time does for all: who has it, and until when.
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder INTEGER NOT NULL,
    until TEXT NOT NULL
) STRICT, WITHOUT ROWID;
