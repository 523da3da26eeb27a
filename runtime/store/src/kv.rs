//! The key-value state: sled under an overlay of what is not in sled yet.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::StoreError;
use crate::wal::Lsn;
use crate::wal::frame::{Batch, Op};
use crate::wal::queue::{Queue, lock};
use crate::wal::segment::SCHEMA;

/// Where the state says what it holds. Tenants' keys begin with a letter, digit, `-`, `_` or `.`, those of
/// people with byte 1.
pub(crate) const META: &[u8] = b"\0meta";

/// What the state holds: written with every batch, so it is right or the state is not.
///
/// `sum` adds up a hash of every pair. sled's files may come back from a crash older than they were,
/// or with a hole, and still open; then the sum over what is found is not this one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Meta {
    pub applied: Lsn,
    sum: u64,
    count: u64,
}

impl Meta {
    fn encode(self) -> Vec<u8> {
        let mut out = SCHEMA.to_le_bytes().to_vec();
        for number in [self.applied.0, self.sum, self.count] {
            out.extend(number.to_le_bytes());
        }
        out
    }

    fn decode(bytes: &[u8], path: &Path) -> Result<Option<Self>, StoreError> {
        let number = |at: usize| bytes.get(at..)?.first_chunk().map(|b| u64::from_le_bytes(*b));
        let Some(schema) = bytes.first_chunk().map(|b| u32::from_le_bytes(*b)) else {
            return Ok(None);
        };
        if SCHEMA < schema {
            let file = path.to_owned();
            return Err(StoreError::NewerSchema { file, found: schema, supported: SCHEMA });
        }
        let (Some(applied), Some(sum), Some(count)) = (number(4), number(12), number(20)) else {
            return Ok(None);
        };
        Ok(Some(Self { applied: Lsn(applied), sum, count }))
    }

    fn add(&mut self, key: &[u8], value: &[u8]) {
        self.sum = self.sum.wrapping_add(hash(key, value));
        self.count += 1;
    }

    fn remove(&mut self, key: &[u8], value: &[u8]) {
        self.sum = self.sum.wrapping_sub(hash(key, value));
        self.count = self.count.saturating_sub(1);
    }
}

fn hash(key: &[u8], value: &[u8]) -> u64 {
    let mut crc = crc32fast::Hasher::new_with_initial(key.len() as u32);
    crc.update(key);
    crc.update(value);
    // The finaliser of splitmix64: checksums are linear, their plain sum would miss swaps.
    let mut mixed = u64::from(crc.finalize()).wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// sled with its own account of what it holds. Only the applier, or recovery, writes.
pub(crate) struct State {
    pub db: sled::Db,
    meta: Mutex<Meta>,
    applied: AtomicU64,
}

impl State {
    /// Opens sled's folder and checks all of it. `Err(reason)` in the inner result means that the
    /// folder is torn and must be rebuilt.
    pub fn open(
        folder: &Path,
        cache_bytes: u64,
        newest: Lsn,
    ) -> Result<Result<Self, String>, StoreError> {
        // sled panics on some of what a torn file can hold.
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let db = match open_sled(folder, cache_bytes) {
                Ok(db) => db,
                Err(error) => return Ok(Err(format!("it does not open: {error}"))),
            };
            match verify(&db, folder, newest)? {
                Ok(meta) => Ok(Ok(Self::new(db, meta))),
                Err(reason) => Ok(Err(reason)),
            }
        }));
        opened.unwrap_or_else(|panic| Ok(Err(format!("it panics: {}", panic_text(&*panic)))))
    }

    /// Opens an empty folder.
    pub fn create(folder: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        Ok(Self::new(open_sled(folder, cache_bytes)?, Meta::default()))
    }

    fn new(db: sled::Db, meta: Meta) -> Self {
        Self { db, applied: AtomicU64::new(meta.applied.0), meta: Mutex::new(meta) }
    }

    /// Returns the newest record whose effects are here.
    pub fn applied(&self) -> Lsn {
        Lsn(self.applied.load(Ordering::Acquire))
    }

    /// Applies `batches` in order, atomically, together with the account of them.
    pub fn apply(&self, batches: &[(Lsn, Batch)], last: Lsn) -> Result<(), StoreError> {
        let mut meta = *lock(&self.meta);
        let mut newest: BTreeMap<&[u8], Option<&Arc<[u8]>>> = BTreeMap::new();
        for (key, value) in batches.iter().flat_map(|(_, batch)| &batch.ops) {
            newest.insert(key, value.as_ref());
        }
        let mut out = sled::Batch::default();
        for (key, value) in newest {
            if let Some(old) = self.db.get(key)? {
                meta.remove(key, &old);
            }
            match value {
                Some(value) => {
                    meta.add(key, value);
                    out.insert(key, &**value);
                }
                None => out.remove(key),
            }
        }
        meta.applied = last;
        out.insert(META, meta.encode());
        self.db.apply_batch(out)?;
        *lock(&self.meta) = meta;
        self.applied.store(last.0, Ordering::Release);
        Ok(())
    }

    /// Adds pairs of a checkpoint to a state that has none of them. Until the next
    /// [`State::apply`] the state has no account, so a process that dies here rebuilds again.
    pub fn load(&self, pairs: Vec<(Vec<u8>, Vec<u8>)>) -> Result<(), StoreError> {
        let mut meta = lock(&self.meta);
        let mut out = sled::Batch::default();
        for (key, value) in pairs {
            meta.add(&key, &value);
            out.insert(key, value);
        }
        self.db.apply_batch(out)?;
        Ok(())
    }

    /// Makes sled's files durable: only a shortcut for the next start, the log has it all.
    pub fn sync(&self, folder: &Path) -> Result<(), StoreError> {
        self.db.flush()?;
        // sled's flush is no fsync: it does not reach the device's cache.
        for entry in fs::read_dir(folder).map_err(StoreError::io("list", folder))?.flatten() {
            if entry.path().is_file() {
                let path = entry.path();
                fs::File::open(&path)
                    .and_then(|file| file.sync_all())
                    .map_err(StoreError::io("sync", &path))?;
            }
        }
        Ok(())
    }
}

fn open_sled(folder: &Path, cache_bytes: u64) -> sled::Result<sled::Db> {
    let config = sled::Config::new()
        .path(folder)
        .mode(sled::Mode::HighThroughput)
        .cache_capacity(cache_bytes)
        // The log is the truth, so sled may be late.
        .flush_every_ms(Some(1000));
    // A value dropped a moment ago in this process releases its lock from its own thread.
    let give_up = Instant::now() + Duration::from_secs(3);
    loop {
        match config.open() {
            Err(sled::Error::Io(error))
                if error.to_string().contains("lock") && Instant::now() < give_up =>
            {
                std::thread::sleep(Duration::from_millis(10));
            }
            other => return other,
        }
    }
}

/// Reads everything and compares it with the account.
fn verify(db: &sled::Db, folder: &Path, newest: Lsn) -> Result<Result<Meta, String>, StoreError> {
    let (mut found, mut account) = (Meta::default(), None);
    for pair in db.iter() {
        let (key, value) = match pair {
            Ok(pair) => pair,
            Err(error) => return Ok(Err(format!("it cannot be read: {error}"))),
        };
        if key == META {
            account = Meta::decode(&value, folder)?;
        } else {
            found.add(&key, &value);
        }
    }
    let Some(account) = account else {
        // Nothing at all is a state too: before the first record.
        let empty = found == Meta::default();
        return Ok(empty.then_some(found).ok_or_else(|| "it has no account".to_owned()));
    };
    found.applied = account.applied;
    if found != account {
        let (has, should) = (found.count, account.count);
        return Ok(Err(format!("it holds {has} pairs that are not the {should} it should")));
    }
    if newest < account.applied {
        let applied = account.applied;
        return Ok(Err(format!("it holds record {applied}, the log ends at {newest}")));
    }
    Ok(Ok(account))
}

pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// A pair of the state.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// Reads as a caller sees it: its own writes included.
pub(crate) struct View<'a> {
    pub state: &'a State,
    pub queue: &'a Queue,
}

impl View<'_> {
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        {
            let overlay = self.queue.overlay.read().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, value)) = overlay.get(key) {
                return Ok(value.as_ref().map(|value| value.to_vec()));
            }
        }
        // The applier takes a key out of the overlay only after sled has it.
        Ok(self.state.db.get(key)?.map(|value| value.to_vec()))
    }

    /// Visits the pairs of a range in order, `backwards` or not, until `visit` returns false.
    ///
    /// Sees every write made before the call; writes made meanwhile may or may not be seen.
    pub fn scan(
        &self,
        range: (Bound<Vec<u8>>, Bound<Vec<u8>>),
        backwards: bool,
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        if is_empty(&range) {
            return Ok(());
        }
        let mut late: Vec<Op> = {
            let overlay = self.queue.overlay.read().unwrap_or_else(PoisonError::into_inner);
            overlay.range(range.clone()).map(|(k, (_, v))| (k.clone(), v.clone())).collect()
        };
        let mut stored = self.state.db.range(range);
        if backwards {
            late.reverse();
        }
        let mut late = late.into_iter().peekable();
        let mut pull = || if backwards { stored.next_back() } else { stored.next() };
        let mut next = pull().transpose()?;
        loop {
            // Take the one that comes first; of equals the overlay's, which is newer.
            let order = match (late.peek(), &next) {
                (None, None) => return Ok(()),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some((a, _)), Some((b, _))) if backwards => b.as_ref().cmp(a.as_slice()),
                (Some((a, _)), Some((b, _))) => a.as_slice().cmp(b.as_ref()),
            };
            if order.is_gt() {
                if let Some((key, value)) = next.take()
                    && !visit(&key, &value)?
                {
                    return Ok(());
                }
                next = pull().transpose()?;
                continue;
            }
            if order.is_eq() {
                next = pull().transpose()?;
            }
            if let Some((key, Some(value))) = late.next()
                && !visit(&key, &value)?
            {
                return Ok(());
            }
        }
    }
}

fn is_empty(range: &(Bound<Vec<u8>>, Bound<Vec<u8>>)) -> bool {
    use Bound::{Excluded, Included, Unbounded};
    match range {
        (Unbounded, _) | (_, Unbounded) => false,
        (Included(from), Included(to)) => to < from,
        (Included(from) | Excluded(from), Included(to) | Excluded(to)) => to <= from,
    }
}
