//! Conditional requests (RFC 9110 §13): the version of a thing is its strong entity tag, `"7"`.
//!
//! What is read in English has a tag of its own, `"7-en"`, since it is another text; for writing both say the version.

use actix_web::http::header::{ContentType, ETAG, HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, dev};
use domain::language::Language;
use serde::Serialize;
use std::future::{Ready, ready};

use super::context::language_of;
use super::problem::Problem;
use super::problem::kinds::BAD_HEADER;

/// What the tags of English texts end in.
const IN_ENGLISH: &str = "-en";

/// What `If-Match` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// The header is absent, or `*`: whatever there is.
    Any,
    /// One of these versions; none where only foreign tags were listed, so that nothing can match.
    OneOf(Vec<i64>),
}

impl Expected {
    /// Whether the version meets the condition; where it does not, the answer is 412.
    pub fn is_met_by(&self, version: i64) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}

impl FromRequest for Expected {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(match tags(request.headers(), &IF_MATCH) {
            Ok(None) => Ok(Self::Any),
            Ok(Some(tags)) if tags.contains(&Tag::Star) => Ok(Self::Any),
            Ok(Some(tags)) => Ok(Self::OneOf(tags.iter().filter_map(Tag::strong_version).collect())),
            Err(problem) => Err(problem),
        })
    }
}

/// The strong tag of a version, whatever the language.
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// What stands between the quotes of the tag of a version's text in a language.
fn tag_of(version: i64, language: Language) -> String {
    format!("{version}{}", language.choose("", IN_ENGLISH))
}

/// Answers a read of something versioned: 304 where the caller already has it, else 200 with its tag.
///
/// # Errors
/// An unreadable `If-None-Match`.
pub fn answer(request: &HttpRequest, version: i64, body: &impl Serialize) -> Result<HttpResponse, Problem> {
    answer_with(request, version, |mut response| response.json(body))
}

/// As [`answer`], with a body that is JSON already.
///
/// # Errors
/// An unreadable `If-None-Match`.
pub fn answer_written(request: &HttpRequest, version: i64, body: Bytes) -> Result<HttpResponse, Problem> {
    answer_with(request, version, |mut response| response.content_type(ContentType::json()).body(body))
}

fn answer_with(
    request: &HttpRequest,
    version: i64,
    respond: impl FnOnce(HttpResponseBuilder) -> HttpResponse,
) -> Result<HttpResponse, Problem> {
    let ours = tag_of(version, language_of(request));
    let known = tags(request.headers(), &IF_NONE_MATCH)?
        .is_some_and(|tags| tags.iter().any(|tag| *tag == Tag::Star || tag.is_weakly(&ours)));
    let tag = (ETAG, format!("\"{ours}\""));
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(tag);
    Ok(if known { response.finish() } else { respond(response) })
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Tag {
    Star,
    Strong(String),
    Weak(String),
}

impl Tag {
    /// `If-Match` compares strongly: a weak tag never matches.
    fn strong_version(&self) -> Option<i64> {
        match self {
            Self::Strong(text) => text.strip_suffix(IN_ENGLISH).unwrap_or(text).parse().ok(),
            Self::Star | Self::Weak(_) => None,
        }
    }

    /// `If-None-Match` compares weakly; a compressing proxy may have weakened our tag.
    fn is_weakly(&self, ours: &str) -> bool {
        match self {
            Self::Strong(text) | Self::Weak(text) => text == ours,
            Self::Star => false,
        }
    }
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Vec<Tag>>, Problem> {
    if !headers.contains_key(name) {
        return Ok(None);
    }
    let unreadable = || {
        Problem::new(BAD_HEADER)
            .detail(format!("{name} 不是实体标签"), format!("{name} is not a list of entity tags"))
    };
    let mut tags = Vec::new();
    for value in headers.get_all(name) {
        // Our tags have no comma: one inside a quoted tag belongs to a foreign tag, which matches nothing.
        for part in value
            .to_str()
            .map_err(|_not_text| unreadable())?
            .split(',')
            .map(str::trim)
            .filter(|p| !p.is_empty())
        {
            tags.push(parse_tag(part).ok_or_else(unreadable)?);
        }
    }
    if tags.is_empty() { Err(unreadable()) } else { Ok(Some(tags)) }
}

fn parse_tag(text: &str) -> Option<Tag> {
    if text == "*" {
        return Some(Tag::Star);
    }
    let (is_weak, quoted) = text.strip_prefix("W/").map_or((false, text), |rest| (true, rest));
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?.to_owned();
    Some(if is_weak { Tag::Weak(inner) } else { Tag::Strong(inner) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn expected(value: &str) -> Result<Expected, u16> {
        let request = TestRequest::get().insert_header((IF_MATCH, value)).to_http_request();
        Expected::from_request(&request, &mut dev::Payload::None).into_inner().map_err(|p| p.kind.status)
    }

    #[test]
    fn only_strong_tags_match_for_writing() {
        assert!(expected("\"7\"").unwrap().is_met_by(7));
        assert!(expected("\"6\", \"7\"").unwrap().is_met_by(7));
        assert!(expected("\"7-en\"").unwrap().is_met_by(7));
        assert!(!expected("\"7-fr\"").unwrap().is_met_by(7));
        assert!(expected("*").unwrap().is_met_by(7));
        assert!(!expected("W/\"7\"").unwrap().is_met_by(7));
        assert!(!expected("\"abc\"").unwrap().is_met_by(7));
        assert_eq!(expected("7"), Err(400));
        assert_eq!(expected(""), Err(400));
    }

    #[test]
    fn a_known_version_is_not_sent_again() {
        for (value, status) in [("\"7\"", 304), ("W/\"7\"", 304), ("*", 304), ("\"8\", \"9\"", 200)] {
            let request = TestRequest::get().insert_header((IF_NONE_MATCH, value)).to_http_request();
            assert_eq!(answer(&request, 7, &()).unwrap().status(), status, "{value}");
        }
    }
}
