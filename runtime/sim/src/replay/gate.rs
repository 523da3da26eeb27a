//! The replay gate: what a candidate must reach on the recorded day before it may be swapped in.
//!
//! `SL1 >= -0.5pp, abandon <= +0.2pp`: each condition is about the difference candidate minus what is
//! active, on the same day with the same customers.

use std::fmt;
use std::str::FromStr;

use super::compare::{Comparison, Metric};

/// Conditions that must all hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate(pub Vec<Condition>);

/// One condition about a difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Which figure.
    pub metric: Metric,
    /// Whether the difference must be at least `bound`, else at most.
    pub at_least: bool,
    /// In the figure's own unit: a share for percentages (0.005 for 0.5pp), seconds for times.
    pub bound: f64,
    /// Whether the whole interval must meet it, not the estimate alone: `surely SL1 >= -0.5pp`.
    pub surely: bool,
}

/// Why a gate is no gate.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the gate `{gate}` is not understood at column {column}: {problem}")]
pub struct GateError {
    /// The whole text.
    pub gate: String,
    /// Where, from 1.
    pub column: usize,
    /// What is wrong and what would be accepted.
    pub problem: String,
}

/// What a gate said about one condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The condition.
    pub condition: Condition,
    /// The difference; `None` if one of the two days has no such figure.
    pub difference: Option<f64>,
    /// The end of the interval that counts, if the condition must hold surely.
    pub bound: Option<f64>,
    /// Whether it holds. A figure that does not exist fails nothing and proves nothing: it holds
    /// unless it must hold surely.
    pub holds: bool,
}

impl Gate {
    /// Judges a comparison, condition by condition.
    pub fn judge(&self, comparison: &Comparison) -> Vec<Verdict> {
        self.0.iter().map(|condition| condition.judge(comparison)).collect()
    }
}

impl Condition {
    fn judge(&self, comparison: &Comparison) -> Verdict {
        let row = comparison.rows.iter().find(|row| row.metric == self.metric);
        let difference = row.and_then(|row| row.difference);
        let bound = row.and_then(|row| if self.at_least { row.low } else { row.high });
        let counts = if self.surely { bound } else { difference };
        // Half a unit in the last place that is printed is no difference.
        let slack = 1e-9;
        let holds = match counts {
            None => !self.surely,
            Some(value) if self.at_least => self.bound - slack <= value,
            Some(value) => value <= self.bound + slack,
        };
        let bound = bound.filter(|_| self.surely);
        Verdict { condition: self.clone(), difference, bound, holds }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let surely = if self.surely { "surely " } else { "" };
        let relation = if self.at_least { ">=" } else { "<=" };
        let bound = self.metric.difference(self.bound);
        write!(f, "{surely}{} {relation} {bound}", self.metric.name())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let metric = self.condition.metric;
        let shown =
            |value: Option<f64>| value.map_or("no data".to_owned(), |v| metric.difference(v));
        let is = shown(self.difference);
        let word = if self.holds { "holds" } else { "FAILS" };
        write!(f, "{word}: {}, is {is}", self.condition)?;
        if let Some(bound) = self.bound {
            write!(f, " (surely {})", metric.difference(bound))?;
        }
        Ok(())
    }
}

impl FromStr for Gate {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Self, GateError> {
        let mut conditions = Vec::new();
        let mut column = 1;
        for part in text.split(',') {
            conditions.push(condition(text, part, column)?);
            column += part.chars().count() + 1;
        }
        Ok(Self(conditions))
    }
}

fn condition(gate: &str, part: &str, start: usize) -> Result<Condition, GateError> {
    let refuse = |rest: &str, problem: String| {
        let column = start + part.chars().count() - rest.chars().count();
        GateError { gate: gate.to_owned(), column, problem }
    };
    let rest = part.trim_start();
    let (surely, rest) = match rest.strip_prefix("surely ") {
        Some(rest) => (true, rest.trim_start()),
        None => (false, rest),
    };
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    let Some(metric) = Metric::from_name(name) else {
        let known = Metric::ALL.map(Metric::name).join(", ");
        return Err(refuse(rest, format!("`{name}` is no figure; there are {known}")));
    };
    let relation = after.trim_start();
    let (at_least, value) = if let Some(value) = relation.strip_prefix(">=") {
        (true, value)
    } else if let Some(value) = relation.strip_prefix("<=") {
        (false, value)
    } else {
        return Err(refuse(relation, "`>=` or `<=` is expected".to_owned()));
    };
    let value = value.trim();
    let (unit, scale) = metric.unit();
    let number = value.strip_suffix(unit).map(str::trim_end);
    let number = number.and_then(|number| number.parse::<f64>().ok()).filter(|n| n.is_finite());
    let Some(number) = number else {
        let at = part.trim_end();
        let at = at.get(at.len() - value.len()..).unwrap_or_default();
        let problem = format!(
            "`{value}` is no difference of {}; one such as `-0.5{unit}` is expected",
            metric.name()
        );
        let tail = part.len() - part.trim_end().len();
        let rest_len = at.chars().count() + tail;
        let column = start + part.chars().count() - rest_len;
        return Err(GateError { gate: gate.to_owned(), column, problem });
    };
    Ok(Condition { metric, at_least, bound: number * scale, surely })
}
