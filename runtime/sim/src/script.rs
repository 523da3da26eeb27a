//! Scripts: what happened to an engine, free of the numbers that the engine makes, so that a part of
//! it can be played as well as the whole; and the search for the smallest part that still fails.

use std::collections::BTreeSet;
use std::sync::Arc;

use jackfield_core::{
    AgentId, AskId, CenterConfig, EndCause, Estimate, Input, Instant, InteractionId, JournalRecord,
    OfferFailure, Party, PluginFailure, QueueConfig, RouterChoice, RoutingAnswer, RoutingDecision,
};

use crate::book::{Book, Rule, Wrong};
use crate::engine::Engine;
use crate::tell::Teller;
use crate::world::{Failure, Happening};

/// How many steps the end of a script may take.
const STEPS_TO_REST: u32 = 600;
/// After so many of them those whom nobody can serve hang up, one at a time.
const LOSE_HOPE_AFTER: u32 = 50;

/// One event of a script.
#[derive(Clone, Debug, PartialEq)]
pub enum Move {
    /// An input that names neither an offer nor a question.
    Say(Input),
    /// The agent answers the latest offer of the contact.
    Accept(InteractionId, AgentId),
    /// The latest offer of the contact to the agent fails.
    Fail(InteractionId, AgentId, OfferFailure),
    /// The estimator answers the latest question about the contact.
    Estimate(InteractionId, Result<Option<Estimate>, PluginFailure>, String),
    /// Something becomes of the callback that the contact asked for.
    Callback(InteractionId, Outcome),
    /// The router answers the latest question about the contact.
    Answer(InteractionId, Result<RoutingAnswer, PluginFailure>, String),
}

/// What becomes of a callback.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The customer answers the phone, as this call.
    Reached(InteractionId),
    /// The customer does not.
    NotReached(OfferFailure),
    /// It is no longer wanted.
    Cancelled(String),
}

/// A set-up and what happens then.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// When it begins.
    pub start: Instant,
    /// The set-up.
    pub config: Arc<CenterConfig>,
    /// The events, in order of time. What is due by the engine's own timers is done in between.
    pub moves: Vec<(Instant, Move)>,
    /// See [`crate::Plan::overtakes_max`].
    pub overtakes_max: u32,
    /// See [`Book::believing`].
    pub estimates_believed: bool,
}

/// What came of playing a script.
#[derive(Clone, Debug)]
pub struct Played {
    /// Everything that happened.
    pub records: Vec<JournalRecord>,
    /// What went wrong, if anything did.
    pub failure: Option<Failure>,
}

impl Move {
    /// Returns the contact that it is about.
    fn contact(&self) -> Option<InteractionId> {
        match self {
            Self::Accept(id, _)
            | Self::Fail(id, ..)
            | Self::Answer(id, ..)
            | Self::Estimate(id, ..)
            | Self::Callback(id, _) => Some(*id),
            Self::Say(input) => match input {
                Input::InteractionArrived { interaction, .. }
                | Input::InteractionEnqueued { interaction, .. }
                | Input::InteractionLeftQueue { interaction, .. }
                | Input::InteractionEnded { interaction, .. }
                | Input::CallbackRequested { interaction, .. }
                | Input::ConversationEnded { interaction, .. } => Some(*interaction),
                _ => None,
            },
        }
    }
}

impl Script {
    /// Makes a script of what happened since the latest start; `book` knows the numbers. `None` if
    /// nothing did.
    pub fn of(happenings: &[Happening], book: &Book) -> Option<Self> {
        let crashed = |happening: &Happening| matches!(happening, Happening::Crashed(..));
        let from = happenings.iter().rposition(crashed).map_or(0, |crash| crash + 1);
        let mut fed = happenings[from..].iter().filter_map(|happening| match happening {
            Happening::Fed(at, input) => Some((*at, input)),
            Happening::Crashed(..) => None,
        });
        let (start, Input::Configured { config }) = fed.next()? else { return None };
        let moves = fed.filter_map(|(at, input)| Some((at, to_move(input, book)?))).collect();
        let (overtakes_max, estimates_believed) = (book.overtakes_max, book.estimates_believed);
        Some(Self { start, config: config.clone(), moves, overtakes_max, estimates_believed })
    }

    /// Plays it and then brings everything to its end: every agent is ready and answers, every
    /// router names its first candidate, every conversation ends.
    pub fn play<E: Engine>(&self, engine: E) -> Played {
        let mut player = Player {
            engine,
            book: Book::new(self.overtakes_max).believing(self.estimates_believed),
            now: self.start,
            records: Vec::new(),
            gone: BTreeSet::new(),
        };
        let wrong = player.play(self).err();
        let step = player.records.len() as u64;
        let failure = wrong.map(|wrong| Failure { step, at: player.now, wrong });
        Played { records: player.records, failure }
    }

    /// Finds the smallest part of it that breaks the same rule: delta debugging (Zeller and
    /// Hildebrandt 2002) over the events, then over agents, queues and times. `engine` makes a new
    /// engine for each try.
    ///
    /// Returns `None` if the whole does not break `rule`.
    pub fn shrunk<E: Engine>(&self, rule: Rule, engine: impl Fn() -> E) -> Option<Self> {
        let breaks = |script: &Self| {
            script.play(engine()).failure.is_some_and(|failure| failure.wrong.rule == rule)
        };
        let mut least = self.clone();
        if !breaks(&least) {
            return None;
        }
        loop {
            let before = least.clone();
            least.fewer_contacts(&breaks);
            least.fewer_moves(&breaks);
            least.smaller_centre(&breaks);
            least.rounder_times(&breaks);
            if least == before {
                return Some(least);
            }
        }
    }

    fn fewer_moves(&mut self, breaks: &impl Fn(&Self) -> bool) {
        let mut part = self.moves.len().div_ceil(2);
        while 0 < part {
            let mut from = 0;
            while from < self.moves.len() {
                let mut without = self.clone();
                without.moves.drain(from..(from + part).min(self.moves.len()));
                if breaks(&without) {
                    *self = without;
                } else {
                    from += part;
                }
            }
            part /= 2;
        }
    }

    /// A contact goes with all that is said of it; a set-up that comes later may come first.
    fn fewer_contacts(&mut self, breaks: &impl Fn(&Self) -> bool) {
        let contacts: BTreeSet<InteractionId> =
            self.moves.iter().filter_map(|(_, next)| next.contact()).collect();
        for contact in contacts {
            let mut without = self.clone();
            without.moves.retain(|(_, next)| next.contact() != Some(contact));
            if breaks(&without) {
                *self = without;
            }
        }
        for (_, next) in self.moves.clone() {
            let Move::Say(Input::Configured { config }) = &next else { continue };
            let mut without = self.clone();
            without.moves.retain(|(_, other)| *other != next);
            without.config = config.clone();
            if breaks(&without) {
                *self = without;
            }
        }
    }

    fn smaller_centre(&mut self, breaks: &impl Fn(&Self) -> bool) {
        for agent in self.config.agents.keys().cloned().collect::<Vec<_>>() {
            let mut without = self.clone();
            Arc::make_mut(&mut without.config).agents.remove(&agent);
            if breaks(&without) {
                *self = without;
            }
        }
        for queue in self.config.queues.keys().cloned().collect::<Vec<_>>() {
            let mut without = self.clone();
            let config = Arc::make_mut(&mut without.config);
            config.queues.remove(&queue);
            for agent in config.agents.values_mut() {
                agent.queues.remove(&queue);
            }
            if breaks(&without) {
                *self = without;
            }
        }
        let simpler: [fn(&mut QueueConfig); 4] = [
            |queue| queue.router = RouterChoice::BuiltIn,
            |queue| queue.max_size = 1,
            |queue| queue.overflow = None,
            |queue| queue.max_wait = None,
        ];
        for queue in self.config.queues.keys().cloned().collect::<Vec<_>>() {
            for change in simpler {
                let mut without = self.clone();
                if let Some(queue) = Arc::make_mut(&mut without.config).queues.get_mut(&queue) {
                    change(queue);
                }
                if breaks(&without) {
                    *self = without;
                }
            }
        }
    }

    /// One second between events, if that will do.
    fn rounder_times(&mut self, breaks: &impl Fn(&Self) -> bool) {
        let mut rounder = self.clone();
        let second = std::time::Duration::from_secs(1);
        for (number, (at, _)) in (1..).zip(&mut rounder.moves) {
            *at = self.start + second * number;
        }
        if breaks(&rounder) {
            *self = rounder;
        }
    }
}

impl Played {
    /// Returns what happened, in words, and what was wrong with it.
    pub fn tell(&self) -> String {
        let start = self.records.first().map(|record| record.at).unwrap_or_default();
        let mut teller = Teller::new(start);
        let mut text: String = self.records.iter().map(|record| teller.tell(record)).collect();
        if let Some(failure) = &self.failure {
            text += &format!("{}\n", failure.wrong);
        }
        text
    }
}

fn to_move(input: &Input, book: &Book) -> Option<Move> {
    Some(match input {
        Input::TimeElapsed | Input::Noted { .. } | Input::Scheduled { .. } => return None,
        Input::OfferAccepted { offer } => {
            let (contact, agent) = book.offers.get(offer)?;
            Move::Accept(*contact, agent.clone())
        }
        Input::OfferFailed { offer, failure } => {
            let (contact, agent) = book.offers.get(offer)?;
            Move::Fail(*contact, agent.clone(), *failure)
        }
        Input::RouterReplied { ask, answer, plugin } => {
            Move::Answer(*book.asked.get(ask)?, Ok(answer.clone()), plugin.clone())
        }
        Input::RouterFailed { ask, failure, plugin } => {
            Move::Answer(*book.asked.get(ask)?, Err(failure.clone()), plugin.clone())
        }
        Input::EstimatorReplied { ask, estimate, plugin } => {
            Move::Estimate(*book.asked.get(ask)?, Ok(*estimate), plugin.clone())
        }
        Input::EstimatorFailed { ask, failure, plugin } => {
            Move::Estimate(*book.asked.get(ask)?, Err(failure.clone()), plugin.clone())
        }
        Input::CallbackReached { callback, interaction } => {
            Move::Callback(*book.requests.get(callback)?, Outcome::Reached(*interaction))
        }
        Input::CallbackNotReached { callback, failure } => {
            Move::Callback(*book.requests.get(callback)?, Outcome::NotReached(*failure))
        }
        Input::CallbackCancelled { callback, by } => {
            Move::Callback(*book.requests.get(callback)?, Outcome::Cancelled(by.clone()))
        }
        other => Move::Say(other.clone()),
    })
}

struct Player<E> {
    engine: E,
    book: Book,
    now: Instant,
    records: Vec<JournalRecord>,
    /// Contacts that have said that they are over: they will not say it again.
    gone: BTreeSet<InteractionId>,
}

impl<E: Engine> Player<E> {
    fn play(&mut self, script: &Script) -> Result<(), Wrong> {
        self.feed(Input::Configured { config: script.config.clone() })?;
        for (at, next) in &script.moves {
            self.wait_until(*at)?;
            if let Some(input) = self.input(next) {
                self.feed(input)?;
            }
        }
        self.come_to_rest()
    }

    fn feed(&mut self, input: Input) -> Result<(), Wrong> {
        if let Input::InteractionEnded { interaction, .. } = &input
            && self.book.contacts.contains_key(interaction)
        {
            self.gone.insert(*interaction);
        }
        let outputs = self.engine.feed(self.now, input.clone());
        let record = JournalRecord { at: self.now, input, outputs };
        let taken = self.book.take(&record);
        self.records.push(record);
        taken?;
        self.book.check_moment()?;
        self.book.compare(&self.engine.snapshot())
    }

    fn wait_until(&mut self, at: Instant) -> Result<(), Wrong> {
        let mut last = None;
        while let Some(due) = self.engine.next_deadline().filter(|due| *due <= at) {
            self.now = self.now.max(due);
            // A deadline that does not pass would stop time.
            if last == Some(due) {
                let what = format!("what is due at {due} is never done");
                return Err(Wrong { rule: Rule::Liveness, what });
            }
            last = Some(due);
            self.feed(Input::TimeElapsed)?;
        }
        self.now = self.now.max(at);
        Ok(())
    }

    fn input(&self, next: &Move) -> Option<Input> {
        let latest = |contact: &InteractionId, agent: &AgentId| {
            let mut offers = self.book.offers.iter().rev();
            let is = |(c, a): &(InteractionId, AgentId)| c == contact && a == agent;
            offers.find(|(_, offered)| is(offered)).map(|(offer, _)| *offer)
        };
        Some(match next {
            Move::Say(input) => input.clone(),
            Move::Accept(contact, agent) => Input::OfferAccepted { offer: latest(contact, agent)? },
            Move::Fail(contact, agent, failure) => {
                Input::OfferFailed { offer: latest(contact, agent)?, failure: *failure }
            }
            Move::Estimate(contact, estimate, plugin) => {
                let (ask, plugin) = (self.asked(*contact)?, plugin.clone());
                match estimate.clone() {
                    Ok(estimate) => Input::EstimatorReplied { ask, estimate, plugin },
                    Err(failure) => Input::EstimatorFailed { ask, failure, plugin },
                }
            }
            Move::Callback(contact, outcome) => {
                let mut requests = self.book.requests.iter().rev();
                let callback = *requests.find(|(_, by)| *by == contact)?.0;
                match outcome.clone() {
                    Outcome::Reached(interaction) => {
                        Input::CallbackReached { callback, interaction }
                    }
                    Outcome::NotReached(failure) => Input::CallbackNotReached { callback, failure },
                    Outcome::Cancelled(by) => Input::CallbackCancelled { callback, by },
                }
            }
            Move::Answer(contact, answer, plugin) => {
                let ask = self.asked(*contact)?;
                let plugin = plugin.clone();
                match answer.clone() {
                    Ok(answer) => Input::RouterReplied { ask, answer, plugin },
                    Err(failure) => Input::RouterFailed { ask, failure, plugin },
                }
            }
        })
    }

    fn asked(&self, contact: InteractionId) -> Option<AskId> {
        let mut asked = self.book.asked.iter().rev();
        asked.find(|(_, about)| **about == contact).map(|(ask, _)| *ask)
    }

    fn come_to_rest(&mut self) -> Result<(), Wrong> {
        for step in 1..=STEPS_TO_REST {
            // Announcements go on for ever for those whom nobody can serve.
            let hopeless = self.hopeless().filter(|_| step.is_multiple_of(LOSE_HOPE_AFTER));
            if let Some(hopeless) = hopeless {
                self.give_up(hopeless)?;
            } else if let Some(input) = self.next_to_end() {
                self.feed(input)?;
            } else if self.book.check_end().is_ok() {
                // Hours go on for ever.
                return Ok(());
            } else if let Some(due) = self.engine.next_deadline() {
                self.wait_until(due.max(self.now))?;
            } else if let Some(hopeless) = self.hopeless() {
                self.give_up(hopeless)?;
            } else {
                return self.book.check_end();
            }
        }
        let what = format!("still not at rest after {STEPS_TO_REST} steps");
        Err(Wrong { rule: Rule::Liveness, what })
    }

    /// Who can never be served hangs up; such a callback is cancelled.
    fn give_up(&mut self, hopeless: InteractionId) -> Result<(), Wrong> {
        let (interaction, cause) = (hopeless, EndCause::CustomerLeft);
        let by = "supervisor".to_owned();
        self.feed(match hopeless.callback() {
            Some(callback) => Input::CallbackCancelled { callback, by },
            None => Input::InteractionEnded { interaction, cause },
        })
    }

    /// Returns a contact that nobody of the set-up can ever serve.
    fn hopeless(&self) -> Option<InteractionId> {
        let mut waits = self.book.unserved();
        let hopeless = waits.find(|(_, stay)| {
            !self.book.config.agents.keys().any(|agent| self.book.is_able(agent, stay))
        });
        hopeless.map(|(contact, _)| contact)
    }

    /// What somebody would do next; nothing is said twice in vain.
    fn next_to_end(&self) -> Option<Input> {
        use jackfield_core::AgentState::{LoggedOut, NotReady};
        let said = |input: &Input| {
            let same = |record: &JournalRecord| record.at == self.now && record.input == *input;
            self.records.iter().rev().take_while(|record| record.at == self.now).any(same)
        };
        let answers = self.book.asks.values().map(|open| {
            let decision = RoutingDecision::Offer(vec![open.held.to_string()]);
            let answer = RoutingAnswer { decision, because: Vec::new(), scores: Vec::new() };
            Input::RouterReplied { ask: open.ask, answer, plugin: "script".to_owned() }
        });
        let accepts = self.book.rings.keys().map(|offer| Input::OfferAccepted { offer: *offer });
        let here = self.book.contacts.iter();
        let here = here.filter(|(id, _)| !self.gone.contains(id) && id.callback().is_none());
        let ends = here.filter_map(|(id, contact)| {
            let interaction = *id;
            match contact.whereabouts {
                crate::book::Where::Flow => {
                    Some(Input::InteractionEnded { interaction, cause: EndCause::Completed })
                }
                crate::book::Where::Talk { .. } => {
                    Some(Input::ConversationEnded { interaction, by: Party::Agent })
                }
                crate::book::Where::Queue(_) => None,
            }
        });
        let away =
            self.book.config.agents.keys().filter(|agent| {
                matches!(self.book.agent_state(agent), NotReady { .. } | LoggedOut)
            });
        let returns = away.map(|agent| Input::AgentReady { agent: agent.clone() });
        let failure = OfferFailure::NoAnswer;
        let dialled = self.book.open_callbacks().filter(|id| self.book.is_dialling(*id));
        let silent = dialled.map(|callback| Input::CallbackNotReached { callback, failure });
        answers.chain(accepts).chain(silent).chain(ends).chain(returns).find(|input| !said(input))
    }
}
