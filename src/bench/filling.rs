//! Fills a database with the data set, many cases a transaction, and goes on where it was broken off.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use anyhow::{Context, bail};
use chrono::{Datelike, NaiveDate};
use domain::id::PersonId;
use secrecy::SecretString;
use store::bulk::{self, NewCase, NewPerson};
use store::{AnyConnection, directory, meta, organisations, regions, topics};

use super::cast;
use super::people;
use super::plan::{CasePlan, Dataset, Plan, identifier, person_id, query_code};
use super::scene::{Form, Scene, Stage};
use super::stories::Story;
use super::template::{Own, Template};
use super::world::PASSWORD;
use crate::app::App;

/// Under this key stands what data set the database has.
const DATASET: &str = "bench_dataset";
/// Under this key stands the serial number that comes next, written in the transaction that brought the cases below it.
pub const FILLED: &str = "bench_filled";
/// How many cases one transaction takes.
const BATCH: u64 = 2_000;
/// How many batches may wait for the writer.
const WAITING: usize = 2;

/// The cases of one transaction.
struct Batch {
    people: Vec<NewPerson>,
    cases: Vec<NewCase>,
    numbers: Vec<(String, i32, i32)>,
    filled: u64,
}

/// The data set of the database.
///
/// # Errors
/// There is none, or it cannot be read.
pub fn dataset_of(connection: &mut AnyConnection) -> anyhow::Result<Option<Dataset>> {
    let kept = meta::get(connection, DATASET)?;
    Ok(kept.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// How many cases of the data set are in the database.
///
/// # Errors
/// What the database says.
pub fn filled(connection: &mut AnyConnection) -> anyhow::Result<u64> {
    let kept = meta::get(connection, FILLED)?;
    Ok(kept.map(|text| text.parse()).transpose()?.unwrap_or(0))
}

/// The plan of a data set in a database that has its topics.
///
/// # Errors
/// What the database says.
pub fn plan_of(app: &App, connection: &mut AnyConnection, dataset: Dataset) -> anyhow::Result<Plan> {
    let all = topics::load_all(connection)?.into_iter().map(|topic| topic.code);
    // Only the narrowest: the wider ones are for choosing.
    let narrowest: Vec<String> = all.filter(|code| !code.ends_with("00")).collect();
    // Far apart in the order of commonness, so that the common ones are not all of one branch.
    let mut by_commonness: Vec<String> =
        (0..7).flat_map(|first| narrowest.iter().skip(first).step_by(7).cloned()).collect();
    by_commonness.dedup();
    Ok(Plan::new(dataset, by_commonness, app.settings.time_zone))
}

/// Makes the data set, or completes it; `progress` is told how many cases are in.
///
/// # Errors
/// The database has another data set or an office's own data, or cannot be written.
pub async fn fill(app: &App, cases: u64, seed: u64, mut progress: impl FnMut(u64)) -> anyhow::Result<Plan> {
    let mut connection = bulk::open(&app.settings.database_url)?;
    let yesterday =
        app.clock.today(app.settings.time_zone).pred_opt().context("a day before the calendar")?;
    let dataset = match dataset_of(&mut connection)? {
        Some(kept) if kept.cases == cases && kept.seed == seed => kept,
        Some(kept) => bail!(
            "{} has a data set of {} cases (seed {}); another wants a database of its own",
            app.settings.database_url,
            kept.cases,
            kept.seed
        ),
        None => Dataset { seed, cases, end: yesterday },
    };
    let plan = plan_of(app, &mut connection, dataset.clone())?;
    if meta::get(&mut connection, DATASET)?.is_none() {
        let hash = app.passwords.hash(SecretString::from(PASSWORD)).await?;
        found(app, &mut connection, &plan, &hash)?;
    }
    let from = filled(&mut connection)?;
    progress(from);
    if from < cases {
        let teller = Teller::new(app, &mut connection, &plan)?;
        write_from(app, connection, teller, from, &mut progress)?;
        analyse(app)?;
    }
    Ok(plan)
}

/// The province and the mark, in one transaction.
fn found(app: &App, connection: &mut AnyConnection, plan: &Plan, hash: &str) -> anyhow::Result<()> {
    if !organisations::load_all(connection)?.is_empty() {
        bail!("{} has an office's own data; measure on a database of its own", app.settings.database_url);
    }
    let regions = plan.world.regions()?;
    let organs = plan.world.organisations();
    let accounts = plan.world.users(hash, app.clock.now());
    let mark = serde_json::to_string(&plan.dataset)?;
    bulk::write(connection, |connection| {
        regions::upsert_all(connection, &regions)?;
        organisations::upsert_all(connection, &organs)?;
        bulk::insert_users(connection, &accounts)?;
        // There is no deadline yet that a shipped year of the calendar could move.
        if let Some(mark) = meta::calendar_mark(connection)? {
            meta::clear_calendar_mark(connection, &mark)?;
        }
        meta::set(connection, DATASET, &mark)
    })?;
    Ok(())
}

fn analyse(app: &App) -> anyhow::Result<()> {
    Ok(bulk::analyse(&mut bulk::open(&app.settings.database_url)?)?)
}

/// One thread tells, this one writes.
fn write_from(
    app: &App,
    mut connection: AnyConnection,
    mut teller: Teller<'_>,
    from: u64,
    progress: &mut impl FnMut(u64),
) -> anyhow::Result<()> {
    let (batches, waiting) = sync_channel(WAITING);
    std::thread::scope(|scope| {
        let telling = scope.spawn(move || teller.tell_from(from, &batches));
        let written = write_all(app, &mut connection, &waiting, progress);
        drop(waiting);
        let told =
            telling.join().map_err(|_panicked| anyhow::anyhow!("the telling of the cases panicked"))?;
        // Where writing failed, the telling only says that nobody listens.
        written.and(told)
    })
}

fn write_all(
    app: &App,
    connection: &mut AnyConnection,
    batches: &Receiver<Batch>,
    progress: &mut impl FnMut(u64),
) -> anyhow::Result<()> {
    for Batch { people, cases, numbers, filled } in batches {
        bulk::write(connection, |connection| {
            bulk::insert_people(connection, &app.sealer, &people)?;
            bulk::insert_cases(connection, cases)?;
            bulk::set_case_numbers(connection, &numbers)?;
            meta::set(connection, FILLED, &filled.to_string())
        })?;
        progress(filled);
    }
    Ok(())
}

/// Tells the cases of a plan.
pub struct Teller<'p> {
    plan: &'p Plan,
    stage: Stage,
    /// Serial numbers of the registers.
    numbers: HashMap<(String, i32), i32>,
    /// The templates of one day.
    templates: HashMap<(Story, Form), Template>,
    day: Option<NaiveDate>,
}

impl<'p> Teller<'p> {
    /// Prepares to tell, with the database's calendar and the serial numbers that are given out already.
    ///
    /// # Errors
    /// What the database says.
    pub fn new(app: &App, connection: &mut AnyConnection, plan: &'p Plan) -> anyhow::Result<Self> {
        let stage = Stage {
            directory: cast::stand_ins()?,
            calendar: directory::load_calendar(connection)?,
            rules: app.settings.rules.clone(),
            zone: app.settings.time_zone,
            end: plan.dataset.end,
        };
        let kept = bulk::case_numbers(connection)?;
        let numbers = kept.into_iter().map(|(county, year, last)| ((county, year), last)).collect();
        Ok(Self { plan, stage, numbers, templates: HashMap::new(), day: None })
    }

    fn tell_from(&mut self, from: u64, batches: &SyncSender<Batch>) -> anyhow::Result<()> {
        let mut begin = from;
        while begin < self.plan.dataset.cases {
            let end = self.plan.dataset.cases.min(begin + BATCH);
            let batch = self.batch(begin, end)?;
            if batches.send(batch).is_err() {
                break;
            }
            begin = end;
        }
        Ok(())
    }

    fn batch(&mut self, begin: u64, end: u64) -> anyhow::Result<Batch> {
        let seed = self.plan.dataset.seed;
        let cases: Vec<NewCase> =
            (begin..end).map(|serial| self.case(serial)).collect::<anyhow::Result<_>>()?;
        let first_person = if begin == 0 { 0 } else { self.plan.people_before(begin) };
        let registered_at =
            cases.first().map(|case| case.projection.case.filed_at).context("an empty batch")?;
        let people = (first_person..self.plan.people_before(end)).map(|number| {
            let person = people::person(seed, number)?;
            Ok((PersonId::new(person_id(number)), person, registered_at.into()))
        });
        let people = people.collect::<anyhow::Result<_>>()?;
        Ok(Batch { people, cases, numbers: self.numbers(), filled: end })
    }

    /// Tells one case; serial numbers of the registers are given out in the order of the calls.
    ///
    /// # Errors
    /// The rules refuse a step of its story.
    pub fn case(&mut self, serial: u64) -> anyhow::Result<NewCase> {
        let case = self.plan.case(serial)?;
        self.told(&case)
    }

    /// Tells a case that was filed on the data set's last day and no more, by the person of that number.
    ///
    /// # Errors
    /// The rules refuse it.
    pub fn filing(&mut self, serial: u64, person: u64) -> anyhow::Result<NewCase> {
        self.filing_on(serial, person, self.plan.dataset.end)
    }

    /// As `filing`, on a given day.
    ///
    /// # Errors
    /// The rules refuse it.
    pub fn filing_on(&mut self, serial: u64, person: u64, day: NaiveDate) -> anyhow::Result<NewCase> {
        let filed = CasePlan {
            day,
            story: Story::LeftRegistered,
            form: Form::Grid,
            people: [person; 2],
            ..self.plan.case(serial)?
        };
        self.told(&filed)
    }

    /// The last serial number of each county and year, those given out to the cases told so far among them.
    pub fn numbers(&self) -> Vec<(String, i32, i32)> {
        self.numbers.iter().map(|((county, year), last)| (county.clone(), *year, *last)).collect()
    }

    fn told(&mut self, case: &CasePlan) -> anyhow::Result<NewCase> {
        let serial = case.serial;
        let region = self.plan.world.grid_code(case.place.grid);
        let case_no = self.next_case_no(&region, case.day);
        let (subject, narrative) = people::words(self.plan.dataset.seed, serial);
        let own = Own {
            id: self.plan.case_id(case)?,
            case_no,
            query_code: query_code(self.plan.dataset.seed, serial),
            subject,
            narrative,
            topic: self.plan.topic_code(case),
            region,
            people: case.people.map(person_id),
            cast: Plan::cast(case),
            later: case.later,
        };
        let template = self.template(case)?;
        Ok(template.stamp(&own, |at, place| identifier(at, serial, place)))
    }

    fn next_case_no(&mut self, region: &str, day: NaiveDate) -> String {
        let county: String = region.chars().take(6).collect();
        let last = self.numbers.entry((county.clone(), day.year())).or_insert(0);
        *last += 1;
        format!("{county}-{}-{last:06}", day.year())
    }

    fn template(&mut self, case: &CasePlan) -> anyhow::Result<&Template> {
        if self.day != Some(case.day) {
            self.templates.clear();
            self.day = Some(case.day);
        }
        let key = (case.story, case.form);
        if !self.templates.contains_key(&key) {
            let mut scene = Scene::open(&self.stage, case.day, case.form, case.story.purpose())?;
            case.story.tell(&mut scene)?;
            let template = Template::of(&scene, &self.stage.rules)?;
            self.templates.insert(key, template);
        }
        self.templates.get(&key).context("a template that was just made")
    }
}
