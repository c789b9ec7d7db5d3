-- What only a later program knows goes. The journal keeps it, and no earlier program reads a case in which such a thing has
-- happened; there is a way back only until then.
DROP INDEX cases_township_repeated_id;
ALTER TABLE cases DROP COLUMN repeat_count;
DROP TABLE case_backlog;
DROP INDEX cases_township_supervision_id;
ALTER TABLE cases DROP COLUMN supervision;

DELETE FROM deadlines WHERE kind IN ('backlog_report', 'instruction_report', 'supervision_report', 'suggestions_answer');
CREATE TABLE deadlines_before_supervision (
    case_id INTEGER NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    no INTEGER NOT NULL CHECK (no > 0),
    kind TEXT NOT NULL CHECK (kind IN (
        'dispatch', 'dispatch_share', 'notice', 'objection', 'handling', 'extension', 'review_request',
        'review', 're_review_request', 're_review', 'assigned_feedback', 'simple_pass', 'simple_decision',
        'simple_opinion', 'review_admission', 'evaluation', 'charge_report'
    )),
    state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'met', 'lapsed', 'cancelled')),
    organisation_id INTEGER,
    started_on TEXT NOT NULL,
    nominal_due_on TEXT NOT NULL,
    legal_due_on TEXT NOT NULL,
    next_alarm_on TEXT,
    PRIMARY KEY (case_id, no)
) STRICT, WITHOUT ROWID;
INSERT INTO deadlines_before_supervision
SELECT case_id, no, kind, state, organisation_id, started_on, nominal_due_on, legal_due_on, next_alarm_on FROM deadlines;
DROP TABLE deadlines;
ALTER TABLE deadlines_before_supervision RENAME TO deadlines;
CREATE INDEX deadlines_next_alarm_on_case_id_no ON deadlines (next_alarm_on, case_id, no) WHERE next_alarm_on IS NOT NULL;
CREATE INDEX deadlines_open_case_id ON deadlines (case_id) WHERE state IN ('running', 'paused');

DELETE FROM case_users WHERE part = 'instructor';
CREATE TABLE case_users_before_instructions (
    case_id INTEGER NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL,
    part TEXT NOT NULL CHECK (part IN ('handler', 'owner', 'drafter', 'signer', 'leader', 'accused')),
    PRIMARY KEY (case_id, user_id, part)
) STRICT, WITHOUT ROWID;
INSERT INTO case_users_before_instructions SELECT case_id, user_id, part FROM case_users;
DROP TABLE case_users;
ALTER TABLE case_users_before_instructions RENAME TO case_users;
CREATE INDEX case_users_user_id_case_id ON case_users (user_id, case_id);
CREATE INDEX case_users_leader_user_id_case_id ON case_users (user_id, case_id) WHERE part = 'leader';
