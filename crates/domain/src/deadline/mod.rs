//! Deadlines: what a clock is, how both its due dates are reckoned, and when it raises an alarm.

pub mod calendar;
mod clocks;
mod warning;

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

pub use self::calendar::{Calendar, CalendarDay, CalendarError, DayKind, SkippedDay};
pub use self::clocks::{Clock, ClockKind, Length, PauseReason, Runner};
pub use self::warning::WarningLevel;
use crate::id::OrganisationId;

/// Whether a deadline still runs.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    AsRefStr,
    EnumString,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DeadlineState {
    #[strum(props(zh = "计算中", en = "Running"))]
    Running,
    #[strum(props(zh = "依法停止计算", en = "Paused by law"))]
    Paused,
    #[strum(props(zh = "已办", en = "Met"))]
    Met,
    #[strum(props(zh = "已过期失效", en = "Lapsed"))]
    Lapsed,
    #[strum(props(zh = "不再需要", en = "No longer needed"))]
    Cancelled,
}

/// What a deadline tells as its days run out; each is told once.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    AsRefStr,
    EnumString,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Alarm {
    /// The configured share of the time has passed.
    #[strum(props(zh = "即将到期", en = "Due soon"))]
    DueSoon,
    /// The nominal due date has come.
    #[strum(props(zh = "到期", en = "Due"))]
    Due,
    /// The legal due date has passed.
    #[strum(props(zh = "超期", en = "Overdue"))]
    Overdue,
}

/// Days that the law takes out of a limit; a pause still open has no end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pause {
    pub reason: PauseReason,
    pub from_on: NaiveDate,
    pub until_on: Option<NaiveDate>,
}

/// The two due dates of a limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DueDates {
    /// Without any shift: drives alarms and statistics.
    pub nominal_due_on: NaiveDate,
    /// Moved off a closing day of rest: drives "late in law" (Civil Code Art. 203 by analogy).
    pub legal_due_on: NaiveDate,
    /// Years touched whose holiday notice is not known: the dates may still move.
    pub unknown_years: Vec<i32>,
}

/// A clock that was started on a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Deadline {
    /// Number within the case, from 1.
    pub no: u16,
    pub kind: ClockKind,
    /// The organ that must act; none where it is the petitioner.
    pub organisation: Option<OrganisationId>,
    /// The instant that started it, UTC.
    pub started_at: DateTime<Utc>,
    /// The legal day of that instant; the day of the event is not counted.
    pub started_on: NaiveDate,
    pub length: u16,
    /// Whether `length` counts working days.
    pub working_days: bool,
    #[serde(flatten)]
    pub due: DueDates,
    pub pauses: Vec<Pause>,
    pub state: DeadlineState,
    pub ended_on: Option<NaiveDate>,
    /// The last alarm that was told.
    pub told: Option<Alarm>,
}

/// Reckons both due dates of a limit that starts on a day and is prolonged by its closed pauses.
pub fn reckon(
    calendar: &Calendar,
    started_on: NaiveDate,
    length: u16,
    working_days: bool,
    pauses: &[Pause],
) -> DueDates {
    let nominal = if working_days {
        calendar.add_working_days(started_on, u32::from(length))
    } else {
        calendar.add_calendar_days(started_on, u32::from(length) + paused_days(pauses))
    };
    let legal = calendar.next_working_day_on_or_after(nominal.on);
    let mut unknown_years = nominal.unknown_years;
    unknown_years.extend(legal.unknown_years);
    unknown_years.sort_unstable();
    unknown_years.dedup();
    DueDates { nominal_due_on: nominal.on, legal_due_on: legal.on, unknown_years }
}

fn paused_days(pauses: &[Pause]) -> u32 {
    pauses.iter().filter_map(|pause| u32::try_from((pause.until_on? - pause.from_on).num_days()).ok()).sum()
}

impl Deadline {
    /// Whether the clock still counts.
    pub fn is_running(&self) -> bool {
        self.state == DeadlineState::Running
    }

    /// Whether the clock has not ended.
    pub fn is_open(&self) -> bool {
        matches!(self.state, DeadlineState::Running | DeadlineState::Paused)
    }

    /// Whether the legal due date has passed on `day` without an end.
    pub fn is_past(&self, day: NaiveDate) -> bool {
        self.is_running() && day > self.due.legal_due_on
    }

    /// Whether an organ kept its duty after the legal due date, or has not kept it and is past it.
    pub fn is_late(&self, day: NaiveDate) -> bool {
        if !self.kind.is_a_duty() {
            return false;
        }
        match self.state {
            DeadlineState::Met => self.ended_on.is_some_and(|ended| ended > self.due.legal_due_on),
            DeadlineState::Running => day > self.due.legal_due_on,
            // What was to be reported by then stays missing, whatever became of the case.
            DeadlineState::Cancelled if self.kind.is_of_a_report() => {
                self.ended_on.is_some_and(|ended| ended > self.due.legal_due_on)
            }
            DeadlineState::Paused | DeadlineState::Lapsed | DeadlineState::Cancelled => false,
        }
    }

    /// The day on which an alarm is to be told.
    pub fn alarm_on(&self, alarm: Alarm, due_soon_at_percent: u8) -> NaiveDate {
        match alarm {
            Alarm::DueSoon => {
                let total = (self.due.nominal_due_on - self.started_on).num_days().unsigned_abs();
                let left = total * u64::from(100_u8.saturating_sub(due_soon_at_percent)) / 100;
                self.due.nominal_due_on.checked_sub_days(Days::new(left)).unwrap_or(self.started_on)
            }
            Alarm::Due => self.due.nominal_due_on,
            Alarm::Overdue => self.due.legal_due_on.succ_opt().unwrap_or(self.due.legal_due_on),
        }
    }

    /// The alarms that are to be told on or before `day`, in order.
    pub fn alarms_to_tell(&self, day: NaiveDate, due_soon_at_percent: u8) -> Vec<Alarm> {
        if !self.is_running() {
            return Vec::new();
        }
        Alarm::VARIANTS
            .iter()
            .copied()
            .filter(|alarm| Some(*alarm) > self.told)
            .filter(|alarm| self.alarm_on(*alarm, due_soon_at_percent) <= day)
            .collect()
    }

    /// The day of the next alarm, if one is still to come.
    pub fn next_alarm_on(&self, due_soon_at_percent: u8) -> Option<NaiveDate> {
        if !self.is_running() {
            return None;
        }
        let next = Alarm::VARIANTS.iter().copied().find(|alarm| Some(*alarm) > self.told)?;
        Some(self.alarm_on(next, due_soon_at_percent))
    }
}

/// The settings that clocks and rules read: local or remembered numbers, with their defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Share of the time after which a deadline is "due soon", in percent.
    pub due_soon_at_percent: u8,
    /// Internal share of the dispatch clock by level: national, province, city, county (2014 rule).
    pub dispatch_share_days: [u16; 4],
    /// Working days to pass a simple matter on, at each level (2016 text).
    pub simple_pass_working_days: u16,
    /// Working days to decide on a simple matter (2016 text).
    pub simple_decision_working_days: u16,
    /// Working days to answer a simple matter (2016 text).
    pub simple_opinion_working_days: u16,
    /// Days to tell whether a request for review is admitted (local).
    pub review_admission_days: u16,
    /// Days in which the petitioner may rate the handling (remembered).
    pub evaluation_days: u16,
    /// Days in which the leader in charge reports again (each month; practice).
    pub charge_report_days: u16,
    /// Days in which the organ that answers for a backlog case reports again (each month; practice).
    pub backlog_report_days: u16,
    /// From how many days after its filing an open case is proposed as backlog (a year; remembered).
    pub backlog_age_days: u16,
    /// From how many confirmed repeats a case is proposed as backlog (three; remembered).
    pub backlog_repeats: u16,
    /// Days without a repeat between the inspection of a backlog case and its strike-off (6 to 12 months; local).
    pub backlog_quiet_days: u16,
    /// Whether a backlog case that ended by re-review counts as resolved only after a hearing (remembered).
    pub backlog_hearing_required: bool,
    /// Days in which an organ answers whether it adopts suggestions (30 in the repealed rules of 2005; remembered).
    pub suggestions_answer_days: u16,
    /// Days without a repeat before a resolved heart counts as lasting (own rule, §3.2).
    pub observation_days: u16,
    /// So many days before its day a session is published (before the day; three in some places).
    pub reception_publication_days: u16,
    /// Days between the notice of a hearing and the hearing (local).
    pub hearing_notice_days: u16,
    /// Whether the procedure ends when nobody asks for review in time (local; not in the Regulation).
    pub terminate_on_lapse: bool,
    /// Whether a late request for review with good reason is taken (local).
    pub late_review_with_reason: bool,
    /// Whether a remade opinion may not repeat the one set aside on the same facts (local).
    pub forbid_same_opinion: bool,
    /// From how many people a visit or letter is a group's (§6.1).
    pub group_from: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            due_soon_at_percent: 75,
            dispatch_share_days: [5, 3, 3, 4],
            simple_pass_working_days: 1,
            simple_decision_working_days: 3,
            simple_opinion_working_days: 10,
            review_admission_days: 15,
            evaluation_days: 30,
            charge_report_days: 30,
            backlog_report_days: 30,
            backlog_age_days: 365,
            backlog_repeats: 3,
            backlog_quiet_days: 180,
            backlog_hearing_required: true,
            suggestions_answer_days: 30,
            observation_days: 180,
            reception_publication_days: 1,
            hearing_notice_days: 7,
            terminate_on_lapse: false,
            late_review_with_reason: true,
            forbid_same_opinion: true,
            group_from: 5,
        }
    }
}
