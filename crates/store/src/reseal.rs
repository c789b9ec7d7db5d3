//! Sealing anew what other keys of the ring have sealed, a few values a transaction, while servers go on that know all the keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary};

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::each_backend;
use crate::sealing::{Place, Sealer};
use crate::store::Store;

/// A column of sealed values, and the one that names their rows.
struct SealedColumn {
    table: &'static str,
    column: &'static str,
    row: &'static str,
}

const fn of(table: &'static str, column: &'static str, row: &'static str) -> SealedColumn {
    SealedColumn { table, column, row }
}

/// Every column of sealed values; a test finds one that is missing by its name.
const COLUMNS: [SealedColumn; 8] = [
    of("people", "name_sealed", "id"),
    of("people", "identity_sealed", "id"),
    of("people", "phone_sealed", "id"),
    of("people", "address_sealed", "id"),
    of("people", "particulars_sealed", "id"),
    of("case_keys", "key_sealed", "case_id"),
    of("second_factors", "secret_sealed", "id"),
    of("token_keys", "seed_sealed", "id"),
];

/// So many values one transaction seals anew; people's writes wait for it.
const BATCH: i64 = 200;

/// The columns, as `table.column`.
pub fn columns() -> Vec<String> {
    COLUMNS.iter().map(|sealed| format!("{}.{}", sealed.table, sealed.column)).collect()
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub table: &'static str,
    /// So many values of it were sealed anew in this step.
    pub count: usize,
}

#[derive(QueryableByName)]
struct SealedValue {
    #[diesel(sql_type = BigInt)]
    row_id: i64,
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
}

#[derive(QueryableByName)]
struct Under {
    #[diesel(sql_type = Binary)]
    key: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Seals everything anew that the key which seals now has not sealed. It may be broken off at any moment and begun again.
///
/// # Errors
/// [`StoreError::Sealing`] where a value does not open under any key of the ring; it and all after it stay as they are.
pub async fn everything(
    store: &Store,
    sealer: &Arc<Sealer>,
    mut told: impl FnMut(Progress),
) -> Result<(), StoreError> {
    for place in 0..COLUMNS.len() {
        let mut after = i64::MIN;
        loop {
            let sealer = Arc::clone(sealer);
            let step = store.write(move |connection| step(connection, &sealer, place, after, BATCH));
            let Some((last, progress)) = step.await? else { break };
            after = last;
            told(progress);
        }
    }
    Ok(())
}

/// Seals up to `limit` values of a column anew, of rows after the one named; tells which was the last, or none at the end.
///
/// # Errors
/// As [`everything`].
pub fn step(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    place: usize,
    after: i64,
    limit: i64,
) -> Result<Option<(i64, Progress)>, StoreError> {
    let Some(SealedColumn { table, column, row }) = COLUMNS.get(place) else { return Ok(None) };
    // The first byte of a sealed value is the number of its key.
    let first_byte = first_byte(connection, column);
    let values = format!(
        "SELECT {row} AS row_id, {column} AS sealed FROM {table} WHERE {row} > $1 AND {first_byte} <> $2 \
         ORDER BY {row} LIMIT $3"
    );
    let id = vec![sealer.sealing_id()];
    let values: Vec<SealedValue> = each_backend!(connection, concrete => {
        let values = diesel::sql_query(values).bind::<BigInt, _>(after);
        values.bind::<Binary, _>(id).bind::<BigInt, _>(limit).load(concrete)?
    });
    let Some(last) = values.last().map(|value| value.row_id) else { return Ok(None) };
    let change = format!("UPDATE {table} SET {column} = $1 WHERE {row} = $2 AND {column} = $3");
    let mut count = 0;
    for value in values {
        let place = Place { table, column, row: value.row_id };
        let anew = sealer.seal(place, &sealer.open(place, &value.sealed)?)?;
        // Whoever has changed the value meanwhile has sealed it anew as well.
        count += each_backend!(connection, concrete => {
            let change = diesel::sql_query(&change).bind::<Binary, _>(anew);
            change.bind::<BigInt, _>(value.row_id).bind::<Binary, _>(value.sealed).execute(concrete)?
        });
    }
    Ok(Some((last, Progress { table, count })))
}

fn first_byte(connection: &AnyConnection, column: &str) -> String {
    match connection {
        AnyConnection::Postgres(_) => format!("substring({column} FROM 1 FOR 1)"),
        AnyConnection::Sqlite(_) => format!("substr({column}, 1, 1)"),
    }
}

/// How many values lie sealed under each key, by its number.
///
/// # Errors
/// Only what the database says.
pub fn counts(connection: &mut AnyConnection) -> Result<BTreeMap<u8, i64>, StoreError> {
    let mut counts = BTreeMap::new();
    for SealedColumn { table, column, .. } in &COLUMNS {
        let key = first_byte(connection, column);
        let counted = format!(
            "SELECT {key} AS key, count(*) AS count FROM {table} WHERE {column} IS NOT NULL GROUP BY {key}"
        );
        let counted: Vec<Under> =
            each_backend!(connection, concrete => diesel::sql_query(counted).load(concrete)?);
        for Under { key, count } in counted {
            if let Some(id) = key.first() {
                *counts.entry(*id).or_default() += count;
            }
        }
    }
    Ok(counts)
}
