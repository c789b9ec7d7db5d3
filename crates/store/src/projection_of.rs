//! What the read tables say of a case: a pure function of its fold, so that a rebuild gives the same.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::case::backlog::Backlog;
use domain::case::supervision::SupervisionStage;
use domain::case::{Case, Claim};
use domain::deadline::{Alarm, Deadline, Rules};
use domain::id::{OrganisationId, PersonId, UserId};
use domain::measure::{Measure, MeasureState};
use strum::{AsRefStr, VariantArray};

use crate::cases::CaseRow;
use crate::projection::{
    CaseBacklogRow, CaseOrganisationRow, CasePersonRow, CaseUserRow, ClaimRow, DeadlineRow, MeasureRow,
    Projection,
};

/// A person's part in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsRefStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum PersonPart {
    /// Petitions.
    Petitioner,
    /// Speaks for a group (Art. 20).
    Representative,
}

/// A user's part in a case; each but the last lets the user know of it, and the last lets nothing do so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsRefStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum UserPart {
    /// Is named as a handler.
    Handler,
    /// Answers for a measure.
    Owner,
    /// Drafted an opinion.
    Drafter,
    /// Signed an opinion.
    Signer,
    /// Is in charge as a leader (Art. 18).
    Leader,
    /// Gave an instruction as a leader, about which something is still to be done (Art. 18).
    Instructor,
    /// Is complained of, or was recused from an accusation (Art. 28, 30): is not shown the case.
    Accused,
}

impl Projection {
    /// What the read tables are to say of the case, in the order of [`Projection::in_order`].
    ///
    /// `updated_at` is when the server wrote down its last event, in UTC. The texts of an accusation are
    /// left out, because it is on a need-to-know list (Art. 30).
    #[must_use]
    pub fn of(case: &Case, rules: &Rules, updated_at: DateTime<Utc>) -> Self {
        let row = case_row(case, rules, updated_at);
        Self {
            claims: case.claims.iter().map(|claim| claim_row(case, claim)).collect(),
            measures: case
                .measures
                .values()
                .filter(|measure| measure.state != MeasureState::Undetermined)
                .map(|measure| measure_row(case, measure))
                .collect(),
            deadlines: case
                .deadlines
                .iter()
                .map(|deadline| deadline_row(case, deadline, rules.due_soon_at_percent))
                .collect(),
            organisations: organisation_rows(case, &row),
            people: person_rows(case),
            users: user_rows(case),
            backlog: case.current_backlog().map(|backlog| backlog_row(case, backlog)).into_iter().collect(),
            case: row,
        }
        .in_order()
    }
}

/// All that supervision waits for in a case as one word of the column, `proposed+reported`; none where it waits for nothing.
fn supervision_word(stages: &[SupervisionStage]) -> Option<String> {
    let words: Vec<&str> = stages.iter().map(AsRef::as_ref).collect();
    (!words.is_empty()).then(|| words.join("+"))
}

/// Every word of the column in which one of these is.
#[must_use]
pub fn supervision_words(any_of: &[SupervisionStage]) -> Vec<String> {
    let all = SupervisionStage::VARIANTS;
    let combinations = (1..1_u32 << all.len()).map(|bits| -> Vec<SupervisionStage> {
        all.iter().enumerate().filter(|(place, _)| bits >> place & 1 == 1).map(|(_, stage)| *stage).collect()
    });
    let both = [SupervisionStage::Reported, SupervisionStage::Ordered];
    let lawful = combinations.filter(|stages| !both.iter().all(|stage| stages.contains(stage)));
    let asked = lawful.filter(|stages| stages.iter().any(|stage| any_of.contains(stage)));
    asked.filter_map(|stages| supervision_word(&stages)).collect()
}

fn case_row(case: &Case, rules: &Rules, updated_at: DateTime<Utc>) -> CaseRow {
    let filing = &case.filing;
    let confidential = case.is_confidential();
    CaseRow {
        id: case.id.get(),
        case_no: filing.case_no.clone(),
        query_code: filing.query_code.clone(),
        version: i32::try_from(case.version).unwrap_or(i32::MAX),
        status: case.status.as_ref().to_owned(),
        purpose: filing.purpose.as_ref().to_owned(),
        channel: filing.channel.as_ref().to_owned(),
        source: filing.source.as_ref().to_owned(),
        subject: (!confidential).then(|| filing.subject.to_string()),
        attribution_region: filing.region.to_string(),
        topic_code: filing.topic.clone(),
        holder_id: case.holder.get(),
        registered_by: case.registered_by.map(UserId::get),
        filed_at: case.filed_at.into(),
        accepted_on: case.accepted_on,
        closed_on: case.closed_on,
        matter_resolved_on: case.resolution.matter_resolved_on,
        heart_resolved_on: case.resolution.heart_resolved_on,
        double_resolved_on: case.resolution.double_resolved_on,
        head_count: i32::try_from(filing.head_count).unwrap_or(i32::MAX),
        group_petition: filing.head_count >= rules.group_from,
        anonymous: filing.anonymous,
        repeat_of: case.repeat_check.as_ref().and_then(|check| check.repeat_of).map(|earlier| earlier.get()),
        confidential,
        next_due_on: of_organs(case).map(|deadline| deadline.due.nominal_due_on).min(),
        overdue: of_organs(case)
            .any(|deadline| deadline.kind.is_a_duty() && deadline.told == Some(Alarm::Overdue)),
        source_no: filing.source_no.clone(),
        updated_at: updated_at.into(),
        terminated_on: case.terminated_on,
        received_by: filing.received_by.get(),
        repeat_count: i32::try_from(case.repeated_by.len()).unwrap_or(i32::MAX),
        supervision: supervision_word(&case.supervision_stages()),
    }
}

/// The running clocks that an organ works to; a right that somebody lets pass is nobody's delay.
fn of_organs(case: &Case) -> impl Iterator<Item = &Deadline> {
    case.deadlines.iter().filter(|deadline| deadline.is_running() && !deadline.kind.is_a_right())
}

fn claim_row(case: &Case, claim: &Claim) -> ClaimRow {
    ClaimRow {
        case_id: case.id.get(),
        no: claim.no.into(),
        text: (!case.is_confidential()).then(|| claim.text.to_string()),
        reasonableness: claim.reasonableness.as_ref().to_owned(),
        result: claim.answer.as_ref().map(|answer| answer.result.as_ref().to_owned()),
    }
}

fn measure_row(case: &Case, measure: &Measure) -> MeasureRow {
    MeasureRow {
        case_id: case.id.get(),
        kind: measure.kind.as_ref().to_owned(),
        state: measure.state.as_ref().to_owned(),
        owner_id: measure.owner.map(UserId::get),
        due_on: measure.due_on,
        verified_on: measure.verified_on,
    }
}

fn deadline_row(case: &Case, deadline: &Deadline, due_soon_at_percent: u8) -> DeadlineRow {
    DeadlineRow {
        case_id: case.id.get(),
        no: deadline.no.into(),
        kind: deadline.kind.as_ref().to_owned(),
        state: deadline.state.as_ref().to_owned(),
        organisation_id: deadline.organisation.map(OrganisationId::get),
        started_on: deadline.started_on,
        nominal_due_on: deadline.due.nominal_due_on,
        legal_due_on: deadline.due.legal_due_on,
        next_alarm_on: deadline.next_alarm_on(due_soon_at_percent),
    }
}

/// Every organ that has or had a part in it, any of which lets the organ's staff know of it.
fn organisation_rows(case: &Case, listed_by: &CaseRow) -> Vec<CaseOrganisationRow> {
    let organs: BTreeSet<OrganisationId> = case.organisations().collect();
    let row = |organ: OrganisationId| CaseOrganisationRow {
        case_id: case.id.get(),
        organisation_id: organ.get(),
        status: listed_by.status.clone(),
        next_due_on: listed_by.next_due_on,
        updated_at: listed_by.updated_at,
    };
    organs.into_iter().map(row).collect()
}

fn backlog_row(case: &Case, backlog: &Backlog) -> CaseBacklogRow {
    CaseBacklogRow {
        case_id: case.id.get(),
        stage: backlog.stage.as_ref().to_owned(),
        batch: backlog.listing.batch.to_string(),
        list_no: backlog.listing.list_no.to_string(),
        organisation_id: backlog.listing.organ.get(),
        listed_on: backlog.listed_on,
        target_on: backlog.listing.target_on,
    }
}

fn user_rows(case: &Case) -> Vec<CaseUserRow> {
    let row = |user: UserId, part: UserPart| CaseUserRow {
        case_id: case.id.get(),
        user_id: user.get(),
        part: part.as_ref().to_owned(),
    };
    let handlers = case.handlers.iter().map(|user| row(*user, UserPart::Handler));
    let owners = case.measures.values().filter_map(|measure| Some(row(measure.owner?, UserPart::Owner)));
    let drafters =
        case.opinions.iter().filter_map(|opinion| Some(row(opinion.drafter()?, UserPart::Drafter)));
    let signers = case.opinions.iter().filter_map(|opinion| Some(row(opinion.signer()?, UserPart::Signer)));
    let leader = case.in_charge.iter().map(|charge| row(charge.leader, UserPart::Leader));
    let instructors =
        case.open_instructions().map(|given| row(given.instruction.leader, UserPart::Instructor));
    let accused = case.barred_users().map(|user| row(user, UserPart::Accused));
    let mut rows: Vec<_> = handlers
        .chain(owners)
        .chain(drafters)
        .chain(signers)
        .chain(leader)
        .chain(instructors)
        .chain(accused)
        .collect();
    rows.sort();
    rows.dedup();
    rows
}

/// None for an accusation: who informed is found by nobody (Art. 30).
fn person_rows(case: &Case) -> Vec<CasePersonRow> {
    if case.is_confidential() {
        return Vec::new();
    }
    let numbered = |people: &[PersonId], part: PersonPart| -> Vec<CasePersonRow> {
        let mut rows: Vec<CasePersonRow> = Vec::with_capacity(people.len());
        for (person, no) in people.iter().zip(1..) {
            // Somebody named twice has the part once, at the first place.
            if rows.iter().all(|row| row.person_id != person.get()) {
                let part = part.as_ref().to_owned();
                rows.push(CasePersonRow { case_id: case.id.get(), person_id: person.get(), part, no });
            }
        }
        rows
    };
    let mut rows = numbered(&case.filing.petitioners, PersonPart::Petitioner);
    rows.extend(numbered(&case.filing.representatives, PersonPart::Representative));
    rows
}
