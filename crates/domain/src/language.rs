//! The two languages that users see, and how an enumeration is labelled in them.

use serde::{Deserialize, Serialize};
use strum::{EnumProperty, VariantArray};

/// A language of labels and problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Chinese in mainland script, the default.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Language {
    /// The language tag for `Content-Language`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// Chooses between the two texts.
    pub const fn choose<T: Copy>(self, chinese: T, english: T) -> T {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }
}

/// The label of an enumeration's value; each variant carries both as `#[strum(props(zh = …, en = …))]`.
pub fn label<T: EnumProperty>(value: &T, language: Language) -> &'static str {
    value.get_str(language.choose("zh", "en")).unwrap_or_default()
}

/// A value of an enumeration with its labels, as dictionaries list it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LabelledValue {
    /// The word that the API uses.
    pub value: &'static str,
    /// Its label in Chinese.
    #[serde(rename = "zh-CN")]
    pub chinese: &'static str,
    /// Its label in English.
    #[serde(rename = "en")]
    pub english: &'static str,
}

/// Every value of an enumeration with its labels.
pub fn labelled<T>() -> Vec<LabelledValue>
where
    T: EnumProperty + VariantArray + Into<&'static str> + Copy + 'static,
{
    T::VARIANTS
        .iter()
        .map(|value| LabelledValue {
            value: (*value).into(),
            chinese: label(value, Language::Chinese),
            english: label(value, Language::English),
        })
        .collect()
}
