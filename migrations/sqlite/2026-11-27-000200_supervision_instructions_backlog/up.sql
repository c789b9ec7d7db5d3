-- What supervision waits for in a case, for a supervisor's list.
ALTER TABLE cases ADD COLUMN supervision TEXT CHECK (supervision IN (
    'proposed', 'reported', 'proposed+reported', 'ordered', 'proposed+ordered',
    'advised', 'proposed+advised', 'reported+advised', 'proposed+reported+advised', 'ordered+advised', 'proposed+ordered+advised'
));
CREATE INDEX cases_township_supervision_id ON cases (substr(attribution_region, 1, 9), supervision, id, attribution_region) WHERE confidential = 0 AND supervision IS NOT NULL;

-- Where a case stands as backlog, and how often it was petitioned again, for which it is proposed as such.
ALTER TABLE cases ADD COLUMN repeat_count INTEGER NOT NULL DEFAULT 0;
UPDATE cases SET repeat_count = repeats.number FROM (SELECT repeat_of, count(*) AS number FROM cases WHERE repeat_of IS NOT NULL GROUP BY repeat_of) AS repeats
WHERE repeats.repeat_of = cases.id;
CREATE INDEX cases_township_repeated_id ON cases (substr(attribution_region, 1, 9), id, attribution_region) WHERE confidential = 0 AND repeat_count > 0;

CREATE TABLE case_backlog (
    case_id INTEGER NOT NULL PRIMARY KEY REFERENCES cases (id) ON DELETE CASCADE,
    stage TEXT NOT NULL CHECK (stage IN ('listed', 'inspected', 'struck_off', 'relapsed')),
    batch TEXT NOT NULL,
    list_no TEXT NOT NULL,
    organisation_id INTEGER NOT NULL,
    listed_on TEXT NOT NULL,
    target_on TEXT NOT NULL
) STRICT;
CREATE INDEX case_backlog_stage_case_id ON case_backlog (stage, case_id);
CREATE INDEX case_backlog_batch_case_id ON case_backlog (batch, case_id);

-- Reports on orders, instructions and backlog have clocks of their own.
CREATE TABLE deadlines_of_backlog (
    case_id INTEGER NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    no INTEGER NOT NULL CHECK (no > 0),
    kind TEXT NOT NULL CHECK (kind IN (
        'dispatch', 'dispatch_share', 'notice', 'objection', 'handling', 'extension', 'review_request',
        'review', 're_review_request', 're_review', 'assigned_feedback', 'simple_pass', 'simple_decision',
        'simple_opinion', 'review_admission', 'evaluation', 'charge_report', 'backlog_report',
        'instruction_report', 'supervision_report', 'suggestions_answer'
    )),
    state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'met', 'lapsed', 'cancelled')),
    organisation_id INTEGER,
    started_on TEXT NOT NULL,
    nominal_due_on TEXT NOT NULL,
    legal_due_on TEXT NOT NULL,
    next_alarm_on TEXT,
    PRIMARY KEY (case_id, no)
) STRICT, WITHOUT ROWID;
INSERT INTO deadlines_of_backlog
SELECT case_id, no, kind, state, organisation_id, started_on, nominal_due_on, legal_due_on, next_alarm_on FROM deadlines;
DROP TABLE deadlines;
ALTER TABLE deadlines_of_backlog RENAME TO deadlines;
CREATE INDEX deadlines_next_alarm_on_case_id_no ON deadlines (next_alarm_on, case_id, no) WHERE next_alarm_on IS NOT NULL;
CREATE INDEX deadlines_open_case_id ON deadlines (case_id) WHERE state IN ('running', 'paused');

-- A leader who instructs has a part of their own until it is carried out.
CREATE TABLE case_users_of_instructions (
    case_id INTEGER NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL,
    part TEXT NOT NULL CHECK (part IN ('handler', 'owner', 'drafter', 'signer', 'leader', 'instructor', 'accused')),
    PRIMARY KEY (case_id, user_id, part)
) STRICT, WITHOUT ROWID;
INSERT INTO case_users_of_instructions SELECT case_id, user_id, part FROM case_users;
DROP TABLE case_users;
ALTER TABLE case_users_of_instructions RENAME TO case_users;
CREATE INDEX case_users_user_id_case_id ON case_users (user_id, case_id);
CREATE INDEX case_users_leader_user_id_case_id ON case_users (user_id, case_id) WHERE part = 'leader';
