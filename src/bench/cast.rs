//! The parts that a story has, and who plays them: stand-ins while it is told, the place's own people in each case.

use domain::access::{Duty as D, Role, Staff};
use domain::id::{OrganisationId, PersonId, UserId};
use domain::organisation::{
    Directory, Organisation, OrganisationKind as Kind, OrganisationLevel as Level, ReviewAuthority,
    ReviewRule, ReviewStage,
};
use domain::region::{RegionCode, RegionError};
use strum::VariantArray;

use super::world::{DEPARTMENTS, Office, Place, Post};

/// Stand-ins have identifiers that nothing else has.
const STAND_INS: i64 = 5 << 44;
/// The grid in which stories are told.
pub const STAGE_REGION: &str = "990121101201001";

/// An organ of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, VariantArray)]
pub enum Organ {
    Village,
    /// Whose register the petition enters.
    Desk,
    /// Who handles it.
    Handling,
    CountyPetition,
    Government,
    Committee,
    Discipline,
}

/// A user of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, VariantArray)]
pub enum Part {
    GridMember,
    Clerk,
    ClearedClerk,
    Registrar,
    Handler,
    Head,
    Verifier,
    Reviewer,
    CommitteeReviewer,
    DisciplineOfficer,
}

/// Who plays the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cast {
    organs: [OrganisationId; Organ::VARIANTS.len()],
    users: [UserId; Part::VARIANTS.len()],
}

/// Who in a place deals with a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hands {
    /// Whether the county's register took it, and not the township's.
    pub at_county: bool,
    /// The department of the county that handles it; without one the township does.
    pub department: Option<u32>,
}

impl Organ {
    /// The organ's stand-in.
    pub const fn stand_in(self) -> OrganisationId {
        OrganisationId::new(STAND_INS + self as i64)
    }

    const fn description(self) -> (Kind, Level, &'static str) {
        match self {
            Self::Village => (Kind::VillageCommittee, Level::Village, "990121101201"),
            Self::Desk | Self::CountyPetition => (Kind::PetitionDepartment, Level::County, "990121000000"),
            Self::Handling => (Kind::FunctionalDepartment, Level::County, "990121000000"),
            Self::Government => (Kind::Government, Level::County, "990121000000"),
            Self::Discipline => (Kind::DisciplineInspection, Level::County, "990121000000"),
            Self::Committee => (Kind::ReviewCommittee, Level::City, "990100000000"),
        }
    }
}

impl Part {
    /// The user's stand-in.
    pub const fn stand_in(self) -> UserId {
        UserId::new(STAND_INS + 100 + self as i64)
    }

    const fn description(self) -> (Organ, Role, &'static [D], Option<&'static str>) {
        const COUNTY: Option<&str> = Some("990121000000");
        match self {
            Self::GridMember => {
                (Organ::Village, Role::GridMember, &[D::Register, D::VisitBack], Some(STAGE_REGION))
            }
            Self::Clerk => {
                let duties = &[D::Register, D::Dispatch, D::VisitBack, D::Archive];
                (Organ::Desk, Role::Official, duties, COUNTY)
            }
            Self::ClearedClerk => {
                let duties = &[D::Register, D::Dispatch, D::Archive, D::Accusation];
                (Organ::Desk, Role::Official, duties, COUNTY)
            }
            Self::Registrar => (Organ::Handling, Role::Official, &[D::Register, D::Accept], None),
            Self::Handler => (Organ::Handling, Role::Official, &[D::Handle], None),
            Self::Head => (Organ::Handling, Role::Official, &[D::Examine, D::Sign, D::Lead], None),
            Self::Verifier => (Organ::CountyPetition, Role::Reviewer, &[D::Verify, D::Supervise], COUNTY),
            Self::Reviewer => (Organ::Government, Role::Official, &[D::Review], None),
            Self::CommitteeReviewer => (Organ::Committee, Role::Official, &[D::Review], None),
            Self::DisciplineOfficer => {
                (Organ::Discipline, Role::Official, &[D::Accusation, D::Archive], COUNTY)
            }
        }
    }

    /// The part as the rules see its stand-in.
    ///
    /// # Errors
    /// A made-up code is no region code.
    pub fn staff(self) -> Result<Staff, RegionError> {
        let (organ, role, duties, territory) = self.description();
        Ok(Staff {
            user: self.stand_in(),
            role,
            duties: duties.iter().copied().collect(),
            organisation: organ.stand_in(),
            territory: territory.map(str::parse::<RegionCode>).transpose()?,
            deputy: None,
        })
    }
}

/// The stand-in of the petitioner, or of the second person who speaks for a group.
pub const fn petitioner(number: u8) -> PersonId {
    PersonId::new(STAND_INS + 200 + number as i64)
}

/// A directory of the stand-ins alone, so that a decision need not search a province's.
///
/// # Errors
/// A made-up code is no region code.
pub fn stand_ins() -> Result<Directory, RegionError> {
    let organs = Organ::VARIANTS.iter().map(|organ| {
        let (kind, level, region) = organ.description();
        let superior = None;
        let name = format!("{organ:?}");
        Ok(Organisation {
            id: organ.stand_in(),
            name,
            kind,
            level,
            region: region.parse()?,
            superior,
            active: true,
        })
    });
    let staff = Part::VARIANTS.iter().map(|part| part.staff());
    let rule = |organ_kind, stage, authority| ReviewRule {
        organ_kind,
        organ_level: Level::County,
        stage,
        authority,
        named: None,
        priority: 1,
    };
    let rules = [
        rule(Kind::FunctionalDepartment, ReviewStage::Review, ReviewAuthority::SameLevelGovernment),
        rule(Kind::Government, ReviewStage::ReReview, ReviewAuthority::CommitteeOfSuperiorRegion),
    ];
    Ok(Directory::new(
        organs.collect::<Result<Vec<_>, RegionError>>()?,
        staff.collect::<Result<Vec<_>, RegionError>>()?,
        rules,
    ))
}

impl Cast {
    /// The organ that plays the part.
    pub fn organ(&self, organ: Organ) -> OrganisationId {
        self.organs.get(organ as usize).copied().unwrap_or(organ.stand_in())
    }

    /// The user who plays the part.
    pub fn user(&self, part: Part) -> UserId {
        self.users.get(part as usize).copied().unwrap_or(part.stand_in())
    }

    /// The people and organs of a place.
    pub fn of(place: &Place, hands: Hands) -> Self {
        let organs = Organ::VARIANTS.iter().map(|organ| organ_of(*organ, place, hands));
        let users = Part::VARIANTS.iter().map(|part| user_of(*part, place, hands));
        let mut cast = Self { organs: [OrganisationId::new(0); _], users: [UserId::new(0); _] };
        cast.organs.iter_mut().zip(organs).for_each(|(slot, organ)| *slot = organ);
        cast.users.iter_mut().zip(users).for_each(|(slot, user)| *slot = user);
        cast
    }

    /// The stand-in of every user and organ with who takes its place.
    pub fn substitutions(&self) -> Vec<(i64, i64)> {
        let organs = Organ::VARIANTS.iter().map(|organ| (organ.stand_in().get(), self.organ(*organ).get()));
        let users = Part::VARIANTS.iter().map(|part| (part.stand_in().get(), self.user(*part).get()));
        organs.chain(users).collect()
    }
}

const fn organ_of(organ: Organ, place: &Place, hands: Hands) -> OrganisationId {
    match organ {
        Organ::Village => Office::Village.id(place.village),
        Organ::Desk if hands.at_county => Office::CountyPetition.id(place.county),
        Organ::Desk => Office::TownshipPetition.id(place.township),
        Organ::Handling => match hands.department {
            Some(department) => Office::CountyDepartment.id(place.county * DEPARTMENTS + department),
            None => Office::TownshipGovernment.id(place.township),
        },
        Organ::CountyPetition => Office::CountyPetition.id(place.county),
        Organ::Government => Office::CountyGovernment.id(place.county),
        Organ::Committee => Office::CityCommittee.id(place.city),
        Organ::Discipline => Office::CountyDiscipline.id(place.county),
    }
}

fn user_of(part: Part, place: &Place, hands: Hands) -> UserId {
    let of_handling = |at_department: Post, at_township: Post| match hands.department {
        Some(department) => at_department.user(place.county * DEPARTMENTS + department),
        None => at_township.user(place.township),
    };
    match part {
        Part::GridMember => Post::GridMember.user(place.grid),
        Part::Clerk if hands.at_county => Post::CountyClerk.user(place.county),
        Part::Clerk => Post::TownshipClerk.user(place.township),
        Part::ClearedClerk => Post::CountyClearedClerk.user(place.county),
        Part::Registrar => of_handling(Post::Registrar, Post::TownshipRegistrar),
        Part::Handler => of_handling(Post::Handler, Post::TownshipHandler),
        Part::Head => of_handling(Post::Head, Post::TownshipHead),
        Part::Verifier => Post::CountyVerifier.user(place.county),
        Part::Reviewer => Post::CountyReviewer.user(place.county),
        Part::CommitteeReviewer => Post::CityReviewer.user(place.city),
        Part::DisciplineOfficer => Post::CountyDiscipline.user(place.county),
    }
}
