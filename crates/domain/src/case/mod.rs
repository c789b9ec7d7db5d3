//! The case: one aggregate from filing to double resolution, folded from its events.
//!
//! `decide` says what a command makes happen, `evolve` what an event changes, `actions` what is open to
//! a caller now; all three read the same table, [`transitions`].

mod actions;
pub mod backlog;
pub mod command;
pub mod content;
mod decide;
mod event;
mod evolve;
mod guard;
pub mod instruction;
mod status;
pub mod supervision;
pub mod transitions;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

pub use self::actions::{Action, actions};
pub use self::command::{About, Command, CommandKind};
pub use self::decide::{Context, Earlier, decide, decide_filing, decide_import};
pub use self::event::{Event, HeartReason, Recorded};
pub use self::evolve::{Unreadable, fold};
pub use self::status::{Cause, Channel, Purpose, Route, Source, Status, Track, Urgency};

use self::backlog::Backlog;
use self::content::{
    AcceptancePayload, Aftercare, AftercareKind, Agreement, Archiving, ClaimAnswer, ClosingReport,
    Commitment, Declining, Delivery, Dispatch, EarlierReply, Erasure, Evaluation, ExtensionRequest, Filing,
    HearingNotice, HearingOutcome, Mediation, NoLongerAccepting, Objection, OpinionDraft, Pledge, Reason,
    Recusal, Reopening, RepeatCheck, Reply, ReviewAdmission, ReviewDecision, ReviewRequest, Reward,
    RoutingOut, StudyConclusion, VisitBack, Withdrawal,
};
use self::instruction::{InstructionGiven, VisitReceived};
use self::supervision::{Supervision, SupervisionProposal};
use crate::access::Knowable;
use crate::deadline::{ClockKind, Deadline};
use crate::id::{CaseId, OrganisationId, UserId};
use crate::measure::{ConductCheck, HardshipCheck, Measure, MeasureKind, Reasonableness};
use crate::organisation::ReviewStage;
use crate::refusal::{Refusal, RefusalCode};
use crate::region::RegionCode;
use crate::text::{Narrative, Remark};

/// One request inside a case; the opinion is given on each (Art. 32).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Claim {
    /// Number within the case, from 1.
    pub no: u16,
    /// In the petitioner's words.
    pub text: Remark,
    pub reasonableness: Reasonableness,
    pub facts: Option<Remark>,
    /// The answer in force: the opinion's, or the review's that changed it.
    pub answer: Option<ClaimAnswer>,
    /// Whether a mediation agreement settled it.
    pub settled: bool,
}

/// A dispatch that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DispatchMade {
    pub from: OrganisationId,
    #[serde(flatten)]
    pub dispatch: Dispatch,
    pub on: NaiveDate,
}

/// An objection that waits for the sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PendingObjection {
    pub by: OrganisationId,
    #[serde(flatten)]
    pub objection: Objection,
    pub on: NaiveDate,
}

/// How the case left the petition procedure, where it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Disposal {
    DirectReply(Reply),
    FiledOnly(Reason),
    Declined(Declining),
    NoLongerAccepted(NoLongerAccepting),
    RoutedOut(RoutingOut),
    Withdrawn(Withdrawal),
}

/// An extension, from request to decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Extension {
    #[serde(flatten)]
    pub request: ExtensionRequest,
    pub proposed_by: Option<UserId>,
    /// In whose place, where a deputy proposed it.
    pub proposed_on_behalf_of: Option<UserId>,
    /// Null while it waits for the head of the organ.
    pub approved: Option<bool>,
}

/// A draft before it is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Draft {
    #[serde(flatten)]
    pub draft: OpinionDraft,
    pub drafted_by: Option<UserId>,
    /// In whose place, where a deputy drafted it.
    pub drafted_on_behalf_of: Option<UserId>,
    pub returned: Option<Remark>,
}

/// An opinion that was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IssuedOpinion {
    #[serde(flatten)]
    pub opinion: OpinionDraft,
    pub document_no: String,
    pub issued_by: OrganisationId,
    pub drafted_by: Option<UserId>,
    /// In whose place, where a deputy drafted it.
    pub drafted_on_behalf_of: Option<UserId>,
    pub signed_by: Option<UserId>,
    /// In whose place, where a deputy signed it.
    pub signed_on_behalf_of: Option<UserId>,
    pub issued_on: NaiveDate,
    pub delivered_on: Option<NaiveDate>,
    /// Whether a review set it aside.
    pub set_aside: bool,
}

impl IssuedOpinion {
    /// The drafter, or in whose place a deputy drafted it.
    pub fn drafter(&self) -> Option<UserId> {
        self.drafted_on_behalf_of.or(self.drafted_by)
    }

    /// The signer, or in whose place a deputy signed it.
    pub fn signer(&self) -> Option<UserId> {
        self.signed_on_behalf_of.or(self.signed_by)
    }
}

/// A hearing, from notice to finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Hearing {
    #[serde(flatten)]
    pub notice: HearingNotice,
    pub convened_on: NaiveDate,
    pub outcome: Option<HearingOutcome>,
}

/// A review or re-review, from request to delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Review {
    pub stage: ReviewStage,
    pub organ: OrganisationId,
    /// Which of the case's opinions it looks at, from 1.
    pub opinion_no: usize,
    pub requested_on: NaiveDate,
    #[serde(flatten)]
    pub request: ReviewRequest,
    /// Where the case stood when it was asked for.
    pub from: Status,
    pub admission: Option<ReviewAdmission>,
    pub decision: Option<ReviewDecision>,
    pub decided_by: Option<UserId>,
    /// In whose place, where a deputy decided it.
    pub decided_on_behalf_of: Option<UserId>,
    pub decided_on: Option<NaiveDate>,
    pub delivered_on: Option<NaiveDate>,
}

/// A leader who answers for the case (包案, Art. 18).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LeaderInCharge {
    pub leader: UserId,
    pub since_on: NaiveDate,
    pub plan: Narrative,
    pub target_on: NaiveDate,
    /// Which of the four commitments are kept by now.
    pub kept: Vec<Commitment>,
    pub reported_on: Option<NaiveDate>,
    /// Who was in charge before, the first first.
    pub predecessors: Vec<FormerLeader>,
}

/// A leader who was in charge before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FormerLeader {
    pub leader: UserId,
    pub since_on: NaiveDate,
    pub until_on: NaiveDate,
}

/// Double resolution: two dated facts, the second of which may come later or be undone (§3.2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Resolution {
    /// Every applicable obligation verified and the result carried out.
    pub matter_resolved_on: Option<NaiveDate>,
    /// The petitioner said so, or pledged so, and has not come back since.
    pub heart_resolved_on: Option<NaiveDate>,
    /// The later of the two, while both hold.
    pub double_resolved_on: Option<NaiveDate>,
    /// Until when a repeat petition undoes the resolved heart.
    pub observed_until: Option<NaiveDate>,
}

/// The case, as its events left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Case {
    pub id: CaseId,
    /// Number of events.
    pub version: u32,
    pub status: Status,
    pub track: Track,
    #[serde(flatten)]
    pub filing: Filing,
    pub registered_by: Option<UserId>,
    /// Server receipt, UTC: legal clocks run from here.
    pub filed_at: DateTime<Utc>,
    pub filed_on: NaiveDate,
    /// The organ that has the case now.
    pub holder: OrganisationId,
    pub repeat_check: Option<RepeatCheck>,
    /// Later cases that were confirmed as repeats of this one.
    pub repeated_by: Vec<CaseId>,
    pub dispatches: Vec<DispatchMade>,
    pub objection: Option<PendingObjection>,
    pub simple_procedure: bool,
    pub acceptance: Option<AcceptancePayload>,
    pub accepted_on: Option<NaiveDate>,
    pub disposal: Option<Disposal>,
    pub handlers: Vec<UserId>,
    /// Who has a direct interest and nothing more to do with the case (Art. 28).
    pub recusals: Vec<Recusal>,
    /// Everybody who has handled, answered for a measure or for the case, drafted, examined or signed, in any
    /// round: none of them reviews (Art. 28).
    #[serde(skip)]
    pub took_part: BTreeSet<UserId>,
    /// Everybody who decided on acceptance, an extension or a review, or reported for a supervised organ: none of them
    /// supervises or inspects the case, whatever they are moved to (Art. 28).
    #[serde(skip)]
    pub answerable: BTreeSet<UserId>,
    /// Drafts of this round that were sent back: whoever wrote one does not sign it when a colleague hands it in.
    #[serde(skip)]
    pub returned_drafts: Vec<Draft>,
    pub co_organisations: Vec<OrganisationId>,
    pub claims: Vec<Claim>,
    pub hardship: Option<HardshipCheck>,
    pub conduct: Option<ConductCheck>,
    #[schema(value_type = std::collections::HashMap<String, Measure>)]
    pub measures: BTreeMap<MeasureKind, Measure>,
    pub mediation: Option<Mediation>,
    pub agreements: Vec<Agreement>,
    pub hearings: Vec<Hearing>,
    pub extension: Option<Extension>,
    pub draft: Option<Draft>,
    pub opinions: Vec<IssuedOpinion>,
    pub deliveries: Vec<Delivery>,
    pub reviews: Vec<Review>,
    pub visit_backs: Vec<VisitBack>,
    pub evaluation: Option<Evaluation>,
    pub pledge: Option<Pledge>,
    pub closing_report: Option<ClosingReport>,
    pub closed_on: Option<NaiveDate>,
    pub terminated_on: Option<NaiveDate>,
    pub reopenings: Vec<Reopening>,
    pub archiving: Option<Archiving>,
    pub archived_on: Option<NaiveDate>,
    /// That the personal data was destroyed after the retention term, and who agreed on it.
    pub erasure: Option<Erasure>,
    pub erased_on: Option<NaiveDate>,
    pub study: Option<StudyConclusion>,
    pub suggestion_reply: Option<Reply>,
    pub reward: Option<Reward>,
    pub receipt_no: Option<String>,
    pub outcome: Option<content::AccusationOutcome>,
    pub aftercare: Vec<Aftercare>,
    /// What Art. 37 still asks for after termination.
    pub aftercare_due: Vec<AftercareKind>,
    pub earlier_reply: Option<EarlierReply>,
    /// The leader in charge, also after the case was closed.
    pub in_charge: Option<LeaderInCharge>,
    /// Its times on a list of backlog, the last of which is the present one.
    pub backlog: Vec<Backlog>,
    /// What leading cadres ordered about the case.
    pub instructions: Vec<InstructionGiven>,
    /// Visits about the case that leading cadres received.
    pub visits: Vec<VisitReceived>,
    /// Clocks that organs let pass, on which a supervisor has not decided (Art. 40).
    pub supervision_proposals: Vec<SupervisionProposal>,
    pub supervisions: Vec<Supervision>,
    pub resolution: Resolution,
    pub deadlines: Vec<Deadline>,
}

impl Case {
    /// Whether the case is on its need-to-know list only (Art. 30).
    pub fn is_confidential(&self) -> bool {
        self.track == Track::Accusation
    }

    /// Whether the matter has ended for good (Art. 36).
    pub const fn is_terminated(&self) -> bool {
        self.terminated_on.is_some()
    }

    /// The last day on which the file must be kept: the last of the year in which the term ends, counted from the year after
    /// that of the archiving. None before that, and for a file that is kept for good.
    pub fn retained_until(&self) -> Option<NaiveDate> {
        let years = self.archiving.as_ref()?.retention.years()?;
        NaiveDate::from_ymd_opt(self.archived_on?.year().checked_add(years)?, 12, 31)
    }

    /// Whether the personal data may be destroyed on the legal day.
    ///
    /// # Errors
    /// The file is not in the archive, must still be kept, or the data is destroyed already.
    pub fn may_be_erased(&self, today: NaiveDate) -> Result<(), Refusal> {
        let allowed_from = transitions::allowed_from(CommandKind::Erase, self.track);
        if !allowed_from.contains(&self.status) {
            let allowed_from = allowed_from.into_iter().map(Into::into).collect();
            return Err(Refusal { allowed_from, ..Refusal::new(RefusalCode::StateForbids) });
        }
        if self.erasure.is_some() {
            return Err(Refusal::new(RefusalCode::AlreadyErased));
        }
        match self.retained_until() {
            Some(last) if last < today => Ok(()),
            _ => Err(Refusal::new(RefusalCode::RetentionNotOver)),
        }
    }

    /// The measure of that kind.
    pub fn measure(&self, kind: MeasureKind) -> Option<&Measure> {
        self.measures.get(&kind)
    }

    /// The claim of that number.
    pub fn claim(&self, no: u16) -> Option<&Claim> {
        self.claims.iter().find(|claim| claim.no == no)
    }

    /// The latest open deadline of that kind.
    pub fn open_deadline(&self, kind: ClockKind) -> Option<&Deadline> {
        self.deadlines.iter().rev().find(|deadline| deadline.kind == kind && deadline.is_open())
    }

    /// The review that waits for a decision, if one does.
    pub fn live_review(&self) -> Option<&Review> {
        self.reviews.last().filter(|review| {
            review.decision.is_none() && review.admission.as_ref().is_none_or(|admission| admission.admitted)
        })
    }

    /// The decided review of the opinion in force, which a re-review looks at.
    pub fn decided_review(&self) -> Option<&Review> {
        self.reviews.iter().rev().find(|review| {
            review.stage == ReviewStage::Review
                && review.decision.is_some()
                && review.opinion_no == self.opinions.len()
        })
    }

    /// The opinion in force.
    pub fn opinion(&self) -> Option<&IssuedOpinion> {
        self.opinions.last().filter(|opinion| !opinion.set_aside)
    }

    /// The organ that made the last dispatch to the holder.
    pub fn sender(&self) -> Option<OrganisationId> {
        self.dispatches.last().map(|made| made.from)
    }

    /// Every organisation that has or had a part in the case.
    pub fn organisations(&self) -> impl Iterator<Item = OrganisationId> + '_ {
        [self.holder, self.filing.received_by]
            .into_iter()
            .chain(self.dispatches.iter().map(|made| made.dispatch.to))
            .chain(self.co_organisations.iter().copied())
            .chain(self.reviews.iter().map(|review| review.organ))
            .chain(self.supervisions.iter().flat_map(Supervision::addressees))
            .chain(self.instructions.iter().map(|given| given.instruction.to))
    }

    /// Every user with a part in the handling; where a deputy acted, the user in whose place.
    pub fn users(&self) -> impl Iterator<Item = UserId> + '_ {
        self.handlers
            .iter()
            .copied()
            .chain(self.measures.values().filter_map(|measure| measure.owner))
            .chain(self.opinions.iter().flat_map(|opinion| [opinion.drafter(), opinion.signer()]).flatten())
            .chain(self.in_charge.iter().map(|charge| charge.leader))
            .chain(self.open_instructions().map(|given| given.instruction.leader))
    }

    /// The users whom the case complains of.
    pub fn accused_users(&self) -> impl Iterator<Item = UserId> + '_ {
        self.filing.respondents.iter().filter_map(|respondent| respondent.user)
    }

    /// Whether the user has a direct interest: the case complains of them, or they were recused (Art. 28).
    pub fn has_interest(&self, user: UserId) -> bool {
        self.recused_users().chain(self.accused_users()).any(|interested| interested == user)
    }

    /// To whom the case is not shown: those it complains of, and of an accusation also those who were recused.
    pub fn barred_users(&self) -> impl Iterator<Item = UserId> + '_ {
        let recused = self.recused_users().filter(|_| self.is_confidential());
        self.accused_users().chain(recused)
    }

    /// The users who were recused.
    pub fn recused_users(&self) -> impl Iterator<Item = UserId> + '_ {
        self.recusals.iter().map(|recusal| recusal.user)
    }
}

impl Knowable for Case {
    fn region(&self) -> &RegionCode {
        &self.filing.region
    }

    fn registered_by(&self) -> Option<UserId> {
        self.registered_by
    }

    fn involves(&self, organisation: OrganisationId) -> bool {
        self.organisations().any(|involved| involved == organisation)
    }

    fn is_handled_by(&self, user: UserId) -> bool {
        self.users().any(|handling| handling == user)
    }

    fn is_kept_from(&self, user: UserId) -> bool {
        self.barred_users().any(|barred| barred == user)
    }

    fn is_confidential(&self) -> bool {
        Self::is_confidential(self)
    }
}
