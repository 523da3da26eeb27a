//! Talking with a customer in writing: world `chatbot`.

pub use crate::bindings::chatbot::exports::jackfield::plugin::chatbot_guest::Guest as Chatbot;
pub use crate::bindings::chatbot::jackfield::conversation::conversation::{
    Action, Author, Choices, HandOver, Line, Reply, Turn,
};

impl Reply {
    /// Does these, in their order.
    pub fn of(actions: Vec<Action>) -> Self {
        Self { actions, because: Vec::new() }
    }

    /// Adds a reason, kept with the turn.
    #[must_use]
    pub fn because(mut self, term: &str, value: impl std::fmt::Display) -> Self {
        self.because.push((term.to_owned(), value.to_string()));
        self
    }
}

impl HandOver {
    /// To the queue of the channel, at ordinary priority.
    pub fn with_summary(summary: impl Into<String>) -> Self {
        Self {
            queue: None,
            summary: summary.into(),
            required: Vec::new(),
            priority: 0,
            attributes: Vec::new(),
        }
    }
}
