//! Agents: their states, and what they ask for while they cannot have it yet.

use std::time::Duration;

use crate::capacity::{Listed, Work, WorkPhase};
use crate::center::Center;
use crate::need::SkillKey;
use crate::table::{AgentKey, QueueKey};
use crate::timer::Timer;
use crate::{
    AgentConfig, AgentId, AgentState, AskId, Instant, InteractionId, NotReadyReason, OfferId,
    Output, Staffing, WithdrawReason,
};

/// The reason of an agent who logged in and has not said more.
const LOGGED_IN: &str = "logged-in";

/// One agent.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) id: AgentId,
    /// The name's number in the order of names.
    pub(crate) rank: u32,
    pub(crate) config: AgentConfig,
    pub(crate) skills: Vec<(SkillKey, u8)>,
    pub(crate) queues: Vec<Membership>,
    /// What the agent is doing: made of the ring, the work and `wants`.
    pub(crate) state: AgentState,
    pub(crate) since: Instant,
    /// LoggedOut, NotReady or Ready: what the agent is when nothing is in hand. While Ready is
    /// wanted, more work is taken as far as it fits.
    pub(crate) wants: AgentState,
    /// Orders those who can take a contact. Older than `since` if an offer ended through no deed of
    /// the agent.
    pub(crate) idle_since: Instant,
    /// What rings: one offer at a time.
    pub(crate) ring: Option<(OfferId, InteractionId)>,
    /// Conversations and after-call work, in the order they began.
    pub(crate) works: Vec<Work>,
    /// Gone from the configuration: logged out after the work at hand.
    pub(crate) removed: bool,
    /// Conversations since log-in.
    pub(crate) contacts: u32,
    /// Talk time since log-in.
    pub(crate) talk: Duration,
    /// Offers refused or not answered in a row.
    pub(crate) refusals: u32,
    /// The questions whose longest idle candidate this is.
    pub(crate) held_by: Vec<AskId>,
}

/// One queue of an agent.
#[derive(Debug)]
pub(crate) struct Membership {
    pub(crate) queue: QueueKey,
    pub(crate) level: u8,
    /// Where the agent stands in the queue's turns.
    pub(crate) listed: Listed,
}

/// Returns the state NotReady with `reason`.
pub(crate) fn not_ready(reason: &str) -> AgentState {
    AgentState::NotReady { reason: NotReadyReason(reason.to_owned()) }
}

impl Agent {
    pub(crate) fn new(id: AgentId) -> Self {
        Self {
            id,
            rank: 0,
            config: AgentConfig::default(),
            skills: Vec::new(),
            queues: Vec::new(),
            state: AgentState::LoggedOut,
            since: Instant::default(),
            wants: AgentState::LoggedOut,
            idle_since: Instant::default(),
            ring: None,
            works: Vec::new(),
            removed: true,
            contacts: 0,
            talk: Duration::ZERO,
            refusals: 0,
            held_by: Vec::new(),
        }
    }

    pub(crate) fn level_in(&self, queue: QueueKey) -> u8 {
        let member = self.queues.iter().find(|member| member.queue == queue);
        member.map_or(0, |member| member.level)
    }

    /// Returns whether the agent is neither in the configuration nor at work.
    pub(crate) fn is_gone(&self) -> bool {
        self.removed && self.state == AgentState::LoggedOut
    }

    /// Returns how much it is there: for rules about who must be.
    pub(crate) fn presence(&self) -> Staffing {
        match self.state {
            AgentState::LoggedOut => Staffing::Nobody,
            AgentState::NotReady { .. } => Staffing::LoggedIn,
            _ => Staffing::Working,
        }
    }

    fn talks(&self) -> bool {
        self.works.iter().any(|work| work.phase == WorkPhase::Talking)
    }
}

impl Center {
    pub(crate) fn agent_logged_in(&mut self, id: &AgentId) {
        let Some(key) = self.present(id) else { return };
        let agent = &mut self.agents[key];
        if agent.wants == AgentState::LoggedOut {
            agent.wants = not_ready(LOGGED_IN);
            self.restate(key);
        }
    }

    pub(crate) fn agent_logged_out(&mut self, id: &AgentId) {
        let Some(key) = self.agents.key(id) else { return };
        self.agent_leaves(key, AgentState::LoggedOut);
    }

    pub(crate) fn agent_ready(&mut self, id: &AgentId) {
        let Some(key) = self.present(id) else { return };
        self.agents[key].wants = AgentState::Ready;
        self.end_wrap_ups(key);
        // Who is ready keeps its place as longest idle, or the caller who is ringing it.
        self.restate(key);
    }

    pub(crate) fn agent_not_ready(&mut self, id: &AgentId, reason: NotReadyReason) {
        let Some(key) = self.present(id) else { return };
        // Work comes to its end before who has left; who is out stays out.
        if self.agents[key].state != AgentState::LoggedOut {
            self.agent_leaves(key, AgentState::NotReady { reason });
        }
    }

    fn present(&self, id: &AgentId) -> Option<AgentKey> {
        self.agents.key(id).filter(|key| !self.agents[*key].removed)
    }

    /// The agent takes no more work. An offer that rings is over, and the contact keeps its place;
    /// work in hand comes first, but not after-call work of who logs out.
    pub(crate) fn agent_leaves(&mut self, key: AgentKey, wants: AgentState) {
        let ring = self.agents[key].ring;
        if let Some((offer, _)) = ring {
            self.withdraw(offer, WithdrawReason::AgentLeft);
        }
        let agent = &mut self.agents[key];
        agent.wants = wants;
        if agent.wants == AgentState::LoggedOut && !agent.talks() {
            self.end_wrap_ups(key);
        }
        self.restate(key);
        if let Some((_, interaction)) = ring {
            self.offer_ended(interaction, Some(key));
        }
    }

    /// The conversation is over.
    pub(crate) fn end_talk(
        &mut self,
        key: AgentKey,
        interaction: InteractionId,
        talked: Duration,
        wrap_up: Duration,
    ) {
        let now = self.now;
        let agent = &mut self.agents[key];
        agent.contacts = agent.contacts.saturating_add(1);
        agent.talk += talked;
        let left = agent.wants == AgentState::LoggedOut;
        if left || wrap_up.is_zero() {
            agent.works.retain(|work| work.interaction != interaction);
        } else if let Some(work) =
            agent.works.iter_mut().find(|work| work.interaction == interaction)
        {
            (work.phase, work.aside_for) = (WorkPhase::WrappingUp { since: now }, None);
            self.timers.set(Timer::WrapUp(key, interaction), now + wrap_up);
        }
        // Who has left does no after-call work.
        if left && !self.agents[key].talks() {
            self.end_wrap_ups(key);
        }
        self.restate(key);
    }

    pub(crate) fn finish_wrap_up(&mut self, id: &AgentId, interaction: InteractionId) {
        if let Some(key) = self.agents.key(id) {
            self.wrap_up_is_over(key, interaction);
        }
    }

    pub(crate) fn wrap_up_is_over(&mut self, key: AgentKey, interaction: InteractionId) {
        self.end_wrap_up(key, interaction);
        self.restate(key);
    }

    fn end_wrap_ups(&mut self, key: AgentKey) {
        let works = self.agents[key].works.iter();
        let wrapping = works.filter(|work| work.phase != WorkPhase::Talking);
        for interaction in wrapping.map(|work| work.interaction).collect::<Vec<_>>() {
            self.end_wrap_up(key, interaction);
        }
    }

    fn end_wrap_up(&mut self, key: AgentKey, interaction: InteractionId) {
        self.timers.cancel(&Timer::WrapUp(key, interaction));
        let agent = &mut self.agents[key];
        let place = agent
            .works
            .iter()
            .position(|work| work.interaction == interaction && work.phase != WorkPhase::Talking);
        let Some(place) = place else { return };
        let work = agent.works.remove(place);
        let (agent, queue) = (agent.id.clone(), self.queues[work.queue].id.clone());
        if let WorkPhase::WrappingUp { since } = work.phase {
            let lasted = self.now - since;
            self.push(Output::WrapUpEnded { interaction, agent, queue, lasted });
        }
    }

    /// Makes the agent's state anew of what it has in hand, and says so if it is another one.
    pub(crate) fn restate(&mut self, key: AgentKey) {
        let agent = &self.agents[key];
        let state = if agent.ring.is_some() {
            AgentState::Reserved
        } else if agent.talks() {
            AgentState::Busy
        } else if !agent.works.is_empty() {
            AgentState::AfterCallWork
        } else {
            agent.wants.clone()
        };
        if agent.state != state {
            self.change(key, state);
        }
        self.resume_works(key);
        self.relist(key);
    }

    fn change(&mut self, key: AgentKey, state: AgentState) {
        let now = self.now;
        let agent = &mut self.agents[key];
        let before = std::mem::replace(&mut agent.state, state.clone());
        let lasted = now - agent.since;
        agent.since = now;
        if before == AgentState::LoggedOut {
            (agent.contacts, agent.talk, agent.refusals) = (0, Duration::ZERO, 0);
        }
        // From an offer it comes back as it went; who lost it by its own deed was told so there.
        if state == AgentState::Ready && before != AgentState::Reserved {
            agent.idle_since = now;
        }
        for member in &agent.queues {
            let queue = &mut self.queues[member.queue];
            queue.states[before.index()] = queue.states[before.index()].saturating_sub(1);
            queue.states[state.index()] += 1;
            let fewer = match queue.config.stay_needs {
                Staffing::Nobody | Staffing::Free => false,
                Staffing::LoggedIn => state == AgentState::LoggedOut,
                Staffing::Working => {
                    matches!(state, AgentState::LoggedOut | AgentState::NotReady { .. })
                }
            };
            if fewer {
                self.vacated.insert(member.queue);
            }
        }
        let (agent, before) = (agent.id.clone(), before.name().to_owned());
        self.push(Output::AgentChanged { agent, state, lasted, before });
    }
}
