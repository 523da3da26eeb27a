//! Scenarios: a centre as people write it down, in TOML.
//!
//! `SCENARIOS.md` tells of every key. A scenario and a seed make a [`Plan`].

mod keys;
mod lines;
mod make;
mod queue;
mod read;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jackfield_core::{AgentId, CenterConfig, NotReadyReason, QueueId, RouterChoice};

use crate::plan::{Act, AgentPlan, Faults, Stream};

pub use keys::{Problem, Problems};
pub use text::{parse_time, show_time};

/// A centre as it is written down.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it shows.
    pub about: String,
    /// How long contacts come.
    pub length: Duration,
    /// Figures are made of what joins a queue after this.
    pub warm_up: Duration,
    /// See [`crate::Plan::overtakes_max`].
    pub overtakes_max: u32,
    /// Queues and agents.
    pub config: CenterConfig,
    /// How agents behave and work.
    pub(crate) agents: BTreeMap<AgentId, (AgentPlan, Shift)>,
    /// Who comes.
    pub(crate) streams: Vec<(Stream, Arrivals)>,
    /// What breaks.
    pub(crate) faults: Faults,
    pub(crate) operations: Operations,
}

/// When contacts come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Arrivals {
    /// At random, at a rate by second from each moment on.
    Poisson(Vec<(Duration, f64)>),
    /// At these moments.
    Trace(Vec<Duration>),
}

/// When an agent works.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shift {
    pub(crate) from: Duration,
    pub(crate) to: Option<Duration>,
    pub(crate) breaks: Vec<Break>,
    /// The number of the agent in its class.
    pub(crate) number: u32,
}

/// A pause in a shift.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Break {
    pub(crate) at: Duration,
    pub(crate) lasts: Duration,
    pub(crate) reason: NotReadyReason,
    /// Each agent of the class goes this much after the one before.
    pub(crate) stagger: Duration,
}

/// What is done to the centre while it runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Operations {
    pub(crate) crash_every: Option<Duration>,
    /// Queue, from, for how long.
    pub(crate) closes: Vec<(QueueId, Duration, Duration)>,
    /// When, from which router to which.
    pub(crate) swaps: Vec<(Duration, String, String)>,
    /// What a supervisor does by hand, and when.
    pub(crate) hands: Vec<(Duration, Act)>,
    /// When, and the set-up from then on.
    pub(crate) changes: Vec<(Duration, CenterConfig)>,
}

/// The bundled scenarios: name and text.
pub const BUNDLED: [(&str, &str); 7] = [
    ("single-queue", include_str!("../scenarios/single-queue.toml")),
    ("patience", include_str!("../scenarios/patience.toml")),
    ("two-skills", include_str!("../scenarios/two-skills.toml")),
    ("busy-day", include_str!("../scenarios/busy-day.toml")),
    ("blended", include_str!("../scenarios/blended.toml")),
    ("full-width", include_str!("../scenarios/full-width.toml")),
    ("storm", include_str!("../scenarios/storm.toml")),
];

impl Scenario {
    /// Makes this router the one of every queue, before and after all changes.
    pub fn use_router(&mut self, name: &str) {
        let changes = self.operations.changes.iter_mut().map(|(_, config)| config);
        for config in changes.chain([&mut self.config]) {
            for queue in config.queues.values_mut() {
                queue.router = match name {
                    "built-in" => RouterChoice::BuiltIn,
                    _ => RouterChoice::Plugin(name.to_owned()),
                };
            }
        }
        self.operations.swaps.clear();
    }

    /// Returns the names of all routers that its queues ask at some time.
    pub fn routers(&self) -> BTreeSet<String> {
        let changes = self.operations.changes.iter().map(|(_, config)| config);
        let queues = changes.chain([&self.config]).flat_map(|config| config.queues.values());
        let asked = queues.filter_map(|queue| match &queue.router {
            RouterChoice::Plugin(name) => Some(name.clone()),
            RouterChoice::BuiltIn => None,
        });
        let swapped = self.operations.swaps.iter().map(|(_, _, to)| to.clone());
        asked.chain(swapped).collect()
    }

    /// Makes this estimator the one of every queue that tells waits, before and after all changes.
    pub fn use_estimator(&mut self, name: &str) {
        let changes = self.operations.changes.iter_mut().map(|(_, config)| config);
        for config in changes.chain([&mut self.config]) {
            let told = config.queues.values_mut().filter(|queue| queue.announcements.is_some());
            told.for_each(|queue| {
                queue.estimator = Some(name.to_owned()).filter(|n| n != "built-in")
            });
        }
    }

    /// Returns the names of all estimators that its queues ask at some time.
    pub fn estimators(&self) -> BTreeSet<String> {
        let changes = self.operations.changes.iter().map(|(_, config)| config);
        let queues = changes.chain([&self.config]).flat_map(|config| config.queues.values());
        queues.filter_map(|queue| queue.estimator.clone()).collect()
    }

    /// Returns the bundled scenario of this name.
    pub fn bundled(name: &str) -> Option<&'static str> {
        BUNDLED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }
}

#[cfg(test)]
mod tests;
