//! Offers every contact to the agents in one fixed order, always from the top.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask, Candidate};
use jackfield_sdk::settings::{Settings, number, wrong};

jackfield_sdk::router!(choose);

/// Asked again after this long at the latest when nobody of the order is free.
const PAUSE_MS: u32 = 60_000;

/// Where an agent stands: those of the queue's list, then those with a position of their own, then
/// the others by name.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Place {
    Listed(usize),
    Position(u32),
    Other,
}

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let settings = Settings::of_queue(ask);
    let listed = settings.list("order", ',', "a list of agents", Some)?;
    let others = settings.choice("others", &[("last", true), ("never", false)], true)?;
    let mut order = Vec::new();
    for one in ask.by_name() {
        let place = place(one, &listed)?;
        if others || place != Place::Other {
            order.push((place, one));
        }
    }
    order.sort_by_key(|(place, _)| *place);
    let Some((first, _)) = order.first() else {
        return Ok(Answer::wait_ms(PAUSE_MS).because("rule", "nobody-of-the-order-is-ready"));
    };
    let by = match first {
        Place::Listed(_) => "order",
        Place::Position(_) => "position",
        Place::Other => "name",
    };
    let answer = Answer::offer_to(order.iter().map(|(_, one)| *one));
    Ok(answer.because("rule", "linear").because("by", by))
}

fn place(agent: &Candidate, listed: &[&str]) -> Result<Place, PluginError> {
    if let Some(place) = listed.iter().position(|name| *name == agent.agent) {
        return Ok(Place::Listed(place));
    }
    let Some(text) = agent.attribute("position") else { return Ok(Place::Other) };
    let accepted = || format!("a whole number from 1 to 9999 at the agent {}", agent.agent);
    match number(text, &(1..=9_999)) {
        Some(position) => Ok(Place::Position(position)),
        None => Err(wrong("position", text, &accepted())),
    }
}

#[cfg(test)]
mod tests;
