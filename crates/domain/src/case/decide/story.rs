//! The events of one decision as they unfold, each seen by the next.

use chrono::NaiveDate;

use super::Context;
use crate::case::{Case, Event, Recorded, fold};
use crate::id::CaseId;

/// A case on which a decision is being told.
pub(super) struct Story<'a> {
    pub case: Case,
    pub context: &'a Context<'a>,
    /// The day from which clocks that this decision starts are counted.
    pub effective_on: NaiveDate,
    /// The day that the command names for a clock whose length is as written.
    pub written_due_on: Option<NaiveDate>,
    /// The number of the one clock that the command meets, where there are several of its kind.
    pub clock_concerned: Option<u16>,
    /// Whether the table's clocks are left alone, as for a delivery that is not the stage's document.
    pub clocks_unaffected: bool,
    events: Vec<Recorded>,
}

impl<'a> Story<'a> {
    /// Goes on from a case.
    pub fn continuing(case: &Case, context: &'a Context<'a>) -> Self {
        Self {
            case: case.clone(),
            context,
            effective_on: context.today,
            written_due_on: None,
            clock_concerned: None,
            clocks_unaffected: false,
            events: Vec::new(),
        }
    }

    /// Begins with a first event; none where it is not a filing.
    pub fn beginning(id: CaseId, first: Event, context: &'a Context<'a>) -> Option<Self> {
        let first = recorded(1, first, context);
        let case = fold(id, [&first]).ok()?;
        Some(Self {
            case,
            context,
            effective_on: context.today,
            written_due_on: None,
            clock_concerned: None,
            clocks_unaffected: false,
            events: vec![first],
        })
    }

    /// Goes on at a later time, keeping what has been told.
    pub fn at<'b>(self, context: &'b Context<'b>) -> Story<'b> {
        Story {
            case: self.case,
            context,
            effective_on: context.today,
            written_due_on: None,
            clock_concerned: None,
            clocks_unaffected: false,
            events: self.events,
        }
    }

    /// Tells an event.
    pub fn happen(&mut self, event: Event) {
        let recorded = recorded(self.case.version + 1, event, self.context);
        self.case.apply(&recorded);
        self.events.push(recorded);
    }

    /// What was told.
    pub fn into_events(self) -> Vec<Recorded> {
        self.events
    }
}

fn recorded(seq: u32, event: Event, context: &Context<'_>) -> Recorded {
    Recorded {
        seq,
        event,
        actor: context.actor.recorded(),
        occurred_at: context.now,
        occurred_on: context.today,
        recorded_at: context.recorded_at,
    }
}
