//! Offers a contact to the agents in an order by lot in which some have better chances.
//!
//! Draws without putting back: the first agent with a chance of weight / sum of the weights, the
//! next in the same way among those who are left, and so on. In whole numbers throughout, so the
//! chances are exact and a replay draws the same.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask, Candidate};
use jackfield_sdk::settings::{Settings, number, wrong};

jackfield_sdk::router!(choose);

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let by = Settings::of_queue(ask).text("weight-by").unwrap_or("level");
    let mut left = Vec::new();
    for one in ask.by_name() {
        left.push((weight(one, by)?, one));
    }
    let first_sum: u64 = left.iter().map(|(weight, _)| u64::from(*weight)).sum();
    let mut lots = ask.lots();
    let mut order = Vec::new();
    while !left.is_empty() {
        let sum = left.iter().map(|(weight, _)| u64::from(*weight)).sum();
        order.push(left.remove(drawn(&left, lots.below(sum))));
    }
    let first = order.first().map_or(0, |(weight, _)| *weight);
    let answer = Answer::offer_to(order.iter().map(|(_, one)| *one))
        .because("rule", "weighted-random")
        .because("weight", first)
        .because("sum", first_sum)
        .because("seed", ask.seed);
    Ok(order.iter().fold(answer, |all, (weight, one)| all.score(&one.agent, f64::from(*weight))))
}

/// The agent in whose share of the line from 0 to the sum the lot falls. Shares of width 0 are hit
/// when no other is left: then the first.
fn drawn(left: &[(u32, &Candidate)], lot: u64) -> usize {
    let mut end = 0;
    let hit = left.iter().position(|(weight, _)| {
        end += u64::from(*weight);
        lot < end
    });
    hit.unwrap_or(0)
}

/// The level in the queue, or an attribute of the agent; without the attribute 1.
fn weight(agent: &Candidate, by: &str) -> Result<u32, PluginError> {
    if by == "level" {
        return Ok(agent.level.into());
    }
    let Some(text) = agent.attribute(by) else { return Ok(1) };
    number(text, &(0..=1_000)).ok_or_else(|| {
        let accepted = format!("a whole number from 0 to 1000 at the agent {}", agent.agent);
        wrong(by, text, &accepted)
    })
}

#[cfg(test)]
mod tests;
