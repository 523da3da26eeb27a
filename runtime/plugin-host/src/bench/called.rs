//! What a call of a chatbot, channel, connector, analyst or pacer costs. Each has a fresh instance, as
//! in a centre, so there are no warm calls; what is asked are ordinary questions of a seed.

use std::sync::Arc;
use std::time::Instant;

use jackfield_core::PluginFailure;

use super::{BenchPlan, Spans, begin, refuse, spans};
use crate::conformance::MeteredCalled;
use crate::conformance::questions::{Chance, Question, ordinary};
use crate::conformance::surroundings::Surroundings;
use crate::engine::block_on;
use crate::host::Loaded;
use crate::worlds::{CallFailure, Called};
use crate::{InstallError, PluginHost, World};

/// The questions, and how the surroundings are seeded.
pub struct Questions {
    all: Vec<Question>,
    plan: BenchPlan,
}

/// What the calls took.
pub struct Measured {
    pub fresh: Spans,
    pub memory_bytes: usize,
    /// Calls that the plugin refused itself.
    pub refused: u32,
}

impl Questions {
    /// As many as fresh instances are measured.
    pub fn new(world: World, plan: &BenchPlan) -> Self {
        let one = |number: u32| {
            ordinary(world, &mut Chance::new(plan.seed.wrapping_add(u64::from(number))))
        };
        Self { all: (0..plan.fresh()).map(one).collect(), plan: plan.clone() }
    }

    /// Puts them to a component that runs as it does in a centre.
    pub fn time(
        &self,
        host: &PluginHost,
        loaded: &Arc<Loaded>,
        called: &Called,
    ) -> Result<Measured, InstallError> {
        let (mut times, mut memory_bytes) = (Vec::new(), 0);
        let (mut refused, mut why) = (0, String::new());
        for question in &self.all {
            let around = Surroundings::new(self.plan.seed, self.plan.settings.clone(), true);
            let around = Arc::new(around);
            let started = Instant::now();
            let mut store = host.inner.call_store(loaded);
            begin(&mut store, around);
            let answer = block_on(question.put.enter(called, &mut store));
            memory_bytes = memory_bytes.max(store.data().memory_bytes());
            drop(store);
            times.push(started.elapsed());
            match answer {
                Ok(_) => {}
                Err(CallFailure { failure: PluginFailure::Refused(text), .. }) => {
                    refused += 1;
                    why = text;
                }
                Err(failed) => return Err(refuse(format!("a call failed: {failed}: {question}"))),
            }
        }
        // A refusal is cheaper than the answer that was to be measured.
        if self.all.len() < refused as usize * 2 {
            let count = self.all.len();
            return Err(InstallError {
                mend: "give it the settings that it needs: `--set NAME=VALUE`".to_owned(),
                ..refuse(format!("{refused} of {count} ordinary questions were refused: {why}"))
            });
        }
        Ok(Measured { fresh: spans(times), memory_bytes, refused })
    }

    /// Instructions of the middle one and of the greatest.
    pub fn fuel(&self, plugin: &MeteredCalled) -> (u64, u64) {
        let one = |question: &Question| plugin.ask(question, self.plan.seed, true).fuel;
        let mut all: Vec<u64> = self.all.iter().map(one).collect();
        all.sort_unstable();
        let middle = all.get(all.len() / 2).copied().unwrap_or_default();
        (middle, all.last().copied().unwrap_or_default())
    }
}
