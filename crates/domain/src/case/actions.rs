//! What is open to a caller now: the guards without the payload.

use strum::VariantArray;

use super::Case;
use super::command::CommandKind;
use super::decide::Context;
use super::guard::check;
use crate::measure::MeasureKind;
use crate::refusal::Refusal;

/// A command with the answer whether the caller may give it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    pub command: CommandKind,
    /// The measure that it would be about.
    pub measure: Option<MeasureKind>,
    /// Why not, where it is closed.
    pub refusal: Option<Refusal>,
}

/// Every command that people give, with its answer, in the order of the lifecycle.
pub fn actions(case: &Case, context: &Context<'_>) -> Vec<Action> {
    CommandKind::VARIANTS
        .iter()
        .copied()
        .filter(|command| command.path().is_some())
        .flat_map(|command| {
            let measures: &[Option<MeasureKind>] = if command.is_about_a_measure() {
                &[
                    Some(MeasureKind::Resolve),
                    Some(MeasureKind::Educate),
                    Some(MeasureKind::Assist),
                    Some(MeasureKind::LawfulHandling),
                ]
            } else {
                &[None]
            };
            measures.iter().map(move |measure| (command, *measure))
        })
        .map(|(command, measure)| Action {
            command,
            measure,
            refusal: check(case, command, measure, context).err(),
        })
        .collect()
}
