//! Routers, estimators and other plugins of a tenant: install, activate, roll back. Their names are apart from each
//! other: a name tells what the plugin is for.

use std::sync::Arc;

use jackfield_package::PackageError;
use jackfield_plugin_host::asked::channels::Capabilities;
use jackfield_plugin_host::{
    CalledPlugin, Grant, Grants, InstallError, NotInstalled, PluginAccount, PublishError,
    ScriptError, World, manifest_of,
};
use jackfield_store::{PluginVersion, StoreError};

use super::flows::{FlowError, SCRIPT_MAX};
use super::migrations::Incoming;
use super::replay::{GateError, gate_order};
use super::{App, compile, settings};
use crate::config::TenantConfig;
use crate::entry::Needs;
use crate::replay::RouterOrder;
use crate::tenant::{ActiveEstimator, ActivePlugin, ActiveRouter, Tenant, TenantServices, now};

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
    /// The configuration has no entry for it.
    #[error(
        "the configuration has no {world} `{plugin}`: add these lines, start the server again and install \
         it again\n\n{lines}"
    )]
    NoEntry {
        /// The plugin.
        plugin: String,
        /// What it is to be.
        world: &'static str,
        /// The entry that would do.
        lines: String,
    },
    /// The tenant's settings are not what the plugin's manifest accepts.
    #[error("step `settings`: {reason}")]
    Settings {
        /// The plugin.
        plugin: String,
        /// What is wrong and what would be accepted.
        reason: String,
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
    /// Checks, compiles and keeps a plugin for a tenant. It may import what the configuration grants to
    /// its name, and what is `given` to this version. It serves only once it is activated.
    pub async fn install_plugin(
        &self,
        tenant: &Arc<Tenant>,
        name: &str,
        world: World,
        component: &[u8],
        given: &Grants,
    ) -> Result<InstalledPlugin, PluginError> {
        let known = tenant.store.plugins(Some(name))?;
        let config = tenant.config();
        let kinds = [
            (World::Router, config.routers.contains_key(name)),
            (World::Estimator, config.estimators.contains_key(name)),
        ];
        let entry = config.plugins.get(name);
        let other = kinds.into_iter().any(|(kind, named)| named && kind != world)
            || entry.is_some_and(|entry| entry.world != world);
        // What it may reach and is told stands in its entry: without one it could do nothing.
        if World::CALLED.contains(&world) && entry.is_none() {
            return Err(no_entry(tenant, name, world, component));
        }
        if other || known.iter().any(|version| version.world != world.name()) {
            return Err(PluginError::OtherWorld { plugin: name.to_owned(), world: world.name() });
        }
        let installed = compile::install(
            &self.plugins,
            component.into(),
            world,
            config.plugin_grants(name).with(given),
        )
        .await
        .map_err(|error| error.with_entry(&table(tenant, world, name)))?;
        check_settings(&config, name, component)?;
        self.store.put_component(component)?;
        let version = PluginVersion {
            name: name.to_owned(),
            world: world.name().to_owned(),
            version: String::new(),
            digest: installed.digest.clone(),
            installed_at: now().as_micros(),
            size: component.len() as u64,
            imports: installed.imports.clone(),
            grants: given.iter().map(|grant| grant.name().to_owned()).collect(),
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
        let installed =
            self.install_plugin(tenant, name, World::Router, &component, &script_grants()).await?;
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
        self.refuse_revoked(tenant, name, &found.digest)?;
        let world = World::from_name(&found.world).unwrap_or(World::Router);
        match world {
            World::Router => self.switch_router(tenant, found).await?,
            // It has no state.
            World::Estimator => self.load_plugin(tenant, found).await?,
            _ => self.switch_called(tenant, found).await?,
        }
        self.conclude_rollout(tenant, name, world, &found.digest, author);
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

    /// Lets a chatbot, channel, connector, analyst or pacer serve from now on, with its state.
    async fn switch_called(
        &self,
        tenant: &Arc<Tenant>,
        version: &PluginVersion,
    ) -> Result<(), PluginError> {
        let name = &version.name;
        // The candidate of a canary goes on as the same one, with the conversations it leads.
        let tried = tenant.rollouts.called_candidate(name);
        let active = match tried.filter(|tried| tried.digest == version.digest) {
            Some(tried) => tried,
            None => self.load_called(tenant, version, &tenant.account.plugin(name)).await?,
        };
        let world = active.plugin.world();
        let old = tenant.plugins.get(name, world).map(|active| active.digest.clone());
        let (digest, services) = (&*version.digest, &Arc::clone(&active.services));
        let incoming = Incoming { name, world, digest, services, old };
        self.switch_with_state(tenant, incoming, || self.let_serve(tenant, active)).await
    }

    /// Calls in progress, and conversations for a time, keep the version they have.
    fn let_serve(&self, tenant: &Tenant, active: Arc<ActivePlugin>) {
        if let Some(old) = tenant.plugins.switch(active) {
            let drain = self.config().plugins.drain;
            tenant.drains.begin(&old.name, &old.digest, &old.pins, drain);
        }
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
        if history.is_empty() && tenant.store.plugins(Some(name))?.is_empty() {
            return Err(PluginError::Unknown(name.to_owned()));
        }
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
        let account = tenant.account.plugin(name);
        match world {
            World::Estimator => {
                let active = self.load_estimator(tenant, version, &account).await?;
                tenant.switch_estimator(name, active);
            }
            World::Chatbot | World::Channel | World::Connector | World::Analyst | World::Pacer => {
                let active = self.load_called(tenant, version, &account).await?;
                Self::mend_state(tenant, name, digest)?;
                self.let_serve(tenant, active);
            }
            _ => {
                let router = self.load_router(tenant, version, &account).await?;
                Self::mend_state(tenant, name, digest)?;
                tenant.switch_router(name, router);
            }
        }
        Ok(())
    }

    /// Loads a kept chatbot, channel, connector, analyst or pacer, to be billed to `account`.
    pub(super) async fn load_called(
        &self,
        tenant: &Arc<Tenant>,
        version: &PluginVersion,
        account: &Arc<PluginAccount>,
    ) -> Result<Arc<ActivePlugin>, PluginError> {
        let PluginVersion { name, digest, .. } = version;
        let world = World::from_name(&version.world).unwrap_or(World::Chatbot);
        let services = self.make_ready(tenant, version).await?;
        let plugin = self.plugins.called(digest, world).map_err(not_loaded)?;
        let plugin = plugin.billed_to(account);
        let abilities = match world {
            World::Channel => Some(described(&plugin, &services).await?),
            _ => None,
        };
        let (name, digest) = (name.clone(), digest.clone());
        let pins = Arc::default();
        Ok(Arc::new(ActivePlugin { name, digest, plugin, services, abilities, pins }))
    }

    /// Loads a kept router, to be billed to `account`.
    pub(super) async fn load_router(
        &self,
        tenant: &Arc<Tenant>,
        version: &PluginVersion,
        account: &Arc<PluginAccount>,
    ) -> Result<ActiveRouter, PluginError> {
        let digest = version.digest.clone();
        let services = self.make_ready(tenant, version).await?;
        let plugin = self.plugins.router(&digest).map_err(not_loaded)?;
        Ok(ActiveRouter { digest, plugin: plugin.billed_to(account), services })
    }

    /// Loads a kept estimator, to be billed to `account`.
    pub(super) async fn load_estimator(
        &self,
        tenant: &Arc<Tenant>,
        version: &PluginVersion,
        account: &Arc<PluginAccount>,
    ) -> Result<ActiveEstimator, PluginError> {
        let digest = version.digest.clone();
        let services = self.make_ready(tenant, version).await?;
        let plugin = self.plugins.estimator(&digest).map_err(not_loaded)?;
        Ok(ActiveEstimator { digest, plugin: plugin.billed_to(account), services })
    }

    /// Compiles a kept component unless it is there, checks what it is granted and told, and returns
    /// its services.
    async fn make_ready(
        &self,
        tenant: &Arc<Tenant>,
        version: &PluginVersion,
    ) -> Result<Arc<TenantServices>, PluginError> {
        let PluginVersion { name, digest, .. } = version;
        let world = World::from_name(&version.world).unwrap_or(World::Router);
        let config = tenant.config();
        // Grants are asked for at each start: what the configuration no longer gives is gone then.
        let given = version.grants.iter().filter_map(|name| Grant::from_name(name)).collect();
        let grants = config.plugin_grants(name).with(&given);
        let component = self.store.component(digest)?;
        if let Some(component) = &component {
            check_settings(&config, name, component)?;
        }
        let checked = if self.plugins.check_grants(digest, world, &Grants::all()).is_err() {
            let component = component.ok_or_else(|| PluginError::Unknown(digest.to_owned()))?;
            compile::install(&self.plugins, component.into(), world, grants.clone()).await.map(drop)
        } else {
            self.plugins.check_grants(digest, world, &grants)
        };
        checked.map_err(|error| error.with_entry(&table(tenant, world, name)))?;
        Ok(Arc::new(TenantServices::new(tenant, name).with_grants(&grants)))
    }
}

fn not_loaded(error: NotInstalled) -> PluginError {
    PluginError::Load(error.to_string())
}

/// Says that the configuration has no entry for a plugin, and which one would do.
pub(super) fn no_entry(tenant: &Tenant, name: &str, world: World, component: &[u8]) -> PluginError {
    let needs = Needs::of_component(tenant.id.as_str(), name, world, component);
    PluginError::NoEntry { plugin: name.to_owned(), world: world.name(), lines: needs.entry() }
}

/// The table of the configuration that is about a plugin.
fn table(tenant: &Tenant, world: World, name: &str) -> String {
    let kind = match world {
        World::Router => "routers",
        World::Estimator => "estimators",
        World::Flow => "flows",
        _ => "plugins",
    };
    format!("tenants.{}.{kind}.{name}", tenant.id)
}

/// A router's script is the tenant's own, and its interpreter needs no more than is harmless.
fn script_grants() -> Grants {
    Grants::harmless()
}

/// Asks a channel what it can do.
async fn described(
    plugin: &CalledPlugin,
    services: &Arc<TenantServices>,
) -> Result<Capabilities, PluginError> {
    let services = Arc::<TenantServices>::clone(services);
    plugin.describe(services).await.map_err(|failure| PluginError::Load(failure.to_string()))
}

/// Compares what the tenant's configuration says to a plugin with the schema in its manifest.
fn check_settings(config: &TenantConfig, name: &str, component: &[u8]) -> Result<(), PluginError> {
    let (Some(entry), Some(manifest)) = (config.plugins.get(name), manifest_of(component)) else {
        return Ok(());
    };
    let bad = |reason: String| PluginError::Settings { plugin: name.to_owned(), reason };
    let manifest: toml::Table =
        manifest.parse().map_err(|error| bad(format!("its manifest cannot be read: {error}")))?;
    let Some(schema) = manifest.get("config") else { return Ok(()) };
    let schema = serde_json::to_value(schema).map_err(|error| bad(error.to_string()))?;
    let problems = settings::problems(&schema, &entry.settings);
    if problems.is_empty() { Ok(()) } else { Err(bad(problems.join("; "))) }
}
