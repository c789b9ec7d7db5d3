//! A store in a directory of its own, and the rows that most tests need.

use chrono::{DateTime, NaiveDate, Utc};
use domain::id::PersonId;
use store::cases::CaseRow;
use store::connection::{self, Purpose};
use store::journal::NewEvent;
use store::keys::KeyRing;
use store::organisations::OrganisationRow;
use store::regions::RegionRow;
use store::sealing::Sealer;
use store::users::User;
use store::{AnyConnection, DatabaseUrl, Instant, Store, StoreError, StoreOptions};
use tempfile::TempDir;

pub struct TestStore {
    pub store: Store,
    pub url: DatabaseUrl,
    _directory: TempDir,
}

pub fn fresh() -> TestStore {
    fresh_with_queue(StoreOptions::default().queue_length)
}

pub fn fresh_with_queue(length: usize) -> TestStore {
    let (directory, url) = fresh_url();
    let store =
        Store::open(&url, &StoreOptions { readers: 2, queue_length: length, ..StoreOptions::default() })
            .unwrap();
    TestStore { store, url, _directory: directory }
}

pub fn fresh_url() -> (TempDir, DatabaseUrl) {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", directory.path().join("test.db").display()).parse().unwrap();
    (directory, url)
}

/// A bare connection to a fresh database without any table.
pub fn empty_database() -> (TempDir, AnyConnection) {
    let (directory, url) = fresh_url();
    let connection = connection::open(&url, Purpose::Write).unwrap();
    (directory, connection)
}

/// A bare connection to a fresh database with its tables.
pub fn migrated() -> (TempDir, AnyConnection) {
    let (directory, mut connection) = empty_database();
    store::migrations::run(&mut connection).unwrap();
    (directory, connection)
}

pub fn sealer() -> Sealer {
    Sealer::new(&KeyRing::from_base64("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=").unwrap())
}

/// People 1 to `last`, whom cases can name.
pub fn seed_people(connection: &mut AnyConnection, last: i64) {
    for id in 1..=last {
        let person = serde_json::from_value(serde_json::json!({"name": format!("张{id}")})).unwrap();
        let at = "2026-11-23T08:00:00Z".parse().unwrap();
        store::people::insert_person(connection, &sealer(), PersonId::new(id), &person, at).unwrap();
    }
}

pub fn instant(text: &str) -> Instant {
    text.parse::<DateTime<Utc>>().unwrap().into()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn event(id: i64) -> NewEvent {
    NewEvent {
        id,
        kind: "noted".to_owned(),
        body: format!("{{\"n\": {id}}}"),
        actor: "{}".to_owned(),
        occurred_at: instant("2026-11-20T08:00:00Z"),
        occurred_on: day("2026-11-20"),
        recorded_at: instant("2026-11-23T08:00:00.123456Z"),
    }
}

/// One region, one organ and one user, for rows that refer to them.
pub fn seed(connection: &mut AnyConnection) -> Result<(), StoreError> {
    store::regions::insert(connection, &region("330100000000", None))?;
    let organ = OrganisationRow {
        id: 10,
        name: "市信访局".to_owned(),
        kind: "petition_department".to_owned(),
        level: "city".to_owned(),
        region_code: "330100000000".to_owned(),
        superior_id: None,
        active: true,
    };
    store::organisations::insert(connection, &organ)?;
    store::users::insert(connection, &user(100, "wang"))
}

pub fn region(code: &str, parent: Option<&str>) -> RegionRow {
    RegionRow {
        code: code.to_owned(),
        name: "某市".to_owned(),
        level: "city".to_owned(),
        parent_code: parent.map(str::to_owned),
        valid_from: day("2000-01-01"),
        valid_to: None,
        successor_code: None,
    }
}

pub fn user(id: i64, username: &str) -> User {
    User {
        id,
        username: username.to_owned(),
        display_name: "王某".to_owned(),
        password_hash: "$argon2id$".to_owned(),
        role: "official".to_owned(),
        duties: vec!["register".to_owned(), "dispatch".to_owned()],
        organisation_id: 10,
        territory: Some("330100000000".to_owned()),
        active: true,
        created_at: instant("2026-01-01T00:00:00Z"),
        updated_at: instant("2026-01-01T00:00:00Z"),
        password_changed_at: instant("2026-01-01T00:00:00Z"),
    }
}

pub fn case_row(id: i64) -> CaseRow {
    CaseRow {
        id,
        case_no: format!("330106-2026-{id}"),
        query_code: format!("Q{id}"),
        version: 1,
        status: "registered".to_owned(),
        purpose: "claim".to_owned(),
        channel: "visit".to_owned(),
        source: "petitioner".to_owned(),
        subject: Some("欠薪".to_owned()),
        attribution_region: "330106000000".to_owned(),
        topic_code: None,
        holder_id: 10,
        registered_by: None,
        filed_at: instant("2026-11-23T08:00:00Z"),
        accepted_on: Some(day("2026-11-24")),
        closed_on: None,
        matter_resolved_on: None,
        heart_resolved_on: None,
        double_resolved_on: None,
        head_count: 1,
        group_petition: false,
        anonymous: false,
        repeat_of: None,
        confidential: false,
        next_due_on: None,
        overdue: false,
        source_no: None,
        updated_at: instant("2026-11-23T08:00:00Z"),
        terminated_on: None,
    }
}
