//! Reading tables: every key is asked for by name, and what nobody asked for is a mistake.
//!
//! All mistakes of a file are reported together, each with its key, its value, what would be accepted
//! and, for names, the nearest one.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use toml::{Table, Value};

use super::text::{self, parse_rate, parse_share, parse_spans, parse_time};
use crate::span::Spans;

/// One mistake in a scenario.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// In which line, if it is known.
    pub line: Option<usize>,
    /// Where: `queues.sales.max_wait`.
    pub key: String,
    /// What, and what would be accepted.
    pub what: String,
}

/// The mistakes of a scenario.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.0.iter().enumerate() {
            let line = if number == 0 { "" } else { "\n" };
            f.write_str(line)?;
            if let Some(line) = problem.line {
                write!(f, "line {line}: ")?;
            }
            match problem.key.as_str() {
                "" => f.write_str(&problem.what)?,
                key => write!(f, "{key}: {}", problem.what)?,
            }
        }
        Ok(())
    }
}

/// What is found out while a file is read.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) problems: RefCell<Vec<Problem>>,
    /// Every key that was asked for, names of the user's own written as `<name>`.
    pub(crate) known: RefCell<BTreeSet<String>>,
}

impl Findings {
    pub(crate) fn push(&self, key: String, what: String) {
        self.problems.borrow_mut().push(Problem { line: None, key, what });
    }
}

/// A table of a file that is being read.
pub(crate) struct Keys<'a> {
    table: &'a Table,
    path: String,
    pattern: String,
    asked: RefCell<BTreeSet<&'static str>>,
    findings: &'a Findings,
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

impl<'a> Keys<'a> {
    pub(crate) fn new(table: &'a Table, findings: &'a Findings) -> Self {
        let asked = RefCell::default();
        Self { table, path: String::new(), pattern: String::new(), asked, findings }
    }

    fn inside(&self, table: &'a Table, path: String, pattern: String) -> Self {
        Self { table, path, pattern, asked: RefCell::default(), findings: self.findings }
    }

    fn raw(&self, key: &'static str) -> Option<&'a Value> {
        self.asked.borrow_mut().insert(key);
        self.findings.known.borrow_mut().insert(join(&self.pattern, key));
        self.table.get(key)
    }

    /// Returns whether the file has the key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(crate) fn problem(&self, key: &str, what: String) {
        self.findings.push(join(&self.path, key), what);
    }

    /// Reads a value, or reports what would be accepted.
    pub(crate) fn get<T>(
        &self,
        key: &'static str,
        accepted: &str,
        parse: impl Fn(&Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.raw(key)?;
        let parsed = parse(value);
        if parsed.is_none() {
            self.problem(key, format!("{} is not {accepted}", shown(value)));
        }
        parsed
    }

    pub(crate) fn text(&self, key: &'static str) -> Option<String> {
        self.get(key, "a text", |value| value.as_str().map(str::to_owned))
    }

    /// Reads a list of texts.
    pub(crate) fn texts(&self, key: &'static str) -> Vec<String> {
        let read = |value: &Value| {
            let texts = value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned));
            texts.collect::<Option<Vec<_>>>()
        };
        self.get(key, "a list of texts such as [\"sales\"]", read).unwrap_or_default()
    }

    pub(crate) fn time(&self, key: &'static str) -> Option<Duration> {
        self.get(key, text::TIME, |value| parse_time(value.as_str()?))
    }

    pub(crate) fn rate(&self, key: &'static str) -> Option<f64> {
        self.get(key, text::RATE, |value| parse_rate(value.as_str()?))
    }

    pub(crate) fn share(&self, key: &'static str) -> Option<f64> {
        self.get(key, text::SHARE, |value| match value {
            Value::String(text) => parse_share(text),
            Value::Float(share) => (0.0..=1.0).contains(share).then_some(*share),
            Value::Integer(share) => (0..=1).contains(share).then_some(*share as f64),
            _ => None,
        })
    }

    pub(crate) fn spans(&self, key: &'static str) -> Option<Spans> {
        self.get(key, text::SPANS, |value| parse_spans(value.as_str()?))
    }

    pub(crate) fn flag(&self, key: &'static str) -> Option<bool> {
        self.get(key, "true or false", Value::as_bool)
    }

    pub(crate) fn number(&self, key: &'static str, from: i64, to: i64) -> Option<i64> {
        let accepted = format!("a whole number from {from} to {to}");
        self.get(key, &accepted, |value| value.as_integer().filter(|n| (from..=to).contains(n)))
    }

    /// Reads one of a few names; for others it reports the nearest.
    pub(crate) fn one_of<T: Copy>(&self, key: &'static str, names: &[(&str, T)]) -> Option<T> {
        let value = self.raw(key)?;
        let written = value.as_str().unwrap_or_default();
        let found = names.iter().find(|(name, _)| *name == written).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
            let hint = nearest(written, &known);
            let known = known.join("`, `");
            self.problem(key, format!("{} is none of `{known}`{hint}", shown(value)));
        }
        found
    }

    /// Reads a table of the user's own names.
    pub(crate) fn named(&self, key: &'static str) -> Vec<(&'a str, Keys<'a>)> {
        let Some(value) = self.raw(key) else { return Vec::new() };
        let Some(table) = value.as_table() else {
            self.problem(key, format!("{} is not a table", shown(value)));
            return Vec::new();
        };
        let (path, pattern) = (join(&self.path, key), join(&self.pattern, key));
        let mut tables = Vec::new();
        for (name, value) in table {
            match value.as_table() {
                Some(inner) => {
                    let keys = self.inside(inner, join(&path, name), join(&pattern, "<name>"));
                    tables.push((name.as_str(), keys));
                }
                None => self.problem(&join(key, name), format!("{} is not a table", shown(value))),
            }
        }
        tables
    }

    /// Reads a table whose keys are fixed.
    pub(crate) fn table(&self, key: &'static str) -> Option<Keys<'a>> {
        let value = self.raw(key)?;
        let (path, pattern) = (join(&self.path, key), join(&self.pattern, key));
        let table = value.as_table();
        if table.is_none() {
            self.problem(key, format!("{} is not a table", shown(value)));
        }
        table.map(|table| self.inside(table, path, pattern))
    }

    /// Reads a list of tables.
    pub(crate) fn list(&self, key: &'static str) -> Vec<Keys<'a>> {
        let Some(value) = self.raw(key) else { return Vec::new() };
        let entries = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let tables: Vec<&Table> = entries.iter().filter_map(Value::as_table).collect();
        if !value.is_array() || tables.len() != entries.len() {
            self.problem(key, format!("{} is not a list of tables", shown(value)));
            return Vec::new();
        }
        let pattern = join(&self.pattern, key);
        let path = |number| format!("{}[{number}]", join(&self.path, key));
        let inside = |(number, table)| self.inside(table, path(number), pattern.clone());
        tables.into_iter().enumerate().map(inside).collect()
    }

    /// Reads a table of names and values, such as `{ russian = 3 }`.
    pub(crate) fn pairs<T>(
        &self,
        key: &'static str,
        accepted: &str,
        parse: impl Fn(&Value) -> Option<T>,
    ) -> Vec<(String, T)> {
        let Some(value) = self.raw(key) else { return Vec::new() };
        let Some(table) = value.as_table() else {
            self.problem(key, format!("{} is not a table of names and values", shown(value)));
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for (name, value) in table {
            match parse(value) {
                Some(parsed) => pairs.push((name.clone(), parsed)),
                None => {
                    self.problem(&join(key, name), format!("{} is not {accepted}", shown(value)));
                }
            }
        }
        pairs
    }

    /// Reports the keys that nobody asked for.
    pub(crate) fn finish(&self) {
        let asked = self.asked.borrow();
        let known: Vec<&str> = asked.iter().copied().collect();
        for key in self.table.keys().filter(|key| !asked.contains(key.as_str())) {
            let hint = nearest(key, &known);
            self.problem(key, format!("there is no such key{hint}"));
        }
    }
}

fn shown(value: &Value) -> String {
    let text: String = value.to_string().chars().take(80).collect();
    format!("`{text}`")
}

/// Returns `; did you mean …?` with the nearest of the names, or nothing if none is near.
pub(crate) fn nearest(written: &str, names: &[&str]) -> String {
    let near = names.iter().map(|name| (distance(written, name), *name)).min();
    match near {
        Some((far, name)) if far <= 2.max(written.len() / 3) => {
            format!("; did you mean `{name}`?")
        }
        _ => String::new(),
    }
}

/// The distance of Levenshtein: letters to be changed, added or taken away.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, letter) in from.chars().take(64).enumerate() {
        let mut diagonal = above;
        row[0] = above + 1;
        for (column, other) in to.iter().enumerate() {
            let change = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = change.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}
