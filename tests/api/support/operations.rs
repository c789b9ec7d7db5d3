//! The operations of the API as its document describes them: what is asked of all is asked of those to come.

use reqwest::Method;
use serde_json::{Value, json};

use super::Town;

/// Where a parameter is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum In {
    Path,
    Query,
    Header,
}

/// An operation of the document.
#[derive(Clone, Debug)]
pub struct Operation {
    pub id: String,
    pub method: Method,
    pub path: String,
    /// Names of its parameters.
    pub parameters: Vec<(In, String)>,
    /// The example of its body, where it takes one; null where it has none.
    pub example: Option<Value>,
    pub of_administrators: bool,
}

impl Operation {
    fn read(document: &Value, path: &str, method: &str) -> Self {
        let operation = &document["paths"][path][method];
        let parameters = operation["parameters"].as_array().into_iter().flatten().map(|parameter| {
            let parameter = match parameter["$ref"].as_str() {
                Some(shared) => document.pointer(shared.trim_start_matches('#')).unwrap(),
                None => parameter,
            };
            let place = match parameter["in"].as_str().unwrap() {
                "path" => In::Path,
                "query" => In::Query,
                _ => In::Header,
            };
            (place, parameter["name"].as_str().unwrap().to_owned())
        });
        let body = &operation["requestBody"]["content"]["application/json"];
        Self {
            id: operation["operationId"].as_str().unwrap().to_owned(),
            method: method.to_uppercase().parse().unwrap(),
            path: path.to_owned(),
            parameters: parameters.collect(),
            example: operation.get("requestBody").map(|_| example(document, body)),
            of_administrators: operation["tags"] == json!(["administer"]),
        }
    }

    /// The example as a body, for what is not about the body.
    pub fn body(&self) -> Option<Value> {
        self.example.clone().filter(|_| self.method != Method::GET)
    }

    /// The path with what the names of its parts stand for.
    pub fn filled(&self, value: impl Fn(&str) -> String) -> String {
        let part = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => value(name),
            None => part.to_owned(),
        };
        self.path.split('/').map(part).collect::<Vec<_>>().join("/")
    }

    /// The names of its parameters in the place.
    pub fn parameters_in(&self, place: In) -> impl Iterator<Item = &str> {
        self.parameters.iter().filter(move |(given, _)| *given == place).map(|(_, name)| name.as_str())
    }
}

/// The body's example, or one of the examples of its schema's fields.
fn example(document: &Value, body: &Value) -> Value {
    if let Some(example) = body.get("example") {
        return example.clone();
    }
    let schema = &body["schema"];
    let schema = match schema["$ref"].as_str() {
        Some(shared) => document.pointer(shared.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    let fields = schema["properties"].as_object().into_iter().flatten();
    fields.map(|(name, field)| (name.clone(), field.get("example").cloned().unwrap_or("x".into()))).collect()
}

impl Town {
    /// Every operation of the document.
    pub async fn operations(&self) -> Vec<Operation> {
        let document = self.office.anyone().send(Method::GET, "/openapi.json", None).await.ok().body;
        let mut operations = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                operations.push(Operation::read(&document, path, method));
            }
        }
        operations
    }
}
