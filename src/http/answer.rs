//! The one answer of everything that changes anything: kept with its idempotency key, and replayed from there.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ETAG, LOCATION};
use actix_web::{HttpRequest, HttpResponse, Responder};
use domain::id::CaseId;
use serde::Serialize;

use super::conditional::etag;
use super::idempotency::IDEMPOTENT_REPLAYED;
use crate::service::known_cases::Showing;

/// What is kept of an answer's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// All of it.
    Body,
    /// This in its place: of an accusation the receipt alone.
    Instead(String),
    /// The version of the case that it shows, and how: it is written again from the journal.
    Case {
        /// The case.
        id: CaseId,
        /// How many events it had.
        version: u32,
        /// How it was shown.
        showing: Showing,
    },
}

/// An answer with everything that a replay needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status: 201 where something with an address of its own was made, else 200.
    pub status: u16,
    /// The JSON body.
    pub body: String,
    /// The tag of the new version.
    pub etag: Option<String>,
    /// The address of what was made.
    pub location: Option<String>,
    /// What is kept for a replay.
    pub kept: Kept,
    /// Whether the answer is that of an earlier request with the same key.
    pub replayed: bool,
}

impl Answer {
    /// 200 with a body.
    ///
    /// # Errors
    /// A body that cannot be written as JSON.
    pub fn ok(body: &impl Serialize) -> Result<Self, serde_json::Error> {
        let body = serde_json::to_string(body)?;
        Ok(Self { status: 200, body, etag: None, location: None, kept: Kept::Body, replayed: false })
    }

    /// 201 with a body and the address of what was made.
    ///
    /// # Errors
    /// A body that cannot be written as JSON.
    pub fn created(body: &impl Serialize, location: String) -> Result<Self, serde_json::Error> {
        Ok(Self { status: 201, location: Some(location), ..Self::ok(body)? })
    }

    /// Keeps another body for replays.
    ///
    /// # Errors
    /// A body that cannot be written as JSON.
    pub fn keeping(self, body: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self { kept: Kept::Instead(serde_json::to_string(body)?), ..self })
    }

    /// Adds the tag of the version.
    #[must_use]
    pub fn version(self, version: i64) -> Self {
        Self { etag: Some(etag(version)), ..self }
    }
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut response = HttpResponse::build(status);
        response.insert_header((CONTENT_TYPE, "application/json"));
        if let Some(tag) = self.etag {
            response.insert_header((ETAG, tag));
        }
        if let Some(location) = self.location {
            response.insert_header((LOCATION, location));
        }
        if self.replayed {
            response.insert_header((IDEMPOTENT_REPLAYED, "true"));
        }
        response.body(self.body)
    }
}
