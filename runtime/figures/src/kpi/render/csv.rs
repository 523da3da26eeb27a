//! A report as CSV: one line for each figure of each row, with its formula.

use crate::kpi::calendar::rfc3339;
use crate::kpi::definitions::all;
use crate::kpi::figure::Figure;
use crate::kpi::report::{Key, Report};
use crate::kpi::tally::Tally;

const HEADER: [&str; 9] =
    ["table", "interval", "queue", "agent", "channel", "figure", "value", "unit", "formula"];

/// Returns the report as CSV with the columns `table`, `interval`, `queue`, `agent`, `channel`,
/// `figure`, `value`, `unit`, `formula`.
///
/// A ratio is from 0 to 1. An empty value is no data, or, where the formula has a window of time,
/// not yet known.
pub fn to_csv(report: &Report) -> String {
    let mut lines = ::csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail.
    let _ = lines.write_record(HEADER);
    rows(&mut lines, report, "total", &Key::default(), &report.total);
    for table in &report.tables {
        let name = String::from(table.grouping.clone());
        for (key, tally) in &table.rows {
            rows(&mut lines, report, &name, key, tally);
        }
    }
    let bytes = lines.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn rows(
    lines: &mut ::csv::Writer<Vec<u8>>,
    report: &Report,
    table: &str,
    key: &Key,
    tally: &Tally,
) {
    let interval = key.interval.map(rfc3339).unwrap_or_default();
    let word = |word: Option<&str>| word.unwrap_or_default().to_owned();
    for kpi in all() {
        let value = match (kpi.of)(tally, &report.parameters) {
            Figure::Fraction { over, under: 1 } => over.to_string(),
            figure => figure.value().map(|value| value.to_string()).unwrap_or_default(),
        };
        let _ = lines.write_record([
            table.to_owned(),
            interval.clone(),
            word(key.queue.as_deref()),
            word(key.agent.as_deref()),
            word(key.channel),
            kpi.id.to_owned(),
            value,
            kpi.unit.name().to_owned(),
            kpi.formula_asked(&report.parameters),
        ]);
    }
}
