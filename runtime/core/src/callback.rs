//! Callbacks: customers who are to be called, and what has become of each.
//!
//! ```text
//! OnTheLine --hung up--> Waiting --offered--> Offered --accepted--> Dialling --reached--> Connected --> done
//!                         ^  ^  ^                |                   ^  |                     |
//!                         |  |  +--offer lost----+                   |  +---not reached---+   |
//!                         |  +-------------- customer first ---------+                    |   |
//!                         +---time is over--- Retrying <----------------------------------+---+ lost
//!                                                 or failed, after the last try
//! ```
//!
//! * **The place is kept.** A callback stands in line by the priority and the time of joining of the
//!   contact it was made from, however often it is tried.
//! * **One customer, one callback.** Who asks again for the same number in the same queue gets no
//!   second one: the earlier counts, with its place.
//! * **Nobody is called who is on the line.** A callback waits until the contact that asked is over,
//!   and is dropped when the customer gets through.
//! * **An owner has it alone for a while**, then anyone may; a deadline that passes without a try under
//!   way raises one alarm, and the callback stays in line.
//!
//! [`Callbacks`] is the book of all that are open. It keeps no line and rings nobody: the engine does,
//! and says here what happened. What does not fit the state of a callback is a race and changes
//! nothing.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, CallbackId, CallbackOrigin, CallbackRules, CallbackState, Instant, InteractionId,
    OfferFailure, QueueId, QueueOptions,
};

/// A customer who is to be called.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Callback {
    /// The contact that asked for it.
    pub interaction: InteractionId,
    /// In whose line it stands.
    pub queue: QueueId,
    /// The number to be called.
    pub address: String,
    /// How it came about.
    pub origin: CallbackOrigin,
    /// When the contact joined the queue, or asked: the place in line.
    pub joined: Instant,
    /// Since when it stands in line: ageing and the steps of eligibility count from here.
    #[serde(default)]
    pub since: Instant,
    /// What an agent needs, and the priority in line.
    pub options: QueueOptions,
    /// Who is to call, until `owner_until`.
    pub owner: Option<AgentId>,
    /// From when on anyone may call.
    pub owner_until: Instant,
    /// When the alarm goes off.
    pub deadline: Instant,
    /// How it is made: the queue's rules when it was asked for.
    pub rules: CallbackRules,
    /// Tries begun.
    pub attempts: u32,
    /// Whether the alarm went off.
    pub overdue: bool,
    /// What is going on.
    pub phase: CallbackPhase,
}

/// What is going on with a callback.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackPhase {
    /// The customer is still, or again, in the centre with this contact.
    OnTheLine(InteractionId),
    /// It is in line.
    Waiting,
    /// An agent is asked to take it.
    Offered(AgentId),
    /// The customer's phone rings; agent-first, this agent waits on the line.
    Dialling(Option<AgentId>),
    /// The customer was not reached; it is in line again at this time.
    Retrying(Instant),
    /// The customer answered, as this interaction.
    Connected(InteractionId),
}

/// A callback's place in line, and how it is made.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct CallbackPlace {
    /// When the contact joined the queue, or asked.
    pub joined: Instant,
    /// What an agent needs, and the priority in line.
    pub options: QueueOptions,
    /// From when on anyone may call, whoever is the owner.
    pub owner_until: Instant,
    /// The queue's rules when it was asked for.
    pub rules: CallbackRules,
}

/// A request for a callback.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CallbackRequest {
    /// The contact that asks.
    pub interaction: InteractionId,
    /// Whether that contact is still in the centre.
    pub on_the_line: bool,
    /// In whose line it shall stand.
    pub queue: QueueId,
    /// The number to be called.
    pub address: String,
    /// How it came about.
    pub origin: CallbackOrigin,
    /// When the contact joined the queue; the moment of asking if it was in none.
    pub joined: Instant,
    /// What an agent needs, and the priority in line.
    pub options: QueueOptions,
    /// Who is to call.
    pub owner: Option<AgentId>,
    /// When the alarm goes off.
    pub deadline: Instant,
}

/// Something that is due by time alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CallbackDue {
    /// The time between two tries is over: it is in line again.
    Waiting,
    /// Anyone may have it now.
    Released,
    /// The deadline passed.
    Overdue,
}

/// All open callbacks of one tenant.
#[derive(Clone, Debug, Default)]
pub struct Callbacks {
    open: BTreeMap<CallbackId, Callback>,
    /// One for each customer and queue.
    by_customer: BTreeMap<(QueueId, String), CallbackId>,
    /// Who waits for the end of which contact.
    on_the_line: BTreeMap<InteractionId, BTreeSet<CallbackId>>,
    /// The next thing that is due for each, by time.
    agenda: BTreeSet<(Instant, CallbackId)>,
    planned: BTreeMap<CallbackId, Instant>,
    last: u64,
}

impl Callbacks {
    /// Takes a request at `now`. Returns the new callback's name and what became of it: in line, or
    /// merged into the one the customer has already. Returns `None` if `limit` are open.
    pub fn request(
        &mut self,
        now: Instant,
        request: CallbackRequest,
        rules: &CallbackRules,
        limit: u32,
    ) -> Option<(CallbackId, CallbackState)> {
        let CallbackRequest { interaction, on_the_line, queue, address, .. } = request;
        let customer = (queue, address);
        if let Some(&into) = self.by_customer.get(&customer) {
            if on_the_line {
                self.hold(into, interaction);
            }
            return Some((self.name(), CallbackState::Merged { into }));
        }
        if limit as usize <= self.open.len() {
            return None;
        }
        let CallbackRequest { origin, joined, options, owner, deadline, .. } = request;
        let callback = Callback {
            interaction,
            queue: customer.0.clone(),
            address: customer.1.clone(),
            origin,
            joined,
            since: now,
            options,
            owner_until: if owner.is_some() { now + rules.owner_only } else { now },
            owner,
            deadline,
            rules: rules.clone(),
            attempts: 0,
            overdue: false,
            phase: CallbackPhase::Waiting,
        };
        let said = CallbackState::Waiting {
            address: callback.address.clone(),
            origin,
            owner: callback.owner.clone(),
            deadline,
            place: Box::new(CallbackPlace {
                joined,
                options: callback.options.clone(),
                owner_until: callback.owner_until,
                rules: callback.rules.clone(),
            }),
        };
        let id = self.name();
        self.by_customer.insert(customer, id);
        self.open.insert(id, callback);
        self.plan(id);
        if on_the_line {
            self.hold(id, interaction);
        }
        Some((id, said))
    }

    /// Takes over the callbacks of the process before, with their names, and returns what becomes of
    /// those that were not just waiting: a try that was under way came to nothing. One that is here
    /// already stays as it is.
    pub fn restore(
        &mut self,
        now: Instant,
        before: Vec<(CallbackId, Callback)>,
        named: u64,
    ) -> Vec<(CallbackId, Callback, Option<CallbackState>)> {
        self.last = self.last.max(named);
        let mut taken = Vec::new();
        for (id, callback) in before {
            let customer = (callback.queue.clone(), callback.address.clone());
            if self.open.contains_key(&id) || self.by_customer.contains_key(&customer) {
                continue;
            }
            self.last = self.last.max(id.0);
            self.by_customer.insert(customer, id);
            let was = callback.clone();
            self.open.insert(id, callback);
            self.plan(id);
            taken.push((id, was, self.not_reached(now, id, OfferFailure::Failed)));
        }
        taken
    }

    /// Returns the last name that was given.
    pub const fn named(&self) -> u64 {
        self.last
    }

    /// It stands in line from `since` on.
    pub fn lined_up(&mut self, id: CallbackId, since: Instant) {
        if let Some(callback) = self.open.get_mut(&id) {
            callback.since = since;
        }
    }

    /// Its priority in line is another one.
    pub fn prioritised(&mut self, id: CallbackId, priority: i8) {
        if let Some(callback) = self.open.get_mut(&id) {
            callback.options.priority = priority;
        }
    }

    /// Returns a callback, if it is open.
    pub fn get(&self, id: CallbackId) -> Option<&Callback> {
        self.open.get(&id)
    }

    /// Returns all open callbacks, the oldest request first.
    pub fn iter(&self) -> impl Iterator<Item = (CallbackId, &Callback)> {
        self.open.iter().map(|(id, callback)| (*id, callback))
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Returns the customer's callback in this queue.
    pub fn of_customer(&self, queue: &QueueId, address: &str) -> Option<CallbackId> {
        self.by_customer.get(&(queue.clone(), address.to_owned())).copied()
    }

    /// A contact is over. Returns the callbacks that are in line from now on.
    pub fn hung_up(&mut self, interaction: InteractionId) -> Vec<CallbackId> {
        let waiting = self.on_the_line.remove(&interaction).unwrap_or_default();
        for id in &waiting {
            self.enter(*id, CallbackPhase::Waiting);
        }
        waiting.into_iter().collect()
    }

    /// An agent is asked to take it. Returns whether that may be: it is in line, and the agent is the
    /// owner or anyone may.
    pub fn offered(&mut self, now: Instant, id: CallbackId, agent: &AgentId) -> bool {
        let fits = self.open.get(&id).is_some_and(|callback| {
            callback.phase == CallbackPhase::Waiting && callback.is_for(agent, now)
        });
        if fits {
            self.enter(id, CallbackPhase::Offered(agent.clone()));
        }
        fits
    }

    /// The agent did not take it: it is in line again. Returns whether it was offered.
    pub fn offer_lost(&mut self, id: CallbackId) -> bool {
        let offered = matches!(self.phase(id), Some(CallbackPhase::Offered(_)));
        if offered {
            self.enter(id, CallbackPhase::Waiting);
        }
        offered
    }

    /// The customer is dialled: this agent took it, or, customer-first, its turn has come.
    pub fn dialled(&mut self, id: CallbackId, agent: Option<AgentId>) -> Option<CallbackState> {
        let callback = self.open.get_mut(&id)?;
        if !matches!(callback.phase, CallbackPhase::Waiting | CallbackPhase::Offered(_)) {
            return None;
        }
        callback.attempts += 1;
        let attempt = callback.attempts;
        self.enter(id, CallbackPhase::Dialling(agent));
        Some(CallbackState::Dialling { attempt })
    }

    /// The customer answered, as a new interaction. Returns the agent who waits on the line, if one
    /// does; `None` if the customer was not being dialled.
    pub fn reached(&mut self, id: CallbackId, as_: InteractionId) -> Option<Option<AgentId>> {
        let CallbackPhase::Dialling(agent) = self.phase(id)?.clone() else { return None };
        self.enter(id, CallbackPhase::Connected(as_));
        Some(agent)
    }

    /// The try came to nothing: the customer did not answer, or answered and left before an agent
    /// came. Returns what becomes of it: another try, or the end after the last.
    pub fn not_reached(
        &mut self,
        now: Instant,
        id: CallbackId,
        failure: OfferFailure,
    ) -> Option<CallbackState> {
        let tried =
            matches!(self.phase(id)?, CallbackPhase::Dialling(_) | CallbackPhase::Connected(_));
        let callback = self.open.get(&id).filter(|_| tried)?;
        if callback.rules.attempts <= callback.attempts {
            self.remove(id);
            return Some(CallbackState::Failed);
        }
        let at = now + callback.rules.retry;
        self.enter(id, CallbackPhase::Retrying(at));
        Some(CallbackState::Retry { at, failure })
    }

    /// Customer and agent talk: that is what it was for.
    pub fn done(&mut self, id: CallbackId) -> Option<CallbackState> {
        let connected = matches!(self.phase(id)?, CallbackPhase::Connected(_));
        connected.then(|| self.remove(id)).map(|_| CallbackState::Done)
    }

    /// It is no longer wanted. Returns what it was; nothing if it is over, or the customer is
    /// connected already.
    pub fn cancelled(&mut self, id: CallbackId, by: &str) -> Option<(Callback, CallbackState)> {
        let open = !matches!(self.phase(id)?, CallbackPhase::Connected(_));
        let callback = open.then(|| self.remove(id)).flatten()?;
        Some((callback, CallbackState::Cancelled { by: by.to_owned() }))
    }

    /// A customer got an agent in this queue, as an interaction that may be the callback's own.
    /// Returns the callback that is not needed any more, as it was.
    pub fn got_through(
        &mut self,
        queue: &QueueId,
        address: &str,
        interaction: InteractionId,
    ) -> Option<(CallbackId, Callback)> {
        let id = self.of_customer(queue, address)?;
        match self.phase(id)? {
            CallbackPhase::Connected(own) if *own == interaction => None,
            _ => self.remove(id).map(|callback| (id, callback)),
        }
    }

    /// Returns when [`Callbacks::due`] is next needed.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.agenda.first().map(|(at, _)| *at)
    }

    /// Returns the next thing that is due at `now`, until nothing is.
    pub fn due(&mut self, now: Instant) -> Option<(CallbackId, CallbackDue)> {
        let (at, id) = self.agenda.first().copied().filter(|(at, _)| *at <= now)?;
        let callback = self.open.get_mut(&id)?;
        let due = if callback.phase == CallbackPhase::Retrying(at) {
            callback.phase = CallbackPhase::Waiting;
            CallbackDue::Waiting
        } else if callback.owner.is_some() && callback.owner_until == at {
            callback.owner = None;
            CallbackDue::Released
        } else {
            callback.overdue = true;
            CallbackDue::Overdue
        };
        self.plan(id);
        Some((id, due))
    }

    fn name(&mut self) -> CallbackId {
        self.last += 1;
        CallbackId(self.last)
    }

    fn phase(&self, id: CallbackId) -> Option<&CallbackPhase> {
        self.open.get(&id).map(|callback| &callback.phase)
    }

    /// Waits for the end of a contact, unless the customer is being dialled.
    fn hold(&mut self, id: CallbackId, interaction: InteractionId) {
        use CallbackPhase::{Offered, Retrying, Waiting};
        if let Some(Waiting | Offered(_) | Retrying(_)) = self.phase(id) {
            self.enter(id, CallbackPhase::OnTheLine(interaction));
            self.on_the_line.entry(interaction).or_default().insert(id);
        }
    }

    fn enter(&mut self, id: CallbackId, phase: CallbackPhase) {
        if let Some(callback) = self.open.get_mut(&id) {
            callback.phase = phase;
        }
        self.plan(id);
    }

    /// Puts the next thing that is due for a callback on the agenda.
    fn plan(&mut self, id: CallbackId) {
        if let Some(at) = self.planned.remove(&id) {
            self.agenda.remove(&(at, id));
        }
        if let Some(at) = self.open.get(&id).and_then(Callback::next_due) {
            self.agenda.insert((at, id));
            self.planned.insert(id, at);
        }
    }

    fn remove(&mut self, id: CallbackId) -> Option<Callback> {
        let callback = self.open.remove(&id)?;
        self.plan(id);
        self.by_customer.remove(&(callback.queue.clone(), callback.address.clone()));
        if let CallbackPhase::OnTheLine(interaction) = callback.phase
            && let Some(held) = self.on_the_line.get_mut(&interaction)
        {
            held.remove(&id);
            if held.is_empty() {
                self.on_the_line.remove(&interaction);
            }
        }
        Some(callback)
    }
}

impl Callback {
    /// Returns whether `agent` may have it at `now`.
    pub fn is_for(&self, agent: &AgentId, now: Instant) -> bool {
        self.owner.as_ref().is_none_or(|owner| owner == agent || self.owner_until <= now)
    }

    fn next_due(&self) -> Option<Instant> {
        let retry = match self.phase {
            CallbackPhase::Retrying(at) => Some(at),
            _ => None,
        };
        let released = self.owner.is_some().then_some(self.owner_until);
        // A try that is under way is what the alarm asks for.
        let tried = matches!(self.phase, CallbackPhase::Dialling(_) | CallbackPhase::Connected(_));
        let overdue = (!self.overdue && !tried).then_some(self.deadline);
        [retry, released, overdue].into_iter().flatten().min()
    }
}
