-- Who acts in whose place, with which duties and for how long. A row is never deleted: it says under what somebody acted.
CREATE TABLE delegations (
    id BIGINT NOT NULL CONSTRAINT delegations_id_key PRIMARY KEY,
    principal_id BIGINT NOT NULL REFERENCES users (id),
    deputy_id BIGINT NOT NULL REFERENCES users (id) CHECK (deputy_id <> principal_id),
    duties JSON NOT NULL CHECK (json_typeof(duties) = 'array'),
    reason TEXT NOT NULL,
    from_at TIMESTAMP NOT NULL,
    until_at TIMESTAMP NOT NULL CHECK (until_at > from_at),
    created_at TIMESTAMP NOT NULL,
    created_by_id BIGINT NOT NULL REFERENCES users (id),
    -- Ended before its time, and by whom.
    ended_at TIMESTAMP,
    ended_by_id BIGINT REFERENCES users (id),
    CHECK ((ended_at IS NULL) = (ended_by_id IS NULL))
);

CREATE INDEX delegations_principal_id ON delegations (principal_id, until_at);
CREATE INDEX delegations_deputy_id ON delegations (deputy_id, until_at);
CREATE INDEX delegations_created_by_id ON delegations (created_by_id);
CREATE INDEX delegations_ended_by_id ON delegations (ended_by_id);

-- In whose place a deputy acted.
ALTER TABLE audit_entries ADD COLUMN on_behalf_of_id BIGINT;
CREATE INDEX audit_entries_on_behalf_of_id ON audit_entries (on_behalf_of_id, id) WHERE on_behalf_of_id IS NOT NULL;
