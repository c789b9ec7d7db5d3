//! The dates that tables have: with an offset, or in the office's time zone.

use chrono::{DateTime, FixedOffset, NaiveDateTime, Utc};

/// Forms without an offset; months, days and hours may lack their leading zero.
const LOCAL_FORMS: [&str; 4] = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M"];

/// The instant that the text means, in UTC.
pub fn parse(text: &str, zone: FixedOffset) -> Result<DateTime<Utc>, String> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    LOCAL_FORMS
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .and_then(|local| local.and_local_timezone(zone).single())
        .map(|instant| instant.to_utc())
        .ok_or_else(|| {
            // What stands there is not told: under a wrong mapping it is somebody's narrative.
            let count = text.chars().count();
            format!(
                "its {count} characters are not a time such as 2019-04-24T15:40:04+08:00, 2019-04-24 15:40:04 or \
                 2019/4/24 15:40"
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_means_the_same_minute() {
        let zone = FixedOffset::east_opt(8 * 3600).unwrap();
        let expected: DateTime<Utc> = "2019-04-04T01:05:00Z".parse().unwrap();
        for text in [
            "2019-04-04T09:05:00+08:00",
            "2019-04-04T01:05:00Z",
            "2019-04-04 09:05:00",
            "2019/4/4 9:05",
            " 2019/04/04 09:05:00 ",
        ] {
            assert_eq!(parse(text, zone), Ok(expected), "{text}");
        }
        for text in ["", "2019-02-29 09:05:00", "2019/13/1 9:05", "4/4/2019 9:05", "2019-04-04", "昨天"] {
            let fault = parse(text, zone).unwrap_err();
            assert!(text.is_empty() || !fault.contains(text), "{fault}");
        }
    }
}
