-- What supervision waits for in a case, for a supervisor's list, and its clocks.
ALTER TABLE cases ADD COLUMN supervision text CHECK (supervision IN ('proposed', 'reported', 'ordered', 'advised'));
CREATE INDEX cases_township_supervision_id ON cases (substr(attribution_region, 1, 9), supervision, id, attribution_region) WHERE NOT confidential AND supervision IS NOT NULL;
ALTER TABLE deadlines DROP CONSTRAINT deadlines_kind_check;
ALTER TABLE deadlines ADD CONSTRAINT deadlines_kind_check CHECK (kind IN (
    'dispatch', 'dispatch_share', 'notice', 'objection', 'handling', 'extension', 'review_request',
    'review', 're_review_request', 're_review', 'assigned_feedback', 'simple_pass', 'simple_decision',
    'simple_opinion', 'review_admission', 'evaluation', 'charge_report', 'supervision_report',
    'suggestions_answer'
));
