-- Who acts in whose place, with which duties and for how long. A row is never deleted: it says under what somebody acted.
CREATE TABLE delegations (
    id INTEGER NOT NULL PRIMARY KEY,
    principal_id INTEGER NOT NULL REFERENCES users (id),
    deputy_id INTEGER NOT NULL REFERENCES users (id) CHECK (deputy_id <> principal_id),
    duties TEXT NOT NULL CHECK (json_type(duties) = 'array'),
    reason TEXT NOT NULL,
    from_at TEXT NOT NULL,
    until_at TEXT NOT NULL CHECK (until_at > from_at),
    created_at TEXT NOT NULL,
    created_by_id INTEGER NOT NULL REFERENCES users (id),
    -- Ended before its time, and by whom.
    ended_at TEXT,
    ended_by_id INTEGER REFERENCES users (id),
    CHECK ((ended_at IS NULL) = (ended_by_id IS NULL))
) STRICT;

CREATE INDEX delegations_principal_id ON delegations (principal_id, until_at);
CREATE INDEX delegations_deputy_id ON delegations (deputy_id, until_at);
CREATE INDEX delegations_created_by_id ON delegations (created_by_id);
CREATE INDEX delegations_ended_by_id ON delegations (ended_by_id);

-- In whose place a deputy acted.
ALTER TABLE audit_entries ADD COLUMN on_behalf_of_id INTEGER;
CREATE INDEX audit_entries_on_behalf_of_id ON audit_entries (on_behalf_of_id, id) WHERE on_behalf_of_id IS NOT NULL;
