//! How often leaders of an office are to receive visits (§4): a table that differs from place to place.

use std::ops::RangeInclusive;

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use crate::organisation::{OrganisationKind, OrganisationLevel};

/// In which time a norm is to be met.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    AsRefStr,
    EnumString,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum NormPeriod {
    /// From Monday on.
    #[strum(props(zh = "每周", en = "Each week"))]
    Week,
    #[strum(props(zh = "每月", en = "Each month"))]
    Month,
    #[strum(props(zh = "每季度", en = "Each quarter"))]
    Quarter,
    #[strum(props(zh = "每半年", en = "Each half-year"))]
    HalfYear,
    #[strum(props(zh = "每年", en = "Each year"))]
    Year,
}

impl NormPeriod {
    /// The period that the day lies in, its first and last day among it.
    pub fn around(self, day: NaiveDate) -> RangeInclusive<NaiveDate> {
        let months = match self {
            Self::Week => {
                let first = day - Days::new(day.weekday().num_days_from_monday().into());
                return first..=first + Days::new(6);
            }
            Self::Month => 1,
            Self::Quarter => 3,
            Self::HalfYear => 6,
            Self::Year => 12,
        };
        let first_month = day.month0() / months * months + 1;
        let first = NaiveDate::from_ymd_opt(day.year(), first_month, 1).unwrap_or(day);
        first..=first + Months::new(months) - Days::new(1)
    }
}

/// How many sessions each leader of such an organ holds in the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceptionNorm {
    pub organ_kind: OrganisationKind,
    pub organ_level: OrganisationLevel,
    pub period: NormPeriod,
    /// 0 where nothing is asked.
    #[schema(maximum = 366)]
    pub sessions: u16,
}

/// The most sessions that a norm asks for.
pub const MOST_SESSIONS: u16 = 366;

const fn norm(
    organ_kind: OrganisationKind,
    organ_level: OrganisationLevel,
    period: NormPeriod,
) -> ReceptionNorm {
    ReceptionNorm { organ_kind, organ_level, period, sessions: 1 }
}

/// What is asked until an office enters its own: a day a quarter in cities, a day a month in counties (central opinion of
/// 2009); half-yearly in provinces and weekly in townships (2013, remembered); departments as Gansu has them (2018, local).
pub const DEFAULT_NORMS: &[ReceptionNorm] = &[
    norm(OrganisationKind::Government, OrganisationLevel::Province, NormPeriod::HalfYear),
    norm(OrganisationKind::Government, OrganisationLevel::City, NormPeriod::Quarter),
    norm(OrganisationKind::Government, OrganisationLevel::County, NormPeriod::Month),
    norm(OrganisationKind::Government, OrganisationLevel::Township, NormPeriod::Week),
    norm(OrganisationKind::FunctionalDepartment, OrganisationLevel::Province, NormPeriod::Quarter),
    norm(OrganisationKind::FunctionalDepartment, OrganisationLevel::City, NormPeriod::Quarter),
    norm(OrganisationKind::FunctionalDepartment, OrganisationLevel::County, NormPeriod::Month),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn periods_are_those_of_the_calendar() {
        let around = |period: NormPeriod, on: &str| {
            let period = period.around(day(on));
            (period.start().to_string(), period.end().to_string())
        };
        let expect = |period, on, first: &str, last: &str| {
            assert_eq!(around(period, on), (first.to_owned(), last.to_owned()), "{period:?} around {on}");
        };
        expect(NormPeriod::Week, "2026-03-01", "2026-02-23", "2026-03-01");
        expect(NormPeriod::Week, "2026-03-02", "2026-03-02", "2026-03-08");
        expect(NormPeriod::Month, "2028-02-29", "2028-02-01", "2028-02-29");
        expect(NormPeriod::Quarter, "2026-12-31", "2026-10-01", "2026-12-31");
        expect(NormPeriod::Quarter, "2026-04-01", "2026-04-01", "2026-06-30");
        expect(NormPeriod::HalfYear, "2026-06-30", "2026-01-01", "2026-06-30");
        expect(NormPeriod::Year, "2026-07-01", "2026-01-01", "2026-12-31");
    }
}
