//! The two engines' migrations make one schema.

use std::collections::BTreeSet;

use store::AnyConnection;
use store::connection::{self, Purpose};
use test_database::{Engine, TestDatabase};

use crate::schema::{self, Schema, Table};

/// What only PostgreSQL has, and why.
const ONLY_POSTGRES: [&str; 6] = [
    // How far a replica must be; the embedded engine has none.
    "written_by",
    // Nothing append-only can be emptied by a command that the embedded engine does not have.
    "events_are_never_emptied",
    "audit_entries_are_never_emptied",
    "checkpoints_are_never_emptied",
    // What its triggers call.
    "refuse_change_of_journal",
    "refuse_change",
];

fn migrated(engine: Engine) -> (TestDatabase, AnyConnection) {
    let database = TestDatabase::migrated(engine);
    let connection = connection::open(&database.address(), Purpose::Write).unwrap();
    (database, connection)
}

/// The engine's words for types say nothing here: each is compared with the declared schema.
fn without_types(mut schema: Schema) -> Schema {
    for column in schema.tables.values_mut().flat_map(|table| &mut table.columns) {
        column.kind.clear();
    }
    // An index on what is true is written otherwise where truth is a number.
    for index in schema.tables.values_mut().flat_map(|table| table.indexes.values_mut()) {
        let written =
            |predicate: String| predicate.replace("confidential=0", "notconfidential").replace("=1", "");
        index.predicate = index.predicate.take().map(written);
    }
    schema
}

#[test]
fn every_sealed_column_is_sealed_anew() {
    let (_file, mut embedded) = migrated(Engine::Sqlite);
    let tables = schema::read(&mut embedded).tables;
    let columns = tables
        .iter()
        .flat_map(|(name, table)| table.columns.iter().map(move |column| format!("{name}.{}", column.name)));
    let sealed: BTreeSet<String> = columns.filter(|name| name.ends_with("_sealed")).collect();
    assert_eq!(sealed, store::reseal::columns().into_iter().collect());
}

#[test]
fn the_schemas_are_the_same() {
    let (_file, mut embedded) = migrated(Engine::Sqlite);
    let (_database, mut server) = migrated(Engine::Postgres);
    let (embedded, mut server) =
        (without_types(schema::read(&mut embedded)), without_types(schema::read(&mut server)));
    for name in ONLY_POSTGRES {
        assert!(server.tables.remove(name).is_some() || server.others.remove(name), "{name}");
    }
    assert_eq!(server.others, embedded.others);
    assert_eq!(server.tables.keys().collect::<Vec<_>>(), embedded.tables.keys().collect::<Vec<_>>());
    for (name, table) in &server.tables {
        let Table { columns, key, unique, references, indexes, checks } = &embedded.tables[name];
        assert_eq!(&table.columns, columns, "columns of {name}");
        assert_eq!(&table.key, key, "key of {name}");
        assert_eq!(&table.unique, unique, "what is unique in {name}, and under which name");
        assert_eq!(&table.references, references, "references of {name}");
        assert_eq!(&table.indexes, indexes, "indexes of {name}");
        assert_eq!(&table.checks, checks, "checks of {name}");
    }
}

#[test]
fn every_migration_is_there_for_both() {
    let folders = |engine: &str| -> BTreeSet<_> {
        let folder = format!("{}/../../migrations/{engine}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    };
    assert_eq!(folders("sqlite"), folders("postgres"));
}
