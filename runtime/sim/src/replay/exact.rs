//! The recorded day through the same engine, and through the same router versions: byte for byte.

use std::collections::BTreeMap;

use jackfield_core::{AskId, Center, Input, Instant, JournalRecord, Output, RoutingAsk, Stats};

use crate::router::Router;

/// What an exact replay gave.
#[derive(Clone, Debug, Default)]
pub struct Exact {
    /// Records that were fed.
    pub records: u64,
    /// Decisions in the log.
    pub decisions: u64,
    /// The decision log as recorded: one line of JSON for each decision.
    pub recorded: String,
    /// The decision log as replayed.
    pub replayed: String,
    /// Answers of routers that were asked again.
    pub asked: u64,
    /// Answers whose version was not at hand; the recorded answer was taken.
    pub not_asked: u64,
    /// The first thing that was not the same.
    pub divergence: Option<Divergence>,
    /// The engine's figures as recorded, by process run.
    pub stats_recorded: Vec<Stats>,
    /// The engine's figures as replayed.
    pub stats_replayed: Vec<Stats>,
}

/// The first thing that was not the same.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Divergence {
    /// The engine said something else.
    #[error("record {index} at {at}: the record has {recorded}, the replay gave {replayed}")]
    Outputs {
        /// Which record, from 0.
        index: u64,
        /// When.
        at: Instant,
        /// What the record says.
        recorded: String,
        /// What the engine said.
        replayed: String,
    },
    /// A router of the same version answered something else.
    #[error("question {ask} at {at}: router {digest:.12} had answered {recorded}, now {replayed}")]
    Answer {
        /// Which question.
        ask: AskId,
        /// When.
        at: Instant,
        /// Whom.
        digest: String,
        /// What the record says.
        recorded: String,
        /// What it said now.
        replayed: String,
    },
}

impl Exact {
    /// Tells whether the two logs and the two sets of figures are the same to the byte.
    pub fn identical(&self) -> bool {
        self.divergence.is_none()
            && self.recorded == self.replayed
            && json(&self.stats_recorded) == json(&self.stats_replayed)
    }
}

/// Replays one process run. Only what happened at `from` or later goes into logs and figures.
///
/// `observe` is shown each of those records, and what the engine made of it now: for figures of
/// one's own. `routers` are by digest. The replay goes on after a divergence with what is recorded, so that the
/// logs can be laid side by side.
pub fn exact(
    records: &[JournalRecord],
    from: Instant,
    routers: &mut BTreeMap<String, Box<dyn Router + '_>>,
    observe: &mut dyn FnMut(&JournalRecord, &JournalRecord),
) -> Exact {
    let mut exact = Exact {
        stats_recorded: vec![Stats::default()],
        stats_replayed: vec![Stats::default()],
        ..Exact::default()
    };
    let mut center = Center::new();
    let mut open: BTreeMap<AskId, RoutingAsk> = BTreeMap::new();
    for record in records {
        exact.ask_again(record, &open, routers);
        let replayed = JournalRecord::take(&mut center, record.at, record.input.clone());
        exact.compare(record, &replayed);
        for output in &replayed.outputs {
            if let Output::AskRouter { ask, request, .. } = output {
                open.insert(*ask, request.as_ref().clone());
            }
        }
        if let Input::RouterReplied { ask, .. } | Input::RouterFailed { ask, .. } = &record.input {
            open.remove(ask);
        }
        if from <= record.at {
            exact.log(record, &replayed);
            observe(record, &replayed);
        }
    }
    exact
}

impl Exact {
    /// Adds the replay of the process run that followed.
    pub fn join(&mut self, next: Self) {
        self.records += next.records;
        self.decisions += next.decisions;
        self.recorded.push_str(&next.recorded);
        self.replayed.push_str(&next.replayed);
        self.asked += next.asked;
        self.not_asked += next.not_asked;
        self.divergence = self.divergence.take().or(next.divergence);
        self.stats_recorded.extend(next.stats_recorded);
        self.stats_replayed.extend(next.stats_replayed);
    }

    fn ask_again(
        &mut self,
        record: &JournalRecord,
        open: &BTreeMap<AskId, RoutingAsk>,
        routers: &mut BTreeMap<String, Box<dyn Router + '_>>,
    ) {
        let Input::RouterReplied { ask, answer, plugin } = &record.input else { return };
        let Some(request) = open.get(ask) else { return };
        let Some(router) = routers.get_mut(plugin) else {
            self.not_asked += 1;
            return;
        };
        self.asked += 1;
        let again = router.choose(request);
        if again.as_ref() != Ok(answer) {
            self.divergence.get_or_insert(Divergence::Answer {
                ask: *ask,
                at: record.at,
                digest: plugin.clone(),
                recorded: json(answer),
                replayed: again.map_or_else(|failure| failure.to_string(), |again| json(&again)),
            });
        }
    }

    fn compare(&mut self, record: &JournalRecord, replayed: &JournalRecord) {
        if record.outputs != replayed.outputs {
            self.divergence.get_or_insert(Divergence::Outputs {
                index: self.records,
                at: record.at,
                recorded: json(&record.outputs),
                replayed: json(&replayed.outputs),
            });
        }
        self.records += 1;
    }

    fn log(&mut self, record: &JournalRecord, replayed: &JournalRecord) {
        for output in &record.outputs {
            self.stats_recorded.iter_mut().for_each(|stats| stats.apply(record.at, output));
            self.decisions += u64::from(decision(record.at, output, &mut self.recorded));
        }
        for output in &replayed.outputs {
            self.stats_replayed.iter_mut().for_each(|stats| stats.apply(replayed.at, output));
            decision(replayed.at, output, &mut self.replayed);
        }
    }
}

/// Adds a line to the decision log if `output` is a decision: who was offered what and why, who was
/// connected, who was let go, moved or raised.
pub fn decision(at: Instant, output: &Output, log: &mut String) -> bool {
    let decides = matches!(
        output,
        Output::Offer { .. }
            | Output::Withdraw { .. }
            | Output::Connect { .. }
            | Output::LeaveQueue { .. }
            | Output::Overflowed { .. }
            | Output::Moved { .. }
            | Output::Prioritised { .. }
            | Output::Relaxed { .. }
            | Output::Abandoned { .. }
            | Output::RouterFailed { .. }
            | Output::Dial { .. }
    );
    if decides {
        log.push_str(&format!("{at} {}\n", json(output)));
    }
    decides
}

/// The engine's types have no maps with keys other than strings, which is all that could fail.
fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| format!("not to be written: {error}"))
}
