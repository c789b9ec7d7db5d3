//! Malformed bodies against every operation of the description: never a failure of ours, and nothing half-written.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::papers::*;
use crate::support::{Filed, Staff, Town};

/// The operations that take a body, each with its example and the places of a real case in its path.
async fn operations(town: &Town, case: &Filed) -> Vec<(String, Value)> {
    let posts = town.operations().await.into_iter().filter(|operation| operation.method == Method::POST);
    let with_example = posts.filter_map(|operation| {
        let path = operation.filled(|name| match name {
            "id" => case.id.clone(),
            "kind" => "resolve".to_owned(),
            "query_code" => case.query_code.clone(),
            name => name.to_owned(),
        });
        Some((path, operation.example?))
    });
    with_example.collect()
}

/// An archived case, on which nothing can be done any more, whoever asks.
async fn archived(town: &Town) -> Filed {
    let case = town.clerk.files(claim()).await;
    town.clerk.act(&case, "filed-only", reason()).await.ok();
    let catalogue = json!({"retention": "ten_years", "catalogue": "登记表"});
    town.archivist.act(&case, "archive", catalogue).await.ok();
    case
}

/// Whoever's work it is; wrong passwords lock out somebody of whom nothing else is asked.
fn sender<'a>(town: &'a Town, path: &str) -> &'a Staff {
    match path {
        path if path.contains("/admin/") => &town.administrator,
        path if path.contains("/me/") || path.contains("/auth/") => &town.visitor,
        _ => &town.clerk,
    }
}

#[tokio::test]
async fn no_malformed_body_is_taken_anywhere() {
    let town = Town::open().await;
    let case = archived(&town).await;
    let before = town.rows().await;
    let malformed = [
        "[]",
        "[{}]",
        "\"x\"",
        "7",
        "null",
        "true",
        "{\"\": \"\"}",
        "{\"decision\": {}}",
        "{\"kind\": \"x\", \"evidence\": 7}",
        "{\"days\": 1e400}",
        "{\"a\": NaN}",
        "{",
        "{\"a\": 1,}",
        "\u{feff}{}",
        "{\"\\u0000\": 1}",
        "{\"a\": \"\\ud800\"}",
        "{'a': 1}",
    ];
    let deep = format!("{{\"a\": {}1{}}}", "[".repeat(120), "]".repeat(120));
    let deeper = format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000));
    let operations = operations(&town, &case).await;
    assert!(operations.len() > 50, "the document has {} operations that take a body", operations.len());
    for (path, _) in &operations {
        let caller = sender(&town, path).caller();
        for body in malformed.iter().copied().chain([&*deep, &*deeper]) {
            let refused = caller.send_bytes(path, "application/json", body).await;
            assert!(
                (400..500).contains(&refused.status),
                "{path} {body}: {} {}",
                refused.status,
                refused.text
            );
            assert_eq!(refused.header("content-type"), "application/problem+json", "{path} {body}");
        }
    }
    assert_eq!(town.rows().await, before);
    town.close().await;
}

/// Every value of the tree replaced by each piece of junk, one at a time.
fn distorted(example: &Value) -> Vec<Value> {
    let junk = [
        json!(null),
        json!(-1),
        json!("\u{0}"),
        json!([]),
        json!({"x": 1}),
        json!("9999-99-99"),
        json!("'); DELETE FROM events; --\r\nX-Injected: yes"),
    ];
    let mut pointers = Vec::new();
    places(example, String::new(), &mut pointers);
    let mut made = Vec::new();
    for pointer in pointers {
        for piece in &junk {
            let mut body = example.clone();
            *body.pointer_mut(&pointer).unwrap() = piece.clone();
            made.push(body);
        }
    }
    made
}

fn places(tree: &Value, at: String, found: &mut Vec<String>) {
    match tree {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| places(value, format!("{at}/{name}"), found))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(place, value)| places(value, format!("{at}/{place}"), found));
        }
        _ => {}
    }
    if !at.is_empty() {
        found.push(at);
    }
}

#[tokio::test]
async fn no_distorted_example_is_a_failure_of_ours_or_half_written() {
    let town = Town::open().await;
    let case = archived(&town).await;
    let before = town.rows().await;
    for (path, example) in operations(&town, &case).await {
        let caller = sender(&town, &path).caller();
        for body in distorted(&example) {
            let answered = caller.send(Method::POST, &path, Some(body.clone())).await;
            assert!(answered.status < 500, "{path} {body}: {} {}", answered.status, answered.text);
            if answered.status >= 400 {
                assert_eq!(answered.header("content-type"), "application/problem+json", "{path} {body}");
            }
        }
    }
    assert_eq!(town.rows().await, before);
    town.close().await;
}
