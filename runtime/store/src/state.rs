//! What plugins keep: small values by name, within a quota, for a time.

use crate::error::StoreError;
use crate::kv::Pair;
use crate::tenant::{Kind, TenantStore, name};
use crate::wal::Lsn;
use crate::wal::frame::Batch;

/// How a compare-and-set ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CasOutcome {
    /// The value was as expected; the new one is written.
    Written(Lsn),
    /// The value was another, which is this; nothing was written.
    Differs(Option<Vec<u8>>),
}

/// A value as stored: when it ends (0 for never), then its bytes.
pub(crate) struct Kept<'a> {
    pub until: u64,
    pub bytes: &'a [u8],
}

impl<'a> Kept<'a> {
    pub fn parse(stored: &'a [u8]) -> Self {
        let Some((until, bytes)) = stored.split_first_chunk() else {
            return Self { until: 1, bytes: &[] };
        };
        Self { until: u64::from_be_bytes(*until), bytes }
    }

    pub fn lives(&self, now_micros: u64) -> bool {
        self.until == 0 || now_micros < self.until
    }
}

impl TenantStore {
    pub(crate) fn state_key(&self, plugin: &str, key: &str) -> Result<Vec<u8>, StoreError> {
        let parts = [name("plugin name", plugin)?, name("state key", key)?];
        Ok(self.key(Kind::PluginState, &parts))
    }

    /// Returns what the plugin keeps under `key`, unless its time is over at `now_micros`.
    ///
    /// # Errors
    ///
    /// [`StoreError::BadName`] if plugin or key cannot be a key.
    pub fn state_get(
        &self,
        plugin: &str,
        key: &str,
        now_micros: u64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let stored = self.read(&self.state_key(plugin, key)?)?;
        let kept = stored.as_deref().map(Kept::parse).filter(|kept| kept.lives(now_micros));
        Ok(kept.map(|kept| kept.bytes.to_vec()))
    }

    /// Keeps `value` under `key` until `until_micros` (`None` is for ever), or forgets it if `None`.
    ///
    /// # Errors
    ///
    /// [`StoreError::QuotaExceeded`] if the plugin would keep more than `quota` bytes, keys
    /// included; [`StoreError::BadName`] if plugin or key cannot be a key.
    pub fn state_set(
        &self,
        plugin: &str,
        key: &str,
        value: Option<&[u8]>,
        now_micros: u64,
        until_micros: Option<u64>,
        quota: u64,
    ) -> Result<Lsn, StoreError> {
        let _one_at_a_time = self.rewrite();
        self.state_set_locked(plugin, key, value, now_micros, until_micros, quota)
    }

    /// Like [`TenantStore::state_set`], but only if the value now is `expected`.
    ///
    /// # Errors
    ///
    /// As [`TenantStore::state_set`].
    #[expect(clippy::too_many_arguments, reason = "one more than state_set, in the same order")]
    pub fn state_cas(
        &self,
        plugin: &str,
        key: &str,
        expected: Option<&[u8]>,
        value: Option<&[u8]>,
        now_micros: u64,
        until_micros: Option<u64>,
        quota: u64,
    ) -> Result<CasOutcome, StoreError> {
        let _one_at_a_time = self.rewrite();
        let found = self.state_get(plugin, key, now_micros)?;
        if found.as_deref() != expected {
            return Ok(CasOutcome::Differs(found));
        }
        self.state_set_locked(plugin, key, value, now_micros, until_micros, quota)
            .map(CasOutcome::Written)
    }

    fn state_set_locked(
        &self,
        plugin: &str,
        key: &str,
        value: Option<&[u8]>,
        now_micros: u64,
        until_micros: Option<u64>,
        quota: u64,
    ) -> Result<Lsn, StoreError> {
        let stored_key = self.state_key(plugin, key)?;
        let usage_key = self.key(Kind::PluginUsage, &[name("plugin name", plugin)?]);
        // As the plugin sees it: its own key, its value, and the time.
        let prefix = self.key(Kind::PluginState, &[plugin.as_bytes(), b""]).len();
        let size = |key: usize, stored: usize| (key - prefix + stored) as u64;
        let old = self.read(&stored_key)?.map_or(0, |old| size(stored_key.len(), old.len()));
        let new = value.map_or(0, |value| size(stored_key.len(), 8 + value.len()));
        let mut usage = self.document::<u64>(&usage_key)?.unwrap_or(0).saturating_sub(old) + new;
        let mut batch = Batch::default();
        if quota < usage && 0 < new {
            // What is over still counts until somebody needs the room.
            for (key, stored) in self.expired_state(plugin, now_micros)? {
                if key != stored_key {
                    usage = usage.saturating_sub(size(key.len(), stored.len()));
                    batch.delete(key);
                }
            }
            if quota < usage {
                let plugin = plugin.to_owned();
                return Err(StoreError::QuotaExceeded { plugin, wanted: usage, quota });
            }
        }
        match value {
            Some(value) => {
                let until = until_micros.unwrap_or(0).to_be_bytes();
                batch.put(stored_key, [&until[..], value].concat());
            }
            None => batch.delete(stored_key),
        }
        batch.put_document(usage_key, &usage)?;
        self.write(batch)
    }

    fn expired_state(&self, plugin: &str, now_micros: u64) -> Result<Vec<Pair>, StoreError> {
        let prefix = self.key(Kind::PluginState, &[plugin.as_bytes(), b""]);
        let mut expired = Vec::new();
        self.scan(&prefix, None, |key, stored| {
            if !Kept::parse(stored).lives(now_micros) {
                expired.push((key.to_vec(), stored.to_vec()));
            }
            Ok(true)
        })?;
        Ok(expired)
    }

    /// Returns how many bytes the plugin keeps, with those whose time is over but that are not
    /// removed yet.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn state_usage(&self, plugin: &str) -> Result<u64, StoreError> {
        let key = self.key(Kind::PluginUsage, &[plugin.as_bytes()]);
        Ok(self.document(&key)?.unwrap_or(0))
    }
}
