//! Leaves agents to queues in greater need: those below their service level target.
//!
//! Needs are compared place by place, never as one sum: below the target or not, the shortfall in
//! bands, how much of the target time the longest wait has used in quarters.

use std::cmp::Reverse;

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask, Candidate, QueueView};
use jackfield_sdk::settings::Settings;

jackfield_sdk::router!(choose);

/// The other queue may empty without an agent becoming ready: then it is time to ask again.
const LOOK_AGAIN_MS: u32 = 1_000;

struct Rules {
    /// For so long a contact leaves agents to other queues.
    hold_ms: u32,
    /// Fewer contacts than this say nothing about a service level.
    counted_least: u32,
    /// Shortfalls are compared in bands of so many hundredths of a percentage point.
    band: u32,
}

impl Rules {
    fn of(ask: &Ask) -> Result<Self, PluginError> {
        let settings = Settings::of_queue(ask);
        Ok(Self {
            hold_ms: settings.span_ms("hold-back", 10_000)?,
            counted_least: settings.number("least-counted", 10, 1..=10_000)?,
            band: settings.number("shortfall-band", 5, 1..=100)? * 100,
        })
    }

    fn need(&self, queue: &QueueView) -> Need {
        let shortfall = (queue.target_share - queue.service_level) * 10_000.0;
        // Rounded: a shortfall of exactly a band must not fall below it for its last bit.
        let shortfall = shortfall.round().clamp(0.0, 10_000.0) as u32;
        let below = self.counted_least <= queue.counted && shortfall != 0;
        let used = u64::from(queue.longest_wait_ms) * 4;
        Need {
            below,
            bands: if below { shortfall / self.band } else { 0 },
            quarters: used.checked_div(queue.target_within_ms.into()).unwrap_or(4).min(4) as u32,
        }
    }
}

/// How much a queue needs agents; the greater goes first. Beyond its target time, a wait makes no
/// greater need: a late contact is no less late.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Need {
    below: bool,
    bands: u32,
    quarters: u32,
}

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let rules = Rules::of(ask)?;
    let own = rules.need(&ask.queue);
    let waiting = ask.others.iter().filter(|other| other.waiting != 0);
    let needs = waiting.map(|other| (rules.need(other), other));
    let mut needier: Vec<_> = needs.filter(|(need, _)| own < *need).collect();
    needier.sort_by_key(|(need, other)| (Reverse(*need), &other.queue));
    let left_ms = rules.hold_ms.saturating_sub(ask.contact.waited_ms);
    let mut order = ask.by_key(|_| ());
    let mut held = Vec::new();
    if left_ms != 0 {
        for (_, other) in &needier {
            hold_back(other, &mut order, &mut held);
        }
    }
    let Some(first) = order.first() else {
        return Ok(Answer::wait_ms(left_ms.min(LOOK_AGAIN_MS))
            .because("rule", "all-left-to-needier-queues")
            .because("left-to", held.join(",")));
    };
    let idle = first.idle_ms;
    let rule = match (needier.is_empty(), left_ms) {
        (true, _) => "no-queue-in-greater-need",
        (false, 0) => "held-back-long-enough",
        (false, _) => "beyond-what-others-need",
    };
    let mut answer = Answer::offer_to(order).because("rule", rule).because("idle-ms", idle);
    if !held.is_empty() {
        answer = answer.because("left-to", held.join(","));
    }
    Ok(answer)
}

/// Takes as many agents out of the order as contacts wait in the other queue: the longest idle of
/// those who may serve it, as the engine would give them.
fn hold_back(other: &QueueView, order: &mut Vec<&Candidate>, held: &mut Vec<String>) {
    for _ in 0..other.waiting {
        let Some(place) = order.iter().position(|one| may_serve(one, &other.queue)) else { return };
        let one = order.remove(place);
        held.push(format!("{}:{}", one.agent, other.queue));
    }
}

/// The question tells an agent's queues only by the agent's ranks: one without any may serve all.
fn may_serve(agent: &Candidate, queue: &str) -> bool {
    agent.ranks.is_empty() || agent.rank(queue).is_some()
}

#[cfg(test)]
mod tests;
