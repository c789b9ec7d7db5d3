//! Standing in: a user hands duties to a colleague for a period, for leave or a shift. The deputy then acts in the user's place
//! and in nobody's name but their own. What either of the two may not sign, approve, verify or review is closed to the deputy, and so
//! is a case that accuses either. By office a deputy sees what the principal sees, masked; what is the principal's by name, as a
//! handler, an owner or a registrar, comes with the duty that it belongs to.

use std::collections::BTreeSet;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use super::role::{Duty, Role, Staff};
use crate::id::UserId;
use crate::refusal::{FieldCode, FieldErrors, Refusal};
use crate::text::Remark;

/// How far ahead duties are handed over; whoever is away for longer has their account changed.
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
    /// Until when, at most 366 days from now.
    pub until_at: DateTime<Utc>,
    /// Why: leave, a shift, illness.
    pub reason: Remark,
}

impl DelegationRequest {
    /// When it begins, to the microsecond, as everything is kept.
    pub fn begins_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.from_at.map_or(now, |from| from.max(now)).trunc_subsecs(6)
    }

    /// When it ends, to the microsecond.
    pub fn ends_at(&self) -> DateTime<Utc> {
        self.until_at.trunc_subsecs(6)
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
        // Nobody learns here whether somebody else's account is active, nor what they are cleared for.
        let colleague = deputy.filter(|deputy| are_exchangeable(principal, deputy));
        errors.expect(colleague.is_some(), "/deputy", FieldCode::NotAColleague);
        let is_own = self.duties.is_subset(&principal.duties);
        errors.expect(!self.duties.is_empty(), "/duties", FieldCode::Required);
        errors.expect(is_own, "/duties", FieldCode::NotOwnDuty);
        if let Some(colleague) = colleague.filter(|_| is_own) {
            let cleared = !self.duties.contains(&Duty::Accusation) || colleague.has(Duty::Accusation);
            errors.expect(cleared, "/duties", FieldCode::NotCleared);
        }
        let is_to_come = self.ends_at() > now;
        errors.expect(is_to_come, "/until_at", FieldCode::Passed);
        if is_to_come {
            let ends_later = self.ends_at() > self.begins_at(now);
            errors.expect(ends_later, "/until_at", FieldCode::EndsBeforeItBegins);
            errors.expect(self.until_at - now <= LONGEST_DELEGATION, "/until_at", FieldCode::OutOfRange);
        }
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
