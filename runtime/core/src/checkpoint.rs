//! What outlives the process: callbacks that are open and queues that a supervisor closed.
//!
//! A call dies with the process that carries it; a customer who waits at home does not. A
//! [`CheckpointReader`] makes the [`Checkpoint`] of a journal, from inputs and outputs alone, so it does
//! not matter which version of the engine wrote it. [`crate::Input::Restarted`] hands it to the new
//! engine: each callback keeps its name, its place, what it needs, its owner, its deadline, its tries.
//! [`Center::checkpoint`] is the same as the engine itself has it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    Callback, CallbackId, CallbackPhase, CallbackState, Center, Input, Instant, InteractionId,
    JournalRecord, Output, QueueId,
};

/// What outlives the process.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The queues that a supervisor closed, by name.
    pub closed_queues: Vec<ClosedQueue>,
    /// The open callbacks, the oldest request first. Each is [`CallbackPhase::Waiting`],
    /// [`CallbackPhase::Retrying`], or [`CallbackPhase::Dialling`] if a try was under way.
    pub callbacks: Vec<(CallbackId, Callback)>,
    /// The last name that was given to a callback: none is given twice.
    pub callbacks_named: u64,
}

/// A queue that a supervisor closed.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct ClosedQueue {
    /// Which.
    pub queue: QueueId,
    /// What customers are told; `None` is the queue's `closed_message`.
    pub message: Option<String>,
    /// Who did it.
    pub by: String,
}

/// Makes the checkpoint of a journal, record by record.
#[derive(Clone, Debug, Default)]
pub struct CheckpointReader {
    /// The queues of the set-up: only they can be closed and opened.
    queues: BTreeSet<QueueId>,
    closed: BTreeMap<QueueId, ClosedQueue>,
    callbacks: BTreeMap<CallbackId, Callback>,
    named: u64,
    /// Contacts in the centre: nobody is called who is on the line.
    contacts: BTreeSet<InteractionId>,
}

impl CheckpointReader {
    /// Takes the next record.
    pub fn take(&mut self, record: &JournalRecord) {
        match &record.input {
            Input::Restarted { checkpoint, .. } => self.begin_again(checkpoint),
            Input::Configured { config } => self.queues = config.queues.keys().cloned().collect(),
            Input::QueueClosed { queue, message, by } if self.queues.contains(queue) => {
                let (queue, message, by) = (queue.clone(), message.clone(), by.clone());
                self.closed.insert(queue.clone(), ClosedQueue { queue, message, by });
            }
            Input::QueueOpened { queue, .. } if self.queues.contains(queue) => {
                self.closed.remove(queue);
            }
            Input::InteractionArrived { interaction, .. } => {
                let refused = Some(interaction);
                let mut outputs = record.outputs.iter();
                if !outputs.any(|output| refused_contact(output) == refused) {
                    self.contacts.insert(*interaction);
                }
            }
            _ => (),
        }
        for output in &record.outputs {
            self.said(record.at, output);
        }
    }

    /// Returns what outlives the process if it ends at `now`.
    #[must_use]
    pub fn checkpoint(&self, now: Instant) -> Checkpoint {
        let callbacks = self.callbacks.iter();
        Checkpoint {
            closed_queues: self.closed.values().cloned().collect(),
            callbacks: callbacks.map(|(id, callback)| (*id, outliving(callback, now))).collect(),
            callbacks_named: self.named,
        }
    }

    fn begin_again(&mut self, checkpoint: &Checkpoint) {
        let known = |closed: &&ClosedQueue| self.queues.contains(&closed.queue);
        let closed = checkpoint.closed_queues.iter().filter(known);
        self.closed = closed.map(|closed| (closed.queue.clone(), closed.clone())).collect();
        self.callbacks = checkpoint.callbacks.iter().cloned().collect();
        self.named = checkpoint.callbacks_named;
        self.contacts.clear();
    }

    fn said(&mut self, at: Instant, output: &Output) {
        match output {
            Output::CallbackChanged { callback, interaction, queue, state } => {
                self.named = self.named.max(callback.0);
                self.changed(at, *callback, (*interaction, queue), state);
            }
            Output::Prioritised { interaction, to, .. } => {
                if let Some(callback) = self.in_line(at, *interaction) {
                    callback.options.priority = *to;
                }
            }
            Output::Closed { interaction, .. } => {
                self.contacts.remove(interaction);
                let held = CallbackPhase::OnTheLine(*interaction);
                for callback in self.callbacks.values_mut().filter(|one| one.phase == held) {
                    (callback.phase, callback.since) = (CallbackPhase::Waiting, at);
                }
            }
            _ => (),
        }
    }

    fn in_line(&mut self, at: Instant, name: InteractionId) -> Option<&mut Callback> {
        let callback = self.callbacks.get_mut(&name.callback()?)?;
        retried(callback, at);
        Some(callback)
    }

    fn changed(
        &mut self,
        at: Instant,
        id: CallbackId,
        (interaction, queue): (InteractionId, &QueueId),
        state: &CallbackState,
    ) {
        let on_the_line = self.contacts.contains(&interaction);
        match state {
            CallbackState::Waiting { address, origin, owner, deadline, place } => {
                let phase = if on_the_line {
                    CallbackPhase::OnTheLine(interaction)
                } else {
                    CallbackPhase::Waiting
                };
                let callback = Callback {
                    interaction,
                    queue: queue.clone(),
                    address: address.clone(),
                    origin: *origin,
                    joined: place.joined,
                    since: at,
                    options: place.options.clone(),
                    owner: owner.clone(),
                    owner_until: place.owner_until,
                    deadline: *deadline,
                    rules: place.rules.clone(),
                    attempts: 0,
                    overdue: false,
                    phase,
                };
                self.callbacks.insert(id, callback);
            }
            CallbackState::Merged { into } => {
                if let Some(callback) = self.callbacks.get_mut(into)
                    && on_the_line
                    && let CallbackPhase::Waiting | CallbackPhase::Retrying(_) = callback.phase
                {
                    callback.phase = CallbackPhase::OnTheLine(interaction);
                }
            }
            CallbackState::Dialling { attempt } => {
                if let Some(callback) = self.callbacks.get_mut(&id) {
                    retried(callback, at);
                    (callback.attempts, callback.phase) = (*attempt, CallbackPhase::Dialling(None));
                }
            }
            CallbackState::Retry { at, .. } => {
                if let Some(callback) = self.callbacks.get_mut(&id) {
                    callback.phase = CallbackPhase::Retrying(*at);
                }
            }
            CallbackState::Overdue => {
                if let Some(callback) = self.callbacks.get_mut(&id) {
                    callback.overdue = true;
                }
            }
            CallbackState::Done
            | CallbackState::GotThrough
            | CallbackState::Cancelled { .. }
            | CallbackState::Failed => drop(self.callbacks.remove(&id)),
        }
    }
}

impl Center {
    /// Returns what outlives the process if it ends now.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        let closed = self
            .queues
            .iter()
            .map(|(_, queue)| queue)
            .filter(|queue| !queue.gone && !queue.closing);
        let closed = closed.filter_map(|queue| {
            let (message, by) = queue.door.closed_by_hand()?;
            let (queue, message, by) = (queue.id.clone(), message.cloned(), by.to_owned());
            Some(ClosedQueue { queue, message, by })
        });
        let mut closed_queues: Vec<ClosedQueue> = closed.collect();
        closed_queues.sort_by(|one, other| one.queue.cmp(&other.queue));
        let callbacks = self.callbacks();
        Checkpoint {
            closed_queues,
            callbacks: callbacks
                .map(|(id, callback)| (id, outliving(callback, self.now)))
                .collect(),
            callbacks_named: self.callbacks_named(),
        }
    }
}

/// What is left of a callback when all calls have ended at `now`.
fn outliving(callback: &Callback, now: Instant) -> Callback {
    let mut callback = callback.clone();
    retried(&mut callback, now);
    if callback.owner_until <= now {
        callback.owner = None;
    }
    (callback.phase, callback.since) = match callback.phase {
        CallbackPhase::OnTheLine(_) => (CallbackPhase::Waiting, now),
        CallbackPhase::Retrying(at) => (CallbackPhase::Retrying(at), callback.since),
        CallbackPhase::Waiting | CallbackPhase::Offered(_) => {
            (CallbackPhase::Waiting, callback.since)
        }
        CallbackPhase::Dialling(_) | CallbackPhase::Connected(_) => {
            (CallbackPhase::Dialling(None), callback.since)
        }
    };
    callback
}

/// Nothing is said when the time between two tries is over.
fn retried(callback: &mut Callback, now: Instant) {
    if let CallbackPhase::Retrying(at) = callback.phase
        && at <= now
    {
        (callback.phase, callback.since) = (CallbackPhase::Waiting, at);
    }
}

fn refused_contact(output: &Output) -> Option<&InteractionId> {
    match output {
        Output::Refused { interaction, .. } => Some(interaction),
        _ => None,
    }
}
