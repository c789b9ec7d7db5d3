//! Supervision (Art. 39, 40): the order, the organ's report, the verdict, the escalation, the three suggestions.

use std::collections::BTreeSet;

use super::instruction::expect_limit;
use super::story::Story;
use crate::case::Event;
use crate::case::content::{
    Escalation, EscalationStep, ProposalDismissal, SuggestionsAnswer, SupervisionOrder, SupervisionReport,
    SupervisionVerdict, SupervisionWay, SupervisorySuggestions,
};
use crate::case::guard::answering_duties;
use crate::case::supervision::{OrderState, Supervision};
use crate::deadline::Runner;
use crate::id::{OrganisationId, UserId};
use crate::refusal::{FieldCode, FieldErrors, Refusal};

pub(super) fn order(story: &mut Story<'_>, order: &SupervisionOrder) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    expect_answerable(story, &mut errors, order.to);
    errors.expect(!is_above(story, order.to), "/to", FieldCode::OfAHigherLevel);
    let has_part = story.case.organisations().any(|organ| organ == order.to);
    errors.expect(has_part, "/to", FieldCode::NoPartInTheCase);
    let by_letter = order.way == SupervisionWay::Letter;
    errors.expect(!by_letter || order.document_no.is_some(), "/document_no", FieldCode::Required);
    expect_limit(story, &mut errors, order.report_due_on);
    errors.finish()?;
    let no = u16::try_from(story.case.supervisions.len() + 1).unwrap_or(u16::MAX);
    story.written_due_on = Some(order.report_due_on);
    story.happen(Event::SupervisionOrdered { no, order: order.clone() });
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "every command's function has one shape")]
pub(super) fn report(story: &mut Story<'_>, no: u16, report: &SupervisionReport) -> Result<(), Refusal> {
    story.happen(Event::SupervisionReported { no, report: report.clone() });
    Ok(())
}

pub(super) fn judge(story: &mut Story<'_>, no: u16, verdict: &SupervisionVerdict) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let reported = story.case.supervision(no).is_some_and(|it| it.state == OrderState::AwaitingVerdict);
    errors.expect(verdict.accepted || reported, "/accepted", FieldCode::NothingReported);
    let code = if verdict.accepted { FieldCode::NotExpected } else { FieldCode::Required };
    errors.expect(verdict.accepted == verdict.report_due_on.is_none(), "/report_due_on", code);
    if let Some(due) = verdict.report_due_on {
        expect_limit(story, &mut errors, due);
    }
    errors.finish()?;
    story.written_due_on = verdict.report_due_on;
    story.happen(Event::SupervisionJudged { no, verdict: verdict.clone() });
    Ok(())
}

pub(super) fn escalate(story: &mut Story<'_>, no: u16, escalation: &Escalation) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let before = story.case.supervision(no).into_iter().flat_map(|it| &it.escalations);
    let highest = before.map(|made| made.escalation.step).max();
    errors.expect_by(Some(escalation.step) > highest, "/step", FieldCode::NotAHigherStep, 39);
    let talks = escalation.step == EscalationStep::SummonsToTalk;
    let code = if talks { FieldCode::Required } else { FieldCode::NotExpected };
    errors.expect(talks == escalation.talk.is_some(), "/talk", code);
    expect_limit(story, &mut errors, escalation.report_due_on);
    errors.finish()?;
    story.written_due_on = Some(escalation.report_due_on);
    story.happen(Event::SupervisionEscalated { no, escalation: escalation.clone() });
    Ok(())
}

pub(super) fn suggest(
    story: &mut Story<'_>,
    no: u16,
    suggestions: &SupervisorySuggestions,
) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    expect_answerable(story, &mut errors, suggestions.to);
    let kinds: Vec<_> = suggestions.suggestions.iter().map(|it| it.kind).collect();
    errors.expect(!kinds.is_empty(), "/suggestions", FieldCode::Required);
    errors.expect_each_once("/suggestions", &kinds);
    errors.finish()?;
    story.happen(Event::SuggestionsMade { no, suggestions: suggestions.clone() });
    Ok(())
}

pub(super) fn answer(story: &mut Story<'_>, no: u16, answer: &SuggestionsAnswer) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let kinds: Vec<_> = answer.answers.iter().map(|it| it.kind).collect();
    errors.expect_each_once("/answers", &kinds);
    let made = story.case.supervision(no).and_then(Supervision::unanswered);
    let asked = made.into_iter().flat_map(|made| &made.suggestions.suggestions).map(|it| it.kind);
    let (asked, answered): (BTreeSet<_>, BTreeSet<_>) = (asked.collect(), kinds.iter().copied().collect());
    errors.expect_by(asked.is_subset(&answered), "/answers", FieldCode::SuggestionUnanswered, 40);
    errors.expect(answered.is_subset(&asked), "/answers", FieldCode::NotExpected);
    errors.finish()?;
    story.happen(Event::SuggestionsAnswered { no, answer: answer.clone() });
    Ok(())
}

pub(super) fn dismiss(story: &mut Story<'_>, dismissal: &ProposalDismissal) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    errors.expect(!dismissal.deadlines.is_empty(), "/deadlines", FieldCode::Required);
    for (place, no) in dismissal.deadlines.iter().enumerate() {
        let pointer = format!("/deadlines/{place}");
        let proposal = story.case.supervision_proposals.iter().find(|it| it.deadline == *no);
        errors.expect(proposal.is_some(), pointer.clone(), FieldCode::NothingProposed);
        let Some(proposal) = proposal else { continue };
        errors.expect(!is_own(story, proposal.organisation), pointer.clone(), FieldCode::OwnOrgan);
        errors.expect(!is_above(story, proposal.organisation), pointer, FieldCode::OfAHigherLevel);
    }
    errors.finish()?;
    story.happen(Event::ProposalsDismissed(dismissal.clone()));
    Ok(())
}

/// An organ other than the supervisor's own, where somebody can answer.
fn expect_answerable(story: &Story<'_>, errors: &mut FieldErrors, organ: OrganisationId) {
    expect_staffed_at(story, errors, "/to", organ);
    errors.expect(!is_own(story, organ), "/to", FieldCode::OwnOrgan);
}

/// An active organ where somebody who has no interest in the case can answer.
pub(super) fn expect_staffed_at(
    story: &Story<'_>,
    errors: &mut FieldErrors,
    pointer: &str,
    organ: OrganisationId,
) {
    let free = |user| !story.case.has_interest(user);
    expect_staffed_by(story, errors, pointer, organ, free);
}

/// An active organ where one of these can answer.
pub(super) fn expect_staffed_by(
    story: &Story<'_>,
    errors: &mut FieldErrors,
    pointer: &str,
    organ: OrganisationId,
    free: impl Fn(UserId) -> bool,
) {
    let directory = story.context.directory;
    let is_known = directory.active_organisation(organ).is_some();
    errors.expect(is_known, pointer, FieldCode::UnknownOrganisation);
    let duties = answering_duties(organ, directory);
    let is_answered = duties.iter().any(|duty| directory.has_somebody_for(organ, *duty, &free));
    errors.expect(!is_known || is_answered, pointer, FieldCode::NobodyThere);
}

/// Whether the organ is of a level above the supervisor's.
fn is_above(story: &Story<'_>, organ: OrganisationId) -> bool {
    let level = |organ| story.context.directory.organisation(organ).map(|organ| organ.level);
    let own = story.context.actor.staff().and_then(|staff| level(staff.organisation));
    level(organ).zip(own).is_some_and(|(level, own)| level < own)
}

fn is_own(story: &Story<'_>, organ: OrganisationId) -> bool {
    story.context.actor.staff().is_some_and(|staff| staff.organisation == organ)
}

/// A supervisor is asked what to do about an organ that let a clock of a duty pass (Art. 40). Leaders in charge answer to the
/// joint conference, and accusations go by the discipline organs' own rules (Art. 30).
pub(super) fn propose_for(story: &mut Story<'_>, no: u16) {
    let Some(deadline) = story.case.deadlines.iter().find(|deadline| deadline.no == no) else { return };
    let asked = deadline.kind.is_a_duty()
        && deadline.kind.row().runner != Runner::Leader
        && !story.case.is_confidential();
    if let Some(organisation) = deadline.organisation.filter(|_| asked) {
        story.happen(Event::SupervisionProposed { deadline: no, organisation });
    }
}

impl Story<'_> {
    /// Whether the supervised organ is to report.
    pub(super) fn awaits_supervision_report(&self) -> bool {
        self.case.open_supervision().is_some_and(|it| it.state == OrderState::AwaitingReport)
    }

    /// Whether an order has just been closed without a report.
    pub(super) fn is_done_with_supervision(&self) -> bool {
        self.case.open_supervision().is_none()
    }
}
