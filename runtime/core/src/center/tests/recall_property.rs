//! Callbacks under any order of events, checked from both sides: what the engine said, and what it
//! believes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::script;
use crate::*;

/// A generator of its own: tests must not depend on a library's stream.
pub(super) struct Draw(pub(super) u64);

impl Draw {
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one_of<T: Copy>(&mut self, items: &[T]) -> Option<T> {
        (!items.is_empty()).then(|| items[self.below(items.len() as u64) as usize])
    }
}

/// What the world knows: contacts, offers and dials that are open, and how each callback ended.
#[derive(Default)]
pub(super) struct World {
    pub(super) center: Center,
    /// What a restart would find in the journal.
    pub(super) reader: CheckpointReader,
    pub(super) now: u64,
    pub(super) contacts: Vec<InteractionId>,
    offers: Vec<OfferId>,
    pub(super) dials: Vec<CallbackId>,
    ended: BTreeMap<CallbackId, &'static str>,
}

impl World {
    pub(super) fn tell(&mut self, input: Input) {
        if let Input::CallbackReached { callback, .. }
        | Input::CallbackNotReached { callback, .. } = &input
        {
            self.dials.retain(|open| open != callback);
        }
        let at = Instant::from_micros(self.now * 1_000_000);
        self.record(at, input);
    }

    fn record(&mut self, at: Instant, input: Input) {
        let record = JournalRecord::take(&mut self.center, at, input);
        self.reader.take(&record);
        for output in record.outputs {
            self.hear(output);
        }
        // What the journal tells of callbacks is what the engine knows.
        assert_eq!(self.reader.checkpoint(at), self.center.checkpoint());
        self.check();
    }

    fn arrive(&mut self, interaction: InteractionId, ani: Option<String>) {
        let (channel, dnis) = (Channel::Voice, String::new());
        self.contacts.push(interaction);
        self.tell(Input::InteractionArrived { interaction, channel, ani, dnis });
    }

    fn hear(&mut self, output: Output) {
        match output {
            Output::Offer { offer, .. } => self.offers.push(offer),
            Output::Withdraw { offer, .. }
            | Output::OfferLost { offer, .. }
            | Output::Connect { offer, .. } => self.offers.retain(|open| *open != offer),
            Output::Dial { callback, agent, .. } => {
                // The offer is the agent's until the customer is reached.
                assert!(!self.dials.contains(&callback), "{callback} is dialled twice");
                if agent.is_some() {
                    self.offers.retain(|offer| self.center.offers.contains_key(offer));
                }
                self.dials.push(callback);
            }
            Output::StopDialling { callback } => self.dials.retain(|open| *open != callback),
            Output::Closed { interaction, .. } => self.contacts.retain(|open| *open != interaction),
            Output::CallbackChanged { callback, state, .. } => {
                let end = match state {
                    CallbackState::Done => "done",
                    CallbackState::GotThrough => "got through",
                    CallbackState::Cancelled { .. } => "cancelled",
                    CallbackState::Failed => "failed",
                    CallbackState::Merged { .. } => "merged",
                    _ => return,
                };
                assert_eq!(self.ended.insert(callback, end), None, "{callback} ends twice");
            }
            _ => (),
        }
    }

    fn check(&self) {
        let center = &self.center;
        let names = center.interactions.keys().filter_map(|id| id.callback());
        let names: Vec<CallbackId> = names.collect();
        assert_eq!(names.len(), center.recalls.in_line);
        for id in names {
            let (_, callback) = center.callbacks().find(|(open, _)| *open == id).unwrap();
            let fits = match callback.phase {
                CallbackPhase::Waiting | CallbackPhase::Offered(_) => {
                    center.stay(InteractionId::of_callback(id)).is_some()
                }
                CallbackPhase::Dialling(Some(_)) => self.dials.contains(&id),
                _ => false,
            };
            assert!(fits, "{id} stands in line, {:?}", callback.phase);
        }
        for (id, callback) in center.callbacks() {
            let in_line = center.stay(InteractionId::of_callback(id)).is_some();
            assert!(in_line || callback.phase != CallbackPhase::Waiting, "{id} is lost");
            assert!(!self.ended.contains_key(&id), "{id} is over and open");
        }
    }

    pub(super) fn wait(&mut self, seconds: u64) {
        self.now += seconds;
        let now = Instant::from_micros(self.now * 1_000_000);
        while let Some(due) = self.center.next_deadline().filter(|due| *due <= now) {
            self.record(due, Input::TimeElapsed);
        }
    }
}

/// Two queues, agent first and customer first, one of which closes for a while.
fn config() -> Arc<CenterConfig> {
    set_up(
        "queue sales ring=20 retry=30 attempts=2 abandoned=10 owner=40 deadline=90 age=25 age-limit=3
         queue help ring=20 retry=30 attempts=2 customer-first hours=0:00-0:30,0:40-9:00
         agent ann sales,help
         agent bob sales,help
         agent eve help",
    )
}

pub(super) fn set_up(lines: &str) -> Arc<CenterConfig> {
    match &script::play(&format!("{lines}\n0 wait")).journal[0].input {
        Input::Configured { config } => config.clone(),
        other => panic!("{other:?}"),
    }
}

/// Something that may happen at step `step`, if there is something for it to happen to.
pub(super) fn event(world: &mut World, draw: &mut Draw, step: u64) -> Option<Input> {
    let agent: AgentId = ["ann", "bob", "eve"][draw.below(3) as usize].parse().unwrap();
    let queue: QueueId = ["sales", "help"][draw.below(2) as usize].parse().unwrap();
    let number = format!("+{}", draw.below(6));
    let known = draw.one_of(&world.contacts);
    let fresh = InteractionId(1_000 + step);
    match draw.below(18) {
        0..3 => Some(Input::AgentReady { agent }),
        3 => Some(Input::AgentNotReady { agent, reason: NotReadyReason("tea".to_owned()) }),
        4 => Some(Input::AgentLoggedOut { agent }),
        5 | 6 => {
            world.arrive(fresh, Some(number));
            let options = QueueOptions::default();
            Some(Input::InteractionEnqueued { interaction: fresh, queue, options })
        }
        7 | 8 => {
            let on_the_line = draw.below(3) != 0;
            Some(Input::CallbackRequested {
                interaction: known.filter(|_| on_the_line).unwrap_or(fresh),
                queue: Some(queue).filter(|_| draw.below(2) == 0 || !on_the_line),
                address: Some(number).filter(|_| draw.below(2) == 0 || !on_the_line),
                origin: CallbackOrigin::Flow,
                owner: Some(agent).filter(|_| draw.below(3) == 0),
                deadline: None,
            })
        }
        9 => {
            let cause = EndCause::CustomerLeft;
            known.map(|interaction| Input::InteractionEnded { interaction, cause })
        }
        10 => {
            let by = Party::Customer;
            known.map(|interaction| Input::ConversationEnded { interaction, by })
        }
        11 | 12 => draw.one_of(&world.offers).map(|offer| Input::OfferAccepted { offer }),
        13 => {
            let failure = OfferFailure::Declined;
            draw.one_of(&world.offers).map(|offer| Input::OfferFailed { offer, failure })
        }
        14 => {
            let callback = draw.one_of(&world.dials)?;
            let interaction = InteractionId(5_000 + step);
            world.arrive(interaction, Some(number));
            Some(Input::CallbackReached { callback, interaction })
        }
        15 => {
            let interaction = waiting(world, draw)?;
            let (priority, by) = (draw.below(4) as i8, String::new());
            Some(Input::InteractionPrioritised { interaction, priority, by })
        }
        16 => {
            let interaction = waiting(world, draw)?;
            Some(Input::InteractionMoved { interaction, queue, by: String::new() })
        }
        _ if draw.below(3) == 0 => {
            let callback = CallbackId(draw.below(30));
            Some(Input::CallbackCancelled { callback, by: String::new() })
        }
        _ => {
            let failure = OfferFailure::NoAnswer;
            let callback = draw.one_of(&world.dials)?;
            Some(Input::CallbackNotReached { callback, failure })
        }
    }
}

/// One of those who stand in line, callbacks among them.
fn waiting(world: &World, draw: &mut Draw) -> Option<InteractionId> {
    let queues = world.center.snapshot().queues;
    let line = queues.values().flat_map(|queue| &queue.waiting).map(|one| one.interaction);
    draw.one_of(&line.collect::<Vec<_>>())
}

/// Everybody comes to work, answers and hangs up until nothing is left.
fn drain(world: &mut World) {
    for _ in 0..400 {
        for agent in ["ann", "bob", "eve"] {
            world.tell(Input::AgentReady { agent: agent.parse().unwrap() });
        }
        for offer in world.offers.clone() {
            world.tell(Input::OfferAccepted { offer });
        }
        for callback in world.dials.clone() {
            let interaction = InteractionId(9_000 + world.now * 100 + callback.0);
            world.arrive(interaction, None);
            world.tell(Input::CallbackReached { callback, interaction });
        }
        for offer in world.offers.clone() {
            world.tell(Input::OfferAccepted { offer });
        }
        for interaction in world.contacts.clone() {
            let cause = EndCause::CustomerLeft;
            world.tell(Input::InteractionEnded { interaction, cause });
        }
        world.wait(35);
    }
}

/// Whatever happens to callbacks: none is lost, none ends twice, nobody is dialled twice at once, and
/// when all have hung up and answered, everybody is free.
#[test]
fn no_order_of_events_loses_a_callback() {
    let mut ends = BTreeMap::new();
    let config = config();
    for seed in 0..200 {
        let (mut world, mut draw) = (World::default(), Draw(seed));
        world.tell(Input::Configured { config: config.clone() });
        for step in 0..150 {
            world.wait(draw.below(20));
            if let Some(input) = event(&mut world, &mut draw, step) {
                world.tell(input);
            }
        }
        drain(&mut world);
        let center = &world.center;
        assert_eq!(center.callbacks().count(), 0, "seed {seed}");
        assert!(center.interactions.is_empty() && center.offers.is_empty(), "seed {seed}");
        let mut agents = center.agents.iter();
        assert!(agents.all(|(_, agent)| agent.works.is_empty()), "seed {seed}");
        for end in world.ended.values() {
            *ends.entry(*end).or_insert(0) += 1;
        }
    }
    // Every kind of end came up often.
    assert!(ends.len() == 5 && ends.values().all(|number| 20 < *number), "{ends:?}");
}
