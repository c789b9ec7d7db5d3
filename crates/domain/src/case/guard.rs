//! What must hold before a command, whatever is sent with it; `decide` and `actions` share it.

mod backlog;
mod instruction;
mod supervision;

pub(super) use self::supervision::answering_duties;
use super::command::{About, CommandKind};
use super::content::ClaimResult;
use super::decide::Context;
use super::transitions::{allowed_from, rows};
use super::{Case, Purpose, Status};
use crate::access::Duty;
use crate::access::permits;
use crate::deadline::{ClockKind, Deadline};
use crate::id::{OrganisationId, UserId};
use crate::measure::{MeasureKind, MeasureState, Reasonableness};
use crate::organisation::ReviewStage;
use crate::refusal::{Refusal, RefusalCode};

/// Refuses for the track, the state, the right, and the facts of the case, in that order.
///
/// # Errors
/// The first that does not hold.
pub(super) fn check(
    case: &Case,
    kind: CommandKind,
    about: About,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let mut on_track = rows(kind, case.track).peekable();
    if on_track.peek().is_none() {
        return Err(Refusal::new(RefusalCode::WrongTrack));
    }
    let article = on_track.peek().and_then(|row| row.article);
    if !on_track.any(|row| row.from.contains(&case.status)) {
        let allowed_from = allowed_from(kind, case.track).into_iter().map(Into::into).collect();
        return Err(Refusal { article, allowed_from, ..Refusal::new(RefusalCode::StateForbids) });
    }
    if !permits(kind, context.actor, case, context.directory) {
        let accused = context.actor.is_among(case.accused_users());
        let recused = context.actor.is_among(case.recused_users());
        // An accused person learns nothing of an accusation (Art. 30), so the refusal does not tell either.
        if (accused || recused) && !(accused && case.is_confidential()) {
            return Err(Refusal::under(RefusalCode::MustBeRecused, 28));
        }
        return Err(Refusal { article, ..Refusal::new(RefusalCode::NotYours) });
    }
    facts(case, kind, about, context)
}

fn facts(case: &Case, kind: CommandKind, about: About, context: &Context<'_>) -> Result<(), Refusal> {
    match kind {
        CommandKind::Object => {
            still_open(case, ClockKind::Objection, context, RefusalCode::ObjectionTooLate, 23)
        }
        CommandKind::DirectReply => {
            let needs_opinion = matches!(case.filing.purpose, Purpose::Claim | Purpose::Appeal);
            unless(needs_opinion, RefusalCode::ClaimNeedsOpinion, 31)
        }
        CommandKind::ConfirmRepeat => {
            let confirmed = case.repeat_check.as_ref().is_some_and(|check| check.repeat_of.is_some());
            unless(confirmed, RefusalCode::RepeatConfirmed, 19)
        }
        CommandKind::Accept => may_accept(case, context),
        CommandKind::AcknowledgeReceipt => {
            let routes = context.directory.is_petition_department(case.holder);
            unless(routes, RefusalCode::PetitionDepartmentRoutes, 30)
        }
        CommandKind::NoLongerAccept => {
            let terminated = context.earlier.is_some_and(|earlier| earlier.terminated);
            unless(!terminated, RefusalCode::NotARepeatOfTerminated, 36)
        }
        CommandKind::ConveneHearing => {
            hears(case, context)?;
            // Nobody else takes the chair of a hearing whose own was recused.
            unless(hearing_open(case) && !chair_recused(case), RefusalCode::HearingOpen, 31)
        }
        CommandKind::ConcludeHearing => {
            hears(case, context)?;
            unless(!hearing_open(case), RefusalCode::NoHearing, 31)?;
            unless(chair_recused(case), RefusalCode::ChairRecused, 28)
        }
        CommandKind::RequestExtension => may_ask_for_extension(case, context),
        CommandKind::DecideExtension => may_decide_extension(case, context),
        CommandKind::StartMediation => unless(hearing_open(case), RefusalCode::HearingOpen, 31),
        CommandKind::DraftOpinion => {
            unless(hearing_open(case), RefusalCode::HearingOpen, 31)?;
            may_draft(case)
        }
        CommandKind::IssueOpinion => {
            let written = case.draft.iter().chain(&case.returned_drafts).any(|draft| {
                let drafters = [draft.drafted_by, draft.drafted_on_behalf_of];
                context.actor.is_among(drafters.into_iter().flatten())
                    && case.draft.as_ref().is_some_and(|current| current.draft == draft.draft)
            });
            unless(written, RefusalCode::SignerIsDrafter, 32)?;
            let drafters =
                case.draft.iter().flat_map(|draft| [draft.drafted_by, draft.drafted_on_behalf_of]).flatten();
            let recused = drafters.into_iter().any(|drafter| case.recused_users().any(|it| it == drafter));
            unless(recused, RefusalCode::DrafterRecused, 28)
        }
        CommandKind::Deliver => {
            let delivers = delivers_for_holder(case, context) || delivers_for_review(case, context);
            unless(!delivers, RefusalCode::NotYours, 35)
        }
        CommandKind::PlanMeasure
        | CommandKind::AddMeasureStep
        | CommandKind::ReportInPlace
        | CommandKind::VerifyMeasure
        | CommandKind::FindNotApplicable => about_measure(case, kind, about, context),
        CommandKind::RequestReview => may_request(case, ReviewStage::Review, context),
        CommandKind::RequestReReview => may_request(case, ReviewStage::ReReview, context),
        CommandKind::AdmitReview | CommandKind::AdmitReReview => {
            let decided = case.live_review().is_none_or(|review| review.admission.is_some());
            unless(decided, RefusalCode::ReviewAlreadyAdmitted, 35)?;
            unless(hearing_open(case), RefusalCode::HearingOpen, 36)?;
            reviewer_is_free(case, context)
        }
        CommandKind::DecideReview | CommandKind::DecideReReview => {
            let admitted = case.live_review().is_some_and(|review| review.admission.is_some());
            unless(!admitted, RefusalCode::ReviewNotAdmitted, 35)?;
            unless(hearing_open(case), RefusalCode::HearingOpen, 36)?;
            reviewer_is_free(case, context)
        }
        CommandKind::Evaluate => {
            let rated = context.actor.staff().is_some_and(|staff| {
                let issued = case.opinions.iter().any(|opinion| opinion.issued_by == staff.organisation);
                issued || staff.organisation == case.holder
            });
            unless(rated, RefusalCode::RatesOwnWork, 21)?;
            unless(case.evaluation.is_some(), RefusalCode::AlreadyEvaluated, 21)?;
            still_open(case, ClockKind::Evaluation, context, RefusalCode::EvaluationClosed, 21)
        }
        CommandKind::Close => {
            let told = case.status != Status::ReviewIssued
                || case.decided_review().is_some_and(|review| review.delivered_on.is_some());
            unless(!told, RefusalCode::NotYetDelivered, 36)?;
            may_close(case)
        }
        CommandKind::Reopen => open_again(case, kind),
        CommandKind::Archive => {
            open_again(case, kind)?;
            instruction::none_is_open(case)?;
            supervision::none_is_open(case)?;
            backlog::is_off_the_list(case)?;
            // Whoever is in charge has nothing to report on a file in the archive.
            let counts = |clock: &&Deadline| clock.kind != ClockKind::ChargeReport;
            let running = case.deadlines.iter().filter(counts).any(Deadline::is_open);
            if running {
                return Err(Refusal::new(RefusalCode::ClocksRunning));
            }
            if case.status == Status::Terminated { may_close(case) } else { Ok(()) }
        }
        CommandKind::TakeCharge => {
            unless(case.in_charge.is_some(), RefusalCode::AlreadyInCharge, 18)?;
            // Nobody is counted for what others have resolved.
            let resolved = case.resolution.matter_resolved_on.is_some();
            unless(resolved, RefusalCode::MatterResolvedAlready, 18)
        }
        CommandKind::ReportCharge | CommandKind::HandOverCharge => {
            unless(case.in_charge.is_none(), RefusalCode::NobodyInCharge, 18)
        }
        CommandKind::ListAsBacklog
        | CommandKind::ReportOnBacklog
        | CommandKind::InspectBacklog
        | CommandKind::StrikeOffBacklog => backlog::facts(case, kind, context),
        CommandKind::ReportOnInstruction | CommandKind::DecideInstruction => {
            instruction::facts(case, kind, about, context)
        }
        CommandKind::OrderSupervision
        | CommandKind::DismissProposals
        | CommandKind::ReportOnSupervision
        | CommandKind::JudgeSupervision
        | CommandKind::EscalateSupervision
        | CommandKind::MakeSuggestions
        | CommandKind::AnswerSuggestions => supervision::facts(case, kind, about, context),
        CommandKind::Erase => case.may_be_erased(context.today),
        _ => Ok(()),
    }
}

/// An earlier petition taken over with its answer has no measures to verify: it is reopened or archived
/// as it stands. A matter that was answered here is closed first.
fn open_again(case: &Case, kind: CommandKind) -> Result<(), Refusal> {
    let answered_elsewhere = case.earlier_reply.is_some() && case.opinions.is_empty();
    if case.status == Status::Delivered && !answered_elsewhere {
        let mut allowed_from = allowed_from(kind, case.track);
        allowed_from.retain(|status| *status != Status::Delivered);
        let allowed_from = allowed_from.into_iter().map(Into::into).collect();
        return Err(Refusal { allowed_from, ..Refusal::new(RefusalCode::StateForbids) });
    }
    Ok(())
}

const fn unless(fails: bool, code: RefusalCode, article: u8) -> Result<(), Refusal> {
    if fails { Err(Refusal::under(code, article)) } else { Ok(()) }
}

fn still_open(
    case: &Case,
    clock: ClockKind,
    context: &Context<'_>,
    code: RefusalCode,
    article: u8,
) -> Result<(), Refusal> {
    let open = case.open_deadline(clock).is_some_and(|deadline| !deadline.is_past(context.today));
    unless(!open, code, article)
}

/// In a review the reviewing organ hears, never the organ whose opinion is looked at.
fn hears(case: &Case, context: &Context<'_>) -> Result<(), Refusal> {
    let organ = case.live_review().map(|review| review.organ);
    let own = context.actor.staff().map(|staff| staff.organisation);
    unless(organ.is_some() && organ != own, RefusalCode::NotYours, 36)
}

/// Whether the caller hands over for the organ that has the case.
pub(super) fn delivers_for_holder(case: &Case, context: &Context<'_>) -> bool {
    context
        .actor
        .staff()
        .is_some_and(|staff| staff.organisation == case.holder || case.handlers.contains(&staff.user))
}

/// Whether the caller hands over for an organ that was asked for a review; before that it has no part.
fn delivers_for_review(case: &Case, context: &Context<'_>) -> bool {
    let own = context.actor.staff().map(|staff| staff.organisation);
    case.reviews.iter().any(|review| Some(review.organ) == own)
}

fn hearing_open(case: &Case) -> bool {
    case.hearings.last().is_some_and(|hearing| hearing.outcome.is_none())
}

fn chair_recused(case: &Case) -> bool {
    case.hearings
        .last()
        .is_some_and(|hearing| case.recused_users().any(|recused| recused == hearing.notice.chair))
}

fn may_accept(case: &Case, context: &Context<'_>) -> Result<(), Refusal> {
    let routes = context.directory.is_petition_department(case.holder);
    unless(routes, RefusalCode::PetitionDepartmentRoutes, 14)?;
    let handled = context.directory.has_staff_for(case.holder, Duty::Handle);
    unless(!handled, RefusalCode::NobodyToHandle, 23)?;
    let doubtful = case.filing.possible_repeats.iter().any(|possible| possible.terminated);
    unless(doubtful && case.repeat_check.is_none(), RefusalCode::RepeatCheckMissing, 36)?;
    let Some(earlier) = context.earlier else { return Ok(()) };
    unless(earlier.terminated, RefusalCode::MatterTerminated, 36)?;
    unless(earlier.status.is_in_process(), RefusalCode::SameMatterInProcess, 19)
}

fn may_ask_for_extension(case: &Case, context: &Context<'_>) -> Result<(), Refusal> {
    let asked = case.extension.as_ref().is_some_and(|extension| extension.approved != Some(false));
    unless(asked, RefusalCode::AlreadyExtended, 34)?;
    let clock = case.open_deadline(ClockKind::Handling);
    unless(clock.is_none(), RefusalCode::NoHandlingClock, 34)?;
    let past = clock.is_some_and(|deadline| deadline.is_past(context.today));
    unless(past, RefusalCode::HandlingLimitPassed, 34)
}

fn may_decide_extension(case: &Case, context: &Context<'_>) -> Result<(), Refusal> {
    let pending = case.extension.as_ref().filter(|extension| extension.approved.is_none());
    let Some(extension) = pending else {
        return Err(Refusal::under(RefusalCode::NoExtensionRequested, 34));
    };
    let proposers = [extension.proposed_by, extension.proposed_on_behalf_of];
    let own = context.actor.is_among(proposers.into_iter().flatten());
    unless(own, RefusalCode::ApproverIsProposer, 34)
}

fn may_draft(case: &Case) -> Result<(), Refusal> {
    unless(case.claims.is_empty(), RefusalCode::NoClaims, 32)?;
    unless(!all_found(case), RefusalCode::FindingsMissing, 32)
}

fn all_found(case: &Case) -> bool {
    case.claims.iter().all(|claim| claim.settled || claim.reasonableness != Reasonableness::Undetermined)
}

fn about_measure(
    case: &Case,
    command: CommandKind,
    about: About,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let measure = match about {
        About::Measure(kind) => case.measure(kind),
        About::Case | About::Instruction(_) | About::Order(_) => None,
    };
    let Some(measure) = measure else {
        return Err(Refusal::under(RefusalCode::MeasureNotApplicable, 27));
    };
    let own = measure.owner.is_some() && measure.owner == context.actor.user();
    match command {
        CommandKind::FindNotApplicable => may_find_not_applicable(case, measure.kind, measure.state),
        CommandKind::VerifyMeasure => may_verify(case, measure.kind, context),
        _ => {
            unless(measure.state == MeasureState::Verified, RefusalCode::MeasureVerified, 27)?;
            unless(!measure.state.applies(), RefusalCode::MeasureNotApplicable, 27)?;
            if command == CommandKind::PlanMeasure {
                return Ok(());
            }
            unless(measure.owner.is_none(), RefusalCode::MeasureNotPlanned, 27)?;
            unless(!own, RefusalCode::NotTheOwner, 27)?;
            let resolves = command == CommandKind::ReportInPlace && measure.kind == MeasureKind::Resolve;
            let nothing = resolves && claims_to_execute(case).is_empty();
            unless(nothing, RefusalCode::NothingToExecute, 27)
        }
    }
}

/// The claims that an opinion supports or an agreement settles: what "resolved in place" must carry out.
pub(super) fn claims_to_execute(case: &Case) -> Vec<u16> {
    case.claims
        .iter()
        .filter(|claim| {
            let supported = claim.answer.as_ref().is_some_and(|answer| answer.result == ClaimResult::Support);
            claim.settled || supported
        })
        .map(|claim| claim.no)
        .collect()
}

fn may_find_not_applicable(case: &Case, kind: MeasureKind, state: MeasureState) -> Result<(), Refusal> {
    unless(state.is_settled(), RefusalCode::MeasureVerified, 27)?;
    unless(case.calls_for(kind), RefusalCode::MeasureRequired, 27)?;
    match kind {
        MeasureKind::Resolve | MeasureKind::Educate => {
            unless(!all_found(case), RefusalCode::FindingsMissing, 27)
        }
        MeasureKind::Assist => unless(case.hardship.is_none(), RefusalCode::HardshipCheckMissing, 27),
        MeasureKind::LawfulHandling => Ok(()),
    }
}

fn may_verify(case: &Case, kind: MeasureKind, context: &Context<'_>) -> Result<(), Refusal> {
    let Some(measure) = case.measure(kind) else {
        return Err(Refusal::under(RefusalCode::MeasureNotReported, 27));
    };
    let (answerable, on_behalf_of) = match measure.state {
        MeasureState::Reported => (measure.owner, None),
        MeasureState::FoundNotApplicable => (measure.found_by, measure.found_on_behalf_of),
        MeasureState::Verified | MeasureState::NotApplicable => {
            return Err(Refusal::under(RefusalCode::MeasureVerified, 27));
        }
        _ => return Err(Refusal::under(RefusalCode::MeasureNotReported, 27)),
    };
    let Some(verifier) = context.actor.staff() else {
        return Err(Refusal::under(RefusalCode::NotYours, 27));
    };
    let own = if measure.state == MeasureState::Reported {
        RefusalCode::VerifierIsOwner
    } else {
        RefusalCode::VerifierIsFinder
    };
    unless(context.actor.is_among([answerable, on_behalf_of].into_iter().flatten()), own, 27)?;
    let now = |user: Option<UserId>| {
        user.and_then(|user| context.directory.staff(user)).map(|staff| staff.organisation)
    };
    let units = [measure.answerable_unit.or(Some(case.holder)), now(answerable), now(on_behalf_of)];
    let of_the_unit = units.contains(&Some(verifier.organisation));
    unless(of_the_unit, RefusalCode::VerifierFromOwnersUnit, 27)?;
    unless(context.actor.is_among(case.took_part.iter().copied()), RefusalCode::VerifierTookPart, 27)
}

/// The organ that decides a request for review now, with the article of the stage.
pub(super) fn review_authority(
    case: &Case,
    stage: ReviewStage,
    context: &Context<'_>,
) -> Option<OrganisationId> {
    let decider = match stage {
        ReviewStage::Review => case.opinion()?.issued_by,
        ReviewStage::ReReview => case.decided_review()?.organ,
    };
    context.directory.review_authority(decider, stage)
}

const fn stage_article(stage: ReviewStage) -> u8 {
    match stage {
        ReviewStage::Review => 35,
        ReviewStage::ReReview => 36,
    }
}

/// The clock in which the petitioner may ask for the stage.
const fn request_clock(stage: ReviewStage) -> ClockKind {
    match stage {
        ReviewStage::Review => ClockKind::ReviewRequest,
        ReviewStage::ReReview => ClockKind::ReReviewRequest,
    }
}

/// Whether the petitioner's time to ask for the stage has begun and not passed.
pub(super) fn is_in_time_to_request(case: &Case, stage: ReviewStage, context: &Context<'_>) -> bool {
    let clock = request_clock(stage);
    let started = case.deadlines.iter().rev().find(|deadline| deadline.kind == clock);
    started.is_some_and(|deadline| context.today <= deadline.due.legal_due_on)
}

fn may_request(case: &Case, stage: ReviewStage, context: &Context<'_>) -> Result<(), Refusal> {
    let article = stage_article(stage);
    unless(case.is_terminated(), RefusalCode::MatterTerminated, 36)?;
    let delivered = match stage {
        ReviewStage::Review => case.opinion().is_some_and(|opinion| opinion.delivered_on.is_some()),
        ReviewStage::ReReview => case.decided_review().is_some_and(|review| review.delivered_on.is_some()),
    };
    unless(!delivered, RefusalCode::NotYetDelivered, article)?;
    let this_opinion = case.opinions.len();
    // A request that was not admitted does not use the right up.
    let used = case.reviews.iter().any(|review| {
        review.stage == stage
            && review.opinion_no == this_opinion
            && review.admission.as_ref().is_none_or(|admission| admission.admitted)
    });
    unless(used, RefusalCode::ReviewedAlready, article)?;
    let code = match stage {
        ReviewStage::Review => RefusalCode::ReviewRequestTooLate,
        ReviewStage::ReReview => RefusalCode::ReReviewRequestTooLate,
    };
    let late = !is_in_time_to_request(case, stage, context);
    unless(late && !context.rules.late_review_with_reason, code, article)?;
    let authority = review_authority(case, stage, context);
    unless(authority.is_none(), RefusalCode::NoReviewAuthority, article)
}

fn reviewer_is_free(case: &Case, context: &Context<'_>) -> Result<(), Refusal> {
    let Some(reviewer) = context.actor.staff() else { return Ok(()) };
    let earlier = case.decided_review().map(|review| [review.decided_by, review.decided_on_behalf_of]);
    let earlier_reviewers = earlier.into_iter().flatten().flatten();
    let took_part = context.actor.is_among(case.took_part.iter().copied().chain(earlier_reviewers));
    unless(took_part, RefusalCode::ReviewerTookPart, 28)?;
    let decided_before = case
        .opinion()
        .map(|opinion| opinion.issued_by)
        .into_iter()
        .chain(case.decided_review().map(|review| review.organ))
        .any(|organ| organ == reviewer.organisation);
    unless(decided_before, RefusalCode::ReviewOrganTookPart, 28)
}

fn may_close(case: &Case) -> Result<(), Refusal> {
    unless(case.hardship.is_none(), RefusalCode::HardshipCheckMissing, 27)?;
    let settled = case.measures.values().all(|measure| measure.state.is_settled());
    unless(!settled, RefusalCode::MeasuresUnverified, 27)
}
