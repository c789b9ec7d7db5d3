//! Filing petitions: one, or a batch that a phone has kept while it had no network.

use std::sync::Arc;

use actix_web::{post, web};
use chrono::{DateTime, NaiveDate, Utc};
use domain::case::content::Respondent;
use domain::case::{Cause, Channel, Purpose, Source, Urgency};
use domain::person::Person;
use domain::region::RegionCode;
use domain::text::{Line, Narrative, Remark};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::call::{Caller, FilingCaller, KeyHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::conditional::Expected;
use crate::http::idempotency::IdempotencyKey;
use crate::http::json::{Fingerprint, Payload};
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;
use crate::http::problem::kinds::INVALID_FIELDS;
use crate::http::then::Then;
use crate::service::ServiceError;
use crate::service::cases::{self, Call};

/// What is written into the register (登记表, Art. 19, 21).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FilingRequest {
    /// What the petitioner wants; it decides the procedure.
    pub purpose: Purpose,
    /// The form in which it arrived.
    pub channel: Channel,
    /// How it came here; by default from the petitioner, from a grid member as a grid report.
    #[serde(default)]
    pub source: Option<Source>,
    #[schema(example = "拖欠2025年三个月工资")]
    pub subject: Line,
    #[schema(example = "张某等在某工地做工，2025年9月至11月工资共三万六千元至今未付。")]
    pub narrative: Narrative,
    /// The claims one by one; without any, the subject is the claim.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub claims: Vec<Remark>,
    /// Where the problem lies: a 12-digit region code, or 15 digits with the grid.
    #[schema(value_type = String, example = "990121100201001")]
    pub region: RegionCode,
    #[serde(default)]
    pub place: Option<Line>,
    /// When the problem happened.
    #[serde(default)]
    pub occurred_on: Option<NaiveDate>,
    /// Code of a topic.
    #[serde(default)]
    pub topic: Option<String>,
    #[serde(default)]
    pub cause: Option<Cause>,
    #[serde(default)]
    pub urgency: Urgency,
    /// Without a name; then there are no petitioners.
    #[serde(default)]
    pub anonymous: bool,
    /// Taken down as spoken.
    #[serde(default)]
    pub oral_record: bool,
    #[serde(default)]
    pub joint_letter: bool,
    #[serde(default)]
    pub skip_level: bool,
    /// How many people petition; by default as many as are named.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub head_count: Option<u32>,
    #[serde(default)]
    pub petitioners: Vec<Person>,
    /// At most five speak for a group (Art. 20).
    #[serde(default)]
    #[schema(max_items = 5)]
    pub representatives: Vec<Person>,
    /// Whom the petition complains of.
    #[serde(default)]
    pub respondents: Vec<Respondent>,
    /// When a device took it down offline; legal clocks run from the server's receipt all the same.
    #[serde(default)]
    pub captured_at: Option<DateTime<Utc>>,
}

/// File a petition
///
/// Enters it into the register and starts its clocks. The answer has the case number, the petitioner's query
/// code, and earlier cases of the same people that it may repeat (a person confirms that with `repeat-check`).
/// An accusation answers only its number and code to whoever is not cleared for accusations.
#[utoipa::path(operation_id = "file_case", tag = "file", params(KeyHeader),
    request_body(content = FilingRequest, example = json!({
        "purpose": "claim", "channel": "visit", "subject": "拖欠2025年三个月工资",
        "narrative": "张某等在某工地做工，2025年9月至11月工资共三万六千元至今未付。",
        "claims": ["支付拖欠工资36000元"], "region": "990121100201001",
        "petitioners": [{"name": "张三", "phone": "13812345678"}]
    })),
    responses((status = 201, description = "Filed", body = CaseView), CommandProblems))]
#[post("")]
pub async fn file_case(
    Then(FilingCaller(caller), body): Then<FilingCaller, Payload<FilingRequest>>,
) -> Result<Answer, Problem> {
    // As in a batch, so that a filing sent alone and again in a batch is one.
    let fingerprint = fingerprint_of(&body.value).map_err(ServiceError::from)?;
    let (app, call) = caller.call(fingerprint, Expected::Any);
    Ok(cases::file(&app, call, body.value).await?)
}

/// One filing of a batch, with the key that makes it safe to repeat.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchItem {
    /// As the header `Idempotency-Key`; required, since a batch is what is sent again after a bad network.
    #[schema(example = "0b8f6a52-6a0e-4f3c-9d55-0d0a3a3c6d11")]
    pub idempotency_key: String,
    pub case: FilingRequest,
}

/// Petitions that were taken down offline.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// 1 to 100 filings; each stands on its own.
    #[schema(min_items = 1, max_items = 100)]
    pub items: Vec<BatchItem>,
}

/// What became of one filing of a batch.
#[derive(Serialize, ToSchema)]
pub struct BatchResult {
    idempotency_key: String,
    /// As if it had been filed alone.
    status: u16,
    /// Whether an earlier filing with the key was answered again.
    replayed: bool,
    /// The case, where it was filed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<CaseView>)]
    case: Option<Box<serde_json::value::RawValue>>,
    /// Why it was not filed, by the problem's code, with the pointers of the fields that are wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<BatchProblem>,
}

/// Why a filing of a batch was refused.
#[derive(Serialize, ToSchema)]
pub struct BatchProblem {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    /// The article of the Regulation that refuses.
    #[serde(skip_serializing_if = "Option::is_none")]
    article: Option<u8>,
    pointers: Vec<String>,
}

/// The results of a batch, in its order.
#[derive(Serialize, ToSchema)]
pub struct BatchAnswer {
    items: Vec<BatchResult>,
}

/// File a batch
///
/// Files what a phone has kept while it had no network. Each filing succeeds or fails by itself, under its own
/// idempotency key: sending the whole batch again files nothing twice.
#[utoipa::path(operation_id = "file_batch", tag = "file",
    request_body(content = Batch, example = json!({"items": [{
        "idempotency_key": "0b8f6a52-6a0e-4f3c-9d55-0d0a3a3c6d11",
        "case": {"purpose": "suggestion", "channel": "web", "subject": "建议增设路灯",
            "narrative": "村口到学校的路没有路灯。", "region": "990121100201001", "anonymous": true}
    }]})),
    responses((status = 200, description = "What became of each", body = BatchAnswer), CommandProblems))]
#[post("/batch")]
pub async fn file_batch(
    Then(FilingCaller(caller), body): Then<FilingCaller, Payload<Batch>>,
) -> Result<web::Json<BatchAnswer>, Problem> {
    let items = body.value.items;
    if items.is_empty() || items.len() > 100 {
        return Err(Problem::new(INVALID_FIELDS).detail("一批 1 至 100 件", "A batch has 1 to 100 filings"));
    }
    let language = caller.language;
    // One after another: the same filing twice in a batch is answered twice and filed once.
    let mut filed = Vec::with_capacity(items.len());
    for item in items {
        filed.push(file_one(&caller, item).await);
    }
    let items = filed;
    let items = items.into_iter().map(|(key, outcome)| BatchResult::of(key, outcome, language)).collect();
    Ok(web::Json(BatchAnswer { items }))
}

async fn file_one(caller: &Caller, item: BatchItem) -> (String, Result<Answer, Problem>) {
    let Some(key) = IdempotencyKey::parse(&item.idempotency_key) else {
        let problem = Problem::new(INVALID_FIELDS)
            .detail("idempotency_key 无效", "idempotency_key is not a key of 1 to 128 visible characters");
        return (item.idempotency_key, Err(problem));
    };
    let outcome = match fingerprint_of(&item.case) {
        Ok(fingerprint) => {
            let call = Call {
                actor: caller.actor(),
                client: caller.client,
                caller_key: caller.caller_key(),
                key: Some(key),
                fingerprint: caller.fingerprint_in_place(fingerprint),
                expected: Expected::Any,
                language: caller.language,
            };
            cases::file(&Arc::clone(&caller.app), call, item.case).await.map_err(Problem::from)
        }
        Err(error) => Err(ServiceError::from(error).into()),
    };
    (item.idempotency_key, outcome)
}

/// The same filing, alone or in any batch, has the same fingerprint.
fn fingerprint_of(request: &FilingRequest) -> Result<Fingerprint, serde_json::Error> {
    let mut hash = Sha256::new();
    hash.update("filing\n");
    hash.update(serde_json::to_vec(request)?);
    Ok(hash.finalize().into())
}

impl BatchResult {
    fn of(
        idempotency_key: String,
        outcome: Result<Answer, Problem>,
        language: domain::language::Language,
    ) -> Self {
        match outcome {
            Ok(answer) => Self {
                idempotency_key,
                status: answer.status,
                replayed: answer.replayed,
                case: serde_json::value::RawValue::from_string(answer.body).ok(),
                problem: None,
            },
            Err(problem) => Self {
                idempotency_key,
                status: problem.kind.status,
                replayed: false,
                case: None,
                problem: Some(BatchProblem {
                    kind: problem.kind.address(),
                    title: language.choose(problem.kind.chinese, problem.kind.english).to_owned(),
                    article: problem.particulars.article.map(|article| article.0),
                    pointers: problem.particulars.errors.into_iter().map(|error| error.pointer).collect(),
                }),
            },
        }
    }
}
