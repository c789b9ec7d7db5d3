//! Selects of the ids of cases that name the index they follow, and the statements made of them.
//!
//! Written by hand where diesel has no word: SQLite keeps no statistics by which it could choose an index, so it is
//! told; PostgreSQL chooses by its own, and what it chooses is held by a test.

use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool};

use super::seek::{Columns, Seek};
use crate::connection::{AnyConnection, MultiBackend};
use crate::schema::cases;

/// A condition on the rows of a source.
pub(super) type Condition = Box<dyn QueryFragment<MultiBackend> + Send>;

/// The table a source reads, and the index that it follows there.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rows {
    /// Without an index: each case by its id, or all in the order of their ids.
    Cases(Option<&'static str>),
    /// The cases that organs have a part in.
    Organisations(&'static str),
    /// The same, with nothing asked of the cases themselves.
    OrganisationsAlone(&'static str),
    People(&'static str),
    Users(&'static str),
}

/// A select of the ids of cases.
pub(super) struct Source {
    pub(super) is_sqlite: bool,
    pub(super) rows: Rows,
    pub(super) conditions: Vec<Condition>,
    /// None where any of them will do.
    pub(super) seek: Option<Seek>,
    pub(super) limit: Option<i64>,
}

impl Source {
    fn select(&self, out: &mut AstPass<'_, '_, MultiBackend>) {
        let index = match self.rows {
            Rows::Cases(index) => {
                out.push_sql("SELECT cases.id AS id FROM cases");
                index
            }
            Rows::Organisations(index) => {
                // An organ may have several parts in a case.
                out.push_sql("SELECT DISTINCT case_organisations.case_id AS id");
                match self.seek.map(Seek::columns) {
                    Some(Columns::NextDueOn) => out.push_sql(", case_organisations.next_due_on"),
                    Some(Columns::UpdatedAt) => out.push_sql(", case_organisations.updated_at"),
                    Some(Columns::Id) | None => {}
                }
                out.push_sql(" FROM case_organisations");
                Some(index)
            }
            Rows::OrganisationsAlone(index) => {
                out.push_sql("SELECT case_organisations.case_id AS id FROM case_organisations");
                Some(index)
            }
            Rows::People(index) => {
                out.push_sql("SELECT case_people.case_id AS id FROM case_people");
                Some(index)
            }
            Rows::Users(index) => {
                out.push_sql("SELECT case_users.case_id AS id FROM case_users");
                Some(index)
            }
        };
        match index {
            Some(index) if self.is_sqlite => {
                out.push_sql(" INDEXED BY ");
                out.push_sql(index);
            }
            None if self.is_sqlite => out.push_sql(" NOT INDEXED"),
            _ => {}
        }
        if matches!(self.rows, Rows::Organisations(_)) {
            // SQLite keeps the order of a cross join, which is the order of the list.
            out.push_sql(" CROSS JOIN cases");
        }
    }

    fn order(&self) -> Option<&'static str> {
        let seek = self.seek?;
        Some(match self.rows {
            Rows::Organisations(_) | Rows::OrganisationsAlone(_) => seek.order_of_organisations(),
            Rows::Cases(_) | Rows::People(_) | Rows::Users(_) => seek.order_of_cases(),
        })
    }

    fn walk<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.select(&mut out);
        let joined = matches!(self.rows, Rows::Organisations(_));
        if joined {
            out.push_sql(" WHERE cases.id = case_organisations.case_id");
        }
        for (place, condition) in self.conditions.iter().enumerate() {
            out.push_sql(if place == 0 && !joined { " WHERE (" } else { " AND (" });
            condition.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        if let Some(order) = self.order() {
            out.push_sql(" ORDER BY ");
            out.push_sql(order);
        }
        if let Some(limit) = &self.limit {
            out.push_sql(" LIMIT ");
            out.push_bind_param::<BigInt, _>(limit)?;
        }
        Ok(())
    }
}

fn walk_all<'b>(
    sources: &'b [Source],
    union: &str,
    mut out: AstPass<'_, 'b, MultiBackend>,
) -> QueryResult<()> {
    for (place, source) in sources.iter().enumerate() {
        if place > 0 {
            out.push_sql(union);
        }
        out.push_sql("SELECT id FROM (");
        source.walk(out.reborrow())?;
        out.push_sql(") AS source");
    }
    Ok(())
}

/// Whether a case is among those of any source; there must be one.
pub(super) struct IsAmong(pub(super) Vec<Source>);

impl QueryFragment<MultiBackend> for IsAmong {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("cases.id IN (");
        walk_all(&self.0, " UNION ALL ", out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

impl QueryId for IsAmong {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Expression for IsAmong {
    type SqlType = Bool;
}

impl ValidGrouping<()> for IsAmong {
    type IsAggregate = is_aggregate::No;
}

impl AppearsOnTable<cases::table> for IsAmong {}

impl SelectableExpression<cases::table> for IsAmong {}

/// How many cases there are in all sources together, each once.
pub(super) struct Count(pub(super) Vec<Source>);

impl QueryFragment<MultiBackend> for Count {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("SELECT count(*) FROM (");
        walk_all(&self.0, " UNION ", out.reborrow())?;
        out.push_sql(") AS sources");
        Ok(())
    }

    /// Its text depends on the shape of the question alone, of which there are few.
    fn is_safe_to_cache_prepared(&self, _: &MultiBackend) -> QueryResult<bool> {
        Ok(true)
    }
}

impl QueryId for Count {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Count {
    type SqlType = BigInt;
}

impl RunQueryDsl<AnyConnection> for Count {}
