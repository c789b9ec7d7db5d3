-- Proposals to destroy the personal data of a case whose file need not be kept any longer, and what the other administrator said.
CREATE TABLE erasures (
    id INTEGER NOT NULL PRIMARY KEY,
    case_id INTEGER NOT NULL,
    -- What the other administrator goes by, without seeing the case.
    archived_on TEXT NOT NULL,
    retention TEXT NOT NULL,
    retained_until TEXT NOT NULL,
    reason TEXT NOT NULL,
    proposed_by_id INTEGER NOT NULL REFERENCES users (id),
    proposed_at TEXT NOT NULL,
    agreed INTEGER CHECK (agreed IN (0, 1)),
    remark TEXT,
    decided_by_id INTEGER REFERENCES users (id) CHECK (decided_by_id <> proposed_by_id),
    decided_at TEXT,
    -- Whose data was destroyed, and the server's seal on that under a key that is not in the database.
    people TEXT CHECK (json_type(people) = 'array'),
    mac BLOB CHECK (length(mac) = 32),
    CHECK ((agreed IS NOT NULL AND agreed) = (mac IS NOT NULL) AND (mac IS NULL) = (people IS NULL)),
    CHECK ((decided_at IS NULL) = (agreed IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX erasures_case_id_key ON erasures (case_id) WHERE decided_at IS NULL;
CREATE INDEX erasures_agreed_case_id ON erasures (case_id) WHERE mac IS NOT NULL;
CREATE INDEX erasures_proposed_by_id ON erasures (proposed_by_id);
CREATE INDEX erasures_decided_by_id ON erasures (decided_by_id);

-- With which case the data of the person was destroyed: what was sealed is empty then.
ALTER TABLE people ADD COLUMN erased_case_id INTEGER;

CREATE INDEX cases_archived_id ON cases (id) WHERE status = 'archived';
