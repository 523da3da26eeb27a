//! Offers a contact to the agents who master best what it prefers. What is demanded of them changes
//! the longer it waits: levels fall, demands go, others are added.
//!
//! Tiers are compared in this order and never mixed into one sum:
//!
//! 1. the agent has every required skill (the engine guarantees it; checked again here);
//! 2. the agent reaches every demand in force, or, with `skill-match` at `best`, more of them;
//! 3. the greater total of demanded levels first, then the longest idle, then by name.
//!
//! Nobody in the second tier: wait for the next change, or for an agent who becomes ready.

mod demands;

use std::cmp::Reverse;

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask, Candidate};
use jackfield_sdk::settings::Settings;

use demands::Demands;

jackfield_sdk::router!(choose);

/// How demands are compared with agents.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Match {
    /// Agents who reach every demand; nobody does: wait.
    All,
    /// Whoever reaches most demands first; nobody is left out.
    Best,
    /// The longest idle of those who have what is required.
    Ignored,
}

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let ways = [("all", Match::All), ("best", Match::Best), ("ignored", Match::Ignored)];
    let way = Settings::of_contact(ask).choice("skill-match", &ways, Match::All)?;
    let demands = Demands::of(ask)?;
    let met = |one: &Candidate| demands.met(one);
    let tiers = |one: &Candidate| match way {
        Match::All => (0, demands.total(one)),
        Match::Best => (met(one), demands.total(one)),
        Match::Ignored => (0, 0),
    };
    let mut order = ask.by_key(|one| Reverse(tiers(one)));
    order.retain(|one| one.masters(&ask.contact.required));
    if way == Match::All {
        order.retain(|one| met(one) == demands.count());
    }
    let Some(first) = order.first().copied() else {
        let nobody = Answer::wait_ms(demands.next_ms()).because("rule", "nobody-fits-yet");
        return Ok(demands.explain(nobody));
    };
    let rule = match way {
        Match::All => "preferred-skills",
        Match::Best => "most-skills",
        Match::Ignored => "skills-ignored",
    };
    let mut answer = demands.explain(Answer::offer_to(order.iter().copied()).because("rule", rule));
    if way == Match::Best {
        answer = answer.because("met", format!("{}/{}", met(first), demands.count()));
    }
    Ok(answer
        .because("total", demands.total(first))
        .because("idle-ms", first.idle_ms)
        .score_each(&order, |one| demands.total(one).into()))
}

#[cfg(test)]
mod tests;
