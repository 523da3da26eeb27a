//! Offers a contact to the agents with the highest level in the queue first, and to lower ones from
//! a wait on.
//!
//! Tiers are strict: compared level first and idle time second, never as one sum.

use std::cmp::Reverse;

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask};
use jackfield_sdk::settings::{Settings, number, timed};

jackfield_sdk::router!(choose);

/// Asked again after this long at the latest when no tier will open any more.
const PAUSE_MS: u32 = 60_000;

/// From this wait on, agents of at least this level.
#[derive(Clone, Copy)]
struct Tier {
    level: u32,
    from_ms: u32,
}

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let tiers = Settings::of_queue(ask).list(
        "tiers",
        ',',
        "a list of levels from 1 to 10 with the wait from which they are asked, such as \
         `8, 5@10s, 1@30s`",
        |item| {
            let (level, from_ms) = timed(item)?;
            Some(Tier { level: number(level, &(1..=10))?, from_ms })
        },
    )?;
    let waited = ask.contact.waited_ms;
    let open = tiers.iter().filter(|tier| tier.from_ms <= waited).map(|tier| tier.level).min();
    let least = if tiers.is_empty() { 0 } else { open.unwrap_or(u32::MAX) };
    let mut order = ask.by_key(|one| Reverse(one.level));
    order.retain(|one| least <= one.level.into());
    let Some(first) = order.first() else {
        let next = tiers.iter().map(|tier| tier.from_ms).filter(|from| waited < *from).min();
        return Ok(Answer::wait_ms(next.map_or(PAUSE_MS, |from| from - waited))
            .because("rule", "no-tier-has-anybody")
            .because("least-level", open.map_or("none".to_owned(), |level| level.to_string())));
    };
    let answer = Answer::offer_to(order.iter().copied())
        .because("rule", "top-down")
        .because("level", first.level)
        .because("idle-ms", first.idle_ms);
    Ok(answer.score_each(&order, |one| one.level.into()))
}

#[cfg(test)]
mod tests;
