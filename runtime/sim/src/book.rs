//! The world's own book: what the engine has said, kept apart from what the engine says it knows.
//!
//! The book is written from inputs and outputs alone. Each record is checked against the rules as it
//! comes in ([`Book::take`]); the whole is compared with the engine's snapshot both ways
//! ([`Book::compare`]). What the book finds wrong is a [`Wrong`].

mod compare;
mod need;
mod recall;
mod rules;
mod staff;
mod telling;
mod writing;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use recall::Recalls;
use telling::{Estimates, Heard};

use jackfield_core::{
    AgentId, AgentState, AskId, CallbackId, CenterConfig, Channel, Expression, Instant,
    InteractionId, OfferId, QueueId, QueueOptions, SkillLevel,
};

/// What must hold at every moment.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Rule {
    /// An agent has no more work than its capacity allows, a contact is in one place.
    DoubleBooking,
    /// Every contact that came is somewhere.
    LostContact,
    /// Every stay and every contact ends exactly once.
    OneEnding,
    /// An agent has the skills the contact requires, and serves its queue.
    MandatorySkill,
    /// After-call work lasts as long as the queue says unless the agent ends it.
    WrapUp,
    /// Nobody waits for an agent who is free, unless a router says so.
    WorkConserving,
    /// Contacts are offered in the order of their places.
    Order,
    /// Nobody is overtaken without end.
    Starvation,
    /// What a customer is told of its position is true, and never gets worse by itself.
    Position,
    /// Nobody waits, rings or stands in line beyond a limit.
    Limit,
    /// A phone rings for somebody who waits, once, and is spared for a while after a failure.
    Ringing,
    /// An agent's states follow from its work.
    AgentState,
    /// No callback is lost, doubled, moved from its place or given up before its time.
    Callback,
    /// Agents are offered nothing but what their protected hours allow.
    Protected,
    /// Staff move between calls and deferred work at the marks of the blend, and not before.
    Blend,
    /// Contacts of heavier queues go first.
    Weight,
    /// What must be is less, or more, only when its time has come.
    Relaxing,
    /// What a customer is told of its wait is calibrated, and does not rise by itself.
    Estimate,
    /// What is put aside can be, and is taken up when there is room.
    Interruption,
    /// What was told to the world outlives a crash.
    Durability,
    /// The engine's snapshot is what the world was told.
    TwoWay,
    /// The same inputs give the same outputs.
    Replay,
    /// Without faults everything comes to its end and every agent is free.
    Liveness,
}

impl Rule {
    /// Returns the rule's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DoubleBooking => "double-booking",
            Self::LostContact => "lost-contact",
            Self::OneEnding => "one-ending",
            Self::MandatorySkill => "mandatory-skill",
            Self::WrapUp => "wrap-up",
            Self::WorkConserving => "work-conserving",
            Self::Order => "order",
            Self::Starvation => "starvation",
            Self::Position => "position",
            Self::Limit => "limit",
            Self::Ringing => "ringing",
            Self::AgentState => "agent-state",
            Self::Callback => "callback",
            Self::Protected => "protected",
            Self::Blend => "blend",
            Self::Weight => "weight",
            Self::Relaxing => "relaxing",
            Self::Estimate => "estimate",
            Self::Interruption => "interruption",
            Self::Durability => "durability",
            Self::TwoWay => "two-way",
            Self::Replay => "replay",
            Self::Liveness => "liveness",
        }
    }
}

/// A rule that was broken.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{rule}: {what}")]
pub struct Wrong {
    /// Which.
    pub rule: Rule,
    /// By what.
    pub what: String,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

macro_rules! ensure {
    ($holds:expr, $rule:ident, $($what:tt)*) => {
        if !$holds {
            return Err($crate::book::Wrong {
                rule: $crate::book::Rule::$rule,
                what: format!($($what)*),
            });
        }
    };
}
pub(crate) use ensure;

/// How an agent whose offer failed is spared the same contact when there is nobody else.
pub(crate) const BACK_OFF: Duration = Duration::from_secs(2);

/// A stay in a queue.
#[derive(Clone, Debug)]
pub(crate) struct Stay {
    pub(crate) queue: QueueId,
    /// When the first queue of the stay was joined.
    pub(crate) joined: Instant,
    /// From when on the place in line counts: as `joined`, but for callbacks.
    pub(crate) place: Instant,
    /// When this queue was joined.
    pub(crate) here_since: Instant,
    pub(crate) options: QueueOptions,
    pub(crate) priority: i8,
    /// The step of eligibility in force.
    pub(crate) step: u32,
    /// What an agent must be at that step.
    pub(crate) need: Need,
    /// Whose offer of it failed, and when.
    pub(crate) failed: BTreeMap<AgentId, Instant>,
    pub(crate) rings: BTreeSet<OfferId>,
    pub(crate) overtaken: u32,
    /// The router left it waiting until then.
    pub(crate) paused: Option<Instant>,
    /// What was estimated and told of its wait in this queue.
    pub(crate) heard: Heard,
}

impl Stay {
    fn new(queue: QueueId, at: Instant, options: QueueOptions) -> Self {
        Self {
            queue,
            joined: at,
            place: at,
            here_since: at,
            priority: options.priority,
            options,
            step: 0,
            need: Need::default(),
            failed: BTreeMap::new(),
            rings: BTreeSet::new(),
            overtaken: 0,
            paused: None,
            heard: Heard::default(),
        }
    }
}

/// What an agent must be to be offered a contact.
#[derive(Clone, Debug, Default)]
pub(crate) struct Need {
    skills: Vec<SkillLevel>,
    eligible: Option<Expression>,
}

/// Where a contact is.
#[derive(Clone, Debug)]
pub(crate) enum Where {
    Flow,
    Queue(Box<Stay>),
    Talk { agent: AgentId, queue: QueueId },
}

#[derive(Clone, Debug)]
pub(crate) struct Contact {
    pub(crate) channel: Channel,
    pub(crate) whereabouts: Where,
    pub(crate) options: QueueOptions,
    /// The number it calls from.
    pub(crate) ani: Option<String>,
    /// The queue it left last, its place and its priority there.
    pub(crate) last: Option<(QueueId, Instant, i8)>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct AgentBook {
    pub(crate) state: AgentState,
    pub(crate) rings: BTreeSet<OfferId>,
    pub(crate) talks: BTreeSet<InteractionId>,
    /// Of these, what is put aside.
    pub(crate) aside: BTreeSet<InteractionId>,
    /// After-call work that is not over, by the conversation it follows.
    pub(crate) wrapping: BTreeMap<InteractionId, Channel>,
    /// Since when and how long after-call work is due.
    pub(crate) wrap: Option<(Instant, Duration)>,
    /// It asked for a pause, or for the way home, that comes after the work at hand.
    pub(crate) wants_away: bool,
    /// It is to be logged out once its conversations are over.
    pub(crate) leaving: bool,
    /// It has had a capacity for several contacts, so that it may have several still.
    pub(crate) several: bool,
    /// It refused an offer while at work, and may have to pause for it.
    pub(crate) unsure: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Ring {
    pub(crate) contact: InteractionId,
    pub(crate) agent: AgentId,
    pub(crate) until: Instant,
}

/// An open question to a router.
#[derive(Clone, Debug)]
pub(crate) struct OpenAsk {
    pub(crate) ask: AskId,
    pub(crate) contact: InteractionId,
    pub(crate) held: AgentId,
    pub(crate) deadline: Instant,
}

/// What the world was told.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub(crate) now: Instant,
    pub(crate) config: CenterConfig,
    /// When the set-up came: limits that it moved to the past are due then.
    pub(crate) configured: Instant,
    /// After-call work by queue, as last heard.
    pub(crate) wrap_ups: BTreeMap<QueueId, Duration>,
    pub(crate) agents: BTreeMap<AgentId, AgentBook>,
    pub(crate) contacts: BTreeMap<InteractionId, Contact>,
    /// Contacts that are over.
    pub(crate) closed: BTreeSet<InteractionId>,
    /// Contacts in line by queue.
    pub(crate) lines: BTreeMap<QueueId, BTreeSet<InteractionId>>,
    pub(crate) rings: BTreeMap<OfferId, Ring>,
    /// All offers and questions, for scripts.
    pub(crate) offers: BTreeMap<OfferId, (InteractionId, AgentId)>,
    pub(crate) asked: BTreeMap<AskId, InteractionId>,
    pub(crate) asks: BTreeMap<QueueId, OpenAsk>,
    /// Which contact asked for each callback.
    pub(crate) requests: BTreeMap<CallbackId, InteractionId>,
    /// Blends in their peak.
    pub(crate) peaks: BTreeSet<String>,
    /// Since when few enough wait that a peak can end, by blend.
    pub(crate) calm: BTreeMap<String, Instant>,
    pub(crate) recalls: Recalls,
    /// Queues that were said to be closed.
    pub(crate) shut: BTreeSet<QueueId>,
    /// See [`Book::believing`].
    pub(crate) estimates_believed: bool,
    /// How well waits were estimated, by queue that announces.
    pub(crate) estimates: BTreeMap<QueueId, Estimates>,
    /// See [`crate::Plan::overtakes_max`].
    pub(crate) overtakes_max: u32,
    pub(crate) offers_made: u64,
    pub(crate) connects: u64,
}

impl Book {
    /// An empty book.
    pub fn new(overtakes_max: u32) -> Self {
        Self { overtakes_max, ..Self::default() }
    }

    /// The same with estimates that are told before they are calibrated: for tests of what is told.
    #[must_use]
    pub fn believing(self, estimates_believed: bool) -> Self {
        Self { estimates_believed, ..self }
    }

    /// Returns the state that an agent was said to be in.
    pub fn agent_state(&self, agent: &AgentId) -> AgentState {
        self.agents.get(agent).map(|agent| agent.state.clone()).unwrap_or_default()
    }

    /// Returns the states of all agents: what is handed over at a restart.
    pub fn agent_states(&self) -> Vec<(AgentId, AgentState)> {
        self.agents.iter().map(|(id, agent)| (id.clone(), agent.state.clone())).collect()
    }

    /// Returns the contacts that came and are not over.
    pub fn open_contacts(&self) -> impl Iterator<Item = InteractionId> {
        self.contacts.keys().copied().filter(|id| id.callback().is_none())
    }

    /// Returns who stands in a queue's line, next first.
    pub fn in_line(&self, queue: &QueueId) -> Vec<InteractionId> {
        let line = self.lines.get(queue).into_iter().flatten();
        let placed = line.filter_map(|id| Some((self.place(*id, self.stay(*id)?), *id)));
        let mut placed: Vec<_> = placed.collect();
        placed.sort();
        placed.into_iter().map(|(_, id)| id).collect()
    }

    /// Returns how many offers were made and how many were accepted.
    pub const fn offers(&self) -> (u64, u64) {
        (self.offers_made, self.connects)
    }

    pub(crate) fn stay(&self, contact: InteractionId) -> Option<&Stay> {
        match &self.contacts.get(&contact)?.whereabouts {
            Where::Queue(stay) => Some(stay),
            Where::Flow | Where::Talk { .. } => None,
        }
    }

    pub(crate) fn stay_mut(&mut self, contact: InteractionId) -> Option<&mut Stay> {
        match &mut self.contacts.get_mut(&contact)?.whereabouts {
            Where::Queue(stay) => Some(stay),
            Where::Flow | Where::Talk { .. } => None,
        }
    }

    /// Contacts in lines that no phone rings for.
    pub(crate) fn unserved(&self) -> impl Iterator<Item = (InteractionId, &Stay)> {
        let all = self.lines.values().flatten();
        let stays = all.filter_map(|contact| Some((*contact, self.stay(*contact)?)));
        stays.filter(|(_, stay)| stay.rings.is_empty())
    }
}
