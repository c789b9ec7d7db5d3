//! The clocks of the case.

use crate::case::Case;
use crate::case::event::Event;
use crate::deadline::{Deadline, DeadlineState, Pause};
use chrono::NaiveDate;

impl Case {
    pub(super) fn apply_deadline(&mut self, event: &Event) {
        match event {
            Event::DeadlineStarted(deadline) => self.deadlines.push(deadline.clone()),
            Event::DeadlinePaused { no, reason, from_on } => self.with_deadline(*no, |deadline| {
                deadline.state = DeadlineState::Paused;
                deadline.pauses.push(Pause { reason: *reason, from_on: *from_on, until_on: None });
            }),
            Event::DeadlineResumed { no, until_on, due } => self.with_deadline(*no, |deadline| {
                deadline.state = DeadlineState::Running;
                deadline.due = due.clone();
                if let Some(pause) = deadline.pauses.last_mut() {
                    pause.until_on = Some(*until_on);
                }
            }),
            Event::DeadlineMet { no, on } => self.end_deadline(*no, DeadlineState::Met, *on),
            Event::DeadlineCancelled { no, on } => self.end_deadline(*no, DeadlineState::Cancelled, *on),
            Event::DeadlineLapsed { no, on } => self.end_deadline(*no, DeadlineState::Lapsed, *on),
            Event::DeadlineTold { no, alarm } => {
                self.with_deadline(*no, |deadline| deadline.told = Some(*alarm));
            }
            Event::DeadlineRecomputed { no, due, told, .. } => self.with_deadline(*no, |deadline| {
                deadline.due = due.clone();
                deadline.told = *told;
            }),
            _ => {}
        }
    }

    pub(super) fn end_deadline(&mut self, no: u16, state: DeadlineState, on: NaiveDate) {
        self.with_deadline(no, |deadline| {
            deadline.state = state;
            deadline.ended_on = Some(on);
        });
    }

    pub(super) fn with_deadline(&mut self, no: u16, change: impl FnOnce(&mut Deadline)) {
        if let Some(deadline) = self.deadlines.iter_mut().find(|deadline| deadline.no == no) {
            change(deadline);
        }
    }
}
