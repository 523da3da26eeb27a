//! A CSV of schedules: what agents are planned to do.
//!
//! The columns are `agent,from,to,activity`, in any order, and `paid` if it is there. One line that
//! cannot be used refuses the file: half a plan would make agents look late.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord, Trim};
use jackfield_core::PlannedActivity;

use super::{BadLine, ImportError};
use crate::kpi::record::ScheduleSpan;

const COLUMNS: [&str; 4] = ["agent", "from", "to", "activity"];

/// Why a schedule cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ScheduleError {
    /// It is no table of these columns.
    #[error(transparent)]
    Table(#[from] ImportError),
    /// Lines with problems, at most 20 of them.
    #[error("{}", .0.iter().map(BadLine::to_string).collect::<Vec<_>>().join("\n"))]
    Lines(Vec<BadLine>),
}

/// Problems that are told at once.
const PROBLEMS_MAX: usize = 20;

/// Reads a CSV of schedules in the order of agents and time. `moment` reads a moment as microseconds
/// since the Unix epoch.
///
/// # Errors
///
/// [`ScheduleError`] if a column is missing, a cell cannot be used, or entries of an agent overlap.
pub fn read_schedule(
    bytes: &[u8],
    moment: impl Fn(&str) -> Option<u64>,
) -> Result<Vec<ScheduleSpan>, ScheduleError> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(bytes);
    let header = match reader.byte_headers() {
        Ok(header) if !header.is_empty() => StringRecord::from_byte_record_lossy(header.clone()),
        _ => return Err(ImportError::Empty.into()),
    };
    let places = places(&header)?;
    let (mut spans, mut bad) = (Vec::new(), Vec::new());
    for row in reader.into_byte_records() {
        let read =
            match row {
                Ok(row) => {
                    let line = row.position().map_or(0, csv::Position::line);
                    let row = StringRecord::from_byte_record_lossy(row);
                    let cell = |column: &str| {
                        places.get(column).and_then(|place| row.get(*place)).unwrap_or_default()
                    };
                    span(cell, &moment).map(|span| (line, span)).map_err(|(column, problem)| {
                        BadLine { line, column: Some(column.to_owned()), problem }
                    })
                }
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    Err(BadLine { line, column: None, problem: error.to_string() })
                }
            };
        match read {
            Ok(read) => spans.push(read),
            Err(problem) => bad.push(problem),
        }
    }
    spans.sort_by(|(_, a), (_, b)| (&a.agent, a.from, a.to).cmp(&(&b.agent, b.from, b.to)));
    for pair in spans.windows(2) {
        let [(before, one), (line, next)] = pair else { continue };
        if one.agent == next.agent && next.from < one.to {
            let problem = format!("overlaps the entry of line {before} for `{}`", one.agent);
            bad.push(BadLine { line: *line, column: Some("from".to_owned()), problem });
        }
    }
    if bad.is_empty() {
        return Ok(spans.into_iter().map(|(_, span)| span).collect());
    }
    bad.sort_by_key(|problem| problem.line);
    bad.truncate(PROBLEMS_MAX);
    Err(ScheduleError::Lines(bad))
}

fn places(header: &StringRecord) -> Result<BTreeMap<String, usize>, ImportError> {
    let mut places = BTreeMap::new();
    for (place, name) in header.iter().enumerate() {
        if places.insert(name.to_owned(), place).is_some() {
            return Err(ImportError::ColumnTwice(name.to_owned()));
        }
    }
    let missing = COLUMNS.iter().filter(|column| !places.contains_key(**column));
    let missing: Vec<String> = missing.map(|column| (*column).to_owned()).collect();
    if missing.is_empty() {
        return Ok(places);
    }
    Err(ImportError::MissingColumns { missing, found: header.iter().map(str::to_owned).collect() })
}

fn span<'r>(
    cell: impl Fn(&str) -> &'r str,
    moment: &impl Fn(&str) -> Option<u64>,
) -> Result<ScheduleSpan, (&'static str, String)> {
    let agent = cell("agent");
    if agent.is_empty() {
        return Err(("agent", "is empty; a name is accepted".to_owned()));
    }
    let at = |column: &'static str| {
        let text = cell(column);
        moment(text).ok_or_else(|| {
            let accepted = "a moment such as 2026-11-21T09:00:00Z is accepted";
            (column, format!("`{text}` is no moment; {accepted}"))
        })
    };
    let (from, to) = (at("from")?, at("to")?);
    if to <= from {
        return Err(("to", "is not after `from`".to_owned()));
    }
    let activity = PlannedActivity::by_name(cell("activity"));
    let activity = activity.map_err(|problem| ("activity", problem))?;
    let paid = match cell("paid") {
        "" => activity.is_usually_paid(),
        "yes" => true,
        "no" => false,
        other => return Err(("paid", format!("`{other}`: yes or no is accepted"))),
    };
    Ok(ScheduleSpan { agent: agent.to_owned(), activity, from, to, paid })
}

#[cfg(test)]
mod tests;
