//! What a leader should know before they receive, and what is on their desk.

use std::collections::{BTreeMap, HashMap};

use actix_web::{get, web};
use chrono::NaiveDate;
use domain::case::instruction::{InstructionGiven, InstructionState};
use domain::case::{Case, Status};
use domain::deadline::{ClockKind, Deadline, WarningLevel};
use domain::id::{CaseId, OrganisationId, ReceptionId, UserId};
use domain::language::{Language, label};
use domain::measure::{MeasureKind, MeasureState};
use domain::reception::{Booking, BookingState, Reception};
use domain::text::{Narrative, Remark};
use serde::Serialize;
use strum::VariantArray;
use utoipa::ToSchema;

use super::view::ReceptionSummary;
use super::{ReceptionPath, id_of};
use crate::http::cases::call::Caller;
use crate::http::problem::Problem;
use crate::http::problem::documented::ReadProblems;
use crate::service::office::Office;
use crate::service::receptions::{self, Listed};

/// How far one of the four obligations has come (Art. 27).
#[derive(Serialize, ToSchema)]
pub struct ObligationView {
    kind: MeasureKind,
    label: &'static str,
    state: MeasureState,
    state_label: &'static str,
}

/// What a leader said to the petitioner before.
#[derive(Serialize, ToSchema)]
pub struct EarlierVisit {
    on: NaiveDate,
    leader: UserId,
    leader_name: String,
    answer: Option<Narrative>,
    opinion: Narrative,
}

/// What a leader ordered before, and what has become of it.
#[derive(Serialize, ToSchema)]
pub struct EarlierInstruction {
    no: u16,
    given_on: NaiveDate,
    leader: UserId,
    leader_name: String,
    to: OrganisationId,
    to_name: String,
    text: Narrative,
    state: InstructionState,
    state_label: &'static str,
    report_due_on: NaiveDate,
}

/// What is to be known of a matter.
#[derive(Serialize, ToSchema)]
pub struct MatterBrief {
    case: CaseId,
    case_no: String,
    subject: Option<String>,
    status: Status,
    status_label: &'static str,
    filed_on: NaiveDate,
    head_count: u32,
    holder: OrganisationId,
    holder_name: String,
    /// How many later cases were confirmed as repeats of it.
    repeat_count: usize,
    /// The first case of the matter, where this one repeats it.
    repeat_of: Option<CaseId>,
    obligations: Vec<ObligationView>,
    leader_in_charge: Option<UserId>,
    leader_in_charge_name: Option<String>,
    /// The clock that is nearest to its end, or furthest past it.
    warning: WarningLevel,
    warning_label: &'static str,
    earlier_visits: Vec<EarlierVisit>,
    instructions: Vec<EarlierInstruction>,
}

/// A booking with what is to be known of its matter.
#[derive(Serialize, ToSchema)]
pub struct Brief {
    booking: u16,
    state: BookingState,
    state_label: &'static str,
    note: Option<Remark>,
    to_be_told: bool,
    /// Null where the caller may not know of the case.
    matter: Option<MatterBrief>,
}

impl Brief {
    /// The booking, with what the case tells.
    pub fn of(
        booking: &Booking,
        case: Option<&Case>,
        told: (&HashMap<i64, String>, &Office),
        today: NaiveDate,
        language: Language,
    ) -> Self {
        Self {
            booking: booking.no,
            state: booking.state,
            state_label: label(&booking.state, language),
            note: booking.note.clone().filter(|_| case.is_some()),
            to_be_told: booking.is_to_be_told(),
            matter: case.map(|case| MatterBrief::of(case, told, today, language)),
        }
    }
}

impl MatterBrief {
    fn of(
        case: &Case,
        (names, office): (&HashMap<i64, String>, &Office),
        today: NaiveDate,
        language: Language,
    ) -> Self {
        let name = |user: UserId| names.get(&user.get()).cloned().unwrap_or_default();
        let organ = |id: OrganisationId| {
            office.directory.organisation(id).map(|organ| organ.name.clone()).unwrap_or_default()
        };
        let obligations = case.measures.values().map(|measure| ObligationView {
            kind: measure.kind,
            label: label(&measure.kind, language),
            state: measure.state,
            state_label: label(&measure.state, language),
        });
        let visits = case.visits.iter().map(|received| EarlierVisit {
            on: received.received_on,
            leader: received.visit.leader,
            leader_name: name(received.visit.leader),
            answer: received.visit.answer.clone(),
            opinion: received.visit.opinion.clone(),
        });
        let instructions = case.instructions.iter().map(|given| EarlierInstruction {
            no: given.no,
            given_on: given.given_on,
            leader: given.instruction.leader,
            leader_name: name(given.instruction.leader),
            to: given.instruction.to,
            to_name: organ(given.instruction.to),
            text: given.instruction.text.clone(),
            state: given.state,
            state_label: label(&given.state, language),
            report_due_on: given.instruction.report_due_on,
        });
        let warning = case.deadlines.iter().map(|clock| clock.warning(today)).max();
        let warning = warning.unwrap_or(WarningLevel::Normal);
        let in_charge = case.in_charge.as_ref().map(|charge| charge.leader);
        Self {
            case: case.id,
            case_no: case.filing.case_no.clone(),
            subject: Some(case.filing.subject.as_str().to_owned()),
            status: case.status,
            status_label: label(&case.status, language),
            filed_on: case.filed_on,
            head_count: case.filing.head_count,
            holder: case.holder,
            holder_name: organ(case.holder),
            repeat_count: case.repeated_by.len(),
            repeat_of: case.repeat_check.as_ref().and_then(|check| check.repeat_of),
            obligations: obligations.collect(),
            leader_in_charge: in_charge,
            leader_in_charge_name: in_charge.map(name),
            warning,
            warning_label: label(&warning, language),
            earlier_visits: visits.collect(),
            instructions: instructions.collect(),
        }
    }
}

/// What is to be known before a session.
#[derive(Serialize, ToSchema)]
pub struct Briefing {
    reception: ReceptionId,
    day: NaiveDate,
    /// Live bookings, in the order of their numbers.
    matters: Vec<Brief>,
}

impl Briefing {
    /// The session with its matters.
    pub fn of(reception: &Reception, matters: Vec<Brief>) -> Self {
        Self { reception: reception.id, day: reception.arrangement.day, matters }
    }
}

/// Brief the leader
///
/// Of each matter that is booked: how it stands, how often it came back, the four obligations, and what leaders said and ordered
/// before. For those who arrange the session; each sees the cases that they may know of.
#[utoipa::path(operation_id = "get_briefing", tag = "receive visits", params(ReceptionPath),
    responses((status = 200, description = "The briefing", body = Briefing), ReadProblems))]
#[get("/{id}/briefing")]
pub async fn get_briefing(caller: Caller, path: web::Path<String>) -> Result<web::Json<Briefing>, Problem> {
    let id = id_of(&path)?;
    Ok(web::Json(receptions::briefing(&caller.app, caller.actor(), id, caller.language).await?))
}

/// A case in the leader's charge.
#[derive(Serialize, ToSchema)]
pub struct WorkListCase {
    case: CaseId,
    case_no: String,
    subject: String,
    status: Status,
    status_label: &'static str,
    warning: WarningLevel,
    warning_label: &'static str,
    /// The clock that it is about, where one runs.
    clock: Option<ClockKind>,
    due_on: Option<NaiveDate>,
    target_on: Option<NaiveDate>,
}

impl WorkListCase {
    /// The case, with its nearest clock.
    pub fn of(case: &Case, warning: WarningLevel, nearest: Option<&Deadline>, language: Language) -> Self {
        Self {
            case: case.id,
            case_no: case.filing.case_no.clone(),
            subject: case.filing.subject.as_str().to_owned(),
            status: case.status,
            status_label: label(&case.status, language),
            warning,
            warning_label: label(&warning, language),
            clock: nearest.map(|clock| clock.kind),
            due_on: nearest.map(|clock| clock.due.legal_due_on),
            target_on: case.in_charge.as_ref().map(|charge| charge.target_on),
        }
    }

    /// The most urgent first.
    pub fn order(&self) -> (std::cmp::Reverse<WarningLevel>, Option<NaiveDate>, CaseId) {
        (std::cmp::Reverse(self.warning), self.due_on, self.case)
    }
}

/// An instruction of the leader on which the organ's report is late.
#[derive(Serialize, ToSchema)]
pub struct OverdueInstruction {
    case: CaseId,
    case_no: String,
    subject: String,
    no: u16,
    to: OrganisationId,
    text: Narrative,
    due_on: NaiveDate,
}

impl OverdueInstruction {
    /// The instruction on the case.
    pub fn of(case: &Case, given: &InstructionGiven, due_on: NaiveDate) -> Self {
        Self {
            case: case.id,
            case_no: case.filing.case_no.clone(),
            subject: case.filing.subject.as_str().to_owned(),
            no: given.no,
            to: given.instruction.to,
            text: given.instruction.text.clone(),
            due_on,
        }
    }

    /// The oldest first.
    pub const fn order(&self) -> (NaiveDate, CaseId, u16) {
        (self.due_on, self.case, self.no)
    }
}

/// How many cases warn so.
#[derive(Serialize, ToSchema)]
pub struct WarningCount {
    warning: WarningLevel,
    label: &'static str,
    count: usize,
}

/// What is on a leading cadre's desk.
#[derive(Serialize, ToSchema)]
pub struct WorkList {
    /// The next ten sessions; `/receptions/{id}/briefing` has what is to be known of each.
    sessions: Vec<ReceptionSummary>,
    /// The 200 that are due first, by how near they are to their end.
    in_charge: Vec<WorkListCase>,
    /// The same, counted.
    in_charge_by_warning: Vec<WarningCount>,
    /// Of 200 cases with instructions that are open, on which the report is late.
    overdue_instructions: Vec<OverdueInstruction>,
}

impl WorkList {
    /// All of it.
    pub fn of(
        sessions: Vec<Listed>,
        in_charge: Vec<WorkListCase>,
        overdue_instructions: Vec<OverdueInstruction>,
        language: Language,
    ) -> Self {
        let mut counts: BTreeMap<WarningLevel, usize> = BTreeMap::new();
        for case in &in_charge {
            *counts.entry(case.warning).or_default() += 1;
        }
        let counted = WarningLevel::VARIANTS.iter().map(|warning| WarningCount {
            warning: *warning,
            label: label(warning, language),
            count: counts.get(warning).copied().unwrap_or(0),
        });
        Self {
            sessions: sessions.into_iter().map(ReceptionSummary::from).collect(),
            in_charge_by_warning: counted.collect(),
            in_charge,
            overdue_instructions,
        }
    }
}

/// Read my work-list
///
/// Of a leading cadre: the next sessions, the cases in their charge by how near their clocks are to the end, and their
/// instructions on which the report is late.
#[utoipa::path(operation_id = "get_my_work_list", tag = "receive visits", responses(
    (status = 200, description = "The work-list", body = WorkList), ReadProblems,
))]
#[get("/me/work-list")]
pub async fn get_my_work_list(caller: Caller) -> Result<web::Json<WorkList>, Problem> {
    Ok(web::Json(receptions::work_list(&caller.app, caller.actor(), caller.language).await?))
}
