//! Handling by the organ: handlers, claims, findings, mediation, hearing, extension, opinion (Art. 28–34).

use std::collections::BTreeSet;

use chrono::Days;

use super::story::Story;
use crate::access::{Duty, Relation, relations};
use crate::case::content::{
    Agreement, Assignment, ClaimAnswer, ExtensionDecision, ExtensionRequest, HearingNotice, HearingOutcome,
    Mediation, MediationOutcome, NewClaims, NoticeWay, OpinionDraft, OpinionIssue, Recusal, Return,
};
use crate::case::{Case, Event, Status};
use crate::deadline::ClockKind;
use crate::measure::{Findings, Reasonableness};
use crate::refusal::{FieldCode, FieldErrors, Refusal, RefusalCode};

/// The law's limit on an extension (Art. 34).
const MOST_EXTENSION_DAYS: u16 = 30;
const MOST_CLAIMS: usize = 100;
/// A hearing stops the re-review's clock from its notice on, so it is not put off.
const MOST_DAYS_TO_A_HEARING: i64 = 60;

pub(super) fn assign(story: &mut Story<'_>, assignment: &Assignment) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    errors.expect(!assignment.handlers.is_empty(), "/handlers", FieldCode::Required);
    errors.expect(assignment.handlers.len() <= 10, "/handlers", FieldCode::TooMany);
    let mut named = BTreeSet::new();
    for (place, handler) in assignment.handlers.iter().enumerate() {
        let pointer = format!("/handlers/{place}/user");
        errors.expect(named.insert(handler.user), pointer.clone(), FieldCode::Duplicate);
        let staff = story.context.directory.staff(handler.user);
        errors.expect(staff.is_some(), pointer.clone(), FieldCode::UnknownUser);
        let Some(staff) = staff else { continue };
        let handles = staff.has(Duty::Handle) && !staff.role.is_administrator();
        let of_holder = staff.organisation == story.case.holder && handles;
        errors.expect(of_holder, pointer.clone(), FieldCode::NotOfTheHolder);
        let interested = handler.direct_interest || story.case.has_interest(handler.user);
        errors.expect_by(!interested, pointer, FieldCode::HasInterest, 28);
    }
    errors.expect(assignment.co_organisations.len() <= 20, "/co_organisations", FieldCode::TooMany);
    for (place, organ) in assignment.co_organisations.iter().enumerate() {
        let known = story.context.directory.active_organisation(*organ).is_some();
        errors.expect(known, format!("/co_organisations/{place}"), FieldCode::UnknownOrganisation);
    }
    errors.finish()?;
    story.happen(Event::HandlersAssigned(assignment.clone()));
    Ok(())
}

pub(super) fn recuse(story: &mut Story<'_>, recusal: &Recusal) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let target = story.context.directory.staff(recusal.user);
    errors.expect(target.is_some(), "/user", FieldCode::UnknownUser);
    let may_say_so = story.context.actor.staff().is_some_and(|staff| {
        let held = relations(story.context.actor, &story.case, story.context.directory);
        // Of others only in the part that one directs, and a deputy not of whose place it is.
        let handles = |organ| organ == story.case.holder || story.case.co_organisations.contains(&organ);
        let directs = |organ| {
            let handling = [(Duty::Sign, Relation::Holder), (Duty::Supervise, Relation::Territory)];
            let may = |(duty, relation): &(Duty, Relation)| staff.has(*duty) && held.contains(relation);
            handling.iter().any(may) && handles(organ)
                || may(&(Duty::Review, Relation::ReviewOrgan)) && organ == staff.organisation
        };
        let supervises = staff.has(Duty::Supervise) && held.contains(&Relation::Territory);
        let leads = story.case.in_charge.as_ref().is_some_and(|charge| charge.leader == recusal.user);
        let is_principal = staff.deputy.is_some() && recusal.user == staff.user;
        staff.acting() == recusal.user
            || !is_principal && target.is_some_and(|target| directs(target.organisation))
            || !is_principal && leads && supervises
    });
    errors.expect_by(may_say_so, "/user", FieldCode::NotYourself, 28);
    let again = story.case.recused_users().any(|recused| recused == recusal.user);
    errors.expect(!again, "/user", FieldCode::Duplicate);
    errors.finish()?;
    story.happen(Event::Recused(recusal.clone()));
    Ok(())
}

pub(super) fn add_claims(story: &mut Story<'_>, added: &NewClaims) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    errors.expect(!added.claims.is_empty(), "/claims", FieldCode::Required);
    let total = story.case.claims.len() + added.claims.len();
    errors.expect(total <= MOST_CLAIMS, "/claims", FieldCode::TooMany);
    errors.finish()?;
    story.happen(Event::ClaimsAdded(added.clone()));
    Ok(())
}

pub(super) fn record_findings(story: &mut Story<'_>, findings: &Findings) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let any = !findings.claims.is_empty() || findings.hardship.is_some() || findings.conduct.is_some();
    errors.expect(any, "", FieldCode::Required);
    let open_to_claims = matches!(story.case.status, Status::InHandling | Status::OpinionDraft);
    errors.expect(open_to_claims || findings.claims.is_empty(), "/claims", FieldCode::NotExpected);
    let mut seen = BTreeSet::new();
    for (place, finding) in findings.claims.iter().enumerate() {
        let pointer = format!("/claims/{place}/claim");
        errors.expect(story.case.claim(finding.claim).is_some(), pointer.clone(), FieldCode::UnknownClaim);
        errors.expect(seen.insert(finding.claim), pointer, FieldCode::Duplicate);
        let found = finding.reasonableness != Reasonableness::Undetermined;
        errors.expect(found, format!("/claims/{place}/reasonableness"), FieldCode::Required);
    }
    if let Some(hardship) = &findings.hardship {
        story.context.expect_past(&mut errors, "/hardship/checked_on", hardship.checked_on);
    }
    errors.finish()?;
    story.happen(Event::FindingsRecorded(findings.clone()));
    Ok(())
}

pub(super) fn start_mediation(story: &mut Story<'_>, mediation: &Mediation) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let pointer = "/petitioner_consents";
    errors.expect_by(mediation.petitioner_consents, pointer, FieldCode::ConsentMissing, 33);
    let pointer = "/other_party_consents";
    errors.expect_by(mediation.other_party_consents, pointer, FieldCode::ConsentMissing, 33);
    errors.finish()?;
    story.happen(Event::MediationStarted(mediation.clone()));
    Ok(())
}

pub(super) fn conclude_mediation(story: &mut Story<'_>, outcome: &MediationOutcome) -> Result<(), Refusal> {
    if let Some(agreement) = &outcome.agreement {
        check_agreement(story, agreement)?;
    }
    story.happen(Event::MediationConcluded(outcome.clone()));
    Ok(())
}

fn check_agreement(story: &Story<'_>, agreement: &Agreement) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    story.context.expect_past(&mut errors, "/agreement/signed_on", agreement.signed_on);
    errors.expect(!agreement.claims.is_empty(), "/agreement/claims", FieldCode::Required);
    for (place, claim) in agreement.claims.iter().enumerate() {
        let known = story.case.claim(*claim).is_some();
        errors.expect(known, format!("/agreement/claims/{place}"), FieldCode::UnknownClaim);
    }
    let in_time = agreement.perform_by.is_none_or(|by| by >= agreement.signed_on);
    errors.expect(in_time, "/agreement/perform_by", FieldCode::BeforeCause);
    errors.finish()
}

pub(super) fn convene_hearing(story: &mut Story<'_>, notice: &HearingNotice) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let ahead = (notice.held_on - story.context.today).num_days();
    let in_time = ahead >= i64::from(story.context.rules.hearing_notice_days);
    errors.expect(in_time && ahead <= MOST_DAYS_TO_A_HEARING, "/held_on", FieldCode::OutOfRange);
    let chair =
        story.context.directory.staff(notice.chair).is_some_and(|chair| !chair.role.is_administrator());
    errors.expect(chair, "/chair", FieldCode::UnknownUser);
    let investigates = story.case.took_part.contains(&notice.chair);
    errors.expect(!investigates, "/chair", FieldCode::ChairIsHandler);
    let interested = story.case.has_interest(notice.chair);
    errors.expect_by(!interested, "/chair", FieldCode::HasInterest, 28);
    errors.expect(notice.panel.len() <= 15, "/panel", FieldCode::TooMany);
    errors.finish()?;
    story.happen(Event::HearingConvened(notice.clone()));
    if story.case.status == Status::ReReviewing {
        story.pause_for_hearing();
    }
    Ok(())
}

pub(super) fn conclude_hearing(story: &mut Story<'_>, outcome: &HearingOutcome) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    story.context.expect_past(&mut errors, "/concluded_on", outcome.concluded_on);
    let held =
        story.case.hearings.last().is_some_and(|hearing| hearing.notice.held_on <= outcome.concluded_on);
    errors.expect(held, "/concluded_on", FieldCode::BeforeCause);
    errors.finish()?;
    story.happen(Event::HearingConcluded(outcome.clone()));
    story.resume(outcome.concluded_on);
    Ok(())
}

pub(super) fn request_extension(story: &mut Story<'_>, request: &ExtensionRequest) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let within = (1..=MOST_EXTENSION_DAYS).contains(&request.days);
    errors.expect_by(within, "/days", FieldCode::OutOfRange, 34);
    errors.finish()?;
    story.happen(Event::ExtensionRequested(request.clone()));
    Ok(())
}

pub(super) fn decide_extension(story: &mut Story<'_>, decision: &ExtensionDecision) -> Result<(), Refusal> {
    let days = story.case.extension.as_ref().map_or(0, |extension| extension.request.days);
    let clock = story
        .case
        .open_deadline(ClockKind::Handling)
        .filter(|deadline| !deadline.is_past(story.context.today))
        .map(|deadline| deadline.due.nominal_due_on);
    let mut errors = FieldErrors::default();
    if decision.approved {
        errors.expect_by(clock.is_some(), "/approved", FieldCode::InPast, 34);
        let told = decision.notice.is_some_and(|way| way != NoticeWay::Exempt || story.case.filing.anonymous);
        errors.expect_by(told, "/notice", FieldCode::Required, 34);
    }
    errors.finish()?;
    story.happen(Event::ExtensionDecided(decision.clone()));
    story.clocks_unaffected = !decision.approved;
    if let Some(end) = clock {
        story.effective_on = end;
        story.written_due_on = end.checked_add_days(Days::new(days.into()));
    }
    Ok(())
}

pub(super) fn draft_opinion(story: &mut Story<'_>, draft: &OpinionDraft) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    errors.expect_by(!draft.answers.is_empty(), "/answers", FieldCode::Required, 32);
    check_answers(&story.case, &draft.answers, &mut errors);
    errors.finish()?;
    if story.context.rules.forbid_same_opinion && repeats_what_was_set_aside(&story.case, draft) {
        let pointed = Refusal::field("/answers", FieldCode::Duplicate);
        return Err(Refusal { code: RefusalCode::SameOpinionAgain, ..pointed });
    }
    story.happen(Event::OpinionDrafted(draft.clone()));
    Ok(())
}

/// Every claim that no agreement settled is answered once (Art. 32).
pub(super) fn check_answers(case: &Case, answers: &[ClaimAnswer], errors: &mut FieldErrors) {
    let mut answered = BTreeSet::new();
    for (place, answer) in answers.iter().enumerate() {
        let pointer = format!("/answers/{place}/claim");
        errors.expect(case.claim(answer.claim).is_some(), pointer.clone(), FieldCode::UnknownClaim);
        errors.expect(answered.insert(answer.claim), pointer, FieldCode::Duplicate);
    }
    let all = case.claims.iter().all(|claim| claim.settled || answered.contains(&claim.no));
    errors.expect_by(all, "/answers", FieldCode::ClaimUnanswered, 32);
}

fn repeats_what_was_set_aside(case: &Case, draft: &OpinionDraft) -> bool {
    let Some(before) = case.opinions.last().filter(|opinion| opinion.set_aside) else { return false };
    let results = |answers: &[ClaimAnswer]| -> BTreeSet<(u16, &'static str)> {
        answers.iter().map(|answer| (answer.claim, answer.result.into())).collect()
    };
    results(&before.opinion.answers) == results(&draft.answers) && before.opinion.facts == draft.facts
}

#[expect(clippy::unnecessary_wraps, reason = "every command's function has one shape")]
pub(super) fn return_opinion(story: &mut Story<'_>, back: &Return) -> Result<(), Refusal> {
    story.happen(Event::OpinionReturned(back.clone()));
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "every command's function has one shape")]
pub(super) fn issue_opinion(story: &mut Story<'_>, issue: &OpinionIssue) -> Result<(), Refusal> {
    story.happen(Event::OpinionIssued(issue.clone()));
    Ok(())
}
