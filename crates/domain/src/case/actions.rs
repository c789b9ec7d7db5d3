//! What is open to a caller now: the guards without the payload.

use strum::VariantArray;

use super::Case;
use super::command::{About, CommandKind};
use super::decide::Context;
use super::guard::check;
use crate::measure::MeasureKind;
use crate::refusal::Refusal;

/// A command with the answer whether the caller may give it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    pub command: CommandKind,
    /// What of the case it would be about.
    pub about: About,
    /// Why not, where it is closed.
    pub refusal: Option<Refusal>,
}

/// Every command that people give, with its answer, in the order of the lifecycle.
pub fn actions(case: &Case, context: &Context<'_>) -> Vec<Action> {
    CommandKind::VARIANTS
        .iter()
        .copied()
        .filter(|command| command.path().is_some())
        .flat_map(|command| subjects(case, command).into_iter().map(move |about| (command, about)))
        .map(|(command, about)| Action {
            command,
            about,
            refusal: check(case, command, about, context).err(),
        })
        .collect()
}

/// What the command could be about: each measure, the open instructions, the last order of supervision and those about which there is
/// something to do still. What is about none of them is not listed.
fn subjects(case: &Case, command: CommandKind) -> Vec<About> {
    if command.is_about_a_measure() {
        return MeasureKind::VARIANTS.iter().copied().map(About::Measure).collect();
    }
    if command.is_about_an_order() {
        let last = case.supervisions.len();
        let live = case
            .supervisions
            .iter()
            .filter(|order| order.is_open() || order.unanswered().is_some() || usize::from(order.no) == last);
        return live.map(|order| About::Order(order.no)).collect();
    }
    if command.is_about_an_instruction() {
        return case.open_instructions().map(|given| About::Instruction(given.no)).collect();
    }
    vec![About::Case]
}
