//! Routers and estimators: a few instances of each, reused for many questions.

use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use jackfield_core::{
    Estimate, EstimateAsk, PastContact, PluginFailure, RoutingAnswer, RoutingAsk,
};
use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::Store;

use crate::account::{InstancePlace, PluginAccount};
use crate::flow::failure;
use crate::guest::Guest;
use crate::host::{Entry, HostConfig, Loaded, PluginHost};
use crate::track::queueing::routing;
use crate::track::types::types::PluginError;
use crate::track::{estimating, estimator, router};
use crate::{Limit, Services, convert};

/// Questions of one plugin at once; more wait.
const PARALLEL: usize = 2;
/// Deadlines of computing after which an answer that waits for the host is not waited for.
const DEADLINES: u32 = 5;

/// An instance that answers questions.
pub trait Answers: Sized {
    /// How long one answer may take.
    fn deadline(config: &HostConfig) -> Duration;

    /// Starts an instance in `store`.
    fn start(
        entry: &Entry,
        store: &mut Store<Guest>,
    ) -> impl Future<Output = Result<Self, PluginFailure>> + Send;
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
    let reply = put_choice(router, store, &convert::ask(ask)).await?;
    Ok(chosen(reply, ask))
}

type Choice = Result<routing::Answer, PluginError>;

async fn put_choice(
    router: &router::Router,
    store: &mut Store<Guest>,
    ours: &routing::Ask,
) -> Result<Choice, PluginFailure> {
    let replied = router.jackfield_plugin_router_guest().call_choose(&mut *store, ours).await;
    replied.map_err(|error| failure(&error, store.data()))
}

fn chosen(reply: Choice, ask: &RoutingAsk) -> Result<RoutingAnswer, PluginFailure> {
    match reply {
        Ok(answer) => convert::answer(answer, ask),
        Err(error) => Err(convert::refusal(error).0),
    }
}

/// Puts one question to an estimator's instance. A trap leaves one that cannot be entered any more.
pub async fn estimate(
    estimator: &estimator::Estimator,
    store: &mut Store<Guest>,
    ask: &EstimateAsk,
) -> Result<Result<Option<Estimate>, PluginFailure>, PluginFailure> {
    let reply = put_estimate(estimator, store, &convert::estimate_ask(ask)).await?;
    Ok(estimated(reply))
}

type Told = Result<Option<estimating::WaitEstimate>, PluginError>;

async fn put_estimate(
    estimator: &estimator::Estimator,
    store: &mut Store<Guest>,
    ours: &estimating::EstimateAsk,
) -> Result<Told, PluginFailure> {
    let guest = estimator.jackfield_plugin_estimator_guest();
    let replied = guest.call_estimate(&mut *store, ours).await;
    replied.map_err(|error| failure(&error, store.data()))
}

fn estimated(reply: Told) -> Result<Option<Estimate>, PluginFailure> {
    match reply {
        Ok(found) => convert::estimate(found),
        Err(error) => Err(convert::refusal(error).0),
    }
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
    pub(crate) fn new(host: &PluginHost, digest: &str, loaded: Arc<Loaded>) -> Self {
        Self(Instances::new(host, digest, loaded, None))
    }

    /// Bills its instances to this account, which also says whether it is asked at all.
    #[must_use]
    pub fn billed_to(self, account: &Arc<PluginAccount>) -> Self {
        Self(self.0.billed_to(account))
    }

    /// Tells that an answer was found impossible after it had arrived.
    pub fn reject(&self, failure: &PluginFailure) {
        self.0.account.reject(&self.0.digest, failure);
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
        let (ours, history) = (convert::ask(ask), ask.contact.history.clone());
        let put = PutChoice { ours, history };
        Instances::ask(&self.0, services, put, |reply| chosen(reply, ask)).await
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
    pub(crate) fn new(host: &PluginHost, digest: &str, loaded: Arc<Loaded>) -> Self {
        Self(Instances::new(host, digest, loaded, None))
    }

    /// Bills its instances to this account, which also says whether it is asked at all.
    #[must_use]
    pub fn billed_to(self, account: &Arc<PluginAccount>) -> Self {
        Self(self.0.billed_to(account))
    }

    /// Tells that an answer was found impossible after it had arrived.
    pub fn reject(&self, failure: &PluginFailure) {
        self.0.account.reject(&self.0.digest, failure);
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
        let ours = convert::estimate_ask(ask);
        Instances::ask(&self.0, services, PutEstimate(ours), estimated).await
    }
}

/// The instances of one version for one tenant.
struct Instances<P> {
    host: PluginHost,
    digest: Arc<str>,
    loaded: Arc<Loaded>,
    account: Arc<PluginAccount>,
    places: Semaphore,
    idle: Mutex<Vec<Running<P>>>,
}

struct Running<P> {
    store: Store<Guest>,
    plugin: P,
    answers: u32,
    idle_since: Instant,
    _place: InstancePlace,
}

/// Something that keeps instances which nobody needs now.
pub trait Idle: Send + Sync {
    /// Drops those that have been idle since before `then`.
    fn sweep(&self, then: Instant);
}

impl<P: Send> Idle for Instances<P> {
    fn sweep(&self, then: Instant) {
        let old: Vec<_> = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            // The latest are at the end, and taken first.
            let young = idle.partition_point(|running| running.idle_since < then);
            idle.drain(..young).collect()
        };
        self.host.inner.warm.fetch_sub(old.len(), Ordering::Relaxed);
    }
}

impl<P> Drop for Instances<P> {
    fn drop(&mut self) {
        let idle = self.idle.get_mut().unwrap_or_else(PoisonError::into_inner).len();
        self.host.inner.warm.fetch_sub(idle, Ordering::Relaxed);
    }
}

impl<P: Answers + Send + 'static> Instances<P> {
    fn new(
        host: &PluginHost,
        digest: &str,
        loaded: Arc<Loaded>,
        account: Option<&Arc<PluginAccount>>,
    ) -> Arc<Self> {
        let account = account.map_or_else(|| host.account_of_nobody(digest), Arc::clone);
        let instances = Arc::new(Self {
            host: host.clone(),
            digest: digest.into(),
            loaded,
            account,
            places: Semaphore::new(PARALLEL),
            idle: Mutex::default(),
        });
        let weak: std::sync::Weak<dyn Idle> = Arc::<Self>::downgrade(&instances);
        host.inner.keeps_idle(weak);
        instances
    }

    fn billed_to(&self, account: &Arc<PluginAccount>) -> Arc<Self> {
        Self::new(&self.host, &self.digest, Arc::clone(&self.loaded), Some(account))
    }

    /// Puts one question to an instance, and reads its reply with `read`.
    async fn ask<R: Send + 'static, T>(
        this: &Arc<Self>,
        services: Option<Arc<dyn Services>>,
        put: impl PutOnce<P, R>,
        read: impl FnOnce(R) -> Result<T, PluginFailure>,
    ) -> Result<T, PluginFailure> {
        let permit = this.account.admit(&this.digest)?;
        let instances = Arc::clone(this);
        let work = async move {
            let _place = instances.place().await?;
            let mut running = instances.instance(services).await?;
            let reply = put.put(&mut running).await?;
            instances.give_back(running);
            Ok(reply)
        };
        let account = this.account.tenant();
        let run = this.host.inner.lanes.run(account, Box::pin(work));
        let most = P::deadline(&this.host.inner.config).saturating_mul(DEADLINES);
        let reply = match Within::new(run, most).await {
            Some(Some(reply)) => reply,
            Some(None) => Err(PluginFailure::Trapped("the host failed".to_owned())),
            None => {
                this.account.met(Limit::Deadline);
                Err(PluginFailure::DeadlineExceeded)
            }
        };
        let answer = reply.and_then(read);
        match &answer {
            Ok(_) => permit.ended(Ok(())),
            // It said itself that it has no answer to this question.
            Err(PluginFailure::Refused(_)) => permit.ended(Ok(())),
            Err(failure) => permit.ended::<()>(Err(failure)),
        }
        answer
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
        let inner = &self.host.inner;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut running = match idle {
            Some(running) => {
                inner.warm.fetch_sub(1, Ordering::Relaxed);
                running
            }
            None => {
                let place = self.account.instance()?;
                let deadline = P::deadline(&inner.config);
                let mut store = inner.question_store(&self.loaded, deadline);
                store.data_mut().bill(&self.account, &self.digest);
                let plugin = P::start(&self.loaded.entry, &mut store).await?;
                let idle_since = Instant::now();
                Running { store, plugin, answers: 0, idle_since, _place: place }
            }
        };
        let guest = running.store.data_mut();
        guest.begin();
        guest.services = services;
        running.store.set_epoch_deadline(1);
        Ok(running)
    }

    /// Keeps an instance for the next question, unless it is old or there are many.
    fn give_back(&self, mut running: Running<P>) {
        running.answers += 1;
        let guest = running.store.data_mut();
        guest.services = None;
        guest.end();
        let inner = &self.host.inner;
        if inner.config.router_calls_per_instance <= running.answers || !inner.keeps_one_more() {
            return;
        }
        running.idle_since = Instant::now();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(running);
    }
}

/// A function that puts one question to an instance it borrows.
trait PutOnce<P, R>: Send + 'static {
    fn put(self, running: &mut Running<P>)
    -> impl Future<Output = Result<R, PluginFailure>> + Send;
}

struct PutChoice {
    ours: routing::Ask,
    history: Vec<PastContact>,
}

impl PutOnce<router::Router, Choice> for PutChoice {
    async fn put(self, running: &mut Running<router::Router>) -> Result<Choice, PluginFailure> {
        running.store.data_mut().history = self.history;
        put_choice(&running.plugin, &mut running.store, &self.ours).await
    }
}

struct PutEstimate(estimating::EstimateAsk);

impl PutOnce<estimator::Estimator, Told> for PutEstimate {
    async fn put(self, running: &mut Running<estimator::Estimator>) -> Result<Told, PluginFailure> {
        put_estimate(&running.plugin, &mut running.store, &self.0).await
    }
}

/// Waits for an answer, but not for ever: the timer is set only once the first look did not suffice.
struct Within<F> {
    run: F,
    most: Duration,
    timer: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl<F> Within<F> {
    const fn new(run: F, most: Duration) -> Self {
        Self { run, most, timer: None }
    }
}

impl<F: Future + Unpin> Future for Within<F> {
    /// `None` after the time.
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Poll::Ready(done) = Pin::new(&mut this.run).poll(context) {
            return Poll::Ready(Some(done));
        }
        // Outside a runtime there are no timers, and no live calls either.
        if this.timer.is_none() && tokio::runtime::Handle::try_current().is_ok() {
            this.timer = Some(Box::pin(tokio::time::sleep(this.most)));
        }
        match &mut this.timer {
            Some(timer) => timer.as_mut().poll(context).map(|()| None),
            None => Poll::Pending,
        }
    }
}
