//! What a router is asked and what it answers: the Rust face of `jackfield:queueing/routing`.

use serde::{Deserialize, Serialize};

use crate::{AgentId, Attribute, Channel, InteractionId, QueueId, SkillLevel};

/// One question to a router.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoutingAsk {
    /// The contact to be routed.
    pub contact: WaitingView,
    /// Agents of the queue who are Ready now, longest idle first. Never empty.
    pub candidates: Vec<Candidate>,
    /// The queue at this moment.
    pub queue: QueueView,
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
}

/// An agent who is ready.
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
}

/// The queue at this moment.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct QueueView {
    /// Contacts that wait or ring.
    pub waiting: u32,
    /// Of the first in line.
    pub longest_wait_ms: u32,
    /// Agents of the queue who are Ready.
    pub agents_ready: u32,
    /// Agents of the queue who are Reserved, Busy or in AfterCallWork.
    pub agents_busy: u32,
}

/// A router's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingAnswer {
    /// What to do.
    pub decision: RoutingDecision,
    /// Why, in terms and scores.
    pub because: Vec<Attribute>,
}

/// What a router wants done.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoutingDecision {
    /// Offer to the first of these who is still Ready. Names as the plugin wrote them: the engine
    /// checks that each was a candidate.
    Offer(Vec<String>),
    /// Nobody yet: ask again after this many milliseconds, or when an agent becomes ready.
    WaitMs(u32),
}
