//! `daowei demo`, through the program itself: what it makes is whole, readable, and kept.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use domain::access::{Duty, Role};
use domain::case::Status;
use serde_json::{Value, json};
use strum::VariantArray;

use crate::support::Caller;
use crate::support::books::{Audit, audit};

/// The program with its data directory, and without what the environment says of keys.
pub fn daowei(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daowei"));
    command.args(arguments).arg("--data").arg(data);
    command.env_remove("DAOWEI_KEY").env_remove("DAOWEI_TOKEN_SECRET");
    command
}

/// A demonstration that answers requests, ended with the test.
pub struct Demonstration {
    child: Child,
    pub ready: Value,
}

impl Demonstration {
    pub fn start(data: &Path) -> Self {
        let flags = ["demo", "--json", "--listen=127.0.0.1:0", "--sign-in-rate=10000"];
        let mut child = daowei(data, &flags).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, ready: serde_json::from_str(&line).unwrap() }
    }

    pub async fn caller(&self, username: &str) -> Caller {
        let account = self.accounts().iter().find(|account| account["username"] == username).unwrap();
        let url = self.ready["url"].as_str().unwrap().to_owned();
        let password = account["password"].as_str().unwrap();
        Caller::new(reqwest::Client::new(), url).signed_in(username, password).await
    }

    fn accounts(&self) -> &[Value] {
        self.ready["accounts"].as_array().unwrap()
    }

    /// Asks the server to end, and waits until it has.
    fn end(mut self) {
        let asked = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().unwrap();
        assert!(asked.success() && self.child.wait().unwrap().success(), "it did not end in order");
    }
}

impl Drop for Demonstration {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn words<T: Into<&'static str> + Copy>(all: &[T]) -> BTreeSet<String> {
    all.iter().map(|value| (*value).into().to_owned()).collect()
}

/// Every case that any account lists, as one of them reads it.
async fn cases_of_all(demonstration: &Demonstration) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for account in demonstration.accounts() {
        let caller = demonstration.caller(account["username"].as_str().unwrap()).await;
        let me = caller.get("/me").await.ok().body;
        for key in ["username", "role", "duties", "territory"] {
            assert_eq!(me[key], account[key], "{key} of {account}");
        }
        let listed = caller.get("/cases?limit=200").await.ok().body;
        for case in listed["items"].as_array().unwrap() {
            let id = case["id"].as_str().unwrap();
            if !found.contains_key(id) {
                found.insert(id.to_owned(), caller.get(&format!("/cases/{id}")).await.ok().body);
            }
        }
    }
    found
}

#[tokio::test]
async fn everybody_signs_in_and_every_case_in_every_state_is_readable() {
    let data = tempfile::tempdir().unwrap();
    let demonstration = Demonstration::start(data.path());
    let accounts = demonstration.accounts();
    let roles: BTreeSet<String> =
        accounts.iter().map(|account| account["role"].as_str().unwrap().to_owned()).collect();
    assert_eq!(roles, words(Role::VARIANTS));
    let duties: BTreeSet<String> = accounts
        .iter()
        .flat_map(|account| serde_json::from_value::<Vec<String>>(account["duties"].clone()).unwrap())
        .collect();
    assert_eq!(duties, words(Duty::VARIANTS));
    assert!(
        accounts
            .iter()
            .all(|account| account["organisation"].as_str().unwrap().starts_with(char::is_alphabetic))
    );

    let cases = cases_of_all(&demonstration).await;
    let states: BTreeSet<String> =
        cases.values().map(|case| case["status"].as_str().unwrap().to_owned()).collect();
    assert_eq!(states, words(Status::VARIANTS));
    let verified_kinds = |case: &Value| {
        let measures = case["measures"].as_object().unwrap();
        measures.values().filter(|measure| measure["state"] == "verified").count()
    };
    assert!(cases.values().any(|case| verified_kinds(case) == 4), "no case has all four measures");
    assert!(cases.values().filter(|case| case["double_resolved"] == json!(true)).count() >= 3);
    let undone = cases.values().find(|case| {
        !case["repeated_by"].as_array().unwrap().is_empty()
            && case["resolution"]["matter_resolved_on"] != Value::Null
    });
    assert_eq!(undone.unwrap()["resolution"]["heart_resolved_on"], Value::Null);

    demonstration.end();
    let whole = Audit { integrity: "ok".to_owned(), case_count: cases.len() as i64, differing: Vec::new() };
    assert_eq!(audit(data.path()), whole, "a case that nobody may read, or read tables that differ");
}

#[tokio::test]
async fn a_second_start_keeps_the_data() {
    let data = tempfile::tempdir().unwrap();
    let first = Demonstration::start(data.path());
    for file in ["keys/sealing.key", "keys/token.key", "daowei.db"] {
        let mode = std::fs::metadata(data.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file} is open to others");
    }
    let lamp = json!({
        "purpose": "claim", "channel": "visit", "subject": "村道积水", "narrative": "下雨即积水。",
        "region": "990121100201001", "petitioners": [{"name": "田谷雨", "phone": "19900000999"}],
    });
    let filed = first.caller("grid.0101").await.post("/cases", lamp).await.ok().body;
    let accounts = first.ready["accounts"].clone();
    first.end();

    let second = Demonstration::start(data.path());
    assert_eq!(second.ready["accounts"], accounts);
    let path = format!("/cases/{}", filed["id"].as_str().unwrap());
    let kept = second.caller("petition.town1").await.get(&path).await.ok().body;
    assert_eq!(kept["case_no"], filed["case_no"]);
    let total = |listed: Value| listed["items"].as_array().unwrap().len();
    let listed = second.caller("petition.city").await.get("/cases?limit=200").await.ok().body;
    // Everything but the accusations, which only the cleared know of, and the new one.
    assert_eq!(total(listed), 50 - 3 + 1);
}

#[test]
fn an_office_of_its_own_is_never_made_a_demonstration() {
    let data = tempfile::tempdir().unwrap();
    let add = ["user", "add", "--username=admin", "--role=system_administrator"];
    let place = ["--region=330102000000", "--region-name=上城区"];
    assert!(daowei(data.path(), &[&add[..], &place].concat()).output().unwrap().status.success());
    let refused = daowei(data.path(), &["demo", "--listen=127.0.0.1:0"]).output().unwrap();
    assert!(!refused.status.success());
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("an office's own data"), "{told}");
    assert_eq!(audit(data.path()).case_count, 0);
}

#[test]
fn the_printed_commands_work_when_pasted() {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !has("bash") || !has("curl") {
        println!("skipped: the_printed_commands_work_when_pasted (bash or curl is absent)");
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let mut child = daowei(data.path(), &["demo", "--listen=127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut printed = BufReader::new(child.stdout.take().unwrap());
    let _demonstration = Demonstration { child, ready: Value::Null };
    let mut commands = String::new();
    while commands.lines().count() < 3 {
        let mut line = String::new();
        assert!(printed.read_line(&mut line).unwrap() > 0, "the commands were not printed");
        if line.starts_with("TOKEN=") || line.starts_with("curl ") {
            commands.push_str(&line);
        }
    }
    // The answers come one after the other, each without a line break.
    let pasted = Command::new("bash").arg("-c").arg(&commands).output().unwrap();
    let mut answers = serde_json::Deserializer::from_slice(&pasted.stdout).into_iter::<Value>();
    let listed = answers.next().unwrap().unwrap();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2, "{listed}");
    let filed = answers.next().unwrap().unwrap();
    assert_eq!(filed["status"], "registered", "{filed}");
    assert_eq!(String::from_utf8_lossy(&pasted.stderr), "");
}
