//! A view of the whole centre at one moment, for queries.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::queue::Queue;
use crate::{
    AgentId, AgentState, Center, Instant, InteractionId, OfferId, Proficiency, QueueId, SkillLevel,
};

/// The centre as it is now.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct CenterSnapshot {
    /// The moment of the last input or timeout.
    pub at: Instant,
    /// The agents by name.
    pub agents: BTreeMap<AgentId, AgentSnapshot>,
    /// The queues by name.
    pub queues: BTreeMap<QueueId, QueueSnapshot>,
    /// How many interactions are in the centre, in flows too.
    pub interactions: u32,
}

/// One agent.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct AgentSnapshot {
    /// What the agent is doing.
    pub state: AgentState,
    /// Since when.
    pub since: Instant,
    /// What the agent asked for while it could not be had; comes after the work at hand.
    pub next: Option<AgentState>,
    /// What rings, or who is talked with.
    pub interaction: Option<InteractionId>,
    /// The queues served, with a level in each.
    pub queues: BTreeMap<QueueId, Proficiency>,
    /// What the agent can do, and how well.
    pub skills: Vec<SkillLevel>,
    /// Conversations since log-in.
    pub contacts: u32,
    /// Talk time since log-in, without a conversation that goes on.
    pub talk: Duration,
}

/// One queue.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct QueueSnapshot {
    /// Who waits or rings, next first.
    pub waiting: Vec<WaitingSnapshot>,
    /// The longest wait in it, whatever the place in line.
    pub longest_wait: Duration,
    /// Its agents who are Ready.
    pub ready: u32,
    /// Its agents who are Reserved, Busy or in AfterCallWork.
    pub busy: u32,
    /// Its agents who are logged in.
    pub logged_in: u32,
}

/// One contact in a queue.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct WaitingSnapshot {
    /// Which.
    pub interaction: InteractionId,
    /// 1 is next.
    pub position: u32,
    /// Higher is served earlier.
    pub priority: i8,
    /// Since joining the first queue of this stay.
    pub waited: Duration,
    /// The offer in force and who is rung.
    pub ringing: Option<(OfferId, AgentId)>,
}

impl Center {
    /// Returns the centre as it is now. It costs a copy of every agent and every waiting contact.
    #[must_use]
    pub fn snapshot(&self) -> CenterSnapshot {
        let agents = self.agents.iter().map(|(id, agent)| {
            let view = AgentSnapshot {
                state: agent.state.clone(),
                since: agent.since,
                next: agent.next.as_ref().map(|next| next.state()),
                interaction: agent.work,
                queues: agent.config.queues.clone(),
                skills: agent.config.skills.clone(),
                contacts: agent.contacts,
                talk: agent.talk,
            };
            (id.clone(), view)
        });
        let queues =
            self.queues.iter().map(|(id, queue)| (id.clone(), self.queue_snapshot(id, queue)));
        CenterSnapshot {
            at: self.now,
            agents: agents.collect(),
            queues: queues.collect(),
            interactions: u32::try_from(self.interactions.len()).unwrap_or(u32::MAX),
        }
    }

    fn queue_snapshot(&self, name: &QueueId, queue: &Queue) -> QueueSnapshot {
        let view = self.queue_view(name, queue);
        let waiting = (1..).zip(&queue.line).map(|(position, place)| {
            let ring = self.stay(place.interaction).and_then(|stay| stay.ring.clone());
            WaitingSnapshot {
                interaction: place.interaction,
                position,
                priority: place.priority.0,
                waited: self.now - place.joined,
                ringing: ring.map(|ring| (ring.offer, ring.agent)),
            }
        });
        let waiting: Vec<_> = waiting.collect();
        QueueSnapshot {
            longest_wait: waiting.iter().map(|contact| contact.waited).max().unwrap_or_default(),
            waiting,
            ready: view.agents_ready,
            busy: view.agents_busy,
            logged_in: u32::try_from(queue.members.len()).unwrap_or(u32::MAX),
        }
    }
}
