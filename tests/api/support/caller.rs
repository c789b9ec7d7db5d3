//! Somebody who calls the API.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::Answered;

/// Somebody with a language and perhaps a token.
#[derive(Clone)]
pub struct Caller {
    client: reqwest::Client,
    url: String,
    /// The access token, once signed in.
    pub token: Option<String>,
    /// The refresh token, once signed in.
    pub refresh_token: Option<String>,
    headers: Vec<(String, String)>,
}

impl Caller {
    pub fn new(client: reqwest::Client, url: String) -> Self {
        Self { client, url, token: None, refresh_token: None, headers: Vec::new() }
    }

    /// The same caller, signed in.
    pub async fn signed_in(self, username: &str, password: &str) -> Self {
        let answer =
            self.post("/auth/sign-in", json!({"username": username, "password": password})).await.ok();
        let text = |name: &str| answer.body[name].as_str().map(str::to_owned);
        Self { token: text("access_token"), refresh_token: text("refresh_token"), ..self }
    }

    /// The same caller with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same caller with a header on every request.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut caller = self.clone();
        caller.headers.push((name.to_owned(), value.to_owned()));
        caller
    }

    /// GET under `/api/v1`.
    pub async fn get(&self, path: &str) -> Answered {
        self.send(Method::GET, &format!("/api/v1{path}"), None).await
    }

    /// POST under `/api/v1`.
    pub async fn post(&self, path: &str, body: Value) -> Answered {
        self.send(Method::POST, &format!("/api/v1{path}"), Some(body)).await
    }

    /// PUT under `/api/v1`.
    pub async fn put(&self, path: &str, body: Value) -> Answered {
        self.send(Method::PUT, &format!("/api/v1{path}"), Some(body)).await
    }

    /// As `post`, where the server may go away meanwhile.
    pub async fn try_post(&self, path: &str, body: Value) -> Option<Answered> {
        let request = self.request(Method::POST, &format!("/api/v1{path}")).json(&body);
        Answered::try_read(request.send().await.ok()?).await
    }

    /// Any request, at any path.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answered {
        let request = self.request(method, path);
        self.receive(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    /// POST at any path with a body that need not be JSON.
    pub async fn send_bytes(&self, path: &str, media_type: &str, body: impl Into<Vec<u8>>) -> Answered {
        let request = self.request(Method::POST, path).header("Content-Type", media_type);
        self.receive(request.body(body.into())).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        self.headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    async fn receive(&self, request: RequestBuilder) -> Answered {
        Answered::read(request.send().await.unwrap()).await
    }
}
