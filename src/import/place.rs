//! Where imported petitions go: the register they enter and the region their problems lie in.

use anyhow::{Context, bail};
use domain::id::OrganisationId;
use domain::organisation::{Organisation, OrganisationKind, OrganisationLevel};
use domain::region::RegionCode;
use store::{AnyConnection, StoreError, directory, organisations, regions};

use super::shown;

/// The register and the region.
pub struct Place {
    /// Whose register the petitions enter.
    pub organisation: OrganisationId,
    /// Where the problems lie.
    pub region: RegionCode,
    /// Whether the register is a competent organ's own, not a petition department's.
    pub direct: bool,
}

/// The organisation by identifier or name, or else the petition department there is: the only one, or the
/// city's; and the region, or else the organisation's.
///
/// # Errors
/// There is no organisation, or it is not plain which is meant, or the region is unknown.
pub fn find_place(
    connection: &mut AnyConnection,
    organisation: Option<&str>,
    region: Option<&RegionCode>,
) -> Result<anyhow::Result<Place>, StoreError> {
    let mut known = Vec::new();
    for row in organisations::load_all(connection)? {
        known.push(directory::organisation(&row)?);
    }
    known.retain(|organ| organ.active);
    let codes: Vec<String> = regions::load_all(connection)?.into_iter().map(|region| region.code).collect();
    Ok(chosen(&known, organisation).and_then(|organ| {
        let region = region.unwrap_or(&organ.region).clone();
        if !codes.iter().any(|code| code == region.as_str()) {
            bail!("the region {region} is not in the directory");
        }
        let direct = organ.kind != OrganisationKind::PetitionDepartment;
        Ok(Place { organisation: organ.id, region, direct })
    }))
}

fn chosen<'a>(known: &'a [Organisation], wanted: Option<&str>) -> anyhow::Result<&'a Organisation> {
    if known.is_empty() {
        bail!(
            "the database has no organisation yet; `daowei user add --region … --organisation …` makes the first"
        );
    }
    let candidates: Vec<&Organisation> = match wanted {
        Some(wanted) => known
            .iter()
            .filter(|organ| organ.name == wanted || organ.id.to_string().eq_ignore_ascii_case(wanted))
            .collect(),
        None => departments(known),
    };
    match candidates.as_slice() {
        [only] => Ok(only),
        // Several departments of one city are in the order in which they were made.
        [first, ..] if wanted.is_none() => Ok(first),
        _ => {
            let names: Vec<String> = known.iter().map(|organ| shown(organ.id, &organ.name)).collect();
            Err(anyhow::anyhow!("there are {}", names.join(", ")))
                .context("say which organisation with --organisation, by identifier or name")
        }
    }
}

/// The only petition department, or the city's.
fn departments(known: &[Organisation]) -> Vec<&Organisation> {
    let all: Vec<&Organisation> =
        known.iter().filter(|organ| organ.kind == OrganisationKind::PetitionDepartment).collect();
    if all.len() == 1 {
        return all;
    }
    all.into_iter().filter(|organ| organ.level == OrganisationLevel::City).collect()
}
