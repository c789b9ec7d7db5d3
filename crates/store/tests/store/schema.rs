//! The migrations, the tables they make, and the addresses of databases.

/// What PostgreSQL tells of its tables.
pub mod on_postgres;
/// What SQLite tells of its tables.
pub mod on_sqlite;

use std::collections::{BTreeMap, BTreeSet};

use diesel::connection::SimpleConnection;
use store::{AnyConnection, DatabaseUrl, Store, StoreError, StoreOptions, migrations};
use test_database::Engine;

use crate::ENGINE;
use crate::support::{empty_database, migrated};

/// What an engine has made of the migrations, in words that are the same for both.
#[derive(Debug, PartialEq, Eq)]
pub struct Schema {
    pub tables: BTreeMap<String, Table>,
    /// Triggers, and whatever else is no table.
    pub others: BTreeSet<String>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// In their order.
    pub columns: Vec<Column>,
    pub key: Vec<String>,
    /// The columns of what must be unique, the key among it, by the name that a conflict is told under.
    pub unique: BTreeMap<String, Vec<String>>,
    pub references: BTreeSet<Reference>,
    /// By name; those of keys and unique constraints are not among them.
    pub indexes: BTreeMap<String, Index>,
    pub checks: BTreeSet<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// The engine's own word.
    pub kind: String,
    pub is_required: bool,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    pub column: String,
    pub table: String,
    pub referred: String,
    pub cascades: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Index {
    /// Each with ` DESC` where it is.
    pub columns: Vec<String>,
    pub is_unique: bool,
    pub predicate: Option<String>,
}

/// The schema of the database.
pub fn read(connection: &mut AnyConnection) -> Schema {
    match connection {
        AnyConnection::Sqlite(sqlite) => on_sqlite::read(sqlite),
        AnyConnection::Postgres(postgres) => on_postgres::read(postgres),
    }
}

/// A condition without what each engine adds to it.
pub fn plain(condition: &str) -> String {
    let same = condition
        .replace("::text", "")
        .replace(" = ANY (ARRAY[", " IN (")
        .replace("json_typeof", "json_type")
        .replace(['(', ')', '[', ']', ' ', '\n'], "")
        .to_lowercase();
    match same.strip_suffix("::jsonisnotnull") {
        Some(column) => format!("json_valid{column}"),
        None => same,
    }
}

/// The words that the table's CHECK allows in the column, in their order.
pub fn allowed(table: &Table, column: &str) -> Vec<String> {
    let start = format!("{column}in'");
    let list = table.checks.iter().find_map(|check| check.strip_prefix(&start));
    let list = list.unwrap_or_else(|| panic!("{column} has no list in {:?}", table.checks));
    list.trim_end_matches('\'').split("','").map(str::to_owned).collect()
}

#[test]
fn migrations_go_up_and_down_and_up_again_to_the_same_schema() {
    let (_database, mut connection) = empty_database();
    assert!(!migrations::run(&mut connection).unwrap().is_empty());
    let first = read(&mut connection);
    migrations::revert_all(&mut connection).unwrap();
    assert_eq!(read(&mut connection), Schema { tables: BTreeMap::new(), others: BTreeSet::new() });
    migrations::run(&mut connection).unwrap();
    assert_eq!(read(&mut connection), first);
    assert!(migrations::run(&mut connection).unwrap().is_empty());
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
        let (mut columns, mut named) = (Vec::new(), None);
        for line in lines {
            if let Some(name) = line.strip_prefix("#[sql_name = \"").and_then(|rest| rest.strip_suffix("\"]")) {
                named = Some(name);
            } else if let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ") {
                columns.push((named.take().unwrap_or(column).to_owned(), kind.to_owned()));
            }
        }
        tables.insert(name.to_owned(), (key, columns));
    }
    tables
}

/// How the engine keeps a diesel type.
fn storage_of(kind: &str) -> &'static str {
    let (on_sqlite, on_postgres) = match kind {
        "BigInt" => ("INTEGER", "bigint"),
        "Integer" => ("INTEGER", "integer"),
        "Bool" => ("INTEGER", "boolean"),
        "Text" => ("TEXT", "text"),
        "Timestamp" => ("TEXT", "timestamp without time zone"),
        "Date" => ("TEXT", "date"),
        "Time" => ("TEXT", "time without time zone"),
        "Json" => ("TEXT", "json"),
        "Binary" => ("BLOB", "bytea"),
        other => panic!("{other} has no storage class here"),
    };
    if ENGINE == Engine::Sqlite { on_sqlite } else { on_postgres }
}

/// Reached in plain SQL, because the other engine has no such thing.
const UNDECLARED: &[&str] = if matches!(ENGINE, Engine::Postgres) { &["written_by"] } else { &[] };

#[test]
fn the_declared_schema_is_the_migrated_one() {
    let (_database, mut connection) = migrated();
    let mut migrated = read(&mut connection).tables;
    for table in UNDECLARED {
        assert!(migrated.remove(*table).is_some(), "{table}");
    }
    let declared = declared_tables();
    assert_eq!(declared.keys().collect::<Vec<_>>(), migrated.keys().collect::<Vec<_>>());
    for (table, (key, columns)) in declared {
        let declared = columns.into_iter().map(|(name, kind)| {
            let inner = kind.strip_prefix("Nullable<").and_then(|rest| rest.strip_suffix('>'));
            let is_required = inner.is_none();
            Column { name, kind: storage_of(inner.unwrap_or(&kind)).to_owned(), is_required }
        });
        assert_eq!(migrated[&table].columns, declared.collect::<Vec<_>>(), "columns of {table}");
        assert_eq!(migrated[&table].key, key, "key of {table}");
    }
}

#[test]
fn a_schema_from_the_future_is_refused() {
    let (database, mut connection) = migrated();
    connection
        .batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')")
        .unwrap();
    let refused = Store::open(&database.address(), &StoreOptions::default()).err();
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
