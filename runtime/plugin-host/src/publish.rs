//! Publishing: an interpreter and a script become a component of their own.

use crate::cache::Cache;
use crate::error::{PublishError, WorkerError};
use crate::host::{HostConfig, PluginHost};
use crate::install::digest;
use crate::{child, engine};

impl PluginHost {
    /// Makes a component from an interpreter and a script: a `flow` of an `interpreter`, a `router`
    /// of a `router-interpreter` ([`World::published`](crate::World::published)). Blocks for as long
    /// as the worker takes: call it on a thread that may wait, then install the result.
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
        publish(&self.inner.config, &self.inner.cache, interpreter_wasm, script)
    }
}

/// Reads a script once and keeps the memory that is left.
pub fn publish(
    config: &HostConfig,
    cache: &Cache,
    interpreter_wasm: &[u8],
    script: &str,
) -> Result<Vec<u8>, PublishError> {
    let max = config.script_bytes_max;
    if max < script.len() {
        return Err(PublishError::TooLong { bytes: script.len(), max });
    }
    let made = instrumented(config, cache, interpreter_wasm)
        .and_then(|code| child::snapshot(config, cache, interpreter_wasm, &code, script));
    made.map_err(|error| match error {
        WorkerError::Script(error) => PublishError::Script(error),
        WorkerError::Refused(why) => PublishError::Interpreter(why),
        other => PublishError::Worker(other),
    })
}

/// What the worker runs to read scripts: compiled once for each interpreter.
fn instrumented(config: &HostConfig, cache: &Cache, wasm: &[u8]) -> Result<Vec<u8>, WorkerError> {
    let engine =
        engine::snapshotting().map_err(|error| WorkerError::Refused(format!("{error:#}")))?;
    let name = format!("{}-{:016x}-snapshots", digest(wasm), engine::code_hash(&engine));
    if let Some(code) = cache.get(&name) {
        return Ok(code);
    }
    let code = child::instrument(config, cache, wasm)?;
    if let Err(error) = cache.put(&name, &code) {
        tracing::warn!(%error, "cannot keep a compiled interpreter: the next publication waits");
    }
    Ok(code)
}
