use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;

const SHIPPED: [(i32, &str); 16] = [
    (2011, include_str!("../../../../../data/holidays/2011.csv")),
    (2012, include_str!("../../../../../data/holidays/2012.csv")),
    (2013, include_str!("../../../../../data/holidays/2013.csv")),
    (2014, include_str!("../../../../../data/holidays/2014.csv")),
    (2015, include_str!("../../../../../data/holidays/2015.csv")),
    (2016, include_str!("../../../../../data/holidays/2016.csv")),
    (2017, include_str!("../../../../../data/holidays/2017.csv")),
    (2018, include_str!("../../../../../data/holidays/2018.csv")),
    (2019, include_str!("../../../../../data/holidays/2019.csv")),
    (2020, include_str!("../../../../../data/holidays/2020.csv")),
    (2021, include_str!("../../../../../data/holidays/2021.csv")),
    (2022, include_str!("../../../../../data/holidays/2022.csv")),
    (2023, include_str!("../../../../../data/holidays/2023.csv")),
    (2024, include_str!("../../../../../data/holidays/2024.csv")),
    (2025, include_str!("../../../../../data/holidays/2025.csv")),
    (2026, include_str!("../../../../../data/holidays/2026.csv")),
];

fn shipped() -> Calendar {
    Calendar::from_days(SHIPPED.iter().flat_map(|(_, text)| CalendarDay::parse_csv(text).unwrap()))
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn legal_due(calendar: &Calendar, received: &str, count: u32) -> Computed {
    calendar.next_working_day_on_or_after(calendar.add_calendar_days(date(received), count).on)
}

/// The working days of each year as two independent packages count them (data/holidays/README.md).
#[test]
fn shipped_years_have_the_published_number_of_working_days() {
    let calendar = shipped();
    let expected = [250, 249, 250, 250, 249, 250, 249, 250, 250, 249, 250, 249, 249, 251, 248, 248];
    for ((year, text), expected) in SHIPPED.iter().zip(expected) {
        assert!(CalendarDay::parse_csv(text).unwrap().iter().all(|day| day.day.year() == *year));
        assert!(calendar.is_known(*year));
        let first = NaiveDate::from_ymd_opt(*year, 1, 1).unwrap();
        let working = first.iter_days().take_while(|day| day.year() == *year);
        assert_eq!(working.filter(|day| calendar.is_working_day(*day)).count(), expected, "{year}");
    }
}

#[test]
fn the_examples_of_the_field_come_out() {
    let calendar = shipped();
    assert_eq!(legal_due(&calendar, "2026-04-01", 15).on, date("2026-04-16"));
    assert_eq!(calendar.add_calendar_days(date("2026-04-17"), 15).on, date("2026-05-02"));
    let after_labour_day = Computed { on: date("2026-05-06"), unknown_years: vec![] };
    assert_eq!(legal_due(&calendar, "2026-04-17", 15), after_labour_day);
    // Saturday 9 May 2026 is swapped in: a limit may end on it, and it counts as a working day.
    assert_eq!(legal_due(&calendar, "2026-04-24", 15).on, date("2026-05-09"));
    assert_eq!(calendar.add_working_days(date("2026-09-30"), 5).on, date("2026-10-13"));
}

#[test]
fn days_off_inside_a_period_are_listed_with_their_names() {
    let skipped = shipped().skipped_days(date("2026-04-30"), date("2026-05-10"));
    let shown: Vec<_> = skipped.iter().map(|day| (day.day.to_string(), day.name.as_deref())).collect();
    let holiday = |day: u32| (format!("2026-05-0{day}"), Some("劳动节"));
    let mut expected: Vec<_> = (1..=5).map(holiday).collect();
    expected.push(("2026-05-10".to_owned(), None));
    assert_eq!(shown, expected);
}

#[test]
fn an_unknown_year_is_named_and_not_guessed_silently() {
    let calendar = shipped();
    let due = legal_due(&calendar, "2026-12-25", 15);
    assert_eq!(due, Computed { on: date("2027-01-11"), unknown_years: vec![2027] });
    assert_eq!(calendar.add_working_days(date("2026-12-31"), 1).unknown_years, [2027]);
    assert_eq!(calendar.add_working_days(date("2026-12-30"), 1).unknown_years, [0; 0]);
    // The notice for 2012 names 31 December 2011, which does not make 2011 a known year.
    let only_december =
        Calendar::from_days(shipped().days().filter(|day| day.day == date("2011-12-31")).cloned());
    assert!(!only_december.is_known(2011));
    assert!(only_december.is_working_day(date("2011-12-31")));
}

#[test]
fn a_file_that_cannot_be_read_names_its_line() {
    let refused = |text: &str| {
        let error = CalendarDay::parse_csv(text).unwrap_err();
        (error.line, error.reason)
    };
    assert_eq!(refused(""), (1, CalendarFault::Header));
    let body = |rest: &str| {
        refused(&format!("\u{feff}day,kind,name,notice\r\n2026-01-01,holiday,元旦,\r\n\r\n{rest}"))
    };
    assert_eq!(body("2026-01-02,holiday,元旦"), (4, CalendarFault::Fields));
    assert_eq!(body("2026-02-30,holiday,元旦,"), (4, CalendarFault::Day));
    assert_eq!(body("2026-01-02,rest,元旦,"), (4, CalendarFault::Kind));
    assert_eq!(body("2026-01-02,holiday,,"), (4, CalendarFault::Name));
    assert_eq!(body("2026-01-02,workday,元旦,"), (4, CalendarFault::NotAWeekend));
    assert_eq!(body("2026-01-01,holiday,元旦,"), (4, CalendarFault::Repeated));
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (0..400i64).prop_map(|offset| date("2025-12-01") + TimeDelta::days(offset))
}

fn named_days(kind: DayKind) -> impl Strategy<Value = Vec<CalendarDay>> {
    let named = move |day| CalendarDay { day, kind, name: "假".to_owned(), notice: String::new() };
    prop::collection::vec(any_day().prop_map(named), 0..60)
}

proptest! {
    #[test]
    fn a_shift_never_goes_back_and_lands_on_a_working_day(
        holidays in named_days(DayKind::Holiday), swapped in named_days(DayKind::Workday), start in any_day(), count in 0..40u32,
    ) {
        let calendar = Calendar::from_days(swapped.into_iter().chain(holidays));
        let shifted = calendar.next_working_day_on_or_after(start).on;
        prop_assert!(shifted >= start && calendar.is_working_day(shifted));
        prop_assert_eq!(calendar.next_working_day_on_or_after(shifted).on, shifted);
        let counted = calendar.add_working_days(start, count).on;
        prop_assert!(counted >= start && calendar.is_working_day(counted));
        let between = start.iter_days().skip(1).take_while(|day| *day <= counted);
        if count > 0 {
            prop_assert_eq!(between.filter(|day| calendar.is_working_day(*day)).count(), count as usize);
        }
    }

    #[test]
    fn more_days_never_end_sooner(holidays in named_days(DayKind::Holiday), start in any_day(), count in 0..40u32) {
        let calendar = Calendar::from_days(holidays);
        prop_assert!(calendar.add_working_days(start, count).on <= calendar.add_working_days(start, count + 1).on);
        prop_assert!(calendar.add_calendar_days(start, count).on < calendar.add_calendar_days(start, count + 1).on);
    }

    #[test]
    fn more_holidays_never_shorten(
        holidays in named_days(DayKind::Holiday), added in named_days(DayKind::Holiday), start in any_day(), count in 0..40u32,
    ) {
        let before = Calendar::from_days(holidays.clone());
        let after = Calendar::from_days(holidays.into_iter().chain(added));
        prop_assert!(after.next_working_day_on_or_after(start).on >= before.next_working_day_on_or_after(start).on);
        prop_assert!(after.add_working_days(start, count).on >= before.add_working_days(start, count).on);
    }
}
