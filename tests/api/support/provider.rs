//! A real provider of OpenID Connect on this machine: the npm package `oidc-provider`, once it is installed in `tests/provider`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use serde_json::{Value, json};

/// To where browsers are sent back; nobody listens there.
pub const REDIRECT_URI: &str = "http://127.0.0.1:9/signed-in";
/// The secret of its client `daowei`.
pub const CLIENT_SECRET: &str = "known to two";

/// A running provider.
pub struct RealProvider {
    process: Child,
    pub issuer: String,
}

impl Drop for RealProvider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl RealProvider {
    /// Starts one of that manner; none where its package is not there, which is said; in the gate it must.
    pub fn start(test: &str, mut manner: Value) -> Option<Self> {
        let home = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/provider"));
        if !home.join("node_modules/oidc-provider").exists() {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "oidc-provider is absent");
            let how = "npm ci --prefix tests/provider, with Node.js 22";
            let _ = writeln!(std::io::stderr(), "skipped: {test} (oidc-provider is absent: {how})");
            return None;
        }
        manner["redirect_uri"] = json!(REDIRECT_URI);
        let own = home.join("node_modules/.bin/node");
        let mut process = Command::new(if own.exists() { own } else { "node".into() })
            .arg(home.join("provider.mjs"))
            .arg(manner.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut issuer = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut issuer).unwrap();
        let issuer = issuer.trim().to_owned();
        assert!(issuer.contains("://127.0.0.1:"), "the provider did not start: {issuer:?}");
        Some(Self { process, issuer })
    }

    /// The flags with which a server signs users in here.
    pub fn flags(&self) -> Vec<String> {
        flags_of(&self.issuer)
    }
}

/// The flags with which a server signs users in at a provider.
pub fn flags_of(issuer: &str) -> Vec<String> {
    vec![
        format!("--oidc-issuer={issuer}"),
        "--oidc-client-id=daowei".to_owned(),
        format!("--oidc-client-secret={CLIENT_SECRET}"),
        format!("--oidc-redirect-uris={REDIRECT_URI}"),
    ]
}

/// Goes to the address as the user's browser would, and says to the provider who the user is; what it brings back to the redirect
/// URI.
pub async fn browse(authorization_url: &str, user: &Value) -> BTreeMap<String, String> {
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let mut cookies = BTreeMap::new();
    let mut url = reqwest::Url::parse(authorization_url).unwrap();
    for _ in 0..10 {
        if url.path().starts_with("/interaction/") {
            url.query_pairs_mut().append_pair("user", &user.to_string());
        }
        let held: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = browser.get(url.clone()).header(COOKIE, held.join("; ")).send().await.unwrap();
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            cookies.insert(name.to_owned(), value.to_owned());
        }
        let status = answer.status();
        let Some(location) = answer.headers().get(LOCATION) else {
            panic!("{status} at {}: {}", url.path(), answer.text().await.unwrap());
        };
        url = url.join(location.to_str().unwrap()).unwrap();
        if url.as_str().starts_with(REDIRECT_URI) {
            return url.query_pairs().into_owned().collect();
        }
    }
    panic!("the browser is sent round and round");
}
