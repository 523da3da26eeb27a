//! What waits for the log: numbered and encoded by the caller, written by the writer.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::Lsn;
use super::frame::{self, Batch, Body};
use crate::error::StoreError;

/// A group this large is written at once, whoever waits.
const EAGER_BYTES: usize = 1 << 20;
/// The latest time of a sync when nobody waits for it.
const LAZY_INTERVAL: Duration = Duration::from_millis(100);

/// Locks, also after a panic elsewhere: every holder leaves the value consistent.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How far the log is on the disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    pub durable: Lsn,
    pub failed: Option<Arc<str>>,
}

/// Writes that are not in sled yet, newest value of each key. Readers look here first, so a write
/// is visible as soon as it is numbered, while sled never runs ahead of the log on disk.
pub(crate) type Overlay = BTreeMap<Vec<u8>, (Lsn, Option<Arc<[u8]>>)>;

/// A group on its way from the queue to the disk.
#[derive(Default)]
pub(crate) struct Group {
    pub bytes: Vec<u8>,
    pub records: u64,
    pub first: Lsn,
    pub last: Lsn,
    pub batches: Vec<(Lsn, Batch)>,
    /// The part of `bytes` that belongs to `batches`.
    pub batch_bytes: usize,
    /// The length of `bytes`, which the writer takes back once they are written.
    pub size: u64,
}

struct State {
    next: Lsn,
    group: Group,
    /// When the oldest record of `group` was queued.
    since: Instant,
    /// The highest record somebody waits, or waited, for.
    wanted: Lsn,
    durable: Lsn,
    /// Bytes in the queue, under way to the disk, or on disk but not in sled.
    pending: usize,
    closing: bool,
    failed: Option<Arc<str>>,
}

/// The queue between callers and the writer.
pub(crate) struct Queue {
    state: Mutex<State>,
    /// Wakes the writer.
    work: Condvar,
    /// Wakes those who block on durability.
    done: Condvar,
    progress: watch::Sender<Progress>,
    pub overlay: RwLock<Overlay>,
    limit: usize,
    interval: Duration,
}

impl Queue {
    pub fn new(next: Lsn, limit: usize, interval: Duration) -> Self {
        let durable = Lsn(next.0.saturating_sub(1));
        let state = State {
            next,
            group: Group::default(),
            since: Instant::now(),
            wanted: durable,
            durable,
            pending: 0,
            closing: false,
            failed: None,
        };
        Self {
            state: Mutex::new(state),
            work: Condvar::new(),
            done: Condvar::new(),
            progress: watch::Sender::new(Progress { durable, failed: None }),
            overlay: RwLock::default(),
            limit,
            interval,
        }
    }

    /// Numbers and queues a record of a journal.
    pub fn append_journal(&self, tenant: &str, bytes: &[u8]) -> Result<Lsn, StoreError> {
        let body = Body::Journal { tenant, bytes };
        let size = body.size();
        let mut state = self.admit(size)?;
        Ok(self.push(&mut state, body, size))
    }

    /// Numbers and queues a batch, and makes it visible to readers.
    pub fn append_batch(&self, batch: Batch) -> Result<Lsn, StoreError> {
        let body = Body::KeyValues(&batch);
        let size = body.size();
        let mut state = self.admit(size)?;
        let lsn = self.push(&mut state, body, size);
        {
            // Under the queue's lock, so that the newest value of a key is the highest record's.
            let mut overlay = self.overlay.write().unwrap_or_else(PoisonError::into_inner);
            for (key, value) in &batch.ops {
                overlay.insert(key.clone(), (lsn, value.clone()));
            }
        }
        state.group.batches.push((lsn, batch));
        state.group.batch_bytes += size;
        Ok(lsn)
    }

    fn admit(&self, size: usize) -> Result<MutexGuard<'_, State>, StoreError> {
        if frame::MAX < size {
            return Err(StoreError::TooLarge { bytes: size, limit: frame::MAX });
        }
        let state = lock(&self.state);
        if let Some(reason) = &state.failed {
            return Err(StoreError::Failed { reason: reason.clone() });
        }
        if state.closing {
            return Err(StoreError::Closed);
        }
        // An empty queue takes anything: a limit below one frame must not refuse for ever.
        if 0 < state.pending && self.limit < state.pending + size {
            return Err(StoreError::Busy { pending: state.pending, limit: self.limit });
        }
        Ok(state)
    }

    fn push(&self, state: &mut State, body: Body<'_>, size: usize) -> Lsn {
        let lsn = state.next;
        if state.group.records == 0 {
            state.group.first = lsn;
            state.since = Instant::now();
            self.work.notify_one();
        }
        let acknowledged = state.wanted.min(state.durable);
        frame::encode(&mut state.group.bytes, lsn, acknowledged, body);
        state.next = lsn.next();
        state.group.records += 1;
        state.group.last = lsn;
        state.pending += size;
        if EAGER_BYTES <= state.group.bytes.len() && state.group.bytes.len() - size < EAGER_BYTES {
            self.work.notify_one();
        }
        lsn
    }

    /// Says that somebody is going to be told when `lsn` is durable.
    pub fn want(&self, lsn: Lsn) {
        let mut state = lock(&self.state);
        let lsn = lsn.min(Lsn(state.next.0 - 1));
        if state.wanted < lsn {
            // The writer sleeps lazily only while nobody waits.
            if state.wanted <= state.durable {
                self.work.notify_one();
            }
            state.wanted = lsn;
        }
    }

    pub fn watch(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Returns the highest record on disk.
    pub fn durable(&self) -> Lsn {
        lock(&self.state).durable
    }

    /// Returns the highest record queued.
    pub fn last(&self) -> Lsn {
        Lsn(lock(&self.state).next.0 - 1)
    }

    /// Returns the bytes that wait for the disk or for sled.
    pub fn pending(&self) -> usize {
        lock(&self.state).pending
    }

    /// Blocks until `lsn` is durable.
    pub fn wait(&self, lsn: Lsn) -> Result<(), StoreError> {
        self.want(lsn);
        let mut state = lock(&self.state);
        let lsn = lsn.min(Lsn(state.next.0 - 1));
        loop {
            if lsn <= state.durable {
                return Ok(());
            }
            if let Some(reason) = &state.failed {
                return Err(StoreError::Failed { reason: reason.clone() });
            }
            state = self.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Blocks until there is room for more.
    pub fn wait_for_room(&self) -> Result<(), StoreError> {
        let mut state = lock(&self.state);
        while self.limit / 2 < state.pending && state.failed.is_none() {
            self.work.notify_one();
            let wait = self.done.wait_timeout(state, Duration::from_millis(10));
            state = wait.unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(())
    }

    /// For the writer: blocks until a group is due and takes it; `None` once closed and drained.
    /// `spare` is an empty buffer whose memory is used again.
    pub fn take(&self, last_commit: Option<Instant>, spare: Vec<u8>) -> Option<Group> {
        let mut state = lock(&self.state);
        loop {
            if state.failed.is_some() {
                return None;
            }
            if state.group.records == 0 {
                if state.closing {
                    return None;
                }
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let now = Instant::now();
            let due = if state.closing || EAGER_BYTES <= state.group.bytes.len() {
                now
            } else if state.durable < state.wanted {
                // After a pause at once; under load so seldom that a sync has company.
                last_commit.map_or(now, |at| at + self.interval)
            } else {
                state.since + LAZY_INTERVAL.max(self.interval)
            };
            if due <= now {
                break;
            }
            let wait = self.work.wait_timeout(state, due - now);
            state = wait.unwrap_or_else(PoisonError::into_inner).0;
        }
        Some(std::mem::replace(&mut state.group, Group { bytes: spare, ..Group::default() }))
    }

    /// For the writer: everything up to `last` is on disk. Call only after the sync has returned.
    pub fn committed(&self, last: Lsn, journal_bytes: usize) {
        let mut state = lock(&self.state);
        state.durable = last;
        state.pending = state.pending.saturating_sub(journal_bytes);
        drop(state);
        self.done.notify_all();
        self.progress.send_modify(|progress| progress.durable = last);
    }

    /// For the applier: batches up to `last`, which took `bytes`, are in sled.
    pub fn applied(&self, batches: &[(Lsn, Batch)], last: Lsn, bytes: usize) {
        {
            let mut overlay = self.overlay.write().unwrap_or_else(PoisonError::into_inner);
            for (key, _) in batches.iter().flat_map(|(_, batch)| &batch.ops) {
                // A newer write of the key stays: it is not in sled.
                if overlay.get(key).is_some_and(|(lsn, _)| *lsn <= last) {
                    overlay.remove(key);
                }
            }
        }
        let mut state = lock(&self.state);
        state.pending = state.pending.saturating_sub(bytes);
        drop(state);
        self.done.notify_all();
    }

    /// Refuses everything from now on: what the disk holds is unknown.
    pub fn fail(&self, reason: &str) {
        tracing::error!(%reason, "the store stops after a failed write");
        let mut state = lock(&self.state);
        let reason: Arc<str> = state.failed.get_or_insert_with(|| reason.into()).clone();
        drop(state);
        self.work.notify_all();
        self.done.notify_all();
        self.progress.send_modify(|progress| progress.failed = Some(reason));
    }

    /// Accepts nothing more; the writer drains what is there.
    pub fn close(&self) {
        lock(&self.state).closing = true;
        self.work.notify_all();
    }
}
