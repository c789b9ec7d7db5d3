//! Leaders in charge (Art. 18): taking a case in charge, reporting on it, handing it over.

use chrono::NaiveDate;
use strum::VariantArray;

use super::story::Story;
use crate::access::{Actor, Duty, Relation, may_know_of, relations};
use crate::case::content::{Charge, ChargeHandover, ChargeReport, Commitment};
use crate::case::{Case, Event};
use crate::deadline::ClockKind;
use crate::id::UserId;
use crate::refusal::{FieldCode, FieldErrors, Refusal};

const MOST_DAYS_TO_THE_TARGET: i64 = 2 * 366;

pub(super) fn take(story: &mut Story<'_>, charge: &Charge) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    expect_leader(story, &mut errors, "/leader", charge.leader);
    errors.expect(may_name(story, charge.leader), "/leader", FieldCode::NotYourCharge);
    errors.expect_each_once("/commitments", &charge.commitments);
    let all = Commitment::VARIANTS.iter().all(|commitment| charge.commitments.contains(commitment));
    errors.expect(all, "/commitments", FieldCode::Required);
    expect_target(story, &mut errors, charge.target_on);
    errors.finish()?;
    story.happen(Event::ChargeTaken(charge.clone()));
    Ok(())
}

pub(super) fn report(story: &mut Story<'_>, report: &ChargeReport) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    errors.expect_each_once("/kept", &report.kept);
    if let Some(target_on) = report.target_on {
        expect_target(story, &mut errors, target_on);
    }
    errors.finish()?;
    story.happen(Event::ChargeReported(report.clone()));
    Ok(())
}

pub(super) fn hand_over(story: &mut Story<'_>, handover: &ChargeHandover) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    expect_leader(story, &mut errors, "/to", handover.to);
    let again = story.case.in_charge.as_ref().is_some_and(|charge| charge.leader == handover.to);
    errors.expect(!again, "/to", FieldCode::Duplicate);
    errors.expect(may_hand_over_to(story, handover.to), "/to", FieldCode::NotYourCharge);
    errors.finish()?;
    story.happen(Event::ChargeHandedOver(handover.clone()));
    Ok(())
}

/// A leading cadre who knows of the case by office or by organ, and has no interest in it (Art. 28).
pub(super) fn expect_leader(story: &Story<'_>, errors: &mut FieldErrors, pointer: &str, leader: UserId) {
    let directory = story.context.directory;
    let staff = directory.staff(leader);
    errors.expect(staff.is_some(), pointer, FieldCode::UnknownUser);
    let Some(staff) = staff else { return };
    let interested = story.case.has_interest(leader);
    errors.expect_by(!interested, pointer, FieldCode::HasInterest, 28);
    errors.expect_by(!has_judged(&story.case, leader), pointer, FieldCode::JudgedTheCase, 28);
    let leads = staff.has(Duty::Lead) && !staff.role.is_administrator();
    let knows = interested || may_know_of(&Actor::Staff(staff.clone()), &story.case, directory);
    errors.expect(leads && knows, pointer, FieldCode::NotALeadingCadre);
}

/// Nobody answers for what they have judged themselves: measures, the opinion in review, or a hearing that is open.
fn has_judged(case: &Case, leader: UserId) -> bool {
    let verifiers = case.measures.values().flat_map(|it| [it.verified_by, it.verified_on_behalf_of]);
    let reviewers = case.reviews.iter().flat_map(|it| [it.decided_by, it.decided_on_behalf_of]);
    let chairs = case.hearings.iter().filter(|it| it.outcome.is_none()).map(|it| Some(it.notice.chair));
    verifiers.chain(reviewers).chain(chairs).flatten().any(|judge| judge == leader)
}

/// Leaders name themselves; whoever was decided on is entered by the petition department.
pub(super) fn may_name(story: &Story<'_>, leader: UserId) -> bool {
    let actor = story.context.actor;
    let enters = || relations(actor, &story.case, story.context.directory).contains(&Relation::Territory);
    actor.staff().is_some_and(|staff| staff.user == leader || (staff.has(Duty::Dispatch) && enters()))
}

/// Leaders hand over to those of their own organ; to others the petition department does.
fn may_hand_over_to(story: &Story<'_>, successor: UserId) -> bool {
    let directory = story.context.directory;
    let own = story.context.actor.staff().map(|staff| staff.organisation);
    let is_colleague = own.is_some() && own == directory.staff(successor).map(|staff| staff.organisation);
    is_colleague || may_name(story, successor)
}

pub(super) fn expect_target(story: &Story<'_>, errors: &mut FieldErrors, target_on: NaiveDate) {
    errors.expect_ahead("/target_on", target_on, story.context.today, MOST_DAYS_TO_THE_TARGET);
}

impl Story<'_> {
    /// Whether the leader in charge goes on being so, whatever else the command did.
    pub(super) fn charge_goes_on(&self) -> bool {
        self.case.in_charge.is_some()
    }

    /// Whether a report of the leader in charge is to come and none is awaited yet.
    pub(super) fn awaits_report(&self) -> bool {
        self.charge_goes_on() && self.case.open_deadline(ClockKind::ChargeReport).is_none()
    }
}
