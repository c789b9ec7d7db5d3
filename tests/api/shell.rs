//! What every request and answer has in common.

use reqwest::Method;
use serde_json::json;

use crate::support::Office;

#[tokio::test]
async fn whatever_is_refused_is_a_problem() {
    let office = Office::open().await;
    let anyone = office.anyone();
    let sign_in = "/api/v1/auth/sign-in";

    anyone.send(Method::GET, "/nowhere", None).await.refused(404, "not_found");
    anyone.get("/nowhere").await.refused(404, "not_found");
    let refused = anyone.send(Method::DELETE, sign_in, None).await.refused(405, "method_not_allowed");
    assert_eq!(refused.header("allow"), "POST");
    let refused = anyone.send(Method::POST, "/healthz", Some(json!({}))).await.refused(405, "method_not_allowed");
    assert_eq!(refused.header("allow"), "GET, HEAD");

    anyone.send_bytes(sign_in, "text/plain", "{}").await.refused(415, "wrong_media_type");
    anyone.send_bytes(sign_in, "application/json", "{\"username\"").await.refused(400, "unreadable_json");
    anyone.send_bytes(sign_in, "application/json", "").await.refused(400, "unreadable_json");
    let bad_utf8 = b"{\"username\": \"\xff\"}".to_vec();
    anyone.send_bytes(sign_in, "application/json", bad_utf8).await.refused(400, "unreadable_json");
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    anyone.send_bytes(sign_in, "application/json", deep).await.refused(400, "unreadable_json");

    let unknown = json!({"username": "a", "password": "b", "is/admin~": true});
    anyone.post("/auth/sign-in", unknown).await.refused(422, "invalid_fields").at("/is~1admin~0", "unknown_field");
    anyone.post("/auth/sign-in", json!({"username": "a"})).await.refused(422, "invalid_fields").at("/password", "missing_field");
    anyone.post("/auth/sign-in", json!({"username": 7, "password": "b"})).await.refused(422, "invalid_fields").at("/username", "wrong_type");
    office.close().await;
}

#[tokio::test]
async fn a_large_body_is_refused_announced_or_not() {
    let office = Office::open().await;
    let large = format!("{{\"username\": \"{}\"}}", "x".repeat(10 << 20));
    let sign_in = "/api/v1/auth/sign-in";
    office.anyone().send_bytes(sign_in, "application/json", large.clone()).await.refused(413, "body_too_large");
    let chunked = reqwest::Body::wrap_stream(futures_of(large));
    let request = reqwest::Client::new().post(format!("{}{sign_in}", office.url()));
    let answer = request.header("Content-Type", "application/json").body(chunked).send().await.unwrap();
    assert_eq!(answer.status(), 413);
    office.anyone().send(Method::GET, "/healthz", None).await.ok();
    office.close().await;
}
