//! What a new diesel could break without the compiler noticing: statements lifted onto the enum of engines.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::dsl::max;
use diesel::prelude::*;
use store::portable::{AsText, Portable};
use store::{Instant, StoreError};
use test_database::Engine;

use crate::ENGINE;
use crate::support::empty_database;

diesel::table! {
    probes (id) {
        id -> BigInt,
        word -> Text,
        seen_at -> Timestamp,
        document -> Nullable<Json>,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Light {
    Red,
    Green,
}

impl AsRef<str> for Light {
    fn as_ref(&self) -> &str {
        match self {
            Self::Red => "red",
            Self::Green => "green",
        }
    }
}

impl FromStr for Light {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Red, Self::Green].into_iter().find(|light| light.as_ref() == word).ok_or("no light")
    }
}

#[derive(Debug, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = probes, treat_none_as_default_value = false)]
struct Probe {
    id: i64,
    word: AsText<Light>,
    seen_at: Instant,
    document: Option<serde_json::Value>,
}

const TABLE: &str = match ENGINE {
    Engine::Sqlite => {
        "CREATE TABLE probes \
         (id INTEGER NOT NULL PRIMARY KEY, word TEXT NOT NULL, seen_at TEXT NOT NULL, document TEXT) STRICT"
    }
    Engine::Postgres => {
        "CREATE TABLE probes \
         (id BIGINT NOT NULL PRIMARY KEY, word TEXT NOT NULL, seen_at TIMESTAMP NOT NULL, document JSON)"
    }
};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn an_upsert_and_a_union_run_on_the_enum_of_engines() {
    let (_database, mut connection) = empty_database();
    connection.batch_execute(TABLE).unwrap();
    let mut probe = Probe {
        id: 1,
        word: AsText(Light::Red),
        seen_at: at("2026-11-23T08:00:00.123456789Z").into(),
        document: Some(serde_json::json!({"信": [1, 2]})),
    };
    for light in [Light::Red, Light::Green] {
        probe.word = AsText(light);
        let upsert = diesel::insert_into(probes::table)
            .values(&probe)
            .on_conflict(probes::id)
            .do_update()
            .set(&probe)
            .returning(probes::word);
        let word: AsText<Light> = Portable(upsert).get_result(&mut connection).unwrap();
        assert_eq!(word.0, light);
    }
    let ids = probes::table.select(probes::id);
    let union = ids.filter(probes::id.eq(1)).union_all(ids.filter(probes::word.eq(AsText(Light::Green))));
    assert_eq!(Portable(union).load::<i64>(&mut connection).unwrap(), [1, 1]);
    let found = probes::table.select(Probe::as_select()).first(&mut connection).unwrap();
    assert_eq!(found, probe, "microseconds and JSON survive the round trip");
}

#[test]
fn the_order_of_stored_instants_is_the_order_of_time() {
    let (_database, mut connection) = empty_database();
    connection.batch_execute(TABLE).unwrap();
    let moments = [
        "2026-11-23T08:00:00Z",
        "2026-11-23T08:00:00.000001Z",
        "2026-11-23T08:00:00.1Z",
        "2026-11-23T08:00:01Z",
    ];
    for (moment, id) in moments.iter().zip(1..) {
        let probe = Probe { id, word: AsText(Light::Red), seen_at: at(moment).into(), document: None };
        diesel::insert_into(probes::table).values(probe).execute(&mut connection).unwrap();
    }
    let ordered: Vec<i64> =
        probes::table.order(probes::seen_at).select(probes::id).load(&mut connection).unwrap();
    assert_eq!(ordered, [1, 2, 3, 4]);
    let last: Option<Instant> = probes::table.select(max(probes::seen_at)).first(&mut connection).unwrap();
    assert_eq!(last.map(DateTime::<Utc>::from), Some(at("2026-11-23T08:00:01Z")));
}

#[test]
fn a_word_that_the_enumeration_does_not_know_is_not_read() {
    let (_database, mut connection) = empty_database();
    connection.batch_execute(TABLE).unwrap();
    connection.batch_execute("INSERT INTO probes VALUES (1, 'blue', '2026-11-23 08:00:00', NULL)").unwrap();
    let read = probes::table.select(Probe::as_select()).first(&mut connection);
    let refused = StoreError::from(read.unwrap_err());
    assert!(
        matches!(&refused, StoreError::Broken { detail, .. } if detail.contains("word") && detail.contains("blue")),
        "{refused:?}"
    );
}
