//! The refusals of each kind of operation, as the OpenAPI document lists them.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Ref};
use utoipa::openapi::{RefOr, Type};

use super::MEDIA_TYPE;

type Responses = BTreeMap<String, RefOr<Response>>;

fn listed(problems: &[(u16, &str)]) -> Responses {
    problems.iter().map(|(status, why)| (status.to_string(), RefOr::T(response(*status, why)))).collect()
}

fn response(status: u16, why: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let response = ResponseBuilder::new().description(why).content(MEDIA_TYPE, content);
    if status != 429 {
        return response.build();
    }
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).build();
    let header = HeaderBuilder::new().schema(Some(seconds)).description(Some("Seconds to wait")).build();
    response.header("Retry-After", header).build()
}

/// What any operation with a body may answer.
pub enum BodyProblems {}

impl IntoResponses for BodyProblems {
    fn responses() -> Responses {
        listed(&[
            (400, "The body is not readable JSON"),
            (413, "The body is too large"),
            (415, "The body is not JSON"),
            (422, "Fields are wrong; `errors` names them"),
        ])
    }
}

/// What an operation answers to wrong credentials.
pub enum CredentialProblems {}

impl IntoResponses for CredentialProblems {
    fn responses() -> Responses {
        listed(&[(401, "The credentials are wrong or no longer good"), (429, "Too many requests")])
    }
}

/// What an operation answers that asks for no credentials, and is limited by address.
pub enum LimitProblems {}

impl IntoResponses for LimitProblems {
    fn responses() -> Responses {
        listed(&[(429, "Too many requests")])
    }
}

/// What any operation for signed-in users may answer.
pub enum TokenProblems {}

impl IntoResponses for TokenProblems {
    fn responses() -> Responses {
        listed(&[(401, "No access token, or one that is no longer good")])
    }
}

/// What reading one thing may answer.
pub enum ReadProblems {}

impl IntoResponses for ReadProblems {
    fn responses() -> Responses {
        listed(&[
            (400, "A parameter or header is wrong"),
            (401, "No access token, or one that is no longer good"),
            (403, "Not yours to do"),
            (404, "Unknown, or not yours to know of"),
            (410, "Destroyed after the retention term"),
        ])
    }
}

/// What listing may answer.
pub enum ListProblems {}

impl IntoResponses for ListProblems {
    fn responses() -> Responses {
        listed(&[
            (400, "A parameter is wrong; `errors` names it"),
            (401, "No access token, or one that is no longer good"),
            (403, "Not yours to do"),
        ])
    }
}

/// What a command may answer.
pub enum CommandProblems {}

impl IntoResponses for CommandProblems {
    fn responses() -> Responses {
        listed(&[
            (400, "The body or a header is not readable"),
            (401, "No access token, or one that is no longer good"),
            (403, "Known to you, but not yours to do"),
            (404, "Unknown, or not yours to know of"),
            (409, "The state does not allow it; `allowed_from` names the states that do"),
            (410, "Destroyed after the retention term"),
            (412, "`If-Match` names another version than there is now"),
            (413, "The body is too large"),
            (415, "The body is not JSON"),
            (
                422,
                "Fields are wrong; `errors` names them, or the idempotency key was used for another request",
            ),
        ])
    }
}

/// What a petitioner's request by query code may answer.
pub enum PublicProblems {}

impl IntoResponses for PublicProblems {
    fn responses() -> Responses {
        listed(&[
            (400, "The request is not readable"),
            (404, "There is no case with this query code"),
            (409, "The state does not allow it"),
            (410, "Destroyed after the retention term"),
            (413, "The body is too large"),
            (415, "The body is not JSON"),
            (422, "Fields are wrong; `errors` names them"),
            (429, "Too many requests"),
        ])
    }
}
