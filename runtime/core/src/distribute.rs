//! Who is offered to whom: the built-in rule, and when a router is asked instead.
//!
//! Contacts compete by place (weight, priority, then longest wait) across all queues that share
//! agents; a contact takes the least loaded, then longest idle of its candidates. Distribution runs
//! at the end of every input that made an agent able to take more or a contact wait, over the queues
//! concerned only: nothing polls.

use std::time::Duration;

use crate::center::Center;
use crate::interaction::Stay;
use crate::need::Need;
use crate::offer::Decision;
use crate::queue::{Place, Queue};
use crate::table::{AgentKey, QueueKey};
use crate::timer::Timer;
use crate::{AskId, InteractionId, QueueEnd, RoutedBy, RouterChoice, Staffing};

/// How long an agent whose offer failed is spared the same contact when there is nobody else. It
/// turns a tight loop of ringing and cancelling into a calm one.
pub(crate) const BACK_OFF: Duration = Duration::from_secs(2);

/// Whether an agent can be offered a contact now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fitness {
    /// Lacks what is needed.
    Unable,
    /// A better place has the first call on it.
    Held,
    /// Failed this contact a moment ago.
    Spared,
    /// Failed this contact before: only if there is nobody else.
    Again,
    Fresh,
}

impl Center {
    /// Releases who cannot be served and offers who can: the end of every input.
    pub(crate) fn settle(&mut self) {
        self.settle_callbacks();
        loop {
            while let Some(key) = self.vacated.pop_first() {
                self.release_unserved(key);
            }
            if let Some((_, id, key)) = self.next_to_serve() {
                self.serve(key, id);
            } else if !self.look_at_blends() {
                break;
            }
        }
    }

    /// Returns the best place, over all queues to be looked at, that has a candidate.
    fn next_to_serve(&mut self) -> Option<(Place, InteractionId, QueueKey)> {
        let mut best: Option<(Place, InteractionId, QueueKey)> = None;
        let mut after = None;
        while let Some(key) = self.next_dirty(after) {
            after = Some(key);
            match self.next_in(key) {
                Some(place) => {
                    let found = (place, place.interaction, key);
                    best = Some(best.map_or(found, |best| best.min(found)));
                }
                // Whatever brings it a candidate marks it again.
                None => {
                    self.dirty.remove(&key);
                }
            }
        }
        best
    }

    fn next_dirty(&self, after: Option<QueueKey>) -> Option<QueueKey> {
        use std::ops::Bound::{Excluded, Unbounded};
        match after {
            None => self.dirty.first().copied(),
            Some(key) => self.dirty.range((Excluded(key), Unbounded)).next().copied(),
        }
    }

    fn next_in(&mut self, key: QueueKey) -> Option<Place> {
        self.look_at_fresh(key);
        let queue = &self.queues[key];
        if queue.closing || queue.turns.is_empty() {
            return None;
        }
        // While a question is open only a contact with a better place may take its turn.
        let asked = queue.ask.and_then(|ask| self.asks.get(&ask));
        let mut limit = asked.and_then(|ask| self.stay(ask.contact)).map(|stay| stay.place);
        let mut best = None;
        let mut unmet: Vec<Need> = Vec::new();
        for (need, places) in &queue.waiting {
            for place in places {
                if limit.is_some_and(|limit| limit <= *place) {
                    break;
                }
                if !self.is_served_now(key, place) {
                    continue;
                }
                let Some(stay) = self.stay(place.interaction) else { continue };
                let (candidate, anybody) = self.first_candidate(key, stay);
                if candidate.is_some() {
                    (limit, best) = (Some(*place), Some(*place));
                    break;
                }
                if !anybody {
                    unmet.push(need.clone());
                    break;
                }
                // Nobody is spared for it, so those behind with the same need have nobody either.
                if stay.failed.is_empty() {
                    break;
                }
            }
        }
        let queue = &mut self.queues[key];
        for need in unmet {
            if let Some(places) = queue.waiting.remove(&need) {
                queue.unmet.insert(need, places);
            }
        }
        best
    }

    /// Who has become able to take contacts may meet a need that nobody met.
    fn look_at_fresh(&mut self, key: QueueKey) {
        let queue = &mut self.queues[key];
        if queue.fresh.is_empty() {
            return;
        }
        let fresh = std::mem::take(&mut queue.fresh);
        if !queue.unmet.is_empty() {
            let queue = &self.queues[key];
            let met = queue
                .unmet
                .keys()
                .filter(|need| fresh.iter().any(|agent| need.met_by(&self.agents[*agent], key)));
            let met: Vec<Need> = met.cloned().collect();
            let queue = &mut self.queues[key];
            for need in met {
                if let Some(places) = queue.unmet.remove(&need) {
                    queue.waiting.insert(need, places);
                }
            }
        }
        // The room is kept for the next ones.
        let queue = &mut self.queues[key];
        queue.fresh = fresh;
        queue.fresh.clear();
    }

    fn serve(&mut self, key: QueueKey, id: InteractionId) {
        if self.dial_first(id) {
            return;
        }
        match &self.queues[key].config.router {
            RouterChoice::BuiltIn => self.decide(id, RoutedBy::BuiltIn, None),
            RouterChoice::Plugin(router) => {
                let router = router.clone();
                self.ask(key, id, router);
            }
        }
    }

    /// Offers the contact to the first of its candidates, if there is one.
    pub(crate) fn decide(&mut self, id: InteractionId, routed_by: RoutedBy, ask: Option<AskId>) {
        let Some(stay) = self.stay(id) else { return };
        let (Some(agent), _) = self.first_candidate(stay.queue, stay) else { return };
        let certificate = self.certify(stay, agent, ask);
        let because = Vec::new();
        self.offer(id, agent, Decision { routed_by, because, certificate });
    }

    /// Returns the agent whose turn it is, and whether anybody who is free meets the need.
    ///
    /// Agents whose offer of this contact failed are left out while there is anybody else, and for
    /// [`BACK_OFF`] if there is not.
    fn first_candidate(&self, key: QueueKey, stay: &Stay) -> (Option<AgentKey>, bool) {
        let (mut again, mut anybody) = (None, false);
        for turn in self.queues[key].turns.of(stay.need.channel) {
            let fitness = self.fitness(turn.agent, stay);
            anybody |= fitness != Fitness::Unable;
            match fitness {
                Fitness::Fresh => return (Some(turn.agent), true),
                Fitness::Again => again = again.or(Some(turn.agent)),
                Fitness::Unable | Fitness::Held | Fitness::Spared => (),
            }
        }
        (again, anybody)
    }

    /// Returns the candidates, first turn first, at most `most`.
    pub(crate) fn candidates(&self, queue: &Queue, stay: &Stay, most: usize) -> Vec<AgentKey> {
        let (mut fresh, mut again) = (Vec::new(), Vec::new());
        for turn in queue.turns.of(stay.need.channel) {
            if fresh.len() == most {
                break;
            }
            match self.fitness(turn.agent, stay) {
                Fitness::Fresh => fresh.push(turn.agent),
                Fitness::Again if again.len() < most => again.push(turn.agent),
                _ => (),
            }
        }
        if fresh.is_empty() { again } else { fresh }
    }

    /// Returns whether an agent who stands in the turns of the contact's queue can be offered it.
    ///
    /// An open question to a router reserves nobody, but its longest idle candidate is not given to
    /// a contact with a worse place meanwhile: else every built-in queue would win against every
    /// queue with a router, whatever the priorities.
    pub(crate) fn fitness(&self, key: AgentKey, stay: &Stay) -> Fitness {
        let agent = &self.agents[key];
        if !stay.need.met_by(agent, stay.queue) {
            return Fitness::Unable;
        }
        let held = agent.held_by.iter().any(|ask| {
            let asked = self.asks.get(ask).and_then(|ask| self.stay(ask.contact));
            asked.is_some_and(|asked| asked.place < stay.place)
        });
        if held {
            return Fitness::Held;
        }
        match stay.failed.get(&key) {
            None => Fitness::Fresh,
            Some(at) if *at + BACK_OFF <= self.now => Fitness::Again,
            Some(_) => Fitness::Spared,
        }
    }

    /// Returns whether an agent whom a router named can still be offered the contact.
    pub(crate) fn is_free(&self, key: AgentKey, id: InteractionId) -> bool {
        let Some(stay) = self.stay(id) else { return false };
        let able = !matches!(self.fitness(key, stay), Fitness::Unable | Fitness::Held);
        able && self.agents[key].has_turn(stay.queue, stay.need.channel)
    }

    /// Times the moment when the next of the agents who failed this contact may be tried again.
    pub(crate) fn time_retry(&mut self, id: InteractionId) {
        let Some(stay) = self.stay(id) else { return };
        let ends = stay.failed.values().map(|at| *at + BACK_OFF);
        match ends.filter(|end| self.now < *end).min() {
            Some(at) => self.timers.set(Timer::Retry(id), at),
            None => self.timers.cancel(&Timer::Retry(id)),
        }
    }

    pub(crate) fn retry(&mut self, id: InteractionId) {
        let Some(stay) = self.stay(id) else { return };
        self.dirty.insert(stay.queue);
        self.time_retry(id);
    }

    /// Releases contacts of a queue that needs agents when nobody who could serve them is left.
    fn release_unserved(&mut self, key: QueueKey) {
        let queue = &self.queues[key];
        let rule = queue.config.stay_needs;
        if rule == Staffing::Nobody || queue.gone {
            return;
        }
        let waiting = queue.waiting.iter().chain(&queue.unmet);
        let unserved = waiting.filter(|(need, _)| !self.is_staffed(key, need, rule));
        let mut unserved: Vec<Place> = unserved.flat_map(|(_, places)| places).copied().collect();
        unserved.extend(queue.paused.iter().filter(|place| {
            let stay = self.stay(place.interaction);
            stay.is_some_and(|stay| !self.is_staffed(key, &stay.need, rule))
        }));
        unserved.sort_unstable();
        for place in unserved {
            self.leave(place.interaction, QueueEnd::NoAgents);
        }
    }
}
