//! A story told once becomes a template, from which the cases that tell it on the same day are stamped.
//!
//! Deciding and folding cost a thousand times what stamping does. Every date stays as it was decided, so that deadlines
//! keep to the calendar; only who, where and at what hour differ from case to case.

use anyhow::Context;
use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use domain::case::Recorded;
use domain::deadline::Rules;
use serde_json::Value;
use store::bulk::NewCase;
use store::journal::EventRow;
use store::projection::Projection;
use strum::VariantArray;

use super::cast::{Cast, Organ, Part, STAGE_REGION, petitioner};
use super::scene::{CASE_NO, NARRATIVE, QUERY_CODE, SUBJECT, Scene, TOPIC};

/// What is put into a gap.
#[derive(Debug, Clone, Copy)]
enum Gap {
    Organ(Organ),
    User(Part),
    Person(usize),
    CaseNo,
    QueryCode,
    Subject,
    Narrative,
    Topic,
    Region,
    Instant(DateTime<Utc>),
}

#[derive(Debug, Clone)]
enum Piece {
    Words(String),
    Gap(Gap),
}

/// The JSON of a journal's column with gaps.
#[derive(Debug, Clone)]
struct Pattern(Vec<Piece>);

#[derive(Debug, Clone)]
struct EventTemplate {
    kind: String,
    body: Pattern,
    actor: Pattern,
    at: DateTime<Utc>,
    on: NaiveDate,
}

/// A story that was told on a day.
#[derive(Debug, Clone)]
pub struct Template {
    events: Vec<EventTemplate>,
    projection: Projection,
}

/// What one case has of its own.
#[derive(Debug, Clone)]
pub struct Own {
    /// The case's identifier.
    pub id: i64,
    pub case_no: String,
    pub query_code: String,
    pub subject: String,
    pub narrative: String,
    pub topic: String,
    pub region: String,
    pub people: [i64; 2],
    pub cast: Cast,
    /// How much later in the day than the template's everything happens.
    pub later: TimeDelta,
}

impl Template {
    /// Takes the story as it was told.
    ///
    /// # Errors
    /// An event cannot be written as JSON.
    pub fn of(scene: &Scene<'_>, rules: &Rules) -> anyhow::Result<Self> {
        let last = scene.journal.last().context("a story without a filing")?;
        let mut instants: Vec<_> = scene.journal.iter().map(|recorded| recorded.occurred_at).collect();
        instants.dedup();
        let gaps = gaps(&instants);
        let events = scene.journal.iter().map(|recorded| event_template(recorded, &gaps));
        Ok(Self {
            events: events.collect::<anyhow::Result<_>>()?,
            projection: Projection::of(&scene.case, rules, last.recorded_at),
        })
    }

    /// The case with what it has of its own; `event_id` gives the id of each event by its instant and its place.
    pub fn stamp(&self, own: &Own, event_id: impl Fn(DateTime<Utc>, i64) -> i64) -> NewCase {
        let names = Names::of(own);
        let events = self.events.iter().zip(1..).map(|(event, seq)| {
            let at = event.at + own.later;
            EventRow {
                id: event_id(at, seq.into()),
                stream_id: own.id,
                seq,
                kind: event.kind.clone(),
                body: event.body.filled(own, &names),
                actor: event.actor.filled(own, &names),
                occurred_at: at.into(),
                occurred_on: event.on,
                recorded_at: at.into(),
                hash: None,
            }
        });
        NewCase { events: events.collect(), projection: self.stamped_projection(own) }
    }

    fn stamped_projection(&self, own: &Own) -> Projection {
        let mut of = self.projection.clone();
        let who = own.cast.substitutions();
        let substitute =
            |id: i64| who.iter().find(|(stand_in, _)| *stand_in == id).map_or(id, |found| found.1);
        let later = |at: store::Instant| (DateTime::<Utc>::from(at) + own.later).into();
        let case = &mut of.case;
        case.id = own.id;
        case.case_no.clone_from(&own.case_no);
        case.query_code.clone_from(&own.query_code);
        case.subject = case.subject.is_some().then(|| own.subject.clone());
        case.attribution_region.clone_from(&own.region);
        case.topic_code = Some(own.topic.clone());
        case.holder_id = substitute(case.holder_id);
        case.registered_by = case.registered_by.map(substitute);
        case.received_by = substitute(case.received_by);
        case.filed_at = later(case.filed_at);
        case.updated_at = later(case.updated_at);
        for row in &mut of.claims {
            row.case_id = own.id;
            row.text = row.text.is_some().then(|| own.subject.clone());
        }
        for row in &mut of.measures {
            (row.case_id, row.owner_id) = (own.id, row.owner_id.map(substitute));
        }
        for row in &mut of.deadlines {
            (row.case_id, row.organisation_id) = (own.id, row.organisation_id.map(substitute));
        }
        for row in &mut of.organisations {
            (row.case_id, row.organisation_id) = (own.id, substitute(row.organisation_id));
            row.updated_at = later(row.updated_at);
        }
        for row in &mut of.people {
            row.case_id = own.id;
            let first = row.person_id == petitioner(0).get();
            let [one, other] = own.people;
            row.person_id = if first { one } else { other };
        }
        for row in &mut of.users {
            (row.case_id, row.user_id) = (own.id, substitute(row.user_id));
        }
        of
    }
}

/// Every text that stands for something else, each a whole JSON text, so that nothing else looks like it.
fn gaps(instants: &[DateTime<Utc>]) -> Vec<(String, Gap)> {
    let mut gaps = vec![
        (CASE_NO.to_owned(), Gap::CaseNo),
        (QUERY_CODE.to_owned(), Gap::QueryCode),
        (SUBJECT.to_owned(), Gap::Subject),
        (NARRATIVE.to_owned(), Gap::Narrative),
        (TOPIC.to_owned(), Gap::Topic),
        (STAGE_REGION.to_owned(), Gap::Region),
        (petitioner(0).to_string(), Gap::Person(0)),
        (petitioner(1).to_string(), Gap::Person(1)),
    ];
    gaps.extend(Organ::VARIANTS.iter().map(|organ| (organ.stand_in().to_string(), Gap::Organ(*organ))));
    gaps.extend(Part::VARIANTS.iter().map(|part| (part.stand_in().to_string(), Gap::User(*part))));
    gaps.extend(instants.iter().map(|at| (written(*at), Gap::Instant(*at))));
    gaps
}

/// An instant as serde writes it.
fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn event_template(recorded: &Recorded, gaps: &[(String, Gap)]) -> anyhow::Result<EventTemplate> {
    let Value::Object(mut parts) = serde_json::to_value(&recorded.event)? else {
        anyhow::bail!("an event that is no object in JSON")
    };
    let body = parts.remove("data").unwrap_or(Value::Null);
    Ok(EventTemplate {
        kind: recorded.event.as_ref().to_owned(),
        body: Pattern::of(body.to_string(), gaps),
        actor: Pattern::of(serde_json::to_string(&recorded.actor)?, gaps),
        at: recorded.occurred_at,
        on: recorded.occurred_on,
    })
}

impl Pattern {
    fn of(json: String, gaps: &[(String, Gap)]) -> Self {
        let mut pieces = vec![Piece::Words(json)];
        for (stand_in, gap) in gaps {
            let quoted = format!("\"{stand_in}\"");
            pieces = pieces.into_iter().flat_map(|piece| cut(piece, &quoted, *gap)).collect();
        }
        Self(pieces)
    }

    fn filled(&self, own: &Own, names: &Names) -> String {
        let mut json = String::with_capacity(512);
        for piece in &self.0 {
            match piece {
                Piece::Words(words) => json.push_str(words),
                Piece::Gap(gap) => {
                    json.push('"');
                    match gap {
                        Gap::Instant(at) => json.push_str(&written(*at + own.later)),
                        Gap::Organ(organ) => json.push_str(Names::get(&names.organs, *organ as usize)),
                        Gap::User(part) => json.push_str(Names::get(&names.users, *part as usize)),
                        Gap::Person(number) => json.push_str(Names::get(&names.people, *number)),
                        Gap::CaseNo => json.push_str(&own.case_no),
                        Gap::QueryCode => json.push_str(&own.query_code),
                        Gap::Subject => json.push_str(&own.subject),
                        Gap::Narrative => json.push_str(&own.narrative),
                        Gap::Topic => json.push_str(&own.topic),
                        Gap::Region => json.push_str(&own.region),
                    }
                    json.push('"');
                }
            }
        }
        json
    }
}

fn cut(piece: Piece, quoted: &str, gap: Gap) -> Vec<Piece> {
    let Piece::Words(words) = &piece else { return vec![piece] };
    let mut pieces = Vec::new();
    for (place, part) in words.split(quoted).enumerate() {
        if place > 0 {
            pieces.push(Piece::Gap(gap));
        }
        pieces.push(Piece::Words(part.to_owned()));
    }
    pieces
}

/// The identifiers of a case's people as the journal writes them, made once a case.
struct Names {
    organs: Vec<String>,
    users: Vec<String>,
    people: Vec<String>,
}

impl Names {
    fn of(own: &Own) -> Self {
        Self {
            organs: Organ::VARIANTS.iter().map(|organ| own.cast.organ(*organ).to_string()).collect(),
            users: Part::VARIANTS.iter().map(|part| own.cast.user(*part).to_string()).collect(),
            people: own.people.iter().map(|id| domain::id::PersonId::new(*id).to_string()).collect(),
        }
    }

    fn get(names: &[String], place: usize) -> &str {
        names.get(place).map_or("", String::as_str)
    }
}
