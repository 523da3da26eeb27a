//! Humane units: `5m`, `350/h`, `40%`, `exponential 5m`.

use std::time::Duration;

use crate::span::Spans;

/// What is accepted as a length of time, in words.
pub(crate) const TIME: &str = "a time such as \"500ms\", \"20s\", \"5m\", \"1h30m\", at most 30d";
/// What is accepted as a rate, in words.
pub(crate) const RATE: &str = "a rate such as \"350/h\", \"5/min\", \"0.2/s\" or \"8000/d\"";
/// What is accepted as a share, in words.
pub(crate) const SHARE: &str = "a share such as \"40%\", \"0.5%\" or 0.4, 0 to 1";
/// What is accepted as a distribution, in words.
pub(crate) const SPANS: &str = "\"never\", \"fixed 3m\" or \"3m\", \"exponential 5m\", \
    \"lognormal 5m cv 0.8\", \"uniform 1m to 3m\" or \"quantiles 0s 10s 30s 2m\" (2 to 1000 of \
    them, rising)";

/// Reads a length of time, or returns `None`.
pub fn parse_time(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    let mut sum = Duration::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, unit_on) = rest.split_at(end);
        let end = unit_on.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(unit_on.len());
        let (unit, tail) = unit_on.split_at(end);
        let micros: u64 = number.parse::<u64>().ok()?.checked_mul(match unit {
            "us" => 1,
            "ms" => 1_000,
            "s" => 1_000_000,
            "m" | "min" => 60_000_000,
            "h" => 3_600_000_000,
            "d" => 86_400_000_000,
            _ => return None,
        })?;
        sum = sum.checked_add(Duration::from_micros(micros))?;
        rest = tail.trim_start();
    }
    (sum <= crate::span::SPAN_MAX).then_some(sum)
}

/// Writes a length of time the way it is read.
pub fn show_time(time: Duration) -> String {
    let mut left = time.as_micros();
    if left == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    let units = [
        ("d", 86_400_000_000),
        ("h", 3_600_000_000),
        ("m", 60_000_000),
        ("s", 1_000_000),
        ("ms", 1_000),
        ("us", 1),
    ];
    for (unit, micros) in units {
        if micros <= left {
            text += &format!("{}{unit}", left / micros);
            left %= micros;
        }
    }
    text
}

/// Reads a rate in contacts by second, or returns `None`.
pub(crate) fn parse_rate(text: &str) -> Option<f64> {
    let (number, unit) = text.split_once('/')?;
    let seconds = match unit.trim() {
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    let number = decimal(number.trim())?;
    (number <= 1e7).then_some(number / seconds)
}

/// Reads a number without sign, exponent or anything else than digits and one point.
fn decimal(text: &str) -> Option<f64> {
    let fits = text.chars().all(|c| c.is_ascii_digit() || c == '.') && text.len() <= 20;
    text.parse::<f64>().ok().filter(|number| fits && number.is_finite())
}

/// Reads a share, or returns `None`.
pub(crate) fn parse_share(text: &str) -> Option<f64> {
    let number = decimal(text.trim().strip_suffix('%')?.trim_end())? / 100.0;
    (number <= 1.0).then_some(number)
}

/// Reads a distribution, or returns `None`.
pub(crate) fn parse_spans(text: &str) -> Option<Spans> {
    let words: Vec<&str> = text.split_whitespace().collect();
    Some(match *words.as_slice() {
        ["never"] => Spans::Never,
        ["fixed", span] | [span] => Spans::Fixed(parse_time(span)?),
        ["exponential", mean] => Spans::Exponential(parse_time(mean)?),
        ["lognormal", mean, "cv", variation] => {
            let variation = decimal(variation).filter(|variation| *variation <= 10.0)?;
            Spans::LogNormal(parse_time(mean)?, variation)
        }
        ["uniform", from, "to", to] => {
            let (from, to) = (parse_time(from)?, parse_time(to)?);
            (from <= to).then_some(Spans::Uniform(from, to))?
        }
        ["quantiles", ref quantiles @ ..] if (2..=1_000).contains(&quantiles.len()) => {
            let quantiles: Vec<Duration> =
                quantiles.iter().map(|text| parse_time(text)).collect::<Option<_>>()?;
            quantiles.is_sorted().then_some(Spans::Quantiles(quantiles))?
        }
        _ => return None,
    })
}
