//! What every answer has for the safety of its reader, and HEAD for every GET.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;

use super::problem::Problem;
use super::problem::kinds::NOT_FOUND;

const PERMITTED_CROSS_DOMAIN: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// Nothing that the API answers is a page.
const NO_PAGE: &str = "default-src 'none'; frame-ancestors 'none'";
/// The interactive page has its own scripts and inline styles, and talks only to where it came from.
const DOCS_PAGE: &str =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/// Titles and labels are in the caller's language. The encoding is named here too, since the CORS middleware keeps
/// only the first `Vary` that it finds.
const VARIES_WITH: &str = "Accept-Language, Accept-Encoding";

/// Puts the headers of safety on every answer; what the API answers is never stored by anybody between.
///
/// # Errors
/// What the service inside answers.
pub async fn secure(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let is_page = request.path().starts_with("/docs");
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    let policy = if is_page { DOCS_PAGE } else { NO_PAGE };
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(PERMITTED_CROSS_DOMAIN, HeaderValue::from_static("same-site"));
    headers.insert(VARY, HeaderValue::from_static(VARIES_WITH));
    if !is_page && !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

/// There is nothing whose address has a NUL, which no text of PostgreSQL may have.
///
/// # Errors
/// What the service inside answers.
pub async fn without_nul(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    // Decoded once by the router, and once more where a handler takes its part.
    let path = request.match_info().as_str();
    if path.contains('\0') || path.contains("%00") {
        return Ok(request.error_response(Problem::new(NOT_FOUND)).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

/// Routes HEAD as GET (RFC 9110 §9.3.2); the encoder knows the real method and sends no body.
///
/// # Errors
/// What the service inside answers.
pub async fn head_as_get(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    next.call(request).await
}
