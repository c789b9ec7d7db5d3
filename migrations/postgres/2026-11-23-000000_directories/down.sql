DROP TABLE calendar_days;
DROP TABLE topics;
DROP TABLE refresh_tokens;
DROP TABLE users;
DROP TABLE review_authority_rules;
DROP TABLE organisations;
DROP TABLE regions;
DROP TABLE meta;
