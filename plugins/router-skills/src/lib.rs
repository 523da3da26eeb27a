//! Offers a contact to the agents who master best what it prefers, and asks for less the longer it
//! waits.
//!
//! Three tiers, compared in this order and never mixed into one sum:
//!
//! 1. the agent has every required skill (the engine guarantees it; checked again here);
//! 2. the agent reaches every preferred level, less what waiting has relaxed;
//! 3. the greater total of preferred levels first, then the longest idle, then by name.
//!
//! Nobody in the second tier: wait for the next relaxation, or for an agent who becomes ready.

use std::cmp::Reverse;

use jackfield_sdk::router::{Answer, Ask, Candidate, Router};
use jackfield_sdk::{Attribute, PluginError, SkillLevel};

struct Skills;

impl Router for Skills {
    fn choose(ask: Ask) -> Result<Answer, PluginError> {
        choose(&ask)
    }
}

jackfield_sdk::export_router!(Skills);

/// How demands fall while a contact waits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Relaxation {
    /// One step each time this long has been waited; 0 asks for nothing from the start.
    after_ms: u32,
    /// Levels by which a step lowers each demand.
    levels: u32,
}

impl Relaxation {
    /// From 10 down to no demand at all in a minute.
    const USUAL: Self = Self { after_ms: 15_000, levels: 3 };

    /// Reads `relax-after-ms` and `relax-levels`; the contact's come before the queue's.
    fn of(ask: &Ask) -> Result<Self, PluginError> {
        let number = |name: &str, usual: u32| {
            let sources = [&ask.contact.attributes, &ask.queue.attributes];
            match sources.into_iter().find_map(|attributes| attribute(attributes, name)) {
                None => Ok(usual),
                Some(text) => text.parse().map_err(|_| {
                    PluginError::Configuration(format!("`{name}` is a number, not `{text}`"))
                }),
            }
        };
        Ok(Self {
            after_ms: number("relax-after-ms", Self::USUAL.after_ms)?,
            levels: number("relax-levels", Self::USUAL.levels)?.max(1),
        })
    }

    /// How many levels have been let go after this wait.
    fn let_go(self, waited_ms: u32) -> u32 {
        match waited_ms.checked_div(self.after_ms) {
            Some(steps) => steps.saturating_mul(self.levels),
            None => u32::MAX,
        }
    }

    /// Until the next step.
    fn next_ms(self, waited_ms: u32) -> u32 {
        match waited_ms.checked_rem(self.after_ms) {
            Some(into_step) => self.after_ms - into_step,
            None => 1_000,
        }
    }
}

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let relaxation = Relaxation::of(ask)?;
    let waited = ask.contact.waited_ms;
    let let_go = relaxation.let_go(waited);
    let preferred = &ask.contact.preferred;
    let able = |one: &&Candidate| meets(one, &ask.contact.required, 0);
    let fits = |one: &&Candidate| meets(one, preferred, let_go);
    let mut fitting: Vec<&Candidate> = ask.candidates.iter().filter(able).filter(fits).collect();
    if fitting.is_empty() {
        return Ok(Answer::wait_ms(relaxation.next_ms(waited))
            .because("rule", "nobody-fits-yet")
            .because("levels-let-go", let_go));
    }
    fitting.sort_by_key(|one| (Reverse(total(one, preferred)), Reverse(one.idle_ms), &one.agent));
    let best = fitting.first().map_or(0, |one| total(one, preferred));
    let idle = fitting.first().map_or(0, |one| one.idle_ms);
    Ok(Answer::offer(fitting.into_iter().map(|one| one.agent.clone()))
        .because("rule", "preferred-skills")
        .because("levels-let-go", if let_go == u32::MAX { 10 } else { let_go })
        .because("total", best)
        .because("idle-ms", idle))
}

/// Tells whether an agent reaches every level, less `let_go`. A demand that has fallen to nothing
/// is met by an agent without the skill.
fn meets(agent: &Candidate, levels: &[SkillLevel], let_go: u32) -> bool {
    levels
        .iter()
        .all(|wanted| u32::from(wanted.level).saturating_sub(let_go) <= level(agent, wanted))
}

/// The sum of the agent's levels in the preferred skills: compared only among agents who fit.
fn total(agent: &Candidate, preferred: &[SkillLevel]) -> u32 {
    preferred.iter().map(|wanted| level(agent, wanted)).sum()
}

fn level(agent: &Candidate, wanted: &SkillLevel) -> u32 {
    agent.skills.iter().find(|has| has.name == wanted.name).map_or(0, |has| has.level.into())
}

fn attribute<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a str> {
    attributes.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests;
