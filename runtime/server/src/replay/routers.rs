//! Routers of a replay: the recorded versions and the candidate, metered.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_core::{Estimate, EstimateAsk, PluginFailure, RoutingAnswer, RoutingAsk};
use jackfield_plugin_host::{Grants, MeteredEstimator, MeteredHost, MeteredRouter, ReplayServices};
use jackfield_sim::{Estimator, Router};

use super::{Material, ReplayError};

/// A component that answers deterministically.
struct Wasm {
    router: MeteredRouter,
    digest: String,
}

impl Router for Wasm {
    fn choose(&mut self, ask: &RoutingAsk) -> Result<RoutingAnswer, PluginFailure> {
        self.router.choose(ask)
    }

    fn digest(&self) -> String {
        self.digest.clone()
    }
}

/// Loads the router of this digest; one that remembers nothing yet.
///
/// # Errors
///
/// [`ReplayError::Component`] if it is not at hand or not accepted.
pub fn load(
    host: &MeteredHost,
    material: &Material,
    digest: &str,
) -> Result<Box<dyn Router>, ReplayError> {
    let refuse = |reason: String| ReplayError::Component { digest: digest.to_owned(), reason };
    let wasm = material.components.get(digest);
    let wasm = wasm.ok_or_else(|| refuse("it is not installed any more".to_owned()))?;
    of_component(host, wasm, digest).map_err(refuse)
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
    let services = Arc::new(ReplayServices::new(1));
    let router = host.router(wasm, &Grants::all(), services);
    let router = router.map_err(|error| error.to_string())?;
    Ok(Box::new(Wasm { router, digest: digest.to_owned() }))
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

/// Loads a router for each name; one that cannot be loaded is left out, and fails as it would live.
pub fn all(
    host: &MeteredHost,
    material: &Material,
    digests: &BTreeMap<String, String>,
) -> BTreeMap<String, Box<dyn Router>> {
    let loaded = digests.iter().filter_map(|(name, digest)| {
        let router = load(host, material, digest);
        router.ok().map(|router| (name.clone(), router))
    });
    loaded.collect()
}
