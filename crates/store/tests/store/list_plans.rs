//! How PostgreSQL goes about a list: by the statistics of twenty thousand cases, among which reading all is still
//! cheap, so that an index it takes here it takes all the more among millions.
//!
//! The plans are those for any value, which a prepared statement comes to be run by.

use std::sync::{Arc, Mutex};

use diesel::connection::{Connection, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::Value;
use store::{AnyConnection, StoreError, projection};

use crate::list_shapes;
use crate::support::migrated;

/// Few cases are ever on a list of backlog: their table may be read whole.
const LARGE: [&str; 5] = ["cases", "case_organisations", "case_people", "case_users", "deadlines"];

/// Twenty thousand cases of a province: a tenth of them open, in a hundred counties and with a hundred topics.
const CASES: &str = "
INSERT INTO cases (id, case_no, query_code, version, status, purpose, channel, source, attribution_region, topic_code,
    holder_id, registered_by, filed_at, head_count, group_petition, anonymous, confidential, next_due_on, overdue,
    updated_at, received_by)
SELECT id, 'N' || id, 'Q' || id, 1, CASE WHEN id % 10 > 0 THEN 'archived' WHEN id % 20 = 0 THEN 'registered'
    ELSE 'accepted' END, 'claim', 'visit', 'petitioner', '33' || lpad((1 + id % 10)::text, 2, '0')
    || lpad((1 + id / 10 % 10)::text, 2, '0') || lpad((1 + id / 100 % 20)::text, 3, '0') || '001001',
    lpad((1 + id * 7 % 100)::text, 2, '0') || '0101', id % 500, id % 300, timestamp '2026-01-01' + id * interval '1 hour',
    1, false, false, id % 100 = 1, CASE WHEN id % 10 = 0 THEN date '2026-11-01' + (id / 10 % 60)::int END, id % 100 = 0,
    timestamp '2026-01-01' + (id * 7919 % 20000) * interval '1 hour', 1000 + id % 100
FROM generate_series(1, 20000) AS made(id);
INSERT INTO case_organisations
SELECT id, holder_id, status, next_due_on, updated_at FROM cases;
INSERT INTO case_organisations
SELECT id, 1000 + id % 100, status, next_due_on, updated_at FROM cases;
INSERT INTO case_users SELECT id, id % 400, 'handler' FROM cases;
INSERT INTO case_backlog SELECT id, 'listed', 'B' || id % 50, 'N' || id, id % 500, date '2026-01-01', date '2027-01-01'
FROM cases WHERE id % 20 = 0;
UPDATE cases SET repeat_count = 3 WHERE id % 40 = 0;
INSERT INTO deadlines (case_id, no, kind, state, started_on, nominal_due_on, legal_due_on, next_alarm_on)
SELECT id, 1, 'handling', CASE WHEN next_due_on IS NULL THEN 'met' ELSE 'running' END, date '2026-01-01',
    date '2026-12-01', date '2026-12-01', next_due_on FROM cases;
INSERT INTO people (id, name_sealed, created_at) SELECT id, 'x', timestamp '2026-01-01' FROM generate_series(1, 5000) AS made(id);
INSERT INTO case_people SELECT id, 1 + id % 5000, 'petitioner', 1 FROM cases;
";

fn filled() -> (test_database::TestDatabase, AnyConnection) {
    let (database, mut connection) = migrated();
    connection.batch_execute(CASES).unwrap();
    // Not in one batch, which would be one transaction.
    connection.batch_execute("VACUUM ANALYZE").unwrap();
    connection.batch_execute("SET plan_cache_mode = force_generic_plan").unwrap();
    (database, connection)
}

#[derive(QueryableByName)]
struct Explained {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    plan: String,
}

/// The plan of every query that the work asks.
fn plans(
    connection: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<(), StoreError>,
) -> Vec<(String, Value)> {
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
    let mut asked = std::mem::take(&mut *asked.lock().unwrap());
    asked.sort();
    asked.dedup();
    assert!(!asked.is_empty());
    asked.into_iter().map(|sql| (sql.clone(), explained(connection, &sql))).collect()
}

fn explained(connection: &mut AnyConnection, sql: &str) -> Value {
    let values = (1..).take_while(|place| sql.contains(&format!("${place}"))).map(|_| "NULL");
    let values = values.collect::<Vec<_>>().join(", ");
    let execute = if values.is_empty() { "asked".to_owned() } else { format!("asked({values})") };
    connection.batch_execute(&format!("PREPARE asked AS {sql}")).unwrap();
    let plan: Explained =
        diesel::sql_query(format!("EXPLAIN (FORMAT JSON) EXECUTE {execute}")).get_result(connection).unwrap();
    connection.batch_execute("DEALLOCATE asked").unwrap();
    serde_json::from_str(&plan.plan).unwrap()
}

/// Every step of a plan that reads a large table whole, or an index of it without a place to start from.
fn whole_reads(plan: &Value, found: &mut Vec<String>) {
    let text = |name: &str| plan.get(name).and_then(Value::as_str).unwrap_or_default();
    let is_large = LARGE.contains(&text("Relation Name"));
    // The index has the overdue cases alone, which are what is asked for.
    let is_all = plan.get("Index Cond").is_none() && text("Index Name") != "cases_township_overdue_id";
    match text("Node Type") {
        "Seq Scan" if is_large => found.push(format!("Seq Scan {}", text("Relation Name"))),
        "Index Scan" | "Index Only Scan" if is_large && is_all => {
            found.push(format!("{} {}", text("Node Type"), text("Index Name")));
        }
        _ => {}
    }
    for inner in plan.as_object().into_iter().flat_map(|object| object.values()) {
        match inner {
            Value::Array(all) => all.iter().for_each(|one| whole_reads(one, found)),
            one => whole_reads(one, found),
        }
    }
}

#[test]
fn no_list_reads_every_case() {
    let (_database, mut connection) = filled();
    for scope in list_shapes::scopes() {
        for filter in list_shapes::filters() {
            for (sql, plan) in plans(&mut connection, |c| list_shapes::ask(c, &scope, &filter)) {
                let mut found = Vec::new();
                plan.as_array().unwrap().iter().for_each(|plan| whole_reads(plan, &mut found));
                assert!(found.is_empty(), "{found:?} {scope:?} {filter:?}\n{sql}\n{plan:#}");
            }
        }
    }
}

#[test]
fn what_is_followed_whole_is_in_the_order_of_the_list() {
    let (_database, mut connection) = filled();
    for scope in list_shapes::large_scopes() {
        for filter in list_shapes::filters() {
            for (sql, plan) in plans(&mut connection, |c| list_shapes::ask(c, &scope, &filter)) {
                let mut found = Vec::new();
                plan.as_array().unwrap().iter().for_each(|plan| whole_reads(plan, &mut found));
                let unordered = found.iter().any(|step| step.starts_with("Seq Scan"));
                assert!(!unordered, "{found:?} {filter:?}\n{sql}\n{plan:#}");
            }
        }
    }
}

#[test]
fn the_open_clocks_are_read_from_their_index() {
    let (_database, mut connection) = filled();
    let plans = plans(&mut connection, |c| projection::cases_with_open_deadlines(c, Some(7), 50).map(drop));
    for (sql, plan) in plans {
        let text = plan.to_string();
        assert!(text.contains("deadlines_open_case_id"), "{sql}\n{plan:#}");
    }
}
