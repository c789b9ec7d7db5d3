// The tests of the store, listed once for both engines.

mod case_listing;
mod directory_lists;
mod explain;
mod histories;
mod list_shapes;
mod people_and_keys;
mod portability;
mod records;
mod reference_data;
mod schema;
mod sign_in_failures;
mod support;
mod writing;
