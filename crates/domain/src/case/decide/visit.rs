//! A visit that a leading cadre received (Art. 18).

use super::story::Story;
use crate::access::{Actor, Duty, may_know_of};
use crate::case::Event;
use crate::case::content::LeaderVisit;
use crate::refusal::{FieldCode, FieldErrors, Refusal};

const MOST_VISITORS: u32 = 100_000;

pub(super) fn receive(story: &mut Story<'_>, visit: &LeaderVisit) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let directory = story.context.directory;
    let interested = story.case.has_interest(visit.leader);
    errors.expect_by(!interested, "/leader", FieldCode::HasInterest, 28);
    let leader = directory.staff(visit.leader);
    let receives = leader.is_some_and(|leader| {
        let knows = || interested || may_know_of(&Actor::Staff(leader.clone()), &story.case, directory);
        leader.has(Duty::Lead) && knows()
    });
    errors.expect(receives, "/leader", FieldCode::NotALeadingCadre);
    errors.expect((1..=MOST_VISITORS).contains(&visit.head_count), "/head_count", FieldCode::OutOfRange);
    errors.finish()?;
    story.happen(Event::LeaderVisitReceived(visit.clone()));
    Ok(())
}
