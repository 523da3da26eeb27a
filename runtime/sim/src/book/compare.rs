//! The two-way check: what the engine says of itself against what the world was told.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_core::{AgentId, CenterSnapshot, InteractionId, OfferId};

use super::{Book, Wrong, ensure};

impl Book {
    /// Compares the book with what the engine says of itself, both ways.
    ///
    /// # Errors
    ///
    /// [`Wrong`] if they differ.
    pub fn compare(&self, snapshot: &CenterSnapshot) -> Result<(), Wrong> {
        let all: BTreeSet<&AgentId> = self.agents.keys().chain(snapshot.agents.keys()).collect();
        for id in all {
            let told = self.agent_state(id);
            let is = snapshot.agents.get(id).map(|agent| agent.state.clone()).unwrap_or_default();
            ensure!(told == is, TwoWay, "{id} is {is}, but the world was told {told}");
        }
        let empty = BTreeSet::new();
        let queues: BTreeSet<_> = self.lines.keys().chain(snapshot.queues.keys()).collect();
        for queue in queues {
            let told = self.lines.get(queue).unwrap_or(&empty);
            let line = snapshot.queues.get(queue).map(|queue| queue.waiting.as_slice());
            let line = line.unwrap_or_default();
            let is: BTreeSet<InteractionId> = line.iter().map(|w| w.interaction).collect();
            let twice = line.len() - is.len();
            ensure!(twice == 0, TwoWay, "{twice} stand twice in the line of {queue}");
            for contact in told.symmetric_difference(&is) {
                let side = if is.contains(contact) { "not " } else { "" };
                ensure!(false, TwoWay, "the world was {side}told that {contact} is in {queue}");
            }
        }
        let lines = snapshot.queues.values().flat_map(|queue| &queue.waiting);
        let rings: BTreeMap<OfferId, (InteractionId, AgentId)> = lines
            .flat_map(|contact| {
                let rings = contact.ringing.iter();
                rings.map(|(offer, agent)| (*offer, (contact.interaction, agent.clone())))
            })
            .collect();
        for (offer, (contact, agent)) in &rings {
            let told = self.rings.get(offer);
            let same = told.is_some_and(|ring| ring.contact == *contact && ring.agent == *agent);
            ensure!(same, TwoWay, "offer {offer} rings, and the world was not told");
        }
        for (offer, ring) in &self.rings {
            let one = rings.contains_key(offer);
            // A snapshot names one of several phones that ring for a contact.
            let among = rings.values().any(|(contact, _)| *contact == ring.contact);
            ensure!(one || among, TwoWay, "the world was told that offer {offer} rings");
        }
        let (open, is) = (self.open_contacts().count(), snapshot.interactions as usize);
        ensure!(is == open, TwoWay, "{is} are in the centre, but the world was told of {open}");
        self.compare_recalls(snapshot)?;
        self.compare_works(snapshot)?;
        self.compare_estimates(snapshot)
    }

    /// What must hold when nothing goes on any more.
    ///
    /// # Errors
    ///
    /// [`Wrong`] if a contact has not ended or an agent is not free.
    pub fn check_end(&self) -> Result<(), Wrong> {
        if let Some((contact, _)) = self.contacts.first_key_value() {
            let count = self.contacts.len();
            ensure!(false, Liveness, "{count} contacts never end, {contact} the first of them");
        }
        if let Some(callback) = self.open_callbacks().next() {
            let phase = self.recalls.open.get(&callback).map(|recall| recall.phase.clone());
            ensure!(false, Liveness, "callback {callback} never ends: {phase:?}");
        }
        for blend in &self.peaks {
            let known = self.config.blends.contains_key(blend);
            ensure!(!known, Liveness, "the peak of {blend} never ends");
        }
        for (id, agent) in &self.agents {
            use jackfield_core::AgentState::{LoggedOut, NotReady, Ready};
            let free = matches!(agent.state, LoggedOut | NotReady { .. } | Ready);
            ensure!(free, Liveness, "{id} stays {}", agent.state);
        }
        if let Some((offer, ring)) = self.rings.first_key_value() {
            ensure!(false, Liveness, "offer {offer} to {} rings for ever", ring.agent);
        }
        Ok(())
    }
}
