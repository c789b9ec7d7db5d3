//! From the register to the organ that takes the matter up: screening, dispatch, objection, acceptance.

use super::story::Story;
use crate::access::Duty;
use crate::case::content::{
    AcceptanceDecision, AcceptancePayload, AccusationResult, Dispatch, DispatchMode, NoticeWay, Objection,
    ObjectionDecision, Reason, Receipt, RepeatCheck, Reply,
};
use crate::case::{Event, Route, Track};
use crate::refusal::{FieldCode, FieldErrors, Refusal, RefusalCode};

#[expect(clippy::unnecessary_wraps, reason = "every command's function has one shape")]
pub(super) fn confirm_repeat(story: &mut Story<'_>, check: &RepeatCheck) -> Result<(), Refusal> {
    story.happen(Event::RepeatChecked(check.clone()));
    Ok(())
}

pub(super) fn dispatch(story: &mut Story<'_>, dispatch: &Dispatch) -> Result<(), Refusal> {
    let directory = story.context.directory;
    if directory.active_organisation(dispatch.to).is_none() {
        return Err(Refusal::field("/to", FieldCode::UnknownOrganisation));
    }
    if dispatch.to == story.case.holder {
        return Err(Refusal { fields: pointed("/to"), ..Refusal::new(RefusalCode::AlreadyThere) });
    }
    if story.case.track == Track::Accusation {
        may_receive_accusation(story, dispatch)?;
    } else {
        may_receive(story, dispatch)?;
    }
    let mut errors = FieldErrors::default();
    let assigned = dispatch.mode == DispatchMode::Assign;
    errors.expect_by(
        assigned == dispatch.feedback_due_on.is_some(),
        "/feedback_due_on",
        if assigned { FieldCode::Required } else { FieldCode::NotExpected },
        22,
    );
    if let Some(due) = dispatch.feedback_due_on {
        errors.expect(due > story.context.today, "/feedback_due_on", FieldCode::InPast);
        let within_a_year = (due - story.context.today).num_days() <= 366;
        errors.expect(within_a_year, "/feedback_due_on", FieldCode::OutOfRange);
    }
    errors.finish()?;
    simple_fits(story, dispatch.simple, assigned)?;
    story.written_due_on = dispatch.feedback_due_on;
    let from = story.case.holder;
    story.happen(Event::Dispatched { from, dispatch: dispatch.clone() });
    Ok(())
}

fn pointed(pointer: &str) -> Vec<crate::refusal::FieldError> {
    Refusal::field(pointer, FieldCode::OutOfRange).fields
}

/// Papers go back by an objection that their sender agrees to (Art. 23), and go nowhere where nobody takes them up.
fn may_receive(story: &Story<'_>, dispatch: &Dispatch) -> Result<(), Refusal> {
    if story.case.dispatches.iter().any(|made| made.from == dispatch.to) {
        return Err(Refusal {
            fields: pointed("/to"),
            ..Refusal::under(RefusalCode::ReturnNeedsObjection, 23)
        });
    }
    let directory = story.context.directory;
    let routes = directory.is_petition_department(dispatch.to);
    let takes_up = directory.has_staff_for(dispatch.to, if routes { Duty::Dispatch } else { Duty::Accept });
    let mut errors = FieldErrors::default();
    errors.expect(takes_up, "/to", FieldCode::NobodyThere);
    errors.finish()
}

/// The accused, their unit and those below it never learn of it; only the organs of Art. 30 get it.
fn may_receive_accusation(story: &Story<'_>, dispatch: &Dispatch) -> Result<(), Refusal> {
    let respondents = &story.case.filing.respondents;
    let barred = story.context.directory.barred_from_accusation(
        respondents.iter().filter_map(|respondent| respondent.organisation),
        respondents.iter().filter_map(|respondent| respondent.user),
    );
    if barred.contains(&dispatch.to) {
        return Err(Refusal { fields: pointed("/to"), ..Refusal::under(RefusalCode::ReceiverIsAccused, 30) });
    }
    if story.context.directory.receives_accusations(dispatch.to) {
        return Ok(());
    }
    Err(Refusal { fields: pointed("/to"), ..Refusal::under(RefusalCode::ReceiverNotForAccusations, 30) })
}

/// What the simple procedure leaves out (2016 text): assigned, collective, grave or urgent matters.
fn simple_fits(story: &Story<'_>, simple: bool, assigned: bool) -> Result<(), Refusal> {
    let filing = &story.case.filing;
    let collective = filing.joint_letter || filing.head_count >= story.context.rules.group_from;
    let grave = filing.urgency == crate::case::Urgency::GraveUrgent;
    let was_assigned = story.case.dispatches.iter().any(|made| made.dispatch.mode == DispatchMode::Assign);
    if simple && (assigned || was_assigned || collective || grave) {
        return Err(Refusal { fields: pointed("/simple"), ..Refusal::new(RefusalCode::NotSimple) });
    }
    Ok(())
}

pub(super) fn object(story: &mut Story<'_>, objection: &Objection) -> Result<(), Refusal> {
    let known = objection
        .proposed
        .is_none_or(|proposed| story.context.directory.active_organisation(proposed).is_some());
    let mut errors = FieldErrors::default();
    errors.expect(known, "/proposed", FieldCode::UnknownOrganisation);
    errors.finish()?;
    story.happen(Event::Objected(objection.clone()));
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "every command's function has one shape")]
pub(super) fn decide_objection(story: &mut Story<'_>, decision: &ObjectionDecision) -> Result<(), Refusal> {
    story.happen(Event::ObjectionDecided(decision.clone()));
    Ok(())
}

pub(super) fn reply_directly(story: &mut Story<'_>, reply: &Reply) -> Result<(), Refusal> {
    notice_fits(story, reply.way, "/way")?;
    story.happen(Event::DirectlyReplied(reply.clone()));
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "every command's function has one shape")]
pub(super) fn file_only(story: &mut Story<'_>, reason: &Reason) -> Result<(), Refusal> {
    story.happen(Event::FiledOnly(reason.clone()));
    Ok(())
}

pub(super) fn decide_acceptance(story: &mut Story<'_>, decision: &AcceptanceDecision) -> Result<(), Refusal> {
    match decision {
        AcceptanceDecision::Accept(acceptance) => accept(story, acceptance),
        AcceptanceDecision::Decline(declining) => {
            notice_fits(story, declining.notice, "/notice")?;
            story.happen(Event::Declined(declining.clone()));
            Ok(())
        }
        AcceptanceDecision::NoLongerAccept(refusal) => {
            notice_fits(story, refusal.notice, "/notice")?;
            story.happen(Event::NoLongerAccepted(refusal.clone()));
            Ok(())
        }
        AcceptanceDecision::RouteOut(routing) => {
            notice_fits(story, routing.notice, "/notice")?;
            let mut errors = FieldErrors::default();
            let leaves = routing.route != Route::PetitionProcedure;
            errors.expect_by(leaves, "/route", FieldCode::OutOfRange, 31);
            errors.finish()?;
            story.happen(Event::RoutedOut(routing.clone()));
            Ok(())
        }
    }
}

fn accept(story: &mut Story<'_>, acceptance: &AcceptancePayload) -> Result<(), Refusal> {
    notice_fits(story, acceptance.notice, "/notice")?;
    simple_fits(story, acceptance.simple, false)?;
    story.happen(Event::Accepted(acceptance.clone()));
    Ok(())
}

/// The petitioner is told unless name or address is unclear (Art. 23): a named petitioner is told.
fn notice_fits(story: &Story<'_>, way: NoticeWay, pointer: &str) -> Result<(), Refusal> {
    if way == NoticeWay::Exempt && !story.case.filing.anonymous {
        return Err(Refusal::field(pointer, FieldCode::AnonymousMismatch).by(23));
    }
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "every command's function has one shape")]
pub(super) fn acknowledge(story: &mut Story<'_>, receipt: &Receipt) -> Result<(), Refusal> {
    story.happen(Event::ReceiptAcknowledged(receipt.clone()));
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "every command's function has one shape")]
pub(super) fn record_outcome(story: &mut Story<'_>, result: &AccusationResult) -> Result<(), Refusal> {
    story.happen(Event::OutcomeRecorded(result.clone()));
    Ok(())
}
