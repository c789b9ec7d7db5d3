//! The vocabulary of the stories: given a case, when somebody does something, then it stands so.

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::access::Actor;
use domain::case::{Case, Command, Context, Earlier, Recorded, Status, actions, decide, decide_filing, fold};
use domain::deadline::{ClockKind, Deadline, Rules};
use domain::id::CaseId;
use domain::refusal::{FieldCode, Refusal, RefusalClass, RefusalCode};

use crate::municipality::{Acting, CALENDAR, DIRECTORY};
use domain::case::content::Filing;

/// The day on which a story begins unless it says otherwise: a Monday without a holiday near.
pub const FIRST_DAY: &str = "2026-07-06";

pub const CASE: CaseId = CaseId::new(7_000_000);

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Ten in the morning of the day in the office's time zone.
fn instant(on: NaiveDate) -> DateTime<Utc> {
    on.and_hms_opt(2, 0, 0).unwrap().and_utc()
}

/// A case with its journal, and the day on which its story has arrived.
#[derive(Clone)]
pub struct Tale {
    pub case: Case,
    pub journal: Vec<Recorded>,
    pub today: NaiveDate,
    pub rules: Rules,
    pub earlier: Option<Earlier>,
}

/// Begins a story in the middle.
pub fn given(tale: Tale) -> Tale {
    tale
}

/// Files a petition on a day.
pub fn file(by: impl Acting, filing: Filing, on: &str) -> Result<Tale, Refusal> {
    let (rules, today) = (Rules::default(), day(on));
    let actor = by.actor();
    let journal = decide_filing(CASE, filing, &context(&actor, today, &rules, None))?;
    let case = fold(CASE, &journal).unwrap();
    Ok(Tale { case, journal, today, rules, earlier: None })
}

pub fn context<'a>(
    actor: &'a Actor,
    today: NaiveDate,
    rules: &'a Rules,
    earlier: Option<Earlier>,
) -> Context<'a> {
    let now = instant(today);
    Context {
        now,
        today,
        recorded_at: now,
        actor,
        directory: &DIRECTORY,
        calendar: &CALENDAR,
        rules,
        earlier,
    }
}

impl Tale {
    /// What somebody tries to do now.
    pub fn when(self, by: impl Acting, command: Command) -> Attempt {
        Attempt { tale: self, actor: by.actor(), command }
    }

    /// Lets days pass; the worker sweeps on the last of them.
    pub fn days_later(mut self, count: u64) -> Self {
        self.today = self.today + Days::new(count);
        self.swept()
    }

    /// Goes to a day; the worker sweeps on it.
    pub fn on(mut self, date: &str) -> Self {
        assert!(day(date) >= self.today, "a story goes forward");
        self.today = day(date);
        self.swept()
    }

    /// The worker's sweep.
    pub fn swept(mut self) -> Self {
        if self.case.status == Status::Archived {
            return self;
        }
        let actor = Actor::System;
        let told =
            decide(&self.case, &Command::Sweep, &context(&actor, self.today, &self.rules, self.earlier));
        self.take(told.expect("the sweep is never refused"));
        self
    }

    /// Sets what local rules say.
    pub fn under(mut self, change: impl FnOnce(&mut Rules)) -> Self {
        change(&mut self.rules);
        self
    }

    /// A person has confirmed an earlier case of the same matter, which stands so.
    pub fn with_earlier(mut self, status: Status, terminated: bool) -> Self {
        self.earlier = Some(Earlier { status, terminated });
        self
    }

    /// What the same actor would be refused for the command's kind, before any payload is looked at.
    pub fn forecast(&self, actor: &Actor, command: &Command) -> Option<Refusal> {
        actions(&self.case, &context(actor, self.today, &self.rules, self.earlier))
            .into_iter()
            .find(|action| action.command == command.kind() && action.about == command.about())
            .map_or_else(|| self.unlisted(actor, command), |action| action.refusal)
    }

    /// Of an order or instruction that there is not, or about which nothing is to be done any more, `actions` does not tell.
    fn unlisted(&self, actor: &Actor, command: &Command) -> Option<Refusal> {
        let kind = command.kind();
        assert!(kind.is_about_an_order() || kind.is_about_an_instruction(), "{kind} is not listed");
        let refused =
            decide(&self.case, command, &context(actor, self.today, &self.rules, self.earlier)).unwrap_err();
        assert_ne!(refused.code.class(), RefusalClass::Fields, "{refused:?}");
        Some(refused)
    }

    pub fn take(&mut self, events: Vec<Recorded>) {
        self.case = self.case.advanced(&events);
        self.journal.extend(events);
    }

    pub fn must_be(self, status: Status) -> Self {
        assert_eq!(self.case.status, status);
        self
    }

    /// The newest deadline of a kind.
    pub fn deadline(&self, kind: ClockKind) -> &Deadline {
        self.case.deadlines.iter().rev().find(|deadline| deadline.kind == kind).unwrap()
    }

    /// The clocks that have not ended, in the order in which they were started.
    pub fn open_clocks(&self) -> Vec<ClockKind> {
        self.case.deadlines.iter().filter(|it| it.is_open()).map(|it| it.kind).collect()
    }

    /// How often an event of the kind has happened.
    pub fn count(&self, kind: &str) -> usize {
        self.journal.iter().filter(|recorded| recorded.event.as_ref() == kind).count()
    }
}

/// A command that somebody is about to give.
pub struct Attempt {
    tale: Tale,
    actor: Actor,
    command: Command,
}

impl Attempt {
    /// Goes to the day of the attempt first.
    pub fn at(mut self, date: &str) -> Self {
        self.tale = self.tale.on(date);
        self
    }

    fn decide(&self) -> Result<Vec<Recorded>, Refusal> {
        let Tale { case, today, rules, earlier, .. } = &self.tale;
        decide(case, &self.command, &context(&self.actor, *today, rules, *earlier))
    }

    /// It is done, wherever it leads.
    pub fn done(self) -> Tale {
        let events =
            self.decide().unwrap_or_else(|refusal| panic!("{} is refused: {refusal:?}", self.command.kind()));
        let mut tale = self.tale;
        tale.take(events);
        tale
    }

    /// It is done and leads to the status.
    pub fn then_status(self, status: Status) -> Tale {
        let command = self.command.kind();
        let tale = self.done();
        assert_eq!(tale.case.status, status, "after {command}");
        tale
    }

    fn refusal(&self) -> Refusal {
        self.decide().err().unwrap_or_else(|| panic!("{} is not refused", self.command.kind()))
    }

    /// It is refused for the reason; nothing has changed.
    pub fn refused(self, code: RefusalCode) -> Tale {
        let refusal = self.refusal();
        assert_eq!(refusal.code, code, "{refusal:?}");
        self.tale
    }

    /// It is refused for the reason, by the law's article.
    pub fn refused_under(self, code: RefusalCode, article: u8) -> Tale {
        let refusal = self.refusal();
        assert_eq!((refusal.code, refusal.article.map(|it| it.0)), (code, Some(article)), "{refusal:?}");
        self.tale
    }

    /// It is refused for one field.
    pub fn refused_at(self, pointer: &str, code: FieldCode) -> Tale {
        let refusal = self.refusal();
        let found = refusal.fields.iter().any(|field| field.pointer == pointer && field.code == code);
        assert!(found && refusal.code == RefusalCode::InvalidFields, "{refusal:?}");
        self.tale
    }
}
