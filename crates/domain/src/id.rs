//! Identifiers: 64-bit and time-ordered in the store, 13 characters of Crockford base32 in the API.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::openapi::{RefOr, Type};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 13;

/// Identifiers begin at 2020-01-01T00:00:00Z, so long after the Unix epoch.
pub const EPOCH: TimeDelta = TimeDelta::days(18_262);
/// The bits of an identifier below its milliseconds: which process made it, and a number.
pub const BITS_BELOW_TIME: u32 = 21;

/// The milliseconds that an identifier of this moment has; those of an earlier time than identifiers have are 0.
pub fn milliseconds_at(moment: DateTime<Utc>) -> i64 {
    moment.timestamp_millis().saturating_sub(EPOCH.num_milliseconds()).max(0)
}

/// The lowest number that an identifier of this moment has.
pub fn lowest_at(moment: DateTime<Utc>) -> i64 {
    milliseconds_at(moment).saturating_mul(1 << BITS_BELOW_TIME)
}

/// The identifier of a `K`; identifiers of different things cannot be mixed up.
pub struct Id<K>(i64, PhantomData<fn() -> K>);

/// Marks identifiers of cases.
pub enum OfCase {}
/// Marks identifiers of people who petition.
pub enum OfPerson {}
/// Marks identifiers of users.
pub enum OfUser {}
/// Marks identifiers of delegations.
pub enum OfDelegation {}
/// Marks identifiers of proposals to destroy personal data.
pub enum OfErasure {}
/// Marks identifiers of reception sessions.
pub enum OfReception {}
/// Marks identifiers of organisations.
pub enum OfOrganisation {}

/// The identifier of a case.
pub type CaseId = Id<OfCase>;
/// The identifier of a person in the sealed register of people.
pub type PersonId = Id<OfPerson>;
/// The identifier of a user.
pub type UserId = Id<OfUser>;
/// The identifier of a delegation.
pub type DelegationId = Id<OfDelegation>;
/// The identifier of a proposal to destroy personal data.
pub type ErasureId = Id<OfErasure>;
/// The identifier of a reception session.
pub type ReceptionId = Id<OfReception>;
/// The identifier of an organisation.
pub type OrganisationId = Id<OfOrganisation>;

/// The text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an identifier is 13 characters of Crockford base32")]
pub struct NotAnId;

impl<K> Id<K> {
    /// Takes the number that the store keeps.
    pub const fn new(value: i64) -> Self {
        Self(value, PhantomData)
    }

    /// The number that the store keeps.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The moment that it is of, to the millisecond, in UTC.
    pub fn moment(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis((self.0 >> BITS_BELOW_TIME) + EPOCH.num_milliseconds())
    }
}

impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0.cast_unsigned();
        for place in (0..LENGTH).rev() {
            let digit = usize::try_from((bits >> (5 * place)) & 31).unwrap_or_default();
            let letter = ALPHABET.get(digit).copied().unwrap_or(b'0');
            write!(f, "{}", char::from(letter))?;
        }
        Ok(())
    }
}

impl<K> FromStr for Id<K> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        if text.len() != LENGTH {
            return Err(NotAnId);
        }
        let mut bits: u64 = 0;
        for letter in text.bytes() {
            let digit =
                ALPHABET.iter().position(|known| *known == letter.to_ascii_uppercase()).ok_or(NotAnId)?;
            if bits >> 59 != 0 {
                return Err(NotAnId);
            }
            bits = (bits << 5) | u64::try_from(digit).unwrap_or_default();
        }
        i64::try_from(bits).map(Self::new).or(Err(NotAnId))
    }
}

impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K> Eq for Id<K> {}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl<K> utoipa::PartialSchema for Id<K> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[0-9A-HJKMNP-TV-Z]{13}$"))
            .description(Some("Identifier: 13 characters of Crockford base32, ordered by time"))
            .examples(["01HZX5TJ4R2QK"])
            .into()
    }
}

impl<K> utoipa::ToSchema for Id<K> {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(value in 0..=i64::MAX) {
            let id = CaseId::new(value);
            prop_assert_eq!(id.to_string().len(), 13);
            prop_assert_eq!(id.to_string().parse::<CaseId>(), Ok(id));
            prop_assert_eq!(id.to_string().to_lowercase().parse::<CaseId>(), Ok(id));
        }

        #[test]
        fn order_of_text_is_order_of_time(a in 0..=i64::MAX, b in 0..=i64::MAX) {
            prop_assert_eq!(a.cmp(&b), CaseId::new(a).to_string().cmp(&CaseId::new(b).to_string()));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            let _ = text.parse::<CaseId>();
        }
    }
}
