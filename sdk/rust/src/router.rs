//! Deciding who serves a waiting contact: world `router`.

use std::fmt::Display;

pub use crate::bindings::router::exports::jackfield::plugin::router_guest::Guest as Router;
pub use crate::bindings::router::jackfield::queueing::routing::{
    Answer, Ask, Candidate, Decision, Progressive, QueueRank, QueueView, Score, Waiting,
};

/// Earlier contacts of the customer: needs the grant `crm.history`.
pub mod history {
    pub use crate::host::history::{PastContact, recent};
}

impl Answer {
    /// Offers the contact to the first of these agents who is still free.
    pub fn offer(agents: impl IntoIterator<Item = String>) -> Self {
        let agents = agents.into_iter().collect();
        Self::of(Decision::Offer(agents))
    }

    /// Rings all of these agents at once; the first who accepts has the contact.
    pub fn offer_all(agents: impl IntoIterator<Item = String>) -> Self {
        Self::of(Decision::OfferAll(agents.into_iter().collect()))
    }

    /// Rings the first agent, and one more every `step_ms`, while those before go on ringing.
    pub fn offer_progressive(agents: impl IntoIterator<Item = String>, step_ms: u32) -> Self {
        let agents = agents.into_iter().collect();
        Self::of(Decision::OfferProgressive(Progressive { agents, step_ms }))
    }

    /// Moves the contact to another queue of the tenant, with its waiting time.
    pub fn move_to(queue: &str) -> Self {
        Self::of(Decision::MoveTo(queue.to_owned()))
    }

    /// Gives the contact this priority; the engine asks again.
    pub fn set_priority(priority: i8) -> Self {
        Self::of(Decision::SetPriority(priority))
    }

    /// Asks to be asked again after this many milliseconds, or when an agent becomes ready.
    pub fn wait_ms(span: u32) -> Self {
        Self::of(Decision::WaitMs(span))
    }

    fn of(decision: Decision) -> Self {
        Self { decision, because: Vec::new(), scores: Vec::new() }
    }

    /// Says what an agent was worth; call it in the order of preference.
    #[must_use]
    pub fn score(mut self, agent: &str, value: f64) -> Self {
        self.scores.push(Score { agent: agent.to_owned(), value });
        self
    }

    /// Adds a reason, kept with the decision.
    #[must_use]
    pub fn because(mut self, term: &str, value: impl Display) -> Self {
        self.because.push((term.to_owned(), value.to_string()));
        self
    }
}
