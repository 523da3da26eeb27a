//! Channels of plugins: what webhooks bring in, what goes out, and which conversations are open.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use jackfield_core::{Channel, InteractionId};
use jackfield_plugin_host::asked::channels::{self, Event, Outgoing};
use jackfield_plugin_host::asked::messaging::{MessagingError, Receipt};
use jackfield_plugin_host::asked::webhook::{Incoming, Reply};
use jackfield_plugin_host::{CallFailure, World, asked};
use tokio::sync::{mpsc, oneshot};

use crate::rollout::Subject;
use crate::session::chat::{self, Told};
use crate::tenant::{ActivePlugin, Tenant, TenantServices, now};

/// What a conversation may be told before whoever tells it has to wait.
const TOLD_MAX: usize = 64;
/// Ids of messages that are remembered, of all channels of a tenant.
const SEEN_MAX: usize = 10_000;
/// Events of one webhook.
const EVENTS_MAX: usize = 100;
/// Pauses between tries to send.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// The conversations on channels of one tenant.
#[derive(Default)]
pub struct Chats(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    by_customer: HashMap<(String, String), (InteractionId, mpsc::Sender<Told>)>,
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
            Event::Message(message) => wrote(tenant, &active, message).await?,
            Event::Left(customer) => {
                let key = (channel.to_owned(), customer);
                let session = tenant.chats.lock().by_customer.get(&key).cloned();
                if let Some((_, session)) = session {
                    // A conversation that is over has nobody to leave it.
                    let _ = session.send(Told::Left).await;
                }
            }
            Event::Delivery(delivery) => {
                let data = serde_json::json!({ "channel": channel, "message": delivery.id, "state": delivery.state });
                watchers(tenant, "message_delivery", data);
            }
        }
    }
    Ok(received.reply)
}

/// A customer wrote: in the conversation that is open, or in a new one.
async fn wrote(
    tenant: &Arc<Tenant>,
    active: &ActivePlugin,
    message: channels::Message,
) -> Result<(), NotTaken> {
    let channel = active.name.as_str();
    if !tenant.chats.lock().first_time(channel, &message.id) {
        return Ok(());
    }
    let key = (channel.to_owned(), message.from.clone());
    let open = tenant.chats.lock().by_customer.get(&key).cloned();
    let message = match open {
        None => message,
        Some((_, session)) => match session.send(Told::Wrote(message)).await {
            Ok(()) => return Ok(()),
            // It ended just now: this is the first message of the next one.
            Err(mpsc::error::SendError(Told::Wrote(message))) => message,
            Err(_) => return Ok(()),
        },
    };
    let kind = active.abilities.as_ref().map_or(Channel::Chat, |able| kind_of(able.kind));
    let (session, told) = mpsc::channel(TOLD_MAX);
    let Some(id) = chat::begin(tenant, channel, kind, &message, told).await else {
        tenant.chats.lock().forget_message(channel, &message.id);
        return Err(NotTaken::Full);
    };
    {
        let mut chats = tenant.chats.lock();
        chats.by_customer.insert(key, (id, session.clone()));
        chats.by_id.insert(id, session.clone());
    }
    // Its task has just begun: it listens.
    let _ = session.send(Told::Wrote(message)).await;
    Ok(())
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
pub fn tell_watchers(tenant: &Tenant, id: InteractionId, by: &str, text: &str) {
    let data = serde_json::json!({ "interaction": id, "by": by, "text": text });
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
