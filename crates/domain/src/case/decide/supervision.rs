//! Supervision (Art. 39, 40): the order, the organ's report, the verdict, the escalation, the three suggestions.

use std::collections::BTreeSet;

use super::instruction::expect_limit;
use super::story::Story;
use crate::access::Duty;
use crate::case::content::{
    Escalation, EscalationStep, ProposalDismissal, SuggestionsAnswer, SupervisionOrder, SupervisionReport,
    SupervisionVerdict, SupervisionWay, SupervisorySuggestionKind, SupervisorySuggestions,
};
use crate::case::supervision::{OrderState, Supervision};
use crate::case::{Case, Event};
use crate::deadline::{ClockKind, Deadline};
use crate::id::OrganisationId;
use crate::refusal::{FieldCode, FieldErrors, Refusal};

pub(super) fn order(story: &mut Story<'_>, order: &SupervisionOrder) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    expect_answerable(story, &mut errors, order.to);
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
pub(super) fn report(story: &mut Story<'_>, order: u16, report: &SupervisionReport) -> Result<(), Refusal> {
    story.happen(Event::SupervisionReported { order, report: report.clone() });
    Ok(())
}

pub(super) fn judge(story: &mut Story<'_>, order: u16, verdict: &SupervisionVerdict) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let code = if verdict.accepted { FieldCode::NotExpected } else { FieldCode::Required };
    errors.expect(verdict.accepted == verdict.report_due_on.is_none(), "/report_due_on", code);
    if let Some(due) = verdict.report_due_on {
        expect_limit(story, &mut errors, due);
    }
    errors.finish()?;
    story.written_due_on = verdict.report_due_on;
    story.happen(Event::SupervisionJudged { order, verdict: verdict.clone() });
    Ok(())
}

pub(super) fn escalate(story: &mut Story<'_>, order: u16, escalation: &Escalation) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let before = story.case.supervision(order).into_iter().flat_map(|it| &it.escalations);
    let highest = before.map(|made| made.escalation.step).max();
    errors.expect_by(Some(escalation.step) > highest, "/step", FieldCode::NotAHigherStep, 39);
    let talks = escalation.step == EscalationStep::SummonsToTalk;
    let code = if talks { FieldCode::Required } else { FieldCode::NotExpected };
    errors.expect(talks == escalation.talk.is_some(), "/talk", code);
    expect_limit(story, &mut errors, escalation.report_due_on);
    errors.finish()?;
    story.written_due_on = Some(escalation.report_due_on);
    story.happen(Event::SupervisionEscalated { order, escalation: escalation.clone() });
    Ok(())
}

pub(super) fn suggest(
    story: &mut Story<'_>,
    order: u16,
    suggestions: &SupervisorySuggestions,
) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    expect_answerable(story, &mut errors, suggestions.to);
    let kinds: Vec<_> = suggestions.suggestions.iter().map(|it| it.kind).collect();
    errors.expect(!kinds.is_empty(), "/suggestions", FieldCode::Required);
    expect_each_once(&mut errors, "/suggestions", &kinds);
    errors.finish()?;
    story.happen(Event::SuggestionsMade { order, suggestions: suggestions.clone() });
    Ok(())
}

pub(super) fn answer(story: &mut Story<'_>, order: u16, answer: &SuggestionsAnswer) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let kinds: Vec<_> = answer.answers.iter().map(|it| it.kind).collect();
    expect_each_once(&mut errors, "/answers", &kinds);
    let made = story.case.supervision(order).and_then(Supervision::unanswered);
    let asked = made.into_iter().flat_map(|made| &made.suggestions.suggestions).map(|it| it.kind);
    let (asked, answered): (BTreeSet<_>, BTreeSet<_>) = (asked.collect(), kinds.iter().copied().collect());
    errors.expect_by(asked.is_subset(&answered), "/answers", FieldCode::SuggestionUnanswered, 40);
    errors.expect(answered.is_subset(&asked), "/answers", FieldCode::NotExpected);
    errors.finish()?;
    story.happen(Event::SuggestionsAnswered { order, answer: answer.clone() });
    Ok(())
}

pub(super) fn dismiss(story: &mut Story<'_>, dismissal: &ProposalDismissal) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let organ = dismissal.organisation;
    let proposed = story.case.supervision_proposals.iter().any(|it| it.organisation == organ);
    errors.expect(proposed, "/organisation", FieldCode::NothingProposed);
    errors.expect(!is_own(story, organ), "/organisation", FieldCode::OwnOrgan);
    errors.finish()?;
    story.happen(Event::ProposalsDismissed(dismissal.clone()));
    Ok(())
}

/// An organ other than the supervisor's own, where somebody can answer.
fn expect_answerable(story: &Story<'_>, errors: &mut FieldErrors, organ: OrganisationId) {
    expect_staffed(story, errors, organ);
    errors.expect(!is_own(story, organ), "/to", FieldCode::OwnOrgan);
}

/// An active organ whose head can answer, or in a petition department whoever passes its papers on.
pub(super) fn expect_staffed(story: &Story<'_>, errors: &mut FieldErrors, organ: OrganisationId) {
    let directory = story.context.directory;
    let is_known = directory.active_organisation(organ).is_some();
    errors.expect(is_known, "/to", FieldCode::UnknownOrganisation);
    let duty = if directory.is_petition_department(organ) { Duty::Dispatch } else { Duty::Sign };
    let is_answered = directory.has_staff_for(organ, Duty::Sign) || directory.has_staff_for(organ, duty);
    errors.expect(!is_known || is_answered, "/to", FieldCode::NobodyThere);
}

fn is_own(story: &Story<'_>, organ: OrganisationId) -> bool {
    story.context.actor.staff().is_some_and(|staff| staff.organisation == organ)
}

fn expect_each_once(errors: &mut FieldErrors, pointer: &str, kinds: &[SupervisorySuggestionKind]) {
    let once: BTreeSet<_> = kinds.iter().collect();
    errors.expect(once.len() == kinds.len(), pointer, FieldCode::Duplicate);
}

/// Whether a supervisor is asked what to do about an organ that let the clock pass: of every duty under the Regulation's own
/// procedure. Accusations go by the discipline organs' rules (Art. 30).
pub(super) fn proposed_for(case: &Case, deadline: &Deadline) -> Option<OrganisationId> {
    let asked = deadline.kind.is_a_duty() && !case.is_confidential();
    let is_new = case.supervision_proposals.iter().all(|it| it.deadline != deadline.no);
    deadline.organisation.filter(|_| asked && is_new)
}

impl Story<'_> {
    /// Whether the supervised organ is to report and no clock says until when yet.
    pub(super) fn awaits_supervision_report(&self) -> bool {
        let awaits = self.case.open_supervision().is_some_and(|it| it.state == OrderState::AwaitingReport);
        awaits && self.case.open_deadline(ClockKind::SupervisionReport).is_none()
    }
}
