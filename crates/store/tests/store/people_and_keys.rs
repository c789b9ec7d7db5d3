//! Sealed people, their blind indexes, and the keys.

use std::sync::Arc;

use domain::id::PersonId;
use domain::person::Person;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use store::checkpoints::SigningKeys;
use store::keys::{KeyError, KeyRing};
use store::sealing::{Place, SealError, Sealer};
use store::suites::Suite;
use store::{AnyConnection, StoreError, journal, people, reseal};

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
fn a_key_takes_anothers_place_and_what_was_derived_from_it_stays() {
    let place = Place { table: "people", column: "name_sealed", row: 1 };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sealing.key");
    let first = KeyRing::create_file(&path, Suite::International).unwrap();
    let (sealer, signing) = (Sealer::new(&first), SigningKeys::new(&first));
    let (sealed, index) = (sealer.seal(place, b"x").unwrap(), sealer.blind_index("c", &["a"]));

    first.with_another(Suite::International, true, []).unwrap().replace_file(&path).unwrap();
    let later = KeyRing::from_file(&path).unwrap();
    assert_eq!((later.sealing().id(), later.keys().count()), (1, 2), "it seals before all know it");
    let text = std::fs::read_to_string(&path).unwrap();
    let both = KeyRing::from_base64(&text.replace("sealing:1\n", "")).unwrap();
    assert_eq!(both.sealing().id(), 2);
    assert_eq!(Sealer::new(&both).open(place, &sealed).unwrap(), b"x");
    assert_ne!(SigningKeys::new(&both).public_key(), signing.public_key());

    assert!(matches!(both.without(2), Err(KeyError::Seals { id: 2 })));
    let both = KeyRing::from_base64(&text.replace("sealing:1\n", "")).unwrap();
    assert!(matches!(both.without(3), Err(KeyError::Unknown { id: 3 })));
    let both = KeyRing::from_base64(&text.replace("sealing:1\n", "")).unwrap();
    let (ring, gone) = both.without(1).unwrap();
    ring.replace_file(&path).unwrap();
    let left = KeyRing::from_file(&path).unwrap();
    assert_eq!(left.keys().map(store::keys::Key::id).collect::<Vec<_>>(), [2]);
    let sealer = Sealer::new(&left);
    assert_eq!(sealer.open(place, &sealed), Err(SealError::UnknownKey { id: 1 }));
    assert_eq!(sealer.blind_index("c", &["a"]), index, "nobody would be found any more");
    let old = Sealer::new(&KeyRing::from_base64(gone.expose_secret()).unwrap());
    assert_eq!(old.open(place, &sealed).unwrap(), b"x");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let unknown = format!("1:{ONE},sealing:2");
    assert!(matches!(KeyRing::from_base64(&unknown), Err(KeyError::Unknown { id: 2 })));
    assert!(matches!(KeyRing::from_base64(&format!("1:{ONE},index:x")), Err(KeyError::NotAKey { entry: 2 })));
}

#[test]
fn the_algorithms_are_those_of_the_key() {
    let place = Place { table: "people", column: "name_sealed", row: 1 };
    let national = sealer(&format!("1:sm4:{ONE}"));
    assert_ne!(national.blind_index("c", &["a"]), sealer(ONE).blind_index("c", &["a"]));
    assert!(sealer(ONE).open(place, &national.seal(place, b"x").unwrap()).is_err(), "the suite is the key's");
    let converted = KeyRing::from_base64(&format!("1:sm4:{ONE},2:{TWO}")).unwrap().without(1).unwrap().0;
    assert_eq!(Sealer::new(&converted).blind_index("c", &["a"]), national.blind_index("c", &["a"]));
}

#[tokio::test]
async fn sealing_anew_is_broken_off_and_goes_on() {
    let test = fresh();
    let both = || sealer(&format!("1:{ONE},2:{TWO}"));
    let registered = [person("张三", card(), None), person("李四", None, Some("13800138000"))];
    let sealed = test.store.write(move |connection| {
        for (person, id) in registered.iter().zip(1..) {
            let at = "2026-11-23T08:00:00Z".parse().unwrap();
            people::insert_person(connection, &sealer(ONE), PersonId::new(id), person, at)?;
        }
        Ok::<_, StoreError>(())
    });
    sealed.await.unwrap();
    // Names, particulars, an identity document, a phone.
    assert_eq!(reseal::counts(&test.store).await.unwrap(), [(1, 6)].into());
    let (store, begun) = (test.store.clone(), Arc::new(both()));
    let broken_off = tokio::spawn(async move {
        reseal::everything(&store, &begun, |_| panic!("broken off after the first step")).await
    });
    assert!(broken_off.await.unwrap_err().is_panic());
    assert_eq!(reseal::counts(&test.store).await.unwrap(), [(1, 4), (2, 2)].into(), "the names");
    let mut count = 0;
    reseal::everything(&test.store, &Arc::new(both()), |step| count += step.count).await.unwrap();
    let again = |_| panic!("what is sealed anew is sealed again");
    reseal::everything(&test.store, &Arc::new(both()), again).await.unwrap();
    let after = test.store.read(|connection| {
        let found = people::find_same_person(connection, &sealer(&format!("1:{ONE},2:{TWO}")), &person("王五", card(), None))?;
        let opened = people::load_persons(connection, &sealer(&format!("2:{TWO}")), &[PersonId::new(1), PersonId::new(2)])?;
        Ok::<_, StoreError>((found.len(), opened.len()))
    });
    assert_eq!((count, after.await.unwrap()), (4, (1, 2)));
    // Without the key nothing opens, and nothing is changed.
    let refused = reseal::everything(&test.store, &Arc::new(sealer(ONE)), |_| ()).await;
    assert!(matches!(refused, Err(StoreError::Sealing(SealError::UnknownKey { id: 2 }))), "{refused:?}");
    assert_eq!(reseal::counts(&test.store).await.unwrap(), [(2, 6)].into());
}

#[test]
fn a_key_file_is_made_once_and_privately_and_bad_keys_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    let made = Sealer::new(&KeyRing::create_file(&path, Suite::International).unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(matches!(KeyRing::create_file(&path, Suite::International), Err(KeyError::File { .. })), "a key is never overwritten");
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
