//! Staff who are moved between kinds of work: blends with hysteresis, work that is put aside, and what
//! agents must be as the wait goes on.

use std::collections::BTreeSet;

use jackfield_core::{
    AgentId, Blend, CenterSnapshot, Channel, Instant, InteractionId, JournalRecord, Output,
    WithdrawReason,
};

use super::{AgentBook, Book, Stay, Where, Wrong, ensure};

impl Book {
    /// Returns how many wait in the queues whose load counts, and the longest of these waits' start.
    fn load_of(&self, blend: &Blend) -> (usize, Option<Instant>) {
        let lines = blend.calls.iter().filter_map(|queue| self.lines.get(queue));
        let stays = lines.flatten().filter_map(|id| Some((id, self.stay(*id)?)));
        let (mut waiting, mut longest) = (0, None::<Instant>);
        for (id, stay) in stays {
            waiting += usize::from(stay.rings.is_empty());
            // The customer of a callback does not wait on the phone.
            if id.callback().is_none() {
                longest = Some(longest.map_or(stay.place, |longest| longest.min(stay.place)));
            }
        }
        (waiting, longest.filter(|_| 0 < waiting))
    }

    fn is_busy(&self, blend: &Blend) -> bool {
        let (waiting, longest) = self.load_of(blend);
        blend.peak_waiting.max(1) as usize <= waiting
            || longest.is_some_and(|since| since + blend.peak_wait <= self.now)
    }

    fn is_calm(&self, blend: &Blend) -> bool {
        self.load_of(blend).0 <= blend.calm_waiting as usize
    }

    /// Keeps since when few enough wait, as each record leaves it.
    pub(super) fn look_at_calm(&mut self) {
        for (name, blend) in self.config.blends.clone() {
            if self.is_calm(&blend) {
                self.calm.entry(name).or_insert(self.now);
            } else {
                self.calm.remove(&name);
            }
        }
    }

    pub(super) fn blend_changed(&mut self, name: &str, peak: bool) -> Result<(), Wrong> {
        let blend = self.config.blends.get(name);
        ensure!(blend.is_some(), Blend, "there is no blend {name}");
        let Some(blend) = blend else { return Ok(()) };
        let (busy, was) = (self.is_busy(blend), self.peaks.contains(name));
        ensure!(was != peak, Blend, "the peak of {name} changes to what it was: {peak}");
        if peak {
            ensure!(
                busy,
                Blend,
                "the peak of {name} begins with {} waiting",
                self.load_of(blend).0
            );
            self.peaks.insert(name.to_owned());
            return Ok(());
        }
        let since = self.calm.get(name).copied().unwrap_or(self.now);
        let over = self.is_calm(blend) && !busy && since + blend.calm_for <= self.now;
        ensure!(over, Blend, "the peak of {name} ends after a calm of {:?}", self.now - since);
        self.peaks.remove(name);
        Ok(())
    }

    /// A peak goes on while there is the load of one.
    pub(super) fn blends_are_right(&self) -> Result<(), Wrong> {
        for (name, blend) in &self.config.blends {
            let right = !self.is_busy(blend) || self.peaks.contains(name);
            ensure!(right, Blend, "{} wait, and {name} has no peak", self.load_of(blend).0);
        }
        Ok(())
    }

    /// A step of eligibility begins: the next one, and its time has come.
    pub(super) fn step_is_due(&self, id: InteractionId, step: u32) -> Result<(), Wrong> {
        let Some(stay) = self.stay(id) else {
            ensure!(false, Relaxing, "{id} is at step {step} and does not wait");
            return Ok(());
        };
        let next = stay.step + 1;
        ensure!(step == next, Relaxing, "{id} goes from step {} to {step}", stay.step);
        // A queue on its way out has the steps that it had.
        let Some(queue) = self.config.queues.get(&stay.queue) else { return Ok(()) };
        let about = queue.steps.get(stay.step as usize);
        let due = about.is_some_and(|about| stay.here_since + about.after <= self.now);
        ensure!(due, Relaxing, "step {step} of {id} comes after {:?}", self.now - stay.here_since);
        Ok(())
    }

    pub(super) fn no_step_is_late(&self, id: InteractionId, stay: &Stay) -> Result<(), Wrong> {
        let queue = self.config.queues.get(&stay.queue);
        let next = queue.and_then(|queue| queue.steps.get(stay.step as usize));
        let due = next.map(|next| (stay.here_since + next.after).max(self.configured));
        let late = due.is_some_and(|due| due < self.now);
        ensure!(!late, Relaxing, "{id} is still at step {}", stay.step);
        Ok(())
    }

    /// A new set-up: the steps whose time has come count at once.
    pub(super) fn step_again(&mut self, id: InteractionId) {
        let now = self.now;
        let Some(stay) = self.stay(id) else { return };
        let Some(queue) = self.config.queues.get(&stay.queue) else { return };
        let waited = now - stay.here_since;
        let step = queue.steps.iter().take_while(|step| step.after < waited).count();
        if let Some(stay) = self.stay_mut(id) {
            stay.step = u32::try_from(step).unwrap_or(u32::MAX);
        }
    }

    /// What a record says of staff and callbacks.
    pub(super) fn enter_more(
        &mut self,
        record: &JournalRecord,
        output: &Output,
    ) -> Result<(), Wrong> {
        match output {
            Output::BlendChanged { blend, peak } => self.blend_changed(blend, *peak),
            Output::Interrupt { interaction, agent, .. } => self.put_aside(*interaction, agent),
            Output::Resume { interaction, agent } => self.taken_up(*interaction, agent),
            Output::QueueChanged { queue, open, .. } => {
                let was = !self.shut.contains(queue);
                ensure!(was != *open, TwoWay, "{queue} changes to what it was, open: {open}");
                if *open {
                    self.shut.remove(queue);
                } else {
                    self.shut.insert(queue.clone());
                }
                Ok(())
            }
            Output::CallbackChanged { callback, interaction, queue, state } => {
                self.requests.insert(*callback, *interaction);
                self.callback_changed(*callback, *interaction, queue, state)
            }
            Output::Dial { callback, address, agent, .. } => {
                self.dialled(*callback, address, agent.as_ref())
            }
            Output::AskEstimator { ask, request, .. } => {
                self.asked.insert(*ask, request.interaction);
                Ok(())
            }
            Output::StopDialling { callback } => self.stops_dialling(*callback),
            Output::Estimated { interaction, position, estimate, told, plugin, .. } => {
                let said = (*estimate, *position, *told);
                self.estimated(record.at, *interaction, said, plugin)
            }
            _ => Ok(()),
        }
    }

    fn channel_of(&self, id: InteractionId) -> Channel {
        self.contacts.get(&id).map(|contact| contact.channel).unwrap_or_default()
    }

    fn put_aside(&mut self, id: InteractionId, agent: &AgentId) -> Result<(), Wrong> {
        let can = self.capacity(agent, self.channel_of(id)).interruptible;
        let book = self.agents.entry(agent.clone()).or_default();
        let talks = book.talks.contains(&id) && book.aside.insert(id);
        ensure!(talks, Interruption, "{agent} puts {id} aside, which is not in hand");
        ensure!(can, Interruption, "{agent} puts {id} aside, which cannot wait");
        Ok(())
    }

    fn taken_up(&mut self, id: InteractionId, agent: &AgentId) -> Result<(), Wrong> {
        let book = self.agents.entry(agent.clone()).or_default();
        ensure!(book.aside.remove(&id), Interruption, "{agent} takes {id} up, not put aside");
        let active = self.active_weight(agent);
        ensure!(active <= 100, Interruption, "{agent} takes {id} up and has {active} in hand");
        Ok(())
    }

    /// Returns the share of the agent that all conversations and after-call work take that are not put
    /// aside.
    fn active_weight(&self, agent: &AgentId) -> u32 {
        let Some(book) = self.agents.get(agent) else { return 0 };
        let active = book.talks.difference(&book.aside).map(|id| self.channel_of(*id));
        let channels = active.chain(book.wrapping.values().copied());
        channels.map(|channel| u32::from(self.capacity(agent, channel).weight)).sum()
    }

    /// Compares what each agent has in hand.
    pub(super) fn compare_works(&self, snapshot: &CenterSnapshot) -> Result<(), Wrong> {
        for (id, agent) in &snapshot.agents {
            let Some(book) = self.agents.get(id) else {
                ensure!(agent.works.is_empty(), TwoWay, "{id} works, the world knows of nothing");
                continue;
            };
            let talks = agent.works.iter().filter(|work| work.wrapping_up.is_none());
            let is: BTreeSet<_> = talks.clone().map(|work| work.interaction).collect();
            ensure!(is == book.talks, TwoWay, "{id} talks with {is:?}, told {:?}", book.talks);
            let aside = talks.filter(|work| work.aside_for.is_some()).map(|work| work.interaction);
            let aside: BTreeSet<_> = aside.collect();
            ensure!(aside == book.aside, TwoWay, "{id} put aside {aside:?}, told {:?}", book.aside);
            for work in agent.works.iter().filter(|work| work.wrapping_up.is_some()) {
                let told = book.wrapping.contains_key(&work.interaction);
                ensure!(told, TwoWay, "{id} works after {}, told nothing", work.interaction);
            }
        }
        Ok(())
    }

    /// Who cannot be reached while at work pauses once that work is done; so may who does not answer, by
    /// the queue's rules and the refusals before.
    pub(super) fn offer_failed(&mut self, id: InteractionId, agent: &AgentId, output: &Output) {
        use jackfield_core::OfferFailure::{Declined, NoAnswer};
        let queue = self.stay(id).and_then(|stay| self.config.queues.get(&stay.queue));
        let at_once = queue.is_some_and(|queue| queue.not_ready_on_no_answer);
        let (away, unsure) = match output {
            Output::OfferLost { failure: Declined, .. } => (false, true),
            Output::OfferLost { failure, .. } if *failure != NoAnswer => (true, false),
            Output::Withdraw { reason, .. } if *reason != WithdrawReason::NoAnswer => return,
            _ => (at_once, !at_once),
        };
        let at_work =
            |agent: &&mut AgentBook| !(agent.talks.is_empty() && agent.wrapping.is_empty());
        if let Some(agent) = self.agents.get_mut(agent).filter(at_work) {
            agent.wants_away |= away;
            agent.unsure |= unsure;
        }
    }

    /// Returns whether a contact is in a conversation.
    pub(super) fn talks(&self, call: InteractionId) -> bool {
        let contact = self.contacts.get(&call);
        contact.is_some_and(|contact| matches!(contact.whereabouts, Where::Talk { .. }))
    }
}
