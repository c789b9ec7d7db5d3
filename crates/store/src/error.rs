//! What can go wrong in the store, told apart by what a caller does about it.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

use crate::sealing::SealError;

/// Why the store did not do what it was asked; only [`StoreError::Conflict`], [`StoreError::NotFound`] and
/// [`StoreError::MissingReference`] can be the caller's doing.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// More work waits than the store takes on; the same request may succeed a moment later.
    #[error("the store has more work waiting than it takes on")]
    Busy,
    /// The store was closed, or its writer is gone.
    #[error("the store is closed")]
    Closed,
    /// A value that must be unique is there already; the name is `<table>_<columns>_key` on both engines.
    #[error("a value that must be unique is there already ({constraint})")]
    Conflict { constraint: String },
    /// A row refers to one that is not there.
    #[error("a row refers to one that is not there")]
    MissingReference,
    /// The row asked for is not there.
    #[error("no such row")]
    NotFound,
    /// What is asked for was destroyed after the retention term.
    #[error("what was sealed was destroyed after the retention term")]
    Erased,
    /// The place to go on from is one of a list in another order.
    #[error("the cursor is of a list in another order")]
    WrongCursor,
    /// A stored row does not parse: the data are damaged, or another program wrote them.
    #[error("a row of {table} does not parse: {detail}")]
    Broken { table: &'static str, detail: String },
    /// The database was migrated by a later version of this program.
    #[error("the database has migration {version}, which this program does not know; use the newer program")]
    NewerSchema { version: String },
    /// A migration failed; the database is as it was before that migration.
    #[error("the database could not be brought up to date: {detail}")]
    Migration { detail: String },
    /// The address does not say where a database is.
    #[error("{0}")]
    Address(#[from] crate::connection::AddressError),
    /// What was asked for is another engine's own.
    #[error("{0}")]
    OtherEngine(&'static str),
    /// The database's server does not answer; nothing was changed.
    #[error("the database does not answer: {detail}")]
    Unreachable { detail: String },
    /// The connection broke while the commit was on its way, so nobody knows here whether it came about.
    #[error("the connection to the database broke during the commit: {detail}")]
    NotConfirmed { detail: String },
    /// Other transactions were in the way each time that this one was tried.
    #[error("other transactions were in the way: {detail}")]
    Contended { detail: String },
    /// Another transaction held what this one needs for too long.
    #[error("another transaction holds what this one needs: {detail}")]
    Locked { detail: String },
    /// The statement ran longer than any may.
    #[error("the database took too long: {detail}")]
    TimedOut { detail: String },
    /// There is no room left on the database's disk; nothing was changed.
    #[error("the database has no room left: {detail}")]
    Full { detail: String },
    /// The database could not be opened.
    #[error("cannot open the database: {detail}")]
    CannotOpen { detail: String },
    /// The work panicked; nothing of it was kept.
    #[error("the work on the database panicked and was undone")]
    Panicked,
    /// The commit that carried the work failed; nothing of it was kept.
    #[error("the commit failed and was undone: {detail}")]
    NotCommitted { detail: String },
    /// A sealed field could not be opened or made.
    #[error(transparent)]
    Sealing(#[from] SealError),
    /// Anything else that the database said.
    #[error("the database refused")]
    Database(#[source] DieselError),
}

impl StoreError {
    pub(crate) fn broken(table: &'static str, detail: impl ToString) -> Self {
        Self::Broken { table, detail: detail.to_string() }
    }

    /// The same, and of what does not fit its column also in which table that is.
    pub(crate) fn in_table(self, table: &'static str) -> Self {
        match self {
            Self::Broken { detail, .. } => Self::Broken { table, detail },
            other => other,
        }
    }

    /// Whether the database is away or overloaded: nothing is wrong with what was asked, and a moment later it may succeed.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Busy
                | Self::Closed
                | Self::Unreachable { .. }
                | Self::NotConfirmed { .. }
                | Self::NotCommitted { .. }
                | Self::Contended { .. }
                | Self::Locked { .. }
                | Self::TimedOut { .. }
                | Self::CannotOpen { .. }
                | Self::Full { .. }
        )
    }

    /// Whether this is the unique constraint of that name, as in `users_username_key`.
    pub fn is_conflict_on(&self, name: &str) -> bool {
        matches!(self, Self::Conflict { constraint } if constraint == name)
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Self::NotFound,
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, information) => {
                Self::Conflict { constraint: constraint_name(information.as_ref()) }
            }
            DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => Self::MissingReference,
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, information) => {
                Self::Contended { detail: information.message().to_owned() }
            }
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                information,
            ) => Self::Unreachable { detail: information.message().to_owned() },
            DieselError::DatabaseError(DatabaseErrorKind::Unknown, information) => {
                of_message(information.message()).unwrap_or_else(|| {
                    Self::Database(DieselError::DatabaseError(DatabaseErrorKind::Unknown, information))
                })
            }
            DieselError::DeserializationError(error) => {
                let cause = error.source().map(|source| format!(": {source}")).unwrap_or_default();
                Self::broken("the queried tables", format!("{error}{cause}"))
            }
            other => Self::Database(other),
        }
    }
}

/// The constraint's name as PostgreSQL would give it: SQLite only says it in a message,
/// `UNIQUE constraint failed: users.username` or `…: events.case_id, events.seq`.
fn constraint_name(information: &dyn DatabaseErrorInformation) -> String {
    if let Some(name) = information.constraint_name() {
        return name.to_owned();
    }
    let message = information.message();
    let Some((_, columns)) = message.split_once("constraint failed: ") else {
        return message.to_owned();
    };
    let mut table = "";
    let mut name = String::new();
    for column in columns.split(", ") {
        let (owner, field) = column.split_once('.').unwrap_or(("", column));
        table = owner;
        name.push_str(field);
        name.push('_');
    }
    format!("{table}_{name}key")
}

/// What neither engine's diesel gives a kind of its own: read from the message, in the languages that a server may
/// be set to speak.
fn of_message(message: &str) -> Option<StoreError> {
    let says = |any_of: &[&str]| any_of.iter().any(|words| message.contains(words));
    let detail = || message.to_owned();
    if says(&["database is locked", "database table is locked"]) {
        return Some(StoreError::Busy);
    }
    if says(&["deadlock detected", "检测到死锁"]) {
        return Some(StoreError::Contended { detail: detail() });
    }
    if says(&["due to lock timeout", "由于锁超时"]) {
        return Some(StoreError::Locked { detail: detail() });
    }
    if says(&["due to statement timeout", "由于语句执行超时"]) {
        return Some(StoreError::TimedOut { detail: detail() });
    }
    if says(&["disk is full", "disk I/O error", "No space left", "设备上没有空间"]) {
        return Some(StoreError::Full { detail: detail() });
    }
    None
}

/// An error that may carry the store's own, by which the store sees whether trying again may help.
pub trait Failure: From<StoreError> {
    /// The store's error in this one.
    fn as_store_error(&self) -> Option<&StoreError>;
}

impl Failure for StoreError {
    fn as_store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}
