//! Supervision: what an organ let pass is proposed, ordered, escalated and closed (Art. 39, 40).

use serde_json::{Value, json};

use crate::support::papers::*;
use crate::support::{Filed, Staff, Town};

/// The numbers of the cases in which supervision waits for one of these, as the caller is shown them.
async fn waiting(who: &Staff, stages: &str) -> Vec<String> {
    let listed = who.get(&format!("/cases?{stages}")).await.ok().body;
    let items = listed["items"].as_array().unwrap().clone();
    items.iter().map(|item| item["case_no"].as_str().unwrap().to_owned()).collect()
}

/// In handling, and past its sixty days.
async fn neglected(town: &Town) -> Filed {
    let case = town.in_handling().await;
    town.days_later(70);
    town.work().await;
    case
}

#[tokio::test]
async fn an_order_is_escalated_to_listed_supervision_and_closed() {
    let town = Town::open().await;
    let untouched = town.in_handling().await;
    let case = neglected(&town).await;
    let both = {
        let mut both = vec![case.case_no.clone(), untouched.case_no.clone()];
        both.sort();
        both
    };
    let mut proposed = waiting(&town.supervisor, "supervision=proposed").await;
    proposed.sort();
    assert_eq!(proposed, both);
    assert_eq!(waiting(&town.stranger, "supervision=proposed").await, [""; 0]);
    let seen = town.supervisor.sees(&case).await;
    let proposal = &seen["supervision_proposals"][0];
    assert_eq!((&proposal["organisation"], &proposal["clock"]), (&json!(town.organs.bureau), &json!("handling")));
    let listed = town.head.get(&format!("{}/actions?purpose=test", case.path())).await.ok().text;
    assert!(!listed.contains("report_on_supervision") && !listed.contains("{no}"), "{listed}");

    // One is dismissed with a reason, the other ordered.
    let clocks = town.supervisor.sees(&untouched).await["supervision_proposals"].clone();
    let numbers: Vec<&Value> = clocks.as_array().unwrap().iter().map(|it| &it["deadline"]).collect();
    let dismissal = json!({"deadlines": numbers, "reason": "信访人住院，商定延后面谈"});
    let dismissed = town.supervisor.act(&untouched, "supervision/dismissal", dismissal.clone()).await.ok().body;
    assert_eq!(dismissed["supervision_proposals"], json!([]));
    let again = town.supervisor.act(&untouched, "supervision/dismissal", dismissal).await;
    again.refused(409, "no_supervision_proposed").by(40);
    let order = supervision(town.organs.bureau, &town.day(10));
    town.clerk.act(&case, "supervision", order.clone()).await.refused(403, "not_yours").by(40);
    let ordered = town.supervisor.act(&case, "supervision", order).await.ok().body;
    assert_eq!(ordered["supervisions"][0]["state"], "awaiting_report");
    assert_eq!(ordered["supervision_proposals"], json!([]));
    assert_eq!(waiting(&town.supervisor, "supervision=proposed").await, [""; 0]);
    assert_eq!(waiting(&town.head, "supervision=ordered&supervision=reported").await, [case.case_no.as_str()]);
    let clock = town.clerk.clock(&case, "supervision_report").await;
    assert_eq!((&clock["organisation"], &clock["nominal_due_on"]), (&json!(town.organs.bureau), &json!(town.day(10))));
    let action = town.head.action(&case, "report_on_supervision").await;
    let href = format!("/api/v1/cases/{}/supervision/1/report", case.id);
    assert_eq!((&action["allowed"], &action["href"], &action["order"]), (&json!(true), &json!(href), &json!(1)));

    // Nobody reports, and the joint conference takes three steps.
    for step in ["circulated_notice", "summons_to_talk", "listed_supervision"] {
        town.days_later(14);
        town.work().await;
        assert_eq!(waiting(&town.supervisor, "supervision=proposed").await, [case.case_no.as_str()], "{step}");
        let due = town.day(7);
        let escalated = town.supervisor.act(&case, "supervision/1/escalation", escalation(step, &due)).await.ok().body;
        assert_eq!(escalated["supervisions"][0]["escalations"].as_array().unwrap().last().unwrap()["step"], step);
        let lower = town.supervisor.act(&case, "supervision/1/escalation", escalation("circulated_notice", &due)).await;
        lower.refused(422, "invalid_fields").at("/step", "not_a_higher_step");
    }
    let clocks = town.clerk.clocks(&case, "supervision_report").await;
    let late: Vec<bool> = clocks.iter().map(|clock| clock["late"].as_bool().unwrap()).collect();
    assert_eq!(late, [true, true, true, false], "a report that was missing stays missing");

    // The organ reports, is asked again, and reports what it has done.
    let path = "supervision/1/verdict";
    let early = json!({"accepted": false, "reason": "属实", "report_due_on": town.day(5)});
    let early = town.supervisor.act(&case, path, early).await;
    early.refused(422, "invalid_fields").at("/accepted", "nothing_reported");
    town.head.act(&case, "supervision/1/report", json!({"done": "已列入计划"})).await.ok();
    assert_eq!(waiting(&town.supervisor, "supervision=reported").await, [case.case_no.as_str()]);
    let back = json!({"accepted": false, "reason": "只有打算，没有落实", "report_due_on": town.day(5)});
    town.supervisor.act(&case, path, back).await.ok();
    town.head.act(&case, "supervision/1/report", supervision_report()).await.ok();
    let closed =
        town.supervisor.act(&case, path, json!({"accepted": true, "reason": "现场核查属实"})).await.ok().body;
    assert_eq!(closed["supervisions"][0]["state"], "closed");
    assert_eq!(closed["supervisions"][0]["rounds"].as_array().unwrap().len(), 2);
    let listed = "supervision=proposed&supervision=reported&supervision=ordered&supervision=advised";
    assert_eq!(waiting(&town.supervisor, listed).await, [""; 0]);

    // All of it is in the journal, under its proofs; what the petitioner is told has none of it.
    for (event, times) in [
        ("supervision_proposed", 4),
        ("supervision_ordered", 1),
        ("supervision_escalated", 3),
        ("supervision_reported", 2),
        ("supervision_judged", 2),
    ] {
        assert_eq!(town.clerk.told(&case, event).await.len(), times, "{event}");
    }
    let told = town.progress(&case).await.to_string();
    assert!(!told.contains("督办") && !told.contains("supervis"), "{told}");
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn an_organ_answers_whether_it_adopts_what_supervision_suggests() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    town.supervisor.act(&case, "supervision", supervision(town.organs.bureau, &town.day(10))).await.ok();
    let path = "supervision/1/suggestions";
    let unstaffed = town.supervisor.act(&case, path, suggestions(town.organs.county_government, "policy")).await;
    unstaffed.refused(422, "invalid_fields").at("/to", "nobody_there");
    // Another organ is advised, and knows of the case from then on.
    town.stranger
        .act(&case, "supervision/1/suggestions/answer", suggestions_answer("policy", "adopted"))
        .await
        .refused(404, "not_found");
    town.supervisor.act(&case, path, suggestions(town.organs.elsewhere, "policy")).await.ok();
    let second = town.supervisor.act(&case, path, suggestions(town.organs.bureau, "improvement")).await;
    second.refused(409, "suggestions_unanswered").by(40);
    assert_eq!(town.clerk.clock(&case, "suggestions_answer").await["length"], 30);
    let answer = format!("{path}/answer");
    town.head.act(&case, &answer, suggestions_answer("policy", "adopted")).await.refused(403, "not_yours").by(40);
    let other = town.stranger.act(&case, &answer, suggestions_answer("improvement", "adopted")).await;
    other.refused(422, "invalid_fields").at("/answers", "suggestion_unanswered").by(40);
    let answered = town.stranger.act(&case, &answer, suggestions_answer("policy", "not_adopted")).await.ok().body;
    let made = &answered["supervisions"][0]["suggestions"][0];
    assert_eq!((&made["answered_on"], &made["answer"]["answers"][0]["adoption"]), (&json!(town.day(0)), &json!("not_adopted")));
    town.books_agree().await;
    town.close().await;
}

/// Nobody supervises their own organ, nor what they had a part in; a number that no order has is no order.
#[tokio::test]
async fn a_supervisor_is_of_another_organ_and_had_no_part() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    let due = town.day(10);
    let own = town.supervisor.act(&case, "supervision", supervision(town.organs.city_petitions, &due)).await;
    own.refused(422, "invalid_fields").at("/to", "own_organ").at("/to", "no_part_in_the_case");
    let empty = but(supervision(town.organs.bureau, &due), json!({"document_no": null}));
    town.supervisor.act(&case, "supervision", empty).await.refused(422, "invalid_fields").at("/document_no", "required");
    town.supervisor.act(&case, "supervision", supervision(town.organs.bureau, &due)).await.ok();
    town.head.act(&case, "supervision/2/report", supervision_report()).await.refused(409, "not_supervised").by(40);
    town.head.act(&case, "supervision/first/report", supervision_report()).await.refused(404, "not_found");
    town.head.act(&case, "supervision/1/report", supervision_report()).await.ok();
    // The handler has moved to the city's petition department, and the supervisor to the bureau.
    let (petitions, bureau) = (town.organs.city_petitions.get(), town.organs.bureau.get());
    let supervises = |organ: i64| {
        move |user: &mut store::users::User| {
            user.organisation_id = organ;
            user.role = "reviewer".to_owned();
            user.duties = vec!["supervise".to_owned()];
            user.territory = Some(crate::support::places::CITY.to_owned());
        }
    };
    town.office.change_user("handler", supervises(petitions)).await;
    town.office.change_user("supervisor", supervises(bureau)).await;
    let verdict: Value = json!({"accepted": true, "reason": "属实"});
    let part = town.handler.act(&case, "supervision/1/verdict", verdict.clone()).await;
    part.refused(403, "supervisor_took_part").by(28);
    let unit = town.supervisor.act(&case, "supervision/1/verdict", verdict).await;
    unit.refused(403, "supervises_own_organ").by(40);
    town.close().await;
}
