//! Starting, ending, pausing, sweeping and recomputing the clocks of a case.

use chrono::NaiveDate;
use strum::VariantArray;

use super::story::Story;
use super::supervision::propose_for;
use crate::case::command::CommandKind;
use crate::case::content::DispatchMode;
use crate::case::transitions::applying;
use crate::case::{Event, Status};
use crate::deadline::{
    Alarm, ClockKind, Deadline, DeadlineState, DueDates, Length, Pause, PauseReason, Runner, reckon,
};
use crate::organisation::OrganisationLevel;
use crate::refusal::Refusal;
use crate::text::Remark;

impl Story<'_> {
    /// Ends and starts the clocks that the table names for where the command led.
    pub fn run_clocks(&mut self, command: CommandKind, from: Status) {
        if self.clocks_unaffected {
            return;
        }
        let Some(row) = applying(command, self.case.track, from, self.case.status) else { return };
        for kind in row.meets {
            self.meet(*kind);
        }
        for kind in row.cancels {
            if self.ends(*kind, command) {
                self.cancel(*kind);
            }
        }
        for kind in row.starts {
            if self.starts(*kind) {
                self.start(*kind);
            }
        }
    }

    /// Whether a clock that the table names has come to its end with what the command did here.
    fn ends(&self, kind: ClockKind, command: CommandKind) -> bool {
        match (kind, command) {
            // Sending one transfer back ends the report that it asked for, not one that an earlier assignment did.
            (ClockKind::AssignedFeedback, CommandKind::DecideObjection) => self.was_last_assigned(),
            // Another's recusal leaves the leader in charge what they are.
            (ClockKind::ChargeReport, CommandKind::Recuse) => !self.charge_goes_on(),
            (ClockKind::SupervisionReport, CommandKind::JudgeSupervision) => self.is_done_with_supervision(),
            (ClockKind::BacklogReport, CommandKind::ListAsBacklog) => true,
            (ClockKind::BacklogReport, _) => self.is_done_with_backlog(),
            _ => true,
        }
    }

    fn was_last_assigned(&self) -> bool {
        self.case.dispatches.last().is_some_and(|made| made.dispatch.mode == DispatchMode::Assign)
    }

    /// The clocks of a filing: A where it entered at a petition department, B at an organ.
    pub fn start_intake_clocks(&mut self) {
        for kind in [ClockKind::Dispatch, ClockKind::DispatchShare, ClockKind::Notice] {
            if self.starts(kind) {
                self.start(kind);
            }
        }
    }

    /// Whether a clock that the table names fits the receiver and the procedure.
    fn starts(&self, kind: ClockKind) -> bool {
        let passes_on = self.context.directory.is_petition_department(self.case.holder);
        let simple = self.case.simple_procedure;
        match kind {
            ClockKind::Dispatch | ClockKind::DispatchShare => passes_on,
            // Notices about accusations follow the discipline organs' own rules (Art. 23).
            ClockKind::Notice => !passes_on && !self.case.is_confidential(),
            ClockKind::SimplePass => simple && passes_on,
            ClockKind::SimpleDecision => simple && !passes_on,
            ClockKind::SimpleOpinion => simple,
            ClockKind::ChargeReport => self.awaits_report(),
            ClockKind::BacklogReport => self.awaits_backlog_report(),
            ClockKind::InstructionReport => self.case.unclocked_instruction().is_some(),
            ClockKind::SupervisionReport => self.awaits_supervision_report(),
            _ => true,
        }
    }

    /// Starts a clock on the story's effective day.
    pub fn start(&mut self, kind: ClockKind) {
        let (length, working_days) = self.length_of(kind);
        self.start_with(kind, self.effective_on, length, working_days);
    }

    /// Starts a clock on a given day with a given length.
    pub fn start_with(&mut self, kind: ClockKind, started_on: NaiveDate, length: u16, working_days: bool) {
        let organisation = match kind.row().runner {
            Runner::Holder => Some(self.case.holder),
            Runner::ReviewOrgan => self.case.reviews.last().map(|review| review.organ),
            Runner::Petitioner => None,
            Runner::BacklogOrgan => self.case.backlog_organ(),
            Runner::Instructed => self.case.unclocked_instruction().map(|given| given.instruction.to),
            Runner::Supervised => self.case.open_supervision().map(|supervision| supervision.order.to),
            Runner::Advised => self.case.unanswered_suggestions().map(|made| made.suggestions.to),
            Runner::Leader => {
                let leader = self.case.in_charge.as_ref().map(|charge| charge.leader);
                leader.and_then(|leader| self.context.directory.staff(leader)).map(|staff| staff.organisation)
            }
        };
        let due = reckon(self.context.calendar, started_on, length, working_days, &[]);
        let no = u16::try_from(self.case.deadlines.len() + 1).unwrap_or(u16::MAX);
        self.happen(Event::DeadlineStarted(Deadline {
            no,
            kind,
            organisation,
            started_at: self.context.now,
            started_on,
            length,
            working_days,
            due,
            pauses: Vec::new(),
            state: DeadlineState::Running,
            ended_on: None,
            told: None,
        }));
    }

    fn length_of(&self, kind: ClockKind) -> (u16, bool) {
        let rules = self.context.rules;
        match kind.row().length {
            Length::Days(days) => (days, false),
            Length::WorkingDays(days) => (days, true),
            Length::AsWritten => {
                let written = self.written_due_on.unwrap_or(self.effective_on);
                (u16::try_from((written - self.effective_on).num_days()).unwrap_or(0), false)
            }
            Length::Configured => match kind {
                ClockKind::DispatchShare => (self.dispatch_share(), false),
                ClockKind::SimplePass => (rules.simple_pass_working_days, true),
                ClockKind::SimpleDecision => (rules.simple_decision_working_days, true),
                ClockKind::SimpleOpinion => (rules.simple_opinion_working_days, true),
                ClockKind::ReviewAdmission => (rules.review_admission_days, false),
                ClockKind::ChargeReport => (rules.charge_report_days, false),
                ClockKind::BacklogReport => (rules.backlog_report_days, false),
                ClockKind::SuggestionsAnswer => (rules.suggestions_answer_days, false),
                _ => (rules.evaluation_days, false),
            },
        }
    }

    fn dispatch_share(&self) -> u16 {
        let [national, province, city, county] = self.context.rules.dispatch_share_days;
        let level = self.context.directory.organisation(self.case.holder).map(|organ| organ.level);
        match level {
            Some(OrganisationLevel::National) => national,
            Some(OrganisationLevel::Province) => province,
            Some(OrganisationLevel::City) => city,
            _ => county,
        }
    }

    fn open_numbers(&self, kind: ClockKind) -> Vec<u16> {
        self.case
            .deadlines
            .iter()
            .filter(|deadline| deadline.kind == kind && deadline.is_open())
            .map(|deadline| deadline.no)
            .filter(|no| self.clock_concerned.is_none_or(|concerned| concerned == *no))
            .collect()
    }

    /// Ends every open clock of the kind because what it asked for was done.
    pub fn meet(&mut self, kind: ClockKind) {
        for no in self.open_numbers(kind) {
            let unnoticed = self.is_past_unnoticed(no);
            self.happen(Event::DeadlineMet { no, on: self.context.today });
            if unnoticed {
                propose_for(self, no);
            }
        }
    }

    /// Whether the limit has passed before the sweep told it; what an import tells of the past was decided on there.
    fn is_past_unnoticed(&self, no: u16) -> bool {
        let is_now = self.context.now == self.context.recorded_at;
        let deadline = self.case.deadlines.iter().find(|deadline| deadline.no == no);
        let past = deadline.filter(|it| it.is_past(self.context.today) && it.told != Some(Alarm::Overdue));
        is_now && past.is_some()
    }

    /// Ends every open clock of the kind because it is no longer needed.
    pub fn cancel(&mut self, kind: ClockKind) {
        for no in self.open_numbers(kind) {
            self.happen(Event::DeadlineCancelled { no, on: self.context.today });
        }
    }

    /// Stands still the clocks that the law lets a hearing interrupt (Art. 36: the re-review only). A
    /// limit that has passed stays passed.
    pub fn pause_for_hearing(&mut self) {
        let today = self.context.today;
        let pausable: Vec<_> = self
            .case
            .deadlines
            .iter()
            .filter(|deadline| deadline.is_running() && !deadline.is_past(today))
            .filter(|deadline| deadline.kind.row().pauses.contains(&PauseReason::Hearing))
            .map(|deadline| deadline.no)
            .collect();
        for no in pausable {
            self.happen(Event::DeadlinePaused {
                no,
                reason: PauseReason::Hearing,
                from_on: self.context.today,
            });
        }
    }

    /// Lets the paused clocks run on, prolonged by the days of the pause.
    pub fn resume(&mut self, until_on: NaiveDate) {
        let paused: Vec<_> = self
            .case
            .deadlines
            .iter()
            .filter(|deadline| deadline.state == DeadlineState::Paused)
            .map(|deadline| (deadline.no, self.due_after(deadline, Some(until_on))))
            .collect();
        for (no, due) in paused {
            self.happen(Event::DeadlineResumed { no, until_on, due });
        }
    }

    fn due_after(&self, deadline: &Deadline, pause_ends_on: Option<NaiveDate>) -> DueDates {
        let pauses: Vec<_> = deadline
            .pauses
            .iter()
            .map(|pause| Pause { until_on: pause.until_on.or(pause_ends_on), ..pause.clone() })
            .collect();
        let Deadline { started_on, length, working_days, .. } = *deadline;
        reckon(self.context.calendar, started_on, length, working_days, &pauses)
    }
}

/// Tells every alarm that has come, lets lapse what lapses, and, where local rules say so, ends the
/// procedure when nobody asked for review in time.
#[expect(clippy::unnecessary_wraps, reason = "every command's function has one shape")]
pub(super) fn sweep(story: &mut Story<'_>) -> Result<(), Refusal> {
    let today = story.context.today;
    let percent = story.context.rules.due_soon_at_percent;
    let told: Vec<_> = story
        .case
        .deadlines
        .iter()
        .flat_map(|deadline| {
            let lapses = deadline.kind.is_a_right();
            deadline
                .alarms_to_tell(today, percent)
                .into_iter()
                .map(move |alarm| (deadline.no, deadline.kind, alarm, lapses))
        })
        .collect();
    for (no, kind, alarm, lapses) in told {
        story.happen(Event::DeadlineTold { no, alarm });
        if lapses && alarm == Alarm::Overdue {
            story.happen(Event::DeadlineLapsed { no, on: today });
            end_on_lapse(story, kind);
        }
        if alarm == Alarm::Overdue {
            propose_for(story, no);
        }
    }
    Ok(())
}

fn end_on_lapse(story: &mut Story<'_>, kind: ClockKind) {
    let ends = matches!(kind, ClockKind::ReviewRequest | ClockKind::ReReviewRequest);
    let waits = matches!(
        story.case.status,
        Status::Delivered | Status::Executing | Status::Closed | Status::ReviewIssued
    );
    if story.context.rules.terminate_on_lapse && ends && waits {
        story.happen(Event::Terminated { on: story.context.today });
    }
}

/// Reckons the open deadlines again; a changed one is an event.
#[expect(clippy::unnecessary_wraps, reason = "every command's function has one shape")]
pub(super) fn recompute(story: &mut Story<'_>, reason: &Remark) -> Result<(), Refusal> {
    let today = story.context.today;
    let percent = story.context.rules.due_soon_at_percent;
    let changed: Vec<_> = story
        .case
        .deadlines
        .iter()
        .filter(|deadline| deadline.is_open())
        .map(|deadline| (deadline.clone(), story.due_after(deadline, None)))
        .filter(|(deadline, due)| deadline.due != *due)
        .collect();
    for (deadline, due) in changed {
        let moved = Deadline { due: due.clone(), ..deadline.clone() };
        let still_told =
            |alarm: &Alarm| Some(*alarm) <= deadline.told && moved.alarm_on(*alarm, percent) <= today;
        let told = Alarm::VARIANTS.iter().rev().copied().find(still_told);
        let was = deadline.due;
        story.happen(Event::DeadlineRecomputed { no: deadline.no, was, due, told, reason: reason.clone() });
    }
    Ok(())
}
