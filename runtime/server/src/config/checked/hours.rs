//! A tenant's business hours.

use std::collections::BTreeMap;
use std::str::FromStr;

use jackfield_core::{
    CalendarError, DayException, DaySpan, Hours, RawHours, TimeOfDay, WeeklySpan,
};

use super::super::document::join;
use super::{Checker, raw};

/// Business hours by name. A name whose hours were refused is there without them.
pub type NamedHours = BTreeMap<String, Option<Hours>>;

impl Checker<'_> {
    /// Builds `[tenants.<id>.hours]`, where `key` is that path.
    pub(super) fn all_hours(&mut self, key: &str, raw: BTreeMap<String, raw::Hours>) -> NamedHours {
        raw.into_iter()
            .map(|(name, hours)| {
                let hours = self.hours(&join(key, &name), hours);
                (name, hours)
            })
            .collect()
    }

    fn hours(&mut self, key: &str, raw: raw::Hours) -> Option<Hours> {
        let time_zone = self.read(&format!("{key}.time_zone"), raw.time_zone);
        let weekly: Vec<Option<WeeklySpan>> = (0..)
            .zip(raw.weekly)
            .map(|(index, span): (usize, _)| {
                let key = format!("{key}.weekly[{index}]");
                let days = self.read(&format!("{key}.days"), span.days);
                let (from, to) = self.times(&key, span.from, span.to)?;
                Some(WeeklySpan { days: days?, from, to })
            })
            .collect();
        let holidays: Vec<Option<_>> = raw
            .holidays
            .into_iter()
            .map(|day| self.read(&format!("{key}.holidays"), Some(day)))
            .collect();
        let exceptions: Vec<Option<DayException>> = (0..)
            .zip(raw.exceptions)
            .map(|(index, day): (usize, _)| {
                let key = format!("{key}.exceptions[{index}]");
                let date = self.read(&format!("{key}.date"), day.date);
                let spans: Vec<Option<DaySpan>> = (0..)
                    .zip(day.spans)
                    .map(|(index, span): (usize, _)| {
                        let key = format!("{key}.spans[{index}]");
                        let (from, to) = self.times(&key, span.from, span.to)?;
                        Some(DaySpan { from, to })
                    })
                    .collect();
                Some(DayException { date: date?, spans: spans.into_iter().collect::<Option<_>>()? })
            })
            .collect();
        let raw = RawHours {
            time_zone: time_zone?,
            weekly: weekly.into_iter().collect::<Option<_>>()?,
            holidays: holidays.into_iter().collect::<Option<_>>()?,
            exceptions: exceptions.into_iter().collect::<Option<_>>()?,
        };
        match Hours::try_from(raw) {
            Ok(hours) => Some(hours),
            Err(error) => {
                self.problem(key, format!("cannot be kept: {error}"));
                None
            }
        }
    }

    fn times(
        &mut self,
        key: &str,
        from: Option<String>,
        to: Option<String>,
    ) -> Option<(TimeOfDay, TimeOfDay)> {
        let from = self.read(&format!("{key}.from"), from);
        let to = self.read(&format!("{key}.to"), to);
        Some((from?, to?))
    }

    /// Reads a word of the calendar; one that is absent was reported before.
    fn read<T: FromStr<Err = CalendarError>>(
        &mut self,
        key: &str,
        text: Option<String>,
    ) -> Option<T> {
        match text?.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                let CalendarError { value, what, accepted } = error;
                self.problem(key, format!("is \"{value}\", not {what}; accepted: {accepted}"));
                None
            }
        }
    }

    /// Returns the hours that `key` names; `None` and a problem if there are none of that name.
    pub(super) fn named_hours(
        &mut self,
        key: &str,
        name: &str,
        known: &NamedHours,
    ) -> Option<Hours> {
        match known.get(name) {
            Some(hours) => hours.clone(),
            None => {
                self.unknown(key, "hours", name, known.keys().map(String::as_str));
                None
            }
        }
    }
}
