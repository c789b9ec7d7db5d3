//! Who goes on with the supervision of a case, and when.

use super::unless;
use crate::access::Duty;
use crate::case::Case;
use crate::case::command::{About, CommandKind};
use crate::case::decide::Context;
use crate::case::supervision::{OrderState, Supervision};
use crate::id::OrganisationId;
use crate::organisation::Directory;
use crate::refusal::{Refusal, RefusalCode};

/// Refuses while an order is open or a letter of suggestions unanswered.
pub(super) fn none_is_open(case: &Case) -> Result<(), Refusal> {
    unless(case.open_supervision().is_some(), RefusalCode::SupervisionOpen, 40)?;
    unless(case.unanswered_suggestions().is_some(), RefusalCode::SuggestionsUnanswered, 40)
}

/// Whatever is sent: who goes on with supervision, and when.
pub(super) fn facts(
    case: &Case,
    command: CommandKind,
    about: About,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    match command {
        CommandKind::OrderSupervision => {
            unless(case.open_supervision().is_some(), RefusalCode::SupervisionOpen, 40)?;
            supervisor_is_free(case, context)
        }
        CommandKind::DismissProposals => {
            unless(case.supervision_proposals.is_empty(), RefusalCode::NoSupervisionProposed, 40)?;
            let own = context.actor.staff().map(|staff| staff.organisation);
            let is_all_own = case.supervision_proposals.iter().all(|it| Some(it.organisation) == own);
            unless(is_all_own, RefusalCode::SupervisesOwnOrgan, 40)?;
            supervisor_is_free(case, context)
        }
        _ => about_order(case, command, about, context),
    }
}

fn about_order(
    case: &Case,
    command: CommandKind,
    about: About,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let supervision = match about {
        About::Order(no) => case.supervision(no),
        About::Case | About::Instruction(_) | About::Measure(_) => None,
    };
    let Some(supervision) = supervision else {
        return Err(Refusal::under(RefusalCode::NotSupervised, 40));
    };
    match command {
        CommandKind::AnswerSuggestions => {
            let Some(made) = supervision.unanswered() else {
                return Err(Refusal::under(RefusalCode::NoSuggestionsToAnswer, 40));
            };
            unless(!answers_for(made.suggestions.to, context), RefusalCode::NotYours, 40)
        }
        CommandKind::MakeSuggestions => {
            unless(case.unanswered_suggestions().is_some(), RefusalCode::SuggestionsUnanswered, 40)?;
            supervises(case, supervision, context)
        }
        CommandKind::ReportOnSupervision => {
            unless(!supervision.is_open(), RefusalCode::SupervisionClosed, 40)?;
            let reported = supervision.state == OrderState::AwaitingVerdict;
            unless(reported, RefusalCode::SupervisionReported, 40)?;
            unless(!answers_for(supervision.order.to, context), RefusalCode::NotYours, 40)
        }
        _ => {
            unless(!supervision.is_open(), RefusalCode::SupervisionClosed, 40)?;
            supervises(case, supervision, context)
        }
    }
}

/// The duties of those who answer for an organ: its head, and in a petition department whoever passes its papers on.
pub(in crate::case) fn answering_duties(organ: OrganisationId, directory: &Directory) -> &'static [Duty] {
    if directory.is_petition_department(organ) { &[Duty::Sign, Duty::Dispatch] } else { &[Duty::Sign] }
}

/// Whether the caller answers for the organ.
pub(super) fn answers_for(organ: OrganisationId, context: &Context<'_>) -> bool {
    let duties = answering_duties(organ, context.directory);
    context
        .actor
        .staff()
        .is_some_and(|staff| staff.organisation == organ && duties.iter().any(|duty| staff.has(*duty)))
}

/// Nobody supervises their own organ, nor a handling that they had a part in; and the organ that ordered, or one above it, goes on
/// with the order.
fn supervises(case: &Case, supervision: &Supervision, context: &Context<'_>) -> Result<(), Refusal> {
    let own = context.actor.staff().map(|staff| staff.organisation);
    unless(own == Some(supervision.order.to), RefusalCode::SupervisesOwnOrgan, 40)?;
    let directory = context.directory;
    let level = |organ: Option<OrganisationId>| {
        organ.and_then(|organ| directory.organisation(organ)).map(|organ| organ.level)
    };
    let orderer = supervision.ordered_by;
    let is_gone = orderer.is_none_or(|organ| directory.active_organisation(organ).is_none());
    let is_above = level(own).zip(level(orderer)).is_some_and(|(own, orderer)| own < orderer);
    unless(!(own == orderer || is_above || is_gone), RefusalCode::NotTheSupervisingOrgan, 40)?;
    supervisor_is_free(case, context)
}

fn supervisor_is_free(case: &Case, context: &Context<'_>) -> Result<(), Refusal> {
    let involved = case.took_part.iter().chain(&case.answerable).copied();
    unless(context.actor.is_among(involved), RefusalCode::SupervisorTookPart, 28)
}
