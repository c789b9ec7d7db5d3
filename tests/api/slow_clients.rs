//! Clients that keep the server waiting are left, wherever they do it, and those that are only slow are not.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use reqwest::Method;

use crate::support::Office;

/// What a slow client sends is this far apart.
const PAUSE: Duration = Duration::from_millis(100);
/// A connection that has not been ended by then, a multiple of what any may take, never will be.
const MOST_PAUSES: u32 = 300;

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: office\r\n\r\n";
/// Refused without a look at its body.
const CASE: &str = "POST /api/v1/cases HTTP/1.1\r\nHost: office\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n";
const SIGN_IN: &str =
    "POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: office\r\nContent-Type: application/json\r\nContent-Length: 30000\r\n\r\n";

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PAUSE)).unwrap();
    stream
}

/// Takes what has come; none where the connection has ended.
fn taken(stream: &mut TcpStream) -> Option<String> {
    let mut buffer = [0; 65536];
    match stream.read(&mut buffer) {
        Ok(0) => None,
        Ok(count) => Some(String::from_utf8_lossy(&buffer[..count]).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Some(String::new()),
        Err(_) => None,
    }
}

/// Sends the beginning and then a space now and again, and returns what was answered until the connection was ended.
fn trickles(address: SocketAddr, beginning: &str) -> String {
    goes_on(address, beginning, b" ")
}

/// Sends the beginning and then the rest again and again.
fn goes_on(address: SocketAddr, beginning: &str, rest: &[u8]) -> String {
    let mut stream = connect(address);
    stream.write_all(beginning.as_bytes()).unwrap();
    let mut answered = String::new();
    for _ in 0..MOST_PAUSES {
        let _ = stream.write_all(rest);
        match taken(&mut stream) {
            Some(text) => answered.push_str(&text),
            None => return answered,
        }
    }
    panic!("still connected after {beginning}: {answered}");
}

/// Asks for more than is kept on the way, takes nothing of it, and returns once the connection has been ended.
fn takes_nothing(address: SocketAddr) {
    let mut stream = connect(address);
    let _ = stream.write_all("GET /openapi.json HTTP/1.1\r\nHost: office\r\n\r\n".repeat(100).as_bytes());
    for _ in 0..MOST_PAUSES {
        std::thread::sleep(PAUSE);
        if stream.write_all(b" ").is_err() {
            return;
        }
    }
    panic!("still connected");
}

/// Sends a body in pieces that take longer together than a client may be idle.
fn sends_in_pieces(address: SocketAddr) -> String {
    let mut stream = connect(address);
    stream.write_all(SIGN_IN.as_bytes()).unwrap();
    let fields = br#"{"username": "nobody", "password": "not the password""#;
    let body = [fields.as_slice(), &vec![b' '; 30_000 - fields.len() - 1], b"}"].concat();
    for piece in body.chunks(10_000) {
        stream.write_all(piece).unwrap();
        std::thread::sleep(8 * PAUSE);
    }
    let mut answered = String::new();
    while let Some(text) = taken(&mut stream).filter(|_| !answered.contains("HTTP/1.1")) {
        answered.push_str(&text);
    }
    answered
}

#[tokio::test]
async fn whoever_keeps_the_server_waiting_is_left() {
    let office = Office::open_with(&["--client-wait=1s", "--keep-alive=1s"]).await;
    let address = office.address();
    let client = |does: fn(SocketAddr) -> String| tokio::task::spawn_blocking(move || does(address));
    let first_head = client(|address| trickles(address, "GET /healthz HTTP/1.1\r\nX-Slow: "));
    let second_head = client(|address| trickles(address, &format!("{HEALTH}GET /healthz HTTP/1.1\r\nX-Slow: ")));
    let body = client(|address| trickles(address, SIGN_IN));
    let unread_body = client(|address| trickles(address, CASE));
    let nothing = client(|address| goes_on(address, "", b""));
    let answer = tokio::task::spawn_blocking(move || takes_nothing(address));
    let slow = client(sends_in_pieces);

    assert!(first_head.await.unwrap().starts_with("HTTP/1.1 408 "));
    let answered = second_head.await.unwrap();
    assert!(answered.starts_with("HTTP/1.1 200 ") && answered.matches("HTTP/1.1").count() == 1, "{answered}");
    let answered = body.await.unwrap();
    assert!(answered.starts_with("HTTP/1.1 408 ") && answered.contains("/problems/body-too-slow"), "{answered}");
    assert!(unread_body.await.unwrap().starts_with("HTTP/1.1 401 "));
    assert!(nothing.await.unwrap().starts_with("HTTP/1.1 408 "));
    answer.await.unwrap();
    let answered = slow.await.unwrap();
    assert!(answered.starts_with("HTTP/1.1 401 ") && answered.contains("/problems/wrong-credentials"), "{answered}");
    office.anyone().send(Method::GET, "/healthz", None).await.ok();
    office.close().await;
}
