//! A small municipality on a running server: its organs, and somebody for every part.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use chrono::{Days, NaiveDate, TimeDelta, TimeZone, Utc};
use daowei::app::App;
use daowei::identity::token::{Bearer, SessionId, hash_of};
use daowei::worker;
use domain::access::{Duty, Role};
use domain::id::{OfUser, OrganisationId, UserId};
use serde_json::Value;
use store::sessions::RefreshTokenRow;
use store::users::User;
use store::{StoreError, sessions, users};

use super::places::{CITY, COUNTY, GRID, NEXT_GRID, OTHER_COUNTY, Organs, TOWNSHIP, found};
use super::{Answered, Caller, Office, PASSWORD};

/// Somebody of the town, whose access token is always fresh, however the clock is moved.
pub struct Staff {
    pub user: UserId,
    app: Arc<App>,
    caller: Caller,
    session: SessionId,
}

impl Staff {
    /// The caller with a token of this moment.
    pub fn caller(&self) -> Caller {
        self.caller_who_showed(false)
    }

    /// As `caller`, after a sign-in with a second factor.
    pub fn caller_with_second_factor(&self) -> Caller {
        self.caller_who_showed(true)
    }

    fn caller_who_showed(&self, second_factor: bool) -> Caller {
        let bearer = Bearer { user: self.user, session: self.session, second_factor, single_sign_on: false };
        self.caller.with_token(&self.app.tokens.issue(bearer, self.app.clock.now()).unwrap())
    }

    /// The caller with a header on every request.
    pub fn with(&self, name: &str, value: &str) -> Caller {
        self.caller().with(name, value)
    }

    /// GET under `/api/v1`.
    pub async fn get(&self, path: &str) -> Answered {
        self.caller().get(path).await
    }

    /// POST under `/api/v1`.
    pub async fn post(&self, path: &str, body: Value) -> Answered {
        self.caller().post(path, body).await
    }

    /// Gives a command on a case.
    pub async fn act(&self, case: &Filed, command: &str, body: Value) -> Answered {
        self.post(&format!("/cases/{}/{command}", case.id), body).await
    }

    /// Reads the case.
    pub async fn sees(&self, case: &Filed) -> Value {
        self.get(&format!("{}?purpose=test", case.path())).await.ok().body
    }

    /// Files a petition.
    pub async fn files(&self, petition: Value) -> Filed {
        Filed::of(&self.post("/cases", petition).await.ok())
    }

    /// The clocks of the case that are of the kind, in the order of their starts.
    pub async fn clocks(&self, case: &Filed, kind: &str) -> Vec<Value> {
        let all = self.get(&format!("{}/deadlines?purpose=test", case.path())).await.ok();
        let items = all.body["items"].as_array().unwrap();
        items.iter().filter(|clock| clock["kind"] == kind).cloned().collect()
    }

    /// The one clock of the case that is of the kind.
    pub async fn clock(&self, case: &Filed, kind: &str) -> Value {
        let mut clocks = self.clocks(case, kind).await;
        assert_eq!(clocks.len(), 1, "{kind}: {clocks:?}");
        clocks.remove(0)
    }

    /// The entries of the case's journal that are of the kind.
    pub async fn told(&self, case: &Filed, event: &str) -> Vec<Value> {
        let all = self.get(&format!("{}/events?limit=200&purpose=test", case.path())).await.ok();
        let items = all.body["items"].as_array().unwrap();
        items.iter().filter(|entry| entry["kind"] == event).cloned().collect()
    }

    /// What `GET …/actions` says of the command.
    pub async fn action(&self, case: &Filed, command: &str) -> Value {
        let all = self.get(&format!("{}/actions?purpose=test", case.path())).await.ok();
        let items = all.body["items"].as_array().unwrap();
        items.iter().find(|action| action["command"] == command).unwrap().clone()
    }
}

/// A case that was filed, by what names it.
#[derive(Clone, Debug)]
pub struct Filed {
    pub id: String,
    pub case_no: String,
    pub query_code: String,
    /// What the filing was answered.
    pub answer: Value,
}

impl Filed {
    pub fn of(answered: &Answered) -> Self {
        let text = |name: &str| answered.body[name].as_str().unwrap().to_owned();
        Self {
            id: text("id"),
            case_no: text("case_no"),
            query_code: text("query_code"),
            answer: answered.body.clone(),
        }
    }

    /// Below `/api/v1`.
    pub fn path(&self) -> String {
        format!("/cases/{}", self.id)
    }
}

/// A municipality on a running server.
pub struct Town {
    pub office: Office,
    pub organs: Organs,
    pub grid: Staff,
    pub next_grid: Staff,
    /// The county's petition department: register, transfer, reply.
    pub clerk: Staff,
    pub visitor: Staff,
    /// Of the county's petition department, cleared for accusations.
    pub cleared_clerk: Staff,
    pub verifier: Staff,
    pub archivist: Staff,
    pub city_clerk: Staff,
    pub supervisor: Staff,
    /// The bureau: accept, and name handlers.
    pub registrar: Staff,
    pub handler: Staff,
    pub other_handler: Staff,
    pub examiner: Staff,
    pub head: Staff,
    /// May verify, and is of the unit whose work it would be.
    pub bureau_verifier: Staff,
    pub other_registrar: Staff,
    pub township_clerk: Staff,
    pub reviewer: Staff,
    pub re_reviewer: Staff,
    /// Of the county's government, and for all of the county.
    pub leader: Staff,
    /// Of the bureau.
    pub bureau_leader: Staff,
    pub discipline: Staff,
    pub city_discipline: Staff,
    /// Of the other county's petition department, with every duty.
    pub stranger: Staff,
    pub administrator: Staff,
    pub security: Staff,
    pub auditor: Staff,
}

impl Town {
    /// The town at nine on a working Monday, 2 March 2026.
    pub async fn open() -> Self {
        Self::open_with(&[]).await
    }

    /// As `open`, with further flags.
    pub async fn open_with(flags: &[&str]) -> Self {
        let unlimited = ["--public-rate=100000", "--evaluation-rate=100000"];
        let office = Office::open_with(&[&unlimited[..], flags].concat()).await;
        let organs = found(&office).await;
        let mut roll = Roll::new(&office);
        let town = enrolled(&mut roll, organs, office);
        roll.enter(&town.office.app).await;
        town
    }

    /// Stops the server.
    pub async fn close(self) {
        self.office.close().await;
    }

    /// Sets the clock to nine in the morning of the day, in the office's time zone.
    pub fn on(&self, day: &str) {
        let morning = day.parse::<NaiveDate>().unwrap().and_hms_opt(1, 0, 0).unwrap();
        self.office.clock.set(Utc.from_utc_datetime(&morning));
    }

    /// Moves the clock on.
    pub fn days_later(&self, days: i64) {
        self.office.clock.advance(TimeDelta::days(days));
    }

    /// The office's legal day.
    pub fn today(&self) -> NaiveDate {
        self.office.app.clock.today(self.office.app.settings.time_zone)
    }

    /// A day from today, as it is written.
    pub fn day(&self, days: i64) -> String {
        let today = self.today();
        let moved = match u64::try_from(days) {
            Ok(ahead) => today.checked_add_days(Days::new(ahead)),
            Err(_) => today.checked_sub_days(Days::new(days.unsigned_abs())),
        };
        moved.unwrap().to_string()
    }

    /// Somebody who only knows a query code.
    pub fn petitioner(&self) -> Caller {
        self.office.anyone()
    }

    /// What the petitioner sees.
    pub async fn progress(&self, case: &Filed) -> Value {
        self.petitioner().get(&format!("/public/cases/{}", case.query_code)).await.ok().body
    }

    /// Runs every job of the worker once.
    pub async fn work(&self) {
        worker::run_once(&self.office.app).await;
    }
}

fn enrolled(roll: &mut Roll, organs: Organs, office: Office) -> Town {
    use Duty as D;
    use Role::{Auditor, GridMember, Official, Reviewer, SecurityAdministrator, SystemAdministrator};
    let county = organs.county_petitions;
    let filing: &[Duty] = &[D::Register, D::VisitBack];
    Town {
        grid: roll.add("grid", organs.village, GridMember, Some(GRID), filing),
        next_grid: roll.add("next_grid", organs.village, GridMember, Some(NEXT_GRID), filing),
        clerk: roll.add("clerk", county, Official, Some(COUNTY), &[D::Register, D::Dispatch]),
        visitor: roll.add("visitor", county, Official, Some(COUNTY), &[D::VisitBack]),
        cleared_clerk: roll.add(
            "cleared_clerk",
            county,
            Official,
            Some(COUNTY),
            &[D::Register, D::Dispatch, D::Accusation],
        ),
        verifier: roll.add("verifier", county, Reviewer, Some(COUNTY), &[D::Verify]),
        archivist: roll.add("archivist", county, Official, Some(COUNTY), &[D::Archive]),
        city_clerk: roll.add(
            "city_clerk",
            organs.city_petitions,
            Official,
            Some(CITY),
            &[D::Register, D::Dispatch, D::Accusation],
        ),
        supervisor: roll.add("supervisor", organs.city_petitions, Reviewer, Some(CITY), &[D::Supervise]),
        registrar: roll.add("registrar", organs.bureau, Official, None, &[D::Accept, D::Dispatch]),
        handler: roll.add("handler", organs.bureau, Official, None, &[D::Handle]),
        other_handler: roll.add("other_handler", organs.bureau, Official, None, &[D::Handle]),
        examiner: roll.add("examiner", organs.bureau, Official, None, &[D::Examine]),
        head: roll.add("head", organs.bureau, Official, None, &[D::Sign, D::Handle]),
        bureau_verifier: roll.add("bureau_verifier", organs.bureau, Reviewer, Some(COUNTY), &[D::Verify]),
        other_registrar: roll.add(
            "other_registrar",
            organs.other_bureau,
            Official,
            None,
            &[D::Register, D::Accept, D::Dispatch, D::Handle],
        ),
        township_clerk: roll.add(
            "township_clerk",
            organs.township,
            Official,
            Some(TOWNSHIP),
            &[D::Register, D::Accept, D::Handle],
        ),
        reviewer: roll.add("reviewer", organs.county_government, Official, None, &[D::Review]),
        re_reviewer: roll.add("re_reviewer", organs.committee, Official, None, &[D::Review]),
        leader: roll.add("leader", organs.county_government, Official, Some(COUNTY), &[D::Lead]),
        bureau_leader: roll.add("bureau_leader", organs.bureau, Official, None, &[D::Lead]),
        discipline: roll.add("discipline", organs.discipline, Official, None, &[D::Accusation]),
        city_discipline: roll.add(
            "city_discipline",
            organs.city_discipline,
            Official,
            None,
            &[D::Accusation],
        ),
        stranger: roll.add(
            "stranger",
            organs.elsewhere,
            Official,
            Some(OTHER_COUNTY),
            <Duty as strum::VariantArray>::VARIANTS,
        ),
        administrator: roll.add("administrator", organs.city_government, SystemAdministrator, None, &[]),
        security: roll.add("security", organs.city_government, SecurityAdministrator, None, &[]),
        auditor: roll.add("auditor", organs.city_government, Auditor, None, &[]),
        organs,
        office,
    }
}

/// Those who are to be users, each with a session that stays open.
struct Roll {
    app: Arc<App>,
    anyone: Caller,
    rows: Vec<(User, RefreshTokenRow)>,
}

impl Roll {
    fn new(office: &Office) -> Self {
        Self { app: Arc::clone(&office.app), anyone: office.anyone(), rows: Vec::new() }
    }

    fn add(
        &mut self,
        username: &str,
        organisation: OrganisationId,
        role: Role,
        territory: Option<&str>,
        duties: &[Duty],
    ) -> Staff {
        let (user, session): (UserId, SessionId) = (self.app.ids.next::<OfUser>(), self.app.ids.next());
        let now = self.app.clock.now();
        let duties: BTreeSet<Duty> = duties.iter().copied().collect();
        let row = User {
            id: user.get(),
            username: username.to_owned(),
            display_name: username.to_owned(),
            password_hash: String::new(),
            role: role.as_ref().to_owned(),
            duties: duties.iter().map(|duty| duty.as_ref().to_owned()).collect(),
            organisation_id: organisation.get(),
            territory: territory.map(str::to_owned),
            active: true,
            created_at: now.into(),
            updated_at: now.into(),
            password_changed_at: now.into(),
        };
        let token = RefreshTokenRow {
            token_hash: hash_of(&username.into()),
            family_id: session.get(),
            user_id: user.get(),
            issued_at: now.into(),
            expires_at: (now + TimeDelta::days(36_500)).into(),
            used_at: None,
            revoked_at: None,
        };
        self.rows.push((row, token));
        Staff { user, app: Arc::clone(&self.app), caller: self.anyone.clone(), session }
    }

    /// Writes them down, all with the one password, which is hashed once a process.
    async fn enter(self, app: &App) {
        static HASHED: OnceLock<String> = OnceLock::new();
        if HASHED.get().is_none() {
            let hashed = app.passwords.hash(PASSWORD.into()).await.unwrap();
            HASHED.get_or_init(|| hashed);
        }
        let rows = self.rows;
        let entered = app.store.write(move |connection| {
            for (user, token) in &rows {
                let user = User { password_hash: HASHED.get().cloned().unwrap_or_default(), ..user.clone() };
                users::insert(connection, &user)?;
                sessions::insert(connection, token)?;
            }
            Ok::<_, StoreError>(())
        });
        entered.await.unwrap();
    }
}
