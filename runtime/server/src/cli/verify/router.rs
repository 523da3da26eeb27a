//! Asks a router again what the journal says it was asked.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jackfield_core::{AskId, Input, Instant, Output, RoutingAsk};
use jackfield_plugin_host::{
    Grants, HostConfig, MeteredConfig, MeteredHost, MeteredRouter, ReplayServices,
};
use jackfield_store::component_digest;

use crate::cli::error::CliError;

/// Questions that may be open at once; of more the oldest is forgotten, as one that was never
/// answered.
const OPEN_MAX: usize = 10_000;

/// A router that answers the questions of its digest again.
pub struct Router {
    digest: String,
    plugin: MeteredRouter,
    services: Arc<ReplayServices>,
    open: BTreeMap<AskId, Box<RoutingAsk>>,
    asked_again: u64,
}

impl Router {
    /// Reads and compiles the component at `path`. It has no contacts and no state but its own: one
    /// that asks for either may answer otherwise than it did.
    ///
    /// # Errors
    ///
    /// [`CliError`] if the file cannot be read or is no router.
    pub fn load(path: &Path) -> Result<Self, CliError> {
        let failed = |what: String| CliError::failed(format!("{}: {what}", path.display()));
        let wasm = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
        // Compiled for this one proof, in a folder that nothing else knows.
        let cache = std::env::temp_dir().join(format!("jackfield-verify-{}", std::process::id()));
        let host = HostConfig {
            cache_dir: cache.clone(),
            compile_in_process: true,
            ..HostConfig::default()
        };
        let config = MeteredConfig { instances_max: 2, ..MeteredConfig::new(host) };
        let host = MeteredHost::new(config).map_err(|error| failed(error.to_string()))?;
        let services = Arc::new(ReplayServices::new(0));
        let plugin = host.router(&wasm, &Grants::all(), services.clone());
        // What is loaded stays; a folder that cannot be removed is the system's to clear.
        let _ = std::fs::remove_dir_all(cache);
        let plugin = plugin.map_err(|error| failed(error.to_string()))?;
        Ok(Self {
            digest: component_digest(&wasm),
            plugin,
            services,
            open: BTreeMap::new(),
            asked_again: 0,
        })
    }

    /// How many questions were answered as the journal says.
    pub fn asked_again(&self) -> u64 {
        self.asked_again
    }

    /// Remembers questions, and asks again what was answered by this router's digest.
    ///
    /// # Errors
    ///
    /// What differs, in words.
    pub fn note(&mut self, at: Instant, input: &Input, outputs: &[Output]) -> Result<(), String> {
        match input {
            // An engine that knows nothing counts its questions anew.
            Input::Restarted { .. } => self.open.clear(),
            Input::RouterReplied { ask, answer, plugin } => {
                let question = self.open.remove(ask);
                if *plugin == self.digest
                    && let Some(question) = question
                {
                    self.services.set_now_micros(at.as_micros());
                    let again = self.plugin.choose(&question);
                    let again = again.map_err(|failure| {
                        format!("the router answered question {}, and now it {failure}", ask.0)
                    })?;
                    if again != *answer {
                        return Err(format!(
                            "the router answered question {} with {:?}, and now it answers {:?}",
                            ask.0, answer.decision, again.decision
                        ));
                    }
                    self.asked_again += 1;
                }
            }
            Input::RouterFailed { ask, .. } => {
                self.open.remove(ask);
            }
            _ => (),
        }
        for output in outputs {
            if let Output::AskRouter { ask, request, .. } = output {
                self.open.insert(*ask, request.clone());
                if OPEN_MAX < self.open.len() {
                    self.open.pop_first();
                }
            }
        }
        Ok(())
    }
}
