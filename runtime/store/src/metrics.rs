//! What the store counts about itself.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counters and sizes of the store at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StoreMetrics {
    /// Records committed since the start: journal records and key-value batches.
    pub appends: u64,
    /// Groups committed since the start, each with one fdatasync.
    pub commits: u64,
    /// Time spent in writing and syncing groups, in seconds.
    pub commit_seconds: f64,
    /// Bytes written to the log since the start.
    pub bytes: u64,
    /// Bytes that wait for the disk or for the key-value engine.
    pub pending_bytes: u64,
    /// Size of the log's files.
    pub wal_bytes: u64,
    /// Size of the key-value engine's files.
    pub sled_bytes: u64,
    /// Checkpoints written since the start.
    pub checkpoints: u64,
    /// The newest durable record.
    pub durable_lsn: u64,
    /// The newest record in the key-value engine.
    pub applied_lsn: u64,
    /// When the last group was committed, in microseconds since the Unix epoch; 0 for never.
    pub last_commit_micros: u64,
}

#[derive(Default)]
pub(crate) struct Counters {
    pub appends: AtomicU64,
    pub commits: AtomicU64,
    pub commit_nanos: AtomicU64,
    pub bytes: AtomicU64,
    pub checkpoints: AtomicU64,
    pub last_commit_micros: AtomicU64,
}

impl Counters {
    pub fn committed(&self, records: u64, bytes: usize, took: Duration) {
        self.appends.fetch_add(records, Ordering::Relaxed);
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.commit_nanos.fetch_add(nanos, Ordering::Relaxed);
        self.last_commit_micros.store(crate::wal::writer::wall_micros(), Ordering::Relaxed);
    }
}
