//! How many calls are let in.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
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

/// How late this process is: how long after it was due a task runs that has nothing to do.
///
/// Under more load than a core bears, everything that is ready waits its turn; a call that is let in
/// then waits several times over, and so do those before it. The lag shows that as it begins, where a
/// count of calls would need to know how dear a call is. What counts is the least lag of a while, as
/// in CoDel (RFC 8289): a standing queue is overload, a hiccup is none.
#[derive(Debug, Default)]
pub(super) struct Lag(AtomicU64);

/// How often the lag is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// The while: long enough for a hiccup to pass, short against a caller's patience.
const WHILE: Duration = Duration::from_millis(100);
/// The fewest looks that tell a standing queue from a process that was not run at all.
const LOOKS_MIN: u32 = 3;

impl Lag {
    /// Starts looking; ends with the last handle.
    pub(super) fn watch() -> Arc<Self> {
        let lag = Arc::new(Self::default());
        tokio::spawn(Self::look(Arc::downgrade(&lag)));
        lag
    }

    async fn look(lag: Weak<Self>) {
        let (mut least, mut looks, mut began) = (Duration::MAX, 0, Instant::now());
        loop {
            let due = Instant::now() + LOOK_EVERY;
            tokio::time::sleep_until(due).await;
            let Some(lag) = lag.upgrade() else { return };
            least = least.min(due.elapsed());
            looks += 1;
            if LOOKS_MIN <= looks && WHILE <= began.elapsed() {
                let micros = u64::try_from(least.as_micros()).unwrap_or(u64::MAX);
                lag.0.store(micros, Ordering::Relaxed);
                (least, looks, began) = (Duration::MAX, 0, Instant::now());
            }
        }
    }

    /// How late the process is: the least lag of the last while.
    pub(super) fn now(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }
}
