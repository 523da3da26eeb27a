//! Figures against published numbers, and the journal against itself.

mod agents;
mod contacts;
mod document;
mod golden;
mod journals;
mod noted;

use super::definitions::by_id;
use super::tally::Tally;
use super::*;

/// Returns the value of one figure of the total.
#[track_caller]
fn figure(report: &Report, id: &str) -> Figure {
    let kpi = by_id(id).unwrap_or_else(|| panic!("no KPI {id}"));
    (kpi.of)(&report.total, &report.parameters)
}

/// As [`figure`], rounded as it is printed: a ratio in per cent with three digits.
#[track_caller]
fn printed(report: &Report, id: &str) -> String {
    let value = figure(report, id).value();
    let unit = by_id(id).map(|kpi| kpi.unit);
    match (value, unit) {
        (None, _) => "no data".to_owned(),
        (Some(value), Some(Unit::Ratio)) => format!("{:.3} %", value * 100.0),
        (Some(value), _) => value.to_string(),
    }
}

/// T 20 s and s 5 s.
fn twenty_and_five() -> Parameters {
    Parameters {
        within_us: Some(20_000_000),
        short_abandon_us: Some(5_000_000),
        ..Parameters::default()
    }
}
