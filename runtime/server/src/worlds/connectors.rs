//! Connectors: what they are told of calls, what flows ask them for, their webhooks and schedules.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jackfield_core::{Channel, Input, Instant, InteractionId, JournalRecord, Output};
use jackfield_plugin_host::asked::connecting::{Event, InteractionLog, Recording};
use jackfield_plugin_host::asked::webhook::{Incoming, Reply};
use jackfield_plugin_host::{CallFailure, Card, Grant, Services as _, World, asked};
use tokio::sync::mpsc;

use super::chats::NotTaken;
use crate::tenant::{ActivePlugin, Tenant, TenantServices};

/// What a connector may be behind before it loses events.
const BEHIND_MAX: usize = 1_024;
/// Interactions that a connector is told of at once.
const OPEN_MAX: usize = 100_000;
/// Pauses between tries to tell one event.
const PAUSES: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(25)];
/// How long a flow waits for a customer who is known elsewhere.
const LOOKUP_TIME: Duration = Duration::from_secs(3);

/// Where a tenant's connectors listen.
#[derive(Default)]
pub struct Connectors(RwLock<Vec<(String, mpsc::Sender<Fact>)>>);

/// What happened, in the words that connectors are told.
#[derive(Clone, Debug)]
pub struct Fact {
    at: Instant,
    interaction: InteractionId,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Arrived { channel: Channel, address: Option<String>, to: String },
    Queued { queue: String },
    Answered { queue: String, agent: String, waited: Duration },
    Disconnected { talked: Duration },
    Ended { cause: String },
}

impl Connectors {
    /// Tells the connectors what a turn of the engine was. Never waits.
    pub fn take(&self, tenant: &Tenant, record: &JournalRecord) {
        let listening = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if listening.is_empty() {
            return;
        }
        for fact in facts(record) {
            for (name, connector) in listening.iter() {
                if connector.try_send(fact.clone()).is_err() {
                    lost(tenant, name);
                }
            }
        }
    }
}

fn facts(record: &JournalRecord) -> Vec<Fact> {
    let at = record.at;
    let mut facts = Vec::new();
    let mut push = |interaction, what| facts.push(Fact { at, interaction, what });
    if let Input::InteractionArrived { interaction, channel, ani, dnis } = &record.input {
        let (channel, address, to) = (*channel, ani.clone(), dnis.clone());
        push(*interaction, What::Arrived { channel, address, to });
    }
    for output in &record.outputs {
        match output {
            Output::Queued { interaction, queue, .. } => {
                push(*interaction, What::Queued { queue: queue.to_string() });
            }
            Output::Connect { interaction, agent, queue, waited, .. } => {
                let (queue, agent) = (queue.to_string(), agent.to_string());
                push(*interaction, What::Answered { queue, agent, waited: *waited });
            }
            Output::Disconnect { interaction, talked, .. } => {
                push(*interaction, What::Disconnected { talked: *talked });
            }
            Output::Closed { interaction, cause, .. } => {
                push(*interaction, What::Ended { cause: crate::session::end_name(cause) });
            }
            _ => {}
        }
    }
    facts
}

fn lost(tenant: &Tenant, connector: &str) {
    let figures = tenant.figures(connector);
    let mut counters = figures.counters.lock().unwrap_or_else(PoisonError::into_inner);
    *counters.entry("events_lost".to_owned()).or_default() += 1;
}

/// Starts the tasks of a tenant's connectors: the events and, if there is one, the schedule.
pub fn start(tenant: &Arc<Tenant>) {
    let config = tenant.config();
    let connectors = config.plugins.iter().filter(|(_, entry)| entry.world == World::Connector);
    for (name, entry) in connectors {
        let (sender, facts) = mpsc::channel(BEHIND_MAX);
        let listening = &tenant.connectors.0;
        listening.write().unwrap_or_else(PoisonError::into_inner).push((name.clone(), sender));
        tokio::spawn(Teller::new(tenant, name).run(facts));
        if let Some(every) = entry.every {
            tokio::spawn(keep_schedule(Arc::clone(tenant), name.clone(), every));
        }
    }
}

async fn keep_schedule(tenant: Arc<Tenant>, name: String, every: Duration) {
    let mut due = tokio::time::interval(every);
    due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        due.tick().await;
        let Some(active) = tenant.plugins.get(&name, World::Connector) else { continue };
        let done = active.plugin.run_schedule(services(&active)).await;
        let _ = noted(&tenant, &active, done);
    }
}

fn services(active: &ActivePlugin) -> Arc<TenantServices> {
    Arc::clone(&active.services)
}

/// Counts and tells a failure.
fn noted<T>(
    tenant: &Tenant,
    active: &ActivePlugin,
    done: Result<T, CallFailure>,
) -> Result<T, CallFailure> {
    done.inspect_err(|failure| {
        tenant.figures(&active.name).failed(&failure.failure, &active.digest);
        tracing::warn!(tenant = %tenant.id, plugin = active.name, %failure, "a connector failed");
    })
}

/// What is known of an interaction that is in the centre.
struct Open {
    channel: Channel,
    address: Option<String>,
    queue: Option<String>,
    agent: Option<String>,
    started: Instant,
    waited: Duration,
    talked: Duration,
}

/// Tells one connector what happens.
struct Teller {
    tenant: Arc<Tenant>,
    name: String,
    open: HashMap<InteractionId, Open>,
}

impl Teller {
    fn new(tenant: &Arc<Tenant>, name: &str) -> Self {
        Self { tenant: Arc::clone(tenant), name: name.to_owned(), open: HashMap::new() }
    }

    async fn run(mut self, mut facts: mpsc::Receiver<Fact>) {
        while let Some(fact) = facts.recv().await {
            self.take(fact).await;
        }
    }

    async fn take(&mut self, fact: Fact) {
        let Fact { at, interaction, what } = fact;
        let mut details = Vec::new();
        let mut detail = |name: &str, value: String| details.push((name.to_owned(), value));
        let kind = match what {
            What::Arrived { channel, address, to } => {
                if OPEN_MAX <= self.open.len() {
                    return lost(&self.tenant, &self.name);
                }
                let (queue, agent) = (None, None);
                let (waited, talked) = (Duration::ZERO, Duration::ZERO);
                let open = Open { channel, address, queue, agent, started: at, waited, talked };
                self.open.insert(interaction, open);
                detail("to", to);
                "arrived"
            }
            What::Queued { queue } => {
                let Some(open) = self.open.get_mut(&interaction) else { return };
                open.queue = Some(queue);
                "queued"
            }
            What::Answered { queue, agent, waited } => {
                let Some(open) = self.open.get_mut(&interaction) else { return };
                (open.queue, open.agent) = (Some(queue), Some(agent));
                open.waited += waited;
                detail("waited-ms", waited.as_millis().to_string());
                "answered"
            }
            What::Disconnected { talked } => {
                let Some(open) = self.open.get_mut(&interaction) else { return };
                open.talked += talked;
                return;
            }
            What::Ended { cause } => {
                detail("cause", cause.clone());
                if let Some(open) = self.open.get(&interaction) {
                    detail("waited-ms", open.waited.as_millis().to_string());
                    detail("talked-ms", open.talked.as_millis().to_string());
                }
                self.tell("ended", interaction, at, details).await;
                if let Some(open) = self.open.remove(&interaction) {
                    self.log(interaction, open, cause).await;
                }
                return;
            }
        };
        self.tell(kind, interaction, at, details).await;
    }

    fn may_see_addresses(&self) -> bool {
        self.tenant.config().plugin_grants(&self.name).has(Grant::CrmAddress)
    }

    async fn tell(
        &self,
        kind: &str,
        interaction: InteractionId,
        at: Instant,
        attributes: Vec<(String, String)>,
    ) {
        let Some(open) = self.open.get(&interaction) else { return };
        let event = Event {
            kind: kind.to_owned(),
            id: interaction.to_string(),
            channel: asked::channel_of(open.channel),
            at_seconds: at.as_micros() as f64 / 1e6,
            queue: open.queue.clone(),
            agent: open.agent.clone(),
            address: open.address.clone().filter(|_| self.may_see_addresses()),
            attributes,
        };
        self.again(move |active| {
            let event = event.clone();
            async move { active.plugin.handle_event(&event, services(&active)).await }.boxed()
        })
        .await;
    }

    /// Writes a contact that is over into the other system's books, and where its recording is.
    async fn log(&self, interaction: InteractionId, open: Open, outcome: String) {
        let millis = |span: Duration| u32::try_from(span.as_millis()).unwrap_or(u32::MAX);
        let customer = match &open.address {
            Some(address) => {
                let address = address.clone();
                let known = self.again(move |active| {
                    let address = address.clone();
                    async move { active.plugin.find_contact(&address, services(&active)).await }
                        .boxed()
                });
                known.await.flatten().map(|customer| customer.id)
            }
            None => None,
        };
        let log = InteractionLog {
            id: interaction.to_string(),
            channel: asked::channel_of(open.channel),
            customer,
            address: open.address.filter(|_| self.may_see_addresses()),
            queue: open.queue,
            agent: open.agent,
            started_seconds: open.started.as_micros() as f64 / 1e6,
            waited_ms: millis(open.waited),
            talked_ms: millis(open.talked),
            outcome,
            attributes: Vec::new(),
        };
        let entry = self.again(move |active| {
            let log = log.clone();
            async move { active.plugin.log_interaction(&log, services(&active)).await }.boxed()
        });
        let entry = entry.await.flatten();
        let record = self.tenant.store.interaction(interaction).ok().flatten();
        let Some(url) = record.as_ref().and_then(|record| record.recording.clone()) else { return };
        let length_ms =
            record.map_or(0, |record| u32::try_from(record.talk_ms).unwrap_or(u32::MAX));
        let recording = Recording { interaction: interaction.to_string(), entry, url, length_ms };
        self.again(move |active| {
            let recording = recording.clone();
            async move { active.plugin.attach_recording(&recording, services(&active)).await }
                .boxed()
        })
        .await;
    }

    /// Tries a call until it succeeds, cannot succeed, or has been tried often enough.
    async fn again<T>(
        &self,
        call: impl Fn(Arc<ActivePlugin>) -> BoxFuture<'static, Result<T, CallFailure>>,
    ) -> Option<T> {
        let mut pauses = PAUSES.iter();
        loop {
            let active = self.tenant.plugins.get(&self.name, World::Connector);
            let Some(active) = active else {
                lost(&self.tenant, &self.name);
                return None;
            };
            match noted(&self.tenant, &active, call(Arc::clone(&active)).await) {
                Ok(answer) => return Some(answer),
                Err(failure) => {
                    let pause = pauses.next().filter(|_| failure.again);
                    let Some(pause) = pause else {
                        lost(&self.tenant, &self.name);
                        return None;
                    };
                    tokio::time::sleep(*pause).await;
                }
            }
        }
    }
}

/// Asks the connectors that are there for it for a customer, other than `asking` itself.
pub async fn find(tenant: &Tenant, asking: &str, address: &str) -> Option<Card> {
    let config = tenant.config();
    let there = config.plugins.iter().filter(|(name, entry)| entry.lookup && *name != asking);
    for (name, _) in there {
        let Some(active) = tenant.plugins.get(name, World::Connector) else { continue };
        let asked = active.plugin.find_contact(address, services(&active));
        let Ok(found) = tokio::time::timeout(LOOKUP_TIME, asked).await else {
            active.services.count("lookups_timed_out", 1);
            continue;
        };
        let Ok(Some(customer)) = noted(tenant, &active, found) else { continue };
        let mut fields = customer.fields;
        fields.extend(customer.url.into_iter().map(|url| ("url".to_owned(), url)));
        return Some(Card {
            id: customer.id,
            name: customer.name,
            language: customer.language,
            segment: customer.segment,
            fields,
        });
    }
    None
}

/// Has a connector take a request of the other system.
pub async fn webhook(
    tenant: &Tenant,
    connector: &str,
    request: &Incoming,
) -> Result<Reply, NotTaken> {
    let active = tenant.plugins.get(connector, World::Connector);
    let active = active.ok_or(NotTaken::Unknown(World::Connector))?;
    let done = active.plugin.take_webhook(request, services(&active)).await;
    noted(tenant, &active, done).map_err(NotTaken::Failed)
}
