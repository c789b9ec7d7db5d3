//! Random people who do random things, plausible and not.

use chrono::{Days, NaiveDate};
use domain::access::{Actor, Duty, Role, Staff, permits};
use domain::case::content::*;
use domain::case::instruction::InstructionState;
use domain::case::supervision::SupervisionStage;
use domain::case::transitions::rows;
use domain::case::{Case, Command, CommandKind, Earlier, Purpose, Route, Status, Urgency};
use domain::deadline::Rules;
use domain::id::{CaseId, OrganisationId, PersonId, UserId};
use domain::measure::{MeasureKind, Reasonableness};
use domain::organisation::ReviewStage;
use strum::VariantArray;

use crate::municipality::*;
use crate::payloads::*;
use crate::tale::day;

/// Numbers that follow from a seed, so that a failing sequence can be replayed and shrunk.
pub struct Dice(pub u64);

impl Dice {
    /// A number below `sides`, by the splitmix64 generator.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.roll(100) < percent
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.roll(from.len() as u64)).unwrap()]
    }

    /// How many days pass before the next step.
    pub fn days(&mut self) -> u64 {
        match self.roll(20) {
            0..=9 => 0,
            10..=15 => 1 + self.roll(5),
            16..=18 => 6 + self.roll(35),
            _ => 41 + self.roll(80),
        }
    }
}

pub fn rules(dice: &mut Dice) -> Rules {
    Rules {
        terminate_on_lapse: dice.chance(30),
        late_review_with_reason: dice.chance(50),
        forbid_same_opinion: dice.chance(70),
        backlog_hearing_required: dice.chance(50),
        backlog_quiet_days: dice.pick(&[0, 0, 30]),
        ..Rules::default()
    }
}

pub fn earlier(dice: &mut Dice) -> Option<Earlier> {
    match dice.roll(10) {
        0 => Some(Earlier { status: Status::Terminated, terminated: true }),
        1 => Some(Earlier { status: Status::InHandling, terminated: false }),
        2 => Some(Earlier { status: Status::Closed, terminated: false }),
        _ => None,
    }
}

pub fn filing(dice: &mut Dice) -> Filing {
    use Purpose as P;
    let purposes =
        [P::Claim, P::Claim, P::Claim, P::Appeal, P::Suggestion, P::Suggestion, P::Accusation, P::Enquiry];
    let mut filing = petition(dice.pick(&purposes));
    filing.received_by =
        dice.pick(&[COUNTY_PETITIONS, COUNTY_PETITIONS, CITY_PETITIONS, COUNTY_HOUSING, CITY_DISCIPLINE]);
    filing.direct = !DIRECTORY.is_petition_department(filing.received_by);
    filing.stated_claims.truncate(usize::try_from(dice.roll(3)).unwrap());
    filing.urgency = dice.pick(Urgency::VARIANTS);
    filing.head_count = dice.pick(&[1, 1, 3, 8, 300, 0]);
    filing.anonymous = dice.chance(15);
    if filing.anonymous {
        filing.petitioners.clear();
    }
    if dice.chance(10) {
        filing.representatives = (0..dice.pick(&[1, 5, 6])).map(PersonId::new).collect();
    }
    if dice.chance(20) {
        let (organisation, user) = match dice.chance(50) {
            true => (Some(somewhere(dice)), None),
            false => (None, Some(somebody(dice))),
        };
        filing.respondents.push(Respondent { name: line("某某"), organisation, user });
    }
    if dice.chance(15) {
        filing.possible_repeats.push(PossibleRepeat {
            case: CaseId::new(6_000_000),
            case_no: "340121-2025-000009".into(),
            status: Status::Terminated,
            terminated: dice.chance(50),
        });
    }
    filing
}

fn somewhere(dice: &mut Dice) -> OrganisationId {
    OrganisationId::new(1 + i64::try_from(dice.roll(14)).unwrap())
}

fn somebody(dice: &mut Dice) -> UserId {
    UserId::new(1 + i64::try_from(dice.roll(31)).unwrap())
}

/// Everybody who may turn up: those of the directory, the same people after they moved to an organ with
/// every duty, newcomers, any of them as the deputy of another, the petitioner and the system.
fn cast(dice: &mut Dice, case: &Case) -> Vec<Actor> {
    let moved_to =
        dice.pick(&[COUNTY_PETITIONS, COUNTY_GOVERNMENT, REVIEW_COMMITTEE, COUNTY_HOUSING, CITY_DISCIPLINE]);
    let moved_to = match case.live_review() {
        Some(review) if dice.chance(50) => review.organ,
        _ if dice.chance(30) => case.holder,
        _ => moved_to,
    };
    let reviewers = case.reviews.iter().filter_map(|review| review.decided_by);
    let insiders: Vec<UserId> = case.took_part.iter().copied().chain(reviewers).chain([VERIFIER]).collect();
    let deputy = if dice.chance(70) { dice.pick(&insiders) } else { somebody(dice) };
    let moved =
        insiders.into_iter().map(|user| Staff { user, ..newcomer(Role::Reviewer, moved_to, Some(COUNTY)) });
    let new = newcomer(dice.pick(&[Role::Official, Role::Reviewer, Role::Auditor]), moved_to, Some(COUNTY));
    let of_the_holder = Staff { user: UserId::new(901), ..newcomer(Role::Official, case.holder, None) };
    let themselves: Vec<Staff> = PEOPLE.iter().cloned().chain(moved).chain([new, of_the_holder]).collect();
    let others = themselves.iter().filter(|principal| principal.user != deputy);
    let in_their_place = others.map(|principal| Staff { deputy: Some(deputy), ..principal.clone() });
    let deputies: Vec<Staff> = if dice.chance(40) { in_their_place.collect() } else { Vec::new() };
    deputies
        .into_iter()
        .chain(themselves)
        .map(Actor::Staff)
        .chain([Actor::Petitioner, Actor::System])
        .collect()
}

/// Somebody of any role, with any duties, at any organ and for any place, near the case or far from it.
pub fn anybody(dice: &mut Dice, case: &Case) -> Staff {
    let near: Vec<OrganisationId> =
        case.organisations().chain(review_authority_of(case)).chain([COUNTY_GOVERNMENT]).collect();
    let insiders: Vec<UserId> = case
        .users()
        .chain(case.registered_by)
        .chain(case.accused_users())
        .chain(case.recused_users())
        .collect();
    let person = |dice: &mut Dice| {
        if !insiders.is_empty() && dice.chance(50) { dice.pick(&insiders) } else { somebody(dice) }
    };
    let places = [CITY, COUNTY, TOWN, GRID, "340100000000", "340122000000", "340200000000"];
    Staff {
        user: person(dice),
        role: dice.pick(Role::VARIANTS),
        duties: Duty::VARIANTS.iter().copied().filter(|_| dice.chance(70)).collect(),
        organisation: if dice.chance(60) { dice.pick(&near) } else { somewhere(dice) },
        territory: dice.chance(50).then(|| region(dice.pick(&places))),
        deputy: dice.chance(25).then(|| person(dice)),
    }
}

/// The organ that would review the opinion in force.
fn review_authority_of(case: &Case) -> Option<OrganisationId> {
    DIRECTORY.review_authority(case.opinion()?.issued_by, ReviewStage::Review)
}

/// Somebody who has the right, mostly; anybody otherwise.
pub fn actor(dice: &mut Dice, kind: CommandKind, case: &Case) -> Actor {
    let cast = cast(dice, case);
    let first = usize::try_from(dice.roll(cast.len() as u64)).unwrap();
    let anybody = dice.chance(12);
    let entitled = cast
        .iter()
        .cycle()
        .skip(first)
        .take(cast.len())
        .find(|actor| anybody || permits(kind, actor, case, &DIRECTORY));
    entitled.unwrap_or(&cast[first]).clone()
}

/// A command that the state knows, mostly one that leads on, seldom one that ends the matter early.
pub fn kind(dice: &mut Dice, case: &Case) -> CommandKind {
    if dice.chance(15) {
        return dice.pick(CommandKind::VARIANTS);
    }
    if case.live_review().is_some() && dice.chance(15) {
        return CommandKind::ConveneHearing;
    }
    if let Some(answer) = awaited(case).filter(|_| dice.chance(25)) {
        return answer;
    }
    let known = |leading: bool| -> Vec<CommandKind> {
        let fits = |command: &CommandKind| {
            rows(*command, case.track)
                .filter(|row| row.from.contains(&case.status))
                .any(|row| !leading || row.to.iter().any(|to| *to != case.status))
        };
        CommandKind::VARIANTS.iter().copied().filter(fits).collect()
    };
    let leads_on = known(dice.chance(55));
    let chosen = if leads_on.is_empty() { known(false) } else { leads_on };
    let lasting: Vec<_> = chosen.iter().copied().filter(|command| !ends_early(*command)).collect();
    if lasting.is_empty() || dice.chance(8) { dice.pick(&chosen) } else { dice.pick(&lasting) }
}

/// The answer that something under way waits for.
fn awaited(case: &Case) -> Option<CommandKind> {
    if case.extension.as_ref().is_some_and(|extension| extension.approved.is_none()) {
        return Some(CommandKind::DecideExtension);
    }
    if case.backlog_organ().is_some() && case.current_backlog().is_some_and(|it| it.reports.is_empty()) {
        return Some(CommandKind::ReportOnBacklog);
    }
    if let Some(answer) = awaited_of_instructions(case) {
        return Some(answer);
    }
    if let Some(answer) = awaited_of_supervision(case) {
        return Some(answer);
    }
    let heard = case.hearings.last().is_some_and(|hearing| hearing.outcome.is_none());
    heard.then_some(CommandKind::ConcludeHearing)
}

/// What the first open instruction waits for.
fn awaited_of_instructions(case: &Case) -> Option<CommandKind> {
    match case.open_instructions().next()?.state {
        InstructionState::AwaitingReport => Some(CommandKind::ReportOnInstruction),
        InstructionState::AwaitingDecision => Some(CommandKind::DecideInstruction),
        InstructionState::AwaitingVisitBack => Some(CommandKind::VisitBack),
        InstructionState::CarriedOut | InstructionState::EndedUnreported => None,
    }
}

/// What an order of supervision waits for.
fn awaited_of_supervision(case: &Case) -> Option<CommandKind> {
    match *case.supervision_stages().last()? {
        SupervisionStage::Proposed => None,
        SupervisionStage::Ordered => Some(CommandKind::ReportOnSupervision),
        SupervisionStage::Reported => Some(CommandKind::JudgeSupervision),
        SupervisionStage::Advised => Some(CommandKind::AnswerSuggestions),
    }
}

const fn ends_early(command: CommandKind) -> bool {
    matches!(
        command,
        CommandKind::Withdraw
            | CommandKind::FileOnly
            | CommandKind::DirectReply
            | CommandKind::Decline
            | CommandKind::RouteOut
            | CommandKind::NoLongerAccept
            | CommandKind::Archive
    )
}

/// A day that mostly has been, or today; now and then one that cannot be right.
fn some_day(dice: &mut Dice, case: &Case, today: NaiveDate) -> NaiveDate {
    match dice.roll(20) {
        0 => day("1940-01-01"),
        1 => today + Days::new(3),
        2..=5 => today.checked_sub_days(Days::new(dice.roll(10))).unwrap().max(case.filed_on),
        _ => today,
    }
}

fn day_ahead(dice: &mut Dice, today: NaiveDate) -> NaiveDate {
    today + Days::new(dice.pick(&[0, 7, 8, 20, 400]))
}

/// A result for every claim, or now and then one too few or too many.
fn results(dice: &mut Dice, case: &Case) -> Vec<ClaimResult> {
    let count = match dice.roll(10) {
        0 => case.claims.len() + 1,
        1 => case.claims.len().saturating_sub(1),
        _ => case.claims.len(),
    };
    (0..count).map(|_| dice.pick(ClaimResult::VARIANTS)).collect()
}

fn some_claims(dice: &mut Dice, case: &Case) -> Vec<u16> {
    let some: Vec<u16> = case.claims.iter().map(|claim| claim.no).filter(|_| dice.chance(60)).collect();
    if dice.chance(10) { vec![9] } else { some }
}

/// Somebody of the organ that has the case, who could handle it; or anybody.
fn colleague(dice: &mut Dice, case: &Case) -> UserId {
    let colleagues: Vec<_> = PEOPLE
        .iter()
        .filter(|person| person.organisation == case.holder && person.has(Duty::Handle))
        .map(|person| person.user)
        .collect();
    if colleagues.is_empty() || dice.chance(10) { somebody(dice) } else { dice.pick(&colleagues) }
}

/// Somebody who could take a case in charge; or anybody.
fn leading_cadre(dice: &mut Dice) -> UserId {
    if dice.chance(20) { somebody(dice) } else { dice.pick(&[LEADER, LEADER, LEADER_OF_HOUSING]) }
}

fn destination(dice: &mut Dice, case: &Case) -> OrganisationId {
    match (case.is_confidential(), dice.roll(10)) {
        (_, 0) => somewhere(dice),
        (true, 1..=4) => COUNTY_DISCIPLINE,
        (true, _) => CITY_DISCIPLINE,
        (false, 1..=2) => COUNTY_PETITIONS,
        (false, 3) => COUNTY_LABOUR,
        (false, _) => COUNTY_HOUSING,
    }
}

/// What is sent with the command.
pub fn command(dice: &mut Dice, kind: CommandKind, case: &Case, today: NaiveDate) -> Command {
    use CommandKind as C;
    let measure = dice.pick(MeasureKind::VARIANTS);
    match kind {
        C::PlanMeasure => plan(measure, colleague(dice, case), today),
        C::AddMeasureStep => step(measure, some_day(dice, case, today)),
        C::ReportInPlace => {
            let claims: Vec<u16> = case
                .claims
                .iter()
                .filter(|claim| {
                    let supported = claim.answer.as_ref().is_some_and(|it| it.result == ClaimResult::Support);
                    claim.settled || supported
                })
                .map(|claim| claim.no)
                .collect();
            let claims = if dice.chance(15) { some_claims(dice, case) } else { claims };
            report(measure, &claims, some_day(dice, case, today))
        }
        C::VerifyMeasure => verify(measure, dice.chance(75)),
        C::FindNotApplicable => not_applicable(measure),
        C::RequestReview | C::AdmitReview | C::DecideReview => {
            of_review(dice, ReviewStage::Review, kind, case)
        }
        C::RequestReReview | C::AdmitReReview | C::DecideReReview => {
            of_review(dice, ReviewStage::ReReview, kind, case)
        }
        C::Deliver => {
            let document = match case.status {
                Status::OpinionIssued => DocumentKind::HandlingOpinion,
                Status::ReviewIssued => DocumentKind::ReviewOpinion,
                Status::ReReviewIssued => DocumentKind::ReReviewOpinion,
                _ => dice.pick(DocumentKind::VARIANTS),
            };
            let document = if dice.chance(10) { dice.pick(DocumentKind::VARIANTS) } else { document };
            deliver(document, some_day(dice, case, today))
        }
        C::AssignHandlers => name_handlers(&[colleague(dice, case)]),
        C::Recuse => recuse(if dice.chance(50) { colleague(dice, case) } else { somebody(dice) }),
        C::AddClaims => add_claim(),
        C::RecordFindings => {
            let found: Vec<_> = case.claims.iter().map(|_| dice.pick(Reasonableness::VARIANTS)).collect();
            let open = matches!(case.status, Status::InHandling | Status::OpinionDraft) || dice.chance(10);
            find(
                if open { &found } else { &[] },
                some_day(dice, case, today),
                dice.chance(50),
                dice.chance(40),
            )
        }
        C::StartMediation => mediate(),
        C::ConcludeMediation => end_mediation(&some_claims(dice, case), some_day(dice, case, today)),
        C::ConveneHearing => convene(day_ahead(dice, today), somebody(dice)),
        C::ConcludeHearing => conclude_hearing(some_day(dice, case, today)),
        C::RequestExtension => ask_for_days(dice.pick(&[0, 1, 15, 30, 30, 30, 31])),
        C::DecideExtension => decide_extension(dice.chance(75)),
        C::DraftOpinion => {
            draft(dice.pick(&["经查属实。", "经查部分属实。", "重新调查。"]), &results(dice, case))
        }
        C::ReturnOpinion => return_draft(),
        C::IssueOpinion => issue(),
        _ => of_intake_or_ending(dice, kind, case, today),
    }
}

fn of_review(dice: &mut Dice, stage: ReviewStage, kind: CommandKind, case: &Case) -> Command {
    match kind {
        CommandKind::RequestReview | CommandKind::RequestReReview if dice.chance(50) => request(stage),
        CommandKind::RequestReview | CommandKind::RequestReReview => request_late(stage),
        CommandKind::AdmitReview | CommandKind::AdmitReReview if dice.chance(85) => admit(stage),
        CommandKind::AdmitReview | CommandKind::AdmitReReview => do_not_admit(stage),
        _ => {
            let outcome = dice.pick(ReviewOutcome::VARIANTS);
            let changed = if outcome == ReviewOutcome::Change { results(dice, case) } else { vec![] };
            review(stage, outcome, &changed)
        }
    }
}

fn of_backlog(dice: &mut Dice, kind: CommandKind, case: &Case, today: NaiveDate) -> Command {
    use CommandKind as C;
    let involved: Vec<OrganisationId> = case.organisations().collect();
    match kind {
        C::ListAsBacklog => {
            let grounds = [BacklogGround::JointConference, dice.pick(BacklogGround::VARIANTS)];
            let grounds = if dice.chance(50) { &grounds[..1] } else { &grounds[1..] };
            list_as_backlog(dice.pick(&involved), grounds, day_ahead(dice, today))
        }
        C::ReportOnBacklog if dice.chance(60) => report_backlog(BacklogProgress::Resolved),
        C::ReportOnBacklog => report_backlog(dice.pick(BacklogProgress::VARIANTS)),
        C::InspectBacklog => {
            let passed = dice.chance(70).then(|| dice.pick(BacklogResolution::VARIANTS));
            inspect(passed, some_day(dice, case, today))
        }
        _ => strike_off(dice.chance(70)),
    }
}

fn of_instruction(dice: &mut Dice, kind: CommandKind, case: &Case, today: NaiveDate) -> Command {
    let involved: Vec<OrganisationId> = case.organisations().collect();
    let organ = if dice.chance(25) { somewhere(dice) } else { dice.pick(&involved) };
    let due = day_ahead(dice, today);
    let numbers: Vec<u16> = case.open_instructions().map(|given| given.no).collect();
    let last = u16::try_from(case.instructions.len()).unwrap();
    let no = if numbers.is_empty() || dice.chance(10) { last } else { dice.pick(&numbers) };
    match kind {
        CommandKind::GiveInstruction => instruct(leading_cadre(dice), organ, due),
        CommandKind::ReportOnInstruction => report_instruction(no),
        _ if dice.chance(40) => return_instruction(no, due),
        _ => accept_instruction(no),
    }
}

fn of_supervision(dice: &mut Dice, kind: CommandKind, case: &Case, today: NaiveDate) -> Command {
    use CommandKind as C;
    let involved: Vec<OrganisationId> = case.organisations().collect();
    let organ = if dice.chance(15) { somewhere(dice) } else { dice.pick(&involved) };
    let due = day_ahead(dice, today);
    let last = u16::try_from(case.supervisions.len()).unwrap();
    let order = if dice.chance(10) { last + 1 } else { last };
    let mut kinds = SupervisorySuggestionKind::VARIANTS.to_vec();
    kinds.truncate(usize::try_from(dice.roll(4)).unwrap());
    match kind {
        C::OrderSupervision => order_supervision(organ, due),
        C::ReportOnSupervision => report_on(order),
        C::JudgeSupervision if dice.chance(50) => return_report(order, due),
        C::JudgeSupervision => accept_report(order),
        C::EscalateSupervision => escalate(order, dice.pick(EscalationStep::VARIANTS), due),
        C::MakeSuggestions => suggest(order, organ, &kinds),
        C::AnswerSuggestions => {
            let asked = case.unanswered_suggestions().map(|made| made.suggestions.suggestions.clone());
            let asked: Vec<_> = asked.into_iter().flatten().map(|suggestion| suggestion.kind).collect();
            answer_suggestions(order, if dice.chance(20) { &kinds } else { &asked })
        }
        _ => {
            let proposed = case.supervision_proposals.iter().map(|proposal| proposal.deadline);
            let some: Vec<u16> = proposed.filter(|_| dice.chance(70)).collect();
            dismiss(&some)
        }
    }
}

fn of_intake_or_ending(dice: &mut Dice, kind: CommandKind, case: &Case, today: NaiveDate) -> Command {
    use CommandKind as C;
    match kind {
        C::Transfer if dice.chance(15) => simply_transfer(destination(dice, case)),
        C::Transfer => transfer(destination(dice, case)),
        C::Assign => assign_matter(destination(dice, case), day_ahead(dice, today)),
        C::Object => object(),
        C::DecideObjection => decide_objection(dice.chance(50)),
        C::DirectReply => Command::DirectReply(reply()),
        C::FileOnly => file_only(),
        C::Accept if dice.chance(15) => accept_simply(),
        C::Accept => accept(),
        C::Decline => decline(),
        C::NoLongerAccept => no_longer_accept(),
        C::RouteOut => route_out(dice.pick(Route::VARIANTS)),
        C::VisitBack => visit(some_day(dice, case, today), dice.pick(Satisfaction::VARIANTS)),
        C::Evaluate => rate(dice.pick(Satisfaction::VARIANTS)),
        C::RecordPledge => pledge(some_day(dice, case, today)),
        C::Close => close(),
        C::Withdraw => withdraw(some_day(dice, case, today)),
        C::Reopen => reopen(dice.pick(ReopeningGround::VARIANTS)),
        C::Archive => archive(),
        C::ConcludeStudy => conclude_study(dice.pick(Adoption::VARIANTS)),
        C::ReplyToSuggestion => Command::ReplyToSuggestion(reply()),
        C::RewardSuggestion => reward(),
        C::AcknowledgeReceipt => acknowledge(),
        C::RecordOutcome => outcome(),
        C::RecordAftercare => aftercare(dice.pick(AftercareKind::VARIANTS), some_day(dice, case, today)),
        C::TakeCharge => take_charge(leading_cadre(dice), day_ahead(dice, today)),
        C::ReportCharge => {
            let kept: Vec<_> = Commitment::VARIANTS.iter().copied().filter(|_| dice.chance(50)).collect();
            report_charge(&kept)
        }
        C::HandOverCharge => hand_over_charge(leading_cadre(dice)),
        C::ListAsBacklog | C::ReportOnBacklog | C::InspectBacklog | C::StrikeOffBacklog => {
            of_backlog(dice, kind, case, today)
        }
        C::GiveInstruction | C::ReportOnInstruction | C::DecideInstruction => {
            of_instruction(dice, kind, case, today)
        }
        C::ReceiveVisit => receive_visit(leading_cadre(dice)),
        C::OrderSupervision
        | C::ReportOnSupervision
        | C::JudgeSupervision
        | C::EscalateSupervision
        | C::MakeSuggestions
        | C::AnswerSuggestions
        | C::DismissProposals => of_supervision(dice, kind, case, today),
        C::NoteRepeat => Command::NoteRepeat(CaseId::new(8_000_000)),
        C::Sweep => Command::Sweep,
        C::Recompute => Command::Recompute(remark("日历更新")),
        C::Erase => erase(),
        _ => first_petition(),
    }
}
