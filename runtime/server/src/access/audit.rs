//! The audit log: entries get their numbers here, and the oldest go when new ones come.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jackfield_store::{AuditEntry, AuditFilter, Page, Store, StoreError};

/// Entries that one write removes at most: what is over its time goes little by little.
const REMOVED_AT_ONCE: usize = 16;
const MINUTE: u64 = 60_000_000;

/// How long entries are kept and how many.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Keep {
    /// Older ones are removed when new ones come.
    pub time: Duration,
    /// Entries at most; the oldest go first.
    pub most: usize,
    /// Entries a minute of those who have not proved who they are: nobody fills the log by guessing.
    pub strangers: usize,
}

impl Default for Keep {
    fn default() -> Self {
        let time = Duration::from_secs(365 * 24 * 60 * 60);
        Self { time, most: 500_000, strangers: 300 }
    }
}

#[derive(Debug, Default)]
struct Extent {
    count: usize,
    /// The number of the latest entry.
    latest: u64,
    /// When the oldest was done, if there is one.
    oldest: Option<u64>,
    /// The minute that strangers are counted in, and how many entries they have made in it.
    strangers: (u64, usize),
}

/// The audit log of the whole store.
pub struct AuditLog {
    store: Option<Store>,
    keep: Keep,
    extent: Mutex<Extent>,
    left_out: AtomicU64,
}

impl AuditLog {
    /// Looks at what is there; without a store nothing is kept.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub fn open(store: Option<Store>, keep: Keep) -> Result<Self, StoreError> {
        let mut extent = Extent::default();
        if let Some(store) = &store {
            (extent.count, extent.latest) = store.audit_extent()?;
            extent.oldest = store.oldest_audit(1)?.first().map(|entry| entry.at);
        }
        let (extent, left_out) = (Mutex::new(extent), AtomicU64::new(0));
        Ok(Self { store, keep, extent, left_out })
    }

    /// Keeps an entry, whose number it sets. Durable when it returns. What cannot be kept is counted
    /// and logged: the act is done by then, and refusing the answer would not undo it.
    pub async fn keep(&self, entry: AuditEntry) {
        let Some(store) = &self.store else { return };
        let operation = entry.operation.clone();
        let kept = match self.write(store, entry) {
            Ok(Some(written)) => store.durable(written).await,
            Ok(None) => {
                self.left_out.fetch_add(1, Ordering::Relaxed);
                return;
            }
            Err(error) => Err(error),
        };
        if let Err(error) = kept {
            self.left_out.fetch_add(1, Ordering::Relaxed);
            tracing::error!(%error, operation, "an act is not in the audit log");
        }
    }

    /// `None` if strangers have made too many entries in this minute.
    fn write(
        &self,
        store: &Store,
        mut entry: AuditEntry,
    ) -> Result<Option<jackfield_store::Lsn>, StoreError> {
        // Held over the write, so that numbers and entries come in the same order.
        let mut extent = self.extent.lock().unwrap_or_else(PoisonError::into_inner);
        if entry.kind == "nobody" {
            let minute = entry.at / MINUTE;
            if extent.strangers.0 != minute {
                extent.strangers = (minute, 0);
            }
            if self.keep.strangers <= extent.strangers.1 {
                return Ok(None);
            }
            extent.strangers.1 += 1;
        }
        let keep = u64::try_from(self.keep.time.as_micros()).unwrap_or(u64::MAX);
        let since = entry.at.saturating_sub(keep);
        let mut over = Vec::new();
        let many = (extent.count + 1).saturating_sub(self.keep.most);
        if 0 < many || extent.oldest.is_some_and(|oldest| oldest < since) {
            // One more than may go, which tells the oldest that stays.
            over = store.oldest_audit(REMOVED_AT_ONCE + 1)?;
            let goes = |(place, old): &(usize, &AuditEntry)| *place < many || old.at < since;
            let gone = over.iter().enumerate().take_while(goes).count().min(REMOVED_AT_ONCE);
            extent.oldest = over.get(gone).map(|entry| entry.at);
            over.truncate(gone);
        }
        entry.id = entry.at.max(extent.latest + 1);
        let written = store.put_audit(&entry, &over)?;
        extent.latest = entry.id;
        extent.count = (extent.count + 1).saturating_sub(over.len());
        extent.oldest = extent.oldest.or(Some(entry.at));
        Ok(Some(written))
    }

    /// The entries that `filter` takes, as [`Store::audit`] does.
    ///
    /// # Errors
    ///
    /// As [`Store::audit`].
    pub fn page(
        &self,
        filter: &AuditFilter,
        cursor: Option<u64>,
        limit: usize,
    ) -> Result<Page<AuditEntry, u64>, StoreError> {
        match &self.store {
            Some(store) => store.audit(filter, cursor, limit),
            None => Ok(Page { items: Vec::new(), next: None }),
        }
    }

    /// Entries that are there, and acts since the start that are in none.
    pub fn counts(&self) -> (usize, u64) {
        let extent = self.extent.lock().unwrap_or_else(PoisonError::into_inner);
        (extent.count, self.left_out.load(Ordering::Relaxed))
    }
}
