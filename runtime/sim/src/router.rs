//! Routers and estimators as the simulator sees them, and the usual strategies in native code.
//!
//! The server plugs the real components in by the same traits. The native ones are models of the
//! bundled plugins and make runs fast.

use jackfield_core::{
    Candidate, Estimate, EstimateAsk, PluginFailure, RoutingAnswer, RoutingAsk, RoutingDecision,
};

use crate::chance::Seed;

/// Chooses agents.
pub trait Router {
    /// Answers one question.
    ///
    /// # Errors
    ///
    /// [`PluginFailure`] if there is no answer: the engine's built-in rule decides.
    fn choose(&mut self, ask: &RoutingAsk) -> Result<RoutingAnswer, PluginFailure>;

    /// Names the version: what the journal says about who decided.
    fn digest(&self) -> String;
}

/// Says how long a wait will be.
pub trait Estimator {
    /// Answers one question; `None` if it cannot tell.
    ///
    /// # Errors
    ///
    /// [`PluginFailure`] if there is no answer: nothing is told.
    fn estimate(&mut self, ask: &EstimateAsk) -> Result<Option<Estimate>, PluginFailure>;

    /// Names the version.
    fn digest(&self) -> String;
}

/// A strategy in native code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Native {
    /// The longest idle agent.
    LongestIdle,
    /// The agent after the one who had the queue's latest offer, by name.
    RoundRobin,
    /// Any agent.
    Random,
    /// The agent with the fewest conversations.
    FewestContacts,
    /// The agent with the least talk time.
    LeastTalkTime,
    /// Preferred skills first, then the level in the queue, then the longest idle.
    Skills,
    /// The agent's own order of queues first, then the longest idle.
    TopDown,
    /// Everybody at once.
    RingAll,
    /// One after the other, those before ringing on.
    RingProgressive,
}

impl Native {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::LongestIdle,
        Self::RoundRobin,
        Self::Random,
        Self::FewestContacts,
        Self::LeastTalkTime,
        Self::Skills,
        Self::TopDown,
        Self::RingAll,
        Self::RingProgressive,
    ];

    /// Returns the strategy's name in scenarios.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LongestIdle => "longest-idle",
            Self::RoundRobin => "round-robin",
            Self::Random => "random",
            Self::FewestContacts => "fewest-contacts",
            Self::LeastTalkTime => "least-talk-time",
            Self::Skills => "skills",
            Self::TopDown => "top-down",
            Self::RingAll => "ring-all",
            Self::RingProgressive => "ring-progressive",
        }
    }

    /// Returns the strategy of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|native| native.name() == name)
    }

    fn ranked(self, ask: &RoutingAsk) -> Vec<&Candidate> {
        let mut ranked: Vec<&Candidate> = ask.candidates.iter().collect();
        match self {
            Self::LongestIdle | Self::RingAll | Self::RingProgressive => (),
            Self::RoundRobin => {
                let last = ask.queue.last_offered.as_ref();
                ranked.sort_by_key(|shown| {
                    (last.is_some_and(|last| shown.agent <= *last), &shown.agent)
                });
            }
            Self::Random => {
                let seed = Seed::new(ask.seed.into());
                let places = (0..).zip(ranked);
                let mut drawn: Vec<_> =
                    places.map(|(n, shown)| (seed.leaf(n).pcg().roll(), shown)).collect();
                drawn.sort_by_key(|(place, _)| *place);
                ranked = drawn.into_iter().map(|(_, shown)| shown).collect();
            }
            Self::FewestContacts => ranked.sort_by_key(|shown| shown.contacts),
            Self::LeastTalkTime => ranked.sort_by_key(|shown| shown.talk_seconds),
            Self::Skills => ranked.sort_by_key(|shown| {
                let met = ask.contact.preferred.iter().filter(|wanted| {
                    let has = |skill: &&jackfield_core::SkillLevel| {
                        skill.name == wanted.name && wanted.level <= skill.level
                    };
                    shown.skills.iter().any(|skill| has(&skill))
                });
                (std::cmp::Reverse(met.count()), std::cmp::Reverse(shown.level))
            }),
            Self::TopDown => ranked.sort_by_key(|shown| {
                shown.ranks.get(&ask.contact.queue).copied().unwrap_or_default()
            }),
        }
        ranked
    }
}

impl Router for Native {
    fn choose(&mut self, ask: &RoutingAsk) -> Result<RoutingAnswer, PluginFailure> {
        let names = self.ranked(ask).into_iter().map(|shown| shown.agent.to_string()).collect();
        let decision = match self {
            Self::RingAll => RoutingDecision::OfferAll(names),
            Self::RingProgressive => {
                RoutingDecision::OfferProgressive { agents: names, step_ms: 5_000 }
            }
            _ => RoutingDecision::Offer(names),
        };
        Ok(RoutingAnswer { decision, because: Vec::new(), scores: Vec::new() })
    }

    fn digest(&self) -> String {
        format!("native:{}", self.name())
    }
}

/// The bundled estimators in native code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NativeEstimator {
    /// As a queue of one fast server: [`jackfield_core::erlang_like`].
    Erlang,
    /// From the latest waits: [`jackfield_core::empirical`].
    Empirical,
}

impl NativeEstimator {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Erlang, Self::Empirical];

    /// Returns the estimator's name in scenarios.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Erlang => "erlang",
            Self::Empirical => "empirical",
        }
    }

    /// Returns the estimator of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|native| native.name() == name)
    }
}

impl Estimator for NativeEstimator {
    fn estimate(&mut self, ask: &EstimateAsk) -> Result<Option<Estimate>, PluginFailure> {
        Ok(match self {
            Self::Erlang => jackfield_core::erlang_like(ask),
            Self::Empirical => jackfield_core::empirical(ask),
        })
    }

    fn digest(&self) -> String {
        format!("native:{}", self.name())
    }
}
