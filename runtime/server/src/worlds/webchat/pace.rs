//! How fast may be written: so many messages in a minute, by whatever names who writes.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Over how long is counted.
const WINDOW: Duration = Duration::from_secs(60);
/// Writers that are remembered at once. With more within a minute, others have to wait.
const REMEMBERED: usize = 100_000;

/// Counts what was written, by the minute that began with a writer's first message.
#[derive(Debug, Default)]
pub struct Pace(HashMap<String, (Instant, u32)>);

impl Pace {
    /// Counts one more for each of `writers`, if none is at its limit; else counts nothing.
    pub fn take(&mut self, writers: &[(String, u32)], now: Instant) -> bool {
        if REMEMBERED < self.0.len() + writers.len() {
            self.0.retain(|_, (since, _)| now.saturating_duration_since(*since) < WINDOW);
        }
        if REMEMBERED < self.0.len() + writers.len() {
            return false;
        }
        let used = |name: &String| {
            let known = self.0.get(name).copied();
            known.filter(|(since, _)| now.saturating_duration_since(*since) < WINDOW)
        };
        let counted: Vec<_> = writers.iter().map(|(name, _)| used(name)).collect();
        let full = |((_, limit), used): (&(String, u32), &Option<(Instant, u32)>)| {
            used.is_some_and(|(_, count)| *limit <= count)
        };
        if writers.iter().zip(&counted).any(full) {
            return false;
        }
        for ((name, _), used) in writers.iter().zip(counted) {
            let (since, count) = used.unwrap_or((now, 0));
            self.0.insert(name.clone(), (since, count + 1));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{Pace, REMEMBERED, WINDOW};
    use std::time::{Duration, Instant};

    fn of(visitor: &str) -> [(String, u32); 2] {
        [(visitor.to_owned(), 2), ("192.0.2.1".to_owned(), 3)]
    }

    #[test]
    fn each_visitor_and_each_address_has_a_limit() {
        let mut pace = Pace::default();
        let now = Instant::now();
        let taken: Vec<bool> = ["eva", "eva", "eva", "ben", "ben"]
            .iter()
            .map(|visitor| pace.take(&of(visitor), now))
            .collect();
        // Eva has her two; the address has a third, and what was refused has counted for nobody.
        assert_eq!(taken, [true, true, false, true, false]);
        assert!(!pace.take(&of("joe"), now + WINDOW - Duration::from_millis(1)));
        assert!(pace.take(&of("eva"), now + WINDOW));
    }

    #[test]
    fn only_so_many_writers_are_remembered() {
        let mut pace = Pace::default();
        let now = Instant::now();
        let writer = |n: usize| [(n.to_string(), 1)];
        for n in 0..REMEMBERED {
            assert!(pace.take(&writer(n), now));
        }
        assert!(!pace.take(&writer(REMEMBERED), now));
        assert!(pace.take(&writer(REMEMBERED), now + WINDOW));
        assert_eq!(pace.0.len(), 1);
    }
}
