//! A whole installation, copied.

use domain::deadline::Rules;
use store::connection::{self, Purpose};
use store::copy::{CopyError, LEFT_OUT, Progress, copy, tables};
use store::regions::RegionRow;
use store::{AnyConnection, DatabaseUrl, journal, regions};
use test_database::{Engine, TestDatabase};

use crate::support::{event, region, seed};

fn opened(url: &DatabaseUrl) -> AnyConnection {
    connection::open(url, Purpose::Write).unwrap()
}

#[test]
fn every_table_is_copied_or_left_out_for_a_reason() {
    let declared = include_str!("../../src/schema.rs").split("diesel::table! {\n    ").skip(1);
    for block in declared {
        let (table, _) = block.split_once(" (").unwrap();
        assert!(tables().contains(&table) != LEFT_OUT.contains(&table), "{table}");
    }
}

#[test]
fn regions_that_name_later_ones_are_copied_and_the_shipped_data_are_replaced() {
    let (source, target) = (TestDatabase::migrated(Engine::Sqlite), TestDatabase::seeded(Engine::Sqlite));
    let connection = &mut opened(&source.address());
    seed(connection).unwrap();
    let (child, merged) = (region("110000000000", Some("330100000000")), region("100000000000", None));
    regions::insert(connection, &child).unwrap();
    let merged = RegionRow { successor_code: Some(child.code), ..merged };
    regions::insert(connection, &merged).unwrap();
    let copied = copy(&source.address(), &target.address(), &Rules::default(), None, &mut |_| ()).unwrap();
    assert_eq!(copied.journal_count, 0);
    let rows = |table| copied.tables.iter().find(|(name, _)| *name == table).unwrap().1;
    assert_eq!(["regions", "users", "topics", "calendar_days"].map(rows), [3, 1, 0, 0]);
}

#[test]
fn what_is_written_to_the_source_meanwhile_undoes_the_copy() {
    let (source, target) = (TestDatabase::migrated(Engine::Sqlite), TestDatabase::migrated(Engine::Sqlite));
    seed(&mut opened(&source.address())).unwrap();
    let write = |progress| {
        if progress == Progress::Comparing {
            journal::append(&mut opened(&source.address()), 7, 0, &[event(1)]).unwrap();
        }
    };
    let refused =
        copy(&source.address(), &target.address(), &Rules::default(), None, &mut { write }).unwrap_err();
    assert!(matches!(refused, CopyError::SourceMoved), "{refused}");
    assert_eq!(store::users::load_all(&mut opened(&target.address())).unwrap().len(), 0);
}
