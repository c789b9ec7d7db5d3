DROP TABLE leases;
DROP INDEX events_position_case_id_seq;
ALTER TABLE events DROP COLUMN position;
