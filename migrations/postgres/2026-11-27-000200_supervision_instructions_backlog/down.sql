-- What only a later program knows goes. The journal keeps it, and no earlier program reads a case in which such a thing has
-- happened; there is a way back only until then.
DROP INDEX cases_township_repeated_id;
ALTER TABLE cases DROP COLUMN repeat_count;
DROP TABLE case_backlog;
DROP INDEX cases_township_supervision_id;
ALTER TABLE cases DROP COLUMN supervision;

DELETE FROM deadlines WHERE kind IN ('backlog_report', 'instruction_report', 'supervision_report', 'suggestions_answer');
ALTER TABLE deadlines DROP CONSTRAINT deadlines_kind_check;
ALTER TABLE deadlines ADD CONSTRAINT deadlines_kind_check CHECK (kind IN (
    'dispatch', 'dispatch_share', 'notice', 'objection', 'handling', 'extension', 'review_request',
    'review', 're_review_request', 're_review', 'assigned_feedback', 'simple_pass', 'simple_decision',
    'simple_opinion', 'review_admission', 'evaluation', 'charge_report'
));

DELETE FROM case_users WHERE part = 'instructor';
ALTER TABLE case_users DROP CONSTRAINT case_users_part_check;
ALTER TABLE case_users ADD CONSTRAINT case_users_part_check CHECK (part IN ('handler', 'owner', 'drafter', 'signer', 'leader', 'accused'));
