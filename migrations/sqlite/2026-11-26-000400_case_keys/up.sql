-- The key under which the events of a confidential case say what they say, itself sealed: it is changed without touching the journal.
CREATE TABLE case_keys (
    case_id INTEGER NOT NULL PRIMARY KEY,
    key_sealed BLOB NOT NULL
) STRICT;
