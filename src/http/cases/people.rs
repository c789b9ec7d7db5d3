//! The full particulars of a case's people, for those who must reach them.

use actix_web::{get, web};
use domain::access::may_see_particulars;
use domain::audit::AuditedAct;
use domain::id::{CaseId, PersonId};
use domain::person::Person;
use domain::refusal::{Refusal, RefusalCode};
use serde::Serialize;
use store::people;
use utoipa::ToSchema;

use super::call::{CaseCaller, CasePath};
use super::purpose::PurposeQuery;
use crate::http::problem::Problem;
use crate::http::problem::documented::ReadProblems;
use crate::http::problem::kinds::NOT_FOUND;
use crate::http::query::Query;
use crate::http::then::Then;
use crate::service::audit::{self, Acted};
use crate::service::{ServiceError, cases};

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
/// measures, the leader in charge, the review organ, and whoever registered it. Everybody else sees them masked with the case. Each reading
/// is for a stated purpose, and is recorded with who read which case; so is each that is refused.
#[utoipa::path(operation_id = "list_case_people", tag = "see", params(CasePath, PurposeQuery),
    responses((status = 200, description = "The people, in full", body = People), ReadProblems))]
#[get("/{id}/people")]
pub async fn list_case_people(
    Then(CaseCaller(caller), query): Then<CaseCaller, Query<PurposeQuery>>,
    path: web::Path<String>,
) -> Result<web::Json<People>, Problem> {
    let id: CaseId = path.parse().ok().ok_or_else(|| Problem::new(NOT_FOUND))?;
    let purpose = query.0.stated()?;
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
    });
    let (act, client) = (AuditedAct::ReadParticulars, caller.client);
    let items = match items.await {
        Err(error @ ServiceError::Refused(_)) => {
            let refused = Acted::refused(act).on_case(id, purpose.as_ref());
            audit::note(&caller.app, client, refused).await?;
            return Err(error.into());
        }
        items => items?,
    };
    audit::viewing(&caller.app, client, act, id, purpose.as_ref()).await?;
    Ok(web::Json(People { items }))
}
