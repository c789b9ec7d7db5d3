-- Proposals to destroy the personal data of a case whose file need not be kept any longer, and what the other administrator said.
CREATE TABLE erasures (
    id BIGINT NOT NULL CONSTRAINT erasures_id_key PRIMARY KEY,
    case_id BIGINT NOT NULL,
    -- What the other administrator goes by, without seeing the case.
    archived_on DATE NOT NULL,
    retention TEXT NOT NULL,
    retained_until DATE NOT NULL,
    reason TEXT NOT NULL,
    proposed_by_id BIGINT NOT NULL REFERENCES users (id),
    proposed_at TIMESTAMP NOT NULL,
    agreed BOOLEAN,
    remark TEXT,
    decided_by_id BIGINT REFERENCES users (id) CHECK (decided_by_id <> proposed_by_id),
    decided_at TIMESTAMP,
    -- Whose data was destroyed, and the server's seal on that under a key that is not in the database.
    people JSON CHECK (json_typeof(people) = 'array'),
    mac BYTEA CHECK (length(mac) = 32),
    CHECK ((agreed IS NOT NULL AND agreed) = (mac IS NOT NULL) AND (mac IS NULL) = (people IS NULL)),
    CHECK ((decided_at IS NULL) = (agreed IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL))
);

CREATE UNIQUE INDEX erasures_case_id_key ON erasures (case_id) WHERE decided_at IS NULL;
CREATE INDEX erasures_agreed_case_id ON erasures (case_id) WHERE mac IS NOT NULL;
CREATE INDEX erasures_proposed_by_id ON erasures (proposed_by_id);
CREATE INDEX erasures_decided_by_id ON erasures (decided_by_id);

-- With which case the data of the person was destroyed: what was sealed is empty then.
ALTER TABLE people ADD COLUMN erased_case_id BIGINT;

CREATE INDEX cases_archived_id ON cases (id) WHERE status = 'archived';
