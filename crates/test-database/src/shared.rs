//! The server that the tests of one process share, and their databases on it, each copied from a template.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};

use crate::{Contents, PrivateServer, fill};

/// No database of the tests is worth more than the time it takes.
const OPTIONS: [&str; 7] = [
    "fsync=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "checkpoint_timeout=1h",
    "max_wal_size=4GB",
];

/// Names of databases begin so; the number of the connection that made them follows, which stays open as long as
/// they are used.
const PREFIX: &str = "daowei_test_";

/// The server of this process; the first to ask starts it.
pub(crate) fn server() -> &'static Shared {
    static SERVER: OnceLock<Shared> = OnceLock::new();
    SERVER.get_or_init(Shared::open)
}

#[derive(Debug)]
pub(crate) struct Shared {
    /// Of the database that is always there.
    url: String,
    /// Kept to keep the server, unless it is somebody else's; the watchdog ends it.
    _private: Option<PrivateServer>,
    administrator: Mutex<Administrator>,
    /// How a template is copied.
    strategy: &'static str,
    /// What the names of this process's databases begin with.
    prefix: String,
    made: AtomicU32,
    templates: [OnceLock<String>; 3],
}

struct Administrator(PgConnection);

impl std::fmt::Debug for Administrator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Administrator")
    }
}

#[derive(QueryableByName)]
struct Session {
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Integer)]
    version: i32,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

impl Shared {
    fn open() -> Self {
        let private = match std::env::var("TEST_DATABASE_URL") {
            Ok(_) => None,
            Err(_) => Some(PrivateServer::start(&OPTIONS)),
        };
        let url = match &private {
            Some(server) => server.url("postgres"),
            None => std::env::var("TEST_DATABASE_URL").unwrap_or_default(),
        };
        let refused = |error: &dyn std::fmt::Display| -> ! { panic!("the server of the tests: {error}") };
        let mut connection = PgConnection::establish(&url).unwrap_or_else(|error| refused(&error));
        let session = session(&mut connection).unwrap_or_else(|error| refused(&error));
        remove_abandoned(&mut connection).unwrap_or_else(|error| refused(&error));
        // Copying files is quicker where nothing waits for the disk; before version 15 it was the only way.
        let copies_files = private.is_some() && session.version >= 150_000;
        Self {
            url,
            _private: private,
            administrator: Mutex::new(Administrator(connection)),
            strategy: if copies_files { "STRATEGY file_copy" } else { "" },
            prefix: format!("{PREFIX}{}_", session.number),
            made: AtomicU32::new(0),
            templates: [const { OnceLock::new() }; 3],
        }
    }

    /// A new database.
    pub(crate) fn database(&'static self, contents: Contents) -> Database {
        let template = self.template(contents);
        let name = format!("{}{}", self.prefix, self.made.fetch_add(1, Ordering::Relaxed));
        self.must(&format!("CREATE DATABASE {name} TEMPLATE {template} {}", self.strategy));
        Database { url: named(&self.url, &name), name, server: self }
    }

    /// The name of a database that has the contents, and that nobody is connected to.
    fn template(&self, contents: Contents) -> &str {
        let [empty, tables, reference_data] = &self.templates;
        let (place, before) = match contents {
            Contents::Nothing => (empty, None),
            Contents::Tables => (tables, Some(Contents::Nothing)),
            Contents::ReferenceData => (reference_data, Some(Contents::Tables)),
        };
        place.get_or_init(|| {
            let name = format!("{}{contents:?}", self.prefix).to_lowercase();
            match before {
                None => self.create_empty(&name),
                Some(before) => {
                    let before = self.template(before);
                    self.must(&format!("CREATE DATABASE {name} TEMPLATE {before}"));
                    fill(&named(&self.url, &name), contents);
                }
            }
            name
        })
    }

    /// Sorts and compares text as a Chinese dictionary would, so that code which relies on the order of bytes and
    /// does not say so is noticed; a server that cannot do that sorts as it is set up to.
    fn create_empty(&self, name: &str) {
        let create = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
        if self.execute(&format!("{create} LOCALE_PROVIDER icu ICU_LOCALE 'zh'")).is_err() {
            self.must(&create);
        }
    }

    fn execute(&self, statement: &str) -> QueryResult<()> {
        let mut administrator = self.administrator.lock().unwrap_or_else(PoisonError::into_inner);
        administrator.0.batch_execute(statement)
    }

    fn must(&self, statement: &str) {
        self.execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

fn session(connection: &mut PgConnection) -> QueryResult<Session> {
    let asked = "SELECT pg_backend_pid() AS number, current_setting('server_version_num')::int AS version";
    diesel::sql_query(asked).get_result(connection)
}

/// Drops what test processes have left that were killed.
fn remove_abandoned(connection: &mut PgConnection) -> QueryResult<()> {
    let abandoned = diesel::sql_query(
        "SELECT datname::text AS name FROM pg_database WHERE datname LIKE $1 AND NOT EXISTS \
         (SELECT 1 FROM pg_stat_activity WHERE pid::text = split_part(datname, '_', 3))",
    );
    for Name { name } in abandoned.bind::<Text, _>(format!("{PREFIX}%")).load(connection)? {
        connection.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
    }
    Ok(())
}

/// The same address with another database.
fn named(url: &str, database: &str) -> String {
    let (place, parameters) = url.split_once('?').unwrap_or((url, ""));
    let (scheme, rest) = place.split_once("://").unwrap_or(("postgres", place));
    let authority = rest.split_once('/').map_or(rest, |(authority, _)| authority);
    let separator = if parameters.is_empty() { "" } else { "?" };
    format!("{scheme}://{authority}/{database}{separator}{parameters}")
}

/// A database on the shared server, dropped with this value.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) url: String,
    name: String,
    server: &'static Shared,
}

impl Database {
    /// Whether any row has the words, as text or as bytes.
    pub(crate) fn holds(&self, words: &str) -> bool {
        let searched = PgConnection::establish(&self.url)
            .map_err(|error| error.to_string())
            .and_then(|mut connection| holds(&mut connection, words).map_err(|error| error.to_string()));
        searched.unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

fn holds(connection: &mut PgConnection, words: &str) -> QueryResult<bool> {
    let tables =
        "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public'";
    // Bytes are shown as hexadecimal digits.
    let digits: String = words.bytes().map(|byte| format!("{byte:02x}")).collect();
    for Name { name } in diesel::sql_query(tables).load(connection)? {
        let rows = format!(
            "SELECT '' AS name FROM {name} r WHERE strpos(r::text, $1) > 0 OR strpos(r::text, $2) > 0"
        );
        let rows = diesel::sql_query(rows).bind::<Text, _>(words).bind::<Text, _>(&digits);
        if !rows.load::<Name>(connection)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        if let Err(error) = self.server.execute(&drop) {
            eprintln!("{}: {error}", self.name);
        }
    }
}
