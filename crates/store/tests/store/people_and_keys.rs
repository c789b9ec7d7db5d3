//! Sealed people, their blind indexes, and the keys.

use domain::id::PersonId;
use domain::person::Person;
use serde_json::{Value, json};
use store::keys::{KeyError, KeyRing};
use store::sealing::{Place, SealError, Sealer};
use store::{AnyConnection, StoreError, journal, people};

use crate::support::fresh;

const ONE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const TWO: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

fn sealer(text: &str) -> Sealer {
    Sealer::new(&KeyRing::from_base64(text).unwrap())
}

fn person(name: &str, identity: Option<Value>, phone: Option<&str>) -> Person {
    let mut fields = json!({"name": name, "occupation": "务农", "birth_date": "1949-12-31"});
    if let Some(identity) = identity {
        fields["identity"] = identity;
    }
    if let Some(phone) = phone {
        fields["phone"] = phone.into();
    }
    serde_json::from_value(fields).unwrap()
}

fn card() -> Option<Value> {
    Some(json!({"kind": "resident_card", "number": "11010519491231002x"}))
}

fn passport() -> Option<Value> {
    Some(json!({"kind": "passport", "number": "11010519491231002X"}))
}

#[test]
fn a_sealed_value_opens_only_at_its_own_row_and_column() {
    let sealer = sealer(ONE);
    let home = Place { table: "people", column: "phone_sealed", row: 7 };
    let sealed = sealer.seal(home, "13800138000".as_bytes()).unwrap();
    assert_eq!(sealer.open(home, &sealed).unwrap(), b"13800138000");
    assert_ne!(sealer.seal(home, b"13800138000").unwrap(), sealed, "every sealing has its own nonce");
    for elsewhere in
        [Place { row: 8, ..home }, Place { column: "name_sealed", ..home }, Place { table: "users", ..home }]
    {
        assert!(matches!(sealer.open(elsewhere, &sealed), Err(SealError::DoesNotOpen { .. })));
    }
    for index in 1..sealed.len() {
        let mut forged = sealed.clone();
        forged[index] ^= 1;
        assert!(matches!(sealer.open(home, &forged), Err(SealError::DoesNotOpen { .. })), "byte {index}");
    }
    for length in 0..sealed.len() {
        assert!(sealer.open(home, &sealed[..length]).is_err(), "cut to {length}");
    }
}

#[test]
fn a_new_key_seals_and_the_old_one_still_opens_and_indexes() {
    let place = Place { table: "people", column: "name_sealed", row: 1 };
    let old = sealer(ONE);
    let both = sealer(&format!("2:{TWO}, 1:{ONE}"));
    let (before, after) = (old.seal(place, b"x").unwrap(), both.seal(place, b"x").unwrap());
    assert_eq!((before[0], after[0]), (1, 2));
    assert_eq!(both.open(place, &before).unwrap(), b"x");
    assert_eq!(old.open(place, &after), Err(SealError::UnknownKey { id: 2 }));
    assert_eq!(old.blind_index("c", &["张三"]), both.blind_index("c", &["张三"]));
    assert_ne!(old.blind_index("c", &["ab", "c"]), old.blind_index("c", &["a", "bc"]));
    assert_ne!(old.blind_index("c", &["a"]), sealer(TWO).blind_index("c", &["a"]));
}

#[test]
fn a_key_file_is_made_once_and_privately_and_bad_keys_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    let made = Sealer::new(&KeyRing::create_file(&path).unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(matches!(KeyRing::create_file(&path), Err(KeyError::File { .. })), "a key is never overwritten");
    let read = Sealer::new(&KeyRing::from_file(&path).unwrap());
    assert_eq!(made.blind_index("c", &["a"]), read.blind_index("c", &["a"]));

    assert!(matches!(KeyRing::from_base64(" \n"), Err(KeyError::None)));
    assert!(matches!(KeyRing::from_base64(&format!("{ONE}\nshort")), Err(KeyError::NotAKey { entry: 2 })));
    assert!(matches!(KeyRing::from_base64(&format!("3:{ONE},3:{TWO}")), Err(KeyError::Twice { id: 3 })));
    assert!(matches!(KeyRing::from_base64(&format!("256:{ONE}")), Err(KeyError::NotAKey { entry: 1 })));
}

#[tokio::test]
async fn people_are_found_by_blind_index_and_lie_sealed() {
    let test = fresh();
    let people = [
        person("张三", card(), Some("138-0013-8000")),
        person("李四", card(), Some("13800138000")),
        person("张三", None, None),
        person("张三", passport(), None),
        person("张 三", None, Some("13800138000")),
    ];
    let registered = people.clone();
    let (known, same) = test
        .store
        .write(move |connection| {
            let sealer = sealer(ONE);
            for (person, id) in registered.iter().zip(1..) {
                let at = "2026-11-23T08:00:00Z".parse().unwrap();
                people::insert_person(connection, &sealer, PersonId::new(id), person, at)?;
            }
            let same = |connection: &mut AnyConnection, person: &Person| {
                let found = people::find_same_person(connection, &sealer, person)?;
                Ok::<_, StoreError>(found.into_iter().map(PersonId::get).collect::<Vec<_>>())
            };
            let same = [
                same(connection, &person("王五", card(), None))?,
                same(connection, &person("王五", passport(), None))?,
                same(connection, &person("张三", None, Some("+86 138 0013 8000")))?,
                same(
                    connection,
                    &person("张三", Some(json!({"kind": "other", "number": "AB12"})), Some("13800138000")),
                )?,
                same(connection, &person("张三", None, None))?,
            ];
            let ids = [3, 1, 2, 4, 5, 99].map(PersonId::new);
            Ok::<_, StoreError>((people::load_persons(connection, &sealer, &ids)?, same))
        })
        .await
        .unwrap();
    assert_eq!(known.into_values().collect::<Vec<_>>(), people);
    assert_eq!(same, [vec![1, 2], vec![4], vec![1, 5], vec![1, 5], vec![]]);

    let moved: Person =
        serde_json::from_value(json!({"name": "张三", "address": "某路1号", "phone": "13900139000"}))
            .unwrap();
    let after = moved.clone();
    let loaded = test.store.write(move |connection| {
        people::update_person(connection, &sealer(ONE), PersonId::new(1), &after)?;
        people::load_persons(connection, &sealer(ONE), &[PersonId::new(1)])
    });
    assert_eq!(loaded.await.unwrap().into_values().collect::<Vec<_>>(), [moved]);

    let one = [PersonId::new(1)];
    let wrong_key =
        test.store.read(move |connection| people::load_persons(connection, &sealer(TWO), &one)).await;
    assert!(matches!(wrong_key, Err(StoreError::Sealing(SealError::DoesNotOpen { .. }))));
    assert_eq!(test.store.read(|connection| journal::version(connection, 1)).await.unwrap(), 0);
    test.store.close().await;
    for plain in ["张三", "李四", "11010519491231002X", "13800138000", "某路1号", "务农"] {
        assert!(!test.database.holds(plain), "{plain} lies in the clear");
    }
}
