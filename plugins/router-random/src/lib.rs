//! Offers a contact to the agents in an order by lot, the same lot in every replay.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask};

jackfield_sdk::router!(choose);

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    // From an order that nothing has influenced: who was idle longest must not matter.
    let mut order = ask.by_name();
    let mut lots = ask.lots();
    // Fisher and Yates' shuffle, as Durstenfeld wrote it (1964).
    for last in (1..order.len()).rev() {
        let chosen = lots.below(last as u64 + 1) as usize;
        order.swap(last, chosen);
    }
    Ok(Answer::offer_to(order).because("rule", "random").because("seed", ask.seed))
}

#[cfg(test)]
mod tests;
