//! A keep-alive connection to the server, and signing in over it.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::world::PASSWORD;

/// A request as this program sends it.
pub type Call = Request<Full<Bytes>>;

/// A connection that is kept for one request after another.
pub struct Connection(SendRequest<Full<Bytes>>);

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// Nobody listens.
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.context("cannot connect to the server")?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // A failure of the connection shows at the request that is on its way.
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Sends a request and takes the whole answer.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn send(&mut self, call: Call) -> anyhow::Result<(StatusCode, Bytes)> {
        self.0.ready().await?;
        let answer = self.0.send_request(call).await?;
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }
}

/// A request with a token; a body is JSON.
///
/// # Errors
/// A path or a header that is none.
pub fn call(
    method: Method,
    path: &str,
    token: Option<&str>,
    headers: &[(HeaderName, String)],
    body: String,
) -> anyhow::Result<Call> {
    let mut request = Request::builder().method(method).uri(path).header(HOST, "bench");
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    for (name, value) in headers {
        request = request.header(name, value);
    }
    if !body.is_empty() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    Ok(request.body(Full::new(Bytes::from(body)))?)
}

/// A reading request.
///
/// # Errors
/// A path that is none.
pub fn get(path: &str, token: Option<&str>) -> anyhow::Result<Call> {
    call(Method::GET, path, token, &[], String::new())
}

/// The tokens of these users, in their order.
///
/// # Errors
/// One of them cannot sign in.
pub async fn sign_in(address: SocketAddr, usernames: &[String]) -> anyhow::Result<Vec<String>> {
    let mut connection = Connection::open(address).await?;
    let mut tokens = Vec::with_capacity(usernames.len());
    for username in usernames {
        let body = json!({ "username": username, "password": PASSWORD }).to_string();
        let (status, answer) =
            connection.send(call(Method::POST, "/api/v1/auth/sign-in", None, &[], body)?).await?;
        if status != StatusCode::OK {
            bail!("{username} cannot sign in: {status} {}", String::from_utf8_lossy(&answer));
        }
        let session: Value = serde_json::from_slice(&answer)?;
        let token =
            session.get("access_token").and_then(Value::as_str).context("an answer without a token")?;
        tokens.push(token.to_owned());
    }
    Ok(tokens)
}

/// Sends one request on a connection of its own.
///
/// # Errors
/// The connection broke, or the server refused.
pub async fn send_once(address: SocketAddr, call: Call) -> anyhow::Result<Bytes> {
    let path = call.uri().path().to_owned();
    let (status, body) = Connection::open(address).await?.send(call).await?;
    if !status.is_success() {
        bail!("{path} is answered with {status}: {}", String::from_utf8_lossy(&body));
    }
    Ok(body)
}
