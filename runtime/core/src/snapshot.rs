//! A view of the whole centre at one moment, for queries.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::agent::Agent;
use crate::capacity::WorkPhase;
use crate::table::QueueKey;
use crate::timer::Timer;
use crate::{
    AgentId, AgentState, CalibrationReport, Callback, CallbackId, Center, Channel, Instant,
    InteractionId, OfferId, Proficiency, QueueId, SkillLevel,
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
    /// The open callbacks.
    #[serde(default)]
    pub callbacks: BTreeMap<CallbackId, Callback>,
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
    /// What rings; else the first of the conversations.
    pub interaction: Option<InteractionId>,
    /// What rings.
    #[serde(default)]
    pub offer: Option<OfferSnapshot>,
    /// Conversations and after-call work in hand, in the order they began.
    #[serde(default)]
    pub works: Vec<WorkSnapshot>,
    /// The share of the agent that they take, 0 to 100.
    #[serde(default)]
    pub load: u8,
    /// Offers refused or not answered in a row.
    #[serde(default)]
    pub refusals: u32,
    /// The queues served, with a level in each.
    pub queues: BTreeMap<QueueId, Proficiency>,
    /// What the agent can do, and how well.
    pub skills: Vec<SkillLevel>,
    /// Conversations since log-in.
    pub contacts: u32,
    /// Talk time since log-in, without a conversation that goes on.
    pub talk: Duration,
}

/// What is offered to an agent.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct OfferSnapshot {
    /// The lease.
    pub offer: OfferId,
    /// Which interaction.
    pub interaction: InteractionId,
    /// The kind of conversation.
    pub channel: Channel,
    /// From which queue.
    pub queue: QueueId,
    /// When it is withdrawn.
    pub until: Instant,
}

/// Something an agent has in hand.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct WorkSnapshot {
    /// Which interaction.
    pub interaction: InteractionId,
    /// The kind of conversation.
    pub channel: Channel,
    /// The queue it came from.
    pub queue: QueueId,
    /// Since when the conversation is over and after-call work goes on; `None` while they talk.
    pub wrapping_up: Option<Instant>,
    /// What cannot wait and it is put aside for.
    #[serde(default)]
    pub aside_for: Option<InteractionId>,
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
    /// Whether it takes contacts.
    #[serde(default)]
    pub open: bool,
    /// How well its waits are estimated; `None` if it does not announce.
    #[serde(default)]
    pub calibration: Option<CalibrationReport>,
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
    /// The offers in force and who is rung.
    pub ringing: Vec<(OfferId, AgentId)>,
    /// The step of the queue's eligibility in force, 0 before the first.
    #[serde(default)]
    pub step: u32,
}

impl Center {
    /// Returns the centre as it is now. It costs a copy of every agent and every waiting contact.
    #[must_use]
    pub fn snapshot(&self) -> CenterSnapshot {
        let agents = self.agents.iter().filter(|(_, agent)| !agent.is_gone());
        let agents = agents.map(|(_, agent)| (agent.id.clone(), self.agent_snapshot(agent)));
        let queues = self.queues.iter().filter(|(_, queue)| !queue.gone);
        let queues = queues.map(|(key, queue)| (queue.id.clone(), self.queue_snapshot(key)));
        CenterSnapshot {
            at: self.now,
            agents: agents.collect(),
            queues: queues.collect(),
            interactions: u32::try_from(self.interactions.len() - self.recalls.in_line)
                .unwrap_or(u32::MAX),
            callbacks: self.callbacks().map(|(id, callback)| (id, callback.clone())).collect(),
        }
    }

    /// Returns one agent's state, if there is such an agent: the same as in [`Center::snapshot`].
    pub fn agent(&self, id: &AgentId) -> Option<AgentSnapshot> {
        let mut found = self.agents.iter().filter(|(_, agent)| !agent.is_gone() && agent.id == *id);
        found.next().map(|(_, agent)| self.agent_snapshot(agent))
    }

    fn agent_snapshot(&self, agent: &Agent) -> AgentSnapshot {
        let talks = agent.works.iter().find(|work| work.phase == WorkPhase::Talking);
        let rings = agent.ring.map(|(_, interaction)| interaction);
        let works = agent.works.iter().map(|work| WorkSnapshot {
            interaction: work.interaction,
            channel: work.channel,
            queue: self.queues[work.queue].id.clone(),
            wrapping_up: match work.phase {
                WorkPhase::Talking => None,
                WorkPhase::WrappingUp { since } => Some(since),
            },
            aside_for: work.aside_for,
        });
        let in_hand = agent.ring.is_some() || !agent.works.is_empty();
        AgentSnapshot {
            state: agent.state.clone(),
            since: agent.since,
            next: Some(&agent.wants)
                .filter(|wants| in_hand && **wants != AgentState::Ready)
                .cloned(),
            interaction: rings.or(talks.map(|work| work.interaction)),
            offer: agent.ring.and_then(|(offer, id)| self.offer_snapshot(offer, id)),
            works: works.collect(),
            load: agent.whole_load(),
            refusals: agent.refusals,
            queues: agent.config.queues.clone(),
            skills: agent.config.skills.clone(),
            contacts: agent.contacts,
            talk: agent.talk,
        }
    }

    fn offer_snapshot(&self, offer: OfferId, interaction: InteractionId) -> Option<OfferSnapshot> {
        let stay = self.stay(interaction)?;
        Some(OfferSnapshot {
            offer,
            interaction,
            channel: stay.need.channel,
            queue: self.queues[stay.queue].id.clone(),
            until: self.timers.when(&Timer::Ring(offer))?,
        })
    }

    fn queue_snapshot(&self, key: QueueKey) -> QueueSnapshot {
        let queue = &self.queues[key];
        let view = self.queue_view(key);
        let waiting = (1..).zip(&queue.line).map(|(position, place)| {
            let stay = self.stay(place.interaction);
            let rings = stay.map(|stay| stay.rings.as_slice()).unwrap_or_default();
            let rings = rings.iter().map(|ring| (ring.offer, self.agents[ring.agent].id.clone()));
            WaitingSnapshot {
                interaction: place.interaction,
                position,
                priority: place.priority.0,
                waited: self.now - place.joined,
                ringing: rings.collect(),
                step: stay.map_or(0, |stay| stay.step),
            }
        });
        let there = queue.states.iter().sum::<u32>() - queue.in_state(&AgentState::LoggedOut);
        QueueSnapshot {
            longest_wait: queue.longest().map_or(Duration::ZERO, |joined| self.now - joined),
            waiting: waiting.collect(),
            ready: view.agents_ready,
            busy: view.agents_busy,
            logged_in: there,
            open: queue.door.is_open(),
            calibration: self.calibration(&queue.id).map(|(_, report)| report),
        }
    }
}
