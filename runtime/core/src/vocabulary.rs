//! Words that inputs, outputs, plugins and reports share.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{AgentId, Instant, QueueId};

/// A name and a value.
pub type Attribute = (String, String);

/// The kind of conversation.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A telephone call.
    #[default]
    Voice,
    /// A web chat.
    Chat,
    /// An e-mail.
    Email,
    /// A message of a messenger.
    Message,
    /// Work without a customer at the other end.
    Task,
}

impl Channel {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Voice, Self::Chat, Self::Email, Self::Message, Self::Task];
}

/// How well an agent masters a skill, from 1 (learning) to 10 (expert).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Proficiency(u8);

impl Proficiency {
    /// The lowest level.
    pub const MIN: Self = Self(1);
    /// The highest level.
    pub const MAX: Self = Self(10);

    /// Returns the level, or `None` unless it is 1 to 10.
    pub const fn new(level: u8) -> Option<Self> {
        if 1 <= level && level <= 10 { Some(Self(level)) } else { None }
    }

    /// Returns the level as a number from 1 to 10.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Proficiency {
    type Error = String;

    fn try_from(level: u8) -> Result<Self, String> {
        Self::new(level).ok_or_else(|| format!("a level is 1 to 10, got {level}"))
    }
}

impl From<Proficiency> for u8 {
    fn from(level: Proficiency) -> Self {
        level.0
    }
}

/// A skill with a level: the level an agent has, or the least that a contact needs.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct SkillLevel {
    /// The skill's name, such as `russian`.
    pub name: String,
    /// The level.
    pub level: Proficiency,
}

/// How a contact is to be queued.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct QueueOptions {
    /// Skills an agent must have, at least at these levels.
    pub required: Vec<SkillLevel>,
    /// Skills that make an agent the better choice.
    pub preferred: Vec<SkillLevel>,
    /// Higher is served earlier; 0 is ordinary.
    pub priority: i8,
    /// Leave the queue after this; `None` is the queue's own limit.
    pub max_wait: Option<Duration>,
    /// Handed to the router and shown to the agent.
    pub attributes: Vec<Attribute>,
    /// Earlier contacts of the same customer, latest first: shown to routers that have the grant.
    #[serde(default)]
    pub history: Vec<PastContact>,
    /// Since when it has waited already, in a run of the process before this one: its place in line
    /// is of that moment. `None` is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<Instant>,
}

/// An earlier contact of the same customer.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct PastContact {
    /// The agent who served it, if one did.
    pub agent: Option<AgentId>,
    /// The queue it was served from, or left.
    pub queue: Option<QueueId>,
    /// The kind of conversation.
    pub channel: Channel,
    /// Seconds from its end to the present contact's joining the queue.
    pub seconds_ago: u32,
    /// The wrap-up code or the way it ended: `served`, `abandoned`.
    pub outcome: String,
}

/// How a stay in a queue ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueEnd {
    /// An agent took over and the conversation is finished; the customer is still there.
    Served,
    /// The longest wait was reached, also by the chain of overflow queues.
    TimedOut,
    /// The queue, and its overflow, held as many contacts as they may.
    Full,
    /// The queue is closed.
    Closed,
    /// Nobody who could serve the contact is logged in.
    NoAgents,
    /// The customer pressed the key that leaves the queue.
    LeftByKey(char),
    /// The customer wants to be called back; the callback has the place in line.
    Callback,
}

/// Why an agent takes no work just now, as the agent or the host said: `lunch`, `rona`.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NotReadyReason(pub String);

impl NotReadyReason {
    /// The reason the engine gives after an offer that was not answered.
    pub const NO_ANSWER: &str = "no-answer";
    /// The reason the engine gives after `refusals_max` refused or unanswered offers in a row.
    pub const REFUSALS: &str = "refusals";
}

/// What an agent is doing.
///
/// ```text
/// LoggedOut --log in--> NotReady <--> Ready --offer--> Reserved --accept--> Busy
///                           ^           ^                 |                  |
///                           +--RONA-----|-----------------+                  v
///                                       +-----------------------------AfterCallWork
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    /// Not at work.
    #[default]
    LoggedOut,
    /// At work, takes no contact just now.
    NotReady {
        /// Why.
        reason: NotReadyReason,
    },
    /// Waits for a contact.
    Ready,
    /// An offer rings.
    Reserved,
    /// Talks with a customer.
    Busy,
    /// Finishes the work of the last conversation.
    AfterCallWork,
}

impl AgentState {
    pub(crate) const COUNT: usize = 6;

    /// The state's number, for counting.
    pub(crate) const fn index(&self) -> usize {
        match self {
            Self::LoggedOut => 0,
            Self::NotReady { .. } => 1,
            Self::Ready => 2,
            Self::Reserved => 3,
            Self::Busy => 4,
            Self::AfterCallWork => 5,
        }
    }

    /// Returns the state's name in reports and metrics: `ready`, `after_call_work`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::LoggedOut => "logged_out",
            Self::NotReady { .. } => "not_ready",
            Self::Ready => "ready",
            Self::Reserved => "reserved",
            Self::Busy => "busy",
            Self::AfterCallWork => "after_call_work",
        }
    }
}

impl fmt::Display for AgentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReady { reason } => write!(f, "not_ready ({})", reason.0),
            other => f.write_str(other.name()),
        }
    }
}

/// An agent and a state: what is handed over at a restart.
pub type AgentStateOf = (AgentId, AgentState);
