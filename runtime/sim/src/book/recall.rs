//! Callbacks: none is lost, each keeps its place, one customer has one in a queue, and each ends by a
//! rule: the customer is called, gets through, cancels, or is given up after the last try.
//!
//! A callback in line is entered like a contact, under its name in line, so that every rule about
//! offers, turns and places is asked of it too.

mod restart;

use std::collections::BTreeMap;

use jackfield_core::{
    AgentId, CallbackId, CallbackMode, CallbackOrigin, CallbackPhase, CallbackRules, CallbackState,
    CenterSnapshot, Channel, Input, Instant, InteractionId, JournalRecord, Output, QueueId,
    QueueOptions,
};

use super::{Book, Contact, Stay, Where, Wrong, ensure};

/// A callback as the world was told of it.
#[derive(Clone, Debug)]
pub(crate) struct Recall {
    /// The contact that asked.
    pub(crate) contact: InteractionId,
    pub(crate) queue: QueueId,
    pub(crate) address: String,
    /// The place in line.
    pub(crate) joined: Instant,
    options: QueueOptions,
    owner: Option<(AgentId, Instant)>,
    pub(crate) deadline: Instant,
    /// The queue's when it was asked for.
    rules: CallbackRules,
    attempts: u32,
    overdue: bool,
    pub(crate) phase: RecallPhase,
    /// Since when it is in that phase.
    since: Instant,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum RecallPhase {
    /// It waits for the end of this contact.
    OnTheLine(InteractionId),
    InLine,
    /// Agent first, this one waits on the line.
    Dialling(Option<AgentId>),
    Retrying(Instant),
    Connected(InteractionId),
}

/// What is known of callbacks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recalls {
    pub(crate) open: BTreeMap<CallbackId, Recall>,
    /// Calls that customers answered, in this record.
    reached: BTreeMap<InteractionId, (CallbackId, Option<AgentId>)>,
    /// Who got an agent in which queue, in this record.
    connected: Vec<(QueueId, String, InteractionId)>,
}

impl Book {
    /// Returns whether the customer of a callback is being dialled.
    pub fn is_dialling(&self, callback: CallbackId) -> bool {
        let recall = self.recalls.open.get(&callback);
        recall.is_some_and(|recall| matches!(recall.phase, RecallPhase::Dialling(_)))
    }

    /// Returns the open callbacks.
    pub fn open_callbacks(&self) -> impl Iterator<Item = CallbackId> {
        self.recalls.open.keys().copied()
    }

    /// What an input means before the engine has said anything: tries whose time has come.
    pub(super) fn recalls_begin(&mut self, record: &JournalRecord) {
        (self.recalls.reached, self.recalls.connected) = Default::default();
        let now = record.at;
        let is_due = |recall: &Recall| match recall.phase {
            RecallPhase::Retrying(at) => at <= now,
            _ => false,
        };
        let due: Vec<CallbackId> =
            self.recalls.open.iter().filter(|(_, r)| is_due(r)).map(|(id, _)| *id).collect();
        due.into_iter().for_each(|id| self.recall_lines_up(id, now));
        // The agent who waited on the line is free before the world hears why.
        for output in &record.outputs {
            if let Output::CallbackChanged { callback, state, .. } = output
                && !matches!(state, CallbackState::Done | CallbackState::Overdue)
                && let Some(recall) = self.recalls.open.get(callback)
            {
                let phase = recall.phase.clone();
                self.agent_is_free(*callback, &phase);
            }
        }
        if let Input::CallbackReached { callback, interaction } = &record.input
            && let Some(recall) = self.recalls.open.get(callback)
            && let RecallPhase::Dialling(agent) = &recall.phase
        {
            self.recalls.reached.insert(*interaction, (*callback, agent.clone()));
        }
    }

    /// What must hold of callbacks when a record is complete.
    pub(super) fn recalls_end(&self) -> Result<(), Wrong> {
        for (queue, address, call) in &self.recalls.connected {
            let mut open = self.recalls.open.iter();
            let left = open.find(|(_, recall)| {
                recall.queue == *queue
                    && recall.address == *address
                    && recall.phase != RecallPhase::Connected(*call)
            });
            if let Some((id, _)) = left {
                ensure!(false, Callback, "callback {id} is open, but {address} got through");
            }
        }
        for (id, recall) in &self.recalls.open {
            let tried =
                matches!(recall.phase, RecallPhase::Dialling(_) | RecallPhase::Connected(_));
            let due = !recall.overdue && !tried && recall.deadline.max(recall.since) < self.now;
            ensure!(!due, Callback, "callback {id} was due at {}: no alarm", recall.deadline);
        }
        Ok(())
    }

    /// It is in line now, where it has stood since `since`.
    fn recall_lines_up(&mut self, id: CallbackId, since: Instant) {
        let now = self.now;
        let Some(recall) = self.recalls.open.get_mut(&id) else { return };
        (recall.phase, recall.since) = (RecallPhase::InLine, now);
        let (queue, options, joined) =
            (recall.queue.clone(), recall.options.clone(), recall.joined);
        let (name, priority) = (InteractionId::of_callback(id), options.priority);
        // The engine cancels those whose queue is gone, and says so.
        if !self.config.queues.contains_key(&queue) {
            return;
        }
        let stay =
            Stay { place: joined, priority, ..Stay::new(queue.clone(), since, options.clone()) };
        let whereabouts = Where::Queue(Box::new(stay));
        let ani = Some(recall.address.clone());
        let contact = Contact { channel: Channel::Voice, whereabouts, options, ani, last: None };
        self.contacts.insert(name, contact);
        self.lines.entry(queue).or_default().insert(name);
        self.step_again(name);
        self.need_again(name);
    }

    /// A priority that rose in line stays with the callback over its tries.
    pub(super) fn recall_prioritised(&mut self, name: InteractionId, priority: i8) {
        let recall = name.callback().and_then(|id| self.recalls.open.get_mut(&id));
        if let Some(recall) = recall {
            recall.options.priority = priority;
        }
    }

    fn recall_leaves_line(&mut self, id: CallbackId) {
        let name = InteractionId::of_callback(id);
        self.leave_line(name);
        self.contacts.remove(&name);
    }

    /// A contact is over: who waits for its end to be called back is in line.
    pub(super) fn recalls_after(&mut self, contact: InteractionId) {
        let open = self.recalls.open.iter();
        let waits = open.filter(|(_, r)| r.phase == RecallPhase::OnTheLine(contact));
        let waits: Vec<CallbackId> = waits.map(|(id, _)| *id).collect();
        waits.into_iter().for_each(|id| self.recall_lines_up(id, self.now));
    }

    pub(super) fn callback_changed(
        &mut self,
        callback: CallbackId,
        contact: InteractionId,
        queue: &QueueId,
        state: &CallbackState,
    ) -> Result<(), Wrong> {
        if let CallbackState::Waiting { address, origin, owner, deadline, .. } = state {
            let asked = (address.clone(), *origin, owner.clone(), *deadline);
            return self.recall_asked(callback, contact, queue, asked);
        }
        if let CallbackState::Merged { into } = state {
            return self.recall_merged(*into, contact, queue);
        }
        let Some(recall) = self.recalls.open.get(&callback).cloned() else {
            ensure!(false, Callback, "callback {callback} is {state:?} and is not open");
            return Ok(());
        };
        ensure!(recall.queue == *queue, Callback, "callback {callback} is not of {queue}");
        let (phase, tried) = (recall.phase.clone(), recall.attempts);
        let most = recall.rules.attempts;
        match state {
            CallbackState::Waiting { .. } | CallbackState::Merged { .. } => (),
            CallbackState::Dialling { attempt } => {
                let in_line = phase == RecallPhase::InLine;
                ensure!(in_line, Callback, "callback {callback} is dialled, but it is {phase:?}");
                let right = *attempt == tried + 1 && *attempt <= most;
                ensure!(right, Callback, "try {attempt} of {most} of callback {callback}");
                self.recall_leaves_line(callback);
                self.recall_is(callback, RecallPhase::Dialling(None));
                if let Some(recall) = self.recalls.open.get_mut(&callback) {
                    recall.attempts = *attempt;
                }
            }
            CallbackState::Retry { at, .. } => {
                self.recall_failed(callback, &phase)?;
                let right = tried < most && *at == self.now + recall.rules.retry;
                ensure!(right, Callback, "callback {callback} is tried again at {at}");
                self.recall_is(callback, RecallPhase::Retrying(*at));
            }
            CallbackState::Failed => {
                self.recall_failed(callback, &phase)?;
                ensure!(most <= tried, Callback, "callback {callback} is given up too early");
                self.recalls.open.remove(&callback);
            }
            CallbackState::Overdue => {
                let due = recall.deadline <= self.now && !recall.overdue;
                ensure!(due, Callback, "callback {callback} is due at {}", recall.deadline);
                if let Some(recall) = self.recalls.open.get_mut(&callback) {
                    recall.overdue = true;
                }
            }
            CallbackState::Done => {
                let talks = match phase {
                    RecallPhase::Connected(call) => self.talks(call),
                    _ => false,
                };
                ensure!(talks, Callback, "callback {callback} is done, and nobody talks");
                self.recalls.open.remove(&callback);
            }
            CallbackState::GotThrough => {
                let through = self.recalls.connected.iter().any(|(where_, address, call)| {
                    *where_ == recall.queue
                        && *address == recall.address
                        && phase != RecallPhase::Connected(*call)
                });
                ensure!(through, Callback, "callback {callback} goes, nobody got through");
                self.recall_over(callback, &phase);
            }
            CallbackState::Cancelled { by } => {
                let known = self.config.queues.contains_key(&recall.queue);
                let by_rule = by != "configuration" || !known;
                ensure!(by_rule, Callback, "callback {callback} is cancelled, its queue is there");
                self.recall_over(callback, &phase);
            }
        }
        Ok(())
    }

    fn recall_is(&mut self, id: CallbackId, phase: RecallPhase) {
        if let Some(recall) = self.recalls.open.get_mut(&id) {
            (recall.phase, recall.since) = (phase, self.now);
        }
    }

    /// A try came to nothing: the agent who waited on the line is free.
    fn recall_failed(&mut self, id: CallbackId, phase: &RecallPhase) -> Result<(), Wrong> {
        let tried = matches!(phase, RecallPhase::Dialling(_) | RecallPhase::Connected(_));
        ensure!(tried, Callback, "callback {id} was not tried, it is {phase:?}");
        self.agent_is_free(id, phase);
        Ok(())
    }

    fn recall_over(&mut self, id: CallbackId, phase: &RecallPhase) {
        self.agent_is_free(id, phase);
        self.recall_leaves_line(id);
        self.recalls.open.remove(&id);
    }

    fn agent_is_free(&mut self, id: CallbackId, phase: &RecallPhase) {
        if let RecallPhase::Dialling(Some(agent)) = phase {
            let name = InteractionId::of_callback(id);
            self.agents.entry(agent.clone()).or_default().talks.remove(&name);
        }
    }

    fn recall_asked(
        &mut self,
        callback: CallbackId,
        contact: InteractionId,
        queue: &QueueId,
        (address, origin, owner, deadline): (String, CallbackOrigin, Option<AgentId>, Instant),
    ) -> Result<(), Wrong> {
        let mut open = self.recalls.open.values();
        let twice = open.any(|recall| recall.queue == *queue && recall.address == address);
        ensure!(!twice, Callback, "{address} has two callbacks in {queue}");
        let about = self.contacts.get(&contact);
        // Who is in the queue, or has just abandoned it, keeps its place.
        let here = about.and_then(|contact| match &contact.whereabouts {
            Where::Queue(stay) => Some((stay.queue.clone(), stay.place, stay.priority)),
            _ => contact.last.clone().filter(|_| origin == CallbackOrigin::Abandon),
        });
        let here = here.filter(|(left, ..)| left == queue);
        let (joined, priority) = here.as_ref().map_or((self.now, 0), |(_, at, p)| (*at, *p));
        let options = match (about, &here) {
            (Some(about), Some(_)) => {
                QueueOptions { priority, max_wait: None, ..about.options.clone() }
            }
            _ => QueueOptions::default(),
        };
        let rules = self.config.queues.get(queue).map(|queue| queue.callbacks.clone());
        ensure!(rules.is_some(), Callback, "callback {callback} is of {queue}, which is gone");
        let rules = rules.unwrap_or_default();
        let until = self.now + rules.owner_only;
        let here = self.contacts.contains_key(&contact);
        let recall = Recall {
            contact,
            queue: queue.clone(),
            address,
            joined,
            options,
            owner: owner.map(|owner| (owner, until)),
            deadline,
            rules,
            attempts: 0,
            overdue: false,
            phase: RecallPhase::OnTheLine(contact),
            since: self.now,
        };
        self.recalls.open.insert(callback, recall);
        if !here {
            self.recall_lines_up(callback, self.now);
        }
        Ok(())
    }

    fn recall_merged(
        &mut self,
        into: CallbackId,
        contact: InteractionId,
        queue: &QueueId,
    ) -> Result<(), Wrong> {
        let here = self.contacts.contains_key(&contact);
        let recall = self.recalls.open.get(&into).filter(|recall| recall.queue == *queue);
        ensure!(recall.is_some(), Callback, "{contact} is merged into {into}, which is not open");
        let phase = recall.map(|recall| recall.phase.clone());
        // Nobody is called who is on the line.
        if here && let Some(RecallPhase::InLine | RecallPhase::Retrying(_)) = phase {
            self.recall_leaves_line(into);
            self.recall_is(into, RecallPhase::OnTheLine(contact));
        }
        Ok(())
    }

    /// The customer's phone rings: agent first, for the agent who has just taken the callback.
    pub(super) fn dialled(
        &mut self,
        callback: CallbackId,
        to: &str,
        agent: Option<&AgentId>,
    ) -> Result<(), Wrong> {
        let recall = self.recalls.open.get(&callback).cloned();
        let Some(recall) = recall.filter(|recall| recall.phase == RecallPhase::Dialling(None))
        else {
            ensure!(false, Callback, "callback {callback} is dialled out of turn");
            return Ok(());
        };
        ensure!(recall.address == to, Callback, "callback {callback} is of {}", recall.address);
        let first = recall.rules.mode == CallbackMode::AgentFirst;
        ensure!(first == agent.is_some(), Callback, "callback {callback} dials the wrong way");
        let Some(agent) = agent else {
            let (dialling, free) = (self.dialling(&recall.queue), self.free_for(&recall.queue));
            let room = dialling <= free;
            ensure!(room, Callback, "{dialling} are dialled of {}, {free} free", recall.queue);
            return Ok(());
        };
        let name = InteractionId::of_callback(callback);
        let ring = self.rings.iter().find(|(_, r)| r.contact == name && r.agent == *agent);
        let ring = ring.map(|(offer, _)| *offer);
        ensure!(ring.is_some(), Callback, "{agent} waits for callback {callback} unasked");
        if let Some(offer) = ring {
            self.ring_ended(offer, name, agent)?;
        }
        self.agents.entry(agent.clone()).or_default().talks.insert(name);
        self.connects += 1;
        self.recall_is(callback, RecallPhase::Dialling(Some(agent.clone())));
        Ok(())
    }

    pub(super) fn stops_dialling(&self, callback: CallbackId) -> Result<(), Wrong> {
        // A callback that got through or was cancelled is entered as over after this.
        ensure!(self.is_dialling(callback), Callback, "callback {callback} is not dialled");
        Ok(())
    }

    /// Returns how many customers are dialled for whoever is free.
    fn dialling(&self, queue: &QueueId) -> usize {
        let open = self.recalls.open.values().filter(|recall| recall.queue == *queue);
        open.filter(|recall| recall.phase == RecallPhase::Dialling(None)).count()
    }

    /// Returns how many agents of the queue are free for one more call.
    fn free_for(&self, queue: &QueueId) -> usize {
        let agents = self.agents.keys().filter(|agent| self.takes_work(agent));
        let serves = agents.filter(|agent| {
            let config = self.config.agents.get(*agent);
            config.is_some_and(|config| config.queues.contains_key(queue))
        });
        let free = serves.filter(|agent| {
            self.fits(agent, Channel::Voice) && !self.is_kept_back(agent, queue, Channel::Voice)
        });
        free.count()
    }

    /// Returns whether a callback in line is to be served at all.
    pub(super) fn is_served_now(&self, name: InteractionId) -> bool {
        let Some(recall) = name.callback().and_then(|id| self.recalls.open.get(&id)) else {
            return true;
        };
        let queue = &recall.queue;
        !self.shut.contains(queue)
            && (recall.rules.mode == CallbackMode::AgentFirst
                || self.dialling(queue) < self.free_for(queue))
    }

    /// Returns who alone may have it, if it is a callback with an owner.
    pub(super) fn owner_of(&self, name: InteractionId) -> Option<&AgentId> {
        let recall = self.recalls.open.get(&name.callback()?)?;
        let (owner, until) = recall.owner.as_ref()?;
        (self.now < *until).then_some(owner)
    }

    /// A call joins a queue that a customer answered: at the callback's place, or for the agent who
    /// waits. Returns whether it is one.
    pub(super) fn reached_joins(&mut self, at: Instant, call: InteractionId) -> bool {
        let Some((callback, agent)) = self.recalls.reached.get(&call).cloned() else {
            return false;
        };
        let Some(recall) = self.recalls.open.get_mut(&callback) else { return false };
        recall.phase = RecallPhase::Connected(call);
        let (queue, options, place) = (recall.queue.clone(), recall.options.clone(), recall.joined);
        let priority = options.priority;
        if let Some(contact) = self.contacts.get_mut(&call) {
            contact.options = options.clone();
            let stay = Stay { place, priority, ..Stay::new(queue.clone(), at, options) };
            contact.whereabouts = Where::Queue(Box::new(stay));
        }
        if agent.is_none() {
            self.lines.entry(queue).or_default().insert(call);
        }
        self.need_again(call);
        true
    }

    /// Returns the agent who waited on the line for a call that was reached in this record.
    pub(super) fn waited_on_the_line(&self, call: InteractionId) -> Option<(CallbackId, AgentId)> {
        let (callback, agent) = self.recalls.reached.get(&call)?;
        Some((*callback, agent.clone()?))
    }

    pub(super) fn is_reached(&self, call: InteractionId) -> bool {
        self.recalls.reached.contains_key(&call)
    }

    pub(super) fn got_agent(&mut self, call: InteractionId, queue: &QueueId) {
        let ani = self.contacts.get(&call).and_then(|contact| contact.ani.clone());
        if let Some(ani) = ani {
            self.recalls.connected.push((queue.clone(), ani, call));
        }
    }

    /// Compares the callbacks with what the engine says of them, both ways.
    pub(super) fn compare_recalls(&self, snapshot: &CenterSnapshot) -> Result<(), Wrong> {
        for id in snapshot.callbacks.keys() {
            let told = self.recalls.open.contains_key(id);
            ensure!(told, Callback, "callback {id} is open, and the world was not told");
        }
        for (id, recall) in &self.recalls.open {
            let Some(is) = snapshot.callbacks.get(id) else {
                ensure!(false, Callback, "callback {id} is lost");
                continue;
            };
            let phase = match (&recall.phase, &is.phase) {
                (RecallPhase::OnTheLine(told), CallbackPhase::OnTheLine(is)) => told == is,
                (RecallPhase::InLine, CallbackPhase::Waiting | CallbackPhase::Offered(_)) => true,
                (RecallPhase::Dialling(told), CallbackPhase::Dialling(is)) => told == is,
                (RecallPhase::Retrying(told), CallbackPhase::Retrying(is)) => told == is,
                (RecallPhase::Connected(told), CallbackPhase::Connected(is)) => told == is,
                _ => false,
            };
            let (told, has) = (&recall.phase, &is.phase);
            ensure!(phase, Callback, "callback {id} is {has:?}, the world was told {told:?}");
            let place =
                recall.joined == is.joined && recall.options.priority == is.options.priority;
            ensure!(place, Callback, "callback {id} has lost its place");
            let same = recall.queue == is.queue
                && recall.address == is.address
                && recall.attempts == is.attempts
                && recall.overdue == is.overdue
                && recall.contact == is.interaction;
            ensure!(same, Callback, "callback {id} is another than the world was told");
        }
        Ok(())
    }
}
