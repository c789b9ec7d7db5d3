//! Backlog: listing, the organ's reports, the inspection on site, the higher level's strike-off, relapse.

use chrono::Days;

use super::charge::expect_target;
use super::story::Story;
use super::supervision::expect_staffed_at;
use crate::case::backlog::{Backlog, BacklogStage};
use crate::case::content::{
    BacklogGround, BacklogInspection, BacklogListing, BacklogReport, BacklogResolution, BacklogStrikeOff,
};
use crate::case::{Event, Status};
use crate::deadline::ClockKind;
use crate::id::CaseId;
use crate::measure::MeasureKind;
use crate::refusal::{FieldCode, FieldErrors, Refusal};

pub(super) fn list(story: &mut Story<'_>, listing: &BacklogListing) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    errors.expect(!listing.grounds.is_empty(), "/grounds", FieldCode::Required);
    errors.expect_each_once("/grounds", &listing.grounds);
    let holding = story.case.backlog_grounds(story.context.today, story.context.rules);
    let listed = listing.grounds.contains(&BacklogGround::JointConference);
    let hold = listing
        .grounds
        .iter()
        .all(|ground| *ground == BacklogGround::JointConference || holding.contains(ground));
    errors.expect(hold, "/grounds", FieldCode::GroundDoesNotHold);
    errors.expect(!listed || listing.decision_no.is_some(), "/decision_no", FieldCode::Required);
    expect_staffed_at(story, &mut errors, "/organ", listing.organ);
    let has_part = story.case.organisations().any(|organ| organ == listing.organ);
    errors.expect(has_part, "/organ", FieldCode::NoPartInTheCase);
    expect_target(story, &mut errors, listing.target_on);
    errors.finish()?;
    story.happen(Event::BacklogListed(listing.clone()));
    Ok(())
}

pub(super) fn report(story: &mut Story<'_>, report: &BacklogReport) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    errors.expect_each_once("/ways", &report.ways);
    errors.finish()?;
    story.happen(Event::BacklogReported(report.clone()));
    Ok(())
}

pub(super) fn inspect(story: &mut Story<'_>, inspection: &BacklogInspection) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    story.context.expect_past(&mut errors, "/inspected_on", inspection.inspected_on);
    let reported_on = story.case.current_backlog().and_then(|it| it.reports.last()).map(|made| made.on);
    let after = Some(inspection.inspected_on) >= reported_on;
    errors.expect(after, "/inspected_on", FieldCode::BeforeCause);
    let code = if inspection.passed { FieldCode::Required } else { FieldCode::NotExpected };
    errors.expect(inspection.passed == inspection.resolution.is_some(), "/resolution", code);
    let holds = inspection.resolution.is_none_or(|resolution| is_so_resolved(story, resolution));
    errors.expect(holds, "/resolution", FieldCode::NotSoResolved);
    errors.finish()?;
    story.happen(Event::BacklogInspected(inspection.clone()));
    Ok(())
}

pub(super) fn strike_off(story: &mut Story<'_>, decision: &BacklogStrikeOff) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let made = story.case.current_backlog().and_then(Backlog::passed_inspection);
    if let Some(made) = made.filter(|_| decision.agreed) {
        let days = Days::new(story.context.rules.backlog_quiet_days.into());
        let quiet_until = made.on.checked_add_days(days);
        let is_quiet = quiet_until.is_some_and(|day| day <= story.context.today);
        errors.expect(is_quiet, "/agreed", FieldCode::NotQuietYet);
        let resolution = made.inspection.resolution;
        let holds = resolution.is_some_and(|resolution| is_so_resolved(story, resolution));
        errors.expect(holds, "/agreed", FieldCode::NotSoResolved);
    }
    errors.finish()?;
    story.happen(Event::BacklogStrikeOffDecided(decision.clone()));
    Ok(())
}

/// Whether the case stands as the resolution says (§3.3): carried out, or ended with everything done that is due to the person.
fn is_so_resolved(story: &Story<'_>, resolution: BacklogResolution) -> bool {
    let case = &story.case;
    match resolution {
        BacklogResolution::PetitionCeased => {
            let content = case.resolution.double_resolved_on.is_some();
            content || case.status == Status::Withdrawn
        }
        BacklogResolution::AgreementSigned => {
            let agreed = case.pledge.is_some() || !case.agreements.is_empty();
            case.resolution.matter_resolved_on.is_some() && agreed
        }
        BacklogResolution::LawfulFinality => {
            let settled = |kind| case.measure(kind).is_some_and(|measure| measure.state.is_settled());
            let held = case.hearings.iter().any(|hearing| hearing.outcome.is_some());
            let heard = held || !story.context.rules.backlog_hearing_required;
            case.is_terminated() && heard && settled(MeasureKind::Educate) && settled(MeasureKind::Assist)
        }
        BacklogResolution::LeftTheProcedure => matches!(
            case.status,
            Status::RoutedOut
                | Status::NotAccepted
                | Status::NoLongerAccepted
                | Status::DirectReply
                | Status::FiledOnly
        ),
    }
}

/// What was inspected or struck off has not held.
pub(super) fn relapse(story: &mut Story<'_>, by: CaseId) {
    let stage = story.case.current_backlog().map(|backlog| backlog.stage);
    if matches!(stage, Some(BacklogStage::Inspected | BacklogStage::StruckOff)) {
        story.happen(Event::BacklogRelapsed { by });
    }
}

impl Story<'_> {
    /// Whether the organ is to report on the backlog case and no clock says until when yet.
    pub(super) fn awaits_backlog_report(&self) -> bool {
        self.case.backlog_organ().is_some() && self.case.open_deadline(ClockKind::BacklogReport).is_none()
    }

    /// Whether the organ has no more to report on the backlog case.
    pub(super) fn is_done_with_backlog(&self) -> bool {
        self.case.backlog_organ().is_none()
    }
}
