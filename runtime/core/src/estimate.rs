//! How long a contact will still wait, in two figures: half wait at most the one, nine in ten at most
//! the other.
//!
//! ```text
//!  History ──► EstimateAsk ──► estimator ──► Estimate ──► Announcer ──► what the customer hears
//!  (recent past)               (native or          │          ▲
//!                               a plugin)          └► Calibration: does it keep its promise?
//! ```
//!
//! Estimators are functions of what they are asked; two are here, [`erlang_like`] and [`empirical`],
//! and a tenant's may be a plugin. None is believed: [`Calibration`] counts how many waits were within
//! the estimates, and [`Announcer`] says nothing while that is not what was promised. What it says
//! falls with the time that passes and does not rise again unless the contact's place or the staff
//! got worse.
//!
//! This module asks nobody and speaks to nobody: the engine carries questions and announcements.

mod announcer;
mod calibration;
mod history;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Attribute, Channel, InteractionId, QueueId};

pub use announcer::Announcer;
pub use calibration::{Calibration, CalibrationLimits, CalibrationReport};
pub use history::History;

/// How long a contact will wait from now on.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Half of such contacts wait no longer.
    pub p50: Duration,
    /// Nine of ten such contacts wait no longer.
    pub p90: Duration,
}

/// No estimate is longer: a day.
pub(crate) const ESTIMATE_MAX: Duration = Duration::from_secs(24 * 60 * 60);

impl Estimate {
    /// Makes an estimate of what an estimator says: no longer than a day, and in order.
    pub fn new(p50: Duration, p90: Duration) -> Self {
        let p50 = p50.min(ESTIMATE_MAX);
        Self { p50, p90: p90.min(ESTIMATE_MAX).max(p50) }
    }

    /// Returns the estimate in whole steps, rounded up, as it is spoken. A step of zero changes
    /// nothing.
    #[must_use]
    pub fn rounded_up(self, step: Duration) -> Self {
        let round = |span: Duration| match step.as_micros() {
            0 => span,
            step => {
                let micros = span.as_micros().div_ceil(step) * step;
                Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
            }
        };
        Self { p50: round(self.p50), p90: round(self.p90) }
    }
}

/// One question to an estimator: the Rust face of `jackfield:queueing/estimating`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EstimateAsk {
    /// The contact.
    pub interaction: InteractionId,
    /// The kind of conversation.
    pub channel: Channel,
    /// Where it waits.
    pub queue: QueueId,
    /// 1 is next.
    pub position: u32,
    /// Since joining the first queue of the stay.
    pub waited_ms: u32,
    /// Agents of the queue who could serve it and are logged in and not NotReady.
    pub agents: u32,
    /// Of these, who are Ready.
    pub agents_ready: u32,
    /// The latest waits of answered contacts of the queue, latest last: position at joining and
    /// milliseconds.
    pub recent_waits: Vec<(u32, u32)>,
    /// The latest handle times of the queue (conversation and after-call work), latest last, in
    /// milliseconds.
    pub recent_handles_ms: Vec<u32>,
    /// Of the latest contacts that left the queue, the share that abandoned, 0.0 to 1.0.
    pub abandon_share: f64,
    /// The queue's settings.
    pub attributes: Vec<Attribute>,
    /// Engine time since the first input of the journal, in seconds.
    pub now_seconds: f64,
}

/// From fewer samples than this an estimator says nothing.
const SAMPLES_MIN: usize = 5;

/// The 0.9 quantile of the standard normal distribution.
const NORMAL_P90: f64 = 1.281_551_565_544_600_4;

/// Estimates as a queue with one server as fast as all agents of the queue together: a contact at
/// position `p` waits for `p` services, less those ahead of it who will give up.
///
/// The rate is that of the agents by their mean handle time, as if all were at work for this queue.
/// The sum of `k` exponential times has a gamma distribution; its quantiles are taken from Wilson and
/// Hilferty (1931), `mean (1 - 1/9k + z / 3 sqrt k)^3`, which is within 1.5 % from `k = 1` on and uses
/// nothing but arithmetic and square roots, so that all machines agree. As the mean handle time is
/// itself a mean of `n` samples, `1/k + 1/n` stands for `1/k`. Returns `None` without agents and from
/// fewer than 5 handle times.
pub fn erlang_like(ask: &EstimateAsk) -> Option<Estimate> {
    let samples = ask.recent_handles_ms.len();
    let total: u64 = ask.recent_handles_ms.iter().map(|&handle| u64::from(handle)).sum();
    if samples < SAMPLES_MIN || total == 0 || ask.agents == 0 {
        return None;
    }
    let mean_handle = total as f64 / 1_000.0 / samples as f64;
    let stays = 1.0 - ask.abandon_share.clamp(0.0, 1.0);
    let services = 1.0 + f64::from(ask.position.saturating_sub(1)) * stays;
    let mean = services * mean_handle / f64::from(ask.agents);
    let shape = 1.0 / (1.0 / services + 1.0 / samples as f64);
    let quantile = |z: f64| {
        let root = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * shape.sqrt());
        span(mean * root * root * root)
    };
    Some(Estimate::new(quantile(0.0), quantile(NORMAL_P90)))
}

/// Estimates from the recent waits themselves: each, divided by the places it took and multiplied by
/// those to go, is a sample; the quantiles are the samples' (linear between neighbours, Hyndman and
/// Fan's type 7). Who was answered at once did not queue and tells nothing. Returns `None` from fewer
/// than 5 samples.
pub fn empirical(ask: &EstimateAsk) -> Option<Estimate> {
    let waits = ask.recent_waits.iter().filter(|(_, waited_ms)| 0 < *waited_ms);
    let to_go = u64::from(ask.position.max(1));
    let sample = |&(position, waited_ms): &(u32, u32)| {
        u64::from(waited_ms) * to_go * 1_000 / u64::from(position.max(1))
    };
    let mut samples: Vec<u64> = waits.map(sample).collect();
    if samples.len() < SAMPLES_MIN {
        return None;
    }
    samples.sort_unstable();
    let quantile = |tenths: usize| {
        // In tenths of a step, so that no fraction is rounded.
        let (index, part) = ((samples.len() - 1) * tenths / 10, (samples.len() - 1) * tenths % 10);
        let (low, high) = (samples[index], samples[(index + 1).min(samples.len() - 1)]);
        Duration::from_micros(low + (high - low) / 10 * part as u64)
    };
    Some(Estimate::new(quantile(5), quantile(9)))
}

fn span(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).map_or(ESTIMATE_MAX, |span| {
        // To the microsecond, as all times of the engine.
        Duration::from_micros(u64::try_from(span.as_micros()).unwrap_or(u64::MAX))
    })
}
