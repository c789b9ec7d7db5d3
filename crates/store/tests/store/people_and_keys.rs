//! Sealed people, their blind indexes, and the keys.

use store::keys::{KeyError, KeyRing};
use store::people::{self, Person};
use store::sealing::{Place, SealError, Sealer};
use store::{StoreError, journal};

use crate::support::{fresh, instant};

const ONE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const TWO: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

fn sealer(text: &str) -> Sealer {
    Sealer::new(&KeyRing::from_base64(text).unwrap())
}

fn person(id: i64) -> Person {
    Person {
        id,
        name: "张三".to_owned(),
        identity_number: Some("11010519491231002X".to_owned()),
        phone: Some("138-0013-8000".to_owned()),
        address: None,
        particulars: Some("{\"occupation\":\"务农\"}".to_owned()),
        created_at: instant("2026-11-23T08:00:00Z"),
    }
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
    let told = test
        .store
        .write(|connection| {
            let sealer = sealer(ONE);
            people::insert(connection, &sealer, &person(1))?;
            people::insert(connection, &sealer, &Person { name: "李四".to_owned(), ..person(2) })?;
            people::insert(connection, &sealer, &Person { identity_number: None, phone: None, ..person(3) })?;
            let mut moved = person(1);
            moved.address = Some("某路1号".to_owned());
            people::update(connection, &sealer, &moved)?;
            Ok::<_, StoreError>((
                people::find_by_identity(connection, &sealer, "11010519491231002x")?,
                people::find_by_name_and_phone(connection, &sealer, "张 三", "13800138000")?,
                people::load(connection, &sealer, &[3, 1, 99])?,
            ))
        })
        .await
        .unwrap();
    assert_eq!((told.0, told.1), (vec![1, 2], vec![1]));
    assert_eq!(told.2.iter().map(|person| person.id).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(told.2[0], Person { address: Some("某路1号".to_owned()), ..person(1) });
    assert!(!format!("{told:?}", told = told.2).contains('张'), "a person is not printed");

    let wrong_key = test.store.read(|connection| people::load(connection, &sealer(TWO), &[1])).await;
    assert!(matches!(wrong_key, Err(StoreError::Sealing(SealError::DoesNotOpen { .. }))));
    assert_eq!(test.store.read(|connection| journal::version(connection, 1)).await.unwrap(), 0);
    test.store.close().await;
    let DatabaseFile(bytes) = DatabaseFile::of(&test.url);
    for plain in ["张三", "11010519491231002X", "13800138000", "138-0013-8000", "务农"] {
        let needle = plain.as_bytes();
        assert!(!bytes.windows(needle.len()).any(|window| window == needle), "{plain} lies in the clear");
    }
}

struct DatabaseFile(Vec<u8>);

impl DatabaseFile {
    fn of(url: &store::DatabaseUrl) -> Self {
        let store::DatabaseUrl::Sqlite(path) = url else { panic!("not embedded") };
        let mut bytes = std::fs::read(path).unwrap();
        let mut journal = path.clone().into_os_string();
        journal.push("-wal");
        bytes.extend(std::fs::read(journal).unwrap_or_default());
        Self(bytes)
    }
}
