//! Other systems' logs, read into the same contact records as our own journal.
//!
//! A bad line is reported with its number, and the rest is kept: a report says in its notes what was
//! left out.

mod csv;
mod queue_log;
mod schedule;

#[cfg(test)]
mod tests;

use std::fmt;

use crate::kpi::Records;

pub use csv::{EndedMs, read_csv};
pub use queue_log::read_queue_log;
pub use schedule::{ScheduleError, read_schedule};

/// What a log gave.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Imported {
    /// The records.
    pub records: Records,
    /// What a reader of figures has to know.
    pub notes: Vec<String>,
    /// The first lines that were left out.
    pub bad: Vec<BadLine>,
    /// How many were left out.
    pub bad_lines: u64,
}

/// A line that was left out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BadLine {
    /// Its number, from 1.
    pub line: u64,
    /// The column, if one is to blame.
    pub column: Option<String>,
    /// What is wrong and what would be accepted.
    pub problem: String,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.column {
            Some(column) => write!(f, "line {}, column {column}: {}", self.line, self.problem),
            None => write!(f, "line {}: {}", self.line, self.problem),
        }
    }
}

/// Why a log cannot be read at all.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ImportError {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// The first line does not name all columns.
    #[error("line 1: missing column {}; found {}", .missing.join(", "), .found.join(", "))]
    MissingColumns {
        /// Those that are not there.
        missing: Vec<String>,
        /// Those that are.
        found: Vec<String>,
    },
    /// The first line names a column twice.
    #[error("line 1: the column {0} is there twice")]
    ColumnTwice(String),
    /// Not one line could be used.
    #[error("none of {lines} lines could be used; the first problem: {first}")]
    NothingUsable {
        /// How many were left out.
        lines: u64,
        /// The first of them.
        first: BadLine,
    },
}

/// Bad lines that are kept with their words; further ones are only counted.
const BAD_KEPT: usize = 100;

impl Imported {
    fn refuse(&mut self, line: u64, column: Option<&str>, problem: impl Into<String>) {
        self.bad_lines += 1;
        if self.bad.len() < BAD_KEPT {
            let column = column.map(str::to_owned);
            self.bad.push(BadLine { line, column, problem: problem.into() });
        }
    }

    /// Tells of bad lines in the notes; refuses a log of nothing else.
    fn finish(mut self) -> Result<Self, ImportError> {
        let Some(first) = self.bad.first() else { return Ok(self) };
        if self.records.contacts.is_empty() {
            return Err(ImportError::NothingUsable { lines: self.bad_lines, first: first.clone() });
        }
        self.notes.push(match self.bad_lines {
            1 => "1 line was left out:".to_owned(),
            lines => format!("{lines} lines were left out:"),
        });
        self.notes.extend(self.bad.iter().map(BadLine::to_string));
        if (self.bad.len() as u64) < self.bad_lines {
            self.notes.push(format!("and {} more", self.bad_lines - self.bad.len() as u64));
        }
        Ok(self)
    }
}

/// Reads a number with up to `digits` digits after a point as a whole number of the smallest unit.
fn fixed_point(text: &str, digits: usize) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) || digits < fraction.len() {
        return None;
    }
    format!("{whole}{fraction:0<digits$}").parse().ok()
}
