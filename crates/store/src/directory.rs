//! The directories and the calendar as the rules need them: parsed, or refused as broken.

use std::fmt::Display;
use std::str::FromStr;

use domain::access::Staff;
use domain::deadline::{Calendar, CalendarDay};
use domain::id::{OrganisationId, UserId};
use domain::organisation::{Directory, Organisation, ReviewRule};

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::organisations::{OrganisationRow, ReviewAuthorityRuleRow};
use crate::users::User;
use crate::{calendar, organisations, users};

/// The organs, the active users and the review rules.
///
/// # Errors
/// [`StoreError::Broken`] for a word or a code that does not parse.
pub fn load_directory(connection: &mut AnyConnection) -> Result<Directory, StoreError> {
    let organs: Vec<_> =
        organisations::load_all(connection)?.iter().map(organisation).collect::<Result<_, _>>()?;
    let staff: Vec<_> = users::load_all(connection)?
        .iter()
        .filter(|user| user.active)
        .map(staff_of)
        .collect::<Result<_, _>>()?;
    let rules: Vec<_> =
        organisations::load_review_rules(connection)?.iter().map(review_rule).collect::<Result<_, _>>()?;
    Ok(Directory::new(organs, staff, rules))
}

/// The days that the notices name, of every year there is.
///
/// # Errors
/// [`StoreError::Broken`] for a kind of day that does not parse.
pub fn load_calendar(connection: &mut AnyConnection) -> Result<Calendar, StoreError> {
    let days: Vec<_> = calendar::load_all(connection)?
        .into_iter()
        .map(|row| {
            let kind = parsed("calendar_days", &row.day, &row.kind)?;
            Ok(CalendarDay { day: row.day, kind, name: row.name, notice: row.notice })
        })
        .collect::<Result<_, StoreError>>()?;
    Ok(Calendar::from_days(days))
}

/// What the rules know of a user, whether active or not.
///
/// # Errors
/// [`StoreError::Broken`] for a role, a duty or a territory that does not parse.
pub fn staff_of(user: &User) -> Result<Staff, StoreError> {
    let duties = user.duties.iter().map(|duty| parsed("users", &user.id, duty)).collect::<Result<_, _>>()?;
    let territory = user.territory.as_ref().map(|code| parsed("users", &user.id, code)).transpose()?;
    Ok(Staff {
        user: UserId::new(user.id),
        role: parsed("users", &user.id, &user.role)?,
        duties,
        organisation: OrganisationId::new(user.organisation_id),
        territory,
        deputy: None,
    })
}

/// What the rules know of an organ.
///
/// # Errors
/// [`StoreError::Broken`] for a kind, a level or a region that does not parse.
pub fn organisation(row: &OrganisationRow) -> Result<Organisation, StoreError> {
    Ok(Organisation {
        id: OrganisationId::new(row.id),
        name: row.name.clone(),
        kind: parsed("organisations", &row.id, &row.kind)?,
        level: parsed("organisations", &row.id, &row.level)?,
        region: parsed("organisations", &row.id, &row.region_code)?,
        superior: row.superior_id.map(OrganisationId::new),
        active: row.active,
    })
}

fn review_rule(row: &ReviewAuthorityRuleRow) -> Result<ReviewRule, StoreError> {
    const TABLE: &str = "review_authority_rules";
    Ok(ReviewRule {
        organ_kind: parsed(TABLE, &row.id, &row.organ_kind)?,
        organ_level: parsed(TABLE, &row.id, &row.organ_level)?,
        stage: parsed(TABLE, &row.id, &row.stage)?,
        authority: parsed(TABLE, &row.id, &row.authority)?,
        named: row.named_organisation_id.map(OrganisationId::new),
        priority: row.priority,
    })
}

fn parsed<T>(table: &'static str, row: &impl Display, word: &str) -> Result<T, StoreError>
where
    T: FromStr,
    T::Err: Display,
{
    word.parse().map_err(|error: T::Err| StoreError::broken(table, format!("{word:?} of {row}: {error}")))
}
