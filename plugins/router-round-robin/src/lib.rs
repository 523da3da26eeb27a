//! Offers contacts to the agents in turn, by name, and remembers where it was.
//!
//! The memory is the engine's: the queue tells to whom its latest offer went, so the turn goes on
//! after a swap, a restart and in a replay.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask};

jackfield_sdk::router!(choose);

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let mut turn = ask.by_name();
    let last = ask.queue.last_offered.as_deref().unwrap_or_default();
    // Whoever had the latest offer need not be a candidate: the turn is at the next name in any case.
    let next = turn.iter().position(|one| last < one.agent.as_str()).unwrap_or(0);
    turn.rotate_left(next);
    let after = if last.is_empty() { "nobody" } else { last };
    Ok(Answer::offer_to(turn).because("rule", "round-robin").because("after", after))
}

#[cfg(test)]
mod tests;
