//! Interactions: arrival, the stay in a queue, the conversation, the end.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::mem;
use std::time::Duration;

use crate::center::Center;
use crate::need::Need;
use crate::offer::{Progress, Ring};
use crate::queue::{Place, Queue};
use crate::table::{AgentKey, QueueKey};
use crate::timer::Timer;
use crate::{
    Channel, EndCause, Instant, InteractionId, Output, Party, QueueEnd, QueueId, QueueOptions,
    Refusal, Staffing, WithdrawReason,
};

/// One interaction in the centre.
#[derive(Debug)]
pub(crate) struct Interaction {
    pub(crate) channel: Channel,
    pub(crate) arrived: Instant,
    /// The customer's address, if not withheld.
    pub(crate) ani: Option<String>,
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

/// A stay in a queue and the queues it overflows or is moved to.
#[derive(Debug)]
pub(crate) struct Stay {
    pub(crate) queue: QueueKey,
    pub(crate) place: Place,
    /// From when on the wait counts: the joining of the first queue.
    pub(crate) since: Instant,
    /// When it joined this queue.
    pub(crate) joined: Instant,
    pub(crate) options: QueueOptions,
    pub(crate) need: Need,
    /// The step of the queue's eligibility in force.
    pub(crate) step: u32,
    /// Queues that were tried: a circle of overflows ends.
    pub(crate) visited: Vec<QueueKey>,
    /// Queues that a router moved it from or to: so does a circle of moves.
    pub(crate) moved: Vec<QueueKey>,
    /// How often routers changed its priority since its last offer.
    pub(crate) prioritised: u8,
    /// Agents whose offer of this contact failed, and when.
    pub(crate) failed: BTreeMap<AgentKey, Instant>,
    /// The offers in force.
    pub(crate) rings: Vec<Ring>,
    /// Who is to be rung besides, one after the other.
    pub(crate) progress: Option<Box<Progress>>,
    /// The queue's longest wait was reached while it rang: it moves on if the offer fails.
    overdue: bool,
}

impl Stay {
    /// A stay that begins `now`, whatever its place in line.
    pub(crate) fn new(
        queue: QueueKey,
        place: Place,
        now: Instant,
        options: QueueOptions,
        need: Need,
    ) -> Self {
        Self {
            queue,
            place,
            since: now,
            joined: now,
            options,
            need,
            step: 0,
            visited: vec![queue],
            moved: Vec::new(),
            prioritised: 0,
            failed: BTreeMap::new(),
            rings: Vec::new(),
            progress: None,
            overdue: false,
        }
    }
}

/// A conversation with an agent.
#[derive(Clone, Debug)]
pub(crate) struct Talk {
    pub(crate) agent: AgentKey,
    pub(crate) queue: QueueKey,
    pub(crate) since: Instant,
    pub(crate) waited: Duration,
}

impl Center {
    pub(crate) fn arrive(&mut self, id: InteractionId, channel: Channel, ani: Option<String>) {
        let limit = self.limits.interactions;
        if self.interactions.contains_key(&id) || id.callback().is_some() {
            self.push(Output::Refused { interaction: id, why: Refusal::AlreadyArrived });
        } else if limit as usize <= self.interactions.len() - self.recalls.in_line {
            let why = Refusal::TooManyInteractions { limit };
            self.push(Output::Refused { interaction: id, why });
        } else {
            let phase = Phase::InFlow;
            self.interactions.insert(id, Interaction { channel, arrived: self.now, ani, phase });
        }
    }

    pub(crate) fn enqueue(&mut self, id: InteractionId, name: &QueueId, options: QueueOptions) {
        let Some(contact) = self.interactions.get(&id) else { return };
        if !matches!(contact.phase, Phase::InFlow) {
            self.push(Output::Refused { interaction: id, why: Refusal::AlreadyQueued });
            return;
        }
        let Some(key) = self.joinable(name) else {
            let why = Refusal::UnknownQueue(name.clone());
            self.push(Output::Refused { interaction: id, why });
            return;
        };
        let queue = &self.queues[key];
        let need = Need::new(contact.channel, &options, &queue.config, 0, &self.skills);
        let since = options.waiting_since.map_or(self.now, |since| since.min(self.now));
        let place = Place {
            weight: Reverse(queue.config.weight),
            priority: Reverse(options.priority),
            joined: since,
            interaction: id,
        };
        let position = queue.position(&place);
        let (full, open) = (queue.is_full(), queue.door.is_open());
        let staffed = self.is_staffed(key, &need, queue.config.join_needs);
        self.push(Output::Queued { interaction: id, queue: name.clone(), position });
        let stay = Stay { since, ..Stay::new(key, place, self.now, options, need) };
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

    /// Returns the queue of this name, even if it is on its way out.
    pub(crate) fn known_queue(&self, name: &QueueId) -> Option<QueueKey> {
        self.queues.key(name).filter(|key| !self.queues[*key].gone)
    }

    /// Returns the queue of this name, if it is in the configuration.
    pub(crate) fn joinable(&self, name: &QueueId) -> Option<QueueKey> {
        self.queues.key(name).filter(|key| {
            let queue = &self.queues[*key];
            !queue.closing && !queue.gone
        })
    }

    /// Puts a contact in the line of the queue that its stay names.
    pub(crate) fn join(&mut self, id: InteractionId) {
        self.join_since(id, self.now);
    }

    /// The same for one who has stood there since `since`: timers and steps count from then.
    pub(crate) fn join_since(&mut self, id: InteractionId, since: Instant) {
        let Some(contact) = self.interactions.get_mut(&id) else { return };
        let Phase::Queued(stay) = &mut contact.phase else { return };
        let queue = &mut self.queues[stay.queue];
        stay.joined = since;
        stay.place.weight = Reverse(queue.config.weight);
        queue.enter(stay.place);
        queue.wait(&stay.need, stay.place);
        let key = stay.queue;
        self.dirty.insert(key);
        // To stay may ask for more than to join.
        if queue.config.stay_needs != Staffing::Nobody {
            self.vacated.insert(key);
        }
        self.blend_moved(key);
        self.time_wait(id);
        self.time_step(id);
        self.time_ageing(id);
        if self.stay(id).is_some_and(|stay| !stay.failed.is_empty()) {
            self.time_retry(id);
        }
    }

    /// Starts the timer of the longest wait anew.
    pub(crate) fn time_wait(&mut self, id: InteractionId) {
        let Some(stay) = self.stay(id) else { return };
        // A callback has all the time.
        let limited = !stay.overdue && id.callback().is_none();
        let queue = Some(&self.queues[stay.queue]).filter(|_| limited);
        let ends = [
            queue.and_then(|queue| queue.config.max_wait).map(|wait| stay.joined + wait),
            stay.options.max_wait.map(|wait| stay.since + wait),
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
        let own = stay.options.max_wait.is_some_and(|wait| stay.since + wait <= self.now);
        let moves_on = !own && self.overflow_target(stay).is_some();
        if !stay.rings.is_empty() && moves_on {
            // The phone is ringing: that is the best chance the contact has.
            if let Some(stay) = self.stay_mut(id) {
                stay.overdue = true;
            }
            self.time_wait(id);
            return;
        }
        self.stop_ringing(id, WithdrawReason::TimedOut);
        if moves_on {
            self.overflow_or_leave(id, QueueEnd::TimedOut);
        } else {
            self.leave(id, QueueEnd::TimedOut);
        }
    }

    /// No phone rings any more: the contact waits again at its place, or moves on if its time is
    /// over.
    pub(crate) fn back_in_line(&mut self, id: InteractionId) {
        let Some(stay) = self.stay_mut(id) else { return };
        let (overdue, key) = (mem::take(&mut stay.overdue), stay.queue);
        let (need, place) = (stay.need.clone(), stay.place);
        let queue = &self.queues[key];
        if queue.closing {
            self.leave(id, QueueEnd::Closed);
        } else if self.is_cleared(key) {
            self.find_closed(id);
        } else if overdue {
            self.overflow_or_leave(id, QueueEnd::TimedOut);
        } else if !self.is_staffed(key, &need, queue.config.stay_needs) {
            // While it rang, the last who could serve it has gone.
            self.leave(id, QueueEnd::NoAgents);
        } else {
            self.queues[key].wait(&need, place);
            self.dirty.insert(key);
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
    pub(crate) fn overflow_to(&mut self, id: InteractionId, to: QueueKey, visited: Vec<QueueKey>) {
        let Some(stay) = self.stay_mut(id) else { return };
        stay.visited = visited;
        let from = stay.queue;
        let from = self.queues[from].id.clone();
        let name = self.queues[to].id.clone();
        self.push(Output::Overflowed { interaction: id, from, to: name });
        self.change_queue(id, to);
    }

    /// Takes the contact from one line to another, at its place, with what it needs at first there.
    pub(crate) fn change_queue(&mut self, id: InteractionId, to: QueueKey) {
        self.leave_line(id);
        let Some(need) = self.stay(id).map(|stay| self.need_in(stay, to)) else { return };
        let Some(stay) = self.stay_mut(id) else { return };
        (stay.queue, stay.need, stay.step) = (to, need, 0);
        self.join(id);
    }

    /// Follows the overflow queues to the first that takes the contact; none twice in one stay.
    fn overflow_target(&self, stay: &Stay) -> Option<(QueueKey, Vec<QueueKey>)> {
        let mut visited = stay.visited.clone();
        let mut at = stay.queue;
        loop {
            at = self.joinable(self.queues[at].config.overflow.as_ref()?)?;
            if visited.contains(&at) {
                return None;
            }
            visited.push(at);
            let queue = &self.queues[at];
            let need = self.need_in(stay, at);
            if queue.door.is_open()
                && !queue.is_full()
                && self.is_staffed(at, &need, queue.config.join_needs)
            {
                return Some((at, visited));
            }
        }
    }

    /// Returns what the contact would need at first in another queue.
    pub(crate) fn need_in(&self, stay: &Stay, key: QueueKey) -> Need {
        let config = &self.queues[key].config;
        let need = Need::new(stay.need.channel, &stay.options, config, 0, &self.skills);
        need.of_only(stay.need.only())
    }

    /// Returns whether those are there whom the queue needs, of those who could serve `need`.
    pub(crate) fn is_staffed(&self, key: QueueKey, need: &Need, rule: Staffing) -> bool {
        let queue: &Queue = &self.queues[key];
        let there = |at: Staffing| {
            let mut agents = queue.agents.iter().map(|agent| &self.agents[*agent]);
            agents.any(|agent| at <= agent.presence() && need.met_by(agent, key))
        };
        match rule {
            Staffing::Nobody => true,
            Staffing::LoggedIn | Staffing::Working => there(rule),
            Staffing::Free => {
                let mut turns = queue.turns.of(need.channel);
                turns.any(|turn| need.met_by(&self.agents[turn.agent], key))
            }
        }
    }

    /// Ends the stay; the flow goes on.
    pub(crate) fn leave(&mut self, id: InteractionId, end: QueueEnd) {
        self.leave_with(id, end, None);
    }

    /// Ends the stay with something the customer is told.
    pub(crate) fn leave_with(&mut self, id: InteractionId, end: QueueEnd, message: Option<String>) {
        if id.callback().is_some() {
            return self.keep_callback(id);
        }
        let Some(stay) = self.take_stay(id) else { return };
        let waited = self.now - stay.since;
        let queue = self.queues[stay.queue].id.clone();
        self.push(Output::LeaveQueue { interaction: id, queue, end, waited, message });
    }

    pub(crate) fn leave_by_key(&mut self, id: InteractionId, key: char) {
        if self.stay(id).is_some() {
            self.stop_ringing(id, WithdrawReason::CustomerLeft);
            self.leave(id, QueueEnd::LeftByKey(key));
        }
    }

    /// The interaction is over, whatever it was doing.
    pub(crate) fn end(&mut self, id: InteractionId, cause: EndCause) {
        let contact = self.interactions.get(&id).filter(|_| id.callback().is_none());
        let Some(contact) = contact else { return };
        let arrived = contact.arrived;
        match &contact.phase {
            Phase::InFlow => (),
            Phase::Queued(_) => {
                self.stop_ringing(id, WithdrawReason::CustomerLeft);
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
        let Some(stay) = self.take_stay(id) else { return };
        let waited = self.now - stay.since;
        let queue = &mut self.queues[stay.queue];
        let short = waited < queue.config.short_abandon;
        if !short {
            queue.recent.count(self.now, false);
        }
        let queue = queue.id.clone();
        self.push(Output::Abandoned { interaction: id, queue, waited, short });
        self.call_back_abandoned(id, &stay, waited);
    }

    pub(crate) fn end_conversation(&mut self, id: InteractionId, by: Party) {
        if self.agent_gave_up(id) {
            return;
        }
        let Some(talk) = self.part(id, by) else { return };
        self.push(Output::LeaveQueue {
            interaction: id,
            queue: self.queues[talk.queue].id.clone(),
            end: QueueEnd::Served,
            waited: talk.waited,
            message: None,
        });
    }

    /// Parts customer and agent; the agent goes on to after-call work or what it asked for.
    fn part(&mut self, id: InteractionId, by: Party) -> Option<Talk> {
        let contact = self.interactions.get_mut(&id)?;
        let Phase::Talking(_) = &contact.phase else { return None };
        let Phase::Talking(talk) = mem::replace(&mut contact.phase, Phase::InFlow) else {
            return None;
        };
        let talked = self.now - talk.since;
        let agent = self.agents[talk.agent].id.clone();
        let queue = &self.queues[talk.queue];
        let (wrap_up, queue) = (queue.config.wrap_up, queue.id.clone());
        self.push(Output::Disconnect { interaction: id, agent, by, talked, queue });
        self.end_talk(talk.agent, id, talked, wrap_up);
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
    pub(crate) fn leave_line(&mut self, id: InteractionId) {
        let timers = [Timer::Wait, Timer::Pause, Timer::Retry, Timer::Relax, Timer::Age];
        for timer in timers {
            self.timers.cancel(&timer(id));
        }
        let Some(stay) = self.stay(id) else { return };
        let (key, place, need) = (stay.queue, stay.place, stay.need.clone());
        let queue = &mut self.queues[key];
        queue.exit(&place);
        queue.paused.remove(&place);
        queue.stop_waiting(&need, &place);
        let ask = queue.ask;
        if queue.closing && queue.line.is_empty() {
            queue.gone = true;
        }
        self.blend_moved(key);
        if let Some(ask) = ask.filter(|ask| self.asks.get(ask).is_some_and(|ask| ask.contact == id))
        {
            self.drop_ask(ask);
        }
    }
}
