//! From bytes to a plugin that may serve: six steps, each of which names itself when it fails.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use jackfield_core::{
    AgentId, Candidate, Channel, InteractionId, QueueId, QueueView, RoutingAsk, WaitingView,
};
use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;

use crate::contract::{self, Grants, World};
use crate::error::{InstallError, InstallStep, WorkerError};
use crate::host::{Entry, Inner, Loaded, PluginHost};
use crate::router::RouterPlugin;
use crate::{child, engine};

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
        let most = self.inner.config.component_bytes_max;
        if most < wasm.len() {
            return Err(InstallError::new(
                InstallStep::Size,
                format!("the component has {} bytes, at most {most} are accepted", wasm.len()),
                "strip it (`wasm-tools strip -a`), or raise `limits.component_bytes`",
            ));
        }
        let surface = contract::decode(wasm)?;
        contract::check_world(wasm, &surface, expected)?;
        contract::check_grants(&surface, grants)?;
        let digest = digest(wasm);
        let (loaded, compile_ms) = match self.inner.find(&digest, expected) {
            Ok(_) => (None, None),
            Err(_) => {
                let (component, compile_ms) = self.inner.compiled(wasm, &digest)?;
                let loaded = self.inner.link(&component, expected).map_err(|error| {
                    let problem = format!("it does not fit the world: {error:#}");
                    InstallError::new(InstallStep::World, problem, "build it with this host's SDK")
                })?;
                (Some(Arc::new(loaded)), compile_ms)
            }
        };
        if let Some(loaded) = loaded {
            self.self_test(&loaded)?;
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

    fn self_test(&self, loaded: &Arc<Loaded>) -> Result<(), InstallError> {
        let failed = |problem: String| {
            let mend = "run it under the mock host of the SDK, which shows where";
            InstallError::new(InstallStep::SelfTest, problem, mend)
        };
        match &loaded.entry {
            Entry::Flow(pre) => {
                let mut store = self.inner.flow_store(loaded);
                engine::block_on(pre.instantiate_async(&mut store))
                    .map_err(|error| failed(format!("it does not start: {error:#}")))?;
            }
            Entry::Router(_) => {
                let router = RouterPlugin::new(self, Arc::clone(loaded));
                engine::block_on(router.ask(&sample_ask(), None))
                    .map_err(|failure| failed(format!("a sample question: {failure}")))?;
            }
        }
        Ok(())
    }
}

impl Inner {
    /// Machine code from the cache or from the worker, with the time it took the worker.
    fn compiled(
        &self,
        wasm: &[u8],
        digest: &str,
    ) -> Result<(Component, Option<u32>), InstallError> {
        let name = format!("{digest}-{:016x}", self.code_hash);
        if let Some(code) = self.cache.get(&name)
            && let Ok(component) = self.load(&code)
        {
            return Ok((component, None));
        }
        let started = Instant::now();
        let code = child::compile(&self.config, &self.cache, wasm).map_err(compile_error)?;
        let compile_ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
        if let Err(error) = self.cache.put(&name, &code) {
            tracing::warn!(%error, "cannot keep a compiled plugin: it is compiled again next time");
        }
        let component = self.load(&code).map_err(|error| {
            let problem = format!("the machine code does not load: {error:#}");
            let mend = "run the same build of the binary as host and as worker";
            InstallError::new(InstallStep::Compile, problem, mend)
        })?;
        Ok((component, Some(compile_ms)))
    }

    fn load(&self, code: &[u8]) -> wasmtime::Result<Component> {
        // SAFETY: the bytes come from our own worker or carry a digest made with this host's key.
        #[allow(unsafe_code, reason = "machine code is trusted by where it comes from")]
        unsafe {
            Component::deserialize(&self.engine, code)
        }
    }
}

fn compile_error(error: WorkerError) -> InstallError {
    let mend = match error {
        WorkerError::Deadline(_) => "make it smaller, or raise `limits.compile_time`",
        WorkerError::Killed(_) => {
            "make it smaller, or raise `limits.compile_memory` and `limits.compile_time`"
        }
        WorkerError::Io(_) => "look at the cache folder and at the worker command",
        WorkerError::Refused(_) | WorkerError::Script(_) => {
            "build it for plain WebAssembly with components, without experimental features"
        }
    };
    InstallError::new(InstallStep::Compile, format!("the compilation {error}"), mend)
}

/// The name of a component: SHA-256 in hexadecimal.
pub fn digest(wasm: &[u8]) -> String {
    Sha256::digest(wasm).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A question that every router can answer.
fn sample_ask() -> RoutingAsk {
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
