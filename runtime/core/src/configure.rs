//! A new set-up, at the start or while calls are in progress: nothing that waits is lost.

use crate::agent::Next;
use crate::center::Center;
use crate::queue::Queue;
use crate::timer::Timer;
use crate::{
    AgentConfig, AgentId, AgentState, CenterConfig, InteractionId, QueueEnd, WithdrawReason,
};

impl Center {
    pub(crate) fn configure(&mut self, config: &CenterConfig) {
        self.limits = config.limits;
        // An answer to a question about yesterday's set-up is not worth a rule of its own.
        while let Some((&ask, _)) = self.asks.first_key_value() {
            self.drop_ask(ask);
        }
        for (name, queue) in &mut self.queues {
            queue.closing = !config.queues.contains_key(name);
            if queue.closing {
                self.timers.cancel(&Timer::Hours(name.clone()));
            }
        }
        for (name, new) in &config.queues {
            match self.queues.get_mut(name) {
                Some(queue) => queue.config = new.clone(),
                None => {
                    self.queues.insert(name.clone(), Queue::new(new.clone()));
                }
            }
        }
        let gone = self.configure_agents(config);
        self.assign_agents();
        for id in gone {
            self.remove_agent(&id);
        }
        self.close_queues();
        self.look_at_hours();
        self.configure_telling();
        self.settle_contacts();
        self.vacated.extend(self.queues.keys().cloned());
        self.dirty.extend(self.queues.keys().cloned());
    }

    /// Takes over the agents' set-up; returns who is gone.
    fn configure_agents(&mut self, config: &CenterConfig) -> Vec<AgentId> {
        for (id, new) in &config.agents {
            let agent = self.agents.entry(id.clone()).or_default();
            if agent.removed {
                (agent.removed, agent.next) = (false, None);
            }
            agent.config = new.clone();
        }
        let mut gone = Vec::new();
        for (id, agent) in &mut self.agents {
            if !config.agents.contains_key(id) {
                agent.removed = true;
                agent.config = AgentConfig::default();
                gone.push(id.clone());
            }
        }
        gone
    }

    /// Makes each queue's sets of agents anew.
    fn assign_agents(&mut self) {
        for queue in self.queues.values_mut() {
            queue.members.clear();
            queue.ready.clear();
            queue.readied += 1;
        }
        for (id, agent) in &self.agents {
            for name in agent.config.queues.keys() {
                let Some(queue) = self.queues.get_mut(name) else { continue };
                if agent.state != AgentState::LoggedOut {
                    queue.members.insert(id.clone());
                }
                if agent.state == AgentState::Ready {
                    queue.ready.insert((agent.idle_since, id.clone()));
                }
            }
        }
    }

    fn remove_agent(&mut self, id: &AgentId) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        match (&agent.state, agent.work) {
            (AgentState::Busy | AgentState::AfterCallWork, _) => {
                agent.next = Some(Next::LoggedOut);
            }
            (AgentState::Reserved, Some(interaction)) => {
                self.withdraw(interaction, WithdrawReason::AgentLeft);
                self.release(id, AgentState::LoggedOut);
                self.back_in_line(interaction, id);
            }
            _ => self.log_out(id),
        }
    }

    /// Releases who waits in a queue that is gone. Who rings may still be answered.
    fn close_queues(&mut self) {
        let closing = self.queues.values().filter(|queue| queue.closing);
        let places = closing.flat_map(|queue| &queue.line).map(|place| place.interaction);
        let rings = |id: &InteractionId| self.stay(*id).is_some_and(|stay| stay.ring.is_some());
        let waiting: Vec<InteractionId> = places.filter(|id| !rings(id)).collect();
        for interaction in waiting {
            self.leave(interaction, QueueEnd::Closed);
        }
        self.queues.retain(|_, queue| !queue.closing || !queue.line.is_empty());
    }

    /// Times every wait by the new limits, and asks routers afresh.
    fn settle_contacts(&mut self) {
        let lines = self.queues.values().flat_map(|queue| &queue.line);
        let contacts: Vec<InteractionId> = lines.map(|place| place.interaction).collect();
        for interaction in contacts {
            self.resume(interaction);
            self.time_wait(interaction);
        }
    }

    pub(crate) fn restart(&mut self, agents: Vec<(AgentId, AgentState)>) {
        for (id, state) in agents {
            // Who said something since the restart is believed, not the record.
            if self.agents.get(&id).is_none_or(|agent| agent.state != AgentState::LoggedOut) {
                continue;
            }
            let state = match state {
                AgentState::Reserved | AgentState::Busy | AgentState::AfterCallWork => {
                    AgentState::Ready
                }
                AgentState::LoggedOut | AgentState::NotReady { .. } | AgentState::Ready => state,
            };
            self.change(&id, state);
        }
    }
}
