//! Offers a contact to the agents in the order of their idle time.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask};

jackfield_sdk::router!(choose);

/// Longest idle first; equal times by name, so that a replay decides the same.
fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let order = ask.by_key(|_| ());
    let idle = order.first().map_or(0, |first| first.idle_ms);
    Ok(Answer::offer_to(order).because("rule", "longest-idle").because("idle-ms", idle))
}

#[cfg(test)]
mod tests;
