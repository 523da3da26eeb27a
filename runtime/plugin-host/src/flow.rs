//! Flows: one instance for each session, from its start to its end.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use jackfield_core::PluginFailure;
use wasmtime::component::{Instance, Resource};
use wasmtime::{PoolConcurrencyLimitError, Store, Trap};

use crate::account::PluginAccount;
use crate::error::{FlowFailure, FlowOutcome, PublishError, ScriptError};
use crate::guest::{Guest, Stopped};
use crate::host::{Entry, Loaded, PluginHost};
use crate::track::{self, SessionMark, flow, types::types};
use crate::{Limit, Services, Session, World, convert};

/// One version of a flow, published or a draft. Cheap to clone.
#[derive(Clone)]
pub struct FlowPlugin {
    host: PluginHost,
    loaded: Arc<Loaded>,
    /// Of a draft: read by the interpreter when the session starts.
    script: Option<Arc<str>>,
    digest: Arc<str>,
    account: Arc<PluginAccount>,
}

impl std::fmt::Debug for FlowPlugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FlowPlugin").field("draft", &self.script.is_some()).finish_non_exhaustive()
    }
}

impl FlowPlugin {
    pub(crate) fn new(
        host: &PluginHost,
        digest: &str,
        loaded: Arc<Loaded>,
        script: Option<Arc<str>>,
    ) -> Self {
        let account = host.account_of_nobody(digest);
        Self { host: host.clone(), loaded, script, digest: digest.into(), account }
    }

    /// Bills its instances to this account, which also says whether it is asked at all.
    #[must_use]
    pub fn billed_to(mut self, account: &Arc<PluginAccount>) -> Self {
        self.account = Arc::clone(account);
        self
    }

    /// Whether an instance is free for one more contact now.
    pub fn has_place(&self) -> bool {
        0 < self.host.flows_free()
    }

    /// Leads one contact to the flow's end, and gives the session back in every case.
    ///
    /// The verbs of `session` are awaited inside, so this takes as long as the contact does.
    /// Dropping the future ends the flow at once.
    pub async fn run(&self, session: Box<dyn Session>, services: Arc<dyn Services>) -> FlowOutcome {
        self.run_until(session, services, Arc::default()).await
    }

    /// The same, but once `over` is set the flow is stopped, as by a trap, at its next pause or host
    /// call. A verb that it waits in is the session's to end.
    pub async fn run_until(
        &self,
        session: Box<dyn Session>,
        services: Arc<dyn Services>,
        over: Arc<AtomicBool>,
    ) -> FlowOutcome {
        let permit = match self.account.admit(&self.digest) {
            Ok(permit) => permit,
            Err(failure) => return FlowOutcome { session, result: Err(failure.into()) },
        };
        // The session must come back whatever becomes of the work.
        let kept: Arc<Mutex<Option<Box<dyn Session>>>> = Arc::new(Mutex::new(None));
        let flow = self.clone();
        let lead = Arc::clone(&kept);
        let work = async move {
            let mut session = Some(session);
            let result = flow.lead_on(&mut session, services, over).await;
            *lead.lock().unwrap_or_else(PoisonError::into_inner) = session;
            result
        };
        let tenant = self.account.tenant();
        let ran = self.host.inner.lanes.run(tenant, Box::pin(work)).await;
        let result =
            ran.unwrap_or_else(|| Err(PluginFailure::Trapped("the host failed".to_owned()).into()));
        match &result {
            Ok(()) => permit.ended(Ok(())),
            // A flow that ends because its customer left says so itself.
            Err(FlowFailure { failure: PluginFailure::Refused(_), .. }) => drop(permit),
            Err(failed) => permit.ended::<()>(Err(&failed.failure)),
        }
        let session = kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(session) = session else { unreachable!("put back above") };
        FlowOutcome { session, result }
    }

    async fn lead_on(
        &self,
        session: &mut Option<Box<dyn Session>>,
        services: Arc<dyn Services>,
        over: Arc<AtomicBool>,
    ) -> Result<(), FlowFailure> {
        let ours = self.account.instance()?;
        let place = self.host.inner.flow_place().await?;
        let mut store = self.host.inner.flow_store(&self.loaded);
        store.data_mut().bill(&self.account, &self.digest);
        store.data_mut().stop_when(over);
        store.data_mut().session = session.take();
        store.data_mut().services = Some(services);
        let result = match self.start(&mut store).await {
            Ok(flow) => lead(&flow, &mut store).await,
            Err(failure) => Err(failure),
        };
        // The slot of the pool is free before the places are.
        let mut guest = store.into_data();
        guest.end();
        drop((place, ours));
        *session = guest.session;
        result
    }

    async fn start(&self, store: &mut Store<Guest>) -> Result<flow::Flow, FlowFailure> {
        let Entry::Flow(pre) = &self.loaded.entry else {
            return Err(PluginFailure::NotLoaded.into());
        };
        let Some(script) = &self.script else {
            let started = pre.instantiate_async(&mut *store).await;
            return Ok(started.map_err(|error| failure(&error, store.data()))?);
        };
        let started = pre.instance_pre().instantiate_async(&mut *store).await;
        let instance = started.map_err(|error| failure(&error, store.data()))?;
        match read_script(store, &instance, script).await? {
            Ok(()) => {}
            Err(error) => {
                let failure = PluginFailure::Refused(error.to_string());
                return Err(FlowFailure { failure, script: Some(error) });
            }
        }
        Ok(flow::Flow::new(&mut *store, &instance)
            .map_err(|error| failure(&error, store.data()))?)
    }
}

/// Runs a flow's instance to its end.
pub async fn lead(flow: &flow::Flow, store: &mut Store<Guest>) -> Result<(), FlowFailure> {
    let session = Resource::<SessionMark>::new_own(0);
    let returned = flow.jackfield_plugin_flow_guest().call_run(&mut *store, session).await;
    match returned.map_err(|error| failure(&error, store.data()))? {
        Ok(()) => Ok(()),
        Err(error) => {
            let (failure, script) = convert::refusal(error);
            Err(FlowFailure { failure, script })
        }
    }
}

impl PluginHost {
    /// Lets the interpreter read `script` and forgets it.
    ///
    /// # Errors
    ///
    /// [`PublishError::Script`] with the place of the mistake; the others if the interpreter is
    /// not installed or failed itself.
    pub async fn check_script(&self, interpreter: &str, script: &str) -> Result<(), PublishError> {
        let max = self.inner.config.script_bytes_max;
        if max < script.len() {
            return Err(PublishError::TooLong { bytes: script.len(), max });
        }
        let broken =
            |failure: &dyn std::fmt::Display| PublishError::Interpreter(failure.to_string());
        let loaded = self
            .inner
            .find(interpreter, World::Interpreter)
            .or_else(|_| self.inner.find(interpreter, World::RouterInterpreter))
            .map_err(|_| broken(&"no interpreter is installed under this digest"))?;
        let pre = match &loaded.entry {
            Entry::Flow(pre) => pre.instance_pre(),
            Entry::Router(pre) => pre.instance_pre(),
            Entry::Estimator(_) | Entry::Called(_) => {
                return Err(broken(&"a plugin of this world reads no scripts"));
            }
        };
        let _place = self.inner.flow_place().await.map_err(|failure| broken(&failure))?;
        let mut store = self.inner.flow_store(&loaded);
        let started = pre.instantiate_async(&mut store).await;
        let instance = started.map_err(|error| broken(&failure(&error, store.data())))?;
        let read = read_script(&mut store, &instance, script).await;
        read.map_err(|failure| broken(&failure))??;
        Ok(())
    }
}

/// Calls the interpreter's `load`.
async fn read_script(
    store: &mut Store<Guest>,
    instance: &Instance,
    script: &str,
) -> Result<Result<(), ScriptError>, PluginFailure> {
    let load = instance
        .get_typed_func::<(&str,), (Result<(), types::ScriptError>,)>(&mut *store, "load")
        .map_err(|error| PluginFailure::BadReply(format!("no `load`: {error:#}")))?;
    let (read,) = load
        .call_async(&mut *store, (script,))
        .await
        .map_err(|error| failure(&error, store.data()))?;
    Ok(read.map_err(convert::script_error))
}

impl From<PluginFailure> for FlowFailure {
    fn from(failure: PluginFailure) -> Self {
        Self { failure, script: None }
    }
}

/// What a trap means for the engine. The limit that was met, if one was, is counted.
pub fn failure(error: &wasmtime::Error, guest: &Guest) -> PluginFailure {
    let limited = |limit: Limit, what: &str| {
        guest.met(limit);
        PluginFailure::Trapped(format!("limit {}: {what}", limit.name()))
    };
    if let Some(stopped) = error.downcast_ref::<Stopped>() {
        return match stopped {
            Stopped::Slice => {
                guest.met(Limit::Deadline);
                PluginFailure::DeadlineExceeded
            }
            Stopped::HostCalls | Stopped::HostCallRate => {
                let calls = *stopped == Stopped::HostCalls;
                guest.met(if calls { Limit::HostCalls } else { Limit::HostCallRate });
                PluginFailure::Trapped(stopped.to_string())
            }
            Stopped::NoSession => PluginFailure::Trapped(stopped.to_string()),
            Stopped::Disabled | Stopped::Revoked | Stopped::Replaced => {
                PluginFailure::Suspended(stopped.to_string())
            }
        };
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return PluginFailure::Refused("all instances are in use".to_owned());
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => limited(Limit::Stack, "stack overflow"),
        Some(Trap::Interrupt) => PluginFailure::DeadlineExceeded,
        Some(Trap::OutOfFuel) => PluginFailure::OutOfFuel,
        // A guest that is refused memory gives up by a trap of its own.
        _ if guest.memory_refused() => {
            guest.met(Limit::Memory);
            PluginFailure::OutOfMemory
        }
        _ if guest.table_refused() => limited(Limit::Tables, "wanted a longer table"),
        Some(Trap::UnreachableCodeReached) => PluginFailure::Trapped("gave up (panic)".to_owned()),
        Some(trap) => PluginFailure::Trapped(trap.to_string()),
        None => {
            let cause = error.root_cause().to_string();
            // The error's type is private to wasmtime.
            if cause.contains("fuel allocated for hostcalls") {
                return limited(Limit::Output, "handed too much to the host at once");
            }
            PluginFailure::Trapped(cause)
        }
    }
}

const _: fn() = || {
    // Every track's types are ours to send between threads: sessions move between workers.
    fn sends<T: Send>() {}
    sends::<track::types::types::PluginError>();
};
