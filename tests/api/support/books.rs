//! What the database holds, for what HTTP does not show.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use domain::deadline::Rules;
use domain::id::CaseId;
use store::connection::{self, Purpose};
use store::sealing::Sealer;
use store::{AnyConnection, DatabaseUrl, rebuild};

use super::Town;

/// The tables that a case is made of.
const TABLES: [&str; 13] = [
    "cases",
    "people",
    "events",
    "claims",
    "measures",
    "deadlines",
    "case_organisations",
    "case_people",
    "case_users",
    "case_backlog",
    "case_numbers",
    "receptions",
    "reception_bookings",
];

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Verdict {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

impl Town {
    /// How many rows each table of cases has: the same before and after whatever is refused.
    pub async fn rows(&self) -> BTreeMap<&'static str, i64> {
        let counted = self.office.app.store.read(|connection| {
            Ok::<_, store::StoreError>(TABLES.map(|table| (table, count(connection, table))).into())
        });
        counted.await.unwrap()
    }

    /// Checks that the read tables say what the journal says.
    pub async fn books_agree(&self) {
        let (rules, sealer) = (self.office.app.settings.rules.clone(), self.office.app.sealer.clone());
        let differing = self
            .office
            .app
            .store
            .read(move |connection| Ok::<_, store::StoreError>(differing(connection, &rules, &sealer)));
        assert_eq!(differing.await.unwrap(), []);
    }
}

/// How many rows there are of what may follow `FROM`.
pub fn count(connection: &mut AnyConnection, table: &str) -> i64 {
    let query = diesel::sql_query(format!("SELECT count(*) AS count FROM {table}"));
    query.get_result::<Count>(connection).unwrap().count
}

fn differing(connection: &mut AnyConnection, rules: &Rules, sealer: &Sealer) -> Vec<CaseId> {
    let (mut after, mut differing) = (None, Vec::new());
    loop {
        let page = rebuild::compare_page(connection, after, 50, rules, sealer).unwrap();
        assert_eq!(page.differing_receptions, []);
        differing.extend(page.differing);
        match page.last {
            Some(last) => after = Some(last),
            None => return differing,
        }
    }
}

/// What is found in a database that no server has open.
#[derive(Debug, PartialEq, Eq)]
pub struct Audit {
    /// What SQLite says of its file; PostgreSQL recovers its own.
    pub integrity: String,
    pub case_count: i64,
    /// Cases whose read tables differ from their journal.
    pub differing: Vec<CaseId>,
}

/// Looks the database over.
pub fn audit(database: &DatabaseUrl, sealer: &Sealer) -> Audit {
    let mut connection = connection::open(database, Purpose::Read).unwrap();
    Audit {
        integrity: integrity(&mut connection),
        case_count: count(&mut connection, "cases"),
        differing: differing(&mut connection, &Rules::default(), sealer),
    }
}

fn integrity(connection: &mut AnyConnection) -> String {
    match connection {
        AnyConnection::Sqlite(sqlite) => {
            let check = diesel::sql_query("PRAGMA integrity_check");
            check.get_result::<Verdict>(sqlite).unwrap().integrity_check
        }
        AnyConnection::Postgres(_) => "ok".to_owned(),
    }
}
