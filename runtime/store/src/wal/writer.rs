//! The thread that writes the log.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::file::{LogFile, LogFolder};
use super::queue::{Group, Queue};
use super::{Lsn, segment};
use crate::metrics::Counters;

/// Returns the wall clock in microseconds since the Unix epoch.
pub(crate) fn wall_micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Owns the newest file of the log.
pub(crate) struct Writer {
    folder: Arc<dyn LogFolder>,
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    applier: Sender<Group>,
    file: Box<dyn LogFile>,
    size: u64,
    segment_bytes: u64,
}

impl Writer {
    /// Begins a new file whose first record will be `next`.
    pub fn new(
        folder: Arc<dyn LogFolder>,
        queue: Arc<Queue>,
        counters: Arc<Counters>,
        applier: Sender<Group>,
        next: Lsn,
        segment_bytes: u64,
    ) -> io::Result<Self> {
        let file = begin(&*folder, next)?;
        let size = segment::HEADER as u64;
        Ok(Self { folder, queue, counters, applier, file, size, segment_bytes })
    }

    /// Writes groups until the queue is closed and drained, or a write fails.
    pub fn run(mut self) {
        let (mut last_commit, mut spare) = (None, Vec::new());
        while let Some(mut group) = self.queue.take(last_commit, std::mem::take(&mut spare)) {
            let started = Instant::now();
            last_commit = Some(started);
            if let Err(error) = self.write(&group) {
                // After a failed sync the kernel may have dropped the pages: trying again would
                // succeed and mean nothing.
                self.queue.fail(&format!("cannot write the log: {error}"));
                return;
            }
            // Counted first: who was told that a record is durable finds it in the metrics.
            self.counters.committed(group.records, group.bytes.len(), started.elapsed());
            // Only here, after the sync, may anybody be told.
            self.queue.committed(group.last, group.bytes.len() - group.batch_bytes);
            group.size = group.bytes.len() as u64;
            spare = std::mem::take(&mut group.bytes);
            spare.clear();
            // The applier is gone only after a failure of its own, which stops the queue.
            let _ = self.applier.send(group);
        }
    }

    fn write(&mut self, group: &Group) -> io::Result<()> {
        let bytes = group.bytes.len() as u64;
        // The old file is synced: every group is before the next is taken.
        if segment::HEADER as u64 != self.size && self.segment_bytes < self.size + bytes {
            self.file = begin(&*self.folder, group.first)?;
            self.size = segment::HEADER as u64;
        }
        self.file.append(&group.bytes)?;
        self.file.sync()?;
        self.size += bytes;
        Ok(())
    }
}

fn begin(folder: &dyn LogFolder, first: Lsn) -> io::Result<Box<dyn LogFile>> {
    let mut file = folder.create(&segment::name(first))?;
    file.append(&segment::header(first, wall_micros()))?;
    file.sync()?;
    folder.sync()?;
    Ok(file)
}
