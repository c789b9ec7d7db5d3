//! How a case ends, and what comes after: closure, both resolutions, withdrawal, reopening, archive,
//! the suggestion's answer, aftercare (Art. 27, 29, 36, 37).

use chrono::{Days, NaiveDate};

use super::story::Story;
use crate::access::Duty;
use crate::case::content::{
    Adoption, Aftercare, Archiving, ClosingReport, Erasure, Evaluation, NoticeWay, Pledge, Reopening,
    ReopeningGround, Reply, Reward, StudyConclusion, VisitBack, Withdrawal,
};
use crate::case::{Event, HeartReason};
use crate::id::CaseId;
use crate::refusal::{FieldCode, FieldErrors, Refusal, RefusalCode};

pub(super) fn visit_back(story: &mut Story<'_>, visit: &VisitBack) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    story.context.expect_past(&mut errors, "/visited_on", visit.visited_on);
    errors.expect(visit.visited_on >= story.case.filed_on, "/visited_on", FieldCode::BeforeCause);
    errors.finish()?;
    story.happen(Event::VisitedBack(visit.clone()));
    if answered_on(story).is_some_and(|answered| answered <= visit.visited_on) {
        hear(story, visit.satisfaction.is_content(), visit.visited_on, HeartReason::VisitBack);
    }
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "every command's function has one shape")]
pub(super) fn evaluate(story: &mut Story<'_>, evaluation: &Evaluation) -> Result<(), Refusal> {
    story.happen(Event::Evaluated(evaluation.clone()));
    let content = evaluation.responsible_unit.is_content();
    hear(story, content, story.context.today, HeartReason::Evaluation);
    Ok(())
}

pub(super) fn record_pledge(story: &mut Story<'_>, pledge: &Pledge) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    story.context.expect_past(&mut errors, "/signed_on", pledge.signed_on);
    errors.expect(pledge.signed_on >= story.case.filed_on, "/signed_on", FieldCode::BeforeCause);
    errors.finish()?;
    story.happen(Event::PledgeRecorded(pledge.clone()));
    if answered_on(story).is_some_and(|answered| answered <= pledge.signed_on) {
        hear(story, true, pledge.signed_on, HeartReason::Pledge);
    }
    Ok(())
}

/// When the petitioner had the answer to be content with: the opinion's delivery, an agreement, an earlier reply.
fn answered_on(story: &Story<'_>) -> Option<NaiveDate> {
    let case = &story.case;
    let delivered = case.opinion().and_then(|opinion| opinion.delivered_on);
    let agreed = case.agreements.last().map(|agreement| agreement.signed_on);
    let replied = case.earlier_reply.as_ref().map(|reply| reply.replied_on);
    delivered.or(agreed).or(replied)
}

/// What the petitioner says resolves the heart, or undoes it (§3.2).
fn hear(story: &mut Story<'_>, content: bool, on: NaiveDate, because: HeartReason) {
    match (content, story.case.resolution.heart_resolved_on) {
        (true, None) => {
            let days = Days::new(u64::from(story.context.rules.observation_days));
            let observed_until = on.checked_add_days(days).unwrap_or(on);
            story.happen(Event::HeartResolved { on, because, observed_until });
        }
        (false, Some(_)) => story.happen(Event::HeartUnresolved { on, because }),
        _ => {}
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every command's function has one shape")]
pub(super) fn note_repeat(story: &mut Story<'_>, case: CaseId) -> Result<(), Refusal> {
    story.happen(Event::RepeatNoted { case });
    super::backlog::relapse(story, case);
    let today = story.context.today;
    let resolution = &story.case.resolution;
    let observed = resolution.observed_until.is_some_and(|until| today <= until);
    if resolution.heart_resolved_on.is_some() && observed {
        story.happen(Event::HeartUnresolved { on: today, because: HeartReason::Repeat });
    }
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "every command's function has one shape")]
pub(super) fn close(story: &mut Story<'_>, report: &ClosingReport) -> Result<(), Refusal> {
    story.happen(Event::Closed(report.clone()));
    if story.case.resolution.matter_resolved_on.is_none() {
        story.happen(Event::MatterResolved { on: story.context.today });
    }
    Ok(())
}

pub(super) fn withdraw(story: &mut Story<'_>, withdrawal: &Withdrawal) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    story.context.expect_past(&mut errors, "/withdrawn_on", withdrawal.withdrawn_on);
    let after = withdrawal.withdrawn_on >= story.case.filed_on;
    errors.expect(after, "/withdrawn_on", FieldCode::BeforeCause);
    errors.finish()?;
    story.happen(Event::Withdrawn(withdrawal.clone()));
    Ok(())
}

pub(super) fn reopen(story: &mut Story<'_>, reopening: &Reopening) -> Result<(), Refusal> {
    if story.case.is_terminated() && reopening.ground == ReopeningGround::NewFacts {
        let pointed = Refusal::field("/ground", FieldCode::OutOfRange).by(36);
        return Err(Refusal { code: RefusalCode::FileAsNewMatter, ..pointed });
    }
    let supervises = story.context.actor.staff().is_some_and(|staff| staff.has(Duty::Supervise));
    if reopening.ground == ReopeningGround::FoundWrong && !supervises {
        let pointed = Refusal::field("/ground", FieldCode::OutOfRange).by(40);
        return Err(Refusal { code: RefusalCode::SupervisionRequired, ..pointed });
    }
    let today = story.context.today;
    let resolution = story.case.resolution.clone();
    story.happen(Event::Reopened(reopening.clone()));
    if resolution.matter_resolved_on.is_some() {
        story.happen(Event::MatterUnresolved { on: today });
    }
    if resolution.heart_resolved_on.is_some() {
        story.happen(Event::HeartUnresolved { on: today, because: HeartReason::Reopened });
    }
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "every command's function has one shape")]
pub(super) fn archive(story: &mut Story<'_>, archiving: &Archiving) -> Result<(), Refusal> {
    story.happen(Event::Archived(archiving.clone()));
    Ok(())
}

pub(super) fn erase(story: &mut Story<'_>, erasure: &Erasure) -> Result<(), Refusal> {
    if erasure.proposed_by == erasure.agreed_by {
        return Err(Refusal::new(RefusalCode::AgreesToOwnProposal));
    }
    story.happen(Event::PersonalDataErased(erasure.clone()));
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "every command's function has one shape")]
pub(super) fn conclude_study(story: &mut Story<'_>, conclusion: &StudyConclusion) -> Result<(), Refusal> {
    story.happen(Event::StudyConcluded(conclusion.clone()));
    Ok(())
}

pub(super) fn reply_to_suggestion(story: &mut Story<'_>, reply: &Reply) -> Result<(), Refusal> {
    let exempt = reply.way == NoticeWay::Exempt && !story.case.filing.anonymous;
    let mut errors = FieldErrors::default();
    errors.expect_by(!exempt, "/way", FieldCode::AnonymousMismatch, 29);
    errors.finish()?;
    story.happen(Event::SuggestionAnswered(reply.clone()));
    Ok(())
}

pub(super) fn reward(story: &mut Story<'_>, reward: &Reward) -> Result<(), Refusal> {
    let adopted = story.case.study.as_ref().is_some_and(|study| study.adoption != Adoption::NotAdopted);
    let mut errors = FieldErrors::default();
    errors.expect_by(adopted, "/reward", FieldCode::OutOfRange, 29);
    errors.finish()?;
    story.happen(Event::SuggestionRewarded(reward.clone()));
    Ok(())
}

pub(super) fn record_aftercare(story: &mut Story<'_>, given: &Aftercare) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    story.context.expect_past(&mut errors, "/done_on", given.done_on);
    let ended = story.case.terminated_on.is_some_and(|ended| ended <= given.done_on);
    errors.expect_by(ended, "/done_on", FieldCode::BeforeCause, 37);
    errors.finish()?;
    story.happen(Event::AftercareGiven(given.clone()));
    Ok(())
}
