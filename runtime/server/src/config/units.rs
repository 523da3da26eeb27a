//! Humane units: `"20s"`, `"500ms"`, `"5m"`, `"1m30s"`; `"64MiB"`, `"512KiB"`.

use std::fmt::Write as _;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

/// A length of time as written in the file.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Time(pub Duration);

/// A number of bytes as written in the file.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Size(pub u64);

/// Reads a length of time, or returns `None`.
pub fn parse_time(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let (number, unit, tail) = part(rest)?;
        let milliseconds = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" | "min" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        sum = sum.checked_add(Duration::from_millis(number.checked_mul(milliseconds)?))?;
        rest = tail;
    }
    Some(sum)
}

/// Reads a number of bytes, or returns `None`.
pub fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim();
    if text == "0" {
        return Some(0);
    }
    let (number, unit, rest) = part(text)?;
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "b" => 1,
        "kib" | "k" => 1 << 10,
        "mib" | "m" => 1 << 20,
        "gib" | "g" => 1 << 30,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return None,
    };
    rest.is_empty().then(|| number.checked_mul(factor)).flatten()
}

/// Splits `20s5m` into 20, `s` and `5m`.
fn part(text: &str) -> Option<(u64, &str, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, rest) = text.split_at(digits);
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (unit, tail) = rest.split_at(end);
    Some((number.parse().ok()?, unit, tail.trim_start()))
}

/// Writes a length of time the way it is read: `1m30s`.
pub fn show_time(time: Duration) -> String {
    let mut left = time.as_millis();
    if left == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    for (unit, milliseconds) in
        [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)]
    {
        if milliseconds <= left {
            let _ = write!(text, "{}{unit}", left / milliseconds);
            left %= milliseconds;
        }
    }
    text
}

/// Writes a number of bytes the way it is read, in the largest unit that divides it.
pub fn show_size(bytes: u64) -> String {
    let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    let fits =
        units.into_iter().find(|(_, factor)| *factor <= bytes && bytes.is_multiple_of(*factor));
    fits.map_or_else(|| format!("{bytes}B"), |(unit, factor)| format!("{}{unit}", bytes / factor))
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let refused = || serde::de::Error::custom(format!("`{text}` is not a length of time"));
        parse_time(&text).map(Self).ok_or_else(refused)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let refused = || serde::de::Error::custom(format!("`{text}` is not a number of bytes"));
        parse_size(&text).map(Self).ok_or_else(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_read_as_they_are_written() {
        for text in ["500ms", "20s", "5m", "1m30s", "2h", "1d", "0s"] {
            assert_eq!(show_time(parse_time(text).expect(text)), text);
        }
        for text in ["64MiB", "1KiB", "1500B", "2GiB", "0B"] {
            assert_eq!(show_size(parse_size(text).expect(text)), text);
        }
        for text in ["", "20", "s", "20 parsecs", "-5s", "1.5s"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
        assert_eq!(parse_size("64"), None);
    }
}
