//! The engine's task: wait for one thing, stamp it, record it, feed it, drain the outputs, repeat.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use jackfield_core::{
    AskId, CallbackId, CallbackState, Center, Channel, EstimateAsk, Input, Instant, InteractionId,
    JournalRecord, OfferId, Output, PluginFailure, QueueEnd, QueueId, Refusal, RouterChoice,
    RoutingAsk, Stats,
};
use jackfield_telephony::LegId;
use tokio::sync::{mpsc, oneshot};

use super::agent_call::{self, AgentCall, AgentOrder};
use super::{ActiveRouter, Message, SessionNews, Tenant, now, outcome};
use crate::chain::Chain;
use crate::rollout::{Answered, Asked, Exchange};
use crate::session::{CallBack, call_back};

/// Messages taken from the inbox in one go.
const BATCH: usize = 64;

/// What the engine's task starts with.
pub struct Beginning {
    /// The figures of the journal so far.
    pub stats: Stats,
    /// Where the journal's chain ends.
    pub chain: Chain,
    /// The time of the journal's last record.
    pub last: Instant,
    /// What the engine is told first, before anything else.
    pub first: Vec<Input>,
}

/// Starts the engine's task.
pub fn spawn(
    tenant: Arc<Tenant>,
    inbox: mpsc::Receiver<Message>,
    begin: Beginning,
) -> tokio::task::JoinHandle<()> {
    let Beginning { stats, chain, last, first } = begin;
    let mut task = Task {
        tenant,
        center: Center::new(),
        stats,
        chain,
        last,
        sessions: HashMap::new(),
        agent_calls: HashMap::new(),
        written: HashMap::new(),
        dials: HashMap::new(),
        asks: FuturesUnordered::new(),
        asked: HashMap::new(),
    };
    tokio::spawn(async move {
        for input in first {
            task.handle(input);
        }
        task.run(inbox).await;
    })
}

/// A question that a router has.
struct Pending {
    interaction: InteractionId,
    router: String,
    /// The version that has it.
    version: Arc<ActiveRouter>,
}

struct Task {
    tenant: Arc<Tenant>,
    center: Center,
    stats: Stats,
    chain: Chain,
    /// Time never runs backwards for the engine, whatever the clock does.
    last: Instant,
    sessions: HashMap<InteractionId, mpsc::UnboundedSender<SessionNews>>,
    agent_calls: HashMap<OfferId, AgentCall>,
    /// Interactions that no phone rings for, and their channels.
    written: HashMap<InteractionId, Channel>,
    /// Customers who are being called back. Dropping one stops it.
    dials: HashMap<CallbackId, oneshot::Sender<()>>,
    asks: FuturesUnordered<BoxFuture<'static, Input>>,
    /// Routers that have not answered yet.
    asked: HashMap<AskId, Pending>,
}

impl Task {
    async fn run(&mut self, mut inbox: mpsc::Receiver<Message>) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let due = self.center.next_deadline();
            tokio::select! {
                biased;
                Some(input) = self.asks.next(), if !self.asks.is_empty() => self.handle(input),
                taken = inbox.recv_many(&mut batch, BATCH) => {
                    if taken == 0 {
                        return;
                    }
                    for message in batch.drain(..) {
                        self.take(message);
                    }
                }
                () = sleep_until(due) => self.handle(Input::TimeElapsed),
            }
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Input(input) => self.handle(input),
            Message::Arrived { input, interaction, session } => {
                self.sessions.insert(interaction, session);
                self.handle(input);
            }
            Message::Accepted { offer, leg } => {
                if let Some(call) = self.agent_calls.get_mut(&offer) {
                    (call.leg, call.accepted) = (Some(leg), true);
                    self.handle(Input::OfferAccepted { offer });
                }
            }
            Message::AgentEnded { offer, by, failure } => {
                // Who was withdrawn, or lost a race of several phones, ends nothing.
                let Some(call) = self.agent_calls.get(&offer) else { return };
                let input = if call.accepted {
                    Input::ConversationEnded { interaction: call.interaction, by }
                } else {
                    Input::OfferFailed { offer, failure }
                };
                self.handle(input);
            }
            Message::AgentHolds { offer, on } => {
                let call = self.agent_calls.get(&offer).filter(|call| call.accepted);
                let Some(interaction) = call.map(|call| call.interaction) else { return };
                self.holds(interaction, on);
            }
            Message::Holds { interaction, on } => self.holds(interaction, on),
            Message::Session { interaction, news } => self.tell(interaction, news),
            Message::Agent(agent, reply) => {
                // The asker may have gone: nobody misses the answer.
                let _ = reply.send(self.center.agent(&agent));
            }
            Message::Reached { callback, interaction, address, queue, session } => {
                let wanted = self.dials.remove(&callback).is_some();
                self.sessions.insert(interaction, session);
                self.handle(Input::InteractionArrived {
                    interaction,
                    channel: Channel::Voice,
                    ani: Some(address),
                    dnis: queue.to_string(),
                });
                if wanted {
                    self.handle(Input::CallbackReached { callback, interaction });
                } else {
                    // It was called off in the moment the customer answered.
                    let (end, waited) = (QueueEnd::Closed, Duration::ZERO);
                    let news = SessionNews::LeftQueue { end, waited, message: None };
                    self.tell(interaction, news);
                }
            }
            Message::Snapshot(reply) => {
                // The asker may have gone: nobody misses the answer.
                let _ = reply.send((self.center.snapshot(), self.stats.clone()));
            }
        }
    }

    fn holds(&mut self, interaction: InteractionId, on: bool) {
        self.tell(interaction, SessionNews::Held(on));
        self.handle(if on {
            Input::HoldStarted { interaction }
        } else {
            Input::HoldEnded { interaction }
        });
    }

    /// One turn: the input is in the journal's queue before its outputs are carried out.
    fn handle(&mut self, input: Input) {
        let at = now().max(self.last);
        self.last = at;
        if let Input::InteractionArrived { interaction, channel, .. } = &input
            && *channel != Channel::Voice
        {
            self.written.insert(*interaction, *channel);
        }
        let answered = match &input {
            Input::RouterReplied { ask, .. } | Input::RouterFailed { ask, .. } => Some(*ask),
            _ => None,
        };
        let replied = matches!(input, Input::RouterReplied { .. });
        let record = JournalRecord::take(&mut self.center, at, input);
        if !record.outputs.is_empty() {
            let mut standing = self.tenant.standing();
            for output in &record.outputs {
                self.stats.apply(at, output);
                standing.apply(output);
            }
        }
        for back in self.tenant.rollouts.observe(&record.outputs) {
            self.tenant.took_back(back);
        }
        // A tick that changed nothing is no part of the story.
        if record.outputs.is_empty() && record.input == Input::TimeElapsed {
            return;
        }
        self.keep(&record);
        self.tenant.live.take(&record);
        self.tenant.connectors.take(&self.tenant, &record);
        for output in record.outputs {
            if replied {
                self.reject(&output);
            }
            self.tenant.desks.apply(&output);
            self.carry_out(at, output);
        }
        if let Some(ask) = answered {
            self.asked.remove(&ask);
        }
    }

    /// An answer that arrived and makes no sense to the engine counts against the version as one that
    /// did not arrive.
    fn reject(&self, output: &Output) {
        let Output::RouterFailed { ask, failure, .. } = output else { return };
        if let Some(asked) = self.asked.get(ask) {
            asked.version.plugin.reject(failure);
        }
    }

    fn keep(&mut self, record: &JournalRecord) {
        let tenant = &self.tenant;
        let kept = match serde_json::to_vec(record) {
            Ok(bytes) => {
                // A record that the journal does not take is missing from the chain: it shows.
                let sealed = self.chain.seal(bytes);
                tenant.journal.append_journal(&tenant.id, sealed).map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = kept {
            tracing::error!(tenant = %self.tenant.id, error, "the journal does not take a record");
        }
    }

    /// A router's failure is counted under its digest, with the reason: also what the engine found
    /// wrong with an answer that arrived.
    fn note_failure(&self, ask: AskId, queue: &QueueId, failure: &PluginFailure, digest: &str) {
        let asked = self.asked.get(&ask);
        let config = self.tenant.config();
        let configured = config.center.queues.get(queue).map(|queue| &queue.router);
        let router = match (asked, configured) {
            (Some(asked), _) => asked.router.as_str(),
            (None, Some(RouterChoice::Plugin(name))) => name.as_str(),
            (None, _) => "router",
        };
        // The engine's own deadline knows the question but not who was asked.
        let digest = match asked {
            Some(asked) if digest.is_empty() => &asked.version.digest,
            _ => digest,
        };
        self.tenant.figures(router).failed(failure, digest);
        if let Some(asked) = asked {
            self.tenant.rollouts.failed(router, asked.interaction, failure);
        }
        if matches!(failure, PluginFailure::Suspended(_)) {
            // That it is not asked was told once, when it began.
            return;
        }
        tracing::warn!(
            tenant = %self.tenant.id, %queue, plugin = router, digest, failure = failure.label(),
            detail = %failure, "a router failed; the built-in rule decides"
        );
    }

    fn carry_out(&mut self, at: Instant, output: Output) {
        let channel = match &output {
            Output::Offer { interaction, .. } => self.written.get(interaction).copied(),
            _ => None,
        };
        outcome::publish(&self.tenant, at, &output, channel);
        if let Some((interaction, what, details)) = outcome::story(&output) {
            self.tell(interaction, SessionNews::Story { at, what, details });
        }
        match output {
            Output::AskRouter { ask, router, request, .. } => self.ask(ask, &router, request),
            // It stands in the agent's view.
            Output::Offer { interaction, .. } if self.written.contains_key(&interaction) => {}
            Output::Offer { offer, interaction, agent, queue, .. } => {
                let (orders, listen) = mpsc::unbounded_channel();
                let (rung, leg) = (agent.clone(), None);
                let at_desk = self.tenant.desks.rings(&agent);
                let call = AgentCall { orders, interaction, agent: rung, leg, accepted: false };
                self.agent_calls.insert(offer, call);
                if at_desk {
                    // It rings in the agent's browser, whose line is up already.
                    return;
                }
                let tenant = Arc::clone(&self.tenant);
                tokio::spawn(agent_call::run(tenant, offer, interaction, agent, queue, listen));
            }
            Output::Withdraw { offer, .. } => self.order(offer, AgentOrder::HangUp),
            Output::Connect { offer, interaction, agent, queue, waited, .. } => {
                let leg = self.connect(offer);
                if leg.is_some() || self.written.contains_key(&interaction) {
                    self.move_call(offer, interaction);
                    self.tell(interaction, SessionNews::Connect { agent, queue, leg, waited });
                }
            }
            Output::Disconnect { interaction, agent, talked, .. } => {
                let of = |(offer, call): (&OfferId, &AgentCall)| {
                    let is_it = call.interaction == interaction && call.agent == agent;
                    is_it.then_some(*offer)
                };
                if let Some(offer) = self.agent_calls.iter().find_map(of) {
                    self.order(offer, AgentOrder::HangUp);
                }
                self.tell(interaction, SessionNews::Disconnect { talked });
            }
            Output::LeaveQueue { interaction, end, waited, message, .. } => {
                self.tell(interaction, SessionNews::LeftQueue { end, waited, message });
            }
            Output::Announce { interaction, position, wait, message, .. } => {
                self.tell(interaction, SessionNews::Announce { position, wait, message });
            }
            Output::Dial { callback, address, queue, agent } => {
                let (stop, stopped) = oneshot::channel();
                self.dials.insert(callback, stop);
                let (tenant, agent_waits) = (Arc::clone(&self.tenant), agent.is_some());
                let call = CallBack { tenant, callback, address, queue, agent_waits };
                tokio::spawn(call_back(call, stopped));
            }
            Output::CallbackChanged { callback, queue, state, .. } => {
                self.note_callback(callback, &queue, &state);
            }
            Output::StopDialling { callback } => drop(self.dials.remove(&callback)),
            Output::QueueChanged { queue, open, by } => {
                tracing::info!(tenant = %self.tenant.id, %queue, open, by, "a queue opened or closed");
            }
            Output::OfferLost { offer, .. } => {
                self.agent_calls.remove(&offer);
            }
            Output::Refused { interaction, why } => {
                let gone = matches!(why, Refusal::TooManyInteractions { .. })
                    && self.written.remove(&interaction).is_some();
                self.tell(interaction, SessionNews::Refused(why));
                if gone {
                    self.sessions.remove(&interaction);
                }
            }
            Output::Closed { interaction, cause, .. } => {
                self.tell(interaction, SessionNews::Closed(cause));
                self.sessions.remove(&interaction);
                self.written.remove(&interaction);
            }
            Output::AgentChanged { agent, state, .. } => {
                outcome::keep_agent(&self.tenant, agent, state, at)
            }
            Output::RouterFailed { ask, queue, failure, plugin } => {
                self.note_failure(ask, &queue, &failure, &plugin);
            }
            // Not carried out yet.
            Output::AskEstimator { ask, estimator, request, .. } => {
                self.ask_estimator(ask, &estimator, *request);
            }
            Output::EstimatorFailed { queue, failure, plugin, .. } => {
                self.note_estimator(&queue, &failure, &plugin);
            }
            Output::Interrupt { .. } | Output::Resume { .. } => {}
            Output::Queued { .. }
            | Output::Overflowed { .. }
            | Output::Moved { .. }
            | Output::Prioritised { .. }
            | Output::Relaxed { .. }
            | Output::Estimated { .. }
            | Output::BlendChanged { .. }
            | Output::WrapUpEnded { .. }
            | Output::Abandoned { .. } => {}
        }
    }

    fn connect(&self, offer: OfferId) -> Option<LegId> {
        // The agent's task may be gone already; its end is an input of its own.
        self.agent_calls.get(&offer)?.leg
    }

    /// The agent of a callback was rung for the contact that asked for it, and talks in the one that
    /// reached the customer.
    fn move_call(&mut self, offer: OfferId, interaction: InteractionId) {
        if let Some(call) = self.agent_calls.get_mut(&offer) {
            call.interaction = interaction;
        }
    }

    fn note_callback(&mut self, callback: CallbackId, queue: &QueueId, state: &CallbackState) {
        if !matches!(
            state,
            CallbackState::Waiting { .. }
                | CallbackState::Merged { .. }
                | CallbackState::Dialling { .. }
                | CallbackState::Overdue
        ) {
            self.dials.remove(&callback);
        }
        let tenant = &self.tenant;
        if matches!(state, CallbackState::Overdue | CallbackState::Failed) {
            tracing::warn!(tenant = %tenant.id, %queue, %callback, ?state, "a customer has not been called back");
        }
    }

    fn order(&mut self, offer: OfferId, order: AgentOrder) {
        if let Some(call) = self.agent_calls.remove(&offer) {
            let _ = call.orders.send(order);
        }
    }

    fn tell(&self, interaction: InteractionId, news: SessionNews) {
        if let Some(session) = self.sessions.get(&interaction) {
            // A session that has ended does not listen any more.
            let _ = session.send(news);
        }
    }

    fn ask_estimator(&mut self, ask: AskId, name: &str, request: EstimateAsk) {
        let Some(version) = self.tenant.estimator_for(name, &request) else {
            let (failure, plugin) = (PluginFailure::NotLoaded, String::new());
            let failed = async move { Input::EstimatorFailed { ask, failure, plugin } };
            self.asks.push(Box::pin(failed));
            return;
        };
        let (tenant, name) = (Arc::clone(&self.tenant), name.to_owned());
        let shadow = tenant.rollouts.shadow(&name);
        self.asks.push(Box::pin(async move {
            let plugin = version.digest.clone();
            let began = std::time::Instant::now();
            let answer = version.plugin.estimate(&request, version.services.clone()).await;
            let took = began.elapsed();
            tenant.estimator_answered(&name, &plugin, &request, answer.is_err());
            if let Some(shadow) = shadow {
                let active = answer.as_ref().map(|estimate| Answered::Estimate(*estimate));
                let active = active.map_err(PluginFailure::label);
                shadow.ask(Exchange { asked: Asked::Estimate(Box::new(request)), active, took });
            }
            match answer {
                Ok(estimate) => Input::EstimatorReplied { ask, estimate, plugin },
                Err(failure) => Input::EstimatorFailed { ask, failure, plugin },
            }
        }));
    }

    /// An estimator's failure is counted under its digest; what it costs is an announcement.
    fn note_estimator(&self, queue: &QueueId, failure: &PluginFailure, digest: &str) {
        let config = self.tenant.config();
        let estimator =
            config.center.queues.get(queue).and_then(|queue| queue.estimator.as_deref());
        let estimator = estimator.unwrap_or("estimator");
        let active = self.tenant.estimator(estimator);
        let digest = match &active {
            Some(active) if digest.is_empty() => &active.digest,
            _ => digest,
        };
        self.tenant.figures(estimator).failed(failure, digest);
        if matches!(failure, PluginFailure::Suspended(_)) {
            return;
        }
        tracing::warn!(
            tenant = %self.tenant.id, %queue, plugin = estimator, digest, failure = failure.label(),
            detail = %failure, "an estimator failed; no wait is told"
        );
    }

    fn ask(&mut self, ask: AskId, router: &str, request: Box<RoutingAsk>) {
        let Some(version) = self.tenant.router_for(router, &request) else {
            let failed = async move {
                Input::RouterFailed {
                    ask,
                    failure: PluginFailure::NotLoaded,
                    plugin: String::new(),
                }
            };
            self.asks.push(Box::pin(failed));
            return;
        };
        let (interaction, name) = (request.contact.id, router.to_owned());
        let version_asked = Arc::clone(&version);
        self.asked.insert(ask, Pending { interaction, router: name, version: version_asked });
        let shadow = self.tenant.rollouts.shadow(router);
        self.asks.push(Box::pin(async move {
            let plugin = version.digest.clone();
            let began = std::time::Instant::now();
            let answer = version.plugin.choose(&request, version.services.clone()).await;
            if let Some(shadow) = shadow {
                let active = answer.as_ref();
                let active = active.map(|answer| Answered::Routing(answer.decision.clone()));
                let (asked, took) = (Asked::Routing(request), began.elapsed());
                shadow.ask(Exchange { asked, active: active.map_err(PluginFailure::label), took });
            }
            match answer {
                Ok(answer) => Input::RouterReplied { ask, answer, plugin },
                Err(failure) => Input::RouterFailed { ask, failure, plugin },
            }
        }));
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => {
            let left = due.saturating_since(now());
            // The timer wheel has a grain of a millisecond: round up, or it spins.
            tokio::time::sleep(left.max(Duration::from_millis(1))).await;
        }
        None => std::future::pending().await,
    }
}
