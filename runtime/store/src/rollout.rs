//! How versions of plugins and flows came to serve, step by step: tried on a part of the contacts, only
//! asked, promoted, rolled back; with who did it and why.

use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::tenant::{Kind, TenantStore, name};
use crate::wal::Lsn;

/// How many steps are remembered for each plugin.
const HISTORY: usize = 100;

/// One step.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct RolloutStep {
    /// The plugin's or flow's name within the tenant.
    pub plugin: String,
    /// `router` or `flow`.
    pub world: String,
    /// `canary` or `shadow` begin; `promoted`, `rolled_back` and `ended` are ends.
    pub what: String,
    /// The candidate's digest.
    pub candidate: String,
    /// The digest of the version that served besides, or serves afterwards.
    pub active: String,
    /// Which contacts the candidate has, as the server writes it.
    #[serde(default)]
    pub share: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// Who did it.
    pub by: String,
    /// When, in microseconds since the Unix epoch.
    pub at_micros: u64,
}

impl TenantStore {
    /// Keeps a step, after those before it.
    ///
    /// # Errors
    ///
    /// [`StoreError::BadName`] if the plugin's name cannot be a key.
    pub fn add_rollout_step(&self, step: RolloutStep) -> Result<Lsn, StoreError> {
        let _one_at_a_time = self.rewrite();
        let mut steps = self.rollout_steps(&step.plugin)?;
        let key = self.key(Kind::Rollout, &[name("plugin name", &step.plugin)?]);
        steps.push(step);
        steps.drain(..steps.len().saturating_sub(HISTORY));
        self.put_document(key, &steps)
    }

    /// Lists the steps of a plugin, oldest first; the last is how it stands. The newest hundred.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn rollout_steps(&self, plugin: &str) -> Result<Vec<RolloutStep>, StoreError> {
        let key = self.key(Kind::Rollout, &[plugin.as_bytes()]);
        Ok(self.document(&key)?.unwrap_or_default())
    }

    /// Lists the last step of each plugin that has one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn last_rollout_steps(&self) -> Result<Vec<RolloutStep>, StoreError> {
        let all = self.documents::<Vec<RolloutStep>>(&self.key(Kind::Rollout, &[]))?;
        Ok(all.into_iter().filter_map(|mut steps| steps.pop()).collect())
    }
}
