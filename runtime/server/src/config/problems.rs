//! What is wrong with a configuration: all of it at once.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where a value was written.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Origin {
    /// On this line of the file, counted from 1.
    Line(usize),
    /// In this environment variable.
    Variable(String),
    /// Nowhere: the key is absent, or the file as a whole is meant.
    Nowhere,
}

/// One mistake.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// Dotted path from the root of the file, such as `tenants.acme.queues.sales.ring_time`; empty
    /// if the file as a whole is meant.
    pub key: String,
    /// What is wrong with it and what would be accepted.
    pub message: String,
    /// Where it was written.
    pub origin: Origin,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::Line(line) => write!(f, "line {line}: ")?,
            Origin::Variable(name) => write!(f, "variable {name}: ")?,
            Origin::Nowhere => (),
        }
        if self.key.is_empty() {
            return f.write_str(&self.message);
        }
        write!(f, "`{}` {}", self.key, self.message)
    }
}

/// Everything that is wrong with a configuration, in the order of the file.
#[derive(Debug)]
pub struct ConfigProblems {
    /// The file.
    pub path: PathBuf,
    /// The mistakes.
    pub problems: Vec<Problem>,
}

impl ConfigProblems {
    /// One mistake that concerns the file as a whole.
    pub fn of_file(path: &Path, message: String) -> Self {
        let problem = Problem { key: String::new(), message, origin: Origin::Nowhere };
        Self { path: path.to_owned(), problems: vec![problem] }
    }
}

impl fmt::Display for ConfigProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        let count = self.problems.len();
        let noun = if count == 1 { "problem" } else { "problems" };
        write!(f, "{count} {noun} in {}", self.path.display())
    }
}

impl std::error::Error for ConfigProblems {}

/// Returns the name that `wrong` was most likely meant to be, if one is near.
pub fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let tolerance = (wrong.chars().count() / 3).max(1);
    names
        .into_iter()
        .map(|name| (distance(&wrong, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= tolerance)
        .min()
        .map(|(_, name)| name)
}

/// Ends a sentence about the unknown name `wrong`: the nearest name, or all of a few.
pub fn suggestion<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    if let Some(name) = nearest(wrong, names.iter().copied()) {
        return format!(": did you mean `{name}`?");
    }
    match names.len() {
        0 => String::new(),
        1..=12 => format!("; there are {}", quoted(names)),
        many => format!("; there are {many} others"),
    }
}

/// Lists names in backticks: `` `a`, `b` ``.
pub fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The number of letters to insert, delete, replace or swap with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for i in 1..=one.len() {
        let mut row = vec![i];
        for j in 1..=other.len() {
            let same = one[i - 1] == other[j - 1];
            let mut best = (rows[i - 1][j - 1] + usize::from(!same))
                .min(rows[i - 1][j] + 1)
                .min(row[j - 1] + 1);
            if 1 < i && 1 < j && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        assert_eq!(nearest("suport", ["sales", "support"]), Some("support"));
        assert_eq!(nearest("prot", ["bind", "port"]), Some("port"));
        assert_eq!(nearest("ring-time", ["ring_time", "wrap_up"]), Some("ring_time"));
        assert_eq!(nearest("billing", ["sales", "support"]), None);
    }
}
