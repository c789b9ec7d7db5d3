//! The floors: a bare server that answers the same bytes, and the engine's own inserts of the same rows.

use std::cell::RefCell;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use actix_web::{App as ActixApp, HttpResponse, HttpServer, web};
use anyhow::Context;
use domain::id::PersonId;
use domain::language::Language;
use serde_json::json;
use store::connection::{self, Purpose};
use store::floor::{self, FilingRows};
use store::idempotency::KeptAnswer;
use store::{AnyConnection, DatabaseUrl, Instant, bulk, meta};

use super::filling::{FILLED, Teller, filled};
use super::people;
use super::plan::Plan;
use super::stopwatch::Stopwatch;
use crate::app::App;
use crate::config::Settings;
use crate::service::known_cases::Showing;

/// How many rows the point select chooses among.
pub const SELECTABLE: i32 = 1000;
/// How many petitions the engine's floor puts into one commit: as many as there are clients.
const GROUP: usize = 32;
const GROUPS: usize = 100;
/// How the answer to a filing showed the case, which is kept with its key.
const SHOWN: Showing = Showing { language: Language::Chinese, with_code: true, with_repeats: false };
/// Connections that write to a database server at a time; an embedded database has one writer.
const SERVER_WRITERS: usize = 8;
/// Threads of the bare server where each waits for a database server.
const SERVER_READERS: usize = 16;
/// People of the floor's petitions are numbered from here, so that none is one of the data set.
const PEOPLE: u64 = 1 << 40;

/// Where the rows for the point select are: an embedded database of their own, or a table beside the others.
fn selectable_url(settings: &Settings) -> DatabaseUrl {
    match &settings.database_url {
        DatabaseUrl::Sqlite(_) => DatabaseUrl::Sqlite(settings.data.join("bench-floor.db")),
        server @ DatabaseUrl::Postgres(_) => server.clone(),
    }
}

/// Puts the bytes where the bare server finds them, and answers the file of them.
///
/// # Errors
/// The data directory or the database cannot be written.
pub fn prepare(settings: &Settings, bytes: &[u8]) -> anyhow::Result<PathBuf> {
    let file = settings.data.join("bench-floor.bytes");
    std::fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))?;
    let mut connection = connection::open(&selectable_url(settings), Purpose::Migrate)?;
    floor::make_selectable(&mut connection, bytes, SELECTABLE)?;
    Ok(file)
}

/// Takes away what [`prepare`] made.
///
/// # Errors
/// The database cannot be written.
pub fn clean_up(settings: &Settings) -> anyhow::Result<()> {
    let mut connection = connection::open(&selectable_url(settings), Purpose::Migrate)?;
    Ok(floor::remove_selectable(&mut connection)?)
}

/// Serves the bytes bare, and after one point select, until the process is ended; `when_ready` is told the address.
///
/// # Errors
/// The server cannot start.
pub fn serve(
    settings: &Settings,
    bytes: &Path,
    when_ready: impl FnOnce(&str) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let body = web::Bytes::from(std::fs::read(bytes)?);
    let url = selectable_url(settings);
    let workers = match url {
        DatabaseUrl::Sqlite(_) => settings.workers,
        // Each thread waits for its own connection, so there are more of them than processors.
        DatabaseUrl::Postgres(_) => SERVER_READERS,
    };
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(move || {
            let connection = connection::open(&url, Purpose::Read);
            ActixApp::new()
                .app_data(web::Data::new(body.clone()))
                .app_data(web::Data::new(RefCell::new(connection.ok())))
                .route("/bytes/{id}", web::get().to(answer_bytes))
                .route("/select/{id}", web::get().to(answer_selected))
        });
        let running = server.workers(workers).listen(listener)?.run();
        when_ready(&json!({ "url": format!("http://{address}") }).to_string())?;
        Ok(running.await?)
    })
}

async fn answer_bytes(body: web::Data<web::Bytes>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(body.get_ref().clone())
}

/// The select runs on the thread that answers: nothing is as quick.
async fn answer_selected(
    connection: web::Data<RefCell<Option<AnyConnection>>>,
    id: web::Path<i32>,
) -> HttpResponse {
    let mut connection = connection.borrow_mut();
    match connection.as_mut().map(|connection| floor::select(connection, *id)) {
        Some(Ok(body)) => HttpResponse::Ok().content_type("application/json").body(body),
        _ => HttpResponse::ServiceUnavailable().finish(),
    }
}

/// Petitions a second that the engine takes: prepared inserts of the same rows, in commits as large as a group of
/// clients can make, each on disk.
///
/// # Errors
/// The database cannot be written.
pub fn filings_per_second(app: &App, plan: &Plan) -> anyhow::Result<f64> {
    let url = &app.settings.database_url;
    let writers = if matches!(url, DatabaseUrl::Sqlite(_)) { 1 } else { SERVER_WRITERS };
    let mut connection = bulk::open(url)?;
    let from = filled(&mut connection)?;
    let count = u64::try_from(GROUP * GROUPS)?;
    let mut teller = Teller::new(app, &mut connection, plan)?;
    let rows = (from..from + count).map(|serial| filing_rows(app, plan, &mut teller, serial));
    let rows = rows.collect::<anyhow::Result<Vec<_>>>()?;
    // First, so that a run that is broken off leaves gaps and never a number that is given out twice.
    bulk::write(&mut connection, |connection| {
        bulk::set_case_numbers(connection, &teller.numbers())?;
        meta::set(connection, FILLED, &(from + count).to_string())
    })?;
    let mut connections = vec![connection::open(url, Purpose::Write)?];
    while connections.len() < writers {
        connections.push(connection::open(url, Purpose::Write)?);
    }
    let groups: Vec<&[FilingRows]> = rows.chunks(GROUP).collect();
    let share = groups.len().div_ceil(writers);
    let watch = Stopwatch::start();
    std::thread::scope(|scope| {
        let writing = connections.iter_mut().zip(groups.chunks(share)).map(|(connection, groups)| {
            scope.spawn(move || groups.iter().try_for_each(|group| floor::commit_filings(connection, group)))
        });
        let writing: Vec<_> = writing.collect();
        for writer in writing {
            writer.join().map_err(|_panicked| anyhow::anyhow!("a writer of the floor panicked"))??;
        }
        Ok::<_, anyhow::Error>(())
    })?;
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let per_second = count as f64 / watch.elapsed().as_secs_f64();
    Ok(per_second)
}

fn filing_rows(app: &App, plan: &Plan, teller: &mut Teller<'_>, serial: u64) -> anyhow::Result<FilingRows> {
    let number = PEOPLE + serial;
    let case = teller.filing(serial, number)?;
    let filed_at = case.projection.case.filed_at;
    let id = PersonId::new(super::plan::person_id(number));
    let person = (id, people::person(plan.dataset.seed, serial)?, filed_at.into());
    let answer = KeptAnswer {
        actor: "bench:floor".to_owned(),
        key: format!("floor-{serial}"),
        fingerprint: vec![0; 32],
        status: 201,
        body: serde_json::to_string(&SHOWN)?,
        etag: Some("\"3\"".to_owned()),
        location: Some(format!("/api/v1/cases/{}", domain::id::CaseId::new(case.projection.case.id))),
        created_at: filed_at,
        expires_at: Instant::from(app.clock.now() + chrono::TimeDelta::days(1)),
        case_id: Some(case.projection.case.id),
        case_version: Some(case.projection.case.version),
    };
    Ok(FilingRows::new(&app.sealer, &person, case, answer)?)
}
