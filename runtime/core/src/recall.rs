//! Callbacks in the engine: their places in line, their agents, and the calls that come of them.
//!
//! While it waits, a callback stands in its queue's line like a contact, under a name of its own
//! ([`InteractionId::of_callback`]), and is offered by the same rules. It is nobody on the phone: it
//! joins without [`Output::Queued`], leaves without [`Output::LeaveQueue`], does not fill the queue,
//! does not time out, and is offered only while the queue is open.
//!
//! * **Agent first.** The agent who accepts the offer is Busy and waits on the line while the customer
//!   is dialled. The call that comes of it is connected under the same offer, after no wait.
//! * **Customer first.** The customer is dialled when the callback would be offered, no more of them at
//!   once than agents are free; who answers takes the callback's place in line, and the wait counts
//!   from the answer.
//!
//! [`Callbacks`] is the book; here is what its entries mean to lines and agents. What the engine's
//! outputs mean to the book is noted as they are said and done when everything else has settled.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::mem;
use std::time::Duration;

use crate::capacity::{Work, WorkPhase};
use crate::center::Center;
use crate::interaction::{Interaction, Phase, Stay, Talk};
use crate::need::Need;
use crate::queue::Place;
use crate::table::{AgentKey, QueueKey};
use crate::timer::Timer;
use crate::{
    AgentId, Callback, CallbackDue, CallbackId, CallbackMode, CallbackOrigin, CallbackPhase,
    CallbackRequest, CallbackState, Callbacks, Channel, Input, Instant, InteractionId,
    OfferFailure, OfferId, Output, QueueEnd, QueueId, QueueOptions, Refusal, WithdrawReason,
};

/// A customer's phone that is not heard of for so long is not reached.
const DIAL_MAX: Duration = Duration::from_secs(120);
/// The longest number or address.
const ADDRESS_MAX: usize = 256;
/// By whom a callback is cancelled whose queue is gone.
const CONFIGURATION: &str = "configuration";

/// The callbacks of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Recalls {
    book: Callbacks,
    /// Calls that came of callbacks and have no agent yet.
    calls: BTreeMap<InteractionId, CallbackId>,
    /// The offers by which agents took callbacks whose customers are being dialled.
    taken: BTreeMap<CallbackId, OfferId>,
    /// What was said that means something to the book.
    noted: Vec<Noted>,
    /// How many stand among the interactions without being one.
    pub(crate) in_line: usize,
}

#[derive(Debug)]
enum Noted {
    Connected(InteractionId, QueueId),
    LeftLine(InteractionId),
    Over(InteractionId),
}

impl Center {
    /// Returns all open callbacks, the oldest request first.
    pub fn callbacks(&self) -> impl Iterator<Item = (CallbackId, &Callback)> {
        self.recalls.book.iter()
    }

    /// Takes one of the inputs about callbacks.
    pub(crate) fn callback_input(&mut self, input: Input) {
        match input {
            Input::CallbackRequested { interaction, queue, address, origin, owner, deadline } => {
                self.callback_requested(interaction, queue, address, origin, owner, deadline);
            }
            Input::CallbackCancelled { callback, by } => {
                if let Some((was, state)) = self.recalls.book.cancelled(callback, &by) {
                    self.drop_callback(callback, &was);
                    self.callback_changed(callback, &was, state);
                }
            }
            Input::CallbackReached { callback, interaction } => self.reached(callback, interaction),
            Input::CallbackNotReached { callback, failure } => self.not_reached(callback, failure),
            _ => (),
        }
        self.time_callbacks();
    }

    /// Notes what the engine's outputs mean to the book.
    pub(crate) fn observe_callbacks(&mut self, output: &Output) {
        let now = self.now;
        let Recalls { book, noted, .. } = &mut self.recalls;
        if book.is_empty() {
            return;
        }
        match output {
            Output::Offer { interaction, agent, .. } => {
                if let Some(callback) = interaction.callback() {
                    book.offered(now, callback, agent);
                }
            }
            Output::Prioritised { interaction, to, .. } => {
                if let Some(callback) = interaction.callback() {
                    book.prioritised(callback, *to);
                }
            }
            Output::Withdraw { interaction, .. } | Output::OfferLost { interaction, .. } => {
                if let Some(callback) = interaction.callback() {
                    book.offer_lost(callback);
                }
            }
            Output::Connect { interaction, queue, .. } => {
                noted.push(Noted::Connected(*interaction, queue.clone()));
            }
            Output::Abandoned { interaction, .. } => noted.push(Noted::LeftLine(*interaction)),
            Output::LeaveQueue { interaction, end, .. } if *end != QueueEnd::Served => {
                noted.push(Noted::LeftLine(*interaction));
            }
            Output::Closed { interaction, .. } => noted.push(Noted::Over(*interaction)),
            _ => (),
        }
    }

    /// Does what was noted.
    pub(crate) fn settle_callbacks(&mut self) {
        while !self.recalls.noted.is_empty() {
            for noted in mem::take(&mut self.recalls.noted) {
                match noted {
                    Noted::Connected(interaction, queue) => self.got_through(interaction, &queue),
                    Noted::LeftLine(interaction) => {
                        if let Some(callback) = self.recalls.calls.remove(&interaction) {
                            self.not_reached(callback, OfferFailure::NoAnswer);
                        }
                    }
                    Noted::Over(interaction) => {
                        for callback in self.recalls.book.hung_up(interaction) {
                            self.line_up(callback, self.now);
                        }
                    }
                }
            }
            self.time_callbacks();
        }
    }

    /// Does what is due by time alone.
    pub(crate) fn callbacks_due(&mut self) {
        while let Some((id, due)) = self.recalls.book.due(self.now) {
            match due {
                CallbackDue::Waiting => self.line_up(id, self.now),
                CallbackDue::Released => self.release_callback(id),
                CallbackDue::Overdue => {
                    let was = self.recalls.book.get(id).cloned();
                    if let Some(was) = was {
                        self.callback_changed(id, &was, CallbackState::Overdue);
                    }
                }
            }
        }
        self.time_callbacks();
    }

    fn time_callbacks(&mut self) {
        match self.recalls.book.next_deadline() {
            Some(at) => self.timers.set(Timer::Callbacks, at.max(self.now)),
            None => self.timers.cancel(&Timer::Callbacks),
        }
    }

    fn callback_requested(
        &mut self,
        id: InteractionId,
        name: Option<QueueId>,
        address: Option<String>,
        origin: CallbackOrigin,
        owner: Option<AgentId>,
        deadline: Option<Duration>,
    ) {
        let key = match &name {
            Some(name) => self.joinable(name).ok_or_else(|| Refusal::UnknownQueue(name.clone())),
            None => self.stay(id).map(|stay| stay.queue).ok_or(Refusal::NotQueued),
        };
        let key = match key {
            Ok(key) => key,
            Err(why) => return self.push(Output::Refused { interaction: id, why }),
        };
        let stay = self.stay(id).filter(|stay| stay.queue == key);
        let (joined, options) = match stay {
            Some(stay) => (stay.place.joined, kept(stay)),
            None => (self.now, QueueOptions::default()),
        };
        let deadline = self.now + deadline.unwrap_or(self.queues[key].config.callbacks.deadline);
        let request = CallbackRequest {
            interaction: id,
            on_the_line: self.interactions.contains_key(&id),
            queue: self.queues[key].id.clone(),
            address: address.or_else(|| self.ani(id)).unwrap_or_default().trim().to_owned(),
            origin,
            joined,
            options,
            owner: owner.filter(|owner| self.agents.key(owner).is_some()),
            deadline,
        };
        let leaves = stay.is_some();
        if self.take_request(key, request) && leaves {
            self.stop_ringing(id, WithdrawReason::CustomerLeft);
            self.leave(id, QueueEnd::Callback);
        }
    }

    /// A customer gave up: the queue may want it called back.
    pub(crate) fn call_back_abandoned(&mut self, id: InteractionId, stay: &Stay, waited: Duration) {
        let config = &self.queues[stay.queue].config;
        let wanted = config.callbacks.after_abandon.is_some_and(|least| least <= waited);
        // Its own call's callback is tried again anyway.
        if !wanted || self.queues[stay.queue].closing || self.recalls.calls.contains_key(&id) {
            return;
        }
        let Some(address) = self.ani(id) else { return };
        let request = CallbackRequest {
            interaction: id,
            on_the_line: true,
            queue: self.queues[stay.queue].id.clone(),
            address,
            origin: CallbackOrigin::Abandon,
            joined: stay.place.joined,
            options: kept(stay),
            owner: None,
            deadline: self.now + config.callbacks.deadline,
        };
        self.take_request(stay.queue, request);
        self.time_callbacks();
    }

    /// Enters a request in the book. Returns whether there is a callback now.
    fn take_request(&mut self, key: QueueKey, request: CallbackRequest) -> bool {
        let (interaction, queue) = (request.interaction, request.queue.clone());
        if request.address.is_empty() || ADDRESS_MAX < request.address.len() {
            self.push(Output::Refused { interaction, why: Refusal::NoAddress });
            return false;
        }
        let (limit, on_the_line) = (self.limits.callbacks, request.on_the_line);
        let rules = self.queues[key].config.callbacks.clone();
        let Some((callback, state)) = self.recalls.book.request(self.now, request, &rules, limit)
        else {
            self.push(Output::Refused { interaction, why: Refusal::TooManyCallbacks { limit } });
            return false;
        };
        if let CallbackState::Merged { into } = state {
            // Nobody is called who is on the line.
            if on_the_line && self.is_on_the_line(into) {
                self.leave_as_callback(into);
            }
        } else if !on_the_line {
            self.line_up(callback, self.now);
        }
        self.push(Output::CallbackChanged { callback, interaction, queue, state });
        true
    }

    fn is_on_the_line(&self, id: CallbackId) -> bool {
        let callback = self.recalls.book.get(id);
        callback.is_some_and(|callback| matches!(callback.phase, CallbackPhase::OnTheLine(_)))
    }

    fn ani(&self, id: InteractionId) -> Option<String> {
        self.interactions.get(&id)?.ani.clone()
    }

    /// Returns the last name that was given to a callback.
    pub(crate) const fn callbacks_named(&self) -> u64 {
        self.recalls.book.named()
    }

    /// Takes over the callbacks of the process before: each stands where it stood.
    pub(crate) fn restore_callbacks(&mut self, before: Vec<(CallbackId, Callback)>, named: u64) {
        for (id, was, state) in self.recalls.book.restore(self.now, before, named) {
            match state {
                Some(state) => self.callback_changed(id, &was, state),
                None => self.line_up(id, was.since),
            }
        }
        self.time_callbacks();
    }

    /// Puts a callback in its queue's line, at its place, where it has stood since `since`.
    fn line_up(&mut self, id: CallbackId, since: Instant) {
        let Some(callback) = self.recalls.book.get(id) else { return };
        if callback.phase != CallbackPhase::Waiting {
            return;
        }
        let Some(key) = self.joinable(&callback.queue) else {
            if let Some((was, state)) = self.recalls.book.cancelled(id, CONFIGURATION) {
                self.callback_changed(id, &was, state);
            }
            return;
        };
        let options = callback.options.clone();
        let config = &self.queues[key].config;
        let owner = callback.owner.clone().filter(|_| self.now < callback.owner_until);
        // The steps whose time has come count at once.
        let stood = self.now - since;
        let step = config.steps.iter().take_while(|step| step.after < stood).count();
        let step = u32::try_from(step).unwrap_or(u32::MAX);
        let need = Need::new(Channel::Voice, &options, config, step, &self.skills).of_only(owner);
        let place = Place {
            weight: Reverse(config.weight),
            priority: Reverse(options.priority),
            joined: callback.joined,
            interaction: InteractionId::of_callback(id),
        };
        let mut stay = Stay::new(key, place, since, options, need);
        stay.step = step;
        let interaction = Interaction {
            channel: Channel::Voice,
            arrived: self.now,
            ani: Some(callback.address.clone()),
            phase: Phase::Queued(Box::new(stay)),
        };
        self.recalls.book.lined_up(id, since);
        if self.interactions.insert(place.interaction, interaction).is_none() {
            self.recalls.in_line += 1;
        }
        self.join_since(place.interaction, since);
    }

    /// The owner's time is over: anyone may have it.
    fn release_callback(&mut self, id: CallbackId) {
        let name = InteractionId::of_callback(id);
        let Some(stay) = self.stay(name) else { return };
        let need = stay.need.clone().of_only(None);
        self.stand(name, stay.place, need);
    }

    /// Returns whether a place in line is to be served at all: a contact's always, a callback's while
    /// its queue is open and, customer first, somebody is free for one more.
    pub(crate) fn is_served_now(&self, key: QueueKey, place: &Place) -> bool {
        let Some(id) = place.interaction.callback() else { return true };
        let queue = &self.queues[key];
        let customer_first = self.mode(id) == Some(CallbackMode::CustomerFirst);
        let room = (queue.dialling as usize) < queue.turns.count(Channel::Voice);
        queue.door.is_open() && (!customer_first || room)
    }

    fn mode(&self, id: CallbackId) -> Option<CallbackMode> {
        self.recalls.book.get(id).map(|callback| callback.rules.mode)
    }

    /// Serves a callback whose turn has come, customer first. Returns whether it was one.
    pub(crate) fn dial_first(&mut self, name: InteractionId) -> bool {
        let Some(id) = name.callback() else { return false };
        if self.mode(id) != Some(CallbackMode::CustomerFirst) {
            return false;
        }
        self.leave_as_callback(id);
        self.dial(id, None);
        true
    }

    /// An agent took a callback: it waits on the line while the customer is dialled.
    pub(crate) fn callback_accepted(&mut self, offer: OfferId, name: InteractionId, key: AgentKey) {
        let Some(id) = name.callback() else { return };
        let Some(stay) = self.take_stay(name) else { return };
        if !self.is_in_line(id) {
            self.forget(name);
            return self.restate(key);
        }
        let talk = Talk { agent: key, queue: stay.queue, since: self.now, waited: Duration::ZERO };
        if let Some(contact) = self.interactions.get_mut(&name) {
            contact.phase = Phase::Talking(talk);
        }
        let agent = &mut self.agents[key];
        agent.works.push(Work {
            interaction: name,
            channel: Channel::Voice,
            queue: stay.queue,
            phase: WorkPhase::Talking,
            aside_for: None,
        });
        (agent.refusals, agent.idle_since) = (0, self.now);
        let agent = agent.id.clone();
        self.recalls.taken.insert(id, offer);
        self.dial(id, Some(agent));
        self.interrupt_works(key);
        self.restate(key);
    }

    fn is_in_line(&self, id: CallbackId) -> bool {
        let callback = self.recalls.book.get(id);
        callback.is_some_and(|callback| {
            matches!(callback.phase, CallbackPhase::Waiting | CallbackPhase::Offered(_))
        })
    }

    fn dial(&mut self, id: CallbackId, agent: Option<AgentId>) {
        let Some(state) = self.recalls.book.dialled(id, agent.clone()) else { return };
        let Some(callback) = self.recalls.book.get(id).cloned() else { return };
        self.callback_changed(id, &callback, state);
        self.timers.set(Timer::Dial(id), self.now + DIAL_MAX);
        let (address, queue) = (callback.address, callback.queue);
        if let Some(key) = self.queues.key(&queue).filter(|_| agent.is_none()) {
            self.queues[key].dialling += 1;
        }
        self.push(Output::Dial { callback: id, address, queue, agent });
        self.time_callbacks();
    }

    /// Nothing was heard of a customer's phone.
    pub(crate) fn dial_is_over(&mut self, id: CallbackId) {
        self.push(Output::StopDialling { callback: id });
        self.not_reached(id, OfferFailure::NoAnswer);
        self.time_callbacks();
    }

    /// The customer answered: the call is the agent's who waits for it, or takes the place in line.
    fn reached(&mut self, id: CallbackId, call: InteractionId) {
        let in_flow = self
            .interactions
            .get(&call)
            .is_some_and(|contact| matches!(contact.phase, Phase::InFlow));
        // A call that is gone already is not reached: the shell says so or the time runs out.
        if !in_flow {
            return;
        }
        let Some(agent) = self.recalls.book.reached(id, call) else { return };
        self.timers.cancel(&Timer::Dial(id));
        let Some(callback) = self.recalls.book.get(id).cloned() else { return };
        match agent {
            Some(_) => self.connect_reached(id, &callback, call),
            None => self.line_up_reached(id, &callback, call),
        }
    }

    fn connect_reached(&mut self, id: CallbackId, callback: &Callback, call: InteractionId) {
        let name = InteractionId::of_callback(id);
        let Some(Phase::Talking(talk)) = self.forget(name).map(|contact| contact.phase) else {
            return;
        };
        let Some(offer) = self.recalls.taken.remove(&id) else { return };
        let (now, key) = (self.now, talk.agent);
        if let Some(contact) = self.interactions.get_mut(&call) {
            contact.phase = Phase::Talking(Talk { since: now, ..talk.clone() });
        }
        let works = &mut self.agents[key].works;
        if let Some(work) = works.iter_mut().find(|work| work.interaction == name) {
            work.interaction = call;
        }
        let queue = &mut self.queues[talk.queue];
        queue.recent.count(now, true);
        let (queue, agent) = (queue.id.clone(), self.agents[key].id.clone());
        let joins = Output::Queued { interaction: call, queue: queue.clone(), position: 1 };
        self.push(joins);
        let waited = Duration::ZERO;
        self.push(Output::Connect {
            offer,
            interaction: call,
            agent,
            queue,
            waited,
            in_target: true,
        });
        if let Some(state) = self.recalls.book.done(id) {
            self.callback_changed(id, callback, state);
        }
    }

    fn line_up_reached(&mut self, id: CallbackId, callback: &Callback, call: InteractionId) {
        self.dialled_no_more(&callback.queue);
        let Some(key) = self.joinable(&callback.queue) else {
            return self.not_reached(id, OfferFailure::Failed);
        };
        let options = callback.options.clone();
        let queue = &self.queues[key];
        let need = Need::new(Channel::Voice, &options, &queue.config, 0, &self.skills);
        let place = Place {
            weight: Reverse(queue.config.weight),
            priority: Reverse(options.priority),
            joined: callback.joined,
            interaction: call,
        };
        let position = queue.position(&place);
        let stay = Stay::new(key, place, self.now, options, need);
        if let Some(contact) = self.interactions.get_mut(&call) {
            contact.phase = Phase::Queued(Box::new(stay));
        }
        self.recalls.calls.insert(call, id);
        let queue = callback.queue.clone();
        self.push(Output::Queued { interaction: call, queue, position });
        self.join(call);
    }

    /// A try came to nothing.
    fn not_reached(&mut self, id: CallbackId, failure: OfferFailure) {
        let Some(was) = self.recalls.book.get(id).cloned() else { return };
        let Some(state) = self.recalls.book.not_reached(self.now, id, failure) else { return };
        self.drop_callback_call(id, &was);
        self.callback_changed(id, &was, state);
    }

    /// An agent who waits for a customer's answer hangs up. Returns whether it was one.
    pub(crate) fn agent_gave_up(&mut self, name: InteractionId) -> bool {
        let Some(id) = name.callback() else { return false };
        if self.recalls.taken.contains_key(&id) {
            self.push(Output::StopDialling { callback: id });
            self.not_reached(id, OfferFailure::Failed);
            self.time_callbacks();
        }
        true
    }

    /// A customer has an agent: what was to come of a callback is done, or no longer wanted.
    fn got_through(&mut self, interaction: InteractionId, queue: &QueueId) {
        if let Some(id) = self.recalls.calls.remove(&interaction) {
            let was = self.recalls.book.get(id).cloned();
            if let Some((was, state)) = was.zip(self.recalls.book.done(id)) {
                self.callback_changed(id, &was, state);
            }
        }
        // Who was called back from one queue and moved may have another callback where it arrived.
        let Some(address) = self.ani(interaction) else { return };
        let gone = self.recalls.book.got_through(queue, &address, interaction);
        if let Some((id, was)) = gone {
            self.drop_callback(id, &was);
            self.callback_changed(id, &was, CallbackState::GotThrough);
        }
    }

    /// Ends what goes on for a callback that is over: its place, its offers, its call.
    fn drop_callback(&mut self, id: CallbackId, was: &Callback) {
        if let CallbackPhase::Dialling(_) = was.phase {
            self.push(Output::StopDialling { callback: id });
        }
        self.drop_callback_call(id, was);
        self.leave_as_callback(id);
    }

    /// Ends the call to a customer, and sets the agent free who waits for it.
    fn drop_callback_call(&mut self, id: CallbackId, was: &Callback) {
        self.timers.cancel(&Timer::Dial(id));
        match &was.phase {
            CallbackPhase::Dialling(None) => self.dialled_no_more(&was.queue),
            CallbackPhase::Dialling(Some(_)) => {
                self.recalls.taken.remove(&id);
                let name = InteractionId::of_callback(id);
                let Some(Phase::Talking(talk)) = self.forget(name).map(|contact| contact.phase)
                else {
                    return;
                };
                self.agents[talk.agent].works.retain(|work| work.interaction != name);
                self.restate(talk.agent);
            }
            _ => (),
        }
    }

    fn dialled_no_more(&mut self, queue: &QueueId) {
        // A queue that is gone meanwhile may come back, and must not be short of agents then.
        if let Some(key) = self.queues.key(queue) {
            let queue = &mut self.queues[key];
            queue.dialling = queue.dialling.saturating_sub(1);
            self.dirty.insert(key);
        }
    }

    /// Takes a callback out of its queue's line.
    fn leave_as_callback(&mut self, id: CallbackId) {
        let name = InteractionId::of_callback(id);
        self.stop_ringing(name, WithdrawReason::CustomerLeft);
        if self.take_stay(name).is_some() {
            self.forget(name);
        }
    }

    fn forget(&mut self, name: InteractionId) -> Option<Interaction> {
        let contact = self.interactions.remove(&name)?;
        self.recalls.in_line -= 1;
        Some(contact)
    }

    /// The line would let go a callback. It stays, unless its queue is gone.
    pub(crate) fn keep_callback(&mut self, name: InteractionId) {
        let (Some(id), Some(stay)) = (name.callback(), self.stay(name)) else { return };
        let (key, place, need) = (stay.queue, stay.place, stay.need.clone());
        if self.queues[key].closing {
            if let Some((was, state)) = self.recalls.book.cancelled(id, CONFIGURATION) {
                self.drop_callback(id, &was);
                self.callback_changed(id, &was, state);
            }
        } else if self.stay(name).is_some_and(|stay| stay.rings.is_empty())
            && !self.queues[key].paused.contains(&place)
        {
            self.queues[key].wait(&need, place);
            self.dirty.insert(key);
        }
    }

    fn callback_changed(&mut self, callback: CallbackId, was: &Callback, state: CallbackState) {
        let (interaction, queue) = (was.interaction, was.queue.clone());
        self.push(Output::CallbackChanged { callback, interaction, queue, state });
    }
}

/// What a callback needs of agents: what the contact needed. Its own limit of waiting is over.
fn kept(stay: &Stay) -> QueueOptions {
    let options = stay.options.clone();
    let priority = stay.place.priority.0;
    QueueOptions { priority, max_wait: None, waiting_since: None, ..options }
}
