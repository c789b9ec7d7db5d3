//! The tree of topics: what is renamed is renamed in everything below it, and so is what is withdrawn.

use std::sync::Arc;

use domain::audit::AuditedAct;
use store::topics::{self, TopicRow};
use store::{AnyConnection, meta};

use super::{Changed, DirectoryFault, Faults, Versioned, change, read};
use crate::app::App;
use crate::http::admin::topics::{NewTopic, TopicEntry};
use crate::http::answer::Answer;
use crate::http::topics::TopicView;
use crate::service::ServiceError;
use crate::service::audit::Acted;
use crate::service::cases::Call;

/// The edition of topics that an office adds at the top.
const OWN_VERSION: &str = "local";

/// What a list of topics is narrowed to.
#[derive(Debug, Default)]
pub struct TopicFilter {
    /// Of this first level, by its name.
    pub level1: Option<String>,
    /// Of this second level, by its name.
    pub level2: Option<String>,
    /// Directly below the topic of this code.
    pub parent: Option<String>,
    /// How deep in the tree, 1 to 3.
    pub level: Option<u8>,
    /// A part of a name of any of its levels.
    pub part_of_name: Option<String>,
    /// Whether it is in use still.
    pub active: Option<bool>,
}

impl TopicFilter {
    fn lets_through(&self, row: &TopicRow) -> bool {
        let is = |wanted: &Option<String>, name: &str| wanted.as_ref().is_none_or(|wanted| wanted == name);
        let code_above = above(&row.code);
        is(&self.level1, &row.level1)
            && is(&self.level2, &row.level2)
            && self.parent.as_ref().is_none_or(|parent| code_above.as_ref() == Some(parent))
            && self.level.is_none_or(|level| level == level_of(&row.code))
            && self.active.is_none_or(|active| active == row.active)
            && self.part_of_name.as_ref().is_none_or(|part| {
                [&row.level1, &row.level2, &row.level3].iter().any(|name| name.contains(part.as_str()))
            })
    }
}

/// The level of a code of six digits: 1 to 3.
pub fn level_of(code: &str) -> u8 {
    match (code.ends_with("0000"), code.ends_with("00")) {
        (true, _) => 1,
        (false, true) => 2,
        (false, false) => 3,
    }
}

/// The code of the topic above, if the topic is not of the first level.
pub fn above(code: &str) -> Option<String> {
    let kept = match level_of(code) {
        1 => return None,
        2 => code.get(..2)?,
        _ => code.get(..4)?,
    };
    Some(format!("{kept:0<6}"))
}

/// The digits with which the codes of the topic and of everything below it begin.
fn prefix(code: &str) -> &str {
    code.get(..2 * usize::from(level_of(code))).unwrap_or(code)
}

fn is_well_formed(code: &str) -> bool {
    let digits = code.len() == 6 && code.bytes().all(|digit| digit.is_ascii_digit());
    let group = |from: usize| code.get(from..from + 2).is_some_and(|pair| pair != "00");
    digits && group(0) && (group(2) || !group(4))
}

/// Up to `limit` topics after the code, in the order of their codes.
///
/// # Errors
/// What the database says.
pub async fn list(
    app: &App,
    filter: TopicFilter,
    after: Option<String>,
    limit: i64,
) -> Result<Versioned<Vec<TopicRow>>, ServiceError> {
    read(app, move |connection| {
        // The national tree has some hundred topics, of which a part of a name is looked for in each.
        let rows = topics::load_all(connection)?.into_iter();
        let rest = rows.filter(|row| after.as_ref().is_none_or(|after| row.code > *after));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(rest.filter(|row| filter.lets_through(row)).take(limit).collect())
    })
    .await
}

/// Adds a topic below one that is there, or at the top.
///
/// # Errors
/// The code is taken or not one; nothing active stands above it.
pub async fn add(app: &Arc<App>, call: Call, new: NewTopic) -> Result<Answer, ServiceError> {
    let acted = Acted::done(AuditedAct::AddTopic).on(format!("topic:{}", new.code));
    change(app, call, acted, move |connection| {
        if !is_well_formed(&new.code) {
            return Err(Faults::only("/code", DirectoryFault::MalformedTopicCode));
        }
        let known = topics::load_all(connection)?;
        if known.iter().any(|row| row.code == new.code) {
            return Err(Faults::only("/code", DirectoryFault::CodeTaken));
        }
        let row = below(&known, &new.code, new.name.as_str())?;
        save(connection, std::slice::from_ref(&row))?;
        Ok(Changed::new_at(TopicView::from(row), format!("/api/v1/topics?parent={}", new.code)))
    })
    .await
}

/// A row under the names of what stands above it.
fn below(known: &[TopicRow], code: &str, name: &str) -> Result<TopicRow, ServiceError> {
    let Some(code_above) = above(code) else {
        return Ok(TopicRow {
            code: code.to_owned(),
            level1: name.to_owned(),
            level2: String::new(),
            level3: String::new(),
            version: OWN_VERSION.to_owned(),
            active: true,
        });
    };
    let parent = known.iter().find(|row| row.code == code_above && row.active);
    let parent = parent.ok_or_else(|| Faults::only("/code", DirectoryFault::TopicAboveMissing))?;
    let row = TopicRow { code: code.to_owned(), ..parent.clone() };
    Ok(named(row, level_of(code), name))
}

fn named(mut row: TopicRow, level: u8, name: &str) -> TopicRow {
    match level {
        1 => name.clone_into(&mut row.level1),
        2 => name.clone_into(&mut row.level2),
        _ => name.clone_into(&mut row.level3),
    }
    row
}

/// Renames a topic, withdraws it with everything below it, or takes it back into use.
///
/// # Errors
/// There is none; it would be in use below one that is not; the version has moved on.
pub async fn update(
    app: &Arc<App>,
    call: Call,
    code: String,
    entry: TopicEntry,
) -> Result<Answer, ServiceError> {
    let acted = Acted::done(AuditedAct::UpdateTopic).on(format!("topic:{code}"));
    change(app, call, acted, move |connection| {
        let before = topics::find(connection, &code)?;
        let known = topics::load_all(connection)?;
        let is_active = |code: &String| known.iter().any(|row| row.code == *code && row.active);
        if entry.active && !above(&code).as_ref().is_none_or(is_active) {
            return Err(Faults::only("/active", DirectoryFault::TopicAboveMissing));
        }
        let level = level_of(&code);
        let changed: Vec<TopicRow> = known
            .into_iter()
            .filter(|row| row.code.starts_with(prefix(&code)))
            .map(|row| {
                let active = if row.code == code { entry.active } else { row.active && entry.active };
                named(TopicRow { active, ..row }, level, entry.name.as_str())
            })
            .collect();
        save(connection, &changed)?;
        let row = changed.into_iter().find(|row| row.code == code).unwrap_or(before);
        Ok(Changed::there(TopicView::from(row)))
    })
    .await
}

fn save(connection: &mut AnyConnection, rows: &[TopicRow]) -> Result<(), ServiceError> {
    topics::upsert_all(connection, rows)?;
    Ok(meta::bump_directory_version(connection)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_tell_their_level_and_what_stands_above() {
        for (code, level, code_above) in
            [("010000", 1, None), ("010200", 2, Some("010000")), ("010203", 3, Some("010200"))]
        {
            assert!(is_well_formed(code));
            assert_eq!((level_of(code), above(code).as_deref()), (level, code_above));
        }
        for code in ["000000", "010002", "0102", "01020a", "0102033", "信访"] {
            assert!(!is_well_formed(code), "{code}");
        }
    }
}
