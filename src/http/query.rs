//! Query strings: one parameter a field, repeated for "any of"; what is not known is refused.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev};
use serde::de::DeserializeOwned;

use super::json::field_error;
use super::problem::kinds::BAD_PARAMETER;
use super::problem::{FieldError, Problem, field_text};

/// The query string read as `T`, which denies unknown fields.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Self))
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    if let Some((name, _)) = form_urlencoded::parse(query.as_bytes()).find(|(_, value)| value.contains('\0'))
    {
        // PostgreSQL keeps no such text, and whatever is looked for there has none.
        let error = parameter_error(name.into_owned(), "control_character", "has a control character");
        return Err(Problem::new(BAD_PARAMETER).naming(vec![error]));
    }
    let reader = serde_html_form::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let FieldError { pointer, code, detail } = field_error(error.path(), &error.inner().to_string());
        let pointer = pointer.trim_start_matches('/').to_owned();
        let error = match &*code {
            "unknown_field" => parameter_error(pointer, "unknown_parameter", "There is no such parameter"),
            "missing_field" => parameter_error(pointer, "missing_parameter", "This parameter is required"),
            _ => FieldError { pointer, code, detail },
        };
        Problem::new(BAD_PARAMETER).naming(vec![error])
    })
}

fn parameter_error(pointer: String, code: &'static str, english: &'static str) -> FieldError {
    FieldError { pointer, code: code.into(), detail: field_text(code, english) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        #[serde(default)]
        status: Vec<String>,
        limit: Option<u8>,
    }

    #[test]
    fn parameters_repeat_and_unknown_ones_are_named() {
        let read = parse::<Wanted>("status=a&status=%E4%BF%A1&limit=5").unwrap();
        assert_eq!(read, Wanted { status: vec!["a".into(), "信".into()], limit: Some(5) });
        assert_eq!(parse::<Wanted>("").unwrap(), Wanted { status: vec![], limit: None });
        for (query, pointer, code) in
            [("stat=a", "stat", "unknown_parameter"), ("limit=many", "limit", "invalid_value")]
        {
            let problem = parse::<Wanted>(query).unwrap_err();
            assert_eq!(
                (&*problem.particulars.errors[0].pointer, &*problem.particulars.errors[0].code),
                (pointer, code)
            );
        }
    }
}
