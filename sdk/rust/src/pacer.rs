//! Saying how many outbound calls to place: world `pacer`.

pub use crate::bindings::pacer::exports::jackfield::plugin::pacer_guest::Guest as Pacer;
pub use crate::bindings::pacer::jackfield::pacing::pacing::{Campaign, Pace};

impl Pace {
    /// So many calls now, and again after so long.
    pub fn dial(dial: u32, again_ms: u32) -> Self {
        Self { dial, again_ms, because: Vec::new() }
    }

    /// Adds a reason, kept with the decision.
    #[must_use]
    pub fn because(mut self, term: &str, value: impl std::fmt::Display) -> Self {
        self.because.push((term.to_owned(), value.to_string()));
        self
    }
}
