//! Every kind of list that the query plans are held for, on either engine.

use domain::access::Scope;
use domain::case::Status;
use domain::case::backlog::BacklogStage;
use domain::case::supervision::SupervisionStage;
use domain::id::{CaseId, OrganisationId, PersonId, UserId};
use store::case_list::{self, Bounds, CaseFilter, CaseSort, Cursor};
use store::{AnyConnection, StoreError};
use strum::VariantArray;

use crate::support::{case_row, day};

/// What is few: none, so that each list follows its order, and anything, so that each list sorts what a filter keeps.
pub const EACH_WAY: [Bounds; 2] =
    [Bounds { few: -1, examined: 5_000 }, Bounds { few: i64::MAX - 1, examined: 5_000 }];

fn scope(organisation: Option<i64>, territory: Option<&str>, accusations: bool) -> Scope {
    Scope {
        user: UserId::new(1),
        deputy: None,
        organisation: organisation.map(OrganisationId::new),
        territory: territory.map(|code| code.parse().unwrap()),
        accusations,
        nothing: false,
    }
}

/// The scopes below a city, by every way to come to know of a case.
pub fn scopes() -> Vec<Scope> {
    vec![
        scope(None, None, false),
        scope(Some(10), None, false),
        scope(Some(10), None, true),
        scope(Some(10), Some("330106000000"), false),
        scope(None, Some("330106001000"), false),
        scope(None, Some("330106001002"), false),
        scope(None, Some("330106001002003"), false),
        Scope { deputy: Some(UserId::new(2)), ..scope(Some(10), Some("330106000000"), true) },
    ]
}

/// Scopes that are a large share of the table: it may be followed in the order of the list, up to the end of the page.
pub fn large_scopes() -> Vec<Scope> {
    vec![
        scope(Some(10), Some("330000000000"), false),
        scope(Some(10), Some("330100000000"), false),
    ]
}

pub fn filters() -> Vec<CaseFilter> {
    let none = CaseFilter::default;
    let at = |text: &str| Some(text.parse().unwrap());
    vec![
        none(),
        CaseFilter { statuses: vec![Status::Registered], ..none() },
        CaseFilter { statuses: vec![Status::InHandling, Status::Accepted], ..none() },
        CaseFilter { topic: Some("010101".to_owned()), ..none() },
        CaseFilter { topic: Some("010000".to_owned()), statuses: vec![Status::Accepted], ..none() },
        CaseFilter { registered_by: Some(UserId::new(1)), ..none() },
        CaseFilter { holder: Some(OrganisationId::new(10)), ..none() },
        CaseFilter { due_before: Some(day("2026-12-01")), ..none() },
        CaseFilter { overdue: Some(true), ..none() },
        CaseFilter { backlog: vec![BacklogStage::Listed, BacklogStage::Relapsed], ..none() },
        CaseFilter { repeats_from: Some(3), is_backlog: Some(false), ..none() },
        CaseFilter { supervision: vec![SupervisionStage::Proposed, SupervisionStage::Reported], ..none() },
        CaseFilter { overdue: Some(false), group: Some(true), ..none() },
        CaseFilter { region: Some("330106001000".parse().unwrap()), ..none() },
        CaseFilter { people: Some(vec![PersonId::new(1), PersonId::new(2)]), ..none() },
        CaseFilter { handler: Some(UserId::new(1)), ..none() },
        CaseFilter { owner: Some(UserId::new(1)), ..none() },
        CaseFilter { leader: Some(UserId::new(1)), ..none() },
        CaseFilter { instructor: Some(UserId::new(1)), overdue: Some(true), ..none() },
        CaseFilter { repeat_of: Some(CaseId::new(1)), ..none() },
        CaseFilter {
            filed_from: at("2026-11-01T00:00:00Z"),
            filed_to: at("2026-11-02T00:00:00Z"),
            ..none()
        },
    ]
}

/// Asks for the list in each order and each way, from the start and from a place in it.
pub fn ask(connection: &mut AnyConnection, scope: &Scope, filter: &CaseFilter) -> Result<(), StoreError> {
    for sort in CaseSort::VARIANTS {
        for bounds in EACH_WAY {
            let mut row = case_row(1);
            case_list::list_within(connection, bounds, scope, filter, *sort, None, 50)?;
            case_list::list_within(connection, bounds, scope, filter, *sort, Some(&Cursor::of(&row, *sort)), 50)?;
            row.next_due_on = Some(day("2026-12-01"));
            case_list::list_within(connection, bounds, scope, filter, *sort, Some(&Cursor::of(&row, *sort)), 50)?;
        }
    }
    case_list::count(connection, scope, filter).map(drop)
}
