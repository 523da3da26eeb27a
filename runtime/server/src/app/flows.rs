//! Flows: check, publish, roll back. Each step that fails leaves the active version serving.

use std::sync::Arc;

use jackfield_plugin_host::{FlowPlugin, Grants, InstallError, PublishError, ScriptError, World};
use jackfield_store::{FlowVersion, Lsn, StoreError};

use super::migrations::Incoming;
use super::plugins::no_entry;
use super::{App, PluginError, compile};
use crate::tenant::{ActiveFlow, Tenant, TenantServices, now};

/// The longest script, in bytes.
pub const SCRIPT_MAX: usize = 256 * 1024;

/// Scripts remembered with their components.
const MADE_MAX: usize = 256;

/// A flow that was published.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its version number.
    pub version: u32,
    /// Its component's digest.
    pub digest: String,
}

/// Why a flow was not checked, published or rolled back.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// The script has a mistake.
    #[error("line {}, column {}: {}", .0.line, .0.column, .0.message)]
    Script(ScriptError),
    /// The script is too long.
    #[error("the script has {got} bytes, at most {SCRIPT_MAX} are accepted")]
    TooLong {
        /// Its length.
        got: usize,
    },
    /// The tenant has no such flow.
    #[error("there is no flow `{0}`")]
    UnknownFlow(String),
    /// The flow has no such version, or none before the active one.
    #[error("the flow `{flow}` has no {what}")]
    UnknownVersion {
        /// The flow.
        flow: String,
        /// What was looked for.
        what: String,
    },
    /// The script could not be made a component.
    #[error("step snapshot: {0}")]
    Publish(String),
    /// A component that no script can make again is gone.
    #[error("step load: the component {0} is not in the store any more: install it again")]
    LostComponent(String),
    /// The component was refused.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// It does not take over what the version before has kept.
    #[error("{0}")]
    Migration(String),
    /// The configuration has no entry for it.
    #[error(transparent)]
    NotInstalled(Box<PluginError>),
    /// It was revoked since it was installed.
    #[error(transparent)]
    Revoked(Box<PluginError>),
    /// The store does not take it.
    #[error("the store refused it")]
    Store(#[from] StoreError),
}

impl App {
    /// Parses a script inside the sandbox, as publishing would.
    pub async fn check_flow(&self, script: &str) -> Result<(), FlowError> {
        fits(script)?;
        match self.plugins.check_script(&self.interpreter_digest, script).await {
            Ok(()) => Ok(()),
            Err(PublishError::Script(error)) => Err(FlowError::Script(error)),
            Err(other) => Err(FlowError::Publish(other.to_string())),
        }
    }

    /// Makes the script a component, installs it, and lets it take the calls from now on. Durable
    /// when it returns.
    pub async fn publish_flow(
        &self,
        tenant: &Arc<Tenant>,
        flow: &str,
        script: &str,
        author: &str,
        comment: &str,
    ) -> Result<Published, FlowError> {
        let (Published { version: number, digest }, _) =
            self.keep_script(tenant, flow, script, author, comment).await?;
        let plugin =
            self.plugins.flow(&digest).map_err(|error| FlowError::Publish(error.to_string()))?;
        let active = active_flow(tenant, flow, Some(number), &digest, plugin);
        self.switch_flow(tenant, flow, Arc::new(active), author).await?;
        let lsn = tenant.store.activate_flow(flow, Some(number), now().as_micros(), author)?;
        self.store.durable(lsn).await?;
        tracing::info!(tenant = %tenant.id, flow, version = number, digest, "a flow was published");
        Ok(Published { version: number, digest })
    }

    /// Makes the script a component and keeps it as a version that takes no calls. Durable when it
    /// returns.
    pub async fn keep_flow(
        &self,
        tenant: &Arc<Tenant>,
        flow: &str,
        script: &str,
        author: &str,
        comment: &str,
    ) -> Result<Published, FlowError> {
        let (kept, lsn) = self.keep_script(tenant, flow, script, author, comment).await?;
        self.store.durable(lsn).await?;
        Ok(kept)
    }

    async fn keep_script(
        &self,
        tenant: &Arc<Tenant>,
        flow: &str,
        script: &str,
        author: &str,
        comment: &str,
    ) -> Result<(Published, Lsn), FlowError> {
        fits(script)?;
        if !tenant.config().flows.contains_key(flow) {
            return Err(FlowError::UnknownFlow(flow.to_owned()));
        }
        let digest = self.flow_component(script).await?;
        self.check_flow_grants(tenant, flow, &digest)?;
        let version = FlowVersion {
            flow: flow.to_owned(),
            version: 0,
            digest: digest.clone(),
            script: script.to_owned(),
            author: author.to_owned(),
            comment: comment.to_owned(),
            published_at: now().as_micros(),
        };
        let (version, lsn) = tenant.store.publish_flow(version)?;
        Ok((Published { version, digest }, lsn))
    }

    /// Checks, compiles and keeps a flow that is a component of its own, made of no script. It takes
    /// calls only once it is activated. The same component is the same version.
    pub async fn install_flow(
        &self,
        tenant: &Arc<Tenant>,
        flow: &str,
        component: &[u8],
        author: &str,
    ) -> Result<(Published, bool), FlowError> {
        if !tenant.config().flows.contains_key(flow) {
            let missing = no_entry(tenant, flow, World::Flow, component);
            return Err(FlowError::NotInstalled(Box::new(missing)));
        }
        let grants = tenant.config().flow_grants(flow);
        let installed =
            compile::install(&self.plugins, component.into(), World::Flow, grants).await?;
        let (digest, cached) = (installed.digest, installed.cached);
        let known = tenant.store.flow_versions(flow)?;
        if let Some(same) = known.iter().find(|known| known.digest == digest) {
            return Ok((Published { version: same.version, digest }, cached));
        }
        self.store.put_component(component)?;
        let (version, lsn) = tenant.store.publish_flow(FlowVersion {
            flow: flow.to_owned(),
            digest: digest.clone(),
            author: author.to_owned(),
            comment: "an installed component".to_owned(),
            published_at: now().as_micros(),
            ..FlowVersion::default()
        })?;
        self.store.durable(lsn).await?;
        tracing::info!(tenant = %tenant.id, flow, version, digest, "a flow was installed");
        Ok((Published { version, digest }, cached))
    }

    /// Lets the version with this digest, or its start, take the calls from now on. Durable when it
    /// returns.
    pub async fn activate_flow_version(
        &self,
        tenant: &Arc<Tenant>,
        flow: &str,
        digest: &str,
        author: &str,
    ) -> Result<Published, FlowError> {
        if !tenant.config().flows.contains_key(flow) {
            return Err(FlowError::UnknownFlow(flow.to_owned()));
        }
        let versions = tenant.store.flow_versions(flow)?;
        // The same script published twice has one digest: the newest of its versions is meant.
        let found = versions.into_iter().rev().find(|known| known.digest.starts_with(digest));
        let wanted = found.ok_or_else(|| FlowError::UnknownVersion {
            flow: flow.to_owned(),
            what: format!("version with the digest {digest}"),
        })?;
        self.make_active(tenant, &wanted, author).await?;
        tracing::info!(tenant = %tenant.id, flow, version = wanted.version, digest = wanted.digest, "a flow was activated");
        Ok(Published { version: wanted.version, digest: wanted.digest })
    }

    /// Lets a published version take the calls. Durable when it returns.
    async fn make_active(
        &self,
        tenant: &Arc<Tenant>,
        version: &FlowVersion,
        author: &str,
    ) -> Result<(), FlowError> {
        let revoked = self.refuse_revoked(tenant, &version.flow, &version.digest);
        revoked.map_err(|error| FlowError::Revoked(Box::new(error)))?;
        let active = self.load_flow(tenant, version).await?;
        let (flow, at) = (&version.flow, now().as_micros());
        self.switch_flow(tenant, flow, Arc::new(active), author).await?;
        let lsn = tenant.store.activate_flow(flow, Some(version.version), at, author)?;
        Ok(self.store.durable(lsn).await?)
    }

    /// Lets this version take the calls from now on; whatever was tried beside the old one ends.
    async fn switch_flow(
        &self,
        tenant: &Arc<Tenant>,
        flow: &str,
        active: Arc<ActiveFlow>,
        by: &str,
    ) -> Result<(), FlowError> {
        let digest = active.digest.clone();
        // A candidate that is promoted goes on with the contacts it has.
        let tried = tenant.rollouts.flow_candidate(flow);
        let active = tried.filter(|tried| tried.digest == digest).unwrap_or(active);
        let services = &Arc::clone(&active.services);
        let old = tenant.flow(flow).map(|active| active.digest.clone());
        let incoming = Incoming { name: flow, world: World::Flow, digest: &digest, services, old };
        let drain = self.config().plugins.drain;
        let switched =
            self.switch_with_state(tenant, incoming, || tenant.switch_flow(flow, active, drain));
        switched.await.map_err(|error| match error {
            PluginError::Store(error) => FlowError::Store(error),
            other => FlowError::Migration(other.to_string()),
        })?;
        self.conclude_rollout(tenant, flow, World::Flow, &digest, by);
        Ok(())
    }

    /// The digest of the component of a script.
    async fn flow_component(&self, script: &str) -> Result<String, FlowError> {
        let made =
            self.made.lock().unwrap_or_else(|poison| poison.into_inner()).get(script).cloned();
        if let Some(digest) = made.filter(|digest| self.plugins.flow(digest).is_ok()) {
            return Ok(digest);
        }
        let component =
            match compile::publish(&self.plugins, Arc::clone(&self.interpreter), script).await {
                Ok(component) => component,
                Err(PublishError::Script(error)) => return Err(FlowError::Script(error)),
                Err(other) => return Err(FlowError::Publish(other.to_string())),
            };
        let component: Arc<[u8]> = component.into();
        let installed =
            // It may be another tenant's as well: each checks its own grants.
            compile::install(&self.plugins, Arc::clone(&component), World::Flow, Grants::all())
                .await?;
        self.store.put_component(&component)?;
        let mut made = self.made.lock().unwrap_or_else(|poison| poison.into_inner());
        if MADE_MAX <= made.len() {
            made.clear();
        }
        made.insert(script.to_owned(), installed.digest.clone());
        Ok(installed.digest)
    }

    /// Refuses a flow that imports what the tenant does not grant it.
    fn check_flow_grants(
        &self,
        tenant: &Tenant,
        flow: &str,
        digest: &str,
    ) -> Result<(), FlowError> {
        let grants = tenant.config().flow_grants(flow);
        let checked = self.plugins.check_grants(digest, World::Flow, &grants);
        let table = format!("tenants.{}.flows.{flow}", tenant.id);
        Ok(checked.map_err(|error| error.with_entry(&table))?)
    }

    /// Lets an earlier version take the calls again: the one before the active one, or `version`.
    pub async fn roll_back_flow(
        &self,
        tenant: &Arc<Tenant>,
        flow: &str,
        version: Option<u32>,
    ) -> Result<Published, FlowError> {
        let active = tenant.store.active_flow(flow)?;
        let active = active.ok_or_else(|| FlowError::UnknownFlow(flow.to_owned()))?.version;
        let versions = tenant.store.flow_versions(flow)?;
        let wanted = match version {
            Some(number) => versions.iter().find(|known| known.version == number),
            None => versions.iter().rev().find(|known| known.version < active),
        };
        let unknown = || FlowError::UnknownVersion {
            flow: flow.to_owned(),
            what: version
                .map_or("earlier version".to_owned(), |number| format!("version {number}")),
        };
        let wanted = wanted.ok_or_else(unknown)?.clone();
        self.make_active(tenant, &wanted, "rollback").await?;
        tracing::info!(tenant = %tenant.id, flow, version = wanted.version, "a flow was rolled back");
        Ok(Published { version: wanted.version, digest: wanted.digest })
    }

    /// Loads a published version and lets it take the calls, at the start.
    pub(super) async fn activate_flow(
        &self,
        tenant: &Arc<Tenant>,
        version: &FlowVersion,
    ) -> Result<(), FlowError> {
        let active = self.load_flow(tenant, version).await?;
        Self::mend_state(tenant, &version.flow, &active.digest)?;
        tenant.switch_flow(&version.flow, Arc::new(active), self.config().plugins.drain);
        Ok(())
    }

    /// Loads a published version.
    pub(super) async fn load_flow(
        &self,
        tenant: &Arc<Tenant>,
        version: &FlowVersion,
    ) -> Result<ActiveFlow, FlowError> {
        let digest = match self.plugins.flow(&version.digest) {
            Ok(_) => version.digest.clone(),
            Err(_) => match self.store.component(&version.digest)? {
                Some(component) => {
                    let all = Grants::all();
                    compile::install(&self.plugins, component.into(), World::Flow, all)
                        .await?
                        .digest
                }
                None if version.script.is_empty() => {
                    return Err(FlowError::LostComponent(version.digest.clone()));
                }
                // The component's file is gone: the script makes it again.
                None => self.flow_component(&version.script).await?,
            },
        };
        self.check_flow_grants(tenant, &version.flow, &digest)?;
        let plugin =
            self.plugins.flow(&digest).map_err(|error| FlowError::Publish(error.to_string()))?;
        Ok(active_flow(tenant, &version.flow, Some(version.version), &digest, plugin))
    }
}

/// What leads contacts of a tenant.
pub(super) fn active_flow(
    tenant: &Arc<Tenant>,
    flow: &str,
    version: Option<u32>,
    digest: &str,
    plugin: FlowPlugin,
) -> ActiveFlow {
    ActiveFlow {
        version,
        digest: digest.to_owned(),
        plugin: plugin.billed_to(&tenant.account.plugin(flow)),
        services: Arc::new(TenantServices::new(tenant, flow)),
        pins: Arc::default(),
    }
}

fn fits(script: &str) -> Result<(), FlowError> {
    if SCRIPT_MAX < script.len() { Err(FlowError::TooLong { got: script.len() }) } else { Ok(()) }
}
