//! "Why not me": what stands between a waiting contact and an agent at this moment.

use serde::{Deserialize, Serialize};

use crate::distribute::BACK_OFF;
use crate::interaction::{Phase, Stay};
use crate::need::{self, Facts};
use crate::table::AgentKey;
use crate::{
    AgentId, AgentState, Center, Channel, Instant, InteractionId, NotReadyReason, OfferId, QueueId,
};

/// Something that keeps an agent from being offered a contact.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum WhyNot {
    /// The contact does not wait in a queue.
    #[error("the contact does not wait in a queue")]
    NotWaiting,
    /// The contact is with an agent already.
    #[error("the contact talks with {agent}")]
    Talks {
        /// With whom.
        agent: AgentId,
    },
    /// There is no such agent.
    #[error("there is no agent of this name")]
    NoSuchAgent,
    /// The agent does not serve the contact's queue.
    #[error("does not serve the queue `{queue}`")]
    NotInQueue {
        /// Which.
        queue: QueueId,
    },
    /// The agent is not at work.
    #[error("is not logged in")]
    NotLoggedIn,
    /// The agent takes no contact just now.
    #[error("is not ready ({}) since {since}", reason.0)]
    NotReady {
        /// Why.
        reason: NotReadyReason,
        /// Since when.
        since: Instant,
    },
    /// The agent asked to take no more, and finishes what is in hand.
    #[error("takes no more after the work in hand")]
    TakesNoMore,
    /// The agent's phone rings for another contact.
    #[error("is offered {interaction}")]
    Ringing {
        /// Which offer.
        offer: OfferId,
        /// Which contact.
        interaction: InteractionId,
    },
    /// The agent has no room for a contact of this channel.
    #[error("has no room: {load} percent taken")]
    NoRoom {
        /// Which channel.
        channel: Channel,
        /// The share that work in hand takes, in percent.
        load: u32,
        /// The work in hand, after-call work included.
        works: Vec<InteractionId>,
    },
    /// The agent lacks a required skill, or its level.
    #[error("has `{skill}` at {has}, {needs} is needed")]
    LacksSkill {
        /// Which.
        skill: String,
        /// The level needed at the step in force.
        needs: u8,
        /// The agent's level, 0 for none.
        has: u8,
    },
    /// The agent does not meet a part of the queue's expression.
    #[error("does not meet `{condition}`")]
    NotEligible {
        /// Which part.
        condition: String,
        /// What it asks of the agent, and what the agent has; `None` is nothing.
        facts: Vec<(String, Option<String>)>,
    },
    /// These hours are kept for other work.
    #[error("has hours kept for other work")]
    Protected {
        /// When that changes.
        until: Option<Instant>,
    },
    /// A blend's peak keeps the agent from deferred work.
    #[error("is kept for calls by the blend `{blend}`")]
    Peak {
        /// Which.
        blend: String,
    },
    /// The contact's phones ring already.
    #[error("it rings at {agent}")]
    OfferedTo {
        /// Which offer.
        offer: OfferId,
        /// Whom.
        agent: AgentId,
    },
    /// The queue's router wants to wait.
    #[error("the router waits")]
    Paused,
    /// The agent did not take this contact before, and is spared it while there is anybody else.
    #[error("did not take it at {at}")]
    FailedBefore {
        /// When that was.
        at: Instant,
        /// From when on it may be tried again.
        again: Instant,
    },
    /// A contact with a better place, about which a router is asked, has the first call.
    #[error("is kept for {interaction}")]
    Held {
        /// Which contact.
        interaction: InteractionId,
    },
    /// Others have their turn before.
    #[error("agents whose turn is before: {agents}")]
    LaterTurn {
        /// How many of those who can take the contact.
        agents: u32,
    },
    /// Other contacts have a better place.
    #[error("contacts of the queue with a better place: {contacts}")]
    BehindOthers {
        /// How many in the queue.
        contacts: u32,
    },
}

impl Center {
    /// Returns all that stands between a contact and an agent now, the weightiest first; nothing if
    /// the agent is the next to be offered it.
    ///
    /// What decided an offer that was made is in its [`crate::Certificate`].
    #[must_use]
    pub fn why_not(&self, interaction: InteractionId, agent: &AgentId) -> Vec<WhyNot> {
        let stay = match self.interactions.get(&interaction).map(|contact| &contact.phase) {
            Some(Phase::Queued(stay)) => stay,
            Some(Phase::Talking(talk)) => {
                return vec![WhyNot::Talks { agent: self.agents[talk.agent].id.clone() }];
            }
            Some(Phase::InFlow) | None => return vec![WhyNot::NotWaiting],
        };
        let Some(key) = self.agents.key(agent).filter(|key| !self.agents[*key].is_gone()) else {
            return vec![WhyNot::NoSuchAgent];
        };
        let mut why = Vec::new();
        self.why_unable(stay, key, &mut why);
        self.why_taken(stay, key, &mut why);
        self.why_later(stay, key, &mut why);
        why
    }

    fn why_unable(&self, stay: &Stay, key: AgentKey, why: &mut Vec<WhyNot>) {
        let (agent, queue) = (&self.agents[key], &self.queues[stay.queue]);
        if agent.queues.iter().all(|member| member.queue != stay.queue) {
            why.push(WhyNot::NotInQueue { queue: queue.id.clone() });
        }
        for (skill, needs) in need::required(&stay.options, &queue.config, stay.step) {
            let levels = agent.config.skills.iter().filter(|has| has.name == skill);
            let has = levels.map(|has| has.level.get()).max().unwrap_or(0);
            if has < needs {
                why.push(WhyNot::LacksSkill { skill: skill.to_owned(), needs, has });
            }
        }
        if let Some(condition) = stay.need.expression() {
            let unmet = condition.explain(&Facts { agent, queue: stay.queue });
            why.extend(unmet.into_iter().map(|unmet| WhyNot::NotEligible {
                condition: unmet.condition.to_string(),
                facts: unmet.facts,
            }));
        }
    }

    fn why_taken(&self, stay: &Stay, key: AgentKey, why: &mut Vec<WhyNot>) {
        let agent = &self.agents[key];
        let channel = stay.need.channel;
        match (&agent.state, &agent.wants) {
            (AgentState::LoggedOut, _) => why.push(WhyNot::NotLoggedIn),
            (AgentState::NotReady { reason }, _) => {
                why.push(WhyNot::NotReady { reason: reason.clone(), since: agent.since });
            }
            (_, AgentState::Ready) => (),
            _ => why.push(WhyNot::TakesNoMore),
        }
        if let Some((offer, interaction)) = agent.ring
            && interaction != stay.place.interaction
        {
            why.push(WhyNot::Ringing { offer, interaction });
        }
        if !agent.fits(channel) {
            let works = agent.works.iter().map(|work| work.interaction).collect();
            why.push(WhyNot::NoRoom { channel, load: agent.load(channel), works });
        }
        if self.is_protected(agent, stay.queue, channel) {
            let blocks = agent.config.protected.iter();
            let until = blocks.filter_map(|block| block.hours.next_change(self.now)).min();
            why.push(WhyNot::Protected { until });
        }
        if let Some(blend) = self.blending(agent, stay.queue) {
            why.push(WhyNot::Peak { blend: blend.name.clone() });
        }
    }

    fn why_later(&self, stay: &Stay, key: AgentKey, why: &mut Vec<WhyNot>) {
        let (agent, queue) = (&self.agents[key], &self.queues[stay.queue]);
        why.extend(stay.rings.iter().map(|ring| WhyNot::OfferedTo {
            offer: ring.offer,
            agent: self.agents[ring.agent].id.clone(),
        }));
        if queue.paused.contains(&stay.place) {
            why.push(WhyNot::Paused);
        }
        if let Some(at) = stay.failed.get(&key) {
            why.push(WhyNot::FailedBefore { at: *at, again: *at + BACK_OFF });
        }
        let asked = agent.held_by.iter().filter_map(|ask| self.asks.get(ask));
        let asked = asked.filter_map(|ask| self.stay(ask.contact));
        why.extend(
            asked
                .filter(|asked| asked.place < stay.place)
                .map(|asked| WhyNot::Held { interaction: asked.place.interaction }),
        );
        if agent.has_turn(stay.queue, stay.need.channel) {
            let turns = queue.turns.of(stay.need.channel);
            let before = turns.take_while(|turn| turn.agent != key);
            let able = before.filter(|turn| {
                let other = &self.agents[turn.agent];
                stay.need.met_by(other, stay.queue) && !stay.failed.contains_key(&turn.agent)
            });
            let agents = u32::try_from(able.count()).unwrap_or(u32::MAX);
            if 0 < agents {
                why.push(WhyNot::LaterTurn { agents });
            }
        }
        let contacts = queue.position(&stay.place) - 1;
        if stay.rings.is_empty() && 0 < contacts {
            why.push(WhyNot::BehindOthers { contacts });
        }
    }
}
