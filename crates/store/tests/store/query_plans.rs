//! How SQLite goes about the hot queries: a list that reads every case is noticed here, not in production.

use std::sync::{Arc, Mutex};

use diesel::connection::{Connection, InstrumentationEvent};
use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::access::Scope;
use domain::case::Status;
use domain::deadline::Rules;
use domain::id::{CaseId, OrganisationId, PersonId, UserId};
use store::case_list::{self, CaseFilter, CaseSort, Cursor};
use store::{AnyConnection, StoreError, case_journal, people, projection, rebuild, verify};

use crate::support::{case_row, day, migrated};

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// The plan of every query that the work asks, one step a line.
fn plans(
    connection: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<(), StoreError>,
) -> Vec<String> {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let asking = Arc::clone(&asked);
    connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            let (sql, _) = text.split_once(" -- binds").unwrap_or((&text, ""));
            asking.lock().unwrap().push(sql.to_owned());
        }
    });
    work(connection).unwrap();
    let asked = std::mem::take(&mut *asked.lock().unwrap());
    assert!(!asked.is_empty());
    asked
        .into_iter()
        .map(|sql| {
            let steps: Vec<Step> =
                diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(connection).unwrap();
            let steps: Vec<_> = steps.into_iter().map(|step| step.detail).collect();
            format!("{sql}\n  {}", steps.join("\n  "))
        })
        .collect()
}

fn scope(organisation: Option<i64>, territory: Option<&str>, accusations: bool) -> Scope {
    Scope {
        user: UserId::new(1),
        organisation: organisation.map(OrganisationId::new),
        territory: territory.map(|code| code.parse().unwrap()),
        accusations,
        nothing: false,
    }
}

#[test]
fn no_list_reads_every_case() {
    let (_database, mut connection) = migrated();
    let none = CaseFilter::default;
    let scopes = [
        scope(None, Some("330106001002003"), false),
        scope(Some(10), None, false),
        scope(Some(10), None, true),
        scope(Some(10), Some("330106000000"), false),
    ];
    let filters = [
        none(),
        CaseFilter { statuses: vec![Status::InHandling, Status::Accepted], ..none() },
        CaseFilter { registered_by: Some(UserId::new(1)), ..none() },
        CaseFilter { holder: Some(OrganisationId::new(10)), ..none() },
        CaseFilter { due_before: Some(day("2026-12-01")), ..none() },
        CaseFilter { region: Some("330106000000".parse().unwrap()), ..none() },
        CaseFilter { people: Some(vec![PersonId::new(1)]), ..none() },
        CaseFilter { handler: Some(UserId::new(1)), ..none() },
    ];
    for scope in &scopes {
        for filter in &filters {
            for sort in [CaseSort::NewestFirst, CaseSort::OldestFirst, CaseSort::DueFirst] {
                let after = Cursor::of(&case_row(1), sort);
                let plans = plans(&mut connection, |c| {
                    case_list::list(c, scope, filter, sort, None, 50)?;
                    case_list::list(c, scope, filter, sort, Some(&after), 50)?;
                    case_list::count(c, scope, filter).map(drop)
                });
                for plan in plans {
                    assert!(!plan.contains("SCAN cases"), "{scope:?} {filter:?} {sort:?}:\n{plan}");
                }
            }
        }
    }
}

#[test]
fn no_hot_query_reads_a_whole_table() {
    let (_database, mut connection) = migrated();
    let plans = plans(&mut connection, |c| {
        case_journal::load_case(c, CaseId::new(1))?;
        case_journal::events_page(c, CaseId::new(1), 3, 50)?;
        projection::load(c, 1)?;
        projection::due_alarms(c, day("2026-12-01"), Some((day("2026-11-01"), 1, 1)), 50)?;
        people::earlier_cases_of(c, &[PersonId::new(1), PersonId::new(2)], 20)?;
        rebuild::compare_page(c, Some(CaseId::new(1)), 50, &Rules::default())?;
        verify::page(c, Some(CaseId::new(1)), 50, &Rules::default()).map(drop)
    });
    for plan in plans {
        assert!(!plan.contains("SCAN "), "{plan}");
    }
}
