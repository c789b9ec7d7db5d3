//! Identity documents: the resident card number is checked in full (GB 11643), the others only for their shape.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::openapi::{RefOr, Type};

use super::{Gender, ParticularError};

const LENGTH: usize = 18;

/// The earliest year of birth that is believed.
const EARLIEST_BIRTH_YEAR: i32 = 1850;

/// What each check character stands for: the remainder of the weighted sum by 11 is its place (GB 11643).
const CHECK_CHARACTERS: &[u8; 11] = b"10X98765432";

/// The weights of the first 17 digits (GB 11643).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// The number of a resident card: 18 characters, its X a capital, its date and check digit right.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdentityNumber {
    text: String,
    birth_date: NaiveDate,
    gender: Gender,
}

impl IdentityNumber {
    /// The number in its one normal form.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The day of birth that the number tells.
    pub const fn birth_date(&self) -> NaiveDate {
        self.birth_date
    }

    /// The gender that the number tells: the 17th digit is odd for men.
    pub const fn gender(&self) -> Gender {
        self.gender
    }
}

fn check_character(digits: &[u8]) -> Option<u8> {
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    CHECK_CHARACTERS.get(usize::try_from(sum % 11).ok()?).copied()
}

impl FromStr for IdentityNumber {
    type Err = ParticularError;

    fn from_str(text: &str) -> Result<Self, ParticularError> {
        let text = text.trim().to_ascii_uppercase();
        if text.chars().count() != LENGTH {
            return Err(ParticularError::IdentityLength);
        }
        let (check, digits) = text.as_bytes().split_last().ok_or(ParticularError::IdentityLength)?;
        let well_formed = digits.len() == WEIGHTS.len()
            && digits.iter().all(u8::is_ascii_digit)
            && (check.is_ascii_digit() || *check == b'X')
            && !text.starts_with('0');
        if !well_formed {
            return Err(ParticularError::IdentityCharacters);
        }
        let birth_date = text
            .get(6..14)
            .and_then(|date| NaiveDate::parse_from_str(date, "%Y%m%d").ok())
            // A year such as 0968 is a slip of the pen: no petitioner was born before this.
            .filter(|date| date.year() >= EARLIEST_BIRTH_YEAR)
            .ok_or(ParticularError::IdentityBirthDate)?;
        if check_character(digits) != Some(*check) {
            return Err(ParticularError::IdentityCheckDigit);
        }
        let is_male = digits.last().is_some_and(|digit| digit % 2 == 1);
        let gender = if is_male { Gender::Male } else { Gender::Female };
        Ok(Self { text, birth_date, gender })
    }
}

impl TryFrom<String> for IdentityNumber {
    type Error = ParticularError;

    fn try_from(text: String) -> Result<Self, ParticularError> {
        text.parse()
    }
}

impl From<IdentityNumber> for String {
    fn from(number: IdentityNumber) -> Self {
        number.text
    }
}

impl fmt::Debug for IdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityNumber(…)")
    }
}

impl utoipa::PartialSchema for IdentityNumber {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[1-9][0-9]{16}[0-9Xx]$"))
            .description(Some("Resident card number with a valid date of birth and check digit (GB 11643)"))
            .examples(["11010519491231002X"])
            .into()
    }
}

impl utoipa::ToSchema for IdentityNumber {}

/// The kind of document that proves who a person is (domain.md §6.1, 证件类型).
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::AsRefStr,
    strum::IntoStaticStr,
    strum::VariantArray,
    strum::EnumProperty,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum IdentityDocumentKind {
    /// Resident identity card; the only kind whose number is checked.
    #[strum(props(zh = "居民身份证", en = "Resident identity card"))]
    ResidentCard,
    /// Card of a military officer.
    #[strum(props(zh = "军官证", en = "Military officer's card"))]
    OfficerCard,
    /// Card of a soldier.
    #[strum(props(zh = "士兵证", en = "Soldier's card"))]
    SoldierCard,
    /// Card of a police officer.
    #[strum(props(zh = "警官证", en = "Police officer's card"))]
    PoliceCard,
    /// Document of a resident of Hong Kong, Macao or Taiwan.
    #[strum(props(zh = "港澳台居民证件", en = "Hong Kong, Macao or Taiwan resident's document"))]
    HongKongMacaoTaiwanPermit,
    /// Passport.
    #[strum(props(zh = "护照", en = "Passport"))]
    Passport,
    /// Household register.
    #[strum(props(zh = "户口簿", en = "Household register"))]
    HouseholdRegister,
    /// Any other document.
    #[strum(props(zh = "其他", en = "Other"))]
    Other,
}

/// A document's kind with its number in the form that equality look-ups use: trimmed, letters in capitals.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "DocumentFields", into = "DocumentFields")]
pub struct IdentityDocument {
    kind: IdentityDocumentKind,
    number: String,
}

impl IdentityDocument {
    /// Checks the number by the rule of its kind.
    ///
    /// # Errors
    /// A resident card number that fails GB 11643, or another that is not 4 to 30 visible characters.
    pub fn new(kind: IdentityDocumentKind, number: &str) -> Result<Self, ParticularError> {
        if kind == IdentityDocumentKind::ResidentCard {
            return Ok(Self { kind, number: number.parse::<IdentityNumber>()?.text });
        }
        let number = number.trim();
        if number.chars().any(|character| character.is_whitespace() || character.is_control()) {
            return Err(ParticularError::DocumentNumberCharacters);
        }
        if !(4..=30).contains(&number.chars().count()) {
            return Err(ParticularError::DocumentNumberLength);
        }
        Ok(Self { kind, number: number.to_ascii_uppercase() })
    }

    /// The kind of the document.
    pub const fn kind(&self) -> IdentityDocumentKind {
        self.kind
    }

    /// The number in its normal form.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The number as a resident card's, when the document is one.
    pub fn resident_card_number(&self) -> Option<IdentityNumber> {
        if self.kind == IdentityDocumentKind::ResidentCard { self.number.parse().ok() } else { None }
    }
}

impl fmt::Debug for IdentityDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentityDocument({}, …)", self.kind)
    }
}

/// A document that proves who a person is, with its number.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IdentityDocument)]
struct DocumentFields {
    /// The kind of the document.
    kind: IdentityDocumentKind,
    /// The number: a valid resident card number (GB 11643), or 4 to 30 visible characters.
    #[schema(min_length = 4, max_length = 30, examples("11010519491231002X"))]
    number: String,
}

impl TryFrom<DocumentFields> for IdentityDocument {
    type Error = ParticularError;

    fn try_from(fields: DocumentFields) -> Result<Self, ParticularError> {
        Self::new(fields.kind, &fields.number)
    }
}

impl From<IdentityDocument> for DocumentFields {
    fn from(document: IdentityDocument) -> Self {
        Self { kind: document.kind, number: document.number }
    }
}

impl utoipa::PartialSchema for IdentityDocument {
    fn schema() -> RefOr<Schema> {
        DocumentFields::schema()
    }
}

impl utoipa::ToSchema for IdentityDocument {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        DocumentFields::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_right_number_tells_birth_and_gender() {
        let number: IdentityNumber = " 11010519491231002x ".parse().unwrap();
        assert_eq!(number.as_str(), "11010519491231002X");
        assert_eq!(Some(number.birth_date()), NaiveDate::from_ymd_opt(1949, 12, 31));
        assert_eq!(number.gender(), Gender::Female);
    }

    #[test]
    fn each_fault_has_its_own_code() {
        let expected = [
            ("1101051949123100", "identity_length"),
            ("11010519491231002Y", "identity_characters"),
            ("1101051949123100X2", "identity_characters"),
            ("１１０１０５１９４９１２３１００２Ｘ", "identity_characters"),
            ("110105194902300026", "identity_birth_date"),
            ("110105094912310026", "identity_birth_date"),
            ("110105194912310021", "identity_check_digit"),
        ];
        for (text, fault) in expected {
            assert_eq!(text.parse::<IdentityNumber>().unwrap_err().code(), fault, "{text}");
        }
    }

    #[test]
    fn other_documents_are_checked_for_shape_only() {
        let passport = IdentityDocument::new(IdentityDocumentKind::Passport, " e12345678 ").unwrap();
        assert_eq!((passport.number(), passport.resident_card_number()), ("E12345678", None));
        let officer = IdentityDocument::new(IdentityDocumentKind::OfficerCard, "军字第1号");
        assert!(officer.is_ok());
        let refused = |number| IdentityDocument::new(IdentityDocumentKind::Other, number).unwrap_err().code();
        assert_eq!(refused("123"), "document_number_length");
        assert_eq!(refused("12 34"), "document_number_characters");
    }

    proptest! {
        #[test]
        fn a_single_wrong_digit_is_always_found(place in 0..17usize, by in 1..10u8) {
            let mut digits = *b"11010519491231002X";
            digits[place] = b'0' + (digits[place] - b'0' + by) % 10;
            prop_assert!(std::str::from_utf8(&digits).unwrap().parse::<IdentityNumber>().is_err());
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,20}|[0-9]{17}[0-9X]") {
            let _ = text.parse::<IdentityNumber>();
        }
    }
}
