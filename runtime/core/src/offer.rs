//! Offers: the lease of one agent to one waiting interaction. A contact may have several at once;
//! an agent has one.
//!
//! The stay owns the lease and the agent names it: both are made and ended here and nowhere else,
//! together. An input about an offer that is no longer in force finds nothing.

use std::collections::VecDeque;
use std::time::Duration;

use crate::agent::not_ready;
use crate::capacity::{Work, WorkPhase};
use crate::center::Center;
use crate::interaction::{Phase, Talk};
use crate::table::AgentKey;
use crate::timer::Timer;
use crate::{
    Attribute, Certificate, InteractionId, NotReadyReason, OfferFailure, OfferId, Output, RoutedBy,
    WithdrawReason,
};

/// The reason the engine gives for a phone that cannot be reached.
const UNREACHABLE: &str = "unreachable";
/// The reason the engine gives for a phone in use.
const PHONE_BUSY: &str = "phone-busy";

/// The lease of one agent to one interaction.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    pub(crate) offer: OfferId,
    pub(crate) agent: AgentKey,
}

/// Agents who are to be rung one after the other, while those before go on ringing.
#[derive(Debug)]
pub(crate) struct Progress {
    pub(crate) pending: VecDeque<AgentKey>,
    pub(crate) step: Duration,
    pub(crate) decision: Decision,
}

/// Who chose the agents of an offer, and why.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub(crate) routed_by: RoutedBy,
    pub(crate) because: Vec<Attribute>,
    pub(crate) certificate: Box<Certificate>,
}

impl Center {
    /// Rings the agent for `id`. The caller has checked that the one waits and the other is free.
    pub(crate) fn offer(&mut self, id: InteractionId, key: AgentKey, decision: Decision) {
        let offer = OfferId(self.last_offer + 1);
        let now = self.now;
        let Some(contact) = self.interactions.get_mut(&id) else { return };
        let Phase::Queued(stay) = &mut contact.phase else { return };
        let queue = &mut self.queues[stay.queue];
        if stay.rings.is_empty() {
            queue.stop_waiting(&stay.need, &stay.place);
            queue.ringing += 1;
            self.timers.cancel(&Timer::Retry(id));
        }
        stay.rings.push(Ring { offer, agent: key });
        stay.prioritised = 0;
        let agent = &mut self.agents[key];
        agent.ring = Some((offer, id));
        queue.last_offered = Some(agent.id.clone());
        let ring_until = now + queue.config.ring_time;
        let output = Output::Offer {
            offer,
            interaction: id,
            agent: agent.id.clone(),
            queue: queue.id.clone(),
            ring_until,
            routed_by: decision.routed_by,
            because: decision.because,
            certificate: Some(decision.certificate),
        };
        let queue = stay.queue;
        self.timers.set(Timer::Ring(offer), ring_until);
        self.last_offer += 1;
        self.offers.insert(offer, id);
        self.push(output);
        self.restate(key);
        self.blend_moved(queue);
    }

    /// Rings the first of `agents` who is free, and one more at each step.
    pub(crate) fn offer_in_turn(
        &mut self,
        id: InteractionId,
        agents: Vec<AgentKey>,
        step: Duration,
        decision: Decision,
    ) {
        let Some(stay) = self.stay_mut(id) else { return };
        stay.progress = Some(Box::new(Progress { pending: agents.into(), step, decision }));
        self.offer_next(id);
    }

    /// Rings one more of those who are to be rung in turn; skips who is no longer free.
    pub(crate) fn offer_next(&mut self, id: InteractionId) {
        self.timers.cancel(&Timer::Progress(id));
        while let Some(stay) = self.stay_mut(id) {
            let Some(progress) = &mut stay.progress else { return };
            let Some(agent) = progress.pending.pop_front() else {
                stay.progress = None;
                return;
            };
            let (decision, step) = (progress.decision.clone(), progress.step);
            if self.is_free(agent, id) {
                self.offer(id, agent, decision);
                self.timers.set(Timer::Progress(id), self.now + step);
                return;
            }
        }
    }

    pub(crate) fn accept(&mut self, offer: OfferId) {
        let Some((id, key)) = self.end_lease(offer) else { return };
        // The first who answers has it: the other phones stop.
        self.stop_ringing(id, WithdrawReason::AnsweredElsewhere);
        if id.callback().is_some() {
            return self.callback_accepted(offer, id, key);
        }
        let Some(stay) = self.take_stay(id) else { return };
        let waited = self.now - stay.since;
        let queue = &mut self.queues[stay.queue];
        let in_target = waited <= queue.config.service_level.within;
        queue.recent.count(self.now, in_target);
        let queue_id = queue.id.clone();
        let Some(contact) = self.interactions.get_mut(&id) else { return };
        contact.phase =
            Phase::Talking(Talk { agent: key, queue: stay.queue, since: self.now, waited });
        let agent = &mut self.agents[key];
        agent.works.push(Work {
            interaction: id,
            channel: contact.channel,
            queue: stay.queue,
            phase: WorkPhase::Talking,
            aside_for: None,
        });
        (agent.refusals, agent.idle_since) = (0, self.now);
        self.push(Output::Connect {
            offer,
            interaction: id,
            agent: self.agents[key].id.clone(),
            queue: queue_id,
            waited,
            in_target,
        });
        self.interrupt_works(key);
        self.restate(key);
    }

    pub(crate) fn offer_failed(&mut self, offer: OfferId, failure: OfferFailure) {
        let Some((id, key)) = self.end_lease(offer) else { return };
        let Some(stay) = self.stay(id) else { return };
        let queue = self.queues[stay.queue].id.clone();
        let agent = self.agents[key].id.clone();
        self.push(Output::OfferLost { offer, interaction: id, agent, queue, failure });
        match failure {
            OfferFailure::Declined => self.refused(key, id, false),
            OfferFailure::NoAnswer => self.refused(key, id, true),
            OfferFailure::Busy => self.agents[key].wants = not_ready(PHONE_BUSY),
            OfferFailure::Unreachable | OfferFailure::Failed => {
                self.agents[key].wants = not_ready(UNREACHABLE);
            }
        }
        self.restate(key);
        self.offer_ended(id, Some(key));
    }

    /// Nobody answered in time: RONA.
    pub(crate) fn rang_out(&mut self, offer: OfferId) {
        let Some((id, key)) = self.withdraw(offer, WithdrawReason::NoAnswer) else { return };
        self.refused(key, id, true);
        self.restate(key);
        self.offer_ended(id, Some(key));
    }

    /// Counts an offer that the agent refused or did not answer: too many in a row send it to
    /// NotReady, and no answer may do so at once.
    fn refused(&mut self, key: AgentKey, id: InteractionId, unanswered: bool) {
        let now = self.now;
        let Some(stay) = self.stay(id) else { return };
        let config = &self.queues[stay.queue].config;
        let (most, at_once) = (config.refusals_max, config.not_ready_on_no_answer && unanswered);
        let agent = &mut self.agents[key];
        agent.idle_since = now;
        agent.refusals = agent.refusals.saturating_add(1);
        if most.is_some_and(|most| most <= agent.refusals) {
            agent.refusals = 0;
            agent.wants = not_ready(NotReadyReason::REFUSALS);
        } else if at_once {
            agent.wants = not_ready(NotReadyReason::NO_ANSWER);
        }
    }

    /// An offer of the contact is over, and nobody took it: the next is rung, or it waits again.
    pub(crate) fn offer_ended(&mut self, id: InteractionId, failed: Option<AgentKey>) {
        let now = self.now;
        let Some(stay) = self.stay_mut(id) else { return };
        stay.failed.extend(failed.map(|key| (key, now)));
        if stay.rings.is_empty() && stay.progress.is_some() {
            self.offer_next(id);
        }
        if self.stay(id).is_some_and(|stay| stay.rings.is_empty()) {
            self.back_in_line(id);
        }
    }

    /// Ends a lease from our side. The caller says what becomes of agent and contact.
    pub(crate) fn withdraw(
        &mut self,
        offer: OfferId,
        reason: WithdrawReason,
    ) -> Option<(InteractionId, AgentKey)> {
        let (id, key) = self.end_lease(offer)?;
        let agent = self.agents[key].id.clone();
        self.push(Output::Withdraw { offer, interaction: id, agent, reason });
        Some((id, key))
    }

    /// Ends all offers of a contact through no deed of the agents: they keep their place as longest
    /// idle.
    pub(crate) fn stop_ringing(&mut self, id: InteractionId, reason: WithdrawReason) {
        let Some(stay) = self.stay_mut(id) else { return };
        stay.progress = None;
        while let Some(ring) = self.stay(id).and_then(|stay| stay.rings.first()) {
            if let Some((_, key)) = self.withdraw(ring.offer, reason) {
                self.restate(key);
            }
        }
        self.timers.cancel(&Timer::Progress(id));
    }

    fn end_lease(&mut self, offer: OfferId) -> Option<(InteractionId, AgentKey)> {
        let id = self.offers.remove(&offer)?;
        self.timers.cancel(&Timer::Ring(offer));
        let stay = self.stay_mut(id)?;
        let place = stay.rings.iter().position(|ring| ring.offer == offer)?;
        let ring = stay.rings.remove(place);
        let (queue, silent) = (stay.queue, stay.rings.is_empty());
        self.agents[ring.agent].ring = None;
        if silent {
            self.queues[queue].ringing -= 1;
            self.blend_moved(queue);
        }
        Some((id, ring.agent))
    }
}
