//! Petitioners and others, sealed field by field; the journal names them by id only.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::id::{CaseId, PersonId};
use domain::person::{IdentityDocument, Person, PersonName, Phone};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::cases::CaseRow;
use crate::connection::AnyConnection;
use crate::erasures;
use crate::error::StoreError;
use crate::portable::{self, Instant, each_backend, insert_one};
use crate::schema::{case_people, cases, people};
use crate::sealing::{Place, Sealer};

const TABLE: &str = "people";

/// The fields with a column of their own; all others share the column of particulars.
const NAME: &str = "name";
const IDENTITY: &str = "identity";
const PHONE: &str = "phone";
const ADDRESS: &str = "address";

#[derive(Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = people, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct PersonRow {
    id: i64,
    #[serde(serialize_with = "portable::as_bytea")]
    name_sealed: Vec<u8>,
    #[serde(serialize_with = "portable::as_bytea_if_any")]
    identity_sealed: Option<Vec<u8>>,
    #[serde(serialize_with = "portable::as_bytea_if_any")]
    phone_sealed: Option<Vec<u8>>,
    #[serde(serialize_with = "portable::as_bytea_if_any")]
    address_sealed: Option<Vec<u8>>,
    #[serde(serialize_with = "portable::as_bytea_if_any")]
    particulars_sealed: Option<Vec<u8>>,
    #[serde(serialize_with = "portable::as_bytea_if_any")]
    identity_index: Option<Vec<u8>>,
    #[serde(serialize_with = "portable::as_bytea_if_any")]
    name_phone_index: Option<Vec<u8>>,
    created_at: Instant,
    /// With which case what is sealed was destroyed.
    erased_case_id: Option<i64>,
}

/// Somebody whose particulars are sealed, and who is not in the database yet.
#[derive(Serialize)]
#[serde(transparent)]
pub struct SealedPerson(pub(crate) PersonRow);

impl SealedPerson {
    /// Seals a person; `at` is when they were registered, in UTC.
    ///
    /// # Errors
    /// [`StoreError::Sealing`].
    pub fn seal(
        sealer: &Sealer,
        id: PersonId,
        person: &Person,
        at: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        PersonRow::seal(sealer, id, person, at.into()).map(Self)
    }

    /// As [`SealedPerson::seal`], but nothing tells that it is the same person as another: who informed is found by nobody (Art. 30).
    ///
    /// # Errors
    /// [`StoreError::Sealing`].
    pub fn seal_informant(
        sealer: &Sealer,
        id: PersonId,
        person: &Person,
        at: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let row = PersonRow::seal(sealer, id, person, at.into())?;
        Ok(Self(PersonRow { identity_index: None, name_phone_index: None, ..row }))
    }
}

impl PersonRow {
    /// Whether what is sealed opens here, and is what the blind indexes were made of; what is wrong names nobody.
    fn try_opening(self, sealer: &Sealer, is_named: bool) -> Result<(), String> {
        let Self { id, identity_index: identity, name_phone_index: name_phone, .. } = &self;
        let (id, indexes) = (*id, (identity.clone(), name_phone.clone()));
        let (_, person) = self.open(sealer).map_err(|error| format!("person {id}: {error}"))?;
        let identity = person.identity.as_ref().map(|document| identity_index(sealer, document));
        let name_phone = person.phone.as_ref().map(|phone| name_phone_index(sealer, &person.name, phone));
        // An informant is not indexed, nor named by a case's row.
        if indexes == (identity, name_phone) || !is_named && indexes == (None, None) {
            return Ok(());
        }
        Err(format!("person {id}: would not be found by what is sealed"))
    }

    pub(crate) fn seal(
        sealer: &Sealer,
        id: PersonId,
        person: &Person,
        at: Instant,
    ) -> Result<Self, StoreError> {
        let Ok(Value::Object(mut fields)) = serde_json::to_value(person) else {
            return Err(does_not_parse(id.get()));
        };
        let seal = |column: &'static str, value: Option<Value>| {
            value.map(|value| sealer.seal(place(column, id.get()), value.to_string().as_bytes())).transpose()
        };
        let name_sealed =
            seal("name_sealed", fields.remove(NAME))?.ok_or_else(|| does_not_parse(id.get()))?;
        let identity_sealed = seal("identity_sealed", fields.remove(IDENTITY))?;
        let phone_sealed = seal("phone_sealed", fields.remove(PHONE))?;
        let address_sealed = seal("address_sealed", fields.remove(ADDRESS))?;
        let others = if fields.is_empty() { None } else { Some(Value::Object(fields)) };
        Ok(Self {
            id: id.get(),
            name_sealed,
            identity_sealed,
            phone_sealed,
            address_sealed,
            particulars_sealed: seal("particulars_sealed", others)?,
            identity_index: person.identity.as_ref().map(|document| identity_index(sealer, document)),
            name_phone_index: person
                .phone
                .as_ref()
                .map(|phone| name_phone_index(sealer, &person.name, phone)),
            created_at: at,
            erased_case_id: None,
        })
    }

    fn open(self, sealer: &Sealer) -> Result<(PersonId, Person), StoreError> {
        // What serde says of a bad value may quote it, and a quoted value would reach the log.
        let open = |column: &'static str, sealed: &[u8]| -> Result<Value, StoreError> {
            let plain = sealer.open(place(column, self.id), sealed)?;
            serde_json::from_slice(&plain).map_err(|_may_quote| does_not_parse(self.id))
        };
        let mut fields = match &self.particulars_sealed {
            None => Map::new(),
            Some(sealed) => match open("particulars_sealed", sealed)? {
                Value::Object(fields) => fields,
                _ => return Err(does_not_parse(self.id)),
            },
        };
        fields.insert(NAME.to_owned(), open("name_sealed", &self.name_sealed)?);
        for (name, column, sealed) in [
            (IDENTITY, "identity_sealed", &self.identity_sealed),
            (PHONE, "phone_sealed", &self.phone_sealed),
            (ADDRESS, "address_sealed", &self.address_sealed),
        ] {
            if let Some(sealed) = sealed {
                fields.insert(name.to_owned(), open(column, sealed)?);
            }
        }
        let person =
            serde_json::from_value(Value::Object(fields)).map_err(|_may_quote| does_not_parse(self.id))?;
        Ok((PersonId::new(self.id), person))
    }
}

fn does_not_parse(id: i64) -> StoreError {
    StoreError::broken(TABLE, format!("the particulars of {id}"))
}

fn place(column: &'static str, row: i64) -> Place {
    Place { table: TABLE, column, row }
}

/// The same number on documents of two kinds names two people.
fn identity_index(sealer: &Sealer, document: &IdentityDocument) -> Vec<u8> {
    sealer.blind_index("people.identity", &[document.kind().as_ref(), document.number()])
}

/// Spaces in a name do not make another person.
fn name_phone_index(sealer: &Sealer, name: &PersonName, phone: &Phone) -> Vec<u8> {
    let name: String = name.as_str().chars().filter(|letter| !letter.is_whitespace()).collect();
    sealer.blind_index("people.name_phone", &[&name, phone.as_str()])
}

/// Adds a person, sealed; `at` is when they were registered, in UTC.
///
/// # Errors
/// [`StoreError::Sealing`], [`StoreError::Conflict`] on the id.
pub fn insert_person(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    id: PersonId,
    person: &Person,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    insert(connection, &SealedPerson::seal(sealer, id, person, at)?)
}

/// Adds a person who is sealed already.
///
/// # Errors
/// [`StoreError::Conflict`] on the id.
pub(crate) fn insert(connection: &mut AnyConnection, person: &SealedPerson) -> Result<(), StoreError> {
    each_backend!(connection, concrete => insert_one!(concrete, people, &person.0))?;
    Ok(())
}

/// Seals a person anew over what was there; when they were registered stays.
///
/// # Errors
/// [`StoreError::Sealing`], [`StoreError::NotFound`].
pub fn update_person(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    id: PersonId,
    person: &Person,
) -> Result<(), StoreError> {
    let registered_at = people::table.find(id.get()).select(people::created_at).first(connection)?;
    let row = PersonRow::seal(sealer, id, person, registered_at)?;
    diesel::update(people::table.find(id.get())).set(row).execute(connection)?;
    Ok(())
}

/// Destroys what is sealed of these people and by what they are found.
///
/// # Errors
/// Only what the database says.
pub fn erase(connection: &mut AnyConnection, case: CaseId, ids: &[PersonId]) -> Result<(), StoreError> {
    let nothing: Option<Vec<u8>> = None;
    let emptied = diesel::update(people::table.filter(people::id.eq_any(numbers(ids)))).set((
        people::name_sealed.eq(Vec::new()),
        people::identity_sealed.eq(nothing.clone()),
        people::phone_sealed.eq(nothing.clone()),
        people::address_sealed.eq(nothing.clone()),
        people::particulars_sealed.eq(nothing.clone()),
        people::identity_index.eq(nothing.clone()),
        people::name_phone_index.eq(nothing),
        people::erased_case_id.eq(Some(case.get())),
    ));
    emptied.execute(connection)?;
    Ok(())
}

/// Those of these people of whom something is left.
///
/// # Errors
/// Only what the database says.
pub(crate) fn left_of(connection: &mut AnyConnection, ids: &[i64]) -> Result<Vec<i64>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let is_left = people::erased_case_id
        .is_null()
        .or(people::identity_sealed.is_not_null())
        .or(people::phone_sealed.is_not_null())
        .or(people::address_sealed.is_not_null())
        .or(people::particulars_sealed.is_not_null())
        .or(people::name_sealed.ne(Vec::new()))
        .or(people::identity_index.is_not_null())
        .or(people::name_phone_index.is_not_null());
    let left = people::table.filter(people::id.eq_any(ids.to_vec())).filter(is_left);
    Ok(left.select(people::id).load(connection)?)
}

/// The people with these ids, opened; one who is not there, or whose data was destroyed, is left out.
///
/// # Errors
/// [`StoreError::Sealing`], [`StoreError::Broken`].
pub fn load_persons(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    ids: &[PersonId],
) -> Result<BTreeMap<PersonId, Person>, StoreError> {
    let rows = people::table
        .filter(people::id.eq_any(numbers(ids)))
        .filter(people::erased_case_id.is_null())
        .select(PersonRow::as_select())
        .load(connection)?;
    rows.into_iter().map(|row| row.open(sealer)).collect()
}

/// Some people whom it was tried to open.
pub(crate) struct Tried {
    pub(crate) person_count: usize,
    /// What is wrong with rows, without telling of anybody.
    pub(crate) faults: Vec<String>,
    /// The last of them; none after the last of all.
    pub(crate) last: Option<i64>,
}

/// Tries to open up to `limit` people after the one with that id.
pub(crate) fn try_opening(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    after: Option<i64>,
    limit: i64,
) -> Result<Tried, StoreError> {
    let further = people::table.filter(people::id.gt(after.unwrap_or(i64::MIN)));
    let rows: Vec<PersonRow> =
        further.order(people::id).limit(limit).select(PersonRow::as_select()).load(connection)?;
    let (person_count, last) = (rows.len(), rows.last().map(|row| row.id));
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let named = case_people::table.filter(case_people::person_id.eq_any(ids)).select(case_people::person_id);
    let named: BTreeSet<i64> = named.load(connection)?.into_iter().collect();
    let erased_with: Vec<i64> = rows.iter().filter_map(|row| row.erased_case_id).collect();
    let agreed = erasures::agreed_of(connection, &erased_with)?;
    let is_agreed = |row: &PersonRow| {
        let of_their_case = agreed.iter().filter(|it| Some(it.case_id) == row.erased_case_id);
        of_their_case.into_iter().any(|it| it.is_sealed_by(sealer) && it.person_ids().contains(&row.id))
    };
    let opened = |row: PersonRow| match row.erased_case_id {
        // Whether anything is left of them is asked with their case.
        Some(_) if is_agreed(&row) => Ok(()),
        Some(_) => Err(format!("person {}: destroyed without the agreement of two", row.id)),
        None => {
            let is_named = named.contains(&row.id);
            row.try_opening(sealer, is_named)
        }
    };
    let faults = rows.into_iter().filter_map(|row| opened(row).err()).collect();
    Ok(Tried { person_count, faults, last })
}

/// Whether the newest person who is indexed is found by the blind indexes of these keys; none if nobody is, or it does not open.
///
/// # Errors
/// Only what the database says.
pub(crate) fn newest_is_found(
    connection: &mut AnyConnection,
    sealer: &Sealer,
) -> Result<Option<bool>, StoreError> {
    let indexed = people::identity_index.is_not_null().or(people::name_phone_index.is_not_null());
    let newest = people::table.filter(indexed).order(people::id.desc()).select(PersonRow::as_select());
    let Some(row) = newest.first::<PersonRow>(connection).optional()? else { return Ok(None) };
    let place = place("name_sealed", row.id);
    if sealer.open(place, &row.name_sealed).is_err() {
        return Ok(None);
    }
    Ok(Some(row.try_opening(sealer, true).is_ok()))
}

/// The ids under which this person was registered before, oldest first: by the identity document, and where
/// that finds nobody, by name and phone number together.
///
/// # Errors
/// Only what the database says.
pub fn find_same_person(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    person: &Person,
) -> Result<Vec<PersonId>, StoreError> {
    if let Some(document) = &person.identity {
        let found = find_by_identity(connection, sealer, document)?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    match &person.phone {
        Some(phone) => find_by_name_and_phone(connection, sealer, &person.name, phone),
        None => Ok(Vec::new()),
    }
}

/// The ids of the people with this identity document, oldest first.
///
/// # Errors
/// Only what the database says.
pub fn find_by_identity(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    document: &IdentityDocument,
) -> Result<Vec<PersonId>, StoreError> {
    let index = identity_index(sealer, document);
    let found = people::table.filter(people::identity_index.eq(Some(index)));
    let ids: Vec<i64> = found.order(people::id).select(people::id).load(connection)?;
    Ok(ids.into_iter().map(PersonId::new).collect())
}

/// The ids of the people with this name and phone number together, oldest first.
///
/// # Errors
/// Only what the database says.
pub fn find_by_name_and_phone(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    name: &PersonName,
    phone: &Phone,
) -> Result<Vec<PersonId>, StoreError> {
    let index = name_phone_index(sealer, name, phone);
    let found = people::table.filter(people::name_phone_index.eq(Some(index)));
    let ids: Vec<i64> = found.order(people::id).select(people::id).load(connection)?;
    Ok(ids.into_iter().map(PersonId::new).collect())
}

/// The cases in which any of these people petitioned or spoke for others, newest first, each once; candidates
/// for "is a repeat of".
///
/// Accusations are left out: who informed is told to nobody (Art. 30). Of the others the caller may not know
/// each, yet is told that they are there, because the same matter is taken up once (Art. 19).
///
/// # Errors
/// Only what the database says.
pub fn earlier_cases_of(
    connection: &mut AnyConnection,
    person_ids: &[PersonId],
    limit: i64,
) -> Result<Vec<CaseRow>, StoreError> {
    let theirs = case_people::table
        .filter(case_people::person_id.eq_any(numbers(person_ids)))
        .select(case_people::case_id);
    let found = cases::table
        .filter(cases::id.eq_any(theirs))
        .filter(cases::confidential.eq(false))
        .order((cases::filed_at.desc(), cases::id.desc()))
        .limit(limit);
    Ok(found.select(CaseRow::as_select()).load(connection)?)
}

fn numbers(ids: &[PersonId]) -> Vec<i64> {
    ids.iter().map(|id| id.get()).collect()
}
