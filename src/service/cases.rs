//! The use cases on cases: file, command, read, list.

use std::sync::Arc;

use actix_web::web::Bytes;
use domain::access::{Actor, Role, Scope};
use domain::audit::AuditedAct;
use domain::case::{Case, Command, Recorded};
use domain::id::CaseId;
use domain::text::Line;
use store::case_list::{self, CaseFilter, CaseSort, Counted, Cursor, Page};
use store::{AnyConnection, StoreError};
use store::{case_journal, cases};

use super::audit::{self, Acted, Client};
use super::execute::{Circumstances, earlier_of, execute, load_known};
use super::known_cases::{KnownCase, Showing};
use super::repeatable::{KEPT_FOR_GRID_MEMBERS, KEPT_FOR_STAFF, repeatable};
use super::{ServiceError, filing};
use crate::app::App;
use crate::http::answer::{Answer, Kept};
use crate::http::cases::filing::FilingRequest;
use crate::http::cases::view::{CaseView, FilingReceipt, people_of, showing};
use crate::http::conditional::Expected;
use crate::http::idempotency::IdempotencyKey;
use crate::http::json::Fingerprint;
use crate::identity::SignedIn;
use domain::language::Language;

/// A change that a caller asks for, and how it may be repeated.
pub struct Call {
    /// Who asks.
    pub actor: Actor,
    /// Whose account it is, and from where.
    pub client: Client,
    /// The name under which the caller's idempotency keys are kept.
    pub caller_key: String,
    /// The caller's promise that requests with this key are one.
    pub key: Option<IdempotencyKey>,
    /// What identifies the request.
    pub fingerprint: Fingerprint,
    /// The version that the caller has seen.
    pub expected: Expected,
    /// The language of labels in the answer.
    pub language: Language,
}

impl Call {
    /// How long the answer is kept: grid members work offline for weeks.
    fn keep_for(&self) -> std::time::Duration {
        match self.actor.staff().map(|staff| staff.role) {
            Some(Role::GridMember) => KEPT_FOR_GRID_MEMBERS,
            _ => KEPT_FOR_STAFF,
        }
    }
}

/// Files a petition.
///
/// # Errors
/// As [`filing::file`] and [`repeatable`].
pub async fn file(app: &Arc<App>, call: Call, request: FilingRequest) -> Result<Answer, ServiceError> {
    let keep_for = call.keep_for();
    let Call { actor, caller_key, key, fingerprint, language, .. } = call;
    let inner = Arc::clone(app);
    let work = move |connection: &mut AnyConnection| {
        let circumstances = Circumstances::of(&inner, connection, &actor)?;
        circumstances.check_place(connection)?;
        let case = filing::file(connection, &circumstances, &request)?;
        let location = format!("/api/v1/cases/{}", case.id);
        let answer = if circumstances.may_know_of(&case) {
            let (petitioners, representatives) = (&request.petitioners, &request.representatives);
            // Whoever files it gives the petitioner the code.
            let showing = Showing { with_code: true, ..circumstances.showing(&case, language) };
            let view = CaseView::of_filing(&circumstances, &case, petitioners, representatives, showing);
            sparing(Answer::created(&view, location)?, &case, showing)?
        } else {
            Answer::created(&FilingReceipt::of(&case, true, language), location)?
        };
        Ok(answer.version(i64::from(case.version)))
    };
    repeatable(app, &caller_key, key, fingerprint, keep_for, work).await
}

/// Gives a command.
///
/// # Errors
/// As [`execute`] and [`repeatable`].
pub async fn command(
    app: &Arc<App>,
    call: Call,
    id: CaseId,
    command: Command,
) -> Result<Answer, ServiceError> {
    let keep_for = call.keep_for();
    let Call { actor, caller_key, client, key, fingerprint, expected, language, .. } = call;
    let inner = Arc::clone(app);
    let work = move |connection: &mut AnyConnection| {
        let circumstances = Circumstances::of(&inner, connection, &actor)?;
        circumstances.check_place(connection)?;
        let case = execute(connection, &circumstances, id, &expected, &command)?;
        if case.is_confidential() {
            // The answer shows it: that is a view like any other, and the command is what for.
            let seen = Acted::done(AuditedAct::ReadAccusation).for_command(id, command.kind());
            audit::record(connection, &inner, &client, &seen)?;
        }
        let showing = circumstances.showing(&case, language);
        let view = CaseView::of(connection, &circumstances, &case, showing)?;
        Ok(sparing(Answer::ok(&view)?, &case, showing)?.version(i64::from(case.version)))
    };
    repeatable(app, &caller_key, key, fingerprint, keep_for, work).await
}

/// What is kept for a replay: of an accusation only the receipt, of others the place in the journal.
fn sparing(answer: Answer, case: &Case, showing: Showing) -> Result<Answer, ServiceError> {
    if case.is_confidential() {
        return Ok(answer.keeping(&FilingReceipt::of(case, showing.with_code, showing.language))?);
    }
    Ok(Answer { kept: Kept::Case { id: case.id, version: case.version, showing }, ..answer })
}

/// Reads a case that the caller may know of and makes something of it.
///
/// # Errors
/// Unknown to the caller; what `make` answers.
pub async fn read<T: Send + 'static>(
    app: &Arc<App>,
    actor: Actor,
    id: CaseId,
    make: impl FnOnce(&mut AnyConnection, &Circumstances<'_>, &Case) -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    let inner = Arc::clone(app);
    app.store
        .read(move |connection| {
            let circumstances = Circumstances::of(&inner, connection, &actor)?;
            let case = load_known(connection, &circumstances, id)?;
            make(connection, &circumstances, &case)
        })
        .await
}

/// The case that the caller's request names, as it is now, from memory where it has not changed since it was read last.
///
/// # Errors
/// Unknown to the caller, or another than the request names.
pub async fn known(app: &Arc<App>, caller: &SignedIn, id: CaseId) -> Result<Arc<KnownCase>, ServiceError> {
    let version = caller.case.filter(|(named, _)| *named == id).ok_or(ServiceError::NotFound)?.1;
    let known = match app.known_cases.get(id, version) {
        Some(known) => known,
        None => match read_known(app, id).await {
            Err(ServiceError::Store(StoreError::Erased)) => {
                // That it was destroyed is told to those who might have read it.
                read(app, caller.actor(), id, |_, _, _| Ok(())).await?;
                return Err(StoreError::Erased.into());
            }
            known => known?,
        },
    };
    let scope = Scope::of(caller.staff(), &caller.office.directory);
    if scope.allows(&known.case) { Ok(known) } else { Err(ServiceError::NotFound) }
}

async fn read_known(app: &Arc<App>, id: CaseId) -> Result<Arc<KnownCase>, ServiceError> {
    let inner = Arc::clone(app);
    let read = app.store.read(move |connection| {
        let found = case_journal::load_case_of_size(connection, &inner.sealer, id)?;
        let (case, size) = found.ok_or(ServiceError::NotFound)?;
        let people = people_of(connection, &inner.sealer, &case)?;
        Ok::<_, ServiceError>(Arc::new(KnownCase::new(case, people, size)))
    });
    let known = read.await?;
    app.known_cases.keep(&known);
    Ok(known)
}

/// The case as JSON, as the caller sees it, and its version.
///
/// # Errors
/// Unknown to the caller.
pub async fn shown(
    app: &Arc<App>,
    caller: &SignedIn,
    id: CaseId,
    language: Language,
    seeing: Seeing,
) -> Result<(u32, Bytes), ServiceError> {
    let known = known(app, caller, id).await?;
    seeing.of(app, id, known.case.is_confidential()).await?;
    let showing = showing(&caller.actor(), &known.case, &caller.office, language);
    let body = known.shown(showing, caller.office.version, |known| {
        let view = CaseView::shown(&known.case, known.people.clone(), showing, &caller.office);
        serde_json::to_vec(&view).map(Bytes::from)
    })?;
    Ok((known.case.version, body))
}

/// As [`read`], and recorded where the case is an accusation.
///
/// # Errors
/// Unknown to the caller; what `make` answers; as [`Seeing::of`].
pub async fn see<T: Send + 'static>(
    app: &Arc<App>,
    actor: Actor,
    id: CaseId,
    seeing: Seeing,
    make: impl FnOnce(&mut AnyConnection, &Circumstances<'_>, &Case) -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    let made = read(app, actor, id, |connection, circumstances, case| {
        Ok((case.is_confidential(), make(connection, circumstances, case)?))
    });
    let (is_confidential, made) = made.await?;
    seeing.of(app, id, is_confidential).await?;
    Ok(made)
}

/// What is open to the caller on a case now.
///
/// # Errors
/// Unknown to the caller.
pub async fn actions(
    app: &Arc<App>,
    actor: Actor,
    id: CaseId,
    seeing: Seeing,
) -> Result<Vec<domain::case::Action>, ServiceError> {
    see(app, actor, id, seeing, |connection, circumstances, case| {
        let earlier = earlier_of(connection, case)?;
        Ok(domain::case::actions(case, &circumstances.context(earlier)))
    })
    .await
}

/// A page of a case's journal.
///
/// # Errors
/// Unknown to the actor.
pub async fn events(
    app: &Arc<App>,
    actor: Actor,
    id: CaseId,
    after: u32,
    limit: u32,
    seeing: Seeing,
) -> Result<Vec<Recorded>, ServiceError> {
    see(app, actor, id, seeing, move |connection, circumstances, _| {
        Ok(case_journal::events_page(connection, &circumstances.app.sealer, id, after, limit)?)
    })
    .await
}

/// Who looks at a case, and what for if they say so.
pub struct Seeing {
    /// Who.
    pub client: Client,
    /// What for.
    pub purpose: Option<Line>,
}

impl Seeing {
    /// Records it where the case is an accusation (Art. 30).
    ///
    /// # Errors
    /// No purpose is stated; what the database says. Nothing may be shown then.
    pub async fn of(self, app: &Arc<App>, id: CaseId, is_confidential: bool) -> Result<(), ServiceError> {
        if !is_confidential {
            return Ok(());
        }
        audit::viewing(app, self.client, AuditedAct::ReadAccusation, id, self.purpose.as_ref()).await
    }
}

/// Which page of cases is asked for.
pub struct PageAsked {
    /// What the list is narrowed to.
    pub filter: CaseFilter,
    /// Its order.
    pub sort: CaseSort,
    /// The place after which the page begins.
    pub after: Option<Cursor>,
    /// The most cases of a page.
    pub limit: i64,
    /// Whether all that match are counted.
    pub count: bool,
}

/// A page of the cases that the actor may know of, and their number where it is asked for.
///
/// # Errors
/// What the database says.
pub async fn list(
    app: &Arc<App>,
    caller_key: &str,
    actor: Actor,
    asked: PageAsked,
) -> Result<(Page, Option<Counted>), ServiceError> {
    let inner = Arc::clone(app);
    app.store
        .read_for(caller_key, move |connection| {
            let circumstances = Circumstances::of(&inner, connection, &actor)?;
            let Some(staff) = circumstances.actor.staff() else { return Err(ServiceError::NotFound) };
            let scope = Scope::of(staff, &circumstances.office.directory);
            let PageAsked { filter, sort, after, limit, count } = &asked;
            let page = case_list::list(connection, &scope, filter, *sort, after.as_ref(), *limit)?;
            let total = if *count { Some(case_list::count(connection, &scope, filter)?) } else { None };
            Ok((page, total))
        })
        .await
}

/// The case that the petitioner's code names.
///
/// # Errors
/// No case has the code.
pub fn id_of_query_code(connection: &mut AnyConnection, code: &str) -> Result<CaseId, ServiceError> {
    cases::find_by_query_code(connection, code)?.map(CaseId::new).ok_or(ServiceError::NotFound)
}
