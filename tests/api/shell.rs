//! What every request and answer has in common.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

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
    let refused =
        anyone.send(Method::POST, "/healthz", Some(json!({}))).await.refused(405, "method_not_allowed");
    assert_eq!(refused.header("allow"), "GET, HEAD");

    anyone.send_bytes(sign_in, "text/plain", "{}").await.refused(415, "wrong_media_type");
    anyone.send_bytes(sign_in, "application/json", "{\"username\"").await.refused(400, "unreadable_json");
    anyone.send_bytes(sign_in, "application/json", "").await.refused(400, "unreadable_json");
    let bad_utf8 = b"{\"username\": \"\xff\"}".to_vec();
    anyone.send_bytes(sign_in, "application/json", bad_utf8).await.refused(400, "unreadable_json");
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    anyone.send_bytes(sign_in, "application/json", deep).await.refused(400, "unreadable_json");

    let unknown = json!({"username": "a", "password": "b", "is/admin~": true});
    anyone
        .post("/auth/sign-in", unknown)
        .await
        .refused(422, "invalid_fields")
        .at("/is~1admin~0", "unknown_field");
    anyone
        .post("/auth/sign-in", json!({"username": "a"}))
        .await
        .refused(422, "invalid_fields")
        .at("/password", "missing_field");
    anyone
        .post("/auth/sign-in", json!({"username": 7, "password": "b"}))
        .await
        .refused(422, "invalid_fields")
        .at("/username", "wrong_type");
    office.close().await;
}

#[tokio::test]
async fn a_large_body_is_refused_and_does_no_harm() {
    let office = Office::open().await;
    let large = format!("{{\"username\": \"{}\"}}", "x".repeat(10 << 20));
    let anyone = office.anyone();
    let refused = anyone.send_bytes("/api/v1/auth/sign-in", "application/json", large).await;
    refused.refused(413, "body_too_large");
    anyone.send(Method::GET, "/healthz", None).await.ok();
    office.close().await;
}

#[tokio::test]
async fn problems_speak_the_callers_language_and_are_registered() {
    let office = Office::open().await;
    let chinese = office.anyone().get("/me").await.refused(401, "not_signed_in");
    assert_eq!(chinese.header("content-language"), "zh-CN");
    assert_eq!(chinese.body["title"], "尚未登录或登录已失效");
    assert_eq!(chinese.body["instance"], "/api/v1/me");
    let english = office.anyone().with("Accept-Language", "en-GB").get("/me").await;
    assert_eq!(english.header("content-language"), "en");
    assert_eq!(english.body["title"], "Not signed in, or no longer");

    let anyone = office.anyone().with("Accept-Language", "en");
    let all = anyone.send(Method::GET, "/problems", None).await.ok();
    for kind in all.body.as_array().unwrap() {
        let one = anyone.send(Method::GET, kind["type"].as_str().unwrap(), None).await.ok();
        assert_eq!(&one.body, kind);
    }
    assert!(all.text.contains("/problems/measures-unverified"), "the domain's refusals are missing");
    anyone.send(Method::GET, "/problems/no-such-kind", None).await.refused(404, "not_found");
    office.close().await;
}

#[tokio::test]
async fn requests_have_ids_and_answers_are_safe() {
    let office = Office::open().await;
    let health =
        |caller: crate::support::Caller| async move { caller.send(Method::GET, "/healthz", None).await.ok() };
    let ours = health(office.anyone().with("X-Request-Id", "from-the-proxy_1.2")).await;
    assert_eq!(ours.header("x-request-id"), "from-the-proxy_1.2");
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let traced =
        health(office.anyone().with("traceparent", &format!("00-{trace}-00f067aa0ba902b7-01"))).await;
    assert_eq!(traced.header("x-request-id"), trace);
    let made = health(office.anyone().with("X-Request-Id", "two words")).await;
    assert_eq!(made.header("x-request-id").len(), 32);

    assert_eq!(made.header("cache-control"), "no-store");
    assert_eq!(made.header("x-content-type-options"), "nosniff");
    assert!(made.header("vary").contains("Accept-Language, Accept-Encoding"), "{}", made.header("vary"));
    assert!(made.header("content-security-policy").contains("default-src 'none'"));
    let head = office.anyone().send(Method::HEAD, "/healthz", None).await.ok();
    assert_eq!(head.text, "");
    let packed =
        office.anyone().with("Accept-Encoding", "gzip").send(Method::GET, "/openapi.json", None).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    office.close().await;
}

#[tokio::test]
async fn the_process_tells_how_it_does() {
    let office = Office::open().await;
    let anyone = office.anyone();
    assert_eq!(anyone.send(Method::GET, "/healthz", None).await.ok().body["status"], "ok");
    anyone.send(Method::GET, "/readyz", None).await.ok();
    anyone.get("/no/such/place/8F3K-QQ12").await.refused(404, "not_found");
    let metrics = anyone.send(Method::GET, "/metrics", None).await.ok().text;
    for wanted in [
        "http_requests_total{",
        "route=\"/readyz\"",
        "http_request_duration_seconds_bucket",
        "process_uptime_seconds",
    ] {
        assert!(metrics.contains(wanted), "{wanted} is missing from\n{metrics}");
    }
    assert!(!metrics.contains("8F3K"), "a path has become a label");
    // Only accusations have a receipt (Art. 30): how many are given is told to nobody.
    anyone.post("/cases/01HZX5TJ4R2QK/receipt", json!({})).await.refused(401, "not_signed_in");
    let metrics = anyone.send(Method::GET, "/metrics", None).await.ok().text;
    assert!(metrics.contains("{id}/{command}\"") && !metrics.contains("receipt"), "{metrics}");
    for header in ["X-Forwarded-For", "Forwarded"] {
        let outside = anyone.with(header, "203.0.113.7").send(Method::GET, "/metrics", None).await;
        outside.refused(404, "not_found");
    }
    office.close().await;
}

#[tokio::test]
async fn metrics_are_for_whoever_has_their_token_where_there_is_one() {
    let office = Office::open_with(&["--metrics-token=scraping is allowed"]).await;
    let anyone = office.anyone();
    anyone.send(Method::GET, "/metrics", None).await.refused(404, "not_found");
    anyone.with_token("scraping is not").send(Method::GET, "/metrics", None).await.refused(404, "not_found");
    let scraper = anyone.with("X-Forwarded-For", "203.0.113.7").with_token("scraping is allowed");
    scraper.send(Method::GET, "/metrics", None).await.ok();
    office.close().await;
}

#[tokio::test]
async fn the_documentation_needs_no_internet() {
    let office = Office::open().await;
    let anyone = office.anyone();
    let redirect = anyone.send(Method::GET, "/docs", None).await;
    assert_eq!((redirect.status, redirect.header("location")), (308, "/docs/"));
    let page = anyone.send(Method::GET, "/docs/", None).await.ok();
    let sources = page.text.split(['"', '\'']).filter(|text| text.ends_with(".js") || text.ends_with(".css"));
    let sources: Vec<&str> = sources.collect();
    assert!(sources.iter().any(|source| source.ends_with("swagger-ui-bundle.js")), "{}", page.text);
    for source in sources {
        assert!(!source.contains("//"), "{source} is elsewhere");
        anyone.send(Method::GET, &format!("/docs/{}", source.trim_start_matches("./")), None).await.ok();
    }
    let begin = anyone.send(Method::GET, "/docs/swagger-initializer.js", None).await.ok().text;
    assert!(
        begin.contains("/openapi.json") && !begin.contains("http://") && !begin.contains("https://"),
        "{begin}"
    );

    let document = anyone.send(Method::GET, "/openapi.json", None).await.ok().body;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for wanted in ["operationId", "summary", "responses"] {
                assert!(!operation[wanted].is_null(), "{method} {path} has no {wanted}");
            }
        }
    }
    let yaml = anyone.send(Method::GET, "/openapi.yaml", None).await.ok();
    assert!(yaml.text.starts_with("openapi: 3.1.0"), "{}", yaml.text.lines().next().unwrap());
    office.close().await;
}

#[tokio::test]
async fn browsers_may_call_from_configured_origins_only() {
    let office = Office::open_with(&["--cors-origins=https://office.example"]).await;
    let ask = async |origin: &str| {
        let caller = office.anyone().with("Origin", origin).with("Access-Control-Request-Method", "POST");
        caller.send(Method::OPTIONS, "/api/v1/auth/sign-in", None).await
    };
    let allowed = ask("https://office.example").await.ok();
    assert_eq!(allowed.header("access-control-allow-origin"), "https://office.example");
    assert_eq!(ask("https://elsewhere.example").await.header("access-control-allow-origin"), "");
    office.close().await;
}

#[tokio::test]
async fn a_request_in_flight_is_finished_before_the_end() {
    let office = Office::open().await;
    let address = office.address();
    let body = r#"{"username": "nobody", "password": "not the password"}"#;
    let begin = tokio::task::spawn_blocking(move || begin_slowly(address, body.len()));
    let mut stream = begin.await.unwrap();
    let closing = tokio::spawn(office.close());
    // The end has begun once nobody listens any more.
    while TcpStream::connect(address).is_ok() {
        tokio::task::yield_now().await;
    }
    let finish = tokio::task::spawn_blocking(move || {
        stream.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = finish.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(answer.contains("/problems/wrong-credentials"), "{answer}");
    closing.await.unwrap();
}

/// Sends the head of a request and waits until the server asks for its body.
fn begin_slowly(address: SocketAddr, length: usize) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut told = Vec::new();
    while !told.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        told.push(byte[0]);
    }
    assert!(told.starts_with(b"HTTP/1.1 100 "));
    stream
}
