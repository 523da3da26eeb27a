//! The proof that a report is what its journal says.

use std::borrow::Borrow;
use std::fmt;

use jackfield_core::JournalRecord;
use serde_json::Value;

use super::journal::Folder;
use super::parameters::Parameters;
use super::render::to_json;

/// The first place where a report is not what the journal gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Where: `total.SL1`, `by_queue[2].sums.queue.answered`.
    pub path: String,
    /// What the report says; `None` if it has nothing there.
    pub stored: Option<Value>,
    /// What the journal gives; `None` if it gives nothing there.
    pub recomputed: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<Value>| match value {
            Some(value) => value.to_string(),
            None => "nothing".to_owned(),
        };
        let (stored, recomputed) = (shown(&self.stored), shown(&self.recomputed));
        write!(f, "{}: the report has {stored}, the journal gives {recomputed}", self.path)
    }
}

/// Why a report was not confirmed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RecomputeError {
    /// The report does not say what it was asked for.
    #[error("the report has no usable `parameters`: {0}")]
    Parameters(String),
    /// It is not what the journal gives.
    #[error("{0}")]
    Differs(Difference),
}

/// Counts the journal again with the parameters that the stored report names, and compares every
/// figure, to the last digit, and every whole number behind it.
///
/// The stored report is JSON as [`to_json`] gives it. Records after the stored report's
/// `known_until` are its future: end the journal there.
///
/// # Errors
///
/// The first difference, or that the report does not say what it was asked for.
pub fn recompute<R: Borrow<JournalRecord>>(
    stored: &Value,
    journal: impl IntoIterator<Item = R>,
) -> Result<(), RecomputeError> {
    let mut folder = Folder::new();
    for record in journal {
        folder.take(record.borrow());
    }
    recompute_from(stored, &folder)
}

/// As [`recompute`], for a journal that was folded as it was read.
///
/// # Errors
///
/// As [`recompute`].
pub fn recompute_from(stored: &Value, folder: &Folder) -> Result<(), RecomputeError> {
    let parameters = stored.get("parameters").cloned().unwrap_or_default();
    let parameters: Parameters = serde_json::from_value(parameters)
        .map_err(|error| RecomputeError::Parameters(error.to_string()))?;
    let recomputed = to_json(&folder.report(&parameters));
    // Both have been text: a number that reads the same is the same.
    let recomputed = serde_json::from_str(&recomputed.to_string()).unwrap_or_default();
    match difference("", stored, &recomputed) {
        Some(difference) => Err(RecomputeError::Differs(difference)),
        None => Ok(()),
    }
}

/// What a report says besides the figures of its journal.
const BESIDES: [&str; 4] = ["notes", "definitions", "tenant", "journal_records"];

fn difference(path: &str, stored: &Value, recomputed: &Value) -> Option<Difference> {
    let at = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    match (stored, recomputed) {
        (Value::Object(stored), Value::Object(recomputed)) => {
            let names =
                stored.keys().chain(recomputed.keys().filter(|name| !stored.contains_key(*name)));
            names.filter(|name| !(path.is_empty() && BESIDES.contains(&name.as_str()))).find_map(
                |name| match (stored.get(name), recomputed.get(name)) {
                    (Some(one), Some(other)) => difference(&at(name), one, other),
                    (one, other) => Some(Difference {
                        path: at(name),
                        stored: one.cloned(),
                        recomputed: other.cloned(),
                    }),
                },
            )
        }
        (Value::Array(stored), Value::Array(recomputed)) => {
            let longest = stored.len().max(recomputed.len());
            (0..longest).find_map(|index| {
                let path = format!("{path}[{index}]");
                match (stored.get(index), recomputed.get(index)) {
                    (Some(one), Some(other)) => difference(&path, one, other),
                    (one, other) => {
                        Some(Difference { path, stored: one.cloned(), recomputed: other.cloned() })
                    }
                }
            })
        }
        (one, other) if one == other => None,
        (one, other) => Some(Difference {
            path: path.to_owned(),
            stored: Some(one.clone()),
            recomputed: Some(other.clone()),
        }),
    }
}
