//! Routers: a few instances of each, reused for many questions.

use std::sync::{Arc, Mutex, PoisonError};

use jackfield_core::{PluginFailure, RoutingAnswer, RoutingAsk};
use tokio::sync::Semaphore;
use wasmtime::Store;

use crate::flow::failure;
use crate::guest::Guest;
use crate::host::{Entry, Loaded, PluginHost};
use crate::track::router;
use crate::{Services, convert};

/// Questions of one router at once; more wait.
const PARALLEL: usize = 2;

/// One version of a router, for one tenant. Cheap to clone: clones share their instances.
#[derive(Clone)]
pub struct RouterPlugin {
    host: PluginHost,
    loaded: Arc<Loaded>,
    shared: Arc<Shared>,
}

struct Shared {
    places: Semaphore,
    idle: Mutex<Vec<Running>>,
}

struct Running {
    store: Store<Guest>,
    router: router::Router,
    answers: u32,
}

impl std::fmt::Debug for RouterPlugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RouterPlugin").finish_non_exhaustive()
    }
}

impl RouterPlugin {
    pub(crate) fn new(host: &PluginHost, loaded: Arc<Loaded>) -> Self {
        let shared = Shared { places: Semaphore::new(PARALLEL), idle: Mutex::default() };
        Self { host: host.clone(), loaded, shared: Arc::new(shared) }
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
        let _place = match self.shared.places.try_acquire() {
            Ok(place) => place,
            Err(_) => {
                let wait = self.host.inner.config.instance_wait;
                let waited = tokio::time::timeout(wait, self.shared.places.acquire()).await;
                let place = waited.ok().and_then(Result::ok);
                place.ok_or_else(|| PluginFailure::Refused("all instances are busy".to_owned()))?
            }
        };
        let mut running = self.instance().await?;
        let guest = running.store.data_mut();
        guest.begin();
        guest.services = services;
        guest.history.clone_from(&ask.contact.history);
        running.store.set_epoch_deadline(1);
        let ours = convert::ask(ask);
        let guest = running.router.jackfield_plugin_router_guest();
        let replied = guest.call_choose(&mut running.store, &ours).await;
        // A trap leaves an instance that cannot be entered any more: it is dropped here.
        let reply = replied.map_err(|error| failure(&error, running.store.data()))?;
        self.give_back(running);
        match reply {
            Ok(answer) => convert::answer(answer, ask),
            Err(error) => Err(convert::refusal(error).0),
        }
    }

    async fn instance(&self) -> Result<Running, PluginFailure> {
        let idle = self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(running) = idle {
            return Ok(running);
        }
        let Entry::Router(pre) = &self.loaded.entry else { return Err(PluginFailure::NotLoaded) };
        let mut store = self.host.inner.router_store(&self.loaded);
        let started = pre.instantiate_async(&mut store).await;
        let router = started.map_err(|error| failure(&error, store.data()))?;
        Ok(Running { store, router, answers: 0 })
    }

    fn give_back(&self, mut running: Running) {
        running.answers += 1;
        running.store.data_mut().services = None;
        if running.answers < self.host.inner.config.router_calls_per_instance {
            self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner).push(running);
        }
    }
}
