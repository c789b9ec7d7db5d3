DROP TABLE former_passwords;
DROP TABLE sessions;
DROP TABLE token_keys;
