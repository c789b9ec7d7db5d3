//! Registering a petition (Art. 19–22), and taking over an earlier one with its answer.

use super::Context;
use super::story::Story;
use crate::case::command::CommandKind;
use crate::case::content::{AcceptancePayload, EarlierReply, Filing, NoticeWay};
use crate::case::{Event, Purpose, Recorded, Track};
use crate::deadline::ClockKind;
use crate::id::CaseId;
use crate::refusal::{FOUNDING, FieldCode, FieldErrors, Refusal, RefusalCode};
use crate::text::Remark;

/// The law's limit on the representatives of a group (Art. 20).
const MOST_REPRESENTATIVES: usize = 5;
/// More than any petition has had, and small enough to stay a number of people.
const MOST_PEOPLE: u32 = 1_000_000;
/// What a device's clock may run ahead of the server's.
const CLOCK_SKEW_MINUTES: i64 = 5;

/// Registers a petition.
///
/// # Errors
/// Every field that does not hold; an accusation that would be registered with the accused (Art. 30).
pub fn decide_filing(id: CaseId, filing: Filing, context: &Context<'_>) -> Result<Vec<Recorded>, Refusal> {
    check(&filing, context)?;
    let filing = with_a_claim(filing);
    let Some(mut story) = Story::beginning(id, Event::Filed(Box::new(filing)), context) else {
        return Err(Refusal::new(RefusalCode::InvalidFields));
    };
    story.start_intake_clocks();
    Ok(story.into_events())
}

/// Takes over an earlier petition that was answered: registered and accepted at `context`'s time, the
/// opinion issued and delivered at `answered`'s.
///
/// # Errors
/// As for a filing; an answer before the petition.
pub fn decide_import(
    id: CaseId,
    filing: Filing,
    reply: EarlierReply,
    context: &Context<'_>,
    answered: &Context<'_>,
) -> Result<Vec<Recorded>, Refusal> {
    check(&filing, context)?;
    if answered.now < context.now {
        return Err(Refusal::field("/replied_at", FieldCode::BeforeCause));
    }
    let filing = with_a_claim(filing);
    let Some(mut story) = Story::beginning(id, Event::Filed(Box::new(filing)), context) else {
        return Err(Refusal::new(RefusalCode::InvalidFields));
    };
    let from = story.case.status;
    story.happen(Event::Accepted(AcceptancePayload {
        notice: NoticeWay::Web,
        document_no: None,
        simple: false,
    }));
    story.run_clocks(CommandKind::Accept, from);
    let mut story = story.at(answered);
    story.happen(Event::EarlierReplyRecorded(reply));
    story.meet(ClockKind::Handling);
    Ok(story.into_events())
}

/// A claim case always has a claim to answer: without one stated, its subject.
fn with_a_claim(mut filing: Filing) -> Filing {
    let answers_claims = filing.purpose.track() == Track::Claim && filing.purpose != Purpose::Enquiry;
    if answers_claims
        && filing.stated_claims.is_empty()
        && let Ok(subject) = Remark::parse(filing.subject.as_str())
    {
        filing.stated_claims.push(subject);
    }
    filing
}

fn check(filing: &Filing, context: &Context<'_>) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    check_people(filing, &mut errors);
    if let Some(day) = filing.occurred_on {
        context.expect_past(&mut errors, "/occurred_on", day);
    }
    if let Some(captured) = filing.captured_at {
        let latest = context.now + chrono::Duration::minutes(CLOCK_SKEW_MINUTES);
        errors.expect(captured <= latest, "/captured_at", FieldCode::InFuture);
        errors.expect(captured.date_naive() >= FOUNDING, "/captured_at", FieldCode::BeforeFounding);
    }
    errors.expect(filing.stated_claims.len() <= 50, "/claims", FieldCode::TooMany);
    errors.expect(filing.respondents.len() <= 20, "/respondents", FieldCode::TooMany);
    for (place, respondent) in filing.respondents.iter().enumerate() {
        let organ = respondent.organisation.is_none_or(|id| context.directory.organisation(id).is_some());
        let pointer = format!("/respondents/{place}/organisation");
        errors.expect(organ, pointer, FieldCode::UnknownOrganisation);
        let user = respondent.user.is_none_or(|id| context.directory.staff(id).is_some());
        errors.expect(user, format!("/respondents/{place}/user"), FieldCode::UnknownUser);
    }
    let receiver = context.directory.active_organisation(filing.received_by).is_some();
    errors.expect(receiver, "/received_by", FieldCode::UnknownOrganisation);
    errors.finish()?;
    if filing.purpose.track() == Track::Accusation {
        let barred = context.directory.barred_from_accusation(
            filing.respondents.iter().filter_map(|respondent| respondent.organisation),
            filing.respondents.iter().filter_map(|respondent| respondent.user),
        );
        if barred.contains(&filing.received_by) {
            return Err(Refusal::under(RefusalCode::ReceiverIsAccused, 30));
        }
        if !context.directory.receives_accusations(filing.received_by) {
            return Err(Refusal::under(RefusalCode::ReceiverNotForAccusations, 30));
        }
    }
    Ok(())
}

fn check_people(filing: &Filing, errors: &mut FieldErrors) {
    let representatives = filing.representatives.len();
    errors.expect_by(
        representatives <= MOST_REPRESENTATIVES,
        "/representatives",
        FieldCode::TooManyRepresentatives,
        20,
    );
    let named = filing.petitioners.len() + representatives;
    let counted = u32::try_from(filing.petitioners.len().max(representatives)).unwrap_or(u32::MAX);
    let heads = (counted.max(1)..=MOST_PEOPLE).contains(&filing.head_count);
    errors.expect(heads, "/head_count", FieldCode::OutOfRange);
    errors.expect(filing.petitioners.len() <= 1000, "/petitioners", FieldCode::TooMany);
    if filing.anonymous {
        errors.expect(named == 0, "/anonymous", FieldCode::AnonymousMismatch);
    } else {
        errors.expect_by(named > 0, "/petitioners", FieldCode::Required, 19);
    }
}
