//! Writing the book: each output is checked against what was said before, and entered.

use std::collections::BTreeSet;

use jackfield_core::{
    AgentId, AgentState, Input, Instant, InteractionId, JournalRecord, OfferId, Output, QueueEnd,
    QueueId, RoutingDecision, WithdrawReason,
};

use super::{AgentBook, Book, Contact, OpenAsk, Ring, Stay, Where, Wrong, ensure};

impl Book {
    /// Takes in one record; says what is wrong with it.
    ///
    /// # Errors
    ///
    /// [`Wrong`] if the record breaks a rule.
    pub fn take(&mut self, record: &JournalRecord) -> Result<(), Wrong> {
        ensure!(self.now <= record.at, AgentState, "time goes back to {}", record.at);
        self.now = record.at;
        self.recalls_begin(record);
        self.take_input(record);
        for output in &record.outputs {
            self.wait_ends(record.at, output);
            self.enter(record.at, output)?;
            self.enter_more(record, output)?;
        }
        self.estimates_end(record);
        self.look_at_calm();
        self.joined_within_limits(record)?;
        let open: BTreeSet<InteractionId> = self.asks.values().map(|ask| ask.contact).collect();
        for contact in open {
            if self.stay(contact).is_none() {
                self.asks.retain(|_, ask| ask.contact != contact);
            }
        }
        Ok(())
    }

    /// Who joins a queue and stays finds room in it.
    fn joined_within_limits(&self, record: &JournalRecord) -> Result<(), Wrong> {
        for output in &record.outputs {
            let (Output::Queued { interaction, queue, .. }
            | Output::Overflowed { interaction, to: queue, .. }) = output
            else {
                continue;
            };
            let line = self.lines.get(queue).filter(|line| line.contains(interaction));
            let (Some(line), Some(about)) = (line, self.config.queues.get(queue)) else { continue };
            // Callbacks, and the calls that come of them, have their place already.
            if self.is_reached(*interaction) {
                continue;
            }
            let contacts = line.iter().filter(|id| id.callback().is_none());
            let (stand, most) = (contacts.count(), about.max_size as usize);
            ensure!(stand <= most, Limit, "{stand} stand in {queue}, where {most} may");
        }
        Ok(())
    }

    fn take_input(&mut self, record: &JournalRecord) {
        let is_refused = |id: InteractionId| {
            let is =
                |o: &Output| matches!(o, Output::Refused { interaction, .. } if *interaction == id);
            record.outputs.iter().any(is)
        };
        match &record.input {
            Input::Configured { config } => {
                let before = std::mem::replace(&mut self.config, config.as_ref().clone()).agents;
                self.configured = record.at;
                let queues = config.queues.iter();
                self.wrap_ups.extend(queues.map(|(name, queue)| (name.clone(), queue.wrap_up)));
                self.asks.clear();
                for contact in self.contacts.values_mut() {
                    if let Where::Queue(stay) = &mut contact.whereabouts {
                        stay.paused = None;
                    }
                }
                let contacts: Vec<InteractionId> = self.contacts.keys().copied().collect();
                for contact in contacts {
                    self.step_again(contact);
                    self.need_again(contact);
                }
                for (id, about) in config.agents.iter().filter(|(_, a)| !a.capacity.is_empty()) {
                    self.agents.entry(id.clone()).or_default().several |=
                        !about.capacity.is_empty();
                }
                self.peaks.retain(|name| config.blends.contains_key(name));
                self.calm.retain(|name, _| config.blends.contains_key(name));
                for (id, agent) in &mut self.agents {
                    let (is, was) = (config.agents.get(id), before.contains_key(id));
                    agent.wants_away &= is.is_some() && was;
                    agent.leaving = is.is_none() || agent.leaving && was;
                }
            }
            Input::Restarted { checkpoint, .. } => self.recalls_restored(checkpoint),
            Input::InteractionArrived { interaction, channel, ani, .. }
                if !is_refused(*interaction) =>
            {
                let (channel, options, ani) = (*channel, Default::default(), ani.clone());
                let whereabouts = Where::Flow;
                let contact = Contact { channel, whereabouts, options, ani, last: None };
                self.contacts.insert(*interaction, contact);
            }
            Input::InteractionEnqueued { interaction, options, .. }
                if !is_refused(*interaction) =>
            {
                if let Some(contact) = self.contacts.get_mut(interaction) {
                    contact.options = options.clone();
                }
            }
            // Ends after-call work before its time by the agent's own will.
            Input::AgentLoggedIn { agent } if self.config.agents.contains_key(agent) => {
                if let Some(agent) = self.agents.get_mut(agent) {
                    agent.leaving = false;
                }
            }
            Input::AgentReady { agent } => {
                let known = self.config.agents.contains_key(agent);
                if let Some(agent) = self.agents.get_mut(agent) {
                    agent.leaving &= !known;
                    (agent.wrap, agent.wants_away, agent.unsure) = (None, false, false);
                }
            }
            Input::AgentLoggedOut { agent } => {
                if let Some(agent) = self.agents.get_mut(agent) {
                    (agent.wrap, agent.wants_away) = (None, !agent.talks.is_empty());
                    agent.leaving = true;
                }
            }
            Input::AgentNotReady { agent, .. } if self.config.agents.contains_key(agent) => {
                if let Some(agent) = self.agents.get_mut(agent) {
                    use AgentState::{AfterCallWork, Busy};
                    agent.leaving = false;
                    agent.wants_away |= matches!(agent.state, Busy | AfterCallWork)
                        || !(agent.talks.is_empty() && agent.wrapping.is_empty());
                }
            }
            Input::RouterReplied { ask, answer, .. } => {
                let open = self.asks.iter().find(|(_, open)| open.ask == *ask);
                let Some((queue, open)) = open.map(|(q, open)| (q.clone(), open.clone())) else {
                    return;
                };
                self.asks.remove(&queue);
                if let RoutingDecision::WaitMs(ms) = answer.decision
                    && record.at < open.deadline
                    && let Some(stay) = self.stay_mut(open.contact)
                {
                    let pause = std::time::Duration::from_millis(u64::from(ms.clamp(100, 60_000)));
                    stay.paused = Some(record.at + pause);
                }
            }
            Input::RouterFailed { ask, .. } => self.asks.retain(|_, open| open.ask != *ask),
            _ => (),
        }
        let now = record.at;
        self.asks.retain(|_, open| now < open.deadline);
    }

    fn enter(&mut self, at: Instant, output: &Output) -> Result<(), Wrong> {
        match output {
            Output::AskRouter { ask, deadline, request, .. } => {
                let contact = request.contact.id;
                ensure!(!request.candidates.is_empty(), Ringing, "ask {ask} without candidates");
                for shown in &request.candidates {
                    self.may_serve(&shown.agent, contact)?;
                }
                self.asked.insert(*ask, contact);
                if let Some(held) = request.candidates.first().map(|shown| shown.agent.clone()) {
                    let open = OpenAsk { ask: *ask, contact, held, deadline: *deadline };
                    self.asks.insert(request.contact.queue.clone(), open);
                }
            }
            Output::Offer { .. } => self.offered(at, output)?,
            Output::Withdraw { offer, interaction, agent, .. }
            | Output::OfferLost { offer, interaction, agent, .. } => {
                self.ring_ended(*offer, *interaction, agent)?;
                use WithdrawReason::{AgentLeft, NoAnswer};
                let failed = match output {
                    Output::Withdraw { reason, .. } => matches!(reason, NoAnswer | AgentLeft),
                    _ => true,
                };
                if let Some(stay) = self.stay_mut(*interaction).filter(|_| failed) {
                    stay.failed.insert(agent.clone(), at);
                }
                self.offer_failed(*interaction, agent, output);
            }
            Output::Connect { offer, interaction, agent, queue, waited, .. } => {
                match self.waited_on_the_line(*interaction) {
                    Some((callback, waits)) => {
                        ensure!(waits == *agent, Callback, "{agent} did not wait for {callback}");
                        let name = InteractionId::of_callback(callback);
                        self.agents.entry(waits).or_default().talks.remove(&name);
                    }
                    None => self.ring_ended(*offer, *interaction, agent)?,
                }
                let stay = self.stay(*interaction);
                let joined = stay.map(|stay| stay.joined);
                ensure!(joined.is_some(), OneEnding, "{interaction} is connected, did not wait");
                let said = joined.is_some_and(|joined| at - joined == *waited);
                ensure!(said, Position, "{interaction} is said to have waited {waited:?}");
                self.leave_line(*interaction);
                let talk = Where::Talk { agent: agent.clone(), queue: queue.clone() };
                if let Some(contact) = self.contacts.get_mut(interaction) {
                    contact.whereabouts = talk;
                }
                self.agents.entry(agent.clone()).or_default().talks.insert(*interaction);
                self.got_agent(*interaction, queue);
                self.connects += 1;
            }
            Output::Disconnect { interaction, agent, queue, .. } => {
                self.parted(at, *interaction, agent, queue)?;
            }
            Output::Queued { interaction, queue, position } => {
                self.joined(at, *interaction, queue)?;
                // A call for an agent who waits on the line passes all others by.
                if self.waited_on_the_line(*interaction).is_some() {
                    return Ok(());
                }
                self.position_is(*interaction, *position)?;
            }
            Output::Overflowed { interaction, from, to }
            | Output::Moved { interaction, from, to, .. } => {
                self.moved(at, *interaction, from, to)?;
            }
            Output::LeaveQueue { interaction, end: QueueEnd::Served, .. } => {
                let waits = self.stay(*interaction).is_some();
                ensure!(!waits, OneEnding, "{interaction} is served and waits");
            }
            Output::LeaveQueue { interaction, queue, .. }
            | Output::Abandoned { interaction, queue, .. } => {
                let there = self.stay(*interaction).is_some_and(|stay| stay.queue == *queue);
                ensure!(there, OneEnding, "{interaction} leaves {queue}, where it is not");
                self.leave_line(*interaction);
            }
            Output::Announce { interaction, position, wait, .. } => {
                let somebody = interaction.callback().is_none();
                ensure!(somebody, Position, "{interaction} is told something and is nobody");
                if let Some(position) = position {
                    self.position_is(*interaction, *position)?;
                }
                self.announced(at, *interaction, *wait)?;
            }
            Output::Prioritised { interaction, from, to, .. } => {
                if let Some(stay) = self.stay_mut(*interaction) {
                    ensure!(stay.priority == *from, TwoWay, "{interaction} had not {from}");
                    stay.priority = *to;
                }
                self.recall_prioritised(*interaction, *to);
            }
            Output::Relaxed { interaction, step, .. } => {
                self.step_is_due(*interaction, *step)?;
                if let Some(stay) = self.stay_mut(*interaction) {
                    stay.step = *step;
                }
                self.need_again(*interaction);
            }
            Output::WrapUpEnded { interaction, agent, .. } => {
                self.agents.entry(agent.clone()).or_default().wrapping.remove(interaction);
            }
            Output::AgentChanged { agent, state, before, .. } => {
                self.agent_changed(at, agent, state, before)?;
            }
            Output::Closed { interaction, .. } => self.closed(*interaction)?,
            _ => (),
        }
        Ok(())
    }

    fn joined(&mut self, at: Instant, id: InteractionId, queue: &QueueId) -> Result<(), Wrong> {
        let Some(contact) = self.contacts.get_mut(&id) else {
            ensure!(false, LostContact, "{id} is queued and never came");
            return Ok(());
        };
        let in_flow = matches!(contact.whereabouts, Where::Flow);
        ensure!(in_flow, OneEnding, "{id} is queued while in a queue or a conversation");
        if self.reached_joins(at, id) {
            return Ok(());
        }
        let Some(contact) = self.contacts.get_mut(&id) else { return Ok(()) };
        let stay = Stay::new(queue.clone(), at, contact.options.clone());
        contact.whereabouts = Where::Queue(Box::new(stay));
        self.lines.entry(queue.clone()).or_default().insert(id);
        self.need_again(id);
        Ok(())
    }

    fn moved(
        &mut self,
        at: Instant,
        id: InteractionId,
        from: &QueueId,
        to: &QueueId,
    ) -> Result<(), Wrong> {
        let there = self.stay(id).is_some_and(|stay| stay.queue == *from);
        ensure!(there, OneEnding, "{id} moves from {from}, where it is not");
        self.lines.entry(from.clone()).or_default().remove(&id);
        self.lines.entry(to.clone()).or_default().insert(id);
        if let Some(stay) = self.stay_mut(id) {
            (stay.queue, stay.here_since) = (to.clone(), at);
            (stay.paused, stay.overtaken, stay.step) = (None, 0, 0);
            stay.heard = Default::default();
        }
        self.need_again(id);
        Ok(())
    }

    pub(super) fn leave_line(&mut self, id: InteractionId) {
        let Some(stay) = self.stay(id) else { return };
        let (queue, last) = (stay.queue.clone(), (stay.queue.clone(), stay.place, stay.priority));
        self.lines.entry(queue).or_default().remove(&id);
        // Whether phones still ring for it is looked at when the record is complete.
        if let Some(contact) = self.contacts.get_mut(&id) {
            (contact.whereabouts, contact.last) = (Where::Flow, Some(last));
        }
    }

    fn offered(&mut self, at: Instant, output: &Output) -> Result<(), Wrong> {
        let Output::Offer { offer, interaction, agent, queue, ring_until, .. } = output else {
            return Ok(());
        };
        self.may_be_offered(at, *interaction, agent, queue)?;
        ensure!(at <= *ring_until, Ringing, "offer {offer} rings in the past");
        self.offers_made += 1;
        let ring = Ring { contact: *interaction, agent: agent.clone(), until: *ring_until };
        self.rings.insert(*offer, ring);
        self.offers.insert(*offer, (*interaction, agent.clone()));
        self.agents.entry(agent.clone()).or_default().rings.insert(*offer);
        if let Some(stay) = self.stay_mut(*interaction) {
            stay.rings.insert(*offer);
            stay.paused = None;
        }
        Ok(())
    }

    pub(super) fn ring_ended(
        &mut self,
        offer: OfferId,
        contact: InteractionId,
        agent: &AgentId,
    ) -> Result<(), Wrong> {
        let ring = self.rings.remove(&offer);
        let same = ring.is_some_and(|ring| ring.contact == contact && ring.agent == *agent);
        ensure!(
            same,
            OneEnding,
            "offer {offer} of {contact} to {agent} ends, and was not in force"
        );
        if let Some(agent) = self.agents.get_mut(agent) {
            agent.rings.remove(&offer);
        }
        if let Some(stay) = self.stay_mut(contact) {
            stay.rings.remove(&offer);
        }
        Ok(())
    }

    fn parted(
        &mut self,
        at: Instant,
        id: InteractionId,
        agent: &AgentId,
        queue: &QueueId,
    ) -> Result<(), Wrong> {
        let wrap = self.wrap_ups.get(queue).copied();
        let talks = self.agents.entry(agent.clone()).or_default();
        talks.aside.remove(&id);
        ensure!(talks.talks.remove(&id), OneEnding, "{agent} does not talk with {id}");
        // Who has left does no after-call work.
        if let Some(wrap) = wrap.filter(|wrap| !wrap.is_zero() && !talks.leaving) {
            talks.wrap = Some((at, wrap));
            let channel = self.contacts.get(&id).map(|contact| contact.channel);
            talks.wrapping.insert(id, channel.unwrap_or_default());
        }
        if let Some(contact) = self.contacts.get_mut(&id) {
            contact.whereabouts = Where::Flow;
        }
        Ok(())
    }

    fn agent_changed(
        &mut self,
        at: Instant,
        id: &AgentId,
        state: &AgentState,
        before: &str,
    ) -> Result<(), Wrong> {
        let single = self.is_single(id);
        let known = self.config.agents.contains_key(id);
        let agent: &mut AgentBook = self.agents.entry(id.clone()).or_default();
        let old = std::mem::replace(&mut agent.state, state.clone());
        ensure!(old.name() == before, AgentState, "{id} was {old}, not {before}");
        ensure!(old != *state, AgentState, "{id} changes from {old} to the same");
        // After-call work that nobody cut short lasts as long as the queue says.
        if before == "after_call_work"
            && let Some((since, wrap)) = agent.wrap.take()
        {
            let over = wrap <= at - since || !known || !single;
            ensure!(over, WrapUp, "the after-call work of {id} ended after {:?}", at - since);
        }
        let away = std::mem::take(&mut agent.wants_away);
        agent.unsure &= matches!(state, AgentState::Busy | AgentState::AfterCallWork);
        match state {
            AgentState::Ready => ensure!(
                !(away && single),
                AgentState,
                "{id} asked for a pause during its work and is ready"
            ),
            AgentState::Busy | AgentState::AfterCallWork => agent.wants_away = away,
            _ => (),
        }
        // Who left during the conversation has none.
        if *state == AgentState::LoggedOut {
            agent.wrap = None;
            agent.wrapping.clear();
        }
        let owed = agent.wrap.is_some() && single;
        ensure!(
            !(before == "busy" && *state == AgentState::Ready && owed),
            WrapUp,
            "{id} had no after-call work"
        );
        // Whom a router left waiting is asked about again as soon as an agent is new to its queue.
        if *state == AgentState::Ready && single {
            self.resume_paused(id);
        }
        Ok(())
    }

    fn resume_paused(&mut self, agent: &AgentId) {
        let waits = self.contacts.iter().filter_map(|(id, contact)| match &contact.whereabouts {
            Where::Queue(stay) => Some((*id, &stay.queue, contact.channel)),
            Where::Flow | Where::Talk { .. } => None,
        });
        let serves = |queue: &QueueId| {
            let agent = self.config.agents.get(agent);
            agent.is_some_and(|agent| agent.queues.contains_key(queue))
        };
        let resumed: Vec<InteractionId> = waits
            .filter(|(_, queue, channel)| {
                serves(queue) && !self.is_kept_back(agent, queue, *channel)
            })
            .map(|(id, ..)| id)
            .collect();
        for id in resumed {
            if let Some(stay) = self.stay_mut(id) {
                stay.paused = None;
            }
        }
    }

    fn closed(&mut self, id: InteractionId) -> Result<(), Wrong> {
        let first = !self.closed.contains(&id);
        ensure!(first, OneEnding, "{id} is closed twice");
        let Some(contact) = self.contacts.remove(&id) else {
            ensure!(false, OneEnding, "{id} is closed and never came");
            return Ok(());
        };
        let over = matches!(contact.whereabouts, Where::Flow);
        ensure!(over, OneEnding, "{id} is closed while in a queue or a conversation");
        self.closed.insert(id);
        self.recalls_after(id);
        Ok(())
    }
}
