//! Searching and exporting the audit trail. Both are recorded in it.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use domain::audit::{AuditOutcome, AuditedAct};
use domain::id::{CaseId, UserId};
use domain::language::{Language, label};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::StoreError;
use store::audit::{self as trail, EntryRow};
use utoipa::{IntoParams, ToSchema};

use super::Auditor;
use crate::http::cases::call::Caller;
use crate::http::paging::{Wanted, next_link};
use crate::http::problem::Problem;
use crate::http::problem::documented::ListProblems;
use crate::http::query::Query;
use crate::http::then::Then;
use crate::service::ServiceError;
use crate::service::audit::{self, Acted};

/// So many entries of an export are in memory at a time.
const EXPORTED_AT_A_TIME: i64 = 500;

/// An entry of the audit trail.
#[derive(Serialize, ToSchema)]
pub struct AuditEntryView {
    #[schema(example = "01HZX5TJ4R2QK")]
    id: String,
    recorded_at: DateTime<Utc>,
    act: AuditedAct,
    /// The act in the caller's language.
    label: &'static str,
    outcome: AuditOutcome,
    /// Whose account it was; null where nobody was known.
    user: Option<UserId>,
    /// In whose place, where a deputy acted.
    on_behalf_of: Option<UserId>,
    /// The network address of the client.
    #[schema(example = "192.0.2.17")]
    address: Option<String>,
    /// The case that was looked into.
    case: Option<CaseId>,
    /// What else was acted on, as `kind:id`.
    #[schema(example = "user:01HZX5TJ4R2QK")]
    subject: Option<String>,
    /// What the reading was for, in the words of who read.
    purpose: Option<String>,
    /// What there is to be known of the act.
    #[schema(value_type = Object)]
    details: Value,
}

impl AuditEntryView {
    fn of(row: EntryRow, language: Language) -> Result<Self, StoreError> {
        let broken = |detail: String| StoreError::Broken { table: "audit_entries", detail };
        let act: AuditedAct = row.act.parse().map_err(|_word| broken(format!("the act of {}", row.id)))?;
        Ok(Self {
            id: domain::id::Id::<()>::new(row.id).to_string(),
            recorded_at: row.recorded_at.into(),
            act,
            label: label(&act, language),
            outcome: row.outcome.parse().map_err(|_word| broken(format!("the outcome of {}", row.id)))?,
            user: row.user_id.map(UserId::new),
            on_behalf_of: row.on_behalf_of_id.map(UserId::new),
            address: row.address,
            case: row.case_id.map(CaseId::new),
            subject: row.subject,
            purpose: row.purpose,
            details: serde_json::from_str(&row.details).map_err(|error| broken(error.to_string()))?,
        })
    }
}

/// Which entries are asked for; all conditions hold at once.
#[derive(Clone, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Of this user's account.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<UserId>,
    /// By a deputy in this user's place.
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<UserId>,
    /// On this case.
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<CaseId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<AuditedAct>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<AuditOutcome>,
    /// On this, as `kind:id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// Recorded at or after.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<DateTime<Utc>>,
    /// Recorded before.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<DateTime<Utc>>,
    /// 1 to 200, by default 50; an export has no pages.
    #[param(minimum = 1, maximum = 200)]
    #[serde(skip_serializing)]
    limit: Option<usize>,
    /// Where the page before ended, from its `next_cursor`.
    #[serde(skip_serializing)]
    cursor: Option<String>,
}

impl AuditQuery {
    fn wanted(&self, before: Option<i64>) -> trail::Wanted {
        trail::Wanted {
            user_id: self.user.map(UserId::get),
            on_behalf_of_id: self.on_behalf_of.map(UserId::get),
            case_id: self.case.map(CaseId::get),
            act: self.act.map(|act| act.as_ref().to_owned()),
            subject: self.subject.clone(),
            outcome: self.outcome.map(|outcome| outcome.as_ref().to_owned()),
            from: self.from.map(Into::into),
            until: self.until.map(Into::into),
            before,
        }
    }
}

/// A page of the audit trail.
#[derive(Serialize, ToSchema)]
pub struct AuditPage {
    items: Vec<AuditEntryView>,
    /// What to send as `cursor` for the next page; null at the end.
    next_cursor: Option<String>,
}

/// Search the audit trail
///
/// The newest first: sign-ins, administrative acts, readings of accusations and of particulars in full, searches and exports
/// of this trail. What was done to cases stands in their journals.
#[utoipa::path(operation_id = "search_audit_trail", tag = "administer", params(AuditQuery), responses(
    (status = 200, description = "A page of the audit trail", body = AuditPage), ListProblems,
))]
#[get("/audit")]
pub async fn search_audit_trail(
    Then(auditor, query): Then<Auditor, Query<AuditQuery>>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (Caller { app, client, language, .. }, query) = (auditor.0, query.0);
    let page = Wanted::read(query.limit, query.cursor.as_deref())?;
    let (before, limit) = (page.after_id::<i64>()?, page.fetched());
    audit::note(&app, client, Acted::done(AuditedAct::SearchAuditTrail).with(&query)?).await?;
    let wanted = query.wanted(before);
    let found =
        app.store.read(move |connection| Ok::<_, ServiceError>(trail::search(connection, &wanted, limit)?));
    let (rows, next_cursor) = page.cut(found.await?, |row| row.id.to_string());
    let items = rows.into_iter().map(|row| AuditEntryView::of(row, language));
    let items = items.collect::<Result<_, _>>().map_err(ServiceError::from)?;
    let mut response = HttpResponse::Ok().json(AuditPage { items, next_cursor: next_cursor.clone() });
    if let Some((name, link)) = next_link(&request, next_cursor.as_deref()) {
        response.headers_mut().insert(name, link);
    }
    Ok(response)
}

/// Export the audit trail
///
/// As CSV in UTF-8, the newest first, however many entries there are.
#[utoipa::path(operation_id = "export_audit_trail", tag = "administer", params(AuditQuery), responses(
    (status = 200, description = "The entries, with a line of names", body = String, content_type = "text/csv"),
    ListProblems,
))]
#[get("/audit/export")]
pub async fn export_audit_trail(
    Then(auditor, query): Then<Auditor, Query<AuditQuery>>,
) -> Result<HttpResponse, Problem> {
    let (Caller { app, client, language, .. }, query) = (auditor.0, query.0);
    audit::note(&app, client, Acted::done(AuditedAct::ExportAuditTrail).with(&query)?).await?;
    let lines = stream::try_unfold(Some((true, None)), move |state| {
        let (app, query) = (app.clone(), query.clone());
        async move {
            let Some((is_first, before)) = state else { return Ok::<_, ServiceError>(None) };
            let wanted = query.wanted(before);
            let page = app.store.read(move |connection| {
                Ok::<_, ServiceError>(trail::search(connection, &wanted, EXPORTED_AT_A_TIME)?)
            });
            let page = page.await?;
            let next = page.last().map(|row| (false, Some(row.id)));
            if page.is_empty() && !is_first {
                return Ok(None);
            }
            let lines = csv_of(page, is_first, language)?;
            Ok(Some((lines, next)))
        }
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""))
        .streaming(lines))
}

const COLUMNS: [&str; 12] = [
    "id",
    "recorded_at",
    "act",
    "label",
    "outcome",
    "user",
    "on_behalf_of",
    "address",
    "case",
    "subject",
    "purpose",
    "details",
];

fn csv_of(page: Vec<EntryRow>, with_names: bool, language: Language) -> Result<Bytes, ServiceError> {
    let unwritable = |error: csv::Error| ServiceError::Internal(format!("CSV: {error}"));
    let mut lines = csv::Writer::from_writer(Vec::new());
    if with_names {
        lines.write_record(COLUMNS).map_err(unwritable)?;
    }
    for row in page {
        let entry = AuditEntryView::of(row, language)?;
        let text = |id: Option<String>| id.unwrap_or_default();
        let fields = [
            entry.id,
            entry.recorded_at.to_rfc3339(),
            entry.act.as_ref().to_owned(),
            entry.label.to_owned(),
            entry.outcome.as_ref().to_owned(),
            text(entry.user.map(|id| id.to_string())),
            text(entry.on_behalf_of.map(|id| id.to_string())),
            text(entry.address),
            text(entry.case.map(|id| id.to_string())),
            text(entry.subject),
            text(entry.purpose),
            entry.details.to_string(),
        ];
        lines.write_record(fields.map(harmless)).map_err(unwritable)?;
    }
    let lines = lines.into_inner().map_err(|error| ServiceError::Internal(format!("CSV: {error}")))?;
    Ok(Bytes::from(lines))
}

/// A spreadsheet would take a text that begins like this for a formula.
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}
