//! What stands in one tenant and outlives single calls: queues that are closed, customers who are to
//! be called, and counts of what is not in the engine's figures. Made of outputs alone.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_core::{
    AgentId, Callback, CallbackId, CallbackOrigin, CallbackPhase, CallbackState, Checkpoint,
    Instant, InteractionId, Output, QueueId,
};

/// What stands at the moment.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Queues that take nobody now.
    pub closed: BTreeSet<QueueId>,
    /// Customers who are to be called.
    pub callbacks: BTreeMap<CallbackId, OpenCallback>,
    /// Counts by what was counted, queue, and how.
    pub counts: BTreeMap<(Counted, QueueId, &'static str), u64>,
    /// Counts of work that was put aside, and taken up again.
    pub interruptions: u64,
    /// Blends in their peak.
    pub peaks: BTreeSet<String>,
}

/// What is counted by queue.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Counted {
    /// What became of callbacks.
    Callbacks,
    /// What those who wait were told.
    Announcements,
    /// Estimates: told, or kept silent while not calibrated.
    Estimates,
    /// Questions that estimators did not answer, by failure.
    EstimatorFailures,
    /// Contacts that were moved, and priorities that were changed.
    Interventions,
    /// Openings and closings.
    Doors,
}

/// A customer who is to be called.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OpenCallback {
    /// The contact that asked for it.
    pub interaction: InteractionId,
    /// In whose line it stands.
    pub queue: QueueId,
    /// The number.
    pub address: String,
    /// How it came about.
    pub origin: CallbackOrigin,
    /// Who is to call.
    pub owner: Option<AgentId>,
    /// Since when the customer waits: the place in line.
    pub since: Instant,
    /// When the alarm goes off.
    pub deadline: Instant,
    /// Whether it went off.
    pub overdue: bool,
    /// Tries begun.
    pub attempts: u32,
    /// `waiting`, `dialling`, `retry`.
    pub state: &'static str,
}

impl Standing {
    /// Takes over what outlived the process before: the engine says nothing of it.
    pub fn begin(&mut self, checkpoint: &Checkpoint) {
        self.callbacks = checkpoint.callbacks.iter().map(|(id, one)| (*id, kept(one))).collect();
    }

    /// Notes one output of the engine.
    pub fn apply(&mut self, output: &Output) {
        match output {
            Output::QueueChanged { queue, open, .. } => {
                if *open {
                    self.closed.remove(queue);
                } else {
                    self.closed.insert(queue.clone());
                }
                self.count(Counted::Doors, queue, if *open { "opened" } else { "closed" });
            }
            Output::CallbackChanged { callback, interaction, queue, state } => {
                self.count(Counted::Callbacks, queue, callback_word(state));
                self.callback(*callback, (*interaction, queue), state);
            }
            Output::Announce { queue, position, wait, message, .. } => {
                for (told, word) in [
                    (position.is_some(), "position"),
                    (wait.is_some(), "wait"),
                    (message.is_some(), "message"),
                ] {
                    if told {
                        self.count(Counted::Announcements, queue, word);
                    }
                }
            }
            Output::Estimated { queue, told, .. } => {
                self.count(Counted::Estimates, queue, if *told { "told" } else { "silent" });
            }
            Output::EstimatorFailed { queue, failure, .. } => {
                self.count(Counted::EstimatorFailures, queue, failure.label());
            }
            Output::Moved { from, .. } => self.count(Counted::Interventions, from, "moved"),
            Output::Prioritised { queue, .. } => {
                self.count(Counted::Interventions, queue, "prioritised");
            }
            Output::Relaxed { queue, .. } => self.count(Counted::Interventions, queue, "relaxed"),
            Output::Interrupt { .. } => self.interruptions += 1,
            Output::BlendChanged { blend, peak } => {
                if *peak {
                    self.peaks.insert(blend.clone());
                } else {
                    self.peaks.remove(blend);
                }
            }
            _ => (),
        }
    }

    fn count(&mut self, what: Counted, queue: &QueueId, how: &'static str) {
        *self.counts.entry((what, queue.clone(), how)).or_default() += 1;
    }

    fn callback(
        &mut self,
        callback: CallbackId,
        (interaction, queue): (InteractionId, &QueueId),
        state: &CallbackState,
    ) {
        if let CallbackState::Waiting { address, origin, owner, deadline, place } = state {
            let known = self.callbacks.get(&callback);
            let open = OpenCallback {
                interaction,
                queue: queue.clone(),
                address: address.clone(),
                origin: *origin,
                owner: owner.clone(),
                since: known.map_or(place.joined, |known| known.since),
                deadline: *deadline,
                overdue: known.is_some_and(|known| known.overdue),
                attempts: known.map_or(0, |known| known.attempts),
                state: "waiting",
            };
            self.callbacks.insert(callback, open);
            return;
        }
        let Some(open) = self.callbacks.get_mut(&callback) else { return };
        match state {
            CallbackState::Dialling { attempt } => {
                (open.state, open.attempts) = ("dialling", *attempt);
            }
            CallbackState::Retry { .. } => open.state = "retry",
            CallbackState::Overdue => open.overdue = true,
            CallbackState::Waiting { .. } => (),
            CallbackState::Merged { .. }
            | CallbackState::Done
            | CallbackState::GotThrough
            | CallbackState::Cancelled { .. }
            | CallbackState::Failed => {
                self.callbacks.remove(&callback);
            }
        }
    }
}

/// A callback of the process before.
fn kept(callback: &Callback) -> OpenCallback {
    OpenCallback {
        interaction: callback.interaction,
        queue: callback.queue.clone(),
        address: callback.address.clone(),
        origin: callback.origin,
        owner: callback.owner.clone(),
        since: callback.joined,
        deadline: callback.deadline,
        overdue: callback.overdue,
        attempts: callback.attempts,
        state: match callback.phase {
            CallbackPhase::Retrying(_) => "retry",
            _ => "waiting",
        },
    }
}

/// The state's name in reports and metrics.
pub const fn callback_word(state: &CallbackState) -> &'static str {
    match state {
        CallbackState::Waiting { .. } => "waiting",
        CallbackState::Merged { .. } => "merged",
        CallbackState::Dialling { .. } => "dialling",
        CallbackState::Retry { .. } => "retry",
        CallbackState::Overdue => "overdue",
        CallbackState::Done => "done",
        CallbackState::GotThrough => "got_through",
        CallbackState::Cancelled { .. } => "cancelled",
        CallbackState::Failed => "failed",
    }
}
