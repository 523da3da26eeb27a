//! A report as text, aligned for people, in English or Russian.

use std::fmt::Write as _;

use crate::kpi::calendar::rfc3339;
use crate::kpi::definitions::{Kpi, all, by_id};
use crate::kpi::figure::{Figure, Unit};
use crate::kpi::parameters::{Attribution, Dimension};
use crate::kpi::report::{Key, Report, Table};
use crate::kpi::tally::Tally;

/// The language of names. Formulas are the same in both.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Russian.
    Russian,
}

/// The columns of the tables; the total has everything.
const COLUMNS: [&str; 18] = [
    "offered",
    "answered",
    "abandoned",
    "short_abandoned",
    "callbacks",
    "flow_out",
    "SL1",
    "SL2",
    "SL3",
    "SL4",
    "SL5",
    "SL6",
    "asa_seconds",
    "aht_seconds",
    "abandon_rate",
    "transfer_rate",
    "agent_answer_rate",
    "occupancy",
];

impl Language {
    const fn pick(self, english: &'static str, russian: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::Russian => russian,
        }
    }

    const fn name(self, kpi: &Kpi) -> &'static str {
        self.pick(kpi.english, kpi.russian)
    }

    const fn dimension(self, dimension: Dimension) -> &'static str {
        match dimension {
            Dimension::Interval => self.pick("interval", "интервал"),
            Dimension::Queue => self.pick("queue", "очередь"),
            Dimension::Agent => self.pick("agent", "оператор"),
            Dimension::Channel => self.pick("channel", "канал"),
        }
    }
}

/// Returns the report as text: every figure of the total with its formula, then the tables, then
/// what a reader has to know.
pub fn to_table(report: &Report, language: Language) -> String {
    let mut text = heading(report, language);
    text.push('\n');
    text.push_str(&total(report, language));
    for table in &report.tables {
        text.push('\n');
        text.push_str(&grid(report, table, language));
    }
    if !report.notes.is_empty() {
        let _ = writeln!(text, "\n{}", language.pick("Notes", "Примечания"));
        for note in &report.notes {
            let _ = writeln!(text, "  {note}");
        }
    }
    text
}

fn heading(report: &Report, language: Language) -> String {
    let parameters = &report.parameters;
    let own = language.pick("each queue's own", "свой у каждой очереди");
    let length = |micros: Option<u64>| match micros {
        Some(micros) => format!("{} s", micros as f64 / 1e6),
        None => own.to_owned(),
    };
    let attribute = match parameters.attribute {
        Attribution::Enter => language.pick("by entering the queue", "по входу в очередь"),
        Attribution::Exit => language.pick("by leaving the queue", "по выходу из очереди"),
    };
    let window = parameters.repeat.window_us as f64 / 86_400e6;
    let days = language.pick("days", "дней");
    format!(
        "T {}, s {}, W {window} {days}, {attribute}\n",
        length(parameters.within_us),
        length(parameters.short_abandon_us),
    )
}

fn total(report: &Report, language: Language) -> String {
    let mut rows = Vec::new();
    let mut without = Vec::new();
    for kpi in all() {
        let figure = (kpi.of)(&report.total, &report.parameters);
        if figure == Figure::NoData {
            without.push(language.name(kpi));
            continue;
        }
        let name = language.name(kpi).to_owned();
        let formula = kpi.formula_asked(&report.parameters);
        rows.push(vec![name, shown(figure, kpi.unit, language), formula]);
    }
    if let Some(averages) = report.asterisk.values().next().filter(|_| report.asterisk.len() == 1) {
        let formula = "(3 × old + new)/4 in whole seconds, over answered calls".to_owned();
        rows.push(vec![
            "Asterisk: Holdtime".to_owned(),
            format!("{} s", averages.holdtime),
            formula,
        ]);
    }
    let mut text = aligned(&rows);
    if !without.is_empty() {
        let label = language.pick("no data", "нет данных");
        let _ = writeln!(text, "{label}: {}", without.join("; "));
    }
    text
}

fn grid(report: &Report, table: &Table, language: Language) -> String {
    let mut head: Vec<String> =
        table.grouping.dimensions().map(|dimension| language.dimension(dimension).into()).collect();
    let columns = COLUMNS.iter().filter_map(|id| by_id(id)).filter(|kpi| {
        let any = |tally: &Tally| (kpi.of)(tally, &report.parameters) != Figure::NoData;
        table.rows.values().any(any)
    });
    let columns: Vec<&Kpi> = columns.collect();
    head.extend(columns.iter().map(|kpi| match kpi.id {
        short if short.starts_with("SL") => short.to_owned(),
        _ => language.name(kpi).to_owned(),
    }));
    let mut rows = vec![head];
    for (key, tally) in &table.rows {
        let words = table.grouping.dimensions().map(|dimension| word(key, dimension));
        let mut row: Vec<String> = words.collect();
        row.extend(columns.iter().map(|kpi| {
            let figure = (kpi.of)(tally, &report.parameters);
            shown(figure, kpi.unit, language)
        }));
        rows.push(row);
    }
    aligned(&rows)
}

fn word(key: &Key, dimension: Dimension) -> String {
    match dimension {
        Dimension::Interval => key.interval.map(rfc3339),
        Dimension::Queue => key.queue.clone(),
        Dimension::Agent => key.agent.clone(),
        Dimension::Channel => key.channel.map(str::to_owned),
    }
    .unwrap_or_default()
}

/// A figure as people read it.
fn shown(figure: Figure, unit: Unit, language: Language) -> String {
    let Some(value) = figure.value() else {
        return match figure {
            Figure::NotYetKnown => language.pick("not yet known", "ещё неизвестно"),
            _ => language.pick("no data", "нет данных"),
        }
        .to_owned();
    };
    match unit {
        Unit::Count => value.to_string(),
        Unit::Ratio => format!("{:.2} %", value * 100.0),
        Unit::Seconds => format!("{value:.1} s"),
        Unit::Points => format!("{value:.1}"),
    }
}

/// Aligns columns; the last one is not padded.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:<width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
