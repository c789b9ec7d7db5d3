//! `Idempotency-Key`: the caller's promise that requests with one key are one request.

use std::collections::HashSet;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{FromRequest, HttpRequest, dev};

use super::problem::Problem;
use super::problem::kinds::BAD_HEADER;

/// The request header.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The answer's header that marks a replay.
pub const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const LONGEST_KEY: usize = 128;

/// A key of 1 to 128 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads the header's value: bare, or quoted as the draft standard has it.
    pub fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        let bare = match value.strip_prefix('"') {
            Some(rest) => unescaped(rest.strip_suffix('"')?)?,
            None => value.to_owned(),
        };
        let sound = (1..=LONGEST_KEY).contains(&bare.len()) && bare.bytes().all(|b| b.is_ascii_graphic());
        sound.then_some(Self(bare))
    }
}

/// The inside of an sf-string (RFC 8941 §3.3.3): a backslash escapes only itself and the quote.
fn unescaped(inner: &str) -> Option<String> {
    let mut bare = String::new();
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        bare.push(match letter {
            '\\' => letters.next().filter(|next| matches!(next, '\\' | '"'))?,
            '"' => return None,
            other => other,
        });
    }
    Some(bare)
}

/// The key of a request, where it has one.
pub struct MaybeKey(pub Option<IdempotencyKey>);

impl FromRequest for MaybeKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(key_of(request.headers()).map(Self))
    }
}

fn key_of(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY);
    let Some(first) = given.next() else { return Ok(None) };
    let key = first.to_str().ok().and_then(IdempotencyKey::parse).filter(|_| given.next().is_none());
    key.map(Some).ok_or_else(|| {
        Problem::new(BAD_HEADER).detail(
            "Idempotency-Key 须为 1 至 128 个可见 ASCII 字符，且只能出现一次",
            "Idempotency-Key is one value of 1 to 128 visible ASCII characters",
        )
    })
}

/// The keys whose first request is still running in this process.
#[derive(Debug, Clone, Default)]
pub struct RunningKeys(Arc<Mutex<HashSet<(String, String)>>>);

/// Keeps a key among the running ones until dropped.
#[derive(Debug)]
pub struct Running {
    keys: RunningKeys,
    entry: (String, String),
}

impl RunningKeys {
    /// Enters the caller's key; `None` where a request with it is still running.
    pub fn enter(&self, caller: &str, key: &IdempotencyKey) -> Option<Running> {
        let entry = (caller.to_owned(), key.0.clone());
        let is_new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.clone());
        is_new.then(|| Running { keys: self.clone(), entry })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.keys.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_bare_or_quoted() {
        let read = |value: &str| IdempotencyKey::parse(value).map(|key| key.0);
        assert_eq!(read("abc-1").as_deref(), Some("abc-1"));
        assert_eq!(read(r#""a\"b\\c""#).as_deref(), Some(r#"a"b\c"#));
        assert_eq!(read(&"x".repeat(128)).map(|key| key.len()), Some(128));
        for refused in ["", "\"\"", "a b", "\"open", r#""a\n""#, &"x".repeat(129), "钥"] {
            assert_eq!(read(refused), None, "{refused}");
        }
    }

    #[test]
    fn a_key_runs_once_at_a_time_and_a_caller() {
        let keys = RunningKeys::default();
        let key = IdempotencyKey::parse("k").unwrap();
        let first = keys.enter("a", &key).unwrap();
        assert!(keys.enter("a", &key).is_none());
        assert!(keys.enter("b", &key).is_some());
        drop(first);
        assert!(keys.enter("a", &key).is_some());
    }
}
