//! Putting the four obligations in place (Art. 27, §3.1).

use super::story::Story;
use crate::case::Event;
use crate::case::content::Reason;
use crate::case::guard::claims_to_execute;
use crate::measure::{InPlaceReport, MeasureKind, MeasurePlan, MeasureStep, Verification};
use crate::refusal::{FieldCode, FieldErrors, Refusal};

/// More steps than any measure has needed.
const MOST_STEPS: usize = 200;
/// Ten years: a later day is a slip of the pen, and one of five digits could not be kept as a date.
const LONGEST_PLAN_DAYS: i64 = 3660;

pub(super) fn plan(story: &mut Story<'_>, kind: MeasureKind, plan: &MeasurePlan) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let owner = story.context.directory.staff(plan.owner);
    errors.expect(owner.is_some(), "/owner", FieldCode::UnknownUser);
    let answers = owner.is_none_or(|owner| {
        let organ = owner.organisation;
        let charged = organ == story.case.holder || story.case.co_organisations.contains(&organ);
        charged && !owner.role.is_administrator()
    });
    errors.expect(answers, "/owner", FieldCode::NotOfTheHolder);
    let interested = story.case.has_interest(plan.owner);
    errors.expect_by(!interested, "/owner", FieldCode::HasInterest, 28);
    errors.expect(plan.due_on >= story.context.today, "/due_on", FieldCode::InPast);
    let near = (plan.due_on - story.context.today).num_days() <= LONGEST_PLAN_DAYS;
    errors.expect(near, "/due_on", FieldCode::OutOfRange);
    errors.finish()?;
    story.happen(Event::MeasurePlanned { measure: kind, plan: plan.clone() });
    Ok(())
}

pub(super) fn add_step(story: &mut Story<'_>, kind: MeasureKind, step: &MeasureStep) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    story.context.expect_past(&mut errors, "/done_on", step.done_on);
    let few = story.case.measure(kind).is_none_or(|measure| measure.steps.len() < MOST_STEPS);
    errors.expect(few, "", FieldCode::TooMany);
    errors.finish()?;
    story.happen(Event::MeasureStepAdded { measure: kind, step: step.clone() });
    Ok(())
}

pub(super) fn report(
    story: &mut Story<'_>,
    kind: MeasureKind,
    report: &InPlaceReport,
) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let fits = report.evidence.kind() == kind;
    errors.expect_by(fits, "/evidence/kind", FieldCode::WrongEvidence, 27);
    if fits {
        report.evidence.check(&claims_to_execute(&story.case), story.context.today, &mut errors);
    }
    errors.finish()?;
    story.happen(Event::MeasureReported { measure: kind, report: report.clone() });
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "every command's function has one shape")]
pub(super) fn verify(
    story: &mut Story<'_>,
    kind: MeasureKind,
    verification: &Verification,
) -> Result<(), Refusal> {
    story.happen(Event::MeasureVerified { measure: kind, verification: verification.clone() });
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "every command's function has one shape")]
pub(super) fn find_not_applicable(
    story: &mut Story<'_>,
    kind: MeasureKind,
    reason: &Reason,
) -> Result<(), Refusal> {
    story.happen(Event::MeasureFoundNotApplicable { measure: kind, reason: reason.reason.clone() });
    Ok(())
}
