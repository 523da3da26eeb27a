//! Who is offered to whom: the built-in rule, and when a router is asked instead.
//!
//! Contacts compete by place (priority, then longest wait) across all queues that share agents; a
//! contact takes the longest idle of its candidates. Distribution runs at the end of every input
//! that made an agent ready or a contact wait, over the queues concerned only: nothing polls.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::center::Center;
use crate::interaction::Stay;
use crate::queue::{Place, Queue};
use crate::timer::Timer;
use crate::{AgentId, InteractionId, QueueEnd, QueueId, RoutedBy, RouterChoice, Staffing};

/// How long an agent whose offer failed is spared the same contact when there is nobody else. It
/// turns a tight loop of ringing and cancelling into a calm one.
pub(crate) const BACK_OFF: Duration = Duration::from_secs(2);

impl Center {
    /// Releases who cannot be served and offers who can: the end of every input.
    pub(crate) fn settle(&mut self) {
        while let Some(name) = self.vacated.pop_first() {
            self.release_unserved(&name);
        }
        while let Some((place, name)) = self.next_to_serve() {
            self.serve(&name, place);
        }
        self.dirty.clear();
    }

    /// Returns the best place, over all queues to be looked at, that has a candidate.
    fn next_to_serve(&self) -> Option<(Place, QueueId)> {
        let first = |name: &QueueId| Some((self.next_in(self.queues.get(name)?)?, name.clone()));
        self.dirty.iter().filter_map(first).min()
    }

    fn next_in(&self, queue: &Queue) -> Option<Place> {
        if queue.ready.is_empty() || queue.closing {
            return None;
        }
        // While a question is open only a contact with a better place may take its turn.
        let mut limit = queue.ask.and_then(|ask| self.asks.get(&ask)).map(|ask| ask.place);
        let mut best = None;
        for places in queue.waiting() {
            for place in places {
                if limit.is_some_and(|limit| limit <= *place) {
                    break;
                }
                let Some(stay) = self.stay(place.interaction) else { continue };
                if !self.candidates(queue, stay, 1).is_empty() {
                    (limit, best) = (Some(*place), Some(*place));
                    break;
                }
                // Nobody is spared for it, so those behind with the same need have nobody either.
                if stay.failed.is_empty() {
                    break;
                }
            }
        }
        best
    }

    fn serve(&mut self, name: &QueueId, place: Place) {
        let Some(queue) = self.queues.get(name) else { return };
        match queue.config.router.clone() {
            RouterChoice::BuiltIn => self.decide(place.interaction, RoutedBy::BuiltIn),
            RouterChoice::Plugin(router) => self.ask(name, place, router),
        }
    }

    /// Offers the contact to its longest idle candidate, if there is one.
    pub(crate) fn decide(&mut self, id: InteractionId, routed_by: RoutedBy) {
        let Some(stay) = self.stay(id) else { return };
        let Some(queue) = self.queues.get(&stay.queue) else { return };
        let Some(agent) = self.candidates(queue, stay, 1).pop() else { return };
        self.offer(id, &agent, routed_by, Vec::new());
    }

    /// Returns the Ready agents of the queue with the required skills, longest idle first, at most
    /// `most`.
    ///
    /// Agents whose offer of this contact failed are left out while there is anybody else, and for
    /// [`BACK_OFF`] if there is not.
    pub(crate) fn candidates(&self, queue: &Queue, stay: &Stay, most: usize) -> Vec<AgentId> {
        let (mut fresh, mut again) = (Vec::new(), Vec::new());
        for (_, id) in &queue.ready {
            if fresh.len() == most {
                break;
            }
            if !self.may_serve(id, stay) {
                continue;
            }
            match stay.failed.get(id) {
                None => fresh.push(id.clone()),
                Some(&at) if at + BACK_OFF <= self.now && again.len() < most => {
                    again.push(id.clone());
                }
                Some(_) => (),
            }
        }
        if fresh.is_empty() { again } else { fresh }
    }

    /// Returns whether the agent has the skills and no better place has a first call on it.
    ///
    /// An open question to a router reserves nobody, but its longest idle candidate is not given to
    /// a contact with a worse place meanwhile: else every built-in queue would win against every
    /// queue with a router, whatever the priorities.
    pub(crate) fn may_serve(&self, id: &AgentId, stay: &Stay) -> bool {
        let Some(agent) = self.agents.get(id) else { return false };
        stay.need.met_by(&agent.config.skills)
            && !self.asks.values().any(|ask| ask.place < stay.place && ask.held == *id)
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
        self.dirty.insert(stay.queue.clone());
        self.time_retry(id);
    }

    /// Releases contacts of a queue that needs agents when nobody who could serve them is left.
    fn release_unserved(&mut self, name: &QueueId) {
        let Some(queue) =
            self.queues.get(name).filter(|queue| queue.config.stay_needs != Staffing::Nobody)
        else {
            return;
        };
        let mut staffed = BTreeMap::new();
        let mut unserved = Vec::new();
        for place in &queue.line {
            let Some(stay) = self.stay(place.interaction) else { continue };
            // A phone rings: somebody can serve it.
            if stay.ring.is_some() {
                continue;
            }
            let need = &stay.need;
            if !*staffed.entry(need).or_insert_with(|| self.is_staffed(queue, need)) {
                unserved.push(place.interaction);
            }
        }
        for interaction in unserved {
            self.leave(interaction, QueueEnd::NoAgents);
        }
    }
}
