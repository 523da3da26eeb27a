//! Publishing: an interpreter and a script become a component of their own.

use crate::child;
use crate::error::{PublishError, WorkerError};
use crate::host::PluginHost;

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
        let made = child::snapshot(&self.inner.config, &self.inner.cache, interpreter_wasm, script);
        made.map_err(|error| match error {
            WorkerError::Script(error) => PublishError::Script(error),
            WorkerError::Refused(why) => PublishError::Interpreter(why),
            other => PublishError::Worker(other),
        })
    }
}
