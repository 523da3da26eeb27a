//! One queue: who waits in which order, and who is ready for it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Included};

use crate::need::Need;
use crate::opening::Door;
use crate::table::AgentKey;
use crate::{AgentId, AgentState, AskId, Channel, Instant, InteractionId, QueueConfig, QueueId};

/// A quarter of an hour in microseconds.
const QUARTER: u64 = 15 * 60 * 1_000_000;
/// Later than any moment.
const END: Instant = Instant::from_micros(u64::MAX);

/// A contact's place in line: the queue's weight, then priority, then the time of joining the first
/// queue of the stay.
///
/// A contact keeps its place whatever becomes of its offers. Only what is meant to change it does:
/// another queue's weight, a new priority.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Place {
    pub(crate) weight: Reverse<u8>,
    pub(crate) priority: Reverse<i8>,
    pub(crate) joined: Instant,
    pub(crate) interaction: InteractionId,
}

/// An agent's turn among those who can take a contact: least loaded, then longest idle, then name.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Turn {
    pub(crate) load: u8,
    pub(crate) since: Instant,
    /// The name's number in the order of names.
    pub(crate) rank: u32,
    pub(crate) agent: AgentKey,
}

/// Who can take a contact now.
///
/// Agents with the default capacity take any channel or none, so they stand once; the others stand
/// by channel.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    any: BTreeSet<Turn>,
    by_channel: [BTreeSet<Turn>; Channel::ALL.len()],
}

impl Turns {
    pub(crate) fn set(&mut self, channel: Option<Channel>) -> &mut BTreeSet<Turn> {
        match channel {
            None => &mut self.any,
            Some(channel) => &mut self.by_channel[channel as usize],
        }
    }

    pub(crate) fn clear(&mut self) {
        self.any.clear();
        self.by_channel.iter_mut().for_each(BTreeSet::clear);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.any.is_empty() && self.by_channel.iter().all(BTreeSet::is_empty)
    }

    /// Returns those who can take a contact of this channel, first turn first.
    pub(crate) fn of(&self, channel: Channel) -> impl Iterator<Item = &Turn> {
        let mut any = self.any.iter().peekable();
        let mut own = self.by_channel[channel as usize].iter().peekable();
        std::iter::from_fn(move || match (any.peek(), own.peek()) {
            (Some(left), Some(right)) if right < left => own.next(),
            (None, _) => own.next(),
            _ => any.next(),
        })
    }

    pub(crate) fn count(&self, channel: Channel) -> usize {
        self.any.len() + self.by_channel[channel as usize].len()
    }
}

/// One queue.
///
/// Contacts that wait are kept by need: a thousand contacts that need a skill nobody has just now
/// cost one look, not a thousand.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) id: QueueId,
    pub(crate) config: QueueConfig,
    /// Everyone in the queue, ringing or not.
    pub(crate) line: BTreeSet<Place>,
    /// How many of them have which weight and priority.
    groups: BTreeMap<(Reverse<u8>, Reverse<i8>), u32>,
    /// Those who may be offered or asked about.
    pub(crate) waiting: BTreeMap<Need, BTreeSet<Place>>,
    /// The same, but nobody who is ready meets their need, `fresh` not looked at.
    pub(crate) unmet: BTreeMap<Need, BTreeSet<Place>>,
    /// Those whom the router wants to leave waiting for a while.
    pub(crate) paused: BTreeSet<Place>,
    /// How many in line have a phone ringing.
    pub(crate) ringing: u32,
    /// Who can take a contact now.
    pub(crate) turns: Turns,
    /// Who has become able to take one since the last look at `unmet`.
    pub(crate) fresh: Vec<AgentKey>,
    /// All agents of the queue, by name.
    pub(crate) agents: Vec<AgentKey>,
    /// How many of them are in which state.
    pub(crate) states: [u32; AgentState::COUNT],
    /// The question to the router that is open.
    pub(crate) ask: Option<AskId>,
    /// How often an agent became able to take one: tells an answer that is out of date from a fresh
    /// one.
    pub(crate) readied: u64,
    /// To whom the latest offer went.
    pub(crate) last_offered: Option<AgentId>,
    pub(crate) recent: Recent,
    /// Of the line, those who are callbacks.
    callbacks: u32,
    /// How many customers of callbacks are dialled for whoever is free.
    pub(crate) dialling: u32,
    /// Gone from the configuration: ringing offers may still be answered, nothing else happens.
    pub(crate) closing: bool,
    /// Whether it takes contacts.
    pub(crate) door: Door,
    /// As if it had never been.
    pub(crate) gone: bool,
}

impl Queue {
    pub(crate) fn new(id: QueueId) -> Self {
        Self {
            id,
            config: QueueConfig::default(),
            line: BTreeSet::new(),
            groups: BTreeMap::new(),
            waiting: BTreeMap::new(),
            unmet: BTreeMap::new(),
            paused: BTreeSet::new(),
            ringing: 0,
            turns: Turns::default(),
            fresh: Vec::new(),
            agents: Vec::new(),
            states: [0; AgentState::COUNT],
            ask: None,
            readied: 0,
            last_offered: None,
            recent: Recent::default(),
            callbacks: 0,
            dialling: 0,
            closing: false,
            door: Door::default(),
            gone: true,
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.config.max_size as usize <= self.line.len() - self.callbacks as usize
    }

    pub(crate) fn enter(&mut self, place: Place) {
        if self.line.insert(place) {
            *self.groups.entry((place.weight, place.priority)).or_default() += 1;
            self.callbacks += u32::from(place.interaction.callback().is_some());
        }
    }

    pub(crate) fn exit(&mut self, place: &Place) {
        if !self.line.remove(place) {
            return;
        }
        self.callbacks -= u32::from(place.interaction.callback().is_some());
        let group = (place.weight, place.priority);
        if let Some(count) = self.groups.get_mut(&group) {
            *count -= 1;
            if *count == 0 {
                self.groups.remove(&group);
            }
        }
    }

    /// Returns the place's number in line, whether or not it is taken yet; 1 is next.
    pub(crate) fn position(&self, place: &Place) -> u32 {
        let group = (place.weight, place.priority);
        let better: u32 = self.groups.range(..group).map(|(_, count)| count).sum();
        let same = self.groups.get(&group).copied().unwrap_or(0);
        // Counted from the end of the group, where nearly all contacts join.
        let end = Place { joined: END, interaction: InteractionId(u64::MAX), ..*place };
        let behind = self.line.range((Excluded(*place), Included(end))).count();
        let present = usize::from(self.line.contains(place));
        better + same - u32::try_from(behind + present).unwrap_or(same) + 1
    }

    pub(crate) fn wait(&mut self, need: &Need, place: Place) {
        if let Some(places) = self.unmet.get_mut(need) {
            places.insert(place);
        } else if let Some(places) = self.waiting.get_mut(need) {
            places.insert(place);
        } else {
            self.waiting.insert(need.clone(), BTreeSet::from([place]));
        }
    }

    pub(crate) fn stop_waiting(&mut self, need: &Need, place: &Place) {
        for places in [&mut self.waiting, &mut self.unmet] {
            if let Some(same) = places.get_mut(need) {
                same.remove(place);
                if same.is_empty() {
                    places.remove(need);
                }
            }
        }
    }

    /// Returns when the contact joined who has waited longest.
    pub(crate) fn longest(&self) -> Option<Instant> {
        // Within one priority the first has waited longest.
        let firsts = self.groups.keys().filter_map(|(weight, priority)| {
            let (joined, interaction) = (Instant::default(), InteractionId(0));
            let start = Place { weight: *weight, priority: *priority, joined, interaction };
            // The customer of a callback does not wait on the phone.
            self.line.range(start..).find(|place| place.interaction.callback().is_none())
        });
        firsts.map(|place| place.joined).min()
    }

    /// Returns how many wait and have no phone ringing.
    pub(crate) fn idle_contacts(&self) -> u32 {
        u32::try_from(self.line.len()).unwrap_or(u32::MAX).saturating_sub(self.ringing)
    }
}

/// What was answered or abandoned in this and the last quarter of an hour.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    quarter: u64,
    this: Counts,
    last: Counts,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    counted: u32,
    in_target: u32,
}

impl Recent {
    pub(crate) fn count(&mut self, now: Instant, in_target: bool) {
        let (this, last) = self.at(now);
        (self.quarter, self.this, self.last) = (now.as_micros() / QUARTER, this, last);
        self.this.counted = self.this.counted.saturating_add(1);
        self.this.in_target = self.this.in_target.saturating_add(in_target.into());
    }

    /// Returns how many count, and the share of them that was answered in time.
    pub(crate) fn level(&self, now: Instant) -> (u32, f64) {
        let (this, last) = self.at(now);
        let counted = this.counted.saturating_add(last.counted);
        let in_target = this.in_target.saturating_add(last.in_target);
        let share = crate::view::share(in_target as usize, counted as usize);
        let level = if counted == 0 { 1.0 } else { share };
        (counted, level)
    }

    fn at(&self, now: Instant) -> (Counts, Counts) {
        match (now.as_micros() / QUARTER).saturating_sub(self.quarter) {
            0 => (self.this, self.last),
            1 => (Counts::default(), self.this),
            _ => (Counts::default(), Counts::default()),
        }
    }
}
