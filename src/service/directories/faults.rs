//! What can be wrong with an entry of a directory, told all at once.

use strum::{EnumProperty, IntoStaticStr, VariantArray};

use crate::http::problem::{FieldError, Said};
use crate::service::ServiceError;

/// What is wrong with a field of a directory's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumProperty, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum DirectoryFault {
    #[strum(props(
        zh = "用户名为 3 至 64 个小写字母、数字或 . _ -",
        en = "a user name is 3 to 64 of a-z, 0-9, dot, hyphen and underscore"
    ))]
    MalformedUsername,
    #[strum(props(zh = "用户名已被使用", en = "another account has this user name"))]
    UsernameTaken,
    #[strum(props(
        zh = "三员（系统、安全管理员和审计员）不得承担业务职责",
        en = "an administrator or auditor has no duties in cases"
    ))]
    AdministratorHasDuties,
    #[strum(props(
        zh = "三员（系统、安全管理员和审计员）没有责任区域",
        en = "an administrator or auditor has no territory"
    ))]
    AdministratorHasTerritory,
    #[strum(props(
        zh = "网格员须有村级或网格级的责任区域",
        en = "a grid member has a territory, which is a grid or a village"
    ))]
    GridTerritoryMissing,
    #[strum(props(zh = "不得更改本人的角色和职责", en = "nobody changes their own role or duties"))]
    OwnRoleOrDuties,
    #[strum(props(
        zh = "至少须保留一名启用的安全管理员",
        en = "the last active security administrator stays active"
    ))]
    LastSecurityAdministrator,
    #[strum(props(zh = "代码已存在", en = "there is already an entry with this code"))]
    CodeTaken,
    #[strum(props(zh = "不是包含本区划的现有区划", en = "is not a known region that contains this one"))]
    NotTheRegionAbove,
    #[strum(props(zh = "失效日期早于生效日期", en = "ends before it begins"))]
    EndsBeforeItBegins,
    #[strum(props(zh = "仅撤销的区划有承接区划", en = "only a region that ends has a successor"))]
    SuccessorWithoutEnd,
    #[strum(props(zh = "承接关系形成循环", en = "the successors lead back to this region"))]
    SuccessorCycle,
    #[strum(props(zh = "上级关系形成循环", en = "the superiors lead back to this organisation"))]
    SuperiorCycle,
    #[strum(props(zh = "仍有启用的用户", en = "active users still belong to it"))]
    HasActiveUsers,
    #[strum(props(zh = "仍有启用的下级机关", en = "active organisations are still below it"))]
    HasActiveInferiors,
    #[strum(props(zh = "日期不属于该年", en = "is not a day of the year"))]
    NotInTheYear,
    #[strum(props(
        zh = "只有周六、周日可以调休上班",
        en = "only a Saturday or Sunday is swapped into a working day"
    ))]
    NotAWeekend,
    #[strum(props(
        zh = "代码为六位数字，每级两位，不得跳级",
        en = "a topic code has six digits, two for each level, none left out"
    ))]
    MalformedTopicCode,
    #[strum(props(zh = "没有上级分类或上级分类已停用", en = "the topic above is not there or not active"))]
    TopicAboveMissing,
    #[strum(props(
        zh = "指定机关时须填写，其他情形不得填写",
        en = "is given where the authority is the named organ, and only there"
    ))]
    NamedOrganisationMismatch,
}

/// Collects faults, so that all of them are told at once.
#[derive(Debug, Default)]
pub struct Faults(Vec<FieldError>);

impl Faults {
    /// Notes the fault unless `holds`; its texts are those of the word's properties `zh` and `en`.
    pub fn expect<W>(&mut self, holds: bool, pointer: impl Into<String>, word: W)
    where
        W: EnumProperty + Into<&'static str>,
    {
        if !holds {
            let said = |language| word.get_str(language).unwrap_or_default();
            let detail = Said::new(said("zh"), said("en"));
            self.0.push(FieldError { pointer: pointer.into(), code: word.into().into(), detail });
        }
    }

    /// Notes a fault that somebody else has put into words.
    pub fn add(&mut self, error: FieldError) {
        self.0.push(error);
    }

    /// Refuses if anything was noted.
    ///
    /// # Errors
    /// [`ServiceError::Fields`] with every fault.
    pub fn finish(self) -> Result<(), ServiceError> {
        if self.0.is_empty() { Ok(()) } else { Err(ServiceError::Fields(self.0)) }
    }

    /// Refuses for one field.
    pub fn only<W>(pointer: &str, word: W) -> ServiceError
    where
        W: EnumProperty + Into<&'static str>,
    {
        let mut faults = Self::default();
        faults.expect(false, pointer, word);
        ServiceError::Fields(faults.0)
    }
}
