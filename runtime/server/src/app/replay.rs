//! Replays of a tenant's past, and the gate that a candidate may have to pass.

use std::sync::{Arc, OnceLock};

use jackfield_plugin_host::{HostConfig, MeteredConfig, MeteredHost};
use jackfield_store::component_digest;
use tokio::sync::Semaphore;

use super::App;
use crate::replay::{Material, Order, Progress, ReplayError, Report, run};
use crate::rfc3339;
use crate::tenant::{Tenant, now};

/// The time that a gate judges if none is said: the last day, in microseconds.
const GATE_SPAN: u64 = 24 * 3_600 * 1_000_000;

/// Why a candidate was not let in.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// It does worse than it may.
    #[error("step gate: {0}; the version before serves on")]
    Refused(String),
    /// The gate cannot be judged.
    #[error("step gate: {0}; the version before serves on")]
    Replay(#[from] ReplayError),
}

/// The order of a gate: the last day, unless `order` says which.
pub fn gate_order(gate: &str, from: Option<&str>, to: Option<&str>) -> Order {
    let end = now().as_micros();
    let moment =
        |text: Option<&str>, usual| text.map_or_else(|| rfc3339::format(usual), str::to_owned);
    let mut order = Order::of(moment(from, end - GATE_SPAN), moment(to, end));
    order.gate = Some(gate.to_owned());
    order
}

/// What replays need and nothing else does. The metered host is made at the first replay.
pub struct Replays {
    config: HostConfig,
    host: OnceLock<MeteredHost>,
    limit: usize,
    places: Semaphore,
}

impl Replays {
    /// Prepares to replay with the limits of `config`, `limit` times at once.
    pub fn new(config: HostConfig, limit: usize) -> Self {
        Self { config, host: OnceLock::new(), limit, places: Semaphore::new(limit) }
    }

    /// How many replays run now, and how many may.
    pub fn running(&self) -> (usize, usize) {
        (self.limit.saturating_sub(self.places.available_permits()), self.limit)
    }

    fn host(&self) -> Result<MeteredHost, ReplayError> {
        if let Some(host) = self.host.get() {
            return Ok(host.clone());
        }
        let host = MeteredHost::new(MeteredConfig::new(self.config.clone()));
        let host = host.map_err(|error| ReplayError::Store(error.to_string()))?;
        Ok(self.host.get_or_init(|| host).clone())
    }
}

impl App {
    /// Replays a time of the tenant's past on a thread of its own. `progress` is told how far it is.
    ///
    /// # Errors
    ///
    /// [`ReplayError`]; nothing is changed by it.
    pub async fn replay(
        &self,
        tenant: &Arc<Tenant>,
        mut order: Order,
        mut progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<Report, ReplayError> {
        let span = order.span()?;
        order.gate()?;
        let Ok(_place) = self.replays.places.acquire().await else {
            unreachable!("the places are never closed")
        };
        let (tenant, host) = (Arc::clone(tenant), self.replays.host()?);
        let interpreter = self.interpreter.to_vec();
        let scripted = self.router_of_script(&mut order).await?;
        let work = move || {
            let mut material = Material::of_tenant(&tenant, span)?;
            material.components.extend(scripted);
            material.interpreter = interpreter;
            if order.flow.is_some() {
                material.add_stories(&tenant, span)?;
            }
            run(&host, &material, &order, &tenant.config().language, &mut progress)
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|error| Err(ReplayError::Store(format!("broken off: {error}"))))
    }

    /// Makes the component of a router that is ordered as a script, and orders that.
    async fn router_of_script(
        &self,
        order: &mut Order,
    ) -> Result<Option<(String, Vec<u8>)>, ReplayError> {
        let Some(router) = &mut order.router else { return Ok(None) };
        let Some(script) = &router.script else { return Ok(None) };
        let component = self.router_component(script).await.map_err(|error| {
            ReplayError::Script { of: router.name.clone(), reason: error.to_string() }
        })?;
        router.digest = component_digest(&component);
        Ok(Some((router.digest.clone(), component)))
    }

    /// Replays a candidate and says whether it may be swapped in.
    ///
    /// # Errors
    ///
    /// [`GateError::Refused`] names every figure that fails.
    pub async fn pass_gate(&self, tenant: &Arc<Tenant>, order: Order) -> Result<(), GateError> {
        let report = self.replay(tenant, order, |_| ()).await?;
        let verdicts = report.verdicts.iter().flatten();
        let failed: Vec<String> =
            verdicts.filter(|one| !one.holds).map(ToString::to_string).collect();
        if failed.is_empty() { Ok(()) } else { Err(GateError::Refused(failed.join("; "))) }
    }
}
