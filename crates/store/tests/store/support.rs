//! A store in a directory of its own, and the rows that most tests need.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::connection::SimpleConnection;
use domain::access::Knowable;
use domain::case::Case;
use domain::id::{OrganisationId, PersonId, UserId};
use domain::region::RegionCode;
use store::cases::CaseRow;
use store::connection::{self, Purpose};
use store::journal::NewEvent;
use store::keys::KeyRing;
use store::organisations::OrganisationRow;
use store::projection::Projection;
use store::regions::RegionRow;
use store::sealing::Sealer;
use store::users::User;
use store::{AnyConnection, Instant, Store, StoreError, StoreOptions};
use test_database::{Engine, TestDatabase};

use crate::ENGINE;

/// How many random worlds a property is tried on: the same code runs on both engines, and a server is slower.
pub const WORLDS: u32 = match ENGINE {
    Engine::Sqlite => 24,
    Engine::Postgres => 8,
};

pub struct TestStore {
    pub store: Store,
    pub database: TestDatabase,
}

pub fn fresh() -> TestStore {
    fresh_with(StoreOptions { readers: 2, ..StoreOptions::default() })
}

pub fn fresh_with(options: StoreOptions) -> TestStore {
    let database = TestDatabase::migrated(ENGINE);
    let store = Store::open(&database.address(), &options).unwrap();
    TestStore { store, database }
}

/// A bare connection to a fresh database without any table.
pub fn empty_database() -> (TestDatabase, AnyConnection) {
    connected(TestDatabase::empty(ENGINE))
}

/// A bare connection to a fresh database with its tables.
pub fn migrated() -> (TestDatabase, AnyConnection) {
    connected(TestDatabase::migrated(ENGINE))
}

fn connected(database: TestDatabase) -> (TestDatabase, AnyConnection) {
    let mut connection = connection::open(&database.address(), Purpose::Write).unwrap();
    if let AnyConnection::Sqlite(sqlite) = &mut connection {
        // Nothing that is written here is worth a wait for the disk.
        sqlite.batch_execute("PRAGMA synchronous = OFF").unwrap();
    }
    (database, connection)
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
        received_by: 10,
        supervision: None,
        repeat_count: 0,
    }
}

/// What decides who may know of a case, as the SQL of a scope finds it in the rows.
#[derive(Debug, PartialEq)]
pub struct AccessFacts {
    region: RegionCode,
    registered_by: Option<UserId>,
    organisations: HashSet<OrganisationId>,
    users: HashSet<UserId>,
    barred: HashSet<UserId>,
    confidential: bool,
}

impl AccessFacts {
    pub fn in_rows(rows: &Projection) -> Self {
        let users = |barred: bool| {
            let rows = rows.users.iter().filter(move |row| (row.part == "accused") == barred);
            rows.map(|row| UserId::new(row.user_id)).collect()
        };
        let organisations = rows.organisations.iter().map(|row| OrganisationId::new(row.organisation_id));
        Self {
            region: rows.case.attribution_region.parse().unwrap(),
            registered_by: rows.case.registered_by.map(UserId::new),
            organisations: organisations.collect(),
            users: users(false),
            barred: users(true),
            confidential: rows.case.confidential,
        }
    }

    pub fn of(case: &Case) -> Self {
        Self {
            region: case.filing.region.clone(),
            registered_by: case.registered_by,
            organisations: case.organisations().collect(),
            users: case.users().collect(),
            barred: case.barred_users().collect(),
            confidential: case.is_confidential(),
        }
    }
}

impl Knowable for AccessFacts {
    fn region(&self) -> &RegionCode {
        &self.region
    }

    fn registered_by(&self) -> Option<UserId> {
        self.registered_by
    }

    fn involves(&self, organisation: OrganisationId) -> bool {
        self.organisations.contains(&organisation)
    }

    fn is_handled_by(&self, user: UserId) -> bool {
        self.users.contains(&user)
    }

    fn is_kept_from(&self, user: UserId) -> bool {
        self.barred.contains(&user)
    }

    fn is_confidential(&self) -> bool {
        self.confidential
    }
}
