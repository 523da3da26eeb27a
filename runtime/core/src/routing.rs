//! What a router is asked and what it answers: the Rust face of `jackfield:queueing/routing`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{AgentId, Attribute, Channel, InteractionId, PastContact, QueueId, SkillLevel};

/// One question to a router.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoutingAsk {
    /// The contact to be routed.
    pub contact: WaitingView,
    /// Agents of the queue who are Ready now, longest idle first. Never empty.
    pub candidates: Vec<Candidate>,
    /// The queue at this moment.
    pub queue: QueueView,
    /// Other queues that candidates serve, by name, at most 16.
    #[serde(default)]
    pub others: Vec<QueueView>,
    /// Engine time since the first input of the journal, in seconds.
    pub now_seconds: f64,
    /// The same for the same ask in every replay.
    pub seed: u32,
}

/// The contact to be routed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitingView {
    /// Its name.
    pub id: InteractionId,
    /// The kind of conversation.
    pub channel: Channel,
    /// The queue it waits in.
    pub queue: QueueId,
    /// Since it joined this queue.
    pub waited_ms: u32,
    /// Higher is served earlier.
    pub priority: i8,
    /// Skills an agent must have.
    pub required: Vec<SkillLevel>,
    /// Skills that make an agent the better choice.
    pub preferred: Vec<SkillLevel>,
    /// What the flow handed over.
    pub attributes: Vec<Attribute>,
    /// The step of the queue's eligibility in force, 0 before the first.
    #[serde(default)]
    pub step: u32,
    /// Earlier contacts of the same customer, latest first. A plugin sees them by the grant
    /// `crm.history` alone.
    #[serde(default)]
    pub history: Vec<PastContact>,
}

/// An agent of the queue who can take the contact now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Who.
    pub agent: AgentId,
    /// The level in this queue, 1 to 10.
    pub level: u8,
    /// All skills.
    pub skills: Vec<SkillLevel>,
    /// Since the agent became Ready.
    pub idle_ms: u32,
    /// Conversations since log-in.
    pub contacts: u32,
    /// Talk time since log-in.
    pub talk_seconds: u32,
    /// The share of the agent that work in hand takes, 0 to 100.
    #[serde(default)]
    pub load: u8,
    /// The agent's own order of the queues it serves, lower first; queues without a rank are 0.
    #[serde(default)]
    pub ranks: BTreeMap<QueueId, u8>,
    /// What the configuration says of the agent: `language`, `branch`, `cost`.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
}

/// A queue at this moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueView {
    /// Which.
    pub queue: QueueId,
    /// Contacts that wait or ring.
    pub waiting: u32,
    /// Of the contact that has waited longest.
    pub longest_wait_ms: u32,
    /// Agents of the queue who are Ready.
    pub agents_ready: u32,
    /// Agents of the queue who are Reserved, Busy or in AfterCallWork.
    pub agents_busy: u32,
    /// Contacts answered or abandoned (short ones apart) in the current and the previous quarter of
    /// an hour of engine time: what `service_level` is made of.
    #[serde(default)]
    pub counted: u32,
    /// Of these, the share answered within the target; 1.0 if there were none.
    #[serde(default)]
    pub service_level: f64,
    /// The share that is to be reached.
    #[serde(default)]
    pub target_share: f64,
    /// The time within which a contact counts as answered in time.
    #[serde(default)]
    pub target_within_ms: u32,
    /// To whom the queue's latest offer went: what round robin remembers.
    #[serde(default)]
    pub last_offered: Option<AgentId>,
    /// The queue's settings.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
}

impl QueueView {
    /// Returns the view of a queue in which nothing happens, with a target of 80 % in 20 seconds.
    pub fn quiet(queue: QueueId) -> Self {
        Self {
            queue,
            waiting: 0,
            longest_wait_ms: 0,
            agents_ready: 0,
            agents_busy: 0,
            counted: 0,
            service_level: 1.0,
            target_share: 0.8,
            target_within_ms: 20_000,
            last_offered: None,
            attributes: Vec::new(),
        }
    }
}

/// A router's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoutingAnswer {
    /// What to do.
    pub decision: RoutingDecision,
    /// Why, in terms and scores.
    pub because: Vec<Attribute>,
    /// What each agent was worth, for the certificate: agent and score, in the router's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<(String, f64)>,
}

/// What a router wants done. Names are as the plugin wrote them: the engine checks them.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoutingDecision {
    /// Offer to the first of these who is still Ready. Each must be a candidate.
    Offer(Vec<String>),
    /// Ring all of these at once; the first who accepts has it. Each must be a candidate.
    OfferAll(Vec<String>),
    /// Ring the first, and one more each time `step_ms` has passed without an answer, while those
    /// before go on ringing. Each must be a candidate.
    OfferProgressive {
        /// Who, in this order.
        agents: Vec<String>,
        /// Milliseconds between two, 1,000 to 60,000.
        step_ms: u32,
    },
    /// Nobody yet: ask again after this many milliseconds, or when an agent becomes ready.
    WaitMs(u32),
    /// Move the contact to this queue of the tenant; it keeps its waiting time.
    MoveTo(String),
    /// Give the contact this priority and ask again.
    SetPriority(i8),
}
