//! The world of a tape again: as recorded up to an instant, decided anew from there on.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jackfield_core::{
    AgentId, AskId, CallbackId, Center, CenterConfig, EndCause, Input, Instant, InteractionId,
    JournalRecord, OfferFailure, OfferId, Output, PluginFailure, QueueEnd, QueueId, QueueOptions,
    RouterChoice, RoutingAsk,
};

use super::outcome::Outcomes;
use super::pool::Pool;
use super::tape::{Answer, Contact, Moment, Stay, Tape, WaitEnd, sent_away};
use crate::chance::Seed;
use crate::router::Router;

mod recall;

/// What is to be other than it was.
#[derive(Default)]
pub struct Change<'a> {
    /// Routers by the tenant's name for them: the recorded versions, and the candidate in stead of
    /// one. A name that is not here fails, and the built-in rule decides, as in production.
    pub routers: BTreeMap<String, Box<dyn Router + 'a>>,
    /// Queues that get this router, whatever the set-up says.
    pub route: BTreeMap<QueueId, String>,
    /// Flows run anew, in stead of what they did, for contacts that arrive within the span.
    pub flow: Option<Box<dyn Flow + 'a>>,
    /// The contact whose flow is run anew although it arrived before the span.
    pub traveller: Option<InteractionId>,
}

/// A candidate flow, run anew for each contact.
pub trait Flow {
    /// What the flow does next for this contact, after its stays in queues ended like this: `ends`
    /// is as long as the number of stays so far. The same answers for the same questions.
    fn next(&mut self, id: InteractionId, contact: &Contact, ends: &[QueueEnd]) -> FlowStep;
}

/// What a flow does next.
#[derive(Clone, Debug, PartialEq)]
pub enum FlowStep {
    /// It has nothing to do with this contact: what was recorded happens.
    AsRecorded,
    /// It puts the contact into a queue.
    Enqueue {
        /// After this time in the flow.
        after: Duration,
        /// Where.
        queue: QueueId,
        /// How.
        options: QueueOptions,
    },
    /// It ends the contact, or the customer does.
    End {
        /// After this time in the flow.
        after: Duration,
        /// Why.
        cause: EndCause,
    },
}

/// Which part of the tape is decided anew, and what counts.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Up to this instant, exclusive, everything is as recorded.
    pub from: Instant,
    /// Nothing is fed after this instant.
    pub until: Instant,
}

/// What a rerun gave.
#[derive(Clone, Debug)]
pub struct Rerun {
    /// What became of each stay that began within the span.
    pub outcomes: Outcomes,
    /// Every record, from the start of the tape.
    pub records: Vec<JournalRecord>,
    /// Questions that no router answered.
    pub failures: u64,
}

/// Plays `tape` with `change`. `seed` decides what the tape does not know; `keep` whether records
/// are returned.
pub fn rerun(tape: &Tape, span: Span, change: &mut Change<'_>, seed: u64, keep: bool) -> Rerun {
    rerun_knowing((tape, &Pool::learn(tape)), span, change, seed, keep)
}

/// The same, with what was learnt from the tape before.
pub(super) fn rerun_knowing(
    (tape, pool): (&Tape, &Pool),
    span: Span,
    change: &mut Change<'_>,
    seed: u64,
    keep: bool,
) -> Rerun {
    let mut world = World::new((tape, pool), span, change, Seed::new(seed), keep);
    world.play_record();
    world.play();
    world.outcomes.end(span.until);
    Rerun { outcomes: world.outcomes, records: world.records, failures: world.failures }
}

/// Something the world does.
#[derive(Clone, Debug)]
enum Event {
    Fixed(Input),
    Arrive(InteractionId),
    /// The flow has come to its next step.
    Proceed(InteractionId, FlowStep),
    GiveUp(InteractionId, usize),
    Respond(OfferId, Answer),
    EndTalk(InteractionId, usize),
    EndWrapUp(AgentId, Instant),
    /// An agent who was sent away at that moment for not answering comes back.
    ComeBack(AgentId, Instant),
    /// The call to the customer of a callback has come to this.
    Called(CallbackId, Result<InteractionId, OfferFailure>, String),
    /// A customer asks for something in a stay.
    Say(InteractionId, usize, Moment, Input),
}

/// A contact that is there.
#[derive(Debug, Default)]
struct Live {
    /// Stays that began so far.
    stays: usize,
    /// How those ended that ended.
    ends: Vec<QueueEnd>,
    waiting: bool,
    talking: Option<AgentId>,
    /// Since when the flow has it, or last had it.
    in_flow_since: Instant,
}

struct World<'w, 'a> {
    tape: &'w Tape,
    span: Span,
    change: &'w mut Change<'a>,
    pool: &'w Pool,
    seed: Seed,
    center: Center,
    now: Instant,
    /// Whether the record is being followed: nothing is changed yet.
    following: bool,
    events: BTreeMap<(Instant, u64), Event>,
    scheduled: u64,
    live: BTreeMap<InteractionId, Live>,
    offers: BTreeMap<OfferId, (InteractionId, AgentId)>,
    /// Whose last conversation was which stay, and since when the agent is at its after-call work.
    wrapping: BTreeMap<AgentId, (InteractionId, usize, Instant)>,
    /// Agents who were sent away for not answering, since when.
    away: BTreeMap<AgentId, Instant>,
    /// How often an agent was offered a contact.
    offered: BTreeMap<(InteractionId, AgentId), u64>,
    asks: VecDeque<(AskId, String, Box<RoutingAsk>)>,
    estimates: VecDeque<AskId>,
    outcomes: Outcomes,
    records: Vec<JournalRecord>,
    keep: bool,
    failures: u64,
    /// How often a customer was called for a queue.
    dialled: BTreeMap<(QueueId, String), u64>,
    /// How many calls there were that are not on the tape.
    invented: u64,
}

impl<'w, 'a> World<'w, 'a> {
    fn new(
        (tape, pool): (&'w Tape, &'w Pool),
        span: Span,
        change: &'w mut Change<'a>,
        seed: Seed,
        keep: bool,
    ) -> Self {
        Self {
            tape,
            span,
            change,
            pool,
            seed,
            center: Center::new(),
            now: Instant::default(),
            following: true,
            events: BTreeMap::new(),
            scheduled: 0,
            live: BTreeMap::new(),
            offers: BTreeMap::new(),
            wrapping: BTreeMap::new(),
            away: BTreeMap::new(),
            offered: BTreeMap::new(),
            asks: VecDeque::new(),
            estimates: VecDeque::new(),
            outcomes: Outcomes::new(span.from),
            records: Vec::new(),
            keep,
            failures: 0,
            dialled: BTreeMap::new(),
            invented: 0,
        }
    }

    /// Feeds what is before the span as it was, and takes note of what hangs over into it.
    fn play_record(&mut self) {
        let records = Arc::clone(&self.tape.records);
        let from = self.span.from;
        for record in records.iter().take_while(|record| record.at < from) {
            let arrived = match &record.input {
                Input::InteractionArrived { interaction, .. } => Some(*interaction),
                _ => None,
            };
            if let Some(id) = arrived {
                self.live.insert(id, Live::default());
                self.proceed(id, record.at);
            }
            self.feed(record.at, record.input.clone());
        }
        // What the record says happened before the span has happened.
        self.events = self.events.split_off(&(self.span.from, 0));
        self.following = false;
        self.divert();
        for (at, input) in &self.tape.fixed {
            if self.span.from <= *at && *at <= self.span.until {
                self.schedule(*at, Event::Fixed(input.clone()));
            }
        }
        for (id, contact) in &self.tape.contacts {
            // Who is called back comes by the call.
            let comes = !contact.called_back && self.span.from <= contact.arrived;
            if comes && contact.arrived <= self.span.until {
                self.schedule(contact.arrived, Event::Arrive(*id));
            }
        }
        self.answer_questions(self.span.from);
    }

    /// The traveller's flow is in charge at the fork: what it was about to do may be another thing.
    fn divert(&mut self) {
        let Some(id) = self.change.traveller.filter(|_| self.change.flow.is_some()) else { return };
        let before = self.events.len();
        self.events.retain(|_, event| !matches!(event, Event::Proceed(one, _) if *one == id));
        if self.events.len() < before {
            let since = self.live.get(&id).map_or(self.span.from, |live| live.in_flow_since);
            self.proceed(id, since);
        }
    }

    fn play(&mut self) {
        loop {
            let event = self.events.first_key_value().map(|((at, _), _)| *at);
            let timer = self.center.next_deadline();
            let Some(at) = [event, timer].into_iter().flatten().min() else { break };
            if self.span.until < at {
                break;
            }
            if event.is_none_or(|event| at < event) {
                self.feed(at, Input::TimeElapsed);
            } else if let Some(((at, _), event)) = self.events.pop_first() {
                self.happen(at, event);
            }
            self.answer_questions(at);
        }
    }

    fn schedule(&mut self, at: Instant, event: Event) {
        self.scheduled += 1;
        self.events.insert((at, self.scheduled), event);
    }

    fn happen(&mut self, at: Instant, event: Event) {
        match event {
            Event::Fixed(Input::Configured { config }) => {
                let config = self.changed(config);
                self.feed(at, Input::Configured { config });
            }
            Event::Fixed(input) => self.feed(at, input),
            Event::Arrive(id) => self.arrive(at, id),
            Event::Proceed(interaction, FlowStep::Enqueue { queue, options, .. }) => {
                self.feed(at, Input::InteractionEnqueued { interaction, queue, options });
            }
            Event::Proceed(interaction, FlowStep::End { cause, .. }) => {
                self.feed(at, Input::InteractionEnded { interaction, cause });
            }
            Event::Proceed(_, FlowStep::AsRecorded) => (),
            Event::GiveUp(interaction, stay) => {
                let live = self.live.get(&interaction);
                if live.is_some_and(|live| live.waiting && live.stays == stay) {
                    let cause = EndCause::CustomerLeft;
                    self.feed(at, Input::InteractionEnded { interaction, cause });
                }
            }
            Event::Respond(offer, answer) => self.respond(at, offer, answer),
            Event::EndTalk(interaction, stay) => self.end_talk(at, interaction, stay),
            Event::EndWrapUp(agent, since) => {
                if self.wrapping.get(&agent).is_some_and(|wrap| wrap.2 == since) {
                    self.feed(at, Input::AgentReady { agent });
                }
            }
            Event::ComeBack(agent, since) => {
                if self.away.get(&agent) == Some(&since) {
                    self.feed(at, Input::AgentReady { agent });
                }
            }
            Event::Called(callback, answer, address) => {
                self.now = self.now.max(at);
                self.called(callback, answer, address);
            }
            Event::Say(id, stay, moment, input) => {
                self.now = self.now.max(at);
                self.say(id, stay, moment, input);
            }
        }
    }

    /// The set-up with the queues' routers as they are to be.
    fn changed(&self, config: Arc<CenterConfig>) -> Arc<CenterConfig> {
        if self.change.route.is_empty() {
            return config;
        }
        let mut config = config.as_ref().clone();
        for (name, router) in &self.change.route {
            if let Some(queue) = config.queues.get_mut(name) {
                queue.router = RouterChoice::Plugin(router.clone());
            }
        }
        Arc::new(config)
    }

    fn arrive(&mut self, at: Instant, id: InteractionId) {
        let Some(contact) = self.tape.contacts.get(&id) else { return };
        self.live.insert(id, Live::default());
        let input = Input::InteractionArrived {
            interaction: id,
            channel: contact.channel,
            ani: contact.ani.clone(),
            dnis: contact.dnis.clone(),
        };
        self.feed(at, input);
        self.proceed(id, at);
    }

    /// The flow has the contact: what it does next.
    fn proceed(&mut self, id: InteractionId, at: Instant) {
        let Some(live) = self.live.get(&id) else { return };
        let stays = live.stays;
        let Some(contact) = self.tape.contacts.get(&id) else {
            // A call that is not on the tape, and its wait has ended.
            let (after, cause) = (Duration::ZERO, EndCause::Completed);
            return self.schedule(at, Event::Proceed(id, FlowStep::End { after, cause }));
        };
        if contact.called_back && stays == 0 {
            return;
        }
        self.will_say(id, stays, Moment::InFlow);
        let Some(live) = self.live.get(&id) else { return };
        let anew = self.span.from <= contact.arrived || self.change.traveller == Some(id);
        let anew = anew && !self.following;
        let changed = self.change.flow.as_mut().filter(|_| anew);
        let step = changed.map(|flow| flow.next(id, contact, &live.ends));
        let step = match step {
            None | Some(FlowStep::AsRecorded) => as_recorded(contact, live.stays),
            Some(step) => step,
        };
        let after = match &step {
            FlowStep::Enqueue { after, .. } | FlowStep::End { after, .. } => *after,
            FlowStep::AsRecorded => return,
        };
        if let Some(live) = self.live.get_mut(&id) {
            live.in_flow_since = at;
        }
        self.schedule((at + after).max(self.now), Event::Proceed(id, step));
    }

    fn respond(&mut self, at: Instant, offer: OfferId, answer: Answer) {
        if !self.offers.contains_key(&offer) {
            return;
        }
        match answer {
            Answer::Accepted => self.feed(at, Input::OfferAccepted { offer }),
            Answer::Failed(failure) => self.feed(at, Input::OfferFailed { offer, failure }),
            // The engine's own timer ends it.
            Answer::NoAnswer => (),
        }
    }

    fn end_talk(&mut self, at: Instant, id: InteractionId, stay: usize) {
        let talks = self.live.get(&id).is_some_and(|l| l.talking.is_some() && l.stays == stay);
        if !talks {
            return;
        }
        let recorded = self.recorded(id, stay);
        let talk = recorded.and_then(|stay| stay.talk.as_ref());
        let input = match talk {
            Some(talk) if talk.closed.is_none() => {
                Input::ConversationEnded { interaction: id, by: talk.by }
            }
            Some(talk) => {
                let cause = talk.closed.clone().unwrap_or(EndCause::CustomerLeft);
                Input::InteractionEnded { interaction: id, cause }
            }
            None => Input::InteractionEnded { interaction: id, cause: EndCause::CustomerLeft },
        };
        self.feed(at, input);
    }

    /// The stay on the tape, if it is the same one: a changed flow makes stays of its own.
    fn recorded(&self, id: InteractionId, stay: usize) -> Option<&'w Stay> {
        self.tape.contacts.get(&id)?.stays.get(stay.checked_sub(1)?)
    }

    fn answer_questions(&mut self, at: Instant) {
        while let Some((ask, name, request)) = self.asks.pop_front() {
            let input = match self.change.routers.get_mut(&name) {
                None => {
                    let (failure, plugin) = (PluginFailure::NotLoaded, String::new());
                    Input::RouterFailed { ask, failure, plugin }
                }
                Some(router) => {
                    let plugin = router.digest();
                    match router.choose(&request) {
                        Ok(answer) => Input::RouterReplied { ask, answer, plugin },
                        Err(failure) => Input::RouterFailed { ask, failure, plugin },
                    }
                }
            };
            self.failures += u64::from(matches!(input, Input::RouterFailed { .. }));
            self.feed(at, input);
        }
        while let Some(ask) = self.estimates.pop_front() {
            // What is announced decides nothing.
            let (estimate, plugin) = (None, String::new());
            self.feed(at, Input::EstimatorReplied { ask, estimate, plugin });
        }
    }

    fn feed(&mut self, at: Instant, input: Input) {
        self.now = self.now.max(at);
        match &input {
            Input::RouterReplied { ask, .. } | Input::RouterFailed { ask, .. } => {
                self.asks.retain(|(open, ..)| open != ask);
            }
            Input::EstimatorReplied { ask, .. } | Input::EstimatorFailed { ask, .. } => {
                self.estimates.retain(|open| open != ask);
            }
            _ => (),
        }
        let record = JournalRecord::take(&mut self.center, self.now, input);
        self.outcomes.take(&record);
        for output in &record.outputs {
            self.heard(output);
        }
        if self.keep && !(record.outputs.is_empty() && record.input == Input::TimeElapsed) {
            self.records.push(record);
        }
    }

    fn heard(&mut self, output: &Output) {
        let now = self.now;
        match output {
            Output::AskRouter { ask, router, request, .. } => {
                self.asks.push_back((*ask, router.clone(), request.clone()));
            }
            Output::AskEstimator { ask, .. } => self.estimates.push_back(*ask),
            Output::Queued { interaction, queue, .. } => self.queued(*interaction, queue),
            Output::Offer { offer, interaction, agent, .. } => {
                self.offers.insert(*offer, (*interaction, agent.clone()));
                let times = self.offered.entry((*interaction, agent.clone())).or_default();
                *times += 1;
                let times = *times;
                let seed = self.place(*interaction, agent.as_str(), times);
                let (after, answer) = self.pool.answer(agent, *interaction, times, seed);
                self.schedule(now + after, Event::Respond(*offer, answer));
            }
            Output::Withdraw { offer, .. } | Output::OfferLost { offer, .. } => {
                self.offers.remove(offer);
            }
            Output::Connect { offer, interaction, agent, .. } => {
                self.offers.remove(offer);
                self.connected(*interaction, agent);
            }
            Output::Disconnect { interaction, agent, .. } => {
                let live = self.live.get_mut(interaction);
                let stay = live.map_or(0, |live| {
                    live.talking = None;
                    live.stays
                });
                self.wrapping.insert(agent.clone(), (*interaction, stay, now));
            }
            Output::LeaveQueue { interaction, end, .. } => {
                if let Some(live) = self.live.get_mut(interaction) {
                    live.waiting = false;
                    live.ends.push(*end);
                    self.proceed(*interaction, now);
                }
            }
            Output::Closed { interaction, .. } => {
                self.live.remove(interaction);
            }
            Output::AgentChanged { agent, state, before, .. } => {
                if before == "after_call_work" {
                    self.wrapping.remove(agent);
                }
                self.away.remove(agent);
                // The record's own ways back belong to other moments than those of this rerun.
                if sent_away(state)
                    && let Some(lasts) = self.pool.stays_away()
                {
                    self.away.insert(agent.clone(), now);
                    self.schedule(now + lasts, Event::ComeBack(agent.clone(), now));
                }
                if *state == jackfield_core::AgentState::AfterCallWork {
                    self.wraps_up(agent);
                }
            }
            Output::Dial { callback, address, queue, .. } => self.dials(*callback, address, queue),
            _ => (),
        }
    }

    /// A place of its own in the tree of chance for each thing that is not known of a contact.
    fn place(&self, id: InteractionId, what: &str, number: u64) -> Seed {
        self.seed.branch(what).leaf(id.0).leaf(number)
    }

    fn queued(&mut self, id: InteractionId, queue: &QueueId) {
        let now = self.now;
        let Some(live) = self.live.get_mut(&id) else { return };
        live.stays += 1;
        live.waiting = true;
        let stays = live.stays;
        let seed = self.place(id, "patience", stays as u64);
        let recorded = self.recorded(id, stays);
        let patience = match recorded {
            Some(stay) if stay.end == WaitEnd::Abandoned => Some(stay.waited),
            Some(stay) => self.pool.patience(queue, stay.waited, seed),
            None => self.pool.patience(queue, Duration::ZERO, seed),
        };
        self.will_say(id, stays, Moment::Waiting);
        if let Some(patience) = patience {
            self.schedule(now + patience, Event::GiveUp(id, stays));
        }
    }

    fn connected(&mut self, id: InteractionId, agent: &AgentId) {
        let now = self.now;
        let Some(live) = self.live.get_mut(&id) else { return };
        live.waiting = false;
        live.talking = Some(agent.clone());
        let stays = live.stays;
        let was = self.recorded(id, stays).and_then(|stay| stay.talk.as_ref());
        let was = was.and_then(|talk| Some((&talk.agent, talk.talked?)));
        let talked = self.pool.talk(agent, was, self.place(id, "talk", stays as u64));
        self.will_say(id, stays, Moment::Talking);
        self.schedule(now + talked, Event::EndTalk(id, stays));
    }

    /// After-call work is ended by the agent when it would have been, or by the queue's limit.
    fn wraps_up(&mut self, agent: &AgentId) {
        let now = self.now;
        let Some((id, stay, _)) = self.wrapping.get(agent).copied() else { return };
        let was = self.recorded(id, stay).and_then(|stay| stay.talk.as_ref());
        let was = was.and_then(|talk| Some((&talk.agent, talk.wrap_up?)));
        let seed = self.place(id, "wrap-up", stay as u64);
        let lasts = self.pool.wrap_up(agent, was, seed);
        self.schedule(now + lasts, Event::EndWrapUp(agent.clone(), now));
    }
}

/// What the recorded flow did after so many stays.
fn as_recorded(contact: &Contact, stays: usize) -> FlowStep {
    match contact.stays.get(stays) {
        Some(stay) => FlowStep::Enqueue {
            after: stay.lead,
            queue: stay.queue.clone(),
            options: stay.options.clone(),
        },
        None => {
            let cause = contact.cause.clone().unwrap_or(EndCause::Completed);
            FlowStep::End { after: contact.tail, cause }
        }
    }
}
