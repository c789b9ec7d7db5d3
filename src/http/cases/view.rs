//! How a case is shown to somebody who may know of it.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::{Actor, Duty, RecordedActor, Relation, Role, relations};
use domain::case::supervision::SupervisionStage;
use domain::case::{About, Action, Case, CommandKind, Event, Purpose, Recorded, Status};
use domain::deadline::{Alarm, Deadline, SkippedDay};
use domain::id::{CaseId, OrganisationId, PersonId};
use domain::language::{Language, label};
use domain::measure::MeasureKind;
use domain::person::{Gender, Person, mask_identity, mask_name, mask_phone};
use domain::refusal::Article;
use serde::Serialize;
use store::cases::CaseRow;
use store::sealing::Sealer;
use store::{AnyConnection, StoreError, people};
use utoipa::ToSchema;

use crate::service::ServiceError;
use crate::service::execute::Circumstances;
use crate::service::known_cases::Showing;
use crate::service::office::Office;

/// A case with its people, masked, and its labels.
#[derive(Serialize, ToSchema)]
#[schema(as = CaseView)]
pub struct CaseView {
    #[serde(flatten)]
    case: Case,
    status_label: &'static str,
    purpose_label: &'static str,
    /// The organ that has the case.
    holder_name: String,
    /// The people of the case, masked.
    people: Vec<PersonView>,
    double_resolved: bool,
}

/// A person of a case; full values are not shown here.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonView {
    id: PersonId,
    /// `petitioner` or `representative`.
    part: &'static str,
    #[schema(example = "张*")]
    name: String,
    gender: Option<Gender>,
    #[schema(example = "2102********1234")]
    identity: Option<String>,
    #[schema(example = "138****5678")]
    phone: Option<String>,
}

impl CaseView {
    /// The case as it is now, shown so.
    ///
    /// # Errors
    /// The people cannot be read.
    pub fn of(
        connection: &mut AnyConnection,
        circumstances: &Circumstances<'_>,
        case: &Case,
        showing: Showing,
    ) -> Result<Self, ServiceError> {
        let people = people_of(connection, &circumstances.app.sealer, case)?;
        Ok(Self::shown(case, people, showing, &circumstances.office))
    }

    /// The case with the petitioner's code, for the answer to its filing: these people were just sealed, and need not
    /// be opened again.
    pub fn of_filing(
        circumstances: &Circumstances<'_>,
        case: &Case,
        petitioners: &[Person],
        representatives: &[Person],
        showing: Showing,
    ) -> Self {
        let persons = petitioners.iter().chain(representatives);
        let people = parts_of(case).zip(persons).map(|((id, part), person)| PersonView::of(id, part, person));
        Self::shown(case, people.collect(), showing, &circumstances.office)
    }

    /// The case with these people, in one of the ways in which it is shown.
    pub fn shown(case: &Case, people: Vec<PersonView>, showing: Showing, office: &Office) -> Self {
        let holder = office.directory.organisation(case.holder);
        let mut case = case.clone();
        if !showing.with_code {
            case.filing.query_code.clear();
        }
        if !showing.with_repeats {
            case.filing.possible_repeats.clear();
        }
        Self {
            status_label: label(&case.status, showing.language),
            purpose_label: label(&case.filing.purpose, showing.language),
            holder_name: holder.map(|organ| organ.name.clone()).unwrap_or_default(),
            people,
            double_resolved: case.resolution.double_resolved_on.is_some(),
            case,
        }
    }
}

/// How the case is shown to the actor: the petitioner's code only to whoever registered it or holds the register, for which a
/// deputy must have it, and
/// a neighbour's earlier petitions to no grid member.
pub fn showing(actor: &Actor, case: &Case, office: &Office, language: Language) -> Showing {
    let held = relations(actor, case, &office.directory);
    let staff = actor.staff();
    let registers = staff.is_some_and(|staff| staff.has(Duty::Register));
    let filed = held.contains(&Relation::Filer) && (registers || staff.is_some_and(|it| it.deputy.is_none()));
    Showing {
        language,
        with_code: filed || (registers && held.contains(&Relation::Holder)),
        with_repeats: staff.is_some_and(|staff| staff.role != Role::GridMember),
    }
}

/// Petitioners, then representatives, each in the order in which they were named.
fn parts_of(case: &Case) -> impl Iterator<Item = (PersonId, &'static str)> {
    let petitioners = case.filing.petitioners.iter().map(|id| (*id, "petitioner"));
    petitioners.chain(case.filing.representatives.iter().map(|id| (*id, "representative")))
}

/// The people of the case, masked.
///
/// # Errors
/// They cannot be read or opened.
pub fn people_of(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    case: &Case,
) -> Result<Vec<PersonView>, StoreError> {
    let ids: Vec<PersonId> = parts_of(case).map(|(id, _)| id).collect();
    let known = people::load_persons(connection, sealer, &ids)?;
    let view = |(id, part): (PersonId, &'static str)| {
        let person = known.get(&id)?;
        Some(PersonView::of(id, part, person))
    };
    Ok(parts_of(case).filter_map(view).collect())
}

impl PersonView {
    fn of(id: PersonId, part: &'static str, person: &Person) -> Self {
        Self {
            id,
            part,
            name: mask_name(person.name.as_str()),
            gender: person.known_gender(),
            identity: person.identity.as_ref().map(|document| mask_identity(document.number())),
            phone: person.phone.as_ref().map(|phone| mask_phone(phone.as_str())),
        }
    }
}

/// What whoever filed an accusation keeps: its number and the petitioner's code, nothing else (Art. 30).
#[derive(Serialize, ToSchema)]
pub struct FilingReceipt {
    id: CaseId,
    /// `<county code>-<year>-<serial>`; of an accusation, the last part is drawn by lot.
    case_no: String,
    query_code: String,
    status: Status,
    status_label: &'static str,
}

impl FilingReceipt {
    /// The receipt of a case; the code is for whoever files it, who gives it to the petitioner.
    pub fn of(case: &Case, with_code: bool, language: Language) -> Self {
        Self {
            id: case.id,
            case_no: case.filing.case_no.clone(),
            query_code: if with_code { case.filing.query_code.clone() } else { String::new() },
            status: case.status,
            status_label: label(&case.status, language),
        }
    }
}

/// A case in a list.
#[derive(Serialize, ToSchema)]
pub struct CaseSummary {
    id: CaseId,
    case_no: String,
    version: i32,
    #[schema(value_type = Status)]
    status: String,
    status_label: &'static str,
    #[schema(value_type = Purpose)]
    purpose: String,
    channel: String,
    source: String,
    /// Null for an accusation.
    subject: Option<String>,
    region: String,
    topic: Option<String>,
    holder: OrganisationId,
    filed_at: chrono::DateTime<chrono::Utc>,
    accepted_on: Option<chrono::NaiveDate>,
    closed_on: Option<chrono::NaiveDate>,
    matter_resolved_on: Option<chrono::NaiveDate>,
    heart_resolved_on: Option<chrono::NaiveDate>,
    double_resolved_on: Option<chrono::NaiveDate>,
    head_count: i32,
    group: bool,
    anonymous: bool,
    repeat_of: Option<CaseId>,
    /// The nearest nominal due date of a running clock of an organ.
    next_due_on: Option<chrono::NaiveDate>,
    overdue: bool,
    /// How many later cases were confirmed as repeats of it.
    repeat_count: i32,
    /// All that supervision waits for.
    #[schema(value_type = Vec<SupervisionStage>)]
    supervision: Vec<String>,
    updated_at: chrono::DateTime<chrono::Utc>,
}

impl CaseSummary {
    /// The row in the caller's language.
    pub fn of(row: CaseRow, language: Language) -> Self {
        let status = row.status.parse::<Status>();
        Self {
            id: CaseId::new(row.id),
            case_no: row.case_no,
            version: row.version,
            status_label: status.map(|status| label(&status, language)).unwrap_or_default(),
            status: row.status,
            purpose: row.purpose,
            channel: row.channel,
            source: row.source,
            subject: row.subject,
            region: row.attribution_region,
            topic: row.topic_code,
            holder: OrganisationId::new(row.holder_id),
            filed_at: row.filed_at.into(),
            accepted_on: row.accepted_on,
            closed_on: row.closed_on,
            matter_resolved_on: row.matter_resolved_on,
            heart_resolved_on: row.heart_resolved_on,
            double_resolved_on: row.double_resolved_on,
            head_count: row.head_count,
            group: row.group_petition,
            anonymous: row.anonymous,
            repeat_of: row.repeat_of.map(CaseId::new),
            next_due_on: row.next_due_on,
            overdue: row.overdue,
            repeat_count: row.repeat_count,
            supervision: row.supervision.iter().flat_map(|word| word.split('+')).map(str::to_owned).collect(),
            updated_at: row.updated_at.into(),
        }
    }
}

/// Whether a command is open to the caller now.
#[derive(Serialize, ToSchema)]
pub struct ActionView {
    command: CommandKind,
    label: &'static str,
    /// The measure that it is about, where it is about one.
    measure: Option<MeasureKind>,
    /// The number of the instruction that it is about, where it is about one.
    instruction: Option<u16>,
    /// The number of the order of supervision that it is about, where it is about one.
    order: Option<u16>,
    method: &'static str,
    href: String,
    allowed: bool,
    /// The reason's code, where it is closed.
    reason: Option<&'static str>,
    /// The reason in words.
    detail: Option<&'static str>,
    article: Option<String>,
    /// The states that allow it, where the state does not.
    #[schema(value_type = Vec<Status>)]
    allowed_from: Vec<&'static str>,
}

impl ActionView {
    /// The action on a case.
    pub fn of(action: Action, id: CaseId, language: Language) -> Self {
        let path = action.command.path().unwrap_or_default();
        let (measure, instruction, order) = match action.about {
            About::Case => (None, None, None),
            About::Measure(measure) => (Some(measure), None, None),
            About::Instruction(no) => (None, Some(no), None),
            About::Order(no) => (None, None, Some(no)),
        };
        let mut path = path.to_owned();
        if let Some(measure) = measure {
            path = path.replace("{kind}", measure.as_ref());
        }
        if let Some(no) = instruction.or(order) {
            path = path.replace("{no}", &no.to_string());
        }
        let refusal = action.refusal;
        Self {
            command: action.command,
            label: label(&action.command, language),
            measure,
            instruction,
            order,
            method: "POST",
            href: format!("/api/v1/cases/{id}/{path}"),
            allowed: refusal.is_none(),
            reason: refusal.as_ref().map(|refusal| refusal.code.into()),
            detail: refusal.as_ref().map(|refusal| refusal.code.text(language)),
            article: refusal
                .as_ref()
                .and_then(|refusal| refusal.article)
                .map(|article| article.citation(language)),
            allowed_from: refusal.map(|refusal| refusal.allowed_from).unwrap_or_default(),
        }
    }
}

/// A deadline that explains itself.
#[derive(Serialize, ToSchema)]
pub struct DeadlineView {
    #[serde(flatten)]
    deadline: Deadline,
    label: &'static str,
    state_label: &'static str,
    /// The clock's letter in the design reference.
    letter: &'static str,
    /// The article that the clock comes from; null for a local number or an internal target.
    article: Option<String>,
    /// The rule in one sentence.
    rule: &'static str,
    /// The days of rest that were skipped: those between the nominal and the legal due date, and for a clock in
    /// working days all since its start.
    skipped_days: Vec<SkippedDay>,
    /// Days until the legal due date; negative when it has passed, null when the clock has ended.
    days_left: Option<i64>,
    /// Whether it ended, or is running, past its legal due date.
    late: bool,
    /// The next alarm and its day.
    next_alarm: Option<NextAlarm>,
    /// What to know before relying on the dates.
    warning: Option<String>,
}

/// An alarm to come.
#[derive(Serialize, ToSchema)]
pub struct NextAlarm {
    alarm: Alarm,
    on: chrono::NaiveDate,
}

impl DeadlineView {
    /// The deadline explained.
    pub fn of(deadline: &Deadline, circumstances: &Circumstances<'_>, language: Language) -> Self {
        let row = deadline.kind.row();
        let today = circumstances.context(None).today;
        let percent = circumstances.rules().due_soon_at_percent;
        let next = <Alarm as strum::VariantArray>::VARIANTS
            .iter()
            .copied()
            .find(|alarm| deadline.is_running() && Some(*alarm) > deadline.told);
        Self {
            label: label(&deadline.kind, language),
            state_label: label(&deadline.state, language),
            letter: row.letter,
            article: row.article.map(|article: Article| article.citation(language)),
            rule: language.choose(row.rule_zh, row.rule_en),
            skipped_days: skipped(deadline, circumstances),
            days_left: deadline.is_open().then(|| (deadline.due.legal_due_on - today).num_days()),
            late: deadline.is_late(today),
            next_alarm: next.map(|alarm| NextAlarm { alarm, on: deadline.alarm_on(alarm, percent) }),
            warning: warning(deadline, language),
            deadline: deadline.clone(),
        }
    }
}

fn skipped(deadline: &Deadline, circumstances: &Circumstances<'_>) -> Vec<SkippedDay> {
    let from = if deadline.working_days { deadline.started_on } else { deadline.due.nominal_due_on };
    let mut days = circumstances.office.calendar.skipped_days(from, deadline.due.legal_due_on);
    days.retain(|skipped| skipped.day != deadline.started_on || !deadline.working_days);
    days
}

fn warning(deadline: &Deadline, language: Language) -> Option<String> {
    if deadline.due.unknown_years.is_empty() {
        return None;
    }
    let years: Vec<_> = deadline.due.unknown_years.iter().map(ToString::to_string).collect();
    let years = years.join(", ");
    Some(match language {
        Language::Chinese => format!("{years} 年的放假安排尚未录入，届时将重算"),
        Language::English => {
            format!("The holidays of {years} are not known yet; the dates are recomputed when they are")
        }
    })
}

/// An entry of the journal with its label.
#[derive(Serialize, ToSchema)]
pub struct EventView {
    /// Place in the journal, from 1.
    seq: u32,
    #[serde(flatten)]
    event: Event,
    actor: RecordedActor,
    /// When it happened in the world, UTC.
    occurred_at: DateTime<Utc>,
    /// The legal day of that instant in the office's time zone.
    occurred_on: NaiveDate,
    /// When the server wrote it down, UTC.
    recorded_at: DateTime<Utc>,
    label: &'static str,
}

impl EventView {
    /// The entry, without the petitioner's code.
    pub fn of(recorded: Recorded, language: Language) -> Self {
        let Recorded { seq, mut event, actor, occurred_at, occurred_on, recorded_at } = recorded;
        if let Event::Filed(filing) = &mut event {
            filing.query_code.clear();
            filing.possible_repeats.clear();
        }
        let label = label(&event, language);
        Self { seq, event, actor, occurred_at, occurred_on, recorded_at, label }
    }
}
