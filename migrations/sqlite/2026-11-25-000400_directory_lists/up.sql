-- The directories of a province have a hundred thousand regions and half as many users: a page of them follows an index
-- in the order of the list.
DROP INDEX regions_parent_code;
CREATE INDEX regions_parent_code_code ON regions (parent_code, code) WHERE parent_code IS NOT NULL;
CREATE INDEX regions_level_code ON regions (level, code);
DROP INDEX organisations_region_code;
CREATE INDEX organisations_region_code_id ON organisations (region_code, id);
DROP INDEX organisations_superior_id;
CREATE INDEX organisations_superior_id_id ON organisations (superior_id, id) WHERE superior_id IS NOT NULL;
DROP INDEX users_organisation_id;
CREATE INDEX users_organisation_id_id ON users (organisation_id, id);
CREATE INDEX users_role_id ON users (role, id);
