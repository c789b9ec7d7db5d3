//! The register of problems: what each `type` address means.

use actix_web::{HttpRequest, Responder, get, web};
use domain::language::Language;
use serde::Serialize;
use utoipa::ToSchema;

use super::kinds::{Kind, NOT_FOUND, all};
use super::{MEDIA_TYPE, Problem, ProblemBody};
use crate::http::context::language_of;

/// One kind of problem, as the register describes it.
#[derive(Serialize, ToSchema)]
pub struct ProblemKind {
    /// The address that problems carry as their `type`.
    #[serde(rename = "type")]
    #[schema(example = "/problems/version-lost")]
    address: String,
    /// The HTTP status.
    #[schema(example = 412)]
    status: u16,
    /// What it means, in the caller's language.
    #[schema(example = "Somebody else has changed it since")]
    title: &'static str,
    /// The media type of the answers that carry it.
    #[schema(example = "application/problem+json")]
    media_type: &'static str,
}

impl ProblemKind {
    fn new(kind: Kind, language: Language) -> Self {
        Self {
            address: kind.address(),
            status: kind.status,
            title: language.choose(kind.chinese, kind.english),
            media_type: MEDIA_TYPE,
        }
    }
}

/// List the kinds of problem
///
/// Every `type` that a problem can carry, with its status and title.
#[utoipa::path(operation_id = "list_problems", tag = "system", security(()), responses(
    (status = 200, description = "The kinds of problem", body = [ProblemKind]),
))]
#[get("/problems")]
pub async fn list_problems(request: HttpRequest) -> impl Responder {
    let language = language_of(&request);
    web::Json(all().map(|kind| ProblemKind::new(kind, language)).collect::<Vec<_>>())
}

/// Describe a kind of problem
///
/// What the `type` of a problem means.
#[utoipa::path(operation_id = "get_problem", tag = "system", security(()), params(
    ("code" = String, Path, description = "The last part of the problem's `type`", example = "version-lost"),
), responses(
    (status = 200, description = "The kind of problem", body = ProblemKind),
    (status = 404, description = "There is no such kind", body = ProblemBody<'static>,
        content_type = "application/problem+json"),
))]
#[get("/problems/{code}")]
pub async fn get_problem(code: web::Path<String>, request: HttpRequest) -> Result<impl Responder, Problem> {
    let code = code.replace('-', "_");
    let kind = all().find(|kind| kind.code == code).ok_or(Problem::new(NOT_FOUND))?;
    Ok(web::Json(ProblemKind::new(kind, language_of(&request))))
}
