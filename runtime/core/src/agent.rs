//! Agents: their states, and what they ask for while they cannot have it yet.

use std::time::Duration;

use crate::center::Center;
use crate::timer::Timer;
use crate::{
    AgentConfig, AgentId, AgentState, Instant, InteractionId, NotReadyReason, Output,
    WithdrawReason,
};

/// The reason of an agent who logged in and has not said more.
const LOGGED_IN: &str = "logged-in";

/// One agent.
#[derive(Debug, Default)]
pub(crate) struct Agent {
    pub(crate) config: AgentConfig,
    pub(crate) state: AgentState,
    pub(crate) since: Instant,
    /// Orders ready agents. Older than `since` if an offer ended through no deed of the agent.
    pub(crate) idle_since: Instant,
    /// What rings or is talked with.
    pub(crate) work: Option<InteractionId>,
    /// What the agent asked for while Busy or AfterCallWork; `None` is Ready.
    pub(crate) next: Option<Next>,
    /// Gone from the configuration: logged out after the work at hand.
    pub(crate) removed: bool,
    /// Conversations since log-in.
    pub(crate) contacts: u32,
    /// Talk time since log-in.
    pub(crate) talk: Duration,
}

/// A state asked for while it cannot be had.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Next {
    NotReady(NotReadyReason),
    LoggedOut,
}

impl Next {
    pub(crate) fn state(&self) -> AgentState {
        match self {
            Self::NotReady(reason) => AgentState::NotReady { reason: reason.clone() },
            Self::LoggedOut => AgentState::LoggedOut,
        }
    }
}

/// Returns the state NotReady with `reason`.
pub(crate) fn not_ready(reason: &str) -> AgentState {
    AgentState::NotReady { reason: NotReadyReason(reason.to_owned()) }
}

impl Center {
    pub(crate) fn agent_logged_in(&mut self, id: &AgentId) {
        let Some(agent) = self.agents.get_mut(id).filter(|agent| !agent.removed) else { return };
        match agent.state {
            AgentState::LoggedOut => self.change(id, not_ready(LOGGED_IN)),
            AgentState::Busy if agent.next == Some(Next::LoggedOut) => {
                agent.next = Some(Next::NotReady(NotReadyReason(LOGGED_IN.to_owned())));
            }
            _ => (),
        }
    }

    pub(crate) fn agent_logged_out(&mut self, id: &AgentId) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        match agent.state {
            AgentState::LoggedOut => (),
            AgentState::Reserved => self.agent_left(id, AgentState::LoggedOut),
            AgentState::Busy => agent.next = Some(Next::LoggedOut),
            AgentState::NotReady { .. } | AgentState::Ready | AgentState::AfterCallWork => {
                self.log_out(id);
            }
        }
    }

    pub(crate) fn agent_ready(&mut self, id: &AgentId) {
        let Some(agent) = self.agents.get_mut(id).filter(|agent| !agent.removed) else { return };
        match agent.state {
            AgentState::LoggedOut | AgentState::NotReady { .. } => {
                self.change(id, AgentState::Ready);
            }
            // Keeps its place as longest idle, or the caller who is ringing it.
            AgentState::Ready | AgentState::Reserved => (),
            AgentState::Busy => agent.next = None,
            AgentState::AfterCallWork => {
                agent.next = None;
                self.end_wrap_up(id);
            }
        }
    }

    pub(crate) fn agent_not_ready(&mut self, id: &AgentId, reason: NotReadyReason) {
        let Some(agent) = self.agents.get_mut(id).filter(|agent| !agent.removed) else { return };
        match agent.state {
            AgentState::LoggedOut => (),
            AgentState::Ready | AgentState::NotReady { .. } => {
                self.change(id, AgentState::NotReady { reason });
            }
            AgentState::Reserved => self.agent_left(id, AgentState::NotReady { reason }),
            AgentState::Busy | AgentState::AfterCallWork => {
                agent.next = Some(Next::NotReady(reason));
            }
        }
    }

    /// A status change during an offer: the offer is over, and the contact keeps its place.
    fn agent_left(&mut self, id: &AgentId, state: AgentState) {
        let Some(interaction) = self.agents.get(id).and_then(|agent| agent.work) else { return };
        self.withdraw(interaction, WithdrawReason::AgentLeft);
        self.release(id, state);
        self.back_in_line(interaction, id);
    }

    /// The conversation is over.
    pub(crate) fn end_work(&mut self, id: &AgentId, talked: Duration, wrap_up: Duration) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        agent.work = None;
        agent.contacts = agent.contacts.saturating_add(1);
        agent.talk += talked;
        // Who has left does no after-call work.
        if agent.next == Some(Next::LoggedOut) {
            self.log_out(id);
        } else if wrap_up.is_zero() {
            self.take_next(id);
        } else {
            self.timers.set(Timer::WrapUp(id.clone()), self.now + wrap_up);
            self.change(id, AgentState::AfterCallWork);
        }
    }

    pub(crate) fn end_wrap_up(&mut self, id: &AgentId) {
        self.timers.cancel(&Timer::WrapUp(id.clone()));
        self.take_next(id);
    }

    fn take_next(&mut self, id: &AgentId) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        let state = agent.next.take().map_or(AgentState::Ready, |next| next.state());
        self.release(id, state);
    }

    /// Takes the agent out of whatever work it had.
    pub(crate) fn release(&mut self, id: &AgentId, state: AgentState) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        agent.work = None;
        if state == AgentState::LoggedOut { self.log_out(id) } else { self.change(id, state) }
    }

    pub(crate) fn log_out(&mut self, id: &AgentId) {
        self.timers.cancel(&Timer::WrapUp(id.clone()));
        self.change(id, AgentState::LoggedOut);
        if let Some(agent) = self.agents.get_mut(id) {
            agent.next = None;
            if agent.removed {
                self.agents.remove(id);
            }
        }
    }

    /// Makes an agent ready again whose offer ended through no deed of the agent: it keeps its
    /// place as longest idle.
    pub(crate) fn still_idle(&mut self, id: &AgentId) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        agent.work = None;
        let idle_since = agent.idle_since;
        self.change_idle(id, AgentState::Ready, idle_since);
    }

    pub(crate) fn change(&mut self, id: &AgentId, state: AgentState) {
        self.change_idle(id, state, self.now);
    }

    fn change_idle(&mut self, id: &AgentId, state: AgentState, idle_since: Instant) {
        let now = self.now;
        let Some(agent) = self.agents.get_mut(id).filter(|agent| agent.state != state) else {
            return;
        };
        let before = std::mem::replace(&mut agent.state, state.clone());
        let was_idle_since = agent.idle_since;
        let lasted = now - agent.since;
        agent.since = now;
        if before == AgentState::LoggedOut {
            (agent.contacts, agent.talk) = (0, Duration::ZERO);
        }
        if state == AgentState::Ready {
            agent.idle_since = idle_since;
        }
        let mut paused = Vec::new();
        for name in agent.config.queues.keys() {
            let Some(queue) = self.queues.get_mut(name) else { continue };
            if before == AgentState::Ready {
                queue.ready.remove(&(was_idle_since, id.clone()));
            }
            if state == AgentState::LoggedOut {
                queue.members.remove(id);
                self.vacated.insert(name.clone());
            } else if before == AgentState::LoggedOut {
                queue.members.insert(id.clone());
            }
            if state == AgentState::Ready {
                queue.ready.insert((idle_since, id.clone()));
                queue.readied += 1;
                self.dirty.insert(name.clone());
                paused.extend(queue.paused.iter().map(|place| place.interaction));
            }
        }
        let before = before.name().to_owned();
        self.push(Output::AgentChanged { agent: id.clone(), state, lasted, before });
        for interaction in paused {
            self.resume(interaction);
        }
    }
}
