//! THE table of transitions: which command is open in which state, where it leads, under which article,
//! which clocks it starts and stops, and which document it makes (`domain.md` §2.2).

use super::command::CommandKind;
use super::content::DocumentKind;
use super::status::{Status, Track};
use crate::deadline::ClockKind;
use crate::refusal::Article;

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Transition {
    pub command: CommandKind,
    pub tracks: &'static [Track],
    pub from: &'static [Status],
    /// Where the command may lead; empty when it leaves the state as it is.
    pub to: &'static [Status],
    pub article: Option<Article>,
    pub starts: &'static [ClockKind],
    /// Clocks that end because what they asked for was done.
    pub meets: &'static [ClockKind],
    /// Clocks that end because they are no longer needed.
    pub cancels: &'static [ClockKind],
    pub document: Option<DocumentKind>,
}

use ClockKind as K;
use CommandKind as C;
use DocumentKind as D;
use Status as S;

const CLAIMS: &[Track] = &[Track::Claim];
const SUGGESTIONS: &[Track] = &[Track::Suggestion];
const ACCUSATIONS: &[Track] = &[Track::Accusation];
const NOT_ACCUSATIONS: &[Track] = &[Track::Claim, Track::Suggestion];
const ALL: &[Track] = &[Track::Claim, Track::Suggestion, Track::Accusation];

const RECEIVED: &[Status] = &[S::Registered, S::Screening, S::Transferred, S::Assigned, S::PendingAcceptance];
/// States in which measures are planned, carried out and verified: from the handling until the closure.
const MEASURES: &[Status] = &[
    S::InHandling,
    S::Mediating,
    S::OpinionDraft,
    S::OpinionReview,
    S::OpinionIssued,
    S::Delivered,
    S::Executing,
    S::Reviewing,
    S::ReviewIssued,
    S::ReReviewing,
    S::ReReviewIssued,
    S::ReturnedForRework,
    S::Terminated,
];
const ANSWERED: &[Status] = &[
    S::Delivered,
    S::Executing,
    S::Closed,
    S::Reviewing,
    S::ReviewIssued,
    S::ReReviewing,
    S::ReReviewIssued,
    S::Terminated,
];
const BEFORE_OPINION: &[Status] = &[
    S::Registered,
    S::Screening,
    S::Transferred,
    S::Assigned,
    S::Objected,
    S::PendingAcceptance,
    S::Accepted,
    S::InHandling,
    S::Mediating,
    S::OpinionDraft,
    S::OpinionReview,
    S::ReturnedForRework,
    S::Studying,
    S::StudyConcluded,
    S::Forwarded,
];
/// States in which a handler who leaves is replaced while the matter goes on as it is.
const HANDLER_NEEDED: &[Status] = &[
    S::Mediating,
    S::OpinionDraft,
    S::OpinionReview,
    S::OpinionIssued,
    S::Delivered,
    S::Executing,
    S::Reviewing,
    S::ReviewIssued,
    S::ReReviewing,
    S::ReReviewIssued,
    S::Terminated,
];
const HANDLED: &[Status] = &[S::InHandling, S::Mediating, S::OpinionDraft, S::OpinionReview];
const ENDED: &[Status] = &[
    S::Closed,
    S::Terminated,
    S::NotAccepted,
    S::NoLongerAccepted,
    S::RoutedOut,
    S::DirectReply,
    S::FiledOnly,
    S::Withdrawn,
    S::Replied,
    S::OutcomeRecorded,
];
const EVERY_STATE_BUT_ARCHIVED: &[Status] = &[
    S::Registered,
    S::Screening,
    S::Transferred,
    S::Assigned,
    S::Objected,
    S::PendingAcceptance,
    S::Accepted,
    S::InHandling,
    S::Mediating,
    S::OpinionDraft,
    S::OpinionReview,
    S::OpinionIssued,
    S::Delivered,
    S::Executing,
    S::Closed,
    S::Reviewing,
    S::ReviewIssued,
    S::ReReviewing,
    S::ReReviewIssued,
    S::ReturnedForRework,
    S::Terminated,
    S::NotAccepted,
    S::NoLongerAccepted,
    S::RoutedOut,
    S::DirectReply,
    S::FiledOnly,
    S::Withdrawn,
    S::Studying,
    S::StudyConcluded,
    S::Replied,
    S::Forwarded,
    S::ReceiptAcknowledged,
    S::OutcomeRecorded,
];
/// States in which a leader can be in charge and reports: until the matter is closed, and after the procedure has ended.
pub const IN_CHARGE: &[Status] = &[
    S::Registered,
    S::Screening,
    S::Transferred,
    S::Assigned,
    S::Objected,
    S::PendingAcceptance,
    S::Accepted,
    S::InHandling,
    S::Mediating,
    S::OpinionDraft,
    S::OpinionReview,
    S::OpinionIssued,
    S::Delivered,
    S::Executing,
    S::Reviewing,
    S::ReviewIssued,
    S::ReReviewing,
    S::ReReviewIssued,
    S::ReturnedForRework,
    S::Terminated,
];
/// Every clock of the matter. Those of supervision, backlog and leaders' instructions are about the organ, and run on whatever becomes of the matter.
pub const CLOCKS_OF_THE_MATTER: &[ClockKind] = &[
    K::Dispatch,
    K::DispatchShare,
    K::Notice,
    K::Objection,
    K::Handling,
    K::Extension,
    K::ReviewRequest,
    K::Review,
    K::ReReviewRequest,
    K::ReReview,
    K::AssignedFeedback,
    K::SimplePass,
    K::SimpleDecision,
    K::SimpleOpinion,
    K::ReviewAdmission,
    K::Evaluation,
    K::ChargeReport,
];
/// Clocks of whoever has the case before it is taken up.
const INTAKE_CLOCKS: &[ClockKind] =
    &[K::Dispatch, K::DispatchShare, K::Notice, K::SimplePass, K::SimpleDecision];
const HANDLING_CLOCKS: &[ClockKind] = &[K::Handling, K::Extension, K::SimpleOpinion];

const fn row(command: CommandKind, tracks: &'static [Track], from: &'static [Status]) -> Transition {
    Transition {
        command,
        tracks,
        from,
        to: &[],
        article: None,
        starts: &[],
        meets: &[],
        cancels: &[],
        document: None,
    }
}

impl Transition {
    const fn to(mut self, to: &'static [Status]) -> Self {
        self.to = to;
        self
    }

    const fn art(mut self, article: u8) -> Self {
        self.article = Some(Article(article));
        self
    }

    const fn starts(mut self, clocks: &'static [ClockKind]) -> Self {
        self.starts = clocks;
        self
    }

    const fn meets(mut self, clocks: &'static [ClockKind]) -> Self {
        self.meets = clocks;
        self
    }

    const fn cancels(mut self, clocks: &'static [ClockKind]) -> Self {
        self.cancels = clocks;
        self
    }

    const fn document(mut self, document: DocumentKind) -> Self {
        self.document = Some(document);
        self
    }
}

/// The table. A command has several rows where its clocks differ by where it leads; the first row that
/// fits the track, the state it came from and the state it leads to is the one that applies.
///
/// Which of the clocks of a dispatch start depends on the receiver (a petition department passes on and
/// has A; an organ answers and has B), and of an acceptance on the procedure: `decide` leaves out those
/// that do not fit.
pub const TRANSITIONS: &[Transition] = &[
    row(C::ConfirmRepeat, ALL, &[S::Registered]).to(&[S::Screening]).art(19),
    row(C::ConfirmRepeat, ALL, &[S::Screening, S::Transferred, S::Assigned, S::PendingAcceptance]).art(19),
    row(C::Transfer, NOT_ACCUSATIONS, RECEIVED)
        .to(&[S::Transferred])
        .art(22)
        .starts(&[K::Dispatch, K::DispatchShare, K::Notice, K::Objection, K::SimplePass, K::SimpleDecision])
        .meets(INTAKE_CLOCKS)
        .cancels(&[K::Objection])
        .document(D::TransferLetter),
    row(C::Transfer, ACCUSATIONS, &[S::Registered, S::Screening, S::Forwarded])
        .to(&[S::Forwarded])
        .art(30)
        .starts(&[K::Dispatch, K::DispatchShare])
        .meets(INTAKE_CLOCKS)
        .document(D::TransferLetter),
    row(C::Assign, NOT_ACCUSATIONS, RECEIVED)
        .to(&[S::Assigned])
        .art(22)
        .starts(&[K::Dispatch, K::DispatchShare, K::Notice, K::Objection, K::AssignedFeedback])
        .meets(INTAKE_CLOCKS)
        .cancels(&[K::Objection])
        .document(D::AssignmentLetter),
    row(C::Object, NOT_ACCUSATIONS, &[S::Transferred, S::Assigned])
        .to(&[S::Objected])
        .art(23)
        .meets(&[K::Objection])
        .document(D::ObjectionLetter),
    row(C::DecideObjection, NOT_ACCUSATIONS, &[S::Objected])
        .to(&[S::Screening])
        .art(23)
        .starts(&[K::Dispatch, K::DispatchShare, K::Notice])
        .cancels(&[
            K::Dispatch,
            K::DispatchShare,
            K::Notice,
            K::AssignedFeedback,
            K::SimplePass,
            K::SimpleDecision,
        ]),
    row(C::DecideObjection, NOT_ACCUSATIONS, &[S::Objected]).to(&[S::PendingAcceptance]).art(23),
    row(C::DirectReply, NOT_ACCUSATIONS, RECEIVED)
        .to(&[S::DirectReply])
        .art(22)
        .meets(INTAKE_CLOCKS)
        .cancels(CLOCKS_OF_THE_MATTER),
    row(C::FileOnly, ALL, &[S::Registered, S::Screening])
        .to(&[S::FiledOnly])
        .art(22)
        .meets(INTAKE_CLOCKS)
        .cancels(CLOCKS_OF_THE_MATTER),
    row(C::Accept, CLAIMS, RECEIVED)
        .to(&[S::Accepted])
        .art(31)
        .starts(&[K::Handling, K::SimpleOpinion])
        .meets(INTAKE_CLOCKS)
        .cancels(&[K::Objection])
        .document(D::AcceptanceNotice),
    row(C::Accept, SUGGESTIONS, RECEIVED)
        .to(&[S::Studying])
        .art(29)
        .meets(INTAKE_CLOCKS)
        .cancels(&[K::Objection])
        .document(D::AcceptanceNotice),
    row(C::Decline, NOT_ACCUSATIONS, RECEIVED)
        .to(&[S::NotAccepted])
        .art(23)
        .meets(INTAKE_CLOCKS)
        .cancels(CLOCKS_OF_THE_MATTER)
        .document(D::RefusalNotice),
    row(C::NoLongerAccept, CLAIMS, RECEIVED)
        .to(&[S::NoLongerAccepted])
        .art(36)
        .meets(INTAKE_CLOCKS)
        .cancels(CLOCKS_OF_THE_MATTER)
        .document(D::FinalityNotice),
    row(C::RouteOut, CLAIMS, RECEIVED)
        .to(&[S::RoutedOut])
        .art(31)
        .meets(INTAKE_CLOCKS)
        .cancels(CLOCKS_OF_THE_MATTER)
        .document(D::RouteNotice),
    row(C::AssignHandlers, CLAIMS, &[S::Accepted, S::InHandling, S::ReturnedForRework])
        .to(&[S::InHandling])
        .art(28),
    row(C::AssignHandlers, CLAIMS, HANDLER_NEEDED).art(28),
    row(C::AssignHandlers, SUGGESTIONS, &[S::Studying]).art(28),
    row(C::Recuse, ALL, EVERY_STATE_BUT_ARCHIVED).art(28).cancels(&[K::ChargeReport]),
    row(
        C::AddClaims,
        CLAIMS,
        &[
            S::Registered,
            S::Screening,
            S::Transferred,
            S::Assigned,
            S::PendingAcceptance,
            S::Accepted,
            S::InHandling,
            S::OpinionDraft,
            S::ReturnedForRework,
        ],
    )
    .art(19),
    row(
        C::RecordFindings,
        CLAIMS,
        &[S::InHandling, S::OpinionDraft, S::Delivered, S::Executing, S::ReviewIssued, S::Terminated],
    )
    .art(27),
    row(C::StartMediation, CLAIMS, &[S::InHandling]).to(&[S::Mediating]).art(33),
    row(C::ConcludeMediation, CLAIMS, &[S::Mediating])
        .to(&[S::Executing])
        .art(33)
        .starts(&[K::Evaluation])
        .meets(HANDLING_CLOCKS)
        .document(D::Agreement),
    row(C::ConcludeMediation, CLAIMS, &[S::Mediating]).to(&[S::InHandling]).art(33),
    row(C::ConveneHearing, CLAIMS, &[S::InHandling, S::Reviewing, S::ReReviewing])
        .art(31)
        .document(D::HearingNotice),
    row(C::ConcludeHearing, CLAIMS, &[S::InHandling, S::OpinionDraft, S::Reviewing, S::ReReviewing]).art(31),
    row(C::RequestExtension, CLAIMS, HANDLED).art(34),
    row(C::DecideExtension, CLAIMS, HANDLED)
        .art(34)
        .starts(&[K::Extension])
        .cancels(&[K::Handling])
        .document(D::ExtensionNotice),
    row(C::DraftOpinion, CLAIMS, &[S::InHandling, S::OpinionDraft]).to(&[S::OpinionReview]).art(32),
    row(C::ReturnOpinion, CLAIMS, &[S::OpinionReview]).to(&[S::OpinionDraft]).art(32),
    row(C::IssueOpinion, CLAIMS, &[S::OpinionReview])
        .to(&[S::OpinionIssued])
        .art(32)
        .meets(HANDLING_CLOCKS)
        .document(D::HandlingOpinion),
    row(C::Deliver, CLAIMS, &[S::OpinionIssued])
        .to(&[S::Delivered, S::Executing])
        .art(35)
        .starts(&[K::ReviewRequest, K::Evaluation])
        .document(D::DeliveryProof),
    row(C::Deliver, CLAIMS, &[S::ReReviewIssued])
        .to(&[S::Terminated])
        .art(36)
        .cancels(&[K::ReviewRequest, K::ReReviewRequest])
        .document(D::DeliveryProof),
    row(C::Deliver, CLAIMS, &[S::ReviewIssued])
        .to(&[S::ReviewIssued])
        .art(36)
        .starts(&[K::ReReviewRequest])
        .document(D::DeliveryProof),
    row(C::Deliver, ALL, EVERY_STATE_BUT_ARCHIVED).art(23).document(D::DeliveryProof),
    row(C::PlanMeasure, CLAIMS, MEASURES).art(27),
    row(C::AddMeasureStep, CLAIMS, MEASURES).art(27),
    row(C::ReportInPlace, CLAIMS, MEASURES).art(27),
    row(C::VerifyMeasure, CLAIMS, MEASURES).art(27),
    row(C::FindNotApplicable, CLAIMS, MEASURES).art(27),
    row(C::RequestReview, CLAIMS, &[S::Delivered, S::Executing, S::Closed])
        .to(&[S::Reviewing])
        .art(35)
        .starts(&[K::Review, K::ReviewAdmission, K::ChargeReport])
        .meets(&[K::ReviewRequest]),
    row(C::AdmitReview, CLAIMS, &[S::Reviewing])
        .to(&[S::Reviewing])
        .art(35)
        .meets(&[K::ReviewAdmission])
        .document(D::ReviewNotice),
    row(C::AdmitReview, CLAIMS, &[S::Reviewing])
        .to(&[S::Delivered, S::Executing])
        .art(35)
        .meets(&[K::ReviewAdmission])
        .cancels(&[K::Review])
        .document(D::ReviewNotice),
    row(C::AdmitReview, CLAIMS, &[S::Reviewing])
        .to(&[S::Closed])
        .art(35)
        .meets(&[K::ReviewAdmission])
        .cancels(&[K::Review, K::ChargeReport])
        .document(D::ReviewNotice),
    row(C::DecideReview, CLAIMS, &[S::Reviewing])
        .to(&[S::ReviewIssued])
        .art(35)
        .meets(&[K::Review, K::ReviewAdmission])
        .document(D::ReviewOpinion),
    row(C::DecideReview, CLAIMS, &[S::Reviewing])
        .to(&[S::ReturnedForRework])
        .art(35)
        .starts(&[K::Handling])
        .meets(&[K::Review, K::ReviewAdmission])
        .cancels(&[K::Evaluation])
        .document(D::ReviewOpinion),
    row(C::RequestReReview, CLAIMS, &[S::ReviewIssued, S::Closed])
        .to(&[S::ReReviewing])
        .art(36)
        .starts(&[K::ReReview, K::ReviewAdmission, K::ChargeReport])
        .meets(&[K::ReReviewRequest]),
    row(C::AdmitReReview, CLAIMS, &[S::ReReviewing])
        .to(&[S::ReReviewing])
        .art(36)
        .meets(&[K::ReviewAdmission])
        .document(D::ReviewNotice),
    row(C::AdmitReReview, CLAIMS, &[S::ReReviewing])
        .to(&[S::ReviewIssued])
        .art(36)
        .meets(&[K::ReviewAdmission])
        .cancels(&[K::ReReview])
        .document(D::ReviewNotice),
    row(C::AdmitReReview, CLAIMS, &[S::ReReviewing])
        .to(&[S::Closed])
        .art(36)
        .meets(&[K::ReviewAdmission])
        .cancels(&[K::ReReview, K::ChargeReport])
        .document(D::ReviewNotice),
    row(C::DecideReReview, CLAIMS, &[S::ReReviewing])
        .to(&[S::ReReviewIssued])
        .art(36)
        .meets(&[K::ReReview, K::ReviewAdmission])
        .document(D::ReReviewOpinion),
    row(C::DecideReReview, CLAIMS, &[S::ReReviewing])
        .to(&[S::ReturnedForRework])
        .art(36)
        .starts(&[K::Handling])
        .meets(&[K::ReReview, K::ReviewAdmission])
        .cancels(&[K::Evaluation])
        .document(D::ReReviewOpinion),
    row(C::VisitBack, ALL, EVERY_STATE_BUT_ARCHIVED).art(27),
    row(C::Evaluate, CLAIMS, ANSWERED).art(21).meets(&[K::Evaluation]),
    row(C::RecordPledge, CLAIMS, ANSWERED).art(27),
    row(C::Close, CLAIMS, &[S::Delivered, S::Executing, S::ReviewIssued, S::Terminated])
        .to(&[S::Closed])
        .art(27)
        .meets(&[K::AssignedFeedback])
        .cancels(&[K::ChargeReport])
        .document(D::ClosingReport),
    row(C::Withdraw, ALL, BEFORE_OPINION).to(&[S::Withdrawn]).art(21).cancels(CLOCKS_OF_THE_MATTER),
    row(C::Reopen, CLAIMS, &[S::Closed, S::Terminated, S::Withdrawn])
        .to(&[S::ReturnedForRework])
        .art(40)
        .starts(&[K::Handling, K::ChargeReport])
        .cancels(CLOCKS_OF_THE_MATTER)
        .document(D::ReopeningNotice),
    row(
        C::Reopen,
        NOT_ACCUSATIONS,
        &[S::Withdrawn, S::NotAccepted, S::RoutedOut, S::DirectReply, S::FiledOnly],
    )
    .to(&[S::Screening])
    .art(40)
    .starts(&[K::Dispatch, K::DispatchShare, K::Notice, K::ChargeReport])
    .document(D::ReopeningNotice),
    row(C::Reopen, CLAIMS, &[S::Delivered])
        .to(&[S::ReturnedForRework])
        .art(40)
        .starts(&[K::Handling, K::ChargeReport])
        .cancels(CLOCKS_OF_THE_MATTER)
        .document(D::ReopeningNotice),
    row(C::Archive, CLAIMS, &[S::Delivered])
        .to(&[S::Archived])
        .cancels(&[K::ChargeReport])
        .document(D::ArchiveCatalogue),
    row(C::Archive, ALL, ENDED).to(&[S::Archived]).cancels(&[K::ChargeReport]).document(D::ArchiveCatalogue),
    row(C::ConcludeStudy, SUGGESTIONS, &[S::Studying]).to(&[S::StudyConcluded]).art(29),
    row(C::ReplyToSuggestion, SUGGESTIONS, &[S::StudyConcluded])
        .to(&[S::Replied])
        .art(29)
        .meets(&[K::AssignedFeedback])
        .document(D::SuggestionReply),
    row(C::RewardSuggestion, SUGGESTIONS, &[S::Replied]).art(29),
    row(C::AcknowledgeReceipt, ACCUSATIONS, &[S::Registered, S::Screening, S::Forwarded])
        .to(&[S::ReceiptAcknowledged])
        .art(30)
        .meets(INTAKE_CLOCKS),
    row(C::RecordOutcome, ACCUSATIONS, &[S::ReceiptAcknowledged]).to(&[S::OutcomeRecorded]).art(30),
    row(C::RecordAftercare, CLAIMS, &[S::Terminated, S::Closed]).art(37),
    row(C::TakeCharge, CLAIMS, IN_CHARGE).art(18).starts(&[K::ChargeReport]),
    row(C::ReportCharge, CLAIMS, IN_CHARGE).art(18).starts(&[K::ChargeReport]).meets(&[K::ChargeReport]),
    row(C::HandOverCharge, CLAIMS, IN_CHARGE).art(18).starts(&[K::ChargeReport]).meets(&[K::ChargeReport]),
    row(C::ListAsBacklog, CLAIMS, EVERY_STATE_BUT_ARCHIVED)
        .art(38)
        .starts(&[K::BacklogReport])
        .cancels(&[K::BacklogReport]),
    row(C::ReportOnBacklog, CLAIMS, EVERY_STATE_BUT_ARCHIVED)
        .art(38)
        .starts(&[K::BacklogReport])
        .meets(&[K::BacklogReport]),
    row(C::InspectBacklog, CLAIMS, EVERY_STATE_BUT_ARCHIVED).art(38).cancels(&[K::BacklogReport]),
    row(C::StrikeOffBacklog, CLAIMS, EVERY_STATE_BUT_ARCHIVED).art(38).starts(&[K::BacklogReport]),
    row(C::GiveInstruction, NOT_ACCUSATIONS, EVERY_STATE_BUT_ARCHIVED)
        .art(18)
        .starts(&[K::InstructionReport]),
    row(C::ReportOnInstruction, NOT_ACCUSATIONS, EVERY_STATE_BUT_ARCHIVED)
        .art(18)
        .meets(&[K::InstructionReport]),
    row(C::DecideInstruction, NOT_ACCUSATIONS, EVERY_STATE_BUT_ARCHIVED)
        .art(18)
        .starts(&[K::InstructionReport])
        .cancels(&[K::InstructionReport]),
    row(C::ReceiveVisit, NOT_ACCUSATIONS, EVERY_STATE_BUT_ARCHIVED).art(18),
    row(C::ReceiveVisit, NOT_ACCUSATIONS, &[S::Archived]).art(18),
    row(C::OrderSupervision, NOT_ACCUSATIONS, EVERY_STATE_BUT_ARCHIVED)
        .art(40)
        .starts(&[K::SupervisionReport])
        .document(D::SupervisionLetter),
    row(C::ReportOnSupervision, NOT_ACCUSATIONS, EVERY_STATE_BUT_ARCHIVED)
        .art(40)
        .meets(&[K::SupervisionReport]),
    row(C::JudgeSupervision, NOT_ACCUSATIONS, EVERY_STATE_BUT_ARCHIVED)
        .art(40)
        .starts(&[K::SupervisionReport])
        .cancels(&[K::SupervisionReport]),
    row(C::EscalateSupervision, NOT_ACCUSATIONS, EVERY_STATE_BUT_ARCHIVED)
        .art(39)
        .starts(&[K::SupervisionReport])
        .cancels(&[K::SupervisionReport]),
    row(C::MakeSuggestions, NOT_ACCUSATIONS, EVERY_STATE_BUT_ARCHIVED)
        .art(40)
        .starts(&[K::SuggestionsAnswer])
        .document(D::SuggestionsLetter),
    row(C::AnswerSuggestions, NOT_ACCUSATIONS, EVERY_STATE_BUT_ARCHIVED)
        .art(40)
        .meets(&[K::SuggestionsAnswer]),
    row(C::DismissProposals, NOT_ACCUSATIONS, EVERY_STATE_BUT_ARCHIVED).art(40),
    row(C::DismissProposals, NOT_ACCUSATIONS, &[S::Archived]).art(40),
    row(C::NoteRepeat, ALL, EVERY_STATE_BUT_ARCHIVED),
    row(C::NoteRepeat, ALL, &[S::Archived]),
    row(C::Sweep, CLAIMS, &[S::Delivered, S::Executing, S::Closed, S::ReviewIssued])
        .to(&[S::Terminated])
        .art(35)
        .starts(&[K::ChargeReport]),
    row(C::Sweep, ALL, EVERY_STATE_BUT_ARCHIVED),
    row(C::Recompute, ALL, EVERY_STATE_BUT_ARCHIVED),
    row(C::Erase, ALL, &[S::Archived]),
];

/// The rows of a command on a track.
pub fn rows(command: CommandKind, track: Track) -> impl Iterator<Item = &'static Transition> {
    TRANSITIONS.iter().filter(move |row| row.command == command && row.tracks.contains(&track))
}

/// Every state from which a command is open on a track.
pub fn allowed_from(command: CommandKind, track: Track) -> Vec<Status> {
    let mut from: Vec<_> = rows(command, track).flat_map(|row| row.from).copied().collect();
    from.sort_unstable();
    from.dedup();
    from
}

/// The row that applies when a command led from one state to another.
pub fn applying(command: CommandKind, track: Track, from: Status, to: Status) -> Option<&'static Transition> {
    rows(command, track)
        .filter(|row| row.from.contains(&from))
        .find(|row| row.to.contains(&to) || (row.to.is_empty() && from == to))
}
