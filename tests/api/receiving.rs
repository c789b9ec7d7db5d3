//! Leaders receive visits: sessions planned, published, booked, held, and what was ordered there followed to its end (Art. 18).

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::papers::*;
use crate::support::{Answered, Filed, Staff, Town};
use crate::tamper::settled;

/// A scheduled session of the leader so many days from today, from nine to eleven.
pub fn session(town: &Town, leader: &Staff, days: i64, capacity: u16, waiting_places: u16) -> Value {
    json!({
        "kind": "scheduled_reception",
        "host": {"leader": leader.user, "post": "副县长", "responsibilities": "分管住建、交通"},
        "arrangement": {"day": town.day(days), "from": "09:00", "until": "11:00", "place": "县信访接待大厅",
            "capacity": capacity, "waiting_places": waiting_places},
    })
}

/// The session with other values in one of its parts.
fn changed(mut session: Value, part: &str, changes: Value) -> Value {
    session[part] = but(session[part].clone(), changes);
    session
}

/// As it is sent for a change.
fn change_of(mut session: Value, reason: &str) -> Value {
    session.as_object_mut().unwrap().remove("kind");
    session["reason"] = json!(reason);
    session
}

async fn planned(who: &Staff, session: Value) -> String {
    let made = who.post("/receptions", session).await.ok();
    assert_eq!(made.status, 201);
    let id = made.body["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), format!("/api/v1/receptions/{id}"));
    id
}

pub async fn published(who: &Staff, session: Value) -> String {
    let id = planned(who, session).await;
    who.post(&format!("/receptions/{id}/publication"), json!({})).await.ok();
    id
}

async fn on(who: &Staff, id: &str, command: &str, body: Value) -> Answered {
    who.post(&format!("/receptions/{id}/{command}"), body).await
}

async fn seen(who: &Staff, id: &str) -> Value {
    who.get(&format!("/receptions/{id}")).await.ok().body
}

async fn book(town: &Town, case: &Filed, id: &str) -> Answered {
    town.petitioner().post(&format!("/public/cases/{}/booking", case.query_code), json!({"reception": id})).await
}

/// The states of the bookings, in their order.
fn states(session: &Value) -> Vec<&str> {
    session["bookings"].as_array().unwrap().iter().map(|it| it["state"].as_str().unwrap()).collect()
}

/// The identifiers of what a list shows.
async fn listed(who: &Staff, query: &str) -> Vec<String> {
    let found = who.get(&format!("/receptions?{query}")).await.ok().body;
    found["items"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

fn visit_about(case: &Filed) -> Value {
    json!({"case": case.id, "visitors": "信访人本人及家属", "head_count": 2, "requests": "请求兑现征地补偿",
        "answer": "当场说明了补偿标准", "opinion": "请住建局十日内核实兑现并书面答复"})
}

/// Moves the clock by so many hours.
fn hours_later(town: &Town, hours: i64) {
    town.office.clock.advance(TimeDelta::hours(hours));
}

#[tokio::test]
async fn a_reception_day_goes_from_publication_to_the_visit_back() {
    let town = Town::open().await;
    let mut cases = Vec::new();
    for serial in 1..=4 {
        cases.push(town.clerk.files(claim_of(serial)).await);
    }
    let id = planned(&town.clerk, session(&town, &town.leader, 3, 2, 1)).await;
    // Before it is published only those who arrange it know of it.
    book(&town, &cases[0], &id).await.refused(404, "not_found");
    town.handler.get(&format!("/receptions/{id}")).await.refused(404, "not_found");
    let everybody = town.petitioner().get("/public/receptions").await.ok().body;
    assert_eq!(everybody["items"], json!([]));
    on(&town.clerk, &id, "publication", json!({})).await.ok();
    let everybody = town.petitioner().get("/public/receptions?region=330102000000").await.ok().body;
    let shown = &everybody["items"][0];
    assert_eq!((&shown["id"], &shown["post"], &shown["capacity"]), (&json!(id), &json!("副县长"), &json!(2)));

    // Two places, one to wait, and no more.
    for case in &cases[..3] {
        book(&town, case, &id).await.ok();
    }
    book(&town, &cases[3], &id).await.refused(409, "fully_booked");
    book(&town, &cases[0], &id).await.refused(409, "matter_booked");
    let progress = town.progress(&cases[2]).await;
    assert_eq!((&progress["booking"]["state"], &progress["booking"]["before_it"]), (&json!("waiting"), &json!(0)));
    let cancellation = format!("/public/cases/{}/booking/cancellation", cases[0].query_code);
    let progress = town.petitioner().post(&cancellation, json!({})).await.ok().body;
    assert_eq!(progress["booking"]["state"], "cancelled");
    town.petitioner().post(&cancellation, json!({})).await.refused(409, "not_booked");
    let booked = seen(&town.clerk, &id).await;
    assert_eq!(states(&booked), ["cancelled", "booked", "booked"]);
    assert_eq!((&booked["taken"], &booked["waiting"]), (&json!(2), &json!(0)));
    assert_eq!(booked["bookings"][2]["case_no"], cases[2].case_no);

    // Whoever is booked is told, and until then stands on the list.
    assert_eq!(listed(&town.clerk, "to_be_told=true").await, [id.as_str()]);
    let in_vain = json!({"way": "phone", "reached": false});
    on(&town.clerk, &id, "bookings/2/reminder", in_vain).await.ok();
    for no in [2, 3] {
        assert_eq!(listed(&town.clerk, "to_be_told=true").await, [id.as_str()]);
        let told = json!({"way": "phone", "reached": true});
        on(&town.clerk, &id, &format!("bookings/{no}/reminder"), told).await.ok();
    }
    assert_eq!(listed(&town.clerk, "to_be_told=true").await, [""; 0]);

    // The day: one is received and ordered about, one comes unannounced, one does not come.
    on(&town.clerk, &id, "visits", visit_about(&cases[2])).await.refused(409, "reception_not_begun");
    town.days_later(3);
    hours_later(&town, 1);
    let mut ordering = visit_about(&cases[2]);
    ordering["instruction"] = json!({"to": town.organs.bureau, "report_due_on": town.day(10)});
    ordering["charge"] = json!({"plan": "每周约谈一次", "target_on": town.day(60)});
    let received = on(&town.clerk, &id, "visits", ordering).await.ok();
    assert_eq!(received.status, 201);
    assert_eq!((&received.body["instruction"], &received.body["query_code"]), (&json!(1), &Value::Null));
    let unannounced = json!({"filing": claim_of(9), "visitors": "信访人本人", "head_count": 1, "requests": "噪声扰民",
        "opinion": "请生态环境局依法处理"});
    let received = on(&town.clerk, &id, "visits", unannounced).await.ok().body;
    let newly = received["case"].as_str().unwrap().to_owned();
    let code = received["query_code"].as_str().unwrap();
    town.petitioner().get(&format!("/public/cases/{code}")).await.ok();
    assert_eq!(town.leader.get(&format!("/cases/{newly}")).await.ok().body["visits"][0]["head_count"], 1);
    hours_later(&town, 3);
    let record = json!({"from": "09:00", "until": "11:30", "companions": [{"name": "李律师", "post": "律师"}]});
    let held = on(&town.leader, &id, "record", record).await.ok().body;
    assert_eq!((&held["state"], &held["visit_count"]), (&json!("held"), &json!(2)));
    assert_eq!(states(&held), ["cancelled", "no_show", "received"]);
    on(&town.leader, &id, "record", json!({"from": "09:00", "until": "11:30"})).await.refused(409, "reception_state_forbids");
    // Who did not come can book again.
    let next = published(&town.clerk, session(&town, &town.leader, 7, 2, 0)).await;
    book(&town, &cases[1], &next).await.ok();

    // What the leader ordered is followed to its end.
    let case = &cases[2];
    let seen_case = town.leader.sees(case).await;
    assert_eq!(seen_case["visits"][0]["reception"], json!(id));
    assert_eq!(seen_case["in_charge"]["leader"], json!(town.leader.user));
    town.head.act(case, "instructions/1/report", json!({"result": "已核实兑现"})).await.ok();
    let accepted = json!({"accepted": true, "reason": "同意"});
    town.leader.act(case, "instructions/1/decision", accepted).await.ok();
    let visited = town.visitor.act(case, "visit-backs", visit(&town.day(0), "satisfied")).await.ok().body;
    assert_eq!(visited["instructions"][0]["state"], "carried_out");
    assert_eq!(town.clerk.told(case, "leader_visit_received").await.len(), 1);

    // It stands in the journal, and under a checkpoint.
    let events = town.clerk.get(&format!("/receptions/{id}/events")).await.ok().body;
    let kinds: Vec<&str> =
        events["items"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!((kinds[0], kinds[1], kinds[kinds.len() - 1]), ("reception_planned", "reception_published", "reception_held"));
    settled(&town).await;
    town.work().await;
    let proof = town.clerk.get(&format!("/receptions/{id}/events/1/proof")).await.ok().body;
    assert!(proof["event_text"].as_str().unwrap().contains("reception_planned"), "{proof}");
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn a_session_is_changed_swapped_and_cancelled_with_reasons() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let first = session(&town, &town.leader, 3, 2, 0);
    let id = published(&town.clerk, first.clone()).await;
    book(&town, &case, &id).await.ok();
    on(&town.clerk, &id, "bookings/1/reminder", json!({"way": "text_message", "reached": true})).await.ok();

    // A leader is in one place at a time.
    let same_time = changed(session(&town, &town.leader, 3, 5, 0), "arrangement", json!({"from": "10:30", "until": "12:00"}));
    let engaged = town.clerk.post("/receptions", same_time).await;
    engaged.refused(422, "invalid_fields").at("/host/leader", "engaged");
    let after = changed(session(&town, &town.leader, 3, 5, 0), "arrangement", json!({"from": "11:00", "until": "12:00"}));
    let after = planned(&town.clerk, after).await;

    // What was published may be moved as long as it can still be read in time, and whoever is booked is told again.
    let today = changed(first.clone(), "arrangement", json!({"day": town.day(0), "from": "15:00", "until": "17:00"}));
    let too_soon = on(&town.clerk, &id, "change", change_of(today, "提前")).await;
    too_soon.refused(422, "invalid_fields").at("/arrangement/day", "too_soon_to_publish");
    let fewer = changed(first.clone(), "arrangement", json!({"capacity": 0}));
    let fewer = on(&town.clerk, &id, "change", change_of(fewer, "减少")).await;
    fewer.refused(422, "invalid_fields").at("/arrangement/capacity", "out_of_range");
    let moved = changed(first.clone(), "arrangement", json!({"day": town.day(4), "place": "县会议中心"}));
    let moved = on(&town.clerk, &id, "change", change_of(moved, "会议冲突")).await.ok().body;
    assert_eq!((&moved["amendments"][0]["reason"], &moved["bookings"][0]["to_be_told"]), (&json!("会议冲突"), &json!(true)));
    let progress = town.progress(&case).await;
    let booking = &progress["booking"];
    assert_eq!((&booking["place"], &booking["changed_because"]), (&json!("县会议中心"), &json!("会议冲突")));

    // A leader of a bureau does not know of the matter, so neither a change nor a swap gives it to them.
    let bureau = changed(first.clone(), "host", json!({"leader": town.bureau_leader.user}));
    let refused = on(&town.clerk, &id, "change", change_of(bureau, "替班")).await;
    refused.refused(422, "invalid_fields").at("/host/leader", "not_for_those_booked");
    let of_bureau = published(&town.clerk, session(&town, &town.bureau_leader, 5, 2, 0)).await;
    let swap = json!({"with": of_bureau, "reason": "与下月对调"});
    on(&town.clerk, &id, "swap", swap.clone()).await.refused(422, "invalid_fields").at("/with", "not_for_those_booked");
    on(&town.clerk, &id, "bookings/1/cancellation", json!({"reason": "信访人来电取消"})).await.ok();
    let version = seen(&town.clerk, &id).await["version"].to_string();
    let swapped = on(&town.clerk, &id, "swap", swap).await.ok().body;
    assert_ne!(swapped["version"].to_string(), version);
    assert_eq!((&swapped["host"]["leader"], &swapped["amendments"][1]["swapped_with"]), (&json!(town.bureau_leader.user), &json!(of_bureau)));
    assert_eq!(seen(&town.clerk, &of_bureau).await["host"]["leader"], json!(town.leader.user));

    // What does not take place says why, and what was booked is free again.
    book(&town, &case, &of_bureau).await.ok();
    let cancelled = on(&town.clerk, &of_bureau, "cancellation", json!({"reason": "防汛应急"})).await.ok().body;
    assert_eq!((&cancelled["state"], states(&cancelled)), (&json!("cancelled"), vec!["fell_through"]));
    let told = &town.progress(&case).await["booking"];
    assert_eq!((&told["state"], &told["because"]), (&json!("fell_through"), &json!("防汛应急")));
    on(&town.clerk, &of_bureau, "change", change_of(first, "恢复")).await.refused(409, "reception_state_forbids");

    // On the eve there is no time to publish; nobody came is a record, too.
    town.days_later(3);
    on(&town.clerk, &after, "publication", json!({})).await.refused(409, "published_too_late");
    let on_scene = json!({"kind": "on_scene_reception",
        "host": {"leader": town.leader.user, "post": "副县长", "responsibilities": "分管住建"},
        "arrangement": {"day": town.day(0), "from": "08:00", "until": "09:30", "place": "项目工地", "capacity": 1}});
    let scene = planned(&town.leader, on_scene).await;
    on(&town.clerk, &scene, "bookings", json!({"case": case.id})).await.refused(409, "wrong_reception_kind");
    hours_later(&town, 1);
    let held = on(&town.leader, &scene, "record", json!({"from": "08:00", "until": "09:30", "remark": "群众已自行离开"})).await;
    assert_eq!(held.ok().body["visit_count"], 0);
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn who_may_arrange_and_see_a_session_is_one_table() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let plain = session(&town, &town.leader, 3, 2, 0);
    for nobody in [&town.handler, &town.stranger, &town.grid, &town.administrator, &town.bureau_leader] {
        let refused = nobody.post("/receptions", plain.clone()).await;
        refused.refused(422, "invalid_fields").at("/host/leader", "not_your_leader");
    }
    let unknown = changed(plain.clone(), "host", json!({"leader": town.handler.user}));
    let unknown = town.clerk.post("/receptions", unknown).await;
    unknown.refused(422, "invalid_fields").at("/host/leader", "not_a_leading_cadre");
    let id = planned(&town.leader, plain).await;
    assert_eq!(listed(&town.stranger, "").await, [""; 0]);
    assert_eq!(listed(&town.city_clerk, "").await, [id.as_str()]);
    on(&town.leader, &id, "publication", json!({})).await.ok();
    book(&town, &case, &id).await.ok();
    // Once it is published everybody sees it, and only those who arrange it who comes.
    for (who, sees_bookings) in [(&town.stranger, false), (&town.handler, false), (&town.grid, false), (&town.clerk, true), (&town.reviewer, true)] {
        let session = seen(who, &id).await;
        assert_eq!(session["bookings"].is_array(), sees_bookings, "{session}");
        let journal = who.get(&format!("/receptions/{id}/events")).await;
        assert_eq!(journal.status == 200, sees_bookings);
    }
    // A colleague of the leader's sees that somebody comes, and of the case only what they may know.
    let session = seen(&town.reviewer, &id).await;
    let journal = town.reviewer.get(&format!("/receptions/{id}/events?after=2&limit=1")).await.ok().body;
    assert_eq!((&journal["items"][0]["kind"], &journal["items"][0]["data"]), (&json!("booking_made"), &Value::Null));
    assert_eq!((&session["bookings"][0]["case"], &session["bookings"][0]["state"]), (&Value::Null, &json!("booked")));
    on(&town.stranger, &id, "cancellation", json!({"reason": "无"})).await.refused(403, "not_yours").by(18);
    on(&town.reviewer, &id, "bookings/1/cancellation", json!({"reason": "无"})).await.refused(403, "not_yours");
    // What is offered can be done, and what is not says why.
    let actions = town.clerk.get(&format!("/receptions/{id}/actions")).await.ok().body;
    let allowed: Vec<&str> = actions["items"].as_array().unwrap().iter()
        .filter(|it| it["allowed"] == true).map(|it| it["command"].as_str().unwrap()).collect();
    assert_eq!(allowed, ["change_reception", "swap_leaders", "cancel_reception", "book", "cancel_booking", "remind"]);
    let closed = actions["items"].as_array().unwrap().iter().find(|it| it["command"] == "receive_visit").unwrap();
    assert_eq!((&closed["reason"], &closed["href"]), (&json!("reception_not_begun"), &json!(format!("/api/v1/receptions/{id}/visits"))));
    // The journal of a session is none of a case's.
    town.clerk.get(&format!("/cases/{id}")).await.refused(404, "not_found");
    town.clerk.get(&format!("/cases/{id}/events")).await.refused(404, "not_found");
    town.clerk.get(&format!("/receptions/{}", case.id)).await.refused(404, "not_found");
    town.close().await;
}

#[tokio::test]
async fn nobody_is_booked_twice_nor_with_a_leader_who_is_not_to_receive_them() {
    let town = Town::open().await;
    let one = town.clerk.files(claim_of(1)).await;
    let other = town.clerk.files(claim_of(1)).await;
    let session_at = |from: &str, until: &str| {
        changed(session(&town, &town.leader, 3, 5, 0), "arrangement", json!({"from": from, "until": until}))
    };
    let morning = published(&town.clerk, session_at("09:00", "11:00")).await;
    let afternoon = published(&town.clerk, session_at("14:00", "16:00")).await;
    book(&town, &one, &morning).await.ok();
    book(&town, &one, &afternoon).await.refused(409, "matter_booked");
    // Another matter of the same petitioner, at the same time and at another.
    book(&town, &other, &morning).await.refused(409, "petitioner_booked");
    book(&town, &other, &afternoon).await.ok();
    let onto_the_other = changed(session_at("10:00", "12:00"), "host", json!({}));
    let onto_the_other = on(&town.clerk, &afternoon, "change", change_of(onto_the_other, "提前")).await;
    onto_the_other.refused(422, "invalid_fields").at("/host/leader", "engaged");
    // A repeat is the same matter.
    let repeat = town.clerk.files(claim_of(1)).await;
    town.clerk.act(&repeat, "repeat-check", repeat_of(&one.id)).await.ok();
    book(&town, &repeat, &afternoon).await.refused(409, "matter_booked");

    // An accusation is nobody's to bring before a leader (Art. 30), nor a matter to a leader whom it complains of (Art. 28).
    let accusation = but(claim(), json!({"purpose": "accusation", "claims": []}));
    let accusation = town.cleared_clerk.files(accusation).await;
    book(&town, &accusation, &afternoon).await.refused(409, "wrong_track").by(30);
    let against = but(claim_of(5), json!({"respondents": [{"name": "王县长", "user": town.leader.user}]}));
    let against = town.clerk.files(against).await;
    book(&town, &against, &afternoon).await.refused(409, "leader_has_interest").by(28);
    let elsewhere = published(&town.clerk, session(&town, &town.bureau_leader, 3, 5, 0)).await;
    let far = town.clerk.files(claim_of(6)).await;
    book(&town, &far, &elsewhere).await.refused(409, "leader_out_of_reach");
    // Whom a leader invites, others do not choose.
    let invited = but(session_at("16:30", "17:30"), json!({"kind": "invited_reception"}));
    let invited = planned(&town.leader, invited).await;
    book(&town, &far, &invited).await.refused(404, "not_found");
    on(&town.leader, &invited, "publication", json!({})).await.refused(409, "wrong_reception_kind");
    on(&town.leader, &invited, "bookings", json!({"case": far.id})).await.ok();
    on(&town.stranger, &afternoon, "bookings", json!({"case": far.id})).await.refused(422, "invalid_fields").at("/case", "unknown_case");
    town.books_agree().await;
    town.close().await;
}

/// A repeat that is confirmed later is the same matter from then on.
#[tokio::test]
async fn a_matter_is_one_however_late_its_repeats_are_confirmed() {
    let town = Town::open().await;
    let mut cases = Vec::new();
    for serial in 1..=3 {
        cases.push(town.clerk.files(claim_of(serial)).await);
    }
    let session_at = |from: &str, until: &str| {
        changed(session(&town, &town.leader, 3, 5, 0), "arrangement", json!({"from": from, "until": until}))
    };
    let morning = published(&town.clerk, session_at("09:00", "11:00")).await;
    let afternoon = published(&town.clerk, session_at("14:00", "16:00")).await;
    book(&town, &cases[1], &morning).await.ok();
    // The second repeats the first, and the third the second.
    town.clerk.act(&cases[1], "repeat-check", repeat_of(&cases[0].id)).await.ok();
    town.clerk.act(&cases[2], "repeat-check", repeat_of(&cases[1].id)).await.ok();
    for case in &cases {
        for session in [&morning, &afternoon] {
            book(&town, case, session).await.refused(409, "matter_booked");
        }
    }
    // Who booked it cancels it, and another of the matter is booked; whoever of it comes, comes with that booking.
    let cancel = async |case: &Filed| {
        town.petitioner().post(&format!("/public/cases/{}/booking/cancellation", case.query_code), json!({})).await
    };
    cancel(&cases[0]).await.refused(409, "not_booked");
    cancel(&cases[1]).await.ok();
    book(&town, &cases[2], &morning).await.ok();
    town.days_later(3);
    hours_later(&town, 1);
    on(&town.clerk, &morning, "visits", visit_about(&cases[0])).await.ok();
    assert_eq!(states(&seen(&town.clerk, &morning).await), ["cancelled", "received"]);
    town.books_agree().await;
    town.close().await;
}

/// Who is complained of learns nothing of the booking, and has nothing to do with it (Art. 28).
#[tokio::test]
async fn a_booking_is_kept_from_those_who_may_not_know_of_its_case() {
    let town = Town::open().await;
    let against = but(claim_of(5), json!({"respondents": [{"name": "李主任", "user": town.cleared_clerk.user}]}));
    let against = town.clerk.files(against).await;
    let plain = town.clerk.files(claim_of(6)).await;
    let id = published(&town.clerk, session(&town, &town.leader, 3, 5, 0)).await;
    let noted = json!({"case": against.id, "note": "反映李主任克扣补偿"});
    on(&town.clerk, &id, "bookings", noted).await.ok();
    on(&town.clerk, &id, "bookings", json!({"case": plain.id})).await.ok();
    let shown = seen(&town.cleared_clerk, &id).await;
    let secret = &shown["bookings"][0];
    assert_eq!((&secret["case"], &secret["note"], &shown["bookings"][1]["case_no"]), (&Value::Null, &Value::Null, &json!(plain.case_no)));
    let journal = town.cleared_clerk.get(&format!("/receptions/{id}/events")).await.ok().body;
    assert_eq!((&journal["items"][2]["kind"], &journal["items"][2]["data"]), (&json!("booking_made"), &Value::Null));
    assert_eq!(journal["items"][3]["data"]["case"], json!(plain.id));
    settled(&town).await;
    town.work().await;
    let proof = async |seq: u8| town.cleared_clerk.get(&format!("/receptions/{id}/events/{seq}/proof")).await;
    proof(3).await.refused(403, "not_yours").by(28);
    proof(4).await.ok();
    proof(9).await.refused(404, "not_found");
    for (command, body) in [("cancellation", json!({"reason": "无"})), ("reminder", json!({"way": "phone", "reached": true}))] {
        let refused = on(&town.cleared_clerk, &id, &format!("bookings/1/{command}"), body.clone()).await;
        refused.refused(403, "not_yours").by(28);
        on(&town.cleared_clerk, &id, &format!("bookings/2/{command}"), body).await;
    }
    // The list shows what reading shows, to everybody.
    let invited = but(session(&town, &town.leader, 4, 5, 0), json!({"kind": "invited_reception"}));
    let all = [id, planned(&town.leader, invited).await, planned(&town.clerk, session(&town, &town.bureau_leader, 5, 2, 0)).await];
    for who in [&town.clerk, &town.leader, &town.bureau_leader, &town.reviewer, &town.registrar, &town.handler, &town.supervisor,
        &town.city_clerk, &town.grid, &town.stranger, &town.administrator, &town.auditor, &town.township_clerk] {
        let listed = listed(who, "").await;
        for session in &all {
            let is_read = who.get(&format!("/receptions/{session}")).await.status == 200;
            assert_eq!(listed.contains(session), is_read, "{session} for {}", who.user);
        }
    }
    town.close().await;
}

/// Whoever loses a place is told, what was said can be written down afterwards, and what was received stays so.
#[tokio::test]
async fn nobody_loses_a_place_or_a_visit_unnoticed() {
    let town = Town::open().await;
    let mut cases = Vec::new();
    for serial in 1..=3 {
        cases.push(town.clerk.files(claim_of(serial)).await);
    }
    let first = published(&town.clerk, session(&town, &town.leader, 3, 1, 1)).await;
    let second = published(&town.clerk, session(&town, &town.leader, 4, 5, 0)).await;
    for case in &cases[..2] {
        book(&town, case, &first).await.ok();
    }
    let told = json!({"way": "phone", "reached": true});
    on(&town.clerk, &first, "bookings/1/reminder", told.clone()).await.ok();
    on(&town.clerk, &first, "bookings/2/reminder", told.clone()).await.refused(409, "not_booked");
    book(&town, &cases[2], &second).await.ok();
    on(&town.clerk, &second, "cancellation", json!({"reason": "防汛应急"})).await.ok();
    assert_eq!(listed(&town.clerk, "to_be_told=true").await, [second.as_str()]);
    on(&town.clerk, &second, "bookings/1/reminder", told.clone()).await.ok();
    assert_eq!(listed(&town.clerk, "to_be_told=true").await, [""; 0]);

    // The session is recorded before the visit is written down; who waited in vain is to be told.
    town.days_later(3);
    hours_later(&town, 3);
    on(&town.leader, &first, "record", json!({"from": "09:00", "until": "11:00"})).await.ok();
    assert_eq!(states(&seen(&town.clerk, &first).await), ["no_show", "fell_through"]);
    assert_eq!(listed(&town.clerk, "to_be_told=true").await, [first.as_str()]);
    on(&town.clerk, &first, "visits", visit_about(&cases[0])).await.ok();
    assert_eq!(states(&seen(&town.clerk, &first).await), ["received", "fell_through"]);
    town.days_later(1);
    assert_eq!(listed(&town.clerk, "to_be_told=true").await, [first.as_str()]);
    on(&town.clerk, &first, "bookings/2/reminder", told).await.ok();
    assert_eq!(listed(&town.clerk, "to_be_told=true").await, [""; 0]);
    town.days_later(30);
    on(&town.clerk, &first, "visits", visit_about(&cases[1])).await.refused(409, "too_late_to_enter");

    // Whom a leader has received stays with that leader and that day.
    let third = published(&town.clerk, session(&town, &town.leader, 2, 2, 0)).await;
    town.days_later(2);
    on(&town.clerk, &third, "visits", visit_about(&cases[1])).await.ok();
    on(&town.clerk, &third, "cancellation", json!({"reason": "取消"})).await.refused(409, "visits_received");
    let moved = change_of(session(&town, &town.leader, 9, 2, 0), "改期");
    on(&town.clerk, &third, "change", moved).await.refused(409, "visits_received");
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn bookings_are_safe_to_repeat_and_bad_ones_change_nothing() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    for (part, wrong, pointer, code) in [
        ("arrangement", json!({"from": "09:00:00.123456789"}), "/arrangement/from", "malformed"),
        ("arrangement", json!({"until": "23:59:60"}), "/arrangement/until", "malformed"),
        ("arrangement", json!({"day": "-9999-01-01"}), "/arrangement/day", "out_of_range"),
        ("arrangement", json!({"until": "08:00"}), "/arrangement/until", "ends_before_it_begins"),
        ("arrangement", json!({"capacity": 0}), "/arrangement/capacity", "out_of_range"),
    ] {
        let wrong = town.clerk.post("/receptions", changed(session(&town, &town.leader, 3, 2, 0), part, wrong)).await;
        wrong.refused(422, "invalid_fields").at(pointer, code);
    }
    let id = published(&town.clerk, session(&town, &town.leader, 3, 1, 0)).await;
    let path = format!("/public/cases/{}/booking", case.query_code);
    let keyed = town.petitioner().with("Idempotency-Key", "once");
    let first = keyed.post(&path, json!({"reception": id})).await.ok();
    let again = keyed.post(&path, json!({"reception": id})).await.ok();
    assert_eq!((again.header("idempotent-replayed"), &again.body), ("true", &first.body));
    // A key that has expired is no answer any more, and no fault.
    town.days_later(31);
    keyed.post(&path, json!({"reception": id})).await.refused(409, "reception_begun");
    let later = published(&town.clerk, session(&town, &town.leader, 3, 1, 0)).await;
    on(&town.leader, &id, "record", json!({"from": "09:00", "until": "11:00"})).await.ok();
    for _ in 0..3 {
        book(&town, &case, &later).await.ok();
        town.petitioner().post(&format!("{path}/cancellation"), json!({})).await.ok();
    }
    book(&town, &case, &later).await.refused(409, "booked_too_often");
    // Everybody is shown what is to come.
    let everybody = town.petitioner().get("/public/receptions?from=2000-01-01").await.ok().body;
    let shown: Vec<&Value> = everybody["items"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!(shown, [&json!(later)]);
    town.books_agree().await;
    town.close().await;
}

/// Of ten thousand attempts at once, by petitioners of whom each tries again and again, forty get the forty places.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_attempts_on_forty_places_leave_exactly_forty() {
    const PETITIONERS: u32 = 250;
    const ATTEMPTS: u32 = 40;
    const AT_ONCE: usize = 100;
    let town = Town::open().await;
    let mut cases = Vec::new();
    for serial in 0..PETITIONERS {
        cases.push(town.clerk.files(claim_of(serial)).await);
    }
    let id = published(&town.clerk, session(&town, &town.leader, 3, 40, 5)).await;
    let (mut attempts, mut answers) = (JoinSet::new(), std::collections::BTreeMap::<String, u32>::new());
    for place in 0..PETITIONERS * ATTEMPTS {
        if attempts.len() == AT_ONCE {
            *answers.entry(attempts.join_next().await.unwrap().unwrap()).or_default() += 1;
        }
        let (petitioner, id) = (town.petitioner(), id.clone());
        let code = cases[usize::try_from(place % PETITIONERS).unwrap()].query_code.clone();
        attempts.spawn(async move {
            let path = format!("/public/cases/{code}/booking");
            let answered = petitioner.post(&path, json!({"reception": id})).await;
            match answered.status {
                200 => answered.body["booking"]["state"].as_str().unwrap().to_owned(),
                _ => answered.body["type"].as_str().unwrap().to_owned(),
            }
        });
    }
    while let Some(answer) = attempts.join_next().await {
        *answers.entry(answer.unwrap()).or_default() += 1;
    }
    assert_eq!((answers["booked"], answers["waiting"]), (40, 5), "{answers:?}");
    let refused = ["fully-booked", "matter-booked"].map(|code| answers.get(&format!("/problems/{code}")));
    let refused: u32 = refused.into_iter().flatten().sum();
    assert_eq!(refused, PETITIONERS * ATTEMPTS - 45, "{answers:?}");
    let session = seen(&town.clerk, &id).await;
    assert_eq!((&session["taken"], &session["waiting"]), (&json!(40), &json!(5)));
    let matters: std::collections::BTreeSet<&str> =
        session["bookings"].as_array().unwrap().iter().map(|it| it["case"].as_str().unwrap()).collect();
    assert_eq!(matters.len(), 45);
    town.books_agree().await;
    town.close().await;
}

/// One leader, two sessions at one time, asked for at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_sessions_at_one_time_a_leader_gets_one() {
    let town = Town::open().await;
    let one = town.clerk.files(claim_of(1)).await;
    let other = town.clerk.files(claim_of(1)).await;
    for round in 2..8 {
        let plan = |from: &str| {
            changed(session(&town, &town.leader, round, 5, 0), "arrangement", json!({"from": from, "until": "12:00"}))
        };
        let (first, second) = (plan("09:00"), plan("11:30"));
        let (first, second) =
            tokio::join!(town.clerk.post("/receptions", first), town.leader.post("/receptions", second));
        let made: Vec<u16> = [&first, &second].iter().map(|it| it.status).filter(|status| *status == 201).collect();
        assert_eq!(made.len(), 1, "{} {}", first.body, second.body);
        // Nor does one petitioner get two, with two matters before two leaders.
        let made = if first.status == 201 { first } else { second };
        let id = made.body["id"].as_str().unwrap().to_owned();
        on(&town.clerk, &id, "publication", json!({})).await.ok();
        let (first, second) = tokio::join!(book(&town, &one, &id), book(&town, &other, &id));
        let booked = [&first, &second].iter().filter(|it| it.status == 200).count();
        assert_eq!(booked, 1, "{} {}", first.body, second.body);
        on(&town.clerk, &id, "cancellation", json!({"reason": "改期"})).await.ok();
    }
    town.books_agree().await;
    town.close().await;
}

/// What another row says than the journal is found, and made again.
#[tokio::test]
async fn sessions_are_verified_and_made_again_from_their_journals() {
    use diesel::connection::SimpleConnection;
    use store::connection::{self, Purpose};
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let id = published(&town.clerk, session(&town, &town.leader, 3, 2, 0)).await;
    book(&town, &case, &id).await.ok();
    let installation = town.office.into_installation().await;
    let verify = || {
        let output = installation.daowei(&["verify", "--json"]).output().unwrap();
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), found)
    };
    let (code, found) = verify();
    assert_eq!((code, &found["reception_count"], &found["case_count"]), (Some(0), &json!(1), &json!(1)), "{found}");
    let mut database = connection::open(&installation.database(), Purpose::Write).unwrap();
    let made_up = "INSERT INTO receptions SELECT id + 1, version, kind, state, leader_id, organisation_id, post, responsibilities, \
                   day, begins_at, ends_at, place, capacity, waiting_places, taken, waiting, visits, published_on, updated_at FROM receptions";
    for (wrong, kind, names) in [
        ("UPDATE receptions SET taken = 0", "read_tables_differ", true),
        ("DELETE FROM reception_bookings", "read_tables_differ", true),
        ("DELETE FROM receptions", "read_tables_differ", true),
        (made_up, "no_journal", false),
    ] {
        database.batch_execute(wrong).unwrap();
        let (code, found) = verify();
        let fault = &found["faults"][0];
        assert_eq!((code, &fault["kind"]), (Some(1), &json!(kind)), "{wrong}: {found}");
        assert_eq!(fault["detail"].as_str().unwrap().contains(&id), names, "{found}");
        let rebuilt = installation.daowei(&["rebuild"]).output().unwrap();
        let told = String::from_utf8(rebuilt.stdout).unwrap();
        assert!(told.contains("1 reception sessions in the journal, 1 differed and were made again"), "{told}");
        assert_eq!(verify().0, Some(0), "{wrong}");
    }
}

/// How often leaders are to receive is a table, and what they held is counted against it.
#[tokio::test]
async fn what_leaders_owe_is_counted_against_what_they_held() {
    let town = Town::open().await;
    let norms = town.handler.get("/receptions/norms").await.ok().body;
    let county = norms["norms"].as_array().unwrap().iter()
        .find(|it| it["organ_kind"] == "government" && it["organ_level"] == "county").unwrap().clone();
    assert_eq!((&county["period"], &county["sessions"]), (&json!("month"), &json!(1)));
    // The second of March, a Monday: one session that nobody comes to, one that is cancelled, and one in April.
    let mut made = Vec::new();
    for days in [3, 4, 33] {
        made.push(published(&town.clerk, session(&town, &town.leader, days, 2, 0)).await);
    }
    on(&town.clerk, &made[1], "cancellation", json!({"reason": "防汛"})).await.ok();
    let of_leader = async |who: &Staff, query: &str| {
        let told = who.get(&format!("/statistics/receptions{query}")).await.ok().body;
        told["leaders"].as_array().unwrap().iter().find(|it| it["leader"] == json!(town.leader.user)).cloned()
    };
    let before = of_leader(&town.clerk, "").await.unwrap();
    assert_eq!((&before["due"], &before["held"], &before["is_met"]), (&json!(1), &json!(0), &json!(false)));
    town.days_later(3);
    hours_later(&town, 3);
    on(&town.leader, &made[0], "record", json!({"from": "09:00", "until": "11:00"})).await.ok();
    let after = of_leader(&town.leader, "").await.unwrap();
    assert_eq!((&after["held"], &after["is_met"], &after["visit_count"]), (&json!(1), &json!(true), &json!(0)));
    assert_eq!((&after["from"], &after["until"]), (&json!("2026-03-01"), &json!("2026-03-31")));
    let in_april = of_leader(&town.clerk, "?on=2026-04-10").await.unwrap();
    assert_eq!((&in_april["held"], &in_april["until"]), (&json!(0), &json!("2026-04-30")));
    // Supervision sees it, and nobody elsewhere.
    assert!(of_leader(&town.supervisor, "").await.is_some());
    assert!(of_leader(&town.stranger, "").await.is_none());
    assert!(of_leader(&town.grid, "").await.is_none());
    let levels = town.clerk.get("/statistics/receptions").await.ok().body["levels"].clone();
    let county = levels.as_array().unwrap().iter().find(|it| it["level"] == "county").unwrap().clone();
    // The bureau's two leaders... owe theirs still.
    assert_eq!((&county["met"], &county["held"]), (&json!(1), &json!(1)), "{levels}");

    // An office has its own norms.
    let twice = json!({"norms": [{"organ_kind": "government", "organ_level": "county", "period": "week", "sessions": 2},
        {"organ_kind": "government", "organ_level": "county", "period": "month", "sessions": 1}]});
    let refused = town.administrator.caller().put("/admin/reception-norms", twice).await;
    refused.refused(422, "invalid_fields").at("/norms/1/organ_level", "duplicate");
    let weekly = json!({"norms": [{"organ_kind": "government", "organ_level": "county", "period": "week", "sessions": 2}]});
    town.clerk.caller().put("/admin/reception-norms", weekly.clone()).await.refused(403, "forbidden");
    town.administrator.caller().put("/admin/reception-norms", weekly).await.ok();
    let owed = of_leader(&town.clerk, "").await.unwrap();
    assert_eq!((&owed["due"], &owed["held"], &owed["from"]), (&json!(2), &json!(1), &json!("2026-03-02")));
    town.close().await;
}

/// Before a session the leader reads how each matter stands, and on their desk what is near its end.
#[tokio::test]
async fn a_leader_is_briefed_and_has_a_work_list() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    let other = town.clerk.files(claim_of(7)).await;
    let first = published(&town.clerk, session(&town, &town.leader, 3, 4, 0)).await;
    book(&town, &case, &first).await.ok();
    town.days_later(3);
    hours_later(&town, 1);
    let mut ordering = visit_about(&case);
    ordering["instruction"] = json!({"to": town.organs.bureau, "report_due_on": town.day(10)});
    ordering["charge"] = json!({"plan": "每周约谈一次", "target_on": town.day(60)});
    on(&town.clerk, &first, "visits", ordering).await.ok();
    let second = published(&town.clerk, session(&town, &town.leader, 14, 4, 0)).await;
    book(&town, &case, &second).await.ok();
    book(&town, &other, &second).await.ok();

    let briefing = town.leader.get(&format!("/receptions/{second}/briefing")).await.ok().body;
    let matters = briefing["matters"].as_array().unwrap();
    let brief = &matters[0]["matter"];
    assert_eq!((matters.len(), &brief["case_no"], &brief["leader_in_charge"]), (2, &json!(case.case_no), &json!(town.leader.user)));
    assert_eq!(brief["earlier_visits"][0]["opinion"], "请住建局十日内核实兑现并书面答复");
    assert_eq!((&brief["instructions"][0]["state"], brief["obligations"].as_array().unwrap().len()), (&json!("awaiting_report"), 4));
    // A colleague who may not know of the case learns no more than that a place is taken.
    let of_colleague = town.reviewer.get(&format!("/receptions/{second}/briefing")).await.ok().body;
    assert_eq!(of_colleague["matters"][0]["matter"], Value::Null);
    town.handler.get(&format!("/receptions/{second}/briefing")).await.refused(403, "not_yours");

    let list = town.leader.get("/me/work-list").await.ok().body;
    assert_eq!(list["sessions"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect::<Vec<_>>(), [&first, &second]);
    assert_eq!((&list["in_charge"][0]["warning"], &list["overdue_instructions"]), (&json!("normal"), &json!([])));
    town.days_later(12);
    let list = town.leader.get("/me/work-list").await.ok().body;
    let late = &list["overdue_instructions"][0];
    assert_eq!((&late["case_no"], &late["no"], &list["in_charge"][0]["warning"]), (&json!(case.case_no), &json!(1), &json!("overdue")));
    let counted = |warning: &str| list["in_charge_by_warning"].as_array().unwrap().iter()
        .find(|it| it["warning"] == warning).unwrap()["count"].clone();
    assert_eq!((counted("overdue"), counted("normal")), (json!(1), json!(0)));
    assert_eq!(list["sessions"].as_array().unwrap().len(), 1);
    town.clerk.get("/me/work-list").await.refused(403, "not_yours").by(18);
    town.close().await;
}
