//! Callbacks: customers ask for them, are dialled, answer or do not, and change their minds.

use std::time::Duration;

use jackfield_core::{
    AgentId, CallbackId, CallbackOrigin, CallbackState, Checkpoint, Input, InteractionId,
    OfferFailure, QueueId,
};

use super::{Event, Phase, World};
use crate::book::Where;
use crate::engine::Engine;
use crate::plan::{ContactPlan, Stream};

/// Who has thought better of it says so within this time.
const SECOND_THOUGHTS: Duration = Duration::from_secs(600);
/// A call that nobody wants is hung up so soon.
const UNWANTED: Duration = Duration::from_millis(1);

/// Whose callback it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    stream: usize,
    key: u64,
    address: String,
    /// Tries begun.
    tries: u32,
    /// How often it was offered.
    offers: u64,
}

impl<E: Engine> World<E> {
    /// Returns the number that a customer calls from.
    pub(super) fn number_of(&self, plan: &ContactPlan, stream: &Stream) -> String {
        // A redial is of the same customer.
        let matter = plan.key & 0xff_ffff_ffff;
        let number = if stream.callers == 0 { matter } else { matter % stream.callers };
        format!("customer-{number}")
    }

    pub(super) fn ask_callback(
        &mut self,
        id: InteractionId,
        queue: Option<QueueId>,
        origin: CallbackOrigin,
    ) {
        let Some(plan) = self.customers.get(&id).map(|customer| customer.plan.clone()) else {
            return;
        };
        let Some(stream) = self.stream(&plan) else { return };
        let mut pcg = self.seed("owner", plan.key).pcg();
        let wants = pcg.happens(stream.wants_same);
        let agents: Vec<&AgentId> = self.plan.agents.keys().filter(|_| wants).collect();
        let owner = agents.get(pcg.below(agents.len() as u64) as usize).map(|id| (*id).clone());
        let (interaction, address, deadline) = (id, None, None);
        self.say(Input::CallbackRequested { interaction, queue, address, origin, owner, deadline });
    }

    pub(super) fn callback_changed(
        &mut self,
        callback: CallbackId,
        id: InteractionId,
        state: &CallbackState,
    ) {
        match state {
            CallbackState::Waiting { .. } => {
                let customer = self.customers.get(&id).map(|customer| customer.plan.clone());
                let (stream, key) =
                    customer.map_or((0, callback.0), |plan| (plan.stream, plan.key));
                let wanted = Wanted { stream, key, ..Wanted::default() };
                self.callbacks.insert(callback, wanted);
                let cancels = self.plan.streams.get(stream).map_or(0.0, |stream| stream.cancels);
                let mut pcg = self.seed("cancel", key).leaf(callback.0).pcg();
                if self.phase == Phase::Safety && pcg.happens(cancels) {
                    let when = crate::span::times(SECOND_THOUGHTS, pcg.share());
                    self.after(when, Event::Cancel(callback));
                }
            }
            CallbackState::Done
            | CallbackState::GotThrough
            | CallbackState::Cancelled { .. }
            | CallbackState::Failed => drop(self.callbacks.remove(&callback)),
            _ => (),
        }
    }

    /// Counts an offer of a callback; returns its key and their number.
    pub(super) fn callback_offered(&mut self, callback: CallbackId) -> Option<(u64, u64)> {
        let wanted = self.callbacks.get_mut(&callback)?;
        wanted.offers += 1;
        Some((wanted.key ^ (callback.0 << 41), wanted.offers))
    }

    /// Who waits to be called back waits on, as the journal has it: of a call that ended it, the
    /// record may be lost.
    pub(super) fn callbacks_outlive(&mut self, checkpoint: &Checkpoint) {
        let before = std::mem::take(&mut self.callbacks);
        for (id, _) in &checkpoint.callbacks {
            let wanted = before.get(id).cloned();
            let unknown = || Wanted { key: id.0, ..Wanted::default() };
            self.callbacks.insert(*id, wanted.unwrap_or_else(unknown));
        }
    }

    pub(super) fn dial(&mut self, callback: CallbackId, address: &str) {
        let Some(wanted) = self.callbacks.get_mut(&callback) else { return };
        wanted.tries += 1;
        address.clone_into(&mut wanted.address);
        let (stream, key, tries) = (wanted.stream, wanted.key, wanted.tries);
        let reached = self.plan.streams.get(stream).map_or(1.0, |stream| stream.reached);
        let mut pcg = self.seed("dial", key).leaf(callback.0).leaf(tries.into()).pcg();
        let rings = Duration::from_millis(2_000 + pcg.below(18_000));
        let answers = self.phase != Phase::Safety || pcg.happens(reached);
        self.after(rings, Event::Dialled(callback, tries, answers));
    }

    /// The customer's phone was answered or not. It may have been told to stop ringing meanwhile, and
    /// both have crossed on the wire.
    pub(super) fn dialled(&mut self, callback: CallbackId, attempt: u32, reached: bool) {
        let Some(wanted) = self.callbacks.get(&callback).cloned() else { return };
        let stopped = !self.book.is_dialling(callback) || wanted.tries != attempt;
        let mut pcg = self.seed("crossing", callback.0).leaf(attempt.into()).pcg();
        if stopped && !pcg.happens(self.plan.faults.dial_crosses) {
            return;
        }
        if !reached {
            let failure = OfferFailure::NoAnswer;
            self.say(Input::CallbackNotReached { callback, failure });
            return;
        }
        let id = self.new_id();
        let plan = ContactPlan {
            at: self.now,
            key: wanted.key ^ (1 << 62),
            stream: wanted.stream,
            queue: None,
            options: None,
            patience: None,
            talk: None,
            tries: 0,
        };
        let Some(about) = self.stream(&plan) else { return };
        self.welcome(id, plan);
        self.inbox.push_back(Input::InteractionArrived {
            interaction: id,
            channel: jackfield_core::Channel::Voice,
            ani: Some(wanted.address),
            dnis: about.name,
        });
        self.inbox.push_back(Input::CallbackReached { callback, interaction: id });
        self.after(UNWANTED, Event::Unwanted(id));
    }

    /// The customer answered a call that had been given up: it is hung up.
    pub(super) fn unwanted(&mut self, id: InteractionId) {
        let contact = self.book.contacts.get(&id);
        if contact.is_some_and(|contact| matches!(contact.whereabouts, Where::Flow)) {
            self.end(id, jackfield_core::EndCause::Completed);
        }
    }

    /// Nobody can ever be served of these: contacts hang up, callbacks are cancelled.
    pub(super) fn hopeless(&self) -> Vec<InteractionId> {
        let waits = self.book.unserved();
        let hopeless = waits.filter(|(_, stay)| {
            let queue = self.config.queues.get(&stay.queue);
            // A step to come may bring somebody.
            queue.is_none_or(|queue| queue.steps.len() <= stay.step as usize)
                && !self.config.agents.keys().any(|agent| self.book.is_able(agent, stay))
        });
        hopeless.map(|(id, _)| id).collect()
    }
}
