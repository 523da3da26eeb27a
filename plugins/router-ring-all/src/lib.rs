//! Rings several agents at once: who accepts first has the contact.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask};
use jackfield_sdk::settings::Settings;

jackfield_sdk::router!(choose);

/// Rung at once if the queue does not say otherwise.
const AGENTS_USUAL: u32 = 10;
/// An offer rings no more than these.
const AGENTS_MAX: u32 = 64;

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let most = Settings::of_queue(ask).number("max-agents", AGENTS_USUAL, 1..=AGENTS_MAX)?;
    let order = ask.by_key(|_| ());
    let rung = order.into_iter().take(most as usize).map(|one| one.agent.clone());
    Ok(Answer::offer_all(rung)
        .because("rule", "ring-all")
        .because("ready", ask.candidates.len())
        .because("max-agents", most))
}

#[cfg(test)]
mod tests;
