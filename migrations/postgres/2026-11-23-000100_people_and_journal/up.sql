-- People, sealed field by field; a blind index is a keyed hash, so that equality can be asked without opening.
CREATE TABLE people (
    id BIGINT NOT NULL CONSTRAINT people_id_key PRIMARY KEY,
    name_sealed BYTEA NOT NULL,
    identity_sealed BYTEA,
    phone_sealed BYTEA,
    address_sealed BYTEA,
    particulars_sealed BYTEA,
    identity_index BYTEA CHECK (length(identity_index) = 32),
    name_phone_index BYTEA CHECK (length(name_phone_index) = 32),
    created_at TIMESTAMP NOT NULL
);

CREATE INDEX people_identity_index ON people (identity_index) WHERE identity_index IS NOT NULL;
CREATE INDEX people_name_phone_index ON people (name_phone_index) WHERE name_phone_index IS NOT NULL;

-- The journal: the truth of every case. Articles 42-46 hang liability on who did what, when, so no row ever changes.
CREATE TABLE events (
    id BIGINT NOT NULL CONSTRAINT events_id_key PRIMARY KEY,
    case_id BIGINT NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    kind TEXT NOT NULL,
    body TEXT NOT NULL CHECK (body::json IS NOT NULL),
    actor TEXT NOT NULL CHECK (actor::json IS NOT NULL),
    occurred_at TIMESTAMP NOT NULL,
    occurred_on DATE NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    UNIQUE (case_id, seq)
);

CREATE FUNCTION refuse_change_of_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only';
END
$$;

CREATE TRIGGER events_are_never_updated BEFORE UPDATE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_journal();

CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_journal();

CREATE TRIGGER events_are_never_emptied BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_journal();

-- The last serial of each county and year; taken in the filing's transaction, so a failed filing leaves no gap.
CREATE TABLE case_numbers (
    county TEXT COLLATE "C" NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL CHECK (last > 0),
    CONSTRAINT case_numbers_county_year_key PRIMARY KEY (county, year)
);

-- An answer is kept in the transaction of its effect, so that a repeated request replays it and does nothing twice.
CREATE TABLE idempotency_keys (
    actor TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    fingerprint BYTEA NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    etag TEXT,
    location TEXT,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    CONSTRAINT idempotency_keys_actor_key_key PRIMARY KEY (actor, key)
);

CREATE INDEX idempotency_keys_expires_at ON idempotency_keys (expires_at);
