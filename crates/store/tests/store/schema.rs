//! The migrations, the tables they make, and the addresses of databases.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use store::{AnyConnection, DatabaseUrl, Store, StoreError, StoreOptions, migrations};

use crate::support::{empty_database, fresh_url};

#[derive(Debug, PartialEq, QueryableByName)]
struct Object {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    sql: Option<String>,
}

fn objects(connection: &mut AnyConnection) -> Vec<Object> {
    diesel::sql_query(
        "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' ORDER BY name",
    )
    .load(connection)
    .unwrap()
}

#[test]
fn migrations_go_up_and_down_and_up_again_to_the_same_schema() {
    let (_directory, mut connection) = empty_database();
    assert!(!migrations::run(&mut connection).unwrap().is_empty());
    let first = objects(&mut connection);
    migrations::revert_all(&mut connection).unwrap();
    let left: Vec<_> = objects(&mut connection).into_iter().map(|object| object.name).collect();
    assert!(left.iter().all(|name| name.starts_with("sqlite_")), "{left:?}");
    migrations::run(&mut connection).unwrap();
    assert_eq!(objects(&mut connection), first);
    assert!(migrations::run(&mut connection).unwrap().is_empty());
}

#[test]
fn every_table_is_strict() {
    let (_directory, mut connection) = empty_database();
    migrations::run(&mut connection).unwrap();
    for object in objects(&mut connection) {
        let sql = object.sql.unwrap_or_default();
        assert!(!sql.starts_with("CREATE TABLE") || sql.contains("STRICT"), "{} is not strict", object.name);
    }
}

#[derive(Debug, QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    storage: String,
    #[diesel(sql_type = BigInt)]
    required: i64,
    #[diesel(sql_type = BigInt)]
    key: i64,
}

/// A table of `schema.rs`: its key, and its columns with their diesel types.
type Declared = (Vec<String>, Vec<(String, String)>);

fn declared_tables() -> BTreeMap<String, Declared> {
    let mut tables = BTreeMap::new();
    for block in include_str!("../../src/schema.rs").split("diesel::table! {").skip(1) {
        let block = block.split("\n}").next().unwrap();
        let mut lines = block.lines().map(str::trim).filter(|line| !line.is_empty());
        let (name, key) = lines.next().unwrap().split_once(" (").unwrap();
        let key = key.split_once(')').unwrap().0.split(", ").map(str::to_owned).collect();
        let columns = lines
            .filter_map(|line| line.trim_end_matches(',').split_once(" -> "))
            .map(|(column, kind)| (column.to_owned(), kind.to_owned()))
            .collect();
        tables.insert(name.to_owned(), (key, columns));
    }
    tables
}

fn storage_of(kind: &str) -> &'static str {
    match kind {
        "BigInt" | "Integer" | "Bool" => "INTEGER",
        "Text" | "Timestamp" | "Date" | "Json" => "TEXT",
        "Binary" => "BLOB",
        other => panic!("{other} has no storage class here"),
    }
}

#[test]
fn the_declared_schema_is_the_migrated_one() {
    let (_directory, mut connection) = empty_database();
    migrations::run(&mut connection).unwrap();
    let declared = declared_tables();
    let migrated: Vec<String> = objects(&mut connection)
        .into_iter()
        .filter(|object| object.sql.as_ref().is_some_and(|sql| sql.starts_with("CREATE TABLE")))
        .map(|object| object.name)
        .collect();
    assert_eq!(declared.keys().cloned().collect::<Vec<_>>(), migrated);
    for (table, (key, columns)) in declared {
        let found: Vec<Column> = diesel::sql_query(
            "SELECT name, type AS storage, \"notnull\" AS required, pk AS key FROM pragma_table_info($1) ORDER BY cid",
        )
        .bind::<Text, _>(&table)
        .load(&mut connection)
        .unwrap();
        let found_columns: Vec<_> = found
            .iter()
            .map(|column| (column.name.clone(), column.storage.clone(), column.required == 1))
            .collect();
        let declared_columns: Vec<_> = columns
            .into_iter()
            .map(|(name, kind)| {
                let inner = kind.strip_prefix("Nullable<").and_then(|rest| rest.strip_suffix('>'));
                (name, storage_of(inner.unwrap_or(&kind)).to_owned(), inner.is_none())
            })
            .collect();
        assert_eq!(found_columns, declared_columns, "columns of {table}");
        let mut found_key: Vec<_> = found.iter().filter(|column| column.key > 0).collect();
        found_key.sort_by_key(|column| column.key);
        assert_eq!(
            found_key.iter().map(|column| &column.name).collect::<Vec<_>>(),
            key.iter().collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_schema_from_the_future_is_refused() {
    let (_directory, url) = fresh_url();
    drop(Store::open(&url, &StoreOptions::default()).unwrap());
    let mut connection = store::connection::open(&url, store::connection::Purpose::Write).unwrap();
    connection
        .batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')")
        .unwrap();
    let refused = Store::open(&url, &StoreOptions::default()).err();
    assert!(
        matches!(&refused, Some(StoreError::NewerSchema { version }) if version == "99991231000000"),
        "{refused:?}"
    );
}

#[test]
fn an_address_is_understood_or_refused_with_what_is_accepted() {
    let shown = |text: &str| text.parse::<DatabaseUrl>().map(|url| url.to_string());
    assert_eq!(shown("sqlite:data/daowei.db").unwrap(), "sqlite:data/daowei.db");
    assert_eq!(shown("sqlite:///var/lib/daowei.db").unwrap(), "sqlite:/var/lib/daowei.db");
    assert_eq!(shown("postgres://daowei:hidden@localhost/daowei").unwrap(), "postgres://…");
    for text in ["", "daowei.db", "mysql://localhost/daowei", "sqlite:", "sqlite://host/x", "sqlite::memory:"]
    {
        let refusal = shown(text).unwrap_err().to_string();
        assert!(refusal.contains("sqlite:PATH") && refusal.contains("postgres://"), "{text:?}: {refusal}");
    }
    let server = "postgres:///daowei?host=/no/such/directory".parse().unwrap();
    assert!(matches!(Store::open(&server, &StoreOptions::default()), Err(StoreError::Unreachable { .. })));
    let nowhere = "sqlite:/no/such/directory/daowei.db".parse().unwrap();
    let refused = Store::open(&nowhere, &StoreOptions::default()).err().unwrap().to_string();
    assert!(refused.contains("/no/such/directory/daowei.db") && refused.contains("directory"), "{refused}");
}

#[cfg(unix)]
#[test]
fn the_file_is_private_to_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    let (directory, url) = fresh_url();
    let _store = Store::open(&url, &StoreOptions::default()).unwrap();
    for name in ["test.db", "test.db-wal"] {
        let mode = std::fs::metadata(directory.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
