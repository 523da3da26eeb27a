//! One queue: who waits in which order, and who is ready for it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::opening::Door;
use crate::{AgentId, AskId, Instant, InteractionId, QueueConfig, SkillLevel};

/// A contact's place in line: priority first, then the time of joining the first queue of the stay.
///
/// It is made once for each stay, so a contact keeps its place whatever becomes of its offers.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Place {
    pub(crate) priority: Reverse<i8>,
    pub(crate) joined: Instant,
    pub(crate) interaction: InteractionId,
}

/// The skills a contact requires, in one order, so that equal requirements are found to be equal.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Need(Arc<[(String, u8)]>);

impl Need {
    pub(crate) fn new(required: &[SkillLevel]) -> Self {
        let mut levels: BTreeMap<&str, u8> = BTreeMap::new();
        for skill in required {
            let level = levels.entry(&skill.name).or_default();
            *level = skill.level.get().max(*level);
        }
        Self(levels.into_iter().map(|(name, level)| (name.to_owned(), level)).collect())
    }

    pub(crate) fn met_by(&self, skills: &[SkillLevel]) -> bool {
        self.0.iter().all(|(name, level)| {
            skills.iter().any(|skill| skill.name == *name && *level <= skill.level.get())
        })
    }
}

/// One queue.
///
/// Contacts that wait are kept by requirement: a thousand contacts that need a skill nobody has
/// just now cost one look, not a thousand.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) config: QueueConfig,
    /// Everyone in the queue, ringing or not.
    pub(crate) line: BTreeSet<Place>,
    /// Those who may be offered or asked about.
    waiting: BTreeMap<Need, BTreeSet<Place>>,
    /// Those whom the router wants to leave waiting for a while.
    pub(crate) paused: BTreeSet<Place>,
    /// The queue's agents who are Ready, longest idle first.
    pub(crate) ready: BTreeSet<(Instant, AgentId)>,
    /// The queue's agents who are logged in.
    pub(crate) members: BTreeSet<AgentId>,
    /// The question to the router that is open.
    pub(crate) ask: Option<AskId>,
    /// How often an agent became ready: tells an answer that is out of date from a fresh one.
    pub(crate) readied: u64,
    /// Gone from the configuration: ringing offers may still be answered, nothing else happens.
    pub(crate) closing: bool,
    /// Whether it takes contacts.
    pub(crate) door: Door,
}

impl Queue {
    pub(crate) fn new(config: QueueConfig) -> Self {
        Self {
            config,
            line: BTreeSet::new(),
            waiting: BTreeMap::new(),
            paused: BTreeSet::new(),
            ready: BTreeSet::new(),
            members: BTreeSet::new(),
            ask: None,
            readied: 0,
            closing: false,
            door: Door::default(),
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.config.max_size as usize <= self.line.len()
    }

    /// Returns the place's number in line, whether or not it is taken yet; 1 is next.
    pub(crate) fn position(&self, place: &Place) -> u32 {
        // Counted from the end, where nearly all contacts join.
        let behind = self.line.range(place..).filter(|other| *other != place).count();
        let others = self.line.len() - usize::from(self.line.contains(place));
        u32::try_from(others - behind + 1).unwrap_or(u32::MAX)
    }

    pub(crate) fn wait(&mut self, need: &Need, place: Place) {
        self.waiting.entry(need.clone()).or_default().insert(place);
    }

    pub(crate) fn stop_waiting(&mut self, need: &Need, place: &Place) {
        let Some(places) = self.waiting.get_mut(need) else { return };
        places.remove(place);
        if places.is_empty() {
            self.waiting.remove(need);
        }
    }

    /// Returns those who may be offered, in order within each requirement.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &BTreeSet<Place>> {
        self.waiting.values()
    }
}
