//! Phone numbers: mainland mobile, landline with its area code, or international.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::openapi::{RefOr, Type};

use super::ParticularError;

/// A phone number without spaces and dashes; a mainland number has no country code, so that equal lines are equal texts.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

impl Phone {
    /// The number in its one normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a mainland mobile number, which text messages reach.
    pub fn is_mobile(&self) -> bool {
        is_mobile(&self.0)
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_mobile(text: &str) -> bool {
    is_digits(text) && matches!(text.as_bytes(), [b'1', b'3'..=b'9', rest @ ..] if rest.len() == 9)
}

/// 010 and 02x take eight digits after them, the area codes of four digits seven or eight.
fn is_landline(text: &str) -> bool {
    is_digits(text)
        && match text.as_bytes() {
            [b'0', b'1', b'0', b'2'..=b'9', rest @ ..] | [b'0', b'2', _, b'2'..=b'9', rest @ ..] => {
                rest.len() == 7
            }
            [b'0', b'3'..=b'9', _, _, b'2'..=b'9', rest @ ..] => matches!(rest.len(), 6 | 7),
            _ => false,
        }
}

fn is_international(digits: &str) -> bool {
    is_digits(digits) && (7..=15).contains(&digits.len()) && !digits.starts_with('0')
}

impl FromStr for Phone {
    type Err = ParticularError;

    fn from_str(text: &str) -> Result<Self, ParticularError> {
        let text: String = text
            .chars()
            .filter(|character| !character.is_whitespace() && !matches!(character, '-' | '‐' | '–' | '—'))
            .collect();
        let mainland = text.strip_prefix("+86").or_else(|| text.strip_prefix("0086"));
        let national = mainland.unwrap_or(&text);
        if is_mobile(national) || is_landline(national) {
            return Ok(Self(national.to_owned()));
        }
        if let Some(rest) = mainland {
            // After the country code the area code is written without its zero.
            let landline = format!("0{rest}");
            return if is_landline(&landline) {
                Ok(Self(landline))
            } else {
                Err(ParticularError::PhoneFormat)
            };
        }
        if text.strip_prefix('+').is_some_and(is_international) {
            return Ok(Self(text));
        }
        Err(ParticularError::PhoneFormat)
    }
}

impl TryFrom<String> for Phone {
    type Error = ParticularError;

    fn try_from(text: String) -> Result<Self, ParticularError> {
        text.parse()
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

impl utoipa::PartialSchema for Phone {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "Mainland mobile number, landline with its area code, or international number beginning with +; spaces and dashes are dropped",
            ))
            .examples(["13800138000", "010-65551234", "+85221234567"])
            .into()
    }
}

impl utoipa::ToSchema for Phone {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_line_has_one_form() {
        let expected = [
            ("138 0013-8000", "13800138000"),
            ("+86 138 0013 8000", "13800138000"),
            ("0086-13800138000", "13800138000"),
            ("010-6555 1234", "01065551234"),
            ("+86 10 6555 1234", "01065551234"),
            ("0551-6555123", "05516555123"),
            ("0755 2655 1234", "075526551234"),
            ("+852 2123 4567", "+85221234567"),
        ];
        for (text, normal) in expected {
            assert_eq!(text.parse::<Phone>().map(String::from), Ok(normal.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_phone_number_is_refused() {
        for text in [
            "",
            "12345678901",
            "1380013800",
            "65551234",
            "00116555123",
            "010-655",
            "+0 123",
            "138001380００",
            "+86123",
        ] {
            assert_eq!(text.parse::<Phone>().unwrap_err().code(), "phone_format", "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_normal_form_is_normal(text in "\\PC{0,16}|[+]?[0-9 -]{7,16}") {
            if let Ok(phone) = text.parse::<Phone>() {
                prop_assert_eq!(phone.as_str().parse(), Ok(phone.clone()));
            }
        }
    }
}
