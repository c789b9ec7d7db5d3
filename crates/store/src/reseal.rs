//! Sealing anew what other keys of the ring have sealed, a few values a transaction, while servers go on that know all the keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Nullable};
use secrecy::zeroize::Zeroizing;

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
static COLUMNS: [SealedColumn; 8] = [
    of("people", "name_sealed", "id"),
    of("people", "identity_sealed", "id"),
    of("people", "phone_sealed", "id"),
    of("people", "address_sealed", "id"),
    of("people", "particulars_sealed", "id"),
    of("case_keys", "key_sealed", "case_id"),
    of("second_factors", "secret_sealed", "id"),
    of("token_keys", "seed_sealed", "id"),
];

/// So many rows are looked at in one read; what of them is sealed anew is one write, for which people's writes wait.
const WINDOW: i64 = 200;
/// So many rows are counted in one read.
const COUNTED: i64 = 5_000;

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

#[derive(Clone, QueryableByName)]
struct SealedValue {
    #[diesel(sql_type = BigInt)]
    row_id: i64,
    #[diesel(sql_type = Nullable<Binary>)]
    sealed: Option<Vec<u8>>,
}

#[derive(QueryableByName)]
struct FirstByte {
    #[diesel(sql_type = BigInt)]
    row_id: i64,
    #[diesel(sql_type = Nullable<Binary>)]
    key: Option<Vec<u8>>,
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
    for column in &COLUMNS {
        let mut after = i64::MIN;
        loop {
            let window = store.read(move |connection| column.window(connection, after)).await?;
            let Some(last) = window.last().map(|value| value.row_id) else { break };
            after = last;
            let id = sealer.sealing_id();
            // What was destroyed is empty, under no key.
            let is_old = |sealed: &Vec<u8>| sealed.first().is_some_and(|key| *key != id);
            let old = window.into_iter().filter(|value| value.sealed.as_ref().is_some_and(is_old));
            let old: Vec<SealedValue> = old.collect();
            if old.is_empty() {
                continue;
            }
            let sealer = Arc::clone(sealer);
            let changed = store.write(move |connection| column.seal_anew(connection, &sealer, &old));
            told(Progress { table: column.table, count: changed.await? });
        }
    }
    Ok(())
}

impl SealedColumn {
    fn window(&self, connection: &mut AnyConnection, after: i64) -> Result<Vec<SealedValue>, StoreError> {
        let Self { table, column, row } = self;
        let values = format!(
            "SELECT {row} AS row_id, {column} AS sealed FROM {table} WHERE {row} > $1 ORDER BY {row} LIMIT $2"
        );
        let values = diesel::sql_query(values);
        Ok(each_backend!(connection, concrete => {
            values.bind::<BigInt, _>(after).bind::<BigInt, _>(WINDOW).load(concrete)?
        }))
    }

    fn seal_anew(
        &self,
        connection: &mut AnyConnection,
        sealer: &Sealer,
        values: &[SealedValue],
    ) -> Result<usize, StoreError> {
        let Self { table, column, row } = self;
        let change = format!("UPDATE {table} SET {column} = $1 WHERE {row} = $2 AND {column} = $3");
        let mut count = 0;
        for SealedValue { row_id, sealed } in values {
            let Some(sealed) = sealed else { continue };
            let place = Place { table, column, row: *row_id };
            let plain = Zeroizing::new(sealer.open(place, sealed)?);
            let anew = sealer.seal(place, &plain)?;
            // Whoever has changed the value meanwhile, or taken its row away, has done it anew as well.
            count += each_backend!(connection, concrete => {
                let change = diesel::sql_query(&change).bind::<Binary, _>(anew);
                change.bind::<BigInt, _>(row_id).bind::<Binary, _>(sealed).execute(concrete)?
            });
        }
        Ok(count)
    }

    /// How many values lie sealed under each key, of up to so many rows after the one named; and which was the last row.
    fn counts(
        &self,
        connection: &mut AnyConnection,
        after: i64,
    ) -> Result<(BTreeMap<u8, u64>, Option<i64>), StoreError> {
        let Self { table, column, row } = self;
        // The first byte of a sealed value is the number of its key.
        let key = match connection {
            AnyConnection::Postgres(_) => format!("substring({column} FROM 1 FOR 1)"),
            AnyConnection::Sqlite(_) => format!("substr({column}, 1, 1)"),
        };
        let keys = format!(
            "SELECT {row} AS row_id, {key} AS key FROM {table} WHERE {row} > $1 ORDER BY {row} LIMIT $2"
        );
        let keys = diesel::sql_query(keys);
        let keys: Vec<FirstByte> = each_backend!(connection, concrete => {
            keys.bind::<BigInt, _>(after).bind::<BigInt, _>(COUNTED).load(concrete)?
        });
        let mut counts = BTreeMap::new();
        for id in keys.iter().filter_map(|found| found.key.as_ref()?.first()) {
            *counts.entry(*id).or_default() += 1;
        }
        Ok((counts, keys.last().map(|found| found.row_id)))
    }
}

/// The value of the newest row of each column.
///
/// # Errors
/// Only what the database says.
pub(crate) fn newest_values(connection: &mut AnyConnection) -> Result<Vec<(Place, Vec<u8>)>, StoreError> {
    let mut newest = Vec::new();
    for SealedColumn { table, column, row } in &COLUMNS {
        let value =
            format!("SELECT {row} AS row_id, {column} AS sealed FROM {table} ORDER BY {row} DESC LIMIT 1");
        let values: Vec<SealedValue> =
            each_backend!(connection, concrete => diesel::sql_query(value).load(concrete)?);
        for SealedValue { row_id, sealed } in values {
            newest.extend(sealed.map(|sealed| (Place { table, column, row: row_id }, sealed)));
        }
    }
    Ok(newest)
}

/// How far the values have been counted.
struct Counting {
    counts: BTreeMap<u8, u64>,
    /// The columns that are left, the first of them after a row.
    left: &'static [SealedColumn],
    after: i64,
}

impl Counting {
    const fn begin() -> Self {
        Self { counts: BTreeMap::new(), left: &COLUMNS, after: i64::MIN }
    }

    /// Counts some rows more of the first column that is left.
    fn step(mut self, connection: &mut AnyConnection) -> Result<Self, StoreError> {
        let Some((column, others)) = self.left.split_first() else { return Ok(self) };
        let (part, last) = column.counts(connection, self.after)?;
        for (id, count) in part {
            *self.counts.entry(id).or_default() += count;
        }
        match last {
            Some(last) => self.after = last,
            None => (self.left, self.after) = (others, i64::MIN),
        }
        Ok(self)
    }
}

/// How many values lie sealed under each key, by its number.
///
/// # Errors
/// Only what the database says.
pub async fn counts(store: &Store) -> Result<BTreeMap<u8, u64>, StoreError> {
    let mut counting = Counting::begin();
    while !counting.left.is_empty() {
        counting = store.read(move |connection| counting.step(connection)).await?;
    }
    Ok(counting.counts)
}

/// As [`counts`], on one connection.
///
/// # Errors
/// Only what the database says.
pub fn counts_on(connection: &mut AnyConnection) -> Result<BTreeMap<u8, u64>, StoreError> {
    let mut counting = Counting::begin();
    while !counting.left.is_empty() {
        counting = counting.step(connection)?;
    }
    Ok(counting.counts)
}
