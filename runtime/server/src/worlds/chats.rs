//! Channels: what webhooks and pages bring in, what goes out, and which conversations are open.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jackfield_core::{Channel, InteractionId, QueueId};
use jackfield_plugin_host::asked::channels::{self, Event, Outgoing};
use jackfield_plugin_host::asked::messaging::{MessagingError, Receipt};
use jackfield_plugin_host::asked::webhook::{Incoming, Reply};
use jackfield_plugin_host::{CallFailure, World, asked};
use tokio::sync::{mpsc, oneshot};

use crate::rollout::Subject;
use crate::session::chat::{self, Told};
use crate::tenant::{ActivePlugin, Tenant, TenantServices, now};
use crate::worlds::webchat::{self, Post};

/// What a conversation may be told before whoever tells it has to wait.
pub const TOLD_MAX: usize = 64;
/// Ids of messages that are remembered, of all channels of a tenant.
const SEEN_MAX: usize = 10_000;
/// Events of one webhook.
const EVENTS_MAX: usize = 100;
/// Pauses between tries to send.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// The conversations on channels of one tenant.
#[derive(Default)]
pub struct Chats {
    open: Mutex<Inner>,
    /// Held while one begins: a customer who writes twice at once has one conversation.
    beginning: tokio::sync::Mutex<()>,
}

type Open = (InteractionId, mpsc::Sender<Told>);

#[derive(Default)]
struct Inner {
    by_customer: HashMap<(String, String), Open>,
    by_id: HashMap<InteractionId, mpsc::Sender<Told>>,
    seen: BTreeSet<(String, String)>,
    order: VecDeque<(String, String)>,
}

impl Inner {
    /// Notes the id of a message; `false` if it is known.
    fn first_time(&mut self, channel: &str, id: &str) -> bool {
        let key = (channel.to_owned(), id.to_owned());
        if id.is_empty() {
            return true;
        }
        if !self.seen.insert(key.clone()) {
            return false;
        }
        self.order.push_back(key);
        if SEEN_MAX < self.order.len()
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        true
    }

    fn forget_message(&mut self, channel: &str, id: &str) {
        let key = (channel.to_owned(), id.to_owned());
        self.seen.remove(&key);
        self.order.retain(|known| *known != key);
    }
}

impl Chats {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a webhook was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// There is no such channel or connector, or none serves under this name.
    #[error("there is no {0} of this name that serves")]
    Unknown(World),
    /// The plugin failed.
    #[error("the plugin did not take it: {0}")]
    Failed(CallFailure),
    /// The tenant has as many conversations as it may.
    #[error("the tenant has as many interactions at once as `max_interactions` allows")]
    Full,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Taken {
    /// A conversation has it.
    New,
    /// It was taken before: its id is known.
    Known,
}

/// How conversations of a channel go.
pub struct Setup {
    /// Who answers first.
    pub chatbot: Option<String>,
    /// Where they wait for a person.
    pub queue: Option<QueueId>,
    /// One without a message for so long is over.
    pub idle: Duration,
}

/// What the configuration says of a channel now.
pub fn setup(tenant: &Tenant, channel: &str) -> Option<Setup> {
    let config = tenant.config();
    if webchat::serves(&config, channel) {
        let own = config.webchat.clone();
        return Some(Setup { chatbot: own.chatbot, queue: own.queue, idle: own.idle });
    }
    let entry = config.plugins.get(channel)?.clone();
    Some(Setup { chatbot: entry.chatbot, queue: entry.queue, idle: entry.idle })
}

/// Has a channel read what a webhook brought, and lets it happen.
pub async fn webhook(
    tenant: &Arc<Tenant>,
    channel: &str,
    request: &Incoming,
) -> Result<Reply, NotTaken> {
    // Which message it is about is known to nobody before it is read.
    let subject = Subject::of_words(&String::from_utf8_lossy(&request.body));
    let asked = tenant.ask_called((channel, World::Channel), &subject, |active| {
        let request = request.clone();
        async move { active.plugin.receive(&request, services(&active)).await }.boxed()
    });
    let (active, received) = asked.await.ok_or(NotTaken::Unknown(World::Channel))?;
    let received = received.map_err(NotTaken::Failed)?;
    for event in received.events.into_iter().take(EVENTS_MAX) {
        match event {
            Event::Message(message) => {
                let kind =
                    active.abilities.as_ref().map_or(Channel::Chat, |able| kind_of(able.kind));
                wrote(tenant, channel, kind, message).await?;
            }
            Event::Left(customer) => left(tenant, channel, &customer).await,
            Event::Delivery(delivery) => {
                let data = serde_json::json!({ "channel": channel, "message": delivery.id, "state": delivery.state });
                watchers(tenant, "message_delivery", data);
            }
        }
    }
    Ok(received.reply)
}

/// The conversation that is open with a customer.
fn open_with(tenant: &Tenant, channel: &str, customer: &str) -> Option<Open> {
    let key = (channel.to_owned(), customer.to_owned());
    tenant.chats.lock().by_customer.get(&key).cloned()
}

/// Whether a conversation is open with a customer.
pub fn is_open(tenant: &Tenant, channel: &str, customer: &str) -> bool {
    open_with(tenant, channel, customer).is_some()
}

/// A customer wrote: in the conversation that is open, or in a new one.
///
/// # Errors
///
/// [`NotTaken::Full`]: it may be sent again, later.
pub async fn wrote(
    tenant: &Arc<Tenant>,
    channel: &str,
    kind: Channel,
    message: channels::Message,
) -> Result<Taken, NotTaken> {
    if !tenant.chats.lock().first_time(channel, &message.id) {
        return Ok(Taken::Known);
    }
    goes_on(tenant, channel, kind, message).await.map(|()| Taken::New)
}

/// Brings a message whose id is noted to its conversation.
async fn goes_on(
    tenant: &Arc<Tenant>,
    channel: &str,
    kind: Channel,
    message: channels::Message,
) -> Result<(), NotTaken> {
    let Some(message) = heard(tenant, channel, message).await else { return Ok(()) };
    let _alone = tenant.chats.beginning.lock().await;
    // Another page of the same customer may have been first.
    let Some(message) = heard(tenant, channel, message).await else { return Ok(()) };
    let (session, told) = mpsc::channel(TOLD_MAX);
    let Some(id) = chat::begin(tenant, channel, kind, &message, told).await else {
        tenant.chats.lock().forget_message(channel, &message.id);
        return Err(NotTaken::Full);
    };
    began(tenant, channel, &message.from, id, session.clone());
    // Its task has just begun: it listens.
    let _ = session.send(Told::Wrote(message)).await;
    Ok(())
}

/// Tells the conversation that is open; gives the message back if there is none.
async fn heard(
    tenant: &Tenant,
    channel: &str,
    message: channels::Message,
) -> Option<channels::Message> {
    let Some((_, session)) = open_with(tenant, channel, &message.from) else {
        return Some(message);
    };
    match session.send(Told::Wrote(message)).await {
        // It ended just now: this is the first message of the next one.
        Err(mpsc::error::SendError(Told::Wrote(message))) => Some(message),
        Ok(()) | Err(_) => None,
    }
}

/// A conversation began, or goes on after a restart.
pub fn began(
    tenant: &Tenant,
    channel: &str,
    customer: &str,
    id: InteractionId,
    session: mpsc::Sender<Told>,
) {
    let mut chats = tenant.chats.lock();
    let key = (channel.to_owned(), customer.to_owned());
    chats.by_customer.insert(key, (id, session.clone()));
    chats.by_id.insert(id, session);
}

/// What a conversation was told when it was over already: the customer's words begin the next one.
pub fn after_the_end(
    tenant: Arc<Tenant>,
    channel: String,
    kind: Channel,
    told: Vec<Told>,
) -> BoxFuture<'static, ()> {
    // A conversation ends with it and it begins one: a type of its own ends the circle.
    Box::pin(async move {
        for one in told {
            if let Told::Wrote(message) = one
                && let Err(error) = goes_on(&tenant, &channel, kind, message).await
            {
                tracing::warn!(tenant = %tenant.id, channel, %error, "a message came at the end of a conversation and is lost");
            }
        }
    })
}

/// A customer left.
pub async fn left(tenant: &Tenant, channel: &str, customer: &str) {
    if let Some((_, session)) = open_with(tenant, channel, customer) {
        // A conversation that is over has nobody to leave it.
        let _ = session.send(Told::Left).await;
    }
}

/// A customer is writing: watchers are told.
pub fn customer_types(tenant: &Tenant, channel: &str, customer: &str) {
    if let Some((id, _)) = open_with(tenant, channel, customer) {
        watchers(tenant, "typing", serde_json::json!({ "interaction": id, "from": "customer" }));
    }
}

/// An agent is writing; says whether there is such a conversation.
pub async fn agent_types(tenant: &Tenant, id: InteractionId) -> bool {
    let session = tenant.chats.lock().by_id.get(&id).cloned();
    match session {
        Some(session) => session.send(Told::AgentTypes).await.is_ok(),
        None => false,
    }
}

/// A conversation is over: the customer's next message begins another one.
pub fn closed(tenant: &Tenant, channel: &str, customer: &str, id: InteractionId) {
    let mut chats = tenant.chats.lock();
    chats.by_id.remove(&id);
    let key = (channel.to_owned(), customer.to_owned());
    if chats.by_customer.get(&key).is_some_and(|(known, _)| *known == id) {
        chats.by_customer.remove(&key);
    }
}

/// An agent writes in a conversation. `None` if there is no such conversation on a channel.
pub async fn agent_writes(
    tenant: &Tenant,
    id: InteractionId,
    agent: Option<String>,
    text: String,
) -> Option<Result<(), String>> {
    let session = tenant.chats.lock().by_id.get(&id).cloned()?;
    let (done, sent) = oneshot::channel();
    session.send(Told::Agent { agent, text, done }).await.ok()?;
    sent.await.ok()
}

/// Ends a conversation at the customer's side; says whether there was one.
pub async fn end(tenant: &Tenant, id: InteractionId) -> bool {
    let session = tenant.chats.lock().by_id.get(&id).cloned();
    match session {
        Some(session) => session.send(Told::Left).await.is_ok(),
        None => false,
    }
}

/// Sends a message on a channel, in parts that are short enough, each tried a few times.
pub async fn send(
    tenant: &Tenant,
    channel: &str,
    message: Outgoing,
) -> Result<Receipt, MessagingError> {
    let unknown = || MessagingError::UnknownChannel(channel.to_owned());
    let interaction = message.id.as_ref().and_then(|id| id.parse().ok());
    let mut subject = Subject::of_words(&message.to);
    subject.interaction = interaction.unwrap_or(subject.interaction);
    let pinned = tenant.pin_called(channel, World::Channel, &subject);
    let (active, _pin) = pinned.ok_or_else(unknown)?;
    let able = active.abilities.as_ref();
    let buttons = able.is_some_and(|able| able.choices);
    let longest = able.map_or(4_096, |able| able.text_bytes_max.max(16) as usize);
    let mut message = message;
    if !buttons && !message.choices.is_empty() {
        let choices: Vec<String> =
            message.choices.drain(..).map(|choice| format!("\n- {choice}")).collect();
        message.text.push_str(&choices.concat());
    }
    let mut rest = message.text.clone();
    let choices = std::mem::take(&mut message.choices);
    loop {
        let cut = rest.floor_char_boundary(longest);
        let tail = rest.split_off(cut);
        let last = tail.is_empty();
        message.text = std::mem::replace(&mut rest, tail);
        if last {
            message.choices.clone_from(&choices);
        }
        let sent = send_part(tenant, &active, &subject, &message).await?;
        if last {
            return Ok(Receipt { id: sent.id, state: sent.state });
        }
    }
}

/// Sends one message; what a canary's candidate fails to send, the active version sends.
async fn send_part(
    tenant: &Tenant,
    active: &Arc<ActivePlugin>,
    subject: &Subject<'_>,
    message: &Outgoing,
) -> Result<channels::Receipt, MessagingError> {
    let (mut active, mut pauses) = (Arc::clone(active), PAUSES.iter());
    loop {
        let sent = active.plugin.send(message, services(&active)).await;
        tenant.answered(&active, subject, sent.as_ref().err());
        let failure = match sent {
            Ok(receipt) => return Ok(receipt),
            Err(failure) => failure,
        };
        if let Some(pause) = pauses.next().filter(|_| failure.again) {
            tokio::time::sleep(*pause).await;
        } else if let Some(other) = tenant.instead_of(&active) {
            (active, pauses) = (other, PAUSES.iter());
        } else if failure.again {
            return Err(MessagingError::Unavailable);
        } else {
            return Err(MessagingError::Refused(failure.to_string()));
        }
    }
}

fn services(active: &ActivePlugin) -> Arc<TenantServices> {
    Arc::clone(&active.services)
}

/// Says why a message was not sent.
pub fn words(error: &MessagingError) -> String {
    match error {
        MessagingError::UnknownChannel(name) => format!("there is no channel `{name}`"),
        MessagingError::Refused(why) => why.clone(),
        MessagingError::Limit(which) => format!("limit reached: {which}"),
        MessagingError::Unavailable => "the channel is not reachable".to_owned(),
    }
}

/// Tells the watchers that somebody wrote, such as an agent's program that shows it.
pub fn tell_watchers(tenant: &Tenant, post: &Post) {
    let data = serde_json::json!({
        "interaction": post.interaction, "seq": post.seq, "from": post.from, "agent": post.agent,
        "text": post.text,
    });
    watchers(tenant, "message", data);
}

fn watchers(tenant: &Tenant, kind: &str, data: serde_json::Value) {
    let event = crate::tenant::Event { at_micros: now().as_micros(), kind: kind.to_owned(), data };
    // Without receivers it is for nobody.
    let _ = tenant.events.send(event);
}

fn kind_of(kind: asked::Channel) -> Channel {
    match kind {
        asked::Channel::Email => Channel::Email,
        asked::Channel::Message => Channel::Message,
        _ => Channel::Chat,
    }
}

#[cfg(test)]
mod tests;
