//! Routers and estimators: asked at once, answering with all that can go wrong.

use std::time::Duration;

use jackfield_core::{
    AskId, EstimateAsk, Instant, PluginFailure, RoutingAnswer, RoutingAsk, RoutingDecision,
};

use super::{Event, Phase, World};
use crate::engine::Engine;

impl<E: Engine> World<E> {
    pub(super) fn ask_router(
        &mut self,
        ask: AskId,
        router: &str,
        deadline: Instant,
        request: &RoutingAsk,
    ) {
        let (answer, digest) = match self.cast.routers.get_mut(router) {
            Some(router) => (router.choose(request), router.digest()),
            None => (Err(PluginFailure::NotLoaded), String::new()),
        };
        if self.phase != Phase::Safety {
            self.at(self.now, Event::Router(ask, answer, digest));
            return;
        }
        let faults = &self.plan.faults;
        let mut pcg = self.plan.seed.branch("router").leaf(ask.0).pcg();
        let spoken =
            |decision| Ok(RoutingAnswer { decision, because: Vec::new(), scores: Vec::new() });
        let (mut at, mut answer) = (self.now, answer);
        if pcg.happens(faults.router_trap) {
            answer = Err(PluginFailure::Trapped("unreachable".to_owned()));
        } else if pcg.happens(faults.router_wrong) {
            answer = spoken(RoutingDecision::Offer(vec!["nobody-of-that-name".to_owned()]));
        } else if pcg.happens(faults.router_empty) {
            answer = spoken(RoutingDecision::Offer(Vec::new()));
        } else if pcg.happens(faults.router_waits) {
            let wait = u32::try_from(pcg.below(90_000)).unwrap_or_default();
            answer = spoken(RoutingDecision::WaitMs(wait));
        } else if pcg.happens(faults.router_slow) {
            at = deadline + Duration::from_millis(pcg.below(20));
        }
        self.at(at, Event::Router(ask, answer, digest));
    }

    pub(super) fn ask_estimator(
        &mut self,
        ask: AskId,
        estimator: &str,
        deadline: Instant,
        request: &EstimateAsk,
    ) {
        let (mut answer, digest) = match self.cast.estimators.get_mut(estimator) {
            Some(estimator) => (estimator.estimate(request), estimator.digest()),
            None => (Err(PluginFailure::NotLoaded), String::new()),
        };
        let (mut at, faults) = (self.now, &self.plan.faults);
        if self.phase == Phase::Safety {
            let mut pcg = self.plan.seed.branch("estimator").leaf(ask.0).pcg();
            if pcg.happens(faults.estimator_trap) {
                answer = Err(PluginFailure::Trapped("unreachable".to_owned()));
            } else if pcg.happens(faults.estimator_slow) {
                at = deadline + Duration::from_millis(pcg.below(20));
            }
        }
        self.at(at, Event::Estimator(ask, answer, digest));
    }
}
