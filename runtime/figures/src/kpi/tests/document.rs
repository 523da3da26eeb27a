//! The examples of the document are what the program gives.

use super::*;
use crate::import::{EndedMs, read_csv};

const DOCUMENT: &str = include_str!("../../../KPI.md");
const GOLDEN: &str = include_str!("../../samples/golden.csv");

/// Returns the code block that follows the line `<!-- NAME -->`.
#[track_caller]
fn block(name: &str) -> &'static str {
    let (_, after) = DOCUMENT.split_once(&format!("<!-- {name} -->\n```")).expect(name);
    let (_, code) = after.split_once('\n').unwrap();
    code.split_once("```").unwrap().0
}

#[test]
fn the_golden_trace_in_the_document_is_the_one_of_the_tests() {
    assert_eq!(block("golden csv"), GOLDEN);
}

#[test]
fn the_answer_in_the_document_is_given() {
    let imported = read_csv(block("golden csv").as_bytes(), EndedMs::Wait).unwrap();
    let report = to_json(&Report::of(&imported.records, &twenty_and_five()));
    // As text, like the document: reading a number may take the next one.
    let report: serde_json::Value = serde_json::from_str(&report.to_string()).unwrap();
    let shown: serde_json::Value = serde_json::from_str(block("golden json")).unwrap();
    for (name, row) in shown.as_object().unwrap() {
        let (shown, given) = match row {
            serde_json::Value::Array(rows) => (&rows[0], &report[name][0]),
            row => (row, &report[name]),
        };
        for (key, value) in shown.as_object().unwrap() {
            assert_eq!(&given[key], value, "{name}.{key}");
        }
    }
}

#[test]
fn the_document_defines_every_figure() {
    let rows: String = definitions::all()
        .map(|kpi| {
            format!(
                "| `{}` | {} | {} | {} | {} |\n",
                kpi.id,
                kpi.english,
                kpi.formula,
                kpi.unit.name(),
                kpi.notes
            )
        })
        .collect();
    for row in rows.lines() {
        assert!(DOCUMENT.lines().any(|line| line == row), "missing in KPI.md:\n{rows}");
    }
}
