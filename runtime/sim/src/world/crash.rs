//! The process dies; and the end of all faults.
//!
//! What survives a crash is the journal up to some record. The server starts a new engine, tells it
//! the set-up, the agents' states as last kept, open callbacks and closed queues, and closes every
//! contact that was open there as interrupted. Calls die with the process that carries them, so the
//! world's customers are gone; those who are to be called back wait on.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jackfield_core::{
    AgentState, Checkpoint, CheckpointReader, EndCause, Input, InteractionId, QueueId,
};

use super::agents::Wish;
use super::{Event, Happening, Phase, World};
use crate::book::{Book, Rule, Wrong};
use crate::engine::Engine;

/// In the liveness phase it is looked so often for those whom nobody can serve.
const HOPELESS_AFTER: Duration = Duration::from_secs(600);

impl<E: Engine> World<E> {
    pub(super) fn crash(&mut self, chance: u64) -> Result<(), Wrong> {
        if self.options.keep {
            self.script.push(Happening::Crashed(self.now, chance));
        }
        self.crashes += 1;
        self.lose_what_is_not_synced(chance)?;
        let (durable, checkpoint) = self.recovered()?;
        for id in &durable.closed {
            self.ends_for_good(*id)?;
        }
        for id in durable.open_contacts() {
            self.ends_for_good(id)?;
        }
        let agents = durable.agent_states();
        if self.options.keep {
            self.journal_before = self.journal.len();
        } else {
            self.journal.clear();
        }
        self.disk_restarts();
        self.engine.restart();
        self.book = self.empty_book();
        self.calls_die();
        self.inbox.clear();
        self.inbox.push_back(Input::Configured { config: self.config.clone() });
        let kept: BTreeSet<_> =
            checkpoint.closed_queues.iter().map(|closed| closed.queue.clone()).collect();
        self.callbacks_outlive(&checkpoint);
        let checkpoint = Box::new(checkpoint);
        self.inbox.push_back(Input::Restarted { agents: agents.clone(), checkpoint });
        for (id, state) in agents {
            self.still_meant(&id, &state);
        }
        self.doors_still_meant(&kept);
        Ok(())
    }

    /// Supervisors whose last words are lost say them again.
    fn doors_still_meant(&mut self, kept: &BTreeSet<QueueId>) {
        for queue in self.closed_queues.difference(kept).cloned() {
            let by = "supervisor".to_owned();
            self.inbox.push_back(Input::QueueClosed { queue, message: None, by });
        }
        for queue in kept.difference(&self.closed_queues).cloned() {
            let by = "supervisor".to_owned();
            self.inbox.push_back(Input::QueueOpened { queue, by });
        }
    }

    /// What the journal tells, which must be what was told: it is replayed and compared, and what it
    /// tells of callbacks must be what the engine knows of them.
    fn recovered(&mut self) -> Result<(Book, Checkpoint), Wrong> {
        let mut reader = CheckpointReader::default();
        let mut durable = self.empty_book();
        self.engine.restart();
        for (index, record) in self.journal[self.journal_before..].iter().enumerate() {
            durable.take(record)?;
            reader.take(record);
            let again = self.engine.feed(record.at, record.input.clone());
            if again != record.outputs {
                let what = format!("record {index} of the journal gives other outputs");
                return Err(Wrong { rule: Rule::Replay, what });
            }
        }
        let last = self.journal.last().map(|record| record.at).unwrap_or_default();
        let (told, is) = (reader.checkpoint(last).callbacks, self.engine.checkpoint().callbacks);
        if told != is {
            let what = format!("the journal tells of callbacks {told:?}, the engine of {is:?}");
            return Err(Wrong { rule: Rule::TwoWay, what });
        }
        durable.outlives(&reader.checkpoint(last))?;
        Ok((durable, reader.checkpoint(self.now)))
    }

    fn empty_book(&self) -> Book {
        Book::new(self.plan.overtakes_max).believing(self.options.estimates_believed)
    }

    fn ends_for_good(&mut self, id: InteractionId) -> Result<(), Wrong> {
        if self.ended.insert(id) {
            return Ok(());
        }
        let what = format!("{id} ends again after a restart");
        Err(Wrong { rule: Rule::OneEnding, what })
    }

    fn calls_die(&mut self) {
        let customers = std::mem::take(&mut self.customers);
        self.agenda.retain(|_, event| matches!(event, Event::Arrive(_) | Event::Back(_)));
        self.wraps.clear();
        for customer in customers.into_values() {
            self.redial(customer.plan);
        }
    }

    /// An agent whose kept state is out of date says what it is doing.
    fn still_meant(&mut self, id: &jackfield_core::AgentId, state: &AgentState) {
        let agent = id.clone();
        match self.wishes.get(id) {
            Some(Wish::Out) if *state != AgentState::LoggedOut => {
                self.inbox.push_back(Input::AgentLoggedOut { agent });
            }
            Some(Wish::Pause(reason)) => {
                let reason = reason.clone();
                self.inbox.push_back(Input::AgentLoggedIn { agent: agent.clone() });
                self.inbox.push_back(Input::AgentNotReady { agent, reason });
            }
            Some(Wish::Ready) => self.inbox.push_back(Input::AgentReady { agent }),
            _ => (),
        }
    }

    /// The liveness phase begins: the first set-up, open at all hours, everybody at work.
    pub(super) fn recover_from_everything(&mut self) {
        self.phase = Phase::Liveness;
        self.inbox.push_back(Input::TimeElapsed);
        let mut config = self.plan.config.as_ref().clone();
        config.queues.values_mut().for_each(|queue| queue.hours = None);
        config.agents.values_mut().for_each(|agent| agent.protected.clear());
        self.inbox.push_back(Input::Configured { config: Arc::new(config) });
        self.after(HOPELESS_AFTER, Event::Hopeless);
        self.closed_queues.clear();
        self.open_queues();
        let agents: Vec<_> = self.plan.agents.keys().cloned().collect();
        for agent in agents {
            self.wish(&agent, Wish::Ready);
        }
    }

    fn open_queues(&mut self) {
        for queue in self.plan.config.queues.keys().cloned() {
            let by = "supervisor".to_owned();
            self.inbox.push_back(Input::QueueOpened { queue, by });
        }
    }

    /// Nothing is due any more: whoever can never be served hangs up; then all must be at its end.
    pub(super) fn come_to_rest(&mut self) -> Result<bool, Box<super::Failure>> {
        if self.phase == Phase::Over {
            return Ok(false);
        }
        if self.hopeless_leave() {
            return Ok(true);
        }
        self.phase = Phase::Over;
        self.book.check_end().map_err(|wrong| self.failure(wrong))?;
        let closed: Vec<_> = self.book.closed.iter().copied().collect();
        for id in closed {
            self.ends_for_good(id).map_err(|wrong| self.failure(wrong))?;
        }
        Ok(false)
    }

    /// Customers whom nobody can ever serve hear where they stand, and think better of it. Whose
    /// log-out was heard after all else comes back, and what a supervisor closed so is opened.
    pub(super) fn lose_hope(&mut self) {
        self.open_queues();
        let agents: Vec<_> = self.config.agents.keys().cloned().collect();
        for agent in agents {
            if self.book.agent_state(&agent) == AgentState::LoggedOut {
                self.wish(&agent, Wish::Ready);
            }
        }
        self.hopeless_leave();
        if self.book.unserved().next().is_some() {
            self.after(HOPELESS_AFTER, Event::Hopeless);
        }
    }

    /// Contacts that nobody can ever serve hang up, such callbacks are cancelled. Returns whether there
    /// are any.
    fn hopeless_leave(&mut self) -> bool {
        let hopeless = self.hopeless();
        let any = !hopeless.is_empty();
        for id in hopeless {
            match id.callback() {
                Some(callback) => {
                    let by = "supervisor".to_owned();
                    self.say(Input::CallbackCancelled { callback, by });
                }
                None => self.end(id, EndCause::CustomerLeft),
            }
        }
        any
    }
}
