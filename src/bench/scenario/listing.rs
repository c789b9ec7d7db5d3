//! Pages of fifty: by who asks, filter, order and depth, each alone and then all mixed.

use std::sync::Arc;

use chrono::Days;
use domain::id::OrganisationId;
use domain::organisation::OrganisationLevel as Level;
use store::Instant;
use store::case_list::{CaseSort, Cursor};

use super::{Bench, CLIENTS, answer, nth, tokens};
use crate::bench::chance::Chance;
use crate::bench::client::get;
use crate::bench::load::{Work, one_by_one};
use crate::bench::plan::Plan;
use crate::bench::report::{Goal, Line};
use crate::bench::scene::instant;
use crate::bench::served::Served;
use crate::bench::world::{Office, Post};

/// Pages a second that arrive in the mix.
const MIXED_RATE: f64 = 100.0;
/// How many pages of one kind are asked for, and for what share of a load's time at most.
const PAGES: usize = 100;
const SHARE: u32 = 10;
/// How many of the slowest kinds are shown; the JSON has all.
const SHOWN: usize = 12;

/// Who asks: a narrow territory, wider ones, and an official whose cases are those of the office.
const WHO: [(&str, Post); 5] = [
    ("grid", Post::GridMember),
    ("township", Post::TownshipClerk),
    ("county", Post::CountyClerk),
    ("city", Post::CityClerk),
    ("department", Post::Handler),
];

/// How far down the list.
const DEPTHS: [&str; 3] = ["first", "middle", "last"];

/// A kind of page.
struct Kind {
    name: String,
    path: String,
    token: String,
}

/// Asks for pages.
///
/// # Errors
/// The server does not answer.
pub fn measure(bench: &mut Bench, server: &Served) -> anyhow::Result<()> {
    let names: Vec<String> = WHO.iter().map(|(_, post)| post.username(0)).collect();
    let tokens = tokens(server.address, &names)?;
    let kinds: Arc<[Kind]> = kinds(&bench.plan, &tokens)?.into();
    let mut lines = Vec::new();
    for (number, kind) in kinds.iter().enumerate() {
        let work = only(&kinds, number);
        let longest = bench.lasting / SHARE;
        let ask = || one_by_one(server.address, PAGES, longest, &work);
        let (outcome, cost) = bench.meter(server).during(ask)?;
        lines.push(Line::of(&kind.name, "1 client".to_owned(), &outcome, cost));
    }
    lines.sort_by(|one, other| other.p99_ms.total_cmp(&one.p99_ms));
    let slowest = lines.first().map(|line| (line.work.clone(), line.p99_ms));
    let median = lines.get(lines.len() / 2).map(|line| line.p50_ms);
    bench.report.lines.extend(lines.iter().take(SHOWN).cloned());
    bench.report.pages = lines;

    let county = bench.plan.world.region_code(Level::County, 0);
    let path = "/api/v1/cases?limit=50".to_owned();
    let token = nth(&tokens, 2)?.clone();
    let body = answer(server.address, get(&path, Some(&token))?)?;
    let first: Work = Arc::new(move |_| get(&path, Some(&token)));
    let (most, at_most) = bench.closed(server, "first page of a county", CLIENTS, &first)?;
    let (_, selected) = bench.bare("a page", &body)?;
    bench.report.goals.push(
        Goal::at_least("first page of a county", "/s", 0.0, Some(most.per_second()))
            .beside(Some(selected), "bare route, one point select"),
    );
    bench.report.notes.push(format!(
        "the first page of county {county} is {} bytes and costs {:.2} ms of CPU",
        body.len(),
        at_most.server_cpu_ms.unwrap_or_default(),
    ));

    let seed = bench.plan.dataset.seed;
    let mixed: Work = Arc::new(move |number| {
        let kind = nth(&kinds, Chance::of(seed, number).next())?;
        get(&kind.path, Some(&kind.token))
    });
    let (_, line) = bench.open(server, "pages of every kind", MIXED_RATE, &mixed)?;
    bench.report.goals.push(Goal::at_most("pages of every kind: p99", "ms", 15.0, Some(line.p99_ms)));
    if let Some((name, p99)) = slowest {
        bench.report.goals.push(Goal::at_most("slowest kind of page: p99", "ms", 15.0, Some(p99)));
        bench.report.notes.push(format!(
            "the slowest kind of page is {name}: {p99:.1} ms; half of the kinds take {:.2} ms or less",
            median.unwrap_or_default()
        ));
    }
    Ok(())
}

fn only(kinds: &Arc<[Kind]>, number: usize) -> Work {
    let kinds = Arc::clone(kinds);
    Arc::new(move |_| {
        let kind = nth(&kinds, u64::try_from(number)?)?;
        get(&kind.path, Some(&kind.token))
    })
}

/// The filters that people use, each by itself, and two together.
fn filters(plan: &Plan) -> Vec<(&'static str, String)> {
    let end = plan.dataset.end;
    let day = |ago: u64| end.checked_sub_days(Days::new(ago)).unwrap_or(end);
    let topic = |place: usize| plan.world.topics.get(place).cloned().unwrap_or_default();
    let department: OrganisationId = Office::CountyDepartment.id(0);
    vec![
        ("none", String::new()),
        ("status, common", "&status=direct_reply".to_owned()),
        ("status, rare", "&status=executing".to_owned()),
        ("statuses", "&status=transferred&status=assigned&status=in_handling".to_owned()),
        ("purpose", "&purpose=suggestion".to_owned()),
        ("topic, common", format!("&topic={}", topic(0))),
        ("topic, rare", format!("&topic={}", topic(plan.world.topics.len() / 2))),
        ("topic, branch", "&topic=01".to_owned()),
        ("holder", format!("&holder={department}")),
        ("handler", format!("&handler={}", Post::Handler.user(0))),
        ("overdue", "&overdue=true".to_owned()),
        ("due", format!("&due_before={end}")),
        ("region", format!("&region={}", plan.world.region_code(Level::Township, 1))),
        ("filed", format!("&filed_from={}&filed_to={}", day(760), day(730))),
        ("resolved", "&double_resolved=true".to_owned()),
        ("status and topic", format!("&status=in_handling&topic={}", topic(0))),
    ]
}

/// Every filter and every order at every depth, for everybody who asks.
fn kinds(plan: &Plan, tokens: &[String]) -> anyhow::Result<Vec<Kind>> {
    const ORDERS: [(&str, CaseSort); 4] = [
        ("-filed_at", CaseSort::NewestFirst),
        ("filed_at", CaseSort::OldestFirst),
        ("next_due_on", CaseSort::DueFirst),
        ("-updated_at", CaseSort::RecentlyUpdated),
    ];
    let mut kinds = Vec::new();
    for ((who, _), token) in WHO.iter().zip(tokens) {
        for (filter, query) in filters(plan) {
            for (order, sort) in ORDERS {
                // Orders other than the usual one with a few filters only, or there would be no end.
                let is_usual = matches!(sort, CaseSort::NewestFirst);
                if !is_usual && !matches!(filter, "none" | "statuses" | "holder") {
                    continue;
                }
                for depth in DEPTHS {
                    let cursor = cursor(plan, sort, depth)?;
                    let cursor = cursor.map_or(String::new(), |cursor| format!("&cursor={cursor}"));
                    kinds.push(Kind {
                        name: format!("{who}: {filter}, {order}, {depth} page"),
                        path: format!("/api/v1/cases?limit=50&sort={order}{query}{cursor}"),
                        token: token.clone(),
                    });
                }
            }
        }
    }
    Ok(kinds)
}

/// A place in the middle of the order, or near its end; none for the first page.
fn cursor(plan: &Plan, sort: CaseSort, depth: &str) -> anyhow::Result<Option<Cursor>> {
    let cases = plan.dataset.cases;
    // Counted from the oldest case.
    let (from_oldest, from_newest) = match depth {
        "first" => return Ok(None),
        "middle" => (cases / 2, cases / 2),
        _ => (cases / 1000, cases - cases / 1000),
    };
    Ok(Some(match sort {
        CaseSort::NewestFirst => Cursor::NewestFirst(plan.id_of(from_oldest)?),
        CaseSort::OldestFirst => Cursor::OldestFirst(plan.id_of(from_newest)?),
        CaseSort::DueFirst if depth == "middle" => {
            let day = plan.dataset.end.checked_sub_days(Days::new(60)).unwrap_or(plan.dataset.end);
            Cursor::DueFirst(Some(day), 0)
        }
        CaseSort::DueFirst => Cursor::DueFirst(None, plan.id_of(from_newest)?),
        CaseSort::RecentlyUpdated => {
            let case = plan.case(from_oldest)?;
            let at = instant(case.day, 20 * 60, plan.zone())?;
            Cursor::RecentlyUpdated(Instant::from(at), i64::MAX)
        }
    }))
}
