//! Flows: each leads made-up customers, every one twice.

use std::sync::{Arc, Mutex, PoisonError};

use jackfield_core::PluginFailure;
use jackfield_plugin_host::{Card, Grants, MeteredFlow, MeteredHost, ReplayServices};

use super::caller::{Caller, Choices, Seen, VERBS_AFTER, VERBS_MAX, made_up};
use super::property::{Property, Tally};
use super::{Broken, Examined, Order, Progress};

/// How often a plainer customer is tried.
const TRIES: u32 = 600;
/// Fuel that may be burnt in that.
const FUEL: u64 = 100_000_000_000;
/// A trace has so many verbs at its beginning and at its end.
const TOLD: (usize, usize) = (14, 6);
/// Customers call at this moment: 2026-01-01T00:00:00Z.
const NOW_MICROS: u64 = 1_767_225_600_000_000;

/// One contact, led once.
struct Led {
    seen: Seen,
    result: Result<(), PluginFailure>,
    fuel: u64,
    memory_bytes: u64,
}

pub fn examine(host: &MeteredHost, order: &Order, progress: Progress<'_>) -> Examined {
    let flow = host.flow(&order.wasm, &Grants::all()).map_err(|error| {
        Broken::new(Property::Installs, error.to_string(), order.seed, String::new())
    })?;
    let mut tally = Tally::default();
    tally.checked(Property::Installs, 1);
    let mut refused = None;
    for number in 0..order.worlds {
        let seed = order.seed + number;
        let choices = made_up(seed);
        let (led, again) = (lead(&flow, &choices), lead(&flow, &choices));
        tally.decisions += 1;
        let held = [Property::NoTrap, Property::WithinLimits, Property::WayOut];
        held.into_iter().for_each(|property| tally.checked(property, 2));
        tally.checked(Property::Deterministic, 1);
        tally.checked(Property::Answers, 1);
        tally.fresh_fuel.push(led.fuel);
        tally.memory_bytes = tally.memory_bytes.max(led.memory_bytes);
        if let Some((property, _)) = wrong(&led, &again) {
            return Err(smaller(&flow, seed, property, choices));
        }
        if is_refused(&led) {
            tally.refused += 1;
            refused.get_or_insert((seed, choices));
        }
        progress(number + 1, tally.decisions);
    }
    if tally.refuses_too_often()
        && let Some((seed, choices)) = refused
    {
        let mut broken = smaller(&flow, seed, Property::Answers, choices);
        let (refused, all) = (tally.refused, tally.decisions);
        broken.wrong = format!("{refused} of {all} contacts were let down: {}", broken.wrong);
        return Err(broken);
    }
    Ok(tally)
}

/// Leads a customer who does this. Some customers are known.
fn lead(flow: &MeteredFlow, choices: &Choices) -> Led {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let services = ReplayServices::new(1);
    services.set_now_micros(NOW_MICROS);
    if choices.last().is_some_and(|last| last % 2 == 1) {
        let fields = vec![("plan".to_owned(), "gold".to_owned())];
        let (name, language) = ("Ada".to_owned(), Some("en".to_owned()));
        let card =
            Card { id: "c1".to_owned(), name, language, segment: Some("gold".to_owned()), fields };
        services.add_card(Caller::NUMBER, card);
    }
    let caller = Caller::new(choices, Arc::clone(&seen));
    let ended = flow.run_to_end(Box::new(caller), Arc::new(services));
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let result = ended.outcome.result.map_err(|failed| failed.failure);
    Led { seen, result, fuel: ended.fuel, memory_bytes: ended.memory_bytes as u64 }
}

/// A flow may end in an error once its customer is gone.
fn is_refused(led: &Led) -> bool {
    !led.seen.gone && matches!(led.result, Err(PluginFailure::Refused(_)))
}

fn wrong(led: &Led, again: &Led) -> Option<(Property, String)> {
    if led.seen.gave_up {
        let what = format!("the customer gives up after {VERBS_MAX} verbs");
        return Some((Property::WayOut, what));
    }
    if VERBS_AFTER < led.seen.after {
        let what = format!("{} verbs after the customer was gone", led.seen.after);
        return Some((Property::WayOut, what));
    }
    if let Err(failure) = &led.result
        && let Some(property) = Property::broken_by(failure)
    {
        return Some((property, failure.to_string()));
    }
    let same = led.seen == again.seen && led.result == again.result && led.fuel == again.fuel;
    let what = || "the same customer was led otherwise the second time".to_owned();
    (!same).then(|| (Property::Deterministic, what()))
}

/// Finds the plainest customer who shows the same.
fn smaller(flow: &MeteredFlow, seed: u64, property: Property, choices: Choices) -> Broken {
    let (mut tries, mut fuel) = (0, 0);
    let mut shows = |choices: &Choices| {
        if TRIES <= tries || FUEL < fuel {
            return None;
        }
        let (led, again) = (lead(flow, choices), lead(flow, choices));
        tries += 1;
        fuel += led.fuel + again.fuel;
        if property == Property::Answers {
            let refused = is_refused(&led);
            let why = led.result.as_ref().err().map(ToString::to_string).unwrap_or_default();
            return refused.then_some((why, led));
        }
        let (found, what) = wrong(&led, &again)?;
        (found == property).then_some((what, led))
    };
    let (mut least, mut shown) = (choices.clone(), shows(&choices));
    for length in [0, 1, 2, 4, 8, 16, 32] {
        let shorter: Choices = least.iter().copied().take(length).collect();
        if shorter.len() < least.len()
            && let Some(found) = shows(&shorter)
        {
            (least, shown) = (shorter, Some(found));
            break;
        }
    }
    for place in 0..least.len() {
        for value in [0, 1, 2, 7, 15] {
            let mut plainer = least.clone();
            if value < plainer[place] {
                plainer[place] = value;
                if let Some(found) = shows(&plainer) {
                    (least, shown) = (plainer, Some(found));
                    break;
                }
            }
        }
    }
    let Some((what, led)) = shown else {
        let what = "it is seen now and then: the plugin is not deterministic";
        return Broken::new(Property::Deterministic, what, seed, String::new());
    };
    Broken::new(property, what, seed, told(&led))
}

/// The same verb again and again as one line.
fn folded(told: &[String]) -> Vec<String> {
    let runs = told.chunk_by(|a, b| a == b);
    let one = |run: &[String]| match run {
        [] => String::new(),
        [one] => one.clone(),
        [one, ..] => format!("{one} ({} times)", run.len()),
    };
    runs.map(one).collect()
}

/// The verbs, the beginning and the end of them, and how it ended.
fn told(led: &Led) -> String {
    let all = &folded(&led.seen.told);
    let lines = |all: &[String]| all.iter().map(|one| format!("  {one}\n")).collect::<String>();
    let (first, last) = TOLD;
    let mut text = if all.len() <= first + last {
        lines(all)
    } else {
        let left_out = all.len() - first - last;
        let end = &all[all.len() - last..];
        format!("{}  … {left_out} more verbs …\n{}", lines(&all[..first]), lines(end))
    };
    text += &match &led.result {
        Ok(()) => "  the flow returns\n".to_owned(),
        Err(failure) => format!("  the flow ends: {failure}\n"),
    };
    text
}
