//! From bytes to a plugin that may serve: six steps, each of which names itself when it fails.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_core::{
    AgentId, Candidate, Channel, EstimateAsk, InteractionId, QueueId, QueueView, RoutingAsk,
    WaitingView,
};
use sha2::{Digest as _, Sha256};

use crate::contract::{self, Grants, Surface, World};
use crate::engine::{self, Code};
use crate::error::{InstallError, InstallStep};
use crate::host::{Entry, HostConfig, Inner, Loaded, PluginHost};
use crate::machine;
use crate::questions::{EstimatorPlugin, RouterPlugin};

/// What was installed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Installed {
    /// SHA-256 of the component, in hexadecimal: its name from now on.
    pub digest: String,
    /// What it is.
    pub world: World,
    /// The interfaces with functions that it imports.
    pub imports: Vec<String>,
    /// What it exports.
    pub exports: Vec<String>,
    /// How long the compilation took; 0 if it was cached.
    pub compile_ms: u32,
    /// Whether machine code of an earlier installation was used.
    pub cached: bool,
}

impl PluginHost {
    /// Checks, compiles, tries and keeps a component. Blocks for as long as the compilation takes:
    /// call it on a thread that may wait. Installing again is cheap and checks everything anew.
    ///
    /// # Errors
    ///
    /// [`InstallError`] names the step and what to do. Nothing that serves is touched.
    pub fn install(
        &self,
        wasm: &[u8],
        expected: World,
        grants: &Grants,
    ) -> Result<Installed, InstallError> {
        let surface = check(&self.inner.config, wasm, expected, grants)?;
        let digest = digest(wasm);
        let (loaded, compile_ms) = match self.inner.find(&digest, expected) {
            Ok(_) => (None, None),
            Err(_) => {
                let Inner { config, cache, engine, .. } = &*self.inner;
                let (component, compile_ms) =
                    machine::compiled(config, cache, engine, Code::Live, wasm, &digest)?;
                let loaded = self.inner.link(&component, expected).map_err(unlinkable)?;
                (Some(Arc::new(loaded)), compile_ms)
            }
        };
        if let Some(loaded) = loaded {
            self.self_test(&loaded, expected)?;
            self.inner.keep(&digest, expected, loaded);
        }
        Ok(Installed {
            digest,
            world: expected,
            imports: surface.imports,
            exports: surface.exports,
            compile_ms: compile_ms.unwrap_or(0),
            cached: compile_ms.is_none(),
        })
    }

    /// Starts it, and puts a sample question to what answers questions. An interpreter has no script
    /// yet, so it is only started.
    fn self_test(&self, loaded: &Arc<Loaded>, world: World) -> Result<(), InstallError> {
        match &loaded.entry {
            Entry::Flow(pre) => {
                let mut store = self.inner.flow_store(loaded);
                engine::block_on(pre.instantiate_async(&mut store))
                    .map_err(|error| failed_test(format!("it does not start: {error:#}")))?;
            }
            Entry::Router(pre) if world == World::RouterInterpreter => {
                let deadline = self.inner.config.router_deadline;
                let mut store = self.inner.question_store(loaded, deadline);
                engine::block_on(pre.instantiate_async(&mut store))
                    .map_err(|error| failed_test(format!("it does not start: {error:#}")))?;
            }
            Entry::Router(_) => {
                let router = RouterPlugin::new(self, "", Arc::clone(loaded));
                engine::block_on(router.ask(&sample_ask(), None))
                    .map_err(|failure| failed_test(format!("a sample question: {failure}")))?;
            }
            // It may need its settings to answer anything.
            Entry::Called(called) => {
                let mut store = self.inner.call_store(loaded);
                engine::block_on(called.instance_pre().instantiate_async(&mut store))
                    .map_err(|error| failed_test(format!("it does not start: {error:#}")))?;
            }
            Entry::Estimator(_) => {
                let estimator = EstimatorPlugin::new(self, "", Arc::clone(loaded));
                engine::block_on(estimator.ask(&sample_estimate_ask(), None))
                    .map_err(|failure| failed_test(format!("a sample question: {failure}")))?;
            }
        }
        Ok(())
    }
}

/// The steps before the compilation.
pub fn check(
    config: &HostConfig,
    wasm: &[u8],
    expected: World,
    grants: &Grants,
) -> Result<Surface, InstallError> {
    let most = config.component_bytes_max;
    if most < wasm.len() {
        return Err(InstallError::new(
            InstallStep::Size,
            format!("the component has {} bytes, at most {most} are accepted", wasm.len()),
            "strip it (`wasm-tools strip -a`), or raise `limits.component_bytes`",
        ));
    }
    let surface = contract::decode(wasm)?;
    contract::check_world(wasm, &surface, expected)?;
    contract::check_grants(&surface.imports, grants)?;
    Ok(surface)
}

/// A component that was compiled and has other types than its surface says.
pub fn unlinkable(error: wasmtime::Error) -> InstallError {
    let problem = format!("it does not fit the world: {error:#}");
    InstallError::new(InstallStep::World, problem, "build it with this host's SDK")
}

/// A component that does not do what the step before the switch asks of it.
pub fn failed_test(problem: String) -> InstallError {
    let mend = "run it under the mock host of the SDK, which shows where";
    InstallError::new(InstallStep::SelfTest, problem, mend)
}

/// The name of a component: SHA-256 in hexadecimal.
pub fn digest(wasm: &[u8]) -> String {
    Sha256::digest(wasm).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A question that every estimator can answer, if only by saying that it cannot tell.
pub fn sample_estimate_ask() -> EstimateAsk {
    let Ok(queue) = QueueId::new("self-test") else { unreachable!("a literal that is a name") };
    EstimateAsk {
        interaction: InteractionId(0),
        channel: Channel::Voice,
        queue,
        position: 1,
        waited_ms: 0,
        agents: 1,
        agents_ready: 0,
        recent_waits: vec![(1, 30_000)],
        recent_handles_ms: vec![180_000],
        abandon_share: 0.0,
        attributes: Vec::new(),
        now_seconds: 0.0,
    }
}

/// A question that every router can answer.
pub fn sample_ask() -> RoutingAsk {
    let name = "self-test";
    let candidates = AgentId::new(name).into_iter().map(|agent| Candidate {
        agent,
        level: 5,
        skills: Vec::new(),
        idle_ms: 1_000,
        contacts: 0,
        talk_seconds: 0,
        load: 0,
        ranks: BTreeMap::new(),
        attributes: Vec::new(),
    });
    let candidates: Vec<Candidate> = candidates.collect();
    let Ok(queue) = QueueId::new(name) else { unreachable!("a literal that is a name") };
    RoutingAsk {
        contact: WaitingView {
            id: InteractionId(0),
            channel: Channel::Voice,
            queue: queue.clone(),
            waited_ms: 0,
            priority: 0,
            required: Vec::new(),
            preferred: Vec::new(),
            attributes: Vec::new(),
            step: 0,
            history: Vec::new(),
        },
        candidates,
        queue: QueueView { waiting: 1, agents_ready: 1, ..QueueView::quiet(queue) },
        others: Vec::new(),
        now_seconds: 0.0,
        seed: 0,
    }
}
