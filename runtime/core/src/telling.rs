//! What those who wait are told: announcements in turn, with the place and the estimated wait.
//!
//! Everything here is made of the engine's own outputs ([`Center::observe`]): who joined and left a
//! line, who was answered and how long that took. The rest of the engine does not know of it.
//!
//! The first announcement of a stay in a queue is when its wait is estimated for the record: how long
//! the contact still waits from then on is what the estimator is judged by. Who is answered before
//! needs no estimate.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::center::Center;
use crate::queue::Queue;
use crate::timer::Timer;
use crate::{
    AgentState, Announcer, AskId, Calibration, CalibrationLimits, CalibrationReport, Estimate,
    EstimateAsk, History, Instant, InteractionId, Output, PluginFailure, QueueId, Staffing,
    erlang_like,
};

/// The name under which the engine's own estimator is judged.
const BUILT_IN: &str = "built-in";
/// No two announcements to the same customer are nearer.
const LEAST_BETWEEN: Duration = Duration::from_secs(1);
/// After-call works that are waited for, of all queues together; older ones are forgotten.
const WRAPPING_MAX: usize = 1_000;

/// The queues that announce, and those who wait in them.
#[derive(Debug, Default)]
pub(crate) struct Telling {
    queues: BTreeMap<QueueId, Told>,
    listeners: BTreeMap<InteractionId, Listener>,
    /// Whom the open questions to estimators are about.
    asks: BTreeMap<AskId, InteractionId>,
    /// Conversations that after-call work may follow, with their talk time.
    wrapping: VecDeque<(InteractionId, QueueId, Duration)>,
}

/// A queue that announces.
#[derive(Debug)]
struct Told {
    history: History,
    calibration: Calibration,
    /// Whose estimates are judged: a plugin's digest.
    estimator: String,
}

impl Told {
    fn new(limits: CalibrationLimits) -> Self {
        Self {
            history: History::default(),
            calibration: Calibration::new(limits),
            estimator: String::new(),
        }
    }
}

/// Someone who waits.
#[derive(Debug)]
struct Listener {
    queue: QueueId,
    /// At joining this queue.
    position: u32,
    joined: Instant,
    announcer: Announcer,
    /// The first estimate, when it was made, and by whom.
    first: Option<(Instant, Estimate, String)>,
    ask: Option<AskId>,
}

impl Center {
    /// Returns how well the waits in a queue are estimated, and by which plugin version; `None` if
    /// the queue does not announce.
    pub fn calibration(&self, queue: &QueueId) -> Option<(&str, CalibrationReport)> {
        let told = self.telling.queues.get(queue)?;
        Some((&told.estimator, told.calibration.report()))
    }

    /// Takes over which queues announce.
    pub(crate) fn configure_telling(&mut self) {
        let queues = self.queues.iter().map(|(_, queue)| queue);
        let announce = queues.filter(|queue| !queue.gone && queue.config.announcements.is_some());
        let names: Vec<QueueId> = announce.map(|queue| queue.id.clone()).collect();
        self.telling.queues.retain(|name, _| names.contains(name));
        let limits = self.limits.calibration;
        for name in names {
            if let Some(told) = self.telling.queues.get_mut(&name) {
                told.calibration.set_limits(limits);
                continue;
            }
            self.telling.queues.insert(name.clone(), Told::new(limits));
            let Some(queue) = self.queue_named(&name) else { continue };
            let line: Vec<_> = queue.line.iter().map(|place| place.interaction).zip(1..).collect();
            // The customer of a callback is not there to hear anything.
            let there = line.into_iter().filter(|(id, _)| id.callback().is_none());
            for (interaction, position) in there {
                self.listen(interaction, &name, position);
            }
        }
        let strays = self.telling.listeners.iter();
        let strays =
            strays.filter(|(_, listener)| !self.telling.queues.contains_key(&listener.queue));
        let strays: Vec<InteractionId> = strays.map(|(id, _)| *id).collect();
        strays.into_iter().for_each(|id| drop(self.stop_listening(id)));
    }

    /// Learns from what the engine says.
    pub(crate) fn observe(&mut self, output: &Output) {
        if self.telling.queues.is_empty() {
            return;
        }
        match output {
            Output::Queued { interaction, queue, position } => {
                self.listen(*interaction, queue, *position);
            }
            Output::Overflowed { interaction, to, .. } | Output::Moved { interaction, to, .. } => {
                self.give_up(*interaction);
                let position = self.position_in(*interaction, to);
                self.listen(*interaction, to, position);
            }
            Output::Connect { interaction, .. } => self.answered(*interaction),
            Output::Abandoned { interaction, queue, .. } => {
                self.give_up(*interaction);
                if let Some(told) = self.telling.queues.get_mut(queue) {
                    told.history.abandoned();
                }
            }
            Output::LeaveQueue { interaction, .. } => self.give_up(*interaction),
            Output::Disconnect { interaction, queue, talked, .. } => {
                self.talked(*interaction, queue, *talked);
            }
            Output::WrapUpEnded { interaction, lasted, .. } => {
                self.wrapped_up(*interaction, *lasted)
            }
            _ => (),
        }
    }

    fn listen(&mut self, id: InteractionId, queue: &QueueId, position: u32) {
        let Some(every) = self.queue_named(queue).and_then(|q| q.config.announcements.as_ref())
        else {
            return;
        };
        self.timers.set(Timer::Announce(id), self.now + every.first);
        let listener = Listener {
            queue: queue.clone(),
            position,
            joined: self.now,
            announcer: Announcer::default(),
            first: None,
            ask: None,
        };
        self.telling.listeners.insert(id, listener);
    }

    fn stop_listening(&mut self, id: InteractionId) -> Option<Listener> {
        let listener = self.telling.listeners.remove(&id)?;
        self.timers.cancel(&Timer::Announce(id));
        if let Some(ask) = listener.ask {
            self.telling.asks.remove(&ask);
            self.timers.cancel(&Timer::Estimate(ask));
        }
        Some(listener)
    }

    fn answered(&mut self, id: InteractionId) {
        let Some(listener) = self.stop_listening(id) else { return };
        let waited = self.now - listener.joined;
        if let Some(told) = self.telling.queues.get_mut(&listener.queue) {
            told.history.answered(listener.position, waited);
            told.judge(self.now, listener.first, true);
        }
    }

    /// The wait ended without an agent.
    fn give_up(&mut self, id: InteractionId) {
        let Some(listener) = self.stop_listening(id) else { return };
        if let Some(told) = self.telling.queues.get_mut(&listener.queue) {
            told.judge(self.now, listener.first, false);
        }
    }

    /// A conversation is over. Its handle time is known at once if no after-call work follows.
    fn talked(&mut self, id: InteractionId, name: &QueueId, talked: Duration) {
        let wrap_up = self.queue_named(name).map(|queue| queue.config.wrap_up).unwrap_or_default();
        let Some(told) = self.telling.queues.get_mut(name) else { return };
        if wrap_up.is_zero() {
            told.history.completed(talked);
            return;
        }
        if self.telling.wrapping.len() == WRAPPING_MAX {
            self.telling.wrapping.pop_front();
        }
        self.telling.wrapping.push_back((id, name.clone(), talked));
    }

    fn wrapped_up(&mut self, id: InteractionId, lasted: Duration) {
        let wrapping = &mut self.telling.wrapping;
        let Some(index) = wrapping.iter().position(|(of, ..)| *of == id) else { return };
        let Some((_, queue, talked)) = wrapping.remove(index) else { return };
        if let Some(told) = self.telling.queues.get_mut(&queue) {
            told.history.completed(talked + lasted);
        }
    }

    /// It is time to tell a customer something.
    pub(crate) fn announce(&mut self, id: InteractionId) {
        let Some(queue) = self.telling.listeners.get(&id).map(|listener| listener.queue.clone())
        else {
            return;
        };
        let Some(config) = self.queue_named(&queue).map(|queue| &queue.config) else { return };
        let Some(announcements) = config.announcements.clone() else { return };
        let estimator = config.estimator.clone();
        if !announcements.every.is_zero() {
            let next = self.now + announcements.every.max(LEAST_BETWEEN);
            self.timers.set(Timer::Announce(id), next);
        }
        match (announcements.wait, estimator) {
            (false, _) => self.say(id, None),
            (true, Some(estimator)) => self.ask_estimator(id, estimator),
            (true, None) => {
                let estimate = self.estimate_ask(id).as_ref().and_then(erlang_like);
                self.estimated(id, estimate, BUILT_IN.to_owned());
            }
        }
    }

    fn ask_estimator(&mut self, id: InteractionId, estimator: String) {
        // One question at a time: the earlier one is about a moment that is gone.
        if let Some(open) = self.telling.listeners.get_mut(&id).and_then(|l| l.ask.take()) {
            self.telling.asks.remove(&open);
            self.timers.cancel(&Timer::Estimate(open));
        }
        let Some(request) = self.estimate_ask(id) else { return };
        self.last_ask += 1;
        let ask = AskId(self.last_ask);
        let deadline = self.now + self.limits.estimator_deadline;
        if let Some(listener) = self.telling.listeners.get_mut(&id) {
            listener.ask = Some(ask);
        }
        self.telling.asks.insert(ask, id);
        self.timers.set(Timer::Estimate(ask), deadline);
        self.push(Output::AskEstimator { ask, estimator, deadline, request: Box::new(request) });
    }

    pub(crate) fn estimator_replied(
        &mut self,
        ask: AskId,
        estimate: Option<Estimate>,
        plugin: String,
    ) {
        if let Some(id) = self.end_estimate_ask(ask) {
            self.estimated(id, estimate, plugin);
        }
    }

    pub(crate) fn estimator_failed(&mut self, ask: AskId, failure: PluginFailure, plugin: String) {
        let Some(id) = self.end_estimate_ask(ask) else { return };
        let Some(queue) = self.telling.listeners.get(&id).map(|listener| listener.queue.clone())
        else {
            return;
        };
        self.push(Output::EstimatorFailed { ask, queue, failure, plugin });
        self.say(id, None);
    }

    fn end_estimate_ask(&mut self, ask: AskId) -> Option<InteractionId> {
        let id = self.telling.asks.remove(&ask)?;
        self.timers.cancel(&Timer::Estimate(ask));
        self.telling.listeners.get_mut(&id)?.ask = None;
        Some(id)
    }

    /// An estimator spoke: it is told if it may be, and kept for the record.
    fn estimated(&mut self, id: InteractionId, estimate: Option<Estimate>, plugin: String) {
        let (now, ask) = (self.now, self.estimate_ask(id));
        let (Some(estimate), Some(ask)) = (estimate, ask) else { return self.say(id, None) };
        let estimate = Estimate::new(estimate.p50, estimate.p90);
        let Some(listener) = self.telling.listeners.get_mut(&id) else { return };
        let Some(told) = self.telling.queues.get_mut(&listener.queue) else { return };
        if told.estimator != plugin {
            // Another version is judged by its own estimates.
            told.estimator.clone_from(&plugin);
            told.calibration = Calibration::new(self.limits.calibration);
        }
        listener.first.get_or_insert_with(|| (now, estimate, plugin.clone()));
        let calibrated = told.calibration.is_calibrated();
        let heard =
            listener.announcer.announce(now, Some(estimate), ask.position, ask.agents, calibrated);
        self.push(Output::Estimated {
            interaction: id,
            queue: ask.queue,
            position: ask.position,
            estimate,
            told: heard.is_some(),
            plugin,
        });
        self.say(id, heard);
    }

    /// Tells a customer what there is to be told. While a phone rings there is nothing.
    fn say(&mut self, id: InteractionId, wait: Option<Estimate>) {
        let Some(stay) = self.stay(id).filter(|stay| stay.rings.is_empty()) else { return };
        let queue = &self.queues[stay.queue];
        let name = queue.id.clone();
        let Some(announcements) = queue.config.announcements.clone() else { return };
        let position = announcements.position.then(|| self.position_in(id, &name));
        let message = announcements.message;
        if position.is_some() || wait.is_some() || message.is_some() {
            self.push(Output::Announce { interaction: id, queue: name, position, wait, message });
        }
    }

    /// Returns what an estimator is asked about a contact that waits.
    fn estimate_ask(&self, id: InteractionId) -> Option<EstimateAsk> {
        let stay = self.stay(id)?;
        let queue = &self.queues[stay.queue];
        let history = &self.telling.queues.get(&queue.id)?.history;
        let agents = queue.agents.iter().map(|key| &self.agents[*key]);
        let able = agents.filter(|agent| {
            Staffing::Working <= agent.presence() && stay.need.met_by(agent, stay.queue)
        });
        let (mut agents, mut agents_ready) = (0, 0);
        for agent in able {
            agents += 1;
            agents_ready += u32::from(agent.state == AgentState::Ready);
        }
        let started = self.started.unwrap_or(self.now);
        Some(EstimateAsk {
            interaction: id,
            channel: self.interactions.get(&id)?.channel,
            queue: queue.id.clone(),
            position: queue.position(&stay.place),
            waited_ms: u32::try_from((self.now - stay.since).as_millis()).unwrap_or(u32::MAX),
            agents,
            agents_ready,
            recent_waits: history.waits(),
            recent_handles_ms: history.handles_ms(),
            abandon_share: history.abandon_share(),
            attributes: queue.config.attributes.clone(),
            now_seconds: (self.now - started).as_micros() as f64 / 1e6,
        })
    }

    fn position_in(&self, id: InteractionId, queue: &QueueId) -> u32 {
        let place = self.stay(id).map(|stay| stay.place);
        self.queue_named(queue).zip(place).map_or(1, |(queue, place)| queue.position(&place))
    }

    fn queue_named(&self, name: &QueueId) -> Option<&Queue> {
        self.known_queue(name).map(|key| &self.queues[key])
    }
}

impl Told {
    /// Compares the first estimate of a stay with what became of it.
    fn judge(&mut self, now: Instant, first: Option<(Instant, Estimate, String)>, answered: bool) {
        if let Some((at, estimate, by)) = first
            && by == self.estimator
        {
            self.calibration.record(estimate, now - at, answered);
        }
    }
}
