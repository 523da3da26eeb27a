//! The host: its limits, its engine and what is installed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use jackfield_core::PluginFailure;
use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Engine, Store};

use crate::account::{PluginAccount, TenantAccount};
use crate::cache::Cache;
use crate::contract::{self, Grants, World};
use crate::error::{HostError, InstallError, InstallStep, NotInstalled};
use crate::guest::{Guest, Limits, MetricNames, keep_limits};
use crate::lanes::Lanes;
use crate::questions::{EstimatorPlugin, Idle, RouterPlugin};
use crate::track::{estimator, flow, router};
use crate::worlds::{self, CallFailure, Called};
use crate::{QuarantineRules, TenantLimits, engine, flow::FlowPlugin};

/// Limits of the host. Each is a configuration key of the server.
#[derive(Clone, Debug)]
pub struct HostConfig {
    /// Where machine code is kept; private to this user.
    pub cache_dir: PathBuf,
    /// The command that runs [`worker_main`](crate::worker_main).
    pub worker: Vec<String>,
    /// Compile in this process instead, without its limits of memory and time: for tools and tests
    /// that run components of their own, never for a host that takes them from others.
    pub compile_in_process: bool,
    /// Address space of the worker.
    pub compile_memory_bytes: u64,
    /// Bytes of compiled functions that are kept for the next compilation; 0 keeps none.
    pub compile_reuse_bytes_max: usize,
    /// Longest compilation or snapshot.
    pub compile_time: Duration,
    /// How long a compilation waits for idle processors before it takes a share of them; zero takes it
    /// at once, for tools.
    pub compile_patience: Duration,
    /// Processors that a compilation runs on, at most: the others' caches are the calls'.
    pub compile_threads: usize,
    /// Largest component that is installed.
    pub component_bytes_max: usize,
    /// Longest script that is published or tried.
    pub script_bytes_max: usize,
    /// Flows at once, over all tenants.
    pub flow_instances_max: u32,
    /// Instances of routers and estimators at once, over all tenants.
    pub router_instances_max: u32,
    /// How long a session waits for an instance when all are in use.
    pub instance_wait: Duration,
    /// Linear memory of one instance.
    pub memory_bytes_max: usize,
    /// Longest computing of a flow between two host calls.
    pub flow_slice: Duration,
    /// Stack of a guest, in bytes.
    pub flow_stack: usize,
    /// Longest computing of a router for one answer.
    pub router_deadline: Duration,
    /// Longest computing of an estimator for one answer.
    pub estimator_deadline: Duration,
    /// Longest computing of a version that takes over state.
    pub migrate_time: Duration,
    /// Chatbots, channels, connectors, analysts and pacers at work at once, over all tenants.
    pub call_instances_max: u32,
    /// Longest computing of one of these between two host calls.
    pub call_slice: Duration,
    /// Longest call of one of these, whatever it waits for.
    pub call_time: Duration,
    /// Host calls of one flow.
    pub flow_host_calls_max: u32,
    /// Host calls of a router or an estimator for one answer.
    pub router_host_calls_max: u32,
    /// Answers after which an instance of a router or an estimator is replaced by a fresh one.
    pub router_calls_per_instance: u32,
    /// Memory of a pool's slot that is reset in place rather than given back.
    pub keep_resident_bytes: usize,
    /// How often guests are looked at: the unit of all their deadlines.
    pub epoch_tick: Duration,
    /// Elements of one table of an instance.
    pub table_elements_max: usize,
    /// Bytes that a guest may hand to the host at once.
    pub output_bytes_max: usize,
    /// Log lines of one call.
    pub log_lines_max: u32,
    /// Log bytes of one call.
    pub log_bytes_max: usize,
    /// Names of metrics of one plugin.
    pub metric_names_max: usize,
    /// How long an instance that answers questions is kept without one.
    pub instance_idle: Duration,
    /// Threads for guests that are not quick; 0 is one for every two processors.
    pub plugin_threads: u32,
    /// By how many steps these give way to the threads that serve calls.
    pub plugin_nice: u8,
    /// Whether quick guests run where they are asked. Only measurements say no.
    pub run_inline: bool,
    /// What one tenant's plugins may use.
    pub tenant: TenantLimits,
}

impl Default for HostConfig {
    fn default() -> Self {
        Self {
            cache_dir: PathBuf::from("data/plugins"),
            worker: vec!["/proc/self/exe".to_owned(), "plugin-worker".to_owned()],
            compile_in_process: false,
            compile_memory_bytes: 4 << 30,
            compile_reuse_bytes_max: 64 << 20,
            compile_time: Duration::from_secs(120),
            compile_patience: Duration::from_secs(5),
            compile_threads: usize::MAX,
            component_bytes_max: 32 << 20,
            script_bytes_max: 256 << 10,
            flow_instances_max: 5_000,
            router_instances_max: 256,
            instance_wait: Duration::from_millis(200),
            memory_bytes_max: 64 << 20,
            flow_slice: Duration::from_millis(250),
            flow_stack: 512 << 10,
            router_deadline: Duration::from_millis(10),
            estimator_deadline: Duration::from_millis(10),
            migrate_time: Duration::from_secs(1),
            call_instances_max: 64,
            call_slice: Duration::from_millis(250),
            call_time: Duration::from_secs(20),
            flow_host_calls_max: 100_000,
            router_host_calls_max: 200,
            router_calls_per_instance: 100_000,
            keep_resident_bytes: 0,
            epoch_tick: Duration::from_millis(1),
            table_elements_max: 20_000,
            output_bytes_max: 1 << 20,
            log_lines_max: 100,
            log_bytes_max: 64 << 10,
            metric_names_max: 100,
            instance_idle: Duration::from_secs(60),
            plugin_threads: 0,
            plugin_nice: 10,
            run_inline: true,
            tenant: TenantLimits::default(),
        }
    }
}

/// Runs plugins. Cheap to clone: all clones are one host.
#[derive(Clone)]
pub struct PluginHost {
    pub(crate) inner: Arc<Inner>,
}

impl std::fmt::Debug for PluginHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PluginHost").field("config", &self.inner.config).finish_non_exhaustive()
    }
}

pub struct Inner {
    pub config: HostConfig,
    pub cache: Cache,
    pub engine: Engine,
    linker: Linker<Guest>,
    flows: Semaphore,
    /// Where guests run.
    pub lanes: Lanes,
    /// Instances that answer questions and are asked none now.
    pub warm: AtomicUsize,
    idle: Mutex<Vec<Weak<dyn Idle>>>,
    threads: u32,
    started: Instant,
    tenants: Mutex<BTreeMap<String, Arc<TenantAccount>>>,
    calls: Semaphore,
    installed: Mutex<BTreeMap<(String, World), Arc<Loaded>>>,
}

/// A component that is ready to be instantiated. Sessions hold it: a version goes when its last
/// session has ended.
pub struct Loaded {
    pub entry: Entry,
    pub names: Arc<MetricNames>,
    /// The interfaces with functions that it imports.
    pub imports: Vec<String>,
}

/// What the host calls of a component.
pub enum Entry {
    Flow(flow::FlowPre<Guest>),
    Router(router::RouterPre<Guest>),
    Estimator(estimator::EstimatorPre<Guest>),
    Called(Called),
}

/// A linker with everything that any world may import.
pub fn linker(engine: &Engine) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    // The worlds share the plain services; a second definition is the same as the first.
    linker.allow_shadowing(true);
    flow::Flow::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)?;
    router::Router::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)?;
    estimator::Estimator::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)?;
    worlds::add_to_linker(&mut linker)?;
    Ok(linker)
}

/// Links a compiled component.
pub fn link(
    linker: &Linker<Guest>,
    component: &Component,
    world: World,
) -> wasmtime::Result<Loaded> {
    let pre = linker.instantiate_pre(component)?;
    let entry = match world {
        World::Flow | World::Interpreter => Entry::Flow(flow::FlowPre::new(pre)?),
        World::Router | World::RouterInterpreter => Entry::Router(router::RouterPre::new(pre)?),
        World::Estimator => Entry::Estimator(estimator::EstimatorPre::new(pre)?),
        World::Chatbot | World::Channel | World::Connector | World::Analyst | World::Pacer => {
            match Called::find(pre, world)? {
                Some(called) => Entry::Called(called),
                None => unreachable!("these worlds are all called"),
            }
        }
    };
    Ok(Loaded { entry, names: Arc::default(), imports: imports(component) })
}

/// The interfaces with functions that a component imports.
fn imports(component: &Component) -> Vec<String> {
    let engine = component.engine();
    let kind = component.component_type();
    let acts = |item: &ComponentItem| match item {
        ComponentItem::ComponentInstance(instance) => instance
            .exports(engine)
            .any(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_))),
        _ => false,
    };
    let imports = kind.imports(engine);
    imports.filter(|(_, item)| acts(&item.ty)).map(|(name, _)| name.to_owned()).collect()
}

impl PluginHost {
    /// Reserves the pool of instances and opens the cache.
    ///
    /// # Errors
    ///
    /// [`HostError::Engine`] if the address space does not suffice, [`HostError::Cache`] if the
    /// folder cannot be used.
    pub fn new(config: HostConfig) -> Result<Self, HostError> {
        let refused = |error: wasmtime::Error| HostError::Engine {
            instances: config.flow_instances_max.saturating_add(config.router_instances_max),
            reason: format!("{error:#}"),
        };
        let cache = Cache::open(&config.cache_dir).map_err(|source| {
            let path = config.cache_dir.display().to_string();
            HostError::Cache { path, source }
        })?;
        let engine = engine::running(&config).map_err(refused)?;
        let linker = linker(&engine).map_err(refused)?;
        let threads = match config.plugin_threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from).div_ceil(2),
            wanted => wanted as usize,
        };
        let lanes = Lanes::start(threads, config.plugin_nice, config.run_inline)
            .map_err(|error| refused(error.into()))?;
        let inner = Inner {
            lanes,
            warm: AtomicUsize::new(0),
            idle: Mutex::default(),
            threads: u32::try_from(threads).unwrap_or(u32::MAX),
            started: Instant::now(),
            tenants: Mutex::default(),
            flows: Semaphore::new(config.flow_instances_max as usize),
            calls: Semaphore::new(config.call_instances_max as usize),
            installed: Mutex::default(),
            config,
            cache,
            engine,
            linker,
        };
        let inner = Arc::new(inner);
        sweep(&inner);
        Ok(Self { inner })
    }

    /// Returns the account of a tenant, made on first use.
    pub fn account(&self, tenant: &str) -> Arc<TenantAccount> {
        let mut tenants = self.inner.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || Arc::new(self.inner.new_account());
        Arc::clone(tenants.entry(tenant.to_owned()).or_insert_with(made))
    }

    /// The account of what is billed to no tenant: a test's, a tool's.
    pub(crate) fn account_of_nobody(&self, digest: &str) -> Arc<PluginAccount> {
        let limits = TenantLimits {
            cpu_share: f64::INFINITY,
            quarantine: QuarantineRules { failures: 0, ..QuarantineRules::default() },
            ..self.inner.config.tenant.clone()
        };
        let nobody = TenantAccount::new(limits, self.inner.threads, self.inner.started);
        PluginAccount::of_nobody(nobody, digest)
    }

    /// Returns the installed flow.
    ///
    /// # Errors
    ///
    /// [`NotInstalled`] unless a flow was installed under `digest`.
    pub fn flow(&self, digest: &str) -> Result<FlowPlugin, NotInstalled> {
        Ok(FlowPlugin::new(self, digest, self.inner.find(digest, World::Flow)?, None))
    }

    /// Returns a flow that reads `script` at its start: for trying a script before it is published.
    ///
    /// # Errors
    ///
    /// [`NotInstalled`] unless an interpreter was installed under `interpreter`.
    pub fn draft(&self, interpreter: &str, script: &str) -> Result<FlowPlugin, NotInstalled> {
        let loaded = self.inner.find(interpreter, World::Interpreter)?;
        Ok(FlowPlugin::new(self, interpreter, loaded, Some(script.into())))
    }

    /// Returns the installed router with instances of its own: take one for each tenant, because
    /// an instance may remember what it was asked.
    ///
    /// # Errors
    ///
    /// [`NotInstalled`] unless a router was installed under `digest`.
    pub fn router(&self, digest: &str) -> Result<RouterPlugin, NotInstalled> {
        Ok(RouterPlugin::new(self, digest, self.inner.find(digest, World::Router)?))
    }

    /// Returns the installed estimator with instances of its own: take one for each tenant, because
    /// an instance may remember what it was asked.
    ///
    /// # Errors
    ///
    /// [`NotInstalled`] unless an estimator was installed under `digest`.
    pub fn estimator(&self, digest: &str) -> Result<EstimatorPlugin, NotInstalled> {
        Ok(EstimatorPlugin::new(self, digest, self.inner.find(digest, World::Estimator)?))
    }

    /// Checks an installed component against what another tenant, or the same one now, grants.
    ///
    /// # Errors
    ///
    /// [`InstallError`] with the grant that is missing and the line to add.
    pub fn check_grants(
        &self,
        digest: &str,
        world: World,
        grants: &Grants,
    ) -> Result<(), InstallError> {
        let loaded = self.inner.find(digest, world).map_err(|error| {
            let mend = "install the component again";
            InstallError::new(InstallStep::Grant, error.to_string(), mend)
        })?;
        contract::check_grants(&loaded.imports, grants)
    }

    /// Forgets an installed component. Sessions that run it go on to their end.
    pub fn forget(&self, digest: &str) {
        self.inner.lock().retain(|(kept, _), _| kept != digest);
    }

    /// Returns how many flows could start now.
    pub fn flows_free(&self) -> usize {
        self.inner.flows.available_permits()
    }
}

impl Inner {
    pub fn find(&self, digest: &str, world: World) -> Result<Arc<Loaded>, NotInstalled> {
        let found = self.lock().get(&(digest.to_owned(), world)).cloned();
        found.ok_or_else(|| NotInstalled { digest: digest.to_owned(), world })
    }

    pub fn keep(&self, digest: &str, world: World, loaded: Arc<Loaded>) {
        self.lock().insert((digest.to_owned(), world), loaded);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<(String, World), Arc<Loaded>>> {
        self.installed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Links a compiled component.
    pub fn link(&self, component: &Component, world: World) -> wasmtime::Result<Loaded> {
        link(&self.linker, component, world)
    }

    /// Waits for a place in the pool, not for long.
    pub async fn flow_place(&self) -> Result<SemaphorePermit<'_>, PluginFailure> {
        if let Ok(place) = self.flows.try_acquire() {
            return Ok(place);
        }
        let waited = tokio::time::timeout(self.config.instance_wait, self.flows.acquire()).await;
        waited.ok().and_then(Result::ok).ok_or_else(|| {
            let most = self.config.flow_instances_max;
            PluginFailure::Refused(format!("all {most} flow instances are in use"))
        })
    }

    /// Waits for a place for a call, for as long as the call may take at most.
    pub async fn call_place(&self) -> Result<SemaphorePermit<'_>, CallFailure> {
        self.calls.acquire().await.map_err(|_| PluginFailure::NotLoaded.into())
    }

    /// A store for one call of a plugin that is not asked by the engine.
    pub fn call_store(&self, loaded: &Loaded) -> Store<Guest> {
        self.store(loaded, self.config.call_slice, self.config.flow_host_calls_max)
    }

    /// A store for one session.
    pub fn flow_store(&self, loaded: &Loaded) -> Store<Guest> {
        let host_calls = self.config.flow_host_calls_max;
        self.store(loaded, self.config.flow_slice, host_calls)
    }

    /// A store for many questions, each answered within `deadline`.
    pub fn question_store(&self, loaded: &Loaded, deadline: Duration) -> Store<Guest> {
        self.store(loaded, deadline, self.config.router_host_calls_max)
    }

    fn store(&self, loaded: &Loaded, slice: Duration, host_calls: u32) -> Store<Guest> {
        let tick = self.config.epoch_tick.as_micros().max(1);
        let limits = Limits {
            slice_ticks: u32::try_from(slice.as_micros() / tick).unwrap_or(u32::MAX).max(1),
            ..self.config.call_limits(host_calls)
        };
        let mut store = Store::new(&self.engine, Guest::new(limits, Arc::clone(&loaded.names)));
        keep_limits(&mut store);
        store.set_hostcall_fuel(self.config.output_bytes_max);
        store
    }

    fn new_account(&self) -> TenantAccount {
        TenantAccount::new(self.config.tenant.clone(), self.threads, self.started)
    }

    /// Has idle instances dropped there, too.
    pub fn keeps_idle(&self, instances: Weak<dyn Idle>) {
        let mut all = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == all.capacity() {
            all.retain(|known| 0 < known.strong_count());
        }
        all.push(instances);
    }

    /// Counts one more idle instance, if it may be kept: half of the places are for those that run.
    pub fn keeps_one_more(&self) -> bool {
        let most = self.config.router_instances_max as usize / 2;
        let add = |warm: usize| (warm < most).then_some(warm + 1);
        self.warm.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok()
    }
}

/// Drops instances that were idle for long, as long as the host lives.
fn sweep(inner: &Arc<Inner>) {
    let weak = Arc::downgrade(inner);
    let every = (inner.config.instance_idle / 4).max(Duration::from_millis(10));
    let started = std::thread::Builder::new().name("plugin-idle".to_owned()).spawn(move || {
        loop {
            std::thread::sleep(every);
            let Some(inner) = weak.upgrade() else { return };
            let Some(then) = Instant::now().checked_sub(inner.config.instance_idle) else {
                continue;
            };
            let known = inner.idle.lock().unwrap_or_else(PoisonError::into_inner).clone();
            for instances in known.iter().filter_map(Weak::upgrade) {
                instances.sweep(then);
            }
        }
    });
    if let Err(error) = started {
        tracing::warn!(%error, "idle instances of plugins are kept for ever");
    }
}

impl HostConfig {
    /// What one call may use, but for its time.
    pub(crate) const fn call_limits(&self, host_calls: u32) -> Limits {
        Limits {
            memory_bytes: self.memory_bytes_max,
            slice_ticks: u32::MAX,
            host_calls,
            table_elements: self.table_elements_max,
            log_lines: self.log_lines_max,
            log_bytes: self.log_bytes_max,
            metric_names: self.metric_names_max,
        }
    }
}
