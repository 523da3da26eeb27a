//! Offers a contact to the agent who has talked least since log-in.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask};
use jackfield_sdk::settings::Settings;

jackfield_sdk::router!(choose);

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let band_ms = Settings::of_queue(ask).span_ms("band", 0)?;
    // A band of less than a second is none: talk time is counted in seconds.
    let band = (band_ms / 1_000).max(1);
    let order = ask.by_key(|one| one.talk_seconds / band);
    let least = order.first().map_or(0, |one| one.talk_seconds);
    let answer = Answer::offer_to(order.iter().copied())
        .because("rule", "least-talk-time")
        .because("talk-seconds", least);
    Ok(answer.score_each(&order, |one| 0.0 - f64::from(one.talk_seconds)))
}

#[cfg(test)]
mod tests;
