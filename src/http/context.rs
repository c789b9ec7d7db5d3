//! What the shell knows of a request before any handler: its id, its trace, and the caller's language.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest};
use domain::language::Language;

/// The header that carries a request's id both ways.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// What identifies one request in answers and logs.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The caller's `X-Request-Id` where it is acceptable, else one made here.
    pub request_id: String,
    /// The trace that the request belongs to (W3C Trace Context): 32 hexadecimal digits.
    pub trace_id: String,
    /// The caller's span, where it sent one.
    pub parent_id: Option<String>,
    /// The language of titles and labels.
    pub language: Language,
}

impl RequestContext {
    fn of(headers: &HeaderMap) -> Self {
        let trace =
            headers.get(TRACEPARENT).and_then(|value| value.to_str().ok()).and_then(parse_traceparent);
        let (trace_id, parent_id) = match trace {
            Some((trace, parent)) => (trace.to_owned(), Some(parent.to_owned())),
            None => (format!("{:032x}", rand::random::<u128>().max(1)), None),
        };
        let given = headers.get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
        let request_id = given.filter(|id| is_acceptable(id)).map_or_else(|| trace_id.clone(), str::to_owned);
        Self { request_id, trace_id, parent_id, language: accepted_language(headers) }
    }
}

/// Takes or makes the ids of the request and sends the request id back with the answer.
///
/// # Errors
/// What the service inside answers.
pub async fn begin(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let context = RequestContext::of(request.headers());
    let id = HeaderValue::from_str(&context.request_id);
    request.extensions_mut().insert(context);
    let mut response = next.call(request).await?;
    if let Ok(id) = id {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    Ok(response)
}

/// The language that the caller asked for.
pub fn language_of(request: &HttpRequest) -> Language {
    request.extensions().get::<RequestContext>().map(|context| context.language).unwrap_or_default()
}

/// Only what cannot break a log line or a header is taken from the caller.
fn is_acceptable(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// The trace and parent ids of a `traceparent`; of a later version the known part is read.
fn parse_traceparent(text: &str) -> Option<(&str, &str)> {
    let mut parts = text.split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let is_zero = |part: &str| part.bytes().all(|b| b == b'0');
    let sound = is_hex(version, 2)
        && version != "ff"
        && (version != "00" || parts.next().is_none())
        && is_hex(trace, 32)
        && is_hex(parent, 16)
        && is_hex(flags, 2)
        && !is_zero(trace)
        && !is_zero(parent);
    sound.then_some((trace, parent))
}

/// The better wanted of the two languages; Chinese where the caller says nothing that helps.
fn accepted_language(headers: &HeaderMap) -> Language {
    let mut best = (Language::Chinese, 0.0_f32);
    let wishes = headers.get_all(ACCEPT_LANGUAGE).filter_map(|value| value.to_str().ok());
    for wish in wishes.flat_map(|value| value.split(',')) {
        let mut parts = wish.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0_f32);
        let language = match tag.split('-').next() {
            Some("zh" | "*") => Language::Chinese,
            Some("en") => Language::English,
            _ => continue,
        };
        if weight > best.1 {
            best = (language, weight);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_are_honoured_when_sound() {
        let sound = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(parse_traceparent(sound), Some(("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")));
        assert!(parse_traceparent(&sound.replacen("00", "cc", 1)).is_some());
        for unsound in [
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "",
        ] {
            assert_eq!(parse_traceparent(unsound), None, "{unsound}");
        }
    }

    #[test]
    fn the_best_wanted_language_is_chosen() {
        for (wanted, language) in [
            ("en", Language::English),
            ("en-GB,zh;q=0.5", Language::English),
            ("zh-CN,en;q=0.8", Language::Chinese),
            ("fr", Language::Chinese),
            ("fr, en;q=0.1", Language::English),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(wanted));
            assert_eq!(accepted_language(&headers), language, "{wanted}");
        }
    }
}
