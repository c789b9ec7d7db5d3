ALTER TABLE sign_in_challenges DROP COLUMN subject;
ALTER TABLE sign_in_challenges DROP COLUMN issuer;
ALTER TABLE sessions DROP COLUMN single_sign_on;
DROP TABLE external_identities;
