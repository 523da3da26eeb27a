//! An allowance that fills up with time: the one form of every rate and share here.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jackfield_core::Instant;

/// So much, refilled at so much a second, up to what a window holds. It may go into debt.
#[derive(Debug)]
pub struct Bucket {
    capacity: f64,
    per_second: f64,
    state: Mutex<(f64, Instant)>,
}

impl Bucket {
    /// One that is full at the beginning of time.
    pub fn new(per_second: f64, window: Duration) -> Self {
        let capacity = per_second * window.as_secs_f64();
        Self { capacity, per_second, state: Mutex::new((capacity, Instant::default())) }
    }

    /// Returns what it may hold.
    pub const fn capacity(&self) -> f64 {
        self.capacity
    }

    /// Returns what is left; below zero is a debt.
    pub fn left(&self, now: Instant) -> f64 {
        self.spend(0.0, now)
    }

    /// Takes `amount`, also into debt, and returns what is left.
    pub fn spend(&self, amount: f64, now: Instant) -> f64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_since(state.1).as_secs_f64();
        state.1 = now.max(state.1);
        state.0 = passed.mul_add(self.per_second, state.0).min(self.capacity) - amount;
        state.0
    }

    /// Takes `amount` if there is as much, and tells whether it was taken.
    pub fn take(&self, amount: f64, now: Instant) -> bool {
        let enough = amount <= self.left(now);
        if enough {
            self.spend(amount, now);
        }
        enough
    }

    /// Returns how long it takes until it is out of debt.
    pub fn until_free(&self, now: Instant) -> Duration {
        let left = self.left(now);
        if 0.0 <= left || self.per_second <= 0.0 {
            return Duration::ZERO;
        }
        Duration::from_secs_f64((-left / self.per_second).min(3_600.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fills_with_time_and_may_go_into_debt() {
        let bucket = Bucket::new(10.0, Duration::from_secs(2));
        let at = |ms: u64| Instant::from_micros(ms * 1_000);
        assert_eq!(bucket.left(at(0)), 20.0);
        assert!(bucket.take(20.0, at(0)));
        assert!(!bucket.take(1.0, at(50)));
        assert!(bucket.take(1.0, at(100)));
        assert_eq!(bucket.spend(30.0, at(100)), -30.0);
        assert_eq!(bucket.until_free(at(1_100)), Duration::from_secs(2));
        // An earlier moment gives nothing and takes nothing back.
        assert_eq!(bucket.left(at(0)), -20.0);
        assert_eq!(bucket.left(at(60_000)), bucket.capacity());
    }
}
