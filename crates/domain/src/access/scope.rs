//! Which cases a user may know of: one value that gives the list's predicate and the single answer.

use std::collections::HashSet;

use super::role::{Duty, Role, Staff};
use crate::id::{OrganisationId, UserId};
use crate::organisation::{Directory, OrganisationKind};
use crate::region::RegionCode;

/// What of a case decides who may know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFacts {
    pub region: RegionCode,
    pub registered_by: Option<UserId>,
    /// Every organisation that has or had a part in the case.
    pub organisations: HashSet<OrganisationId>,
    /// Every user with a part in the case, the accused not among them.
    pub users: HashSet<UserId>,
    /// Users whom the case accuses.
    pub accused: HashSet<UserId>,
    /// An accusation (Art. 30): only its need-to-know list.
    pub confidential: bool,
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
    pub fn allows(&self, case: &CaseFacts) -> bool {
        let is_accused = |user: &UserId| case.accused.contains(user);
        if self.nothing || is_accused(&self.user) || self.deputy.as_ref().is_some_and(is_accused) {
            return false;
        }
        let organisation_has_part =
            self.organisation.is_some_and(|organisation| case.organisations.contains(&organisation));
        if case.confidential {
            return self.accusations && organisation_has_part;
        }
        organisation_has_part
            || case.registered_by == Some(self.user)
            || case.users.contains(&self.user)
            || self.territory.as_ref().is_some_and(|territory| territory.contains(&case.region))
    }
}
