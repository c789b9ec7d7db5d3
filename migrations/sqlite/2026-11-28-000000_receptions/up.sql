-- Sessions in which leading cadres receive visits. Like cases they are the fold of a journal; its rows stand among the events,
-- where `case_id` is the identifier of the session.
CREATE TABLE receptions (
    id INTEGER NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL CHECK (version > 0),
    kind TEXT NOT NULL CHECK (kind IN ('scheduled_reception', 'invited_reception', 'case_field_visit', 'home_revisit', 'on_scene_reception')),
    state TEXT NOT NULL CHECK (state IN ('planned', 'published', 'held', 'cancelled')),
    leader_id INTEGER NOT NULL,
    organisation_id INTEGER NOT NULL,
    post TEXT NOT NULL,
    responsibilities TEXT NOT NULL,
    -- The office's day and times.
    day TEXT NOT NULL,
    begins_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    place TEXT NOT NULL,
    capacity INTEGER NOT NULL,
    waiting_places INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    visits INTEGER NOT NULL,
    published_on TEXT,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX receptions_day_begins_at_id ON receptions (day, begins_at, id);
CREATE INDEX receptions_leader_id_day ON receptions (leader_id, day, begins_at, id);

CREATE TABLE reception_bookings (
    reception_id INTEGER NOT NULL REFERENCES receptions (id) ON DELETE CASCADE,
    no INTEGER NOT NULL CHECK (no > 0),
    case_id INTEGER NOT NULL,
    -- The first case of its chain of repeats.
    matter_id INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('booked', 'waiting', 'received', 'no_show', 'cancelled', 'fell_through')),
    -- When the session is: two of one petitioner must not be at the same time.
    day TEXT NOT NULL,
    begins_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    to_be_told INTEGER NOT NULL CHECK (to_be_told IN (0, 1)),
    PRIMARY KEY (reception_id, no)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX reception_bookings_matter_id_key ON reception_bookings (matter_id) WHERE state IN ('booked', 'waiting');
CREATE INDEX reception_bookings_case_id ON reception_bookings (case_id, reception_id);
