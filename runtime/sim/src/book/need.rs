//! What an agent must be to be offered a contact: worked out from the set-up and the recorded step,
//! apart from the engine.

use jackfield_core::{
    AgentConfig, AgentFacts, AgentId, Expression, InteractionId, Proficiency, QueueConfig, QueueId,
    QueueOptions, SkillChange, SkillLevel,
};

use super::{Book, Need, Stay};

/// An agent as expressions see it.
struct Facts<'a>(&'a AgentConfig, &'a QueueId);

impl AgentFacts for Facts<'_> {
    fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.0.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    fn level(&self, skill: &str) -> u8 {
        let found = self.0.skills.iter().find(|had| had.name == skill);
        found.map_or(0, |had| had.level.get())
    }

    fn queue_level(&self) -> u8 {
        self.0.queues.get(self.1).map_or(0, |level| level.get())
    }
}

impl Need {
    /// What is needed at `step` of the queue, 0 before the first.
    pub(crate) fn at(queue: &QueueConfig, options: &QueueOptions, step: u32) -> Self {
        let mut skills: Vec<SkillLevel> = options.required.clone();
        let mut eligible: Option<&Expression> = queue.eligible.as_ref();
        for step in queue.steps.iter().take(step as usize) {
            eligible = step.eligible.as_ref().or(eligible);
            for change in &step.skills {
                apply(change, &mut skills);
            }
        }
        Self { skills, eligible: eligible.map(|eligible| eligible.bind(&options.attributes)) }
    }

    fn met_by(&self, agent: &AgentConfig, queue: &QueueId) -> bool {
        let has = |need: &SkillLevel| {
            agent.skills.iter().any(|had| had.name == need.name && need.level <= had.level)
        };
        self.skills.iter().all(has)
            && self.eligible.as_ref().is_none_or(|eligible| eligible.holds(&Facts(agent, queue)))
    }
}

fn apply(change: &SkillChange, skills: &mut Vec<SkillLevel>) {
    match change {
        SkillChange::Add(skill) => match skills.iter_mut().find(|had| had.name == skill.name) {
            Some(had) => had.level = had.level.max(skill.level),
            None => skills.push(skill.clone()),
        },
        SkillChange::Lower(skill) => {
            for had in skills.iter_mut().filter(|had| had.name == skill.name) {
                had.level = had.level.min(skill.level);
            }
        }
        SkillChange::LowerAll(by) => {
            for had in skills.iter_mut() {
                let lower = had.level.get().saturating_sub(*by);
                had.level = Proficiency::new(lower).unwrap_or(Proficiency::MIN);
            }
        }
        SkillChange::Drop(name) => skills.retain(|had| had.name != *name),
        SkillChange::DropAll => skills.clear(),
    }
}

impl Book {
    /// Returns whether the agent serves the queue and is what the contact needs at its step.
    pub(crate) fn is_able(&self, agent: &AgentId, stay: &Stay) -> bool {
        self.config.agents.get(agent).is_some_and(|agent| {
            agent.queues.contains_key(&stay.queue) && stay.need.met_by(agent, &stay.queue)
        })
    }

    /// Works out anew what the contact needs. A queue that is gone needs what it needed.
    pub(crate) fn need_again(&mut self, contact: InteractionId) {
        let Some(stay) = self.stay(contact) else { return };
        let Some(queue) = self.config.queues.get(&stay.queue) else { return };
        let need = Need::at(queue, &stay.options, stay.step);
        if let Some(stay) = self.stay_mut(contact) {
            stay.need = need;
        }
    }
}
