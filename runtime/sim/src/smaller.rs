//! The search for the smallest plan that still fails: delta debugging (Zeller and Hildebrandt 2002) over
//! contacts and acts, then agents, queues and all that may break or be set up.
//!
//! A [`crate::Script`] fixes what routers answered. Here they are asked again in each try, so it also
//! serves where the answers are what is wrong.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jackfield_core::{AgentConfig, AgentId, CenterConfig, QueueConfig, QueueId, Staffing};

use crate::plan::{Act, ByClass, Faults, Plan, Stream};
use crate::router::NativeEstimator;
use crate::span::Spans;

/// The search: how many tries are left, and whether a plan fails.
struct Search<F> {
    tries: u32,
    fails: F,
    least: Plan,
}

impl Plan {
    /// Finds a smaller plan of which `fails` says that it fails too, in at most `tries` tries; itself
    /// if there is none.
    #[must_use]
    pub fn smaller(&self, tries: u32, fails: impl FnMut(&Self) -> bool) -> Self {
        let mut search = Search { tries, fails, least: self.clone() };
        loop {
            let before = search.tries;
            let mut changed = search.nothing_breaks();
            changed |= search.shorter();
            changed |= search.fewer(|plan| &mut plan.contacts);
            changed |= search.fewer(|plan| &mut plan.acts);
            changed |= search.smaller_centre();
            changed |= search.plainer_customers();
            if !changed || before == search.tries {
                return search.least;
            }
        }
    }
}

impl<F: FnMut(&Plan) -> bool> Search<F> {
    /// Keeps the change if it still fails.
    fn attempt(&mut self, change: impl FnOnce(&mut Plan)) -> bool {
        if self.tries == 0 {
            return false;
        }
        self.tries -= 1;
        let mut changed = self.least.clone();
        change(&mut changed);
        let fails = (self.fails)(&changed);
        if fails {
            self.least = changed;
        }
        fails
    }

    fn nothing_breaks(&mut self) -> bool {
        let Faults { late, silence, .. } = self.least.faults;
        let calm = Faults { late, silence, ..Faults::default() };
        if format!("{calm:?}") == format!("{:?}", self.least.faults) {
            return false;
        }
        self.attempt(|plan| plan.faults = calm)
    }

    fn shorter(&mut self) -> bool {
        let mut changed = false;
        for share in [8, 4, 2] {
            let length = self.least.length / share;
            if Duration::from_secs(1) <= length {
                changed |= self.attempt(|plan| plan.length = length);
            }
        }
        // What comes after the end never comes.
        let end = self.least.start + self.least.length;
        self.least.contacts.retain(|contact| contact.at < end);
        self.least.acts.retain(|(at, _)| *at < end);
        changed
    }

    fn fewer<T>(&mut self, of: impl Fn(&mut Plan) -> &mut Vec<T>) -> bool {
        let mut changed = false;
        let mut part = of(&mut self.least).len();
        while 0 < part {
            let mut from = 0;
            while from < of(&mut self.least).len() {
                let fewer = self.attempt(|plan| {
                    let all = of(plan);
                    let to = (from + part).min(all.len());
                    all.drain(from..to);
                });
                changed |= fewer;
                if !fewer {
                    from += part;
                }
            }
            part /= 2;
        }
        changed
    }

    fn smaller_centre(&mut self) -> bool {
        let mut changed = false;
        let agents: Vec<AgentId> = self.least.config.agents.keys().cloned().collect();
        for agent in agents {
            changed |= self.attempt(|plan| {
                plan.agents.remove(&agent);
                plan.acts.retain(|(_, act)| !concerns(act, &agent));
                in_each(plan, |config| drop(config.agents.remove(&agent)));
            });
        }
        let queues: Vec<QueueId> = self.least.config.queues.keys().cloned().collect();
        for queue in queues {
            if self.is_used(&queue) {
                continue;
            }
            changed |= self.attempt(|plan| {
                in_each(plan, |config| {
                    config.queues.remove(&queue);
                    config.blends.clear();
                    for agent in config.agents.values_mut() {
                        agent.queues.remove(&queue);
                    }
                });
            });
        }
        if !self.least.config.blends.is_empty() {
            changed |= self.attempt(|plan| in_each(plan, |config| config.blends.clear()));
        }
        for change in PLAINER_QUEUES {
            let plainer = |config: &mut CenterConfig| config.queues.values_mut().for_each(change);
            changed |= self.each_config(plainer);
        }
        for change in PLAINER_AGENTS {
            let plainer = |config: &mut CenterConfig| config.agents.values_mut().for_each(change);
            changed |= self.each_config(plainer);
        }
        changed
    }

    /// Keeps a change of all set-ups if it is one and it still fails.
    fn each_config(&mut self, change: impl Fn(&mut CenterConfig)) -> bool {
        let mut config = self.least.config.as_ref().clone();
        change(&mut config);
        config != *self.least.config && self.attempt(|plan| in_each(plan, change))
    }

    fn is_used(&self, queue: &QueueId) -> bool {
        let streams = self.least.contacts.iter().map(|contact| contact.stream);
        let mut streams = streams.filter_map(|stream| self.least.streams.get(stream));
        streams.any(|stream| stream.queue == *queue)
    }

    fn plainer_customers(&mut self) -> bool {
        let second = Duration::from_secs(1);
        let at = |number: u32, plan: &Plan| plan.start + second * (number + 1);
        let is_round = (0..).zip(&self.least.contacts).all(|(n, c)| c.at == at(n, &self.least));
        let mut changed = false;
        if !is_round {
            changed |= self.attempt(|plan| {
                let start = plan.start;
                for (number, contact) in (1..).zip(&mut plan.contacts) {
                    contact.at = start + second * number;
                }
            });
        }
        if self.least.contacts.iter().any(|contact| contact.options.is_some()) {
            changed |= self.attempt(|plan| {
                plan.contacts.iter_mut().for_each(|contact| contact.options = None);
            });
        }
        for change in PLAINER_STREAMS {
            let mut streams = self.least.streams.clone();
            streams.iter_mut().for_each(change);
            // Few tries are lost by comparing texts: distributions have no equality.
            if format!("{streams:?}") != format!("{:?}", self.least.streams) {
                changed |= self.attempt(|plan| plan.streams = streams);
            }
        }
        changed
    }
}

/// What a queue can do without. Routers and estimators stay.
const PLAINER_QUEUES: [fn(&mut QueueConfig); 9] = [
    |queue| (queue.callbacks, queue.hours) = (QueueConfig::default().callbacks, None),
    |queue| {
        if queue.estimator.as_deref().is_none_or(|name| NativeEstimator::named(name).is_some()) {
            (queue.announcements, queue.estimator) = (None, None);
        }
    },
    |queue| (queue.overflow, queue.branches) = (None, Vec::new()),
    |queue| (queue.join_needs, queue.stay_needs) = (Staffing::Nobody, Staffing::Nobody),
    |queue| (queue.eligible, queue.steps) = (None, Vec::new()),
    |queue| (queue.max_size, queue.max_wait) = (1_000, None),
    |queue| (queue.weight, queue.refusals_max) = (0, None),
    |queue| (queue.age_every, queue.age_limit) = (None, i8::MAX),
    |queue| (queue.wrap_up, queue.ring_time) = (Duration::ZERO, Duration::from_secs(20)),
];

/// What an agent can do without.
const PLAINER_AGENTS: [fn(&mut AgentConfig); 4] = [
    |agent| (agent.capacity, agent.protected) = (BTreeMap::new(), Vec::new()),
    |agent| agent.attributes.clear(),
    |agent| agent.ranks.clear(),
    |agent| agent.skills.clear(),
];

/// What customers can do without.
const PLAINER_STREAMS: [fn(&mut Stream); 9] = [
    |stream| (stream.callback, stream.voicemail) = (0.0, 0.0),
    |stream| (stream.redial, stream.hold) = (0.0, 0.0),
    |stream| stream.flow = Spans::Fixed(Duration::ZERO),
    |stream| stream.patience = Spans::Never,
    |stream| (stream.talk, stream.after_call) = (always(10), always(0)),
    |stream| stream.options.attributes.clear(),
    |stream| stream.options.preferred.clear(),
    |stream| stream.options.required.clear(),
    |stream| (stream.options.priority, stream.options.max_wait) = (0, None),
];

fn always(seconds: u64) -> ByClass {
    ByClass { otherwise: Spans::Fixed(Duration::from_secs(seconds)), classes: BTreeMap::new() }
}

fn concerns(act: &Act, agent: &AgentId) -> bool {
    match act {
        Act::LogIn(who) | Act::Ready(who) | Act::NotReady(who, _) | Act::LogOut(who) => {
            who == agent
        }
        _ => false,
    }
}

fn in_each(plan: &mut Plan, mut change: impl FnMut(&mut CenterConfig)) {
    change(Arc::make_mut(&mut plan.config));
    for (_, act) in &mut plan.acts {
        if let Act::Configure(config) = act {
            change(Arc::make_mut(config));
        }
    }
}
