-- The key under which the events of a confidential case say what they say, itself sealed: it is changed without touching the journal.
CREATE TABLE case_keys (
    case_id BIGINT NOT NULL CONSTRAINT case_keys_case_id_key PRIMARY KEY,
    key_sealed BYTEA NOT NULL
);
