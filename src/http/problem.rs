//! Every refusal that leaves the process: RFC 9457 problems, from one table of kinds, in the caller's language.
//!
//! Handlers answer `Err(Problem)`. The text is put in by [`finish`], which knows the request's language and id; that
//! also turns the framework's own errors into problems, so that no other error body exists.

pub mod documented;
pub mod kinds;
pub mod page;
mod reply;

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use domain::refusal::{Article, Refusal};
use serde::Serialize;
use strum::EnumProperty;
use utoipa::ToSchema;

pub use kinds::{Kind, field_text};
pub use reply::finish;

/// The media type of RFC 9457.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Chinese.
    pub chinese: Cow<'static, str>,
    /// English.
    pub english: Cow<'static, str>,
}

impl Said {
    /// A text in both languages.
    pub fn new(chinese: impl Into<Cow<'static, str>>, english: impl Into<Cow<'static, str>>) -> Self {
        Self { chinese: chinese.into(), english: english.into() }
    }
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body, or the name of the query parameter.
    pub pointer: String,
    /// A stable word for programs.
    pub code: Cow<'static, str>,
    /// The explanation for people.
    pub detail: Said,
}

/// A refusal on its way to the caller.
#[derive(Debug, Clone)]
pub struct Problem {
    /// What kind of problem it is.
    pub kind: Kind,
    /// What is special about this occurrence; boxed, as refusals are rare and results are many.
    pub particulars: Box<Particulars>,
}

/// What is special about one occurrence of a problem.
#[derive(Debug, Clone, Default)]
pub struct Particulars {
    /// The explanation for people.
    pub detail: Option<Said>,
    /// The fields that are wrong.
    pub errors: Vec<FieldError>,
    /// The article of the Regulation that refuses.
    pub article: Option<Article>,
    /// The states from which the command would be allowed.
    pub allowed_from: Vec<String>,
    /// Headers that belong to the refusal, such as `Allow`.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem of the kind, with nothing further to say.
    pub fn new(kind: Kind) -> Self {
        Self { kind, particulars: Box::default() }
    }

    /// Says what is special about this occurrence.
    #[must_use]
    pub fn detail(
        mut self,
        chinese: impl Into<Cow<'static, str>>,
        english: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.particulars.detail = Some(Said::new(chinese, english));
        self
    }

    /// Names the fields or parameters that are wrong.
    #[must_use]
    pub fn naming(mut self, errors: Vec<FieldError>) -> Self {
        self.particulars.errors = errors;
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.particulars.headers.push((name, value));
        self
    }

    /// A 422 that names the fields.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        Self::new(kinds::INVALID_FIELDS).naming(errors)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let errors = refusal.fields.into_iter().map(|field| FieldError {
            pointer: field.pointer,
            code: Cow::Borrowed(field.code.into()),
            detail: Said::new(
                field.code.get_str("zh").unwrap_or_default(),
                field.code.get_str("en").unwrap_or_default(),
            ),
        });
        let particulars = Particulars {
            errors: errors.collect(),
            article: refusal.article,
            allowed_from: refusal.allowed_from.iter().map(|state| (*state).to_owned()).collect(),
            ..Particulars::default()
        };
        Self { kind: Kind::of_refusal(refusal.code), particulars: Box::new(particulars) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.code)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// The body of every refusal (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "/problems/invalid-fields", "title": "Fields are wrong", "status": 422,
    "instance": "/api/v1/auth/sign-in", "request_id": "6f1c4f1e7c1b4a0d9b1f0e6f0a3c5d7e",
    "errors": [{"pointer": "/usernam", "code": "unknown_field", "detail": "There is no such field"}]
}))]
pub struct ProblemBody<'a> {
    /// Stable address of this kind of problem.
    #[serde(rename = "type")]
    kind: String,
    /// What kind of problem it is, in the caller's language.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What is special about this occurrence.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// The path of the request.
    instance: &'a str,
    /// The id to quote when asking about it.
    request_id: &'a str,
    /// The fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldBody<'a>>,
    /// The article of the Regulation on Petition Work (《信访工作条例》) that refuses.
    #[serde(skip_serializing_if = "Option::is_none")]
    article: Option<u8>,
    /// The states from which the command would be allowed.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    allowed_from: &'a [String],
}

/// What is wrong with one field.
#[derive(Serialize, ToSchema)]
#[schema(as = FieldError)]
pub struct FieldBody<'a> {
    /// JSON pointer into the body, or the name of the query parameter.
    pointer: &'a str,
    /// A stable word for programs.
    code: &'a str,
    /// The explanation for people.
    detail: &'a str,
}
