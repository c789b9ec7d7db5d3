//! Names and addresses: free wording, trimmed and bounded.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::openapi::{RefOr, Type};

use super::ParticularError;

const NAME_MOST: usize = 60;
const ADDRESS_MOST: usize = 300;

/// A person's name: 1 to 60 characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

/// A postal address: 1 to 300 characters.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(String);

/// Every control character is refused, line breaks too: both are printed on one line of a form.
fn checked(
    text: &str,
    most: usize,
    [blank, too_long, control_character]: [ParticularError; 3],
) -> Result<String, ParticularError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        Err(blank)
    } else if trimmed.chars().count() > most {
        Err(too_long)
    } else if trimmed.chars().any(char::is_control) {
        Err(control_character)
    } else {
        Ok(trimmed.to_owned())
    }
}

impl PersonName {
    /// The name as written, without the white space around it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PersonName {
    type Err = ParticularError;

    fn from_str(text: &str) -> Result<Self, ParticularError> {
        use ParticularError::{NameBlank, NameControlCharacter, NameTooLong};
        checked(text, NAME_MOST, [NameBlank, NameTooLong, NameControlCharacter]).map(Self)
    }
}

impl TryFrom<String> for PersonName {
    type Error = ParticularError;

    fn try_from(text: String) -> Result<Self, ParticularError> {
        text.parse()
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> Self {
        name.0
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(…)")
    }
}

impl utoipa::PartialSchema for PersonName {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(NAME_MOST))
            .description(Some("A person's name, without control characters"))
            .examples(["张三"])
            .into()
    }
}

impl utoipa::ToSchema for PersonName {}

impl Address {
    /// The address as written, without the white space around it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Address {
    type Err = ParticularError;

    fn from_str(text: &str) -> Result<Self, ParticularError> {
        use ParticularError::{AddressBlank, AddressControlCharacter, AddressTooLong};
        checked(text, ADDRESS_MOST, [AddressBlank, AddressTooLong, AddressControlCharacter]).map(Self)
    }
}

impl TryFrom<String> for Address {
    type Error = ParticularError;

    fn try_from(text: String) -> Result<Self, ParticularError> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

impl utoipa::PartialSchema for Address {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(ADDRESS_MOST))
            .description(Some("A postal address, without control characters"))
            .examples(["安徽省合肥市长丰县水湖镇 1 号"])
            .into()
    }
}

impl utoipa::ToSchema for Address {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_count_characters_after_trimming() {
        let code = |text: &str| text.parse::<PersonName>().map_err(ParticularError::code);
        assert!(code(&format!(" {} ", "阿".repeat(60))).is_ok());
        assert_eq!(code(&"阿".repeat(61)), Err("name_too_long"));
        assert_eq!(code("\u{3000} "), Err("name_blank"));
        assert_eq!(code("张\u{0}三"), Err("name_control_character"));
        assert!("路".repeat(300).parse::<Address>().is_ok());
        assert_eq!("路".repeat(301).parse::<Address>().unwrap_err().code(), "address_too_long");
    }
}
