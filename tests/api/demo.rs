//! `daowei demo`, through the program itself: what it makes is whole, readable, and kept.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use domain::access::{Duty, Role};
use domain::case::Status;
use serde_json::{Value, json};
use strum::VariantArray;

use crate::support::books::Audit;
use crate::support::{Caller, Installation, Process};

/// A demonstration that answers requests, ended with the test.
pub struct Demonstration(Process);

impl Demonstration {
    pub fn start(installation: &Installation) -> Self {
        Self(installation.start(&["demo", "--sign-in-rate=10000"]))
    }

    pub async fn caller(&self, username: &str) -> Caller {
        let account = self.accounts().iter().find(|account| account["username"] == username).unwrap();
        self.0.anyone().signed_in(username, account["password"].as_str().unwrap()).await
    }

    fn accounts(&self) -> &[Value] {
        self.0.ready["accounts"].as_array().unwrap()
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
                found.insert(id.to_owned(), caller.get(&format!("/cases/{id}?purpose=test")).await.ok().body);
            }
        }
    }
    found
}

#[tokio::test]
async fn everybody_signs_in_and_every_case_in_every_state_is_readable() {
    let installation = Installation::new();
    let demonstration = Demonstration::start(&installation);
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

    let reviewer = demonstration.caller("reviewer.city").await;
    for stage in ["proposed", "reported", "ordered"] {
        let waiting = reviewer.get(&format!("/cases?supervision={stage}")).await.ok().body;
        assert!(!waiting["items"].as_array().unwrap().is_empty(), "supervision waits for nothing {stage}");
    }
    let is_listed = |case: &&Value| case["supervisions"][0]["escalations"][2]["step"] == "listed_supervision";
    let listed = cases.values().find(is_listed).unwrap();
    assert_eq!(listed["supervisions"][0]["suggestions"][0]["answer"]["answers"][0]["adoption"], "adopted");

    let backlog = |stage: &str| cases.values().any(|case| case["backlog"][0]["stage"] == stage);
    assert!(backlog("listed") && backlog("struck_off"), "no case is backlog");
    let instructed = |state: &str| cases.values().any(|case| case["instructions"][0]["state"] == state);
    assert!(instructed("awaiting_report") && instructed("carried_out"), "no leader instructs");

    let clerk = demonstration.caller("petition.county1").await;
    let sessions = clerk.get("/receptions?from=2020-01-01").await.ok().body;
    let of = |state: &str| sessions["items"].as_array().unwrap().iter().filter(|it| it["state"] == state).count();
    assert_eq!((of("held"), of("published")), (2, 1), "{sessions}");
    assert!(cases.values().any(|case| case["visits"][0]["head_count"] == 1), "no leader has received a visit");

    demonstration.0.end();
    let whole = Audit { integrity: "ok".to_owned(), case_count: cases.len() as i64, differing: Vec::new() };
    assert_eq!(installation.audit(), whole, "a case that nobody may read, or read tables that differ");
}

#[tokio::test]
async fn a_second_start_keeps_the_data() {
    let installation = Installation::new();
    let first = Demonstration::start(&installation);
    installation.is_private();
    let lamp = json!({
        "purpose": "claim", "channel": "visit", "subject": "村道积水", "narrative": "下雨即积水。",
        "region": "990121100201001", "petitioners": [{"name": "田谷雨", "phone": "19900000999"}],
    });
    let filed = first.caller("grid.0101").await.post("/cases", lamp).await.ok().body;
    let accounts = first.0.ready["accounts"].clone();
    first.0.end();

    let second = Demonstration::start(&installation);
    assert_eq!(second.0.ready["accounts"], accounts);
    let path = format!("/cases/{}", filed["id"].as_str().unwrap());
    let kept = second.caller("petition.town1").await.get(&path).await.ok().body;
    assert_eq!(kept["case_no"], filed["case_no"]);
    let total = |listed: Value| listed["items"].as_array().unwrap().len();
    let listed = second.caller("petition.city").await.get("/cases?limit=200").await.ok().body;
    // Everything but the accusations, which only the cleared know of, and the new one.
    assert_eq!(total(listed), 60 - 3 + 1);
}

#[test]
fn an_office_of_its_own_is_never_made_a_demonstration() {
    let installation = Installation::new();
    let add = ["user", "add", "--username=admin", "--role=system_administrator"];
    let place = ["--region=330102000000", "--region-name=上城区"];
    assert!(installation.daowei(&[&add[..], &place].concat()).output().unwrap().status.success());
    let refused = installation.daowei(&["demo", "--listen=127.0.0.1:0"]).output().unwrap();
    assert!(!refused.status.success());
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("an office's own data"), "{told}");
    assert_eq!(installation.audit().case_count, 0);
}

#[test]
fn the_printed_commands_work_when_pasted() {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !has("bash") || !has("curl") {
        println!("skipped: the_printed_commands_work_when_pasted (bash or curl is absent)");
        return;
    }
    let installation = Installation::new();
    let mut child = installation.daowei(&["demo", "--listen=127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut printed = BufReader::new(child.stdout.take().unwrap());
    let _demonstration = Process::keep(child);
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
