//! Agents: they come and go, answer or not, finish their work, pause and return.

use std::time::Duration;

use jackfield_core::{
    AgentId, AgentState, Input, InteractionId, NotReadyReason, OfferFailure, OfferId,
};

use super::{Event, Phase, Reaction, World};
use crate::engine::Engine;

/// What an agent wants to be doing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Wish {
    Out,
    In,
    Ready,
    Pause(NotReadyReason),
}

impl<E: Engine> World<E> {
    pub(super) fn class_of(&self, agent: &AgentId) -> String {
        self.plan.agents.get(agent).map(|agent| agent.class.clone()).unwrap_or_default()
    }

    pub(super) fn wish(&mut self, id: &AgentId, wish: Wish) {
        let agent = id.clone();
        self.wishes.insert(id.clone(), wish.clone());
        self.say(match wish {
            Wish::Out => Input::AgentLoggedOut { agent },
            Wish::In => Input::AgentLoggedIn { agent },
            Wish::Ready => Input::AgentReady { agent },
            Wish::Pause(reason) => Input::AgentNotReady { agent, reason },
        });
    }

    fn wants_work(&self, agent: &AgentId) -> bool {
        self.wishes.get(agent) == Some(&Wish::Ready)
    }

    pub(super) fn phone_rings(&mut self, offer: OfferId, contact: InteractionId, agent: &AgentId) {
        let safe = self.phase == Phase::Safety;
        let counted = match contact.callback() {
            Some(callback) => self.callback_offered(callback),
            None => self.customers.get_mut(&contact).map(|customer| {
                customer.offers += 1;
                (customer.plan.key, customer.offers)
            }),
        };
        let Some((key, offers)) = counted else { return };
        let Some(plan) = self.plan.agents.get(agent) else { return };
        let mut pcg = self.seed("offer", key).branch(agent.as_str()).leaf(offers).pcg();
        let answer = plan.answer.draw(&mut pcg);
        let lost = pcg.happens(self.plan.faults.offer_lost);
        let (silent, declines) = (pcg.happens(plan.no_answer), pcg.happens(plan.declines));
        let (gone, busy) = (pcg.happens(plan.unreachable), pcg.happens(0.5));
        let Some(answer) = answer.filter(|_| !(safe && (lost || silent))) else { return };
        if safe && gone {
            let failure = if busy { OfferFailure::Busy } else { OfferFailure::Unreachable };
            let event = Event::React(offer, Reaction::Fail(failure));
            self.after(Duration::from_millis(200), event);
        } else if safe && declines {
            let event = Event::React(offer, Reaction::Fail(OfferFailure::Declined));
            self.after(answer, event);
        } else {
            self.after(answer, Event::React(offer, Reaction::Accept));
        }
    }

    /// The offer is withdrawn; an answer may be on its way already.
    pub(super) fn phone_stops(&mut self, offer: OfferId, contact: InteractionId) {
        let faults = &self.plan.faults;
        let mut pcg = self.seed("late", contact.0).leaf(offer.0).pcg();
        if self.phase == Phase::Safety && pcg.happens(faults.late_accept) {
            let delay = crate::span::times(faults.late, pcg.share());
            self.after(delay, Event::Said(Input::OfferAccepted { offer }));
        }
    }

    pub(super) fn answer(&mut self, offer: OfferId, reaction: Reaction) {
        // A phone that has stopped ringing is not answered.
        if !self.book.rings.contains_key(&offer) {
            return;
        }
        self.say(match reaction {
            Reaction::Accept => Input::OfferAccepted { offer },
            Reaction::Fail(failure) => Input::OfferFailed { offer, failure },
        });
    }

    pub(super) fn parted(&mut self, contact: InteractionId, agent: &AgentId) {
        let Some(customer) = self.customers.get(&contact) else { return };
        let Some(stream) = self.plan.streams.get(customer.plan.stream) else { return };
        let class = self.class_of(agent);
        let mut pcg = self.seed("after", customer.plan.key).branch(&class).pcg();
        let Some(work) = stream.after_call.of(&class).draw(&mut pcg) else { return };
        let at = self.now + work;
        self.wraps.insert(agent.clone(), at);
        self.at(at, Event::WrapEnds(agent.clone()));
    }

    pub(super) fn wrap_ends(&mut self, id: &AgentId) {
        if self.wraps.get(id) != Some(&self.now) {
            return;
        }
        self.wraps.remove(id);
        // Who wants to pause lets the engine end the work: the pause comes then by itself.
        if self.book.agent_state(id) == AgentState::AfterCallWork && self.wants_work(id) {
            self.say(Input::AgentReady { agent: id.clone() });
        }
    }

    pub(super) fn agent_changed(&mut self, id: &AgentId, state: &AgentState) {
        if matches!(state, AgentState::NotReady { .. }) && self.wants_work(id) {
            self.said += 1;
            let mut pcg = self.plan.seed.branch("back").branch(id.as_str()).leaf(self.said).pcg();
            let back = self.plan.agents.get(id).and_then(|agent| agent.back_after.draw(&mut pcg));
            self.after(back.unwrap_or(Duration::from_secs(30)), Event::Back(id.clone()));
        }
    }

    pub(super) fn back(&mut self, id: &AgentId) {
        let paused = matches!(self.book.agent_state(id), AgentState::NotReady { .. });
        if paused && self.wants_work(id) {
            self.say(Input::AgentReady { agent: id.clone() });
        }
    }

    /// Agents whom a new set-up brings back, or whom a restart took for somebody else, say what they
    /// are doing.
    pub(super) fn agents_return(&mut self) {
        for (id, wish) in self.wishes.clone() {
            if !self.config.agents.contains_key(&id) {
                continue;
            }
            let known = self.book.agent_state(&id);
            let away = known == AgentState::LoggedOut;
            match wish {
                Wish::Out if !away => self.wish(&id, Wish::Out),
                Wish::Pause(_) if away => {
                    self.inbox.push_back(Input::AgentLoggedIn { agent: id.clone() });
                    self.wish(&id, wish);
                }
                Wish::In | Wish::Ready if away => self.wish(&id, wish),
                _ => (),
            }
        }
    }
}
