//! Runs and what they say: the figures of each, and their means over runs with intervals.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use jackfield_core::{Center, JournalRecord};
use jackfield_figures::kpi::{
    Dimension, Folder, Grouping, Parameters, Report, Tally, Unit, definitions,
};
use jackfield_figures::statistics::mean_interval;
use serde::Serialize;

use crate::plan::Plan;
use crate::world::{Cast, Failure, Options, World};

/// The figures of a study, by their keys in reports.
const FIGURES: [&str; 18] = [
    "offered",
    "answered",
    "abandoned",
    "short_abandoned",
    "SL1",
    "SL2",
    "SL3",
    "SL4",
    "SL5",
    "SL6",
    "asa_seconds",
    "mean_wait_seconds",
    "longest_wait_seconds",
    "abandon_rate",
    "aht_seconds",
    "occupancy",
    "offers",
    "agent_answer_rate",
];

/// The confidence of all intervals.
pub const CONFIDENCE: f64 = 0.95;

/// One run.
#[derive(Debug)]
pub struct Trial {
    /// How many steps it took.
    pub steps: u64,
    /// How often the process died.
    pub crashes: u64,
    /// What went wrong: the run ended there.
    pub failure: Option<Failure>,
    /// The figures of what joined a queue after the warm-up and before the end of arrivals.
    pub report: Report,
}

/// Plays a plan to its end and counts. Every record is shown to `watch`.
pub fn trial(
    plan: Plan,
    warm_up: Duration,
    cast: Cast,
    options: Options,
    mut watch: impl FnMut(&World<Center>, &JournalRecord),
) -> Trial {
    let from = plan.start + warm_up;
    let to = plan.start + plan.length;
    let mut world = World::new(Arc::new(plan), cast, options);
    let mut folder = Folder::new();
    let failure = loop {
        match world.step() {
            Ok(Some(record)) => {
                folder.take(&record);
                watch(&world, &record);
            }
            Ok(None) => break None,
            Err(failure) => break Some(*failure),
        }
    };
    let parameters = Parameters {
        from_us: Some(from.as_micros()),
        to_us: Some(to.as_micros()),
        by: vec![Grouping::one(Dimension::Queue)],
        ..Parameters::default()
    };
    let report = Report::of(&folder.records(), &parameters);
    Trial { steps: world.steps(), crashes: world.crashes(), failure, report }
}

/// One figure over all runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// Its key, as in reports.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// How it is made.
    pub formula: &'static str,
    /// What it is measured in.
    pub unit: &'static str,
    /// The mean over the runs that have it; `None` if none has.
    pub mean: Option<f64>,
    /// The lower end of the interval; `None` with fewer than two runs.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// Of how many runs.
    pub runs: u64,
}

/// What runs of one scenario say together.
#[derive(Clone, Debug, Default)]
pub struct Study {
    runs: u64,
    total: BTreeMap<&'static str, Vec<f64>>,
    queues: BTreeMap<String, BTreeMap<&'static str, Vec<f64>>>,
}

impl Study {
    /// Takes in one run.
    pub fn add(&mut self, report: &Report) {
        self.runs += 1;
        enter(&mut self.total, &report.total, &report.parameters);
        for (key, tally) in report.tables.iter().flat_map(|table| &table.rows) {
            if let Some(queue) = &key.queue {
                let values = self.queues.entry(queue.clone()).or_default();
                enter(values, tally, &report.parameters);
            }
        }
    }

    /// Returns how many runs there were.
    pub const fn runs(&self) -> u64 {
        self.runs
    }

    /// Returns the figures of the whole centre.
    pub fn total(&self) -> Vec<Line> {
        lines(&self.total)
    }

    /// Returns the figures of each queue.
    pub fn queues(&self) -> BTreeMap<String, Vec<Line>> {
        self.queues.iter().map(|(queue, values)| (queue.clone(), lines(values))).collect()
    }

    /// Returns the figures as a table for people.
    pub fn to_table(&self) -> String {
        let mut text = String::new();
        for (queue, lines) in self.queues() {
            let _ = writeln!(text, "queue {queue}");
            write_lines(&mut text, &lines);
        }
        // Agents serve several queues: their occupancy is of all of them.
        text += "all queues\n";
        write_lines(&mut text, &self.total());
        let runs = self.runs;
        text += &match runs {
            1 => "one run: no intervals; more of them with --runs\n".to_owned(),
            _ => format!("mean of {runs} runs with its 95 % interval (Student's t)\n"),
        };
        text
    }
}

fn enter(values: &mut BTreeMap<&'static str, Vec<f64>>, tally: &Tally, by: &Parameters) {
    for id in FIGURES {
        let figure = definitions::by_id(id).and_then(|kpi| (kpi.of)(tally, by).value());
        values.entry(id).or_default().extend(figure);
    }
}

fn lines(values: &BTreeMap<&'static str, Vec<f64>>) -> Vec<Line> {
    let line = |id: &'static str| {
        let kpi = definitions::by_id(id)?;
        let values = values.get(id).map(Vec::as_slice).unwrap_or_default();
        let count = values.len();
        let mean = (count != 0).then(|| values.iter().sum::<f64>() / count as f64);
        let interval = mean_interval(values, CONFIDENCE).ok();
        Some(Line {
            id,
            name: kpi.english,
            formula: kpi.formula,
            unit: kpi.unit.name(),
            mean,
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
            runs: count as u64,
        })
    };
    FIGURES.into_iter().filter_map(line).collect()
}

fn write_lines(text: &mut String, lines: &[Line]) {
    for line in lines {
        let unit = definitions::by_id(line.id).map_or(Unit::Count, |kpi| kpi.unit);
        let shown = |value: f64| match unit {
            Unit::Ratio => format!("{:.2} %", value * 100.0),
            Unit::Seconds => format!("{value:.2} s"),
            Unit::Count | Unit::Points => format!("{value:.1}"),
        };
        let mean = line.mean.map_or_else(|| "no data".to_owned(), shown);
        let interval = match (line.low, line.high) {
            (Some(low), Some(high)) => format!("  {} to {}", shown(low), shown(high)),
            _ => String::new(),
        };
        let name = format!("{} ({})", line.name, line.id);
        let row = format!("  {name:<46} {mean:>12}{interval}");
        let _ = writeln!(text, "{}", row.trim_end());
    }
}
