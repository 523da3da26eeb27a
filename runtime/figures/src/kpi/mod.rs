//! Key performance indicators: records, formulas, definitions, reports.
//!
//! A source (the journal, another system's log) gives [`Records`]; [`Report::of`] counts them by
//! [`Parameters`]; [`to_json`], [`to_csv`] and [`to_table`] show the figures with their definitions.
//! See `runtime/figures/KPI.md` for the definitions and the shape of the answers.

mod calendar;
pub mod definitions;
mod figure;
mod journal;
mod noted;
mod parameters;
mod recompute;
pub mod record;
mod render;
mod repeat;
mod report;
mod tally;
mod time_of_agents;
mod vendor;

#[cfg(test)]
mod tests;

pub use calendar::rfc3339;
pub use definitions::Kpi;
pub use figure::{Figure, Unit};
pub use journal::Folder;
pub use parameters::{
    Attribution, Dimension, GenesysSwitches, Grouping, Parameters, RepeatRule, WaitFrom,
};
pub use recompute::{Difference, RecomputeError, recompute, recompute_from};
pub use record::Records;
pub use render::{Language, to_csv, to_json, to_table};
pub use report::{Key, Report, Table, channel_by_name, channel_name};
pub use tally::Tally;
pub use vendor::{AsteriskAverages, asterisk_average};
