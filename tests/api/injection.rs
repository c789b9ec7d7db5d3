//! Pieces of SQL, of heads and of paths where something else belongs: in every parameter, header and text they are what they
//! are, or refused.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::operations::{In, Operation};
use crate::support::papers::*;
use crate::support::{Answered, Caller, Filed, Staff, Town};

/// What ends a string, a statement, a pattern, a line or a document, and begins another.
const PIECES: [&str; 6] = [
    "' OR '1'='1",
    "'); DELETE FROM events; --",
    "\" UNION SELECT password_hash FROM users --",
    "%' OR 1=1 /* \\' _",
    "<script>alert(1)</script>{{7*7}}${jndi:ldap://x}",
    "=HYPERLINK(\"http://x\")",
];
/// What ends a line and begins another, for where lines are made.
const LINES: &str = "x\r\nX-Injected: yes\r\n\r\n<html>";
/// A NUL as cursors are written.
const NUL_OF_A_CURSOR: &str = "AA";
/// The headers that this program reads, its proxies write or its libraries look at.
const HEADERS: [&str; 14] = [
    "Accept-Encoding", "Accept-Language", "Acting-For", "Authorization", "Content-Type", "Forwarded",
    "Idempotency-Key", "If-Match", "If-None-Match", "Origin", "Referer", "X-Forwarded-For", "X-Request-Id",
    "traceparent",
];

/// Percent-encodes every byte: nothing of it is read as anything else on the way.
fn encoded(piece: &str) -> String {
    piece.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A path of the operation with the identifiers of the case.
fn at(operation: &Operation, case: &Filed) -> String {
    operation.filled(|name| match name {
        "id" => case.id.clone(),
        "query_code" => case.query_code.clone(),
        "kind" => "resolve".to_owned(),
        "year" => "2026".to_owned(),
        _ => "1".to_owned(),
    })
}

/// Everybody's rows, and not of cases alone.
async fn rows(town: &Town) -> (BTreeMap<&'static str, i64>, usize) {
    let users = town.security.get("/admin/users?limit=200").await.ok().body;
    (town.rows().await, users["items"].as_array().unwrap().len())
}

/// Whoever signs out is told nothing more.
fn lets_stay(operation: &Operation) -> bool {
    operation.id != "sign_out"
}

/// Checks that everybody was still asked as who they are.
async fn nobody_was_signed_out(town: &Town) {
    for who in [&town.clerk, &town.cleared_clerk, &town.administrator, &town.security, &town.auditor] {
        who.get("/me").await.ok();
    }
}

/// What is never done.
fn nonsense(operation: &Operation) -> Option<Value> {
    Some(json!({"nonsense": true})).filter(|_| operation.method != Method::GET)
}

/// The example, so that what is beside it is read; but nothing by which the caller would be locked out.
fn harmless_body(operation: &Operation) -> Option<Value> {
    let is_of_sign_in = operation.path.contains("/auth/") || operation.path.contains("/me/");
    if is_of_sign_in { nonsense(operation) } else { operation.body() }
}

/// Whoever the operation is for, so that what is sent is read.
async fn entitled<'a>(town: &'a Town, operation: &Operation, case: &Filed) -> &'a Staff {
    let everybody = [&town.clerk, &town.cleared_clerk, &town.administrator, &town.security, &town.auditor];
    for who in everybody {
        let answered = who.caller().send(operation.method.clone(), &at(operation, case), nonsense(operation)).await;
        if answered.status != 403 {
            return who;
        }
    }
    everybody[0]
}

#[track_caller]
fn is_whole(answered: &Answered, asked: &str) {
    assert!(answered.status < 500, "{asked}: {} {}", answered.status, answered.text);
    assert!(!answered.headers.contains_key("x-injected"), "{asked}");
    for (name, value) in &answered.headers {
        let value = value.as_bytes();
        assert!(!value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | b'\0')), "{asked}: {name}");
    }
    let told = answered.header("content-type");
    assert!(answered.text.is_empty() || !told.starts_with("text/html"), "{asked}: {told}");
}

#[tokio::test]
async fn no_parameter_is_more_than_a_value() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let before = rows(&town).await;
    let mut asked = 0;
    for operation in town.operations().await.into_iter().filter(lets_stay) {
        let caller = entitled(&town, &operation, &case).await.caller();
        let (mut paths, long) = (Vec::new(), "9".repeat(400));
        for piece in PIECES.into_iter().chain([LINES, "\0", NUL_OF_A_CURSOR, "\u{2028}张三", &long]) {
            let piece = encoded(piece);
            let plain = at(&operation, &case);
            let nothing = nonsense(&operation);
            for name in operation.parameters_in(In::Query) {
                paths.push((format!("{plain}?{name}={piece}"), nothing.clone()));
            }
            // What is no parameter, in the place of one.
            paths.push((format!("{plain}?{piece}={piece}"), nothing));
            for replaced in operation.parameters_in(In::Path) {
                let path = operation.filled(|name| {
                    if name == replaced { piece.clone() } else { "1".to_owned() }
                });
                // With a body that holds, so that what is in the path is looked for.
                paths.push((path, operation.body()));
            }
        }
        for (path, body) in paths {
            let answered = caller.send(operation.method.clone(), &path, body).await;
            is_whole(&answered, &path);
            // A condition that is always true would show the case.
            let is_named = operation.path.contains("/cases/{");
            assert!(is_named || !answered.text.contains(&case.case_no), "{path}: {}", answered.text);
            asked += 1;
        }
    }
    assert!(asked > 2_000, "{asked}");
    assert_eq!(rows(&town).await, before);
    town.books_agree().await;
    nobody_was_signed_out(&town).await;
    town.close().await;
}

#[tokio::test]
async fn no_header_is_more_than_a_value() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let before = rows(&town).await;
    let mark = "zzmarkzz";
    let values = [format!("{}{mark}", PIECES[0]), format!("{}{}{mark}{}", PIECES[1], encoded(LINES), "x".repeat(2_000))];
    for operation in town.operations().await.into_iter().filter(lets_stay) {
        let path = at(&operation, &case);
        let caller = entitled(&town, &operation, &case).await.caller();
        for header in HEADERS {
            for value in &values {
                let caller = caller.with(header, value);
                let answered = caller.send(operation.method.clone(), &path, harmless_body(&operation)).await;
                is_whole(&answered, &format!("{path} with {header}"));
                let mut told = answered.headers.values().map(|told| String::from_utf8_lossy(told.as_bytes()));
                assert!(!told.any(|told| told.contains(mark)), "{header} of {path}: {:?}", answered.headers);
            }
        }
    }
    let (after, users) = rows(&town).await;
    // What the examples ask for may have been done; nothing else.
    assert!(before.0.iter().all(|(table, count)| after[table] >= *count) && users >= before.1, "{before:?} {after:?}");
    nobody_was_signed_out(&town).await;
    town.close().await;
}

/// Sends the bytes and reads what comes until the connection ends.
async fn raw(address: SocketAddr, request: Vec<u8>) -> String {
    let asked = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
        stream.write_all(&request).unwrap();
        let mut answer = Vec::new();
        // What a server has not read when it ends the connection resets it.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    });
    asked.await.unwrap()
}

/// A request with the target as it stands, by whom the token says.
fn request(method: &Method, target: &[u8], token: Option<&str>) -> Vec<u8> {
    let token = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let rest = format!(" HTTP/1.1\r\nHost: office\r\nConnection: close\r\nContent-Length: 0\r\n{token}\r\n");
    [method.as_str().as_bytes(), b" ", target, rest.as_bytes()].concat()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap_or_else(|| panic!("no answer: {answer}")).parse().unwrap()
}

/// What no client of good will sends: lines that end early, lengths that contradict each other, a second request in the first.
#[tokio::test]
async fn no_head_is_read_as_two() {
    let town = Town::open().await;
    let address = town.office.address();
    let begin = "GET /healthz HTTP/1.1\r\nHost: office\r\nConnection: close\r\n";
    for (why, header) in [
        ("a bare CR", "X-Request-Id: a\rX-Injected: yes\r\n"),
        ("NUL", "X-Request-Id: a\0b\r\n"),
        ("a folded line", "X-Request-Id: a\r\n X-Injected: yes\r\n"),
        ("a space in the name", "X-Request Id: a\r\n"),
        ("a space before the colon", "Content-Length : 0\r\n"),
        ("two lengths", "Content-Length: 0\r\nContent-Length: 30\r\n"),
        ("a signed length", "Content-Length: +5\r\n"),
        ("a length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
        ("chunks that are none", "Transfer-Encoding: xchunked\r\n"),
        ("chunks by another name", "Transfer-Encoding: chunked, identity\r\n"),
    ] {
        let answer = raw(address, format!("{begin}{header}\r\n0\r\n\r\n").into_bytes()).await;
        assert_eq!(status(&answer), 400, "{why}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{why}: {answer}");
        assert!(!answer.to_ascii_lowercase().contains("x-injected"), "{why}: {answer}");
    }
    let large = format!("{begin}X-Large: {}\r\n\r\n", "x".repeat(200_000));
    assert_eq!(status(&raw(address, large.into_bytes()).await), 431);
    let many = format!("{begin}{}\r\n", "X: y\r\n".repeat(500));
    assert_eq!(status(&raw(address, many.into_bytes()).await), 431);
    town.close().await;
}

/// The ways to write a path so that it could be taken for another.
fn tricks(path: &str) -> Vec<String> {
    let rest = path.trim_start_matches('/');
    let (head, last) = path.rsplit_once('/').unwrap();
    let mut tricks = vec![
        format!("//{rest}"),
        format!("/./{rest}"),
        format!("/../{rest}"),
        format!("/docs/../{rest}"),
        format!("/docs/..%2f{rest}"),
        format!("/docs/%2e%2e/{rest}"),
        format!("/docs/%252e%252e%252f{rest}"),
        format!("/healthz/..;/{rest}"),
        format!("/public/..\\{rest}"),
        format!("{head}//{last}"),
        format!("{head}/%2e/{last}"),
        format!("{head}/%2F{last}"),
        format!("{head}%2f{last}"),
        format!("{head}%5c{last}"),
        format!("{head};a=b/{last}"),
        format!("{path}/"),
        format!("{path}/."),
        format!("{path}/../{last}"),
        format!("{path}%00"),
        format!("{path}%%300"),
        format!("{path}%2500"),
        format!("{path}%0d%0aX-Injected:%20yes"),
        format!("{path}.json"),
        format!("{path};jsessionid=1"),
        format!("{path}%3Fcount=true"),
        format!("{path}%23"),
        format!("{path}%20"),
        path.to_uppercase(),
    ];
    tricks.retain(|trick| trick != path);
    tricks
}

#[tokio::test]
async fn no_path_is_taken_for_another() {
    let town = Town::open().await;
    let (address, case) = (town.office.address(), town.clerk.files(claim()).await);
    let before = rows(&town).await;
    let clerk = town.clerk.caller().token.unwrap();
    let (mut count, mut answered) = (0, BTreeMap::<u16, usize>::new());
    for operation in town.operations().await {
        for trick in tricks(&at(&operation, &case)) {
            for token in [None, Some(&*clerk)] {
                let answer = raw(address, request(&operation.method, trick.as_bytes(), token)).await;
                let found = status(&answer);
                assert!((400..500).contains(&found), "{} {trick}: {answer}", operation.method);
                assert!(!answer.to_ascii_lowercase().contains("\nx-injected"), "{trick}: {answer}");
                assert!(!answer.contains(&case.case_no), "{trick}: {answer}");
                *answered.entry(found).or_default() += 1;
                count += 1;
            }
        }
    }
    assert!(count > 5_000, "{count}: {answered:?}");
    assert_eq!(rows(&town).await, before);
    nobody_was_signed_out(&town).await;
    town.close().await;
}

/// The documentation is served out of the program, and from nowhere else.
#[tokio::test]
async fn no_file_is_read_by_its_path() {
    let town = Town::open().await;
    let address = town.office.address();
    for target in [
        "/docs/../../../../etc/passwd", "/docs/..%2f..%2f..%2f..%2fetc%2fpasswd", "/docs/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/docs//etc/passwd", "/docs/%2Fetc%2Fpasswd", "/docs/....//....//etc/passwd", "/docs/..%c0%afetc/passwd",
        "/docs/..%5c..%5cetc%5cpasswd", "/docs/Cargo.toml", "/docs/../Cargo.toml", "/docs/index.html%00.js",
        "/etc/passwd", "/keys/sealing.key", "/daowei.db", "/.git/config", "file:///etc/passwd",
        "http://elsewhere.example/etc/passwd",
    ] {
        let answer = raw(address, request(&Method::GET, target.as_bytes(), None)).await;
        assert!((400..500).contains(&status(&answer)), "{target}: {answer}");
        assert!(!answer.contains("root:") && !answer.contains("[package]"), "{target}: {answer}");
    }
    for target in [&b"/docs/\xff\xfe"[..], b"/docs/\x00", b"/docs/a b", b"docs", b"*"] {
        let answer = raw(address, request(&Method::GET, target, None)).await;
        assert!((400..500).contains(&status(&answer)), "{target:?}: {answer}");
    }
    town.close().await;
}

/// Every text of a petition is the piece.
fn petition_of(piece: &str) -> Value {
    but(
        claim(),
        json!({
            "subject": piece, "narrative": piece, "claims": [piece, piece],
            "petitioners": [{"name": piece, "address": piece}],
            "respondents": [{"name": piece}]
        }),
    )
}

/// What is written is stored and told as it was written; whoever shows it in a page or in a table of numbers escapes it there.
#[tokio::test]
async fn texts_come_back_as_they_were_written() {
    let town = Town::open().await;
    let mut filed = Vec::new();
    for piece in PIECES {
        let case = town.clerk.files(petition_of(piece)).await;
        town.clerk.act(&case, "filed-only", json!({"reason": piece})).await.ok();
        filed.push((piece, case));
    }
    for (piece, case) in &filed {
        let seen = town.clerk.sees(case).await;
        assert_eq!((&seen["subject"], &seen["narrative"]), (&json!(piece), &json!(piece)));
        assert!(seen["claims"].as_array().unwrap().iter().all(|claim| claim["text"] == *piece), "{seen}");
        let people = town.clerk.get(&format!("{}/people?purpose=test", case.path())).await.ok().body;
        assert_eq!(people["items"][0]["name"], *piece, "{people}");
        let told = town.clerk.told(case, "filed_only").await;
        assert!(told[0].to_string().contains(&json!(piece).to_string()), "{told:?}");
    }
    for pattern in PIECES.into_iter().chain(["%", "_", "\\", "'", "\"", "*", "工资 OR *"]) {
        let found = town.clerk.get(&format!("/topics?q={}", encoded(pattern))).await.ok().body;
        assert_eq!(found["items"], json!([]), "{pattern} is a pattern");
    }
    town.books_agree().await;
    town.close().await;
}

/// Every text of every body, on cases on which something can still be done.
#[tokio::test]
async fn no_text_of_a_body_is_more_than_a_text() {
    let town = Town::open().await;
    let bystander = town.clerk.files(claim_of(7)).await;
    let before = town.clerk.sees(&bystander).await;
    let stages = [town.clerk.files(claim()).await, town.in_handling().await, town.delivered().await];
    let users = rows(&town).await.1;
    let callers: [&dyn Fn() -> Caller; 5] = [
        &|| town.clerk.caller(), &|| town.registrar.caller(), &|| town.handler.caller(), &|| town.verifier.caller(),
        &|| town.petitioner(),
    ];
    let mut taken = 0;
    for operation in town.operations().await.into_iter().filter(|one| one.path.contains("/cases")) {
        let Some(example) = operation.example.clone() else { continue };
        for piece in [PIECES[1], LINES] {
            let mut body = example.clone();
            replace_texts(&mut body, piece);
            for case in &stages {
                for caller in callers {
                    let path = at(&operation, case);
                    let answered = caller().send(operation.method.clone(), &path, Some(body.clone())).await;
                    is_whole(&answered, &format!("{path} {body}"));
                    taken += usize::from(answered.status < 300);
                }
            }
        }
    }
    assert!(taken > 0, "nothing was ever taken");
    assert_eq!(town.clerk.sees(&bystander).await, before);
    assert_eq!(rows(&town).await.1, users);
    town.books_agree().await;
    nobody_was_signed_out(&town).await;
    town.close().await;
}

/// Puts the piece in the place of every text that could be anybody's words: an identifier, a date or a word of a list stays.
fn replace_texts(tree: &mut Value, piece: &str) {
    match tree {
        Value::Object(fields) => fields.values_mut().for_each(|value| replace_texts(value, piece)),
        Value::Array(items) => items.iter_mut().for_each(|value| replace_texts(value, piece)),
        Value::String(text) if !text.is_ascii() => *text = piece.to_owned(),
        _ => {}
    }
}
