//! Chatbots, channels, connectors, analysts, pacers: each meets made-up turns, webhooks, messages,
//! events, conversations and campaigns, every third such as nobody would send, every one twice and once
//! more with nothing to be reached outside.

use jackfield_plugin_host::conformance::{self, Fault, Looked, MeteredCalled};
use jackfield_plugin_host::{Grants, MeteredHost};

use super::property::{Property, Tally};
use super::{Broken, Examined, Order, Progress};

pub fn examine(host: &MeteredHost, order: &Order, progress: Progress<'_>) -> Examined {
    let settings: Vec<(String, String)> = order.settings.clone().into_iter().collect();
    let plugin = host.called(&order.wasm, order.world, &Grants::all(), &settings);
    let plugin = plugin.map_err(|error| {
        Broken::new(Property::Installs, error.to_string(), order.seed, String::new())
    })?;
    let mut tally = Tally::default();
    tally.checked(Property::Installs, 1);
    let (mut ordinary, mut refused) = (0, None);
    for number in 0..order.worlds {
        let seed = order.seed + number;
        let looked = plugin.look(seed);
        tally.decisions += 1;
        tally.fresh_fuel.push(looked.fuel);
        tally.memory_bytes = tally.memory_bytes.max(looked.memory_bytes);
        if let Some(fault) = &looked.broken {
            let property = broken_by(fault);
            return Err(smaller(&plugin, seed, looked, property));
        }
        for property in &looked.checked {
            count(&mut tally, *property);
        }
        ordinary += u64::from(looked.ordinary);
        if looked.ordinary && looked.refused.is_some() {
            tally.refused += 1;
            refused.get_or_insert((seed, looked));
        }
        progress(number + 1, tally.decisions);
    }
    // Nonsense may be refused always: what somebody would ask is counted alone.
    if ordinary < tally.refused * 2
        && let Some((seed, first)) = refused
    {
        let (looked, trace) = plugin.smallest(seed, first, &|looked| looked.refused.is_some());
        let why = looked.refused.unwrap_or_default();
        let wrong =
            format!("{} of {ordinary} ordinary questions were refused: {why}", tally.refused);
        return Err(Broken::new(Property::Answers, wrong, seed, trace));
    }
    Ok(tally)
}

/// What was looked at, in the words of reports.
fn count(tally: &mut Tally, looked_at: conformance::Property) {
    match looked_at {
        conformance::Property::Answers => {
            tally.checked(Property::Answers, 1);
            tally.checked(Property::NoTrap, 1);
            tally.checked(Property::WithinLimits, 1);
        }
        conformance::Property::TakesAnything => {
            tally.checked(Property::NoTrap, 1);
            tally.checked(Property::WithinLimits, 1);
        }
        other => tally.checked(named(other), 1),
    }
}

fn named(property: conformance::Property) -> Property {
    match property {
        conformance::Property::Answers | conformance::Property::TakesAnything => Property::NoTrap,
        conformance::Property::WellFormed => Property::InContract,
        conformance::Property::Deterministic => Property::Deterministic,
        conformance::Property::OutsideMayFail => Property::OutsideMayFail,
        conformance::Property::ErrorsAreTold => Property::ErrorsAreTold,
    }
}

/// A trap is a trap and a limit a limit, whatever was asked; only one that comes because nothing is
/// reached outside is told as that.
fn broken_by(fault: &Fault) -> Property {
    let ended = fault.failure.as_ref().and_then(Property::broken_by);
    match fault.property {
        conformance::Property::OutsideMayFail => Property::OutsideMayFail,
        property => ended.unwrap_or_else(|| named(property)),
    }
}

/// Finds the least question that breaks the same. What was seen first is told if it does not show again.
fn smaller(plugin: &MeteredCalled, seed: u64, first: Looked, property: Property) -> Broken {
    let same =
        |looked: &Looked| looked.broken.as_ref().is_some_and(|one| broken_by(one) == property);
    let (looked, trace) = plugin.smallest(seed, first, &same);
    let wrong = looked.broken.map(|fault| fault.wrong).unwrap_or_default();
    Broken::new(property, wrong, seed, trace)
}
