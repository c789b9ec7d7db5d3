//! A small municipality: the organs of one city and one county, with a user for every role and duty.

use std::sync::LazyLock;

use domain::access::{Actor, Duty, Role, Staff};
use domain::deadline::{Calendar, CalendarDay};
use domain::id::{OrganisationId, UserId};
use domain::organisation::{
    Directory, Organisation, OrganisationKind, OrganisationLevel, ReviewAuthority, ReviewRule, ReviewStage,
};
use domain::region::RegionCode;
use strum::VariantArray;

pub const CITY_PETITIONS: OrganisationId = OrganisationId::new(1);
pub const COUNTY_PETITIONS: OrganisationId = OrganisationId::new(2);
pub const CITY_GOVERNMENT: OrganisationId = OrganisationId::new(3);
pub const COUNTY_GOVERNMENT: OrganisationId = OrganisationId::new(4);
pub const CITY_HOUSING: OrganisationId = OrganisationId::new(5);
pub const COUNTY_HOUSING: OrganisationId = OrganisationId::new(6);
pub const COUNTY_LABOUR: OrganisationId = OrganisationId::new(7);
pub const TOWNSHIP: OrganisationId = OrganisationId::new(8);
pub const VILLAGE: OrganisationId = OrganisationId::new(9);
pub const REVIEW_COMMITTEE: OrganisationId = OrganisationId::new(10);
pub const COUNTY_DISCIPLINE: OrganisationId = OrganisationId::new(11);
pub const CITY_DISCIPLINE: OrganisationId = OrganisationId::new(12);
/// An organ of another city, which has nothing to do with any case here.
pub const ELSEWHERE: OrganisationId = OrganisationId::new(13);

pub const CITY: &str = "340100000000";
pub const COUNTY: &str = "340121000000";
pub const TOWN: &str = "340121100000";
pub const GRID: &str = "340121100201001";

pub fn region(code: &str) -> RegionCode {
    code.parse().unwrap()
}

/// Everybody in the directory, in the order of their ids.
pub static PEOPLE: LazyLock<Vec<Staff>> = LazyLock::new(|| {
    use Duty as D;
    let places: [(OrganisationId, Role, Option<&str>, &[Duty]); 30] = [
        (VILLAGE, Role::GridMember, Some(GRID), &[D::Register, D::VisitBack]),
        (COUNTY_PETITIONS, Role::Official, Some(COUNTY), &[D::Register]),
        (COUNTY_PETITIONS, Role::Official, Some(COUNTY), &[D::Dispatch]),
        (COUNTY_PETITIONS, Role::Reviewer, Some(COUNTY), &[D::Verify]),
        (COUNTY_PETITIONS, Role::Official, Some(COUNTY), &[D::VisitBack]),
        (COUNTY_PETITIONS, Role::Official, Some(COUNTY), &[D::Archive, D::Accusation]),
        (COUNTY_PETITIONS, Role::Official, Some(COUNTY), &[D::Dispatch, D::Register, D::Accusation]),
        (CITY_PETITIONS, Role::Official, Some(CITY), &[D::Dispatch, D::Accusation]),
        (CITY_PETITIONS, Role::Reviewer, Some(CITY), &[D::Supervise, D::Verify]),
        (COUNTY_HOUSING, Role::Official, None, &[D::Accept, D::Dispatch]),
        (COUNTY_HOUSING, Role::Official, None, &[D::Handle]),
        (COUNTY_HOUSING, Role::Official, None, &[D::Handle, D::Examine]),
        (COUNTY_HOUSING, Role::Official, None, &[D::Sign, D::Handle]),
        (COUNTY_HOUSING, Role::Reviewer, Some(COUNTY), &[D::Verify]),
        (COUNTY_LABOUR, Role::Official, None, &[D::Accept, D::Dispatch]),
        (COUNTY_LABOUR, Role::Official, None, &[D::Handle]),
        (COUNTY_GOVERNMENT, Role::Official, None, &[D::Review]),
        (COUNTY_GOVERNMENT, Role::Official, None, &[D::Review]),
        (REVIEW_COMMITTEE, Role::Official, None, &[D::Review]),
        (TOWNSHIP, Role::Official, Some(TOWN), &[D::Register, D::Accept, D::VisitBack]),
        (COUNTY_DISCIPLINE, Role::Official, None, &[D::Accusation, D::Archive]),
        (CITY_DISCIPLINE, Role::Official, None, &[D::Accusation, D::Dispatch, D::Archive]),
        (COUNTY_GOVERNMENT, Role::Official, Some(COUNTY), &[D::Lead, D::DutyOfficer]),
        (CITY_GOVERNMENT, Role::SystemAdministrator, None, Duty::VARIANTS),
        (CITY_GOVERNMENT, Role::SecurityAdministrator, None, Duty::VARIANTS),
        (CITY_GOVERNMENT, Role::Auditor, None, Duty::VARIANTS),
        (COUNTY_HOUSING, Role::Official, None, &[D::Archive]),
        (COUNTY_HOUSING, Role::Official, None, &[D::Handle]),
        (ELSEWHERE, Role::Official, None, Duty::VARIANTS),
        (COUNTY_HOUSING, Role::Official, None, &[D::Lead]),
    ];
    places
        .into_iter()
        .zip(1..)
        .map(|((organisation, role, territory, duties), id)| Staff {
            user: UserId::new(id),
            role,
            duties: duties.iter().copied().collect(),
            organisation,
            territory: territory.map(region),
            deputy: None,
        })
        .collect()
});

/// The people of the story, by what they do in it; their ids are their places in [`PEOPLE`], from 1.
pub const GRID_MEMBER: UserId = UserId::new(1);
pub const CLERK: UserId = UserId::new(2);
pub const DISPATCHER: UserId = UserId::new(3);
pub const VERIFIER: UserId = UserId::new(4);
pub const VISITOR: UserId = UserId::new(5);
pub const PETITION_ARCHIVIST: UserId = UserId::new(6);
pub const ACCUSATION_OFFICER: UserId = UserId::new(7);
pub const CITY_DISPATCHER: UserId = UserId::new(8);
pub const SUPERVISOR: UserId = UserId::new(9);
pub const REGISTRAR: UserId = UserId::new(10);
pub const HANDLER: UserId = UserId::new(11);
pub const EXAMINER: UserId = UserId::new(12);
pub const HEAD: UserId = UserId::new(13);
pub const VERIFIER_OF_THE_OWNERS_UNIT: UserId = UserId::new(14);
pub const LABOUR_REGISTRAR: UserId = UserId::new(15);
pub const REVIEWER: UserId = UserId::new(17);
pub const RE_REVIEWER: UserId = UserId::new(19);
pub const DISCIPLINE_OFFICER: UserId = UserId::new(21);
pub const CITY_DISCIPLINE_OFFICER: UserId = UserId::new(22);
/// Of the county's government, and for all of the county.
pub const LEADER: UserId = UserId::new(23);
pub const SYSTEM_ADMINISTRATOR: UserId = UserId::new(24);
pub const ARCHIVIST: UserId = UserId::new(27);
pub const OWNER: UserId = UserId::new(28);
/// Of the housing department's own leaders.
pub const LEADER_OF_HOUSING: UserId = UserId::new(30);

/// Whoever can give a command: a user of the directory, the petitioner, the system.
pub trait Acting {
    fn actor(self) -> Actor;
}

impl Acting for UserId {
    fn actor(self) -> Actor {
        Actor::Staff(PEOPLE.iter().find(|person| person.user == self).unwrap().clone())
    }
}

impl Acting for Actor {
    fn actor(self) -> Actor {
        self
    }
}

/// The first, in the place of the second.
pub fn deputy(deputy: UserId, principal: impl Acting) -> Actor {
    let Actor::Staff(principal) = principal.actor() else { panic!("only staff have deputies") };
    Actor::Staff(Staff { deputy: Some(deputy), ..principal })
}

/// Somebody with every duty in the organisation given, who has no other part in any case.
pub fn newcomer(role: Role, at: OrganisationId, territory: Option<&str>) -> Staff {
    Staff {
        user: UserId::new(900),
        role,
        duties: Duty::VARIANTS.iter().copied().collect(),
        organisation: at,
        territory: territory.map(region),
        deputy: None,
    }
}

fn organ(
    id: OrganisationId,
    kind: OrganisationKind,
    level: OrganisationLevel,
    place: &str,
    superior: Option<OrganisationId>,
) -> Organisation {
    Organisation { id, name: format!("{kind:?}"), kind, level, region: region(place), superior, active: true }
}

fn organs() -> [Organisation; 13] {
    use OrganisationKind as K;
    use OrganisationLevel as L;
    [
        organ(CITY_PETITIONS, K::PetitionDepartment, L::City, CITY, None),
        organ(COUNTY_PETITIONS, K::PetitionDepartment, L::County, COUNTY, Some(CITY_PETITIONS)),
        organ(CITY_GOVERNMENT, K::Government, L::City, CITY, None),
        organ(COUNTY_GOVERNMENT, K::Government, L::County, COUNTY, Some(CITY_GOVERNMENT)),
        organ(CITY_HOUSING, K::FunctionalDepartment, L::City, CITY, None),
        organ(COUNTY_HOUSING, K::FunctionalDepartment, L::County, COUNTY, Some(CITY_HOUSING)),
        organ(COUNTY_LABOUR, K::FunctionalDepartment, L::County, COUNTY, None),
        organ(TOWNSHIP, K::Government, L::Township, TOWN, Some(COUNTY_GOVERNMENT)),
        organ(VILLAGE, K::VillageCommittee, L::Village, "340121100201", Some(TOWNSHIP)),
        organ(REVIEW_COMMITTEE, K::ReviewCommittee, L::City, CITY, None),
        organ(COUNTY_DISCIPLINE, K::DisciplineInspection, L::County, COUNTY, Some(CITY_DISCIPLINE)),
        organ(CITY_DISCIPLINE, K::DisciplineInspection, L::City, CITY, None),
        organ(ELSEWHERE, K::FunctionalDepartment, L::City, "340200000000", None),
    ]
}

/// A county department's opinion goes to the county's government, the government's to the city's committee.
fn review_rules() -> [ReviewRule; 2] {
    let rule = |organ_kind, stage, authority| ReviewRule {
        organ_kind,
        organ_level: OrganisationLevel::County,
        stage,
        authority,
        named: None,
        priority: 0,
    };
    [
        rule(
            OrganisationKind::FunctionalDepartment,
            ReviewStage::Review,
            ReviewAuthority::SameLevelGovernment,
        ),
        rule(OrganisationKind::Government, ReviewStage::ReReview, ReviewAuthority::CommitteeOfSuperiorRegion),
    ]
}

pub static DIRECTORY: LazyLock<Directory> =
    LazyLock::new(|| Directory::new(organs(), PEOPLE.iter().cloned(), review_rules()));

/// The shipped holidays of the years in which the stories happen.
pub static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| {
    let years = [
        include_str!("../../../../data/holidays/2025.csv"),
        include_str!("../../../../data/holidays/2026.csv"),
    ];
    Calendar::from_days(years.iter().flat_map(|text| CalendarDay::parse_csv(text).unwrap()))
});
