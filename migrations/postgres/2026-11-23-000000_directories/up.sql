-- The directories: what cases refer to. A primary key is named as a unique constraint
-- would be, so that one look-up tells a conflict on either engine. Codes sort by bytes, whatever the server's language.

CREATE TABLE meta (
    key TEXT COLLATE "C" NOT NULL CONSTRAINT meta_key_key PRIMARY KEY,
    value TEXT NOT NULL
);

INSERT INTO meta (key, value) VALUES ('directory_version', '1');

-- A code that was merged away stays, with its successor: old cases go on naming it.
CREATE TABLE regions (
    code TEXT COLLATE "C" NOT NULL CONSTRAINT regions_code_key PRIMARY KEY,
    name TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN (
        'province', 'city', 'county', 'township', 'village', 'grid'
    )),
    parent_code TEXT COLLATE "C" REFERENCES regions (code),
    valid_from DATE NOT NULL,
    valid_to DATE,
    successor_code TEXT COLLATE "C" REFERENCES regions (code)
);

CREATE INDEX regions_parent_code ON regions (parent_code) WHERE parent_code IS NOT NULL;

CREATE TABLE organisations (
    id BIGINT NOT NULL CONSTRAINT organisations_id_key PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN (
        'petition_department', 'functional_department', 'government', 'village_committee',
        'review_committee', 'discipline_inspection', 'organisation_department', 'political_legal', 'other'
    )),
    level TEXT NOT NULL CHECK (level IN (
        'national', 'province', 'city', 'county', 'township', 'village'
    )),
    region_code TEXT COLLATE "C" NOT NULL REFERENCES regions (code),
    superior_id BIGINT REFERENCES organisations (id),
    active BOOLEAN NOT NULL
);

CREATE INDEX organisations_region_code ON organisations (region_code);
CREATE INDEX organisations_superior_id ON organisations (superior_id) WHERE superior_id IS NOT NULL;

-- Which organ reviews (Art. 35) and re-reviews (Art. 36) the decisions of an organ; the lowest priority that finds one wins.
CREATE TABLE review_authority_rules (
    id BIGINT NOT NULL CONSTRAINT review_authority_rules_id_key PRIMARY KEY,
    organ_kind TEXT NOT NULL CHECK (organ_kind IN (
        'petition_department', 'functional_department', 'government', 'village_committee',
        'review_committee', 'discipline_inspection', 'organisation_department', 'political_legal', 'other'
    )),
    organ_level TEXT NOT NULL CHECK (organ_level IN (
        'national', 'province', 'city', 'county', 'township', 'village'
    )),
    stage TEXT NOT NULL CHECK (stage IN ('review', 're_review')),
    authority TEXT NOT NULL CHECK (authority IN
        ('superior', 'same_level_government', 'superior_government', 'committee_of_superior_region', 'named')),
    named_organisation_id BIGINT REFERENCES organisations (id),
    priority INTEGER NOT NULL,
    CHECK ((authority = 'named') = (named_organisation_id IS NOT NULL))
);

CREATE TABLE users (
    id BIGINT NOT NULL CONSTRAINT users_id_key PRIMARY KEY,
    username TEXT COLLATE "C" NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN (
        'grid_member', 'official', 'reviewer', 'system_administrator', 'security_administrator', 'auditor'
    )),
    duties JSON NOT NULL CHECK (json_typeof(duties) = 'array'),
    organisation_id BIGINT NOT NULL REFERENCES organisations (id),
    territory TEXT COLLATE "C" REFERENCES regions (code),
    active BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    password_changed_at TIMESTAMP NOT NULL
);

CREATE INDEX users_organisation_id ON users (organisation_id);

-- Only the SHA-256 of a token is kept; a family is the chain of tokens that grew from one sign-in.
CREATE TABLE refresh_tokens (
    token_hash BYTEA NOT NULL CONSTRAINT refresh_tokens_token_hash_key PRIMARY KEY CHECK (length(token_hash) = 32),
    family_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    issued_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    revoked_at TIMESTAMP
);

CREATE INDEX refresh_tokens_family_id ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_user_id ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_expires_at ON refresh_tokens (expires_at);

CREATE TABLE topics (
    code TEXT COLLATE "C" NOT NULL CONSTRAINT topics_code_key PRIMARY KEY,
    level1 TEXT NOT NULL,
    level2 TEXT NOT NULL,
    level3 TEXT NOT NULL,
    version TEXT NOT NULL,
    active BOOLEAN NOT NULL
);

-- Days that differ from their weekday, from the State Council's yearly notice, which each row names.
CREATE TABLE calendar_days (
    day DATE NOT NULL CONSTRAINT calendar_days_day_key PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('holiday', 'workday')),
    name TEXT NOT NULL,
    notice TEXT NOT NULL
);
