//! Where the demonstration's stories are played: real commands by real users, each at its time in the past.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::access::Actor;
use domain::case::{Case, Command};
use domain::id::{CaseId, OrganisationId, UserId};
use domain::refusal::Refusal;
use domain::text::Text;
use store::AnyConnection;

use super::organs::OrganIds;
use super::petition::Petition;
use crate::app::App;
use crate::http::conditional::Expected;
use crate::service::execute::{Circumstances, execute};
use crate::service::office::Office;
use crate::service::{ServiceError, filing};

/// The name under which a story lets the petitioner act.
pub const PETITIONER: &str = "petitioner";
/// When an office's day begins, in minutes after midnight.
const OFFICE_OPENS: i64 = 9 * 60;
/// What passes between two steps of one day, in minutes.
const STEP: i64 = 10;

/// The municipality in which the stories happen.
pub struct Stage<'a> {
    /// The application.
    pub app: &'a App,
    /// The transaction in which all of it is written.
    pub connection: &'a mut AnyConnection,
    /// The directories, as the transaction has written them.
    pub office: Arc<Office>,
    /// Identifiers of the organs by their keys.
    pub organs: &'a OrganIds,
    /// Identifiers of the users by their names.
    pub users: &'a HashMap<String, UserId>,
    /// The present, UTC.
    pub now: DateTime<Utc>,
    /// Cases that later stories come back to, by the name that their story gave them.
    pub remembered: HashMap<&'static str, CaseId>,
    /// How many documents have been numbered.
    documents: u32,
}

impl<'a> Stage<'a> {
    /// Sets the stage.
    pub fn new(
        app: &'a App,
        connection: &'a mut AnyConnection,
        office: Arc<Office>,
        organs: &'a OrganIds,
        users: &'a HashMap<String, UserId>,
        now: DateTime<Utc>,
    ) -> Self {
        Self { app, connection, office, organs, users, now, remembered: HashMap::new(), documents: 0 }
    }

    /// The organ with the key.
    ///
    /// # Errors
    /// There is none.
    pub fn organ(&self, key: &str) -> anyhow::Result<OrganisationId> {
        self.organs.get(key).copied().with_context(|| format!("the demonstration has no organ {key}"))
    }

    /// The user with the name.
    ///
    /// # Errors
    /// There is none.
    pub fn user(&self, username: &str) -> anyhow::Result<UserId> {
        self.users.get(username).copied().with_context(|| format!("the demonstration has no user {username}"))
    }

    /// The case that an earlier story told of.
    ///
    /// # Errors
    /// None has that name.
    pub fn recalled(&self, name: &str) -> anyhow::Result<CaseId> {
        self.remembered.get(name).copied().with_context(|| format!("no story has told of {name}"))
    }

    fn actor(&self, who: &str) -> anyhow::Result<Actor> {
        if who == PETITIONER {
            return Ok(Actor::Petitioner);
        }
        let staff = self.office.directory.staff(self.user(who)?);
        Ok(Actor::Staff(staff.with_context(|| format!("{who} is not in the directory"))?.clone()))
    }

    /// The present's legal day, less so many days.
    fn day(&self, days_ago: u64) -> anyhow::Result<NaiveDate> {
        let today = self.now.with_timezone(&self.app.settings.time_zone).date_naive();
        today.checked_sub_days(Days::new(days_ago)).context("a day before the calendar")
    }

    fn instant(&self, days_ago: u64, minutes: i64) -> anyhow::Result<DateTime<Utc>> {
        let midnight = self.day(days_ago)?.and_time(chrono::NaiveTime::MIN);
        let local = midnight.and_local_timezone(self.app.settings.time_zone).single();
        let midnight = local.context("a midnight that is not")?.to_utc();
        Ok(midnight + TimeDelta::minutes(minutes))
    }

    /// Files a petition so many days ago, at least one: then every step of the day has passed.
    ///
    /// # Errors
    /// The petition is refused.
    pub fn file(&mut self, days_ago: u64, who: &str, petition: &Petition) -> anyhow::Result<Story<'_, 'a>> {
        let about = petition.subject;
        let request = petition.request(self)?;
        let actor = self.actor(who)?;
        let now = self.instant(days_ago, OFFICE_OPENS)?;
        let circumstances =
            Circumstances { app: self.app, office: Arc::clone(&self.office), actor: &actor, now };
        let case = filing::file(self.connection, &circumstances, &request)
            .map_err(|error| told(error, &format!("{who} files {about}")))?;
        let county = if petition.region.starts_with("990122") { "county2" } else { "county1" };
        let minutes = OFFICE_OPENS + STEP;
        Ok(Story { stage: self, id: case.id, about, county, organ: String::new(), days_ago, minutes })
    }

    /// The next number of a document, as in `临人社信〔2026〕7号`.
    pub fn document_no(&mut self, of: &str, year: i32) -> String {
        self.documents += 1;
        format!("{of}〔{year}〕{}号", self.documents)
    }
}

/// One case on its way.
pub struct Story<'s, 'a> {
    /// The municipality.
    pub stage: &'s mut Stage<'a>,
    /// The case.
    pub id: CaseId,
    about: &'static str,
    /// The key of the county in which the problem lies.
    pub county: &'static str,
    /// The key of the organ that handles the case, once one does.
    pub organ: String,
    days_ago: u64,
    minutes: i64,
}

impl Story<'_, '_> {
    /// Keeps the case for later stories.
    pub fn remember(&mut self, name: &'static str) {
        self.stage.remembered.insert(name, self.id);
    }

    /// Lets days pass. The worker would have swept the deadlines every minute of them; here once is the same.
    ///
    /// # Errors
    /// The story reaches today, whose hours may not have come yet.
    pub fn later(&mut self, days: u64) -> anyhow::Result<&mut Self> {
        let left = self.days_ago.checked_sub(days).filter(|left| *left > 0);
        self.days_ago = left.with_context(|| format!("{}: the story runs into the future", self.about))?;
        self.minutes = OFFICE_OPENS;
        self.give(&Actor::System, "the worker", &Command::Sweep)?;
        Ok(self)
    }

    /// The story's day in the office's time zone.
    ///
    /// # Errors
    /// A day before the calendar.
    pub fn today(&self) -> anyhow::Result<NaiveDate> {
        self.stage.day(self.days_ago)
    }

    /// The story's day and so many days more.
    ///
    /// # Errors
    /// A day after the calendar.
    pub fn in_days(&self, days: u64) -> anyhow::Result<NaiveDate> {
        self.today()?.checked_add_days(Days::new(days)).context("a day after the calendar")
    }

    /// Gives a command as the user of that name, or as the petitioner.
    ///
    /// # Errors
    /// There is no such user, or the command is refused.
    pub fn step(&mut self, who: &str, command: &Command) -> anyhow::Result<&mut Self> {
        let actor = self.stage.actor(who)?;
        self.give(&actor, who, command)?;
        Ok(self)
    }

    /// Lets the hours of the day pass up to so many minutes after midnight.
    pub fn until(&mut self, minutes: i64) {
        self.minutes = self.minutes.max(minutes);
    }

    /// What the user of that name does in the office besides commands on the case.
    ///
    /// # Errors
    /// There is no such user, or it is refused.
    pub fn at_the_office<T>(
        &mut self,
        who: &str,
        what: &str,
        work: impl FnOnce(&mut AnyConnection, &Circumstances<'_>) -> Result<T, ServiceError>,
    ) -> anyhow::Result<T> {
        let actor = self.stage.actor(who)?;
        let now = self.stage.instant(self.days_ago, self.minutes)?;
        self.minutes += STEP;
        let office = Arc::clone(&self.stage.office);
        let circumstances = Circumstances { app: self.stage.app, office, actor: &actor, now };
        work(self.stage.connection, &circumstances)
            .map_err(|error| told(error, &format!("{who} {what} in {}", self.about)))
    }

    fn give(&mut self, actor: &Actor, who: &str, command: &Command) -> anyhow::Result<Case> {
        let now = self.stage.instant(self.days_ago, self.minutes)?;
        self.minutes += STEP;
        let circumstances =
            Circumstances { app: self.stage.app, office: Arc::clone(&self.stage.office), actor, now };
        let kind = command.kind();
        execute(self.stage.connection, &circumstances, self.id, &Expected::Any, command)
            .map_err(|error| told(error, &format!("{who} gives {kind} in {}", self.about)))
    }
}

/// What was refused and why, for whoever changes a story.
fn told(error: ServiceError, what: &str) -> anyhow::Error {
    match error {
        ServiceError::Refused(Refusal { code, fields, .. }) => {
            anyhow::anyhow!("the demonstration: {what}: refused as {code:?} {fields:?}")
        }
        other => anyhow::Error::new(other).context(format!("the demonstration: {what}")),
    }
}

/// Words of a story as a field takes them.
///
/// # Errors
/// They are blank or too long.
pub fn words<const MOST: usize>(text: &str) -> anyhow::Result<Text<MOST>> {
    Text::parse(text).with_context(|| format!("the demonstration's words {text:?}"))
}
