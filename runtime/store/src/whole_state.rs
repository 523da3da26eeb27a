//! All that a plugin keeps, read and replaced at once, when one of its versions takes over from another.

use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::state::Kept;
use crate::tenant::{Kind, TenantStore, name};
use crate::wal::Lsn;
use crate::wal::frame::Batch;

/// One value that a plugin keeps.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct KeptValue {
    /// Under which key.
    pub key: String,
    /// The value.
    pub value: Vec<u8>,
    /// Until when, in microseconds since the Unix epoch; `None` for ever.
    pub until: Option<u64>,
}

/// What a version had kept when another took over from it.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct LeftState {
    /// The version's digest.
    pub digest: String,
    /// What it had kept.
    pub values: Vec<KeptValue>,
}

/// Everything is as it was when it was read, or not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Replaced {
    /// It was, and is replaced.
    Done(Lsn),
    /// Something was written meanwhile: nothing is replaced.
    Changed,
}

impl TenantStore {
    /// Lists what a plugin keeps, by key, without what is over at `now_micros`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`].
    pub fn state_values(
        &self,
        plugin: &str,
        now_micros: u64,
    ) -> Result<Vec<KeptValue>, StoreError> {
        let prefix = self.key(Kind::PluginState, &[plugin.as_bytes(), b""]);
        let mut values = Vec::new();
        self.scan(&prefix, None, |key, stored| {
            let kept = Kept::parse(stored);
            if kept.lives(now_micros) {
                values.push(KeptValue {
                    key: String::from_utf8_lossy(&key[prefix.len()..]).into_owned(),
                    value: kept.bytes.to_vec(),
                    until: (kept.until != 0).then_some(kept.until),
                });
            }
            Ok(true)
        })?;
        Ok(values)
    }

    /// Replaces all that a plugin keeps, if it is still `expected`, in one record: all of it or nothing.
    /// What was kept is left for the version `left`, if one is given, in stead of what was left before.
    /// `then` is called before anybody else writes anything of this tenant's plugins.
    ///
    /// # Errors
    ///
    /// [`StoreError::QuotaExceeded`] if it would be more than `quota` bytes, keys included;
    /// [`StoreError::BadName`] if a key cannot be one. Nothing is replaced then.
    pub fn replace_state(
        &self,
        plugin: &str,
        (expected, now_micros): (&[KeptValue], u64),
        new: &[KeptValue],
        left: Option<&str>,
        quota: u64,
        then: impl FnOnce(),
    ) -> Result<Replaced, StoreError> {
        let _one_at_a_time = self.rewrite();
        if self.state_values(plugin, now_micros)? != expected {
            return Ok(Replaced::Changed);
        }
        let prefix = self.key(Kind::PluginState, &[name("plugin name", plugin)?, b""]);
        let mut batch = Batch::default();
        self.scan(&prefix, None, |key, _| {
            batch.delete(key.to_vec());
            Ok(true)
        })?;
        let mut usage = 0;
        for one in new {
            let key = self.state_key(plugin, &one.key)?;
            let until = one.until.unwrap_or(0).to_be_bytes();
            usage += (key.len() - prefix.len() + 8 + one.value.len()) as u64;
            batch.put(key, [&until[..], &one.value].concat());
        }
        if quota < usage {
            let plugin = plugin.to_owned();
            return Err(StoreError::QuotaExceeded { plugin, wanted: usage, quota });
        }
        batch.put_document(self.key(Kind::PluginUsage, &[plugin.as_bytes()]), &usage)?;
        let left_key = self.key(Kind::LeftState, &[plugin.as_bytes()]);
        match left {
            Some(digest) => {
                let left = LeftState { digest: digest.to_owned(), values: expected.to_vec() };
                batch.put_document(left_key, &left)?;
            }
            None => batch.delete(left_key),
        }
        let lsn = self.write(batch)?;
        then();
        Ok(Replaced::Done(lsn))
    }

    /// What the version before had kept when another took over from it, if that can be had back.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn left_state(&self, plugin: &str) -> Result<Option<LeftState>, StoreError> {
        self.document(&self.key(Kind::LeftState, &[name("plugin name", plugin)?]))
    }
}
