-- Projections of the journal: written in its transaction, rebuilt from it at will. They refer to their case and to
-- people only; the directories are checked when an event is decided, and a rebuild must not depend on their order.
CREATE TABLE cases (
    id BIGINT NOT NULL CONSTRAINT cases_id_key PRIMARY KEY,
    case_no TEXT COLLATE "C" NOT NULL UNIQUE,
    query_code TEXT COLLATE "C" NOT NULL UNIQUE,
    version INTEGER NOT NULL CHECK (version > 0),
    status TEXT COLLATE "C" NOT NULL CHECK (status IN (
        'registered', 'screening', 'transferred', 'assigned', 'objected', 'pending_acceptance', 'accepted',
        'in_handling', 'mediating', 'opinion_draft', 'opinion_review', 'opinion_issued', 'delivered',
        'executing', 'closed', 'reviewing', 'review_issued', 're_reviewing', 're_review_issued',
        'returned_for_rework', 'terminated', 'not_accepted', 'no_longer_accepted', 'routed_out',
        'direct_reply', 'filed_only', 'withdrawn', 'studying', 'study_concluded', 'replied', 'forwarded',
        'receipt_acknowledged', 'outcome_recorded', 'archived'
    )),
    purpose TEXT NOT NULL CHECK (purpose IN (
        'claim', 'appeal', 'suggestion', 'accusation', 'enquiry', 'other'
    )),
    channel TEXT NOT NULL CHECK (channel IN ('letter', 'visit', 'call', 'fax', 'web')),
    source TEXT NOT NULL CHECK (source IN (
        'petitioner', 'grid_report', 'higher_level', 'leader_instruction', 'hotline', 'other'
    )),
    subject TEXT,
    attribution_region TEXT COLLATE "C" NOT NULL,
    topic_code TEXT COLLATE "C",
    holder_id BIGINT NOT NULL,
    registered_by BIGINT,
    filed_at TIMESTAMP NOT NULL,
    accepted_on DATE,
    closed_on DATE,
    matter_resolved_on DATE,
    heart_resolved_on DATE,
    double_resolved_on DATE,
    head_count INTEGER NOT NULL,
    group_petition BOOLEAN NOT NULL,
    anonymous BOOLEAN NOT NULL,
    repeat_of BIGINT,
    confidential BOOLEAN NOT NULL,
    next_due_on DATE,
    overdue BOOLEAN NOT NULL,
    source_no TEXT COLLATE "C" UNIQUE,
    updated_at TIMESTAMP NOT NULL
);

-- A territory is a prefix of the region code; the rest serve a scope or a filter, each in the order of the lists.
CREATE INDEX cases_attribution_region_id ON cases (attribution_region, id);
CREATE INDEX cases_holder_id_id ON cases (holder_id, id);
CREATE INDEX cases_registered_by_id ON cases (registered_by, id) WHERE registered_by IS NOT NULL;
CREATE INDEX cases_status_id ON cases (status, id);
CREATE INDEX cases_topic_code_id ON cases (topic_code, id) WHERE topic_code IS NOT NULL;
CREATE INDEX cases_filed_at_id ON cases (filed_at, id);
CREATE INDEX cases_next_due_on_id ON cases (next_due_on, id) WHERE next_due_on IS NOT NULL;
CREATE INDEX cases_updated_at_id ON cases (updated_at, id);
CREATE INDEX cases_overdue_id ON cases (id) WHERE overdue;
CREATE INDEX cases_repeat_of ON cases (repeat_of) WHERE repeat_of IS NOT NULL;

CREATE TABLE claims (
    case_id BIGINT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    no INTEGER NOT NULL CHECK (no > 0),
    text TEXT,
    reasonableness TEXT NOT NULL CHECK (reasonableness IN (
        'undetermined', 'reasonable', 'partly', 'unreasonable'
    )),
    result TEXT CHECK (result IN ('support', 'explain', 'not_support')),
    CONSTRAINT claims_case_id_no_key PRIMARY KEY (case_id, no)
);

CREATE TABLE measures (
    case_id BIGINT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('resolve', 'educate', 'assist', 'lawful_handling')),
    state TEXT NOT NULL CHECK (state IN (
        'undetermined', 'found_not_applicable', 'not_applicable', 'applies', 'planned', 'reported',
        'sent_back', 'verified'
    )),
    owner_id BIGINT,
    due_on DATE,
    verified_on DATE,
    CONSTRAINT measures_case_id_kind_key PRIMARY KEY (case_id, kind)
);

CREATE INDEX measures_owner_id_case_id ON measures (owner_id, case_id) WHERE owner_id IS NOT NULL;

CREATE TABLE deadlines (
    case_id BIGINT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    no INTEGER NOT NULL CHECK (no > 0),
    kind TEXT NOT NULL CHECK (kind IN (
        'dispatch', 'dispatch_share', 'notice', 'objection', 'handling', 'extension', 'review_request',
        'review', 're_review_request', 're_review', 'assigned_feedback', 'simple_pass', 'simple_decision',
        'simple_opinion', 'review_admission', 'evaluation'
    )),
    state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'met', 'lapsed', 'cancelled')),
    organisation_id BIGINT,
    started_on DATE NOT NULL,
    nominal_due_on DATE NOT NULL,
    legal_due_on DATE NOT NULL,
    next_alarm_on DATE,
    CONSTRAINT deadlines_case_id_no_key PRIMARY KEY (case_id, no)
);

-- The sweep walks this in order and page by page; a deadline with nothing more to announce is not in it.
CREATE INDEX deadlines_next_alarm_on_case_id_no ON deadlines (next_alarm_on, case_id, no) WHERE next_alarm_on IS NOT NULL;

CREATE TABLE case_organisations (
    case_id BIGINT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    organisation_id BIGINT NOT NULL,
    part TEXT NOT NULL CHECK (part IN (
        'holder', 'received_by', 'dispatched', 'co_organisation', 'review'
    )),
    CONSTRAINT case_organisations_case_id_organisation_id_part_key PRIMARY KEY (case_id, organisation_id, part)
);

CREATE INDEX case_organisations_organisation_id_case_id ON case_organisations (organisation_id, case_id);

CREATE TABLE case_people (
    case_id BIGINT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    person_id BIGINT NOT NULL REFERENCES people (id),
    part TEXT NOT NULL CHECK (part IN ('petitioner', 'representative')),
    no INTEGER NOT NULL,
    CONSTRAINT case_people_case_id_person_id_part_key PRIMARY KEY (case_id, person_id, part)
);

CREATE INDEX case_people_person_id_case_id ON case_people (person_id, case_id);

CREATE TABLE case_users (
    case_id BIGINT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    part TEXT NOT NULL CHECK (part IN ('handler', 'owner', 'drafter', 'signer', 'accused')),
    CONSTRAINT case_users_case_id_user_id_part_key PRIMARY KEY (case_id, user_id, part)
);

CREATE INDEX case_users_user_id_case_id ON case_users (user_id, case_id);
