//! The province that the cases lie in: its regions, organs and accounts, all numbered so that none has to be looked up.
//!
//! The codes begin with 99, which GB/T 2260 gives to nobody.

use anyhow::Context;
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::{Duty as D, Role};
use domain::id::{OrganisationId, UserId};
use domain::organisation::{OrganisationKind as Kind, OrganisationLevel as Level};
use domain::region::RegionCode;
use store::organisations::OrganisationRow;
use store::regions::RegionRow;
use store::users::User;
use strum::{AsRefStr, VariantArray};

/// The password of every account of the data set, which is for measuring only.
pub const PASSWORD: &str = "daowei-bench-2026";
/// The functional departments of a county.
pub const DEPARTMENTS: u32 = 10;

const PROVINCE: &str = "990000000000";
const VALID_FROM: NaiveDate = match NaiveDate::from_ymd_opt(1949, 10, 1) {
    Some(founding) => founding,
    None => NaiveDate::MIN,
};
/// Identifiers of organs, users and people begin here; those of cases and events are times, and far greater.
const ORGANS: i64 = 1 << 44;
const USERS: i64 = 2 << 44;

/// How many regions of each level lie in one of the level above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub cities: u32,
    pub counties: u32,
    pub townships: u32,
    pub villages: u32,
    pub grids: u32,
}

impl Shape {
    /// A county's worth of places for a small data set, a province's for a large one.
    pub const fn for_cases(cases: u64) -> Self {
        if cases < 100_000 {
            Self { cities: 1, counties: 3, townships: 4, villages: 4, grids: 2 }
        } else {
            Self { cities: 3, counties: 10, townships: 10, villages: 10, grids: 3 }
        }
    }

    /// How many there are of a level in the whole province.
    pub const fn count(&self, level: Level) -> u32 {
        match level {
            Level::City => self.cities,
            Level::County => self.cities * self.counties,
            Level::Township => self.cities * self.counties * self.townships,
            Level::Village => self.cities * self.counties * self.townships * self.villages,
            Level::National | Level::Province => 1,
        }
    }

    /// How many grids there are.
    pub const fn grid_count(&self) -> u32 {
        self.count(Level::Village) * self.grids
    }
}

/// A grid and what it lies in, each counted through the whole province from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub city: u32,
    pub county: u32,
    pub township: u32,
    pub village: u32,
    pub grid: u32,
}

/// A line of organs, one in each place of its level, the departments ten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, VariantArray)]
pub enum Office {
    CityPetition,
    CityGovernment,
    CityCommittee,
    CountyPetition,
    CountyGovernment,
    CountyDiscipline,
    CountyDepartment,
    TownshipPetition,
    TownshipGovernment,
    Village,
}

/// A post, one in each organ of its line; a grid member is one in each grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsRefStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Post {
    GridMember,
    TownshipClerk,
    TownshipRegistrar,
    TownshipHandler,
    TownshipHead,
    CountyClerk,
    CountyClearedClerk,
    CountyVerifier,
    CountyDiscipline,
    CountyReviewer,
    Registrar,
    Handler,
    Head,
    CityClerk,
    CityLeader,
    CityReviewer,
}

/// What a post is: the line of organs it is in, its role and duties, and whether it answers for a territory.
struct Charge {
    office: Office,
    role: Role,
    duties: &'static [D],
    has_territory: bool,
}

const fn official(office: Office, duties: &'static [D], has_territory: bool) -> Charge {
    Charge { office, role: Role::Official, duties, has_territory }
}

const CLERK: &[D] = &[D::Register, D::Dispatch, D::VisitBack, D::Archive];

impl Post {
    const fn charge(self) -> Charge {
        match self {
            Self::GridMember => Charge {
                office: Office::Village,
                role: Role::GridMember,
                duties: &[D::Register, D::VisitBack],
                has_territory: true,
            },
            Self::TownshipClerk => official(Office::TownshipPetition, CLERK, true),
            Self::TownshipRegistrar => official(Office::TownshipGovernment, &[D::Register, D::Accept], false),
            Self::TownshipHandler => official(Office::TownshipGovernment, &[D::Handle], false),
            Self::TownshipHead => {
                official(Office::TownshipGovernment, &[D::Examine, D::Sign, D::Lead], false)
            }
            Self::CountyClerk => official(Office::CountyPetition, CLERK, true),
            Self::CountyClearedClerk => {
                official(Office::CountyPetition, &[D::Register, D::Dispatch, D::Archive, D::Accusation], true)
            }
            Self::CountyVerifier => Charge {
                office: Office::CountyPetition,
                role: Role::Reviewer,
                duties: &[D::Verify, D::Supervise],
                has_territory: true,
            },
            Self::CountyDiscipline => official(Office::CountyDiscipline, &[D::Accusation, D::Archive], true),
            Self::CountyReviewer => official(Office::CountyGovernment, &[D::Review], false),
            Self::Registrar => official(Office::CountyDepartment, &[D::Register, D::Accept], false),
            Self::Handler => official(Office::CountyDepartment, &[D::Handle], false),
            Self::Head => official(Office::CountyDepartment, &[D::Examine, D::Sign, D::Lead], false),
            Self::CityClerk => official(Office::CityPetition, CLERK, true),
            Self::CityLeader => official(Office::CityGovernment, &[D::Lead], true),
            Self::CityReviewer => official(Office::CityCommittee, &[D::Review], false),
        }
    }

    /// The name that the holder of the post signs in with; the number counts through the province.
    pub fn username(self, number: u32) -> String {
        format!("{}.{number}", self.as_ref())
    }

    /// The identifier of the holder of the post.
    pub const fn user(self, number: u32) -> UserId {
        UserId::new(USERS + ((self as i64) << 32) + number as i64)
    }
}

impl Office {
    /// The identifier of the organ; the number counts through the province.
    pub const fn id(self, number: u32) -> OrganisationId {
        OrganisationId::new(ORGANS + ((self as i64) << 32) + number as i64)
    }

    const fn level(self) -> Level {
        match self {
            Self::CityPetition | Self::CityGovernment | Self::CityCommittee => Level::City,
            Self::CountyPetition
            | Self::CountyGovernment
            | Self::CountyDiscipline
            | Self::CountyDepartment => Level::County,
            Self::TownshipPetition | Self::TownshipGovernment => Level::Township,
            Self::Village => Level::Village,
        }
    }

    const fn kind(self) -> Kind {
        match self {
            Self::CityPetition | Self::CountyPetition | Self::TownshipPetition => Kind::PetitionDepartment,
            Self::CityGovernment | Self::CountyGovernment | Self::TownshipGovernment => Kind::Government,
            Self::CityCommittee => Kind::ReviewCommittee,
            Self::CountyDiscipline => Kind::DisciplineInspection,
            Self::CountyDepartment => Kind::FunctionalDepartment,
            Self::Village => Kind::VillageCommittee,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::CityPetition | Self::CountyPetition => "信访局",
            Self::CityGovernment | Self::CountyGovernment | Self::TownshipGovernment => "人民政府",
            Self::CityCommittee => "信访事项复查复核委员会",
            Self::CountyDiscipline => "纪委监委",
            Self::CountyDepartment => "职能局",
            Self::TownshipPetition => "信访工作站",
            Self::Village => "村民委员会",
        }
    }

    /// How many organs the line has.
    pub const fn count(self, shape: &Shape) -> u32 {
        let places = shape.count(self.level());
        if matches!(self, Self::CountyDepartment) { places * DEPARTMENTS } else { places }
    }

    /// The number of the place that the organ is in.
    const fn place(self, number: u32) -> u32 {
        if matches!(self, Self::CountyDepartment) { number / DEPARTMENTS } else { number }
    }

    fn superior(self, number: u32, shape: &Shape) -> Option<OrganisationId> {
        let superior = match self {
            Self::CityPetition | Self::CityGovernment | Self::CityCommittee => return None,
            Self::CountyPetition => Self::CityPetition.id(number / shape.counties),
            Self::CountyGovernment | Self::CountyDiscipline => {
                Self::CityGovernment.id(number / shape.counties)
            }
            Self::CountyDepartment => Self::CountyGovernment.id(number / DEPARTMENTS),
            Self::TownshipPetition => Self::CountyPetition.id(number / shape.townships),
            Self::TownshipGovernment => Self::CountyGovernment.id(number / shape.townships),
            Self::Village => Self::TownshipGovernment.id(number / shape.villages),
        };
        Some(superior)
    }
}

/// The province.
#[derive(Debug, Clone)]
pub struct World {
    pub shape: Shape,
    /// The codes of the topics that cases are about, the commonest first.
    pub topics: Vec<String>,
}

impl World {
    /// The place of a grid.
    pub const fn place(&self, grid: u32) -> Place {
        let village = grid / self.shape.grids;
        let township = village / self.shape.villages;
        let county = township / self.shape.townships;
        Place { city: county / self.shape.counties, county, township, village, grid }
    }

    fn city_code(city: u32) -> String {
        format!("99{:02}", city + 1)
    }

    fn county_code(&self, county: u32) -> String {
        format!("{}{:02}", Self::city_code(county / self.shape.counties), 21 + county % self.shape.counties)
    }

    fn township_code(&self, township: u32) -> String {
        let county = self.county_code(township / self.shape.townships);
        format!("{county}{:03}", 101 + township % self.shape.townships)
    }

    fn village_code(&self, village: u32) -> String {
        let township = self.township_code(village / self.shape.villages);
        format!("{township}{:03}", 201 + village % self.shape.villages)
    }

    /// The code of a region of a level, counted through the province.
    pub fn region_code(&self, level: Level, number: u32) -> String {
        let digits = match level {
            Level::City => Self::city_code(number),
            Level::County => self.county_code(number),
            Level::Township => self.township_code(number),
            Level::Village => self.village_code(number),
            Level::National | Level::Province => return PROVINCE.to_owned(),
        };
        format!("{digits:0<12}")
    }

    /// The code of a grid, counted through the province.
    pub fn grid_code(&self, grid: u32) -> String {
        format!("{}{:03}", self.village_code(grid / self.shape.grids), 1 + grid % self.shape.grids)
    }

    /// The regions, a parent before its children.
    ///
    /// # Errors
    /// A made-up code is no region code.
    pub fn regions(&self) -> anyhow::Result<Vec<RegionRow>> {
        let mut codes = vec![(PROVINCE.to_owned(), "到位省".to_owned())];
        for (level, word) in
            [(Level::City, "市"), (Level::County, "县"), (Level::Township, "镇"), (Level::Village, "村")]
        {
            let count = self.shape.count(level);
            codes.extend((0..count).map(|no| (self.region_code(level, no), format!("第{}{word}", no + 1))));
        }
        codes
            .extend((0..self.shape.grid_count()).map(|no| (self.grid_code(no), format!("第{}网格", no + 1))));
        codes.into_iter().map(|(code, name)| region_row(code, name)).collect()
    }

    /// The organs, a superior before its inferiors.
    pub fn organisations(&self) -> Vec<OrganisationRow> {
        let lines = Office::VARIANTS.iter();
        lines
            .flat_map(|office| (0..office.count(&self.shape)).map(|no| self.organisation(*office, no)))
            .collect()
    }

    fn organisation(&self, office: Office, number: u32) -> OrganisationRow {
        OrganisationRow {
            id: office.id(number).get(),
            name: format!("第{}{}", number + 1, office.name()),
            kind: office.kind().as_ref().to_owned(),
            level: office.level().as_ref().to_owned(),
            region_code: self.region_code(office.level(), office.place(number)),
            superior_id: office.superior(number, &self.shape).map(OrganisationId::get),
            active: true,
        }
    }

    /// How many accounts hold the post.
    pub const fn post_count(&self, post: Post) -> u32 {
        match post {
            Post::GridMember => self.shape.grid_count(),
            _ => post.charge().office.count(&self.shape),
        }
    }

    /// The accounts; one hash of one password serves all, since hashing each would take minutes.
    pub fn users(&self, password_hash: &str, at: DateTime<Utc>) -> Vec<User> {
        let user = |post: Post, number: u32| self.user(post, number, password_hash, at);
        let posts = Post::VARIANTS.iter();
        posts.flat_map(|post| (0..self.post_count(*post)).map(move |number| user(*post, number))).collect()
    }

    fn user(&self, post: Post, number: u32, password_hash: &str, at: DateTime<Utc>) -> User {
        let Charge { office, role, duties, has_territory } = post.charge();
        let is_grid_member = matches!(post, Post::GridMember);
        let organ = if is_grid_member { number / self.shape.grids } else { number };
        let territory = if is_grid_member {
            self.grid_code(number)
        } else {
            self.region_code(office.level(), office.place(organ))
        };
        User {
            id: post.user(number).get(),
            username: post.username(number),
            display_name: format!("{} {number}", post.as_ref()),
            password_hash: password_hash.to_owned(),
            role: role.as_ref().to_owned(),
            duties: duties.iter().map(|duty| duty.as_ref().to_owned()).collect(),
            organisation_id: office.id(organ).get(),
            territory: has_territory.then_some(territory),
            active: true,
            created_at: at.into(),
            updated_at: at.into(),
            password_changed_at: at.into(),
        }
    }
}

fn region_row(code: String, name: String) -> anyhow::Result<RegionRow> {
    let region: RegionCode = code.parse().with_context(|| format!("the made-up region {code}"))?;
    Ok(RegionRow {
        name,
        level: region.level().as_ref().to_owned(),
        parent_code: region.parent().map(String::from),
        valid_from: VALID_FROM,
        valid_to: None,
        successor_code: None,
        code,
    })
}
