//! Who goes on with a backlog case, and when.

use super::supervision::{answering_duties, answers_for};
use super::unless;
use crate::access::Duty;
use crate::case::Case;
use crate::case::backlog::{Backlog, BacklogStage};
use crate::case::command::CommandKind;
use crate::case::decide::Context;
use crate::id::OrganisationId;
use crate::refusal::{Refusal, RefusalCode};

/// Refuses for a case that is on a list of backlog.
pub(super) fn is_off_the_list(case: &Case) -> Result<(), Refusal> {
    let stage = case.current_backlog().map(|backlog| backlog.stage);
    let on_the_list = matches!(stage, Some(BacklogStage::Listed | BacklogStage::Inspected));
    unless(on_the_list, RefusalCode::BacklogOpen, 38)
}

/// Whatever is sent: who goes on with a backlog case, and when.
pub(super) fn facts(case: &Case, command: CommandKind, context: &Context<'_>) -> Result<(), Refusal> {
    if command == CommandKind::ListAsBacklog {
        return if is_left_alone(case, context) { Ok(()) } else { is_off_the_list(case) };
    }
    let Some(backlog) = case.current_backlog() else {
        return Err(Refusal::under(RefusalCode::NotOnTheBacklog, 38));
    };
    if command == CommandKind::StrikeOffBacklog {
        return may_strike_off(case, backlog, context);
    }
    unless(!backlog.is_listed(), RefusalCode::NotOnTheBacklog, 38)?;
    let organ = backlog.listing.organ;
    if command == CommandKind::ReportOnBacklog {
        return unless(!answers_for(organ, context), RefusalCode::NotYours, 38);
    }
    unless(!backlog.is_reported_resolved(), RefusalCode::BacklogNotReportedResolved, 38)?;
    unless(is_own_work(case, backlog, context), RefusalCode::InspectsOwnOrgan, 38)?;
    let level = context.actor.staff().and_then(|staff| context.directory.organisation(staff.organisation));
    let above = level.is_some_and(|organ| context.directory.has_staff_above(organ.level, Duty::Supervise));
    unless(!above, RefusalCode::NobodyAbove, 38)?;
    had_no_part(case, context)
}

/// The higher level strikes off, and none of those who handled or inspected it.
fn may_strike_off(case: &Case, backlog: &Backlog, context: &Context<'_>) -> Result<(), Refusal> {
    let inspected = backlog.passed_inspection().filter(|_| backlog.stage == BacklogStage::Inspected);
    let Some(made) = inspected else {
        return Err(Refusal::under(RefusalCode::BacklogNotInspected, 38));
    };
    let level = |organ: Option<OrganisationId>| {
        organ.and_then(|organ| context.directory.organisation(organ)).map(|organ| organ.level)
    };
    let deciders = level(context.actor.staff().map(|staff| staff.organisation));
    let is_higher = deciders.zip(level(made.by)).is_some_and(|(deciders, inspectors)| deciders < inspectors);
    unless(!is_higher, RefusalCode::NotOfTheHigherLevel, 38)?;
    unless(is_own_work(case, backlog, context), RefusalCode::InspectsOwnOrgan, 38)?;
    had_no_part(case, context)?;
    let inspected_it = context.actor.is_among(made.inspectors.iter().copied());
    unless(inspected_it, RefusalCode::VerifierTookPart, 28)
}

/// Whether nobody is left who answers for the listed case, so that it is listed anew, for another organ.
fn is_left_alone(case: &Case, context: &Context<'_>) -> bool {
    case.backlog_organ().is_some_and(|organ| {
        let free = |user| !case.has_interest(user);
        let duties = answering_duties(organ, context.directory);
        let is_active = context.directory.active_organisation(organ).is_some();
        !is_active || !duties.iter().any(|duty| context.directory.has_somebody_for(organ, *duty, free))
    })
}

/// Whether the caller's organ answers for the backlog case, gave an opinion in it, or handles it.
fn is_own_work(case: &Case, backlog: &Backlog, context: &Context<'_>) -> bool {
    let Some(own) = context.actor.staff().map(|staff| staff.organisation) else { return true };
    let handles = case.holder == own && !context.directory.is_petition_department(own);
    own == backlog.listing.organ || handles || case.opinions.iter().any(|opinion| opinion.issued_by == own)
}

fn had_no_part(case: &Case, context: &Context<'_>) -> Result<(), Refusal> {
    let involved = case.took_part.iter().chain(&case.answerable).copied();
    unless(context.actor.is_among(involved), RefusalCode::VerifierTookPart, 28)
}
