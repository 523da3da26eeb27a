//! What is counted of requests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Counted since the start of the process. All are for `/metrics`.
#[derive(Debug, Default)]
pub struct Figures {
    outcomes: Mutex<BTreeMap<(String, &'static str), u64>>,
    sent: AtomicU64,
    received: AtomicU64,
}

impl Figures {
    pub(crate) fn count(&self, owner: &str, outcome: &'static str) {
        let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        *outcomes.entry((owner.to_owned(), outcome)).or_default() += 1;
    }

    pub(crate) fn carried(&self, sent: usize, received: usize) {
        self.sent.fetch_add(sent as u64, Ordering::Relaxed);
        self.received.fetch_add(received as u64, Ordering::Relaxed);
    }

    /// Requests by owner and outcome: `answered`, `invalid`, `not_allowed`, `limit`, `timeout`,
    /// `unreachable`.
    pub fn outcomes(&self) -> Vec<(String, &'static str, u64)> {
        let outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        outcomes.iter().map(|((owner, outcome), n)| (owner.clone(), *outcome, *n)).collect()
    }

    /// Bytes of bodies that were sent and received.
    pub fn bytes(&self) -> (u64, u64) {
        (self.sent.load(Ordering::Relaxed), self.received.load(Ordering::Relaxed))
    }
}
