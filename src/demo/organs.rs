//! The demonstration municipality's organs. Each has a short key, from which its users' names are made.

use std::collections::HashMap;

use anyhow::Context;
use domain::id::{OfOrganisation, OrganisationId};
use domain::organisation::{OrganisationKind as Kind, OrganisationLevel as Level};
use store::organisations::OrganisationRow;

use super::places::{CITY, VILLAGES};
use crate::ids::Ids;

/// The two counties: key, region, name.
pub const COUNTIES: [(&str, &str, &str); 2] =
    [("county1", "990121000000", "临水县"), ("county2", "990122000000", "望山区")];

/// The four townships: key, region, name, key of the county.
pub const TOWNSHIPS: [(&str, &str, &str, &str); 4] = [
    ("town1", "990121100000", "柳溪镇", "county1"),
    ("town2", "990121200000", "青石乡", "county1"),
    ("town3", "990122001000", "东桥街道", "county2"),
    ("town4", "990122100000", "北岭镇", "county2"),
];

/// The functional departments that city and counties have alike: key and name.
pub const DEPARTMENTS: [(&str, &str); 5] = [
    ("rsj", "人力资源和社会保障局"),
    ("hbj", "生态环境局"),
    ("zjj", "住房和城乡建设局"),
    ("mzj", "民政局"),
    ("zrj", "自然资源局"),
];

/// An organ before it has an identifier.
struct Organ {
    key: String,
    name: String,
    kind: Kind,
    level: Level,
    region: &'static str,
    superior: Option<String>,
}

fn organ(
    key: impl Into<String>,
    name: impl Into<String>,
    kind: Kind,
    level: Level,
    region: &'static str,
    superior: Option<&str>,
) -> Organ {
    Organ { key: key.into(), name: name.into(), kind, level, region, superior: superior.map(str::to_owned) }
}

/// Identifiers of the organs by their keys.
pub type OrganIds = HashMap<String, OrganisationId>;

/// The rows of the directory, a superior before its inferiors, and the identifiers by key.
///
/// # Errors
/// An organ names a superior that does not come before it.
pub fn rows(ids: &Ids) -> anyhow::Result<(Vec<OrganisationRow>, OrganIds)> {
    let mut by_key = OrganIds::new();
    let mut rows = Vec::new();
    for organ in city().into_iter().chain(counties()).chain(townships()).chain(villages()) {
        let id = ids.next::<OfOrganisation>();
        let superior = organ
            .superior
            .map(|key| by_key.get(&key).copied().with_context(|| format!("no organ {key}")))
            .transpose()?;
        rows.push(OrganisationRow {
            id: id.get(),
            name: organ.name,
            kind: organ.kind.as_ref().to_owned(),
            level: organ.level.as_ref().to_owned(),
            region_code: organ.region.to_owned(),
            superior_id: superior.map(OrganisationId::get),
            active: true,
        });
        by_key.insert(organ.key, id);
    }
    Ok((rows, by_key))
}

fn city() -> Vec<Organ> {
    let at_city = |key: &str, name: &str, kind: Kind| {
        organ(format!("{key}.city"), format!("到位市{name}"), kind, Level::City, CITY, None)
    };
    let mut organs = vec![
        at_city("petition", "信访局", Kind::PetitionDepartment),
        at_city("gov", "人民政府", Kind::Government),
        at_city("committee", "信访事项复查复核委员会", Kind::ReviewCommittee),
        at_city("discipline", "纪委监委", Kind::DisciplineInspection),
        at_city("cadres", "委组织部", Kind::OrganisationDepartment),
        at_city("legal", "委政法委员会", Kind::PoliticalLegal),
    ];
    organs.extend(DEPARTMENTS.iter().map(|(key, name)| at_city(key, name, Kind::FunctionalDepartment)));
    organs
}

fn counties() -> Vec<Organ> {
    let mut organs = Vec::new();
    for (county, region, place) in COUNTIES {
        let mut add = |key: &str, name: &str, kind: Kind| {
            let superior = format!("{key}.city");
            let key = format!("{key}.{county}");
            organs.push(organ(key, format!("{place}{name}"), kind, Level::County, region, Some(&superior)));
        };
        add("petition", "信访局", Kind::PetitionDepartment);
        add("gov", "人民政府", Kind::Government);
        add("discipline", "纪委监委", Kind::DisciplineInspection);
        for (key, name) in DEPARTMENTS {
            add(key, name, Kind::FunctionalDepartment);
        }
    }
    // One county has a committee of its own, which re-reviews nothing: what a county has reviewed goes to the city.
    let (county, region, place) = ("county1", "990121000000", "临水县");
    let name = format!("{place}信访事项复查复核委员会");
    let superior = Some("committee.city");
    organs.push(organ(
        format!("committee.{county}"),
        name,
        Kind::ReviewCommittee,
        Level::County,
        region,
        superior,
    ));
    organs
}

fn townships() -> Vec<Organ> {
    let mut organs = Vec::new();
    for (town, region, place, county) in TOWNSHIPS {
        // A subdistrict has an office of the district's government, which answers petitions as a township's does.
        let government = if place.ends_with("街道") { "办事处" } else { "人民政府" };
        organs.push(organ(
            format!("petition.{town}"),
            format!("{place}信访工作站"),
            Kind::PetitionDepartment,
            Level::Township,
            region,
            Some(&format!("petition.{county}")),
        ));
        organs.push(organ(
            format!("gov.{town}"),
            format!("{place}{government}"),
            Kind::Government,
            Level::Township,
            region,
            Some(&format!("gov.{county}")),
        ));
    }
    organs
}

fn villages() -> Vec<Organ> {
    let townships = TOWNSHIPS.iter().flat_map(|(town, ..)| [*town, *town]);
    VILLAGES
        .iter()
        .zip(townships)
        .zip(1..)
        .map(|(((region, place), town), number)| {
            let committee = if place.ends_with("社区") { "居民委员会" } else { "村民委员会" };
            organ(
                village_key(number),
                format!("{place}{committee}"),
                Kind::VillageCommittee,
                Level::Village,
                region,
                Some(&format!("gov.{town}")),
            )
        })
        .collect()
}

/// The key of a village's committee, counted from one in the order of [`VILLAGES`].
pub fn village_key(number: usize) -> String {
    format!("village.{number:02}")
}
