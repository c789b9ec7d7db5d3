//! Serial numbers of cases: without a gap, one row a county and year.

use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::{Kept, each_backend};
use crate::schema::case_numbers::{self, county, last, year};

/// Takes the next serial number of the county in the year, from 1; undone with the transaction it is part of.
///
/// # Errors
/// Only what the database says.
pub fn next(connection: &mut AnyConnection, of_county: &str, in_year: i32) -> Result<i32, StoreError> {
    let upsert = diesel::insert_into(case_numbers::table)
        .values((county.eq(of_county), year.eq(in_year), last.eq(1)))
        .on_conflict((county, year))
        .do_update()
        .set(last.eq(last + 1))
        .returning(last);
    Ok(each_backend!(connection, concrete => Kept(upsert).get_result(concrete))?)
}

/// Every county and year with the last serial that was given out.
///
/// # Errors
/// Only what the database says.
pub fn load_all(connection: &mut AnyConnection) -> Result<Vec<(String, i32, i32)>, StoreError> {
    Ok(case_numbers::table.select((county, year, last)).load(connection)?)
}
