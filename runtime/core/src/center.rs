//! The tenant's engine: its state, and one entry for all that happens.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::agent::Agent;
use crate::ask::Ask;
use crate::blend::BlendState;
use crate::interaction::Interaction;
use crate::need::Skills;
use crate::queue::Queue;
use crate::recall::Recalls;
use crate::table::{AgentKey, QueueKey, Table};
use crate::telling::Telling;
use crate::timer::{Timer, Timers};
use crate::{
    AgentId, AskId, CenterLimits, Input, Instant, InteractionId, OfferId, Output, PluginFailure,
    QueueId,
};

/// One tenant's engine. See the crate's documentation for how to drive it.
#[derive(Debug, Default)]
pub struct Center {
    pub(crate) now: Instant,
    /// The moment of the first input.
    pub(crate) started: Option<Instant>,
    pub(crate) limits: CenterLimits,
    pub(crate) agents: Table<AgentId, AgentKey, Agent>,
    pub(crate) queues: Table<QueueId, QueueKey, Queue>,
    pub(crate) skills: Skills,
    pub(crate) blends: Vec<BlendState>,
    /// Blends whose load may be another one since the last look.
    pub(crate) blends_moved: BTreeSet<usize>,
    pub(crate) interactions: BTreeMap<InteractionId, Interaction>,
    /// The leases in force: which interaction each belongs to.
    pub(crate) offers: BTreeMap<OfferId, InteractionId>,
    /// The questions to routers that are open.
    pub(crate) asks: BTreeMap<AskId, Ask>,
    pub(crate) timers: Timers,
    /// Queues where somebody may be offered to somebody since the last look.
    pub(crate) dirty: BTreeSet<QueueKey>,
    /// Queues that an agent left since the last look.
    pub(crate) vacated: BTreeSet<QueueKey>,
    pub(crate) telling: Telling,
    pub(crate) recalls: Recalls,
    pub(crate) last_ask: u64,
    pub(crate) last_offer: u64,
    outputs: VecDeque<Output>,
}

impl Center {
    /// Creates an engine that knows nothing yet: feed it [`Input::Configured`] first.
    pub fn new() -> Self {
        Self::default()
    }

    /// Advances the engine by one input. `now` must not be earlier than in any previous call.
    ///
    /// What is due at `now` is done first, so an answer that comes as late as its deadline is late
    /// whether or not [`Center::handle_timeout`] was called before.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        self.handle_timeout(now);
        match input {
            Input::Configured { config } => self.configure(&config),
            Input::Restarted { agents, checkpoint } => self.restart(agents, *checkpoint),
            Input::AgentLoggedIn { agent } => self.agent_logged_in(&agent),
            Input::AgentLoggedOut { agent } => self.agent_logged_out(&agent),
            Input::AgentReady { agent } => self.agent_ready(&agent),
            Input::AgentNotReady { agent, reason } => self.agent_not_ready(&agent, reason),
            Input::InteractionArrived { interaction, channel, ani, .. } => {
                self.arrive(interaction, channel, ani);
            }
            Input::InteractionEnqueued { interaction, queue, options } => {
                self.enqueue(interaction, &queue, options);
            }
            Input::InteractionLeftQueue { interaction, key } => self.leave_by_key(interaction, key),
            Input::InteractionEnded { interaction, cause } => self.end(interaction, cause),
            Input::OfferAccepted { offer } => self.accept(offer),
            Input::OfferFailed { offer, failure } => self.offer_failed(offer, failure),
            Input::ConversationEnded { interaction, by } => self.end_conversation(interaction, by),
            Input::WrapUpFinished { interaction, agent } => {
                self.finish_wrap_up(&agent, interaction);
            }
            Input::RouterReplied { ask, answer, plugin } => {
                self.router_replied(ask, answer, plugin);
            }
            Input::RouterFailed { ask, failure, plugin } => {
                self.router_failed(ask, failure, plugin)
            }
            Input::QueueClosed { queue, message, by } => self.close_queue(&queue, message, by),
            Input::QueueOpened { queue, by } => self.open_queue(&queue, by),
            Input::EstimatorReplied { ask, estimate, plugin } => {
                self.estimator_replied(ask, estimate, plugin);
            }
            Input::EstimatorFailed { ask, failure, plugin } => {
                self.estimator_failed(ask, failure, plugin);
            }
            Input::InteractionMoved { interaction, queue, by } => {
                self.move_by_hand(interaction, &queue, &by);
            }
            Input::InteractionPrioritised { interaction, priority, by } => {
                self.prioritise_by_hand(interaction, priority, &by);
            }
            input @ (Input::CallbackRequested { .. }
            | Input::CallbackCancelled { .. }
            | Input::CallbackReached { .. }
            | Input::CallbackNotReached { .. }) => self.callback_input(input),
            Input::HoldStarted { .. }
            | Input::HoldEnded { .. }
            | Input::TimeElapsed
            | Input::Noted { .. }
            | Input::Scheduled { .. } => (),
        }
        self.settle();
    }

    /// Does what is due at `now`. Early or repeated calls do nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.started.get_or_insert(now);
        // A clock that went back is held: durations must not.
        self.now = self.now.max(now);
        while let Some(timer) = self.timers.pop_due(self.now) {
            match timer {
                Timer::Hours(queue) => self.hours_changed(queue),
                Timer::Callbacks => self.callbacks_due(),
                Timer::Dial(callback) => self.dial_is_over(callback),
                Timer::Estimate(ask) => {
                    let failure = PluginFailure::DeadlineExceeded;
                    self.estimator_failed(ask, failure, String::new());
                }
                Timer::Announce(interaction) => self.announce(interaction),
                Timer::Ask(ask) => {
                    // It decides at once: whoever came back to a better place has the first turn.
                    self.settle();
                    self.router_failed(ask, PluginFailure::DeadlineExceeded, String::new());
                }
                Timer::Ring(offer) => self.rang_out(offer),
                Timer::Progress(interaction) => self.offer_next(interaction),
                Timer::WrapUp(agent, interaction) => self.wrap_up_is_over(agent, interaction),
                Timer::Wait(interaction) => self.wait_is_over(interaction),
                Timer::Pause(interaction) => self.resume(interaction),
                Timer::Relax(interaction) => self.relax(interaction),
                Timer::Age(interaction) => self.age(interaction),
                Timer::Retry(interaction) => self.retry(interaction),
                Timer::Block(agent) => self.block_changed(agent),
                Timer::Blend(number) => self.blend_is_due(number),
            }
        }
        self.settle();
    }

    /// Returns the next output, or `None` once all are drained.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Returns when [`Center::handle_timeout`] is next needed, or `None` while nothing runs.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        self.timers.next()
    }

    pub(crate) fn push(&mut self, output: Output) {
        self.observe(&output);
        self.observe_callbacks(&output);
        self.outputs.push_back(output);
    }
}

#[cfg(test)]
mod tests;
