//! The particulars a petitioner is registered with: what is accepted, how it is normalised, what may be shown.
//!
//! Each value is checked once, when it is parsed, and none of them prints itself through `Debug`:
//! personal data must not reach a log (PIPL 51; architecture decision 8).

mod identity;
mod mask;
mod phone;
mod wording;

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::language::{Language, label};
use crate::region::RegionCode;
use crate::text::Text;

pub use identity::{IdentityDocument, IdentityDocumentKind, IdentityNumber};
pub use mask::{mask_identity, mask_name, mask_phone};
pub use phone::Phone;
pub use wording::{Address, PersonName};

/// Why a particular was refused.
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
pub enum ParticularError {
    /// A resident card number that is not 18 characters.
    #[strum(props(zh = "居民身份证号码应为 18 位", en = "a resident card number has 18 characters"))]
    IdentityLength,
    /// A resident card number with something other than digits, or an X before its end.
    #[strum(props(
        zh = "居民身份证号码前 17 位应为数字，末位应为数字或 X",
        en = "a resident card number is 17 digits and a digit or X"
    ))]
    IdentityCharacters,
    /// A resident card number whose date of birth is in no calendar.
    #[strum(props(
        zh = "居民身份证号码中的出生日期无效",
        en = "the date of birth in the resident card number does not exist"
    ))]
    IdentityBirthDate,
    /// A resident card number whose check digit is wrong (GB 11643).
    #[strum(props(
        zh = "居民身份证号码校验码错误",
        en = "the check digit of the resident card number is wrong"
    ))]
    IdentityCheckDigit,
    /// Another document's number outside 4 to 30 characters.
    #[strum(props(zh = "证件号码应为 4 至 30 个字符", en = "a document number has 4 to 30 characters"))]
    DocumentNumberLength,
    /// Another document's number with white space or control characters.
    #[strum(props(
        zh = "证件号码不能含空格或控制字符",
        en = "a document number has no white space and no control characters"
    ))]
    DocumentNumberCharacters,
    /// Neither a mobile number nor a landline with its area code nor an international number.
    #[strum(props(
        zh = "电话号码应为手机号码、带区号的固定电话或以 + 开头的国际号码",
        en = "a phone number is a mainland mobile number, a landline with its area code, or an international number beginning with +"
    ))]
    PhoneFormat,
    /// A name of nothing but white space.
    #[strum(props(zh = "姓名不能为空", en = "a name must not be blank"))]
    NameBlank,
    /// A name of more than 60 characters.
    #[strum(props(zh = "姓名不能超过 60 个字符", en = "a name has at most 60 characters"))]
    NameTooLong,
    /// A name with control characters.
    #[strum(props(zh = "姓名不能含控制字符", en = "a name must not contain control characters"))]
    NameControlCharacter,
    /// An address of nothing but white space.
    #[strum(props(zh = "地址不能为空", en = "an address must not be blank"))]
    AddressBlank,
    /// An address of more than 300 characters.
    #[strum(props(zh = "地址不能超过 300 个字符", en = "an address has at most 300 characters"))]
    AddressTooLong,
    /// An address with control characters.
    #[strum(props(zh = "地址不能含控制字符", en = "an address must not contain control characters"))]
    AddressControlCharacter,
}

impl ParticularError {
    /// The stable word for this refusal, as the API shows it.
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// A person's gender as the register holds it.
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
pub enum Gender {
    /// Female.
    #[strum(props(zh = "女", en = "Female"))]
    Female,
    /// Male.
    #[strum(props(zh = "男", en = "Male"))]
    Male,
}

/// The particulars of one petitioner; only the name is always known (Art. 19 asks for name and address).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The name.
    pub name: PersonName,
    /// The gender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// The day of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(examples("1968-03-12"))]
    pub birth_date: Option<NaiveDate>,
    /// The document that proves who the person is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<IdentityDocument>,
    /// The phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// The region in which the person lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<RegionCode>,
    /// The occupation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupation: Option<Text<60>>,
    /// The employer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_unit: Option<Text<100>>,
}

impl Person {
    /// The day of birth as given, or else as the resident card number tells it.
    pub fn known_birth_date(&self) -> Option<NaiveDate> {
        self.birth_date.or_else(|| Some(self.resident_card()?.birth_date()))
    }

    /// The gender as given, or else as the resident card number tells it.
    pub fn known_gender(&self) -> Option<Gender> {
        self.gender.or_else(|| Some(self.resident_card()?.gender()))
    }

    fn resident_card(&self) -> Option<IdentityNumber> {
        self.identity.as_ref()?.resident_card_number()
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"{"name":"张三","gender":"male","birth_date":"1949-12-31",
        "identity":{"kind":"resident_card","number":"11010519491231002x"},"phone":"138 0013-8000",
        "address":"北京市朝阳区","region":"110105000000","occupation":"农民","work_unit":"无"}"#;

    #[test]
    fn a_person_is_read_normalised_and_written_back() {
        let person: Person = serde_json::from_str(WHOLE).unwrap();
        let written = serde_json::to_value(&person).unwrap();
        assert_eq!(written["phone"], "13800138000");
        assert_eq!(written["identity"]["number"], "11010519491231002X");
        assert_eq!(serde_json::from_value::<Person>(written).unwrap(), person);

        let nameless: Person = serde_json::from_str(r#"{"name":" 李四 "}"#).unwrap();
        assert_eq!(serde_json::to_string(&nameless).unwrap(), r#"{"name":"李四"}"#);
    }

    #[test]
    fn the_card_tells_what_was_not_given() {
        let mut person: Person = serde_json::from_str(WHOLE).unwrap();
        person.gender = None;
        person.birth_date = None;
        assert_eq!(person.known_gender(), Some(Gender::Female));
        assert_eq!(person.known_birth_date(), NaiveDate::from_ymd_opt(1949, 12, 31));
    }

    #[test]
    fn a_bad_field_is_refused_with_its_reason() {
        let refused = |json: &str| serde_json::from_str::<Person>(json).unwrap_err().to_string();
        assert!(refused(r#"{"name":"张三","nickname":"三"}"#).contains("unknown field"));
        assert!(refused(r#"{"name":" "}"#).contains("a name must not be blank"));
        let card = r#"{"name":"张三","identity":{"kind":"resident_card","number":"110105194912310021"}}"#;
        assert!(refused(card).contains("check digit"));
        assert!(refused(r#"{"name":"张三","phone":"12345"}"#).contains("phone number"));
    }

    #[test]
    fn nothing_personal_is_printed() {
        let person: Person = serde_json::from_str(WHOLE).unwrap();
        let printed = format!(
            "{person:?} {:?} {:?} {:?} {:?}",
            person.name, person.identity, person.phone, person.address
        );
        for secret in ["张", "1101", "1380", "北京", "1949", "农民"] {
            assert!(!printed.contains(secret), "{printed}");
        }
        assert!(printed.contains("PersonName(…)"));
    }
}
