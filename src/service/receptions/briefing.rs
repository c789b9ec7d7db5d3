//! What a leader should know before they receive, and what is on their desk.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::access::{Actor, Duty, Scope};
use domain::case::Case;
use domain::case::instruction::InstructionState;
use domain::case::transitions::IN_CHARGE;
use domain::deadline::{ClockKind, WarningLevel};
use domain::id::{ReceptionId, UserId};
use domain::language::Language;
use domain::reception::ReceptionState;
use domain::refusal::{Refusal, RefusalCode};
use store::case_list::{self, CaseFilter, CaseSort};
use store::reception_list::{self, ReceptionFilter};
use store::{AnyConnection, case_journal, users};

use super::work::{expect_arranging, known};
use super::{Listed, listed};
use crate::app::App;
use crate::http::receptions::briefing::{Brief, Briefing, OverdueInstruction, WorkList, WorkListCase};
use crate::service::ServiceError;
use crate::service::execute::Circumstances;

/// The next sessions that a work-list shows.
const MOST_SESSIONS: i64 = 10;
/// The cases of each kind that a work-list shows.
const MOST_CASES: i64 = 200;

/// What is to be known of each matter that is booked, as far as the actor may know of it.
///
/// # Errors
/// Unknown to the actor, or no more than published to them.
pub async fn briefing(
    app: &Arc<App>,
    actor: Actor,
    id: ReceptionId,
    language: Language,
) -> Result<Briefing, ServiceError> {
    let inner = Arc::clone(app);
    let read = move |connection: &mut AnyConnection| {
        let circumstances = Circumstances::of(&inner, connection, &actor)?;
        let reception = known(connection, &circumstances, id)?;
        expect_arranging(&reception, &circumstances)?;
        let today = circumstances.local_now().date();
        let mut matters = Vec::new();
        let mut people = Vec::new();
        for booking in reception.bookings.iter().filter(|booking| booking.state.is_live()) {
            let case = case_journal::load_case(connection, &inner.sealer, booking.case)?;
            let case = case.filter(|case| circumstances.may_know_of(case));
            people.extend(case.iter().flat_map(named_in));
            matters.push((booking.clone(), case));
        }
        let names = users::display_names(connection, people.into_iter().map(UserId::get))?;
        let office = &circumstances.office;
        let briefs = matters
            .iter()
            .map(|(booking, case)| Brief::of(booking, case.as_ref(), (&names, office), today, language));
        Ok::<_, ServiceError>(Briefing::of(&reception, briefs.collect()))
    };
    app.store.read(read).await
}

/// The leaders whom a briefing names.
fn named_in(case: &Case) -> Vec<UserId> {
    let visits = case.visits.iter().map(|received| received.visit.leader);
    let instructions = case.instructions.iter().map(|given| given.instruction.leader);
    visits.chain(instructions).chain(case.in_charge.as_ref().map(|charge| charge.leader)).collect()
}

/// What is on the desk of a leading cadre: their next sessions, the cases in their charge, and what was ordered and is not done.
///
/// # Errors
/// The actor is none; what the database says.
pub async fn work_list(app: &Arc<App>, actor: Actor, language: Language) -> Result<WorkList, ServiceError> {
    let inner = Arc::clone(app);
    let read = move |connection: &mut AnyConnection| {
        let circumstances = Circumstances::of(&inner, connection, &actor)?;
        let leader = actor.staff().filter(|staff| staff.has(Duty::Lead) && !staff.role.is_administrator());
        let leader = leader.ok_or_else(|| Refusal::under(RefusalCode::NotYours, 18))?;
        let today = circumstances.local_now().date();
        let ahead = [ReceptionState::Planned, ReceptionState::Published];
        let filter = ReceptionFilter {
            from: Some(today),
            leader: Some(leader.user),
            states: ahead.to_vec(),
            ..ReceptionFilter::default()
        };
        let directory = &circumstances.office.directory;
        let rows = reception_list::list(connection, (&actor, directory), &filter, None, MOST_SESSIONS)?;
        let sessions: Vec<Listed> = listed(connection, directory, rows)?;

        let scope = Scope::of(leader, directory);
        let in_charge =
            CaseFilter { leader: Some(leader.user), statuses: IN_CHARGE.to_vec(), ..CaseFilter::default() };
        let mut charged = Vec::new();
        for case in folded(connection, &circumstances, &scope, &in_charge)? {
            let clocks = case.deadlines.iter();
            let nearest =
                clocks.max_by_key(|clock| (clock.warning(today), std::cmp::Reverse(clock.due.legal_due_on)));
            let level = nearest.map_or(WarningLevel::Normal, |clock| clock.warning(today));
            let nearest = nearest.filter(|clock| clock.state == domain::deadline::DeadlineState::Running);
            charged.push(WorkListCase::of(&case, level, nearest, language));
        }
        charged.sort_by_key(WorkListCase::order);

        let instructed = CaseFilter { instructor: Some(leader.user), ..CaseFilter::default() };
        let mut overdue = Vec::new();
        for case in folded(connection, &circumstances, &scope, &instructed)? {
            overdue.extend(late_instructions(&case, leader.user, today));
        }
        overdue.sort_by_key(OverdueInstruction::order);
        Ok::<_, ServiceError>(WorkList::of(sessions, charged, overdue, language))
    };
    app.store.read(read).await
}

fn folded(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    scope: &Scope,
    filter: &CaseFilter,
) -> Result<Vec<Case>, ServiceError> {
    let page = case_list::list(connection, scope, filter, CaseSort::DueFirst, None, MOST_CASES)?;
    let mut cases = Vec::with_capacity(page.rows.len());
    for row in page.rows {
        let id = domain::id::CaseId::new(row.id);
        cases.extend(case_journal::load_case(connection, &circumstances.app.sealer, id)?);
    }
    Ok(cases)
}

fn late_instructions(case: &Case, leader: UserId, today: chrono::NaiveDate) -> Vec<OverdueInstruction> {
    let clocks: BTreeMap<u16, _> = case
        .deadlines
        .iter()
        .filter(|clock| clock.kind == ClockKind::InstructionReport)
        .map(|clock| (clock.no, clock))
        .collect();
    let given = case.open_instructions().filter(|given| given.instruction.leader == leader);
    given
        .filter(|given| given.state == InstructionState::AwaitingReport)
        .filter_map(|given| Some((given, clocks.get(&given.deadline?)?)))
        .filter(|(_, clock)| clock.is_late(today))
        .map(|(given, clock)| OverdueInstruction::of(case, given, clock.due.legal_due_on))
        .collect()
}
