//! Keeping the table of who reviews whose decisions (Art. 35, 36).

use std::fmt::Display;
use std::str::FromStr;

use actix_web::{HttpRequest, HttpResponse, get, put};
use domain::id::OrganisationId;
use domain::organisation::{OrganisationKind, OrganisationLevel, ReviewAuthority, ReviewStage};
use serde::{Deserialize, Serialize};
use store::StoreError;
use store::organisations::ReviewAuthorityRuleRow;
use utoipa::ToSchema;

use super::SystemAdministrator;
use crate::http::answer::Answer;
use crate::http::cases::call::{KeyHeader, MatchHeader};
use crate::http::conditional::Expected;
use crate::http::directory;
use crate::http::json::Payload;
use crate::http::problem::Problem;
use crate::http::problem::documented::{CommandProblems, ReadProblems};
use crate::http::then::Then;
use crate::service::directories::review_rules;

/// Who reviews or re-reviews the decisions of organs of a kind and level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewRuleEntry {
    pub organ_kind: OrganisationKind,
    pub organ_level: OrganisationLevel,
    pub stage: ReviewStage,
    pub authority: ReviewAuthority,
    /// The organ, where the authority is a named one.
    #[serde(default)]
    pub named: Option<OrganisationId>,
    /// Lower is tried first; the first rule that finds an active organ holds.
    pub priority: i32,
}

impl ReviewRuleEntry {
    /// Reads a stored rule.
    ///
    /// # Errors
    /// A word that does not parse.
    pub fn read(row: &ReviewAuthorityRuleRow) -> Result<Self, StoreError> {
        Ok(Self {
            organ_kind: parsed(&row.organ_kind)?,
            organ_level: parsed(&row.organ_level)?,
            stage: parsed(&row.stage)?,
            authority: parsed(&row.authority)?,
            named: row.named_organisation_id.map(OrganisationId::new),
            priority: row.priority,
        })
    }
}

fn parsed<T: FromStr>(word: &str) -> Result<T, StoreError>
where
    T::Err: Display,
{
    word.parse().map_err(|error: T::Err| StoreError::Broken {
        table: "review_authority_rules",
        detail: format!("{word:?}: {error}"),
    })
}

/// The whole table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewRules {
    /// In the order in which they are tried.
    #[schema(max_items = 1000)]
    pub rules: Vec<ReviewRuleEntry>,
}

/// Read the review rules
///
/// Who reviews (Art. 35) and re-reviews (Art. 36). Where no rule finds an organ, it is the superior.
#[utoipa::path(operation_id = "get_review_rules", tag = "administer", responses(
    (status = 200, description = "The table", body = ReviewRules), ReadProblems,
))]
#[get("/review-rules")]
pub async fn get_review_rules(
    administrator: SystemAdministrator,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (version, rules) = review_rules::list(&administrator.0.app).await?;
    directory::answer(&request, version, &rules, None)
}

/// Replace the review rules
///
/// Puts the whole table in the place of the earlier one.
#[utoipa::path(operation_id = "replace_review_rules", tag = "administer", params(KeyHeader, MatchHeader),
    request_body(content = ReviewRules, example = json!({"rules": [{
        "organ_kind": "functional_department", "organ_level": "county", "stage": "review",
        "authority": "same_level_government", "priority": 10
    }]})),
    responses((status = 200, description = "The table", body = ReviewRules), CommandProblems))]
#[put("/review-rules")]
pub async fn replace_review_rules(
    Then(administrator, body): Then<SystemAdministrator, Payload<ReviewRules>>,
    expected: Expected,
) -> Result<Answer, Problem> {
    let (app, call) = administrator.0.call(body.fingerprint, expected);
    Ok(review_rules::replace(&app, call, body.value).await?)
}
