-- The key under which the events of a confidential case say what they say, itself sealed: it is changed without touching the journal.
CREATE TABLE case_keys (
    case_id INTEGER NOT NULL PRIMARY KEY,
    key_sealed BLOB NOT NULL
) STRICT;

-- Who informed is found by nobody: neither by what they are called, nor by a row that names the case.
UPDATE people SET identity_index = NULL, name_phone_index = NULL
WHERE id IN (SELECT person_id FROM case_people JOIN cases ON cases.id = case_id WHERE confidential = 1)
AND id NOT IN (SELECT person_id FROM case_people JOIN cases ON cases.id = case_id WHERE confidential = 0);

DELETE FROM case_people WHERE case_id IN (SELECT id FROM cases WHERE confidential = 1);
