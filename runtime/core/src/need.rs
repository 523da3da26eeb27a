//! What a contact needs of an agent: the channel, skills with levels, and an expression.
//!
//! Needs are ordered, so that contacts with the same need stand together: a thousand of them that
//! nobody can serve just now cost one look.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::agent::Agent;
use crate::table::QueueKey;
use crate::{
    AgentFacts, AgentId, Channel, EligibilityStep, Expression, QueueConfig, QueueOptions,
    SkillChange,
};

/// A skill's number. Skills that no agent has share one.
pub(crate) type SkillKey = u32;
const NOBODY_HAS: SkillKey = u32::MAX;

/// The skills of the tenant's agents, each with a number.
#[derive(Debug, Default)]
pub(crate) struct Skills(BTreeMap<String, SkillKey>);

impl Skills {
    pub(crate) fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let sorted: std::collections::BTreeSet<&str> = names.collect();
        Self(sorted.into_iter().map(str::to_owned).zip(0..).collect())
    }

    pub(crate) fn key(&self, name: &str) -> SkillKey {
        self.0.get(name).copied().unwrap_or(NOBODY_HAS)
    }
}

/// What a contact needs of an agent.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Need {
    pub(crate) channel: Channel,
    /// By skill; `None` is none.
    skills: Option<Arc<[(SkillKey, u8)]>>,
    /// Bound to the contact; `None` is none.
    expression: Option<Expression>,
    /// Nobody but this agent.
    only: Option<AgentId>,
}

impl Need {
    /// Returns the need at `step` of the queue's eligibility.
    pub(crate) fn new(
        channel: Channel,
        options: &QueueOptions,
        queue: &QueueConfig,
        step: u32,
        skills: &Skills,
    ) -> Self {
        let steps = in_force(queue, step);
        let expression = eligible(queue, steps).map(|found| found.bind(&options.attributes));
        let expression = expression.filter(|bound| !bound.is_always());
        if options.required.is_empty() && steps.is_empty() {
            return Self { channel, skills: None, expression, only: None };
        }
        let mut required: BTreeMap<SkillKey, u8> = BTreeMap::new();
        for (name, level) in levels(options, steps) {
            let found = required.entry(skills.key(name)).or_default();
            *found = level.max(*found);
        }
        let skills = (!required.is_empty()).then(|| required.into_iter().collect());
        Self { channel, skills, expression, only: None }
    }

    /// Returns the same need of this agent alone; `None` is anybody.
    pub(crate) fn of_only(self, only: Option<AgentId>) -> Self {
        Self { only, ..self }
    }

    pub(crate) fn only(&self) -> Option<AgentId> {
        self.only.clone()
    }

    /// Returns whether every agent of the queue meets it.
    pub(crate) fn is_open(&self) -> bool {
        self.skills.is_none() && self.expression.is_none() && self.only.is_none()
    }

    pub(crate) fn met_by(&self, agent: &Agent, queue: QueueKey) -> bool {
        let able = self.skills.as_ref().is_none_or(|required| {
            let mut required = required.iter();
            required.all(|(skill, level)| {
                agent.skills.iter().any(|(has, at)| has == skill && level <= at)
            })
        });
        let owns = self.only.as_ref().is_none_or(|only| *only == agent.id);
        owns && able
            && self.expression.as_ref().is_none_or(|condition| {
                let facts = Facts { agent, queue };
                condition.holds(&facts)
            })
    }

    pub(crate) fn expression(&self) -> Option<&Expression> {
        self.expression.as_ref()
    }
}

/// The steps that began.
fn in_force(queue: &QueueConfig, step: u32) -> &[EligibilityStep] {
    &queue.steps[..queue.steps.len().min(step as usize)]
}

fn eligible<'a>(queue: &'a QueueConfig, steps: &'a [EligibilityStep]) -> Option<&'a Expression> {
    let latest = steps.iter().rev().find_map(|step| step.eligible.as_ref());
    latest.or(queue.eligible.as_ref())
}

/// Returns the skills required once `steps` began, by name.
fn levels<'a>(options: &'a QueueOptions, steps: &'a [EligibilityStep]) -> BTreeMap<&'a str, u8> {
    let mut levels: BTreeMap<&str, u8> = BTreeMap::new();
    for skill in &options.required {
        let level = levels.entry(&skill.name).or_default();
        *level = skill.level.get().max(*level);
    }
    for change in steps.iter().flat_map(|step| &step.skills) {
        match change {
            SkillChange::Add(skill) => {
                let level = levels.entry(&skill.name).or_default();
                *level = skill.level.get().max(*level);
            }
            SkillChange::Lower(skill) => {
                if let Some(level) = levels.get_mut(skill.name.as_str()) {
                    *level = skill.level.get().min(*level);
                }
            }
            SkillChange::LowerAll(by) => {
                levels.values_mut().for_each(|level| *level = level.saturating_sub(*by).max(1));
            }
            SkillChange::Drop(name) => {
                levels.remove(name.as_str());
            }
            SkillChange::DropAll => levels.clear(),
        }
    }
    levels
}

/// Returns the skills required of an agent at `step`, by name.
pub(crate) fn required<'a>(
    options: &'a QueueOptions,
    queue: &'a QueueConfig,
    step: u32,
) -> BTreeMap<&'a str, u8> {
    levels(options, in_force(queue, step))
}

/// Says what an agent must be able to do at `step`.
pub(crate) fn in_words(
    options: &QueueOptions,
    queue: &QueueConfig,
    step: u32,
    need: &Need,
) -> String {
    let skills = required(options, queue, step);
    let skills = skills.into_iter().map(|(name, level)| format!("{name} >= {level}"));
    let condition = need.expression.as_ref().map(ToString::to_string);
    let parts: Vec<String> = skills.chain(condition).collect();
    if parts.is_empty() { "any agent of the queue".to_owned() } else { parts.join(", ") }
}

/// An agent as an expression asks about it.
pub(crate) struct Facts<'a> {
    pub(crate) agent: &'a Agent,
    pub(crate) queue: QueueKey,
}

impl AgentFacts for Facts<'_> {
    fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes = self.agent.config.attributes.iter();
        attributes.find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn level(&self, skill: &str) -> u8 {
        let levels = self.agent.config.skills.iter().filter(|has| has.name == skill);
        levels.map(|has| has.level.get()).max().unwrap_or(0)
    }

    fn queue_level(&self) -> u8 {
        self.agent.level_in(self.queue)
    }
}
