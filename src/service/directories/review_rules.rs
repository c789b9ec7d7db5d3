//! The table of who reviews (Art. 35) and re-reviews (Art. 36): local rules differ, so it is data.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::audit::AuditedAct;
use domain::id::OrganisationId;
use domain::organisation::ReviewAuthority;
use domain::refusal::FieldCode;
use store::organisations::{self, ReviewAuthorityRuleRow};

use super::{Changed, DirectoryFault, Faults, Versioned, change, read};
use crate::app::App;
use crate::http::admin::review_rules::{ReviewRuleEntry, ReviewRules};
use crate::http::answer::Answer;
use crate::service::ServiceError;
use crate::service::audit::Acted;
use crate::service::cases::Call;

/// The rules in the order in which they are tried.
///
/// # Errors
/// A rule that does not parse, or what the database says.
pub async fn list(app: &App) -> Result<Versioned<ReviewRules>, ServiceError> {
    read(app, |connection| {
        let rows = organisations::load_review_rules(connection)?;
        let rules = rows.iter().map(ReviewRuleEntry::read).collect::<Result<_, _>>()?;
        Ok(ReviewRules { rules })
    })
    .await
}

/// Puts these rules in the place of all earlier ones.
///
/// # Errors
/// A rule does not hold; the version has moved on.
pub async fn replace(app: &Arc<App>, call: Call, table: ReviewRules) -> Result<Answer, ServiceError> {
    let ids: Vec<i64> = table.rules.iter().map(|_| app.ids.next_number()).collect();
    change(app, call, Acted::done(AuditedAct::ReplaceReviewRules), move |connection| {
        let known: HashMap<i64, bool> =
            organisations::load_all(connection)?.into_iter().map(|row| (row.id, row.active)).collect();
        check(&table.rules, |id| known.get(&id.get()).is_some_and(|active| *active))?;
        let rows: Vec<_> = ids.iter().zip(&table.rules).map(|(id, rule)| row(*id, rule)).collect();
        organisations::replace_review_rules(connection, &rows)?;
        Ok(Changed::there(table.clone()))
    })
    .await
}

fn check(rules: &[ReviewRuleEntry], is_active: impl Fn(OrganisationId) -> bool) -> Result<(), ServiceError> {
    let mut faults = Faults::default();
    let mut places = HashSet::new();
    for (place, rule) in rules.iter().enumerate() {
        let pointer = |field: &str| format!("/rules/{place}/{field}");
        let fits = (rule.authority == ReviewAuthority::Named) == rule.named.is_some();
        faults.expect(fits, pointer("named"), DirectoryFault::NamedOrganisationMismatch);
        let is_known = rule.named.is_none_or(&is_active);
        faults.expect(is_known, pointer("named"), FieldCode::UnknownOrganisation);
        let is_first = places.insert((rule.organ_kind, rule.organ_level, rule.stage, rule.priority));
        faults.expect(is_first, pointer("priority"), FieldCode::Duplicate);
    }
    faults.finish()
}

fn row(id: i64, rule: &ReviewRuleEntry) -> ReviewAuthorityRuleRow {
    ReviewAuthorityRuleRow {
        id,
        organ_kind: rule.organ_kind.as_ref().to_owned(),
        organ_level: rule.organ_level.as_ref().to_owned(),
        stage: rule.stage.as_ref().to_owned(),
        authority: rule.authority.as_ref().to_owned(),
        named_organisation_id: rule.named.map(OrganisationId::get),
        priority: rule.priority,
    }
}
