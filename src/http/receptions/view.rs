//! A session as its callers see it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use domain::access::RecordedActor;
use domain::id::{CaseId, OrganisationId, ReceptionId, UserId};
use domain::language::{Language, label};
use domain::reception::content::{BookingReminder, Companion, ReceptionKind, ReceptionRecord};
use domain::reception::{Booking, BookingState, ReceivedVisit, Reception, ReceptionEvent, ReceptionState};
use domain::text::{Line, Remark};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::receptions::Listed;

/// Of the cases that are booked those that the caller may know of, each with its number and subject.
#[derive(Default)]
pub struct KnownCases(pub BTreeMap<CaseId, (String, Option<String>)>);

/// Which bookings of a session, and which visits, are about cases that the caller may know of.
pub struct KnownBookings {
    cases: KnownCases,
    bookings: BTreeSet<u16>,
}

impl KnownBookings {
    /// Those of the session.
    pub fn of(reception: &Reception, cases: KnownCases) -> Self {
        let known = reception.bookings.iter().filter(|booking| cases.0.contains_key(&booking.case));
        let bookings = known.map(|booking| booking.no).collect();
        Self { cases, bookings }
    }

    /// Whether the event tells of nothing that the caller may not know of.
    pub fn may_know(&self, event: &ReceptionEvent) -> bool {
        match event {
            ReceptionEvent::BookingMade { no, .. }
            | ReceptionEvent::BookingPromoted { no }
            | ReceptionEvent::BookingCancelled { no, .. }
            | ReceptionEvent::BookingReminded { no, .. } => self.bookings.contains(no),
            ReceptionEvent::VisitReceived { case, .. } => self.cases.0.contains_key(case),
            ReceptionEvent::ReceptionPlanned { .. }
            | ReceptionEvent::ReceptionPublished
            | ReceptionEvent::ReceptionChanged { .. }
            | ReceptionEvent::LeadersSwapped { .. }
            | ReceptionEvent::ReceptionCancelled(_)
            | ReceptionEvent::ReceptionHeld(_) => true,
        }
    }
}

/// The leader who receives, as published.
#[derive(Serialize, ToSchema)]
pub struct HostView {
    leader: UserId,
    #[schema(example = "王县长")]
    name: String,
    post: Line,
    responsibilities: Line,
    organisation: OrganisationId,
    organisation_name: String,
}

/// That the session was changed after it was planned.
#[derive(Serialize, ToSchema)]
pub struct AmendmentView {
    on: NaiveDate,
    reason: Remark,
    /// The session with which the leaders were swapped, where it is that.
    swapped_with: Option<ReceptionId>,
}

/// A reminder.
#[derive(Serialize, ToSchema)]
pub struct ReminderView {
    on: NaiveDate,
    #[serde(flatten)]
    reminder: BookingReminder,
}

/// A booked matter.
#[derive(Serialize, ToSchema)]
pub struct BookingView {
    no: u16,
    /// Null where the caller may not know of the case.
    case: Option<CaseId>,
    case_no: Option<String>,
    subject: Option<String>,
    state: BookingState,
    state_label: &'static str,
    note: Option<Remark>,
    by_petitioner: bool,
    made_at: DateTime<Utc>,
    /// When a place became free for it.
    promoted_on: Option<NaiveDate>,
    reminders: Vec<ReminderView>,
    /// Whether the petitioner has to be told still, or again after a change.
    to_be_told: bool,
    /// Why it was cancelled; null also where the petitioner did.
    cancelled_because: Option<Remark>,
}

/// A matter that was taken up.
#[derive(Serialize, ToSchema)]
pub struct ReceivedVisitView {
    /// Null where the caller may not know of the case.
    case: Option<CaseId>,
    case_no: Option<String>,
    /// The number of the booking with which they came.
    booking: Option<u16>,
    head_count: u32,
    received_at: DateTime<Utc>,
}

/// A session.
#[derive(Serialize, ToSchema)]
#[schema(as = Reception)]
pub struct ReceptionView {
    id: ReceptionId,
    version: u32,
    kind: ReceptionKind,
    kind_label: &'static str,
    state: ReceptionState,
    state_label: &'static str,
    host: HostView,
    /// The office's day, as the times are in its time zone.
    day: NaiveDate,
    #[schema(value_type = String, format = "time", example = "09:00:00")]
    from: NaiveTime,
    #[schema(value_type = String, format = "time", example = "11:30:00")]
    until: NaiveTime,
    place: Line,
    companions: Vec<Companion>,
    capacity: u16,
    waiting_places: u16,
    /// Places that are taken.
    taken: usize,
    /// Matters that wait for a place.
    waiting: usize,
    planned_on: NaiveDate,
    published_on: Option<NaiveDate>,
    amendments: Vec<AmendmentView>,
    cancelled_because: Option<Remark>,
    /// How many matters were taken up: 0 where nobody came.
    visit_count: usize,
    record: Option<ReceptionRecord>,
    /// Null for those who do not arrange it.
    bookings: Option<Vec<BookingView>>,
    /// Null for those who do not arrange it.
    visits: Option<Vec<ReceivedVisitView>>,
}

impl ReceptionView {
    /// The session; who comes only with the cases that are known to the caller.
    pub fn of(
        reception: &Reception,
        (name, organisation_name): (String, String),
        known: Option<&KnownCases>,
        language: Language,
    ) -> Self {
        let times = &reception.arrangement;
        let amendments = reception.amendments.iter().map(|amendment| AmendmentView {
            on: amendment.on,
            reason: amendment.reason.clone(),
            swapped_with: amendment.swapped_with,
        });
        Self {
            id: reception.id,
            version: reception.version,
            kind: reception.kind,
            kind_label: label(&reception.kind, language),
            state: reception.state,
            state_label: label(&reception.state, language),
            host: HostView {
                leader: reception.host.leader,
                name,
                post: reception.host.post.clone(),
                responsibilities: reception.host.responsibilities.clone(),
                organisation: reception.organisation,
                organisation_name,
            },
            day: times.day,
            from: times.from,
            until: times.until,
            place: times.place.clone(),
            companions: times.companions.clone(),
            capacity: times.capacity,
            waiting_places: times.waiting_places,
            taken: reception.taken(),
            waiting: reception.waiting(),
            planned_on: reception.planned_on,
            published_on: reception.published_on,
            amendments: amendments.collect(),
            cancelled_because: reception.cancelled_because.clone(),
            visit_count: reception.visits.len(),
            record: reception.record.clone(),
            bookings: known.map(|known| {
                reception.bookings.iter().map(|booking| BookingView::of(booking, known, language)).collect()
            }),
            visits: known.map(|known| {
                reception.visits.iter().map(|visit| ReceivedVisitView::of(visit, known)).collect()
            }),
        }
    }
}

impl BookingView {
    fn of(booking: &Booking, known: &KnownCases, language: Language) -> Self {
        let case = known.0.get(&booking.case);
        // What was said may tell what the case is about, and so may a reason.
        let reminders = booking.reminders.iter().filter(|_| case.is_some());
        Self {
            no: booking.no,
            case: case.map(|_| booking.case),
            case_no: case.map(|(case_no, _)| case_no.clone()),
            subject: case.and_then(|(_, subject)| subject.clone()),
            state: booking.state,
            state_label: label(&booking.state, language),
            note: booking.note.clone().filter(|_| case.is_some()),
            by_petitioner: booking.made_by == RecordedActor::Petitioner,
            made_at: booking.made_at,
            promoted_on: booking.promoted_on,
            reminders: reminders
                .map(|(on, reminder)| ReminderView { on: *on, reminder: reminder.clone() })
                .collect(),
            to_be_told: booking.is_to_be_told(),
            cancelled_because: booking
                .cancellation
                .as_ref()
                .filter(|_| case.is_some())
                .map(|it| it.reason.clone()),
        }
    }
}

impl ReceivedVisitView {
    fn of(visit: &ReceivedVisit, known: &KnownCases) -> Self {
        let case = known.0.get(&visit.case);
        Self {
            case: case.map(|_| visit.case),
            case_no: case.map(|(case_no, _)| case_no.clone()),
            booking: visit.booking,
            head_count: visit.head_count,
            received_at: visit.received_at,
        }
    }
}

/// A session in a list.
#[derive(Serialize, ToSchema)]
pub struct ReceptionSummary {
    id: ReceptionId,
    #[schema(value_type = ReceptionKind)]
    kind: String,
    #[schema(value_type = ReceptionState)]
    state: String,
    leader: UserId,
    leader_name: String,
    post: String,
    responsibilities: String,
    organisation: OrganisationId,
    organisation_name: String,
    day: NaiveDate,
    #[schema(value_type = String, format = "time", example = "09:00:00")]
    from: NaiveTime,
    #[schema(value_type = String, format = "time", example = "11:30:00")]
    until: NaiveTime,
    place: String,
    capacity: i32,
    taken: i32,
    waiting_places: i32,
    waiting: i32,
    visit_count: i32,
    published_on: Option<NaiveDate>,
}

impl From<Listed> for ReceptionSummary {
    fn from(Listed { row, leader, organisation }: Listed) -> Self {
        Self {
            id: ReceptionId::new(row.id),
            kind: row.kind,
            state: row.state,
            leader: UserId::new(row.leader_id),
            leader_name: leader,
            post: row.post,
            responsibilities: row.responsibilities,
            organisation: OrganisationId::new(row.organisation_id),
            organisation_name: organisation,
            day: row.day,
            from: row.begins_at,
            until: row.ends_at,
            place: row.place,
            capacity: row.capacity,
            taken: row.taken,
            waiting_places: row.waiting_places,
            waiting: row.waiting,
            visit_count: row.visits,
            published_on: row.published_on,
        }
    }
}
