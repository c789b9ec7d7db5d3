//! The harness: one server and one temporary database a test, and callers that read well.

mod answer;
mod authenticator;
pub mod books;
mod caller;
mod installation;
pub mod log_watch;
pub mod operations;
pub mod papers;
pub mod places;
mod process;
pub mod provider;
pub mod small_disk;
mod stages;
mod town;

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use clap::Parser;
use daowei::app::App;
use daowei::clock::{Clock, ManualClock};
use daowei::config::keys::Keys;
use daowei::config::{Given, Settings};
use daowei::server::{self, Running};
use domain::access::{Duty, Role};
use domain::id::{OfOrganisation, OfUser, OrganisationId};
use domain::organisation::{OrganisationKind, OrganisationLevel};
use store::organisations::OrganisationRow;
use store::regions::RegionRow;
use store::users::User;
use store::{StoreError, organisations, regions, users};

pub use answer::Answered;
pub use authenticator::Authenticator;
pub use caller::Caller;
pub use installation::Installation;
pub use process::Process;
pub use stages::MEASURES;
pub use town::{Filed, Staff, Town};

/// The password of every user that a test makes.
pub const PASSWORD: &str = "correct horse battery staple";
/// The region of the test's organisation.
pub const REGION: &str = "330102000000";

/// A request that has no answer by then fails its test.
const LONGEST_ANSWER: Duration = Duration::from_secs(60);

#[derive(Parser)]
#[command(args_override_self = true)]
struct Line {
    #[command(flatten)]
    given: Given,
}

/// A running server with a database that holds the reference data and one organisation.
pub struct Office {
    /// The application, for what HTTP does not show.
    pub app: Arc<App>,
    /// Moves the server's clock.
    pub clock: ManualClock,
    /// The organisation that users belong to.
    pub organisation: OrganisationId,
    url: String,
    client: reqwest::Client,
    running: Option<Running>,
    /// Where its data are.
    pub installation: Installation,
}

impl Office {
    /// Starts a server at nine on a working Monday in Hangzhou.
    pub async fn open() -> Self {
        Self::open_with(&[]).await
    }

    /// As `open`, with further flags.
    pub async fn open_with(flags: &[&str]) -> Self {
        log_watch::begin();
        let installation = Installation::seeded();
        let (data, database) = (installation.data().to_str().unwrap(), installation.database_url());
        let places = ["--data", data, "--database-url", database];
        let standing = ["daowei", "--listen=127.0.0.1:0", "--workers=1", "--sign-in-rate=10000", "--second-factor-for=none"];
        let line = Line::parse_from(standing.iter().chain(&places).chain(flags));
        let settings = Settings::check(&line.given).unwrap();
        let (keys, _) = Keys::load_or_make(&settings).unwrap();
        let morning: DateTime<Utc> = "2026-03-02T01:00:00Z".parse().unwrap();
        let (clock, hand) = Clock::manual(morning);
        let listener = TcpListener::bind(settings.listen).unwrap();
        let app = Arc::new(App::build_to_serve(settings, &keys, clock).unwrap());
        let organisation = found_office(&app).await;
        let running = server::start(Arc::clone(&app), listener).unwrap();
        let url = format!("http://{}", running.address);
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // Whatever fails, nobody waits for an answer for ever.
            .timeout(LONGEST_ANSWER)
            .build()
            .unwrap();
        Self { app, clock: hand, organisation, url, client, running: Some(running), installation }
    }

    /// Stops the server as SIGTERM would.
    pub async fn close(mut self) {
        self.running.take().unwrap().stop().await.unwrap();
    }

    /// Stops the server and leaves its data.
    pub async fn into_installation(mut self) -> Installation {
        self.running.take().unwrap().stop().await.unwrap();
        self.installation
    }

    /// What the server runs on.
    pub fn installation(&self) -> &Installation {
        &self.installation
    }

    /// Somebody who has not signed in.
    pub fn anyone(&self) -> Caller {
        Caller::new(self.client.clone(), self.url.clone())
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.running.as_ref().unwrap().address
    }

    /// Adds a user of the organisation, without signing in.
    pub async fn add_user(&self, username: &str, role: Role, duties: &[Duty]) {
        let now = self.app.clock.now().into();
        let duties: BTreeSet<Duty> = duties.iter().copied().collect();
        let user = User {
            id: self.app.ids.next::<OfUser>().get(),
            username: username.to_owned(),
            display_name: username.to_owned(),
            password_hash: self.app.passwords.hash(PASSWORD.into()).await.unwrap(),
            role: role.as_ref().to_owned(),
            duties: duties.iter().map(|duty| duty.as_ref().to_owned()).collect(),
            organisation_id: self.organisation.get(),
            territory: None,
            active: true,
            created_at: now,
            updated_at: now,
            password_changed_at: now,
        };
        self.app.store.write(move |connection| users::insert(connection, &user)).await.unwrap();
    }

    /// Signs in; the caller then carries the token.
    pub async fn sign_in(&self, username: &str) -> Caller {
        self.anyone().signed_in(username, PASSWORD).await
    }

    /// Adds a user and signs in.
    pub async fn staff(&self, username: &str, role: Role, duties: &[Duty]) -> Caller {
        self.add_user(username, role, duties).await;
        self.sign_in(username).await
    }

    /// Changes an account behind the API's back, as an administrator would.
    pub async fn change_user(&self, username: &str, change: impl Fn(&mut User) + Send + 'static) {
        let username = username.to_owned();
        let changed = self.app.store.write(move |connection| {
            let mut user = users::find_by_username(connection, &username)?.ok_or(StoreError::NotFound)?;
            change(&mut user);
            users::update(connection, &user)
        });
        changed.await.unwrap();
    }
}

async fn found_office(app: &App) -> OrganisationId {
    let id = app.ids.next::<OfOrganisation>();
    let region = RegionRow {
        code: REGION.to_owned(),
        name: "上城区".to_owned(),
        level: "county".to_owned(),
        parent_code: None,
        valid_from: NaiveDate::from_ymd_opt(1949, 10, 1).unwrap(),
        valid_to: None,
        successor_code: None,
    };
    let office = OrganisationRow {
        id: id.get(),
        name: "上城区信访局".to_owned(),
        kind: OrganisationKind::PetitionDepartment.as_ref().to_owned(),
        level: OrganisationLevel::County.as_ref().to_owned(),
        region_code: REGION.to_owned(),
        superior_id: None,
        active: true,
    };
    let founded = app.store.write(move |connection| {
        regions::insert(connection, &region)?;
        organisations::insert(connection, &office)
    });
    founded.await.unwrap();
    id
}
