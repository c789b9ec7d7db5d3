//! What each case of the data set is: a function of the seed and its serial number, so that a filling that was broken
//! off goes on where it stood, and a measurement finds its cases without asking the database.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, TimeDelta, Utc};
use strum::VariantArray;

use super::cast::{Cast, Hands};
use super::chance::{Chance, Weighted};
use super::scene::{Form, instant};
use super::stories::{LONG_AFTER_DAYS, Story};
use super::world::{DEPARTMENTS, Place, Shape, World};

/// Four years of filings.
pub const DAYS: u64 = 1461;
/// Those of the last year may still be open.
const RECENT_DAYS: i64 = 365;
/// The hours of a day in which petitions are filed, in seconds.
const OFFICE_SECONDS: u64 = 8 * 3600;
/// One case in so many is read one by one.
const ONE_LONG_IN: u64 = 250;
/// The people of the data set begin here.
const PEOPLE: i64 = 3 << 44;

/// 2020-01-01T00:00:00Z in milliseconds: identifiers of cases and events are times since then, as the server makes them.
const EPOCH_MILLISECONDS: i64 = 1_577_836_800_000;
const LOW_BITS: u32 = 21;
const LOW_MASK: u64 = (1 << LOW_BITS) - 1;
/// Events of one second have so many milliseconds apart for those cases whose numbers agree in their low bits.
const BLOCK_MILLISECONDS: u64 = 100;

/// What a data set is, as its database remembers it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Dataset {
    pub seed: u64,
    pub cases: u64,
    /// The last day on which anything happens.
    pub end: NaiveDate,
}

/// The plan of all cases.
#[derive(Debug, Clone)]
pub struct Plan {
    pub dataset: Dataset,
    pub world: World,
    zone: FixedOffset,
    counties: Weighted,
    townships: Weighted,
    topics: Weighted,
    old: Weighted,
    recent: Weighted,
}

/// One case before it is told.
#[derive(Debug, Clone)]
pub struct CasePlan {
    pub serial: u64,
    pub day: NaiveDate,
    /// How much later than the opening of the office.
    pub later: TimeDelta,
    pub story: Story,
    pub form: Form,
    pub place: Place,
    pub hands: Hands,
    /// The place of the topic in the world's list.
    pub topic: usize,
    /// Numbers of the petitioner and, for a group, of who speaks with them.
    pub people: [u64; 2],
}

impl Plan {
    /// The plan of a data set; the topics are those of the database.
    pub fn new(dataset: Dataset, topics: Vec<String>, zone: FixedOffset) -> Self {
        let shape = Shape::for_cases(dataset.cases);
        let topic_count = u32::try_from(topics.len()).unwrap_or(1);
        Self {
            world: World { shape, topics },
            zone,
            counties: Weighted::skewed(shape.cities * shape.counties, 0.8),
            townships: Weighted::skewed(shape.townships, 0.6),
            topics: Weighted::skewed(topic_count, 1.0),
            old: Weighted::of(Story::VARIANTS.iter().map(|story| story.weights().0)),
            recent: Weighted::of(Story::VARIANTS.iter().map(|story| story.weights().1)),
            dataset,
        }
    }

    /// How many people there are once the cases below the serial number are in.
    pub const fn people_before(&self, serial: u64) -> u64 {
        serial * 6 / 10 + 2
    }

    /// The case of the serial number.
    ///
    /// # Errors
    /// A day before the calendar.
    pub fn case(&self, serial: u64) -> anyhow::Result<CasePlan> {
        let mut chance = Chance::of(self.dataset.seed, serial);
        let (day, later) = self.filed(serial)?;
        let place = self.world.place(self.grid(&mut chance));
        let age = (self.dataset.end - day).num_days();
        let story = self.story(serial, age, &mut chance);
        let form = story.form().unwrap_or(match chance.below(20) {
            0..10 => Form::Grid,
            10..15 => Form::Web,
            15..17 => Form::Group,
            _ => Form::Call,
        });
        let topic = self.topics.choose(&mut chance);
        let at_department = chance.below(10) < 7;
        let department = u32::try_from(topic).unwrap_or_default() % DEPARTMENTS;
        let hands = Hands {
            at_county: matches!(form, Form::Web | Form::Group),
            department: at_department.then_some(department),
        };
        let people = self.people(serial, &mut chance);
        Ok(CasePlan { serial, day, later, story, form, place, hands, topic, people })
    }

    fn filed(&self, serial: u64) -> anyhow::Result<(NaiveDate, TimeDelta)> {
        let total = u128::from(DAYS * OFFICE_SECONDS);
        let seconds = u128::from(serial) * total / u128::from(self.dataset.cases.max(1));
        let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
        let before_end = Days::new((DAYS - 1).saturating_sub(seconds / OFFICE_SECONDS));
        let day = self.dataset.end.checked_sub_days(before_end);
        let day = day.ok_or_else(|| anyhow::anyhow!("a day before the calendar"))?;
        let later = i64::try_from(seconds % OFFICE_SECONDS).unwrap_or_default();
        Ok((day, TimeDelta::seconds(later)))
    }

    fn grid(&self, chance: &mut Chance) -> u32 {
        let Shape { townships, villages, grids, .. } = self.world.shape;
        let county = self.counties.choose_u32(chance);
        let township = county * townships + self.townships.choose_u32(chance);
        let village = township * villages + chance.below_u32(villages);
        village * grids + chance.below_u32(grids)
    }

    fn story(&self, serial: u64, age: i64, chance: &mut Chance) -> Story {
        if serial % ONE_LONG_IN == 7 && age >= LONG_AFTER_DAYS {
            return Story::Long;
        }
        let stories = if age < RECENT_DAYS { &self.recent } else { &self.old };
        Story::VARIANTS.get(stories.choose(chance)).copied().unwrap_or(Story::Enquiry)
    }

    /// Six petitions in ten are somebody's first; the others come from people who have petitioned, a few of them often.
    fn people(&self, serial: u64, chance: &mut Chance) -> [u64; 2] {
        let known = self.people_before(serial);
        let is_new = self.people_before(serial + 1) > known;
        let skewed = chance.unit() * chance.unit();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a count is below it"
        )]
        let again = (known as f64 * skewed) as u64;
        let first = if is_new { known } else { again.min(known - 1) };
        let mut second = chance.below(known);
        if second == first {
            second = (second + 1) % known;
        }
        [first, second]
    }

    /// The office's time zone.
    pub const fn zone(&self) -> FixedOffset {
        self.zone
    }

    /// The code of the case's topic.
    pub fn topic_code(&self, case: &CasePlan) -> String {
        self.world.topics.get(case.topic).cloned().unwrap_or_default()
    }

    /// Who deals with the case.
    pub fn cast(case: &CasePlan) -> Cast {
        Cast::of(&case.place, case.hands)
    }

    /// The case's identifier: when it was filed, and its serial number so that none has another's.
    ///
    /// # Errors
    /// The time zone has no such time.
    pub fn case_id(&self, case: &CasePlan) -> anyhow::Result<i64> {
        let filed_at = instant(case.day, 9 * 60, self.zone)? + case.later;
        Ok(identifier(filed_at, case.serial, 0))
    }

    /// As `case_id`, by the serial number alone.
    ///
    /// # Errors
    /// A day before the calendar.
    pub fn id_of(&self, serial: u64) -> anyhow::Result<i64> {
        let (day, later) = self.filed(serial)?;
        Ok(identifier(instant(day, 9 * 60, self.zone)? + later, serial, 0))
    }
}

/// The identifier of what happened at an instant (a whole second) in the case of the serial number, in its place there.
pub fn identifier(at: DateTime<Utc>, serial: u64, place: i64) -> i64 {
    let block = i64::try_from((serial >> LOW_BITS) * BLOCK_MILLISECONDS).unwrap_or_default();
    let milliseconds = at.timestamp_millis() - EPOCH_MILLISECONDS + block + place;
    let low = i64::try_from(serial & LOW_MASK).unwrap_or_default();
    (milliseconds << LOW_BITS) | low
}

/// The identifier of a person of the data set.
pub fn person_id(number: u64) -> i64 {
    PEOPLE + i64::try_from(number).unwrap_or_default()
}

/// The petitioner's code of a case: 60 bits that follow from the seed.
pub fn query_code(seed: u64, serial: u64) -> String {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut bits = Chance::of(seed ^ 0xC0DE, serial).next();
    (0..12)
        .map(|_| {
            let letter = usize::try_from(bits & 31).ok().and_then(|at| LETTERS.get(at)).copied();
            bits >>= 5;
            char::from(letter.unwrap_or(b'0'))
        })
        .collect()
}
