-- What can only be written again by a later version is not kept any longer.
DELETE FROM idempotency_keys WHERE case_id IS NOT NULL;
ALTER TABLE idempotency_keys DROP COLUMN case_version;
ALTER TABLE idempotency_keys DROP COLUMN case_id;
