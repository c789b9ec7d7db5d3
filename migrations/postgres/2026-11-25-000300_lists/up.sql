-- A list follows an index in its own order and stops at the end of the page, however many cases its scope has. So every
-- way to come to know of a case has an index for each order: by the region's city, county and township, by the organ
-- that has a part in it, and by who registered it. Whoever has few cases, such as a village, is sorted.
CREATE INDEX cases_city_id ON cases (substr(attribution_region, 1, 4), id);
CREATE INDEX cases_city_next_due_on_id ON cases (substr(attribution_region, 1, 4), next_due_on, id) WHERE next_due_on IS NOT NULL;
CREATE INDEX cases_city_updated_at_id ON cases (substr(attribution_region, 1, 4), updated_at, id);
CREATE INDEX cases_county_id ON cases (substr(attribution_region, 1, 6), id);
CREATE INDEX cases_county_next_due_on_id ON cases (substr(attribution_region, 1, 6), next_due_on, id) WHERE next_due_on IS NOT NULL;
CREATE INDEX cases_county_updated_at_id ON cases (substr(attribution_region, 1, 6), updated_at, id);
CREATE INDEX cases_township_id ON cases (substr(attribution_region, 1, 9), id);
CREATE INDEX cases_township_next_due_on_id ON cases (substr(attribution_region, 1, 9), next_due_on, id) WHERE next_due_on IS NOT NULL;
CREATE INDEX cases_township_updated_at_id ON cases (substr(attribution_region, 1, 9), updated_at, id);

CREATE INDEX cases_registered_by_next_due_on_id ON cases (registered_by, next_due_on, id) WHERE registered_by IS NOT NULL AND next_due_on IS NOT NULL;
CREATE INDEX cases_registered_by_updated_at_id ON cases (registered_by, updated_at, id) WHERE registered_by IS NOT NULL;

-- What a case is listed by, beside each organ that has a part in it.
ALTER TABLE case_organisations ADD COLUMN status TEXT COLLATE "C";
ALTER TABLE case_organisations ADD COLUMN next_due_on DATE;
ALTER TABLE case_organisations ADD COLUMN updated_at TIMESTAMP;
UPDATE case_organisations SET status = cases.status, next_due_on = cases.next_due_on, updated_at = cases.updated_at
FROM cases WHERE cases.id = case_organisations.case_id;
ALTER TABLE case_organisations ALTER COLUMN status SET NOT NULL;
ALTER TABLE case_organisations ALTER COLUMN updated_at SET NOT NULL;
CREATE INDEX case_organisations_organisation_id_next_due_on_case_id ON case_organisations (organisation_id, next_due_on, case_id) WHERE next_due_on IS NOT NULL;
CREATE INDEX case_organisations_organisation_id_updated_at_case_id ON case_organisations (organisation_id, updated_at, case_id);
CREATE INDEX case_organisations_organisation_id_status ON case_organisations (organisation_id, status, next_due_on, updated_at, case_id);

-- The filters that are asked for most, by region: what passes one of them is counted and sorted in its index alone.
DROP INDEX cases_topic_code_id;
DROP INDEX cases_overdue_id;
CREATE INDEX cases_status_attribution_region ON cases (status, attribution_region, confidential, next_due_on, updated_at, id);
CREATE INDEX cases_topic_code_attribution_region ON cases (topic_code, attribution_region, confidential, next_due_on, updated_at, id) WHERE topic_code IS NOT NULL;
CREATE INDEX cases_overdue_attribution_region ON cases (attribution_region, confidential, next_due_on, updated_at, id) WHERE overdue;

-- For whoever goes through the cases with an open clock, as after a change of the calendar.
CREATE INDEX deadlines_open_case_id ON deadlines (case_id) WHERE state IN ('running', 'paused');
