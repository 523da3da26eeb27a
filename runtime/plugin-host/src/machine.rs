//! Machine code of a component: from the cache, or made and then cached. Each kind of code has names
//! of its own there.

use std::time::Instant;

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::cache::Cache;
use crate::engine::{self, Code};
use crate::error::{InstallError, InstallStep, WorkerError};
use crate::{HostConfig, child};

/// Machine code for `engine`, which runs code of the kind `code`, with the milliseconds it took if
/// it was not in the cache.
pub fn compiled(
    config: &HostConfig,
    cache: &Cache,
    engine: &Engine,
    code: Code,
    wasm: &[u8],
    digest: &str,
) -> Result<(Component, Option<u32>), InstallError> {
    // The hash is another one for every kind of code, too.
    let code_hash = engine::code_hash(engine);
    let name = format!("{digest}-{code_hash:016x}");
    if let Some(code) = cache.get(&name)
        && let Ok(component) = load(engine, &code)
    {
        return Ok((component, None));
    }
    let started = Instant::now();
    let code = child::compile(config, cache, wasm, code, code_hash).map_err(compile_error)?;
    let compile_ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
    if let Err(error) = cache.put(&name, &code) {
        tracing::warn!(%error, "cannot keep a compiled plugin: it is compiled again next time");
    }
    let component = load(engine, &code).map_err(|error| {
        let problem = format!("the machine code does not load: {error:#}");
        let mend = "run the same build of the binary as host and as worker";
        InstallError::new(InstallStep::Compile, problem, mend)
    })?;
    Ok((component, Some(compile_ms)))
}

fn load(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the bytes come from our own worker or carry a digest made with this host's key.
    #[allow(unsafe_code, reason = "machine code is trusted by where it comes from")]
    unsafe {
        Component::deserialize(engine, code)
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
