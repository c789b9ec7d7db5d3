DROP TABLE case_users;
DROP TABLE case_people;
DROP TABLE case_organisations;
DROP TABLE deadlines;
DROP TABLE measures;
DROP TABLE claims;
DROP TABLE cases;
