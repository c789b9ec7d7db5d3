//! The data that ships, the directories as the rules read them, and the lists of words that the tables keep.

use std::collections::HashSet;

use diesel::connection::SimpleConnection;
use domain::access::{Duty, Role};
use domain::case::backlog::BacklogStage;
use domain::case::supervision::SupervisionStage;
use domain::case::content::ClaimResult;
use domain::case::{Channel, Purpose, Source, Status};
use domain::deadline::{ClockKind, DayKind, DeadlineState};
use domain::id::{OrganisationId, UserId};
use domain::measure::{MeasureKind, MeasureState, Reasonableness};
use domain::organisation::{OrganisationKind, OrganisationLevel, ReviewAuthority, ReviewStage};
use domain::region::RegionLevel;
use store::organisations::{self, OrganisationRow};
use store::projection_of::{PersonPart, UserPart, supervision_words};
use store::seed::seed_reference_data;
use store::users::User;
use store::{StoreError, calendar, directory, meta, regions, topics, users};
use strum::VariantArray;

use crate::schema::{self, allowed};
use crate::support::{day, migrated, region, seed, user};

fn words<Word: VariantArray + AsRef<str>>() -> Vec<String> {
    Word::VARIANTS.iter().map(|word| word.as_ref().to_owned()).collect()
}

#[test]
fn the_lists_of_the_tables_are_the_words_of_the_domain() {
    let (_database, mut connection) = migrated();
    let tables = schema::read(&mut connection).tables;
    for (table, column, words) in [
        ("cases", "status", words::<Status>()),
        ("cases", "purpose", words::<Purpose>()),
        ("cases", "channel", words::<Channel>()),
        ("cases", "source", words::<Source>()),
        ("cases", "supervision", supervision_words(SupervisionStage::VARIANTS)),
        ("claims", "reasonableness", words::<Reasonableness>()),
        ("claims", "result", words::<ClaimResult>()),
        ("measures", "kind", words::<MeasureKind>()),
        ("measures", "state", words::<MeasureState>()),
        ("deadlines", "kind", words::<ClockKind>()),
        ("deadlines", "state", words::<DeadlineState>()),
        ("case_people", "part", words::<PersonPart>()),
        ("case_users", "part", words::<UserPart>()),
        ("case_backlog", "stage", words::<BacklogStage>()),
        ("users", "role", words::<Role>()),
        ("organisations", "kind", words::<OrganisationKind>()),
        ("organisations", "level", words::<OrganisationLevel>()),
        ("regions", "level", words::<RegionLevel>()),
        ("review_authority_rules", "organ_kind", words::<OrganisationKind>()),
        ("review_authority_rules", "organ_level", words::<OrganisationLevel>()),
        ("review_authority_rules", "stage", words::<ReviewStage>()),
        ("review_authority_rules", "authority", words::<ReviewAuthority>()),
        ("calendar_days", "kind", words::<DayKind>()),
    ] {
        assert_eq!(allowed(&tables[table], column), words, "{table}.{column}");
    }
    let unknown =
        "INSERT INTO regions (code, name, level, valid_from) VALUES ('1', 'x', 'county town', '2000-01-01')";
    assert!(connection.batch_execute(unknown).is_err());
}

#[test]
fn the_shipped_data_is_whole_and_filled_in_once() {
    let (_database, mut connection) = migrated();
    let c = &mut connection;
    assert!(seed_reference_data(c).unwrap());
    let tree = topics::load_all(c).unwrap();
    let codes: HashSet<_> = tree.iter().map(|topic| topic.code.as_str()).collect();
    assert_eq!((tree.len(), codes.len()), (651, 651));
    assert!(tree.iter().all(|topic| topic.code.len() == 6 && !topic.level1.is_empty()));
    let days = directory::load_calendar(c).unwrap();
    assert_eq!(days.known_years().collect::<Vec<_>>(), (2011..=2026).collect::<Vec<_>>());

    // What the office entered stays: another calendar for a year, and fewer rules.
    let own = calendar::load_all(c).unwrap().into_iter().find(|row| row.day == day("2026-01-01")).unwrap();
    calendar::replace_year(c, 2026, std::slice::from_ref(&own)).unwrap();
    calendar::replace_year(c, 2025, &[]).unwrap();
    let rules = organisations::load_review_rules(c).unwrap();
    organisations::replace_review_rules(c, &rules[..1]).unwrap();
    assert!(seed_reference_data(c).unwrap(), "the year without any day is filled in");
    assert!(!seed_reference_data(c).unwrap());
    let days = calendar::load_all(c).unwrap();
    assert_eq!(days.iter().filter(|row| row.day >= day("2026-01-01")).collect::<Vec<_>>(), [&own]);
    assert_eq!(organisations::load_review_rules(c).unwrap(), rules[..1]);
    assert_eq!(topics::load_all(c).unwrap().len(), 651);
}

#[test]
fn a_mark_stays_where_the_calendar_was_changed_again_for_the_same_reason() {
    let (_database, mut connection) = migrated();
    let c = &mut connection;
    assert_eq!(meta::calendar_mark(c).unwrap(), None);
    meta::mark_calendar_changed(c, "放假安排公布\n国办发明电").unwrap();
    let first = meta::calendar_mark(c).unwrap().unwrap();
    assert_eq!(first.reason(), "放假安排公布\n国办发明电");
    calendar::replace_year(c, 2026, &[]).unwrap();
    meta::mark_calendar_changed(c, first.reason()).unwrap();
    meta::clear_calendar_mark(c, &first).unwrap();
    let second = meta::calendar_mark(c).unwrap().unwrap();
    assert_eq!(second.reason(), first.reason());
    meta::clear_calendar_mark(c, &second).unwrap();
    assert_eq!(meta::calendar_mark(c).unwrap(), None);
}

fn organ(id: i64, kind: &str, level: &str, region_code: &str, superior_id: Option<i64>) -> OrganisationRow {
    OrganisationRow {
        id,
        name: format!("机关{id}"),
        kind: kind.to_owned(),
        level: level.to_owned(),
        region_code: region_code.to_owned(),
        superior_id,
        active: true,
    }
}

#[test]
fn the_default_rules_send_each_review_one_level_up() {
    let (_database, mut connection) = migrated();
    let c = &mut connection;
    seed_reference_data(c).unwrap();
    let (city, county, town, village) = ("330100000000", "330106000000", "330106001000", "330106001002");
    regions::upsert_all(c, &[city, county, town, village].map(|code| region(code, None))).unwrap();
    let organs = [
        organ(1, "government", "city", city, None),
        organ(2, "review_committee", "city", city, Some(1)),
        organ(3, "functional_department", "city", city, Some(1)),
        organ(4, "government", "county", county, Some(1)),
        organ(5, "functional_department", "county", county, Some(3)),
        organ(6, "government", "township", town, Some(4)),
        organ(7, "village_committee", "village", village, Some(6)),
        organ(8, "political_legal", "county", county, Some(3)),
    ];
    organisations::upsert_all(c, &organs).unwrap();
    let directory = directory::load_directory(c).unwrap();
    let authority =
        |organ, stage| directory.review_authority(OrganisationId::new(organ), stage).map(OrganisationId::get);
    let review =
        [(3, Some(1)), (5, Some(4)), (6, Some(4)), (4, Some(1)), (7, Some(6)), (8, Some(3)), (1, None)];
    for (decider, reviewer) in review {
        assert_eq!(authority(decider, ReviewStage::Review), reviewer, "review of {decider}");
    }
    // The decider is the organ that reviewed; where no rule finds an organ, its superior is asked.
    for (decider, reviewer) in [(4, Some(2)), (6, Some(4)), (3, Some(1)), (1, None)] {
        assert_eq!(authority(decider, ReviewStage::ReReview), reviewer, "re-review of {decider}");
    }
}

#[test]
fn the_directory_has_active_users_only_and_refuses_words_that_it_does_not_know() {
    let (_database, mut connection) = migrated();
    let c = &mut connection;
    seed(c).unwrap();
    users::insert(c, &User { active: false, ..user(101, "li") }).unwrap();
    let directory = directory::load_directory(c).unwrap();
    let staff = directory.staff(UserId::new(100)).unwrap();
    assert_eq!(staff.duties, [Duty::Register, Duty::Dispatch].into());
    assert_eq!(staff.territory, Some("330100000000".parse().unwrap()));
    assert!(directory.staff(UserId::new(101)).is_none());
    assert!(directory.is_petition_department(OrganisationId::new(10)));

    users::insert(c, &User { duties: vec!["rule".to_owned()], ..user(102, "zhao") }).unwrap();
    let refused = directory::load_directory(c).unwrap_err();
    assert!(
        matches!(&refused, StoreError::Broken { table: "users", detail } if detail.contains("rule") && detail.contains("102")),
        "{refused:?}"
    );
}
