//! Numbers as they are written: `80%` or `0.8`, `1.5h`, `28..34`.

use jackfield_figures::staffing::{AGENTS_MAX, SECONDS_MAX};

use crate::config::units::parse_time;

/// A day, in seconds.
pub const DAY: f64 = 86_400.0;

/// The most rows of a range.
const ROWS_MAX: f64 = 200.0;

/// A length of time, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seconds(pub f64);

/// One number of agents, or each whole step from one to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agents {
    from: f64,
    to: f64,
}

impl Agents {
    /// The numbers, ascending.
    pub fn each(&self) -> impl Iterator<Item = f64> + use<> {
        let (from, steps) = (self.from, (self.to - self.from).floor() as u32);
        (0..=steps).map(move |step| from + f64::from(step))
    }
}

/// Reads a length of time, which may be zero.
pub fn time(text: &str) -> Result<Seconds, String> {
    let accepted = "write a length of time from 0s to 366d, such as 1500ms, 30s, 5m, 1.5h or 2d";
    let whole = parse_time(text).map(|time| time.as_secs_f64());
    let seconds = whole.or_else(|| with_point(text)).ok_or(accepted)?;
    if (0.0..=SECONDS_MAX).contains(&seconds) { Ok(Seconds(seconds)) } else { Err(accepted.into()) }
}

/// Reads a length of time that is not zero.
pub fn positive(text: &str) -> Result<Seconds, String> {
    match time(text) {
        Ok(Seconds(seconds)) if 0.0 < seconds => Ok(Seconds(seconds)),
        _ => Err("write a length of time of more than 0s and at most 366d, such as 1500ms, 30s, \
                  5m, 1.5h or 2d"
            .into()),
    }
}

/// `1.5h`: one number with a point, and one unit.
fn with_point(text: &str) -> Option<f64> {
    let text = text.trim();
    let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (digits, unit) = text.split_at(unit);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        "d" => DAY,
        _ => return None,
    };
    number(digits.trim_end()).map(|number| number * seconds)
}

/// Digits with at most one point: no sign, no exponent, no `inf`.
fn number(text: &str) -> Option<f64> {
    let plain = text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    plain.then(|| text.parse().ok()).flatten()
}

/// Reads a share: `80%` or `0.8`.
fn share(text: &str) -> Option<f64> {
    match text.trim().strip_suffix('%') {
        Some(percent) => number(percent.trim_end()).map(|percent| percent / 100.0),
        None => number(text.trim()),
    }
}

/// Reads a share that is neither nothing nor all.
pub fn proper_share(text: &str) -> Result<f64, String> {
    share(text).filter(|share| 0.0 < *share && *share < 1.0).ok_or_else(|| {
        "write a share of more than 0% and less than 100%, such as 80% or 0.8".into()
    })
}

/// Reads a share that may be nothing.
pub fn part(text: &str) -> Result<f64, String> {
    share(text)
        .filter(|share| *share < 1.0)
        .ok_or_else(|| "write a share of at least 0% and less than 100%, such as 30% or 0.3".into())
}

/// Reads how many calls come.
pub fn calls(text: &str) -> Result<f64, String> {
    number(text)
        .filter(|calls| (0.0..=1e9).contains(calls))
        .ok_or_else(|| "write a number of more than 0 and at most 1000000000".into())
}

/// Reads how many cases lie there.
pub fn cases(text: &str) -> Result<f64, String> {
    number(text)
        .filter(|cases| (0.0..=1e9).contains(cases))
        .ok_or_else(|| "write a number from 0 to 1000000000".into())
}

/// Reads a number of agents, or a range of them.
pub fn agents(text: &str) -> Result<Agents, String> {
    let accepted = || {
        "write a number of more than 0 and at most 100000, such as 30 or 30.5, or a \
         range of at most 200 such as 28..34"
    };
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let one = |text: &str| {
        number(text).filter(|agents| 0.0 < *agents && *agents <= f64::from(AGENTS_MAX))
    };
    let (from, to) = one(from).zip(one(to)).ok_or_else(accepted)?;
    if to < from || ROWS_MAX <= to - from {
        return Err(accepted().into());
    }
    Ok(Agents { from, to })
}
