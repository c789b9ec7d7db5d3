//! What people write into a case: the payload of every command, which is also what its event keeps.

mod acceptance;
mod backlog;
mod charge;
mod dispatch;
mod ending;
mod filing;
mod handling;
mod instruction;
mod opinion;
mod other_tracks;
mod review;
mod supervision;
mod visit;

pub use self::acceptance::{AcceptanceDecision, AcceptancePayload, Declining, NoLongerAccepting, RoutingOut};
pub use self::backlog::{
    BacklogGround, BacklogInspection, BacklogListing, BacklogProgress, BacklogReport, BacklogResolution,
    BacklogStrikeOff, BacklogWay,
};
pub use self::charge::{Charge, ChargeHandover, ChargeReport, Commitment};
pub use self::dispatch::{Dispatch, DispatchMode, NoticeWay, Objection, ObjectionDecision, Reason, Reply};
pub use self::ending::{
    Aftercare, AftercareKind, Archiving, ClosingReport, Erasure, Evaluation, PetitionerView, Pledge,
    Reopening, ReopeningGround, Retention, Satisfaction, VisitBack, VisitWay, Withdrawal,
};
pub use self::filing::{EarlierReply, Filing, PossibleRepeat, RepeatCheck, Respondent};
pub use self::handling::{
    Agreement, AgreementKind, Assignment, ExtensionDecision, ExtensionRequest, HandlerDeclaration,
    HearingNotice, HearingOutcome, Mediation, MediationOutcome, NewClaims, Recusal,
};
pub use self::instruction::{Instruction, InstructionDecision, InstructionReport};
pub use self::opinion::{
    ClaimAnswer, ClaimResult, Delivery, DeliveryWay, DocumentKind, OpinionDraft, OpinionIssue, Return,
};
pub use self::other_tracks::{
    AccusationOutcome, AccusationResult, Adoption, Receipt, Reward, StudyConclusion,
};
pub use self::review::{NonAdmission, ReviewAdmission, ReviewDecision, ReviewOutcome, ReviewRequest};
pub use self::supervision::{
    Escalation, EscalationStep, ProposalDismissal, SuggestionAnswer, SuggestionsAnswer, SupervisionGround,
    SupervisionOrder, SupervisionReport, SupervisionVerdict, SupervisionWay, SupervisorySuggestion,
    SupervisorySuggestionKind, SupervisorySuggestions,
};
pub use self::visit::LeaderVisit;
