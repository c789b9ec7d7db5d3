use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::{Column, Index, Reference, Schema, Table, plain};

/// A table, an index or a trigger, as it was written down.
#[derive(QueryableByName)]
pub struct Object {
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub sql: String,
}

/// Everything that the migrations have made, by name.
pub fn objects(connection: &mut SqliteConnection) -> Vec<Object> {
    let objects = "SELECT type AS kind, name, sql FROM sqlite_master WHERE sql IS NOT NULL \
         AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' ORDER BY name";
    diesel::sql_query(objects).load(connection).unwrap()
}

pub fn read(connection: &mut SqliteConnection) -> Schema {
    let (tables, others): (Vec<_>, Vec<_>) =
        objects(connection).into_iter().filter(|object| object.kind != "index").partition(|o| o.kind == "table");
    let tables = tables.into_iter().map(|Object { name, sql, .. }| {
        let table = table(connection, &name, &sql);
        (name, table)
    });
    Schema { tables: tables.collect(), others: others.into_iter().map(|object| object.name).collect() }
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    required: i64,
    #[diesel(sql_type = BigInt)]
    key: i64,
}

fn table(connection: &mut SqliteConnection, name: &str, sql: &str) -> Table {
    let columns = "SELECT name, type AS kind, \"notnull\" AS required, pk AS key FROM pragma_table_info($1) ORDER BY cid";
    let columns: Vec<ColumnRow> = diesel::sql_query(columns).bind::<Text, _>(name).load(connection).unwrap();
    let mut key: Vec<_> = columns.iter().filter(|column| column.key > 0).collect();
    key.sort_by_key(|column| column.key);
    let key: Vec<String> = key.into_iter().map(|column| column.name.clone()).collect();
    let (mut unique, indexes) = indexes(connection, name);
    unique.push(key.clone());
    // The store makes the name up as PostgreSQL would, because SQLite has none.
    let named = |columns: Vec<String>| (format!("{name}_{}_key", columns.join("_")), columns);
    let column = |row: ColumnRow| Column { name: row.name, kind: row.kind, is_required: row.required == 1 };
    Table {
        columns: columns.into_iter().map(column).collect(),
        key,
        unique: unique.into_iter().map(named).collect(),
        references: references(connection, name),
        indexes,
        checks: checks(sql),
    }
}

#[derive(QueryableByName)]
struct IndexRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    is_unique: i64,
    #[diesel(sql_type = Text)]
    origin: String,
    #[diesel(sql_type = Nullable<Text>)]
    sql: Option<String>,
}

#[derive(QueryableByName)]
struct Part {
    /// None for an expression.
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = BigInt)]
    is_descending: i64,
}

/// The unique constraints, and the indexes that were made as such.
fn indexes(connection: &mut SqliteConnection, table: &str) -> (Vec<Vec<String>>, BTreeMap<String, Index>) {
    let list = "SELECT l.name, l.\"unique\" AS is_unique, l.origin, m.sql FROM pragma_index_list($1) l \
         LEFT JOIN sqlite_master m ON m.type = 'index' AND m.name = l.name";
    let list: Vec<IndexRow> = diesel::sql_query(list).bind::<Text, _>(table).load(connection).unwrap();
    let (mut unique, mut indexes) = (Vec::new(), BTreeMap::new());
    for row in list {
        let parts = "SELECT name, desc AS is_descending FROM pragma_index_xinfo($1) WHERE key = 1 ORDER BY seqno";
        let parts: Vec<Part> = diesel::sql_query(parts).bind::<Text, _>(&row.name).load(connection).unwrap();
        let written = row.sql.as_deref().map(parts_of).unwrap_or_default();
        let named = |(place, part): (usize, Part)| {
            let name = part.name.unwrap_or_else(|| written[place].clone());
            if part.is_descending == 1 { format!("{name} DESC") } else { name }
        };
        let columns: Vec<String> = parts.into_iter().enumerate().map(named).collect();
        match row.origin.as_str() {
            "pk" => {}
            "u" => unique.push(columns),
            _ => {
                let sql = row.sql.unwrap_or_default();
                let predicate = sql.split_once(" WHERE ").map(|(_, predicate)| plain(predicate));
                indexes.insert(row.name, Index { columns, is_unique: row.is_unique == 1, predicate });
            }
        }
    }
    (unique, indexes)
}

/// What an index is over, as its statement has it: the commas inside a function's brackets part nothing.
fn parts_of(sql: &str) -> Vec<String> {
    let (_, over) = sql.split_once('(').unwrap();
    let (mut depth, mut parts) = (1, vec![String::new()]);
    for character in over.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        match (depth, character) {
            (0, _) => break,
            (1, ',') => parts.push(String::new()),
            _ => parts.last_mut().unwrap().push(character),
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).collect()
}

#[derive(QueryableByName)]
struct ReferenceRow {
    #[diesel(sql_type = Text)]
    column: String,
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Text)]
    referred: String,
    #[diesel(sql_type = Text)]
    on_delete: String,
}

fn references(connection: &mut SqliteConnection, table: &str) -> BTreeSet<Reference> {
    let list = "SELECT \"from\" AS \"column\", \"table\", \"to\" AS referred, on_delete FROM pragma_foreign_key_list($1)";
    let list: Vec<ReferenceRow> = diesel::sql_query(list).bind::<Text, _>(table).load(connection).unwrap();
    let reference = |ReferenceRow { column, table, referred, on_delete }| Reference {
        column,
        table,
        referred,
        cascades: on_delete == "CASCADE",
    };
    list.into_iter().map(reference).collect()
}

/// Whatever stands in the brackets after each CHECK; that a number is a truth value is a type on the other engine.
fn checks(sql: &str) -> BTreeSet<String> {
    let conditions = sql.split("CHECK (").skip(1).map(|rest| {
        let mut depth = 1;
        let end = rest.find(|character| {
            depth += match character {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            depth == 0
        });
        plain(rest.split_at(end.unwrap()).0)
    });
    conditions.filter(|condition| !condition.ends_with("in0,1")).collect()
}
