//! Region codes: which level a code is of, what it contains, and what stands above it.
//!
//! Twelve digits in five groups (province 2, city 2, county 2, township 3, village 3; GB/T 2260 and
//! GB/T 10114), or those of a village and three more for a grid. The trailing zero groups say the level.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::openapi::{RefOr, Type};

use crate::language::{Language, label};

/// The length of a code from province to village, in digits.
const REGION_LENGTH: usize = 12;
/// The length of a grid's code, in digits.
const GRID_LENGTH: usize = 15;

/// The level of a region, from the widest to the narrowest.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
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
pub enum RegionLevel {
    /// Province, autonomous region or municipality under the central government.
    #[strum(props(zh = "省级", en = "Province"))]
    Province,
    /// Prefecture-level city.
    #[strum(props(zh = "市级", en = "City"))]
    City,
    /// County, district or county-level city.
    #[strum(props(zh = "县级", en = "County"))]
    County,
    /// Township, town or subdistrict.
    #[strum(props(zh = "乡级", en = "Township"))]
    Township,
    /// Village or residents' committee.
    #[strum(props(zh = "村级", en = "Village"))]
    Village,
    /// Grid: the cell below the village.
    #[strum(props(zh = "网格", en = "Grid"))]
    Grid,
}

impl RegionLevel {
    /// How many leading digits tell a region of this level from its siblings.
    pub const fn significant_length(self) -> usize {
        match self {
            Self::Province => 2,
            Self::City => 4,
            Self::County => 6,
            Self::Township => 9,
            Self::Village => REGION_LENGTH,
            Self::Grid => GRID_LENGTH,
        }
    }

    /// The next wider level; a province has none.
    pub const fn wider(self) -> Option<Self> {
        match self {
            Self::Province => None,
            Self::City => Some(Self::Province),
            Self::County => Some(Self::City),
            Self::Township => Some(Self::County),
            Self::Village => Some(Self::Township),
            Self::Grid => Some(Self::Village),
        }
    }
}

/// Why a text is not a region code.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    thiserror::Error,
    strum::IntoStaticStr,
    strum::VariantArray,
    strum::EnumProperty,
)]
#[strum(serialize_all = "snake_case")]
#[error("{}", label(self, Language::English))]
pub enum RegionError {
    /// Neither 12 nor 15 characters.
    #[strum(props(
        zh = "区划代码应为 12 位，网格代码应为 15 位",
        en = "a region code has 12 digits, a grid code 15"
    ))]
    RegionLength,
    /// Something other than the digits 0 to 9.
    #[strum(props(zh = "区划代码只能由数字组成", en = "a region code consists of digits only"))]
    RegionDigits,
    /// No province begins with zero.
    #[strum(props(
        zh = "区划代码的省级部分不能以 0 开头",
        en = "the province part of a region code cannot begin with 0"
    ))]
    RegionProvince,
    /// A level is left out that cannot be.
    #[strum(props(
        zh = "区划代码缺少中间层级",
        en = "a region code cannot name a county without its city or a village without its township"
    ))]
    RegionGap,
    /// A grid that is not below a village, or has the number 000.
    #[strum(props(
        zh = "网格代码应为村级代码加 001 至 999 的序号",
        en = "a grid code is a village's code and a number from 001 to 999"
    ))]
    RegionGrid,
}

impl RegionError {
    /// The stable word for this refusal, as the API shows it.
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// The code of a region (12 digits) or of a grid (15 digits).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegionCode(String);

impl RegionCode {
    /// The whole code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The level that the trailing zero groups leave.
    pub fn level(&self) -> RegionLevel {
        level_of(&self.0)
    }

    /// The digits without the trailing zero groups; every region inside begins with them.
    pub fn significant_prefix(&self) -> &str {
        self.0.get(..self.level().significant_length()).unwrap_or(&self.0)
    }

    /// Whether the other region is this one or lies inside it.
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(self.significant_prefix())
    }

    /// The six digits of GB/T 2260 that case numbers begin with; wider regions have theirs padded with zeros.
    pub fn county_code(&self) -> String {
        self.0.chars().take(RegionLevel::County.significant_length()).collect()
    }

    /// The region above; a township of a city without districts has the city.
    pub fn parent(&self) -> Option<Self> {
        let length = self.level().wider()?.significant_length();
        let kept = self.0.get(..length)?;
        Some(Self(format!("{kept:0<REGION_LENGTH$}")))
    }
}

fn level_of(digits: &str) -> RegionLevel {
    if digits.len() == GRID_LENGTH {
        return RegionLevel::Grid;
    }
    let significant = digits.trim_end_matches('0').len();
    [RegionLevel::Province, RegionLevel::City, RegionLevel::County, RegionLevel::Township]
        .into_iter()
        .find(|level| significant <= level.significant_length())
        .unwrap_or(RegionLevel::Village)
}

fn is_zero(digits: &str, from: usize, to: usize) -> bool {
    digits.get(from..to).is_some_and(|group| group.bytes().all(|digit| digit == b'0'))
}

impl FromStr for RegionCode {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, RegionError> {
        if text.chars().any(|character| !character.is_ascii_digit()) {
            return Err(RegionError::RegionDigits);
        }
        if text.len() != REGION_LENGTH && text.len() != GRID_LENGTH {
            return Err(RegionError::RegionLength);
        }
        if text.starts_with('0') {
            return Err(RegionError::RegionProvince);
        }
        // Cities without districts (Dongguan, 4419) have townships under the county digits 00,
        // so only the other two groups cannot be left out.
        let city_missing = is_zero(text, 2, 4) && !is_zero(text, 4, REGION_LENGTH);
        let township_missing = is_zero(text, 6, 9) && !is_zero(text, 9, REGION_LENGTH);
        if city_missing || township_missing {
            return Err(RegionError::RegionGap);
        }
        let misplaced = is_zero(text, 9, REGION_LENGTH) || is_zero(text, REGION_LENGTH, GRID_LENGTH);
        if text.len() == GRID_LENGTH && misplaced {
            return Err(RegionError::RegionGrid);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for RegionCode {
    type Error = RegionError;

    fn try_from(text: String) -> Result<Self, RegionError> {
        text.parse()
    }
}

impl From<RegionCode> for String {
    fn from(code: RegionCode) -> Self {
        code.0
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl utoipa::PartialSchema for RegionCode {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[1-9][0-9]{11}([0-9]{3})?$"))
            .description(Some("Region code of 12 digits, or grid code of 15"))
            .examples(["340121100201"])
            .into()
    }
}

impl utoipa::ToSchema for RegionCode {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(text: &str) -> RegionCode {
        text.parse().unwrap()
    }

    #[test]
    fn trailing_zero_groups_decide_the_level() {
        let expected = [
            ("340000000000", RegionLevel::Province, "34", None),
            ("500000000000", RegionLevel::Province, "50", None),
            ("340100000000", RegionLevel::City, "3401", Some("340000000000")),
            ("340121000000", RegionLevel::County, "340121", Some("340100000000")),
            ("340110000000", RegionLevel::County, "340110", Some("340100000000")),
            ("340121100000", RegionLevel::Township, "340121100", Some("340121000000")),
            ("340121100200", RegionLevel::Village, "340121100200", Some("340121100000")),
            ("340121100200010", RegionLevel::Grid, "340121100200010", Some("340121100200")),
            ("441900003000", RegionLevel::Township, "441900003", Some("441900000000")),
        ];
        for (text, level, prefix, parent) in expected {
            let region = code(text);
            assert_eq!(region.level(), level, "{text}");
            assert_eq!(region.significant_prefix(), prefix, "{text}");
            assert_eq!(region.parent(), parent.map(code), "{text}");
        }
        assert_eq!(code("340121100200010").county_code(), "340121");
    }

    #[test]
    fn each_fault_has_its_own_code() {
        let expected = [
            ("3401", "region_length"),
            ("34010000000X", "region_digits"),
            ("３４０１００００００００", "region_digits"),
            ("040100000000", "region_province"),
            ("340021000000", "region_gap"),
            ("340121000200", "region_gap"),
            ("340121100200000", "region_grid"),
            ("340121100000001", "region_grid"),
        ];
        for (text, fault) in expected {
            assert_eq!(text.parse::<RegionCode>().unwrap_err().code(), fault, "{text}");
        }
        assert!(serde_json::from_str::<RegionCode>("\"3401\"").is_err());
    }

    fn any_region() -> impl Strategy<Value = RegionCode> {
        (11..=13u32, 0..=3u32, 0..=3u32, 0..=2u32, 0..=2u32, 0..=2u32).prop_filter_map(
            "not a code",
            |(province, city, county, township, village, grid)| {
                let region = format!("{province}{city:02}{county:02}{township:03}{village:03}");
                if grid == 0 { region.parse().ok() } else { format!("{region}{grid:03}").parse().ok() }
            },
        )
    }

    proptest! {
        #[test]
        fn a_parent_contains_its_child_and_is_wider(region in any_region()) {
            let mut below = region;
            while let Some(above) = below.parent() {
                prop_assert!(above.contains(&below));
                prop_assert!(!below.contains(&above));
                prop_assert!(above.level() < below.level());
                prop_assert_eq!(above.as_str().parse(), Ok(above.clone()));
                below = above;
            }
            prop_assert_eq!(below.level(), RegionLevel::Province);
        }

        #[test]
        fn containment_is_a_partial_order(a in any_region(), b in any_region(), c in any_region()) {
            prop_assert!(a.contains(&a));
            prop_assert!(!(a.contains(&b) && b.contains(&a)) || a == b);
            prop_assert!(!(a.contains(&b) && b.contains(&c)) || a.contains(&c));
        }

        #[test]
        fn what_is_shown_is_read_back(region in any_region()) {
            prop_assert_eq!(region.to_string().parse(), Ok(region.clone()));
            let json = serde_json::to_string(&region).unwrap();
            prop_assert_eq!(serde_json::from_str::<RegionCode>(&json).unwrap(), region);
        }

        #[test]
        fn any_digits_are_refused_or_answer_everything(text in "[0-9]{12}|[0-9]{15}|\\PC{0,16}") {
            if let Ok(region) = text.parse::<RegionCode>() {
                prop_assert!(text.starts_with(region.significant_prefix()));
                prop_assert_eq!(region.county_code().len(), 6);
                prop_assert!(region.parent().is_none_or(|parent| parent.contains(&region)));
            }
        }
    }
}
