//! Puts questions to a plugin and looks at each answer; makes what was wrong small.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_core::{InteractionId, PluginFailure};
use jackfield_plugin_host::ReplayServices;

use super::property::{Property, Tally};
use super::subject::Subject;
use super::{Broken, tell};

/// A contact for whom agents are free is not made to wait for longer, once nothing breaks.
const STARVED_MICROS: u64 = 15 * 60 * 1_000_000;
/// How often a simpler case is tried.
const TRIES: u32 = 3_000;
/// Fuel that may be burnt in that: a plugin that never ends costs the most.
const FUEL: u64 = 10_000_000_000;

/// What was wrong with an answer, and what the instance had been asked before, the question last.
pub struct Found<A> {
    pub property: Property,
    pub asks: Vec<A>,
}

/// One instance in one world, with a fresh one beside it for each question.
pub struct Examiner<S: Subject> {
    warm: S,
    services: Arc<ReplayServices>,
    asked: Vec<S::Ask>,
    /// Since when contacts are made to wait, by the questions' clock, once nothing breaks any more.
    deferred: BTreeMap<InteractionId, u64>,
    /// Nothing breaks any more and all agents are at work: nobody need wait for long.
    pub is_calm: bool,
    /// The plugin let somebody wait for too long.
    pub starved: Option<String>,
    /// What was counted.
    pub tally: Tally,
    /// The first thing that was wrong.
    pub found: Option<Found<S::Ask>>,
    /// The first question that it answered with an error of its own.
    pub refused: Option<S::Ask>,
}

fn services() -> Arc<ReplayServices> {
    Arc::new(ReplayServices::new(1))
}

impl<S: Subject> Examiner<S> {
    /// An examiner of a fresh instance of `plugin`.
    pub fn new(plugin: &S) -> Self {
        let services = services();
        Self {
            warm: plugin.fresh(Arc::clone(&services)),
            services,
            asked: Vec::new(),
            deferred: BTreeMap::new(),
            is_calm: false,
            starved: None,
            tally: Tally::default(),
            found: None,
            refused: None,
        }
    }

    /// Asks the instance, and a fresh one that has the same state.
    pub fn examine(&mut self, ask: &S::Ask) -> Result<S::Answer, PluginFailure> {
        let was_warm = self.warm.is_warm();
        let (answer, again, fresh_fuel) = both(&mut self.warm, &self.services, ask);
        let tally = &mut self.tally;
        tally.decisions += 1;
        let held = [Property::NoTrap, Property::WithinLimits, Property::WellFormed];
        held.into_iter().for_each(|property| tally.checked(property, 2));
        tally.checked(Property::Deterministic, 1);
        tally.checked(Property::Answers, 1);
        if was_warm {
            tally.warm_fuel.push(self.warm.fuel_last());
        }
        tally.fresh_fuel.push(fresh_fuel);
        tally.memory_bytes = tally.memory_bytes.max(self.warm.memory_bytes() as u64);
        if matches!(answer, Err(PluginFailure::Refused(_))) {
            tally.refused += 1;
            self.refused.get_or_insert_with(|| ask.clone());
        }
        self.asked.push(ask.clone());
        if let (true, Ok(answer)) = (self.is_calm, &answer) {
            self.look_at_wait(ask, answer);
        }
        if self.found.is_none()
            && let Some((property, _)) = wrong::<S>(ask, &answer, &again)
        {
            self.found = Some(Found { property, asks: self.asked.clone() });
        }
        answer
    }

    fn look_at_wait(&mut self, ask: &S::Ask, answer: &S::Answer) {
        let (contact, waits) = S::defers(ask, answer);
        if !waits {
            self.deferred.remove(&contact);
            return;
        }
        let now = S::now_micros(ask);
        let since = *self.deferred.entry(contact).or_insert(now);
        if STARVED_MICROS <= now - since {
            let minutes = (now - since) / 60_000_000;
            self.starved.get_or_insert_with(|| {
                format!("a contact is made to wait for {minutes} minutes while agents are free")
            });
        }
    }

    /// The latest question.
    pub fn last(&self) -> Option<&S::Ask> {
        self.asked.last()
    }
}

type Answered<S> = Result<<S as Subject>::Answer, PluginFailure>;

/// Asks an instance and a fresh one with the same state; also the fresh one's fuel.
fn both<S: Subject>(
    warm: &mut S,
    services: &ReplayServices,
    ask: &S::Ask,
) -> (Answered<S>, Answered<S>, u64) {
    services.set_now_micros(S::now_micros(ask));
    services.take_log();
    let mut fresh = warm.fresh(Arc::new(services.copy()));
    let answer = warm.put(ask);
    let again = fresh.put(ask);
    (answer, again, fresh.fuel_last())
}

/// What is wrong with these two answers to one question.
fn wrong<S: Subject>(
    ask: &S::Ask,
    answer: &Answered<S>,
    again: &Answered<S>,
) -> Option<(Property, String)> {
    for answered in [answer, again] {
        let found = match answered {
            Ok(answer) => S::nonsense(ask, answer).map(|what| (Property::WellFormed, what)),
            Err(failure) => {
                let property = Property::broken_by(failure);
                property.map(|property| (property, failure.to_string()))
            }
        };
        if found.is_some() {
            return found;
        }
    }
    let (one, other) = (told::<S>(answer), told::<S>(again));
    (answer != again).then(|| {
        (Property::Deterministic, format!("it answers `{one}`, a fresh instance `{other}`"))
    })
}

fn told<S: Subject>(answer: &Answered<S>) -> String {
    match answer {
        Ok(answer) => S::tell_answer(answer),
        Err(failure) => failure.to_string(),
    }
}

/// What a case shows.
struct Evidence {
    wrong: String,
    answers: [String; 2],
}

/// Looks for the smallest case that breaks the same property.
struct Search<'s, S: Subject> {
    plugin: &'s S,
    property: Property,
    tries: u32,
    fuel: u64,
}

impl<S: Subject> Search<'_, S> {
    /// Asks a fresh instance all of these and looks at the last answer.
    fn evidence(&mut self, asks: &[S::Ask]) -> Option<Evidence> {
        let (last, before) = asks.split_last()?;
        let services = services();
        let mut warm = self.plugin.fresh(Arc::clone(&services));
        for ask in before {
            services.set_now_micros(S::now_micros(ask));
            let _ = warm.put(ask);
            self.fuel += warm.fuel_last();
        }
        let (answer, again, fuel) = both(&mut warm, &services, last);
        self.fuel += warm.fuel_last() + fuel;
        let answers = [told::<S>(&answer), told::<S>(&again)];
        if self.property == Property::Answers {
            let Err(PluginFailure::Refused(wrong)) = answer else { return None };
            return Some(Evidence { wrong, answers });
        }
        let (property, wrong) = wrong::<S>(last, &answer, &again)?;
        (property == self.property).then_some(Evidence { wrong, answers })
    }

    fn shows(&mut self, asks: &[S::Ask]) -> bool {
        if self.tries == 0 || FUEL < self.fuel {
            return false;
        }
        self.tries -= 1;
        self.evidence(asks).is_some()
    }

    fn smallest(&mut self, mut asks: Vec<S::Ask>) -> Vec<S::Ask> {
        if let Some(last) = asks.last().cloned() {
            let shorter = [vec![last.clone()], vec![last.clone(), last]];
            for shorter in shorter {
                if shorter.len() < asks.len() && self.shows(&shorter) {
                    asks = shorter;
                }
            }
        }
        self.fewer(&mut asks);
        for place in 0..asks.len() {
            let mut step = 0;
            loop {
                let Some(simpler) = S::simpler(&asks[place]).into_iter().nth(step) else { break };
                let mut changed = asks.clone();
                // What is asked twice is simplified twice.
                let same = tell_all::<S>(&asks[place]);
                for ask in changed.iter_mut().filter(|ask| tell_all::<S>(ask) == same) {
                    *ask = simpler.clone();
                }
                if self.shows(&changed) {
                    asks = changed;
                } else {
                    step += 1;
                }
            }
        }
        asks
    }

    fn fewer(&mut self, asks: &mut Vec<S::Ask>) {
        let mut part = asks.len().div_ceil(2);
        while 0 < part && 1 < asks.len() {
            let mut from = 0;
            // The last one is what it is about.
            while from < asks.len() - 1 {
                let mut without = asks.clone();
                without.drain(from..(from + part).min(asks.len() - 1));
                if self.shows(&without) {
                    *asks = without;
                } else {
                    from += part;
                }
            }
            part /= 2;
        }
    }
}

fn tell_all<S: Subject>(ask: &S::Ask) -> String {
    S::tell(ask).join("\n")
}

/// Makes a finding small and tells it.
pub fn broken<S: Subject>(plugin: &S, seed: u64, found: Found<S::Ask>) -> Broken {
    let Found { property, asks } = found;
    let mut search = Search { plugin, property, tries: TRIES, fuel: 0 };
    let asks = search.smallest(asks);
    let Some(Evidence { wrong, answers: [answer, again] }) = search.evidence(&asks) else {
        let wrong = "it is seen in the whole world only: the plugin is not deterministic";
        return Broken::new(Property::Deterministic, wrong, seed, told_asks::<S>(&asks));
    };
    let mut trace = told_asks::<S>(&asks);
    trace += &tell::line("answer", &answer);
    if answer != again {
        trace += &tell::line("fresh", &again);
    }
    Broken::new(property, wrong, seed, trace)
}

fn told_asks<S: Subject>(asks: &[S::Ask]) -> String {
    let mut text = String::new();
    for (number, ask) in (1..).zip(asks) {
        if 1 < asks.len() {
            text += &format!("  question {number}\n");
        }
        text += &tell::lines(&S::tell(ask));
    }
    text
}
