//! Business hours: when a queue is open, by the clock on the wall of its branch.
//!
//! ```text
//! time_zone  = "Europe/Riga"
//! weekly     = [{ days = "mon-fri", from = "09:00", to = "18:00" }, { days = "fri", from = "22:00", to = "02:00" }]
//! holidays   = ["2026-04-03", "12-25"]
//! exceptions = [{ date = "2026-12-24", spans = [{ from = "09:00", to = "13:00" }] }]
//! ```
//!
//! A day's hours are its exception's if it has one, else none on a holiday, else those of the week. A
//! span that ends at or before its start passes midnight and belongs whole to the day it starts on:
//! a holiday does not cut short the night before it.
//!
//! Where a clock is put forward, a time that is skipped is the moment of the change. Where it is put
//! back, a span starts at the first of two equal readings and ends at the last: an open door does not
//! close and open again within the hour. The rules of the zones are compiled in, so the same hours
//! give the same moments on every machine; a release may bring newer rules.

mod calendar;
#[cfg(test)]
mod tests;

use jiff::civil;
use jiff::tz::AmbiguousOffset;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Instant;

pub use calendar::{CalendarError, Date, Days, Holiday, TimeOfDay, TimeZone};

/// How far ahead a change is looked for.
const DAYS_AHEAD: usize = 400;
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * DAYS_AHEAD as i64);

const WEEKLY_MAX: usize = 64;
const HOLIDAYS_MAX: usize = 1_000;
const EXCEPTIONS_MAX: usize = 1_000;
const SPANS_MAX: usize = 16;

/// When a queue is open. See the module for what is open when.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawHours", into = "RawHours")]
pub struct Hours(RawHours);

/// Business hours as they are written. [`Hours`] are made of it once it is checked.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawHours {
    /// Whose clock it is.
    pub time_zone: TimeZone,
    /// The hours of an ordinary week.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weekly: Vec<WeeklySpan>,
    /// Days without hours.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Holiday>,
    /// Days with hours of their own, whatever the week and the holidays say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<DayException>,
}

/// Open on these days of the week, from a time to a time.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeeklySpan {
    /// The days on which the span starts.
    pub days: Days,
    /// When it starts.
    pub from: TimeOfDay,
    /// When it ends; at or before `from` it is a time of the next day.
    pub to: TimeOfDay,
}

/// The hours of one day.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayException {
    /// The day.
    pub date: Date,
    /// Its hours; none is closed.
    #[serde(default)]
    pub spans: Vec<DaySpan>,
}

/// From a time to a time of one day.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DaySpan {
    /// When it starts.
    pub from: TimeOfDay,
    /// When it ends; at or before `from` it is a time of the next day.
    pub to: TimeOfDay,
}

/// Why business hours were refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum HoursError {
    /// A span without length, or one that starts when the day is over.
    #[error(
        "{key}: `{from}` to `{to}` is no span; accepted: two different times, the first before \
         `24:00`; a whole day is `00:00` to `24:00`"
    )]
    NoSpan {
        /// Where.
        key: String,
        /// Its start.
        from: TimeOfDay,
        /// Its end.
        to: TimeOfDay,
    },
    /// A day has two exceptions.
    #[error("exceptions: {date} is there twice; accepted: one exception a day, with all its spans")]
    Twice {
        /// The day.
        date: Date,
    },
    /// A list is too long.
    #[error("{key}: {length} entries; accepted: at most {limit}")]
    TooMany {
        /// Which list.
        key: String,
        /// Its length.
        length: usize,
        /// What is allowed.
        limit: usize,
    },
}

impl TryFrom<RawHours> for Hours {
    type Error = HoursError;

    fn try_from(mut raw: RawHours) -> Result<Self, HoursError> {
        let limited = |key: &str, length, limit| match length <= limit {
            true => Ok(()),
            false => Err(HoursError::TooMany { key: key.to_owned(), length, limit }),
        };
        limited("weekly", raw.weekly.len(), WEEKLY_MAX)?;
        limited("holidays", raw.holidays.len(), HOLIDAYS_MAX)?;
        limited("exceptions", raw.exceptions.len(), EXCEPTIONS_MAX)?;
        for (index, WeeklySpan { from, to, .. }) in raw.weekly.iter().enumerate() {
            DaySpan { from: *from, to: *to }.check(|| format!("weekly[{index}]"))?;
        }
        for exception in &raw.exceptions {
            let key = format!("exceptions of {}", exception.date);
            limited(&key, exception.spans.len(), SPANS_MAX)?;
            for (index, span) in exception.spans.iter().enumerate() {
                span.check(|| format!("{key}, spans[{index}]"))?;
            }
        }
        // By date, so that a day is found by bisection.
        raw.exceptions.sort_by_key(|exception| exception.date);
        match raw.exceptions.windows(2).find(|pair| pair[0].date == pair[1].date) {
            Some(pair) => Err(HoursError::Twice { date: pair[0].date }),
            None => Ok(Self(raw)),
        }
    }
}

impl From<Hours> for RawHours {
    fn from(hours: Hours) -> Self {
        hours.0
    }
}

impl DaySpan {
    fn check(self, key: impl FnOnce() -> String) -> Result<(), HoursError> {
        match self.from == self.to || self.from == TimeOfDay::END {
            true => Err(HoursError::NoSpan { key: key(), from: self.from, to: self.to }),
            false => Ok(()),
        }
    }
}

/// Open from the first moment until before the second.
type Open = (Timestamp, Timestamp);

impl Hours {
    /// Returns whose clock it is.
    pub fn time_zone(&self) -> &TimeZone {
        &self.0.time_zone
    }

    /// Returns whether it is open at `at`.
    pub fn is_open(&self, at: Instant) -> bool {
        timestamp(at).is_some_and(|at| self.opened(at).is_some())
    }

    /// Returns the first moment after `at` at which it opens or closes; `None` if nothing changes for
    /// 400 days.
    pub fn next_change(&self, at: Instant) -> Option<Instant> {
        let at = timestamp(at)?;
        let change = if self.opened(at).is_some() { self.closes(at) } else { self.opens(at) };
        change.and_then(instant)
    }

    /// Returns `at` if it is open then, else the first moment after it at which it opens; `None` if
    /// that is not within 400 days.
    pub fn next_open(&self, at: Instant) -> Option<Instant> {
        if self.is_open(at) { Some(at) } else { self.next_change(at) }
    }

    /// Returns when the span that is open at `at` ends: the last end of all such.
    fn opened(&self, at: Timestamp) -> Option<Timestamp> {
        let around = self.days(at).take(DAYS_AROUND);
        let open =
            around.flat_map(|day| self.spans(day)).filter(|(from, to)| *from <= at && at < *to);
        open.map(|(_, to)| to).max()
    }

    fn closes(&self, at: Timestamp) -> Option<Timestamp> {
        // Spans that touch are one: what is open at the end of one goes on.
        let mut end = at;
        while let Some(later) = self.opened(end) {
            end = later;
            if at.duration_until(end) > AHEAD {
                return None;
            }
        }
        Some(end)
    }

    fn opens(&self, at: Timestamp) -> Option<Timestamp> {
        let mut days = self.days(at).take(DAYS_AROUND + DAYS_AHEAD).peekable();
        while let Some(day) = days.next() {
            // A clock put back over midnight may start the next day's spans before this one's.
            let next = days.peek().into_iter().flat_map(|day| self.spans(*day));
            let starts = self.spans(day).chain(next).map(|(from, _)| from);
            if let Some(first) = starts.filter(|from| at < *from).min() {
                return Some(first);
            }
        }
        None
    }

    /// The days whose spans may be open at `at` or start later, in order.
    fn days(&self, at: Timestamp) -> impl Iterator<Item = Date> + use<> {
        let today = self.0.time_zone.rules.to_datetime(at).date();
        let first = today.yesterday().and_then(civil::Date::yesterday).unwrap_or(today);
        std::iter::successors(Some(first), |day| day.tomorrow().ok()).map(Date)
    }

    /// The spans that start on `date`, as moments; those the clock skips are left out.
    fn spans(&self, date: Date) -> impl Iterator<Item = Open> {
        let RawHours { weekly, holidays, exceptions, .. } = &self.0;
        let exception = exceptions.binary_search_by_key(&date, |exception| exception.date);
        let exception = exception.ok().map(|index| exceptions[index].spans.as_slice());
        let closed = exception.is_some() || holidays.iter().any(|holiday| holiday.is_on(date));
        let weekly: &[WeeklySpan] = if closed { &[] } else { weekly };
        let weekly = weekly.iter().filter(move |span| span.days.contains(date));
        let weekly = weekly.map(|span| DaySpan { from: span.from, to: span.to });
        let spans = exception.unwrap_or_default().iter().copied().chain(weekly);
        spans.filter_map(move |span| self.moments(date, span)).filter(|(from, to)| from < to)
    }

    fn moments(&self, date: Date, span: DaySpan) -> Option<Open> {
        let last = if span.from < span.to { date } else { Date(date.0.tomorrow().ok()?) };
        let from = self.moment(span.from.on(date)?, Reading::First)?;
        let to = self.moment(span.to.on(last)?, Reading::Last)?;
        Some((from, to))
    }

    /// The moment at which the clock shows `reading`, or passes it where it is put forward.
    fn moment(&self, reading: civil::DateTime, which: Reading) -> Option<Timestamp> {
        let rules = &self.0.time_zone.rules;
        match rules.to_ambiguous_timestamp(reading).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(reading).ok(),
            AmbiguousOffset::Fold { before, after } => match which {
                Reading::First => before.to_timestamp(reading).ok(),
                Reading::Last => after.to_timestamp(reading).ok(),
            },
            AmbiguousOffset::Gap { after, .. } => {
                // With the later offset it is a moment before the change: nothing else is between.
                let before_change = after.to_timestamp(reading).ok()?;
                rules.following(before_change).next().map(|change| change.timestamp())
            }
        }
    }
}

/// Yesterday may reach into today, and with a clock put back so may the day before and tomorrow.
const DAYS_AROUND: usize = 4;

enum Reading {
    First,
    Last,
}

fn timestamp(at: Instant) -> Option<Timestamp> {
    Timestamp::from_microsecond(i64::try_from(at.as_micros()).ok()?).ok()
}

fn instant(at: Timestamp) -> Option<Instant> {
    u64::try_from(at.as_microsecond()).ok().map(Instant::from_micros)
}
