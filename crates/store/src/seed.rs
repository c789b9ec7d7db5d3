//! The reference data that ships with the program: topics, holidays, who reviews whom, and how often leaders receive visits.
//!
//! Facts and local rules, not code: what an office has entered is never touched, only what is missing filled in.

use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::deadline::CalendarDay;
use domain::organisation::{OrganisationKind, OrganisationLevel, ReviewAuthority, ReviewStage};
use domain::reception::norms::DEFAULT_NORMS;

use crate::calendar::CalendarDayRow;
use crate::connection::{self, AnyConnection, DatabaseUrl, Purpose};
use crate::error::StoreError;
use crate::organisations::{self, ReviewAuthorityRuleRow};
use crate::schema::{review_authority_rules, topics};
use crate::topics::TopicRow;
use crate::{calendar, meta, migrations, reception_norms};

/// The reason that a recomputed deadline gives when the program brought the calendar of a further year.
const NEW_YEARS: &str = "系统随附的放假安排有新增年度";
const TOPICS: &str = include_str!("../../../data/topics.csv");
/// The edition of the tree, as data/README.md tells it.
const TOPICS_VERSION: &str = "2020";

/// The years of the holiday calendar that ship, each with its file.
const HOLIDAYS: [(i32, &str); 16] = [
    (2011, include_str!("../../../data/holidays/2011.csv")),
    (2012, include_str!("../../../data/holidays/2012.csv")),
    (2013, include_str!("../../../data/holidays/2013.csv")),
    (2014, include_str!("../../../data/holidays/2014.csv")),
    (2015, include_str!("../../../data/holidays/2015.csv")),
    (2016, include_str!("../../../data/holidays/2016.csv")),
    (2017, include_str!("../../../data/holidays/2017.csv")),
    (2018, include_str!("../../../data/holidays/2018.csv")),
    (2019, include_str!("../../../data/holidays/2019.csv")),
    (2020, include_str!("../../../data/holidays/2020.csv")),
    (2021, include_str!("../../../data/holidays/2021.csv")),
    (2022, include_str!("../../../data/holidays/2022.csv")),
    (2023, include_str!("../../../data/holidays/2023.csv")),
    (2024, include_str!("../../../data/holidays/2024.csv")),
    (2025, include_str!("../../../data/holidays/2025.csv")),
    (2026, include_str!("../../../data/holidays/2026.csv")),
];

use OrganisationKind as Kind;
use OrganisationLevel as Level;
use ReviewAuthority::{CommitteeOfSuperiorRegion, SameLevelGovernment, Superior, SuperiorGovernment};
use ReviewStage::{ReReview, Review};

/// Who reviews the decisions of an organ, the first that is there: one common local practice (`domain.md`
/// §2.4), which an office changes to its own. A re-review is asked of the organ above the one that *reviewed*.
const REVIEW_RULES: [(Kind, Level, ReviewStage, &[ReviewAuthority]); 17] = [
    (Kind::VillageCommittee, Level::Village, Review, &[SuperiorGovernment]),
    (Kind::FunctionalDepartment, Level::Township, Review, &[SameLevelGovernment, Superior]),
    (Kind::FunctionalDepartment, Level::County, Review, &[SameLevelGovernment, Superior]),
    (Kind::FunctionalDepartment, Level::County, ReReview, &[CommitteeOfSuperiorRegion, SuperiorGovernment]),
    (Kind::FunctionalDepartment, Level::City, Review, &[SameLevelGovernment]),
    (Kind::FunctionalDepartment, Level::City, ReReview, &[SuperiorGovernment]),
    (Kind::PetitionDepartment, Level::County, Review, &[SameLevelGovernment, Superior]),
    (Kind::PetitionDepartment, Level::City, Review, &[SameLevelGovernment]),
    (Kind::Government, Level::Township, Review, &[SuperiorGovernment]),
    (Kind::Government, Level::Township, ReReview, &[SuperiorGovernment]),
    (Kind::Government, Level::County, Review, &[SuperiorGovernment]),
    (Kind::Government, Level::County, ReReview, &[CommitteeOfSuperiorRegion, SuperiorGovernment]),
    (Kind::Government, Level::City, Review, &[SuperiorGovernment]),
    (Kind::Government, Level::City, ReReview, &[CommitteeOfSuperiorRegion, SuperiorGovernment]),
    (Kind::ReviewCommittee, Level::County, ReReview, &[CommitteeOfSuperiorRegion, SuperiorGovernment]),
    (Kind::ReviewCommittee, Level::City, ReReview, &[CommitteeOfSuperiorRegion, SuperiorGovernment]),
    (Kind::Other, Level::County, Review, &[SameLevelGovernment, Superior]),
];

/// Fills in the topics, the review rules and the norms of reception if there are none at all, and each shipped year of the calendar that
/// has no day. Answers whether a year was filled in, so that open deadlines want to be reckoned again.
///
/// # Errors
/// Only what the database says.
pub fn seed_reference_data(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    if topics::table.select(count_star()).first::<i64>(connection)? == 0 {
        crate::topics::upsert_all(connection, &shipped_topics()?)?;
        meta::bump_directory_version(connection)?;
    }
    if review_authority_rules::table.select(count_star()).first::<i64>(connection)? == 0 {
        organisations::replace_review_rules(connection, &default_review_rules())?;
    }
    if !reception_norms::has_any(connection)? {
        reception_norms::replace_all(connection, DEFAULT_NORMS)?;
    }
    let mut has_new_year = false;
    for (year, file) in HOLIDAYS {
        has_new_year |= seed_year(connection, year, file)?;
    }
    Ok(has_new_year)
}

/// Fills in what is missing of the reference data in a database that has its tables, and where that is a year of
/// the calendar, leaves the mark that open deadlines are to be reckoned again.
///
/// # Errors
/// The database cannot be opened, or what it says.
pub fn seed_database(url: &DatabaseUrl) -> Result<(), StoreError> {
    let mut connection = connection::open(url, Purpose::Migrate)?;
    migrations::alone(&mut connection, |connection| {
        connection.transaction(|connection| {
            if seed_reference_data(connection)? {
                meta::mark_calendar_changed(connection, NEW_YEARS)?;
            }
            Ok(())
        })
    })
}

fn seed_year(connection: &mut AnyConnection, year: i32, file: &str) -> Result<bool, StoreError> {
    if calendar::has_year(connection, year)? {
        return Ok(false);
    }
    let days = CalendarDay::parse_csv(file)
        .map_err(|error| StoreError::broken("calendar_days", format!("the file of {year}: {error}")))?;
    let rows: Vec<_> = days
        .into_iter()
        .map(|day| CalendarDayRow {
            day: day.day,
            kind: day.kind.as_ref().to_owned(),
            name: day.name,
            notice: day.notice,
        })
        .collect();
    calendar::replace_year(connection, year, &rows)?;
    Ok(true)
}

fn shipped_topics() -> Result<Vec<TopicRow>, StoreError> {
    TOPICS
        .lines()
        .skip(1)
        .filter(|line| !line.is_empty())
        .map(|line| match line.split(',').collect::<Vec<_>>().as_slice() {
            [code, level1, level2, level3] => Ok(TopicRow {
                code: (*code).to_owned(),
                level1: (*level1).to_owned(),
                level2: (*level2).to_owned(),
                level3: (*level3).to_owned(),
                version: TOPICS_VERSION.to_owned(),
                active: true,
            }),
            _ => Err(StoreError::broken("topics", format!("the shipped line {line:?}"))),
        })
        .collect()
}

fn default_review_rules() -> Vec<ReviewAuthorityRuleRow> {
    REVIEW_RULES
        .iter()
        .flat_map(|(kind, level, stage, authorities)| {
            authorities
                .iter()
                .zip(1..)
                .map(move |(authority, place)| (kind, level, stage, authority, place * 10))
        })
        .zip(1..)
        .map(|((kind, level, stage, authority, priority), id)| ReviewAuthorityRuleRow {
            id,
            organ_kind: kind.as_ref().to_owned(),
            organ_level: level.as_ref().to_owned(),
            stage: stage.as_ref().to_owned(),
            authority: authority.as_ref().to_owned(),
            named_organisation_id: None,
            priority,
        })
        .collect()
}
