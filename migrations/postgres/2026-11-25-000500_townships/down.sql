DELETE FROM meta WHERE key = 'cases_numbered_late';
CREATE TABLE case_organisations_in_order (
    case_id BIGINT NOT NULL CONSTRAINT case_organisations_case_id_in_order_fkey REFERENCES cases (id) ON DELETE CASCADE,
    organisation_id BIGINT NOT NULL,
    part TEXT COLLATE "C" NOT NULL CHECK (part IN (
        'holder', 'received_by', 'dispatched', 'co_organisation', 'review'
    )),
    status TEXT COLLATE "C" NOT NULL,
    next_due_on DATE,
    updated_at TIMESTAMP NOT NULL,
    CONSTRAINT case_organisations_case_id_organisation_id_part_key PRIMARY KEY (case_id, organisation_id, part)
);
-- Which part an organ has is not known any more; a rebuild tells it.
INSERT INTO case_organisations_in_order
SELECT case_id, organisation_id, 'received_by', status, next_due_on, updated_at FROM case_organisations;
DROP TABLE case_organisations;
ALTER TABLE case_organisations_in_order RENAME TO case_organisations;
ALTER TABLE case_organisations RENAME CONSTRAINT case_organisations_case_id_in_order_fkey TO case_organisations_case_id_fkey;
CREATE INDEX case_organisations_organisation_id_case_id ON case_organisations (organisation_id, case_id);
CREATE INDEX case_organisations_organisation_id_next_due_on_case_id ON case_organisations (organisation_id, next_due_on, case_id) WHERE next_due_on IS NOT NULL;
CREATE INDEX case_organisations_organisation_id_updated_at_case_id ON case_organisations (organisation_id, updated_at, case_id);
CREATE INDEX case_organisations_organisation_id_status ON case_organisations (organisation_id, status, next_due_on, updated_at, case_id);
DROP INDEX cases_township_id;
DROP INDEX cases_township_next_due_on_id;
DROP INDEX cases_township_updated_at_id;
DROP INDEX cases_township_status_id;
DROP INDEX cases_township_topic_code_id;
DROP INDEX cases_township_overdue_id;
CREATE INDEX cases_attribution_region_id ON cases (attribution_region, id);
CREATE INDEX cases_holder_id_id ON cases (holder_id, id);
CREATE INDEX cases_status_id ON cases (status, id);
CREATE INDEX cases_filed_at_id ON cases (filed_at, id);
CREATE INDEX cases_next_due_on_id ON cases (next_due_on, id) WHERE next_due_on IS NOT NULL;
CREATE INDEX cases_updated_at_id ON cases (updated_at, id);
CREATE INDEX cases_city_id ON cases (substr(attribution_region, 1, 4), id);
CREATE INDEX cases_city_next_due_on_id ON cases (substr(attribution_region, 1, 4), next_due_on, id) WHERE next_due_on IS NOT NULL;
CREATE INDEX cases_city_updated_at_id ON cases (substr(attribution_region, 1, 4), updated_at, id);
CREATE INDEX cases_county_id ON cases (substr(attribution_region, 1, 6), id);
CREATE INDEX cases_county_next_due_on_id ON cases (substr(attribution_region, 1, 6), next_due_on, id) WHERE next_due_on IS NOT NULL;
CREATE INDEX cases_county_updated_at_id ON cases (substr(attribution_region, 1, 6), updated_at, id);
CREATE INDEX cases_township_id ON cases (substr(attribution_region, 1, 9), id);
CREATE INDEX cases_township_next_due_on_id ON cases (substr(attribution_region, 1, 9), next_due_on, id) WHERE next_due_on IS NOT NULL;
CREATE INDEX cases_township_updated_at_id ON cases (substr(attribution_region, 1, 9), updated_at, id);
CREATE INDEX cases_status_attribution_region ON cases (status, attribution_region, confidential, next_due_on, updated_at, id);
CREATE INDEX cases_topic_code_attribution_region ON cases (topic_code, attribution_region, confidential, next_due_on, updated_at, id) WHERE topic_code IS NOT NULL;
CREATE INDEX cases_overdue_attribution_region ON cases (attribution_region, confidential, next_due_on, updated_at, id) WHERE overdue;
CREATE INDEX cases_registered_by_next_due_on_id ON cases (registered_by, next_due_on, id) WHERE registered_by IS NOT NULL AND next_due_on IS NOT NULL;
CREATE INDEX cases_registered_by_updated_at_id ON cases (registered_by, updated_at, id) WHERE registered_by IS NOT NULL;
DROP INDEX cases_registered_by_received_by_id;
CREATE INDEX cases_registered_by_id ON cases (registered_by, id) WHERE registered_by IS NOT NULL;
ALTER TABLE cases DROP COLUMN received_by;
