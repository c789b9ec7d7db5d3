//! Processes, servers, connections and disks that fail while work is going on: every fault is caused.

mod contention;
mod feed;
mod full_disk;
mod loss;
mod processes;
mod replica;

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use store::AnyConnection;
use store::connection::{self, Purpose};

/// A connection beside those of the program, in whose transactions it may rest.
fn connect(url: &str) -> AnyConnection {
    let mut connection = connection::open(&url.parse().unwrap(), Purpose::Write).unwrap();
    let own =
        "SET application_name = 'test'; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = 0";
    connection.batch_execute(own).unwrap();
    connection
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The one number that the query asks for.
fn number(connection: &mut AnyConnection, expression: &str) -> i64 {
    let asked = diesel::sql_query(format!("SELECT ({expression})::bigint AS number"));
    asked.get_result::<Number>(connection).unwrap().number
}

/// Asks again and again until it is so; what never comes about fails the test.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..3000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("this did not come about: {what}");
}
