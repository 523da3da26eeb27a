//! From a scenario and a seed to a plan.

use std::sync::Arc;
use std::time::Duration;

use jackfield_core::{AgentId, Instant};

use super::{Arrivals, Operations, Scenario, Shift};
use crate::chance::Seed;
use crate::plan::{Act, ContactPlan, Plan};
use crate::span::exponential;

/// The moment at which scenarios begin: 2026-01-05T00:00:00Z, a Monday.
pub(crate) const START: Instant = Instant::from_micros(1_767_571_200_000_000);

impl Scenario {
    /// Makes the plan of one run: the same for the same seed. Another router or another number of
    /// agents leaves the customers as they are.
    pub fn plan(&self, seed: u64) -> Plan {
        let seed = Seed::new(seed);
        let agents = self.agents.iter().map(|(id, (plan, _))| (id.clone(), plan.clone()));
        Plan {
            seed,
            start: START,
            length: self.length,
            config: Arc::new(self.config.clone()),
            contacts: self.contacts(seed),
            acts: self.acts(seed),
            agents: agents.collect(),
            streams: self.streams.iter().map(|(stream, _)| stream.clone()).collect(),
            faults: self.faults.clone(),
            overtakes_max: self.overtakes_max,
        }
    }

    fn contacts(&self, seed: Seed) -> Vec<ContactPlan> {
        let mut contacts = Vec::new();
        for (stream, (about, arrivals)) in self.streams.iter().enumerate() {
            let seed = seed.branch("arrivals").branch(&about.name);
            let moments = match arrivals {
                Arrivals::Trace(moments) => moments.clone(),
                Arrivals::Poisson(rates) => poisson(seed, rates, self.length),
            };
            for (number, after) in (0..).zip(moments) {
                if self.length <= after {
                    break;
                }
                // Twenty bits for the stream's name, as many for the number of its contact.
                let place = seed.pcg().roll() & 0xf_ffff;
                contacts.push(ContactPlan {
                    at: START + after,
                    key: (place << 20) | (number & 0xf_ffff),
                    stream,
                    queue: None,
                    options: None,
                    patience: None,
                    talk: None,
                    tries: 0,
                });
            }
        }
        contacts.sort_by_key(|contact| (contact.at, contact.key));
        contacts
    }

    fn acts(&self, seed: Seed) -> Vec<(Instant, Act)> {
        let mut acts = Vec::new();
        for (id, (_, shift)) in &self.agents {
            work(id, shift, &mut acts);
        }
        operate(seed, &self.operations, self.length, &mut acts);
        let end = START + self.length;
        acts.retain(|(at, _)| *at < end);
        acts.sort_by_key(|(at, _)| *at);
        acts
    }
}

/// Moments of a Poisson process: unit-exponential steps through the sum of the rates.
fn poisson(seed: Seed, rates: &[(Duration, f64)], length: Duration) -> Vec<Duration> {
    let mut pcg = seed.pcg();
    let mut moments = Vec::new();
    let mut left = exponential(pcg.share());
    for (number, (from, rate)) in rates.iter().enumerate() {
        let until = rates.get(number + 1).map_or(length, |(at, _)| *at).min(length);
        let mut at = from.as_secs_f64();
        let end = until.as_secs_f64();
        while *rate > 0.0 && at + left / rate < end {
            at += left / rate;
            moments.push(Duration::from_micros((at * 1e6) as u64));
            left = exponential(pcg.share());
        }
        left -= (end - at).max(0.0) * rate;
    }
    moments
}

fn work(id: &AgentId, shift: &Shift, acts: &mut Vec<(Instant, Act)>) {
    acts.push((START + shift.from, Act::LogIn(id.clone())));
    acts.push((START + shift.from, Act::Ready(id.clone())));
    for pause in &shift.breaks {
        let at = START + pause.at + pause.stagger * shift.number;
        acts.push((at, Act::NotReady(id.clone(), pause.reason.clone())));
        acts.push((at + pause.lasts, Act::Ready(id.clone())));
    }
    if let Some(to) = shift.to {
        acts.retain(|(at, act)| *at < START + to || !matches!(act, Act::Ready(who) if who == id));
        acts.push((START + to, Act::LogOut(id.clone())));
    }
}

fn operate(seed: Seed, what: &Operations, length: Duration, acts: &mut Vec<(Instant, Act)>) {
    for (queue, at, lasts) in &what.closes {
        acts.push((START + *at, Act::Close(queue.clone())));
        acts.push((START + *at + *lasts, Act::Open(queue.clone())));
    }
    for (at, from, to) in &what.swaps {
        acts.push((START + *at, Act::Swap(from.clone(), to.clone())));
    }
    for (at, act) in &what.hands {
        acts.push((START + *at, act.clone()));
    }
    for (at, config) in &what.changes {
        acts.push((START + *at, Act::Configure(Arc::new(config.clone()))));
    }
    if let Some(every) = what.crash_every {
        let mut pcg = seed.branch("crashes").pcg();
        let mut at = Duration::ZERO;
        loop {
            at += crate::span::times(every, exponential(pcg.share()));
            if length <= at {
                break;
            }
            acts.push((START + at, Act::Crash(pcg.roll())));
        }
    }
}
