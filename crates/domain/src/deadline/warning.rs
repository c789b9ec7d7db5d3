//! How near a clock is to its end, as a colour on a leader's desk (§8.1).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use super::{Deadline, DeadlineState};

/// How much of a limit is used: the steps of one province's system. There the last begins at 99 percent; here it is the law's:
/// nothing is overdue before its day has passed.
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
    ToSchema,
    AsRefStr,
    EnumString,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum WarningLevel {
    /// Less than half, or nothing runs.
    #[strum(props(zh = "正常", en = "Normal"))]
    Normal,
    /// Half or more.
    #[strum(props(zh = "预警", en = "Early warning"))]
    EarlyWarning,
    /// Three quarters or more.
    #[strum(props(zh = "警告", en = "Warning"))]
    Warning,
    /// 85 percent or more.
    #[strum(props(zh = "严重警告", en = "Severe warning"))]
    SevereWarning,
    #[strum(props(zh = "超期", en = "Overdue"))]
    Overdue,
}

impl Deadline {
    /// How near it is to its end on that day; what does not run, or is no organ's duty, warns of nothing.
    pub fn warning(&self, day: NaiveDate) -> WarningLevel {
        if self.state != DeadlineState::Running || !self.kind.is_a_duty() {
            return WarningLevel::Normal;
        }
        let due_on = self.due.legal_due_on;
        let length = (due_on - self.started_on).num_days().max(1);
        let used = (day - self.started_on).num_days().saturating_mul(100) / length;
        match used {
            _ if day > due_on => WarningLevel::Overdue,
            85.. => WarningLevel::SevereWarning,
            75.. => WarningLevel::Warning,
            50.. => WarningLevel::EarlyWarning,
            _ => WarningLevel::Normal,
        }
    }
}
