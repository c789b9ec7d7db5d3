//! What the petitioner does with the query code.

use std::sync::Arc;

use domain::access::Actor;
use domain::case::{Case, Command};
use domain::language::Language;
use store::{AnyConnection, case_journal};

use super::ServiceError;
use super::cases::{Call, id_of_query_code};
use super::execute::{Circumstances, execute};
use super::repeatable::{KEPT_FOR_GRID_MEMBERS, repeatable};
use crate::app::App;
use crate::http::answer::Answer;
use crate::http::public::Progress;

/// The progress of the case that the code names.
///
/// # Errors
/// No case has the code.
pub async fn progress(app: &Arc<App>, code: String, language: Language) -> Result<Progress, ServiceError> {
    let inner = Arc::clone(app);
    app.store
        .read(move |connection| {
            let circumstances = Circumstances::of(&inner, connection, &Actor::Petitioner)?;
            let id = id_of_query_code(connection, &code)?;
            let case =
                case_journal::load_case(connection, &inner.sealer, id)?.ok_or(ServiceError::NotFound)?;
            Progress::of(connection, &circumstances, &case, language)
        })
        .await
}

/// Gives the petitioner's command on the case that the code names.
///
/// # Errors
/// No case has the code; the domain's refusal; as [`repeatable`].
pub async fn command(
    app: &Arc<App>,
    call: Call,
    code: String,
    command: impl Fn(&Case) -> Command + Send + 'static,
) -> Result<Answer, ServiceError> {
    let Call { actor, caller_key, key, fingerprint, expected, language, .. } = call;
    let inner = Arc::clone(app);
    let work = move |connection: &mut AnyConnection| {
        let circumstances = Circumstances::of(&inner, connection, &actor)?;
        let id = id_of_query_code(connection, &code)?;
        let case = case_journal::load_case(connection, &inner.sealer, id)?.ok_or(ServiceError::NotFound)?;
        let after = execute(connection, &circumstances, id, &expected, &command(&case))?;
        let progress = Progress::of(connection, &circumstances, &after, language)?;
        Ok(Answer::ok(&progress)?.version(i64::from(after.version)))
    };
    // As long as a phone may be offline: a petitioner's is no better connected than a grid member's.
    repeatable(app, &caller_key, key, fingerprint, KEPT_FOR_GRID_MEMBERS, work).await
}
