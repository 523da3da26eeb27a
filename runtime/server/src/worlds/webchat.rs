//! The built-in channel `web`: visitors of web sites write in the chat window of `/widget.js`.
//!
//! A page opens a WebSocket ([`page`]) and says which visitor it is. What is written goes into the same
//! conversations as on any channel (`session::chat`); what a conversation says goes to every page of its
//! visitor. A message has a place (`seq`) within its conversation, which is its place in the
//! conversation's story: so what a page has missed is read from the story, also after a restart.

mod pace;
mod page;
mod past;

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use jackfield_core::{AgentId, AgentState, InteractionId};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::config::{TenantConfig, WebchatConfig};
use crate::rfc3339;
use crate::tenant::Tenant;
use pace::Pace;
pub use page::PROTOCOL;
pub use past::messages;

/// The channel's name, which no plugin of a tenant with web chats may have.
pub const CHANNEL: &str = "web";

/// Frames a page may be behind; a slower one is cut off, comes back and reads what it missed.
const FRAMES_MAX: usize = 256;

/// One message of a conversation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Post {
    /// In which conversation.
    pub interaction: InteractionId,
    /// Its place there, from 1.
    pub seq: u32,
    /// What the visitor's page calls it; empty if it is not the visitor's.
    pub id: String,
    /// `customer`, `bot`, `agent`.
    pub from: &'static str,
    /// Which agent.
    pub agent: Option<String>,
    /// What was written.
    pub text: String,
    /// Answers that can be chosen.
    pub choices: Vec<String>,
    /// When, in microseconds since the Unix epoch.
    pub at_micros: u64,
}

impl Post {
    /// What a page is sent; `agent` is what the agent is called there.
    fn frame(&self, agent: Option<&str>) -> Value {
        json!({
            "type": "message", "interaction": self.interaction, "seq": self.seq, "id": self.id,
            "from": self.from, "agent": agent, "text": self.text, "choices": self.choices,
            "at": rfc3339::format(self.at_micros),
        })
    }
}

/// Who has a visitor's conversation.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Stage {
    /// There is none.
    #[default]
    None,
    /// A chatbot.
    Bot,
    /// Nobody yet.
    Waiting,
    /// This agent.
    Agent(AgentId),
}

impl Stage {
    const fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Bot => "bot",
            Self::Waiting => "waiting",
            Self::Agent(_) => "agent",
        }
    }
}

/// The web chat of one tenant: which pages are connected, and what was counted.
#[derive(Default)]
pub struct Webchat(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    /// Pages by visitor.
    pages: HashMap<String, Vec<(u64, mpsc::Sender<String>)>>,
    /// Pages by address; also those that have not said which visitor they are.
    addresses: HashMap<IpAddr, usize>,
    connected: usize,
    last_page: u64,
    /// By visitor; those without a conversation are not in it.
    stages: HashMap<String, (InteractionId, Stage)>,
    pace: Pace,
    counts: Counts,
}

/// What has happened since the start of the process.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Pages connected now.
    pub connected: usize,
    /// Conversations open now.
    pub conversations: usize,
    /// Messages by `customer`, `bot`, `agent`.
    pub messages: BTreeMap<&'static str, u64>,
    /// What was refused, by reason.
    pub refused: BTreeMap<&'static str, u64>,
}

/// Whether conversations of `channel` are on the web chat: a plugin of that name may serve where it is not enabled.
/// What was begun goes on when it is switched off.
pub fn serves(config: &TenantConfig, channel: &str) -> bool {
    channel == CHANNEL && !config.plugins.contains_key(CHANNEL)
}

/// Why a page is not connected.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotConnected {
    /// It is switched off.
    #[error("the tenant has no web chat: `webchat.enabled` is not set")]
    Disabled,
    /// The page is of another site, or says of none.
    #[error("pages of this site may not show the tenant's web chat: see `webchat.origins`")]
    Origin,
    /// A limit is reached.
    #[error("the tenant has as many pages connected as `webchat.connections` allows")]
    Full,
    /// A limit is reached.
    #[error("the address has as many pages connected as `webchat.address_connections` allows")]
    AddressFull,
}

/// A page's place among those that are connected; it is given back when it is dropped.
pub struct Seat {
    tenant: Arc<Tenant>,
    address: IpAddr,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut inner = self.tenant.webchat.lock();
        inner.connected = inner.connected.saturating_sub(1);
        if let Some(pages) = inner.addresses.get_mut(&self.address) {
            *pages = pages.saturating_sub(1);
            if *pages == 0 {
                inner.addresses.remove(&self.address);
            }
        }
    }
}

/// Takes a place for a page of the site `origin` at `address`.
///
/// # Errors
///
/// [`NotConnected`]
pub fn admit(
    tenant: &Arc<Tenant>,
    origin: Option<&str>,
    address: IpAddr,
) -> Result<Seat, NotConnected> {
    let config = tenant.config();
    let config = &config.webchat;
    let mut inner = tenant.webchat.lock();
    let refused = if !config.enabled {
        Some((NotConnected::Disabled, "disabled"))
    } else if !origin.is_some_and(|origin| config.allows(origin)) {
        Some((NotConnected::Origin, "origin"))
    } else if config.connections <= inner.connected {
        Some((NotConnected::Full, "connections"))
    } else if config.address_connections <= inner.addresses.get(&address).copied().unwrap_or(0) {
        Some((NotConnected::AddressFull, "address_connections"))
    } else {
        None
    };
    if let Some((why, counted)) = refused {
        *inner.counts.refused.entry(counted).or_default() += 1;
        return Err(why);
    }
    inner.connected += 1;
    *inner.addresses.entry(address).or_default() += 1;
    drop(inner);
    Ok(Seat { tenant: Arc::clone(tenant), address })
}

impl Webchat {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has happened, and what is open now.
    pub fn counts(&self) -> Counts {
        let inner = self.lock();
        let (connected, conversations) = (inner.connected, inner.stages.len());
        Counts { connected, conversations, ..inner.counts.clone() }
    }

    /// Whether a visitor at `address` may write one more message now.
    fn may_write(&self, config: &WebchatConfig, visitor: &str, address: IpAddr) -> bool {
        let limits = [
            (visitor.to_owned(), config.messages_per_minute),
            (address.to_string(), config.address_messages_per_minute),
        ];
        self.lock().pace.take(&limits, Instant::now())
    }

    fn refused(&self, why: &'static str) {
        *self.lock().counts.refused.entry(why).or_default() += 1;
    }

    /// Listens for what a visitor is told from now on.
    fn listen(&self, visitor: &str) -> (u64, mpsc::Receiver<String>) {
        let (sender, frames) = mpsc::channel(FRAMES_MAX);
        let mut inner = self.lock();
        inner.last_page += 1;
        let page = inner.last_page;
        inner.pages.entry(visitor.to_owned()).or_default().push((page, sender));
        (page, frames)
    }

    fn leave(&self, visitor: &str, page: u64) {
        let mut inner = self.lock();
        if let Some(pages) = inner.pages.get_mut(visitor) {
            pages.retain(|(known, _)| *known != page);
            if pages.is_empty() {
                inner.pages.remove(visitor);
            }
        }
    }

    /// Who has the visitor's conversation now.
    fn stage(&self, visitor: &str) -> Stage {
        self.lock().stages.get(visitor).map(|(_, stage)| stage.clone()).unwrap_or_default()
    }

    /// Conversations that are open.
    fn conversations(&self) -> usize {
        self.lock().stages.len()
    }
}

/// Sends a frame to every page of a visitor.
fn broadcast(inner: &mut Inner, visitor: &str, frame: &Value) {
    let Some(pages) = inner.pages.get_mut(visitor) else { return };
    let text = frame.to_string();
    // Without its sender a page that is too far behind is closed: it comes back.
    pages.retain(|(_, sender)| sender.try_send(text.clone()).is_ok());
}

/// Tells the visitor's pages of a message that is kept.
pub fn posted(tenant: &Tenant, visitor: &str, post: &Post) {
    let agent = post.agent.as_deref().and_then(|agent| shown_name(tenant, agent));
    let frame = post.frame(agent.as_deref());
    let mut inner = tenant.webchat.lock();
    *inner.counts.messages.entry(post.from).or_default() += 1;
    broadcast(&mut inner, visitor, &frame);
}

/// Tells the visitor's pages who has the conversation now.
pub fn staged(tenant: &Tenant, visitor: &str, interaction: InteractionId, stage: Stage) {
    let frame = state_frame(tenant, &stage);
    let mut inner = tenant.webchat.lock();
    inner.stages.insert(visitor.to_owned(), (interaction, stage));
    broadcast(&mut inner, visitor, &frame);
}

/// Tells the visitor's pages that the conversation is over, and why.
pub fn ended(tenant: &Tenant, visitor: &str, interaction: InteractionId, why: &str) {
    let mut inner = tenant.webchat.lock();
    // Another conversation of the visitor's is not touched.
    if inner.stages.get(visitor).is_some_and(|(known, _)| *known == interaction) {
        inner.stages.remove(visitor);
    }
    let frame = json!({ "type": "ended", "interaction": interaction, "why": why });
    broadcast(&mut inner, visitor, &frame);
}

/// Tells the visitor's pages that an agent is writing.
pub fn agent_types(tenant: &Tenant, visitor: &str) {
    let frame = json!({ "type": "typing", "from": "agent" });
    broadcast(&mut tenant.webchat.lock(), visitor, &frame);
}

/// What a page shows of where things stand.
fn state_frame(tenant: &Tenant, stage: &Stage) -> Value {
    let agent = match stage {
        Stage::Agent(agent) => shown_name(tenant, agent.as_str()),
        _ => None,
    };
    json!({ "type": "state", "state": stage.name(), "agent": agent, "people": people(tenant) })
}

/// Whether people answer now: `here`, `away` if nobody who could is at work, `closed` if the queue is.
fn people(tenant: &Tenant) -> &'static str {
    let config = tenant.config();
    let Some(queue) = &config.webchat.queue else { return "closed" };
    if !tenant.is_open(queue) {
        return "closed";
    }
    let states = tenant.agents.lock().unwrap_or_else(PoisonError::into_inner);
    let at_work = |agent: &AgentId| {
        states.get(agent).is_some_and(|state| !matches!(state, AgentState::LoggedOut))
    };
    let mut serving = config.center.agents.iter().filter(|(_, one)| one.queues.contains_key(queue));
    if serving.any(|(agent, _)| at_work(agent)) { "here" } else { "away" }
}

/// What visitors see an agent called: the agent's attribute `name`, and nothing else of them.
fn shown_name(tenant: &Tenant, agent: &str) -> Option<String> {
    let config = tenant.config();
    let agent = config.center.agents.get(&AgentId::new(agent).ok()?)?;
    let name = agent.attributes.iter().find(|(name, _)| name == "name");
    name.map(|(_, value)| value.clone())
}
