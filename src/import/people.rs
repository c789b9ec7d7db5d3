//! The petitioner of an earlier petition: known by the reference that the other system gave them.

use domain::person::{IdentityDocument, IdentityDocumentKind, Person, PersonName};

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
