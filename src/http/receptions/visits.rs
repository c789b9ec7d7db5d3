//! Visits that a leader receives.

use actix_web::post;
use chrono::NaiveDate;
use domain::case::{Case, Status};
use domain::id::{CaseId, OrganisationId};
use domain::text::{Line, Narrative};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::view::ReceptionView;
use super::{ReceptionCall, ReceptionPath};
use crate::http::answer::Answer;
use crate::http::cases::call::{KeyHeader, MatchHeader};
use crate::http::cases::filing::FilingRequest;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;
use crate::service::receptions;

const fn yes() -> bool {
    true
}

/// Which organ carries the leader's opinion out, and until when it reports.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderedThere {
    pub to: OrganisationId,
    pub report_due_on: NaiveDate,
    /// Whether the petitioner is visited when the report was accepted.
    #[serde(default = "yes")]
    pub visit_back: bool,
}

/// That the leader takes the case in charge.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChargeTakenThere {
    pub plan: Narrative,
    pub target_on: NaiveDate,
}

/// A visit: it joins the case, or becomes the one that is filed with it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitRequest {
    /// The case that it is about.
    pub case: Option<CaseId>,
    /// A petition that is filed with it, where it is about none yet.
    pub filing: Option<FilingRequest>,
    /// Who came, as they were to the matter.
    pub visitors: Line,
    #[schema(minimum = 1)]
    pub head_count: u32,
    /// What they asked.
    pub requests: Narrative,
    /// What was answered on the spot.
    pub answer: Option<Narrative>,
    /// The leader's explicit opinion on the handling.
    pub opinion: Narrative,
    /// With it the opinion is an instruction on the case, and followed to its end.
    pub instruction: Option<OrderedThere>,
    /// With it the leader takes the case in charge.
    pub charge: Option<ChargeTakenThere>,
}

/// What has become of a visit.
#[derive(Serialize, ToSchema)]
pub struct VisitReceipt {
    case: CaseId,
    case_no: String,
    case_status: Status,
    /// The petitioner's code, where the petition was filed with the visit.
    query_code: Option<String>,
    /// The number of the instruction, where the leader gave one.
    instruction: Option<u16>,
    reception: ReceptionView,
}

impl VisitReceipt {
    /// What has become of a visit about the case.
    pub fn of(case: &Case, query_code: Option<String>, instructed: bool, reception: ReceptionView) -> Self {
        Self {
            case: case.id,
            case_no: case.filing.case_no.clone(),
            case_status: case.status,
            query_code,
            instruction: case.instructions.last().filter(|_| instructed).map(|given| given.no),
            reception,
        }
    }
}

/// Receive a visit
///
/// What was asked and answered and the leader's opinion go into the journal of the case, which is one that is there or filed with
/// the visit. `instruction` makes the opinion an instruction, followed from the organ's report to the visit back; `charge` puts
/// the leader in charge. All of it is done, or none.
#[utoipa::path(operation_id = "receive_visit", tag = "receive visits", params(ReceptionPath, KeyHeader, MatchHeader),
    request_body(content = VisitRequest, example = json!({"case": "01HZX5TJ4R2QM", "visitors": "信访人本人及家属", "head_count": 2,
        "requests": "请求兑现征地补偿", "answer": "当场说明了补偿标准", "opinion": "请住建局十日内核实兑现并书面答复",
        "instruction": {"to": "01HZX5TJ4R2QN", "report_due_on": "2026-12-25"}})),
    responses((status = 201, description = "Received", body = VisitReceipt), CommandProblems))]
#[post("/{id}/visits")]
pub async fn receive_visit(call: ReceptionCall<VisitRequest>) -> Result<Answer, Problem> {
    let (app, call, id, visit) = call.parts();
    Ok(receptions::receive_visit(&app, call, id, visit).await?)
}
