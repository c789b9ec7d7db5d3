ALTER TABLE cases DROP COLUMN terminated_on;
