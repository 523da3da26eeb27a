//! One tenant's documents: keys, reading, writing.

use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard};

use jackfield_core::TenantId;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::kv::{Pair, View};
use crate::store::Store;
use crate::wal::Lsn;
use crate::wal::frame::Batch;
use crate::wal::queue::lock;

/// Some of a list, and where the rest begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T, C = String> {
    /// What was found, in order.
    pub items: Vec<T>,
    /// Hand this in to get the next page; `None` if this was the last.
    pub next: Option<C>,
}

/// What a key is about: the byte after the tenant's name. Never reuse one for something else.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(crate) enum Kind {
    Contact = b'c',
    ContactByPhone = b'p',
    ContactByEmail = b'e',
    ContactByExternalId = b'x',
    ContactNumber = b'#',
    Interaction = b'i',
    OpenInteraction = b'o',
    InteractionByAni = b'n',
    Agent = b'a',
    Binding = b'b',
    FlowVersion = b'f',
    ActiveFlow = b'F',
    PluginVersion = b'g',
    ActivePlugin = b'G',
    PluginState = b's',
    PluginUsage = b'S',
    PluginSwitch = b'k',
    Rollout = b'r',
    LeftState = b'l',
    WorkingCopy = b'w',
    Scenario = b't',
}

/// The longest name a caller may choose as a part of a key.
const NAME_LIMIT: usize = 512;

/// One tenant's part of the store. Clones are the same.
///
/// A write returns the number of its record at once and is visible to every later read; it is on
/// disk when [`Store::durable`] says so. All methods may block shortly on the key-value engine's
/// files, as any cache miss.
#[derive(Clone, Debug)]
pub struct TenantStore {
    store: Store,
    tenant: TenantId,
    rewrite: Arc<Mutex<()>>,
}

impl TenantStore {
    pub(crate) fn new(store: Store, tenant: TenantId, rewrite: Arc<Mutex<()>>) -> Self {
        Self { store, tenant, rewrite }
    }

    /// Returns the store this is a part of.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Returns whose documents these are.
    pub fn id(&self) -> &TenantId {
        &self.tenant
    }

    /// Held while something is read in order to be written: one at a time per tenant.
    pub(crate) fn rewrite(&self) -> MutexGuard<'_, ()> {
        lock(&self.rewrite)
    }

    /// Returns the key of the tenant's `kind` with these parts, each but the last ended by a zero.
    pub(crate) fn key(&self, kind: Kind, parts: &[&[u8]]) -> Vec<u8> {
        let mut key = self.tenant.as_str().as_bytes().to_vec();
        key.push(0);
        key.push(kind as u8);
        for (place, part) in parts.iter().enumerate() {
            if 0 < place {
                key.push(0);
            }
            key.extend_from_slice(part);
        }
        key
    }

    fn view(&self) -> View<'_> {
        let shared = self.store.shared();
        View { state: &shared.state, queue: &shared.queue }
    }

    pub(crate) fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.view().get(key)
    }

    pub(crate) fn document<T: DeserializeOwned>(
        &self,
        key: &[u8],
    ) -> Result<Option<T>, StoreError> {
        self.read(key)?.map(|bytes| parse(key, &bytes)).transpose()
    }

    pub(crate) fn write(&self, batch: Batch) -> Result<Lsn, StoreError> {
        self.store.shared().queue.append_batch(batch)
    }

    pub(crate) fn put_document<T: Serialize>(
        &self,
        key: Vec<u8>,
        value: &T,
    ) -> Result<Lsn, StoreError> {
        let mut batch = Batch::default();
        batch.put_document(key, value)?;
        self.write(batch)
    }

    /// Visits pairs whose key begins with `prefix`, after `after` if given.
    pub(crate) fn scan(
        &self,
        prefix: &[u8],
        after: Option<Vec<u8>>,
        visit: impl FnMut(&[u8], &[u8]) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let from = after.map_or_else(|| Bound::Included(prefix.to_vec()), Bound::Excluded);
        self.view().scan((from, end_of(prefix)), false, visit)
    }

    /// Visits pairs between `from` and `before`, last first.
    pub(crate) fn scan_backwards(
        &self,
        from: Vec<u8>,
        before: Bound<Vec<u8>>,
        visit: impl FnMut(&[u8], &[u8]) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        self.view().scan((Bound::Included(from), before), true, visit)
    }

    /// Returns all pairs whose key begins with `prefix`. For what is known to be few.
    pub(crate) fn all(&self, prefix: &[u8]) -> Result<Vec<Pair>, StoreError> {
        let mut pairs = Vec::new();
        self.scan(prefix, None, |key, value| {
            pairs.push((key.to_vec(), value.to_vec()));
            Ok(true)
        })?;
        Ok(pairs)
    }

    /// Returns all documents whose key begins with `prefix`. For what is known to be few.
    pub(crate) fn documents<T: DeserializeOwned>(
        &self,
        prefix: &[u8],
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.scan(prefix, None, |key, value| {
            found.push(parse(key, value)?);
            Ok(true)
        })?;
        Ok(found)
    }
}

impl Batch {
    pub(crate) fn put_document<T: Serialize>(
        &mut self,
        key: Vec<u8>,
        value: &T,
    ) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(value).map_err(|source| bad_document(&key, source))?;
        self.put(key, bytes);
        Ok(())
    }
}

pub(crate) fn parse<T: DeserializeOwned>(key: &[u8], bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|source| bad_document(key, source))
}

fn bad_document(key: &[u8], source: serde_json::Error) -> StoreError {
    StoreError::BadDocument { key: key.escape_ascii().to_string(), source }
}

/// Returns the bound behind every key that begins with `prefix`.
pub(crate) fn end_of(prefix: &[u8]) -> Bound<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Bound::Excluded(end);
        }
    }
    Bound::Unbounded
}

/// Checks that `value` can be a part of a key.
pub(crate) fn name<'a>(what: &'static str, value: &'a str) -> Result<&'a [u8], StoreError> {
    if value.is_empty() || NAME_LIMIT < value.len() || value.contains('\0') {
        let value = value.chars().take(NAME_LIMIT).collect();
        return Err(StoreError::BadName { what, value, limit: NAME_LIMIT });
    }
    Ok(value.as_bytes())
}
