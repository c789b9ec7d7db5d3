//! The personal data of a case is destroyed when its file need not be kept any longer, and two agree.

use domain::access::Actor;
use domain::case::content::{Archiving, Retention};
use domain::case::{Command, Status, Track};
use domain::id::UserId;
use domain::refusal::RefusalCode;

use crate::municipality::*;
use crate::payloads::*;
use crate::stages::case_in;
use crate::tale::Tale;

const PROPOSER: UserId = UserId::new(940);
const OTHER: UserId = UserId::new(941);

/// A claim that was closed in 2026 and put in the archive then, to be kept so long.
fn archived(retention: Retention) -> Tale {
    let archivist = newcomer(domain::access::Role::Official, COUNTY_HOUSING, None);
    let closed = case_in(Status::Withdrawn, Track::Claim);
    let archivist = domain::access::Staff { organisation: closed.case.holder, ..archivist };
    let kept = Command::Archive(Archiving { retention, catalogue: remark("卷内十二件") });
    closed.when(Actor::Staff(archivist), kept).then_status(Status::Archived)
}

#[test]
fn the_term_is_counted_from_the_year_after_the_archiving() {
    let tale = archived(Retention::TenYears);
    let year = tale.case.archived_on.unwrap().format("%Y").to_string().parse::<i32>().unwrap();
    let last = format!("{}-12-31", year + 10);
    assert_eq!(tale.case.retained_until().unwrap().to_string(), last);
    let erased = tale
        .on(&last)
        .when(Actor::System, erase())
        .refused(RefusalCode::RetentionNotOver)
        .on(&format!("{}-01-01", year + 11))
        .when(Actor::System, erase_by(PROPOSER, PROPOSER))
        .refused(RefusalCode::AgreesToOwnProposal)
        .when(Actor::System, erase())
        .then_status(Status::Archived);
    assert_eq!(erased.case.erased_on, Some(erased.today));
    assert_eq!(erased.case.erasure.as_ref().unwrap().agreed_by, OTHER);
    erased.when(Actor::System, erase()).refused(RefusalCode::AlreadyErased);
}

#[test]
fn what_is_kept_for_good_or_still_open_is_not_destroyed() {
    let century = archived(Retention::Permanent).on("2126-01-01");
    century.when(Actor::System, erase()).refused(RefusalCode::RetentionNotOver);
    archived(Retention::ThirtyYears)
        .on("2040-01-01")
        .when(Actor::System, erase())
        .refused(RefusalCode::RetentionNotOver);
    case_in(Status::Closed, Track::Claim).when(Actor::System, erase()).refused(RefusalCode::StateForbids);
}

#[test]
fn nobody_gives_the_command_who_is_not_the_system() {
    let tale = archived(Retention::TenYears).on("2060-01-01");
    let everywhere = newcomer(domain::access::Role::Official, tale.case.holder, Some(CITY));
    tale.when(Actor::Staff(everywhere), erase())
        .refused(RefusalCode::NotYours)
        .when(Actor::Petitioner, erase())
        .refused(RefusalCode::NotYours);
}
