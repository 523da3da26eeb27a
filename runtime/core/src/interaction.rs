//! Interactions: arrival, the stay in a queue, the conversation, the end.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::time::Duration;

use crate::center::Center;
use crate::queue::{Need, Place, Queue};
use crate::timer::Timer;
use crate::{
    AgentId, Channel, EndCause, Instant, InteractionId, OfferId, Output, Party, QueueEnd, QueueId,
    QueueOptions, Refusal, Staffing, WithdrawReason,
};

/// One interaction in the centre.
#[derive(Debug)]
pub(crate) struct Interaction {
    pub(crate) channel: Channel,
    pub(crate) arrived: Instant,
    pub(crate) phase: Phase,
}

/// Who is in charge of an interaction.
#[derive(Debug)]
pub(crate) enum Phase {
    /// The flow.
    InFlow,
    /// A queue: it waits or rings.
    Queued(Box<Stay>),
    /// An agent.
    Talking(Talk),
}

/// A stay in a queue and the queues it overflows to.
#[derive(Debug)]
pub(crate) struct Stay {
    pub(crate) queue: QueueId,
    pub(crate) place: Place,
    /// When it joined this queue; `place.joined` is the first one.
    pub(crate) joined: Instant,
    pub(crate) options: QueueOptions,
    pub(crate) need: Need,
    /// Queues that were tried: a circle of overflows ends.
    pub(crate) visited: BTreeSet<QueueId>,
    /// Agents whose offer of this contact failed, and when.
    pub(crate) failed: BTreeMap<AgentId, Instant>,
    pub(crate) ring: Option<Ring>,
    /// The queue's longest wait was reached while it rang: it moves on if the offer fails.
    overdue: bool,
}

/// The lease of one agent to one interaction.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    pub(crate) offer: OfferId,
    pub(crate) agent: AgentId,
}

/// A conversation with an agent.
#[derive(Clone, Debug)]
pub(crate) struct Talk {
    pub(crate) agent: AgentId,
    pub(crate) queue: QueueId,
    pub(crate) since: Instant,
    pub(crate) waited: Duration,
    /// For a queue that is gone at the end.
    pub(crate) wrap_up: Duration,
}

impl Center {
    pub(crate) fn arrive(&mut self, id: InteractionId, channel: Channel) {
        let limit = self.limits.interactions;
        if self.interactions.contains_key(&id) {
            self.push(Output::Refused { interaction: id, why: Refusal::AlreadyArrived });
        } else if limit as usize <= self.interactions.len() {
            let why = Refusal::TooManyInteractions { limit };
            self.push(Output::Refused { interaction: id, why });
        } else {
            let phase = Phase::InFlow;
            self.interactions.insert(id, Interaction { channel, arrived: self.now, phase });
        }
    }

    pub(crate) fn enqueue(&mut self, id: InteractionId, name: QueueId, options: QueueOptions) {
        let Some(contact) = self.interactions.get_mut(&id) else { return };
        if !matches!(contact.phase, Phase::InFlow) {
            self.push(Output::Refused { interaction: id, why: Refusal::AlreadyQueued });
            return;
        }
        let Some(queue) = self.queues.get(&name).filter(|queue| !queue.closing) else {
            let why = Refusal::UnknownQueue(name);
            self.push(Output::Refused { interaction: id, why });
            return;
        };
        let need = Need::new(&options.required);
        let priority = Reverse(options.priority);
        let place = Place { priority, joined: self.now, interaction: id };
        let position = queue.position(&place);
        let (full, open) = (queue.is_full(), queue.door.is_open());
        let staffed = self.is_staffed(queue, &need);
        self.push(Output::Queued { interaction: id, queue: name.clone(), position });
        let stay = Stay {
            queue: name.clone(),
            place,
            joined: self.now,
            options,
            need,
            visited: BTreeSet::from([name]),
            failed: BTreeMap::new(),
            ring: None,
            overdue: false,
        };
        if let Some(contact) = self.interactions.get_mut(&id) {
            contact.phase = Phase::Queued(Box::new(stay));
        }
        if !open {
            self.find_closed(id);
        } else if !staffed {
            self.leave(id, QueueEnd::NoAgents);
        } else if full {
            self.overflow_or_leave(id, QueueEnd::Full);
        } else {
            self.join(id);
        }
    }

    /// Puts a contact in the line of the queue that its stay names.
    fn join(&mut self, id: InteractionId) {
        let now = self.now;
        let Some(stay) = self.stay_mut(id) else { return };
        stay.joined = now;
        let (name, place, need) = (stay.queue.clone(), stay.place, stay.need.clone());
        let Some(queue) = self.queues.get_mut(&name) else { return };
        queue.line.insert(place);
        queue.wait(&need, place);
        self.dirty.insert(name);
        self.time_wait(id);
    }

    /// Starts the timer of the longest wait anew.
    pub(crate) fn time_wait(&mut self, id: InteractionId) {
        let Some(stay) = self.stay(id) else { return };
        let queue = self.queues.get(&stay.queue).filter(|_| !stay.overdue);
        let ends = [
            queue.and_then(|queue| queue.config.max_wait).map(|wait| stay.joined + wait),
            stay.options.max_wait.map(|wait| stay.place.joined + wait),
        ];
        match ends.into_iter().flatten().min() {
            // A new set-up may have moved it to the past.
            Some(at) => self.timers.set(Timer::Wait(id), at.max(self.now)),
            None => self.timers.cancel(&Timer::Wait(id)),
        }
    }

    /// The longest wait was reached. The contact's own limit ends the stay; the queue's moves it on.
    pub(crate) fn wait_is_over(&mut self, id: InteractionId) {
        let Some(stay) = self.stay(id) else { return };
        let own = stay.options.max_wait.is_some_and(|wait| stay.place.joined + wait <= self.now);
        let moves_on = !own && self.overflow_target(stay).is_some();
        if let Some(ring) = stay.ring.clone() {
            if moves_on {
                // The phone is ringing: that is the best chance the contact has.
                if let Some(stay) = self.stay_mut(id) {
                    stay.overdue = true;
                }
                self.time_wait(id);
                return;
            }
            self.withdraw(id, WithdrawReason::TimedOut);
            self.still_idle(&ring.agent);
        }
        if moves_on {
            self.overflow_or_leave(id, QueueEnd::TimedOut);
        } else {
            self.leave(id, QueueEnd::TimedOut);
        }
    }

    /// The offer is over: the contact waits again at its place, or moves on if its time is over.
    pub(crate) fn back_in_line(&mut self, id: InteractionId, failed: &AgentId) {
        let now = self.now;
        let Some(stay) = self.stay_mut(id) else { return };
        stay.failed.insert(failed.clone(), now);
        let (overdue, name) = (mem::take(&mut stay.overdue), stay.queue.clone());
        let (need, place) = (stay.need.clone(), stay.place);
        let Some(queue) = self.queues.get(&name) else { return };
        if queue.closing {
            self.leave(id, QueueEnd::Closed);
        } else if self.is_cleared(&name) {
            self.find_closed(id);
        } else if overdue {
            self.overflow_or_leave(id, QueueEnd::TimedOut);
        } else if !self.is_staffed(queue, &need) {
            // While it rang, a new set-up took the skill from everybody.
            self.leave(id, QueueEnd::NoAgents);
        } else if let Some(queue) = self.queues.get_mut(&name) {
            queue.wait(&need, place);
            self.dirty.insert(name);
            self.time_retry(id);
        }
    }

    fn overflow_or_leave(&mut self, id: InteractionId, otherwise: QueueEnd) {
        let target = self.stay(id).and_then(|stay| self.overflow_target(stay));
        let Some((to, visited)) = target else {
            self.leave(id, otherwise);
            return;
        };
        self.overflow_to(id, to, visited);
    }

    /// Moves a contact to another queue's line, with its place.
    pub(crate) fn overflow_to(
        &mut self,
        id: InteractionId,
        to: QueueId,
        visited: BTreeSet<QueueId>,
    ) {
        self.leave_line(id);
        let Some(stay) = self.stay_mut(id) else { return };
        stay.visited = visited;
        let from = mem::replace(&mut stay.queue, to.clone());
        self.push(Output::Overflowed { interaction: id, from, to });
        self.join(id);
        if self.stay(id).is_some_and(|stay| !stay.failed.is_empty()) {
            self.time_retry(id);
        }
    }

    /// Follows the overflow queues to the first that takes the contact; none twice in one stay.
    fn overflow_target(&self, stay: &Stay) -> Option<(QueueId, BTreeSet<QueueId>)> {
        let mut visited = stay.visited.clone();
        let mut at = self.queues.get(&stay.queue)?;
        loop {
            let name = at.config.overflow.as_ref()?;
            at = self.queues.get(name).filter(|queue| !queue.closing)?;
            if !visited.insert(name.clone()) {
                return None;
            }
            if at.door.is_open() && !at.is_full() && self.is_staffed(at, &stay.need) {
                return Some((name.clone(), visited));
            }
        }
    }

    /// Returns whether the queue asks for no agents or has one who could serve `need`.
    pub(crate) fn is_staffed(&self, queue: &Queue, need: &Need) -> bool {
        let mut members = queue.members.iter().filter_map(|name| self.agents.get(name));
        queue.config.stay_needs == Staffing::Nobody
            || members.any(|agent| need.met_by(&agent.config.skills))
    }

    /// Ends the stay; the flow goes on.
    pub(crate) fn leave(&mut self, id: InteractionId, end: QueueEnd) {
        self.leave_with(id, end, None);
    }

    /// Ends the stay with something the customer is told.
    pub(crate) fn leave_with(&mut self, id: InteractionId, end: QueueEnd, message: Option<String>) {
        let Some(stay) = self.take_stay(id) else { return };
        let waited = self.now - stay.place.joined;
        self.push(Output::LeaveQueue { interaction: id, queue: stay.queue, end, waited, message });
    }

    pub(crate) fn leave_by_key(&mut self, id: InteractionId, key: char) {
        let Some(stay) = self.stay(id) else { return };
        let ring = stay.ring.clone();
        if let Some(ring) = ring {
            self.withdraw(id, WithdrawReason::CustomerLeft);
            self.still_idle(&ring.agent);
        }
        self.leave(id, QueueEnd::LeftByKey(key));
    }

    /// The interaction is over, whatever it was doing.
    pub(crate) fn end(&mut self, id: InteractionId, cause: EndCause) {
        let Some(contact) = self.interactions.get(&id) else { return };
        let arrived = contact.arrived;
        match &contact.phase {
            Phase::InFlow => (),
            Phase::Queued(stay) => {
                if let Some(ring) = stay.ring.clone() {
                    self.withdraw(id, WithdrawReason::CustomerLeft);
                    self.still_idle(&ring.agent);
                }
                self.abandon(id);
            }
            Phase::Talking(_) => {
                let by = match cause {
                    EndCause::CustomerLeft | EndCause::Lost => Party::Customer,
                    EndCause::Completed
                    | EndCause::Transferred
                    | EndCause::Interrupted
                    | EndCause::Failed(_) => Party::System,
                };
                self.part(id, by);
            }
        }
        self.interactions.remove(&id);
        self.push(Output::Closed { interaction: id, cause, lasted: self.now - arrived });
    }

    fn abandon(&mut self, id: InteractionId) {
        let Some(name) = self.stay(id).map(|stay| stay.queue.clone()) else { return };
        let limit = self.queues.get(&name).map(|queue| queue.config.short_abandon);
        let Some(stay) = self.take_stay(id) else { return };
        let waited = self.now - stay.place.joined;
        let short = limit.is_some_and(|limit| waited < limit);
        self.push(Output::Abandoned { interaction: id, queue: name, waited, short });
    }

    pub(crate) fn end_conversation(&mut self, id: InteractionId, by: Party) {
        let Some(talk) = self.part(id, by) else { return };
        let (end, waited) = (QueueEnd::Served, talk.waited);
        self.push(Output::LeaveQueue {
            interaction: id,
            queue: talk.queue,
            end,
            waited,
            message: None,
        });
    }

    /// Parts customer and agent; the agent goes on to after-call work or what it asked for.
    fn part(&mut self, id: InteractionId, by: Party) -> Option<Talk> {
        let contact = self.interactions.get_mut(&id)?;
        let Phase::Talking(talk) = &contact.phase else { return None };
        let talk = talk.clone();
        contact.phase = Phase::InFlow;
        let talked = self.now - talk.since;
        let (agent, queue) = (talk.agent.clone(), talk.queue.clone());
        self.push(Output::Disconnect { interaction: id, agent, by, talked, queue });
        let wrap_up = self.queues.get(&talk.queue).map_or(talk.wrap_up, |q| q.config.wrap_up);
        self.end_work(&talk.agent, talked, wrap_up);
        Some(talk)
    }

    pub(crate) fn stay(&self, id: InteractionId) -> Option<&Stay> {
        match &self.interactions.get(&id)?.phase {
            Phase::Queued(stay) => Some(stay),
            Phase::InFlow | Phase::Talking(_) => None,
        }
    }

    pub(crate) fn stay_mut(&mut self, id: InteractionId) -> Option<&mut Stay> {
        match &mut self.interactions.get_mut(&id)?.phase {
            Phase::Queued(stay) => Some(stay),
            Phase::InFlow | Phase::Talking(_) => None,
        }
    }

    /// Ends the stay without a word. No offer may be in force.
    pub(crate) fn take_stay(&mut self, id: InteractionId) -> Option<Stay> {
        self.stay(id)?;
        self.leave_line(id);
        let contact = self.interactions.get_mut(&id)?;
        match mem::replace(&mut contact.phase, Phase::InFlow) {
            Phase::Queued(stay) => Some(*stay),
            Phase::InFlow | Phase::Talking(_) => None,
        }
    }

    /// Takes the contact out of the queue's line, with its timers and the question about it.
    fn leave_line(&mut self, id: InteractionId) {
        for timer in [Timer::Wait(id), Timer::Pause(id), Timer::Retry(id)] {
            self.timers.cancel(&timer);
        }
        let Some(stay) = self.stay(id) else { return };
        let (name, place, need) = (stay.queue.clone(), stay.place, stay.need.clone());
        let Some(queue) = self.queues.get_mut(&name) else { return };
        queue.line.remove(&place);
        queue.paused.remove(&place);
        queue.stop_waiting(&need, &place);
        let ask = queue.ask;
        if queue.closing && queue.line.is_empty() {
            self.queues.remove(&name);
        }
        if let Some(ask) =
            ask.filter(|ask| self.asks.get(ask).is_some_and(|ask| ask.place == place))
        {
            self.drop_ask(ask);
        }
    }
}
