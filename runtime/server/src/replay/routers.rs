//! Routers of a replay: the recorded versions and the candidate, metered.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_core::{Estimate, EstimateAsk, PluginFailure, RoutingAnswer, RoutingAsk};
use jackfield_plugin_host::{Grants, MeteredEstimator, MeteredHost, MeteredRouter, ReplayServices};
use jackfield_sim::{Estimator, Router};

use super::Material;

/// A component that answers deterministically.
struct Wasm {
    router: MeteredRouter,
    services: Arc<ReplayServices>,
    digest: String,
}

impl Router for Wasm {
    fn choose(&mut self, ask: &RoutingAsk) -> Result<RoutingAnswer, PluginFailure> {
        // What the router remembers for a time is forgotten by the engine's clock.
        self.services.set_now_micros((ask.now_seconds * 1e6) as u64);
        self.router.choose(ask)
    }

    fn digest(&self) -> String {
        self.digest.clone()
    }
}

/// Components that were checked, compiled and tried once; each of their routers remembers nothing yet.
pub struct Routers<'w> {
    host: &'w MeteredHost,
    material: &'w Material,
    /// By digest; `None` is one that cannot be had.
    loaded: RefCell<BTreeMap<String, Option<MeteredRouter>>>,
}

impl<'w> Routers<'w> {
    /// Loads nothing yet.
    pub fn new(host: &'w MeteredHost, material: &'w Material) -> Self {
        Self { host, material, loaded: RefCell::default() }
    }

    /// The router of this digest, or why it is not accepted.
    ///
    /// # Errors
    ///
    /// The reason, in words.
    pub fn try_load(&self, digest: &str) -> Result<(), String> {
        let wasm = self.material.components.get(digest);
        let wasm = wasm.ok_or_else(|| "it is not installed any more".to_owned())?;
        let router = load(self.host, wasm)?;
        self.loaded.borrow_mut().insert(digest.to_owned(), Some(router));
        Ok(())
    }

    /// A router of this digest that remembers nothing; `None` if it is not at hand or not accepted.
    pub fn get(&self, digest: &str) -> Option<Box<dyn Router>> {
        let known = self.loaded.borrow().contains_key(digest);
        if !known && self.try_load(digest).is_err() {
            self.loaded.borrow_mut().insert(digest.to_owned(), None);
        }
        let loaded = self.loaded.borrow();
        loaded.get(digest)?.as_ref().map(|router| fresh(router, digest))
    }

    /// A router for each name; one that cannot be loaded is left out, and fails as it would live.
    pub fn all(&self, digests: &BTreeMap<String, String>) -> BTreeMap<String, Box<dyn Router>> {
        let routers = digests.iter().filter_map(|(name, digest)| {
            let router = self.get(digest)?;
            Some((name.clone(), router))
        });
        routers.collect()
    }
}

/// Loads this component; one that remembers nothing yet.
///
/// # Errors
///
/// Why it is not accepted.
pub fn of_component(
    host: &MeteredHost,
    wasm: &[u8],
    digest: &str,
) -> Result<Box<dyn Router>, String> {
    Ok(fresh(&load(host, wasm)?, digest))
}

/// An estimator that answers deterministically.
struct WasmEstimator {
    estimator: MeteredEstimator,
    digest: String,
}

impl Estimator for WasmEstimator {
    fn estimate(&mut self, ask: &EstimateAsk) -> Result<Option<Estimate>, PluginFailure> {
        self.estimator.estimate(ask)
    }

    fn digest(&self) -> String {
        self.digest.clone()
    }
}

/// Loads this estimator; one that remembers nothing yet.
///
/// # Errors
///
/// Why it is not accepted.
pub fn estimator_of(
    host: &MeteredHost,
    wasm: &[u8],
    digest: &str,
) -> Result<Box<dyn Estimator>, String> {
    let services = Arc::new(ReplayServices::new(1));
    let estimator = host.estimator(wasm, &Grants::all(), services);
    let estimator = estimator.map_err(|error| error.to_string())?;
    Ok(Box::new(WasmEstimator { estimator, digest: digest.to_owned() }))
}

fn load(host: &MeteredHost, wasm: &[u8]) -> Result<MeteredRouter, String> {
    let services = Arc::new(ReplayServices::new(1));
    host.router(wasm, &Grants::all(), services).map_err(|error| error.to_string())
}

fn fresh(router: &MeteredRouter, digest: &str) -> Box<dyn Router> {
    let services = Arc::new(ReplayServices::new(1));
    let router = router.fresh(Arc::<ReplayServices>::clone(&services));
    Box::new(Wasm { router, services, digest: digest.to_owned() })
}
