//! The demonstration municipality's users: every role and every duty, each with the name of what they do.

use std::collections::BTreeSet;

use domain::access::{Duty as D, Role};

use super::organs::{COUNTIES, DEPARTMENTS, TOWNSHIPS, village_key};
use super::places::{CITY, GRIDS, VILLAGES, grid_code};

/// The password of every demonstration account: known to everybody, so never for an office's own accounts.
pub const PASSWORD: &str = "daowei-demo-2026";

/// A user before they have an identifier.
pub struct Character {
    /// The name to sign in with.
    pub username: String,
    /// The name that others see: the post, since nobody here is real.
    pub display_name: String,
    /// What they are.
    pub role: Role,
    /// What they are charged with.
    pub duties: BTreeSet<D>,
    /// The key of their organ.
    pub organ: String,
    /// The region that they work for.
    pub territory: Option<String>,
}

/// Collects the users of one place.
struct Cast {
    place: String,
    region: Option<String>,
    characters: Vec<Character>,
}

impl Cast {
    fn at(place: &str, region: Option<&str>) -> Self {
        Self { place: place.to_owned(), region: region.map(str::to_owned), characters: Vec::new() }
    }

    fn add(&mut self, username: &str, title: &str, role: Role, organ: &str, duties: &[D]) {
        self.characters.push(Character {
            username: username.to_owned(),
            display_name: format!("{}{title}", self.place),
            role,
            duties: duties.iter().copied().collect(),
            organ: organ.to_owned(),
            territory: self.region.clone(),
        });
    }

    fn official(&mut self, username: &str, title: &str, organ: &str, duties: &[D]) {
        self.add(username, title, Role::Official, organ, duties);
    }
}

/// Everybody.
pub fn everybody() -> Vec<Character> {
    let mut all = city();
    for (county, region, place) in COUNTIES {
        all.extend(petition_side(county, place, region));
        all.extend(government(county, place, region));
    }
    for (key, name) in DEPARTMENTS {
        all.extend(city_department(key, name));
        for (county, _, place) in COUNTIES {
            all.extend(county_department(&format!("{key}.{county}"), &format!("{place}{name}")));
        }
    }
    for (town, region, place, _) in TOWNSHIPS {
        all.extend(township(town, region, place));
    }
    all.extend(grid_members());
    all
}

fn city() -> Vec<Character> {
    let mut cast = Cast::at("到位市", Some(CITY));
    cast.characters.extend(petition_side("city", "到位市", CITY));
    cast.characters.extend(government("city", "到位市", CITY));
    cast.official("cadres.city", "委组织部信访干部", "cadres.city", &[D::Accusation]);
    let mut without_place = Cast::at("到位市", None);
    without_place.official("legal.city", "委政法委信访干部", "legal.city", &[D::Accept]);
    without_place.official("review.committee", "复查复核委员会办事员", "committee.city", &[D::Review]);
    without_place.official("review.committee2", "复查复核委员会委员", "committee.city", &[D::Review]);
    without_place.official(
        "review.committee.county1",
        "临水县复查复核委员",
        "committee.county1",
        &[D::Review],
    );
    let petition = "petition.city";
    without_place.add("admin.system", "系统管理员", Role::SystemAdministrator, petition, &[]);
    without_place.add("admin.security", "安全管理员", Role::SecurityAdministrator, petition, &[]);
    without_place.add("admin.audit", "审计员", Role::Auditor, petition, &[]);
    cast.characters.extend(without_place.characters);
    cast.characters
}

/// The petition department of city or county, its reviewer, and the discipline organ that accusations go to.
fn petition_side(level: &str, place: &str, region: &str) -> Vec<Character> {
    let mut cast = Cast::at(place, Some(region));
    let petition = format!("petition.{level}");
    let clerk = [D::Register, D::Dispatch, D::VisitBack, D::Archive];
    cast.official(&petition, "信访局工作人员", &petition, &clerk);
    let cleared = [D::Register, D::Dispatch, D::Archive, D::Accusation];
    cast.official(&format!("{petition}.accusation"), "信访局检举控告专办员", &petition, &cleared);
    let reviewer = format!("reviewer.{level}");
    cast.add(&reviewer, "信访局督查专员", Role::Reviewer, &petition, &[D::Verify, D::Supervise]);
    let discipline = format!("discipline.{level}");
    cast.official(&discipline, "纪委监委信访室干部", &discipline, &[D::Accusation, D::Archive]);
    cast.characters
}

/// The government: its leader, its duty officer, and who reviews for it.
fn government(level: &str, place: &str, region: &str) -> Vec<Character> {
    let mut cast = Cast::at(place, Some(region));
    let organ = format!("gov.{level}");
    cast.official(&format!("leader.{level}"), "分管领导", &organ, &[D::Lead]);
    cast.official(&format!("duty.{level}"), "值班员", &organ, &[D::DutyOfficer]);
    cast.region = None;
    cast.official(&format!("review.{level}"), "人民政府复查专员", &organ, &[D::Review]);
    cast.characters
}

fn county_department(organ: &str, name: &str) -> Vec<Character> {
    let mut cast = Cast::at(name, None);
    cast.official(&format!("{organ}.registrar"), "受理员", organ, &[D::Register, D::Accept]);
    cast.official(&format!("{organ}.handler1"), "经办人甲", organ, &[D::Handle]);
    cast.official(&format!("{organ}.handler2"), "经办人乙", organ, &[D::Handle]);
    cast.official(&format!("{organ}.examiner"), "审查员", organ, &[D::Examine]);
    cast.official(&format!("{organ}.head"), "负责人", organ, &[D::Sign, D::Lead]);
    cast.characters
}

fn city_department(key: &str, name: &str) -> Vec<Character> {
    let organ = format!("{key}.city");
    let mut cast = Cast::at(&format!("到位市{name}"), None);
    cast.official(&format!("{organ}.registrar"), "受理员", &organ, &[D::Register, D::Accept]);
    cast.official(&format!("{organ}.handler1"), "经办人", &organ, &[D::Handle]);
    cast.official(&format!("{organ}.head"), "负责人", &organ, &[D::Examine, D::Sign, D::Lead]);
    cast.characters
}

fn township(town: &str, region: &str, place: &str) -> Vec<Character> {
    let (petition, government) = (format!("petition.{town}"), format!("gov.{town}"));
    let mut cast = Cast::at(place, Some(region));
    let clerk = [D::Register, D::Dispatch, D::VisitBack, D::Archive];
    cast.official(&petition, "信访工作站工作人员", &petition, &clerk);
    cast.region = None;
    cast.official(&format!("{government}.registrar"), "受理员", &government, &[D::Register, D::Accept]);
    cast.official(&format!("{government}.handler1"), "经办人", &government, &[D::Handle]);
    cast.official(&format!("{government}.head"), "负责人", &government, &[D::Examine, D::Sign, D::Lead]);
    cast.characters
}

fn grid_members() -> Vec<Character> {
    let mut members = Vec::new();
    for ((village, place), number) in VILLAGES.into_iter().zip(1..) {
        for (name, grid) in GRIDS.into_iter().zip(1..) {
            members.push(Character {
                username: format!("grid.{number:02}{grid:02}"),
                display_name: format!("{place}{name}网格员"),
                role: Role::GridMember,
                duties: BTreeSet::from([D::Register, D::VisitBack]),
                organ: village_key(number),
                territory: Some(grid_code(village, grid)),
            });
        }
    }
    members
}
