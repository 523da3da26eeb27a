//! Rings one agent, and one more at each step, while those before go on ringing.

use std::cmp::Reverse;

use jackfield_sdk::PluginError;
use jackfield_sdk::order::names;
use jackfield_sdk::router::{Answer, Ask};
use jackfield_sdk::settings::{Settings, wrong};

jackfield_sdk::router!(choose);

const STEP_USUAL_MS: u32 = 5_000;
const AGENTS_USUAL: u32 = 10;
const AGENTS_MAX: u32 = 64;

/// Who rings first.
#[derive(Clone, Copy)]
enum Order {
    Idle,
    Level,
    Name,
}

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let settings = Settings::of_queue(ask);
    let step_ms = settings.span_ms("step", STEP_USUAL_MS)?;
    if !(1_000..=60_000).contains(&step_ms) {
        let found = settings.text("step").unwrap_or_default();
        return Err(wrong("step", found, "a span from `1s` to `60s`"));
    }
    let most = settings.number("max-agents", AGENTS_USUAL, 1..=AGENTS_MAX)?;
    let orders = [("idle", Order::Idle), ("level", Order::Level), ("name", Order::Name)];
    let mut order = match settings.choice("order", &orders, Order::Idle)? {
        Order::Idle => ask.by_key(|_| ()),
        Order::Level => ask.by_key(|one| Reverse(one.level)),
        Order::Name => ask.by_name(),
    };
    order.truncate(most as usize);
    Ok(Answer::offer_progressive(names(order), step_ms)
        .because("rule", "ring-progressive")
        .because("ready", ask.candidates.len())
        .because("step-ms", step_ms))
}

#[cfg(test)]
mod tests;
