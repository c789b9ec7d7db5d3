//! Where a story is told once: real commands by stand-ins, each on its day, decided by the domain's own rules.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, TimeDelta, Utc};
use domain::access::Actor;
use domain::case::content::Filing;
use domain::case::{
    Case, Cause, Channel, Command, Context, Purpose, Recorded, Source, Status, Urgency, decide,
    decide_filing, fold,
};
use domain::deadline::{Calendar, Rules};
use domain::id::CaseId;
use domain::organisation::Directory;
use domain::text::Text;

use super::cast::{Organ, Part, STAGE_REGION, petitioner};

/// Words that stand where each case has its own; as whole JSON texts they occur nowhere else.
pub const SUBJECT: &str = "题目在此";
pub const NARRATIVE: &str = "叙述在此";
pub const CASE_NO: &str = "编号在此";
pub const QUERY_CODE: &str = "查询码在此";
pub const TOPIC: &str = "内容分类在此";
/// The stand-in of the case itself.
pub const CASE: CaseId = CaseId::new(7 << 44);

/// When an office's day begins in a story, in minutes after midnight; a case's own hours come on top.
const OFFICE_OPENS: i64 = 9 * 60;
/// What passes between two steps of one day, in minutes.
const STEP: i64 = 5;

/// How a petition comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// To a grid member, for the township's register.
    Grid,
    /// On the web, for the county's register.
    Web,
    /// By letter of a group, for the county's register.
    Group,
    /// By phone, for the township's register.
    Call,
}

/// Why a telling ends.
#[derive(Debug)]
pub enum Halt {
    /// The day has come on which the data set ends: the case stands as it stands.
    TimeIsUp,
    /// A story does what the rules refuse.
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// What a step of a story answers.
pub type Told = Result<(), Halt>;

/// What every telling needs.
pub struct Stage {
    pub directory: Directory,
    pub calendar: Calendar,
    pub rules: Rules,
    pub zone: FixedOffset,
    /// The last day of the data set.
    pub end: NaiveDate,
}

/// One case on its way.
pub struct Scene<'s> {
    stage: &'s Stage,
    pub case: Case,
    pub journal: Vec<Recorded>,
    /// The day that the story has come to.
    pub today: NaiveDate,
    minutes: i64,
}

impl<'s> Scene<'s> {
    /// Files a petition.
    ///
    /// # Errors
    /// The petition is refused.
    pub fn open(stage: &'s Stage, on: NaiveDate, form: Form, purpose: Purpose) -> anyhow::Result<Self> {
        let by = match (purpose, form) {
            (Purpose::Accusation, _) => Part::ClearedClerk,
            (_, Form::Grid) => Part::GridMember,
            _ => Part::Clerk,
        };
        let actor = Actor::Staff(by.staff()?);
        let now = instant(on, OFFICE_OPENS, stage.zone)?;
        let context = context(stage, &actor, now, on);
        let journal = decide_filing(CASE, filing(form, purpose)?, &context)
            .map_err(|refusal| anyhow::anyhow!("a story's filing is refused: {refusal:?}"))?;
        let case = fold(CASE, &journal)?;
        Ok(Self { stage, case, journal, today: on, minutes: OFFICE_OPENS + STEP })
    }

    /// Lets days pass; the worker tells every alarm on its day.
    ///
    /// # Errors
    /// The data set ends before; the sweep is refused.
    pub fn later(&mut self, days: u64) -> Told {
        let there = self.in_days(days)?;
        self.sweep_until(there.min(self.stage.end))?;
        if there > self.stage.end {
            return Err(Halt::TimeIsUp);
        }
        self.today = there;
        self.minutes = OFFICE_OPENS;
        Ok(())
    }

    /// Lets all the time pass that there is.
    ///
    /// # Errors
    /// The sweep is refused.
    pub fn until_the_end(&mut self) -> Told {
        self.sweep_until(self.stage.end)
    }

    fn sweep_until(&mut self, last: NaiveDate) -> Told {
        let percent = self.stage.rules.due_soon_at_percent;
        while self.case.status != Status::Archived
            && let Some(next) = self.case.deadlines.iter().filter_map(|it| it.next_alarm_on(percent)).min()
            && next <= last
        {
            if next > self.today {
                self.today = next;
                self.minutes = OFFICE_OPENS;
            }
            self.give(&Actor::System, &Command::Sweep)?;
        }
        Ok(())
    }

    /// The story's day and so many days more.
    ///
    /// # Errors
    /// A day after the calendar.
    pub fn in_days(&self, days: u64) -> anyhow::Result<NaiveDate> {
        self.today
            .checked_add_days(Days::new(days))
            .ok_or_else(|| anyhow::anyhow!("a day after the calendar"))
    }

    /// Somebody gives a command.
    ///
    /// # Errors
    /// It is refused.
    pub fn by(&mut self, part: Part, command: &Command) -> Told {
        self.give(&Actor::Staff(part.staff()?), command)
    }

    /// The petitioner gives a command.
    ///
    /// # Errors
    /// It is refused.
    pub fn by_petitioner(&mut self, command: &Command) -> Told {
        self.give(&Actor::Petitioner, command)
    }

    fn give(&mut self, actor: &Actor, command: &Command) -> Told {
        let now = instant(self.today, self.minutes, self.stage.zone)?;
        self.minutes += STEP;
        let context = context(self.stage, actor, now, self.today);
        let events = decide(&self.case, command, &context)
            .map_err(|refusal| anyhow::anyhow!("a story's {} is refused: {refusal:?}", command.kind()))?;
        self.case = self.case.advanced(&events);
        self.journal.extend(events);
        Ok(())
    }
}

fn context<'a>(stage: &'a Stage, actor: &'a Actor, now: DateTime<Utc>, today: NaiveDate) -> Context<'a> {
    Context {
        now,
        today,
        recorded_at: now,
        actor,
        directory: &stage.directory,
        calendar: &stage.calendar,
        rules: &stage.rules,
        earlier: None,
    }
}

/// A minute of a legal day, in UTC.
///
/// # Errors
/// The time zone has no such time.
pub fn instant(day: NaiveDate, minutes: i64, zone: FixedOffset) -> anyhow::Result<DateTime<Utc>> {
    let midnight = day.and_time(chrono::NaiveTime::MIN).and_local_timezone(zone).single();
    let midnight = midnight.ok_or_else(|| anyhow::anyhow!("a midnight that is not"))?;
    Ok(midnight.to_utc() + TimeDelta::minutes(minutes))
}

fn filing(form: Form, purpose: Purpose) -> anyhow::Result<Filing> {
    let accuses = purpose == Purpose::Accusation;
    let (channel, source) = match form {
        Form::Grid => (Channel::Visit, Source::GridReport),
        Form::Web => (Channel::Web, Source::Petitioner),
        Form::Group => (Channel::Letter, Source::Petitioner),
        Form::Call => (Channel::Call, Source::Hotline),
    };
    let is_group = form == Form::Group && !accuses;
    let (petitioners, representatives) = match (accuses, is_group) {
        (true, _) => (vec![], vec![]),
        (_, true) => (vec![], vec![petitioner(0), petitioner(1)]),
        _ => (vec![petitioner(0)], vec![]),
    };
    Ok(Filing {
        case_no: CASE_NO.to_owned(),
        query_code: QUERY_CODE.to_owned(),
        received_by: Organ::Desk.stand_in(),
        direct: false,
        purpose,
        channel,
        source,
        subject: words(SUBJECT)?,
        narrative: words(NARRATIVE)?,
        stated_claims: vec![],
        region: STAGE_REGION.parse()?,
        place: None,
        occurred_on: None,
        topic: Some(TOPIC.to_owned()),
        cause: Some(Cause::Work),
        urgency: Urgency::Normal,
        anonymous: accuses,
        oral_record: form == Form::Grid,
        joint_letter: is_group,
        skip_level: false,
        head_count: if is_group { 12 } else { 1 },
        petitioners,
        representatives,
        respondents: vec![],
        possible_repeats: vec![],
        captured_at: None,
        source_no: None,
    })
}

/// Words of a story as a field takes them.
///
/// # Errors
/// They are blank or too long.
pub fn words<const MOST: usize>(text: &str) -> anyhow::Result<Text<MOST>> {
    Ok(Text::parse(text)?)
}
