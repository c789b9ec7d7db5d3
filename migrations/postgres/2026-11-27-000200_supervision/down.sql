-- What only a later program knows goes; the journal keeps it, and a rebuild tells it again.
DROP INDEX cases_township_supervision_id;
ALTER TABLE cases DROP COLUMN supervision;
DELETE FROM deadlines WHERE kind IN ('supervision_report', 'suggestions_answer');
ALTER TABLE deadlines DROP CONSTRAINT deadlines_kind_check;
ALTER TABLE deadlines ADD CONSTRAINT deadlines_kind_check CHECK (kind IN (
    'dispatch', 'dispatch_share', 'notice', 'objection', 'handling', 'extension', 'review_request',
    'review', 're_review_request', 're_review', 'assigned_feedback', 'simple_pass', 'simple_decision',
    'simple_opinion', 'review_admission', 'evaluation', 'charge_report'
));
