//! Text that people write: trimmed, never blank, free of control characters, and bounded.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::openapi::{RefOr, Type};

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("must not be blank")]
    Blank,
    /// More characters than the field takes.
    #[error("must have at most {most} characters, has {count}")]
    TooLong {
        /// What the field takes, in characters.
        most: usize,
        /// What was given, in characters.
        count: usize,
    },
    /// A control character other than line break and tab.
    #[error("must not contain control characters")]
    ControlCharacter,
}

/// Text of 1 to `MOST` characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text<const MOST: usize>(String);

/// A name, a title, a number or a place: up to 200 characters.
pub type Line = Text<200>;
/// A reason or a remark: up to 4,000 characters.
pub type Remark = Text<4000>;
/// A narrative, the facts found, an opinion: up to 20,000 characters.
pub type Narrative = Text<20000>;

impl<const MOST: usize> Text<MOST> {
    /// Trims the text and checks it.
    ///
    /// # Errors
    /// Blank, too long, or with control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(TextError::Blank);
        }
        let count = trimmed.chars().count();
        if count > MOST {
            return Err(TextError::TooLong { most: MOST, count });
        }
        if trimmed.chars().all(is_invisible) {
            return Err(TextError::Blank);
        }
        if trimmed.chars().any(|c| (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || turns_text(c)) {
            return Err(TextError::ControlCharacter);
        }
        Ok(Self(trimmed.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Zero-width characters and white space: nothing that a person reads.
const fn is_invisible(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

/// Marks that turn the direction of what follows, and so make a text read as something else.
const fn turns_text(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

impl<const MOST: usize> TryFrom<String> for Text<MOST> {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        Self::parse(&text)
    }
}

impl<const MOST: usize> From<Text<MOST>> for String {
    fn from(text: Text<MOST>) -> Self {
        text.0
    }
}

impl<const MOST: usize> fmt::Display for Text<MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What people write may hold personal data, so it never reaches a log through `Debug`.
impl<const MOST: usize> fmt::Debug for Text<MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} characters)", self.0.chars().count())
    }
}

impl<const MOST: usize> utoipa::PartialSchema for Text<MOST> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(MOST))
            .description(Some("Text: trimmed, not blank, without control characters"))
            .into()
    }
}

impl<const MOST: usize> utoipa::ToSchema for Text<MOST> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Text{MOST}").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_characters_not_bytes() {
        assert!(Text::<3>::parse(" 信访件 ").is_ok());
        assert_eq!(Text::<2>::parse("信访件"), Err(TextError::TooLong { most: 2, count: 3 }));
        assert_eq!(Line::parse(" \n"), Err(TextError::Blank));
        assert_eq!(Line::parse("a\u{0}b"), Err(TextError::ControlCharacter));
    }
}
