// The tests of the store, listed once for both engines.

mod case_listing;
mod directory_lists;
mod explain;
mod histories;
mod people_and_keys;
mod portability;
mod records;
mod reference_data;
mod schema;
mod support;
mod writing;
