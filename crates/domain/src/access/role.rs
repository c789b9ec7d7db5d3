//! Roles, duties and the actor who gives a command.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use crate::id::{OrganisationId, UserId};
use crate::region::RegionCode;

/// What a user is. The three administrators see no case by that office (GB/T 22239 level 3).
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
pub enum Role {
    #[strum(props(zh = "网格员", en = "Grid member"))]
    GridMember,
    #[strum(props(zh = "工作人员", en = "Official"))]
    Official,
    #[strum(props(zh = "审核督查人员", en = "Reviewer"))]
    Reviewer,
    #[strum(props(zh = "系统管理员", en = "System administrator"))]
    SystemAdministrator,
    #[strum(props(zh = "安全管理员", en = "Security administrator"))]
    SecurityAdministrator,
    #[strum(props(zh = "审计员", en = "Auditor"))]
    Auditor,
}

impl Role {
    /// Whether the role is one of the three administrators, who have no part in cases.
    pub const fn is_administrator(self) -> bool {
        matches!(self, Self::SystemAdministrator | Self::SecurityAdministrator | Self::Auditor)
    }
}

/// What a user is charged with, kept apart after `domain.md` §2.2 (registrar, acceptor, handler,
/// examiner, …).
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
pub enum Duty {
    #[strum(props(zh = "登记", en = "Register petitions"))]
    Register,
    #[strum(props(zh = "转送交办", en = "Transfer and assign"))]
    Dispatch,
    #[strum(props(zh = "受理", en = "Accept for the organ"))]
    Accept,
    #[strum(props(zh = "办理", en = "Handle"))]
    Handle,
    #[strum(props(zh = "审查", en = "Examine drafts"))]
    Examine,
    #[strum(props(zh = "签发", en = "Sign as head of the organ"))]
    Sign,
    #[strum(props(zh = "核验", en = "Verify measures"))]
    Verify,
    #[strum(props(zh = "复查复核", en = "Review and re-review"))]
    Review,
    #[strum(props(zh = "督查督办", en = "Supervise"))]
    Supervise,
    #[strum(props(zh = "回访", en = "Visit back"))]
    VisitBack,
    #[strum(props(zh = "归档", en = "Archive"))]
    Archive,
    #[strum(props(zh = "领导干部", en = "Leading cadre"))]
    Lead,
    #[strum(props(zh = "值班", en = "Duty officer"))]
    DutyOfficer,
    /// Cleared to know of accusations (Art. 30).
    #[strum(props(zh = "检举控告", en = "Accusations"))]
    Accusation,
}

/// A signed-in user, as the rules know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    pub user: UserId,
    pub role: Role,
    pub duties: BTreeSet<Duty>,
    pub organisation: OrganisationId,
    /// The region they work for; `None` where the organisation's remit is a matter, not a place.
    pub territory: Option<RegionCode>,
    /// Who acts in the user's place, where a deputy does; see [`super::stand_in`].
    pub deputy: Option<UserId>,
}

impl Staff {
    /// Whether the user is charged with the duty.
    pub fn has(&self, duty: Duty) -> bool {
        self.duties.contains(&duty)
    }

    /// Whose hand it is: the deputy's where there is one.
    pub fn acting(&self) -> UserId {
        self.deputy.unwrap_or(self.user)
    }

    /// The user, and the deputy who acts in their place: what is closed to one of them is closed to both.
    pub fn people(&self) -> impl Iterator<Item = UserId> + use<> {
        [Some(self.user), self.deputy].into_iter().flatten()
    }
}

/// Who gives a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A user.
    Staff(Staff),
    /// The petitioner, known by the case's query code.
    Petitioner,
    /// The system itself: the deadline sweep, and effects of one case on another.
    System,
}

impl Actor {
    /// The user behind the actor, if it is one.
    pub const fn staff(&self) -> Option<&Staff> {
        match self {
            Self::Staff(staff) => Some(staff),
            Self::Petitioner | Self::System => None,
        }
    }

    /// In whose place the actor acts: their own, or that of the user whose deputy they are.
    pub fn user(&self) -> Option<UserId> {
        self.staff().map(|staff| staff.user)
    }

    /// Whether one of these is the actor, or the user in whose place the actor acts.
    pub fn is_among(&self, users: impl IntoIterator<Item = UserId>) -> bool {
        let people: Vec<UserId> = self.staff().into_iter().flat_map(Staff::people).collect();
        users.into_iter().any(|user| people.contains(&user))
    }

    /// How the journal records the actor.
    pub fn recorded(&self) -> RecordedActor {
        match self {
            Self::Staff(staff) => RecordedActor::Staff {
                user: staff.acting(),
                organisation: staff.organisation,
                on_behalf_of: staff.deputy.map(|_| staff.user),
            },
            Self::Petitioner => RecordedActor::Petitioner,
            Self::System => RecordedActor::System,
        }
    }
}

/// Who did something, as the journal keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum RecordedActor {
    /// A user, with the organisation they acted for at the time.
    Staff {
        user: UserId,
        organisation: OrganisationId,
        /// In whose place, where the user acted as a deputy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on_behalf_of: Option<UserId>,
    },
    /// The petitioner, by query code.
    Petitioner,
    /// The system itself.
    System,
}

impl RecordedActor {
    /// Who did it.
    pub const fn user(self) -> Option<UserId> {
        match self {
            Self::Staff { user, .. } => Some(user),
            Self::Petitioner | Self::System => None,
        }
    }

    /// In whose place a deputy did it.
    pub const fn on_behalf_of(self) -> Option<UserId> {
        match self {
            Self::Staff { on_behalf_of, .. } => on_behalf_of,
            Self::Petitioner | Self::System => None,
        }
    }

    /// Whose act it counts as in the case: of the user in whose place a deputy acted, for what the deputy may know ends with
    /// the delegation.
    pub fn principal(self) -> Option<UserId> {
        self.on_behalf_of().or(self.user())
    }

    /// The organisation that the user acted for.
    pub const fn organisation(self) -> Option<OrganisationId> {
        match self {
            Self::Staff { organisation, .. } => Some(organisation),
            Self::Petitioner | Self::System => None,
        }
    }
}
