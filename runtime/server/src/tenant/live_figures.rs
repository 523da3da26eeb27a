//! The figures of a tenant, counted as the records come.
//!
//! The engine's task adds each record it has put into the journal; whoever asks for a report counts
//! elsewhere, and does not hold the engine up: while somebody counts, records are laid aside.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use jackfield_core::{Instant, JournalRecord};
use jackfield_figures::kpi::record::ScheduleSpan;
use jackfield_figures::kpi::{Folder, Parameters, Report};

/// How often that is done.
const FORGET_EVERY: Duration = Duration::from_secs(3600);

/// Counts as the records come.
#[derive(Default)]
pub struct LiveFigures {
    counted: Mutex<Counted>,
    /// Records that came while somebody counted, in order.
    aside: Mutex<Vec<JournalRecord>>,
}

#[derive(Default)]
struct Counted {
    folder: Folder,
    /// What ended longer ago is forgotten here; the journal has it still.
    kept: Duration,
    /// What ended before this is forgotten; the epoch until [`LiveFigures::begin`] was called.
    since: Instant,
}

/// A report that was counted live.
pub struct LiveReport {
    /// The report.
    pub report: Report,
    /// How many records of the journal it is made of, from the first.
    pub records: u64,
    /// What ended before this is not in it.
    pub since: Instant,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LiveFigures {
    /// Goes on from what a journal gave, and forgets from now on what ended longer than `kept` ago.
    pub fn begin(&self, mut folder: Folder, now: Instant, kept: Duration) {
        let since = before(now, kept);
        folder.forget(since.as_micros());
        *lock(&self.counted) = Counted { folder, kept, since };
    }

    /// Adds a record. Only the engine's task does.
    pub fn take(self: &Arc<Self>, record: &JournalRecord) {
        let (since, kept) = match self.counted.try_lock() {
            Ok(mut counted) => {
                for earlier in lock(&self.aside).drain(..) {
                    counted.folder.take(&earlier);
                }
                counted.folder.take(record);
                (counted.since, counted.kept)
            }
            Err(TryLockError::WouldBlock) => {
                lock(&self.aside).push(record.clone());
                return;
            }
            Err(TryLockError::Poisoned(_)) => return,
        };
        if since != Instant::default() && kept + FORGET_EVERY < record.at - since {
            let (figures, at) = (Arc::clone(self), record.at);
            tokio::task::spawn_blocking(move || figures.forget(before(at, kept)));
        }
    }

    fn forget(&self, before: Instant) {
        let mut counted = lock(&self.counted);
        if counted.since < before {
            counted.folder.forget(before.as_micros());
            counted.since = before;
        }
    }

    /// Returns what agents are planned to do, by agent and time, from as far back as figures go. May
    /// block for as long as somebody counts.
    pub fn schedule(&self) -> Vec<ScheduleSpan> {
        let mut counted = lock(&self.counted);
        for earlier in lock(&self.aside).drain(..) {
            counted.folder.take(&earlier);
        }
        counted.folder.schedule().to_vec()
    }

    /// Counts what has come so far, unless there is nothing new since `seen` records. Blocks for as
    /// long as that takes.
    pub fn report(&self, parameters: &Parameters, seen: Option<u64>) -> Option<LiveReport> {
        let mut counted = lock(&self.counted);
        for earlier in lock(&self.aside).drain(..) {
            counted.folder.take(&earlier);
        }
        let records = counted.folder.folded();
        if seen == Some(records) {
            return None;
        }
        Some(LiveReport {
            report: counted.folder.report(parameters),
            records,
            since: counted.since,
        })
    }
}

fn before(now: Instant, kept: Duration) -> Instant {
    let kept = u64::try_from(kept.as_micros()).unwrap_or(u64::MAX);
    Instant::from_micros(now.as_micros().saturating_sub(kept))
}
