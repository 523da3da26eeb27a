//! What the engine knows of a tenant, already checked by the server.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{AgentId, Proficiency, QueueId, SkillLevel};

/// Everything the engine knows of one tenant's set-up.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct CenterConfig {
    /// The queues by name.
    pub queues: BTreeMap<QueueId, QueueConfig>,
    /// The agents by name.
    pub agents: BTreeMap<AgentId, AgentConfig>,
    /// The limits.
    pub limits: CenterLimits,
}

/// One queue.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct QueueConfig {
    /// How long an offer may ring before it is withdrawn.
    pub ring_time: Duration,
    /// How long a contact may wait before it overflows or leaves; `None` is for ever.
    pub max_wait: Option<Duration>,
    /// How many contacts may wait or ring.
    pub max_size: u32,
    /// How long an agent may work after a conversation; zero is ready at once.
    pub wrap_up: Duration,
    /// Where a contact goes when the longest wait or the largest size is reached.
    pub overflow: Option<QueueId>,
    /// Whether contacts are refused, and those waiting released, while nobody who could serve the
    /// queue is logged in.
    pub needs_agents: bool,
    /// The target that the queue's service level is measured against.
    pub service_level: ServiceLevelTarget,
    /// A caller who hangs up sooner than this is not counted as abandoned.
    pub short_abandon: Duration,
    /// Who chooses the agent.
    pub router: RouterChoice,
    /// Whether an offer that was not answered sends the agent to NotReady (the trade's usual RONA
    /// rule) instead of back to Ready.
    pub not_ready_on_no_answer: bool,
}

/// A service level target: a share of contacts answered within a time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceLevelTarget {
    /// The share to be reached, 0.0 to 1.0.
    pub share: f64,
    /// The time within which a contact counts as answered in time.
    pub within: Duration,
}

// A share is parsed from a file and never NaN, which is all that `Eq` asks for.
impl Eq for ServiceLevelTarget {}

/// Who chooses the agent.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouterChoice {
    /// The engine's own rule: longest idle first among those with the required skills.
    #[default]
    BuiltIn,
    /// The tenant's router plugin of this name.
    Plugin(String),
}

/// One agent.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct AgentConfig {
    /// What the agent can do, and how well.
    pub skills: Vec<SkillLevel>,
    /// The queues the agent serves, with a level in each.
    pub queues: BTreeMap<QueueId, Proficiency>,
}

/// Limits of one tenant.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct CenterLimits {
    /// How long a router may take before the built-in rule decides.
    pub router_deadline: Duration,
    /// How many candidates a router is shown, longest idle first.
    pub router_candidates: u32,
    /// How many interactions may be in the centre at once; further ones are refused.
    pub interactions: u32,
}

impl Default for CenterLimits {
    fn default() -> Self {
        Self {
            router_deadline: Duration::from_millis(20),
            router_candidates: 64,
            interactions: 10_000,
        }
    }
}
