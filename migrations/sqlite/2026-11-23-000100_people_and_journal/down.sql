DROP TABLE idempotency_keys;
DROP TABLE case_numbers;
DROP TABLE events;
DROP TABLE people;
