DROP INDEX audit_entries_on_behalf_of_id;
ALTER TABLE audit_entries DROP COLUMN on_behalf_of_id;
DROP TABLE delegations;
