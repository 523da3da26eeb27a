//! Who changed what: the audit log. It belongs to the whole store, because a provider's acts belong to
//! no tenant, and is read backwards, for the latest is what is asked about.

use std::ops::Bound;

use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::kv::View;
use crate::store::Store;
use crate::tenant::{Page, end_of, name, parse};
use crate::wal::Lsn;
use crate::wal::frame::Batch;

/// Where these documents' keys begin, as those of people do: no tenant's name begins like this.
const PREFIX: u8 = 1;
const ENTRY: u8 = b'a';
/// An entry's number by its tenant.
const OF_TENANT: u8 = b'A';
/// The most entries that one page looks at: a filter that fits few goes on with the next page.
const LOOKED_AT: usize = 5_000;

/// One change, or an attempt at one.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditEntry {
    /// Numbers the entries: the microseconds since the Unix epoch at which it was done, or the number
    /// after the one before where the clock stood still or went back.
    pub id: u64,
    /// When it was done, in microseconds since the Unix epoch.
    pub at: u64,
    /// `user`, `token`, `operator`, or `nobody` for who has not proved who they are.
    pub kind: String,
    /// What they are called; of `nobody` the user that was named, if there is one.
    pub who: String,
    /// The tenant they are of; empty for the provider's.
    pub who_tenant: String,
    /// The address it came from.
    pub address: String,
    /// The operation, as in the interface's document.
    pub operation: String,
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The tenant it concerned; empty if none.
    pub tenant: String,
    /// The status of the answer.
    pub status: u16,
    /// The request's id, as in the log of the process.
    pub request: String,
    /// The body as JSON, without secrets; empty if there was none.
    pub body: String,
    /// What was there before, as JSON; empty if it is not known.
    pub before: String,
    /// What was there afterwards, as JSON; empty if it is not known.
    pub after: String,
}

/// Which entries are looked for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AuditFilter {
    /// Those that concern this tenant.
    pub tenant: Option<String>,
    /// Those at or after this moment, in microseconds since the Unix epoch.
    pub from: Option<u64>,
    /// Those before this moment, in microseconds since the Unix epoch.
    pub to: Option<u64>,
    /// Those of whoever is called so.
    pub who: Option<String>,
    /// Those of this operation.
    pub operation: Option<String>,
}

impl AuditFilter {
    fn takes(&self, entry: &AuditEntry) -> bool {
        self.from.is_none_or(|from| from <= entry.at)
            && self.to.is_none_or(|to| entry.at < to)
            && self.who.as_ref().is_none_or(|who| *who == entry.who)
            && self.operation.as_ref().is_none_or(|operation| *operation == entry.operation)
    }
}

/// The key of an entry: keys sort as the numbers do.
fn entry_key(id: u64) -> Vec<u8> {
    let mut key = vec![PREFIX, ENTRY];
    key.extend_from_slice(&id.to_be_bytes());
    key
}

fn tenant_prefix(tenant: &str) -> Result<Vec<u8>, StoreError> {
    let mut key = vec![PREFIX, OF_TENANT];
    key.extend_from_slice(name("tenant", tenant)?);
    key.push(0);
    Ok(key)
}

fn tenant_key(tenant: &str, id: u64) -> Result<Vec<u8>, StoreError> {
    let mut key = tenant_prefix(tenant)?;
    key.extend_from_slice(&id.to_be_bytes());
    Ok(key)
}

/// The number at the end of a key.
fn id_of(key: &[u8]) -> u64 {
    key.last_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

impl Store {
    fn scan_audit(
        &self,
        prefix: &[u8],
        before: Option<Vec<u8>>,
        backwards: bool,
        visit: impl FnMut(&[u8], &[u8]) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let shared = self.shared();
        let view = View { state: &shared.state, queue: &shared.queue };
        let end = before.map_or_else(|| end_of(prefix), Bound::Excluded);
        view.scan((Bound::Included(prefix.to_vec()), end), backwards, visit)
    }

    fn audit_entry(&self, id: u64) -> Result<Option<AuditEntry>, StoreError> {
        let shared = self.shared();
        let view = View { state: &shared.state, queue: &shared.queue };
        let key = entry_key(id);
        view.get(&key)?.map(|value| parse(&key, &value)).transpose()
    }

    /// Keeps an entry under its number and removes those of `over`, which [`Store::oldest_audit`] told.
    ///
    /// # Errors
    ///
    /// [`StoreError::BadName`] if the tenant's name cannot be a key, or as every write.
    pub fn put_audit(&self, entry: &AuditEntry, over: &[AuditEntry]) -> Result<Lsn, StoreError> {
        let mut batch = Batch::default();
        for old in over {
            batch.delete(entry_key(old.id));
            if !old.tenant.is_empty() {
                batch.delete(tenant_key(&old.tenant, old.id)?);
            }
        }
        if !entry.tenant.is_empty() {
            batch.put_document(tenant_key(&entry.tenant, entry.id)?, &())?;
        }
        batch.put_document(entry_key(entry.id), entry)?;
        self.shared().queue.append_batch(batch)
    }

    /// The oldest entries, at most `limit`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn oldest_audit(&self, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        let mut found = Vec::new();
        self.scan_audit(&[PREFIX, ENTRY], None, false, |key, value| {
            if found.len() < limit {
                found.push(parse(key, value)?);
            }
            Ok(found.len() < limit)
        })?;
        Ok(found)
    }

    /// How many entries there are, and the number of the latest; 0 if there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`].
    pub fn audit_extent(&self) -> Result<(usize, u64), StoreError> {
        let (mut count, mut latest) = (0, 0);
        self.scan_audit(&[PREFIX, ENTRY], None, false, |key, _| {
            count += 1;
            latest = id_of(key);
            Ok(true)
        })?;
        Ok((count, latest))
    }

    /// The entries that `filter` takes, the latest first, at most `limit`, before the one numbered
    /// `cursor`. A page may have fewer and still a next one: it looks at a bounded number of entries.
    ///
    /// # Errors
    ///
    /// [`StoreError::BadName`] if the filter's tenant can be none, [`StoreError::Sled`] or
    /// [`StoreError::BadDocument`].
    pub fn audit(
        &self,
        filter: &AuditFilter,
        cursor: Option<u64>,
        limit: usize,
    ) -> Result<Page<AuditEntry, u64>, StoreError> {
        let mut page = Page { items: Vec::new(), next: None };
        let (prefix, before) = match &filter.tenant {
            Some(tenant) => {
                let before = cursor.map(|id| tenant_key(tenant, id)).transpose()?;
                (tenant_prefix(tenant)?, before)
            }
            None => (vec![PREFIX, ENTRY], cursor.map(entry_key)),
        };
        let (mut looked_at, mut last) = (0, 0);
        self.scan_audit(&prefix, before, true, |key, value| {
            if page.items.len() == limit || looked_at == LOOKED_AT {
                page.next = Some(last);
                return Ok(false);
            }
            (looked_at, last) = (looked_at + 1, id_of(key));
            let entry = match filter.tenant {
                Some(_) => self.audit_entry(last)?,
                None => Some(parse(key, value)?),
            };
            page.items.extend(entry.filter(|entry| filter.takes(entry)));
            Ok(true)
        })?;
        Ok(page)
    }
}
