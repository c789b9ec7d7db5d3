//! What an import comes to: how many rows, and how fast the earlier petitions were answered.

use chrono::{DateTime, FixedOffset, Utc};
use serde::Serialize;

/// The figures of an import; a row that was there already counts among the answered ones like a new one.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Rows of the table.
    pub read: u64,
    /// Cases that were made, or would have been in a dry run.
    pub imported: u64,
    /// Rows whose number is in the database already.
    pub already_there: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// Answered petitions by the calendar days that the answer took.
    pub replied_within: WithinDays,
    /// The median of those days; null without an answer.
    pub median_days: Option<serde_json::Number>,
    /// The most of those days; null without an answer.
    pub longest_days: Option<u64>,
}

/// How many petitions were answered within so many days; the day of filing is not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct WithinDays {
    /// The 15 days of Art. 22 and 23.
    #[serde(rename = "15")]
    pub fifteen: u64,
    /// The 60 days of Art. 34.
    #[serde(rename = "60")]
    pub sixty: u64,
    /// The 60 days and the one extension of Art. 34.
    #[serde(rename = "90")]
    pub ninety: u64,
}

/// Collects the figures.
pub struct Figures {
    /// What has been counted.
    pub summary: Summary,
    zone: FixedOffset,
    /// Calendar days that each answer took, in the office's time zone.
    days: Vec<u64>,
}

impl Figures {
    pub fn new(zone: FixedOffset) -> Self {
        Self { summary: Summary::default(), zone, days: Vec::new() }
    }

    /// Counts an answered petition.
    pub fn answered(&mut self, filed_at: DateTime<Utc>, replied_at: DateTime<Utc>) {
        let day = |instant: DateTime<Utc>| instant.with_timezone(&self.zone).date_naive();
        // An answer before its petition is refused before it is counted.
        self.days.push(u64::try_from((day(replied_at) - day(filed_at)).num_days()).unwrap_or_default());
    }

    /// The summary with the figures of the answers.
    pub fn summary(mut self) -> Summary {
        self.days.sort_unstable();
        let within = |most: u64| self.days.iter().filter(|days| **days <= most).count() as u64;
        let replied_within = WithinDays { fifteen: within(15), sixty: within(60), ninety: within(90) };
        let (median_days, longest_days) = (median(&self.days), self.days.last().copied());
        Summary { replied_within, median_days, longest_days, ..self.summary }
    }
}

/// The middle of sorted numbers; between two middles their mean, which may be a half.
fn median(sorted: &[u64]) -> Option<serde_json::Number> {
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get((sorted.len() - 1) / 2)?;
    let whole = (lower + upper) / 2;
    if (lower + upper).is_multiple_of(2) {
        return Some(whole.into());
    }
    let whole = u32::try_from(whole).unwrap_or(u32::MAX);
    serde_json::Number::from_f64(f64::from(whole) + 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_of_answers_may_be_a_half() {
        let told = |days: &[u64]| median(days).map(|number| number.to_string());
        assert_eq!(told(&[]), None);
        assert_eq!(told(&[7]).as_deref(), Some("7"));
        assert_eq!(told(&[1, 11, 1161]).as_deref(), Some("11"));
        assert_eq!(told(&[1, 4]).as_deref(), Some("2.5"));
        assert_eq!(told(&[2, 4]).as_deref(), Some("3"));
    }

    #[test]
    fn days_are_those_of_the_office() {
        let mut figures = Figures::new(FixedOffset::east_opt(8 * 3600).unwrap());
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        figures.answered(at("2019-04-24T15:59:00Z"), at("2019-04-24T16:00:00Z"));
        assert_eq!(figures.summary().longest_days, Some(1));
    }
}
