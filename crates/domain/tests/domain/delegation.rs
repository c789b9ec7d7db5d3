//! Who may stand in for whom, and with what.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::{DelegationRequest, Duty, LONGEST_DELEGATION, Role, Staff, stand_in};
use domain::id::UserId;
use domain::refusal::FieldCode;
use proptest::prelude::*;
use strum::VariantArray;

use crate::municipality::{COUNTY, COUNTY_HOUSING, COUNTY_PETITIONS, newcomer};
use crate::payloads::remark;

fn now() -> DateTime<Utc> {
    "2026-03-02T01:00:00Z".parse().unwrap()
}

fn colleague(number: i64, role: Role, duties: &[Duty]) -> Staff {
    let duties = duties.iter().copied().collect();
    Staff { user: UserId::new(number), duties, ..newcomer(role, COUNTY_PETITIONS, Some(COUNTY)) }
}

fn request(duties: &[Duty]) -> DelegationRequest {
    DelegationRequest {
        deputy: UserId::new(2),
        duties: duties.iter().copied().collect(),
        from_at: None,
        until_at: now() + TimeDelta::days(7),
        reason: remark("年休假"),
    }
}

/// What is wrong with the request, as pointer and code.
fn faults(
    request: &DelegationRequest,
    principal: &Staff,
    deputy: Option<&Staff>,
) -> Vec<(String, FieldCode)> {
    let refusal = request.check(principal, deputy, now()).err();
    let fields = refusal.into_iter().flat_map(|refusal| refusal.fields);
    fields.map(|field| (field.pointer, field.code)).collect()
}

#[test]
fn only_a_colleague_stands_in() {
    let principal = colleague(1, Role::Official, &[Duty::Dispatch]);
    let elsewhere = Staff { organisation: COUNTY_HOUSING, ..colleague(2, Role::Official, &[]) };
    let refused = vec![("/deputy".to_owned(), FieldCode::NotAColleague)];
    let handed = request(&[Duty::Dispatch]);
    for deputy in [
        colleague(1, Role::Official, &[]),
        colleague(2, Role::GridMember, &[]),
        colleague(2, Role::SystemAdministrator, &[]),
        colleague(2, Role::SecurityAdministrator, &[]),
        colleague(2, Role::Auditor, &[]),
        elsewhere,
    ] {
        assert_eq!(faults(&handed, &principal, Some(&deputy)), refused, "{deputy:?}");
        assert_eq!(stand_in(&principal, &deputy, &handed.duties), None, "{deputy:?}");
    }
    let grid_member = colleague(1, Role::GridMember, &[Duty::Dispatch]);
    assert_eq!(faults(&handed, &grid_member, Some(&colleague(2, Role::Official, &[]))), refused);
    for role in [Role::Official, Role::Reviewer] {
        assert_eq!(faults(&handed, &principal, Some(&colleague(2, role, &[]))), []);
    }
    // Of whom nobody knows, and of whom is not a colleague, the same is told, and not what they are cleared for.
    assert_eq!(faults(&handed, &principal, None), refused);
    let cleared = colleague(1, Role::Official, &[Duty::Accusation]);
    let stranger = Staff { organisation: COUNTY_HOUSING, ..colleague(2, Role::Official, &[]) };
    assert_eq!(faults(&request(&[Duty::Accusation]), &cleared, Some(&stranger)), refused);
}

#[test]
fn nobody_hands_over_what_is_not_theirs_nor_for_longer_than_a_year() {
    let principal = colleague(1, Role::Official, &[Duty::Dispatch, Duty::Accusation]);
    let deputy = colleague(2, Role::Official, &[Duty::Register]);
    let faults = |request: &DelegationRequest| faults(request, &principal, Some(&deputy));
    let at = |pointer: &str, code| vec![(pointer.to_owned(), code)];
    assert_eq!(faults(&request(&[])), at("/duties", FieldCode::Required));
    assert_eq!(faults(&request(&[Duty::Dispatch, Duty::Sign])), at("/duties", FieldCode::NotOwnDuty));
    assert_eq!(faults(&request(&[Duty::Accusation])), at("/duties", FieldCode::NotCleared));
    let lasting = |from: Option<TimeDelta>, until: TimeDelta| DelegationRequest {
        from_at: from.map(|from| now() + from),
        until_at: now() + until,
        ..request(&[Duty::Dispatch])
    };
    let day = TimeDelta::days(1);
    assert_eq!(faults(&lasting(None, TimeDelta::zero())), at("/until_at", FieldCode::Passed));
    assert_eq!(faults(&lasting(Some(day), day)), at("/until_at", FieldCode::EndsBeforeItBegins));
    assert_eq!(faults(&lasting(None, LONGEST_DELEGATION)), []);
    let too_far = lasting(Some(LONGEST_DELEGATION), LONGEST_DELEGATION + day);
    assert_eq!(faults(&too_far), at("/until_at", FieldCode::OutOfRange));
    let too_long = lasting(Some(-day), LONGEST_DELEGATION + TimeDelta::seconds(1));
    assert_eq!(faults(&too_long), at("/until_at", FieldCode::OutOfRange));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_deputy_has_of_the_place_what_was_handed_over_and_no_clearance_of_their_own(
        owned in duties(), own in duties(), handed in duties(),
    ) {
        let principal = Staff { duties: owned.clone(), ..colleague(1, Role::Reviewer, &[]) };
        let deputy = Staff { duties: own.clone(), territory: None, ..colleague(2, Role::Official, &[]) };
        let expected = |duty: &Duty| {
            owned.contains(duty) && handed.contains(duty) && (*duty != Duty::Accusation || own.contains(duty))
        };
        let expected: BTreeSet<Duty> = Duty::VARIANTS.iter().copied().filter(expected).collect();
        match stand_in(&principal, &deputy, &handed) {
            None => prop_assert!(expected.is_empty()),
            Some(place) => {
                prop_assert_eq!(&place.duties, &expected);
                prop_assert_eq!((place.user, place.acting()), (principal.user, deputy.user));
                prop_assert_eq!((place.role, &place.territory), (principal.role, &principal.territory));
            }
        }
    }
}

fn duties() -> impl Strategy<Value = BTreeSet<Duty>> {
    prop::sample::subsequence(Duty::VARIANTS.to_vec(), 0..=Duty::VARIANTS.len())
        .prop_map(|duties| duties.into_iter().collect())
}
