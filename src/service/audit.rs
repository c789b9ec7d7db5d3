//! The audit trail: what is recorded of an act, in the act's own transaction wherever it has one.

use std::net::IpAddr;
use std::sync::Arc;

use domain::audit::{AuditOutcome, AuditedAct};
use domain::case::CommandKind;
use domain::id::{CaseId, UserId};
use domain::text::Line;
use serde::Serialize;
use store::audit::{self, EntryRow};
use store::{AnyConnection, StoreError};

use super::ServiceError;
use crate::app::App;

/// Who asks, and from where; nobody is known before a sign-in or behind a petitioner's code.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    /// Whose account it is.
    pub user: Option<UserId>,
    /// In whose place, where a deputy acts.
    pub on_behalf_of: Option<UserId>,
    /// As the outermost trusted proxy has seen it; none on the command line.
    pub address: Option<IpAddr>,
}

impl Client {
    /// Whoever runs the program on the machine itself.
    pub const COMMAND_LINE: Self = Self { user: None, on_behalf_of: None, address: None };

    /// Somebody in their own place, or nobody known, at that address.
    pub const fn at(address: IpAddr, user: Option<UserId>) -> Self {
        Self { user, on_behalf_of: None, address: Some(address) }
    }
}

/// An act to be recorded.
#[derive(Debug, Clone)]
pub struct Acted {
    act: AuditedAct,
    outcome: AuditOutcome,
    case: Option<CaseId>,
    subject: Option<String>,
    purpose: Option<String>,
    details: String,
}

impl Acted {
    /// The act, done.
    pub fn done(act: AuditedAct) -> Self {
        let details = "{}".to_owned();
        Self { act, outcome: AuditOutcome::Done, case: None, subject: None, purpose: None, details }
    }

    /// The act, refused.
    pub fn refused(act: AuditedAct) -> Self {
        Self { outcome: AuditOutcome::Refused, ..Self::done(act) }
    }

    /// On what, as `kind:id`.
    pub fn on(self, subject: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()), ..self }
    }

    /// On that account.
    pub fn on_account(self, user: UserId) -> Self {
        self.on(format!("user:{user}"))
    }

    /// On that case, for a purpose that was stated.
    pub fn on_case(self, case: CaseId, purpose: Option<&Line>) -> Self {
        Self { case: Some(case), purpose: purpose.map(|purpose| purpose.as_str().to_owned()), ..self }
    }

    /// On that case, for the sake of a command whose answer shows it.
    pub fn for_command(self, case: CaseId, command: CommandKind) -> Self {
        Self { case: Some(case), purpose: Some(command.as_ref().to_owned()), ..self }
    }

    /// With what there is to be known of it; never with the value of a personal field.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn with(self, details: &impl Serialize) -> Result<Self, ServiceError> {
        Ok(Self { details: serde_json::to_string(details)?, ..self })
    }
}

/// Records an act in this transaction.
///
/// # Errors
/// What the database says.
pub fn record(
    connection: &mut AnyConnection,
    app: &App,
    client: &Client,
    acted: &Acted,
) -> Result<(), StoreError> {
    let entry = EntryRow {
        id: app.ids.next_number(),
        recorded_at: app.clock.now().into(),
        act: acted.act.as_ref().to_owned(),
        outcome: acted.outcome.as_ref().to_owned(),
        user_id: client.user.map(UserId::get),
        on_behalf_of_id: client.on_behalf_of.map(UserId::get),
        address: client.address.map(|address| address.to_canonical().to_string()),
        case_id: acted.case.map(CaseId::get),
        subject: acted.subject.clone(),
        purpose: acted.purpose.clone(),
        details: acted.details.clone(),
    };
    audit::record(connection, &entry)
}

/// Records an act that has no transaction of its own: it is on disk before anything is answered.
///
/// # Errors
/// What the database says; the act must not be answered then.
pub async fn note(app: &Arc<App>, client: Client, acted: Acted) -> Result<(), ServiceError> {
    let inner = Arc::clone(app);
    let recorded = app.store.write(move |connection| record(connection, &inner, &client, &acted));
    Ok(recorded.await?)
}

/// Records that somebody reads what only some may read, for the purpose that they state.
///
/// # Errors
/// [`ServiceError::PurposeRequired`] without a purpose; what the database says. Nothing is shown then.
pub async fn viewing(
    app: &Arc<App>,
    client: Client,
    act: AuditedAct,
    case: CaseId,
    purpose: Option<&Line>,
) -> Result<(), ServiceError> {
    let purpose = purpose.ok_or(ServiceError::PurposeRequired)?;
    note(app, client, Acted::done(act).on_case(case, Some(purpose))).await
}
