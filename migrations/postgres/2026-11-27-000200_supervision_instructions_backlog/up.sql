-- What supervision waits for in a case, for a supervisor's list.
ALTER TABLE cases ADD COLUMN supervision text CHECK (supervision IN (
    'proposed', 'reported', 'proposed+reported', 'ordered', 'proposed+ordered',
    'advised', 'proposed+advised', 'reported+advised', 'proposed+reported+advised', 'ordered+advised', 'proposed+ordered+advised'
));
CREATE INDEX cases_township_supervision_id ON cases (substr(attribution_region, 1, 9), supervision, id, attribution_region) WHERE NOT confidential AND supervision IS NOT NULL;

-- Where a case stands as backlog, and how often it was petitioned again, for which it is proposed as such.
ALTER TABLE cases ADD COLUMN repeat_count integer NOT NULL DEFAULT 0;
UPDATE cases SET repeat_count = repeats.number FROM (SELECT repeat_of, count(*) AS number FROM cases WHERE repeat_of IS NOT NULL GROUP BY repeat_of) AS repeats
WHERE repeats.repeat_of = cases.id;
CREATE INDEX cases_township_repeated_id ON cases (substr(attribution_region, 1, 9), id, attribution_region) WHERE NOT confidential AND repeat_count > 0;

CREATE TABLE case_backlog (
    case_id bigint NOT NULL CONSTRAINT case_backlog_case_id_key PRIMARY KEY REFERENCES cases (id) ON DELETE CASCADE,
    stage text NOT NULL CHECK (stage IN ('listed', 'inspected', 'struck_off', 'relapsed')),
    batch text NOT NULL,
    list_no text NOT NULL,
    organisation_id bigint NOT NULL,
    listed_on date NOT NULL,
    target_on date NOT NULL
);
CREATE INDEX case_backlog_stage_case_id ON case_backlog (stage, case_id);
CREATE INDEX case_backlog_batch_case_id ON case_backlog (batch, case_id);

-- Reports on orders, instructions and backlog have clocks of their own.
ALTER TABLE deadlines DROP CONSTRAINT deadlines_kind_check;
ALTER TABLE deadlines ADD CONSTRAINT deadlines_kind_check CHECK (kind IN (
    'dispatch', 'dispatch_share', 'notice', 'objection', 'handling', 'extension', 'review_request',
    'review', 're_review_request', 're_review', 'assigned_feedback', 'simple_pass', 'simple_decision',
    'simple_opinion', 'review_admission', 'evaluation', 'charge_report', 'backlog_report',
    'instruction_report', 'supervision_report', 'suggestions_answer'
));

-- A leader who instructs has a part of their own until it is carried out.
ALTER TABLE case_users DROP CONSTRAINT case_users_part_check;
ALTER TABLE case_users ADD CONSTRAINT case_users_part_check CHECK (part IN ('handler', 'owner', 'drafter', 'signer', 'leader', 'instructor', 'accused'));
