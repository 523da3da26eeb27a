//! Versions that were replaced and still lead contacts: each has its time, then it is stopped.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// The sessions of one version of a flow, as it is loaded once.
#[derive(Debug, Default)]
pub struct Pins {
    state: Mutex<State>,
    /// Cancelled when its time is over: for verbs that wait.
    stop: CancellationToken,
    /// Set when its time is over: for the guest.
    over: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct State {
    sessions: u32,
    /// Told when the last session has ended, once it is replaced.
    replaced: Option<CancellationToken>,
}

/// A session's hold on its version.
#[derive(Debug)]
pub struct Pin(Arc<Pins>);

impl Pins {
    /// Counts one more session, until the pin is dropped.
    pub fn pin(self: &Arc<Self>) -> Pin {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).sessions += 1;
        Pin(Arc::clone(self))
    }

    /// What is cancelled when the version is to serve nobody any more.
    pub const fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// What is set when the version is to serve nobody any more.
    pub const fn over(&self) -> &Arc<AtomicBool> {
        &self.over
    }

    fn sessions(&self) -> u32 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).sessions
    }

    /// Marks it as replaced; what is cancelled with its last session, if it has any.
    fn replaced(&self) -> Option<CancellationToken> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.sessions == 0 {
            return None;
        }
        let idle = CancellationToken::new();
        state.replaced = Some(idle.clone());
        Some(idle)
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.sessions -= 1;
        if state.sessions == 0
            && let Some(idle) = state.replaced.take()
        {
            idle.cancel();
        }
    }
}

/// A version that drains.
#[derive(Clone, Debug)]
pub struct Draining {
    /// The flow.
    pub flow: String,
    /// The version's digest.
    pub digest: String,
    /// Its sessions now.
    pub sessions: u32,
    /// How long they may still take.
    pub left: Duration,
}

struct Kept {
    flow: String,
    digest: String,
    pins: Arc<Pins>,
    until: tokio::time::Instant,
}

/// The versions of one tenant that drain.
#[derive(Default)]
pub struct Drains {
    kept: Arc<Mutex<Vec<Kept>>>,
    ended: AtomicU64,
}

impl Drains {
    /// Lets a replaced version lead its contacts for `time` longer. Returns at once.
    pub fn begin(&self, flow: &str, digest: &str, pins: &Arc<Pins>, time: Duration) {
        let Some(idle) = pins.replaced() else { return };
        let until = tokio::time::Instant::now() + time;
        let (flow, digest) = (flow.to_owned(), digest.to_owned());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(Kept { flow, digest, pins: Arc::clone(pins), until });
        drop(kept);
        let (pins, kept) = (Arc::clone(pins), Arc::clone(&self.kept));
        tokio::spawn(async move {
            tokio::select! {
                () = idle.cancelled() => {}
                () = tokio::time::sleep_until(until) => {
                    pins.over.store(true, Ordering::Relaxed);
                    pins.stop.cancel();
                    idle.cancelled().await;
                }
            }
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.retain(|one| !Arc::ptr_eq(&one.pins, &pins));
        });
    }

    /// Counts a session that was ended because its version's time was over.
    pub fn note_ended(&self) {
        self.ended.fetch_add(1, Ordering::Relaxed);
    }

    /// How many were.
    pub fn ended(&self) -> u64 {
        self.ended.load(Ordering::Relaxed)
    }

    /// What drains now, in the order of their beginnings.
    pub fn list(&self) -> Vec<Draining> {
        let now = tokio::time::Instant::now();
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let each = kept.iter().map(|one| Draining {
            flow: one.flow.clone(),
            digest: one.digest.clone(),
            sessions: one.pins.sessions(),
            left: one.until.saturating_duration_since(now),
        });
        each.collect()
    }
}
