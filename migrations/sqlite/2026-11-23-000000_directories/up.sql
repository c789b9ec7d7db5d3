-- The directories: what cases refer to. All tables are STRICT, because SQLite otherwise takes any value in any column.

CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO meta (key, value) VALUES ('directory_version', '1');

-- A code that was merged away stays, with its successor: old cases go on naming it.
CREATE TABLE regions (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN (
        'province', 'city', 'county', 'township', 'village', 'grid'
    )),
    parent_code TEXT REFERENCES regions (code),
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    successor_code TEXT REFERENCES regions (code)
) STRICT, WITHOUT ROWID;

CREATE INDEX regions_parent_code ON regions (parent_code) WHERE parent_code IS NOT NULL;

CREATE TABLE organisations (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN (
        'petition_department', 'functional_department', 'government', 'village_committee',
        'review_committee', 'discipline_inspection', 'organisation_department', 'political_legal', 'other'
    )),
    level TEXT NOT NULL CHECK (level IN (
        'national', 'province', 'city', 'county', 'township', 'village'
    )),
    region_code TEXT NOT NULL REFERENCES regions (code),
    superior_id INTEGER REFERENCES organisations (id),
    active INTEGER NOT NULL CHECK (active IN (0, 1))
) STRICT;

CREATE INDEX organisations_region_code ON organisations (region_code);
CREATE INDEX organisations_superior_id ON organisations (superior_id) WHERE superior_id IS NOT NULL;

-- Which organ reviews (Art. 35) and re-reviews (Art. 36) the decisions of an organ; the lowest priority that finds one wins.
CREATE TABLE review_authority_rules (
    id INTEGER NOT NULL PRIMARY KEY,
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
    named_organisation_id INTEGER REFERENCES organisations (id),
    priority INTEGER NOT NULL,
    CHECK ((authority = 'named') = (named_organisation_id IS NOT NULL))
) STRICT;

CREATE TABLE users (
    id INTEGER NOT NULL PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN (
        'grid_member', 'official', 'reviewer', 'system_administrator', 'security_administrator', 'auditor'
    )),
    duties TEXT NOT NULL CHECK (json_type(duties) = 'array'),
    organisation_id INTEGER NOT NULL REFERENCES organisations (id),
    territory TEXT REFERENCES regions (code),
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    password_changed_at TEXT NOT NULL
) STRICT;

CREATE INDEX users_organisation_id ON users (organisation_id);

-- Only the SHA-256 of a token is kept; a family is the chain of tokens that grew from one sign-in.
CREATE TABLE refresh_tokens (
    token_hash BLOB NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    family_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id),
    issued_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT,
    revoked_at TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX refresh_tokens_family_id ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_user_id ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_expires_at ON refresh_tokens (expires_at);

CREATE TABLE topics (
    code TEXT NOT NULL PRIMARY KEY,
    level1 TEXT NOT NULL,
    level2 TEXT NOT NULL,
    level3 TEXT NOT NULL,
    version TEXT NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Days that differ from their weekday, from the State Council's yearly notice, which each row names.
CREATE TABLE calendar_days (
    day TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('holiday', 'workday')),
    name TEXT NOT NULL,
    notice TEXT NOT NULL
) STRICT, WITHOUT ROWID;
