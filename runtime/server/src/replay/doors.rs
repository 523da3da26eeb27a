//! When queues were open on the recorded day: by their hours, and as supervisors closed them.

use std::collections::BTreeMap;

use jackfield_core::{Instant, Output, QueueId};
use jackfield_sim::replay::tape::Tape;

/// The openings and closings of one process run.
#[derive(Debug, Default)]
struct Run {
    begins: Instant,
    changes: BTreeMap<QueueId, Vec<(Instant, bool)>>,
}

/// The openings and closings of all process runs.
#[derive(Debug, Default)]
pub struct Doors(Vec<Run>);

impl Doors {
    /// Learns from what the engine said. A run begins with every queue open, and says at once which
    /// are not.
    pub fn learn(tapes: &[Tape]) -> Self {
        let runs = tapes.iter().filter_map(|tape| {
            let mut run = Run { begins: tape.records.first()?.at, ..Run::default() };
            for record in tape.records.iter() {
                for output in &record.outputs {
                    if let Output::QueueChanged { queue, open, .. } = output {
                        run.changes.entry(queue.clone()).or_default().push((record.at, *open));
                    }
                }
            }
            Some(run)
        });
        Self(runs.collect())
    }

    /// Returns whether the queue took contacts at that moment.
    pub fn is_open(&self, queue: &QueueId, at: Instant) -> bool {
        let run = self.0.iter().rfind(|run| run.begins <= at);
        let changes = run.and_then(|run| run.changes.get(queue));
        let last = changes.and_then(|changes| changes.iter().rfind(|(moment, _)| *moment <= at));
        last.is_none_or(|(_, open)| *open)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jackfield_core::{Center, CenterConfig, Input, JournalRecord, QueueConfig};
    use jackfield_sim::replay::tape;

    use super::*;

    #[test]
    fn a_queue_is_closed_between_the_words_of_a_supervisor() {
        let sales = QueueId::new("sales").expect("a name");
        let queues = [(sales.clone(), QueueConfig::default())].into();
        let config = Arc::new(CenterConfig { queues, ..CenterConfig::default() });
        let closed =
            Input::QueueClosed { queue: sales.clone(), message: None, by: "eve".to_owned() };
        let opened = Input::QueueOpened { queue: sales.clone(), by: "eve".to_owned() };
        let second = Instant::from_micros;
        let mut records = Vec::new();
        // The second run of the process forgets: it is told again what still holds.
        for (start, inputs) in [(0, vec![(10, closed), (20, opened)]), (50, Vec::new())] {
            let mut center = Center::new();
            let first = [
                (start, Input::Configured { config: Arc::clone(&config) }),
                (start, Input::Restarted { agents: Vec::new(), checkpoint: Box::default() }),
            ];
            for (at, input) in first.into_iter().chain(inputs) {
                records.push(JournalRecord::take(&mut center, second(at), input));
            }
        }
        let tapes: Vec<Tape> = tape::runs(records).into_iter().map(tape::read).collect();
        let doors = Doors::learn(&tapes);
        let open = [5, 10, 19, 20, 60].map(|at| doors.is_open(&sales, second(at)));
        assert_eq!(open, [true, false, false, true, true]);
    }
}
