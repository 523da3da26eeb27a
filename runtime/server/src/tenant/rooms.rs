//! Conversations by voice: who takes part, and who hears whom.
//!
//! Everything that joins legs of a conversation goes through here: the session joins customer and agent, a desk
//! adds somebody third, a supervisor listens, whispers or speaks. What is heard follows from who is there by
//! one rule, [`Room::hears`].

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jackfield_core::InteractionId;
use jackfield_telephony::{Endpoint, Hears, LegId, MixId};

/// How a supervisor takes part.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ear {
    /// Hears all, is heard by nobody.
    Listen,
    /// Is heard by the agent alone.
    Whisper,
    /// Is heard by all.
    Barge,
}

impl Ear {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Listen, Self::Whisper, Self::Barge];

    /// Its name in the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Listen => "listen",
            Self::Whisper => "whisper",
            Self::Barge => "barge",
        }
    }
}

/// Who takes part in one conversation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Room {
    /// The customer's leg.
    pub customer: LegId,
    /// The agent's leg.
    pub agent: LegId,
    /// The customer waits and is heard by nobody.
    pub held: bool,
    /// Somebody whom the agent has called.
    pub third: Option<LegId>,
    /// A supervisor.
    pub supervisor: Option<(LegId, Ear)>,
}

impl Room {
    /// Customer and agent talk.
    pub const fn new(customer: LegId, agent: LegId) -> Self {
        Self { customer, agent, held: false, third: None, supervisor: None }
    }

    /// Who hears whom, as pairs of who hears and who is heard.
    pub fn hears(&self) -> BTreeSet<(LegId, LegId)> {
        let mut talking = vec![self.agent];
        talking.extend((!self.held).then_some(self.customer));
        talking.extend(self.third);
        let mut hears = BTreeSet::new();
        for &one in &talking {
            hears.extend(talking.iter().filter(|other| **other != one).map(|other| (one, *other)));
        }
        if let Some((supervisor, ear)) = self.supervisor {
            hears.extend(talking.iter().map(|one| (supervisor, *one)));
            match ear {
                Ear::Listen => {}
                Ear::Whisper => drop(hears.insert((self.agent, supervisor))),
                Ear::Barge => hears.extend(talking.iter().map(|one| (*one, supervisor))),
            }
        }
        hears
    }

    fn legs(&self) -> impl Iterator<Item = LegId> {
        let supervisor = self.supervisor.map(|(leg, _)| leg);
        [Some(self.customer), Some(self.agent), self.third, supervisor].into_iter().flatten()
    }
}

/// The conversations of one tenant.
#[derive(Default)]
pub struct Rooms(Mutex<HashMap<InteractionId, Room>>);

impl Rooms {
    fn all(&self) -> MutexGuard<'_, HashMap<InteractionId, Room>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who takes part in a conversation that goes on.
    pub fn get(&self, interaction: InteractionId) -> Option<Room> {
        self.all().get(&interaction).cloned()
    }

    /// Joins a customer and an agent.
    pub fn open(&self, endpoint: &dyn Endpoint, interaction: InteractionId, room: Room) {
        let mut all = self.all();
        join(endpoint, interaction, &room);
        all.insert(interaction, room);
    }

    /// Changes who takes part, and what is heard with it. False if the conversation is over.
    pub fn change(
        &self,
        endpoint: &dyn Endpoint,
        interaction: InteractionId,
        change: impl FnOnce(&mut Room),
    ) -> bool {
        let mut all = self.all();
        let Some(room) = all.get_mut(&interaction) else { return false };
        let before: Vec<LegId> = room.legs().collect();
        change(room);
        let left = before.into_iter().filter(|leg| room.legs().all(|other| other != *leg));
        left.for_each(|leg| endpoint.unbridge(leg));
        join(endpoint, interaction, room);
        true
    }

    /// The conversation is over: those who took part hear nobody any more, but for `keep`, which has been
    /// joined with somebody else.
    pub fn close(&self, endpoint: &dyn Endpoint, interaction: InteractionId, keep: Option<LegId>) {
        let Some(room) = self.all().remove(&interaction) else { return };
        room.legs().filter(|leg| Some(*leg) != keep).for_each(|leg| endpoint.unbridge(leg));
    }
}

/// Has the legs hear what they are to hear: two by a bridge, more by a mix.
fn join(endpoint: &dyn Endpoint, interaction: InteractionId, room: &Room) {
    let hears = room.hears();
    let pair: Vec<LegId> =
        hears.iter().map(|(one, _)| *one).collect::<BTreeSet<_>>().into_iter().collect();
    let joined = match (pair.as_slice(), hears.len()) {
        (_, 0) => {
            room.legs().for_each(|leg| endpoint.unbridge(leg));
            Ok(())
        }
        (&[one, other], 2) => {
            let alone = room.legs().filter(|leg| !pair.contains(leg));
            alone.for_each(|leg| endpoint.unbridge(leg));
            endpoint.bridge(one, other)
        }
        _ => {
            let of = |leg: LegId| {
                let heard = hears.iter().filter(|(one, _)| *one == leg).map(|(_, other)| *other);
                Hears { leg, hears: heard.collect() }
            };
            let plan: Vec<Hears> =
                room.legs().map(of).filter(|row| !row.hears.is_empty()).collect();
            endpoint.mix(MixId(interaction.0), &plan)
        }
    };
    if let Err(error) = joined {
        // A leg has ended; its end is on its way and settles the matter.
        tracing::info!(%interaction, %error, "a conversation is not joined as it should be");
    }
}

#[cfg(test)]
mod tests;
