//! Versions of flows and plugins, and which of them are active.

use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::tenant::{Kind, TenantStore, name};
use crate::wal::Lsn;
use crate::wal::frame::Batch;

/// How many activations are remembered per name.
const HISTORY: usize = 100;

/// One published version of a flow.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct FlowVersion {
    /// The flow's name.
    pub flow: String,
    /// From 1, given by the store.
    pub version: u32,
    /// The digest of the component made of it.
    pub digest: String,
    /// The script.
    pub script: String,
    /// Who published it.
    pub author: String,
    /// Why.
    pub comment: String,
    /// When, in microseconds since the Unix epoch.
    pub published_at: u64,
}

/// One installed version of a plugin; its bytes are a component, found by digest.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct PluginVersion {
    /// The plugin's name within the tenant.
    pub name: String,
    /// What it plugs into: `router`, `channel`.
    pub world: String,
    /// Its version as its author calls it.
    pub version: String,
    /// The SHA-256 of its bytes in hexadecimal.
    pub digest: String,
    /// When, in microseconds since the Unix epoch.
    pub installed_at: u64,
    /// Its length in bytes.
    pub size: u64,
    /// What it imports.
    pub imports: Vec<String>,
    /// What it was granted.
    pub grants: Vec<String>,
}

/// A version became the active one, or none did.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Activation {
    /// The flow's version number, or the plugin's digest; `None` for a deactivation.
    pub version: Option<String>,
    /// When, in microseconds since the Unix epoch.
    pub at_micros: u64,
    /// Who did it.
    pub author: String,
}

impl TenantStore {
    /// Publishes a version of a flow and returns its number: one more than the newest. The number
    /// in `version` is ignored. The active version stays what it is.
    ///
    /// # Errors
    ///
    /// [`StoreError::BadName`] if the flow's name cannot be a key.
    pub fn publish_flow(&self, mut version: FlowVersion) -> Result<(u32, Lsn), StoreError> {
        let _one_at_a_time = self.rewrite();
        let newest = self.flow_versions(&version.flow)?.last().map_or(0, |newest| newest.version);
        version.version = newest + 1;
        let flow = name("flow name", &version.flow)?;
        let key = self.key(Kind::FlowVersion, &[flow, &version.version.to_be_bytes()]);
        Ok((version.version, self.put_document(key, &version)?))
    }

    /// Lists the versions of a flow, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn flow_versions(&self, flow: &str) -> Result<Vec<FlowVersion>, StoreError> {
        self.documents(&self.key(Kind::FlowVersion, &[flow.as_bytes(), b""]))
    }

    /// Returns one version of a flow.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn flow_version(
        &self,
        flow: &str,
        version: u32,
    ) -> Result<Option<FlowVersion>, StoreError> {
        let parts = [flow.as_bytes(), &version.to_be_bytes()[..]];
        self.document(&self.key(Kind::FlowVersion, &parts))
    }

    /// Lists the names of all flows that have a version.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`].
    pub fn flow_names(&self) -> Result<Vec<String>, StoreError> {
        let prefix = self.key(Kind::FlowVersion, &[]);
        let mut names = Vec::<String>::new();
        self.scan(&prefix, None, |key, _| {
            let flow = key[prefix.len()..].split(|byte| *byte == 0).next().unwrap_or_default();
            let flow = String::from_utf8_lossy(flow);
            if names.last().is_none_or(|last| *last != flow) {
                names.push(flow.into());
            }
            Ok(true)
        })?;
        Ok(names)
    }

    /// Makes a version of a flow the active one, also to go back to an older one; `None` for none.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] if there is no such version.
    pub fn activate_flow(
        &self,
        flow: &str,
        version: Option<u32>,
        at_micros: u64,
        author: &str,
    ) -> Result<Lsn, StoreError> {
        let _one_at_a_time = self.rewrite();
        if let Some(version) = version
            && self.flow_version(flow, version)?.is_none()
        {
            return Err(missing("flow version", &format!("{flow} {version}")));
        }
        let version = version.map(|version| version.to_string());
        let activation = Activation { version, at_micros, author: author.to_owned() };
        self.activate(Kind::ActiveFlow, name("flow name", flow)?, activation)
    }

    /// Returns the active version of a flow.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn active_flow(&self, flow: &str) -> Result<Option<FlowVersion>, StoreError> {
        let history = self.flow_history(flow)?;
        let active = history.last().and_then(|newest| newest.version.as_ref()?.parse().ok());
        active.map_or(Ok(None), |version| self.flow_version(flow, version))
    }

    /// Lists what was active, oldest first; the last is what is active now. The newest hundred.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn flow_history(&self, flow: &str) -> Result<Vec<Activation>, StoreError> {
        self.history(Kind::ActiveFlow, flow.as_bytes())
    }

    /// Writes an installed version of a plugin. The active version stays what it is.
    ///
    /// # Errors
    ///
    /// [`StoreError::BadName`] if name or digest cannot be a key.
    pub fn put_plugin(&self, version: &PluginVersion) -> Result<Lsn, StoreError> {
        let parts = [name("plugin name", &version.name)?, name("digest", &version.digest)?];
        self.put_document(self.key(Kind::PluginVersion, &parts), version)
    }

    /// Lists the installed versions of a plugin, or of all if `None`, by name and age.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn plugins(&self, plugin: Option<&str>) -> Result<Vec<PluginVersion>, StoreError> {
        let prefix = match plugin {
            Some(plugin) => self.key(Kind::PluginVersion, &[plugin.as_bytes(), b""]),
            None => self.key(Kind::PluginVersion, &[]),
        };
        let mut found = self.documents::<PluginVersion>(&prefix)?;
        found.sort_by(|a, b| (&a.name, a.installed_at).cmp(&(&b.name, b.installed_at)));
        Ok(found)
    }

    /// Returns the installed version of a plugin that has this digest.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn plugin(&self, plugin: &str, digest: &str) -> Result<Option<PluginVersion>, StoreError> {
        self.document(&self.key(Kind::PluginVersion, &[plugin.as_bytes(), digest.as_bytes()]))
    }

    /// Removes an installed version of a plugin; its component stays for those who share it.
    ///
    /// # Errors
    ///
    /// As every write: [`StoreError::Busy`], [`StoreError::Failed`].
    pub fn remove_plugin(&self, plugin: &str, digest: &str) -> Result<Lsn, StoreError> {
        let mut batch = Batch::default();
        batch.delete(self.key(Kind::PluginVersion, &[plugin.as_bytes(), digest.as_bytes()]));
        self.write(batch)
    }

    /// Makes a version of a plugin the active one, also to go back to an older one; `None` for none.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] if there is no such version.
    pub fn activate_plugin(
        &self,
        plugin: &str,
        digest: Option<&str>,
        at_micros: u64,
        author: &str,
    ) -> Result<Lsn, StoreError> {
        let _one_at_a_time = self.rewrite();
        if let Some(digest) = digest
            && self.plugin(plugin, digest)?.is_none()
        {
            return Err(missing("plugin version", &format!("{plugin} {digest}")));
        }
        let version = digest.map(str::to_owned);
        let activation = Activation { version, at_micros, author: author.to_owned() };
        self.activate(Kind::ActivePlugin, name("plugin name", plugin)?, activation)
    }

    /// Returns the active version of a plugin.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn active_plugin(&self, plugin: &str) -> Result<Option<PluginVersion>, StoreError> {
        let history = self.plugin_history(plugin)?;
        let active = history.last().and_then(|newest| newest.version.as_ref());
        active.map_or(Ok(None), |digest| self.plugin(plugin, digest))
    }

    /// Lists what was active, oldest first; the last is what is active now. The newest hundred.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn plugin_history(&self, plugin: &str) -> Result<Vec<Activation>, StoreError> {
        self.history(Kind::ActivePlugin, plugin.as_bytes())
    }

    fn history(&self, kind: Kind, subject: &[u8]) -> Result<Vec<Activation>, StoreError> {
        Ok(self.document(&self.key(kind, &[subject]))?.unwrap_or_default())
    }

    fn activate(
        &self,
        kind: Kind,
        subject: &[u8],
        activation: Activation,
    ) -> Result<Lsn, StoreError> {
        let mut history = self.history(kind, subject)?;
        history.push(activation);
        history.drain(..history.len().saturating_sub(HISTORY));
        self.put_document(self.key(kind, &[subject]), &history)
    }
}

fn missing(what: &'static str, name: &str) -> StoreError {
    StoreError::NotFound { what, name: name.to_owned() }
}
