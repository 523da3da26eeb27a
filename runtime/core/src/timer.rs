//! What is due when: each timer runs at most once at a time, and none outlives its cause.

use std::collections::{BTreeMap, BTreeSet};

use crate::{AgentId, AskId, Instant, InteractionId, OfferId, QueueId};

/// Something that becomes due. At the same instant, earlier variants go first.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Timer {
    /// The business hours of a queue begin or end.
    Hours(QueueId),
    /// An estimator's time to answer is over.
    Estimate(AskId),
    /// A router's time to answer is over.
    Ask(AskId),
    /// An offer rang for as long as it may.
    Ring(OfferId),
    /// After-call work is over.
    WrapUp(AgentId),
    /// A contact waited for as long as it may.
    Wait(InteractionId),
    /// A router wanted to be asked again.
    Pause(InteractionId),
    /// Someone who waits is to be told something.
    Announce(InteractionId),
    /// An agent who failed a contact may be tried again.
    Retry(InteractionId),
}

/// All running timers.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    due: BTreeSet<(Instant, Timer)>,
    running: BTreeMap<Timer, Instant>,
}

impl Timers {
    /// Starts `timer`, or moves it to `at` if it runs.
    pub(crate) fn set(&mut self, timer: Timer, at: Instant) {
        self.cancel(&timer);
        self.due.insert((at, timer.clone()));
        self.running.insert(timer, at);
    }

    pub(crate) fn cancel(&mut self, timer: &Timer) {
        if let Some(at) = self.running.remove(timer) {
            self.due.remove(&(at, timer.clone()));
        }
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Timer> {
        self.due.first().filter(|(at, _)| *at <= now)?;
        let (_, timer) = self.due.pop_first()?;
        self.running.remove(&timer);
        Some(timer)
    }
}
