//! Sessions in which leaders receive visits: planned, published, booked, held.

mod briefing;
pub mod norms;
mod work;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::Days;
use domain::access::{Actor, Scope};
use domain::id::{OrganisationId, ReceptionId};
use domain::language::Language;
use domain::organisation::Directory;
use domain::reception::content::{BookingRequest, LeaderSwap, ReceptionPlan};
use domain::reception::{Reception, ReceptionAction, ReceptionCommand, ReceptionRecorded, actions};
use domain::refusal::{Refusal, RefusalCode};
use store::checkpoints::{self, Proof};
use store::reception_list::{self, ReceptionFilter, ReceptionPlace};
use store::receptions::ReceptionRow;
use store::{AnyConnection, case_journal, case_list, reception_journal, users};

pub use self::briefing::{briefing, work_list};
pub use self::work::{book, give, last_booked_in, plan, receive};
use super::ServiceError;
use super::cases::{Call, id_of_query_code};
use super::execute::Circumstances;
use super::repeatable::{KEPT_FOR_GRID_MEMBERS, KEPT_FOR_STAFF, is_kept, repeatable};
use crate::app::App;
use crate::http::answer::Answer;
use crate::http::conditional::Expected;
use crate::http::public::Progress;
use crate::http::receptions::view::{KnownBookings, KnownCases, ReceptionView};
use crate::http::receptions::visits::{VisitReceipt, VisitRequest};

/// So many days after a session who lost a place in it is still listed as to be told.
const DAYS_TO_BE_TOLD: u64 = 30;

/// Makes a session as planned.
///
/// # Errors
/// The domain's refusal; as [`repeatable`].
pub async fn make(app: &Arc<App>, call: Call, wanted: ReceptionPlan) -> Result<Answer, ServiceError> {
    let language = call.language;
    change(app, call, move |connection, circumstances, _| {
        let reception = plan(connection, circumstances, &wanted)?;
        let view = shown(connection, circumstances, &reception, language)?;
        let answer = Answer::created(&view, format!("/api/v1/receptions/{}", reception.id))?;
        Ok(answer.version(i64::from(reception.version)))
    })
    .await
}

/// Gives a command on a session, all but a booking, a visit and a swap.
///
/// # Errors
/// Unknown to the caller; another version than expected; the domain's refusal; as [`repeatable`].
pub async fn command(
    app: &Arc<App>,
    call: Call,
    id: ReceptionId,
    command: ReceptionCommand,
) -> Result<Answer, ServiceError> {
    let language = call.language;
    change(app, call, move |connection, circumstances, expected| {
        let after = give(connection, circumstances, (id, expected), &command)?;
        answered(connection, circumstances, &after, language)
    })
    .await
}

/// Swaps the leaders of two sessions.
///
/// # Errors
/// As [`command`].
pub async fn swap(
    app: &Arc<App>,
    call: Call,
    id: ReceptionId,
    swap: LeaderSwap,
) -> Result<Answer, ServiceError> {
    let language = call.language;
    change(app, call, move |connection, circumstances, expected| {
        let after = work::swap(connection, circumstances, (id, expected), &swap)?;
        answered(connection, circumstances, &after, language)
    })
    .await
}

/// Books a matter for a petitioner.
///
/// # Errors
/// As [`command`]; a case that the caller may not know of.
pub async fn book_for(
    app: &Arc<App>,
    call: Call,
    id: ReceptionId,
    request: BookingRequest,
) -> Result<Answer, ServiceError> {
    let (language, asked) = (call.language, request.clone());
    expect_possible(app, &call, move |connection, circumstances| {
        work::may_book(connection, circumstances, id, &asked)
    })
    .await?;
    change(app, call, move |connection, circumstances, expected| {
        let after = book(connection, circumstances, (id, expected), &request)?;
        answered(connection, circumstances, &after, language)
    })
    .await
}

/// Books the petitioner's own matter.
///
/// # Errors
/// No case has the code; the domain's refusal; as [`repeatable`].
pub async fn book_by_code(
    app: &Arc<App>,
    call: Call,
    code: String,
    id: ReceptionId,
) -> Result<Answer, ServiceError> {
    let (language, asked) = (call.language, code.clone());
    expect_possible(app, &call, move |connection, circumstances| {
        let request = BookingRequest { case: id_of_query_code(connection, &asked)?, note: None };
        work::may_book(connection, circumstances, id, &request)
    })
    .await?;
    change(app, call, move |connection, circumstances, _| {
        let request = BookingRequest { case: id_of_query_code(connection, &code)?, note: None };
        book(connection, circumstances, (id, &Expected::Any), &request)?;
        progress(connection, circumstances, &code, language)
    })
    .await
}

/// Cancels the live booking of the petitioner's own matter.
///
/// # Errors
/// No case has the code; it has no live booking; the domain's refusal; as [`repeatable`].
pub async fn cancel_by_code(app: &Arc<App>, call: Call, code: String) -> Result<Answer, ServiceError> {
    let language = call.language;
    change(app, call, move |connection, circumstances, _| {
        let case = id_of_query_code(connection, &code)?;
        work::cancel_own(connection, circumstances, case)?;
        progress(connection, circumstances, &code, language)
    })
    .await
}

/// Receives a visit.
///
/// # Errors
/// As [`command`]; what the case refuses.
pub async fn receive_visit(
    app: &Arc<App>,
    call: Call,
    id: ReceptionId,
    visit: VisitRequest,
) -> Result<Answer, ServiceError> {
    let language = call.language;
    change(app, call, move |connection, circumstances, expected| {
        let received = receive(connection, circumstances, (id, expected), &visit)?;
        let view = shown(connection, circumstances, &received.reception, language)?;
        let case = &received.case;
        // Whoever files it gives the petitioner the code.
        let code = received.filed.then(|| case.filing.query_code.clone());
        let receipt = VisitReceipt::of(case, code, visit.instruction.is_some(), view);
        let answer = Answer::created(&receipt, format!("/api/v1/cases/{}", case.id))?;
        Ok(answer.version(i64::from(received.reception.version)))
    })
    .await
}

/// Does the work in one transaction that is safe to repeat.
async fn change(
    app: &Arc<App>,
    call: Call,
    work: impl Fn(&mut AnyConnection, &Circumstances<'_>, &Expected) -> Result<Answer, ServiceError>
    + Send
    + 'static,
) -> Result<Answer, ServiceError> {
    let Call { actor, caller_key, key, fingerprint, expected, .. } = call;
    // As long as a phone may be offline: a petitioner's is no better connected than a grid member's.
    let keep_for = if actor.staff().is_some() { KEPT_FOR_STAFF } else { KEPT_FOR_GRID_MEMBERS };
    let inner = Arc::clone(app);
    let once = move |connection: &mut AnyConnection| {
        let circumstances = Circumstances::of(&inner, connection, &actor)?;
        work(connection, &circumstances, &expected)
    };
    repeatable(app, &caller_key, key, fingerprint, keep_for, once).await
}

/// Asks without writing: of the thousands who may come at once most find the session full, and none of them waits for those who
/// write. A refusal may come of what the same request did before it was repeated: then what was answered is answered again.
async fn expect_possible(
    app: &Arc<App>,
    call: &Call,
    ask: impl Fn(&mut AnyConnection, &Circumstances<'_>) -> Result<(), ServiceError> + Send + 'static,
) -> Result<(), ServiceError> {
    let (inner, actor) = (Arc::clone(app), call.actor.clone());
    let asked = move |connection: &mut AnyConnection| {
        let circumstances = Circumstances::of(&inner, connection, &actor)?;
        ask(connection, &circumstances)
    };
    match app.store.read(asked).await {
        Err(refused) if is_kept(app, &call.caller_key, call.key.as_ref()).await? => {
            drop(refused);
            Ok(())
        }
        answered => answered,
    }
}

fn progress(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    code: &str,
    language: Language,
) -> Result<Answer, ServiceError> {
    let id = id_of_query_code(connection, code)?;
    let case = case_journal::load_case(connection, &circumstances.app.sealer, id)?;
    let case = case.ok_or(ServiceError::NotFound)?;
    let progress = Progress::of(connection, circumstances, &case, language)?;
    Ok(Answer::ok(&progress)?.version(i64::from(case.version)))
}

fn answered(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    reception: &Reception,
    language: Language,
) -> Result<Answer, ServiceError> {
    let view = shown(connection, circumstances, reception, language)?;
    Ok(Answer::ok(&view)?.version(i64::from(reception.version)))
}

/// The session as the actor may see it: who is booked only to those who arrange it, and of these each only the cases that they
/// may know of.
fn shown(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    reception: &Reception,
    language: Language,
) -> Result<ReceptionView, ServiceError> {
    let directory = &circumstances.office.directory;
    let mut names = users::display_names(connection, [reception.host.leader.get()])?;
    let name = names.remove(&reception.host.leader.get()).unwrap_or_default();
    let arranges = reception.is_arranged_by(circumstances.actor, directory);
    let known = if arranges { Some(known_cases(connection, circumstances, reception)?) } else { None };
    let organ = directory.organisation(reception.organisation).map(|organ| organ.name.clone());
    Ok(ReceptionView::of(reception, (name, organ.unwrap_or_default()), known.as_ref(), language))
}

/// Of the cases that were booked and taken up those that the actor may know of.
fn known_cases(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    reception: &Reception,
) -> Result<KnownCases, ServiceError> {
    let Some(staff) = circumstances.actor.staff() else { return Ok(KnownCases::default()) };
    let booked = reception.bookings.iter().map(|booking| booking.case.get());
    let visited = reception.visits.iter().map(|visit| visit.case.get());
    let scope = Scope::of(staff, &circumstances.office.directory);
    Ok(KnownCases(case_list::known_among(connection, &scope, booked.chain(visited).collect())?))
}

/// Reads a session that the caller may know of.
///
/// # Errors
/// Unknown to the caller.
pub async fn read(
    app: &Arc<App>,
    actor: Actor,
    id: ReceptionId,
    language: Language,
) -> Result<(u32, ReceptionView), ServiceError> {
    let inner = Arc::clone(app);
    let read = move |connection: &mut AnyConnection| {
        let circumstances = Circumstances::of(&inner, connection, &actor)?;
        let reception = work::known(connection, &circumstances, id)?;
        Ok::<_, ServiceError>((reception.version, shown(connection, &circumstances, &reception, language)?))
    };
    app.store.read(read).await
}

/// What is open to the caller on a session now.
///
/// # Errors
/// Unknown to the caller.
pub async fn open_actions(
    app: &Arc<App>,
    actor: Actor,
    id: ReceptionId,
) -> Result<Vec<ReceptionAction>, ServiceError> {
    let inner = Arc::clone(app);
    let read = move |connection: &mut AnyConnection| {
        let circumstances = Circumstances::of(&inner, connection, &actor)?;
        let reception = work::known(connection, &circumstances, id)?;
        let none = BTreeMap::new();
        Ok::<_, ServiceError>(actions(&reception, &circumstances.of_session(false, &none)))
    };
    app.store.read(read).await
}

/// A page of the journal of a session, for those who arrange it, and with it of whose cases the actor may know.
///
/// # Errors
/// Unknown to the caller, or no more than published to them.
pub async fn events(
    app: &Arc<App>,
    actor: Actor,
    id: ReceptionId,
    (after, limit): (u32, u32),
) -> Result<(Vec<ReceptionRecorded>, KnownBookings), ServiceError> {
    let inner = Arc::clone(app);
    let read = move |connection: &mut AnyConnection| {
        let circumstances = Circumstances::of(&inner, connection, &actor)?;
        let reception = work::known(connection, &circumstances, id)?;
        work::expect_arranging(&reception, &circumstances)?;
        let known = known_cases(connection, &circumstances, &reception)?;
        let events = reception_journal::events_page(connection, id, after, limit)?;
        Ok::<_, ServiceError>((events, KnownBookings::of(&reception, known)))
    };
    app.store.read(read).await
}

/// The proof for an event of a session; none as long as no checkpoint has it.
///
/// # Errors
/// As [`events`]; there is no such event, or it is about a case that the actor may not know of.
pub async fn prove(
    app: &Arc<App>,
    actor: Actor,
    id: ReceptionId,
    seq: u32,
) -> Result<Option<Proof>, ServiceError> {
    let inner = Arc::clone(app);
    let read = move |connection: &mut AnyConnection| {
        let circumstances = Circumstances::of(&inner, connection, &actor)?;
        let reception = work::known(connection, &circumstances, id)?;
        work::expect_arranging(&reception, &circumstances)?;
        let known = known_cases(connection, &circumstances, &reception)?;
        let before = seq.checked_sub(1).ok_or(ServiceError::NotFound)?;
        let event = reception_journal::events_page(connection, id, before, 1)?.pop();
        let event = event.ok_or(ServiceError::NotFound)?.event;
        if !KnownBookings::of(&reception, known).may_know(&event) {
            return Err(Refusal::under(RefusalCode::NotYours, 28).into());
        }
        let seq = i32::try_from(seq).map_err(|_too_large| ServiceError::NotFound)?;
        Ok(checkpoints::prove(connection, id.get(), seq)?)
    };
    app.store.read(read).await
}

/// A session of a list, with the names that it shows.
pub struct Listed {
    /// The session.
    pub row: ReceptionRow,
    /// The leader's name.
    pub leader: String,
    /// The name of the leader's organ.
    pub organisation: String,
}

/// A page of the sessions that the actor may know of.
///
/// # Errors
/// What the database says.
pub async fn list(
    app: &Arc<App>,
    actor: Actor,
    filter: ReceptionFilter,
    after: Option<ReceptionPlace>,
    limit: i64,
) -> Result<Vec<Listed>, ServiceError> {
    let inner = Arc::clone(app);
    let read = move |connection: &mut AnyConnection| {
        let circumstances = Circumstances::of(&inner, connection, &actor)?;
        let directory = &circumstances.office.directory;
        let mut filter = filter.clone();
        let today = circumstances.local_now().date();
        filter.from = match (filter.from, &actor) {
            // Everybody is shown what is still to come.
            (from, Actor::Petitioner) => Some(from.map_or(today, |from| from.max(today))),
            // Whoever lost a place in a session that is over may wait to hear of it.
            (None, _) if filter.to_be_told => today.checked_sub_days(Days::new(DAYS_TO_BE_TOLD)),
            (None, _) if after.is_none() => Some(today),
            (from, _) => from,
        };
        let rows = reception_list::list(connection, (&actor, directory), &filter, after, limit)?;
        listed(connection, directory, rows)
    };
    app.store.read(read).await
}

fn listed(
    connection: &mut AnyConnection,
    directory: &Directory,
    rows: Vec<ReceptionRow>,
) -> Result<Vec<Listed>, ServiceError> {
    let names = users::display_names(connection, rows.iter().map(|row| row.leader_id))?;
    let organ = |id| directory.organisation(OrganisationId::new(id)).map(|organ| organ.name.clone());
    let listed = rows.into_iter().map(|row| Listed {
        leader: names.get(&row.leader_id).cloned().unwrap_or_default(),
        organisation: organ(row.organisation_id).unwrap_or_default(),
        row,
    });
    Ok(listed.collect())
}
