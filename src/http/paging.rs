//! Paging of what is ordered by one key: an opaque cursor, a bounded page, a link to the next.

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderValue, LINK};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::problem::kinds::BAD_PARAMETER;
use super::problem::{FieldError, Problem, field_text};

const DEFAULT_SIZE: usize = 50;
const LARGEST_SIZE: usize = 200;

/// A page to fetch: how long, and after which key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    size: usize,
    /// The key where the page before ended.
    pub after: Option<String>,
}

impl Wanted {
    /// Reads `limit` and `cursor`.
    ///
    /// # Errors
    /// A limit that is not 1 to 200, or a cursor that is none of ours.
    pub fn read(limit: Option<usize>, cursor: Option<&str>) -> Result<Self, Problem> {
        let size = limit.unwrap_or(DEFAULT_SIZE);
        if !(1..=LARGEST_SIZE).contains(&size) {
            return Err(bad_parameter("limit", "out_of_range"));
        }
        let unreadable = || bad_parameter("cursor", "invalid_value");
        let key = |cursor: &str| {
            let key = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
            Some(key).filter(|key| !key.contains('\0'))
        };
        let after = cursor.map(|cursor| key(cursor).ok_or_else(unreadable)).transpose()?;
        Ok(Self { size, after })
    }

    /// As [`Wanted::read`], for what is ordered by identifier.
    ///
    /// # Errors
    /// As [`Wanted::read`].
    pub fn after_id<I: std::str::FromStr>(&self) -> Result<Option<I>, Problem> {
        let id = |key: &String| key.parse().map_err(|_not_an_id| bad_parameter("cursor", "invalid_value"));
        self.after.as_ref().map(id).transpose()
    }

    /// How many to fetch: one more than the page, which tells whether there is a next.
    pub fn fetched(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// Cuts what was fetched to the page, with the cursor of the next where there is one.
    pub fn cut<T>(&self, mut fetched: Vec<T>, key: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
        let has_more = fetched.len() > self.size;
        fetched.truncate(self.size);
        let last = fetched.last().filter(|_| has_more).map(key);
        (fetched, last.map(|key| Self::cursor_of(&key)))
    }

    /// The cursor of a page that begins after the key.
    pub fn cursor_of(key: &str) -> String {
        URL_SAFE_NO_PAD.encode(key)
    }
}

/// The refusal of one query parameter.
pub fn bad_parameter(name: &'static str, code: &'static str) -> Problem {
    let detail = field_text(code, "Not a value of this parameter");
    Problem::new(BAD_PARAMETER).naming(vec![FieldError {
        pointer: name.to_owned(),
        code: code.into(),
        detail,
    }])
}

/// The header `Link: rel="next"`, where there is a next page.
pub fn next_link(
    request: &HttpRequest,
    cursor: Option<&str>,
) -> Option<(actix_web::http::header::HeaderName, HeaderValue)> {
    let cursor = cursor?;
    let others =
        request.query_string().split('&').filter(|part| !part.is_empty() && !part.starts_with("cursor="));
    let mut query: Vec<String> = others.map(str::to_owned).collect();
    query.push(format!("cursor={cursor}"));
    let link = format!("<{}?{}>; rel=\"next\"", request.path(), query.join("&"));
    Some((LINK, HeaderValue::from_str(&link).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_until_the_end() {
        let all = ["a", "b", "信", "d"];
        let mut cursor = None;
        let mut seen = Vec::new();
        loop {
            let wanted = Wanted::read(Some(2), cursor.as_deref()).unwrap();
            let from = wanted
                .after
                .as_ref()
                .map_or(0, |after| all.iter().position(|item| item == after).unwrap() + 1);
            let fetched: Vec<_> = all.iter().skip(from).take(wanted.fetched().try_into().unwrap()).collect();
            let (page, next) = wanted.cut(fetched, |item| (**item).to_owned());
            seen.push(page.len());
            match next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        assert_eq!(seen, [2, 2]);
        for (limit, cursor) in [(Some(0), None), (Some(201), None), (None, Some("?")), (None, Some("_w"))] {
            assert_eq!(Wanted::read(limit, cursor).unwrap_err().kind, BAD_PARAMETER);
        }
    }
}
