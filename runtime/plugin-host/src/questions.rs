//! Routers and estimators: a few instances of each, reused for many questions.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jackfield_core::{Estimate, EstimateAsk, PluginFailure, RoutingAnswer, RoutingAsk};
use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::Store;

use crate::flow::failure;
use crate::guest::Guest;
use crate::host::{Entry, HostConfig, Loaded, PluginHost};
use crate::track::{estimator, router};
use crate::{Services, convert};

/// Questions of one plugin at once; more wait.
const PARALLEL: usize = 2;

/// An instance that answers questions.
pub trait Answers: Sized {
    /// How long one answer may take.
    fn deadline(config: &HostConfig) -> Duration;

    /// Starts an instance in `store`.
    async fn start(entry: &Entry, store: &mut Store<Guest>) -> Result<Self, PluginFailure>;
}

impl Answers for router::Router {
    fn deadline(config: &HostConfig) -> Duration {
        config.router_deadline
    }

    async fn start(entry: &Entry, store: &mut Store<Guest>) -> Result<Self, PluginFailure> {
        let Entry::Router(pre) = entry else { return Err(PluginFailure::NotLoaded) };
        let started = pre.instantiate_async(&mut *store).await;
        started.map_err(|error| failure(&error, store.data()))
    }
}

impl Answers for estimator::Estimator {
    fn deadline(config: &HostConfig) -> Duration {
        config.estimator_deadline
    }

    async fn start(entry: &Entry, store: &mut Store<Guest>) -> Result<Self, PluginFailure> {
        let Entry::Estimator(pre) = entry else { return Err(PluginFailure::NotLoaded) };
        let started = pre.instantiate_async(&mut *store).await;
        started.map_err(|error| failure(&error, store.data()))
    }
}

/// Puts one question to a router's instance. A trap leaves one that cannot be entered any more.
pub async fn choose(
    router: &router::Router,
    store: &mut Store<Guest>,
    ask: &RoutingAsk,
) -> Result<Result<RoutingAnswer, PluginFailure>, PluginFailure> {
    store.data_mut().history.clone_from(&ask.contact.history);
    let ours = convert::ask(ask);
    let replied = router.jackfield_plugin_router_guest().call_choose(&mut *store, &ours).await;
    let reply = replied.map_err(|error| failure(&error, store.data()))?;
    Ok(match reply {
        Ok(answer) => convert::answer(answer, ask),
        Err(error) => Err(convert::refusal(error).0),
    })
}

/// Puts one question to an estimator's instance. A trap leaves one that cannot be entered any more.
pub async fn estimate(
    estimator: &estimator::Estimator,
    store: &mut Store<Guest>,
    ask: &EstimateAsk,
) -> Result<Result<Option<Estimate>, PluginFailure>, PluginFailure> {
    let ours = convert::estimate_ask(ask);
    let guest = estimator.jackfield_plugin_estimator_guest();
    let replied = guest.call_estimate(&mut *store, &ours).await;
    let reply = replied.map_err(|error| failure(&error, store.data()))?;
    Ok(match reply {
        Ok(found) => convert::estimate(found),
        Err(error) => Err(convert::refusal(error).0),
    })
}

/// One version of a router, for one tenant. Cheap to clone: clones share their instances.
#[derive(Clone)]
pub struct RouterPlugin(Arc<Instances<router::Router>>);

impl std::fmt::Debug for RouterPlugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RouterPlugin").finish_non_exhaustive()
    }
}

impl RouterPlugin {
    pub(crate) fn new(host: &PluginHost, loaded: Arc<Loaded>) -> Self {
        Self(Arc::new(Instances::new(host, loaded)))
    }

    /// Asks who serves the contact. A router that needs no state answers within the first poll.
    ///
    /// # Errors
    ///
    /// [`PluginFailure`] says why there is no answer; the built-in rule decides then. A failed
    /// instance is gone, the next question has a fresh one.
    pub async fn choose(
        &self,
        ask: &RoutingAsk,
        services: Arc<dyn Services>,
    ) -> Result<RoutingAnswer, PluginFailure> {
        self.ask(ask, Some(services)).await
    }

    pub(crate) async fn ask(
        &self,
        ask: &RoutingAsk,
        services: Option<Arc<dyn Services>>,
    ) -> Result<RoutingAnswer, PluginFailure> {
        let _place = self.0.place().await?;
        let mut running = self.0.instance(services).await?;
        let answer = choose(&running.plugin, &mut running.store, ask).await?;
        self.0.give_back(running);
        answer
    }
}

/// One version of an estimator, for one tenant. Cheap to clone: clones share their instances.
#[derive(Clone)]
pub struct EstimatorPlugin(Arc<Instances<estimator::Estimator>>);

impl std::fmt::Debug for EstimatorPlugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EstimatorPlugin").finish_non_exhaustive()
    }
}

impl EstimatorPlugin {
    pub(crate) fn new(host: &PluginHost, loaded: Arc<Loaded>) -> Self {
        Self(Arc::new(Instances::new(host, loaded)))
    }

    /// Asks how long the contact will wait; `None` if the estimator cannot tell. Answers within the
    /// first poll.
    ///
    /// # Errors
    ///
    /// [`PluginFailure`] says why there is no answer; the customer is told no time then. A failed
    /// instance is gone, the next question has a fresh one.
    pub async fn estimate(
        &self,
        ask: &EstimateAsk,
        services: Arc<dyn Services>,
    ) -> Result<Option<Estimate>, PluginFailure> {
        self.ask(ask, Some(services)).await
    }

    pub(crate) async fn ask(
        &self,
        ask: &EstimateAsk,
        services: Option<Arc<dyn Services>>,
    ) -> Result<Option<Estimate>, PluginFailure> {
        let _place = self.0.place().await?;
        let mut running = self.0.instance(services).await?;
        let found = estimate(&running.plugin, &mut running.store, ask).await?;
        self.0.give_back(running);
        found
    }
}

struct Instances<P> {
    host: PluginHost,
    loaded: Arc<Loaded>,
    places: Semaphore,
    idle: Mutex<Vec<Running<P>>>,
}

struct Running<P> {
    store: Store<Guest>,
    plugin: P,
    answers: u32,
}

impl<P: Answers> Instances<P> {
    fn new(host: &PluginHost, loaded: Arc<Loaded>) -> Self {
        let places = Semaphore::new(PARALLEL);
        Self { host: host.clone(), loaded, places, idle: Mutex::default() }
    }

    async fn place(&self) -> Result<SemaphorePermit<'_>, PluginFailure> {
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        let wait = self.host.inner.config.instance_wait;
        let waited = tokio::time::timeout(wait, self.places.acquire()).await;
        let place = waited.ok().and_then(Result::ok);
        place.ok_or_else(|| PluginFailure::Refused("all instances are busy".to_owned()))
    }

    /// An instance that is ready for one question.
    async fn instance(
        &self,
        services: Option<Arc<dyn Services>>,
    ) -> Result<Running<P>, PluginFailure> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut running = match idle {
            Some(running) => running,
            None => {
                let inner = &self.host.inner;
                let deadline = P::deadline(&inner.config);
                let mut store = inner.question_store(&self.loaded, deadline);
                let plugin = P::start(&self.loaded.entry, &mut store).await?;
                Running { store, plugin, answers: 0 }
            }
        };
        let guest = running.store.data_mut();
        guest.begin();
        guest.services = services;
        running.store.set_epoch_deadline(1);
        Ok(running)
    }

    fn give_back(&self, mut running: Running<P>) {
        running.answers += 1;
        running.store.data_mut().services = None;
        if running.answers < self.host.inner.config.router_calls_per_instance {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(running);
        }
    }
}
