//! Words of a calendar as people write them: days of the week, times of day, dates, time zones.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::civil;
use jiff::tz::{TimeZone as Rules, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

use crate::nearest::nearest;

/// Why a word of a calendar was refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{value}` is not {what}; accepted: {accepted}")]
pub struct CalendarError {
    /// What was written.
    pub value: String,
    /// What it should have been.
    pub what: &'static str,
    /// What is accepted.
    pub accepted: String,
}

fn refuse<T>(
    value: &str,
    what: &'static str,
    accepted: impl Into<String>,
) -> Result<T, CalendarError> {
    Err(CalendarError { value: value.to_owned(), what, accepted: accepted.into() })
}

macro_rules! as_text {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = CalendarError;

            fn try_from(text: String) -> Result<Self, CalendarError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    };
}

/// A set of days of the week: `mon-fri`, `sat,sun`, `fri-mon`, `daily`.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Days(u8);

as_text!(Days);

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Days {
    /// Every day.
    pub const DAILY: Self = Self(0b111_1111);

    pub(super) fn contains(self, date: Date) -> bool {
        self.has(date.0.weekday().to_monday_zero_offset() as usize)
    }

    fn has(self, day: usize) -> bool {
        self.0 & (1 << day) != 0
    }
}

impl FromStr for Days {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let accepted = "`mon-fri`, `sat,sun`, `daily` and the like";
        let day = |name: &str| {
            let name = name.trim().to_lowercase();
            let found = DAYS.iter().position(|day| {
                // Also `monday`, as people write it.
                name == *day || (name.starts_with(day) && name.ends_with("day"))
            });
            found.map_or_else(|| refuse(text, "a set of days", accepted), Ok)
        };
        if text.trim() == "daily" {
            return Ok(Self::DAILY);
        }
        let mut days = 0;
        for part in text.split(',') {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let (mut at, to) = (day(from)?, day(to)?);
            days |= 1 << at;
            while at != to {
                at = (at + 1) % DAYS.len();
                days |= 1 << at;
            }
        }
        Ok(Self(days))
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::DAILY {
            return f.write_str("daily");
        }
        let mut parts = Vec::new();
        let mut day = 0;
        while day < DAYS.len() {
            let length = (day..DAYS.len()).take_while(|day| self.has(*day)).count();
            match length {
                0 => (),
                1 | 2 => parts.extend(DAYS[day..day + length].iter().map(|&day| day.to_owned())),
                _ => parts.push(format!("{}-{}", DAYS[day], DAYS[day + length - 1])),
            }
            day += length.max(1);
        }
        f.write_str(&parts.join(","))
    }
}

/// A time of day to the minute, from `00:00` to `24:00`.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay {
    minutes: u16,
}

as_text!(TimeOfDay);

impl TimeOfDay {
    /// The end of a day.
    pub const END: Self = Self { minutes: 24 * 60 };

    /// Returns the day and time as a calendar writes it: `24:00` is the next day's `00:00`.
    pub(super) fn on(self, date: Date) -> Option<civil::DateTime> {
        let date = if self == Self::END { date.0.tomorrow().ok()? } else { date.0 };
        let minutes = self.minutes % Self::END.minutes;
        let (hour, minute) = (i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?);
        Some(date.at(hour, minute, 0, 0))
    }
}

impl FromStr for TimeOfDay {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let number = |part: &str, length: usize| {
            let digits = part.len() <= length && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u16>().ok().filter(|_| digits)
        };
        let parts = text.split_once(':').filter(|(_, minute)| minute.len() == 2);
        let parts = parts.and_then(|(hour, minute)| number(hour, 2).zip(number(minute, 2)));
        match parts {
            Some((hour, minute)) if minute < 60 && hour * 60 + minute <= Self::END.minutes => {
                Ok(Self { minutes: hour * 60 + minute })
            }
            _ => refuse(text, "a time of day", "`00:00` to `24:00`"),
        }
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

/// A day of the calendar: `2026-12-24`.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date(pub(super) civil::Date);

as_text!(Date);

fn numbers<const N: usize>(text: &str, lengths: [usize; N]) -> Option<[i16; N]> {
    let parts: Vec<&str> = text.split('-').collect();
    let fits = |(part, length): (&&str, usize)| {
        part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if parts.len() != N || !parts.iter().zip(lengths).all(fits) {
        return None;
    }
    let mut numbers = [0; N];
    for (number, part) in numbers.iter_mut().zip(parts) {
        *number = part.parse().ok()?;
    }
    Some(numbers)
}

fn date(year: i16, month: i16, day: i16) -> Option<civil::Date> {
    civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

impl FromStr for Date {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let found = numbers(text, [4, 2, 2]).and_then(|[year, month, day]| date(year, month, day));
        found.map_or_else(|| refuse(text, "a date", "a day such as `2026-12-24`"), |d| Ok(Self(d)))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A holiday: one day, `2026-04-03`, or the same day every year, `12-25`.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Holiday {
    /// One day.
    Once(Date),
    /// This month and day of every year; `02-29` is one only in leap years.
    Yearly {
        /// 1 to 12.
        month: i8,
        /// 1 to 31.
        day: i8,
    },
}

as_text!(Holiday);

impl Holiday {
    pub(super) fn is_on(self, date: Date) -> bool {
        match self {
            Self::Once(day) => day == date,
            Self::Yearly { month, day } => (month, day) == (date.0.month(), date.0.day()),
        }
    }
}

impl FromStr for Holiday {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        if let Ok(date) = text.parse() {
            return Ok(Self::Once(date));
        }
        // A leap year has all days that there are.
        let yearly = numbers(text, [2, 2]).and_then(|[month, day]| date(2024, month, day));
        match yearly {
            Some(date) => Ok(Self::Yearly { month: date.month(), day: date.day() }),
            None => refuse(text, "a holiday", "`2026-04-03`, or `12-25` for every year"),
        }
    }
}

impl fmt::Display for Holiday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Once(date) => write!(f, "{date}"),
            Self::Yearly { month, day } => write!(f, "{month:02}-{day:02}"),
        }
    }
}

/// A time zone of the IANA database, which is compiled in: the machine's own is not read.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeZone {
    name: Arc<str>,
    pub(super) rules: Rules,
}

as_text!(TimeZone);

impl TimeZone {
    /// Returns the zone's name, such as `Europe/Berlin`.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Default for TimeZone {
    /// Coordinated Universal Time.
    fn default() -> Self {
        Self { name: "UTC".into(), rules: Rules::UTC }
    }
}

impl FromStr for TimeZone {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        if text.eq_ignore_ascii_case("utc") {
            return Ok(Self::default());
        }
        let database = TimeZoneDatabase::bundled();
        if let Ok(rules) = database.get(text) {
            return Ok(Self { name: rules.iana_name().unwrap_or(text).into(), rules });
        }
        let names: Vec<String> = database.available().map(|name| name.to_string()).collect();
        let near = nearest(text, names.iter().map(String::as_str));
        let near = near.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
        refuse(text, "a time zone", format!("a name such as `Europe/Berlin` or `UTC`{near}"))
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl PartialEq for TimeZone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for TimeZone {}
