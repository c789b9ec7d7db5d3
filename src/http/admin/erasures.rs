//! Destroying personal data after the retention term: the system administrator proposes, the security administrator agrees.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, NaiveDate, Utc};
use domain::case::Case;
use domain::case::content::Retention;
use domain::id::{CaseId, ErasureId, UserId};
use domain::text::Remark;
use serde::{Deserialize, Serialize};
use store::erasures::ErasureRow;
use utoipa::{IntoParams, ToSchema};

use super::{SecurityAdministrator, SystemAdministrator, SystemOrSecurityAdministrator};
use crate::http::answer::Answer;
use crate::http::cases::call::KeyHeader;
use crate::http::conditional::Expected;
use crate::http::json::Payload;
use crate::http::organisations::id_of;
use crate::http::paging::{Wanted, next_link};
use crate::http::problem::Problem;
use crate::http::problem::documented::{CommandProblems, ListProblems};
use crate::http::query::Query;
use crate::http::then::Then;
use crate::service::erasures;

/// A case whose personal data may be destroyed; of what it is about nothing is told, nor its number, by which accusations differ.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DueCase {
    case: CaseId,
    archived_on: NaiveDate,
    retention: Retention,
    /// The last day on which the file had to be kept.
    retained_until: NaiveDate,
}

impl DueCase {
    /// The case; none if its file is not in the archive, or is kept for good.
    pub fn of(case: &Case) -> Option<Self> {
        Some(Self {
            case: case.id,
            archived_on: case.archived_on?,
            retention: case.archiving.as_ref()?.retention,
            retained_until: case.retained_until()?,
        })
    }
}

/// A proposal to destroy the personal data of a case.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ErasureProposal)]
pub struct ErasureView {
    /// The proposal's identifier.
    id: ErasureId,
    case: CaseId,
    archived_on: NaiveDate,
    #[schema(value_type = Retention)]
    retention: String,
    /// The last day on which the file had to be kept.
    retained_until: NaiveDate,
    reason: String,
    proposed_by: UserId,
    proposed_at: DateTime<Utc>,
    /// Null while it waits; true once the data is destroyed.
    agreed: Option<bool>,
    remark: Option<String>,
    decided_by: Option<UserId>,
    decided_at: Option<DateTime<Utc>>,
}

impl ErasureView {
    /// The proposal.
    pub fn of(row: ErasureRow) -> Self {
        Self {
            id: ErasureId::new(row.id),
            case: CaseId::new(row.case_id),
            archived_on: row.archived_on,
            retention: row.retention,
            retained_until: row.retained_until,
            reason: row.reason,
            proposed_by: UserId::new(row.proposed_by_id),
            proposed_at: row.proposed_at.into(),
            agreed: row.agreed,
            remark: row.remark,
            decided_by: row.decided_by_id.map(UserId::new),
            decided_at: row.decided_at.map(Into::into),
        }
    }
}

/// Which page of the archive to look at.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DueQuery {
    /// So many files of the archive are looked at: 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// Where the page before ended, from its `next_cursor`.
    cursor: Option<String>,
}

/// Those of some files of the archive that are due.
#[derive(Serialize, ToSchema)]
pub struct DuePage {
    items: Vec<DueCase>,
    /// What to send as `cursor` to look at further files; null at the end. A page may be empty and go on.
    next_cursor: Option<String>,
}

/// List cases whose personal data may be destroyed
///
/// In the order of their filing: files of the archive whose retention term is over.
#[utoipa::path(operation_id = "list_due_erasures", tag = "administer", params(DueQuery), responses(
    (status = 200, description = "Those that are due", body = DuePage), ListProblems,
))]
#[get("/erasures/due")]
pub async fn list_due_erasures(
    Then(administrator, query): Then<SystemAdministrator, Query<DueQuery>>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let DueQuery { limit, cursor } = query.0;
    let page = Wanted::read(limit, cursor.as_deref())?;
    // One more is fetched of others, to see whether there is one; here the last that was looked at tells.
    let looked_at = page.fetched().saturating_sub(1);
    let (items, last) = erasures::due(&administrator.0.app, page.after_id()?, looked_at).await?;
    let next_cursor = last.map(|last| Wanted::cursor_of(&last.to_string()));
    let link = next_link(&request, next_cursor.as_deref());
    let mut response = HttpResponse::Ok().json(DuePage { items, next_cursor });
    if let Some((name, link)) = link {
        response.headers_mut().insert(name, link);
    }
    Ok(response)
}

/// Which proposals to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ErasuresQuery {
    /// Only those that wait for the security administrator.
    #[serde(default)]
    waiting: bool,
    /// 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// Where the page before ended, from its `next_cursor`.
    cursor: Option<String>,
}

/// A page of proposals.
#[derive(Serialize, ToSchema)]
pub struct ErasuresPage {
    items: Vec<ErasureView>,
    /// What to send as `cursor` for the next page; null at the end.
    next_cursor: Option<String>,
}

/// List proposals to destroy personal data
///
/// The newest first, for both of the administrators whose agreement it takes.
#[utoipa::path(operation_id = "list_erasures", tag = "administer", params(ErasuresQuery), responses(
    (status = 200, description = "A page of proposals", body = ErasuresPage), ListProblems,
))]
#[get("/erasures")]
pub async fn list_erasures(
    Then(administrator, query): Then<SystemOrSecurityAdministrator, Query<ErasuresQuery>>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let ErasuresQuery { waiting, limit, cursor } = query.0;
    let page = Wanted::read(limit, cursor.as_deref())?;
    let found = erasures::list(&administrator.0.app, waiting, page.after_id()?, page.fetched()).await?;
    let (items, next_cursor) = page.cut(found, |erasure| erasure.id.to_string());
    let link = next_link(&request, next_cursor.as_deref());
    let mut response = HttpResponse::Ok().json(ErasuresPage { items, next_cursor });
    if let Some((name, link)) = link {
        response.headers_mut().insert(name, link);
    }
    Ok(response)
}

/// What to destroy, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ErasureRequest {
    case: CaseId,
    reason: Remark,
}

/// Propose to destroy the personal data of a case
///
/// Once the retention term of its file is over. Nothing happens until a security administrator agrees. An accusation that an earlier
/// version filed is refused: what its journal says is not sealed, and stays.
#[utoipa::path(operation_id = "propose_erasure", tag = "administer", params(KeyHeader),
    request_body(content = ErasureRequest, example = json!({"case": "01HZX5TJ4R2QK", "reason": "保管期限届满"})),
    responses((status = 200, description = "Proposed", body = ErasureView), CommandProblems))]
#[post("/erasures")]
pub async fn propose_erasure(
    Then(administrator, body): Then<SystemAdministrator, Payload<ErasureRequest>>,
) -> Result<Answer, Problem> {
    let ErasureRequest { case, reason } = body.value;
    let own = administrator.0.signed_in.staff().user;
    let (app, call) = administrator.0.call(body.fingerprint, Expected::Any);
    Ok(erasures::propose(&app, call, own, case, reason).await?)
}

/// What the security administrator says.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ErasureDecision {
    /// Whether the data is to be destroyed, at once and for good.
    pub agreed: bool,
    pub remark: Remark,
}

/// Decide on destroying personal data
///
/// Where neither account was made, changed, reset or linked by an administrator in the last 30 days: one person could have both in
/// hand. Agreed, what is sealed of everybody in the case is destroyed with this answer, and of an accusation all that its journal
/// says. The journal stays, and its hashes hold. Copies in backups last as long as those.
#[utoipa::path(operation_id = "decide_erasure", tag = "administer", params(
    ("id" = String, Path, description = "The proposal's identifier", example = "01HZX5TJ4R2QK"), KeyHeader,
),
    request_body(content = ErasureDecision, example = json!({"agreed": true, "remark": "已核对档案目录"})),
    responses((status = 200, description = "Decided", body = ErasureView), CommandProblems))]
#[post("/erasures/{id}/decision")]
pub async fn decide_erasure(
    Then(administrator, body): Then<SecurityAdministrator, Payload<ErasureDecision>>,
    id: web::Path<String>,
) -> Result<Answer, Problem> {
    let (id, own) = (id_of(&id)?, administrator.0.signed_in.staff().user);
    let (app, call) = administrator.0.call(body.fingerprint, Expected::Any);
    Ok(erasures::decide(&app, call, id, own, body.value).await?)
}
