//! Standing in: a user hands duties to a colleague for a period, for leave or a shift. The deputy then acts in the user's place
//! and in nobody's name but their own; what is closed to either of the two is closed to the deputy.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use super::role::{Duty, Role, Staff};
use crate::id::UserId;
use crate::refusal::{FieldCode, FieldErrors, Refusal};
use crate::text::Remark;

/// The longest time for which duties are handed over at once; whoever is away for longer has their account changed.
pub const LONGEST_DELEGATION: TimeDelta = TimeDelta::days(366);

/// What is handed to whom, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DelegationRequest {
    /// A colleague of the same organisation.
    pub deputy: UserId,
    /// Of the user's own duties.
    pub duties: BTreeSet<Duty>,
    /// From when; at once where it is not given or has passed.
    pub from_at: Option<DateTime<Utc>>,
    /// Until when, at most 366 days after it begins.
    pub until_at: DateTime<Utc>,
    /// Why: leave, a shift, illness.
    pub reason: Remark,
}

impl DelegationRequest {
    /// When it begins.
    pub fn begins_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.from_at.map_or(now, |from| from.max(now))
    }

    /// Whether the user may hand this over.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn check(
        &self,
        principal: &Staff,
        deputy: Option<&Staff>,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        match deputy {
            None => errors.expect(false, "/deputy", FieldCode::UnknownUser),
            Some(deputy) => {
                errors.expect(are_exchangeable(principal, deputy), "/deputy", FieldCode::NotAColleague);
                let cleared = !self.duties.contains(&Duty::Accusation) || deputy.has(Duty::Accusation);
                errors.expect(cleared, "/duties", FieldCode::NotCleared);
            }
        }
        errors.expect(!self.duties.is_empty(), "/duties", FieldCode::Required);
        errors.expect(self.duties.is_subset(&principal.duties), "/duties", FieldCode::NotOwnDuty);
        errors.expect(self.until_at > now, "/until_at", FieldCode::InPast);
        let length = self.until_at - self.begins_at(now);
        if self.until_at > now {
            errors.expect(length > TimeDelta::zero(), "/until_at", FieldCode::BeforeCause);
        }
        errors.expect(length <= LONGEST_DELEGATION, "/until_at", FieldCode::OutOfRange);
        errors.finish()
    }
}

/// Where a delegation stands.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    ToSchema,
    AsRefStr,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DelegationState {
    #[strum(props(zh = "未开始", en = "To come"))]
    ToCome,
    #[strum(props(zh = "代理中", en = "In force"))]
    InForce,
    #[strum(props(zh = "已期满", en = "Over"))]
    Over,
    /// Before its time, by the principal, the deputy or a security administrator.
    #[strum(props(zh = "已终止", en = "Ended early"))]
    Ended,
}

impl DelegationState {
    /// Of a delegation that lasts from the first of these to before the second, unless it was ended.
    pub fn at(now: DateTime<Utc>, (from, until): (DateTime<Utc>, DateTime<Utc>), is_ended: bool) -> Self {
        if is_ended {
            Self::Ended
        } else if until <= now {
            Self::Over
        } else if from > now {
            Self::ToCome
        } else {
            Self::InForce
        }
    }
}

/// The user's place as the deputy fills it, with what was handed over of what the user still has; none where the two are no
/// longer such colleagues, or nothing is left of it. Accusations stay closed to a deputy who is not cleared themselves (Art. 30).
pub fn stand_in(principal: &Staff, deputy: &Staff, handed: &BTreeSet<Duty>) -> Option<Staff> {
    let is_open = |duty: &&Duty| **duty != Duty::Accusation || deputy.has(Duty::Accusation);
    let duties: BTreeSet<Duty> = principal.duties.intersection(handed).filter(is_open).copied().collect();
    let stands = are_exchangeable(principal, deputy) && !duties.is_empty();
    stands.then(|| Staff { duties, deputy: Some(deputy.user), ..principal.clone() })
}

/// Colleagues of one organisation, neither an administrator, and in the grid only among themselves: a place is never filled by
/// somebody whom its rules would not know.
fn are_exchangeable(principal: &Staff, deputy: &Staff) -> bool {
    let in_grid = |staff: &Staff| staff.role == Role::GridMember;
    principal.user != deputy.user
        && principal.organisation == deputy.organisation
        && !principal.role.is_administrator()
        && !deputy.role.is_administrator()
        && in_grid(principal) == in_grid(deputy)
}
