-- Each index costs every filing and every event. A list of a territory is the lists of its townships, followed together, so
-- the townships alone have indexes in the orders of the lists, without accusations, which no territory shows. A village's
-- cases are found in its township's index by the region beside the order.
DROP INDEX cases_registered_by_next_due_on_id;
DROP INDEX cases_registered_by_updated_at_id;
DROP INDEX cases_attribution_region_id;
DROP INDEX cases_holder_id_id;
DROP INDEX cases_status_id;
DROP INDEX cases_filed_at_id;
DROP INDEX cases_next_due_on_id;
DROP INDEX cases_updated_at_id;
DROP INDEX cases_city_id;
DROP INDEX cases_city_next_due_on_id;
DROP INDEX cases_city_updated_at_id;
DROP INDEX cases_county_id;
DROP INDEX cases_county_next_due_on_id;
DROP INDEX cases_county_updated_at_id;
DROP INDEX cases_township_id;
DROP INDEX cases_township_next_due_on_id;
DROP INDEX cases_township_updated_at_id;
DROP INDEX cases_status_attribution_region;
DROP INDEX cases_topic_code_attribution_region;
DROP INDEX cases_overdue_attribution_region;
CREATE INDEX cases_township_id ON cases (substr(attribution_region, 1, 9), id, attribution_region) WHERE confidential = 0;
CREATE INDEX cases_township_next_due_on_id ON cases (substr(attribution_region, 1, 9), next_due_on, id, attribution_region) WHERE confidential = 0 AND next_due_on IS NOT NULL;
CREATE INDEX cases_township_updated_at_id ON cases (substr(attribution_region, 1, 9), updated_at, id, attribution_region) WHERE confidential = 0;
CREATE INDEX cases_township_status_id ON cases (substr(attribution_region, 1, 9), status, id, attribution_region) WHERE confidential = 0;
CREATE INDEX cases_township_topic_code_id ON cases (substr(attribution_region, 1, 9), topic_code, id, attribution_region) WHERE confidential = 0 AND topic_code IS NOT NULL;
CREATE INDEX cases_township_overdue_id ON cases (substr(attribution_region, 1, 9), id, attribution_region) WHERE confidential = 0 AND overdue = 1;

-- Staff register for their own organ, which lets them know of the case anyway: by registration alone they know of the few
-- that another organ received.
ALTER TABLE cases ADD COLUMN received_by INTEGER NOT NULL DEFAULT 0;
UPDATE cases SET received_by = coalesce(
    (SELECT min(organisation_id) FROM case_organisations WHERE case_id = cases.id AND part = 'received_by'), holder_id
);
DROP INDEX cases_registered_by_id;
CREATE INDEX cases_registered_by_received_by_id ON cases (registered_by, received_by, id) WHERE registered_by IS NOT NULL;

-- An organ has a part in a case or none: which part it is the journal tells. Its newest cases are those of each status,
-- followed together.
CREATE TABLE case_organisations_once (
    case_id INTEGER NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    organisation_id INTEGER NOT NULL,
    status TEXT NOT NULL,
    next_due_on TEXT,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (case_id, organisation_id)
) STRICT, WITHOUT ROWID;
INSERT INTO case_organisations_once
SELECT DISTINCT case_id, organisation_id, status, next_due_on, updated_at FROM case_organisations;
DROP TABLE case_organisations;
ALTER TABLE case_organisations_once RENAME TO case_organisations;
CREATE INDEX case_organisations_organisation_id_next_due_on_case_id ON case_organisations (organisation_id, next_due_on, case_id) WHERE next_due_on IS NOT NULL;
CREATE INDEX case_organisations_organisation_id_updated_at_case_id ON case_organisations (organisation_id, updated_at, case_id);
CREATE INDEX case_organisations_organisation_id_status_case_id ON case_organisations (organisation_id, status, case_id);

-- The number of a case is the time of its filing, by which lists are ordered and a period of filing is found. An import
-- of earlier versions gave numbers by the time of the import.
INSERT INTO meta (key, value)
SELECT 'cases_numbered_late', '1'
WHERE EXISTS (SELECT 1 FROM cases WHERE (julianday(filed_at) - 2440587.5) * 86400 < (id >> 21) / 1000 + 1577836800 - 86400);
