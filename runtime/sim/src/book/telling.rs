//! What customers are told of their wait: only what is calibrated, and never more than before less the
//! time since, unless their place got worse or the staff fewer.
//!
//! How well an estimator does is worked out anew from what was said and what became of it.

use jackfield_core::{
    AgentState, Calibration, CalibrationLimits, CenterSnapshot, Estimate, Input, Instant,
    InteractionId, JournalRecord, Output, QueueId,
};

use super::{Book, Stay, Wrong, ensure};

/// What one contact heard in one queue.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    /// The first estimate, when, and by whom.
    first: Option<(Instant, Estimate, String)>,
    /// The latest that was to be told.
    last: Option<Told>,
}

#[derive(Clone, Copy, Debug)]
struct Told {
    at: Instant,
    estimate: Estimate,
    position: u32,
    staff: usize,
}

/// How well the waits of one queue were estimated.
#[derive(Clone, Debug)]
pub(crate) struct Estimates {
    estimator: String,
    calibration: Calibration,
}

impl Estimates {
    fn new(limits: CalibrationLimits) -> Self {
        Self { estimator: String::new(), calibration: Calibration::new(limits) }
    }
}

impl Book {
    /// What an output that ends a wait says about the estimate of it.
    pub(super) fn wait_ends(&mut self, at: Instant, output: &Output) {
        let (id, answered) = match output {
            Output::Connect { interaction, .. } => (*interaction, true),
            Output::Overflowed { interaction, .. }
            | Output::Moved { interaction, .. }
            | Output::Abandoned { interaction, .. }
            | Output::LeaveQueue { interaction, .. } => (*interaction, false),
            _ => return,
        };
        let Some(stay) = self.stay(id) else { return };
        let (queue, first) = (stay.queue.clone(), stay.heard.first.clone());
        let Some((said, estimate, by)) = first else { return };
        if let Some(about) = self.estimates.get_mut(&queue).filter(|about| about.estimator == by) {
            about.calibration.record(estimate, at - said, answered);
        }
    }

    /// An estimator spoke.
    pub(super) fn estimated(
        &mut self,
        at: Instant,
        id: InteractionId,
        (estimate, position, told): (Estimate, u32, bool),
        plugin: &str,
    ) -> Result<(), Wrong> {
        let Some(stay) = self.stay(id) else {
            ensure!(false, Estimate, "the wait of {id} is estimated, who does not wait");
            return Ok(());
        };
        let (staff, queue, last) = (self.staff_of(stay), stay.queue.clone(), stay.heard.last);
        let limits = self.config.limits.calibration;
        let about = self.estimates.entry(queue.clone()).or_insert_with(|| Estimates::new(limits));
        if about.estimator != plugin {
            plugin.clone_into(&mut about.estimator);
            about.calibration = Calibration::new(limits);
        }
        let calibrated = about.calibration.is_calibrated() || self.estimates_believed;
        ensure!(
            told == calibrated,
            Estimate,
            "{id} is told: {told}, the estimates of {queue} are calibrated: {calibrated}"
        );
        self.position_is(id, position)?;
        let bounded = match last {
            Some(last) if position <= last.position && last.staff <= staff => {
                let passed = at - last.at;
                Estimate {
                    p50: estimate.p50.min(last.estimate.p50.saturating_sub(passed)),
                    p90: estimate.p90.min(last.estimate.p90.saturating_sub(passed)),
                }
            }
            _ => estimate,
        };
        if let Some(stay) = self.stay_mut(id) {
            let heard = &mut stay.heard;
            heard.first.get_or_insert_with(|| (at, estimate, plugin.to_owned()));
            if told {
                heard.last = Some(Told { at, estimate: bounded, position, staff });
            }
        }
        Ok(())
    }

    /// A customer hears something.
    pub(super) fn announced(
        &self,
        at: Instant,
        id: InteractionId,
        wait: Option<Estimate>,
    ) -> Result<(), Wrong> {
        let Some(wait) = wait else { return Ok(()) };
        let last = self.stay(id).and_then(|stay| stay.heard.last);
        let last = last.filter(|last| last.at == at).map(|last| last.estimate);
        let most = last.unwrap_or_default();
        ensure!(
            wait == most,
            Estimate,
            "{id} hears {:?}, where {:?} is what it may hear",
            wait.p50,
            most.p50
        );
        Ok(())
    }

    /// Returns how many agents could serve a contact and are at work.
    fn staff_of(&self, stay: &Stay) -> usize {
        let works = |state: &AgentState| {
            !matches!(state, AgentState::LoggedOut | AgentState::NotReady { .. })
        };
        let working = self.agents.iter().filter(|(_, agent)| works(&agent.state));
        working.filter(|(id, _)| self.is_able(id, stay)).count()
    }

    /// Which queues announce, once a new set-up is in force.
    pub(super) fn estimates_end(&mut self, record: &JournalRecord) {
        if !matches!(record.input, Input::Configured { .. }) {
            return;
        }
        let limits = self.config.limits.calibration;
        let announces = |queue: &QueueId| match self.config.queues.get(queue) {
            Some(config) => config.announcements.is_some(),
            // On its way out it goes on while a phone rings for it.
            None => self.lines.get(queue).is_some_and(|line| !line.is_empty()),
        };
        let mut estimates = std::mem::take(&mut self.estimates);
        estimates.retain(|queue, _| announces(queue));
        for queue in self.config.queues.keys().filter(|queue| announces(queue)) {
            estimates.entry(queue.clone()).or_insert_with(|| Estimates::new(limits));
        }
        estimates.values_mut().for_each(|about| about.calibration.set_limits(limits));
        let told: Vec<InteractionId> = self.contacts.keys().copied().collect();
        for id in told {
            if let Some(stay) =
                self.stay_mut(id).filter(|stay| !estimates.contains_key(&stay.queue))
            {
                stay.heard = Heard::default();
            }
        }
        self.estimates = estimates;
    }

    /// Compares how well waits were estimated with what the engine says of it.
    pub(super) fn compare_estimates(&self, snapshot: &CenterSnapshot) -> Result<(), Wrong> {
        for (name, queue) in &snapshot.queues {
            let told = self.estimates.get(name).map(|about| about.calibration.report());
            let is = &queue.calibration;
            ensure!(told == *is, Estimate, "{name} is estimated as {is:?}, and not {told:?}");
        }
        Ok(())
    }
}
