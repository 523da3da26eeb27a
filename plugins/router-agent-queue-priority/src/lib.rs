//! Agents' own order of queues: one who ranks another queue earlier is left to it while somebody
//! waits there.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask, Candidate};
use jackfield_sdk::settings::Settings;

jackfield_sdk::router!(choose);

/// For so long a contact gives way if the queue does not say otherwise.
const GIVE_WAY_USUAL_MS: u32 = 10_000;
/// The other queue may empty without an agent becoming ready: then it is time to ask again.
const LOOK_AGAIN_MS: u32 = 1_000;

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let give_way_ms = Settings::of_queue(ask).span_ms("give-way", GIVE_WAY_USUAL_MS)?;
    let left_ms = give_way_ms.saturating_sub(ask.contact.waited_ms);
    let here = ask.queue.queue.as_str();
    let mut order = ask.by_key(|one| one.rank(here).unwrap_or(0));
    let mut left_to = Vec::new();
    if left_ms != 0 {
        order.retain(|one| match earlier(ask, one) {
            Some(queue) => {
                left_to.push(format!("{}:{queue}", one.agent));
                false
            }
            None => true,
        });
    }
    let Some(first) = order.first() else {
        return Ok(Answer::wait_ms(left_ms.min(LOOK_AGAIN_MS))
            .because("rule", "all-left-to-other-queues")
            .because("left-to", left_to.join(",")));
    };
    let mut answer = Answer::offer_to(order.iter().copied())
        .because("rule", "agent-queue-priority")
        .because("rank", first.rank(here).unwrap_or(0))
        .because("idle-ms", first.idle_ms);
    if !left_to.is_empty() {
        answer = answer.because("left-to", left_to.join(","));
    }
    Ok(answer.score_each(&order, |one| 0.0 - f64::from(one.rank(here).unwrap_or(0))))
}

/// The queue that the agent ranks earliest of those before this one in which somebody waits. A
/// queue the agent has not ranked is none: it may not even be the agent's.
fn earlier<'a>(ask: &'a Ask, agent: &Candidate) -> Option<&'a str> {
    let here = agent.rank(&ask.queue.queue).unwrap_or(0);
    let others = ask.others.iter().filter(|other| other.waiting != 0);
    let ranked = others.filter_map(|other| Some((agent.rank(&other.queue)?, other.queue.as_str())));
    ranked.filter(|(rank, _)| *rank < here).min().map(|(_, queue)| queue)
}

#[cfg(test)]
mod tests;
