-- A leader in charge has a part of their own and a clock of their own. The index is for what all leaders have in charge.
ALTER TABLE deadlines DROP CONSTRAINT deadlines_kind_check;
ALTER TABLE deadlines ADD CONSTRAINT deadlines_kind_check CHECK (kind IN (
    'dispatch', 'dispatch_share', 'notice', 'objection', 'handling', 'extension', 'review_request',
    'review', 're_review_request', 're_review', 'assigned_feedback', 'simple_pass', 'simple_decision',
    'simple_opinion', 'review_admission', 'evaluation', 'charge_report'
));
ALTER TABLE case_users DROP CONSTRAINT case_users_part_check;
ALTER TABLE case_users ADD CONSTRAINT case_users_part_check CHECK (part IN ('handler', 'owner', 'drafter', 'signer', 'leader', 'accused'));
CREATE INDEX case_users_leader_user_id_case_id ON case_users (user_id, case_id) WHERE part = 'leader';
