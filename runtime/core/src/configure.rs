//! A new set-up, at the start or while calls are in progress: nothing that waits is lost.

use std::cmp::Reverse;

use crate::agent::{Agent, Membership};
use crate::capacity::Listed;
use crate::center::Center;
use crate::interaction::Phase;
use crate::need::{Need, Skills};
use crate::queue::{Place, Queue};
use crate::table::AgentKey;
use crate::timer::Timer;
use crate::{
    AgentConfig, AgentId, AgentState, CenterConfig, Checkpoint, ClosedQueue, InteractionId,
    QueueEnd,
};

impl Center {
    pub(crate) fn configure(&mut self, config: &CenterConfig) {
        self.limits = config.limits;
        // An answer to a question about yesterday's set-up is not worth a rule of its own.
        while let Some((&ask, _)) = self.asks.first_key_value() {
            self.drop_ask(ask);
        }
        for key in self.queues.keys().collect::<Vec<_>>() {
            let queue = &mut self.queues[key];
            queue.closing = !config.queues.contains_key(&queue.id);
            if queue.closing {
                self.timers.cancel(&Timer::Hours(key));
            }
        }
        for (name, new) in &config.queues {
            let key = self.queues.key_or_insert_with(name, || Queue::new(name.clone()));
            let queue = &mut self.queues[key];
            (queue.config, queue.gone) = (new.clone(), false);
        }
        let gone = self.configure_agents(config);
        self.assign_agents();
        self.configure_blends(config);
        // Who leaves now may leave contacts behind: they are looked at by the new set-up.
        self.settle_contacts();
        for key in self.agents.keys().collect::<Vec<_>>() {
            self.time_blocks(key);
            self.relist(key);
        }
        for key in gone {
            self.agent_leaves(key, AgentState::LoggedOut);
        }
        self.close_queues();
        self.look_at_hours();
        self.configure_telling();
        self.vacated.extend(self.queues.keys());
        self.dirty.extend(self.queues.keys());
    }

    /// Takes over the agents' set-up; returns who is gone.
    fn configure_agents(&mut self, config: &CenterConfig) -> Vec<AgentKey> {
        let agents = config.agents.values();
        let names = agents.flat_map(|agent| agent.skills.iter().map(|skill| skill.name.as_str()));
        self.skills = Skills::new(names);
        for (id, new) in &config.agents {
            let key = self.agents.key_or_insert_with(id, || Agent::new(id.clone()));
            let agent = &mut self.agents[key];
            // Who was to be logged out after the work at hand may stay.
            if agent.removed && agent.state != AgentState::LoggedOut {
                agent.wants = AgentState::Ready;
            }
            (agent.removed, agent.config) = (false, new.clone());
            let levels = new.skills.iter();
            agent.skills =
                levels.map(|has| (self.skills.key(&has.name), has.level.get())).collect();
        }
        let mut gone = Vec::new();
        for key in self.agents.keys().collect::<Vec<_>>() {
            let agent = &mut self.agents[key];
            if !config.agents.contains_key(&agent.id) && !agent.removed {
                agent.removed = true;
                (agent.config, agent.skills) = (AgentConfig::default(), Vec::new());
                gone.push(key);
            }
        }
        gone
    }

    /// Makes each queue's agents anew.
    fn assign_agents(&mut self) {
        for queue in self.queues.values_mut() {
            queue.agents.clear();
            queue.turns.clear();
            queue.fresh.clear();
            queue.states = Default::default();
            queue.readied += 1;
        }
        for (rank, key) in (0..).zip(self.agents.keys().collect::<Vec<_>>()) {
            let agent = &mut self.agents[key];
            agent.rank = rank;
            agent.queues.clear();
            for (name, level) in &agent.config.queues {
                let Some(queue) = self.queues.key(name) else { continue };
                let level = level.get();
                agent.queues.push(Membership { queue, level, listed: Listed::default() });
                let queue = &mut self.queues[queue];
                queue.agents.push(key);
                queue.states[agent.state.index()] += 1;
            }
        }
    }

    /// Releases who waits in a queue that is gone. Who rings may still be answered.
    fn close_queues(&mut self) {
        let closing = self.queues.iter().filter(|(_, queue)| queue.closing);
        let places = closing.flat_map(|(_, queue)| &queue.line).map(|place| place.interaction);
        let rings = |id: &InteractionId| self.stay(*id).is_some_and(|stay| !stay.rings.is_empty());
        let waiting: Vec<InteractionId> = places.filter(|id| !rings(id)).collect();
        for interaction in waiting {
            self.leave(interaction, QueueEnd::Closed);
        }
        for queue in self.queues.values_mut() {
            queue.gone = queue.closing && queue.line.is_empty();
        }
    }

    /// Places every contact by the new set-up, times its wait anew and asks routers afresh.
    fn settle_contacts(&mut self) {
        let waits = self.interactions.iter().filter_map(|(id, contact)| match contact.phase {
            Phase::Queued(_) => Some(*id),
            Phase::InFlow | Phase::Talking(_) => None,
        });
        for id in waits.collect::<Vec<InteractionId>>() {
            self.resume(id);
            let Some(stay) = self.stay_mut(id) else { continue };
            stay.step = 0;
            let key = stay.queue;
            let Some(stay) = self.stay(id) else { continue };
            let config = &self.queues[key].config;
            // The steps whose time has come count at once.
            let waited = self.now - stay.joined;
            let step = config.steps.iter().take_while(|step| step.after < waited).count();
            let step = u32::try_from(step).unwrap_or(u32::MAX);
            let need = Need::new(stay.need.channel, &stay.options, config, step, &self.skills);
            let need = need.of_only(stay.need.only());
            let place = Place { weight: Reverse(config.weight), ..stay.place };
            if let Some(stay) = self.stay_mut(id) {
                stay.step = step;
            }
            self.stand(id, place, need);
            self.time_wait(id);
            self.time_step(id);
            self.time_ageing(id);
        }
        // Agents have changed: who met which need is looked at again.
        for queue in self.queues.values_mut() {
            let unmet = std::mem::take(&mut queue.unmet);
            for (need, places) in unmet {
                queue.waiting.entry(need).or_default().extend(places);
            }
        }
    }

    pub(crate) fn restart(&mut self, agents: Vec<(AgentId, AgentState)>, checkpoint: Checkpoint) {
        for ClosedQueue { queue, message, by } in checkpoint.closed_queues {
            self.close_queue(&queue, message, by);
        }
        for (id, state) in agents {
            let Some(key) = self.agents.key(&id) else { continue };
            let agent = &mut self.agents[key];
            // Who said something since the restart is believed, not the record.
            if agent.removed || agent.state != AgentState::LoggedOut {
                continue;
            }
            agent.wants = match state {
                AgentState::Reserved | AgentState::Busy | AgentState::AfterCallWork => {
                    AgentState::Ready
                }
                AgentState::LoggedOut | AgentState::NotReady { .. } | AgentState::Ready => state,
            };
            self.restate(key);
        }
        self.restore_callbacks(checkpoint.callbacks, checkpoint.callbacks_named);
    }
}
