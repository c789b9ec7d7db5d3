//! Petitioners and others, sealed field by field; the journal names them by id only.

use std::fmt;

use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::Instant;
use crate::schema::people;
use crate::sealing::{Place, SealError, Sealer};

const TABLE: &str = "people";

/// A person in the clear; whoever holds one must not log it.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    pub id: i64,
    pub name: String,
    pub identity_number: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
    /// Whatever else was told, as JSON.
    pub particulars: Option<String>,
    pub created_at: Instant,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Person({}, sealed)", self.id)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = people, treat_none_as_null = true, treat_none_as_default_value = false)]
struct PersonRow {
    id: i64,
    name_sealed: Vec<u8>,
    identity_sealed: Option<Vec<u8>>,
    phone_sealed: Option<Vec<u8>>,
    address_sealed: Option<Vec<u8>>,
    particulars_sealed: Option<Vec<u8>>,
    identity_index: Option<Vec<u8>>,
    name_phone_index: Option<Vec<u8>>,
    created_at: Instant,
}

impl PersonRow {
    fn seal(sealer: &Sealer, person: &Person) -> Result<Self, SealError> {
        let seal = |column, text: &String| sealer.seal(place(column, person.id), text.as_bytes());
        let seal_some =
            |column, text: &Option<String>| text.as_ref().map(|text| seal(column, text)).transpose();
        let phone = person.phone.as_deref();
        Ok(Self {
            id: person.id,
            name_sealed: seal("name_sealed", &person.name)?,
            identity_sealed: seal_some("identity_sealed", &person.identity_number)?,
            phone_sealed: seal_some("phone_sealed", &person.phone)?,
            address_sealed: seal_some("address_sealed", &person.address)?,
            particulars_sealed: seal_some("particulars_sealed", &person.particulars)?,
            identity_index: person.identity_number.as_deref().map(|number| identity_index(sealer, number)),
            name_phone_index: phone.map(|phone| name_phone_index(sealer, &person.name, phone)),
            created_at: person.created_at,
        })
    }

    fn open(self, sealer: &Sealer) -> Result<Person, StoreError> {
        let open = |column, sealed: Vec<u8>| {
            let plain = sealer.open(place(column, self.id), &sealed)?;
            String::from_utf8(plain)
                .map_err(|_not_text| StoreError::broken(TABLE, format!("{column} of {} is no text", self.id)))
        };
        let open_some =
            |column, sealed: Option<Vec<u8>>| sealed.map(|sealed| open(column, sealed)).transpose();
        Ok(Person {
            id: self.id,
            name: open("name_sealed", self.name_sealed)?,
            identity_number: open_some("identity_sealed", self.identity_sealed)?,
            phone: open_some("phone_sealed", self.phone_sealed)?,
            address: open_some("address_sealed", self.address_sealed)?,
            particulars: open_some("particulars_sealed", self.particulars_sealed)?,
            created_at: self.created_at,
        })
    }
}

fn place(column: &'static str, row: i64) -> Place {
    Place { table: TABLE, column, row }
}

/// The check character of an identity number may be written `x` or `X`.
fn identity_index(sealer: &Sealer, number: &str) -> Vec<u8> {
    sealer.blind_index("people.identity", &[&number.trim().to_uppercase()])
}

/// Spaces in a name and marks in a phone number do not make another person.
fn name_phone_index(sealer: &Sealer, name: &str, phone: &str) -> Vec<u8> {
    let name: String = name.chars().filter(|letter| !letter.is_whitespace()).collect();
    let phone: String = phone.chars().filter(|letter| !matches!(letter, ' ' | '-' | '(' | ')')).collect();
    sealer.blind_index("people.name_phone", &[&name, &phone])
}

/// Adds a person, sealed.
///
/// # Errors
/// [`StoreError::Sealing`], [`StoreError::Conflict`] on the id.
pub fn insert(connection: &mut AnyConnection, sealer: &Sealer, person: &Person) -> Result<(), StoreError> {
    let row = PersonRow::seal(sealer, person)?;
    diesel::insert_into(people::table).values(row).execute(connection)?;
    Ok(())
}

/// Seals a person anew over what was there.
///
/// # Errors
/// [`StoreError::Sealing`], [`StoreError::NotFound`].
pub fn update(connection: &mut AnyConnection, sealer: &Sealer, person: &Person) -> Result<(), StoreError> {
    let row = PersonRow::seal(sealer, person)?;
    match diesel::update(people::table.find(person.id)).set(row).execute(connection)? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// The people with these ids, opened, in the order of the ids; an id that is not there is left out.
///
/// # Errors
/// [`StoreError::Sealing`], [`StoreError::Broken`].
pub fn load(connection: &mut AnyConnection, sealer: &Sealer, ids: &[i64]) -> Result<Vec<Person>, StoreError> {
    let rows = people::table
        .filter(people::id.eq_any(ids.to_vec()))
        .order(people::id)
        .select(PersonRow::as_select())
        .load(connection)?;
    rows.into_iter().map(|row| row.open(sealer)).collect()
}

/// The ids of the people with this identity number, oldest first.
///
/// # Errors
/// Only what the database says.
pub fn find_by_identity(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    number: &str,
) -> Result<Vec<i64>, StoreError> {
    let index = identity_index(sealer, number);
    let found = people::table.filter(people::identity_index.eq(Some(index)));
    Ok(found.order(people::id).select(people::id).load(connection)?)
}

/// The ids of the people with this name and phone number together, oldest first.
///
/// # Errors
/// Only what the database says.
pub fn find_by_name_and_phone(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    name: &str,
    phone: &str,
) -> Result<Vec<i64>, StoreError> {
    let index = name_phone_index(sealer, name, phone);
    let found = people::table.filter(people::name_phone_index.eq(Some(index)));
    Ok(found.order(people::id).select(people::id).load(connection)?)
}
