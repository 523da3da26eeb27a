//! Starting the centre: store, plugins, tenants, telephony, in this order, so that no call arrives
//! before somebody can serve it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jackfield_core::{TenantId, TenantId as Id};
use jackfield_egress::{Egress, EgressConfig, Network};
use jackfield_package::TrustStore;
use jackfield_plugin_host::{
    Grants, HostConfig, HostError, InstallError, PluginHost, TenantAccount, World,
};
use jackfield_store::{ImportOptions, Store, StoreError};
use jackfield_telephony::speech::{
    Espeak, Festival, ProcessLimits, PromptLibrary, Speech, SpeechConfig, SpeechProvider,
};
use jackfield_telephony::{Endpoint, EndpointEvent, Registration};
use tokio::sync::mpsc;

use super::directory::CentreDirectory;
use super::interrupted::Recovered;
use super::music::NoMusic;
use super::revocations::trust_of;
use super::{
    App, Drafts, FlowError, PluginError, Replays, compile, interrupted, music, suspensions,
};
use crate::access::{AuditLog, People};
use crate::config::{Config, Current, TenantConfig};
use crate::oidc::Oidc;
use crate::session;
use crate::tenant::{self, Beginning, Message, Tenant, TenantParts, now};
use crate::worlds::connectors;

/// The longest prompt read from a file.
const PROMPT_MAX: Duration = Duration::from_secs(10 * 60);

/// Why the centre did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store cannot be used.
    #[error("the store at `{path}` cannot be opened")]
    Store {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// The plugin engine did not start.
    #[error("the plugin engine did not start")]
    Host(#[from] HostError),
    /// A bundled plugin is missing.
    #[error(
        "there is no `{name}.wasm` in {searched}: build the plugins with `make plugins`, or set `plugins.path`"
    )]
    MissingPlugin {
        /// The plugin.
        name: String,
        /// The folders.
        searched: String,
    },
    /// The interpreter of flow scripts was refused.
    #[error("the flow interpreter cannot be installed")]
    Interpreter(#[source] InstallError),
    /// A tenant's flow was refused.
    #[error("tenant `{tenant}`, flow `{flow}`")]
    Flow {
        /// The tenant.
        tenant: Id,
        /// The flow.
        flow: String,
        /// Why.
        #[source]
        source: FlowError,
    },
    /// A tenant's router or estimator was refused.
    #[error("tenant `{tenant}`, {world} `{plugin}`")]
    Plugin {
        /// The tenant.
        tenant: Id,
        /// What it is for.
        world: &'static str,
        /// The plugin.
        plugin: String,
        /// Why.
        #[source]
        source: Box<PluginError>,
    },
    /// A file of the configuration cannot be read.
    #[error("cannot read `{path}`")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The telephony did not start.
    #[error(transparent)]
    Telephony(#[from] jackfield_telephony::sip::StartError),
    /// Music or speech cannot be prepared.
    #[error("tenant `{tenant}`: {what}")]
    Sound {
        /// The tenant.
        tenant: Id,
        /// What was wrong.
        what: String,
    },
}

impl App {
    /// Starts everything but the HTTP interface. Returns what the endpoint reports, to be given to
    /// [`App::serve_calls`].
    pub async fn start(
        config: Config,
    ) -> Result<(Arc<Self>, mpsc::Receiver<EndpointEvent>), StartError> {
        let path = config.store.path.clone();
        let at_store = |source| StartError::Store { path: path.clone(), source };
        let (store, report) = Store::open(config.store.clone()).map_err(at_store)?;
        tracing::info!(path = %path.display(), "store open: {report}");
        let plugins = PluginHost::new(host_config(&config))?;
        let interpreter: Arc<[u8]> = bundled(&config, "flow-rhai")?.into();
        let installed = compile::install(
            &plugins,
            Arc::clone(&interpreter),
            World::Interpreter,
            // It serves nobody itself: what is made of it is checked for each tenant.
            Grants::all(),
        );
        let interpreter_digest = installed.await.map_err(StartError::Interpreter)?.digest;
        let config = Arc::new(config);
        let current = Arc::new(Current::new(Arc::clone(&config)));
        let drafts = Arc::new(Drafts::default());
        let directory =
            CentreDirectory::new(Arc::clone(&current), store.clone(), Arc::clone(&drafts));
        let directory = Arc::new(directory);
        let (endpoint, events) = jackfield_telephony::sip::start(
            config.sip.clone(),
            config.rtp.clone(),
            config.webrtc.clone(),
            Arc::<CentreDirectory>::clone(&directory),
        )
        .await?;
        let speech = speech(&config);
        let egress = Arc::new(egress(&config));
        let mut tenants = BTreeMap::new();
        let mut inboxes = Vec::new();
        for (id, tenant_config) in &config.tenants {
            let account = plugins.account(id.as_str());
            let outside = Outside { endpoint: &endpoint, speech: &speech, egress: &egress };
            let parts = parts(&config, tenant_config, &store, &outside, account)?;
            let (tenant, inbox) = Tenant::new(parts);
            suspensions::begin(&tenant).map_err(at_store)?;
            tenants.insert(id.clone(), tenant);
            inboxes.push((id.clone(), inbox));
        }
        let admin_token = admin_token(&path)?;
        let app = Arc::new(Self {
            config: current,
            reloading: tokio::sync::Mutex::default(),
            people: People::open(Some(store.clone()), config.http.policy).map_err(at_store)?,
            oidc: Oidc::new(config.oidc.clone()),
            audit: AuditLog::open(Some(store.clone()), config.http.audit).map_err(at_store)?,
            store,
            plugins,
            endpoint,
            egress,
            drafts,
            tenants,
            interpreter,
            interpreter_digest,
            made: Mutex::default(),
            locks: Mutex::default(),
            replays: Replays::new(host_config(&config), config.replays),
            admin_token,
        });
        let trust = trust_of(&config).unwrap_or_else(|error| {
            let why = crate::cli::error::in_full(&error);
            tracing::error!(why, "what was revoked is not known: `plugins.trust` cannot be read");
            TrustStore::default()
        });
        for (id, inbox) in inboxes {
            app.start_tenant(&id, inbox, &trust, at_store).await?;
        }
        for registration in trunk_registrations(&config) {
            app.endpoint.register(registration);
        }
        directory.open();
        Ok((app, events))
    }

    async fn start_tenant(
        &self,
        id: &TenantId,
        inbox: mpsc::Receiver<Message>,
        trust: &TrustStore,
        at_store: impl Fn(StoreError) -> StartError,
    ) -> Result<(), StartError> {
        let Some(tenant) = self.tenants.get(id) else { return Ok(()) };
        let recovered = interrupted::recover(&self.store, id).map_err(&at_store)?;
        if 0 < recovered.interrupted {
            tracing::warn!(tenant = %id, calls = recovered.interrupted, "calls were interrupted by the last end of the process");
        }
        let center = tenant.config().center.clone();
        let first = interrupted::first_inputs(&tenant.store, center, recovered.checkpoint.clone());
        let first = first.map_err(&at_store)?;
        import_contacts(tenant).map_err(&at_store)?;
        self.start_plugins(tenant).await?;
        self.start_flows(tenant).await?;
        self.resume_rollouts(tenant).await.map_err(&at_store)?;
        self.look_for_revoked(tenant, trust);
        connectors::start(tenant);
        tenant.live.begin(recovered.folder, now(), tenant.config().figures.kept);
        tenant.standing().begin(&recovered.checkpoint);
        let Recovered { stats, chain, last, reopened, .. } = recovered;
        tenant::spawn(Arc::clone(tenant), inbox, Beginning { stats, chain, last, first });
        for conversation in reopened {
            session::reopen(tenant, conversation).await;
        }
        Ok(())
    }

    /// Starts the routers and estimators: the active versions, or what the configuration names.
    async fn start_plugins(&self, tenant: &Arc<Tenant>) -> Result<(), StartError> {
        let config = tenant.config();
        let routers = config.routers.iter().map(|plugin| (World::Router, plugin));
        let estimators = config.estimators.iter().map(|plugin| (World::Estimator, plugin));
        let called = config.plugins.iter();
        let called = called.map(|(name, entry)| (entry.world, (name, entry.plugin.as_ref())));
        let engines = routers.chain(estimators);
        let engines = engines.map(|(world, (name, plugin))| (world, (name, Some(plugin))));
        for (world, (name, plugin)) in engines.chain(called) {
            let refused = |error: PluginError| StartError::Plugin {
                tenant: tenant.id.clone(),
                world: world.name(),
                plugin: name.clone(),
                source: Box::new(error),
            };
            let active = tenant.store.active_plugin(name).map_err(|error| refused(error.into()))?;
            let started = match (active, config.router_scripts.get(name)) {
                (Some(version), _) => self.load_plugin(tenant, &version).await,
                (None, Some(script)) => {
                    self.publish_router(tenant, name, &read(script)?, "jackfield").await.map(|_| ())
                }
                (None, None) => {
                    // It serves once a version has been installed and activated.
                    let Some(plugin) = plugin else { continue };
                    let component = bundled(&self.config(), plugin)?;
                    let none = Grants::default();
                    match self.install_plugin(tenant, name, world, &component, &none).await {
                        Ok(installed) => {
                            self.activate_plugin(tenant, name, &installed.digest, "jackfield").await
                        }
                        Err(error) => Err(error),
                    }
                }
            };
            started.map_err(refused)?;
        }
        Ok(())
    }

    async fn start_flows(&self, tenant: &Arc<Tenant>) -> Result<(), StartError> {
        for (flow, path) in &tenant.config().flows {
            let refused =
                |source| StartError::Flow { tenant: tenant.id.clone(), flow: flow.clone(), source };
            let kept = |error: StoreError| refused(FlowError::from(error));
            let active = tenant.store.active_flow(flow).map_err(kept)?;
            match active {
                Some(version) => self.activate_flow(tenant, &version).await.map_err(refused)?,
                None => {
                    let script = read(path)?;
                    let first = "first version, from the configuration";
                    let published = self.publish_flow(tenant, flow, &script, "jackfield", first);
                    published.await.map_err(refused)?;
                }
            }
        }
        Ok(())
    }
}

/// The way out of plugins.
fn egress(config: &Config) -> Egress {
    let plugins = &config.plugins;
    let networks = plugins.allow_networks.iter();
    Egress::new(EgressConfig {
        allow_networks: networks.filter_map(|text| Network::parse(text)).collect(),
        time_max: plugins.http_time_max,
        request_bytes_max: plugins.http_request_max,
        response_bytes_max: plugins.http_response_max,
        at_once_max: plugins.http_at_once_max,
        at_once_each_max: plugins.http_at_once_each_max,
    })
}

fn host_config(config: &Config) -> HostConfig {
    let (plugins, limits) = (&config.plugins, &config.limits);
    let mut host = HostConfig {
        cache_dir: plugins.cache.clone(),
        compile_memory_bytes: plugins.compile_memory,
        compile_reuse_bytes_max: usize::try_from(plugins.compile_reuse).unwrap_or(usize::MAX),
        compile_time: plugins.compile_time,
        compile_patience: plugins.compile_patience,
        compile_threads: plugins.compile_threads,
        flow_instances_max: plugins.instances_max,
        memory_bytes_max: usize::try_from(plugins.memory_max).unwrap_or(usize::MAX),
        flow_slice: plugins.flow_slice,
        migrate_time: plugins.migrate_time,
        router_deadline: plugins.router_deadline,
        estimator_deadline: plugins.estimator_deadline,
        flow_stack: limits.stack,
        flow_host_calls_max: limits.flow_host_calls,
        router_host_calls_max: limits.answer_host_calls,
        // Half of the places are for those that run.
        router_instances_max: limits.idle_instances.saturating_mul(2),
        table_elements_max: limits.table_elements,
        output_bytes_max: limits.output_bytes,
        log_lines_max: limits.log_lines,
        log_bytes_max: limits.log_bytes,
        metric_names_max: limits.metric_names,
        instance_idle: limits.idle_time,
        plugin_threads: limits.plugin_threads,
        plugin_nice: limits.plugin_nice,
        tenant: limits.tenant.clone(),
        call_instances_max: plugins.call_instances_max,
        call_slice: plugins.call_slice,
        call_time: plugins.call_time,
        ..HostConfig::default()
    };
    if let Ok(binary) = std::env::current_exe() {
        host.worker = vec![binary.to_string_lossy().into_owned(), "plugin-worker".to_owned()];
    }
    host
}

/// The providers named in the configuration, in its order.
fn speech(config: &Config) -> Speech {
    let limits = ProcessLimits {
        time: config.speech.time_limit,
        at_once: config.speech.concurrent,
        ..ProcessLimits::default()
    };
    let provider = |name: &String| -> Option<Arc<dyn SpeechProvider>> {
        match name.as_str() {
            "espeak-ng" => Some(Arc::new(Espeak::new(160, limits))),
            "festival" if Festival::is_installed() => Some(Arc::new(Festival::new(limits))),
            _ => None,
        }
    };
    let providers = config.speech.providers.iter().filter_map(provider).collect();
    let kept = SpeechConfig {
        folder: Some(config.speech.cache_path.clone()),
        disk: config.speech.cache_bytes,
        ..SpeechConfig::default()
    };
    Speech::new(kept, providers)
}

/// Reads a plugin that comes with Jackfield.
fn bundled(config: &Config, name: &str) -> Result<Vec<u8>, StartError> {
    if let Some(path) = config.plugins.find(name) {
        return std::fs::read(&path).map_err(|source| StartError::File { path, source });
    }
    let searched: Vec<_> =
        config.plugins.paths.iter().map(|folder| format!("`{}`", folder.display())).collect();
    Err(StartError::MissingPlugin { name: name.to_owned(), searched: searched.join(", ") })
}

fn read(path: &Path) -> Result<String, StartError> {
    std::fs::read_to_string(path)
        .map_err(|source| StartError::File { path: path.to_owned(), source })
}

/// What all tenants share.
struct Outside<'a> {
    endpoint: &'a Arc<dyn Endpoint>,
    speech: &'a Speech,
    egress: &'a Arc<Egress>,
}

fn parts(
    config: &Config,
    tenant: &TenantConfig,
    store: &Store,
    outside: &Outside<'_>,
    account: Arc<TenantAccount>,
) -> Result<TenantParts, StartError> {
    let recordings = config.store.path.join("recordings").join(tenant.id.as_str());
    std::fs::create_dir_all(&recordings)
        .map_err(|source| StartError::File { path: recordings.clone(), source })?;
    let not_heard = |NoMusic { key, what }| {
        let what = format!("`{key}`: {what}");
        StartError::Sound { tenant: tenant.id.clone(), what }
    };
    let music = music::of_tenant(tenant).map_err(not_heard)?;
    let music_of_queues = music::of_queues(tenant).map_err(not_heard)?;
    Ok(TenantParts {
        config: tenant.clone(),
        store: store.clone(),
        endpoint: Arc::clone(outside.endpoint),
        speech: outside.speech.clone(),
        egress: Arc::clone(outside.egress),
        prompts: tenant.prompts.clone().map(|folder| PromptLibrary::new(folder, PROMPT_MAX)),
        music,
        music_of_queues,
        recordings,
        account,
    })
}

/// Contacts named in the configuration are imported once: into a CRM that has none.
fn import_contacts(tenant: &Tenant) -> Result<(), StoreError> {
    let Some(path) = &tenant.config().contacts else { return Ok(()) };
    if !tenant.store.list_contacts(None, 1)?.items.is_empty() {
        return Ok(());
    }
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) => {
            tracing::error!(tenant = %tenant.id, path = %path.display(), %error, "contacts not read");
            return Ok(());
        }
    };
    let options = ImportOptions {
        default_country_code: tenant.config().country_code.clone(),
        now_micros: now().as_micros(),
        ..ImportOptions::default()
    };
    let report = tenant.store.import_contacts_csv(file, &options, |_| {})?;
    tracing::info!(
        tenant = %tenant.id, imported = report.imported, rejected = report.rejected_total(),
        "contacts imported"
    );
    Ok(())
}

/// The token of whoever may read the store's folder: the machine's own administrator.
fn admin_token(store: &Path) -> Result<String, StartError> {
    use std::io::{Read, Write};
    use std::os::unix::fs::OpenOptionsExt;
    let path = store.join("admin.token");
    let at = |source| StartError::File { path: path.clone(), source };
    if path.exists() {
        return Ok(std::fs::read_to_string(&path).map_err(at)?.trim().to_owned());
    }
    let mut random = [0_u8; 32];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut random))
        .map_err(at)?;
    let token: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(at)?;
    writeln!(file, "{token}").map_err(at)?;
    Ok(token)
}

/// The registrations to be kept up with trunks.
pub(super) fn trunk_registrations(config: &Config) -> Vec<Registration> {
    let outbound = config.trunks.iter().filter_map(|trunk| trunk.outbound.as_ref());
    outbound.filter_map(|outbound| outbound.registration.clone()).collect()
}
