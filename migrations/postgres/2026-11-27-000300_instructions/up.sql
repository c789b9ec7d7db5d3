-- A leader who instructs has a part of their own until it is carried out, and the report a clock of its own.
ALTER TABLE deadlines DROP CONSTRAINT deadlines_kind_check;
ALTER TABLE deadlines ADD CONSTRAINT deadlines_kind_check CHECK (kind IN (
    'dispatch', 'dispatch_share', 'notice', 'objection', 'handling', 'extension', 'review_request',
    'review', 're_review_request', 're_review', 'assigned_feedback', 'simple_pass', 'simple_decision',
    'simple_opinion', 'review_admission', 'evaluation', 'charge_report', 'instruction_report',
    'supervision_report', 'suggestions_answer'
));
ALTER TABLE case_users DROP CONSTRAINT case_users_part_check;
ALTER TABLE case_users ADD CONSTRAINT case_users_part_check CHECK (part IN ('handler', 'owner', 'drafter', 'signer', 'leader', 'instructor', 'accused'));
