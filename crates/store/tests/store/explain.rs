//! How the engine goes about the queries of some work: what reads a whole table is noticed here, not in production.

use std::sync::{Arc, Mutex};

use diesel::connection::{Connection, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use diesel::sql_types::Text;
use store::{AnyConnection, StoreError};

/// A statement, and the steps by which the engine carries it out.
#[derive(Debug)]
#[expect(dead_code, reason = "a failing test prints all of it")]
pub struct Plan {
    pub sql: String,
    pub steps: Vec<String>,
}

impl Plan {
    /// Whether the statement goes through a whole table or a whole index, wherever it starts.
    pub fn reads_all_of_a_table(&self) -> bool {
        let is_whole = |step: &String| {
            step.contains("Seq Scan") || step.starts_with("SCAN ") && step != "SCAN CONSTANT ROW"
        };
        self.steps.iter().any(is_whole)
    }

    /// Whether the statement collects what it found before it can tell what comes first.
    pub fn sorts(&self) -> bool {
        self.steps.iter().any(|step| step.contains("TEMP B-TREE") || step.contains("Sort"))
    }
}

/// The plan of every query that the work asks.
///
/// PostgreSQL chooses by what is in the tables, which is nothing here, so every other way than along an index is
/// forbidden to it: a table that it still reads whole, and rows that it still sorts, are those that no index can serve.
pub fn plans(
    connection: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<(), StoreError>,
) -> Vec<Plan> {
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
    connection.set_instrumentation(|_: InstrumentationEvent<'_>| {});
    let asked = std::mem::take(&mut *asked.lock().unwrap());
    assert!(!asked.is_empty());
    let steps = match connection {
        AnyConnection::Sqlite(_) => steps_on_sqlite,
        AnyConnection::Postgres(_) => steps_on_postgres,
    };
    asked.into_iter().map(|sql| Plan { steps: steps(connection, &sql), sql }).collect()
}

fn steps_on_sqlite(connection: &mut AnyConnection, sql: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }
    let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(connection).unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}

fn steps_on_postgres(connection: &mut AnyConnection, sql: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
        detail: String,
    }
    let places = (1..).take_while(|place| sql.contains(&format!("${place}"))).count();
    let values = if places == 0 { String::new() } else { format!("({})", vec!["NULL"; places].join(", ")) };
    connection
        .batch_execute(&format!(
            "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off; \
             SET enable_incremental_sort = off; SET plan_cache_mode = force_generic_plan; PREPARE asked AS {sql}"
        ))
        .unwrap();
    let steps: Vec<Step> =
        diesel::sql_query(format!("EXPLAIN (COSTS OFF) EXECUTE asked{values}")).load(connection).unwrap();
    connection.batch_execute("DEALLOCATE asked").unwrap();
    steps.into_iter().map(|step| step.detail.trim_start_matches([' ', '-', '>']).to_owned()).collect()
}
