//! The full particulars of a case's people, for those who must reach them.

use actix_web::{get, web};
use domain::access::may_see_particulars;
use domain::id::{CaseId, PersonId};
use domain::person::Person;
use domain::refusal::{Refusal, RefusalCode};
use serde::Serialize;
use store::people;
use utoipa::ToSchema;

use super::call::{Caller, CasePath};
use crate::http::problem::Problem;
use crate::http::problem::documented::ReadProblems;
use crate::http::problem::kinds::NOT_FOUND;
use crate::service::cases;

/// A person as registered.
#[derive(Serialize, ToSchema)]
pub struct Particulars {
    id: PersonId,
    /// `petitioner` or `representative`.
    part: &'static str,
    #[serde(flatten)]
    person: Person,
}

/// The people of a case.
#[derive(Serialize, ToSchema)]
pub struct People {
    items: Vec<Particulars>,
}

/// Read the people's particulars
///
/// In full, for those who must notify, visit or deliver: the organ that has the case, its handlers and owners of
/// measures, the review organ, and whoever registered it. Everybody else sees them masked with the case. Each reading
/// is logged with who read which case.
#[utoipa::path(operation_id = "list_case_people", tag = "see", params(CasePath),
    responses((status = 200, description = "The people, in full", body = People), ReadProblems))]
#[get("/{id}/people")]
pub async fn list_case_people(caller: Caller, path: web::Path<String>) -> Result<web::Json<People>, Problem> {
    let id: CaseId = path.parse().ok().ok_or_else(|| Problem::new(NOT_FOUND))?;
    let items = cases::read(&caller.app, caller.actor(), id, move |connection, circumstances, case| {
        if !may_see_particulars(circumstances.actor, case, &circumstances.office.directory) {
            return Err(Refusal::new(RefusalCode::NotYours).into());
        }
        let petitioners = case.filing.petitioners.iter().map(|id| (*id, "petitioner"));
        let representatives = case.filing.representatives.iter().map(|id| (*id, "representative"));
        let parts: Vec<_> = petitioners.chain(representatives).collect();
        let ids: Vec<_> = parts.iter().map(|(id, _)| *id).collect();
        let mut known = people::load_persons(connection, &circumstances.app.sealer, &ids)?;
        let in_full = |(id, part)| known.remove(&id).map(|person| Particulars { id, part, person });
        Ok(parts.into_iter().filter_map(in_full).collect())
    })
    .await?;
    tracing::info!(case = %id, user = %caller.signed_in.staff().user, "full particulars were read");
    Ok(web::Json(People { items }))
}
