//! Figures made of outputs alone, so they can be made again from the journal.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{AgentId, Instant, Output, QueueEnd, QueueId};

/// Why a figure cannot be given.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StatsError {
    /// Nothing happened that it could be made of. Show it as "no data".
    #[error("no interactions in this interval")]
    NoInteractions,
}

/// The figures of one tenant, since the first output they were fed.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// The moment of the first output.
    pub since: Option<Instant>,
    /// The moment of the last output.
    pub until: Option<Instant>,
    /// By queue.
    pub queues: BTreeMap<QueueId, QueueStats>,
    /// By agent.
    pub agents: BTreeMap<AgentId, AgentStats>,
}

/// The figures of one queue.
///
/// Every contact offered ends in exactly one of the others, or still waits: `offered = answered +
/// abandoned + short_abandoned + left + overflowed_out + waiting`.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct QueueStats {
    /// Contacts that joined, by their flow or from another queue.
    pub offered: u64,
    /// Contacts that an agent answered.
    pub answered: u64,
    /// Of these, within the queue's service level target.
    pub answered_in_target: u64,
    /// Customers who left while they waited, without the short ones.
    pub abandoned: u64,
    /// Customers who left sooner than the queue's `short_abandon`.
    pub short_abandoned: u64,
    /// Contacts that left without an agent, by reason.
    pub left: LeftStats,
    /// Of those offered, contacts that came from another queue.
    pub overflowed_in: u64,
    /// Contacts that moved on to another queue.
    pub overflowed_out: u64,
    /// The waits of all that were answered.
    pub wait_of_answered: Duration,
    /// Conversations that ended.
    pub handled: u64,
    /// Their talk time.
    pub talk: Duration,
    /// The after-call work that followed.
    pub wrap_up: Duration,
    /// Answers that routers did not give, by label.
    pub router_failures: BTreeMap<String, u64>,
}

/// Contacts that left a queue without an agent and without hanging up.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct LeftStats {
    /// The longest wait was reached.
    pub timed_out: u64,
    /// The queue was full.
    pub full: u64,
    /// The queue was closed.
    pub closed: u64,
    /// Nobody who could serve them was logged in.
    pub no_agents: u64,
    /// The customer pressed a key.
    pub by_key: u64,
    /// The customer asked to be called back.
    #[serde(default)]
    pub callback: u64,
}

impl LeftStats {
    /// Returns the sum.
    pub const fn total(&self) -> u64 {
        self.timed_out + self.full + self.closed + self.no_agents + self.by_key + self.callback
    }
}

/// The figures of one agent.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct AgentStats {
    /// Conversations that ended.
    pub contacts: u64,
    /// Their talk time.
    pub talk: Duration,
    /// After-call work that ended.
    pub wrap_up: Duration,
    /// Time in Ready that ended.
    pub ready: Duration,
    /// Time in NotReady that ended.
    pub not_ready: Duration,
}

impl QueueStats {
    /// Returns the service level: the share of contacts, answered or abandoned, that an agent
    /// answered within the queue's target time.
    ///
    /// Computed as `answered_in_target / (answered + abandoned)`, so an abandoned contact counts
    /// against the queue. Short abandons, contacts that still wait, and those that left otherwise
    /// or overflowed are in neither term.
    ///
    /// # Units
    ///
    /// A ratio from 0.0 to 1.0 inclusive, not a percentage.
    ///
    /// # Errors
    ///
    /// [`StatsError::NoInteractions`] if nothing was answered or abandoned: show "no data", for
    /// neither 0 % nor 100 % would be true.
    ///
    /// # Examples
    ///
    /// ```
    /// use jackfield_core::QueueStats;
    ///
    /// let stats =
    ///     QueueStats { answered: 9, answered_in_target: 8, abandoned: 1, ..Default::default() };
    /// assert_eq!(stats.service_level(), Ok(0.8));
    /// ```
    pub fn service_level(&self) -> Result<f64, StatsError> {
        match self.answered + self.abandoned {
            0 => Err(StatsError::NoInteractions),
            counted => Ok(self.answered_in_target as f64 / counted as f64),
        }
    }

    /// Returns the average speed of answer (ASA): the mean wait of answered contacts, from joining
    /// the first queue of their stay to the answer.
    ///
    /// # Errors
    ///
    /// [`StatsError::NoInteractions`] if nothing was answered.
    pub fn average_speed_of_answer(&self) -> Result<Duration, StatsError> {
        mean(self.wait_of_answered, self.answered)
    }

    /// Returns the average handle time (AHT): talk and after-call work by conversation that ended.
    ///
    /// After-call work counts when it ends, so work at hand is in neither term.
    ///
    /// # Errors
    ///
    /// [`StatsError::NoInteractions`] if no conversation ended.
    pub fn average_handle_time(&self) -> Result<Duration, StatsError> {
        mean(self.talk + self.wrap_up, self.handled)
    }
}

fn mean(sum: Duration, count: u64) -> Result<Duration, StatsError> {
    if count == 0 {
        return Err(StatsError::NoInteractions);
    }
    let micros = sum.as_micros() / u128::from(count);
    Ok(Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX)))
}

impl Stats {
    /// Counts one output of the engine, said at `at`.
    pub fn apply(&mut self, at: Instant, output: &Output) {
        self.since.get_or_insert(at);
        self.until = Some(at);
        match output {
            Output::Queued { queue, .. } => self.queue(queue).offered += 1,
            Output::Overflowed { from, to, .. } => {
                self.queue(from).overflowed_out += 1;
                let to = self.queue(to);
                to.offered += 1;
                to.overflowed_in += 1;
            }
            Output::Connect { queue, waited, in_target, .. } => {
                let queue = self.queue(queue);
                queue.answered += 1;
                queue.answered_in_target += u64::from(*in_target);
                queue.wait_of_answered += *waited;
            }
            Output::Disconnect { queue, agent, talked, .. } => {
                let agent = self.agents.entry(agent.clone()).or_default();
                agent.contacts += 1;
                agent.talk += *talked;
                let queue = self.queue(queue);
                queue.handled += 1;
                queue.talk += *talked;
            }
            Output::WrapUpEnded { agent, queue, lasted, .. } => {
                self.agents.entry(agent.clone()).or_default().wrap_up += *lasted;
                self.queue(queue).wrap_up += *lasted;
            }
            Output::LeaveQueue { queue, end, .. } => self.queue(queue).leave(*end),
            Output::Abandoned { queue, short: true, .. } => {
                self.queue(queue).short_abandoned += 1;
            }
            Output::Abandoned { queue, .. } => self.queue(queue).abandoned += 1,
            Output::AgentChanged { agent, lasted, before, .. } => {
                self.spend(agent, before, *lasted);
            }
            Output::RouterFailed { queue, failure, .. } => {
                let failures = &mut self.queue(queue).router_failures;
                *failures.entry(failure.label().to_owned()).or_default() += 1;
            }
            Output::Moved { from, to, .. } => {
                self.queue(from).overflowed_out += 1;
                let to = self.queue(to);
                to.offered += 1;
                to.overflowed_in += 1;
            }
            Output::Announce { .. }
            | Output::AskEstimator { .. }
            | Output::Interrupt { .. }
            | Output::Resume { .. }
            | Output::Dial { .. }
            | Output::StopDialling { .. }
            | Output::Prioritised { .. }
            | Output::Relaxed { .. }
            | Output::Estimated { .. }
            | Output::EstimatorFailed { .. }
            | Output::QueueChanged { .. }
            | Output::BlendChanged { .. }
            | Output::CallbackChanged { .. }
            | Output::AskRouter { .. }
            | Output::Offer { .. }
            | Output::Withdraw { .. }
            | Output::OfferLost { .. }
            | Output::Closed { .. }
            | Output::Refused { .. } => (),
        }
    }

    fn queue(&mut self, name: &QueueId) -> &mut QueueStats {
        self.queues.entry(name.clone()).or_default()
    }

    fn spend(&mut self, name: &AgentId, before: &str, lasted: Duration) {
        let agent = self.agents.entry(name.clone()).or_default();
        match before {
            "ready" => agent.ready += lasted,
            "not_ready" => agent.not_ready += lasted,
            _ => (),
        }
    }
}

impl QueueStats {
    fn leave(&mut self, end: QueueEnd) {
        match end {
            // Counted when it was answered.
            QueueEnd::Served => (),
            QueueEnd::TimedOut => self.left.timed_out += 1,
            QueueEnd::Full => self.left.full += 1,
            QueueEnd::Closed => self.left.closed += 1,
            QueueEnd::NoAgents => self.left.no_agents += 1,
            QueueEnd::LeftByKey(_) => self.left.by_key += 1,
            QueueEnd::Callback => self.left.callback += 1,
        }
    }
}
