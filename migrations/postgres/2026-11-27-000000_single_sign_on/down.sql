ALTER TABLE sign_in_challenges DROP COLUMN single_sign_on;
ALTER TABLE sessions DROP COLUMN single_sign_on;
DROP TABLE external_identities;
