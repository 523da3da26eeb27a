//! Offers: the lease of one ready agent to one waiting interaction.
//!
//! The stay owns the lease and the agent names the interaction: both are made and ended here and
//! nowhere else, together. An input about an offer that is no longer in force finds nothing.

use crate::agent::not_ready;
use crate::center::Center;
use crate::interaction::{Phase, Ring, Talk};
use crate::timer::Timer;
use crate::{
    AgentId, AgentState, Attribute, InteractionId, NotReadyReason, OfferFailure, OfferId, Output,
    RoutedBy, WithdrawReason,
};

/// The reason the engine gives for a phone that cannot be reached.
const UNREACHABLE: &str = "unreachable";
/// The reason the engine gives for a phone in use.
const PHONE_BUSY: &str = "phone-busy";

impl Center {
    /// Rings `agent` for `id`. The caller has checked that the one waits and the other is ready.
    pub(crate) fn offer(
        &mut self,
        id: InteractionId,
        agent: &AgentId,
        routed_by: RoutedBy,
        because: Vec<Attribute>,
    ) {
        let offer = OfferId(self.last_offer + 1);
        let Some(stay) = self.stay_mut(id) else { return };
        stay.ring = Some(Ring { offer, agent: agent.clone() });
        let (name, place, need) = (stay.queue.clone(), stay.place, stay.need.clone());
        let Some(queue) = self.queues.get_mut(&name) else { return };
        queue.stop_waiting(&need, &place);
        let ring_until = self.now + queue.config.ring_time;
        self.timers.cancel(&Timer::Retry(id));
        self.timers.set(Timer::Ring(offer), ring_until);
        self.last_offer += 1;
        self.offers.insert(offer, id);
        if let Some(leased) = self.agents.get_mut(agent) {
            leased.work = Some(id);
        }
        self.push(Output::Offer {
            offer,
            interaction: id,
            agent: agent.clone(),
            queue: name,
            ring_until,
            routed_by,
            because,
            certificate: None,
        });
        self.change(agent, AgentState::Reserved);
    }

    pub(crate) fn accept(&mut self, offer: OfferId) {
        let Some((id, ring)) = self.end_lease(offer) else { return };
        let Some(name) = self.stay(id).map(|stay| stay.queue.clone()) else { return };
        let Some(queue) = self.queues.get(&name) else { return };
        let (within, wrap_up) = (queue.config.service_level.within, queue.config.wrap_up);
        let Some(stay) = self.take_stay(id) else { return };
        let waited = self.now - stay.place.joined;
        let (agent, queue) = (ring.agent, name);
        if let Some(contact) = self.interactions.get_mut(&id) {
            contact.phase = Phase::Talking(Talk {
                agent: agent.clone(),
                queue: queue.clone(),
                since: self.now,
                waited,
                wrap_up,
            });
        }
        self.push(Output::Connect {
            offer,
            interaction: id,
            agent: agent.clone(),
            queue,
            waited,
            in_target: waited <= within,
        });
        self.change(&agent, AgentState::Busy);
    }

    pub(crate) fn offer_failed(&mut self, offer: OfferId, failure: OfferFailure) {
        let Some((id, ring)) = self.end_lease(offer) else { return };
        let Some(queue) = self.stay(id).map(|stay| stay.queue.clone()) else { return };
        let agent = ring.agent;
        let state = match failure {
            OfferFailure::Declined => AgentState::Ready,
            OfferFailure::NoAnswer => self.state_after_no_answer(id),
            OfferFailure::Busy => not_ready(PHONE_BUSY),
            OfferFailure::Unreachable | OfferFailure::Failed => not_ready(UNREACHABLE),
        };
        let lost = agent.clone();
        self.push(Output::OfferLost { offer, interaction: id, agent: lost, queue, failure });
        self.release(&agent, state);
        self.back_in_line(id, &agent);
    }

    /// Nobody answered in time: RONA.
    pub(crate) fn rang_out(&mut self, offer: OfferId) {
        let Some(&id) = self.offers.get(&offer) else { return };
        let Some(agent) = self.withdraw(id, WithdrawReason::NoAnswer) else { return };
        let state = self.state_after_no_answer(id);
        self.release(&agent, state);
        self.back_in_line(id, &agent);
    }

    fn state_after_no_answer(&self, id: InteractionId) -> AgentState {
        let queue = self.stay(id).and_then(|stay| self.queues.get(&stay.queue));
        if queue.is_some_and(|queue| queue.config.not_ready_on_no_answer) {
            not_ready(NotReadyReason::NO_ANSWER)
        } else {
            AgentState::Ready
        }
    }

    /// Ends the lease from our side. The caller says what becomes of agent and contact.
    pub(crate) fn withdraw(
        &mut self,
        id: InteractionId,
        reason: WithdrawReason,
    ) -> Option<AgentId> {
        let offer = self.stay(id)?.ring.as_ref()?.offer;
        let (_, ring) = self.end_lease(offer)?;
        let agent = ring.agent.clone();
        self.push(Output::Withdraw { offer, interaction: id, agent, reason });
        Some(ring.agent)
    }

    fn end_lease(&mut self, offer: OfferId) -> Option<(InteractionId, Ring)> {
        let id = self.offers.remove(&offer)?;
        self.timers.cancel(&Timer::Ring(offer));
        let ring = self.stay_mut(id)?.ring.take()?;
        Some((id, ring))
    }
}
