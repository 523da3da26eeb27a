//! A report as JSON with keys that stay.

use serde_json::{Map, Value, json};

use crate::kpi::calendar::rfc3339;
use crate::kpi::definitions::{Kpi, all};
use crate::kpi::figure::{Figure, Unit};
use crate::kpi::parameters::{Dimension, Grouping, Parameters};
use crate::kpi::report::{Key, Report};
use crate::kpi::tally::Tally;
use crate::kpi::vendor::AsteriskAverages;

/// Returns the report as JSON.
///
/// `total` is one row; `by_queue`, `by_agent`, `by_interval`, `by_interval_queue` and so on are lists
/// of rows, each with its `queue`, `agent`, `interval`, `channel`. A row has one key for each KPI: a
/// whole number for a count, a ratio from 0 to 1, seconds, or `null` for no data. What other
/// systems would print is under `vendor`, the whole numbers behind all figures under `sums` (lengths
/// in microseconds).
pub fn to_json(report: &Report) -> Value {
    let mut root = Map::new();
    root.insert("parameters".to_owned(), json!(report.parameters));
    root.insert("known_until".to_owned(), json!(rfc3339(report.known_until)));
    root.insert("notes".to_owned(), json!(report.notes));
    let single = report.asterisk.values().next().filter(|_| report.asterisk.len() == 1);
    root.insert("total".to_owned(), row(report, &report.total, single));
    for table in &report.tables {
        let rows = table.rows.iter().map(|(key, tally)| {
            let own = key.queue.as_ref().filter(|_| is_by_queue(&table.grouping));
            let averages = own.and_then(|queue| report.asterisk.get(queue));
            with_key(key, row(report, tally, averages))
        });
        root.insert(name(&table.grouping), rows.collect());
    }
    let parameters = &report.parameters;
    let definitions = all().map(|kpi| (kpi.id.to_owned(), definition(kpi, parameters)));
    root.insert("definitions".to_owned(), Value::Object(definitions.collect()));
    Value::Object(root)
}

fn is_by_queue(grouping: &Grouping) -> bool {
    *grouping == Grouping::one(Dimension::Queue)
}

/// The key of a table: `by_` and its dimensions.
fn name(grouping: &Grouping) -> String {
    let names: Vec<_> = grouping.dimensions().map(Dimension::name).collect();
    format!("by_{}", names.join("_"))
}

fn definition(kpi: &Kpi, parameters: &Parameters) -> Value {
    json!({
        "name": kpi.english,
        "name_ru": kpi.russian,
        "formula": kpi.formula,
        "parameters": kpi.asked(parameters),
        "unit": kpi.unit.name(),
        "notes": kpi.notes,
    })
}

fn row(report: &Report, tally: &Tally, asterisk: Option<&AsteriskAverages>) -> Value {
    let (mut figures, mut vendors) = (Map::new(), Map::<String, Value>::new());
    for kpi in all() {
        let value = value(kpi, tally, &report.parameters);
        match kpi.id.split_once('.') {
            None => _ = figures.insert(kpi.id.to_owned(), value),
            Some((vendor, word)) => {
                let words = vendors.entry(vendor).or_insert_with(|| json!({}));
                words[word] = value;
            }
        }
    }
    if let (Some(averages), Some(words)) = (asterisk, vendors.get_mut("asterisk")) {
        words["holdtime_seconds"] = json!(averages.holdtime);
        words["talktime_seconds"] = json!(averages.talktime);
    }
    figures.insert("vendor".to_owned(), Value::Object(vendors));
    figures.insert("sums".to_owned(), json!(tally));
    Value::Object(figures)
}

fn value(kpi: &Kpi, tally: &Tally, parameters: &Parameters) -> Value {
    let figure = (kpi.of)(tally, parameters);
    match (figure, kpi.unit) {
        (Figure::Fraction { over, under: 1 }, Unit::Count) => json!(over),
        (figure, _) => json!(figure.value()),
    }
}

fn with_key(key: &Key, mut row: Value) -> Value {
    if let Some(interval) = key.interval {
        row["interval"] = json!(rfc3339(interval));
        row["interval_ms"] = json!(interval / 1_000);
    }
    let words = [
        ("queue", key.queue.as_deref()),
        ("agent", key.agent.as_deref()),
        ("channel", key.channel),
    ];
    for (name, word) in words {
        if let Some(word) = word {
            row[name] = json!(word);
        }
    }
    row
}
