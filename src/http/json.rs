//! Request bodies: readable JSON or 400, of the right shape or 422 with a pointer to the field that is not.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::time::Duration;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest, dev, web};
use domain::id::NotAnId;
use domain::language::{Language, label};
use domain::person::ParticularError;
use domain::region::RegionError;
use domain::text::TextError;
use futures_core::Stream;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};
use sha2::{Digest, Sha256};
use strum::{EnumProperty, VariantArray};
use tokio::time::{Instant, timeout_at};

use super::problem::kinds::{BAD_REQUEST, BODY_TOO_LARGE, BODY_TOO_SLOW, UNREADABLE_JSON, WRONG_MEDIA_TYPE};
use super::problem::{FieldError, Problem, Said, field_text};
use crate::app::App;
use crate::slow_clients::LEAST_RATE;

/// How much of a body that is too large is read so that the client gets to see the refusal, in bytes.
const MOST_READ_IN_VAIN: usize = 64 * 1024 * 1024;

/// What identifies a request for its idempotency key: SHA-256 of method, path and canonical body.
pub type Fingerprint = [u8; 32];

/// A body read as `T`, which denies unknown fields and checks its own newtypes.
#[derive(Debug)]
pub struct Payload<T> {
    /// The body.
    pub value: T,
    /// What a repetition of the request must equal.
    pub fingerprint: Fingerprint,
}

impl<T: DeserializeOwned + 'static> FromRequest for Payload<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let bytes = read_body(&request, payload).await?;
            let method_and_path = format!("{} {}\n", request.method(), request.path());
            parse(&method_and_path, &bytes)
        })
    }
}

/// The whole body, if it is JSON and not too large; a request without any body is taken for an empty object.
async fn read_body(request: &HttpRequest, payload: dev::Payload) -> Result<Bytes, Problem> {
    let settings = request.app_data::<web::Data<App>>().map(|app| &app.settings);
    let (limit, wait) = settings.map_or((1 << 20, Duration::from_secs(60)), |settings| {
        (settings.body_limit, settings.patience.client_wait)
    });
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let body = receive(payload, limit, wait).await?;
    match (body.is_empty(), media_type) {
        (true, None) => Ok(Bytes::from_static(b"{}")),
        (_, Some(media_type)) if is_json(media_type) => Ok(body),
        _ => Err(Problem::new(WRONG_MEDIA_TYPE).detail("请使用 application/json", "Send application/json")),
    }
}

/// Takes the body in. One that is too large is read on without being kept, within bounds: a client that is still
/// sending when the connection closes would never see the answer.
async fn receive(mut payload: dev::Payload, limit: usize, wait: Duration) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    let mut received: usize = 0;
    let begun = Instant::now();
    loop {
        let at_the_least_rate = begun + wait + Duration::from_secs(body.len() as u64 / LEAST_RATE);
        let latest = at_the_least_rate.min(Instant::now() + wait);
        let chunk = timeout_at(latest, poll_fn(|context| Pin::new(&mut payload).poll_next(context))).await;
        let chunk = match chunk {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            // That it is too large is known already, and sending it again does not help.
            Err(_late) if received > limit => break,
            Err(_late) => return Err(Problem::new(BODY_TOO_SLOW)),
        };
        let chunk = chunk.map_err(|error| {
            tracing::debug!(%error, "a request body broke off");
            Problem::new(BAD_REQUEST).detail("请求体不完整", "The body broke off")
        })?;
        received = received.saturating_add(chunk.len());
        if received <= limit {
            body.extend_from_slice(&chunk);
        } else if received > MOST_READ_IN_VAIN {
            break;
        }
    }
    if received <= limit {
        return Ok(body.freeze());
    }
    Err(Problem::new(BODY_TOO_LARGE)
        .detail(format!("请求体最大 {limit} 字节"), format!("The body may have {limit} bytes at most")))
}

/// JSON, in UTF-8 where a character set is named at all.
fn is_json(media_type: &str) -> bool {
    let mut parts = media_type.split(';').map(str::trim);
    parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"))
        && parts.all(|part| match part.split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
                value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}

fn parse<T: DeserializeOwned>(method_and_path: &str, bytes: &[u8]) -> Result<Payload<T>, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let place = error.valid_up_to();
        Problem::new(UNREADABLE_JSON)
            .detail(format!("第 {place} 字节起不是 UTF-8"), format!("Not UTF-8 from byte {place} on"))
    })?;
    let tree: Value = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Problem::new(UNREADABLE_JSON).detail(
            format!("第 {line} 行第 {column} 列无法解析"),
            format!("Cannot be read at line {line}, column {column}"),
        )
    })?;
    if !tree.is_object() {
        // Serde would read a list as a structure, field by field in their order.
        let detail = field_text("wrong_type", "The body is an object");
        return Err(Problem::fields(vec![FieldError {
            pointer: String::new(),
            code: "wrong_type".into(),
            detail,
        }]));
    }
    if let Some(pointer) = place_of_nul(&tree, String::new()) {
        // No text of PostgreSQL has one, whatever the field.
        let detail = Said::new("不得含有控制字符", TextError::ControlCharacter.to_string());
        return Err(Problem::fields(vec![FieldError { pointer, code: "control_character".into(), detail }]));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| Problem::fields(vec![field_error(error.path(), &told(error.inner()))]))?;
    let mut hash = Sha256::new();
    hash.update(method_and_path);
    hash.update(canonical(tree).to_string());
    Ok(Payload { value, fingerprint: hash.finalize().into() })
}

/// Where the tree has a NUL first, in a text or in a field's name.
fn place_of_nul(tree: &Value, pointer: String) -> Option<String> {
    match tree {
        Value::String(text) => text.contains('\0').then_some(pointer),
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(place, item)| place_of_nul(item, format!("{pointer}/{place}")))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            if name.contains('\0') {
                return Some(pointer.clone());
            }
            place_of_nul(value, format!("{pointer}/{}", escaped(name)))
        }),
        _ => None,
    }
}

/// The parser's words without its line and column, which mean little beside a pointer.
fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rfind(" at line ").and_then(|place| text.get(..place)).unwrap_or(&text).to_owned()
}

/// The same tree with every object's fields in order, whatever map type the build has chosen.
fn canonical(tree: Value) -> Value {
    match tree {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.into_iter().collect();
            fields.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(fields.into_iter().map(|(name, value)| (name, canonical(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(canonical).collect()),
        other => other,
    }
}

/// Turns serde's words into a code and a pointer that names the field itself.
pub fn field_error(path: &Path, told: &str) -> FieldError {
    let mut pointer = pointer_of(path);
    let parser = |code: &'static str, english: &str| (code, field_text(code, english.to_owned()));
    let (code, detail) = if let Some(name) = quoted(told, "unknown field `") {
        point_at(&mut pointer, name);
        parser("unknown_field", "There is no such field")
    } else if let Some(name) = quoted(told, "missing field `") {
        point_at(&mut pointer, name);
        parser("missing_field", "This field is required")
    } else if let Some(name) = quoted(told, "duplicate field `") {
        point_at(&mut pointer, name);
        parser("duplicate_field", "The field is given twice")
    } else if told.starts_with("invalid type") {
        parser("wrong_type", told)
    } else if told.starts_with("unknown variant") {
        parser("unknown_value", told)
    } else {
        reason(told).unwrap_or_else(|| parser("invalid_value", told))
    };
    FieldError { pointer, code: code.into(), detail }
}

/// Finds a newtype's refusal among those that the domain knows: serde hands on its English text alone.
fn reason(told: &str) -> Option<(&'static str, Said)> {
    fn among<T>(told: &str) -> Option<(&'static str, Said)>
    where
        T: VariantArray + EnumProperty + Into<&'static str> + Copy + 'static,
    {
        let known = T::VARIANTS.iter().find(|known| label(*known, Language::English) == told)?;
        let said = Said::new(label(known, Language::Chinese), label(known, Language::English));
        Some(((*known).into(), said))
    }
    among::<RegionError>(told).or_else(|| among::<ParticularError>(told)).or_else(|| text_reason(told))
}

fn text_reason(told: &str) -> Option<(&'static str, Said)> {
    let said = |chinese: &'static str| Said::new(chinese, told.to_owned());
    if told == TextError::Blank.to_string() {
        Some(("blank", said("不得为空")))
    } else if told == TextError::ControlCharacter.to_string() {
        Some(("control_character", said("不得含有控制字符")))
    } else if told == NotAnId.to_string() {
        Some(("not_an_identifier", said("不是有效的标识")))
    } else if told.starts_with("must have at most ") {
        Some(("too_long", said("超过最大字数")))
    } else {
        None
    }
}

fn quoted<'a>(told: &'a str, before: &str) -> Option<&'a str> {
    let rest = told.strip_prefix(before)?;
    // A name may itself hold a backtick, so the last one before the known continuation ends it.
    let end = rest.find("`, expected").or_else(|| rest.rfind("`, there are").or_else(|| rest.rfind('`')))?;
    rest.get(..end)
}

fn point_at(pointer: &mut String, name: &str) {
    let part = format!("/{}", escaped(name));
    if !pointer.ends_with(&part) {
        pointer.push_str(&part);
    }
}

/// RFC 6901 §3.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn pointer_of(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", escaped(key))),
            // Variants are not places in the document, and an unknown segment has no name.
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only read by the parser")]
        count: u8,
    }

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(default, rename = "a/b~c")]
        #[expect(dead_code, reason = "only read by the parser")]
        odd: Vec<Inner>,
        #[expect(dead_code, reason = "only read by the parser")]
        name: String,
    }

    fn refused(body: &str) -> (String, String) {
        let problem = parse::<Outer>("POST /", body.as_bytes()).unwrap_err();
        let error = problem.particulars.errors.first().unwrap();
        (error.pointer.clone(), error.code.to_string())
    }

    #[test]
    fn pointers_name_the_field_itself() {
        for (body, pointer, code) in [
            (r#"{"name": "x", "age": 3}"#, "/age", "unknown_field"),
            (r#"{"name": "x", "a`b/": 3}"#, "/a`b~1", "unknown_field"),
            (
                r#"{"name": "x", "a/b~c": [{"count": 1}, {"count": 1, "more": 2}]}"#,
                "/a~1b~0c/1/more",
                "unknown_field",
            ),
            (r#"{"name": "x", "a/b~c": [{}]}"#, "/a~1b~0c/0/count", "missing_field"),
            (r#"{"name": "x", "a/b~c": [{"count": "1"}]}"#, "/a~1b~0c/0/count", "wrong_type"),
            (r#"{"name": "x", "a/b~c": [{"count": 300}]}"#, "/a~1b~0c/0/count", "invalid_value"),
            (r#"{"name": "x", "name": "y"}"#, "/name", "duplicate_field"),
            ("{}", "/name", "missing_field"),
            ("[]", "", "wrong_type"),
        ] {
            assert_eq!(refused(body), (pointer.to_owned(), code.to_owned()), "{body}");
        }
    }

    #[test]
    fn the_newtypes_of_the_domain_keep_their_codes() {
        #[derive(Deserialize, Debug)]
        #[expect(dead_code, reason = "only read by the parser")]
        struct Particulars {
            region: Option<domain::region::RegionCode>,
            subject: Option<domain::text::Line>,
            case: Option<domain::id::CaseId>,
        }
        for (body, pointer, code) in [
            (r#"{"region": "33"}"#, "/region", "region_length"),
            (r#"{"subject": " "}"#, "/subject", "blank"),
            (r#"{"case": "?"}"#, "/case", "not_an_identifier"),
        ] {
            let problem = parse::<Particulars>("", body.as_bytes()).unwrap_err();
            let error = problem.particulars.errors.first().unwrap();
            assert_eq!((&*error.pointer, &*error.code), (pointer, code));
        }
        let long = format!(r#"{{"subject": "{}"}}"#, "信".repeat(201));
        let problem = parse::<Particulars>("", long.as_bytes()).unwrap_err();
        assert_eq!(problem.particulars.errors.first().unwrap().code, "too_long");
    }

    #[test]
    fn the_fingerprint_is_of_the_meaning_not_the_spelling() {
        let print = |place, body: &str| parse::<Value>(place, body.as_bytes()).unwrap().fingerprint;
        let one = print("POST /a", r#"{"x": {"b": 1, "a": "信"}, "y": []}"#);
        assert_eq!(one, print("POST /a", r#"{ "y":[], "x":{"a":"\u4fe1","b":1}}"#));
        assert_ne!(one, print("POST /b", r#"{"x": {"b": 1, "a": "信"}, "y": []}"#));
        assert_ne!(one, print("POST /a", r#"{"x": {"b": 2, "a": "信"}, "y": []}"#));
    }

    #[test]
    fn only_json_in_utf8_is_json() {
        assert!(is_json("application/json"));
        assert!(is_json("Application/JSON; charset=\"UTF-8\""));
        assert!(!is_json("application/json; charset=gb18030"));
        assert!(!is_json("text/plain"));
    }
}
