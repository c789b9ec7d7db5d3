//! Every word that the API uses, with its labels: a client builds its choices and captions from here.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse, get};
use domain::access::{DelegationState, Duty, Role};
use domain::audit::{AuditOutcome, AuditedAct};
use domain::case::backlog::BacklogStage;
use domain::case::content as c;
use domain::case::instruction::InstructionState;
use domain::case::supervision::{OrderState, SupervisionStage};
use domain::case::{Cause, Channel, CommandKind, Purpose, Route, Source, Status, Track, Urgency};
use domain::deadline::{Alarm, ClockKind, DayKind, DeadlineState, Length, PauseReason, WarningLevel};
use domain::language::{LabelledValue, Language, label, labelled};
use domain::measure as m;
use domain::organisation::{OrganisationKind, OrganisationLevel, ReviewAuthority, ReviewStage};
use domain::person::{Gender, IdentityDocumentKind, ParticularError};
use domain::reception::content::{ReceptionKind, ReminderWay};
use domain::reception::norms::NormPeriod;
use domain::reception::policy::ReceptionCommandKind;
use domain::reception::{BookingState, ReceptionState};
use domain::refusal::{FieldCode, RefusalCode};
use domain::region::{RegionError, RegionLevel};
use serde::Serialize;
use sha2::{Digest, Sha256};
use strum::VariantArray;
use utoipa::ToSchema;

use super::cases::call::Caller;
use super::directory;
use super::problem::Problem;
use super::problem::documented::ReadProblems;
use super::problem::kinds::Kind;
use crate::service::directories::DirectoryFault;

/// A clock with its rule.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClockEntry {
    #[serde(flatten)]
    labelled: LabelledValue,
    /// The letter of the clock in the design reference.
    letter: &'static str,
    /// The article of the Regulation; null where the number is local or an internal target.
    article: Option<u8>,
    /// How long it runs; null where a person or a setting says so.
    length: Option<u16>,
    /// Whether `length` counts working days.
    working_days: bool,
    /// What may pause it.
    pauses: &'static [PauseReason],
    rule: Rule,
}

/// A rule in one sentence.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Rule {
    #[serde(rename = "zh-CN")]
    chinese: &'static str,
    en: &'static str,
}

/// A reason for which the domain refuses.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RefusalEntry {
    #[serde(flatten)]
    labelled: LabelledValue,
    /// The address that the problem carries as its `type`.
    #[serde(rename = "type")]
    address: String,
    /// The HTTP status.
    status: u16,
}

/// All dictionaries.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Dictionaries {
    /// The values of each enumeration with their labels, by its name.
    enumerations: BTreeMap<&'static str, Vec<LabelledValue>>,
    /// Every clock with its article and rule.
    clocks: Vec<ClockEntry>,
    /// Every reason for refusal.
    refusals: Vec<RefusalEntry>,
}

static DICTIONARIES: LazyLock<(i64, Dictionaries)> = LazyLock::new(|| {
    let dictionaries = Dictionaries { enumerations: enumerations(), clocks: clocks(), refusals: refusals() };
    (version_of(&dictionaries), dictionaries)
});

/// The dictionaries come from the program, so their version is a hash of what they say.
fn version_of(dictionaries: &Dictionaries) -> i64 {
    let hash = Sha256::digest(serde_json::to_vec(dictionaries).unwrap_or_default());
    let bytes = hash.first_chunk::<8>().copied().unwrap_or_default();
    i64::from_be_bytes(bytes) & i64::MAX
}

fn enumerations() -> BTreeMap<&'static str, Vec<LabelledValue>> {
    people_and_places().into_iter().chain(of_cases()).chain(of_procedure()).chain(of_measures()).collect()
}

fn people_and_places() -> Vec<(&'static str, Vec<LabelledValue>)> {
    vec![
        ("role", labelled::<Role>()),
        ("duty", labelled::<Duty>()),
        ("delegation_state", labelled::<DelegationState>()),
        ("audited_act", labelled::<AuditedAct>()),
        ("audit_outcome", labelled::<AuditOutcome>()),
        ("organisation_kind", labelled::<OrganisationKind>()),
        ("organisation_level", labelled::<OrganisationLevel>()),
        ("review_stage", labelled::<ReviewStage>()),
        ("review_authority", labelled::<ReviewAuthority>()),
        ("region_level", labelled::<RegionLevel>()),
        ("gender", labelled::<Gender>()),
        ("identity_document_kind", labelled::<IdentityDocumentKind>()),
        ("day_kind", labelled::<DayKind>()),
        ("reception_kind", labelled::<ReceptionKind>()),
        ("reception_state", labelled::<ReceptionState>()),
        ("reception_command", labelled::<ReceptionCommandKind>()),
        ("booking_state", labelled::<BookingState>()),
        ("reminder_way", labelled::<ReminderWay>()),
        ("norm_period", labelled::<NormPeriod>()),
        ("warning_level", labelled::<WarningLevel>()),
        ("field_code", field_codes()),
    ]
}

/// Whatever `errors[].code` may say of a field that could be read.
fn field_codes() -> Vec<LabelledValue> {
    let all = labelled::<FieldCode>().into_iter().chain(labelled::<RegionError>());
    all.chain(labelled::<ParticularError>()).chain(labelled::<DirectoryFault>()).collect()
}

fn of_cases() -> Vec<(&'static str, Vec<LabelledValue>)> {
    vec![
        ("status", labelled::<Status>()),
        ("purpose", labelled::<Purpose>()),
        ("track", labelled::<Track>()),
        ("channel", labelled::<Channel>()),
        ("source", labelled::<Source>()),
        ("urgency", labelled::<Urgency>()),
        ("cause", labelled::<Cause>()),
        ("route", labelled::<Route>()),
        ("command", labelled::<CommandKind>()),
        ("clock_kind", labelled::<ClockKind>()),
        ("deadline_state", labelled::<DeadlineState>()),
        ("alarm", labelled::<Alarm>()),
        ("pause_reason", labelled::<PauseReason>()),
    ]
}

fn of_procedure() -> Vec<(&'static str, Vec<LabelledValue>)> {
    vec![
        ("dispatch_mode", labelled::<c::DispatchMode>()),
        ("notice_way", labelled::<c::NoticeWay>()),
        ("agreement_kind", labelled::<c::AgreementKind>()),
        ("claim_result", labelled::<c::ClaimResult>()),
        ("document_kind", labelled::<c::DocumentKind>()),
        ("delivery_way", labelled::<c::DeliveryWay>()),
        ("non_admission", labelled::<c::NonAdmission>()),
        ("review_outcome", labelled::<c::ReviewOutcome>()),
        ("satisfaction", labelled::<c::Satisfaction>()),
        ("visit_way", labelled::<c::VisitWay>()),
        ("petitioner_view", labelled::<c::PetitionerView>()),
        ("reopening_ground", labelled::<c::ReopeningGround>()),
        ("retention", labelled::<c::Retention>()),
        ("adoption", labelled::<c::Adoption>()),
        ("accusation_outcome", labelled::<c::AccusationOutcome>()),
        ("aftercare_kind", labelled::<c::AftercareKind>()),
        ("commitment", labelled::<c::Commitment>()),
        ("supervision_ground", labelled::<c::SupervisionGround>()),
        ("supervision_way", labelled::<c::SupervisionWay>()),
        ("supervision_stage", labelled::<SupervisionStage>()),
        ("backlog_ground", labelled::<c::BacklogGround>()),
        ("backlog_way", labelled::<c::BacklogWay>()),
        ("backlog_progress", labelled::<c::BacklogProgress>()),
        ("backlog_resolution", labelled::<c::BacklogResolution>()),
        ("backlog_stage", labelled::<BacklogStage>()),
        ("instruction_state", labelled::<InstructionState>()),
        ("order_state", labelled::<OrderState>()),
        ("escalation_step", labelled::<c::EscalationStep>()),
        ("supervisory_suggestion_kind", labelled::<c::SupervisorySuggestionKind>()),
    ]
}

fn of_measures() -> Vec<(&'static str, Vec<LabelledValue>)> {
    vec![
        ("measure_kind", labelled::<m::MeasureKind>()),
        ("measure_state", labelled::<m::MeasureState>()),
        ("reasonableness", labelled::<m::Reasonableness>()),
        ("unlawful_conduct", labelled::<m::UnlawfulConduct>()),
        ("resolve_proof", labelled::<m::ResolveProof>()),
        ("petitioner_receipt", labelled::<m::PetitionerReceipt>()),
        ("assist_kind", labelled::<m::AssistKind>()),
    ]
}

fn clocks() -> Vec<ClockEntry> {
    ClockKind::VARIANTS
        .iter()
        .zip(labelled::<ClockKind>())
        .map(|(kind, labelled)| {
            let row = kind.row();
            let (length, working_days) = match row.length {
                Length::Days(days) => (Some(days), false),
                Length::WorkingDays(days) => (Some(days), true),
                Length::AsWritten | Length::Configured => (None, false),
            };
            ClockEntry {
                labelled,
                letter: row.letter,
                article: row.article.map(|article| article.0),
                length,
                working_days,
                pauses: row.pauses,
                rule: Rule { chinese: row.rule_zh, en: row.rule_en },
            }
        })
        .collect()
}

fn refusals() -> Vec<RefusalEntry> {
    RefusalCode::VARIANTS
        .iter()
        .map(|code| {
            let kind = Kind::of_refusal(*code);
            let labelled = LabelledValue {
                value: (*code).into(),
                chinese: label(code, Language::Chinese),
                english: label(code, Language::English),
            };
            RefusalEntry { labelled, address: kind.address(), status: kind.status }
        })
        .collect()
}

/// Read the dictionaries
///
/// Every enumeration with its labels in Chinese and English, every clock with its article and rule, every reason for
/// refusal. They change with the program, not with the data.
#[utoipa::path(operation_id = "get_dictionaries", tag = "directories", responses(
    (status = 200, description = "The dictionaries", body = Dictionaries), ReadProblems,
))]
#[get("/dictionaries")]
pub async fn get_dictionaries(_caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (version, dictionaries) = &*DICTIONARIES;
    directory::answer(&request, *version, dictionaries, None)
}
