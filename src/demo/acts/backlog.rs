//! What becomes of old and returning matters (积案).

use domain::case::Command;
use domain::case::content::{
    BacklogGround, BacklogInspection, BacklogListing, BacklogProgress, BacklogReport, BacklogResolution,
    BacklogStrikeOff, BacklogWay,
};

use crate::demo::stage::{Story, words};

type Told<'t, S> = anyhow::Result<&'t mut S>;

impl Story<'_, '_> {
    /// The county's petition department puts the case on its list, for the organ that handles it.
    pub fn listed(
        &mut self,
        list_no: &str,
        ground: BacklogGround,
        root_cause: &str,
        plan: &str,
    ) -> Told<'_, Self> {
        let conference = ground == BacklogGround::JointConference;
        let decision_no = conference.then(|| self.numbered("县信联办")).transpose()?;
        let listing = BacklogListing {
            batch: words("今年第一批")?,
            list_no: words(list_no)?,
            grounds: vec![ground],
            decision_no,
            root_cause: words(root_cause)?,
            plan: words(plan)?,
            organ: self.stage.organ(&self.organ)?,
            target_on: self.in_days(180)?,
        };
        let clerk = format!("petition.{}", self.county);
        self.step(&clerk, &Command::ListAsBacklog(listing))
    }

    /// The head of the organ reports.
    pub fn backlog_reported(&mut self, progress: BacklogProgress, done: &str) -> Told<'_, Self> {
        let report = BacklogReport { progress, done: words(done)?, ways: vec![BacklogWay::Dialogue] };
        let head = self.head();
        self.step(&head, &Command::ReportOnBacklog(report))
    }

    /// The county's reviewer inspects it on site, and it passes.
    pub fn inspected(&mut self, place: &str, findings: &str) -> Told<'_, Self> {
        let inspection = BacklogInspection {
            passed: true,
            inspected_on: self.today()?,
            place: words(place)?,
            findings: words(findings)?,
            resolution: Some(BacklogResolution::PetitionCeased),
        };
        let reviewer = format!("reviewer.{}", self.county);
        self.step(&reviewer, &Command::InspectBacklog(inspection))
    }

    /// The city strikes it off.
    pub fn struck_off(&mut self, reason: &str) -> Told<'_, Self> {
        let decision_no = self.numbered("市信联办")?;
        let decision = BacklogStrikeOff { agreed: true, decision_no, reason: words(reason)? };
        self.step("reviewer.city", &Command::StrikeOffBacklog(decision))
    }
}
