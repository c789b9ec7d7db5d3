DROP TABLE leases;
DROP INDEX events_position_id;
ALTER TABLE events DROP COLUMN position;
