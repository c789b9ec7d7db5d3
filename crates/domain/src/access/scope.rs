//! Which cases a user may know of: one value that gives the list's predicate and the single answer.

use super::role::{Actor, Duty, Role, Staff};
use crate::id::{OrganisationId, UserId};
use crate::organisation::{Directory, OrganisationKind};
use crate::region::RegionCode;

/// What of a case decides who may know of it.
pub trait Knowable {
    /// The region that it is attributed to.
    fn region(&self) -> &RegionCode;
    /// Who registered it.
    fn registered_by(&self) -> Option<UserId>;
    /// Whether the organisation has or had a part in it.
    fn involves(&self, organisation: OrganisationId) -> bool;
    /// Whether the user has a part in its handling.
    fn is_handled_by(&self, user: UserId) -> bool;
    /// Whether it is kept from the user, whom it accuses.
    fn is_kept_from(&self, user: UserId) -> bool;
    /// Whether it is an accusation (Art. 30): only its need-to-know list.
    fn is_confidential(&self) -> bool;
}

/// The cases that one user may know of. Fail closed: [`Scope::nothing`] knows of none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    pub user: UserId,
    /// Who acts in the user's place: no case that accuses them is known to them there either.
    pub deputy: Option<UserId>,
    /// The organisation whose cases the user sees; grid members do not see their organisation's.
    pub organisation: Option<OrganisationId>,
    /// The region whose cases the user sees by office.
    pub territory: Option<RegionCode>,
    /// Cleared for accusations that the organisation has a part in.
    pub accusations: bool,
    /// No case at all, as for the three administrators.
    pub nothing: bool,
}

impl Scope {
    /// The scope of a user.
    pub fn of(staff: &Staff, directory: &Directory) -> Self {
        let kind = directory.organisation(staff.organisation).map(|organ| organ.kind);
        let by_office = staff.role == Role::GridMember
            || staff.role == Role::Reviewer
            || kind == Some(OrganisationKind::PetitionDepartment)
            || staff.has(Duty::Lead)
            || staff.has(Duty::Supervise);
        Self {
            user: staff.user,
            deputy: staff.deputy,
            organisation: Some(staff.organisation).filter(|_| staff.role != Role::GridMember),
            territory: staff.territory.clone().filter(|_| by_office),
            accusations: staff.has(Duty::Accusation),
            nothing: staff.role.is_administrator(),
        }
    }

    /// Whether the user may know of the case.
    pub fn allows(&self, case: &impl Knowable) -> bool {
        let is_kept_from = |user: &UserId| case.is_kept_from(*user);
        if self.nothing || is_kept_from(&self.user) || self.deputy.as_ref().is_some_and(is_kept_from) {
            return false;
        }
        let involved = self.organisation.is_some_and(|organisation| case.involves(organisation));
        if case.is_confidential() {
            return self.accusations && involved;
        }
        involved
            || case.registered_by() == Some(self.user)
            || case.is_handled_by(self.user)
            || self.territory.as_ref().is_some_and(|territory| territory.contains(case.region()))
    }
}

/// Whether the actor may know of the case: staff within their scope, and the petitioner and the system, who come to a
/// case by another way than its identifier.
pub fn may_know_of(actor: &Actor, case: &impl Knowable, directory: &Directory) -> bool {
    actor.staff().is_none_or(|staff| Scope::of(staff, directory).allows(case))
}
