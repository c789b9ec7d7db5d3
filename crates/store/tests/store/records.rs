//! The journal, the projections, and the rules that the tables keep.

use diesel::connection::SimpleConnection;
use domain::id::PersonId;
use store::cases::{self, CaseRow};
use store::idempotency::{self, KeptAnswer};
use store::projection::{
    self, CaseBacklogRow, CaseOrganisationRow, CasePersonRow, CaseUserRow, ClaimRow, DeadlineRow, MeasureRow, Projection,
};
use store::sessions::{self, RefreshTokenRow, Taken};
use store::users::UserFilter;
use store::{
    AnyConnection, StoreError, calendar, journal, meta, organisations, people, regions, topics, users,
};

use crate::support::{case_row, day, event, fresh, instant, region, seed, seed_people, user};

#[tokio::test]
async fn an_append_to_a_case_that_moved_is_refused() {
    let test = fresh();
    let store = &test.store;
    assert_eq!(store.write(|c| journal::append(c, 1, 0, &[event(1), event(2)])).await.unwrap(), 2);
    for stale in [0, 1] {
        let refused = store.write(move |c| journal::append(c, 1, stale, &[event(9)])).await.unwrap_err();
        assert!(refused.is_conflict_on(journal::VERSION_MOVED), "{refused:?}");
    }
    assert_eq!(store.write(|c| journal::append(c, 1, 2, &[event(3)])).await.unwrap(), 3);
    assert_eq!(store.write(|c| journal::append(c, 1, 3, &[])).await.unwrap(), 3);
    let (all, page) = store
        .read(|c| Ok::<_, StoreError>((journal::load(c, 1)?, journal::load_page(c, 1, 1, 1)?)))
        .await
        .unwrap();
    assert_eq!(all.iter().map(|row| (row.seq, row.id)).collect::<Vec<_>>(), [(1, 1), (2, 2), (3, 3)]);
    assert_eq!((all[0].body.as_str(), all[0].recorded_at), ("{\"n\": 1}", event(1).recorded_at));
    assert_eq!(page, all[1..2]);
}

#[tokio::test]
async fn the_journal_cannot_be_changed_or_shortened() {
    let test = fresh();
    test.store.write(|c| journal::append(c, 1, 0, &[event(1)])).await.unwrap();
    for attempt in ["UPDATE events SET kind = 'forged'", "DELETE FROM events"] {
        let refused = test.store.write(move |c| c.batch_execute(attempt).map_err(StoreError::from)).await;
        assert!(matches!(refused, Err(StoreError::Database(_))), "{attempt}: {refused:?}");
    }
    assert_eq!(test.store.read(|c| journal::version(c, 1)).await.unwrap(), 1);
}

#[tokio::test]
async fn a_reused_refresh_token_ends_its_whole_family_and_no_other() {
    let test = fresh();
    let token = |name: u8, family_id| RefreshTokenRow {
        token_hash: vec![name; 32],
        family_id,
        user_id: 100,
        issued_at: instant("2026-11-23T08:00:00Z"),
        expires_at: instant("2026-12-23T08:00:00Z"),
        used_at: None,
        revoked_at: None,
    };
    let at = instant("2026-11-24T08:00:00Z");
    let take = |name: u8, at| test.store.write(move |c| sessions::take(c, &[name; 32], at));
    test.store
        .write(move |c| {
            seed(c)?;
            sessions::insert(c, &token(1, 50))?;
            sessions::insert(c, &token(2, 50))?;
            sessions::insert(c, &token(3, 60))
        })
        .await
        .unwrap();
    assert!(matches!(take(1, at).await.unwrap(), Taken::Good(row) if row.used_at == Some(at)));
    assert_eq!(take(1, at).await.unwrap(), Taken::Reused { family_id: 50, user_id: 100, ended: true });
    assert_eq!(take(2, at).await.unwrap(), Taken::Ended { family_id: 50, user_id: 100 });
    assert!(!test.store.read(move |c| sessions::standing(c, 100, 50, at, None)).await.unwrap().is_open);
    assert!(test.store.read(move |c| sessions::standing(c, 100, 60, at, None)).await.unwrap().is_open);
    // Of somebody else it says nothing.
    assert!(!test.store.read(move |c| sessions::standing(c, 101, 60, at, None)).await.unwrap().is_open);
    let too_late = instant("2026-12-23T08:00:00Z");
    assert_eq!(take(3, too_late).await.unwrap(), Taken::Ended { family_id: 60, user_id: 100 });
    assert_eq!(take(9, at).await.unwrap(), Taken::Unknown);
}

#[tokio::test]
async fn a_kept_answer_is_found_until_it_expires_and_is_kept_once() {
    let test = fresh();
    let kept = KeptAnswer {
        actor: "user:100".to_owned(),
        key: "5f0c".to_owned(),
        fingerprint: vec![1, 2, 3],
        status: 201,
        body: "{}".to_owned(),
        etag: Some("\"1\"".to_owned()),
        location: None,
        created_at: instant("2026-11-23T08:00:00Z"),
        expires_at: instant("2026-11-24T08:00:00Z"),
        case_id: Some(7),
        case_version: Some(3),
    };
    let first = kept.clone();
    test.store.write(move |c| idempotency::insert(c, &first)).await.unwrap();
    let again = kept.clone();
    let refused = test.store.write(move |c| idempotency::insert(c, &again)).await.unwrap_err();
    assert!(refused.is_conflict_on("idempotency_keys_actor_key_key"), "{refused:?}");
    let find = |at| test.store.write(move |c| idempotency::find(c, "user:100", "5f0c", at));
    assert_eq!(find(instant("2026-11-24T07:59:59Z")).await.unwrap(), Some(kept.clone()));
    assert_eq!(find(instant("2026-11-24T08:00:00Z")).await.unwrap(), None);
    let later = KeptAnswer {
        created_at: instant("2026-11-24T08:00:00Z"),
        expires_at: instant("2026-11-25T08:00:00Z"),
        ..kept
    };
    test.store.write(move |c| idempotency::insert(c, &later)).await.unwrap();
    let purged = test.store.write(|c| idempotency::purge_expired(c, instant("2026-11-25T08:00:00Z"))).await;
    assert_eq!(purged.unwrap(), 1);
}

#[tokio::test]
async fn every_write_to_a_directory_moves_its_version() {
    let test = fresh();
    let holiday = |text: &str| calendar::CalendarDayRow {
        day: day(text),
        kind: "holiday".to_owned(),
        name: "元旦".to_owned(),
        notice: "国办发明电〔2025〕7号".to_owned(),
    };
    test.store
        .write(move |c| {
            seed(c)?;
            let mut last = meta::directory_version(c)?;
            let mut moved = |c: &mut AnyConnection| {
                let now = meta::directory_version(c)?;
                let has_moved = now > std::mem::replace(&mut last, now);
                assert!(has_moved);
                Ok::<_, StoreError>(())
            };
            regions::upsert_all(
                c,
                &[region("330100000000", None), region("330106000000", Some("330100000000"))],
            )?;
            moved(c)?;
            regions::update(
                c,
                &regions::RegionRow { valid_to: Some(day("2030-01-01")), ..region("330106000000", None) },
            )?;
            moved(c)?;
            let organ = organisations::find(c, 10)?;
            organisations::update(c, &organ)?;
            moved(c)?;
            organisations::upsert_all(c, &[organ])?;
            moved(c)?;
            organisations::replace_review_rules(c, &[])?;
            moved(c)?;
            users::update(c, &users::User { territory: None, ..user(100, "wang") })?;
            moved(c)?;
            users::set_password(c, 100, "$new", instant("2026-11-23T08:00:00Z"))?;
            moved(c)?;
            calendar::replace_year(c, 2026, &[holiday("2026-01-01"), holiday("2026-01-02")])?;
            moved(c)?;
            calendar::replace_year(c, 2026, &[holiday("2026-01-01")])?;
            moved(c)?;
            assert_eq!(calendar::load_all(c)?, [holiday("2026-01-01")]);
            assert!(calendar::replace_year(c, 2025, &[holiday("2026-01-01")]).is_err());
            assert_eq!(
                regions::find(c, "330106000000")?.parent_code,
                None,
                "none is written, not left as it was"
            );
            assert_eq!(users::find(c, 100)?.password_hash, "$new");
            assert_eq!(users::find_by_username(c, "wang")?.unwrap().territory, None);
            assert_eq!(users::list(c, &UserFilter::default(), Some(100), 10)?, []);
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    let twice = test.store.write(|c| users::insert(c, &user(101, "wang"))).await.unwrap_err();
    assert!(twice.is_conflict_on("users_username_key"), "{twice:?}");
    let orphan = users::User { organisation_id: 999, ..user(102, "zhao") };
    let refused = test.store.write(move |c| users::insert(c, &orphan)).await;
    assert!(matches!(refused, Err(StoreError::MissingReference)), "{refused:?}");
}

fn deadline(case_id: i64, no: i32, alarm: Option<&str>) -> DeadlineRow {
    DeadlineRow {
        case_id,
        no,
        kind: "handling".to_owned(),
        state: "running".to_owned(),
        organisation_id: None,
        started_on: day("2026-11-23"),
        nominal_due_on: day("2027-01-22"),
        legal_due_on: day("2027-01-22"),
        next_alarm_on: alarm.map(day),
    }
}

fn whole(id: i64) -> Projection {
    let claim = |no, result: Option<&str>| ClaimRow {
        case_id: id,
        no,
        text: None,
        reasonableness: "reasonable".to_owned(),
        result: result.map(str::to_owned),
    };
    let person = |part: &str, no| CasePersonRow { case_id: id, person_id: 1, part: part.to_owned(), no };
    Projection {
        case: case_row(id),
        claims: vec![claim(2, None), claim(1, Some("support"))],
        measures: vec![MeasureRow {
            case_id: id,
            kind: "resolve".to_owned(),
            state: "planned".to_owned(),
            owner_id: Some(100),
            due_on: None,
            verified_on: None,
        }],
        deadlines: vec![deadline(id, 1, Some("2026-12-01"))],
        organisations: vec![CaseOrganisationRow {
            case_id: id,
            organisation_id: 10,
            status: case_row(id).status,
            next_due_on: None,
            updated_at: case_row(id).updated_at,
        }],
        people: vec![person("representative", 2), person("petitioner", 1)],
        users: vec![CaseUserRow { case_id: id, user_id: 100, part: "handler".to_owned() }],
        backlog: vec![CaseBacklogRow {
            case_id: id,
            stage: "listed".to_owned(),
            batch: "2026-1".to_owned(),
            list_no: "7".to_owned(),
            organisation_id: 10,
            listed_on: day("2026-11-20"),
            target_on: day("2027-06-30"),
        }],
    }
}

#[tokio::test]
async fn a_projection_is_written_over_the_one_before() {
    let test = fresh();
    test.store
        .write(|c| {
            seed_people(c, 1);
            projection::write(c, &whole(1))?;
            assert_eq!(projection::load(c, 1)?, Some(whole(1).in_order()));
            let mut later = whole(1);
            later.case.version = 2;
            later.case.accepted_on = None;
            later.claims.truncate(1);
            later.deadlines.clear();
            projection::write(c, &later)?;
            assert_eq!(projection::load(c, 1)?, Some(later.in_order()));
            projection::write(c, &whole(2))?;
            let secret = Projection {
                case: CaseRow { confidential: true, purpose: "accusation".to_owned(), ..case_row(3) },
                ..whole(3)
            };
            projection::write(c, &secret)?;
            let earlier = people::earlier_cases_of(c, &[PersonId::new(1), PersonId::new(99)], 10)?;
            assert_eq!(earlier.iter().map(|row| row.id).collect::<Vec<_>>(), [2, 1]);
            assert_eq!(cases::find_by_query_code(c, "Q2")?, Some(2));
            assert_eq!(cases::find_by_case_no(c, "330106-2026-1")?, Some(1));
            assert_eq!(cases::find_by_source_no(c, "none")?, None);
            projection::clear(c)?;
            assert_eq!(projection::load(c, 1)?, None);
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    let mut stranger = whole(4);
    stranger.people[0].person_id = 999;
    let refused = test.store.write(move |c| projection::write(c, &stranger)).await;
    assert!(matches!(refused, Err(StoreError::MissingReference)), "{refused:?}");
    assert_eq!(test.store.read(|c| cases::find(c, 4)).await.unwrap(), None, "nothing half-written");
}

#[tokio::test]
async fn the_sweep_goes_through_due_alarms_page_by_page_and_misses_none() {
    let test = fresh();
    let alarms = ["2026-12-02", "2026-12-01", "2026-12-01", "2026-12-03", "2026-12-09"];
    test.store
        .write(move |c| {
            for (alarm, id) in alarms.iter().zip(1..) {
                let deadlines =
                    vec![deadline(id, 1, Some(alarm)), deadline(id, 2, Some(alarm)), deadline(id, 3, None)];
                projection::write(c, &Projection { deadlines, people: vec![], ..whole(id) })?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    let seen = test
        .store
        .read(|c| {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = projection::due_alarms(c, day("2026-12-03"), after, 3)?;
                let Some(last) = page.last() else { break };
                after = Some((last.next_alarm_on, last.case_id, last.no));
                seen.extend(page.iter().map(|alarm| (alarm.case_id, alarm.no)));
            }
            assert_eq!(projection::cases_with_open_deadlines(c, Some(1), 3)?, [2, 3, 4]);
            Ok::<_, StoreError>(seen)
        })
        .await
        .unwrap();
    assert_eq!(seen, [(2, 1), (2, 2), (3, 1), (3, 2), (1, 1), (1, 2), (4, 1), (4, 2)]);
}

#[tokio::test]
async fn topics_are_upserted_by_code() {
    let test = fresh();
    let topic = |active| topics::TopicRow {
        code: "010000".to_owned(),
        level1: "城乡建设".to_owned(),
        level2: String::new(),
        level3: String::new(),
        version: "2026".to_owned(),
        active,
    };
    let loaded = test
        .store
        .write(move |c| {
            topics::upsert_all(c, &[topic(true)])?;
            topics::upsert_all(c, &[topic(false)])?;
            topics::load_all(c)
        })
        .await
        .unwrap();
    assert_eq!(loaded, [topic(false)]);
}
