//! What diesel's enum of two engines leaves out, each in its smallest form.
//!
//! Instants, because SQLite has no type for a time with a zone; enumerations as text, so that the domain need
//! not name diesel; JSON; and `Portable` for statements that both engines take and the enum does not.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{HasSqlType, Json, Text, Timestamp};
use diesel::sqlite::Sqlite;
use serde::{Serialize, Serializer};

use crate::connection::{AnyConnection, MultiBackend, MultiRawValue};
use crate::digest::push_hex;

/// A moment in UTC, to the microsecond: PostgreSQL keeps no more, and a value must survive a round trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Timestamp)]
pub struct Instant(NaiveDateTime);

impl From<DateTime<Utc>> for Instant {
    fn from(moment: DateTime<Utc>) -> Self {
        Self(moment.naive_utc().trunc_subsecs(6))
    }
}

impl From<Instant> for DateTime<Utc> {
    fn from(instant: Instant) -> Self {
        instant.0.and_utc()
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<DB: Backend> ToSql<Timestamp, DB> for Instant
where
    NaiveDateTime: ToSql<Timestamp, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB: Backend> FromSql<Timestamp, DB> for Instant
where
    NaiveDateTime: FromSql<Timestamp, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        NaiveDateTime::from_sql(raw).map(Self)
    }
}

/// An enumeration in a column of text, by the words it gives itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct AsText<T: fmt::Debug + 'static>(pub T);

impl<T, DB> ToSql<Text, DB> for AsText<T>
where
    T: AsRef<str> + fmt::Debug,
    DB: Backend,
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.as_ref().to_sql(out)
    }
}

impl<T, DB> FromSql<Text, DB> for AsText<T>
where
    T: FromStr + fmt::Debug,
    T::Err: fmt::Display,
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let word = String::from_sql(raw)?;
        word.parse().map(Self).map_err(|error: T::Err| format!("{word:?}: {error}").into())
    }
}

impl HasSqlType<Json> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<Json>(lookup)
    }
}

impl FromSql<Json, MultiBackend> for serde_json::Value {
    fn from_sql(raw: MultiRawValue<'_>) -> deserialize::Result<Self> {
        raw.from_sql::<Self, Json>()
    }
}

impl ToSql<Json, MultiBackend> for serde_json::Value {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((Json, self));
        Ok(IsNull::No)
    }
}

/// A statement that both engines take, though diesel's enum has no word for a part of it: ON CONFLICT, UNION, CAST.
#[derive(Debug, Clone, Copy)]
pub struct Portable<Q>(pub Q);

impl<Q> QueryFragment<MultiBackend> for Portable<Q>
where
    Q: QueryFragment<Pg> + QueryFragment<Sqlite>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(&self.0, pass)
    }
}

impl<Q: QueryId> QueryId for Portable<Q> {
    type QueryId = Q::QueryId;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

impl<Q: Query> Query for Portable<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<AnyConnection> for Portable<Q> {}

/// A statement that its connection keeps prepared, by its text.
///
/// Diesel prepares updates, upserts, batches and hand-written SQL anew each time, because their text may have no end
/// of forms; the hot ones here have few. Wraps what is run on an engine's own connection ([`each_backend`]), and is
/// loaded, with a RETURNING clause: diesel executes a reference to a statement, which does not carry this wish on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept<Q>(pub(crate) Q);

impl<Q, DB> QueryFragment<DB> for Kept<Q>
where
    DB: Backend,
    Q: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q> QueryId for Kept<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Kept<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, Conn> RunQueryDsl<Conn> for Kept<Q> {}

/// A statement of which `Of` is the name: it is found among the prepared ones by that, without writing its text anew.
///
/// The text must be the same whenever the name is: an insert of one row whose columns are all given, into the table.
pub(crate) struct Named<Of, Q> {
    statement: Q,
    name: PhantomData<Of>,
}

impl<Of, Q> Named<Of, Q> {
    pub(crate) fn new(_name: Of, statement: Q) -> Self {
        Self { statement, name: PhantomData }
    }
}

impl<Of, Q, DB> QueryFragment<DB> for Named<Of, Q>
where
    DB: Backend,
    Q: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.statement.walk_ast(pass)
    }
}

impl<Of: 'static, Q> QueryId for Named<Of, Q> {
    type QueryId = Named<Of, ()>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<Of, Q, Conn> RunQueryDsl<Conn> for Named<Of, Q> {}

/// Adds one row; a macro, because each table is a type of its own.
macro_rules! insert_one {
    ($connection:expr, $table:ident, $values:expr) => {
        $crate::portable::Named::new($table::table, diesel::insert_into($table::table).values($values))
            .execute($connection)
    };
}
pub(crate) use insert_one;

/// Checks one expression against each engine by itself; for a batch of rows, which the enum cannot insert.
macro_rules! each_backend {
    ($connection:expr, $concrete:ident => $body:expr) => {
        match $connection {
            $crate::connection::AnyConnection::Postgres($concrete) => $body,
            $crate::connection::AnyConnection::Sqlite($concrete) => $body,
        }
    };
}
pub(crate) use each_backend;

/// The first text of digits after all that begin with these; none after nines. With it a prefix is a range, which an
/// index serves on both engines.
///
/// It consists of digits as well, so that its place is the same in every collation.
pub(crate) fn next_prefix(digits: &str) -> Option<String> {
    let kept = digits.trim_end_matches('9');
    let mut next = kept.to_owned();
    let last = next.pop()?;
    next.push(char::from_digit(last.to_digit(10)? + 1, 10)?);
    Some(next)
}

/// Bytes as PostgreSQL writes them in a text.
pub(crate) fn as_bytea<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    let mut text = String::with_capacity(2 + 2 * bytes.len());
    text.push_str("\\x");
    push_hex(&mut text, bytes);
    serializer.serialize_str(&text)
}

pub(crate) fn as_bytea_if_any<S: Serializer>(
    bytes: &Option<impl AsRef<[u8]>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match bytes {
        Some(bytes) => as_bytea(bytes.as_ref(), serializer),
        None => serializer.serialize_none(),
    }
}
