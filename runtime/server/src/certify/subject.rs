//! What can be asked: routers and estimators, with what their questions and answers have in common.

use std::sync::Arc;

use jackfield_core::{
    Attribute, Estimate, EstimateAsk, InteractionId, PluginFailure, RoutingAnswer, RoutingAsk,
    RoutingDecision,
};
use jackfield_plugin_host::{
    Grants, InstallError, MeteredEstimator, MeteredHost, MeteredRouter, ReplayServices,
};
use jackfield_sim::{Plan, made_up_ask, made_up_estimate_ask};

use super::{simpler, tell};

/// The longest wait that a router may ask for: a day.
const WAIT_MS_MAX: u32 = 86_400_000;
/// Between two agents who are rung in turn.
const STEP_MS: std::ops::RangeInclusive<u32> = 1_000..=60_000;

/// A plugin that answers questions.
pub trait Subject: Sized {
    /// A question.
    type Ask: Clone;
    /// An answer.
    type Answer: PartialEq;

    /// Loads it.
    fn load(host: &MeteredHost, wasm: &[u8]) -> Result<Self, InstallError>;
    /// The same with nothing remembered.
    fn fresh(&self, services: Arc<ReplayServices>) -> Self;
    /// Asks.
    fn put(&mut self, ask: &Self::Ask) -> Result<Self::Answer, PluginFailure>;
    /// Whether its instance has answered before.
    fn is_warm(&self) -> bool;
    /// The fuel of the latest answer.
    fn fuel_last(&self) -> u64;
    /// The most memory of its instances.
    fn memory_bytes(&self) -> usize;

    /// The engine's clock at the question, in microseconds.
    fn now_micros(ask: &Self::Ask) -> u64;
    /// What is impossible about an answer.
    fn nonsense(ask: &Self::Ask, answer: &Self::Answer) -> Option<String>;
    /// The contact that it is about, and whether it is to wait by this answer.
    fn defers(ask: &Self::Ask, answer: &Self::Answer) -> (InteractionId, bool);
    /// Questions that are a little simpler, the greatest steps first.
    fn simpler(ask: &Self::Ask) -> Vec<Self::Ask>;
    /// The question in words, a line each.
    fn tell(ask: &Self::Ask) -> Vec<String>;
    /// The answer in words.
    fn tell_answer(answer: &Self::Answer) -> String;
    /// A centre in which it is asked.
    fn plan(seed: u64, settings: &[Attribute]) -> Plan;
    /// A question that is hardly ever asked.
    fn made_up(seed: u64, settings: &[Attribute]) -> Self::Ask;
}

/// The name by which queues of made-up centres know the plugin.
pub const NAME: &str = "plugin";

fn micros(seconds: f64) -> u64 {
    (seconds * 1e6) as u64
}

impl Subject for MeteredRouter {
    type Ask = RoutingAsk;
    type Answer = RoutingAnswer;

    fn load(host: &MeteredHost, wasm: &[u8]) -> Result<Self, InstallError> {
        host.router(wasm, &Grants::all(), Arc::new(ReplayServices::new(1)))
    }

    fn fresh(&self, services: Arc<ReplayServices>) -> Self {
        Self::fresh(self, services)
    }

    fn put(&mut self, ask: &RoutingAsk) -> Result<RoutingAnswer, PluginFailure> {
        self.choose(ask)
    }

    fn is_warm(&self) -> bool {
        Self::is_warm(self)
    }

    fn fuel_last(&self) -> u64 {
        Self::fuel_last(self)
    }

    fn memory_bytes(&self) -> usize {
        Self::memory_bytes(self)
    }

    fn now_micros(ask: &RoutingAsk) -> u64 {
        micros(ask.now_seconds)
    }

    fn nonsense(ask: &RoutingAsk, answer: &RoutingAnswer) -> Option<String> {
        let named = match &answer.decision {
            RoutingDecision::Offer(names) | RoutingDecision::OfferAll(names) => names,
            RoutingDecision::OfferProgressive { agents, step_ms } => {
                if !STEP_MS.contains(step_ms) {
                    return Some(format!("rings one more after {step_ms} ms, not 1,000 to 60,000"));
                }
                agents
            }
            RoutingDecision::WaitMs(0) => {
                return Some("asks to be asked again in no time".to_owned());
            }
            RoutingDecision::WaitMs(wait) if WAIT_MS_MAX < *wait => {
                return Some(format!("asks to wait {wait} ms, more than a day"));
            }
            RoutingDecision::WaitMs(_) => return stranger(ask, answer),
            RoutingDecision::MoveTo(queue) if *queue == ask.contact.queue.as_str() => {
                return Some(format!("moves the contact to `{queue}`, where it is"));
            }
            RoutingDecision::SetPriority(priority) if *priority == ask.contact.priority => {
                return Some(format!("gives the contact the priority {priority}, which it has"));
            }
            RoutingDecision::MoveTo(_) | RoutingDecision::SetPriority(_) => return None,
        };
        let twice = named.iter().enumerate().find(|(at, name)| named[..*at].contains(name));
        if let Some((_, name)) = twice {
            return Some(format!("names `{name}` twice"));
        }
        stranger(ask, answer)
    }

    fn defers(ask: &RoutingAsk, answer: &RoutingAnswer) -> (InteractionId, bool) {
        (ask.contact.id, matches!(answer.decision, RoutingDecision::WaitMs(_)))
    }

    fn simpler(ask: &RoutingAsk) -> Vec<RoutingAsk> {
        simpler::routing(ask)
    }

    fn tell(ask: &RoutingAsk) -> Vec<String> {
        tell::routing(ask)
    }

    fn tell_answer(answer: &RoutingAnswer) -> String {
        tell::answer(answer)
    }

    fn plan(seed: u64, settings: &[Attribute]) -> Plan {
        Plan::examining_router(seed, NAME, settings)
    }

    fn made_up(seed: u64, settings: &[Attribute]) -> RoutingAsk {
        made_up_ask(seed, settings)
    }
}

/// Somebody who is scored and is no candidate.
fn stranger(ask: &RoutingAsk, answer: &RoutingAnswer) -> Option<String> {
    let known = |name: &str| ask.candidates.iter().any(|one| one.agent.as_str() == name);
    let stranger = answer.scores.iter().find(|(name, _)| !known(name));
    stranger.map(|(name, _)| format!("scores `{name}`, who is no candidate"))
}

impl Subject for MeteredEstimator {
    type Ask = EstimateAsk;
    type Answer = Option<Estimate>;

    fn load(host: &MeteredHost, wasm: &[u8]) -> Result<Self, InstallError> {
        host.estimator(wasm, &Grants::all(), Arc::new(ReplayServices::new(1)))
    }

    fn fresh(&self, services: Arc<ReplayServices>) -> Self {
        Self::fresh(self, services)
    }

    fn put(&mut self, ask: &EstimateAsk) -> Result<Option<Estimate>, PluginFailure> {
        self.estimate(ask)
    }

    fn is_warm(&self) -> bool {
        Self::is_warm(self)
    }

    fn fuel_last(&self) -> u64 {
        Self::fuel_last(self)
    }

    fn memory_bytes(&self) -> usize {
        Self::memory_bytes(self)
    }

    fn now_micros(ask: &EstimateAsk) -> u64 {
        micros(ask.now_seconds)
    }

    fn nonsense(_: &EstimateAsk, _: &Option<Estimate>) -> Option<String> {
        // A p90 below its p50 is refused by the host already.
        None
    }

    fn defers(ask: &EstimateAsk, _: &Option<Estimate>) -> (InteractionId, bool) {
        (ask.interaction, false)
    }

    fn simpler(ask: &EstimateAsk) -> Vec<EstimateAsk> {
        simpler::estimating(ask)
    }

    fn tell(ask: &EstimateAsk) -> Vec<String> {
        tell::estimating(ask)
    }

    fn tell_answer(answer: &Option<Estimate>) -> String {
        tell::estimate(answer.as_ref())
    }

    fn plan(seed: u64, settings: &[Attribute]) -> Plan {
        Plan::examining_estimator(seed, NAME, settings)
    }

    fn made_up(seed: u64, settings: &[Attribute]) -> EstimateAsk {
        made_up_estimate_ask(seed, settings)
    }
}
