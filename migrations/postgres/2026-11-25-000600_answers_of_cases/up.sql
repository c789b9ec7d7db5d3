-- An answer that shows a case is written again from the journal up to the version that it showed: the case's words are not
-- kept twice.
ALTER TABLE idempotency_keys ADD COLUMN case_id BIGINT;
ALTER TABLE idempotency_keys ADD COLUMN case_version INTEGER;
