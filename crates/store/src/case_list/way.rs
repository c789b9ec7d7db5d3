//! Ways to come by cases: selects of their ids that name the index they follow, and the condition made of them.
//!
//! Written by hand where diesel has no word: SQLite keeps no statistics by which it could choose an index, so it is
//! told; PostgreSQL chooses by its own, and what it chooses is held by a test.

use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Text};

use super::seek::Table;
use crate::connection::{AnyConnection, MultiBackend};
use crate::schema::cases;

/// A condition on the rows of a way.
pub(super) type Condition = Box<dyn QueryFragment<MultiBackend> + Send>;

/// A condition of fixed text, which needs no statement of its own: diesel would prepare one with raw SQL anew each time.
pub(super) struct Fixed(pub(super) &'static str);

impl QueryFragment<MultiBackend> for Fixed {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}

/// The table a way reads, and the index that it follows there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// Each case by its id.
    Cases,
    CasesBy(&'static str),
    /// The cases that organs have a part in.
    Organisations(&'static str),
    People(&'static str),
    Users(&'static str),
    Backlog(&'static str),
}

/// The column that has one of several values, each of which leads to cases in the order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Township,
    Status,
    StatusOfOrganisation,
    Supervision,
}

impl Column {
    const fn sql(self) -> &'static str {
        match self {
            Self::Township => "substr(cases.attribution_region, 1, 9)",
            Self::Status => "cases.status",
            Self::Supervision => "cases.supervision",
            Self::StatusOfOrganisation => "case_organisations.status",
        }
    }
}

/// The values of a column, of which each has cases of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    column: Column,
    /// A JSON array of texts: one value to bind, however many there are.
    json: String,
    pub(super) count: usize,
}

impl Group {
    pub(super) fn of<Text: AsRef<str>>(column: Column, values: &[Text]) -> Self {
        let values: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
        // A list of texts is always JSON.
        let json = serde_json::to_string(&values).unwrap_or_else(|_never| "[]".to_owned());
        Self { column, json, count: values.len() }
    }
}

/// How much of a way is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Take {
    /// The first of each group, in the order.
    First(i64),
    /// The one at this place of each group, if it has so many.
    AtPlace(i64),
    /// Up to so many in all, in no order.
    Any(i64),
    /// All of them.
    All,
}

/// A select of the ids of cases.
pub(super) struct Way {
    pub(super) is_sqlite: bool,
    pub(super) rows: Rows,
    pub(super) groups: Vec<Group>,
    pub(super) conditions: Vec<Condition>,
    /// Whether the conditions ask for more than the part that an organ or a user has.
    pub(super) with_cases: bool,
    /// In the words of SQL; empty where any order will do.
    pub(super) order: &'static str,
    pub(super) take: Take,
}

impl Way {
    const fn id(&self) -> &'static str {
        match self.rows {
            Rows::Cases | Rows::CasesBy(_) => "cases.id",
            Rows::Organisations(_) => "case_organisations.case_id",
            Rows::People(_) => "case_people.case_id",
            Rows::Users(_) => "case_users.case_id",
            Rows::Backlog(_) => "case_backlog.case_id",
        }
    }

    const fn is_ordered(&self) -> bool {
        matches!(self.take, Take::First(_) | Take::AtPlace(_))
    }

    /// The table whose index it follows.
    pub(super) const fn table(&self) -> Table {
        match self.rows {
            Rows::Organisations(_) => Table::Organisations,
            Rows::Users(_) => Table::Users,
            Rows::Cases | Rows::CasesBy(_) | Rows::People(_) | Rows::Backlog(_) => Table::Cases,
        }
    }

    fn from(&self, out: &mut AstPass<'_, '_, MultiBackend>) {
        let (table, index) = match self.rows {
            Rows::Cases => ("cases", None),
            Rows::CasesBy(index) => ("cases", Some(index)),
            Rows::Organisations(index) => ("case_organisations", Some(index)),
            Rows::People(index) => ("case_people", Some(index)),
            Rows::Users(index) => ("case_users", Some(index)),
            Rows::Backlog(index) => ("case_backlog", Some(index)),
        };
        out.push_sql(table);
        if self.is_sqlite {
            match index {
                Some(index) => {
                    out.push_sql(" INDEXED BY ");
                    out.push_sql(index);
                }
                None => out.push_sql(" NOT INDEXED"),
            }
        }
        if self.with_cases {
            // SQLite keeps the order of a cross join, which is the order of the list.
            out.push_sql(" CROSS JOIN cases");
        }
    }

    /// The groups' values, each a row of its own.
    fn values<'b>(&'b self, out: &mut AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        for (place, group) in self.groups.iter().enumerate() {
            if place > 0 {
                out.push_sql(" CROSS JOIN ");
            }
            out.push_sql(if self.is_sqlite { "json_each(" } else { "json_array_elements_text(" });
            out.push_bind_param::<Text, _>(&group.json)?;
            out.push_sql(if self.is_sqlite { ") AS " } else { "::json) AS " });
            out.push_sql(alias(place));
            if !self.is_sqlite {
                out.push_sql("(value)");
            }
        }
        Ok(())
    }

    /// Conditions, order and end.
    fn rest<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        let mut joint = " WHERE ";
        if self.with_cases {
            out.push_sql(" WHERE cases.id = ");
            out.push_sql(self.id());
            joint = " AND ";
        }
        for (place, group) in self.groups.iter().enumerate() {
            out.push_sql(joint);
            out.push_sql(group.column.sql());
            out.push_sql(" = ");
            out.push_sql(alias(place));
            out.push_sql(".value");
            joint = " AND ";
        }
        for condition in &self.conditions {
            out.push_sql(joint);
            out.push_sql("(");
            condition.walk_ast(out.reborrow())?;
            out.push_sql(")");
            joint = " AND ";
        }
        // PostgreSQL would rather read a table whose rows it takes to be of the kind than follow an index.
        if !self.order.is_empty() && (self.is_ordered() || !self.is_sqlite) {
            out.push_sql(" ORDER BY ");
            out.push_sql(self.order);
        }
        match self.take {
            Take::First(count) | Take::Any(count) => {
                out.push_sql(" LIMIT ");
                out.push_sql(&written_out(count).to_string());
            }
            Take::AtPlace(place) => {
                out.push_sql(" LIMIT 1 OFFSET ");
                out.push_sql(&written_out(place).saturating_sub(1).to_string());
            }
            Take::All => {}
        }
        Ok(())
    }

    fn walk<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        if matches!(self.rows, Rows::Users(_)) {
            // A user may have several parts in a case.
            out.push_sql("DISTINCT ");
        }
        if self.groups.is_empty() {
            out.push_sql(self.id());
            out.push_sql(" AS id FROM ");
            self.from(&mut out);
            return self.rest(out);
        }
        if self.is_sqlite && !self.is_ordered() {
            // Without an order the groups need no end of their own.
            out.push_sql(self.id());
            out.push_sql(" AS id FROM ");
            self.values(&mut out)?;
            out.push_sql(" CROSS JOIN ");
            self.from(&mut out);
            return self.rest(out);
        }
        out.push_sql("found.id AS id FROM ");
        self.values(&mut out)?;
        // SQLite has no LATERAL, but looks up the ids that a correlated select gives.
        out.push_sql(if self.is_sqlite {
            " CROSS JOIN cases AS found ON found.id IN (SELECT "
        } else {
            " CROSS JOIN LATERAL (SELECT "
        });
        out.push_sql(self.id());
        out.push_sql(if self.is_sqlite { " FROM " } else { " AS id FROM " });
        self.from(&mut out);
        self.rest(out.reborrow())?;
        out.push_sql(if self.is_sqlite { ")" } else { ") AS found" });
        Ok(())
    }
}

const fn alias(place: usize) -> &'static str {
    if place == 0 { "one" } else { "other" }
}

/// A count that stands in the text: PostgreSQL takes one it is not told for a tenth of the table, and would make its
/// plan anew each time. There are few sizes this way, and so few texts.
pub(super) const fn written_out(count: i64) -> i64 {
    const SIZES: [i64; 11] = [1, 3, 8, 20, 50, 100, 200, 500, 1_000, 2_500, 10_001];
    let mut place = 0;
    while place < SIZES.len() {
        #[expect(
            clippy::indexing_slicing,
            reason = "the place is below the length; there is no get in const"
        )]
        if count <= SIZES[place] {
            return SIZES[place];
        }
        place += 1;
    }
    count
}

fn walk_all<'b>(ways: &'b [Way], union: &str, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
    for (place, way) in ways.iter().enumerate() {
        if place > 0 {
            out.push_sql(union);
        }
        out.push_sql("SELECT id FROM (");
        way.walk(out.reborrow())?;
        out.push_sql(") AS way");
    }
    Ok(())
}

/// Whether a case is come by in any of the ways; there must be one.
pub(super) struct IsAmong {
    pub(super) ways: Vec<Way>,
    /// Whether the statement stays prepared.
    pub(super) is_kept: bool,
}

impl QueryFragment<MultiBackend> for IsAmong {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        if !self.is_kept {
            out.unsafe_to_cache_prepared();
        }
        // PostgreSQL would join a select with all cases in the order of their ids; an array it looks up.
        let is_sqlite = self.ways.iter().all(|way| way.is_sqlite);
        out.push_sql(if is_sqlite { "cases.id IN (" } else { "cases.id = ANY (ARRAY(" });
        walk_all(&self.ways, " UNION ALL ", out.reborrow())?;
        out.push_sql(if is_sqlite { ")" } else { "))" });
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

/// How many cases are come by in all ways together.
pub(super) struct Count {
    pub(super) ways: Vec<Way>,
    /// Whether a case may be come by in several ways, and is counted once.
    pub(super) each_once: bool,
    /// No more are counted.
    pub(super) most: i64,
    /// As of [`IsAmong`].
    pub(super) is_kept: bool,
}

impl QueryFragment<MultiBackend> for Count {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("SELECT count(*) FROM (SELECT id FROM (");
        let union = if self.each_once { " UNION " } else { " UNION ALL " };
        walk_all(&self.ways, union, out.reborrow())?;
        out.push_sql(") AS ways LIMIT ");
        out.push_sql(&self.most.to_string());
        out.push_sql(") AS counted");
        Ok(())
    }

    fn is_safe_to_cache_prepared(&self, _: &MultiBackend) -> QueryResult<bool> {
        Ok(self.is_kept)
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

/// The townships of which there are cases, in the range of codes: each is found from the one before it, so that it costs
/// a look-up a township, however many cases they have.
pub(super) struct Townships {
    pub(super) is_sqlite: bool,
    pub(super) from: String,
    pub(super) before: String,
}

impl Townships {
    fn next<'b>(
        &'b self,
        after: &str,
        from: Option<&'b String>,
        out: &mut AstPass<'_, 'b, MultiBackend>,
    ) -> QueryResult<()> {
        let township = Column::Township.sql();
        out.push_sql("(SELECT ");
        out.push_sql(township);
        out.push_sql(" FROM cases");
        out.push_sql(if self.is_sqlite {
            " INDEXED BY cases_township_id WHERE cases.confidential = 0 AND "
        } else {
            " WHERE NOT cases.confidential AND "
        });
        out.push_sql(township);
        out.push_sql(after);
        if let Some(from) = from {
            out.push_bind_param::<Text, _>(from)?;
        }
        out.push_sql(" AND ");
        out.push_sql(township);
        out.push_sql(" < ");
        out.push_bind_param::<Text, _>(&self.before)?;
        out.push_sql(" ORDER BY ");
        out.push_sql(township);
        out.push_sql(", cases.id LIMIT 1)");
        Ok(())
    }
}

impl QueryFragment<MultiBackend> for Townships {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("WITH RECURSIVE townships (code) AS (SELECT ");
        self.next(" >= ", Some(&self.from), &mut out)?;
        out.push_sql(" UNION ALL SELECT ");
        self.next(" > townships.code", None, &mut out)?;
        out.push_sql(" FROM townships WHERE townships.code IS NOT NULL) SELECT code FROM townships WHERE code IS NOT NULL");
        Ok(())
    }

    fn is_safe_to_cache_prepared(&self, _: &MultiBackend) -> QueryResult<bool> {
        Ok(true)
    }
}

impl QueryId for Townships {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Townships {
    type SqlType = Text;
}

impl RunQueryDsl<AnyConnection> for Townships {}
