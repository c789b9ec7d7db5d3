//! Delivery, review and re-review (Art. 35, 36).

use super::handling::check_answers;
use super::story::Story;
use crate::case::content::{
    Delivery, DocumentKind, NoticeWay, ReviewAdmission, ReviewDecision, ReviewOutcome, ReviewRequest,
};
use crate::case::guard::{delivers_for_holder, is_in_time_to_request, review_authority};
use crate::case::{Event, HeartReason, Status};
use crate::organisation::ReviewStage;
use crate::refusal::{FieldCode, FieldErrors, Refusal, RefusalCode};

pub(super) fn deliver(story: &mut Story<'_>, delivery: &Delivery) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    story.context.expect_past(&mut errors, "/delivered_on", delivery.delivered_on);
    let filed = delivery.delivered_on >= story.case.filed_on;
    errors.expect(filed, "/delivered_on", FieldCode::BeforeCause);
    let stage = stage_document(story);
    let belongs =
        !is_opinion(delivery.document) || stage.is_some_and(|(document, _)| document == delivery.document);
    let remade = delivered_before_rework(story, delivery.document);
    let own = delivers_for_holder(&story.case, story.context) || is_of_review(delivery.document);
    errors.expect((belongs || remade) && own, "/document", FieldCode::WrongDocument);
    if let Some((document, decided_on)) = stage
        && document == delivery.document
    {
        errors.expect(delivery.delivered_on >= decided_on, "/delivered_on", FieldCode::BeforeCause);
    }
    errors.expect(delivery.signed || delivery.proof.is_some(), "/proof", FieldCode::Required);
    errors.finish()?;
    story.effective_on = delivery.delivered_on;
    story.clocks_unaffected = stage.is_none_or(|(document, _)| document != delivery.document);
    let status = story.case.status;
    story.happen(Event::Delivered(delivery.clone()));
    if status == Status::ReReviewIssued && !story.clocks_unaffected {
        story.happen(Event::Terminated { on: delivery.delivered_on });
    }
    Ok(())
}

/// The opinion that waits for its delivery, and when it was decided.
fn stage_document(story: &Story<'_>) -> Option<(DocumentKind, chrono::NaiveDate)> {
    let case = &story.case;
    match case.status {
        Status::OpinionIssued => Some((DocumentKind::HandlingOpinion, case.opinion()?.issued_on)),
        Status::ReviewIssued | Status::ReReviewIssued => {
            let review = case.reviews.last().filter(|review| review.delivered_on.is_none())?;
            let document = match review.stage {
                ReviewStage::Review => DocumentKind::ReviewOpinion,
                ReviewStage::ReReview => DocumentKind::ReReviewOpinion,
            };
            Some((document, review.decided_on?))
        }
        _ => None,
    }
}

/// A review that ordered a remake is told to the petitioner too, while the organ begins again.
fn delivered_before_rework(story: &Story<'_>, document: DocumentKind) -> bool {
    let decided = story.case.reviews.last().filter(|review| review.decision.is_some());
    story.case.status == Status::ReturnedForRework
        && match decided.map(|review| review.stage) {
            Some(ReviewStage::Review) => document == DocumentKind::ReviewOpinion,
            Some(ReviewStage::ReReview) => document == DocumentKind::ReReviewOpinion,
            None => false,
        }
}

const fn is_opinion(document: DocumentKind) -> bool {
    matches!(
        document,
        DocumentKind::HandlingOpinion | DocumentKind::ReviewOpinion | DocumentKind::ReReviewOpinion
    )
}

/// What an organ of review hands over; the rest is for the organ that has the case.
const fn is_of_review(document: DocumentKind) -> bool {
    matches!(
        document,
        DocumentKind::ReviewNotice
            | DocumentKind::HearingNotice
            | DocumentKind::ReviewOpinion
            | DocumentKind::ReReviewOpinion
    )
}

pub(super) fn request(
    story: &mut Story<'_>,
    stage: ReviewStage,
    request: &ReviewRequest,
) -> Result<(), Refusal> {
    let in_time = is_in_time_to_request(&story.case, stage, story.context);
    let mut errors = FieldErrors::default();
    let article = if stage == ReviewStage::Review { 35 } else { 36 };
    let excused = request.late_reason.is_some();
    errors.expect_by(in_time || excused, "/late_reason", FieldCode::Required, article);
    errors.finish()?;
    let Some(organ) = review_authority(&story.case, stage, story.context) else {
        return Err(Refusal::under(RefusalCode::NoReviewAuthority, article));
    };
    story.happen(Event::ReviewRequested { stage, organ, request: request.clone() });
    Ok(())
}

pub(super) fn admit(
    story: &mut Story<'_>,
    stage: ReviewStage,
    admission: &ReviewAdmission,
) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    errors.expect(admission.admitted == admission.ground.is_none(), "/ground", FieldCode::Required);
    let exempt = admission.notice == NoticeWay::Exempt && !story.case.filing.anonymous;
    errors.expect(!exempt, "/notice", FieldCode::AnonymousMismatch);
    errors.finish()?;
    story.happen(Event::AdmissionDecided { stage, admission: admission.clone() });
    Ok(())
}

pub(super) fn decide_review(
    story: &mut Story<'_>,
    stage: ReviewStage,
    decision: &ReviewDecision,
) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    if decision.outcome == ReviewOutcome::Change {
        check_answers(&story.case, &decision.answers, &mut errors);
    } else {
        errors.expect(decision.answers.is_empty(), "/answers", FieldCode::OutOfRange);
    }
    errors.finish()?;
    let unresolves =
        decision.outcome != ReviewOutcome::Uphold && story.case.resolution.matter_resolved_on.is_some();
    let unheartens =
        decision.outcome != ReviewOutcome::Uphold && story.case.resolution.heart_resolved_on.is_some();
    story.happen(Event::ReviewDecided { stage, decision: decision.clone() });
    if unresolves {
        story.happen(Event::MatterUnresolved { on: story.context.today });
    }
    // What the petitioner was content with no longer stands.
    if unheartens {
        let on = story.context.today;
        story.happen(Event::HeartUnresolved { on, because: HeartReason::Reopened });
    }
    Ok(())
}
