//! Questions that are a little simpler than a given one, the greatest steps first. What the contract
//! promises stays: a candidate, who has what is required, longest idle first.

use jackfield_core::{
    AgentId, Candidate, Channel, EstimateAsk, InteractionId, QueueView, RoutingAsk,
};

/// Puts `change` into the list if it changes anything.
fn attempt<T: Clone + PartialEq>(all: &mut Vec<T>, ask: &T, change: impl FnOnce(&mut T)) {
    let mut changed = ask.clone();
    change(&mut changed);
    if changed != *ask {
        all.push(changed);
    }
}

/// The list without each part of it, halves first.
fn parts(count: usize) -> Vec<std::ops::Range<usize>> {
    let mut all = Vec::new();
    let mut part = count.div_ceil(2);
    while 0 < part {
        all.extend((0..count).step_by(part).map(|from| from..(from + part).min(count)));
        part /= 2;
    }
    all
}

pub fn routing(ask: &RoutingAsk) -> Vec<RoutingAsk> {
    let mut all = Vec::new();
    attempt(&mut all, ask, |ask| ask.others.clear());
    attempt(&mut all, ask, |ask| ask.contact.history.clear());
    for part in parts(ask.candidates.len()) {
        if part.len() < ask.candidates.len() {
            attempt(&mut all, ask, |ask| drop(ask.candidates.drain(part)));
        }
    }
    attempt(&mut all, ask, |ask| {
        let quiet = QueueView::quiet(ask.queue.queue.clone());
        let attributes = std::mem::take(&mut ask.queue.attributes);
        ask.queue = QueueView { waiting: 1, attributes, ..quiet };
    });
    attempt(&mut all, ask, |ask| ask.contact.required.clear());
    attempt(&mut all, ask, |ask| ask.contact.preferred.clear());
    attempt(&mut all, ask, |ask| ask.contact.attributes.clear());
    attempt(&mut all, ask, |ask| ask.queue.attributes.clear());
    each(&mut all, ask, |_, one| one.attributes.clear());
    each(&mut all, ask, |_, one| one.ranks.clear());
    if ask.contact.required.is_empty() {
        each(&mut all, ask, |_, one| one.skills.clear());
    }
    // Times of idleness in steps of a second, so that the order stays.
    let last = ask.candidates.len();
    each(&mut all, ask, |place, one| one.idle_ms = ((last - 1 - place) * 1_000) as u32);
    each(&mut all, ask, |_, one| (one.contacts, one.talk_seconds, one.load) = (0, 0, 0));
    each(&mut all, ask, |_, one| one.level = 5);
    each(&mut all, ask, |place, one| {
        if let Ok(name) = AgentId::new(&format!("agent-{place}")) {
            one.agent = name;
        }
    });
    attempt(&mut all, ask, |ask| ask.contact.channel = Channel::Voice);
    attempt(&mut all, ask, |ask| ask.contact.priority = 0);
    attempt(&mut all, ask, |ask| ask.contact.waited_ms = 0);
    attempt(&mut all, ask, |ask| ask.contact.step = 0);
    attempt(&mut all, ask, |ask| ask.contact.id = InteractionId(1));
    attempt(&mut all, ask, |ask| ask.now_seconds = 0.0);
    attempt(&mut all, ask, |ask| ask.seed = 0);
    for place in 0..ask.contact.attributes.len() {
        attempt(&mut all, ask, |ask| drop(ask.contact.attributes.remove(place)));
    }
    for place in 0..ask.contact.preferred.len() {
        attempt(&mut all, ask, |ask| drop(ask.contact.preferred.remove(place)));
    }
    for place in 0..ask.contact.history.len() {
        attempt(&mut all, ask, |ask| drop(ask.contact.history.remove(place)));
    }
    for place in 0..ask.others.len() {
        attempt(&mut all, ask, |ask| drop(ask.others.remove(place)));
    }
    for agent in 0..ask.candidates.len() {
        for place in 0..ask.candidates[agent].attributes.len() {
            attempt(&mut all, ask, |ask| drop(ask.candidates[agent].attributes.remove(place)));
        }
        attempt(&mut all, ask, |ask| ask.candidates[agent].ranks.clear());
    }
    all
}

fn each(all: &mut Vec<RoutingAsk>, ask: &RoutingAsk, change: impl Fn(usize, &mut Candidate)) {
    attempt(all, ask, |ask| {
        for (place, one) in ask.candidates.iter_mut().enumerate() {
            change(place, one);
        }
    });
}

pub fn estimating(ask: &EstimateAsk) -> Vec<EstimateAsk> {
    let mut all = Vec::new();
    for part in parts(ask.recent_waits.len()) {
        attempt(&mut all, ask, |ask| drop(ask.recent_waits.drain(part)));
    }
    for part in parts(ask.recent_handles_ms.len()) {
        attempt(&mut all, ask, |ask| drop(ask.recent_handles_ms.drain(part)));
    }
    attempt(&mut all, ask, |ask| ask.attributes.clear());
    attempt(&mut all, ask, |ask| ask.channel = Channel::Voice);
    attempt(&mut all, ask, |ask| ask.interaction = InteractionId(1));
    attempt(&mut all, ask, |ask| ask.position = 1);
    attempt(&mut all, ask, |ask| ask.waited_ms = 0);
    attempt(&mut all, ask, |ask| ask.agents = 1);
    attempt(&mut all, ask, |ask| ask.agents_ready = 0);
    attempt(&mut all, ask, |ask| ask.abandon_share = 0.0);
    attempt(&mut all, ask, |ask| ask.now_seconds = 0.0);
    attempt(&mut all, ask, |ask| ask.recent_waits.iter_mut().for_each(|wait| *wait = (1, 1_000)));
    attempt(&mut all, ask, |ask| {
        ask.recent_handles_ms.iter_mut().for_each(|handle| *handle = 1_000)
    });
    all
}
