//! How often leaders are to receive visits: local, so it is data.

use std::collections::HashSet;
use std::sync::Arc;

use domain::audit::AuditedAct;
use domain::reception::norms::MOST_SESSIONS;
use domain::refusal::FieldCode;
use store::reception_norms;

use super::{Changed, Faults, Versioned, change, read};
use crate::app::App;
use crate::http::answer::Answer;
use crate::http::receptions::norms::ReceptionNorms;
use crate::service::ServiceError;
use crate::service::audit::Acted;
use crate::service::cases::Call;

/// The norms.
///
/// # Errors
/// A norm that does not parse, or what the database says.
pub async fn list(app: &App) -> Result<Versioned<ReceptionNorms>, ServiceError> {
    read(app, |connection| Ok(ReceptionNorms { norms: reception_norms::load_all(connection)? })).await
}

/// Puts these norms in the place of all earlier ones.
///
/// # Errors
/// A norm does not hold; the version has moved on.
pub async fn replace(app: &Arc<App>, call: Call, table: ReceptionNorms) -> Result<Answer, ServiceError> {
    change(app, call, Acted::done(AuditedAct::ReplaceReceptionNorms), move |connection| {
        let mut faults = Faults::default();
        let mut places = HashSet::new();
        for (place, norm) in table.norms.iter().enumerate() {
            let pointer = |field: &str| format!("/norms/{place}/{field}");
            faults.expect(norm.sessions <= MOST_SESSIONS, pointer("sessions"), FieldCode::OutOfRange);
            let is_first = places.insert((norm.organ_kind, norm.organ_level));
            faults.expect(is_first, pointer("organ_level"), FieldCode::Duplicate);
        }
        faults.finish()?;
        reception_norms::replace_all(connection, &table.norms)?;
        Ok(Changed::there(table.clone()))
    })
    .await
}
