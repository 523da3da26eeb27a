//! The rules: who may be offered what, and what must hold when a record is complete.

use std::cmp::Reverse;

use jackfield_core::{
    AgentId, AgentState, Channel, ChannelCapacity, Instant, InteractionId, QueueId, RouterChoice,
};

use super::{BACK_OFF, Book, Stay, Where, Wrong, ensure};

/// A place in line: weight of the queue, priority, time of joining the first queue of the stay.
pub(super) type Place = (Reverse<u8>, Reverse<i8>, Instant, InteractionId);

impl Book {
    pub(super) fn place(&self, id: InteractionId, stay: &Stay) -> Place {
        let weight = self.config.queues.get(&stay.queue).map_or(0, |queue| queue.weight);
        (Reverse(weight), Reverse(stay.priority), stay.place, id)
    }

    pub(crate) fn may_serve(&self, agent: &AgentId, contact: InteractionId) -> Result<(), Wrong> {
        let stay = self.stay(contact);
        ensure!(stay.is_some(), Ringing, "{agent} is wanted for {contact}, who does not wait");
        let able = stay.is_some_and(|stay| self.is_able(agent, stay));
        ensure!(able, MandatorySkill, "{agent} may not serve {contact}");
        let owner = self.owner_of(contact);
        let his = owner.is_none_or(|owner| owner == agent);
        ensure!(his, Callback, "{agent} may not call {contact}, which waits for {owner:?}");
        Ok(())
    }

    pub(super) fn capacity(&self, agent: &AgentId, channel: Channel) -> ChannelCapacity {
        let agent = self.config.agents.get(agent);
        agent.and_then(|agent| agent.capacity.get(&channel)).copied().unwrap_or_default()
    }

    /// Returns whether the agent has one contact at a time, whatever the channel.
    pub(crate) fn is_single(&self, agent: &AgentId) -> bool {
        self.config.agents.get(agent).is_none_or(|agent| agent.capacity.is_empty())
    }

    /// Returns the work in hand by contact: what rings and what is talked with, not what is put aside.
    fn in_hand(&self, agent: &AgentId) -> Vec<(InteractionId, Channel)> {
        let Some(book) = self.agents.get(agent) else { return Vec::new() };
        let rings = book.rings.iter().filter_map(|offer| Some(self.rings.get(offer)?.contact));
        let talks = book.talks.iter().copied();
        let channel = |id: InteractionId| match id.callback() {
            Some(_) => Some((id, Channel::Voice)),
            None => Some((id, self.contacts.get(&id)?.channel)),
        };
        let wrapping = book.wrapping.iter().map(|(id, channel)| (*id, *channel));
        rings.chain(talks).filter_map(channel).chain(wrapping).collect()
    }

    /// Returns whether one more contact of the channel fits. A channel that is not interruptible
    /// takes the place of what is.
    pub(crate) fn fits(&self, agent: &AgentId, channel: Channel) -> bool {
        let new = self.capacity(agent, channel);
        let work = self.in_hand(agent);
        let same = work.iter().filter(|(_, had)| *had == channel).count();
        let counted = work.iter().map(|(_, had)| self.capacity(agent, *had));
        let counted = counted.filter(|had| new.interruptible || !had.interruptible);
        let weights = counted.map(|capacity| u32::from(capacity.weight));
        same < usize::from(new.slots) && weights.sum::<u32>() + u32::from(new.weight) <= 100
    }

    /// Returns whether a blend in its peak or protected hours keep the agent from the contact.
    pub(super) fn is_kept_back(&self, agent: &AgentId, queue: &QueueId, channel: Channel) -> bool {
        self.is_blended_out(agent, queue) || self.is_protected(agent, queue, channel)
    }

    fn is_blended_out(&self, agent: &AgentId, queue: &QueueId) -> bool {
        let Some(agent) = self.config.agents.get(agent) else { return false };
        self.peaks.iter().filter_map(|name| self.config.blends.get(name)).any(|blend| {
            blend.deferred.contains(queue)
                && blend.calls.iter().any(|calls| agent.queues.contains_key(calls))
        })
    }

    fn is_protected(&self, agent: &AgentId, queue: &QueueId, channel: Channel) -> bool {
        let Some(agent) = self.config.agents.get(agent) else { return false };
        agent.protected.iter().any(|block| {
            !block.channels.contains(&channel)
                && !block.queues.contains(queue)
                && block.hours.is_open(self.now)
        })
    }

    fn surely_takes_work(&self, agent: &AgentId) -> bool {
        self.takes_work(agent) && self.agents.get(agent).is_some_and(|agent| !agent.unsure)
    }

    pub(super) fn takes_work(&self, agent: &AgentId) -> bool {
        let Some(book) = self.agents.get(agent) else { return false };
        match book.state {
            AgentState::Ready => true,
            // One phone rings at a time, and nothing new comes before a pause that was asked for.
            AgentState::Busy | AgentState::AfterCallWork => {
                !self.is_single(agent) && book.rings.is_empty() && !book.wants_away
            }
            _ => false,
        }
    }

    pub(crate) fn may_be_offered(
        &mut self,
        at: Instant,
        contact: InteractionId,
        agent: &AgentId,
        queue: &QueueId,
    ) -> Result<(), Wrong> {
        self.may_serve(agent, contact)?;
        let state = self.agent_state(agent);
        ensure!(
            self.takes_work(agent),
            DoubleBooking,
            "{agent} is offered {contact} while {state}"
        );
        let channel = self.contacts.get(&contact).map(|contact| contact.channel);
        let channel = channel.unwrap_or_default();
        let protected = self.is_protected(agent, queue, channel);
        ensure!(!protected, Protected, "{agent} is offered {contact} in protected hours");
        let blended = self.is_blended_out(agent, queue);
        ensure!(!blended, Blend, "{agent} is offered {contact} of {queue} in a peak");
        let served = self.is_served_now(contact);
        ensure!(served, Callback, "{contact} is offered, and {queue} makes no callbacks now");
        let room = self.fits(agent, channel);
        ensure!(room, DoubleBooking, "{agent} is offered {contact} and has no room for it");
        let stay = self.stay(contact);
        let there = stay.is_some_and(|stay| stay.queue == *queue);
        ensure!(there, LostContact, "{contact} is offered from {queue}, where it is not");
        let rung = self.rings.values().any(|r| r.contact == contact && r.agent == *agent);
        ensure!(!rung, Ringing, "{agent} is rung twice for {contact}");
        let failed = stay.and_then(|stay| stay.failed.get(agent));
        let calm = failed.is_none_or(|failed| *failed + BACK_OFF <= at);
        ensure!(calm, Ringing, "{agent} is rung again at once for {contact}");
        let first = stay.is_some_and(|stay| stay.rings.is_empty());
        if first { self.in_order(contact, agent) } else { Ok(()) }
    }

    /// Nobody with a better place waits for this agent, in whichever queue, by the built-in rule; and
    /// in a queue with a router nobody is overtaken too often.
    fn in_order(&mut self, served: InteractionId, agent: &AgentId) -> Result<(), Wrong> {
        let Some(stay) = self.stay(served) else { return Ok(()) };
        let (turn, queue) = (self.place(served, stay), stay.queue.clone());
        let mut overtaken = Vec::new();
        for (contact, stay) in self.unserved() {
            if turn <= self.place(contact, stay)
                || stay.failed.contains_key(agent)
                || !self.is_able(agent, stay)
                || self.owner_of(contact).is_some_and(|owner| owner != agent)
                || !self.is_served_now(contact)
            {
                continue;
            }
            let channel = self.contacts.get(&contact).map(|contact| contact.channel);
            let channel = channel.unwrap_or_default();
            if !self.fits(agent, channel) || self.is_kept_back(agent, &stay.queue, channel) {
                continue;
            }
            let heavier = self.place(contact, stay).0 < turn.0;
            ensure!(
                !heavier || self.is_the_routers_turn(stay),
                Weight,
                "{agent} is offered {served}, but {contact} waits in a heavier queue"
            );
            ensure!(
                !self.is_built_in(&stay.queue),
                Order,
                "{agent} is offered {served}, but it is the turn of {contact}"
            );
            if stay.queue == queue {
                overtaken.push(contact);
            }
        }
        let most = self.overtakes_max;
        for contact in overtaken {
            let Some(stay) = self.stay_mut(contact) else { continue };
            stay.overtaken += 1;
            ensure!(stay.overtaken <= most, Starvation, "{contact} was overtaken {most} times");
        }
        Ok(())
    }

    fn is_built_in(&self, queue: &QueueId) -> bool {
        let queue = self.config.queues.get(queue);
        queue.is_some_and(|queue| queue.router == RouterChoice::BuiltIn)
    }

    /// A position is the number of contacts in line with a better place, and one.
    pub(crate) fn position_is(&self, id: InteractionId, position: u32) -> Result<(), Wrong> {
        let Some(stay) = self.stay(id) else {
            ensure!(false, Position, "{id} is told its position and does not wait");
            return Ok(());
        };
        let place = self.place(id, stay);
        let line = self.lines.get(&stay.queue).into_iter().flatten();
        let ahead = line.filter(|other| {
            self.stay(**other).is_some_and(|stay| self.place(**other, stay) < place)
        });
        let is = ahead.count() + 1;
        ensure!(is == position as usize, Position, "{id} is number {is}, not {position}");
        Ok(())
    }

    /// What must hold when a record is complete. Costs a look at every contact in line.
    ///
    /// # Errors
    ///
    /// [`Wrong`] if a rule is broken.
    pub fn check_moment(&self) -> Result<(), Wrong> {
        for (offer, ring) in &self.rings {
            let Some(stay) = self.stay(ring.contact) else {
                ensure!(
                    false,
                    Ringing,
                    "{} is rung for {}, who has left",
                    ring.agent,
                    ring.contact
                );
                continue;
            };
            ensure!(stay.rings.contains(offer), Ringing, "offer {offer} is of another stay");
            ensure!(self.now <= ring.until, Limit, "offer {offer} rings beyond {}", ring.until);
        }
        for (id, agent) in &self.agents {
            let work = (agent.rings.len(), agent.talks.len());
            let right = match agent.state {
                AgentState::Reserved => 0 < work.0,
                AgentState::Busy => 0 < work.1,
                _ => work == (0, 0),
            };
            let (rings, talks) = work;
            ensure!(right, AgentState, "{id} is {}: {rings} ring, {talks} talk", agent.state);
            let single = !self.is_single(id) || agent.several || rings + talks <= 1;
            ensure!(single, DoubleBooking, "{id} has {rings} ringing and {talks} in conversation");
        }
        for contact in self.contacts.values() {
            if let Where::Talk { agent, queue } = &contact.whereabouts {
                let talks = self.agents.get(agent).is_some_and(|agent| !agent.talks.is_empty());
                ensure!(
                    talks,
                    LostContact,
                    "a contact of {queue} talks with {agent}, who does not"
                );
            }
        }
        self.recalls_end()?;
        self.blends_are_right()?;
        self.nobody_waits_in_vain()
    }

    fn nobody_waits_in_vain(&self) -> Result<(), Wrong> {
        let free: Vec<&AgentId> =
            self.agents.keys().filter(|agent| self.surely_takes_work(agent)).collect();
        for (contact, stay) in self.unserved() {
            let Some(queue) = self.config.queues.get(&stay.queue) else {
                ensure!(false, LostContact, "{contact} waits in {}, which is gone", stay.queue);
                continue;
            };
            self.no_step_is_late(contact, stay)?;
            let own = contact.callback().is_none();
            let queue_limit = queue.max_wait.filter(|_| own).map(|wait| stay.here_since + wait);
            let own_limit = stay.options.max_wait.map(|wait| stay.joined + wait);
            let limit = queue_limit.into_iter().chain(own_limit).min();
            let limit = limit.map(|limit| limit.max(self.configured));
            ensure!(limit.is_none_or(|limit| self.now <= limit), Limit, "{contact} waits too long");
            if free.is_empty() || self.is_the_routers_turn(stay) || !self.is_served_now(contact) {
                continue;
            }
            let channel = self.contacts.get(&contact).map(|contact| contact.channel);
            let channel = channel.unwrap_or_default();
            let serves = |agent: &&&AgentId| {
                self.is_able(agent, stay)
                    && self.owner_of(contact).is_none_or(|owner| owner == **agent)
                    && self.fits(agent, channel)
                    && !self.is_spared(agent, contact, stay)
                    && !self.is_kept_back(agent, &stay.queue, channel)
            };
            if let Some(agent) = free.iter().find(serves) {
                ensure!(false, WorkConserving, "{agent} could serve {contact}, who waits");
            }
        }
        Ok(())
    }

    /// Returns whether the queue's router is being asked, or wants the contact to wait.
    fn is_the_routers_turn(&self, stay: &Stay) -> bool {
        !self.is_built_in(&stay.queue)
            && (self.asks.contains_key(&stay.queue)
                || stay.paused.is_some_and(|until| self.now < until))
    }

    /// Returns whether the agent has just failed the contact, or is being shown to a router for
    /// another one.
    fn is_spared(&self, agent: &AgentId, contact: InteractionId, stay: &Stay) -> bool {
        stay.failed.get(agent).is_some_and(|at| self.now < *at + BACK_OFF)
            || self.asks.values().any(|ask| ask.held == *agent && ask.contact != contact)
    }
}
