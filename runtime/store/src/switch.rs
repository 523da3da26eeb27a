//! The operator's switch of a plugin: whether it may be asked at all, with who turned it and why.

use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::tenant::{Kind, TenantStore, name};
use crate::wal::Lsn;

/// How many turns are remembered for each plugin.
const HISTORY: usize = 100;

/// One turn of the switch.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct PluginSwitch {
    /// The plugin's name within the tenant.
    pub plugin: String,
    /// Whether it stops every version of it.
    pub disabled: bool,
    /// Why, in the operator's words.
    pub reason: String,
    /// Who turned it.
    pub by: String,
    /// When, in microseconds since the Unix epoch.
    pub at_micros: u64,
}

impl TenantStore {
    /// Keeps a turn of a plugin's switch, after those before it.
    ///
    /// # Errors
    ///
    /// [`StoreError::BadName`] if the plugin's name cannot be a key.
    pub fn turn_plugin_switch(&self, turn: PluginSwitch) -> Result<Lsn, StoreError> {
        let _one_at_a_time = self.rewrite();
        let mut turns = self.plugin_switch(&turn.plugin)?;
        let key = self.key(Kind::PluginSwitch, &[name("plugin name", &turn.plugin)?]);
        turns.push(turn);
        turns.drain(..turns.len().saturating_sub(HISTORY));
        self.put_document(key, &turns)
    }

    /// Lists the turns of a plugin's switch, oldest first; the last is how it stands. The newest
    /// hundred.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn plugin_switch(&self, plugin: &str) -> Result<Vec<PluginSwitch>, StoreError> {
        let key = self.key(Kind::PluginSwitch, &[plugin.as_bytes()]);
        Ok(self.document(&key)?.unwrap_or_default())
    }

    /// Lists the plugins that are disabled, with the turn that did it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn disabled_plugins(&self) -> Result<Vec<PluginSwitch>, StoreError> {
        let all = self.documents::<Vec<PluginSwitch>>(&self.key(Kind::PluginSwitch, &[]))?;
        let last = all.into_iter().filter_map(|mut turns| turns.pop());
        Ok(last.filter(|turn| turn.disabled).collect())
    }

    /// Counts what a plugin keeps, with what is over but not removed yet.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`].
    pub fn state_count(&self, plugin: &str) -> Result<u64, StoreError> {
        let mut count = 0;
        let prefix = self.key(Kind::PluginState, &[plugin.as_bytes(), b""]);
        self.scan(&prefix, None, |_, _| {
            count += 1;
            Ok(true)
        })?;
        Ok(count)
    }
}
