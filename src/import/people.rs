//! The petitioner of an earlier petition: known by the reference that the other system gave them.

use chrono::{DateTime, Utc};
use domain::case::Status;
use domain::case::content::PossibleRepeat;
use domain::id::CaseId;
use domain::person::{IdentityDocument, IdentityDocumentKind, Person, PersonName};
use store::{AnyConnection, StoreError, case_journal, people};

use crate::app::App;

/// How many earlier cases of the same person are offered as possible repeats.
const MOST_POSSIBLE_REPEATS: i64 = 20;

/// The person behind a reference, which stands in for both name and document, so that the blind index finds
/// their other petitions. A reference too short or too long for a document's number is a name only.
pub fn person(reference: &PersonName) -> Person {
    Person {
        name: reference.clone(),
        gender: None,
        birth_date: None,
        identity: IdentityDocument::new(IdentityDocumentKind::Other, reference.as_str()).ok(),
        phone: None,
        address: None,
        region: None,
        occupation: None,
        work_unit: None,
    }
}

/// The same person's cases that were filed before.
pub fn possible_repeats(
    connection: &mut AnyConnection,
    app: &App,
    person: &Person,
    filed_at: DateTime<Utc>,
) -> Result<Vec<PossibleRepeat>, StoreError> {
    let same = people::find_same_person(connection, &app.sealer, person)?;
    let earlier = people::earlier_cases_of(connection, &same, MOST_POSSIBLE_REPEATS)?;
    let mut offered = Vec::new();
    for row in earlier {
        let Some(case) = case_journal::load_case(connection, CaseId::new(row.id))? else { continue };
        // A table need not be in the order of its dates.
        if case.is_confidential() || case.filed_at > filed_at || case.status == Status::Withdrawn {
            continue;
        }
        offered.push(PossibleRepeat {
            case: case.id,
            case_no: row.case_no,
            status: case.status,
            terminated: case.is_terminated(),
        });
    }
    Ok(offered)
}
