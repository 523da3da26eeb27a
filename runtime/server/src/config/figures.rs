//! What a tenant's figures depend on where a request says nothing, and the limits of what is noted for
//! them.

use std::collections::BTreeMap;
use std::time::Duration;

use jackfield_figures::kpi::Parameters;

use super::units::{parse_time, show_time};

/// `[tenants.<id>.figures]`, with the standard times of queues.
#[derive(Clone, Debug)]
pub struct FiguresConfig {
    /// What a report is made with where it is asked for nothing else.
    pub usual: Parameters,
    /// How far live figures go back.
    pub kept: Duration,
    /// The most entries of a schedule that is set at once.
    pub max_schedule_entries: usize,
    /// The longest reason of a contact, in characters.
    pub max_reason: usize,
}

impl Default for FiguresConfig {
    /// As a file without the table has it.
    fn default() -> Self {
        Self {
            usual: Parameters::default(),
            kept: Duration::from_secs(48 * 3_600),
            max_schedule_entries: 1_000,
            max_reason: 200,
        }
    }
}

/// Reads standard times such as `sales=300s,help=6m`, in microseconds by queue.
///
/// # Errors
///
/// What is wrong, with an example of what is accepted.
pub fn standard_times(text: &str) -> Result<BTreeMap<String, u64>, String> {
    let one = |part: &str| {
        let (queue, time) = part.split_once('=')?;
        let micros = u64::try_from(parse_time(time)?.as_micros()).ok()?;
        (!queue.trim().is_empty() && micros <= MOST).then(|| (queue.trim().to_owned(), micros))
    };
    let parts = text.split(',');
    let read = parts.map(|part| {
        one(part).ok_or_else(|| {
            format!("`{part}`: a queue and a time up to 1d such as `sales=300s` are accepted")
        })
    });
    read.collect()
}

/// The longest standard time, in microseconds: sums of many must not overflow.
const MOST: u64 = 86_400_000_000;

/// Writes what [`standard_times`] reads.
pub fn show_standard_times(times: &BTreeMap<String, u64>) -> String {
    let part = |(queue, micros): (&String, &u64)| {
        format!("{queue}={}", show_time(Duration::from_micros(*micros)))
    };
    times.iter().map(part).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_times_survive_the_round_trip() {
        let times = standard_times("sales=300s, help=1m30s").expect("times");
        assert_eq!(times, [("help".into(), 90_000_000), ("sales".into(), 300_000_000)].into());
        assert_eq!(standard_times(&show_standard_times(&times)), Ok(times));
        for text in ["", "sales", "sales=soon", "=5m", "sales=25h", "sales=5m,"] {
            assert!(standard_times(text).is_err(), "{text}");
        }
    }
}
