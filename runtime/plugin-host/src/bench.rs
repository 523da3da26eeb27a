//! What a call of a plugin costs: time, fuel, memory.

mod called;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jackfield_core::{
    Attribute, Channel, EstimateAsk, InteractionId, QueueEnd, QueueOptions, RoutingAsk,
};
use wasmtime::Store;

use crate::engine::block_on;
use crate::flow::lead;
use crate::guest::Guest;
use crate::host::{Entry, Loaded};
use crate::install;
use crate::metered::{MeteredConfig, MeteredHost};
use crate::{
    CallbackOptions, GatherOptions, Gathered, Grants, HostConfig, InstallError, InstallStep,
    PluginHost, Prompt, Recorded, ReplayServices, Services, Session, SessionError, World,
    questions,
};

/// What was measured.
#[derive(Clone, Debug)]
pub struct BenchReport {
    /// The plugin's SHA-256.
    pub digest: String,
    /// Its world.
    pub world: World,
    /// Its size.
    pub bytes: usize,
    /// How long its compilation took; 0 if it was cached.
    pub compile_ms: u32,
    /// Calls of an instance that has been called before; none for a flow, which has an instance for
    /// each contact, and for those worlds whose calls have one each.
    pub warm: Option<Spans>,
    /// A fresh instance, one call, and its end.
    pub fresh: Spans,
    /// Instructions of one call, as replays and simulations count them; of the middle one, if
    /// questions differ.
    pub fuel: u64,
    /// Instructions of the greatest call.
    pub fuel_max: u64,
    /// Calls that the plugin refused itself.
    pub refused: u32,
    /// The linear memory of an instance after its calls.
    pub memory_bytes: usize,
}

/// The middle and the tail of a measured time.
#[derive(Clone, Copy, Debug)]
pub struct Spans {
    /// Half of the calls took no longer.
    pub p50: Duration,
    /// 99 of 100 calls took no longer.
    pub p99: Duration,
}

/// What a plugin is asked.
#[derive(Clone, Debug)]
pub struct BenchPlan {
    /// How many calls are measured.
    pub calls: u32,
    /// A router's question.
    pub ask: RoutingAsk,
    /// An estimator's question.
    pub estimate_ask: EstimateAsk,
    /// What the questions of chatbots, channels, connectors, analysts and pacers are made of.
    pub seed: u64,
    /// What their configuration says to them.
    pub settings: Vec<Attribute>,
}

impl BenchPlan {
    /// A plan with `calls` calls and a router's question about `candidates` agents.
    pub fn new(calls: u32, candidates: u32) -> Self {
        let mut ask = install::sample_ask();
        let first = ask.candidates.first().cloned();
        ask.candidates = first.map_or_else(Vec::new, |first| {
            let one = |number: u32| {
                let name = jackfield_core::AgentId::new(&format!("agent-{number}"));
                let mut one = first.clone();
                one.agent = name.unwrap_or_else(|_| one.agent.clone());
                one.idle_ms = number * 37 % 1_000;
                one
            };
            (0..candidates).map(one).collect()
        });
        let (estimate_ask, settings) = (install::sample_estimate_ask(), Vec::new());
        Self { calls, ask, estimate_ask, seed: 1, settings }
    }

    /// The same with settings: of the queue for a router or an estimator, of the entry in the
    /// configuration for the others.
    #[must_use]
    pub fn with_settings(mut self, settings: &[Attribute]) -> Self {
        self.ask.queue.attributes = settings.to_vec();
        self.estimate_ask.attributes = settings.to_vec();
        self.settings = settings.to_vec();
        self
    }

    /// How many fresh instances are measured. One costs more than a warm call, and varies less from
    /// one time to the next.
    fn fresh(&self) -> u32 {
        (self.calls / 10).max(10)
    }
}

/// Installs a plugin of `world` with every grant and calls it again and again, on this thread.
///
/// # Errors
///
/// [`InstallError`] if it does not install, or fails in a call.
pub fn bench(
    config: &HostConfig,
    wasm: &[u8],
    world: World,
    plan: &BenchPlan,
) -> Result<BenchReport, InstallError> {
    let host = PluginHost::new(config.clone()).map_err(|error| refuse(error.to_string()))?;
    let installed = host.install(wasm, world, &Grants::all())?;
    let loaded = host.inner.find(&installed.digest, world);
    let loaded = loaded.map_err(|error| refuse(error.to_string()))?;
    let report = BenchReport {
        digest: installed.digest,
        world,
        bytes: wasm.len(),
        compile_ms: installed.compile_ms,
        warm: None,
        fresh: Spans { p50: Duration::ZERO, p99: Duration::ZERO },
        fuel: 0,
        fuel_max: 0,
        refused: 0,
        memory_bytes: 0,
    };
    let metered =
        MeteredHost::new(MeteredConfig { instances_max: 4, ..MeteredConfig::new(config.clone()) })
            .map_err(|error| refuse(error.to_string()))?;
    if let Entry::Called(entry) = &loaded.entry {
        let questions = called::Questions::new(world, plan);
        let called::Measured { fresh, memory_bytes, refused } =
            questions.time(&host, &loaded, entry)?;
        let plugin = metered.called(wasm, world, &Grants::all(), &plan.settings)?;
        let (fuel, fuel_max) = questions.fuel(&plugin);
        return Ok(BenchReport { fresh, fuel, fuel_max, refused, memory_bytes, ..report });
    }
    let bench = Bench { host: &host, loaded: &loaded, plan };
    let mut memory_bytes = 0;
    let fresh = bench.repeat(|| bench.once(1, &mut memory_bytes).map(|spans| spans.0))?;
    let warm = match world {
        World::Flow | World::Interpreter => None,
        _ => Some(spans(bench.once(plan.calls, &mut memory_bytes)?.1)),
    };
    let fuel = fuel(&metered, wasm, world, plan)?;
    Ok(BenchReport { warm, fresh, fuel, fuel_max: fuel, memory_bytes, ..report })
}

fn refuse(problem: String) -> InstallError {
    InstallError::new(InstallStep::SelfTest, problem, "mend it")
}

struct Bench<'a> {
    host: &'a PluginHost,
    loaded: &'a Arc<Loaded>,
    plan: &'a BenchPlan,
}

impl Bench<'_> {
    fn repeat(
        &self,
        mut call: impl FnMut() -> Result<Duration, InstallError>,
    ) -> Result<Spans, InstallError> {
        let all: Result<Vec<_>, _> = (0..self.plan.fresh()).map(|_| call()).collect();
        Ok(spans(all?))
    }

    /// Starts an instance and calls it `calls` times; how long all took, and each.
    fn once(
        &self,
        calls: u32,
        memory_bytes: &mut usize,
    ) -> Result<(Duration, Vec<Duration>), InstallError> {
        let started = Instant::now();
        let inner = &self.host.inner;
        let failed = |problem: &dyn std::fmt::Display| refuse(format!("a call failed: {problem}"));
        let mut each = Vec::new();
        let mut store = match &self.loaded.entry {
            Entry::Flow(_) => inner.flow_store(self.loaded),
            _ => inner.question_store(self.loaded, Duration::from_secs(10)),
        };
        match &self.loaded.entry {
            Entry::Flow(pre) => {
                begin(&mut store, Arc::new(ReplayServices::new(1)));
                store.data_mut().session = Some(Box::new(Polite::default()));
                let flow = block_on(pre.instantiate_async(&mut store)).map_err(|e| failed(&e))?;
                block_on(lead(&flow, &mut store)).map_err(|error| failed(&error))?;
            }
            Entry::Router(pre) => {
                let router = block_on(pre.instantiate_async(&mut store)).map_err(|e| failed(&e))?;
                for _ in 0..calls {
                    let started = Instant::now();
                    begin(&mut store, Arc::new(ReplayServices::new(1)));
                    block_on(questions::choose(&router, &mut store, &self.plan.ask))
                        .and_then(|answer| answer)
                        .map_err(|error| failed(&error))?;
                    each.push(started.elapsed());
                }
            }
            Entry::Estimator(pre) => {
                let found = block_on(pre.instantiate_async(&mut store)).map_err(|e| failed(&e))?;
                for _ in 0..calls {
                    let started = Instant::now();
                    begin(&mut store, Arc::new(ReplayServices::new(1)));
                    block_on(questions::estimate(&found, &mut store, &self.plan.estimate_ask))
                        .and_then(|answer| answer)
                        .map_err(|error| failed(&error))?;
                    each.push(started.elapsed());
                }
            }
            Entry::Called(_) => return Err(failed(&"it is measured by its questions")),
        }
        *memory_bytes = (*memory_bytes).max(store.data().memory_bytes());
        drop(store);
        Ok((started.elapsed(), each))
    }
}

fn begin(store: &mut Store<Guest>, services: Arc<dyn Services>) {
    let guest = store.data_mut();
    guest.begin();
    guest.services = Some(services);
    store.set_epoch_deadline(1);
}

/// What one call takes where instructions are counted.
fn fuel(
    host: &MeteredHost,
    wasm: &[u8],
    world: World,
    plan: &BenchPlan,
) -> Result<u64, InstallError> {
    let services: Arc<dyn Services> = Arc::new(ReplayServices::new(1));
    let failed = |error: jackfield_core::PluginFailure| refuse(format!("a call failed: {error}"));
    match world {
        World::Router => {
            let mut router = host.router(wasm, &Grants::all(), services)?;
            // The first answer has the instance's start in it.
            router.choose(&plan.ask).map_err(failed)?;
            router.choose(&plan.ask).map_err(failed)?;
            Ok(router.fuel_last())
        }
        World::Estimator => {
            let mut estimator = host.estimator(wasm, &Grants::all(), services)?;
            estimator.estimate(&plan.estimate_ask).map_err(failed)?;
            estimator.estimate(&plan.estimate_ask).map_err(failed)?;
            Ok(estimator.fuel_last())
        }
        World::Flow => {
            let flow = host.flow(wasm, &Grants::all())?;
            Ok(flow.run_to_end(Box::new(Polite::default()), services).fuel)
        }
        _ => Err(refuse(format!("a {world} is not called before it is published"))),
    }
}

fn spans(mut all: Vec<Duration>) -> Spans {
    all.sort_unstable();
    let at = |thousandths: usize| {
        let place = (all.len() * thousandths / 1_000).min(all.len().saturating_sub(1));
        all.get(place).copied().unwrap_or_default()
    };
    Spans { p50: at(500), p99: at(990) }
}

/// A contact who answers every question with 1 and is served; nothing takes time.
#[derive(Default)]
struct Polite {
    attributes: std::collections::BTreeMap<String, String>,
}

#[async_trait]
impl Session for Polite {
    fn id(&self) -> InteractionId {
        InteractionId(1)
    }
    fn channel(&self) -> Channel {
        Channel::Voice
    }
    fn caller(&self) -> Option<String> {
        Some("+441632960011".to_owned())
    }
    fn dialled(&self) -> String {
        "100".to_owned()
    }
    fn language(&self) -> String {
        "en".to_owned()
    }
    fn set_language(&mut self, _: &str) -> Result<(), SessionError> {
        Ok(())
    }
    fn attribute(&self, name: &str) -> Option<String> {
        self.attributes.get(name).cloned()
    }
    fn set_attribute(&mut self, name: &str, value: &str) -> Result<(), SessionError> {
        self.attributes.insert(name.to_owned(), value.to_owned());
        Ok(())
    }
    async fn answer(&mut self) -> Result<(), SessionError> {
        Ok(())
    }
    async fn play(&mut self, _: Vec<Prompt>) -> Result<(), SessionError> {
        Ok(())
    }
    async fn gather(&mut self, _: Vec<Prompt>, _: GatherOptions) -> Result<Gathered, SessionError> {
        Ok(Gathered::Input("1".to_owned()))
    }
    async fn record(&mut self, _: u32, _: u32) -> Result<Recorded, SessionError> {
        Ok(Recorded { length_ms: 1_000, name: "recording".to_owned() })
    }
    async fn enqueue(&mut self, _: &str, _: QueueOptions) -> Result<QueueEnd, SessionError> {
        Ok(QueueEnd::Served)
    }
    async fn callback(&mut self, _: &str, _: CallbackOptions) -> Result<(), SessionError> {
        Ok(())
    }
    async fn is_open(&mut self, _: &str) -> Result<bool, SessionError> {
        Ok(true)
    }
    async fn transfer(&mut self, _: &str) -> Result<(), SessionError> {
        Ok(())
    }
    async fn send_digits(&mut self, _: &str) -> Result<(), SessionError> {
        Ok(())
    }
    fn hang_up(&mut self, _: Option<String>) {}
}
