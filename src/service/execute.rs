//! The one path of every change: load the case, decide, append to the journal and project, in one transaction. What the
//! clocks ask of many cases at once goes the same way together, in `worker/batch.rs`.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::access::{Actor, Scope, may_know_of};
use domain::case::content::RepeatCheck;
use domain::case::{Case, Command, Context, Earlier, Recorded, decide};
use domain::deadline::Rules;
use domain::id::CaseId;
use domain::language::Language;
use domain::refusal::{FieldCode, Refusal};
use store::{AnyConnection, StoreError, case_journal, case_list, cases, projection};

use super::ServiceError;
use super::delegations::place_of;
use super::known_cases::Showing;
use super::office::Office;
use crate::app::App;
use crate::http::cases::view::showing;
use crate::http::conditional::Expected;

/// What a decision needs to know besides the case: who, when, and under which directories and rules.
pub struct Circumstances<'a> {
    /// The application.
    pub app: &'a App,
    /// The directories as this transaction sees them.
    pub office: Arc<Office>,
    /// Who gives the command.
    pub actor: &'a Actor,
    /// The server's clock, UTC.
    pub now: DateTime<Utc>,
}

impl<'a> Circumstances<'a> {
    /// The circumstances of the connection's transaction.
    ///
    /// # Errors
    /// The directories cannot be read.
    pub fn of(app: &'a App, connection: &mut AnyConnection, actor: &'a Actor) -> Result<Self, ServiceError> {
        Ok(Self { app, office: app.offices.current(connection)?, actor, now: app.clock.now() })
    }

    /// That a deputy is still in the place in which the request was let in: its body may have taken its time.
    ///
    /// # Errors
    /// [`ServiceError::NotADeputy`]; what the database says.
    pub fn check_place(&self, connection: &mut AnyConnection) -> Result<(), ServiceError> {
        let Some((staff, deputy)) = self.actor.staff().and_then(|staff| Some((staff, staff.deputy?))) else {
            return Ok(());
        };
        let directory = &self.office.directory;
        let place = place_of(connection, directory, staff.user, deputy, self.now.into())?;
        if place.as_ref() == Some(staff) { Ok(()) } else { Err(ServiceError::NotADeputy) }
    }

    /// The same for another actor.
    pub fn as_actor<'b>(&'b self, actor: &'b Actor) -> Circumstances<'b> {
        Circumstances { app: self.app, office: Arc::clone(&self.office), actor, now: self.now }
    }

    /// The rules in force.
    pub fn rules(&self) -> &Rules {
        &self.app.settings.rules
    }

    /// What `decide` is given.
    pub fn context(&self, earlier: Option<Earlier>) -> Context<'_> {
        self.context_at(self.now, earlier)
    }

    /// What `decide` is given for something that happened at another time, as in an import.
    pub fn context_at(&self, happened_at: DateTime<Utc>, earlier: Option<Earlier>) -> Context<'_> {
        Context {
            now: happened_at,
            today: happened_at.with_timezone(&self.app.settings.time_zone).date_naive(),
            recorded_at: self.now,
            actor: self.actor,
            directory: &self.office.directory,
            calendar: &self.office.calendar,
            rules: self.rules(),
            earlier,
        }
    }

    /// How the case is shown to the actor.
    pub fn showing(&self, case: &Case, language: Language) -> Showing {
        showing(self.actor, case, &self.office, language)
    }

    /// The case that was loaded, where there is one. That what it said was destroyed is told to those who might have read it.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] where there is none; [`StoreError::Erased`]; what the database says.
    fn loaded(
        &self,
        connection: &mut AnyConnection,
        id: CaseId,
        loaded: Result<Option<Case>, StoreError>,
    ) -> Result<Case, ServiceError> {
        match (loaded, self.actor) {
            (Err(StoreError::Erased), Actor::Staff(staff)) => {
                let scope = Scope::of(staff, &self.office.directory);
                let is_known = case_list::has(connection, &scope, id)?;
                Err(if is_known { StoreError::Erased.into() } else { ServiceError::NotFound })
            }
            (loaded, _) => loaded?.ok_or(ServiceError::NotFound),
        }
    }

    /// Whether the actor may know of the case.
    pub fn may_know_of(&self, case: &Case) -> bool {
        may_know_of(self.actor, case, &self.office.directory)
    }
}

/// The case, if there is one that the actor may know of.
///
/// # Errors
/// [`ServiceError::NotFound`] where there is none, or none for this actor; [`StoreError::Erased`].
pub fn load_known(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    id: CaseId,
) -> Result<Case, ServiceError> {
    let case = case_journal::load_case(connection, &circumstances.app.sealer, id);
    let case = circumstances.loaded(connection, id, case)?;
    if circumstances.may_know_of(&case) { Ok(case) } else { Err(ServiceError::NotFound) }
}

/// Where the confirmed earlier case of the same matter stands now.
///
/// # Errors
/// The earlier case cannot be read.
pub fn earlier_of(connection: &mut AnyConnection, case: &Case) -> Result<Option<Earlier>, ServiceError> {
    let Some(earlier) = case.repeat_check.as_ref().and_then(|check| check.repeat_of) else {
        return Ok(None);
    };
    let Some(found) = cases::find(connection, earlier.get())? else { return Ok(None) };
    Ok(Some(Earlier { status: found.status()?, terminated: found.terminated_on.is_some() }))
}

/// Carries a command out.
///
/// # Errors
/// Unknown to the actor; another version than expected; the domain's refusal.
pub fn execute(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    id: CaseId,
    expected: &Expected,
    command: &Command,
) -> Result<Case, ServiceError> {
    if let Command::ConfirmRepeat(RepeatCheck { repeat_of: Some(first), .. }) = command
        && *first < id
    {
        // Both are changed, and everybody locks cases in the order of their identifiers.
        case_journal::lock(connection, *first)?;
    }
    let case = case_journal::load_case_to_change(connection, &circumstances.app.sealer, id);
    let case = circumstances.loaded(connection, id, case)?;
    if !circumstances.may_know_of(&case) {
        return Err(ServiceError::NotFound);
    }
    if !expected.is_met_by(i64::from(case.version)) {
        return Err(ServiceError::VersionLost);
    }
    if let Command::ConfirmRepeat(check) = command {
        check_repeat(connection, circumstances, &case, check)?;
    }
    let earlier = earlier_of(connection, &case)?;
    let events = decide(&case, command, &circumstances.context(earlier))?;
    let after = record(connection, circumstances, &case, &events)?;
    let noted = case.repeat_check.as_ref().and_then(|check| check.repeat_of);
    if let Command::ConfirmRepeat(RepeatCheck { repeat_of: Some(first), .. }) = command
        && noted != Some(*first)
    {
        let system = circumstances.as_actor(&Actor::System);
        execute(connection, &system, *first, &Expected::Any, &Command::NoteRepeat(id))?;
    }
    Ok(after)
}

/// Appends events to a case's journal and projects the change.
///
/// # Errors
/// The version has moved on; what the database says.
pub fn record(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    case: &Case,
    events: &[Recorded],
) -> Result<Case, ServiceError> {
    if events.is_empty() {
        return Ok(case.clone());
    }
    let after = case.advanced(events);
    let app = circumstances.app;
    let sealing = after.is_confidential().then_some(&*app.sealer);
    case_journal::append(connection, sealing, case.id, case.version, events, &mut || app.ids.next_number())?;
    projection::project(connection, Some(case), &after, circumstances.rules(), circumstances.now)?;
    Ok(after)
}

/// The earlier case must be one that the caller may know of, another than this, and filed before it.
fn check_repeat(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    case: &Case,
    check: &RepeatCheck,
) -> Result<(), ServiceError> {
    let Some(first) = check.repeat_of else { return Ok(()) };
    let offered = case.filing.possible_repeats.iter().any(|possible| possible.case == first);
    let found = match case_journal::load_case(connection, &circumstances.app.sealer, first) {
        Err(StoreError::Erased) => None,
        found => found?,
    };
    let found = found
        .filter(|earlier| offered || circumstances.may_know_of(earlier))
        .filter(|earlier| earlier.id < case.id && earlier.track == case.track);
    if found.is_none() {
        return Err(Refusal::field("/repeat_of", FieldCode::UnknownCase).into());
    }
    Ok(())
}
