DROP INDEX cases_archived_id;
ALTER TABLE people DROP COLUMN erased_case_id;
DROP TABLE erasures;
