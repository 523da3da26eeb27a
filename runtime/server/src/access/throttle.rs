//! Slows down who guesses passwords.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Names and addresses that are remembered at once; the oldest go first.
const REMEMBERED: usize = 100_000;

/// How failures are answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pace {
    /// Failures before a pause.
    pub failures: u32,
    /// The first pause; each further failure doubles it.
    pub pause: Duration,
    /// The longest pause. Failures are forgotten after twice as long without one.
    pub longest: Duration,
}

struct Failures {
    count: u32,
    last: Instant,
}

/// Counts failures by whatever names who tries.
pub struct Throttle {
    pace: Pace,
    failed: Mutex<HashMap<String, Failures>>,
}

impl Throttle {
    /// Nobody has failed yet.
    pub fn new(pace: Pace) -> Self {
        Self { pace, failed: Mutex::default() }
    }

    /// How long `who` has to wait, if at all.
    pub fn wait(&self, who: &str, now: Instant) -> Option<Duration> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = failed.get(who)?;
        let over = failures.count.checked_sub(self.pace.failures)?;
        let pause = self.pace.pause.saturating_mul(1 << over.min(20)).min(self.pace.longest);
        let left = pause.saturating_sub(now.saturating_duration_since(failures.last));
        (!left.is_zero()).then_some(left)
    }

    /// Whether who waited for the longest pause has stayed away for as long again.
    fn is_old(&self, failures: &Failures, now: Instant) -> bool {
        self.pace.longest * 2 <= now.saturating_duration_since(failures.last)
    }

    /// `who` failed.
    pub fn failed(&self, who: &str, now: Instant) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if REMEMBERED <= failed.len() && !failed.contains_key(who) {
            failed.retain(|_, one| !self.is_old(one, now));
            if REMEMBERED <= failed.len() {
                let oldest = failed.iter().min_by_key(|(_, one)| one.last);
                if let Some(oldest) = oldest.map(|(who, _)| who.clone()) {
                    failed.remove(&oldest);
                }
            }
        }
        let one = failed.entry(who.to_owned()).or_insert(Failures { count: 0, last: now });
        if self.is_old(one, now) {
            one.count = 0;
        }
        (one.count, one.last) = (one.count.saturating_add(1), now);
    }

    /// `who` did not fail: what was is forgotten.
    pub fn succeeded(&self, who: &str) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).remove(who);
    }
}

#[cfg(test)]
mod tests {
    use super::{Pace, Throttle};
    use std::time::{Duration, Instant};

    #[test]
    fn pauses_double_and_are_forgotten() {
        let second = Duration::from_secs(1);
        let pace = Pace { failures: 3, pause: 10 * second, longest: 60 * second };
        let throttle = Throttle::new(pace);
        let mut now = Instant::now();
        let mut waits = Vec::new();
        for _ in 0..8 {
            throttle.failed("anna", now);
            let wait = throttle.wait("anna", now).unwrap_or_default();
            waits.push(wait.as_secs());
            now += wait;
            assert_eq!(throttle.wait("anna", now), None);
        }
        assert_eq!(waits, [0, 0, 10, 20, 40, 60, 60, 60]);
        assert_eq!(throttle.wait("boris", now), None);
        now += 121 * second;
        throttle.failed("anna", now);
        assert_eq!(throttle.wait("anna", now), None, "an old failure counts no more");
        for _ in 0..4 {
            throttle.failed("anna", now);
        }
        assert!(throttle.wait("anna", now).is_some());
        throttle.succeeded("anna");
        assert_eq!(throttle.wait("anna", now), None);
    }
}
