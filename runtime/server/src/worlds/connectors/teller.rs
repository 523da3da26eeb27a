//! Tells one connector of the contacts of its tenant, each in its order.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jackfield_core::{Channel, Instant, InteractionId};
use jackfield_plugin_host::asked::connecting::{Event, InteractionLog, Lead, Recording};
use jackfield_plugin_host::{CallFailure, Grant, World, asked};
use tokio::sync::mpsc;

use super::{Fact, What, lost, services, told};
use crate::rollout::Subject;
use crate::tenant::{ActivePlugin, Tenant};

/// Interactions that a connector is told of at once.
const OPEN_MAX: usize = 100_000;
/// Pauses between tries to tell one event.
const PAUSES: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(25)];
/// How often it is looked whether a call's story, and with it its recording, is whole; and the pause.
const ENDED_TRIES: u32 = 100;
const ENDED_PAUSE: Duration = Duration::from_millis(100);

/// What is known of an interaction that is in the centre.
struct Open {
    channel: Channel,
    address: Option<String>,
    to: String,
    queue: Option<String>,
    agent: Option<String>,
    started: Instant,
    waited: Duration,
    talked: Duration,
}

/// Tells one connector what happens.
pub(super) struct Teller {
    tenant: Arc<Tenant>,
    name: String,
    open: HashMap<InteractionId, Open>,
}

impl Teller {
    pub(super) fn new(tenant: &Arc<Tenant>, name: &str) -> Self {
        Self { tenant: Arc::clone(tenant), name: name.to_owned(), open: HashMap::new() }
    }

    pub(super) async fn run(mut self, mut facts: mpsc::Receiver<Fact>) {
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
                detail("to", to.clone());
                let started = at;
                let open = Open { channel, address, to, queue, agent, started, waited, talked };
                self.open.insert(interaction, open);
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
        self.again(interaction, open, move |active| {
            let event = event.clone();
            async move { active.plugin.handle_event(&event, services(&active)).await }.boxed()
        })
        .await;
    }

    /// Writes a contact that is over into the other system's books, and where its recording is; first
    /// who it was, which may make a lead there.
    async fn log(&self, interaction: InteractionId, open: Open, outcome: String) {
        let address = open.address.clone().filter(|_| self.may_see_addresses());
        let customer = match &address {
            Some(address) => self.customer(interaction, &open, address).await,
            None => None,
        };
        let log = InteractionLog {
            id: interaction.to_string(),
            channel: asked::channel_of(open.channel),
            customer,
            address,
            queue: open.queue.clone(),
            agent: open.agent.clone(),
            started_seconds: open.started.as_micros() as f64 / 1e6,
            waited_ms: millis(open.waited),
            talked_ms: millis(open.talked),
            outcome,
            attributes: Vec::new(),
        };
        let entry = self.again(interaction, &open, move |active| {
            let log = log.clone();
            async move { active.plugin.log_interaction(&log, services(&active)).await }.boxed()
        });
        let entry = entry.await.flatten();
        self.attach(interaction, &open, entry).await;
    }

    /// What the other system calls a customer, who becomes a lead there if the entry says so.
    async fn customer(
        &self,
        interaction: InteractionId,
        open: &Open,
        address: &str,
    ) -> Option<String> {
        let wanted = address.to_owned();
        let known = self.again(interaction, open, move |active| {
            let wanted = wanted.clone();
            async move { active.plugin.find_contact(&wanted, services(&active)).await }.boxed()
        });
        // Without an answer it may be known: then a lead would be one too many.
        match known.await? {
            Some(customer) => Some(customer.id),
            None => self.lead(interaction, address).await,
        }
    }

    /// Makes a lead of a customer whose card somebody has begun, once.
    async fn lead(&self, interaction: InteractionId, address: &str) -> Option<String> {
        let entry = self.tenant.config().plugins.get(&self.name).map(|entry| entry.leads);
        if entry != Some(true) {
            return None;
        }
        let card = self.tenant.find_contact(address)?;
        let field = format!("lead-{}", self.name);
        if let Some(known) = card.fields.get(&field) {
            return Some(known.clone());
        }
        let notes = card.notes.iter().filter(|note| note.interaction == Some(interaction));
        let notes: Vec<&str> = notes.map(|note| note.text.as_str()).collect();
        let lead = Lead {
            interaction: Some(interaction.to_string()),
            address: address.to_owned(),
            name: Some(card.name.clone()).filter(|name| !name.is_empty()),
            text: notes.join("\n"),
            attributes: card.fields.clone().into_iter().collect(),
        };
        let made = super::create_lead(&self.tenant, &self.name, &lead).await;
        let Ok(id) = made else {
            lost(&self.tenant, &self.name);
            return None;
        };
        // Others may have written on the card meanwhile.
        let mut card = self.tenant.find_contact(address)?;
        card.fields.insert(field, id.clone());
        if let Err(error) = self.tenant.store.upsert_contact(card) {
            tracing::error!(tenant = %self.tenant.id, plugin = self.name, %error, "the card does not say that its customer is a lead: the next contact may make another");
        }
        Some(id)
    }

    /// Tells where the recording is, once it is whole.
    async fn attach(&self, interaction: InteractionId, open: &Open, entry: Option<String>) {
        let mut tries = 0;
        let record = loop {
            let record = self.tenant.store.interaction(interaction).ok().flatten();
            match record {
                Some(record) if record.ended_at.is_none() && tries < ENDED_TRIES => tries += 1,
                other => break other,
            }
            tokio::time::sleep(ENDED_PAUSE).await;
        };
        if record.is_none_or(|record| record.recording.is_none()) {
            return;
        }
        let recording = Recording {
            interaction: interaction.to_string(),
            entry,
            url: format!("/api/v1/tenants/{}/interactions/{interaction}/recording", self.tenant.id),
            length_ms: millis(open.talked),
        };
        self.again(interaction, open, move |active| {
            let recording = recording.clone();
            async move { active.plugin.attach_recording(&recording, services(&active)).await }
                .boxed()
        })
        .await;
    }

    /// Tries a call until it succeeds, cannot succeed, or has been tried often enough. What a canary's
    /// candidate cannot do the active version does.
    async fn again<T>(
        &self,
        interaction: InteractionId,
        open: &Open,
        call: impl Fn(Arc<ActivePlugin>) -> BoxFuture<'static, Result<T, CallFailure>>,
    ) -> Option<T> {
        let (name, tenant) = (&*self.name, &*self.tenant);
        let attributes = tenant.customer_for(name, open.address.as_deref());
        let (dialled, attributes) = (Some(&*open.to), &*attributes);
        let subject = Subject { interaction, queue: None, dialled, attributes };
        let Some((mut active, _pin)) = tenant.pin_called(name, World::Connector, &subject) else {
            lost(tenant, name);
            return None;
        };
        let mut pauses = PAUSES.iter();
        loop {
            let answer = call(Arc::clone(&active)).await;
            tenant.answered(&active, &subject, answer.as_ref().err());
            let failure = match answer {
                Ok(answer) => return Some(answer),
                Err(failure) => failure,
            };
            told(tenant, name, &failure);
            if let Some(pause) = pauses.next().filter(|_| failure.again) {
                tokio::time::sleep(*pause).await;
            } else if let Some(other) = tenant.instead_of(&active) {
                (active, pauses) = (other, PAUSES.iter());
            } else {
                lost(tenant, name);
                return None;
            }
        }
    }
}

fn millis(span: Duration) -> u32 {
    u32::try_from(span.as_millis()).unwrap_or(u32::MAX)
}
