//! Times on the command line: RFC 3339 in and out, and "2h" for two hours ago.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::error::CliError;
use crate::config::units::parse_time;

/// Reads RFC 3339 into microseconds since 1970, or returns `None`.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let rest = text.get(19..)?;
    let zone_at = rest.find(['Z', 'z', '+', '-'])?;
    let (fraction, zone) = rest.split_at(zone_at);
    let digits: String =
        fraction.trim_start_matches('.').chars().chain("000000".chars()).take(6).collect();
    let micros: i64 = digits.parse().ok()?;
    let offset = match zone {
        "Z" | "z" => 0,
        zone => {
            let minutes =
                zone.get(1..3)?.parse::<i64>().ok()? * 60 + zone.get(4..6)?.parse::<i64>().ok()?;
            if zone.starts_with('-') { -minutes } else { minutes }
        }
    };
    let seconds =
        days_of(year, month, day) * 86_400 + hour * 3_600 + (minute - offset) * 60 + second;
    Some(seconds * 1_000_000 + micros)
}

/// Writes a time as RFC 3339 in UTC, to the second.
pub fn show_rfc3339(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date_of(i64::try_from(days).unwrap_or_default());
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Reads `--from` and `--to`: RFC 3339, a date, or how long ago such as `2h`.
pub fn moment(text: &str, now: SystemTime) -> Result<String, CliError> {
    if parse_rfc3339(text).is_some() {
        return Ok(text.to_owned());
    }
    let midnight = format!("{text}T00:00:00Z");
    if text.len() == 10 && parse_rfc3339(&midnight).is_some() {
        return Ok(midnight);
    }
    if let Some(ago) = parse_time(text) {
        return Ok(show_rfc3339(now.checked_sub(ago).unwrap_or(UNIX_EPOCH)));
    }
    Err(CliError::Usage(format!(
        "`{text}` is not a time: write 2026-01-31, 2026-01-31T08:00:00Z, or how long ago such as 2h"
    )))
}

/// Shows a length of time the way people read it: `0:07`, `12:34`, `1:02:03`.
pub fn clock(length: Duration) -> String {
    let seconds = length.as_secs();
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours == 0 {
        format!("{minutes}:{rest:02}")
    } else {
        format!("{hours}:{minutes:02}:{rest:02}")
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is the last of a year.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date that lies `days` after 1970-01-01.
fn date_of(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_survive_the_round_trip() {
        for text in ["1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2026-11-21T08:05:09Z"] {
            let micros = parse_rfc3339(text).expect(text);
            let time =
                UNIX_EPOCH + Duration::from_micros(u64::try_from(micros).expect("after 1970"));
            assert_eq!(show_rfc3339(time), text);
        }
        assert_eq!(parse_rfc3339("1970-01-01T02:00:00.25+02:00"), Some(250_000));
        assert_eq!(parse_rfc3339("yesterday"), None);
    }

    #[test]
    fn a_moment_is_a_time_a_date_or_how_long_ago() {
        let now = UNIX_EPOCH + Duration::from_secs(7_200);
        assert_eq!(moment("1h", now).expect("ago"), "1970-01-01T01:00:00Z");
        assert_eq!(moment("2026-01-31", now).expect("date"), "2026-01-31T00:00:00Z");
        assert!(moment("soon", now).is_err());
    }
}
