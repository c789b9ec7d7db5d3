//! Organs, the users who work in them, and who reviews whose decisions.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use crate::access::{Duty, Role, Staff};
use crate::id::{OrganisationId, UserId};
use crate::region::RegionCode;

/// What kind of organ an organisation is; wider than "department" (Art. 2).
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
pub enum OrganisationKind {
    /// Routes and supervises; is normally not the handler (Art. 14).
    #[strum(props(zh = "信访工作部门", en = "Petition department"))]
    PetitionDepartment,
    /// A department that is competent for a field.
    #[strum(props(zh = "职能部门", en = "Functional department"))]
    FunctionalDepartment,
    /// A people's government, from the township up.
    #[strum(props(zh = "人民政府", en = "People's government"))]
    Government,
    /// A villagers' or residents' committee.
    #[strum(props(zh = "村（居）民委员会", en = "Village or residents' committee"))]
    VillageCommittee,
    /// The committee that reviews and re-reviews for a government.
    #[strum(props(zh = "复查复核委员会", en = "Review committee"))]
    ReviewCommittee,
    /// Discipline inspection and supervision: receives accusations (Art. 30).
    #[strum(props(zh = "纪检监察机关", en = "Discipline inspection organ"))]
    DisciplineInspection,
    /// The organisation department, for reports on cadres (Art. 30).
    #[strum(props(zh = "组织人事部门", en = "Organisation department"))]
    OrganisationDepartment,
    /// Political and legal organs, for litigation matters (Art. 20, 22).
    #[strum(props(zh = "政法机关", en = "Political and legal organ"))]
    PoliticalLegal,
    /// Mass organisations, state-owned enterprises and other bodies (Art. 2).
    #[strum(props(zh = "其他单位", en = "Other body"))]
    Other,
}

/// The level of an organ.
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
pub enum OrganisationLevel {
    #[strum(props(zh = "国家", en = "National"))]
    National,
    #[strum(props(zh = "省级", en = "Province"))]
    Province,
    #[strum(props(zh = "市级", en = "City"))]
    City,
    #[strum(props(zh = "县级", en = "County"))]
    County,
    #[strum(props(zh = "乡级", en = "Township"))]
    Township,
    #[strum(props(zh = "村级", en = "Village"))]
    Village,
}

/// One organ of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    pub id: OrganisationId,
    pub name: String,
    pub kind: OrganisationKind,
    pub level: OrganisationLevel,
    pub region: RegionCode,
    /// The organ one level up in the same line, if any.
    pub superior: Option<OrganisationId>,
    pub active: bool,
}

/// Which of the two levels of review a rule or a review is about (Art. 35, 36).
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
pub enum ReviewStage {
    /// 复查, Art. 35.
    #[strum(props(zh = "复查", en = "Review"))]
    Review,
    /// 复核, Art. 36.
    #[strum(props(zh = "复核", en = "Re-review"))]
    ReReview,
}

/// Where a rule sends a request for review.
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
pub enum ReviewAuthority {
    /// The organ's own superior in the directory.
    #[strum(props(zh = "上级主管机关", en = "Superior organ"))]
    Superior,
    /// The government of the organ's own region.
    #[strum(props(zh = "本级人民政府", en = "Government of the same level"))]
    SameLevelGovernment,
    /// The government of the region above.
    #[strum(props(zh = "上一级人民政府", en = "Government one level up"))]
    SuperiorGovernment,
    /// The review committee of the region above, or of the nearest region above that has one.
    #[strum(props(zh = "上级复查复核委员会", en = "Review committee above"))]
    CommitteeOfSuperiorRegion,
    /// The organisation that the rule names.
    #[strum(props(zh = "指定机关", en = "Named organ"))]
    Named,
}

/// A row of the review-authority table (`domain.md` §2.4): local rules differ, so it is data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewRule {
    pub organ_kind: OrganisationKind,
    pub organ_level: OrganisationLevel,
    pub stage: ReviewStage,
    pub authority: ReviewAuthority,
    pub named: Option<OrganisationId>,
    /// Lower is tried first.
    pub priority: i32,
}

/// A snapshot of the organs and users, as the rules need to know them.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    organisations: HashMap<OrganisationId, Organisation>,
    /// Those of each region, by id: every filing looks for the nearest of a kind.
    of_region: HashMap<RegionCode, Vec<OrganisationId>>,
    staff: HashMap<UserId, Staff>,
    /// What somebody active in the organ has the duty for, grid members aside.
    duties: HashMap<OrganisationId, HashSet<Duty>>,
    review_rules: Vec<ReviewRule>,
}

impl Directory {
    /// Builds the snapshot.
    pub fn new(
        organisations: impl IntoIterator<Item = Organisation>,
        staff: impl IntoIterator<Item = Staff>,
        review_rules: impl IntoIterator<Item = ReviewRule>,
    ) -> Self {
        let mut review_rules: Vec<_> = review_rules.into_iter().collect();
        review_rules.sort_by_key(|rule| rule.priority);
        let organisations: HashMap<_, _> = organisations.into_iter().map(|organ| (organ.id, organ)).collect();
        let mut of_region: HashMap<_, Vec<_>> = HashMap::new();
        for organ in organisations.values() {
            of_region.entry(organ.region.clone()).or_default().push(organ.id);
        }
        of_region.values_mut().for_each(|organs| organs.sort_unstable());
        let staff: HashMap<_, _> = staff.into_iter().map(|member| (member.user, member)).collect();
        let mut duties: HashMap<_, HashSet<_>> = HashMap::new();
        for member in staff.values().filter(|member| member.role != Role::GridMember) {
            duties.entry(member.organisation).or_default().extend(member.duties.iter().copied());
        }
        Self { organisations, of_region, staff, duties, review_rules }
    }

    /// The organ, if the directory has it.
    pub fn organisation(&self, id: OrganisationId) -> Option<&Organisation> {
        self.organisations.get(&id)
    }

    /// The active organ, if the directory has it.
    pub fn active_organisation(&self, id: OrganisationId) -> Option<&Organisation> {
        self.organisation(id).filter(|organ| organ.active)
    }

    /// The active user, if the directory has them.
    pub fn staff(&self, id: UserId) -> Option<&Staff> {
        self.staff.get(&id)
    }

    /// Everybody who leads, in the order of their identifiers.
    pub fn leading_cadres(&self) -> Vec<&Staff> {
        let leads = |staff: &&Staff| staff.has(Duty::Lead) && !staff.role.is_administrator();
        let mut leaders: Vec<&Staff> = self.staff.values().filter(leads).collect();
        leaders.sort_unstable_by_key(|staff| staff.user);
        leaders
    }

    /// Whether the organ is a petition department.
    pub fn is_petition_department(&self, id: OrganisationId) -> bool {
        self.organisation(id).is_some_and(|organ| organ.kind == OrganisationKind::PetitionDepartment)
    }

    /// Whether accusations go to the organ, and somebody there is cleared for them: to discipline inspection, to the organisation department, and on their way
    /// through a petition department (Art. 22, 30).
    pub fn receives_accusations(&self, id: OrganisationId) -> bool {
        let goes_there = self.organisation(id).is_some_and(|organ| {
            matches!(
                organ.kind,
                OrganisationKind::DisciplineInspection
                    | OrganisationKind::OrganisationDepartment
                    | OrganisationKind::PetitionDepartment
            )
        });
        goes_there && self.has_staff_for(id, Duty::Accusation)
    }

    /// Whether the organ has an active user with the duty, grid members aside: nothing is sent where nobody can act.
    pub fn has_staff_for(&self, id: OrganisationId, duty: Duty) -> bool {
        self.duties.get(&id).is_some_and(|held| held.contains(&duty))
    }

    /// Whether the organ has an active user with the duty who is one of these, grid members aside.
    pub fn has_somebody_for(
        &self,
        id: OrganisationId,
        duty: Duty,
        is_meant: impl Fn(UserId) -> bool,
    ) -> bool {
        self.has_staff_for(id, duty)
            && self.staff.values().any(|member| {
                member.organisation == id
                    && member.role != Role::GridMember
                    && member.has(duty)
                    && is_meant(member.user)
            })
    }

    /// Whether an active organ of a level above has an active user with the duty.
    pub fn has_staff_above(&self, level: OrganisationLevel, duty: Duty) -> bool {
        self.duties.iter().any(|(organ, duties)| {
            duties.contains(&duty)
                && self.active_organisation(*organ).is_some_and(|organ| organ.level < level)
        })
    }

    /// The petition department of the region, or of the nearest region above it that has one.
    pub fn petition_department_for(&self, region: &RegionCode) -> Option<&Organisation> {
        self.nearest(region, |organ| organ.kind == OrganisationKind::PetitionDepartment)
    }

    /// The nearest petition department, upwards from the region, that may receive an accusation.
    pub fn accusations_desk_for(
        &self,
        region: &RegionCode,
        barred: &HashSet<OrganisationId>,
    ) -> Option<&Organisation> {
        self.nearest(region, |organ| {
            organ.kind == OrganisationKind::PetitionDepartment
                && !barred.contains(&organ.id)
                && self.receives_accusations(organ.id)
        })
    }

    /// The organ that reviews a decision of `organ` at `stage`: the first rule that finds an active
    /// organ other than `organ` itself; without a rule, the organ's superior (Art. 35, 36: "the next
    /// higher organ").
    pub fn review_authority(&self, organ: OrganisationId, stage: ReviewStage) -> Option<OrganisationId> {
        let subject = self.organisation(organ)?;
        self.review_rules
            .iter()
            .filter(|rule| {
                rule.organ_kind == subject.kind && rule.organ_level == subject.level && rule.stage == stage
            })
            .filter_map(|rule| self.authority_of(subject, rule))
            .chain(subject.superior)
            .find(|found| *found != organ && self.active_organisation(*found).is_some())
    }

    /// The organs that must not learn of an accusation (Art. 30): the accused organs, the organs of the
    /// accused users, everything below either, and where one of them is a government, every organ of its
    /// region, which it leads whatever line of superiors that organ has.
    pub fn barred_from_accusation(
        &self,
        accused_organisations: impl IntoIterator<Item = OrganisationId>,
        accused_users: impl IntoIterator<Item = UserId>,
    ) -> HashSet<OrganisationId> {
        let mut barred: HashSet<_> = accused_organisations.into_iter().collect();
        barred.extend(accused_users.into_iter().filter_map(|user| Some(self.staff(user)?.organisation)));
        let led: Vec<_> = barred
            .iter()
            .filter_map(|id| self.organisation(*id))
            .filter(|organ| organ.kind == OrganisationKind::Government)
            .map(|government| government.region.clone())
            .collect();
        let in_led_region = |organ: &&Organisation| led.iter().any(|region| region.contains(&organ.region));
        barred.extend(self.organisations.values().filter(in_led_region).map(|organ| organ.id));
        loop {
            let below: Vec<_> = self
                .organisations
                .values()
                .filter(|organ| !barred.contains(&organ.id))
                .filter(|organ| organ.superior.is_some_and(|superior| barred.contains(&superior)))
                .map(|organ| organ.id)
                .collect();
            if below.is_empty() {
                return barred;
            }
            barred.extend(below);
        }
    }

    fn authority_of(&self, organ: &Organisation, rule: &ReviewRule) -> Option<OrganisationId> {
        match rule.authority {
            ReviewAuthority::Superior => organ.superior,
            ReviewAuthority::Named => rule.named,
            ReviewAuthority::SameLevelGovernment => self.government_at(&organ.region),
            ReviewAuthority::SuperiorGovernment => self.government_at(&organ.region.parent()?),
            ReviewAuthority::CommitteeOfSuperiorRegion => self
                .nearest(&organ.region.parent()?, |found| found.kind == OrganisationKind::ReviewCommittee)
                .map(|found| found.id),
        }
    }

    fn government_at(&self, region: &RegionCode) -> Option<OrganisationId> {
        self.at(region, |found| found.kind == OrganisationKind::Government).map(|found| found.id)
    }

    fn nearest(&self, region: &RegionCode, wanted: impl Fn(&Organisation) -> bool) -> Option<&Organisation> {
        let mut place = Some(region.clone());
        while let Some(here) = place {
            if let Some(found) = self.at(&here, &wanted) {
                return Some(found);
            }
            place = here.parent();
        }
        None
    }

    fn at(&self, region: &RegionCode, wanted: impl Fn(&Organisation) -> bool) -> Option<&Organisation> {
        let mut organs = self.of_region.get(region)?.iter().filter_map(|id| self.organisation(*id));
        organs.find(|organ| organ.active && wanted(organ))
    }
}
