//! Lists of regions, organs and users: page by page exactly what the filter says, and along an index.

use domain::access::{Duty, Role};
use domain::id::OrganisationId;
use domain::organisation::{OrganisationKind, OrganisationLevel};
use domain::region::{RegionCode, RegionLevel};
use store::organisations::{self, OrganisationFilter, OrganisationRow};
use store::regions::{self, RegionFilter, RegionRow};
use store::users::{self, User, UserFilter};
use store::{AnyConnection, StoreError, delegations, erasures};
use test_database::TestDatabase;

use crate::explain::plans;
use crate::support::{day, migrated, region, user};

const REGIONS: [&str; 11] = [
    "330000000000",
    "330100000000",
    "330106000000",
    "330106001000",
    "330106001002",
    "330106001002003",
    "330106001002004",
    "330109000000",
    "330199000000",
    "330200000000",
    "990000000000",
];

fn code(text: &str) -> RegionCode {
    text.parse().unwrap()
}

/// Regions of every level, some ended; organs of three kinds in each; users of every role in each organ.
fn directories() -> (TestDatabase, AnyConnection) {
    let (database, mut connection) = migrated();
    let regions: Vec<RegionRow> = REGIONS
        .iter()
        .zip(0..)
        .map(|(text, place)| {
            let region_code = code(text);
            let parent = region_code.parent().filter(|parent| REGIONS.contains(&parent.as_str()));
            RegionRow {
                level: region_code.level().as_ref().to_owned(),
                valid_to: (place % 3 == 0).then(|| day("2020-12-31")),
                ..region(text, parent.as_ref().map(RegionCode::as_str))
            }
        })
        .collect();
    regions::upsert_all(&mut connection, &regions).unwrap();
    let kinds =
        [OrganisationKind::PetitionDepartment, OrganisationKind::Government, OrganisationKind::Other];
    let organs: Vec<OrganisationRow> = (0..33_usize)
        .map(|place| OrganisationRow {
            id: i64::try_from(place).unwrap() + 1,
            name: format!("机关{place}"),
            kind: kinds[place % 3].as_ref().to_owned(),
            level: [OrganisationLevel::County, OrganisationLevel::City][place % 2].as_ref().to_owned(),
            region_code: REGIONS[place % 11].to_owned(),
            superior_id: (place > 10).then_some(i64::try_from(place % 4).unwrap() + 1),
            active: place % 5 != 0,
        })
        .collect();
    organisations::upsert_all(&mut connection, &organs).unwrap();
    let roles = [Role::Official, Role::GridMember, Role::Official, Role::Auditor];
    let duties: [&[Duty]; 3] = [&[Duty::Register, Duty::Handle], &[], &[Duty::Lead]];
    for place in 0..60_usize {
        let id = i64::try_from(place).unwrap() + 1;
        let user = User {
            role: roles[place % 4].as_ref().to_owned(),
            duties: duties[place % 3].iter().map(|duty| duty.as_ref().to_owned()).collect(),
            organisation_id: id % 7 + 1,
            territory: None,
            active: place % 6 != 0,
            ..user(id, &format!("user{id}"))
        };
        users::insert(&mut connection, &user).unwrap();
    }
    (database, connection)
}

/// Every row of a list, by pages of so many.
fn walk<Row: Clone, Key>(
    limit: usize,
    key: impl Fn(&Row) -> Key,
    mut page: impl FnMut(Option<Key>, i64) -> Result<Vec<Row>, StoreError>,
) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    loop {
        let next = page(rows.last().map(&key), i64::try_from(limit).unwrap()).unwrap();
        assert!(next.len() <= limit);
        let is_last = next.len() < limit;
        rows.extend(next);
        if is_last {
            return rows;
        }
    }
}

fn region_filters() -> Vec<RegionFilter> {
    let none = RegionFilter::default;
    vec![
        none(),
        RegionFilter { parent: Some(code("330100000000")), ..none() },
        RegionFilter {
            parent: Some(code("330106001002")),
            levels: vec![RegionLevel::Grid, RegionLevel::County],
            ..none()
        },
        RegionFilter { levels: vec![RegionLevel::County], ..none() },
        RegionFilter {
            levels: vec![RegionLevel::Grid, RegionLevel::City, RegionLevel::Grid],
            under: Some(code("330100000000")),
            ..none()
        },
        RegionFilter { under: Some(code("330199000000")), ..none() },
        RegionFilter { under: Some(code("990000000000")), in_force_on: Some(day("2019-01-01")), ..none() },
        RegionFilter { under: Some(code("330000000000")), in_force_on: Some(day("2020-12-31")), ..none() },
        RegionFilter { in_force_on: Some(day("2021-01-01")), ..none() },
    ]
}

#[test]
fn regions_are_listed_as_the_filter_says() {
    let (_database, mut connection) = directories();
    let all = regions::load_all(&mut connection).unwrap();
    for filter in region_filters() {
        let keeps = |row: &RegionRow| {
            let level = row.level.parse().unwrap();
            filter.parent.as_ref().is_none_or(|parent| row.parent_code.as_deref() == Some(parent.as_str()))
                && (filter.levels.is_empty() || filter.levels.contains(&level))
                && filter.under.as_ref().is_none_or(|under| under.contains(&code(&row.code)))
                && filter
                    .in_force_on
                    .is_none_or(|on| row.valid_from <= on && row.valid_to.is_none_or(|last| on <= last))
        };
        let expected: Vec<_> = all.iter().filter(|row| keeps(row)).cloned().collect();
        for limit in [1, 3, 100] {
            let listed = walk(
                limit,
                |row: &RegionRow| row.code.clone(),
                |after, limit| regions::list(&mut connection, &filter, after.as_deref(), limit),
            );
            assert_eq!(listed, expected, "{filter:?}");
        }
    }
}

fn organisation_filters() -> Vec<OrganisationFilter> {
    let none = OrganisationFilter::default;
    vec![
        none(),
        OrganisationFilter { region: Some(code("330106001000")), ..none() },
        OrganisationFilter { under: Some(code("330106000000")), ..none() },
        OrganisationFilter { under: Some(code("330199000000")), active: Some(true), ..none() },
        OrganisationFilter { under: Some(code("330100000000")), ..none() },
        OrganisationFilter { under: Some(code("990000000000")), ..none() },
        OrganisationFilter { superior: Some(OrganisationId::new(2)), active: Some(false), ..none() },
        OrganisationFilter {
            kinds: vec![OrganisationKind::Government, OrganisationKind::Other],
            levels: vec![OrganisationLevel::City],
            ..none()
        },
    ]
}

#[test]
fn organs_are_listed_as_the_filter_says() {
    let (_database, mut connection) = directories();
    let all = organisations::load_all(&mut connection).unwrap();
    for filter in organisation_filters() {
        let keeps = |row: &OrganisationRow| {
            let (kind, level) = (row.kind.parse().unwrap(), row.level.parse().unwrap());
            (filter.kinds.is_empty() || filter.kinds.contains(&kind))
                && (filter.levels.is_empty() || filter.levels.contains(&level))
                && filter.region.as_ref().is_none_or(|region| region.as_str() == row.region_code)
                && filter.under.as_ref().is_none_or(|under| under.contains(&code(&row.region_code)))
                && filter.superior.is_none_or(|superior| row.superior_id == Some(superior.get()))
                && filter.active.is_none_or(|active| active == row.active)
        };
        let expected: Vec<_> = all.iter().filter(|row| keeps(row)).cloned().collect();
        for limit in [1, 4, 100] {
            let listed = walk(
                limit,
                |row: &OrganisationRow| row.id,
                |after, limit| organisations::list(&mut connection, &filter, after, limit),
            );
            assert_eq!(listed, expected, "{filter:?}");
        }
    }
}

fn user_filters() -> Vec<UserFilter> {
    let none = UserFilter::default;
    vec![
        none(),
        UserFilter { organisation: Some(OrganisationId::new(3)), ..none() },
        UserFilter {
            organisation: Some(OrganisationId::new(3)),
            roles: vec![Role::Official, Role::Auditor],
            ..none()
        },
        UserFilter { roles: vec![Role::Auditor, Role::GridMember], active: Some(true), ..none() },
        UserFilter { duties: vec![Duty::Lead], ..none() },
        UserFilter { roles: vec![Role::GridMember], duties: vec![Duty::Lead, Duty::Handle], ..none() },
        UserFilter { duties: vec![Duty::Accusation], ..none() },
    ]
}

#[test]
fn users_are_listed_as_the_filter_says() {
    let (_database, mut connection) = directories();
    let all = users::load_all(&mut connection).unwrap();
    for filter in user_filters() {
        let keeps = |user: &User| {
            let role = user.role.parse().unwrap();
            filter.organisation.is_none_or(|organisation| user.organisation_id == organisation.get())
                && (filter.roles.is_empty() || filter.roles.contains(&role))
                && (filter.duties.is_empty()
                    || filter.duties.iter().any(|duty| user.duties.iter().any(|held| held == duty.as_ref())))
                && filter.active.is_none_or(|active| active == user.active)
        };
        let expected: Vec<_> = all.iter().filter(|user| keeps(user)).cloned().collect();
        for limit in [1, 7, 100] {
            let listed = walk(
                limit,
                |user: &User| user.id,
                |after, limit| users::list(&mut connection, &filter, after, limit),
            );
            assert_eq!(listed, expected, "{filter:?}");
        }
    }
}

#[test]
fn no_list_of_a_directory_reads_a_whole_table_or_sorts_it() {
    let (_database, mut connection) = directories();
    for filter in region_filters() {
        for after in [None, Some(REGIONS[2])] {
            for plan in plans(&mut connection, |c| regions::list(c, &filter, after, 50).map(drop)) {
                assert!(!plan.reads_all_of_a_table() && !plan.sorts(), "{filter:?}: {plan:#?}");
            }
        }
    }
    for filter in organisation_filters() {
        // The few organs of a county are found by its codes and put in order after that.
        let is_narrow = filter.under.as_ref().is_some_and(|under| under.level() >= RegionLevel::County);
        for plan in plans(&mut connection, |c| organisations::list(c, &filter, Some(3), 50).map(drop)) {
            assert!(!plan.reads_all_of_a_table() && (is_narrow || !plan.sorts()), "{filter:?}: {plan:#?}");
        }
    }
    for filter in user_filters() {
        for plan in plans(&mut connection, |c| users::list(c, &filter, Some(3), 50).map(drop)) {
            assert!(!plan.reads_all_of_a_table() && !plan.sorts(), "{filter:?}: {plan:#?}");
        }
    }
    let unpaged = plans(&mut connection, |c| {
        organisations::names(c, [1, 2])?;
        organisations::has_active_inferiors(c, 1)?;
        users::has_active(c, 1)?;
        let now = chrono::DateTime::UNIX_EPOCH.into();
        delegations::in_force(c, 1, 2, now)?;
        delegations::was_given_since(c, 1, 2, now)?;
        delegations::is_given_between(c, 1, 2, (now, now))?;
        users::display_names(c, [1, 2])?;
        users::names_and_organisations(c, [1, 2])?;
        erasures::archived(c, Some(1), 50).map(drop)
    });
    for plan in unpaged {
        assert!(!plan.reads_all_of_a_table(), "{plan:#?}");
    }
}
