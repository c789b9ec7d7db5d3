//! What only the embedded engine has: tables that take any value, and a file that others could read.

use std::os::unix::fs::PermissionsExt;

use store::{AnyConnection, Store, StoreOptions};
use test_database::TestDatabase;

use crate::ENGINE;
use crate::schema::on_sqlite;
use crate::support::migrated;

#[test]
fn every_table_is_strict() {
    let (_database, mut connection) = migrated();
    let AnyConnection::Sqlite(connection) = &mut connection else { panic!("another engine") };
    for object in on_sqlite::objects(connection) {
        assert!(object.kind != "table" || object.sql.contains("STRICT"), "{} is not strict", object.name);
    }
}

#[test]
fn the_file_is_private_to_its_owner() {
    let database = TestDatabase::empty(ENGINE);
    let _store = Store::open(&database.address(), &StoreOptions::default()).unwrap();
    for name in ["daowei.db", "daowei.db-wal"] {
        let mode = std::fs::metadata(database.directory().unwrap().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
