//! Offers a contact to the agent who has had the fewest conversations since log-in.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask};
use jackfield_sdk::settings::Settings;

jackfield_sdk::router!(choose);

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let load_first = Settings::of_queue(ask).flag("load-first", false)?;
    let order = ask.by_key(|one| (if load_first { one.load } else { 0 }, one.contacts));
    let fewest = order.first().map_or(0, |one| one.contacts);
    let mut answer = Answer::offer_to(order.iter().copied())
        .because("rule", "fewest-contacts")
        .because("contacts", fewest);
    if load_first {
        answer = answer.because("load", order.first().map_or(0, |one| one.load));
    }
    Ok(answer.score_each(&order, |one| 0.0 - f64::from(one.contacts)))
}

#[cfg(test)]
mod tests;
