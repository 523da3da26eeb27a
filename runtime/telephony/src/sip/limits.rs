//! How many calls are let in.

use std::time::Duration;

use tokio::time::Instant;

/// A token bucket that holds one second's worth.
#[derive(Debug)]
pub(super) struct Bucket {
    rate: u32,
    /// Tokens in millionths, so that refilling loses nothing.
    level: u64,
    at: Instant,
}

const MICRO: u64 = 1_000_000;

impl Bucket {
    /// A full bucket; a rate of zero never runs dry.
    pub(super) fn new(rate: u32, now: Instant) -> Self {
        Self { rate, level: u64::from(rate) * MICRO, at: now }
    }

    /// Takes a token; false if there is none.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        if self.rate == 0 {
            return true;
        }
        let passed = now.saturating_duration_since(self.at).min(Duration::from_secs(1));
        let gained = u64::try_from(passed.as_micros()).unwrap_or(MICRO) * u64::from(self.rate);
        self.at = now;
        self.level = (self.level + gained).min(u64::from(self.rate) * MICRO);
        let Some(rest) = self.level.checked_sub(MICRO) else { return false };
        self.level = rest;
        true
    }
}
