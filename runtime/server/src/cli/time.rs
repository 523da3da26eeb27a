//! Times on the command line: RFC 3339 in and out, and "2h" for two hours ago.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::error::CliError;
use crate::config::units::parse_time;
use crate::rfc3339;

/// Microseconds.
const DAY: u64 = 86_400_000_000;
/// 2000-01-01T00:00:00Z
const ZERO: u64 = 946_684_800_000_000;

/// Reads RFC 3339 into microseconds since 1970, or returns `None`.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    i64::try_from(rfc3339::parse(text)?).ok()
}

/// Writes a time as RFC 3339 in UTC, to the second.
pub fn show_rfc3339(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = rfc3339::civil(i64::try_from(days).unwrap_or_default());
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

/// Reads `--day`: a date, `today` or `yesterday`, from midnight to midnight at an offset from UTC such
/// as `+03:00`. Returns both in microseconds since 1970.
pub fn day(text: &str, offset: Option<&str>, now: SystemTime) -> Result<(u64, u64), CliError> {
    let offset = offset.unwrap_or("+00:00");
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    let since = u64::try_from(since).unwrap_or(u64::MAX);
    // The day it is there, which may be another one than here.
    let zero = rfc3339::parse(&format!("2000-01-01T00:00:00{offset}"));
    let ahead = zero.map_or(0, |zero| i128::from(ZERO) - i128::from(zero));
    let date_of = |micros: u64| {
        let there = u64::try_from(i128::from(micros) + ahead).unwrap_or_default();
        rfc3339::format(there).chars().take(10).collect::<String>()
    };
    let date: String = match text {
        "today" => date_of(since),
        "yesterday" => date_of(since.saturating_sub(DAY)),
        date => date.to_owned(),
    };
    let begin = rfc3339::parse(&format!("{date}T00:00:00{offset}")).filter(|_| date.len() == 10);
    let begin = begin.ok_or_else(|| {
        let of = if offset == "+00:00" { String::new() } else { format!(" at `{offset}`") };
        CliError::Usage(format!(
            "`{text}`{of} is not a day: 2026-01-31, `today` or `yesterday` is accepted, and an \
             offset such as `+03:00`"
        ))
    })?;
    Ok((begin, begin + DAY))
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
    fn a_day_is_from_midnight_to_midnight_where_it_is() {
        let hour = 3_600_000_000;
        let now = UNIX_EPOCH + Duration::from_secs(2 * 86_400 + 23 * 3_600);
        let read = |text, offset| day(text, offset, now).expect(text);
        assert_eq!(read("1970-01-03", None), (2 * DAY, 3 * DAY));
        assert_eq!(read("today", None), (2 * DAY, 3 * DAY));
        assert_eq!(read("yesterday", None), (DAY, 2 * DAY));
        // It is one in the morning of the next day there.
        let there = (3 * DAY - 2 * hour, 4 * DAY - 2 * hour);
        assert_eq!(read("today", Some("+02:00")), there);
        for (text, offset) in [("tomorrow", None), ("1970-1-3", None), ("today", Some("east"))] {
            assert!(day(text, offset, now).is_err(), "{text}");
        }
    }

    #[test]
    fn a_moment_is_a_time_a_date_or_how_long_ago() {
        let now = UNIX_EPOCH + Duration::from_secs(7_200);
        assert_eq!(moment("1h", now).expect("ago"), "1970-01-01T01:00:00Z");
        assert_eq!(moment("2026-01-31", now).expect("date"), "2026-01-31T00:00:00Z");
        assert!(moment("soon", now).is_err());
    }
}
