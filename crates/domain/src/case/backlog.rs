//! Where a backlog case stands (信访积案): listed, inspected, struck off, relapsed.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use super::content::{
    BacklogGround, BacklogInspection, BacklogListing, BacklogProgress, BacklogReport, BacklogStrikeOff,
};
use super::transitions::IN_CHARGE;
use super::{Case, Status, Track};
use crate::deadline::Rules;
use crate::id::{CaseId, OrganisationId, UserId};

/// Where a backlog case stands.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
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
pub enum BacklogStage {
    #[strum(props(zh = "在册化解", en = "Listed"))]
    Listed,
    /// It passed the inspection; the higher level strikes it off when it stays quiet.
    #[strum(props(zh = "已验收待销号", en = "Inspected"))]
    Inspected,
    #[strum(props(zh = "已销号", en = "Struck off"))]
    StruckOff,
    /// Petitioned again after the inspection: it is listed anew, or the new petition is.
    #[strum(props(zh = "反弹", en = "Relapsed"))]
    Relapsed,
}

/// A report that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BacklogReportMade {
    #[serde(flatten)]
    pub report: BacklogReport,
    pub on: NaiveDate,
}

/// An inspection that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BacklogInspectionMade {
    #[serde(flatten)]
    pub inspection: BacklogInspection,
    /// When it was entered, from which the time without a repeat is counted.
    pub on: NaiveDate,
    /// The inspector's organ.
    pub by: Option<OrganisationId>,
    #[serde(skip)]
    pub inspectors: Vec<UserId>,
}

/// A decision of the higher level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BacklogStrikeOffMade {
    #[serde(flatten)]
    pub decision: BacklogStrikeOff,
    pub on: NaiveDate,
}

/// A time on a list, from the listing to the strike-off or the relapse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Backlog {
    pub stage: BacklogStage,
    #[serde(flatten)]
    pub listing: BacklogListing,
    /// The organ that listed it.
    pub listed_by: Option<OrganisationId>,
    pub listed_on: NaiveDate,
    pub reports: Vec<BacklogReportMade>,
    pub inspections: Vec<BacklogInspectionMade>,
    pub strike_offs: Vec<BacklogStrikeOffMade>,
    /// The petition by which it relapsed.
    pub relapsed_by: Option<CaseId>,
    pub relapsed_on: Option<NaiveDate>,
    /// Whether the last report was inspected in vain, or what passed was not struck off: the organ reports again.
    #[serde(skip)]
    pub report_answered: bool,
}

impl Backlog {
    /// Whether the responsible organ still works on it.
    pub fn is_listed(&self) -> bool {
        self.stage == BacklogStage::Listed
    }

    /// The inspection that it passed, while it waits to be struck off.
    pub fn passed_inspection(&self) -> Option<&BacklogInspectionMade> {
        self.inspections.last().filter(|made| made.inspection.passed)
    }

    /// Whether the organ's last report says that it is resolved, and nobody has answered it yet.
    pub fn is_reported_resolved(&self) -> bool {
        let last = self.reports.last().map(|made| made.report.progress);
        last == Some(BacklogProgress::Resolved) && !self.report_answered
    }
}

impl Case {
    /// The case's present or last time on a list.
    pub fn current_backlog(&self) -> Option<&Backlog> {
        self.backlog.last()
    }

    /// The organ that works on it as backlog.
    pub fn backlog_organ(&self) -> Option<OrganisationId> {
        self.current_backlog().filter(|backlog| backlog.is_listed()).map(|backlog| backlog.listing.organ)
    }

    /// What the rules propose it for on the day; the joint conference lists by its own decision.
    pub fn backlog_grounds(&self, today: NaiveDate, rules: &Rules) -> Vec<BacklogGround> {
        if self.track != Track::Claim || self.status == Status::Archived {
            return Vec::new();
        }
        let grown_old = self.filed_on.checked_add_days(Days::new(rules.backlog_age_days.into()));
        let is_open = IN_CHARGE.contains(&self.status) && !self.is_terminated();
        let repeats = u16::try_from(self.repeated_by.len()).unwrap_or(u16::MAX);
        let holds = [
            (BacklogGround::Age, is_open && grown_old.is_some_and(|day| day <= today)),
            (BacklogGround::Repeats, repeats >= rules.backlog_repeats),
            (BacklogGround::AfterReReview, self.is_terminated() && repeats > 0),
        ];
        holds.into_iter().filter_map(|(ground, holds)| holds.then_some(ground)).collect()
    }
}
