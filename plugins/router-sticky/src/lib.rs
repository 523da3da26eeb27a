//! Offers a contact to the agent it should have: whom the flow named, or who served the customer
//! before. For a limited time it waits for that agent alone, if that is worthwhile.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::history::{PastContact, recent};
use jackfield_sdk::router::{Answer, Ask, Candidate};
use jackfield_sdk::settings::Settings;

jackfield_sdk::router!(choose);

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    decide(ask, recent)
}

/// Where preferred agents come from.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Source {
    Both,
    Contact,
    History,
}

struct Rules {
    source: Source,
    agents_most: usize,
    days: u32,
    wait_ms: u32,
    waiting_most: u32,
}

impl Rules {
    fn of(ask: &Ask) -> Result<Self, PluginError> {
        let settings = Settings::of_contact(ask);
        let sources =
            [("both", Source::Both), ("contact", Source::Contact), ("history", Source::History)];
        Ok(Self {
            source: settings.choice("sticky-from", &sources, Source::Both)?,
            agents_most: settings.number("sticky-agents", 3, 1..=20)? as usize,
            days: settings.number("sticky-days", 30, 1..=3_650)?,
            wait_ms: settings.span_ms("sticky-wait", 20_000)?,
            waiting_most: settings.number("sticky-max-waiting", 5, 0..=100_000)?,
        })
    }
}

/// `history` is asked only if the rules want it: it is a call to the host.
fn decide(ask: &Ask, history: impl Fn() -> Vec<PastContact>) -> Result<Answer, PluginError> {
    let rules = Rules::of(ask)?;
    let preferred = preferred(ask, &rules, history);
    let place = |one: &Candidate| preferred.iter().position(|name| *name == one.agent);
    let mut order = ask.by_key(|one| place(one).unwrap_or(usize::MAX));
    let known = order.iter().filter(|one| place(one).is_some()).count();
    let left_ms = rules.wait_ms.saturating_sub(ask.contact.waited_ms);
    if known != 0 {
        // Within the time, if the preferred ones are taken meanwhile, the question comes again.
        order.truncate(if left_ms == 0 { order.len() } else { known });
        let first = order.first().map(|one| one.agent.clone()).unwrap_or_default();
        return Ok(Answer::offer_to(order)
            .because("rule", "preferred-agent")
            .because("agent", &first)
            .because("place", preferred.iter().position(|name| *name == first).unwrap_or(0) + 1));
    }
    let why = if preferred.is_empty() {
        "nobody-preferred"
    } else if left_ms == 0 {
        "waited-long-enough"
    } else if ask.queue.agents_busy == 0 {
        "preferred-not-at-work"
    } else if rules.waiting_most < ask.queue.waiting {
        "too-many-waiting"
    } else {
        return Ok(Answer::wait_ms(left_ms)
            .because("rule", "wait-for-preferred")
            .because("preferred", preferred.join(",")));
    };
    let idle = order.first().map_or(0, |one| one.idle_ms);
    Ok(Answer::offer_to(order).because("rule", why).because("idle-ms", idle))
}

/// Most preferred first, each once: whom the flow named, then who served the customer, latest
/// first.
fn preferred(ask: &Ask, rules: &Rules, history: impl Fn() -> Vec<PastContact>) -> Vec<String> {
    let mut all = Vec::new();
    if rules.source != Source::History {
        let named = ask.contact.attribute("preferred-agents").unwrap_or_default();
        all.extend(named.split(',').map(|name| name.trim().to_owned()));
    }
    if rules.source != Source::Contact {
        let past = history().into_iter();
        let young = past.filter(|past| past.seconds_ago / 86_400 < rules.days);
        all.extend(young.filter_map(|past| past.agent));
    }
    let mut once: Vec<String> = Vec::new();
    for name in all {
        if !name.is_empty() && !once.contains(&name) {
            once.push(name);
        }
    }
    once.truncate(rules.agents_most);
    once
}

#[cfg(test)]
mod tests;
