//! The store: one folder, one process, any number of tenants.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use jackfield_core::TenantId;

use crate::checkpoint;
use crate::error::StoreError;
use crate::kv::{State, panic_text};
use crate::metrics::{Counters, StoreMetrics};
use crate::recover::{OpenReport, Recovered, recover};
use crate::tenant::TenantStore;
use crate::wal::file::{LogFolder, OsFolder};
use crate::wal::queue::{Group, Queue, lock};
use crate::wal::read::Journal;
use crate::wal::writer::{Writer, wall_micros};
use crate::wal::{Lsn, segment};

/// How the store works.
#[derive(Clone, Debug, PartialEq)]
pub struct StoreConfig {
    /// The folder, made if need be. One process at a time.
    pub path: PathBuf,
    /// The shortest time between two syncs while somebody waits for one: what is queued meanwhile
    /// shares the next. After a pause a sync begins at once.
    pub commit_interval: Duration,
    /// How many bytes may wait for the disk before writes are refused.
    pub pending_bytes_max: usize,
    /// The size at which a new log file is begun.
    pub segment_bytes: u64,
    /// The bytes of log after which the key-value state is copied to a checkpoint.
    pub checkpoint_after: u64,
    /// How long journal records are kept at least; zero is for ever.
    pub journal_keep: Duration,
    /// The memory the key-value engine may use for its cache.
    pub cache_bytes: u64,
}

impl Default for StoreConfig {
    /// The default of everything but `path`, which is empty and must be set.
    fn default() -> Self {
        Self {
            path: PathBuf::new(),
            commit_interval: Duration::from_millis(5),
            pending_bytes_max: 64 << 20,
            segment_bytes: 64 << 20,
            checkpoint_after: 256 << 20,
            journal_keep: Duration::from_secs(30 * 24 * 60 * 60),
            cache_bytes: 128 << 20,
        }
    }
}

impl StoreConfig {
    pub(crate) fn wal(&self) -> PathBuf {
        self.path.join("wal")
    }

    pub(crate) fn sled(&self) -> PathBuf {
        self.path.join("sled")
    }

    pub(crate) fn components(&self) -> PathBuf {
        self.path.join("components")
    }
}

/// What callers and the store's threads share.
pub(crate) struct Shared {
    pub config: StoreConfig,
    pub queue: Arc<Queue>,
    pub state: State,
    counters: Arc<Counters>,
    since_checkpoint: AtomicU64,
    checkpointing: AtomicBool,
    /// One checkpoint at a time.
    checkpoint: Mutex<()>,
    /// What each tenant's read-then-write operations hold.
    tenants: Mutex<BTreeMap<TenantId, Arc<Mutex<()>>>>,
}

struct Inner {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Dropped last: the threads are done by then.
    _lock: File,
}

impl Inner {
    fn stop(&self) {
        self.shared.queue.close();
        for thread in lock(&self.threads).drain(..) {
            // A thread that panicked has stopped the queue already.
            let _ = thread.join();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The journal and the documents of all tenants. Clones are the same store.
///
/// Writes return at once with the number of their record; [`Store::durable`] waits until it is on
/// disk. Dropping the last clone writes and syncs what is queued.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("path", &self.shared().config.path).finish()
    }
}

impl Store {
    /// Opens the store in `config.path`, mending what a crash left.
    ///
    /// Blocks: reads the log since the newest checkpoint and the whole key-value state.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`] if another process has it; [`StoreError::CorruptLog`] or
    /// [`StoreError::MissingLog`] if records that were durable are damaged or gone;
    /// [`StoreError::NewerSchema`] if a newer version wrote it.
    pub fn open(config: StoreConfig) -> Result<(Self, OpenReport), StoreError> {
        let folder = Arc::new(OsFolder(config.wal()));
        Self::open_with(config, folder)
    }

    pub(crate) fn open_with(
        config: StoreConfig,
        folder: Arc<dyn LogFolder>,
    ) -> Result<(Self, OpenReport), StoreError> {
        for path in [config.path.clone(), config.wal(), config.components()] {
            fs::create_dir_all(&path).map_err(StoreError::io("create", &path))?;
        }
        checkpoint::sync_folder(&config.path)?;
        let lock = lock_folder(&config)?;
        let Recovered { state, report, since_checkpoint } = recover(&config)?;
        let next = report.last_lsn.next();
        let queue = Arc::new(Queue::new(next, config.pending_bytes_max, config.commit_interval));
        let counters = Arc::<Counters>::default();
        let (applier, groups) = mpsc::channel();
        let size = config.segment_bytes;
        let wal = config.wal();
        let writer = Writer::new(folder, queue.clone(), counters.clone(), applier, next, size)
            .map_err(StoreError::io("begin a log file in", &wal))?;
        let shared = Arc::new(Shared {
            config,
            queue,
            state,
            counters,
            since_checkpoint: AtomicU64::new(since_checkpoint),
            checkpointing: AtomicBool::new(false),
            checkpoint: Mutex::default(),
            tenants: Mutex::default(),
        });
        let theirs = shared.clone();
        let threads = vec![
            spawn("store-log", &shared, move || writer.run())?,
            spawn("store-apply", &shared, move || theirs.run_applier(&groups))?,
        ];
        let inner = Inner { shared, threads: Mutex::new(threads), _lock: lock };
        Ok((Self { inner: Arc::new(inner) }, report))
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.inner.shared
    }

    /// Adds a record to the tenant's journal. Returns at once; see [`Store::durable`].
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`] if the disk is behind: refuse work and try again later.
    /// [`StoreError::Failed`] once the disk has refused a write.
    pub fn append_journal(&self, tenant: &TenantId, bytes: Vec<u8>) -> Result<Lsn, StoreError> {
        self.shared().queue.append_journal(tenant.as_str(), &bytes)
    }

    /// Resolves when the record `lsn`, and with it every earlier one, is on disk: it survives a
    /// power cut. Any number of callers share one sync. Returns immediately for a record that is.
    pub fn durable(
        &self,
        lsn: Lsn,
    ) -> impl Future<Output = Result<(), StoreError>> + Send + 'static {
        let shared = self.shared().clone();
        async move {
            let lsn = lsn.min(shared.queue.last());
            shared.queue.want(lsn);
            let mut progress = shared.queue.watch();
            let there = |p: &crate::wal::queue::Progress| lsn <= p.durable || p.failed.is_some();
            let Ok(progress) = progress.wait_for(there).await else {
                return Err(StoreError::Closed);
            };
            match &progress.failed {
                Some(reason) if progress.durable < lsn => {
                    Err(StoreError::Failed { reason: reason.clone() })
                }
                _ => Ok(()),
            }
        }
    }

    /// Like [`Store::durable`], for threads that may block.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`] if the disk refused a write.
    pub fn durable_blocking(&self, lsn: Lsn) -> Result<(), StoreError> {
        self.shared().queue.wait(lsn)
    }

    /// Returns the number of the newest record, durable or not.
    pub fn last_lsn(&self) -> Lsn {
        self.shared().queue.last()
    }

    /// Reads the tenant's journal from the record `from` on, up to the newest there is now: who
    /// asks after something happened finds it. After a failed write, up to the newest durable one.
    ///
    /// Blocks until what was appended is durable, and on files. The log is shared, so the records of other tenants are read and skipped.
    /// Records older than `journal_keep` may be gone: then the first one returned is later.
    pub fn read_journal(&self, tenant: &TenantId, from: Lsn) -> Journal {
        let shared = self.shared();
        let newest = shared.queue.last();
        let end = match shared.queue.wait(newest) {
            Ok(()) => newest,
            Err(_) => shared.queue.durable(),
        };
        Journal::new(&shared.config.wal(), tenant.as_str(), from, end)
    }

    /// Returns the tenant's part of the store.
    pub fn tenant(&self, tenant: &TenantId) -> TenantStore {
        let rewrite = lock(&self.shared().tenants).entry(tenant.clone()).or_default().clone();
        TenantStore::new(self.clone(), tenant.clone(), rewrite)
    }

    /// Copies the key-value state to a checkpoint now and removes what it makes superfluous. Done
    /// by itself every `checkpoint_after` bytes. Returns the newest record that is surely in it.
    ///
    /// Blocks for as long as reading the whole state takes; writes go on meanwhile.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] or [`StoreError::Sled`].
    pub fn checkpoint(&self) -> Result<Lsn, StoreError> {
        self.shared().checkpoint()
    }

    /// Returns counters and sizes. Lists the store's folders, so not for every call.
    pub fn metrics(&self) -> StoreMetrics {
        let shared = self.shared();
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counters = &shared.counters;
        let segments = segment::list(&shared.config.wal()).unwrap_or_default();
        let size = |path: &PathBuf| fs::metadata(path).map_or(0, |data| data.len());
        StoreMetrics {
            appends: get(&counters.appends),
            commits: get(&counters.commits),
            commit_seconds: get(&counters.commit_nanos) as f64 / 1e9,
            bytes: get(&counters.bytes),
            pending_bytes: shared.queue.pending() as u64,
            wal_bytes: segments.iter().map(|segment| size(&segment.path)).sum(),
            sled_bytes: shared.state.db.size_on_disk().unwrap_or(0),
            checkpoints: get(&counters.checkpoints),
            durable_lsn: shared.queue.durable().0,
            applied_lsn: shared.state.applied().0,
            last_commit_micros: get(&counters.last_commit_micros),
        }
    }

    /// Writes and syncs what is queued and ends the store's threads. Later writes are refused with
    /// [`StoreError::Closed`]; reads go on. The folder is free once every clone is dropped.
    pub async fn close(&self) {
        let inner = self.inner.clone();
        // Only fails if the runtime is going down; dropping the store closes it then.
        let _ = tokio::task::spawn_blocking(move || inner.stop()).await;
    }
}

/// How long another holder of the folder is waited for. A program that this process starts holds every file
/// of it for a moment, until it becomes itself: also the lock of a store that is closed meanwhile.
const LOCK_WITHIN: Duration = Duration::from_secs(1);

fn lock_folder(config: &StoreConfig) -> Result<File, StoreError> {
    let path = config.path.join("lock");
    let file = File::create(&path).map_err(StoreError::io("create", &path))?;
    let give_up = Instant::now() + LOCK_WITHIN;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if give_up <= Instant::now() => {
                return Err(StoreError::Locked { path: config.path.clone() });
            }
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(10)),
            Err(TryLockError::Error(error)) => return Err(StoreError::io("lock", &path)(error)),
        }
    }
}

fn spawn(
    name: &str,
    shared: &Arc<Shared>,
    run: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, StoreError> {
    let shared = shared.clone();
    let body = move || {
        // A thread that died silently would leave every caller waiting.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
            shared.queue.fail(&format!("a thread of the store panicked: {}", panic_text(&*panic)));
        }
    };
    let thread = thread::Builder::new().name(name.to_owned()).spawn(body);
    thread.map_err(StoreError::io("start a thread for", &PathBuf::from(name)))
}

impl Shared {
    /// Brings what is durable into sled, until the writer is gone.
    fn run_applier(self: Arc<Self>, groups: &Receiver<Group>) {
        // Groups without batches are accounted for now and then only: reading them again is cheap.
        let (mut unaccounted, mut checkpoints) = (0, Vec::new());
        let mut last = self.state.applied();
        while let Ok(first) = groups.recv() {
            let mut batches = first.batches;
            let (mut batch_bytes, mut size) = (first.batch_bytes, first.size);
            last = first.last;
            while size < 4 << 20
                && let Ok(group) = groups.try_recv()
            {
                batches.extend(group.batches);
                batch_bytes += group.batch_bytes;
                size += group.size;
                last = group.last;
            }
            unaccounted += size;
            let due = self.since_checkpoint.fetch_add(size, Ordering::Relaxed) + size;
            let checkpoint_due = self.config.checkpoint_after <= due;
            if !batches.is_empty() || 4 << 20 < unaccounted || checkpoint_due {
                if let Err(error) = self.state.apply(&batches, last) {
                    self.queue.fail(&error.chain());
                    return;
                }
                unaccounted = 0;
                self.queue.applied(&batches, last, batch_bytes);
            }
            if checkpoint_due && !self.checkpointing.swap(true, Ordering::Relaxed) {
                checkpoints.retain(|thread: &JoinHandle<()>| !thread.is_finished());
                checkpoints.extend(self.clone().begin_checkpoint());
            }
        }
        for thread in checkpoints {
            // It says itself when it fails.
            let _ = thread.join();
        }
        let synced = match self.state.applied() < last {
            true => self.state.apply(&[], last),
            false => Ok(()),
        };
        if let Err(error) = synced.and_then(|()| self.state.sync(&self.config.sled())) {
            tracing::warn!(error = %error.chain(), "the next start reads more of the log");
        }
    }

    fn begin_checkpoint(self: Arc<Self>) -> Option<JoinHandle<()>> {
        let run = move || {
            let done = catch_unwind(AssertUnwindSafe(|| self.checkpoint()));
            match done {
                Ok(Ok(lsn)) => tracing::info!(%lsn, "wrote a checkpoint"),
                Ok(Err(error)) => tracing::error!(error = %error.chain(), "no checkpoint"),
                Err(panic) => {
                    tracing::error!(panic = panic_text(&*panic), "no checkpoint");
                }
            }
            // Also after a failure: the next try comes after as many bytes again.
            self.since_checkpoint.store(0, Ordering::Relaxed);
            self.checkpointing.store(false, Ordering::Relaxed);
        };
        thread::Builder::new().name("store-checkpoint".to_owned()).spawn(run).ok()
    }

    fn checkpoint(&self) -> Result<Lsn, StoreError> {
        let _one_at_a_time = lock(&self.checkpoint);
        let start = checkpoint::write(&self.config.path, &self.state, &self.queue)?;
        self.counters.checkpoints.fetch_add(1, Ordering::Relaxed);
        let keep = u64::try_from(self.config.journal_keep.as_micros()).unwrap_or(u64::MAX);
        let keep_after = (keep != 0).then(|| wall_micros().saturating_sub(keep));
        checkpoint::retire(&self.config.path, &self.config.wal(), keep_after)?;
        Ok(start)
    }
}
