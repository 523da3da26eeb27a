//! Publishing: an interpreter and a script become a component of their own.

use crate::error::{PublishError, WorkerError};
use crate::host::{Inner, PluginHost};
use crate::install::digest;
use crate::{child, engine};

impl PluginHost {
    /// Makes a component of world `flow` from an interpreter and a script. Blocks for as long as
    /// the worker takes: call it on a thread that may wait, then install the result.
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
        let max = self.inner.config.script_bytes_max;
        if max < script.len() {
            return Err(PublishError::TooLong { bytes: script.len(), max });
        }
        let made = self
            .inner
            .instrumented(interpreter_wasm)
            .and_then(|code| self.inner.snapshot(interpreter_wasm, &code, script));
        made.map_err(|error| match error {
            WorkerError::Script(error) => PublishError::Script(error),
            WorkerError::Refused(why) => PublishError::Interpreter(why),
            other => PublishError::Worker(other),
        })
    }
}

impl Inner {
    /// What the worker runs to read scripts: compiled once for each interpreter.
    fn instrumented(&self, wasm: &[u8]) -> Result<Vec<u8>, WorkerError> {
        let engine =
            engine::snapshotting().map_err(|error| WorkerError::Refused(format!("{error:#}")))?;
        let name = format!("{}-{:016x}-snapshots", digest(wasm), engine::code_hash(&engine));
        if let Some(code) = self.cache.get(&name) {
            return Ok(code);
        }
        let code = child::instrument(&self.config, &self.cache, wasm)?;
        if let Err(error) = self.cache.put(&name, &code) {
            tracing::warn!(%error, "cannot keep a compiled interpreter: the next publication waits");
        }
        Ok(code)
    }

    fn snapshot(&self, wasm: &[u8], code: &[u8], script: &str) -> Result<Vec<u8>, WorkerError> {
        child::snapshot(&self.config, &self.cache, wasm, code, script)
    }
}
