use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Nullable, Text};

use super::{Column, Index, Reference, Schema, Table, plain};

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

pub fn read(connection: &mut PgConnection) -> Schema {
    let names = |connection: &mut PgConnection, query: &str| -> Vec<String> {
        let found: Vec<Name> = diesel::sql_query(query).load(connection).unwrap();
        found.into_iter().map(|found| found.name).collect()
    };
    let tables = names(
        connection,
        "SELECT relname::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace \
         AND relkind IN ('r', 'p') AND relname NOT LIKE '\\_\\_diesel%'",
    );
    let others = names(
        connection,
        "SELECT tgname::text AS name FROM pg_trigger WHERE NOT tgisinternal \
         UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace \
             AND proname NOT LIKE 'diesel%' \
         UNION ALL SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace \
             AND relkind NOT IN ('r', 'p', 'i', 'I', 't')",
    );
    let tables = tables.into_iter().map(|name| {
        let table = table(connection, &name);
        (name, table)
    });
    Schema { tables: tables.collect(), others: others.into_iter().collect() }
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    is_required: bool,
}

/// A constraint of a table, with its columns in their order.
#[derive(QueryableByName)]
struct Constraint {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Array<Text>)]
    columns: Vec<String>,
    #[diesel(sql_type = Text)]
    definition: String,
    #[diesel(sql_type = Nullable<Text>)]
    referred_table: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    referred: Vec<String>,
    #[diesel(sql_type = Bool)]
    cascades: bool,
}

/// `p` for a primary key, `u` for uniqueness, `f` for a reference, `c` for a check.
fn constraints(connection: &mut PgConnection, table: &str) -> Vec<Constraint> {
    let names = |numbers: &str, relation: &str| {
        format!(
            "ARRAY(SELECT attname::text FROM unnest({numbers}) WITH ORDINALITY AS n (no, place) \
             JOIN pg_attribute ON attrelid = {relation} AND attnum = no ORDER BY place)"
        )
    };
    let query = format!(
        "SELECT conname::text AS name, contype::text AS kind, {} AS columns, \
         replace(pg_get_constraintdef(oid), ' NOT VALID', '') AS definition, confrelid::regclass::text AS referred_table, \
         {} AS referred, confdeltype = 'c' AS cascades FROM pg_constraint WHERE conrelid = $1::regclass",
        names("conkey", "conrelid"),
        names("confkey", "confrelid"),
    );
    diesel::sql_query(query).bind::<Text, _>(table).load(connection).unwrap()
}

fn table(connection: &mut PgConnection, name: &str) -> Table {
    let columns = "SELECT column_name::text AS name, data_type::text AS kind, is_nullable = 'NO' AS is_required \
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position";
    let columns: Vec<ColumnRow> = diesel::sql_query(columns).bind::<Text, _>(name).load(connection).unwrap();
    let column = |row: ColumnRow| Column { name: row.name, kind: row.kind, is_required: row.is_required };
    let mut table = Table {
        columns: columns.into_iter().map(column).collect(),
        indexes: indexes(connection, name),
        ..Table::default()
    };
    for constraint in constraints(connection, name) {
        match constraint.kind.as_str() {
            "p" | "u" => {
                if constraint.kind == "p" {
                    table.key.clone_from(&constraint.columns);
                }
                table.unique.insert(constraint.name, constraint.columns);
            }
            "f" => {
                table.references.insert(Reference {
                    column: constraint.columns.join(", "),
                    table: constraint.referred_table.unwrap(),
                    referred: constraint.referred.join(", "),
                    cascades: constraint.cascades,
                });
            }
            _ => {
                table.checks.insert(plain(constraint.definition.strip_prefix("CHECK ").unwrap()));
            }
        }
    }
    table
}

#[derive(QueryableByName)]
struct IndexRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Array<Text>)]
    columns: Vec<String>,
    #[diesel(sql_type = Bool)]
    is_unique: bool,
    #[diesel(sql_type = Nullable<Text>)]
    predicate: Option<String>,
}

/// Those that were made as such, and not by a constraint.
fn indexes(connection: &mut PgConnection, table: &str) -> BTreeMap<String, Index> {
    let query = "SELECT indexrelid::regclass::text AS name, indisunique AS is_unique, \
         pg_get_expr(indpred, indrelid) AS predicate, \
         ARRAY(SELECT trim(chr(34) FROM pg_get_indexdef(indexrelid, n, true)) || \
             CASE WHEN pg_index_column_has_property(indexrelid, n, 'desc') THEN ' DESC' ELSE '' END \
             FROM generate_series(1, indnkeyatts) AS n ORDER BY n) AS columns \
         FROM pg_index WHERE indrelid = $1::regclass \
         AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)";
    let rows: Vec<IndexRow> = diesel::sql_query(query).bind::<Text, _>(table).load(connection).unwrap();
    let index = |IndexRow { name, columns, is_unique, predicate }| {
        (name, Index { columns, is_unique, predicate: predicate.as_deref().map(plain) })
    };
    rows.into_iter().map(index).collect()
}
