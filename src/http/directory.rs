//! How the directories are answered: with the version that they share as the tag, and kept by the client alone.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::conditional;
use super::paging::next_link;
use super::problem::Problem;

/// A client may keep it, and asks every time whether it is still good.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("private, no-cache");

/// Answers a page or an entry of a directory: 304 where the caller already has it.
///
/// # Errors
/// An unreadable `If-None-Match`.
pub fn answer(
    request: &HttpRequest,
    version: i64,
    body: &impl Serialize,
    next_cursor: Option<&str>,
) -> Result<HttpResponse, Problem> {
    let mut response = conditional::answer(request, version, body)?;
    response.headers_mut().insert(CACHE_CONTROL, ASK_AGAIN);
    if let Some((name, link)) = next_link(request, next_cursor) {
        response.headers_mut().insert(name, link);
    }
    Ok(response)
}
