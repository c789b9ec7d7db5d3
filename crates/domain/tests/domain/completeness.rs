//! Nothing is half there: every command has its row and its grant, every word its labels, every reason
//! its use.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use domain::access::{DelegationState, Duty, GRANTS, Relation, Role};
use domain::audit::{AuditOutcome, AuditedAct};
use domain::case::backlog::BacklogStage;
use domain::case::content::*;
use domain::case::instruction::InstructionState;
use domain::case::supervision::{OrderState, SupervisionStage};
use domain::case::transitions::TRANSITIONS;
use domain::case::{
    Cause, Channel, CommandKind, HeartReason, Purpose, Route, Source, Status, Track, Urgency,
};
use domain::deadline::{Alarm, ClockKind, DayKind, DeadlineState, PauseReason, WarningLevel};
use domain::language::{LabelledValue, labelled};
use domain::measure::*;
use domain::organisation::{OrganisationKind, OrganisationLevel, ReviewAuthority, ReviewStage};
use domain::person::{Gender, IdentityDocumentKind, ParticularError};
use domain::reception::content::{ReceptionKind, ReminderWay};
use domain::reception::norms::NormPeriod;
use domain::reception::policy::ReceptionCommandKind;
use domain::reception::{BookingState, ReceptionState};
use domain::refusal::{FieldCode, RefusalCode};
use domain::region::{RegionError, RegionLevel};
use strum::{EnumProperty, VariantArray};

#[test]
fn every_command_has_a_row_and_a_grant() {
    for command in CommandKind::VARIANTS {
        assert!(TRANSITIONS.iter().any(|row| row.command == *command), "{command} has no row");
        let by: Vec<_> = GRANTS
            .iter()
            .filter(|it| it.command == *command)
            .map(|it| it.relation == Relation::System)
            .collect();
        assert!(!by.is_empty(), "{command} is granted to nobody");
        let by_system = by.iter().all(|by_system| *by_system);
        assert_eq!(
            by_system,
            command.path().is_none() && *command != CommandKind::ReceiveVisit,
            "{command}: only what has no address is the system's, and a visit has that of its session"
        );
    }
    assert!(GRANTS.iter().all(|grant| !grant.reason.is_empty()));
}

#[test]
fn every_clock_is_started_and_every_document_made_by_some_row() {
    for clock in ClockKind::VARIANTS {
        assert!(TRANSITIONS.iter().any(|row| row.starts.contains(clock)), "{clock:?} is never started");
        let ended = TRANSITIONS.iter().any(|row| row.meets.contains(clock));
        assert!(ended, "nothing meets {clock:?}");
    }
    for document in DocumentKind::VARIANTS.iter().filter(|document| **document != DocumentKind::Registration)
    {
        assert!(TRANSITIONS.iter().any(|row| row.document == Some(*document)), "{document:?} is never made");
    }
}

/// The name of an enumeration with the labels of its values.
fn of<T>() -> (&'static str, Vec<LabelledValue>)
where
    T: EnumProperty + VariantArray + Into<&'static str> + Copy + 'static,
{
    (std::any::type_name::<T>().rsplit("::").next().unwrap(), labelled::<T>())
}

fn all_labels() -> Vec<(&'static str, Vec<LabelledValue>)> {
    vec![
        of::<Status>(),
        of::<Track>(),
        of::<Purpose>(),
        of::<Channel>(),
        of::<Source>(),
        of::<Urgency>(),
        of::<Cause>(),
        of::<Route>(),
        of::<CommandKind>(),
        of::<ReceptionKind>(),
        of::<ReceptionState>(),
        of::<BookingState>(),
        of::<ReminderWay>(),
        of::<NormPeriod>(),
        of::<WarningLevel>(),
        of::<ReceptionCommandKind>(),
        of::<HeartReason>(),
        of::<DispatchMode>(),
        of::<NoticeWay>(),
        of::<AgreementKind>(),
        of::<ClaimResult>(),
        of::<DocumentKind>(),
        of::<DeliveryWay>(),
        of::<NonAdmission>(),
        of::<ReviewOutcome>(),
        of::<Satisfaction>(),
        of::<VisitWay>(),
        of::<PetitionerView>(),
        of::<ReopeningGround>(),
        of::<Retention>(),
        of::<Adoption>(),
        of::<AccusationOutcome>(),
        of::<AftercareKind>(),
        of::<Commitment>(),
        of::<SupervisionGround>(),
        of::<SupervisionWay>(),
        of::<EscalationStep>(),
        of::<SupervisorySuggestionKind>(),
        of::<BacklogGround>(),
        of::<BacklogWay>(),
        of::<BacklogProgress>(),
        of::<BacklogResolution>(),
        of::<BacklogStage>(),
        of::<InstructionState>(),
        of::<OrderState>(),
        of::<SupervisionStage>(),
        of::<MeasureKind>(),
        of::<MeasureState>(),
        of::<Reasonableness>(),
        of::<UnlawfulConduct>(),
        of::<ResolveProof>(),
        of::<PetitionerReceipt>(),
        of::<AssistKind>(),
        of::<OrganisationKind>(),
        of::<OrganisationLevel>(),
        of::<ReviewAuthority>(),
        of::<ReviewStage>(),
        of::<ClockKind>(),
        of::<PauseReason>(),
        of::<DeadlineState>(),
        of::<Alarm>(),
        of::<DayKind>(),
        of::<RegionLevel>(),
        of::<RegionError>(),
        of::<Role>(),
        of::<Duty>(),
        of::<DelegationState>(),
        of::<AuditedAct>(),
        of::<AuditOutcome>(),
        of::<RefusalCode>(),
        of::<FieldCode>(),
        of::<IdentityDocumentKind>(),
        of::<ParticularError>(),
        of::<Gender>(),
    ]
}

#[test]
fn every_word_that_users_see_has_both_labels() {
    for (name, labels) in all_labels() {
        for label in &labels {
            assert!(!label.chinese.is_ascii(), "{name} {} has no Chinese label", label.value);
            assert!(
                label.english.chars().any(|it| it.is_ascii_alphabetic()),
                "{name} {} has no English label",
                label.value
            );
        }
        let distinct: BTreeSet<_> = labels.iter().map(|label| label.chinese).collect();
        assert_eq!(distinct.len(), labels.len(), "two values of {name} have the same label");
    }
}

/// The source files of the crate, each with its text.
fn sources() -> Vec<(String, String)> {
    fn collect(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else {
                found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

#[test]
fn every_enumeration_with_labels_is_checked_here() {
    // The letters of the relations are not labels; the events carry data and are checked below.
    let mut known: BTreeSet<&str> =
        BTreeSet::from(["Relation", "ReceptionRelation", "Event", "ReceptionEvent"]);
    known.extend(all_labels().iter().map(|(name, _)| *name));
    for (file, text) in sources() {
        for part in text.split("#[derive(").skip(1) {
            let (derived, rest) = part.split_once(")]").unwrap();
            let name = rest.lines().find_map(|line| line.strip_prefix("pub enum "));
            if let Some(name) = name.filter(|_| derived.contains("EnumProperty")) {
                let name = name.trim_end_matches(" {");
                assert!(known.contains(name), "the labels of {name} in {file} are not checked");
            }
        }
    }
}

#[test]
fn every_event_has_both_labels() {
    for (file, name, least) in [("case/event.rs", "Event", 50), ("reception/event.rs", "ReceptionEvent", 10)]
    {
        let (_, text) = sources().into_iter().find(|(path, _)| path.ends_with(file)).unwrap();
        let events = text.split_once(&format!("pub enum {name} {{")).unwrap().1;
        has_labels(events.split_once("\n}\n").unwrap().0, least);
    }
}

/// A word of two journals would leave open which of the two an event is of.
#[test]
fn no_event_of_a_session_has_the_word_of_one_of_a_case() {
    use strum::VariantNames;
    let (_, text) = sources().into_iter().find(|(path, _)| path.ends_with("case/event.rs")).unwrap();
    let events = text.split_once("pub enum Event {").unwrap().1;
    for word in domain::reception::ReceptionEvent::VARIANTS {
        let upper = |part: &str| {
            let (first, rest) = part.split_at(1);
            first.to_uppercase() + rest
        };
        let variant: String = word.split('_').map(upper).collect();
        assert!(!events.contains(&format!("    {variant}")), "{word} is a case's, too");
    }
    assert!(domain::reception::ReceptionEvent::VARIANTS.contains(&domain::reception::FIRST_KIND));
}

fn has_labels(events: &str, least: usize) {
    let mut labelled = false;
    let mut count = 0;
    for line in events.lines() {
        let variant =
            line.strip_prefix("    ").filter(|rest| rest.starts_with(|it: char| it.is_ascii_uppercase()));
        if line.contains("#[strum(props(") {
            labelled = line.contains("zh = \"") && line.contains("en = \"");
        } else if let Some(variant) = variant {
            assert!(labelled, "{variant} has no labels");
            labelled = false;
            count += 1;
        }
    }
    assert!(count > least, "only {count} events were found");
}

#[test]
fn every_reason_for_refusing_is_used() {
    let texts: Vec<_> = sources().into_iter().filter(|(file, _)| !file.ends_with("refusal.rs")).collect();
    let used: BTreeSet<&str> = texts
        .iter()
        .flat_map(|(_, text)| text.split("RefusalCode::").skip(1))
        .filter_map(|rest| rest.split(|next: char| !next.is_ascii_alphanumeric()).next())
        .collect();
    for code in RefusalCode::VARIANTS {
        // The refusal of fields is made in one place, beside the table.
        let in_use = used.contains(format!("{code:?}").as_str()) || *code == RefusalCode::InvalidFields;
        assert!(in_use, "{code:?} is never given");
    }
}
