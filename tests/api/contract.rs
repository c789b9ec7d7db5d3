//! The contract: `openapi.yaml` is what the code says, and says of every operation what a client developer needs.

use std::collections::BTreeSet;

use daowei::http;
use serde_json::Value;

#[test]
fn the_committed_description_is_fresh() {
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.yaml")).unwrap();
    let generated = http::docs::yaml(&http::document());
    assert!(committed == generated, "openapi.yaml is stale: run `cargo run -- openapi > openapi.yaml`");
}

#[test]
fn every_operation_is_described() {
    let document = serde_json::to_value(http::document()).unwrap();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{name} has no operationId"));
            assert!(ids.insert(id.to_owned()), "{id} is used twice");
            assert!(operation["summary"].is_string(), "{name} has no summary");
            let answers = operation["responses"].as_object().unwrap();
            assert!(answers.keys().any(|status| status.starts_with('2')), "{name} has no answer");
            if path.starts_with("/api/") {
                assert!(answers.keys().any(|status| status.starts_with('4')), "{name} has no problem");
            }
            if method == "post" && operation["requestBody"].is_object() {
                assert!(has_example(&document, &operation["requestBody"]), "{name} has no example");
            }
        }
    }
}

/// An example of the whole body, or on the fields of its schema.
fn has_example(document: &Value, body: &Value) -> bool {
    let content = &body["content"]["application/json"];
    if !content["example"].is_null() || !content["examples"].is_null() {
        return true;
    }
    let pointer = content["schema"]["$ref"].as_str().and_then(|link| link.strip_prefix('#'));
    let schema = pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(&content["schema"]);
    schema.to_string().contains("\"example")
}
