//! Every operation of the document against everybody who has no business there; what is new is here without being added.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use daowei::identity::token::{Bearer, SessionId, TokenIssuer};
use domain::access::Role;
use domain::id::UserId;
use reqwest::Method;
use serde_json::{Value, json};
use store::token_keys;

use crate::receiving::{published, session};
use crate::support::papers::{IDENTITY, NAME, PHONE, claim};
use crate::support::operations::Operation;
use crate::support::places::VILLAGE;
use crate::support::{Caller, Filed, PASSWORD, Town, log_watch};

/// Whoever adds an operation that asks nobody to sign in adds it here.
const PUBLIC: [&str; 20] = [
    "get_health",
    "get_readiness",
    "get_metrics",
    "list_problems",
    "get_problem",
    "get_token_keys",
    "sign_in",
    "complete_sign_in",
    "change_password_at_sign_in",
    "begin_second_factor_at_sign_in",
    "get_single_sign_on",
    "begin_single_sign_on",
    "complete_single_sign_on",
    "refresh_session",
    "get_progress",
    "evaluate_by_code",
    "request_review_by_code",
    "book_by_code",
    "cancel_booking_by_code",
    "list_published_receptions",
];
const NO_CASE: &str = "01HZX5TJ4R2QK";

impl Operation {
    /// The path with a case's identifier and, for the rest, what could be one.
    fn at(&self, id: &str) -> String {
        let public = self.path.contains("/public/");
        self.filled(|name| match name {
            "id" => id.to_owned(),
            "year" => "2026".to_owned(),
            "session" => NO_CASE.to_owned(),
            "kind" => "resolve".to_owned(),
            "code" if !public => VILLAGE.to_owned(),
            "query_code" => "nobodyscode".to_owned(),
            // Whatever else a path names, what stands there is nothing's.
            _ => "1".to_owned(),
        })
    }

    async fn ask(&self, caller: &Caller, id: &str) -> crate::support::Answered {
        let body = Some(json!({"nonsense": true})).filter(|_| self.method != Method::GET);
        caller.send(self.method.clone(), &self.at(id), body).await
    }
}

/// Tokens that look like the caller's and are not good.
fn bad_tokens(town: &Town, good: &str) -> Vec<(&'static str, String)> {
    let (app, now) = (town.office.app.clone(), town.office.app.clock.now());
    let (header, rest) = good.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let bearer = Bearer { user: town.clerk.user, session: SessionId::new(1), second_factor: true, single_sign_on: false };
    let another = token_keys::TokenKey {
        id: 1,
        signing: ed25519_dalek::SigningKey::from_bytes(&[7; 32]),
        made_at: now,
        retired_at: None,
    };
    let another = TokenIssuer::new(1, &[another], &app.settings).unwrap();
    let old = app.tokens.issue(app.tokens.read(good, now).unwrap(), now - TimeDelta::minutes(15)).unwrap();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    claims["sub"] = json!(UserId::new(1).to_string());
    let swapped = URL_SAFE_NO_PAD.encode(claims.to_string());
    vec![
        ("nothing", String::new()),
        ("alg none", format!("{none}.{payload}.")),
        ("a swapped subject", format!("{header}.{swapped}.{signature}")),
        ("expired", old),
        ("another installation's", another.issue(bearer, now).unwrap()),
        ("a session that is none", app.tokens.issue(bearer, now).unwrap()),
    ]
}

#[tokio::test]
async fn no_operation_on_cases_is_done_in_the_place_of_somebody_who_gave_none() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let deputy = town.visitor.with("Acting-For", &town.clerk.user.to_string());
    let mut count = 0;
    for operation in town.operations().await {
        if operation.path.starts_with("/api/v1/cases") {
            count += 1;
            operation.ask(&deputy, &case.id).await.refused(403, "not_a_deputy");
        }
    }
    assert!(count > 50, "{count}");
    town.close().await;
}

#[tokio::test]
async fn nobody_gets_in_without_a_good_token() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let good = town.clerk.caller();
    let bad = bad_tokens(&town, good.token.as_deref().unwrap());
    good.get("/me").await.ok();
    let (mut public, mut asked) = (BTreeSet::new(), 0);
    for operation in town.operations().await {
        if PUBLIC.contains(&operation.id.as_str()) {
            public.insert(operation.id);
            continue;
        }
        asked += 1;
        let answer = operation.ask(&town.office.anyone(), &case.id).await;
        assert_eq!(answer.status, 401, "{} without a token: {}", operation.id, answer.text);
        for (why, token) in &bad {
            let answer = operation.ask(&town.office.anyone().with_token(token), &case.id).await;
            assert_eq!(answer.status, 401, "{} with {why}: {}", operation.id, answer.text);
        }
    }
    assert_eq!(public, PUBLIC.into_iter().map(str::to_owned).collect());
    assert!(asked > 80, "{asked}");
    town.close().await;
}

/// A case that is not one's to know of looks like one that is not there, to every operation and whatever is sent.
#[tokio::test]
async fn no_operation_tells_a_stranger_that_a_case_is_there() {
    let town = Town::open().await;
    let plain = town.clerk.files(claim()).await;
    let accusation = json!({"purpose": "accusation", "subject": "收受回扣", "claims": [],
        "respondents": [{"name": "某科长", "user": town.handler.user, "organisation": town.organs.bureau}]});
    let accusation = crate::support::papers::but(claim(), accusation);
    let accusation = Filed::of(&town.grid.post("/cases", accusation).await.ok());
    let plain_strangers = [&town.stranger, &town.next_grid, &town.administrator, &town.security, &town.auditor];
    let uncleared = [&town.clerk, &town.handler, &town.verifier, &town.supervisor, &town.grid, &town.auditor];
    for operation in town.operations().await.into_iter().filter(|one| one.path.contains("/cases/{id}")) {
        for (case, strangers) in [(&plain, plain_strangers.to_vec()), (&accusation, uncleared.to_vec())] {
            for stranger in strangers {
                let there = operation.ask(&stranger.caller(), &case.id).await;
                let nowhere = operation.ask(&stranger.caller(), NO_CASE).await;
                assert!((400..500).contains(&there.status), "{}: {}", operation.id, there.text);
                assert_eq!(
                    (there.status, &there.body["type"]),
                    (nowhere.status, &nowhere.body["type"]),
                    "{} tells a stranger that {} is there",
                    operation.id,
                    case.case_no
                );
                assert!(!there.text.contains(&case.case_no));
            }
        }
    }
    town.close().await;
}

/// What changes by itself, or by being asked: nothing in it is about a case.
const CHANGING: [&str; 5] =
    ["get_health", "get_metrics", "get_readiness", "list_account_sessions", "list_my_sessions"];
/// What none of those asked is answered: the auditor's trail, which tells that somebody filed something; and of one case
/// alone, what asks for a purpose or for a checkpoint.
const UNANSWERED: [&str; 6] = [
    "export_audit_trail",
    "list_case_people",
    "list_checkpoints",
    "prove_case_event",
    "prove_reception_event",
    "search_audit_trail",
];

/// What was answered, by what was asked and who asked.
type Told = BTreeMap<(String, usize), Value>;

/// Where an operation is asked so that there is an answer; whoever adds one that is not answered there adds it here.
fn answered_at(operation: &Operation, town: &Town, case: &Filed, session: &str) -> String {
    let part = |name: &str, value: &str| operation.path.replace(name, value);
    match operation.id.as_str() {
        "get_due_date" => format!("{}?from=2026-11-23&days=15", operation.path),
        "get_account" => part("{id}", &town.clerk.user.to_string()),
        "get_organisation" => part("{id}", &town.organs.bureau.to_string()),
        "get_problem" => part("{code}", "not_found"),
        "get_progress" => part("{query_code}", &case.query_code),
        "get_reception" | "get_briefing" | "list_reception_actions" | "list_reception_events" => part("{id}", session),
        _ => operation.at(&case.id),
    }
}

/// No list, no count, no statistics: whatever is read here and whatever will be, an export among it that others than the
/// auditor may have, whose trail tells that somebody filed something.
#[tokio::test]
async fn nothing_that_anybody_uncleared_can_read_changes_when_an_accusation_comes_in() {
    let town = Town::open().await;
    let plain = town.clerk.files(claim()).await;
    let session = published(&town.clerk, session(&town, &town.leader, 3, 2, 0)).await;
    let reads = town.operations().await.into_iter().filter(|one| one.method == Method::GET);
    let (changing, reads): (Vec<_>, Vec<_>) = reads.partition(|one| CHANGING.contains(&one.id.as_str()));
    assert_eq!(changing.len(), CHANGING.len());
    let uncleared = [
        &town.clerk, &town.visitor, &town.verifier, &town.supervisor, &town.handler, &town.next_grid,
        &town.administrator, &town.security, &town.leader,
    ];
    let everything = async || {
        let (mut told, mut answered) = (Told::new(), BTreeSet::new());
        for operation in &reads {
            let path = answered_at(operation, &town, &plain, &session);
            let counted = format!("{path}{}count=true", if path.contains('?') { '&' } else { '?' });
            for path in [path, counted] {
                for (place, who) in uncleared.iter().enumerate() {
                    let mut answer = who.caller().send(Method::GET, &path, None).await;
                    if let Some(problem) = answer.body.as_object_mut() {
                        problem.remove("request_id");
                    }
                    answered.extend(Some(operation.id.clone()).filter(|_| answer.status == 200));
                    told.insert((path.clone(), place), answer.body);
                }
            }
        }
        (told, answered)
    };
    let changed = |before: &Told, after: &Told| -> BTreeSet<String> {
        let differ = after.iter().filter(|(asked, answer)| before[*asked] != **answer);
        differ.map(|((path, _), _)| path.clone()).collect()
    };
    let (before, answered) = everything().await;
    let unanswered = reads.iter().map(|one| one.id.as_str()).filter(|id| !answered.contains(*id));
    assert_eq!(unanswered.collect::<BTreeSet<_>>(), BTreeSet::from(UNANSWERED));
    let accusation = json!({"purpose": "accusation", "subject": "收受回扣", "claims": []});
    let accusation = crate::support::papers::but(claim(), accusation);
    let accusation = town.cleared_clerk.files(accusation).await;
    let (after, _) = everything().await;
    assert_eq!(changed(&before, &after), BTreeSet::new());
    assert!(town.cleared_clerk.get("/cases").await.ok().body.to_string().contains(&accusation.case_no));
    // That it would have been seen; and that it left no gap among the numbers of the others.
    let next = town.cleared_clerk.files(claim()).await;
    let serial = |case: &Filed| case.case_no.rsplit_once('-').unwrap().1.parse::<u32>().unwrap();
    assert_eq!(serial(&next), serial(&plain) + 1);
    let (later, _) = everything().await;
    assert!(changed(&after, &later).contains("/api/v1/cases?count=true"));
    town.close().await;
}

#[tokio::test]
async fn nonsense_from_anybody_is_refused_and_never_a_fault_of_ours() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let before = town.clerk.sees(&case).await;
    let everybody = [
        &town.grid, &town.clerk, &town.handler, &town.verifier, &town.supervisor, &town.administrator, &town.security,
        &town.auditor,
    ];
    for operation in town.operations().await.into_iter().filter(|one| one.id != "sign_out") {
        for who in everybody {
            let answer = operation.ask(&who.caller(), &case.id).await;
            assert!(answer.status < 500, "{}: {}", operation.id, answer.text);
            let takes_no_body = ["rotate_token_key", "unlock_account"].contains(&operation.id.as_str());
            let changes = operation.method != Method::GET;
            assert!(!changes || takes_no_body || answer.status >= 400, "{}: {}", operation.id, answer.text);
            if operation.of_administrators {
                let entitled = answer.status != 403;
                let is_administrator =
                    [town.administrator.user, town.security.user, town.auditor.user].contains(&who.user);
                assert!(!entitled || is_administrator, "{}", operation.id);
            }
        }
    }
    assert_eq!(town.clerk.sees(&case).await, before, "nonsense changed the case");
    town.close().await;
}

/// What reads the logs of the whole suite does read them, and knows what it looks for.
#[tokio::test]
async fn no_log_of_this_suite_tells_a_secret() {
    let town = Town::open().await;
    let user = town.clerk.user.to_string();
    log_watch::await_words(&user);
    let case = town.clerk.files(claim()).await;
    town.clerk.get(&format!("{}/people?purpose=test", case.path())).await.ok();
    assert!(log_watch::count_of(&user) >= 2, "the lines of two requests were not read");
    let caller = town.office.staff("wang.fang", Role::Official, &[]).await;
    let enrolment = caller.post("/me/second-factor/enrolment", json!({"password": PASSWORD})).await.ok().body;
    let (token, refresh_token) = (caller.token.unwrap(), caller.refresh_token.unwrap());
    let secret = enrolment["secret"].as_str().unwrap();
    for told in [PASSWORD, NAME, PHONE, IDENTITY, &token, &refresh_token, secret] {
        assert!(log_watch::secret_in(&format!("INFO request: body={told}")).is_some(), "{told}");
    }
    let harmless = format!("INFO request{{request_id={} user={user}}}: answered", "0123456789abcdef".repeat(2));
    assert_eq!(log_watch::secret_in(&harmless), None);
    town.close().await;
}
