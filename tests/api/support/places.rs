//! The places and the organs of the town.

use chrono::NaiveDate;
use domain::id::{OfOrganisation, OrganisationId};
use domain::organisation::{OrganisationKind as Kind, OrganisationLevel as Level};
use store::organisations::OrganisationRow;
use store::regions::RegionRow;
use store::{organisations, regions, seed};

use super::{Office, REGION};

pub const CITY: &str = "330100000000";
pub const COUNTY: &str = REGION;
pub const OTHER_COUNTY: &str = "330106000000";
pub const TOWNSHIP: &str = "330102003000";
pub const VILLAGE: &str = "330102003001";
pub const GRID: &str = "330102003001001";
/// Of the same village.
pub const NEXT_GRID: &str = "330102003001002";
/// Of another village.
pub const FAR_GRID: &str = "330102003002001";
/// Of the other county.
pub const OTHER_GRID: &str = "330106001001001";

/// The organs of the town.
#[derive(Clone, Copy)]
pub struct Organs {
    pub city_petitions: OrganisationId,
    pub county_petitions: OrganisationId,
    pub elsewhere: OrganisationId,
    pub city_government: OrganisationId,
    pub county_government: OrganisationId,
    pub committee: OrganisationId,
    /// The county's bureau that handles most matters here.
    pub bureau: OrganisationId,
    pub other_bureau: OrganisationId,
    pub township: OrganisationId,
    pub village: OrganisationId,
    pub discipline: OrganisationId,
    pub city_discipline: OrganisationId,
}

/// Founds them in the office's database, with the reference data.
pub async fn found(office: &Office) -> Organs {
    let next = || office.app.ids.next::<OfOrganisation>();
    let organs = Organs {
        city_petitions: next(),
        county_petitions: office.organisation,
        elsewhere: next(),
        city_government: next(),
        county_government: next(),
        committee: next(),
        bureau: next(),
        other_bureau: next(),
        township: next(),
        village: next(),
        discipline: next(),
        city_discipline: next(),
    };
    let founded = office.app.store.write(move |connection| {
        seed::seed_reference_data(connection)?;
        regions::upsert_all(connection, &places())?;
        organisations::upsert_all(connection, &offices(&organs))
    });
    founded.await.unwrap();
    organs
}

fn places() -> Vec<RegionRow> {
    let place = |code: &str, name: &str, level: &str, parent: Option<&str>| RegionRow {
        code: code.to_owned(),
        name: name.to_owned(),
        level: level.to_owned(),
        parent_code: parent.map(str::to_owned),
        valid_from: NaiveDate::from_ymd_opt(1949, 10, 1).unwrap(),
        valid_to: None,
        successor_code: None,
    };
    vec![
        place(CITY, "杭城市", "city", None),
        place(COUNTY, "上城区", "county", Some(CITY)),
        place(TOWNSHIP, "清波街道", "township", Some(COUNTY)),
        place(VILLAGE, "清波社区", "village", Some(TOWNSHIP)),
        place(GRID, "第一网格", "grid", Some(VILLAGE)),
        place(NEXT_GRID, "第二网格", "grid", Some(VILLAGE)),
        place("330102003002", "柳浪社区", "village", Some(TOWNSHIP)),
        place(FAR_GRID, "第一网格", "grid", Some("330102003002")),
        place(OTHER_COUNTY, "西湖区", "county", Some(CITY)),
        place("330106001000", "北山街道", "township", Some(OTHER_COUNTY)),
        place("330106001001", "宝石社区", "village", Some("330106001000")),
        place(OTHER_GRID, "第一网格", "grid", Some("330106001001")),
    ]
}

/// Superiors first.
fn offices(organs: &Organs) -> Vec<OrganisationRow> {
    let organ = |id: OrganisationId,
                 name: &str,
                 (kind, level): (Kind, Level),
                 region: &str,
                 superior: Option<OrganisationId>| OrganisationRow {
        id: id.get(),
        name: name.to_owned(),
        kind: kind.as_ref().to_owned(),
        level: level.as_ref().to_owned(),
        region_code: region.to_owned(),
        superior_id: superior.map(OrganisationId::get),
        active: true,
    };
    let department = (Kind::FunctionalDepartment, Level::County);
    let petitions = |level| (Kind::PetitionDepartment, level);
    let discipline = |level| (Kind::DisciplineInspection, level);
    let city = Some(organs.city_petitions);
    let government = Some(organs.county_government);
    vec![
        organ(organs.city_petitions, "市信访局", petitions(Level::City), CITY, None),
        organ(organs.county_petitions, "上城区信访局", petitions(Level::County), COUNTY, city),
        organ(organs.elsewhere, "西湖区信访局", petitions(Level::County), OTHER_COUNTY, city),
        organ(organs.city_government, "市人民政府", (Kind::Government, Level::City), CITY, None),
        organ(
            organs.county_government,
            "上城区人民政府",
            (Kind::Government, Level::County),
            COUNTY,
            Some(organs.city_government),
        ),
        organ(organs.committee, "市复查复核委员会", (Kind::ReviewCommittee, Level::City), CITY, None),
        organ(organs.bureau, "区人力社保局", department, COUNTY, None),
        organ(organs.other_bureau, "区住建局", department, COUNTY, None),
        organ(organs.township, "清波街道办事处", (Kind::Government, Level::Township), TOWNSHIP, government),
        organ(
            organs.village,
            "清波社区居委会",
            (Kind::VillageCommittee, Level::Village),
            VILLAGE,
            Some(organs.township),
        ),
        organ(organs.city_discipline, "市纪委监委", discipline(Level::City), CITY, None),
        organ(
            organs.discipline,
            "区纪委监委",
            discipline(Level::County),
            COUNTY,
            Some(organs.city_discipline),
        ),
    ]
}
