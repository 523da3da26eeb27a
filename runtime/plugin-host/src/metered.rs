//! Deterministic running for replay and simulation: fuel instead of clocks, one bit pattern for
//! every NaN, one thread, no runtime.
//!
//! The same component, the same questions in the same order and the same answers of [`Services`]
//! give the same answers and use the same fuel, in every run and on every machine. (The depth at
//! which a stack overflows is the compiled code's: the same for the same build on the same kind of
//! processor.)

use std::sync::Arc;

use jackfield_core::{Estimate, EstimateAsk, PluginFailure, RoutingAnswer, RoutingAsk};
use wasmtime::component::Linker;
use wasmtime::{Engine, Store};

use crate::cache::Cache;
use crate::contract::{Grants, World};
use crate::engine::{self, Code, block_on};
use crate::error::{FlowOutcome, HostError, InstallError, PublishError};
use crate::flow::{failure, lead};
use crate::guest::Guest;
use crate::host::{self, Entry, HostConfig, Loaded};
use crate::install::{self, digest};
use crate::questions::{self, Answers};
use crate::track::{estimator, router};
use crate::{Services, Session, machine, publish};

/// Limits of a metered host.
#[derive(Clone, Debug)]
pub struct MeteredConfig {
    /// The cache, the compiler and the limits of memory, stack and host calls. Its times are not
    /// used, but for the compiler's.
    pub host: HostConfig,
    /// Fuel of one answer of a router or an estimator: an instruction takes about one.
    pub answer_fuel: u64,
    /// Fuel of one run of a flow.
    pub flow_fuel: u64,
    /// Fuel of one call of a chatbot, channel, connector, analyst or pacer.
    pub call_fuel: u64,
    /// Instances at once, of all that this host has loaded.
    pub instances_max: u32,
}

impl MeteredConfig {
    /// The limits of `host`, 50 million units of fuel for an answer, 5 thousand million for a flow,
    /// 500 million for a call of the other worlds, 256 instances.
    pub const fn new(host: HostConfig) -> Self {
        Self {
            host,
            answer_fuel: 50_000_000,
            flow_fuel: 5_000_000_000,
            call_fuel: 500_000_000,
            instances_max: 256,
        }
    }
}

/// Loads components for deterministic running. Cheap to clone: all clones are one host.
#[derive(Clone)]
pub struct MeteredHost(Arc<Inner>);

struct Inner {
    config: MeteredConfig,
    cache: Cache,
    engine: Engine,
    linker: Linker<Guest>,
}

impl std::fmt::Debug for MeteredHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MeteredHost").field("config", &self.0.config).finish_non_exhaustive()
    }
}

impl MeteredHost {
    /// Reserves the pool of instances and opens the cache.
    ///
    /// # Errors
    ///
    /// [`HostError::Engine`] if the address space does not suffice, [`HostError::Cache`] if the
    /// folder cannot be used.
    pub fn new(config: MeteredConfig) -> Result<Self, HostError> {
        let refused = |error: wasmtime::Error| HostError::Engine {
            instances: config.instances_max,
            reason: format!("{error:#}"),
        };
        let cache = Cache::open(&config.host.cache_dir).map_err(|source| {
            let path = config.host.cache_dir.display().to_string();
            HostError::Cache { path, source }
        })?;
        let engine = engine::metered(&config.host, config.instances_max).map_err(refused)?;
        let linker = host::linker(&engine).map_err(refused)?;
        Ok(Self(Arc::new(Inner { config, cache, engine, linker })))
    }

    /// Checks, compiles and tries a router. What it imports is answered by `services`.
    ///
    /// # Errors
    ///
    /// [`InstallError`] names the step and what to do.
    pub fn router(
        &self,
        wasm: &[u8],
        grants: &Grants,
        services: Arc<dyn Services>,
    ) -> Result<MeteredRouter, InstallError> {
        let loaded = self.load(wasm, World::Router, grants)?;
        let mut trial = MeteredRouter(Metered::new(self, &loaded, None));
        trial.choose(&install::sample_ask()).map_err(untried)?;
        Ok(MeteredRouter(Metered::new(self, &loaded, Some(services))))
    }

    /// Checks, compiles and tries an estimator. What it imports is answered by `services`.
    ///
    /// # Errors
    ///
    /// [`InstallError`] names the step and what to do.
    pub fn estimator(
        &self,
        wasm: &[u8],
        grants: &Grants,
        services: Arc<dyn Services>,
    ) -> Result<MeteredEstimator, InstallError> {
        let loaded = self.load(wasm, World::Estimator, grants)?;
        let mut trial = MeteredEstimator(Metered::new(self, &loaded, None));
        trial.estimate(&install::sample_estimate_ask()).map_err(untried)?;
        Ok(MeteredEstimator(Metered::new(self, &loaded, Some(services))))
    }

    /// Checks, compiles and starts a flow, such as one that
    /// [`publish_script`](Self::publish_script) made.
    ///
    /// # Errors
    ///
    /// [`InstallError`] names the step and what to do.
    pub fn flow(&self, wasm: &[u8], grants: &Grants) -> Result<MeteredFlow, InstallError> {
        let loaded = self.load(wasm, World::Flow, grants)?;
        let Entry::Flow(pre) = &loaded.entry else { unreachable!("linked as a flow") };
        let mut store = self.store(&loaded, self.0.config.flow_fuel);
        block_on(pre.instantiate_async(&mut store))
            .map_err(|error| install::failed_test(format!("it does not start: {error:#}")))?;
        Ok(MeteredFlow { host: self.clone(), loaded })
    }

    /// Makes a component from an interpreter and a script, as
    /// [`PluginHost::publish_script`](crate::PluginHost::publish_script) does: the same bytes.
    ///
    /// # Errors
    ///
    /// [`PublishError::Script`] with the place of the mistake; the others if the interpreter or
    /// the worker failed.
    pub fn publish_script(
        &self,
        interpreter_wasm: &[u8],
        script: &str,
    ) -> Result<Vec<u8>, PublishError> {
        publish::publish(&self.0.config.host, &self.0.cache, interpreter_wasm, script)
    }

    pub(crate) fn load(
        &self,
        wasm: &[u8],
        world: World,
        grants: &Grants,
    ) -> Result<Arc<Loaded>, InstallError> {
        let Inner { config, cache, engine, linker } = &*self.0;
        install::check(&config.host, wasm, world, grants)?;
        let (component, _) =
            machine::compiled(&config.host, cache, engine, Code::Metered, wasm, &digest(wasm))?;
        let loaded = host::link(linker, &component, world).map_err(install::unlinkable)?;
        Ok(Arc::new(loaded))
    }

    /// A store for one call of a chatbot, channel, connector, analyst or pacer.
    pub(crate) fn call_store(&self, loaded: &Loaded) -> Store<Guest> {
        self.store(loaded, self.0.config.call_fuel)
    }

    /// What a call took in a store of [`call_store`](Self::call_store).
    pub(crate) fn call_fuel_burnt(&self, store: &Store<Guest>) -> u64 {
        self.0.config.call_fuel - fuel_left(store)
    }

    /// A store that holds `fuel`.
    fn store(&self, loaded: &Loaded, fuel: u64) -> Store<Guest> {
        let host = &self.0.config.host;
        let host_calls = match loaded.entry {
            Entry::Flow(_) | Entry::Called(_) => host.flow_host_calls_max,
            Entry::Router(_) | Entry::Estimator(_) => host.router_host_calls_max,
        };
        let guest = Guest::new(host.call_limits(host_calls), Arc::clone(&loaded.names));
        let mut store = Store::new(&self.0.engine, guest);
        store.limiter(|guest| guest);
        store.set_hostcall_fuel(host.output_bytes_max);
        refuel(&mut store, fuel);
        store
    }
}

fn untried(failure: PluginFailure) -> InstallError {
    install::failed_test(format!("a sample question: {failure}"))
}

fn refuel(store: &mut Store<Guest>, fuel: u64) {
    let Ok(()) = store.set_fuel(fuel) else { unreachable!("the engine counts fuel") };
}

fn fuel_left(store: &Store<Guest>) -> u64 {
    let Ok(fuel) = store.get_fuel() else { unreachable!("the engine counts fuel") };
    fuel
}

/// A router that answers on the caller's thread, deterministically.
pub struct MeteredRouter(Metered<router::Router>);

impl std::fmt::Debug for MeteredRouter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MeteredRouter").field("fuel_total", &self.0.fuel_total).finish()
    }
}

impl MeteredRouter {
    /// Asks who serves the contact. One instance answers all questions, until it has answered
    /// [`router_calls_per_instance`](HostConfig::router_calls_per_instance) of them or failed; the
    /// next question has a fresh one then.
    ///
    /// # Errors
    ///
    /// [`PluginFailure`] says why there is no answer: [`OutOfFuel`](PluginFailure::OutOfFuel) where
    /// a live router would exceed its deadline.
    pub fn choose(&mut self, ask: &RoutingAsk) -> Result<RoutingAnswer, PluginFailure> {
        self.0
            .ask(async |running| questions::choose(&running.plugin, &mut running.store, ask).await)
    }

    /// The same router with nothing remembered, and `services` of its own: nothing is checked,
    /// compiled or tried again.
    pub fn fresh(&self, services: Arc<dyn Services>) -> Self {
        Self(Metered::new(&self.0.host, &self.0.loaded, Some(services)))
    }

    /// Returns the fuel that the latest answer took, or the failure; an instance's start included.
    pub const fn fuel_last(&self) -> u64 {
        self.0.fuel_last
    }

    /// Returns the fuel of all answers so far.
    pub const fn fuel_total(&self) -> u64 {
        self.0.fuel_total
    }

    /// Returns whether an instance is at hand: the next answer's fuel has no start in it.
    pub const fn is_warm(&self) -> bool {
        self.0.running.is_some()
    }

    /// Returns the most linear memory that an instance has had.
    pub const fn memory_bytes(&self) -> usize {
        self.0.memory_bytes
    }
}

/// An estimator that answers on the caller's thread, deterministically.
pub struct MeteredEstimator(Metered<estimator::Estimator>);

impl std::fmt::Debug for MeteredEstimator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MeteredEstimator").field("fuel_total", &self.0.fuel_total).finish()
    }
}

impl MeteredEstimator {
    /// Asks how long the contact will wait; `None` if the estimator cannot tell. Instances are used
    /// as by [`MeteredRouter::choose`].
    ///
    /// # Errors
    ///
    /// [`PluginFailure`] says why there is no answer.
    pub fn estimate(&mut self, ask: &EstimateAsk) -> Result<Option<Estimate>, PluginFailure> {
        self.0.ask(async |running| {
            questions::estimate(&running.plugin, &mut running.store, ask).await
        })
    }

    /// The same estimator with nothing remembered, and `services` of its own.
    pub fn fresh(&self, services: Arc<dyn Services>) -> Self {
        Self(Metered::new(&self.0.host, &self.0.loaded, Some(services)))
    }

    /// Returns the fuel that the latest answer took, or the failure; an instance's start included.
    pub const fn fuel_last(&self) -> u64 {
        self.0.fuel_last
    }

    /// Returns the fuel of all answers so far.
    pub const fn fuel_total(&self) -> u64 {
        self.0.fuel_total
    }

    /// Returns whether an instance is at hand: the next answer's fuel has no start in it.
    pub const fn is_warm(&self) -> bool {
        self.0.running.is_some()
    }

    /// Returns the most linear memory that an instance has had.
    pub const fn memory_bytes(&self) -> usize {
        self.0.memory_bytes
    }
}

struct Metered<P> {
    host: MeteredHost,
    loaded: Arc<Loaded>,
    services: Option<Arc<dyn Services>>,
    running: Option<Running<P>>,
    fuel_last: u64,
    fuel_total: u64,
    memory_bytes: usize,
}

struct Running<P> {
    store: Store<Guest>,
    plugin: P,
    answers: u32,
}

impl<P: Answers> Metered<P> {
    fn new(host: &MeteredHost, loaded: &Arc<Loaded>, services: Option<Arc<dyn Services>>) -> Self {
        Self {
            host: host.clone(),
            loaded: Arc::clone(loaded),
            services,
            running: None,
            fuel_last: 0,
            fuel_total: 0,
            memory_bytes: 0,
        }
    }

    fn ask<T>(
        &mut self,
        put: impl AsyncFnOnce(&mut Running<P>) -> Result<Result<T, PluginFailure>, PluginFailure>,
    ) -> Result<T, PluginFailure> {
        let fuel = self.host.0.config.answer_fuel;
        self.fuel_last = 0;
        let mut running = match self.running.take() {
            Some(mut running) => {
                refuel(&mut running.store, fuel);
                running.store.data_mut().begin();
                running
            }
            None => self.start(fuel)?,
        };
        let answer = block_on(put(&mut running));
        self.burnt(fuel, &running.store);
        // A trap leaves an instance that cannot be entered any more: it is dropped here.
        let answer = answer?;
        running.answers += 1;
        if running.answers < self.host.0.config.host.router_calls_per_instance {
            self.running = Some(running);
        }
        answer
    }

    fn start(&mut self, fuel: u64) -> Result<Running<P>, PluginFailure> {
        let mut store = self.host.store(&self.loaded, fuel);
        store.data_mut().services = self.services.clone();
        let started = block_on(P::start(&self.loaded.entry, &mut store));
        match started {
            Ok(plugin) => Ok(Running { store, plugin, answers: 0 }),
            Err(failure) => {
                self.burnt(fuel, &store);
                Err(failure)
            }
        }
    }

    fn burnt(&mut self, fuel: u64, store: &Store<Guest>) {
        self.fuel_last = fuel - fuel_left(store);
        self.fuel_total = self.fuel_total.saturating_add(self.fuel_last);
        self.memory_bytes = self.memory_bytes.max(store.data().memory_bytes());
    }
}

/// A flow that runs on the caller's thread, deterministically. Cheap to clone.
#[derive(Clone)]
pub struct MeteredFlow {
    host: MeteredHost,
    loaded: Arc<Loaded>,
}

impl std::fmt::Debug for MeteredFlow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MeteredFlow").finish_non_exhaustive()
    }
}

/// How a metered flow ended.
#[derive(Debug)]
pub struct MeteredOutcome {
    /// The session, given back, and whether the flow returned.
    pub outcome: FlowOutcome,
    /// What the run took.
    pub fuel: u64,
    /// The linear memory of the instance at the end.
    pub memory_bytes: usize,
}

impl MeteredFlow {
    /// Leads one contact to the flow's end on an instance of its own.
    ///
    /// The future is ready as soon as the verbs of `session` are: it waits for nothing else and
    /// needs no runtime, so a simulator may hold many of them and poll each when its verb is done.
    /// Dropping it ends the flow at once.
    pub async fn run(
        &self,
        session: Box<dyn Session>,
        services: Arc<dyn Services>,
    ) -> MeteredOutcome {
        let fuel = self.host.0.config.flow_fuel;
        let mut store = self.host.store(&self.loaded, fuel);
        store.data_mut().session = Some(session);
        store.data_mut().services = Some(services);
        let result = match &self.loaded.entry {
            Entry::Flow(pre) => match pre.instantiate_async(&mut store).await {
                Ok(flow) => lead(&flow, &mut store).await,
                Err(error) => Err(failure(&error, store.data()).into()),
            },
            Entry::Router(_) | Entry::Estimator(_) | Entry::Called(_) => {
                Err(PluginFailure::NotLoaded.into())
            }
        };
        let fuel = fuel - fuel_left(&store);
        let memory_bytes = store.data().memory_bytes();
        let Some(session) = store.into_data().session else {
            unreachable!("put in above, taken nowhere else")
        };
        MeteredOutcome { outcome: FlowOutcome { session, result }, fuel, memory_bytes }
    }

    /// Leads one contact to the flow's end and returns then. The thread sleeps while a verb of
    /// `session` waits for another thread; one that waits for this thread waits for ever.
    pub fn run_to_end(
        &self,
        session: Box<dyn Session>,
        services: Arc<dyn Services>,
    ) -> MeteredOutcome {
        block_on(self.run(session, services))
    }
}
