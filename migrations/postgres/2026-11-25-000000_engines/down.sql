DROP TABLE written_by;
DROP TABLE leases;
DELETE FROM meta WHERE key = 'position_offset';
DROP INDEX events_position_case_id_seq;
ALTER TABLE events DROP COLUMN position;
