//! How SQLite goes about the hot queries: a list that reads every case is noticed here, not in production.

use std::sync::{Arc, Mutex};

use diesel::connection::{Connection, InstrumentationEvent};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use domain::deadline::Rules;
use domain::id::{CaseId, PersonId};
use store::{AnyConnection, StoreError, case_journal, leaders, people, projection, rebuild, verify};

use crate::list_shapes;
use crate::support::{day, migrated, sealer};

#[derive(Debug, QueryableByName)]
struct Step {
    #[diesel(sql_type = Integer)]
    parent: i32,
    #[diesel(sql_type = Text)]
    detail: String,
}

/// The plan of every query that the work asks, one step a line.
fn plans(
    connection: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<(), StoreError>,
) -> Vec<(String, Vec<Step>)> {
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
            let steps = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(connection).unwrap();
            (sql, steps)
        })
        .collect()
}

/// Whoever counts what leaders have in charge goes through the leaders alone.
#[test]
fn leaders_are_counted_by_an_index_of_their_own() {
    let (_database, mut connection) = migrated();
    let scope = &list_shapes::scopes()[0];
    let plans = plans(&mut connection, |c| leaders::count_by_leader(c, scope).map(drop));
    let [(_, plan)] = plans.as_slice() else { panic!("{plans:?}") };
    assert!(plan[0].detail.ends_with("INDEX case_users_leader_user_id_case_id"), "{plan:?}");
}

/// What goes through a large table, or through an index of all of it.
fn scans(plan: &[Step]) -> Vec<&Step> {
    let is_whole = |step: &&Step| {
        // The index has the overdue cases alone, which are what is asked for.
        (step.detail.starts_with("SCAN case") || step.detail.starts_with("SCAN deadlines"))
            && !step.detail.ends_with("cases_township_overdue_id")
    };
    plan.iter().filter(is_whole).collect()
}

fn sorts(plan: &[Step], parent: i32) -> bool {
    plan.iter().any(|step| step.parent == parent && step.detail.contains("FOR ORDER BY"))
}

#[test]
fn no_list_reads_every_case() {
    let (_database, mut connection) = migrated();
    for scope in list_shapes::scopes() {
        for filter in list_shapes::filters() {
            for (sql, plan) in plans(&mut connection, |c| list_shapes::ask(c, &scope, &filter)) {
                assert!(scans(&plan).is_empty(), "{scope:?} {filter:?}\n{sql}\n{plan:#?}");
            }
        }
    }
}

#[test]
fn what_is_followed_whole_is_in_the_order_of_the_list() {
    let (_database, mut connection) = migrated();
    for scope in list_shapes::large_scopes() {
        for filter in list_shapes::filters() {
            for (sql, plan) in plans(&mut connection, |c| list_shapes::ask(c, &scope, &filter)) {
                for scan in scans(&plan) {
                    assert!(!sorts(&plan, scan.parent), "{filter:?}\n{sql}\n{plan:#?}");
                }
            }
        }
    }
}

#[test]
fn no_hot_query_reads_a_whole_table() {
    let (_database, mut connection) = migrated();
    let plans = plans(&mut connection, |c| {
        case_journal::load_case(c, &sealer(), CaseId::new(1))?;
        case_journal::events_page(c, &sealer(), CaseId::new(1), 3, 50)?;
        projection::load(c, 1)?;
        projection::cases_with_open_deadlines(c, Some(7), 50)?;
        projection::due_alarms(c, day("2026-12-01"), Some((day("2026-11-01"), 1, 1)), 50)?;
        people::earlier_cases_of(c, &[PersonId::new(1), PersonId::new(2)], 20)?;
        rebuild::compare_page(c, Some(CaseId::new(1)), 50, &Rules::default(), &sealer())?;
        verify::page(c, Some(CaseId::new(1)), 50, &Rules::default(), Some(&sealer())).map(drop)
    });
    for (sql, plan) in plans {
        assert!(!plan.iter().any(|step| step.detail.starts_with("SCAN ")), "{sql}\n{plan:#?}");
    }
}
