//! Customers: they come, wait, hear where they stand, talk, hang up and try again.

use std::time::Duration;

use jackfield_core::{
    AgentId, CallbackOrigin, EndCause, Input, Instant, InteractionId, Party, QueueEnd, QueueId,
    Refusal,
};

use super::{Event, Phase, World};
use crate::chance::Seed;
use crate::engine::Engine;
use crate::plan::{ContactPlan, Stream};

/// A customer who is in the centre.
#[derive(Clone, Debug)]
pub(super) struct Customer {
    pub(super) plan: ContactPlan,
    /// When the patience ends.
    gives_up: Option<Instant>,
    informed: bool,
    /// When the conversation ends.
    talk_ends: Option<Instant>,
    /// What is left of a conversation that was put aside.
    left: Duration,
    /// How often it was offered.
    pub(super) offers: u64,
}

impl<E: Engine> World<E> {
    pub(super) fn seed(&self, name: &str, key: u64) -> Seed {
        self.plan.seed.branch(name).leaf(key)
    }

    pub(super) fn stream(&self, plan: &ContactPlan) -> Option<Stream> {
        self.plan.streams.get(plan.stream).cloned()
    }

    pub(super) fn new_id(&mut self) -> InteractionId {
        self.last_id = self.now.as_micros().max(self.last_id + 1);
        InteractionId(self.last_id)
    }

    pub(super) fn arrive(&mut self, plan: ContactPlan) {
        let Some(stream) = self.stream(&plan) else { return };
        let id = self.new_id();
        let flow = stream.flow.draw(&mut self.seed("flow", plan.key).pcg()).unwrap_or_default();
        let ani = Some(self.number_of(&plan, &stream));
        self.welcome(id, plan);
        // A session's own inputs are in order: they do not pass through the network.
        self.inbox.push_back(Input::InteractionArrived {
            interaction: id,
            channel: stream.channel,
            ani,
            dnis: stream.name,
        });
        if flow.is_zero() { self.enqueue(id) } else { self.after(flow, Event::Enqueue(id)) }
    }

    pub(super) fn welcome(&mut self, id: InteractionId, plan: ContactPlan) {
        let customer = Customer {
            plan,
            gives_up: None,
            informed: false,
            talk_ends: None,
            left: Duration::ZERO,
            offers: 0,
        };
        self.customers.insert(id, customer);
    }

    pub(super) fn enqueue(&mut self, id: InteractionId) {
        let Some(customer) = self.customers.get(&id) else { return };
        let Some(stream) = self.plan.streams.get(customer.plan.stream) else { return };
        let queue = customer.plan.queue.as_ref().unwrap_or(&stream.queue).clone();
        let options = customer.plan.options.as_ref().unwrap_or(&stream.options).clone();
        self.inbox.push_back(Input::InteractionEnqueued { interaction: id, queue, options });
    }

    pub(super) fn queued(&mut self, id: InteractionId) {
        let Some(customer) = self.customers.get(&id) else { return };
        let Some(stream) = self.plan.streams.get(customer.plan.stream) else { return };
        let spans = customer.plan.patience.as_ref().unwrap_or(&stream.patience);
        let mut pcg = self.seed("patience", customer.plan.key).pcg();
        let Some(patience) = spans.draw(&mut pcg) else { return };
        self.lose_patience(id, patience);
    }

    fn lose_patience(&mut self, id: InteractionId, after: Duration) {
        let at = self.now + after;
        if let Some(customer) = self.customers.get_mut(&id) {
            customer.gives_up = Some(at);
            self.at(at, Event::GiveUp(id));
        }
    }

    /// Who is told where it stands waits longer, or not at all, or asks to be called back.
    pub(super) fn announced(&mut self, id: InteractionId) {
        let now = self.now;
        let Some(customer) = self.customers.get_mut(&id).filter(|c| !c.informed) else { return };
        customer.informed = true;
        let (gives_up, plan) = (customer.gives_up, customer.plan.clone());
        let Some(stream) = self.stream(&plan) else { return };
        let safe = self.phase == Phase::Safety;
        if safe && self.seed("callback", plan.key).pcg().happens(stream.callback) {
            self.ask_callback(id, None, CallbackOrigin::Queue);
        } else if let Some(at) = gives_up.filter(|at| now < *at) {
            self.lose_patience(id, crate::span::times(at - now, stream.informed));
        }
    }

    pub(super) fn give_up(&mut self, id: InteractionId) {
        let now = self.now;
        let due = self.customers.get_mut(&id).filter(|c| c.gives_up == Some(now));
        if let Some(customer) = due {
            customer.gives_up = None;
            self.end(id, EndCause::CustomerLeft);
        }
    }

    /// The wait is over without a customer's hanging up: the flow says goodbye, or takes a voicemail.
    pub(super) fn left_queue(&mut self, id: InteractionId, queue: &QueueId, end: &QueueEnd) {
        let customer = self.customers.get(&id).map(|customer| customer.plan.clone());
        let stream = customer.as_ref().and_then(|plan| self.stream(plan));
        let unserved =
            self.phase == Phase::Safety && !matches!(end, QueueEnd::Served | QueueEnd::Callback);
        if let Some((plan, stream)) = customer.zip(stream).filter(|_| unserved)
            && self.seed("voicemail", plan.key).pcg().happens(stream.voicemail)
        {
            self.ask_callback(id, Some(queue.clone()), CallbackOrigin::Voicemail);
        }
        self.end(id, EndCause::Completed);
    }

    pub(super) fn abandoned(&mut self, id: InteractionId) {
        let Some(customer) = self.customers.get(&id) else { return };
        let plan = customer.plan.clone();
        self.redial(plan);
    }

    /// Who did not get through may try again.
    pub(super) fn redial(&mut self, mut plan: ContactPlan) {
        let Some(stream) = self.stream(&plan).filter(|_| self.phase == Phase::Safety) else {
            return;
        };
        let mut pcg = self.seed("redial", plan.key).leaf(plan.tries.into()).pcg();
        if !pcg.happens(stream.redial) {
            return;
        }
        let Some(delay) = stream.redial_after.draw(&mut pcg) else { return };
        plan.tries += 1;
        // Another try, another patience; the matter, and so the conversation, is the same.
        plan.key = plan.key.wrapping_add(u64::from(plan.tries) << 40);
        plan.at = self.now + delay;
        self.at(plan.at, Event::Arrive(Box::new(plan)));
    }

    pub(super) fn connected(&mut self, id: InteractionId, agent: &AgentId) {
        let Some(customer) = self.customers.get(&id) else { return };
        let plan = customer.plan.clone();
        let Some(stream) = self.stream(&plan) else { return };
        let class = self.class_of(agent);
        let matter = plan.key & 0xff_ffff_ffff;
        let mut pcg = self.seed("talk", matter).branch(&class).pcg();
        let drawn = stream.talk.of(&class).draw(&mut pcg);
        let talk = plan.talk.or(drawn).unwrap_or(Duration::from_secs(3_600));
        let ends = self.now + talk;
        if let Some(customer) = self.customers.get_mut(&id) {
            (customer.gives_up, customer.talk_ends) = (None, Some(ends));
        }
        self.at(ends, Event::TalkEnds(id));
        if self.seed("hold", matter).pcg().happens(stream.hold) {
            self.after(talk / 3, Event::Hold(id, true));
            self.after(talk * 2 / 3, Event::Hold(id, false));
        }
    }

    pub(super) fn talk_ends(&mut self, id: InteractionId) {
        let (now, safe) = (self.now, self.phase == Phase::Safety);
        let Some(customer) = self.customers.get_mut(&id).filter(|c| c.talk_ends == Some(now))
        else {
            return;
        };
        customer.talk_ends = None;
        let key = customer.plan.key;
        let mut pcg = self.seed("bye", key).pcg();
        let by = if pcg.happens(0.5) { Party::Customer } else { Party::Agent };
        if safe && pcg.happens(self.plan.faults.bye_lost) {
            self.after(self.plan.faults.silence, Event::Silence(id));
        } else {
            self.hang_up(id, by);
        }
    }

    pub(super) fn interrupted(&mut self, id: InteractionId) {
        let now = self.now;
        let Some(customer) = self.customers.get_mut(&id) else { return };
        if let Some(ends) = customer.talk_ends.take() {
            customer.left = ends - now;
        }
    }

    pub(super) fn resumed(&mut self, id: InteractionId) {
        let now = self.now;
        let Some(customer) = self.customers.get_mut(&id) else { return };
        let ends = now + customer.left;
        customer.talk_ends = Some(ends);
        self.at(ends, Event::TalkEnds(id));
    }

    /// Sessions end whose contact was refused. A duplicate refused is none of their business.
    pub(super) fn refused(&mut self, id: InteractionId, why: &Refusal) {
        match why {
            Refusal::TooManyInteractions { .. } => {
                self.customers.remove(&id);
            }
            Refusal::UnknownQueue(_) => self.end(id, EndCause::Failed(why.to_string())),
            _ => (),
        }
    }
}
