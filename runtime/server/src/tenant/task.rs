//! The engine's task: wait for one thing, stamp it, record it, feed it, drain the outputs, repeat.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use jackfield_core::{
    AskId, Center, Input, Instant, InteractionId, JournalRecord, OfferId, Output, PluginFailure,
    QueueId, RouterChoice, RoutingAsk, Stats,
};
use jackfield_telephony::LegId;
use tokio::sync::mpsc;

use super::agent_call::{self, AgentCall, AgentOrder};
use super::{Message, SessionNews, Tenant, now, outcome};

/// Messages taken from the inbox in one go.
const BATCH: usize = 64;

/// Starts the engine's task. The inputs are handled before anything else.
pub fn spawn(
    tenant: Arc<Tenant>,
    inbox: mpsc::Receiver<Message>,
    stats: Stats,
    first: Vec<Input>,
) -> tokio::task::JoinHandle<()> {
    let mut task = Task {
        tenant,
        center: Center::new(),
        stats,
        last: Instant::default(),
        sessions: HashMap::new(),
        agent_calls: HashMap::new(),
        asks: FuturesUnordered::new(),
    };
    tokio::spawn(async move {
        for input in first {
            task.handle(input);
        }
        task.run(inbox).await;
    })
}

struct Task {
    tenant: Arc<Tenant>,
    center: Center,
    stats: Stats,
    /// Time never runs backwards for the engine, whatever the clock does.
    last: Instant,
    sessions: HashMap<InteractionId, mpsc::UnboundedSender<SessionNews>>,
    agent_calls: HashMap<OfferId, AgentCall>,
    asks: FuturesUnordered<BoxFuture<'static, Input>>,
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
                    call.leg = Some(leg);
                    self.handle(Input::OfferAccepted { offer });
                }
            }
            Message::Snapshot(reply) => {
                // The asker may have gone: nobody misses the answer.
                let _ = reply.send((self.center.snapshot(), self.stats.clone()));
            }
        }
    }

    /// One turn: the input is in the journal's queue before its outputs are carried out.
    fn handle(&mut self, input: Input) {
        let at = now().max(self.last);
        self.last = at;
        let record = JournalRecord::take(&mut self.center, at, input);
        for output in &record.outputs {
            self.stats.apply(at, output);
        }
        // A tick that changed nothing is no part of the story.
        if record.outputs.is_empty() && record.input == Input::TimeElapsed {
            return;
        }
        self.keep(&record);
        self.tenant.live.take(&record);
        for output in record.outputs {
            self.carry_out(at, output);
        }
    }

    fn keep(&self, record: &JournalRecord) {
        let kept =
            serde_json::to_vec(record).map_err(|error| error.to_string()).and_then(|bytes| {
                let tenant = &self.tenant;
                tenant.journal.append_journal(&tenant.id, bytes).map_err(|error| error.to_string())
            });
        if let Err(error) = kept {
            tracing::error!(tenant = %self.tenant.id, error, "the journal does not take a record");
        }
    }

    /// A router's failure is counted under its digest, with the reason: also what the engine found
    /// wrong with an answer that arrived.
    fn note_failure(&self, queue: &QueueId, failure: &PluginFailure, digest: &str) {
        let config = self.tenant.config();
        let router = config.center.queues.get(queue).map(|queue| &queue.router);
        let router = match router {
            Some(RouterChoice::Plugin(name)) => name.as_str(),
            _ => "router",
        };
        // The engine's own deadline knows the question but not who was asked.
        let active = self.tenant.router(router);
        let digest = match &active {
            Some(active) if digest.is_empty() => &active.digest,
            _ => digest,
        };
        self.tenant.figures(router).failed(failure, digest);
        tracing::warn!(
            tenant = %self.tenant.id, %queue, plugin = router, digest, failure = failure.label(),
            detail = %failure, "a router failed; the built-in rule decides"
        );
    }

    fn carry_out(&mut self, at: Instant, output: Output) {
        outcome::publish(&self.tenant, at, &output);
        if let Some((interaction, what, details)) = outcome::story(&output) {
            self.tell(interaction, SessionNews::Story { at, what, details });
        }
        match output {
            Output::AskRouter { ask, router, request, .. } => self.ask(ask, &router, *request),
            Output::Offer { offer, interaction, agent, queue, .. } => {
                let (orders, listen) = mpsc::unbounded_channel();
                self.agent_calls.insert(offer, AgentCall { orders, interaction, leg: None });
                let tenant = Arc::clone(&self.tenant);
                tokio::spawn(agent_call::run(tenant, offer, interaction, agent, queue, listen));
            }
            Output::Withdraw { offer, .. } => self.order(offer, AgentOrder::HangUp),
            Output::Connect { offer, interaction, agent, queue, waited, .. } => {
                if let Some(leg) = self.connect(offer) {
                    self.tell(interaction, SessionNews::Connect { agent, queue, leg, waited });
                }
            }
            Output::Disconnect { interaction, talked, .. } => {
                let of = |(offer, call): (&OfferId, &AgentCall)| {
                    (call.interaction == interaction).then_some(*offer)
                };
                if let Some(offer) = self.agent_calls.iter().find_map(of) {
                    self.order(offer, AgentOrder::HangUp);
                }
                self.tell(interaction, SessionNews::Disconnect { talked });
            }
            Output::LeaveQueue { interaction, end, waited, .. } => {
                self.tell(interaction, SessionNews::LeftQueue { end, waited });
            }
            Output::OfferLost { offer, .. } => {
                self.agent_calls.remove(&offer);
            }
            Output::Refused { interaction, why } => {
                self.tell(interaction, SessionNews::Refused(why));
            }
            Output::Closed { interaction, .. } => {
                self.tell(interaction, SessionNews::Closed);
                self.sessions.remove(&interaction);
            }
            Output::AgentChanged { agent, state, .. } => {
                outcome::keep_agent(&self.tenant, agent, state, at)
            }
            Output::RouterFailed { queue, failure, plugin, .. } => {
                self.note_failure(&queue, &failure, &plugin);
            }
            // Not carried out yet.
            Output::Announce { .. }
            | Output::AskEstimator { .. }
            | Output::Interrupt { .. }
            | Output::Resume { .. }
            | Output::Dial { .. }
            | Output::StopDialling { .. } => {}
            Output::Queued { .. }
            | Output::Overflowed { .. }
            | Output::Moved { .. }
            | Output::Prioritised { .. }
            | Output::Relaxed { .. }
            | Output::Estimated { .. }
            | Output::EstimatorFailed { .. }
            | Output::QueueChanged { .. }
            | Output::BlendChanged { .. }
            | Output::WrapUpEnded { .. }
            | Output::CallbackChanged { .. }
            | Output::Abandoned { .. } => {}
        }
    }

    fn connect(&mut self, offer: OfferId) -> Option<LegId> {
        let call = self.agent_calls.get(&offer)?;
        // The agent's task may be gone already; its end is an input of its own.
        let _ = call.orders.send(AgentOrder::Connected);
        call.leg
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

    fn ask(&mut self, ask: AskId, router: &str, request: RoutingAsk) {
        let Some(router) = self.tenant.router(router) else {
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
        self.asks.push(Box::pin(async move {
            let plugin = router.digest.clone();
            match router.plugin.choose(&request, router.services.clone()).await {
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
