-- How many sessions each leader of an organ of that kind and level holds in a period: local, so it is data.
CREATE TABLE reception_norms (
    organ_kind TEXT NOT NULL,
    organ_level TEXT NOT NULL,
    period TEXT NOT NULL CHECK (period IN ('week', 'month', 'quarter', 'half_year', 'year')),
    sessions INTEGER NOT NULL CHECK (sessions >= 0),
    PRIMARY KEY (organ_kind, organ_level)
) STRICT, WITHOUT ROWID;
