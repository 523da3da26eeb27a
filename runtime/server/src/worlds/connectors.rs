//! Connectors: what they are told of calls, what flows ask them for, their webhooks and schedules.

mod teller;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::FutureExt as _;
use jackfield_core::{Channel, Input, Instant, InteractionId, JournalRecord, Output};
use jackfield_plugin_host::asked::connecting::Lead;
use jackfield_plugin_host::asked::webhook::{Incoming, Reply};
use jackfield_plugin_host::{CallFailure, Card, Services as _, World};
use tokio::sync::mpsc;

use super::chats::NotTaken;
use crate::rollout::Subject;
use crate::tenant::{ActivePlugin, Tenant, TenantServices};

use teller::Teller;

/// What a connector may be behind before it loses events.
const BEHIND_MAX: usize = 1_024;
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
        told(tenant, &active.name, failure);
    })
}

fn told(tenant: &Tenant, connector: &str, failure: &CallFailure) {
    tracing::warn!(tenant = %tenant.id, plugin = connector, %failure, "a connector failed");
}

/// Asks the connectors that are there for it for a customer, other than `asking` itself.
pub async fn find(tenant: &Tenant, asking: &str, address: &str) -> Option<Card> {
    let config = tenant.config();
    let there = config.plugins.iter().filter(|(name, entry)| entry.lookup && *name != asking);
    for (name, _) in there {
        let attributes = tenant.customer_for(name, Some(address));
        let subject = Subject { attributes: &attributes, ..Subject::of_words(address) };
        let asked = tenant.ask_called((name, World::Connector), &subject, |active| {
            let address = address.to_owned();
            async move { active.plugin.find_contact(&address, services(&active)).await }.boxed()
        });
        let Ok(answer) = tokio::time::timeout(LOOKUP_TIME, asked).await else {
            if let Some(active) = tenant.plugins.get(name, World::Connector) {
                active.services.count("lookups_timed_out", 1);
            }
            continue;
        };
        let found = match answer {
            Some((_, Ok(found))) => found,
            Some((_, Err(failure))) => {
                told(tenant, name, &failure);
                continue;
            }
            None => continue,
        };
        let Some(customer) = found else { continue };
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

/// Has a connector create a lead; what the other system calls it. The active version does: a lead must
/// not be made twice.
pub async fn create_lead(
    tenant: &Tenant,
    connector: &str,
    lead: &Lead,
) -> Result<String, NotTaken> {
    let active = tenant.plugins.get(connector, World::Connector);
    let active = active.ok_or(NotTaken::Unknown(World::Connector))?;
    let done = active.plugin.create_lead(lead, services(&active)).await;
    noted(tenant, &active, done).map_err(NotTaken::Failed)
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
