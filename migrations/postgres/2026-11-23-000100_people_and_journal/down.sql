DROP TABLE idempotency_keys;
DROP TABLE case_numbers;
DROP TABLE events;
DROP FUNCTION refuse_change_of_journal;
DROP TABLE people;
