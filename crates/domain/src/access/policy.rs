//! THE table of access: who may give which command, by duty and relation; unknown means no.

use super::relation::{Relation, relations};
use super::role::{Actor, Duty};
use super::scope::may_know_of;
use crate::case::{Case, CommandKind};
use crate::organisation::Directory;

/// A row: the command is open to whoever has the duty (if one is named) and the relation.
#[derive(Debug, Clone, Copy)]
pub struct Grant {
    pub command: CommandKind,
    pub duty: Option<Duty>,
    pub relation: Relation,
    /// Why, in a few words, with the article where there is one.
    pub reason: &'static str,
}

use CommandKind as C;
use Duty as D;
use Relation as R;

const fn grant(command: CommandKind, duty: Duty, relation: Relation, reason: &'static str) -> Grant {
    Grant { command, duty: Some(duty), relation, reason }
}

const fn by(command: CommandKind, relation: Relation, reason: &'static str) -> Grant {
    Grant { command, duty: None, relation, reason }
}

/// The table.
pub const GRANTS: &[Grant] = &[
    grant(C::ConfirmRepeat, D::Register, R::Holder, "the register asks whether it is a repeat (Art. 19)"),
    grant(C::ConfirmRepeat, D::Dispatch, R::Holder, "screening before dispatch (Art. 22)"),
    grant(C::ConfirmRepeat, D::Accept, R::Holder, "screening before acceptance (Art. 19, 36)"),
    grant(C::Transfer, D::Dispatch, R::Holder, "whoever has the case passes it on (Art. 22, 23)"),
    grant(C::Assign, D::Dispatch, R::Holder, "whoever has the case passes it on (Art. 22)"),
    grant(C::Object, D::Accept, R::Holder, "the receiving organ objects (Art. 23)"),
    grant(C::Object, D::Dispatch, R::Holder, "so does a petition department that receives (Art. 23)"),
    grant(C::DecideObjection, D::Dispatch, R::Sender, "the sender verifies and agrees (Art. 23)"),
    grant(C::DirectReply, D::Dispatch, R::Holder, "disposal at the petition department"),
    grant(C::DirectReply, D::Accept, R::Holder, "disposal at the organ"),
    grant(C::FileOnly, D::Dispatch, R::Holder, "disposal at the petition department"),
    grant(C::Accept, D::Accept, R::Holder, "the organ's registrar (Art. 23)"),
    grant(C::Decline, D::Accept, R::Holder, "the organ's registrar (Art. 23)"),
    grant(C::Decline, D::Dispatch, R::Holder, "the petition department (Art. 22)"),
    grant(C::NoLongerAccept, D::Accept, R::Holder, "the organ's registrar (Art. 36)"),
    grant(C::NoLongerAccept, D::Dispatch, R::Holder, "the petition department (Art. 36)"),
    grant(C::RouteOut, D::Accept, R::Holder, "the organ's registrar (Art. 31)"),
    grant(C::RouteOut, D::Dispatch, R::Holder, "the petition department (Art. 22)"),
    grant(C::AssignHandlers, D::Accept, R::Holder, "the organ's registrar names handlers"),
    grant(C::AssignHandlers, D::Sign, R::Holder, "the head names handlers"),
    by(C::Recuse, R::Filer, "whoever has a direct interest says so (Art. 28)"),
    by(C::Recuse, R::Grid, "whoever has a direct interest says so (Art. 28)"),
    by(C::Recuse, R::Holder, "themselves, and the head of others (Art. 28)"),
    by(C::Recuse, R::Sender, "whoever has a direct interest says so (Art. 28)"),
    by(C::Recuse, R::Handler, "whoever has a direct interest says so (Art. 28)"),
    by(C::Recuse, R::Owner, "whoever has a direct interest says so (Art. 28)"),
    by(C::Recuse, R::ReviewOrgan, "themselves, and reviewers of others (Art. 28)"),
    by(C::Recuse, R::Leader, "whoever has a direct interest says so (Art. 28)"),
    by(C::Recuse, R::InCharge, "whoever has a direct interest says so (Art. 28)"),
    by(C::Recuse, R::Addressee, "whoever has a direct interest says so (Art. 28)"),
    by(C::Recuse, R::Instructing, "whoever has a direct interest says so (Art. 28)"),
    by(C::Recuse, R::Territory, "themselves, and supervisors of others (Art. 28)"),
    grant(C::AddClaims, D::Register, R::Holder, "the register takes down claims (Art. 19)"),
    grant(C::AddClaims, D::Accept, R::Holder, "the organ's registrar takes down claims"),
    grant(C::AddClaims, D::Handle, R::Handler, "the handler takes down claims"),
    grant(C::RecordFindings, D::Handle, R::Handler, "the handler finds (Art. 27, 31)"),
    grant(C::StartMediation, D::Handle, R::Handler, "the handler proposes (Art. 33)"),
    grant(C::ConcludeMediation, D::Handle, R::Handler, "the handler records (Art. 33)"),
    grant(C::ConveneHearing, D::Handle, R::Handler, "hearing in the handling (Art. 31)"),
    grant(C::ConveneHearing, D::Review, R::ReviewOrgan, "hearing in the re-review (Art. 36)"),
    grant(C::ConcludeHearing, D::Handle, R::Handler, "hearing in the handling (Art. 31)"),
    grant(C::ConcludeHearing, D::Review, R::ReviewOrgan, "hearing in the re-review (Art. 36)"),
    grant(C::RequestExtension, D::Handle, R::Handler, "the handler asks (Art. 34)"),
    grant(C::DecideExtension, D::Sign, R::Holder, "the head of the organ approves (Art. 34)"),
    grant(C::DraftOpinion, D::Handle, R::Handler, "the handler drafts (Art. 32)"),
    grant(C::ReturnOpinion, D::Examine, R::Holder, "the internal reviewer"),
    grant(C::ReturnOpinion, D::Sign, R::Holder, "the head of the organ"),
    grant(C::IssueOpinion, D::Sign, R::Holder, "the head of the organ signs (Art. 32)"),
    grant(C::Deliver, D::Accept, R::Holder, "the organ delivers"),
    grant(C::Deliver, D::Handle, R::Handler, "the handler delivers"),
    grant(C::Deliver, D::Dispatch, R::Holder, "the petition department delivers its notices"),
    grant(C::Deliver, D::Review, R::ReviewOrgan, "the review organ delivers (Art. 35, 36)"),
    grant(C::PlanMeasure, D::Handle, R::Handler, "the handler plans (Art. 27)"),
    grant(C::PlanMeasure, D::Sign, R::Holder, "the head charges an owner (Art. 27)"),
    by(C::AddMeasureStep, R::Owner, "the owner reports (Art. 27)"),
    by(C::ReportInPlace, R::Owner, "the owner reports (Art. 27)"),
    grant(C::VerifyMeasure, D::Verify, R::Territory, "a reviewer verifies (Art. 27)"),
    grant(C::FindNotApplicable, D::Handle, R::Handler, "the handler finds, a reviewer ticks (Art. 27)"),
    by(C::RequestReview, R::Petitioner, "the petitioner's right (Art. 35)"),
    grant(C::RequestReview, D::Register, R::Territory, "taken down for the petitioner (Art. 19, 35)"),
    grant(C::RequestReview, D::Review, R::ReviewOrgan, "taken down at the review organ (Art. 35)"),
    grant(C::AdmitReview, D::Review, R::ReviewOrgan, "the next higher organ (Art. 35)"),
    grant(C::DecideReview, D::Review, R::ReviewOrgan, "the next higher organ (Art. 35)"),
    by(C::RequestReReview, R::Petitioner, "the petitioner's right (Art. 36)"),
    grant(C::RequestReReview, D::Register, R::Territory, "taken down for the petitioner (Art. 19, 36)"),
    grant(C::RequestReReview, D::Review, R::ReviewOrgan, "taken down at the review organ (Art. 36)"),
    grant(C::AdmitReReview, D::Review, R::ReviewOrgan, "the next higher organ again (Art. 36)"),
    grant(C::DecideReReview, D::Review, R::ReviewOrgan, "the next higher organ again (Art. 36)"),
    grant(C::VisitBack, D::VisitBack, R::Filer, "the grid member who filed visits back"),
    grant(C::VisitBack, D::VisitBack, R::Grid, "the grid member of the place visits back"),
    grant(C::VisitBack, D::VisitBack, R::Holder, "the responsible organ visits back"),
    grant(C::VisitBack, D::VisitBack, R::Territory, "the petition department visits back"),
    by(C::Evaluate, R::Petitioner, "the petitioner rates (Art. 21)"),
    grant(C::Evaluate, D::Register, R::Filer, "taken down for a petitioner without a phone"),
    grant(C::RecordPledge, D::Handle, R::Handler, "the handler records a voluntary pledge"),
    grant(C::RecordPledge, D::VisitBack, R::Territory, "recorded in a visit"),
    grant(C::Close, D::Handle, R::Handler, "the responsible organ closes"),
    grant(C::Close, D::Sign, R::Holder, "the head of the responsible organ closes"),
    grant(C::Withdraw, D::Register, R::Filer, "taken down for the petitioner"),
    grant(C::Withdraw, D::Register, R::Holder, "taken down for the petitioner"),
    grant(C::Withdraw, D::Accept, R::Holder, "taken down for the petitioner"),
    grant(C::Withdraw, D::Dispatch, R::Holder, "taken down for the petitioner"),
    grant(C::Reopen, D::Dispatch, R::Territory, "the petition department"),
    grant(C::Reopen, D::Supervise, R::Territory, "supervision found the opinion wrong (Art. 40)"),
    grant(C::Archive, D::Archive, R::Holder, "the archivist of the organ"),
    grant(C::Archive, D::Archive, R::Territory, "the archivist of the petition department"),
    grant(C::ConcludeStudy, D::Handle, R::Holder, "the organ studies (Art. 29)"),
    grant(C::ReplyToSuggestion, D::Sign, R::Holder, "the head answers (Art. 29)"),
    grant(C::RewardSuggestion, D::Sign, R::Holder, "the head rewards (Art. 29)"),
    grant(C::AcknowledgeReceipt, D::Accusation, R::Holder, "the discipline organ acknowledges (Art. 30)"),
    grant(C::RecordOutcome, D::Accusation, R::Holder, "the discipline organ reports a flag (Art. 30)"),
    grant(C::RecordAftercare, D::Handle, R::Holder, "the locality still helps (Art. 37)"),
    grant(C::RecordAftercare, D::VisitBack, R::Territory, "the locality still helps (Art. 37)"),
    grant(C::TakeCharge, D::Lead, R::Leader, "a leading cadre takes a case in charge (Art. 18)"),
    grant(C::TakeCharge, D::Dispatch, R::Territory, "enters whom the office put in charge (Art. 18)"),
    grant(C::ReportCharge, D::Lead, R::InCharge, "the leader in charge reports (Art. 18)"),
    by(C::HandOverCharge, R::InCharge, "when posts change"),
    grant(C::HandOverCharge, D::Dispatch, R::Territory, "when the leader has left"),
    grant(C::ListAsBacklog, D::Dispatch, R::Territory, "the petition department lists backlog (Art. 38)"),
    grant(C::ListAsBacklog, D::Supervise, R::Territory, "so does supervision (Art. 38)"),
    grant(C::ReportOnBacklog, D::Sign, R::Addressee, "the head of the responsible organ reports"),
    grant(C::ReportOnBacklog, D::Dispatch, R::Addressee, "so does a petition department that answers for it"),
    grant(C::InspectBacklog, D::Verify, R::Territory, "inspection on site by somebody without a part in it"),
    grant(C::InspectBacklog, D::Supervise, R::Territory, "so does supervision"),
    grant(C::StrikeOffBacklog, D::Supervise, R::Territory, "the higher level strikes off"),
    grant(C::GiveInstruction, D::Lead, R::Leader, "a leading cadre instructs (Art. 18)"),
    grant(C::GiveInstruction, D::Dispatch, R::Territory, "enters a leader's paper (Art. 18)"),
    grant(C::ReportOnInstruction, D::Sign, R::Addressee, "the head of the responsible organ answers"),
    grant(
        C::ReportOnInstruction,
        D::Dispatch,
        R::Addressee,
        "so does a petition department that is instructed",
    ),
    grant(C::DecideInstruction, D::Lead, R::Instructing, "the leader accepts or returns the report"),
    grant(C::DecideInstruction, D::Dispatch, R::Territory, "enters what the leader decided"),
    grant(C::ReceiveVisit, D::Lead, R::Leader, "a leading cadre receives visits (Art. 18)"),
    grant(C::ReceiveVisit, D::Register, R::Territory, "the register writes down what was said"),
    grant(C::ReceiveVisit, D::Register, R::Holder, "so does the organ that has the case"),
    grant(C::OrderSupervision, D::Supervise, R::Territory, "the petition department supervises (Art. 40)"),
    grant(
        C::ReportOnSupervision,
        D::Sign,
        R::Addressee,
        "the head of the supervised organ answers (Art. 40)",
    ),
    grant(
        C::ReportOnSupervision,
        D::Dispatch,
        R::Addressee,
        "so does a petition department that is supervised",
    ),
    grant(C::JudgeSupervision, D::Supervise, R::Territory, "a supervisor checks what was reported (Art. 40)"),
    grant(C::EscalateSupervision, D::Supervise, R::Territory, "for the joint conference (Art. 39)"),
    grant(C::MakeSuggestions, D::Supervise, R::Territory, "the three suggestions (Art. 40)"),
    grant(C::AnswerSuggestions, D::Sign, R::Addressee, "the head answers whether they are adopted (Art. 40)"),
    grant(C::AnswerSuggestions, D::Dispatch, R::Addressee, "so does a petition department that was advised"),
    grant(C::DismissProposals, D::Supervise, R::Territory, "a supervisor decides on lapsed clocks (Art. 40)"),
    by(C::NoteRepeat, R::System, "effect of a confirmed repeat"),
    by(C::Sweep, R::System, "clocks"),
    by(C::Recompute, R::System, "a changed calendar"),
    by(C::Erase, R::System, "two administrators agreed after the retention term"),
];

/// Whether the table lets the actor give the command on the case: nobody on a case that they may not know of, whatever
/// they are to it.
pub fn permits(command: CommandKind, actor: &Actor, case: &Case, directory: &Directory) -> bool {
    let held = relations(actor, case, directory);
    GRANTS
        .iter()
        .filter(|row| row.command == command && held.contains(&row.relation))
        .any(|row| row.duty.is_none_or(|duty| actor.staff().is_some_and(|staff| staff.has(duty))))
        && may_know_of(actor, case, directory)
}

/// Who may see a petitioner's full particulars: those who must reach the person. Everybody else sees them masked.
pub const PARTICULARS: &[(Relation, &str)] = &[
    (R::Filer, "took them down, and visits back"),
    (R::Holder, "notifies, delivers and handles (Art. 23, 32)"),
    (R::Handler, "handles (Art. 31)"),
    (R::Owner, "puts a measure in place (Art. 27)"),
    (R::InCharge, "answers for the case, and talks with the petitioner (Art. 18)"),
    (R::ReviewOrgan, "reviews and delivers (Art. 35, 36)"),
];

/// Whether the actor may see the full particulars of the case's petitioners.
pub fn may_see_particulars(actor: &Actor, case: &Case, directory: &Directory) -> bool {
    let held = relations(actor, case, directory);
    PARTICULARS.iter().any(|(relation, _)| held.contains(relation)) && may_know_of(actor, case, directory)
}
