//! Deciding who serves a waiting contact: world `router`.

use std::fmt::Display;

pub use crate::bindings::router::exports::jackfield::plugin::router_guest::Guest as Router;
pub use crate::bindings::router::jackfield::queueing::routing::{
    Answer, Ask, Candidate, Decision, QueueView, Waiting,
};

impl Answer {
    /// Offers the contact to the first of these agents who is still free.
    pub fn offer(agents: impl IntoIterator<Item = String>) -> Self {
        let agents = agents.into_iter().collect();
        Self { decision: Decision::Offer(agents), because: Vec::new() }
    }

    /// Asks to be asked again after this many milliseconds, or when an agent becomes ready.
    pub fn wait_ms(span: u32) -> Self {
        Self { decision: Decision::WaitMs(span), because: Vec::new() }
    }

    /// Adds a reason, kept with the decision.
    #[must_use]
    pub fn because(mut self, term: &str, value: impl Display) -> Self {
        self.because.push((term.to_owned(), value.to_string()));
        self
    }
}
