//! What a caller is to a case.

use std::collections::BTreeSet;

use strum::{AsRefStr, EnumProperty, IntoStaticStr, VariantArray};

use super::role::{Actor, Duty, Role};
use crate::case::{Case, Status};
use crate::organisation::{Directory, OrganisationKind, ReviewStage};

/// A relation between a caller and a case.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    AsRefStr,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Relation {
    /// Registered it.
    #[strum(props(letter = "F"))]
    Filer,
    /// A grid member in whose grid it lies.
    #[strum(props(letter = "G"))]
    Grid,
    /// Of the organ that has the case.
    #[strum(props(letter = "H"))]
    Holder,
    /// Of the organ that passed it to the holder.
    #[strum(props(letter = "S"))]
    Sender,
    /// Named as a handler.
    #[strum(props(letter = "A"))]
    Handler,
    /// Answers for one of its measures.
    #[strum(props(letter = "O"))]
    Owner,
    /// Of the organ that reviews it, or would.
    #[strum(props(letter = "R"))]
    ReviewOrgan,
    /// Of a petition department, or a reviewer, in whose territory it lies.
    #[strum(props(letter = "T"))]
    Territory,
    /// A leading cadre of an organ that has or had a part in it, or in whose territory it lies.
    #[strum(props(letter = "L"))]
    Leader,
    /// The leader in charge of it.
    #[strum(props(letter = "C"))]
    InCharge,
    /// Of an organ that still answers a leader's instruction, an order of supervision, suggestions, or for a backlog case.
    #[strum(props(letter = "D"))]
    Addressee,
    /// The leader of an instruction about which something is still to be done.
    #[strum(props(letter = "I"))]
    Instructing,
    /// The petitioner.
    #[strum(props(letter = "P"))]
    Petitioner,
    /// The system itself.
    #[strum(props(letter = "Y"))]
    System,
}

/// Every relation of the actor to the case.
pub fn relations(actor: &Actor, case: &Case, directory: &Directory) -> BTreeSet<Relation> {
    let staff = match actor {
        Actor::Petitioner => return BTreeSet::from([Relation::Petitioner]),
        Actor::System => return BTreeSet::from([Relation::System]),
        Actor::Staff(staff) => staff,
    };
    let mut found = BTreeSet::new();
    if staff.role.is_administrator() || actor.is_among(case.recused_users().chain(case.accused_users())) {
        return found;
    }
    let mut add = |holds: bool, relation: Relation| {
        if holds {
            found.insert(relation);
        }
    };
    let in_territory =
        staff.territory.as_ref().is_some_and(|territory| territory.contains(&case.filing.region));
    let grid_member = staff.role == Role::GridMember;
    // What is the principal's by name is in a deputy's hands with the duty that it belongs to.
    let is_in_hand = |duties: &[Duty]| staff.deputy.is_none() || duties.iter().any(|duty| staff.has(*duty));
    let files = is_in_hand(&[Duty::Register, Duty::VisitBack]);
    let handles = is_in_hand(&[Duty::Handle]);
    let answers = is_in_hand(&[Duty::Handle, Duty::Lead]);
    add(files && case.registered_by == Some(staff.user), Relation::Filer);
    add(grid_member && in_territory, Relation::Grid);
    add(!grid_member && case.holder == staff.organisation, Relation::Holder);
    add(!grid_member && case.sender() == Some(staff.organisation), Relation::Sender);
    add(handles && case.handlers.contains(&staff.user), Relation::Handler);
    add(answers && case.measures.values().any(|measure| measure.owner == Some(staff.user)), Relation::Owner);
    let of_an_organ_with_a_part = || case.organisations().any(|organ| organ == staff.organisation);
    add(
        staff.has(Duty::Lead) && !grid_member && (in_territory || of_an_organ_with_a_part()),
        Relation::Leader,
    );
    let in_charge = case.in_charge.as_ref().map(|charge| charge.leader);
    add(is_in_hand(&[Duty::Lead]) && in_charge == Some(staff.user), Relation::InCharge);
    let supervised = case.open_supervision().map(|supervision| supervision.order.to);
    let advised = case.unanswered_suggestions().map(|made| made.suggestions.to);
    let instructed = case.open_instructions().map(|given| given.instruction.to);
    let mut addressees = instructed.chain(supervised).chain(advised).chain(case.backlog_organ());
    add(!grid_member && addressees.any(|organ| organ == staff.organisation), Relation::Addressee);
    let instructs = || case.open_instructions().any(|given| given.instruction.leader == staff.user);
    add(is_in_hand(&[Duty::Lead]) && instructs(), Relation::Instructing);
    add(review_organ(case, directory) == Some(staff.organisation), Relation::ReviewOrgan);
    let of_petition_department = directory
        .organisation(staff.organisation)
        .is_some_and(|organ| organ.kind == OrganisationKind::PetitionDepartment);
    add(
        !grid_member && in_territory && (of_petition_department || staff.role == Role::Reviewer),
        Relation::Territory,
    );
    found
}

/// The organ of the live review, or the one that would review the opinion in force.
fn review_organ(case: &Case, directory: &Directory) -> Option<crate::id::OrganisationId> {
    if let Some(review) = case.reviews.last()
        && matches!(
            case.status,
            Status::Reviewing
                | Status::ReReviewing
                | Status::ReviewIssued
                | Status::ReReviewIssued
                | Status::ReturnedForRework
        )
    {
        return Some(review.organ);
    }
    let opinion = case.opinion()?;
    directory.review_authority(opinion.issued_by, ReviewStage::Review)
}
