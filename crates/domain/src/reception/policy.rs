//! THE table of access for sessions: who may give which command, by duty and relation; unknown means no.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use strum::{AsRefStr, Display, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use super::Reception;
use crate::access::{Actor, Duty, Role, Staff};
use crate::id::{OrganisationId, UserId};
use crate::organisation::{Directory, OrganisationKind};

/// The kind of a command on a session.
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
    Display,
    EnumString,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReceptionCommandKind {
    #[strum(props(zh = "安排接访", en = "Plan a session"))]
    PlanReception,
    #[strum(props(zh = "公布", en = "Publish", path = "publication"))]
    PublishReception,
    #[strum(props(zh = "变更", en = "Change", path = "change"))]
    ChangeReception,
    #[strum(props(zh = "对调领导", en = "Swap leaders", path = "swap"))]
    SwapLeaders,
    #[strum(props(zh = "取消接访", en = "Cancel the session", path = "cancellation"))]
    CancelReception,
    #[strum(props(zh = "预约", en = "Book a matter", path = "bookings"))]
    Book,
    #[strum(props(zh = "取消预约", en = "Cancel the booking", path = "bookings/{no}/cancellation"))]
    CancelBooking,
    #[strum(props(zh = "提醒", en = "Remind", path = "bookings/{no}/reminder"))]
    Remind,
    #[strum(props(zh = "接待来访", en = "Receive a visit", path = "visits"))]
    ReceiveVisit,
    #[strum(props(zh = "接访记录", en = "Record the session", path = "record"))]
    RecordReception,
}

impl ReceptionCommandKind {
    /// Where the command is sent, below the session; none for the plan, which makes it.
    pub fn path(self) -> Option<&'static str> {
        self.get_str("path")
    }

    /// Whether the command is about one of the bookings.
    pub const fn is_about_a_booking(self) -> bool {
        matches!(self, Self::CancelBooking | Self::Remind)
    }
}

/// What a caller is to a session.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    AsRefStr,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum ReceptionRelation {
    /// The leader who receives.
    Leader,
    /// Of the leader's organ.
    Colleague,
    /// Of a petition department in whose territory the leader's organ is.
    Office,
    /// A petitioner whose matter it is.
    Petitioner,
}

/// A row: the command is open to whoever has the duty (if one is named) and the relation.
#[derive(Debug, Clone, Copy)]
pub struct ReceptionGrant {
    pub command: ReceptionCommandKind,
    pub duty: Option<Duty>,
    pub relation: ReceptionRelation,
    /// Why, in a few words.
    pub reason: &'static str,
}

use Duty as D;
use ReceptionCommandKind as C;
use ReceptionRelation as R;

const fn grant(
    command: ReceptionCommandKind,
    duty: Duty,
    relation: ReceptionRelation,
    reason: &'static str,
) -> ReceptionGrant {
    ReceptionGrant { command, duty: Some(duty), relation, reason }
}

const fn by(
    command: ReceptionCommandKind,
    relation: ReceptionRelation,
    reason: &'static str,
) -> ReceptionGrant {
    ReceptionGrant { command, duty: None, relation, reason }
}

/// The table.
pub const RECEPTION_GRANTS: &[ReceptionGrant] = &[
    grant(C::PlanReception, D::Lead, R::Leader, "a leading cadre plans their own (Art. 18)"),
    grant(
        C::PlanReception,
        D::Dispatch,
        R::Office,
        "the petition department plans for the leaders of its place",
    ),
    grant(C::PlanReception, D::Dispatch, R::Colleague, "the leader's own office plans"),
    grant(C::PublishReception, D::Lead, R::Leader, "a leading cadre publishes their own"),
    grant(C::PublishReception, D::Dispatch, R::Office, "the petition department publishes"),
    grant(C::PublishReception, D::Dispatch, R::Colleague, "the leader's own office publishes"),
    grant(C::ChangeReception, D::Lead, R::Leader, "a leading cadre changes their own"),
    grant(C::ChangeReception, D::Dispatch, R::Office, "the petition department changes"),
    grant(C::ChangeReception, D::Dispatch, R::Colleague, "the leader's own office changes"),
    grant(C::SwapLeaders, D::Dispatch, R::Office, "the petition department arranges a swap"),
    grant(C::SwapLeaders, D::Dispatch, R::Colleague, "the leader's own office arranges a swap"),
    grant(C::CancelReception, D::Lead, R::Leader, "a leading cadre cancels their own"),
    grant(C::CancelReception, D::Dispatch, R::Office, "the petition department cancels"),
    grant(C::CancelReception, D::Dispatch, R::Colleague, "the leader's own office cancels"),
    grant(C::Book, D::Register, R::Office, "the register books for petitioners (Art. 18)"),
    grant(C::Book, D::Dispatch, R::Office, "the petition department books"),
    grant(C::Book, D::Register, R::Colleague, "the leader's own office books"),
    grant(C::Book, D::Lead, R::Leader, "a leading cadre invites"),
    by(C::Book, R::Petitioner, "by the query code"),
    grant(C::CancelBooking, D::Register, R::Office, "taken down for the petitioner"),
    grant(C::CancelBooking, D::Dispatch, R::Office, "taken down for the petitioner"),
    grant(C::CancelBooking, D::Register, R::Colleague, "taken down for the petitioner"),
    by(C::CancelBooking, R::Petitioner, "by the query code"),
    grant(C::Remind, D::Register, R::Office, "the register tells the petitioner"),
    grant(C::Remind, D::Dispatch, R::Office, "the petition department tells the petitioner"),
    grant(C::Remind, D::Register, R::Colleague, "the leader's own office tells the petitioner"),
    grant(C::ReceiveVisit, D::Lead, R::Leader, "the leader writes down what was said"),
    grant(C::ReceiveVisit, D::Register, R::Office, "the register writes down what was said"),
    grant(C::ReceiveVisit, D::Register, R::Colleague, "the leader's own office writes down what was said"),
    grant(C::RecordReception, D::Lead, R::Leader, "the leader ends their session"),
    grant(C::RecordReception, D::Register, R::Office, "the register ends the session"),
    grant(C::RecordReception, D::Dispatch, R::Office, "the petition department ends the session"),
    grant(C::RecordReception, D::Register, R::Colleague, "the leader's own office ends the session"),
];

/// Every relation of the actor to sessions of that leader, whose organ is given.
pub fn relations_to(
    actor: &Actor,
    leader: UserId,
    organisation: OrganisationId,
    directory: &Directory,
) -> BTreeSet<ReceptionRelation> {
    let staff = match actor {
        Actor::Petitioner => return BTreeSet::from([R::Petitioner]),
        // Nothing of a session happens by itself.
        Actor::System => return BTreeSet::new(),
        Actor::Staff(staff) => staff,
    };
    let mut held = BTreeSet::new();
    if staff.role.is_administrator() || staff.role == Role::GridMember {
        return held;
    }
    if staff.user == leader {
        held.insert(R::Leader);
    }
    if staff.organisation == organisation {
        held.insert(R::Colleague);
    }
    if is_the_office_of(staff, organisation, directory) {
        held.insert(R::Office);
    }
    held
}

fn is_the_office_of(staff: &Staff, organisation: OrganisationId, directory: &Directory) -> bool {
    let own = directory.organisation(staff.organisation);
    let place = directory.organisation(organisation).map(|organ| &organ.region);
    own.is_some_and(|organ| organ.kind == OrganisationKind::PetitionDepartment)
        && staff.territory.as_ref().zip(place).is_some_and(|(territory, place)| territory.contains(place))
}

impl Reception {
    /// Every relation of the actor to the session.
    pub fn relations(&self, actor: &Actor, directory: &Directory) -> BTreeSet<ReceptionRelation> {
        relations_to(actor, self.host.leader, self.organisation, directory)
    }

    /// Whether the actor is one of those who arrange the session, and so sees who comes: its leader, their office, and the
    /// petition department.
    pub fn is_arranged_by(&self, actor: &Actor, directory: &Directory) -> bool {
        actor.staff().is_some() && !self.relations(actor, directory).is_empty()
    }

    /// Whether the actor may know of the session: those who arrange it, and once it was published everybody who is signed in.
    pub fn is_known_to(&self, actor: &Actor, directory: &Directory) -> bool {
        self.published_on.is_some() || self.is_arranged_by(actor, directory)
    }
}

/// Whether the table lets an actor with these relations give the command.
pub fn permits(command: ReceptionCommandKind, actor: &Actor, held: &BTreeSet<ReceptionRelation>) -> bool {
    RECEPTION_GRANTS
        .iter()
        .filter(|row| row.command == command && held.contains(&row.relation))
        .any(|row| row.duty.is_none_or(|duty| actor.staff().is_some_and(|staff| staff.has(duty))))
}
