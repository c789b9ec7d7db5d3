//! Filing a petition: people sealed, the receiving register found, repeats looked for, a number given.

use std::collections::HashSet;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use domain::access::{Duty, Role, Staff};
use domain::case::content::{Filing, PossibleRepeat};
use domain::case::{Case, Purpose, Status, decide_filing, fold};
use domain::id::{CaseId, OrganisationId, PersonId};
use domain::organisation::Directory;
use domain::person::Person;
use domain::refusal::{FieldCode, FieldErrors, Refusal, RefusalCode};
use domain::region::{RegionCode, RegionLevel};
use rand::RngExt;
use store::new_case::{self, NewCase};
use store::people::{self, SealedPerson};
use store::{AnyConnection, StoreError, case_numbers};

use super::ServiceError;
use super::execute::Circumstances;
use super::office::Office;
use crate::http::cases::filing::FilingRequest;

/// How many earlier cases of the same person are offered as possible repeats.
const MOST_POSSIBLE_REPEATS: i64 = 20;
const CODE_LETTERS: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 60 bits: not to be guessed at the rate that public look-ups are limited to.
const CODE_LENGTH: usize = 12;
/// Of a number that is drawn: none can be taken for a serial.
const SERIAL_LETTERS: &[u8] = b"ABCDEFGHJKMNPQRSTVWXYZ";
const DRAWN_SERIAL_LENGTH: usize = 8;

/// Files a petition and answers the case.
///
/// # Errors
/// The caller does not register petitions; fields that do not hold; an accusation against the register itself.
pub fn file(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    request: &FilingRequest,
) -> Result<Case, ServiceError> {
    let Some(staff) = circumstances.actor.staff().filter(|staff| staff.has(Duty::Register)) else {
        return Err(Refusal::under(RefusalCode::NotYours, 22).into());
    };
    let context = circumstances.context(None);
    check_place_and_topic(connection, &circumstances.office, staff, request, context.today)?;
    // The law's limit comes first, so that three hundred representatives are not sealed for nothing.
    check_counts(request)?;
    check_births(request, context.today)?;
    let (received_by, direct) = register_for(staff, request, &circumstances.office.directory)?;
    let possible_repeats = match request.purpose {
        Purpose::Accusation => Vec::new(),
        _ => {
            let persons = request.petitioners.iter().chain(&request.representatives);
            possible_repeats(connection, circumstances, persons, circumstances.now)?
        }
    };
    let mut people = Vec::with_capacity(request.petitioners.len() + request.representatives.len());
    let informs = request.purpose == Purpose::Accusation;
    let petitioners = seal_people(circumstances, &request.petitioners, informs, &mut people)?;
    let representatives = seal_people(circumstances, &request.representatives, informs, &mut people)?;
    let filing = Filing {
        case_no: next_case_no(connection, request.purpose, &request.region, context.today)?,
        query_code: new_query_code(),
        received_by,
        direct,
        purpose: request.purpose,
        channel: request.channel,
        source: request.source.unwrap_or(default_source(staff)),
        subject: request.subject.clone(),
        narrative: request.narrative.clone(),
        stated_claims: request.claims.clone(),
        region: request.region.clone(),
        place: request.place.clone(),
        occurred_on: request.occurred_on,
        topic: request.topic.clone(),
        cause: request.cause,
        urgency: request.urgency,
        anonymous: request.anonymous,
        oral_record: request.oral_record,
        joint_letter: request.joint_letter,
        skip_level: request.skip_level,
        head_count: request.head_count.unwrap_or_else(|| counted(request)),
        petitioners,
        representatives,
        respondents: request.respondents.clone(),
        possible_repeats,
        captured_at: request.captured_at,
        source_no: None,
    };
    let id: CaseId = circumstances.app.ids.next();
    let events = decide_filing(id, filing, &context)?;
    begin(connection, circumstances, id, &events, &people)
}

/// Writes the first events of a case, and those of its people who are not there yet.
///
/// # Errors
/// What the database says.
pub fn begin(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    id: CaseId,
    events: &[domain::case::Recorded],
    people: &[SealedPerson],
) -> Result<Case, ServiceError> {
    let case = fold(id, events).map_err(|error| ServiceError::Internal(error.to_string()))?;
    let app = circumstances.app;
    let next_id = &mut || app.ids.next_number();
    let new = NewCase { case: &case, events, people };
    new_case::insert(connection, &app.sealer, &new, circumstances.rules(), circumstances.now, next_id)?;
    Ok(case)
}

fn counted(request: &FilingRequest) -> u32 {
    let people = request.petitioners.len().max(request.representatives.len()).max(1);
    u32::try_from(people).unwrap_or(u32::MAX)
}

const fn default_source(staff: &Staff) -> domain::case::Source {
    match staff.role {
        Role::GridMember => domain::case::Source::GridReport,
        _ => domain::case::Source::Petitioner,
    }
}

fn check_counts(request: &FilingRequest) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let few = request.representatives.len() <= 5;
    errors.expect_by(few, "/representatives", FieldCode::TooManyRepresentatives, 20);
    errors.expect(request.petitioners.len() <= 100, "/petitioners", FieldCode::TooMany);
    errors.finish()
}

/// Nobody who petitions is still to be born; the resident card's own date is checked with its number.
fn check_births(request: &FilingRequest, today: NaiveDate) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let groups = [("petitioners", &request.petitioners), ("representatives", &request.representatives)];
    for (group, people) in groups {
        for (place, person) in people.iter().enumerate() {
            let born = person.birth_date.is_none_or(|birth| birth <= today);
            errors.expect(born, format!("/{group}/{place}/birth_date"), FieldCode::InFuture);
        }
    }
    errors.finish()
}

fn check_place_and_topic(
    connection: &mut AnyConnection,
    office: &Office,
    staff: &Staff,
    request: &FilingRequest,
    today: NaiveDate,
) -> Result<(), ServiceError> {
    let mut errors = FieldErrors::default();
    let is_known = office.has_region(connection, &request.region, today)?;
    errors.expect(is_known, "/region", FieldCode::UnknownRegion);
    if staff.role == Role::GridMember {
        let near = staff.territory.as_ref().is_some_and(|territory| {
            territory.contains(&request.region) || village_of(territory).contains(&request.region)
        });
        errors.expect_by(near, "/region", FieldCode::OutOfRange, 5);
    }
    if let Some(topic) = &request.topic {
        errors.expect(office.has_topic(connection, topic)?, "/topic", FieldCode::UnknownTopic);
    }
    errors.finish()?;
    Ok(())
}

/// A grid member files for their village, whichever of its grids the problem lies in.
fn village_of(territory: &RegionCode) -> RegionCode {
    match territory.level() {
        RegionLevel::Grid => territory.parent().unwrap_or_else(|| territory.clone()),
        _ => territory.clone(),
    }
}

/// The register that the petition enters, and whether it is a competent organ's own rather than a petition
/// department's. An accusation never enters the register of the accused or of a unit below them (Art. 30).
fn register_for(
    staff: &Staff,
    request: &FilingRequest,
    directory: &Directory,
) -> Result<(OrganisationId, bool), ServiceError> {
    let barred = if request.purpose == Purpose::Accusation {
        directory.barred_from_accusation(
            request.respondents.iter().filter_map(|respondent| respondent.organisation),
            request.respondents.iter().filter_map(|respondent| respondent.user),
        )
    } else {
        HashSet::new()
    };
    let own = staff.organisation;
    // An organ that accusations do not go to has nobody to see one, and no clock that would run there.
    let may_keep = if request.purpose == Purpose::Accusation {
        !barred.contains(&own) && directory.receives_accusations(own)
    } else {
        staff.role != Role::GridMember
    };
    if may_keep {
        let routes = directory.is_petition_department(own) || request.purpose == Purpose::Accusation;
        return Ok((own, !routes));
    }
    let department = if request.purpose == Purpose::Accusation {
        directory.accusations_desk_for(&request.region, &barred)
    } else {
        directory.petition_department_for(&request.region)
    };
    match department {
        Some(department) => Ok((department.id, false)),
        None => Err(Refusal::field("/region", FieldCode::UnknownOrganisation).by(22).into()),
    }
}

fn seal_people(
    circumstances: &Circumstances<'_>,
    persons: &[Person],
    informs: bool,
    sealed: &mut Vec<SealedPerson>,
) -> Result<Vec<PersonId>, StoreError> {
    let app = circumstances.app;
    let mut ids = Vec::with_capacity(persons.len());
    for person in persons {
        let id: PersonId = app.ids.next();
        let seal = if informs { SealedPerson::seal_informant } else { SealedPerson::seal };
        sealed.push(seal(&app.sealer, id, person, circumstances.now)?);
        ids.push(id);
    }
    Ok(ids)
}

/// Cases that any of these people filed by then, but never an accusation: who informed is told to nobody (Art. 30).
///
/// # Errors
/// What the database says.
pub fn possible_repeats<'a>(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    persons: impl Iterator<Item = &'a Person>,
    filed_by: DateTime<Utc>,
) -> Result<Vec<PossibleRepeat>, StoreError> {
    let mut same = Vec::new();
    for person in persons {
        same.extend(people::find_same_person(connection, &circumstances.app.sealer, person)?);
    }
    if same.is_empty() {
        return Ok(Vec::new());
    }
    let mut offered = Vec::new();
    for row in people::earlier_cases_of(connection, &same, MOST_POSSIBLE_REPEATS)? {
        let status = row.status()?;
        // An imported table need not be in the order of its dates.
        if DateTime::from(row.filed_at) <= filed_by && status != Status::Withdrawn {
            let terminated = row.terminated_on.is_some();
            offered.push(PossibleRepeat {
                case: CaseId::new(row.id),
                case_no: row.case_no,
                status,
                terminated,
            });
        }
    }
    Ok(offered)
}

/// `<county code>-<year>-<serial>`: the serial counts within county and year. That of an accusation is drawn instead, since a
/// serial that nobody sees would tell that one came in (Art. 30).
pub fn next_case_no(
    connection: &mut AnyConnection,
    purpose: Purpose,
    region: &RegionCode,
    day: NaiveDate,
) -> Result<String, StoreError> {
    let (county, year) = (region.county_code(), day.year());
    if purpose != Purpose::Accusation {
        let serial = case_numbers::next(connection, &county, year)?;
        return Ok(format!("{county}-{year}-{serial:06}"));
    }
    loop {
        let drawn = format!("{county}-{year}-{}", drawn(SERIAL_LETTERS, DRAWN_SERIAL_LENGTH));
        if store::cases::find_by_case_no(connection, &drawn)?.is_none() {
            return Ok(drawn);
        }
    }
}

/// A code that only its petitioner knows.
pub fn new_query_code() -> String {
    drawn(CODE_LETTERS, CODE_LENGTH)
}

fn drawn(letters: &[u8], length: usize) -> String {
    let mut random = rand::rng();
    (0..length)
        .filter_map(|_| letters.get(random.random_range(0..letters.len())).copied())
        .map(char::from)
        .collect()
}
