//! Moments as RFC 3339 writes them, from and to microseconds since the Unix epoch.

use std::fmt::Write as _;

const DAY: i64 = 86_400;

/// Writes a moment in UTC with milliseconds: `2026-11-21T23:54:11.042Z`.
pub fn format(micros: u64) -> String {
    let seconds = i64::try_from(micros / 1_000_000).unwrap_or(i64::MAX);
    let (year, month, day) = civil(seconds / DAY);
    let left = seconds % DAY;
    let (hour, minute, second) = (left / 3600, left / 60 % 60, left % 60);
    let millis = micros / 1_000 % 1_000;
    let mut text = String::with_capacity(24);
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"
    );
    text
}

/// Reads a moment such as `2026-11-21T23:54:11Z` or `2026-11-22T02:54:11.5+03:00`.
///
/// Returns `None` if it is none, has no offset, or lies before 1970.
pub fn parse(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        digits.parse().ok()
    };
    let is = |at: usize, any: &str| text.get(at..=at).is_some_and(|c| any.contains(c));
    if !(is(4, "-") && is(7, "-") && is(10, "Tt ") && is(13, ":") && is(16, ":")) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let days = days(year, month, day);
    // A day that the month does not have comes back as another one; 60 is a leap second.
    if civil(days) != (year, month, day) || 23 < hour || 59 < minute || 60 < second {
        return None;
    }
    let (fraction, zone) = fraction(text.get(19..)?)?;
    let at = days * DAY + hour * 3600 + minute * 60 + second - offset(zone)?;
    u64::try_from(at).ok()?.checked_mul(1_000_000)?.checked_add(fraction)
}

/// Splits `.5Z` into microseconds and the rest.
fn fraction(text: &str) -> Option<(u64, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some((0, text)) };
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    let digits = rest.get(..end).filter(|digits| !digits.is_empty())?;
    let micros = digits.chars().chain("000000".chars()).take(6);
    Some((micros.collect::<String>().parse().ok()?, rest.get(end..)?))
}

/// Reads `Z` or `+03:00` as seconds.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = match zone.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let part = |text: &str, limit: i64| {
        let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number: &i64| plain && *number <= limit)
    };
    Some(sign * (part(hours, 23)? * 3600 + part(minutes, 59)? * 60))
}

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, so that the
// leap day is the last.

/// Days since 1970-01-01 of a date of the Gregorian calendar.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date that is so many days after 1970-01-01.
pub const fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::{format, parse};

    #[test]
    fn moments_are_written_and_read() {
        for (micros, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999_000, "2000-02-28T23:59:59.999Z"),
            (951_868_799_000_000, "2000-02-29T23:59:59.000Z"),
            (1_795_305_251_042_000, "2026-11-21T23:54:11.042Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(format(micros), text);
            assert_eq!(parse(text), Some(micros), "{text}");
        }
    }

    #[test]
    fn offsets_and_fractions_are_read() {
        let utc = parse("2026-11-21T23:54:11.5Z");
        assert_eq!(utc, Some(1_795_305_251_500_000));
        assert_eq!(parse("2026-11-22T02:54:11.5+03:00"), utc);
        assert_eq!(parse("2026-11-21t18:24:11.500000000-05:30"), utc);
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "2026",
            "2026-11-21",
            "2026-11-21T23:54:11",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T23:54:11.Z",
            "2026-11-21T23:54:11+3:00",
            "2026-11-21T23:54:11Zx",
            "1969-12-31T23:59:59Z",
            "+026-11-21T23:54:11Z",
            "2026-11-21T23:54:11+99:00",
            "ыыыыыыыыыыыыыыыы",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
