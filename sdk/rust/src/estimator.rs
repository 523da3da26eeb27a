//! Saying how long a waiting contact will wait: world `estimator`.

pub use crate::bindings::estimator::exports::jackfield::plugin::estimator_guest::Guest as Estimator;
pub use crate::bindings::estimator::jackfield::queueing::estimating::{
    EstimateAsk, PastWait, WaitEstimate,
};

/// No estimate is longer: a day.
const WAIT_MAX_MS: f64 = 86_400_000.0;

impl WaitEstimate {
    /// Makes an estimate of two quantiles in milliseconds: whole ones, rounded up, no longer than a
    /// day, and in order. What is no number is a day.
    pub fn of_ms(p50: f64, p90: f64) -> Self {
        let span = |ms: f64| if ms.is_nan() { WAIT_MAX_MS } else { ms.clamp(0.0, WAIT_MAX_MS) };
        let whole = |ms: f64| span(ms).ceil() as u32;
        let p50_ms = whole(p50);
        Self { p50_ms, p90_ms: whole(p90).max(p50_ms) }
    }
}
