//! What is wrong with a script, or most likely is.

mod calls;
mod paths;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::known::Known;
use super::parse::{Parsed, Unreadable};
use super::source::{Range, Source};

/// The most problems that are told: those with the first places.
pub const PROBLEMS_MAX: usize = 200;

/// How bad it is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The script, or this part of it, cannot work.
    Error,
    /// It works otherwise than it reads.
    Warning,
    /// Worth a look.
    Info,
}

/// Something that is wrong.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// Which kind of problem it is, one word: a page has its text in other languages.
    pub code: &'static str,
    /// Where.
    #[serde(flatten)]
    pub range: Range,
    /// What is wrong, and what would be right, in English.
    pub message: String,
    /// What the text names.
    pub names: BTreeMap<&'static str, String>,
}

/// Finds what is wrong with a script that was read.
pub fn find(parsed: &Parsed, source: &Source, known: &dyn Known) -> Vec<Problem> {
    let mut found = Found { source, problems: Vec::new() };
    calls::check(parsed, known, &mut found);
    paths::check(parsed, &mut found);
    values::check(parsed, &mut found);
    let mut problems = found.problems;
    problems.sort_by_key(|one| (one.range.line, one.range.column, one.severity, one.code));
    problems.dedup();
    problems.truncate(PROBLEMS_MAX);
    problems
}

/// The problem of a script that cannot be read.
pub fn unreadable(error: &Unreadable, source: &Source) -> Problem {
    let at = source.offset(error.place);
    Problem {
        severity: Severity::Error,
        code: "syntax",
        range: source.range(at, at + 1),
        message: error.message.clone(),
        names: BTreeMap::new(),
    }
}

/// What was found so far.
struct Found<'a> {
    source: &'a Source,
    problems: Vec<Problem>,
}

impl Found<'_> {
    /// Adds a problem with the word that begins at `from`.
    fn at(
        &mut self,
        severity: Severity,
        code: &'static str,
        (from, until): (usize, usize),
        message: String,
        names: &[(&'static str, &str)],
    ) {
        let names = names.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let range = self.source.range(from, until);
        self.problems.push(Problem { severity, code, range, message, names });
    }
}

/// Names as somebody would list them: `a`, `b` and so on.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: BTreeSet<&str> = names.collect();
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
