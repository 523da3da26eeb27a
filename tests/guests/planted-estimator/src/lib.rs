//! Divides by the number of agents: wrong where there are none.

use jackfield_sdk::PluginError;
use jackfield_sdk::estimator::{EstimateAsk, Estimator, WaitEstimate};

struct Planted;

impl Estimator for Planted {
    fn estimate(ask: EstimateAsk) -> Result<Option<WaitEstimate>, PluginError> {
        let p50_ms = ask.position.saturating_mul(1_000) / ask.agents;
        Ok(Some(WaitEstimate { p50_ms, p90_ms: p50_ms.saturating_mul(2) }))
    }
}

jackfield_sdk::export_estimator!(Planted);
