//! What is due when: each timer runs at most once at a time, and none outlives its cause.

use std::collections::{BTreeMap, BTreeSet};

use crate::table::{AgentKey, QueueKey};
use crate::{AskId, CallbackId, Instant, InteractionId, OfferId};

/// Something that becomes due. At the same instant, earlier variants go first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Timer {
    /// The business hours of a queue begin or end.
    Hours(QueueKey),
    /// Something is due for a callback.
    Callbacks,
    /// Nothing was heard of the phone of a callback's customer.
    Dial(CallbackId),
    /// An estimator's time to answer is over.
    Estimate(AskId),
    /// A router's time to answer is over.
    Ask(AskId),
    /// An offer rang for as long as it may.
    Ring(OfferId),
    /// One more agent is to be rung for a contact.
    Progress(InteractionId),
    /// The after-call work of a conversation is over.
    WrapUp(AgentKey, InteractionId),
    /// A contact waited for as long as it may.
    Wait(InteractionId),
    /// A router wanted to be asked again.
    Pause(InteractionId),
    /// Someone who waits is to be told something.
    Announce(InteractionId),
    /// A step of the queue's eligibility begins.
    Relax(InteractionId),
    /// A contact's priority rises.
    Age(InteractionId),
    /// An agent who failed a contact may be tried again.
    Retry(InteractionId),
    /// Hours that are kept for some of an agent's work begin or end.
    Block(AgentKey),
    /// A blend's peak may begin or end, by its number.
    Blend(usize),
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
        self.due.insert((at, timer));
        self.running.insert(timer, at);
    }

    /// Returns when `timer` ends, if it runs.
    pub(crate) fn when(&self, timer: &Timer) -> Option<Instant> {
        self.running.get(timer).copied()
    }

    pub(crate) fn cancel(&mut self, timer: &Timer) {
        if let Some(at) = self.running.remove(timer) {
            self.due.remove(&(at, *timer));
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
