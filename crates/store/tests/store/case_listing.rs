//! Lists: that a scope shows exactly the cases that it allows, in each order and page by page.

use std::cmp::Reverse;

use domain::access::Scope;
use domain::case::backlog::BacklogStage;
use domain::case::supervision::SupervisionStage;
use domain::case::{Purpose, Status};
use domain::id::{CaseId, OrganisationId, PersonId, UserId, lowest_at};
use domain::region::RegionCode;
use proptest::prelude::*;
use store::case_list::{self, Bounds, CaseFilter, CaseSort, Counted, Cursor};
use store::cases::CaseRow;
use store::projection::{self, CaseBacklogRow, CaseOrganisationRow, CasePersonRow, CaseUserRow, Projection};
use store::{AnyConnection, StoreError};
use strum::VariantArray;
use test_database::TestDatabase;

use crate::support::{AccessFacts, WORLDS, case_row, day, instant, migrated, seed_people};

const REGIONS: [&str; 9] = [
    "330000000000",
    "330100000000",
    "330106000000",
    "330106001000",
    "330106001002",
    "330106001002003",
    "330109000000",
    "330200000000",
    "990000000000",
];
const ORGANISATIONS: i64 = 3;
/// An organ that no scope is of.
const NOBODY: i64 = 99;
const USERS: i64 = 4;
const PARTS_OF_USERS: [&str; 7] =
    ["handler", "owner", "drafter", "signer", "leader", "instructor", "accused"];

#[derive(Debug, Clone)]
struct World {
    cases: Vec<Projection>,
    scopes: Vec<Scope>,
}

fn region() -> impl Strategy<Value = RegionCode> {
    prop::sample::select(REGIONS.to_vec()).prop_map(|code| code.parse().unwrap())
}

fn scope() -> impl Strategy<Value = Scope> {
    let organisation = prop::option::of((1..=ORGANISATIONS).prop_map(OrganisationId::new));
    let territory = prop::option::weighted(0.7, region());
    let people = (1..=USERS, prop::option::weighted(0.3, (1..=USERS).prop_map(UserId::new)));
    (people, organisation, territory, any::<bool>(), prop::bool::weighted(0.1)).prop_map(
        |((user, deputy), organisation, territory, accusations, nothing)| {
            let user = UserId::new(user);
            Scope { user, deputy, organisation, territory, accusations, nothing }
        },
    )
}

/// A case without an id yet: what its rows say.
fn case() -> impl Strategy<Value = Projection> {
    let row = (
        region(),
        prop::option::of(1..=USERS),
        prop::bool::weighted(0.2),
        0..4_usize,
        prop::option::of(0..6_u32),
        0..4_u32,
        prop::sample::select(vec![None, Some("010000"), Some("010101"), Some("019900"), Some("990000")]),
    );
    let organisations = prop::collection::btree_set(1..=ORGANISATIONS, 0..3);
    let users = prop::collection::btree_set((1..=USERS, 0..PARTS_OF_USERS.len()), 0..4);
    let people = prop::collection::btree_set(1..=3_i64, 0..2);
    (row, organisations, users, people).prop_map(|(row, organisations, users, people)| {
        let (region, registered_by, confidential, status, due, updated, topic) = row;
        let mut case = case_row(0);
        case.attribution_region = region.to_string();
        case.registered_by = registered_by;
        case.confidential = confidential;
        case.status = Status::VARIANTS[status].as_ref().to_owned();
        case.next_due_on = due.map(|days| day("2026-12-01") + chrono::Days::new(days.into()));
        case.overdue = due == Some(0);
        case.terminated_on = case.overdue.then(|| day("2026-12-01"));
        case.repeat_count = i32::try_from(updated * 2).unwrap();
        let stages = ["proposed", "proposed+reported+advised", "ordered+advised"];
        case.supervision = stages.get(updated as usize).map(|stage| (*stage).to_owned());
        case.double_resolved_on = (updated == 0).then(|| day("2026-12-01"));
        case.topic_code = topic.map(str::to_owned);
        case.updated_at = instant(&format!("2026-11-23T08:00:0{updated}.5Z"));
        let stage = ["listed", "struck_off"].get(status);
        let backlog = stage.map(|stage| CaseBacklogRow {
            case_id: 0,
            stage: (*stage).to_owned(),
            batch: updated.to_string(),
            list_no: "7".to_owned(),
            organisation_id: 1,
            listed_on: day("2026-11-01"),
            target_on: day("2026-12-01"),
        });
        let organisation = |organisation_id: i64| CaseOrganisationRow {
            case_id: 0,
            organisation_id,
            status: case.status.clone(),
            next_due_on: case.next_due_on,
            updated_at: case.updated_at,
        };
        // Whoever holds it has a part in it.
        case.holder_id = organisations.first().copied().unwrap_or(NOBODY);
        case.received_by = organisations.last().copied().unwrap_or(NOBODY);
        let organisations = organisations.into_iter().map(organisation).collect();
        let user = |(user_id, part): (i64, usize)| CaseUserRow {
            case_id: 0,
            user_id,
            part: PARTS_OF_USERS[part].to_owned(),
        };
        let person =
            |person_id| CasePersonRow { case_id: 0, person_id, part: "petitioner".to_owned(), no: 1 };
        Projection {
            case,
            claims: vec![],
            measures: vec![],
            deadlines: vec![],
            organisations,
            people: people.into_iter().map(person).collect(),
            users: users.into_iter().map(user).collect(),
            backlog: backlog.into_iter().collect(),
        }
    })
}

fn world() -> impl Strategy<Value = World> {
    (prop::collection::vec(case(), 1..40), prop::collection::vec(scope(), 8)).prop_map(
        |(mut cases, scopes)| {
            // The identifier of a case is the time of its filing.
            for (case, id) in cases.iter_mut().zip(lowest_at("2026-11-23T08:00:00Z".parse().unwrap())..) {
                let CaseRow { case_no, query_code, .. } = case_row(id);
                (case.case.id, case.case.case_no, case.case.query_code) = (id, case_no, query_code);
                case.organisations.iter_mut().for_each(|row| row.case_id = id);
                case.people.iter_mut().for_each(|row| row.case_id = id);
                case.users.iter_mut().for_each(|row| row.case_id = id);
                case.backlog.iter_mut().for_each(|row| row.case_id = id);
            }
            World { cases, scopes }
        },
    )
}

fn written(world: &World) -> (TestDatabase, AnyConnection) {
    let (database, mut connection) = migrated();
    seed_people(&mut connection, 3);
    for case in &world.cases {
        projection::write(&mut connection, case).unwrap();
    }
    (database, connection)
}

/// Every row of the list, by pages, the shorter ones among them.
fn walk(
    connection: &mut AnyConnection,
    scope: &Scope,
    filter: &CaseFilter,
    sort: CaseSort,
    bounds: Bounds,
    limit: i64,
) -> Vec<CaseRow> {
    let mut rows: Vec<CaseRow> = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let page =
            case_list::list_within(connection, bounds, scope, filter, sort, after.as_ref(), limit).unwrap();
        assert!(i64::try_from(page.rows.len()).unwrap() <= limit);
        rows.extend(page.rows);
        let Some(next) = page.next else { return rows };
        assert_ne!(Some(next), after, "a page goes on");
        after = Some(next.to_string().parse().unwrap());
    }
}

fn ids(rows: &[CaseRow]) -> Vec<i64> {
    rows.iter().map(|row| row.id).collect()
}

/// The whole list, sorted as it should be.
fn in_order(cases: &[&CaseRow], sort: CaseSort) -> Vec<i64> {
    let mut cases = cases.to_vec();
    match sort {
        CaseSort::OldestFirst => cases.sort_by_key(|case| case.id),
        CaseSort::NewestFirst => cases.sort_by_key(|case| Reverse(case.id)),
        CaseSort::DueFirst => {
            cases.sort_by_key(|case| (case.next_due_on.is_none(), case.next_due_on, case.id));
        }
        CaseSort::RecentlyUpdated => cases.sort_by_key(|case| Reverse((case.updated_at, case.id))),
    }
    cases.into_iter().map(|case| case.id).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(WORLDS) })]

    #[test]
    fn a_scope_lists_exactly_the_cases_that_it_allows(world in world(), limit in 1..7_i64) {
        let (_database, mut connection) = written(&world);
        for scope in &world.scopes {
            let allowed: Vec<&CaseRow> =
                world.cases.iter().filter(|case| scope.allows(&AccessFacts::in_rows(case))).map(|case| &case.case).collect();
            let everything = CaseFilter::default();
            for sort in CaseSort::VARIANTS {
                let listed = walk(&mut connection, scope, &everything, *sort, Bounds::default(), limit);
                prop_assert_eq!(ids(&listed), in_order(&allowed, *sort), "{:?} by {:?}", scope, sort);
            }
            let count = case_list::count(&mut connection, scope, &everything).unwrap();
            prop_assert_eq!(count, Counted { count: i64::try_from(allowed.len()).unwrap(), has_more: false });
        }
    }

    #[test]
    fn a_filter_keeps_exactly_what_it_says(world in world(), region in region(), place in 0..4_usize, limit in 5..50_i64) {
        let (_database, mut connection) = written(&world);
        let part = |case: &Projection, user, part: &str| {
            case.users.iter().any(|row| row.user_id == user && row.part == part)
        };
        let statuses = vec![Status::VARIANTS[place], Status::VARIANTS[3]];
        let words: Vec<_> = statuses.iter().map(|status| status.as_ref().to_owned()).collect();
        let none = CaseFilter::default;
        type Keeps<'a> = Box<dyn Fn(&Projection) -> bool + 'a>;
        let filters: Vec<(CaseFilter, Keeps<'_>)> = vec![
            (CaseFilter { statuses, ..none() }, Box::new(|case| words.contains(&case.case.status))),
            (CaseFilter { purposes: vec![Purpose::Claim], ..none() }, Box::new(|_| true)),
            (CaseFilter { purposes: vec![Purpose::Other], ..none() }, Box::new(|_| false)),
            (
                CaseFilter { region: Some(region.clone()), ..none() },
                Box::new(|case| region.contains(&case.case.attribution_region.parse().unwrap())),
            ),
            (
                CaseFilter { topic: Some("010000".to_owned()), ..none() },
                Box::new(|case| case.case.topic_code.as_ref().is_some_and(|code| code.starts_with("01"))),
            ),
            (
                CaseFilter { topic: Some("990000".to_owned()), ..none() },
                Box::new(|case| case.case.topic_code.as_deref() == Some("990000")),
            ),
            (CaseFilter { topic: Some("01'".to_owned()), ..none() }, Box::new(|_| false)),
            (CaseFilter { handler: Some(UserId::new(1)), ..none() }, Box::new(|case| part(case, 1, "handler"))),
            (CaseFilter { owner: Some(UserId::new(2)), ..none() }, Box::new(|case| part(case, 2, "owner"))),
            (CaseFilter { leader: Some(UserId::new(1)), ..none() }, Box::new(|case| part(case, 1, "leader"))),
            (
                CaseFilter { instructor: Some(UserId::new(1)), ..none() },
                Box::new(|case| part(case, 1, "instructor")),
            ),
            (CaseFilter { holder: Some(OrganisationId::new(1)), ..none() }, Box::new(|case| case.case.holder_id == 1)),
            (
                CaseFilter { registered_by: Some(UserId::new(1)), ..none() },
                Box::new(|case| case.case.registered_by == Some(1)),
            ),
            (
                CaseFilter { people: Some(vec![PersonId::new(1), PersonId::new(2)]), ..none() },
                Box::new(|case| case.people.iter().any(|row| row.person_id < 3)),
            ),
            (CaseFilter { people: Some(vec![]), ..none() }, Box::new(|_| false)),
            (
                CaseFilter { due_before: Some(day("2026-12-03")), ..none() },
                Box::new(|case| case.case.next_due_on.is_some_and(|due| due < day("2026-12-03"))),
            ),
            (CaseFilter { overdue: Some(true), ..none() }, Box::new(|case| case.case.overdue)),
            (
                CaseFilter { supervision: vec![SupervisionStage::Reported, SupervisionStage::Proposed], ..none() },
                Box::new(|case| case.case.supervision.as_ref().is_some_and(|word| word.contains("proposed") || word.contains("reported"))),
            ),
            (
                CaseFilter { backlog: vec![BacklogStage::Listed], ..none() },
                Box::new(|case| case.backlog.iter().any(|row| row.stage == "listed")),
            ),
            (
                CaseFilter { repeats_from: Some(3), is_backlog: Some(false), ..none() },
                Box::new(|case| case.case.repeat_count >= 3 && case.backlog.iter().all(|row| row.stage == "struck_off")),
            ),
            (
                CaseFilter { repeats_from: Some(1), terminated: Some(true), ..none() },
                Box::new(|case| case.case.repeat_count >= 1 && case.case.terminated_on.is_some()),
            ),
            (
                CaseFilter { backlog_batch: Some("2".to_owned()), is_backlog: Some(true), ..none() },
                Box::new(|case| case.backlog.iter().any(|row| row.batch == "2" && row.stage == "listed")),
            ),
            (
                CaseFilter { supervision: vec![SupervisionStage::Ordered], ..none() },
                Box::new(|case| case.case.supervision.as_ref().is_some_and(|word| word.contains("ordered"))),
            ),
            (
                CaseFilter { double_resolved: Some(false), ..none() },
                Box::new(|case| case.case.double_resolved_on.is_none()),
            ),
            (CaseFilter { matter_resolved: Some(true), ..none() }, Box::new(|_| false)),
            (CaseFilter { heart_resolved: Some(false), ..none() }, Box::new(|_| true)),
            (CaseFilter { repeat_of: Some(CaseId::new(1)), ..none() }, Box::new(|_| false)),
            (CaseFilter { anonymous: Some(false), group: Some(false), ..none() }, Box::new(|_| true)),
            (
                CaseFilter { filed_from: Some("2026-11-23T08:00:00Z".parse().unwrap()), ..none() },
                Box::new(|_| true),
            ),
            (
                CaseFilter { filed_to: Some("2026-11-23T08:00:00Z".parse().unwrap()), ..none() },
                Box::new(|_| false),
            ),
        ];
        let mut turn = place;
        for scope in &world.scopes {
            for (filter, keeps) in &filters {
                let kept: Vec<&CaseRow> = world
                    .cases
                    .iter()
                    .filter(|case| scope.allows(&AccessFacts::in_rows(case)) && keeps(case))
                    .map(|case| &case.case)
                    .collect();
                // Where all are few, where none are, and where the table is larger than what is few or may be looked at.
                let (few, examined) = [(2_000, 5_000), (0, 5_000), (2, 5), (-1, 0)][turn % 4];
                let (sort, few) = (CaseSort::VARIANTS[turn / 4 % 4], Bounds { few, examined });
                turn += 1;
                let listed = walk(&mut connection, scope, filter, sort, few, limit);
                prop_assert_eq!(ids(&listed), in_order(&kept, sort), "{:?} {:?} {:?} {:?}", scope, filter, sort, few);
                let count = case_list::count(&mut connection, scope, filter).unwrap();
                prop_assert_eq!(count, Counted { count: i64::try_from(kept.len()).unwrap(), has_more: false });
            }
        }
    }
}

/// A province has more townships than one page can look into, and is listed all the same, page by page.
#[test]
fn many_townships_are_followed_together() {
    const TOWNSHIPS: i64 = 60;
    let (_database, mut connection) = migrated();
    let mut rows: Vec<CaseRow> = Vec::new();
    for number in 0..TOWNSHIPS * 3 {
        let township = number * 7 % TOWNSHIPS;
        let CaseRow { case_no, query_code, .. } = case_row(number + 1);
        let row = CaseRow {
            attribution_region: format!("3301{:02}{:03}000", 1 + township % 5, 1 + township),
            purpose: if number % 4 == 0 { "suggestion" } else { "claim" }.to_owned(),
            next_due_on: (number % 3 == 0).then(|| day("2026-12-01")),
            case_no,
            query_code,
            ..case_row(number + 1)
        };
        let projection = Projection {
            case: row.clone(),
            claims: vec![],
            measures: vec![],
            deadlines: vec![],
            organisations: vec![],
            people: vec![],
            users: vec![],
            backlog: vec![],
        };
        projection::write(&mut connection, &projection).unwrap();
        rows.push(row);
    }
    let scope = Scope {
        user: UserId::new(1),
        deputy: None,
        organisation: Some(OrganisationId::new(1)),
        territory: Some("330100000000".parse().unwrap()),
        accusations: false,
        nothing: false,
    };
    let everything = CaseFilter::default();
    let few_of_them = CaseFilter { purposes: vec![Purpose::Suggestion], ..CaseFilter::default() };
    for (filter, kept) in [(&everything, 4), (&few_of_them, 1)] {
        let wanted: Vec<&CaseRow> = rows.iter().filter(|row| kept == 4 || row.purpose == "suggestion").collect();
        for sort in CaseSort::VARIANTS {
            for bounds in [Bounds::default(), Bounds { few: -1, examined: 0 }] {
                let listed = walk(&mut connection, &scope, filter, *sort, bounds, 7);
                assert_eq!(ids(&listed), in_order(&wanted, *sort), "{sort:?} {bounds:?}");
            }
        }
    }
}

#[test]
fn a_cursor_is_read_back_and_belongs_to_one_order() {
    let (_database, mut connection) = migrated();
    let row = CaseRow { next_due_on: Some(day("2026-12-01")), ..case_row(42) };
    for sort in CaseSort::VARIANTS {
        for row in [&row, &case_row(43)] {
            let cursor = Cursor::of(row, *sort);
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
            assert_eq!(cursor.sort(), *sort);
        }
    }
    for text in [
        "",
        "newest_first",
        "newest_first::",
        "newest_first:1:1",
        "due_first:soon:1",
        "recently_updated::1",
        "a:b:c:d",
    ] {
        assert!(text.parse::<Cursor>().is_err(), "{text:?}");
    }
    let scope = Scope {
        user: UserId::new(1),
        deputy: None,
        organisation: None,
        territory: None,
        accusations: false,
        nothing: false,
    };
    let cursor = Cursor::of(&row, CaseSort::OldestFirst);
    let refused = case_list::list(
        &mut connection,
        &scope,
        &CaseFilter::default(),
        CaseSort::NewestFirst,
        Some(&cursor),
        10,
    );
    assert!(matches!(refused, Err(StoreError::WrongCursor)), "{refused:?}");
}
