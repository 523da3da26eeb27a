//! The recent past of one queue, in bounded memory.

use std::collections::VecDeque;
use std::time::Duration;

/// How much of each is remembered.
const SAMPLES: usize = 64;

/// Remembers what happened in one queue lately: the last waits, handle times and ends.
#[derive(Clone, Debug, Default)]
pub struct History {
    waits: VecDeque<(u32, u32)>,
    handles_ms: VecDeque<u32>,
    /// Whether each of the last contacts to leave abandoned.
    abandoned: VecDeque<bool>,
}

impl History {
    /// A contact that had joined at `position` got an agent after `waited`.
    pub fn answered(&mut self, position: u32, waited: Duration) {
        push(&mut self.waits, (position, millis(waited)));
        push(&mut self.abandoned, false);
    }

    /// A contact gave up.
    pub fn abandoned(&mut self) {
        push(&mut self.abandoned, true);
    }

    /// An agent finished with a contact after `handle_time`, after-call work included.
    pub fn completed(&mut self, handle_time: Duration) {
        push(&mut self.handles_ms, millis(handle_time));
    }

    /// Returns the last answered waits, latest last: position at joining and milliseconds.
    pub fn waits(&self) -> Vec<(u32, u32)> {
        self.waits.iter().copied().collect()
    }

    /// Returns the last handle times, latest last, in milliseconds.
    pub fn handles_ms(&self) -> Vec<u32> {
        self.handles_ms.iter().copied().collect()
    }

    /// Returns the share of the last contacts to leave that abandoned, 0.0 to 1.0.
    pub fn abandon_share(&self) -> f64 {
        let abandoned = self.abandoned.iter().filter(|abandoned| **abandoned).count();
        crate::view::share(abandoned, self.abandoned.len())
    }
}

fn push<T>(samples: &mut VecDeque<T>, sample: T) {
    if samples.len() == SAMPLES {
        samples.pop_front();
    }
    samples.push_back(sample);
}

fn millis(span: Duration) -> u32 {
    u32::try_from(span.as_millis()).unwrap_or(u32::MAX)
}
