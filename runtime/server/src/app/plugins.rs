//! Routers and estimators of a tenant: install, activate, roll back. Their names are apart from each
//! other: a name tells what the plugin is for.

use std::sync::Arc;

use jackfield_package::PackageError;
use jackfield_plugin_host::{Grant, InstallError, PluginAccount, PublishError, ScriptError, World};
use jackfield_store::{PluginVersion, StoreError};

use super::flows::{FlowError, SCRIPT_MAX};
use super::migrations::Incoming;
use super::replay::{GateError, gate_order};
use super::{App, compile};
use crate::replay::RouterOrder;
use crate::rollout::Of;
use crate::tenant::{ActiveEstimator, ActiveRouter, Tenant, TenantServices, now};

/// The bundled interpreter of router scripts.
pub const ROUTER_INTERPRETER: &str = "router-rhai";

/// A plugin that was installed.
#[derive(Clone, Debug)]
pub struct InstalledPlugin {
    /// Its digest.
    pub digest: String,
    /// Whether it had been compiled before.
    pub cached: bool,
}

/// Why a plugin was not installed, activated or rolled back.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// A step of the installation failed; the old version serves.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// The tenant has no such plugin.
    #[error("there is no plugin `{0}`")]
    Unknown(String),
    /// The plugin has no such version, or none before the active one.
    #[error("the plugin `{plugin}` has no {what}")]
    UnknownVersion {
        /// The plugin.
        plugin: String,
        /// What was looked for.
        what: String,
    },
    /// The name is another kind of plugin's.
    #[error("the plugin `{plugin}` is no {world}: give it a name of its own")]
    OtherWorld {
        /// The plugin.
        plugin: String,
        /// What it was to be.
        world: &'static str,
    },
    /// The script has a mistake.
    #[error("line {}, column {}: {}", .0.line, .0.column, .0.message)]
    Script(ScriptError),
    /// The script is too long.
    #[error("the script has {got} bytes, at most {SCRIPT_MAX} are accepted")]
    TooLong {
        /// Its length.
        got: usize,
    },
    /// The script could not be made a component.
    #[error("step snapshot: {0}")]
    Publish(String),
    /// The component cannot be loaded.
    #[error("step load: {0}")]
    Load(String),
    /// It does worse on the recorded past than it may, or that cannot be told.
    #[error(transparent)]
    Gate(GateError),
    /// What was asked of a candidate makes no sense.
    #[error("{reason}")]
    Rollout {
        /// The field of the request.
        field: &'static str,
        /// Why, and what would be accepted.
        reason: String,
    },
    /// It does not take over what the version before has kept.
    #[error("step migrate: {0}; the old version serves, and keeps what it had")]
    Migration(String),
    /// A flow was refused.
    #[error(transparent)]
    Flow(Box<FlowError>),
    /// The package is refused.
    #[error(transparent)]
    Package(Box<PackageError>),
    /// The store does not take it.
    #[error("the store refused it")]
    Store(#[from] StoreError),
}

impl From<PackageError> for PluginError {
    fn from(error: PackageError) -> Self {
        Self::Package(Box::new(error))
    }
}

impl From<FlowError> for PluginError {
    fn from(error: FlowError) -> Self {
        Self::Flow(Box::new(error))
    }
}

impl App {
    /// Checks, compiles and keeps a router or an estimator for a tenant. It serves only once it is
    /// activated.
    pub async fn install_plugin(
        &self,
        tenant: &Arc<Tenant>,
        name: &str,
        world: World,
        component: &[u8],
    ) -> Result<InstalledPlugin, PluginError> {
        let known = tenant.store.plugins(Some(name))?;
        let config = tenant.config();
        let other = match world {
            World::Estimator => config.routers.contains_key(name),
            _ => config.estimators.contains_key(name),
        };
        if other || known.iter().any(|version| version.world != world.name()) {
            return Err(PluginError::OtherWorld { plugin: name.to_owned(), world: world.name() });
        }
        let installed = compile::install(&self.plugins, component.into(), world).await?;
        self.store.put_component(component)?;
        let version = PluginVersion {
            name: name.to_owned(),
            world: world.name().to_owned(),
            version: String::new(),
            digest: installed.digest.clone(),
            installed_at: now().as_micros(),
            size: component.len() as u64,
            imports: installed.imports.clone(),
            grants: Grant::ALL.iter().map(|grant| grant.name().to_owned()).collect(),
        };
        let lsn = tenant.store.put_plugin(&version)?;
        self.store.durable(lsn).await?;
        Ok(InstalledPlugin { digest: installed.digest, cached: installed.cached })
    }

    /// Makes the script a router, installs it, and lets it decide from now on. Durable when it
    /// returns.
    pub async fn publish_router(
        &self,
        tenant: &Arc<Tenant>,
        name: &str,
        script: &str,
        author: &str,
    ) -> Result<InstalledPlugin, PluginError> {
        if !tenant.config().routers.contains_key(name) {
            return Err(PluginError::Unknown(name.to_owned()));
        }
        let component = self.router_component(script).await?;
        let installed = self.install_plugin(tenant, name, World::Router, &component).await?;
        self.pass_required_gate(tenant, name, &installed.digest).await?;
        self.activate_plugin(tenant, name, &installed.digest, author).await?;
        Ok(installed)
    }

    /// Makes a script a component that is a router, and keeps it nowhere.
    pub(super) async fn router_component(&self, script: &str) -> Result<Vec<u8>, PluginError> {
        if SCRIPT_MAX < script.len() {
            return Err(PluginError::TooLong { got: script.len() });
        }
        let interpreter = self.router_interpreter()?;
        match compile::publish(&self.plugins, interpreter, script).await {
            Ok(component) => Ok(component),
            Err(PublishError::Script(error)) => Err(PluginError::Script(error)),
            Err(other) => Err(PluginError::Publish(other.to_string())),
        }
    }

    /// Asks the gate that the configuration sets before a router, if there is one and another version
    /// decides now. Going back to an earlier version is not asked for it: that must work at once.
    pub async fn pass_required_gate(
        &self,
        tenant: &Arc<Tenant>,
        name: &str,
        digest: &str,
    ) -> Result<(), PluginError> {
        let config = tenant.config();
        let Some(gate) = config.router_gates.get(name) else { return Ok(()) };
        if tenant.router(name).is_none_or(|active| active.digest.starts_with(digest)) {
            return Ok(());
        }
        let mut order = gate_order(gate, None, None);
        order.router = Some(RouterOrder::installed(name, digest));
        self.pass_gate(tenant, order).await.map_err(PluginError::Gate)
    }

    /// Reads the interpreter of router scripts.
    fn router_interpreter(&self) -> Result<Arc<[u8]>, PluginError> {
        let missing = |why: String| PluginError::Publish(format!("{ROUTER_INTERPRETER}: {why}"));
        let path = self.config().plugins.find(ROUTER_INTERPRETER);
        let path = path.ok_or_else(|| {
            missing("it is not built: `jackfield plugin build plugins` does".to_owned())
        })?;
        let bytes = std::fs::read(path).map_err(|error| missing(error.to_string()))?;
        Ok(bytes.into())
    }

    /// Lets an installed version serve from now on. Durable when it returns.
    pub async fn activate_plugin(
        &self,
        tenant: &Arc<Tenant>,
        name: &str,
        digest: &str,
        author: &str,
    ) -> Result<(), PluginError> {
        let found = &self.plugin_version(tenant, name, digest)?;
        if found.world == World::Router.name() {
            self.switch_router(tenant, found).await?;
        } else {
            self.load_plugin(tenant, found).await?;
        }
        self.conclude_rollout(tenant, name, Of::Router, &found.digest, author);
        let at = now().as_micros();
        let lsn = tenant.store.activate_plugin(name, Some(&found.digest), at, author)?;
        self.store.durable(lsn).await?;
        tracing::info!(tenant = %tenant.id, plugin = name, digest = found.digest, "a plugin was activated");
        Ok(())
    }

    /// Lets a router decide from now on, with its state.
    async fn switch_router(
        &self,
        tenant: &Arc<Tenant>,
        version: &PluginVersion,
    ) -> Result<(), PluginError> {
        let name = &version.name;
        let router = self.load_router(tenant, version, &tenant.account.plugin(name)).await?;
        let (digest, services) = (router.digest.clone(), Arc::clone(&router.services));
        let old = tenant.router(name).map(|active| active.digest.clone());
        let (digest, services) = (&*digest, &services);
        let incoming = Incoming { name, world: World::Router, digest, services, old };
        self.switch_with_state(tenant, incoming, || tenant.switch_router(name, router)).await
    }

    /// The installed version whose digest begins like this.
    pub(super) fn plugin_version(
        &self,
        tenant: &Tenant,
        name: &str,
        digest: &str,
    ) -> Result<PluginVersion, PluginError> {
        let versions = tenant.store.plugins(Some(name))?;
        if versions.is_empty() {
            return Err(PluginError::Unknown(name.to_owned()));
        }
        let found = versions.into_iter().find(|known| known.digest.starts_with(digest));
        found.ok_or_else(|| PluginError::UnknownVersion {
            plugin: name.to_owned(),
            what: format!("version with the digest {digest}"),
        })
    }

    /// Lets the version before the active one serve again; returns its digest.
    pub(super) async fn roll_back_plugin(
        &self,
        tenant: &Arc<Tenant>,
        name: &str,
        author: &str,
    ) -> Result<String, PluginError> {
        let history = tenant.store.plugin_history(name)?;
        let active = history.last().and_then(|newest| newest.version.clone());
        let earlier = history.into_iter().rev().filter_map(|activation| activation.version);
        let before = earlier.into_iter().find(|digest| Some(digest) != active.as_ref());
        let before = before.ok_or_else(|| PluginError::UnknownVersion {
            plugin: name.to_owned(),
            what: "earlier version".to_owned(),
        })?;
        self.activate_plugin(tenant, name, &before, author).await?;
        Ok(before)
    }

    /// Loads a kept component and switches the tenant's router or estimator to it, at the start.
    pub(super) async fn load_plugin(
        &self,
        tenant: &Arc<Tenant>,
        version: &PluginVersion,
    ) -> Result<(), PluginError> {
        let PluginVersion { name, digest, .. } = version;
        let world = World::from_name(&version.world).unwrap_or(World::Router);
        if world != World::Estimator {
            let router = self.load_router(tenant, version, &tenant.account.plugin(name)).await?;
            Self::mend_state(tenant, name, digest)?;
            tenant.switch_router(name, router);
            return Ok(());
        }
        self.make_ready(digest, world).await?;
        let plugin = self.plugins.estimator(digest);
        let plugin = plugin.map_err(|error| PluginError::Load(error.to_string()))?;
        let plugin = plugin.billed_to(&tenant.account.plugin(name));
        let services = Arc::new(TenantServices::new(tenant, name));
        let active = ActiveEstimator { digest: digest.to_owned(), plugin, services };
        tenant.switch_estimator(name, active);
        Ok(())
    }

    /// Loads a kept router, to be billed to `account`.
    pub(super) async fn load_router(
        &self,
        tenant: &Tenant,
        version: &PluginVersion,
        account: &Arc<PluginAccount>,
    ) -> Result<ActiveRouter, PluginError> {
        let digest = version.digest.clone();
        self.make_ready(&digest, World::Router).await?;
        let plugin = self.plugins.router(&digest);
        let plugin = plugin.map_err(|error| PluginError::Load(error.to_string()))?;
        let services = Arc::new(TenantServices::new(tenant, &version.name));
        Ok(ActiveRouter { digest, plugin: plugin.billed_to(account), services })
    }

    /// Compiles a kept component, unless it is there.
    async fn make_ready(&self, digest: &str, world: World) -> Result<(), PluginError> {
        let loaded = match world {
            World::Estimator => self.plugins.estimator(digest).is_ok(),
            _ => self.plugins.router(digest).is_ok(),
        };
        if !loaded {
            let component = self.store.component(digest)?;
            let component = component.ok_or_else(|| PluginError::Unknown(digest.to_owned()))?;
            compile::install(&self.plugins, component.into(), world).await?;
        }
        Ok(())
    }
}
