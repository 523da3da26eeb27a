//! The engine as the world sees it, so that wrong ones can take its place in tests.

use jackfield_core::{Center, CenterSnapshot, Checkpoint, Input, Instant, JournalRecord, Output};

/// Something that decides.
pub trait Engine {
    /// A new one that knows nothing, as after a crash.
    fn restart(&mut self);

    /// Takes in one input and returns what it says.
    fn feed(&mut self, at: Instant, input: Input) -> Vec<Output>;

    /// Returns when it wants to be called again.
    fn next_deadline(&self) -> Option<Instant>;

    /// Returns what it says of itself.
    fn snapshot(&self) -> CenterSnapshot;

    /// Returns what it would leave if the process ended now.
    fn checkpoint(&self) -> Checkpoint;
}

impl Engine for Center {
    fn restart(&mut self) {
        *self = Self::new();
    }

    fn feed(&mut self, at: Instant, input: Input) -> Vec<Output> {
        JournalRecord::take(self, at, input).outputs
    }

    fn next_deadline(&self) -> Option<Instant> {
        Self::next_deadline(self)
    }

    fn snapshot(&self) -> CenterSnapshot {
        Self::snapshot(self)
    }

    fn checkpoint(&self) -> Checkpoint {
        Self::checkpoint(self)
    }
}
