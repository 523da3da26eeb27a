//! The tenant's engine.

use crate::{Input, Instant, Output};

/// One tenant's engine. See the crate's documentation for how to drive it.
#[derive(Debug, Default)]
pub struct Center {}

impl Center {
    /// Creates an engine that knows nothing yet: feed it [`Input::Configured`] first.
    pub fn new() -> Self {
        Self::default()
    }

    /// Advances the engine by one input. `now` must not be earlier than in any previous call.
    pub fn handle_input(&mut self, _now: Instant, _input: Input) {}

    /// Does what is due at `now`. Early or repeated calls do nothing.
    pub fn handle_timeout(&mut self, _now: Instant) {}

    /// Returns the next output, or `None` once all are drained.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output> {
        None
    }

    /// Returns when [`Center::handle_timeout`] is next needed, or `None` while nothing runs.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        None
    }
}
