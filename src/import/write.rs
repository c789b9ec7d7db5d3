//! Writing a batch of earlier petitions: one transaction, in which a refused row leaves nothing behind.

use std::sync::Arc;

use domain::case::content::{EarlierReply, Filing};
use domain::case::{Channel, Purpose, Recorded, Source, Urgency, decide_filing, decide_import};
use domain::id::{CaseId, PersonId};
use domain::refusal::Refusal;
use store::{AnyConnection, Failure, StoreError, cases};

use super::table::Earlier;
use super::{Order, people};
use crate::app::App;
use crate::service::ServiceError;
use crate::service::execute::Circumstances;
use crate::service::filing::{begin, new_query_code, next_case_no, possible_repeats};

/// What became of a row.
#[derive(Debug, Clone)]
pub enum Written {
    /// A case was made.
    Imported,
    /// The number is in the database.
    AlreadyThere,
    /// The domain refuses it, and why.
    Refused(String),
}

/// Why a batch was undone.
enum Undone {
    /// The dry run has seen what would happen.
    DryRun(Vec<Written>),
    /// The row at that place is refused.
    Row(usize, Refusal),
    /// The database failed.
    Failed(ServiceError),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl Failure for Undone {
    fn as_store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Failed(error) => error.as_store_error(),
            _ => None,
        }
    }
}

/// Writes the rows in one transaction, leaving out those that are refused.
///
/// # Errors
/// What the database says; then nothing of the batch is kept.
pub async fn batch(
    app: &Arc<App>,
    order: &Arc<Order>,
    rows: &Arc<Vec<Earlier>>,
) -> Result<Vec<Written>, ServiceError> {
    let mut refused: Vec<Option<String>> = vec![None; rows.len()];
    loop {
        match attempt(app, order, rows, refused.clone()).await {
            Ok(written) | Err(Undone::DryRun(written)) => return Ok(written),
            // Begun again without the row: hardly any row that parses is refused, so this is rare.
            Err(Undone::Row(place, refusal)) => {
                if let Some(reason) = refused.get_mut(place) {
                    *reason = Some(told(&refusal));
                }
            }
            Err(Undone::Failed(error)) => return Err(error),
        }
    }
}

async fn attempt(
    app: &Arc<App>,
    order: &Arc<Order>,
    rows: &Arc<Vec<Earlier>>,
    refused: Vec<Option<String>>,
) -> Result<Vec<Written>, Undone> {
    let (inner, order, rows) = (Arc::clone(app), Arc::clone(order), Arc::clone(rows));
    app.store
        .write(move |connection| {
            let circumstances =
                Circumstances::of(&inner, connection, &order.actor).map_err(Undone::Failed)?;
            let mut written = Vec::with_capacity(rows.len());
            for (place, (row, reason)) in rows.iter().zip(&refused).enumerate() {
                written.push(match reason {
                    Some(reason) => Written::Refused(reason.clone()),
                    None => {
                        write_row(connection, &circumstances, &order, row).map_err(|error| match error {
                            ServiceError::Refused(refusal) => Undone::Row(place, refusal),
                            failed => Undone::Failed(failed),
                        })?
                    }
                });
            }
            if order.dry_run { Err(Undone::DryRun(written)) } else { Ok(written) }
        })
        .await
}

fn write_row(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    order: &Order,
    row: &Earlier,
) -> Result<Written, ServiceError> {
    if cases::find_by_source_no(connection, row.source_no.as_str())?.is_some() {
        return Ok(Written::AlreadyThere);
    }
    let filing = filing(connection, circumstances, order, row)?;
    // Lists are in the order of filing, which since 2020 is that of the identifiers.
    let id = CaseId::new(cases::free_id_at(connection, row.filed_at)?);
    let events = decided(id, filing, circumstances, row)?;
    begin(connection, circumstances, id, &events, &[])?;
    Ok(Written::Imported)
}

fn filing(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    order: &Order,
    row: &Earlier,
) -> Result<Filing, ServiceError> {
    let app = circumstances.app;
    let (mut petitioners, mut repeats) = (Vec::new(), Vec::new());
    if let Some(reference) = &row.petitioner {
        let person = people::person(reference);
        repeats = possible_repeats(connection, circumstances, std::iter::once(&person), row.filed_at)?;
        let id: PersonId = app.ids.next();
        store::people::insert_person(connection, &app.sealer, id, &person, circumstances.now)?;
        petitioners.push(id);
    }
    let filed_on = circumstances.context_at(row.filed_at, None).today;
    Ok(Filing {
        case_no: next_case_no(connection, Purpose::Claim, &order.place.region, filed_on)?,
        query_code: new_query_code(),
        received_by: order.place.organisation,
        direct: order.place.direct,
        purpose: Purpose::Claim,
        channel: Channel::Web,
        source: Source::Petitioner,
        subject: row.subject.clone(),
        narrative: row.narrative.clone(),
        stated_claims: Vec::new(),
        region: order.place.region.clone(),
        place: None,
        occurred_on: None,
        topic: None,
        cause: None,
        urgency: Urgency::Normal,
        anonymous: petitioners.is_empty(),
        oral_record: false,
        joint_letter: false,
        skip_level: false,
        head_count: 1,
        petitioners,
        representatives: Vec::new(),
        respondents: Vec::new(),
        possible_repeats: repeats,
        captured_at: None,
        source_no: Some(row.source_no.to_string()),
    })
}

/// The events of the row at its own times: with its answer, or registered with its clocks running.
fn decided(
    id: CaseId,
    filing: Filing,
    circumstances: &Circumstances<'_>,
    row: &Earlier,
) -> Result<Vec<Recorded>, Refusal> {
    let filed = circumstances.context_at(row.filed_at, None);
    let Some(reply) = &row.reply else { return decide_filing(id, filing, &filed) };
    let answered = circumstances.context_at(reply.replied_at, None);
    let earlier = EarlierReply { content: reply.content.clone(), replied_on: answered.today };
    decide_import(id, filing, earlier, &filed, &answered)
}

/// A refusal in words, with the fields it points at.
fn told(refusal: &Refusal) -> String {
    let fields: Vec<String> =
        refusal.fields.iter().map(|field| format!("{} {}", field.pointer, field.code.as_ref())).collect();
    if fields.is_empty() { refusal.to_string() } else { fields.join(", ") }
}
