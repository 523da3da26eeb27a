//! Settings of a plugin, read from the attributes of a queue, a contact or an agent.
//!
//! Every error is a [`PluginError::Configuration`] that names the setting, the value found and what
//! would be accepted.

use std::ops::RangeInclusive;

use crate::estimator::EstimateAsk;
use crate::router::Ask;
use crate::{Attribute, PluginError};

/// The longest span a setting may name: a day.
pub const SPAN_MAX_MS: u32 = 86_400_000;

/// Attributes in the order in which a name is looked up in them.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    first: &'a [Attribute],
    then: &'a [Attribute],
}

impl<'a> Settings<'a> {
    /// The queue's settings.
    pub fn of_queue(ask: &'a Ask) -> Self {
        Self { first: &ask.queue.attributes, then: &[] }
    }

    /// The contact's, which the flow has set, and then the queue's.
    pub fn of_contact(ask: &'a Ask) -> Self {
        Self { first: &ask.contact.attributes, then: &ask.queue.attributes }
    }

    /// The settings of the queue for which a wait is estimated.
    pub fn of_estimate(ask: &'a EstimateAsk) -> Self {
        Self { first: &ask.attributes, then: &[] }
    }

    /// The value as it is written; none if there is none or it is empty.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        attribute(self.first, name).or_else(|| attribute(self.then, name)).map(str::trim)
    }

    /// A whole number within the range.
    ///
    /// # Errors
    ///
    /// [`PluginError::Configuration`] if the value is none or outside of the range.
    pub fn number(
        &self,
        name: &str,
        usual: u32,
        range: RangeInclusive<u32>,
    ) -> Result<u32, PluginError> {
        let Some(text) = self.text(name) else { return Ok(usual) };
        number(text, &range).ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            wrong(name, text, &format!("a whole number from {least} to {most}"))
        })
    }

    /// A span in milliseconds, written as [`span`] reads it.
    ///
    /// # Errors
    ///
    /// [`PluginError::Configuration`] if the value is no span.
    pub fn span_ms(&self, name: &str, usual_ms: u32) -> Result<u32, PluginError> {
        let Some(text) = self.text(name) else { return Ok(usual_ms) };
        span(text).ok_or_else(|| wrong(name, text, SPAN))
    }

    /// `true` or `false`.
    ///
    /// # Errors
    ///
    /// [`PluginError::Configuration`] if the value is something else.
    pub fn flag(&self, name: &str, usual: bool) -> Result<bool, PluginError> {
        self.choice(name, &[("true", true), ("false", false)], usual)
    }

    /// One of some words.
    ///
    /// # Errors
    ///
    /// [`PluginError::Configuration`] if the value is none of them.
    pub fn choice<T: Copy>(
        &self,
        name: &str,
        words: &[(&str, T)],
        usual: T,
    ) -> Result<T, PluginError> {
        let Some(text) = self.text(name) else { return Ok(usual) };
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            wrong(name, text, &words.join(" or "))
        })
    }

    /// The items of a list that `separator` divides, none of them empty; none without the setting.
    ///
    /// # Errors
    ///
    /// What `read` cannot make something of is a [`PluginError::Configuration`] that shows the item
    /// and says that `accepted` would be accepted; so is a list of more than 1,000 items.
    pub fn list<T>(
        &self,
        name: &str,
        separator: char,
        accepted: &str,
        read: impl Fn(&'a str) -> Option<T>,
    ) -> Result<Vec<T>, PluginError> {
        let text = self.text(name).unwrap_or_default();
        let items = text.split(separator).map(str::trim).filter(|item| !item.is_empty());
        if 1_000 < items.clone().count() {
            return Err(wrong(name, "more than 1000 items", "at most 1000 items"));
        }
        items.map(|item| read(item).ok_or_else(|| wrong(name, item, accepted))).collect()
    }
}

/// What a span may look like, for errors.
pub const SPAN: &str = "a span such as `500ms`, `15s`, `2m` or `1h`, at most 24h";

/// A setting that cannot be used.
pub fn wrong(name: &str, found: &str, accepted: &str) -> PluginError {
    let found: String = found.chars().take(80).collect();
    PluginError::Configuration(format!("`{name}` is {accepted}, not `{found}`"))
}

/// The value of a name; none if there is none or it is empty.
pub fn attribute<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str());
    found.filter(|value| !value.trim().is_empty())
}

/// A whole number within the range.
pub fn number(text: &str, range: &RangeInclusive<u32>) -> Option<u32> {
    text.parse().ok().filter(|number| range.contains(number))
}

/// Milliseconds of a whole number with the unit `ms`, `s`, `m` or `h`; `0` needs none.
pub fn span(text: &str) -> Option<u32> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (amount, unit) = text.split_at_checked(digits)?;
    let amount: u32 = amount.parse().ok()?;
    let unit = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "" if amount == 0 => 1,
        _ => return None,
    };
    amount.checked_mul(unit).filter(|ms| *ms <= SPAN_MAX_MS)
}

/// `WHAT@SPAN`: what, and from which wait in milliseconds on; without a span from the start.
pub fn timed(item: &str) -> Option<(&str, u32)> {
    match item.rsplit_once('@') {
        Some((what, from)) => Some((what.trim(), span(from.trim())?)),
        None => Some((item, 0)),
    }
}

/// Thousandths of a decimal number with at most three places, as `-1.25` or `3`: sums and
/// comparisons of these are exact.
pub fn thousandths(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(part) || 9 < whole.len() || 3 < part.len() {
        return None;
    }
    let value = whole.parse::<i64>().ok()? * 1_000 + format!("{part:0<3}").parse::<i64>().ok()?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests;
