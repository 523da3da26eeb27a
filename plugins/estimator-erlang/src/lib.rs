//! Estimates a wait from the handle times: position by position, until enough agents have become
//! free or those ahead have given up.
//!
//! A contact at position `p`, with `r` agents ready, is served when `k = p - r` of those ahead and
//! itself have left the line. With `j` contacts ahead the next leaves after an exponential time of the
//! rate
//!
//! ```text
//! rate(j) = n / m + j θ,   j = k-1 ... 0
//! ```
//!
//! `n` agents, mean handle time `m`, and each contact ahead giving up at the rate `θ`. That rate is
//! not seen, but the share that abandons is, and `P(abandon) = θ E(wait)` in every queue with
//! exponential patience (Mandelbaum and Zeltyn 2007, §3): `θ = share / mean wait`.
//!
//! The sum of these times has mean and variance
//!
//! ```text
//! mean     = (1 - (1 - f) / 2k) Σ 1 / rate(j)
//! variance = f Σ 1 / rate(j)² + (1 - f)² / 12 rate(0)² + mean² c² / s
//! f        = (n - 1 + k c²) / (n - 1 + k)
//! ```
//!
//! `c²` is the squared coefficient of variation of the `s` handle times. One agent's departures are a
//! renewal process: the first is the residual time, `(1 + c²) / 2` of the mean and not certain even
//! if all times are alike (the term with 12), and the variance of the others is `c²`; those of many agents are Poisson in a short time and like renewals in a long
//! one. `f` leads from 1 to `c²` between these (an interpolation of ours; 1 for exponential handle
//! times, `c²` for one agent). The last term is the uncertainty of the mean handle time itself.
//! Quantiles are those of the gamma distribution with this mean and variance, by Wilson and Hilferty
//! (1931): `mean (1 - v/9 + z √v / 3)³` with `v = variance / mean²`. Nothing but arithmetic and square
//! roots is used, so all machines agree.

use jackfield_sdk::PluginError;
use jackfield_sdk::estimator::{EstimateAsk, WaitEstimate};
use jackfield_sdk::settings::{SPAN, Settings, wrong};

jackfield_sdk::estimator!(estimate);

/// The 0.9 quantile of the standard normal distribution.
const NORMAL_P90: f64 = 1.281_551_565_544_600_4;
/// Further back in line nothing is estimated.
const POSITION_MAX: u32 = 10_000;
/// Handle times that a setting in their stead is worth.
const SETTING_WORTH: f64 = 5.0;

/// What the handle times say.
struct Handles {
    mean_ms: f64,
    /// Variance / mean², between 0 and 4: a few odd samples must not rule.
    variation: f64,
    samples: f64,
}

fn estimate(ask: &EstimateAsk) -> Result<Option<WaitEstimate>, PluginError> {
    let Some(handles) = handles(ask)? else { return Ok(None) };
    if ask.agents == 0 || POSITION_MAX < ask.position {
        return Ok(None);
    }
    let services = ask.position.max(1).saturating_sub(ask.agents_ready);
    let served = f64::from(ask.agents) / handles.mean_ms;
    let given_up = giving_up(ask);
    let (mut mean, mut squares) = (0.0, 0.0);
    for ahead in (0..services).rev() {
        let span = 1.0 / (served + f64::from(ahead) * given_up);
        mean += span;
        squares += span * span;
    }
    let (others, count) = (f64::from(ask.agents - 1), f64::from(services.max(1)));
    let renewal = (others + count * handles.variation) / (others + count);
    mean *= 1.0 - (1.0 - renewal) / (2.0 * count);
    let residual = (1.0 - renewal) / served;
    let variance = renewal * squares
        + residual * residual / 12.0
        + mean * mean * handles.variation / handles.samples;
    let relative = if mean == 0.0 { 0.0 } else { variance / (mean * mean) };
    let quantile = |z: f64| {
        let root = (1.0 - relative / 9.0 + z * relative.sqrt() / 3.0).max(0.0);
        mean * root * root * root
    };
    Ok(Some(WaitEstimate::of_ms(quantile(0.0), quantile(NORMAL_P90))))
}

/// The handle times of the queue, or, as long as there are too few, the setting.
fn handles(ask: &EstimateAsk) -> Result<Option<Handles>, PluginError> {
    let settings = Settings::of_estimate(ask);
    let least = settings.number("estimate-least-handles", 5, 2..=1_000)? as usize;
    let stated_ms = settings.span_ms("estimate-handle-time", 0)?;
    if settings.text("estimate-handle-time").is_some() && stated_ms == 0 {
        return Err(wrong("estimate-handle-time", "0", SPAN));
    }
    let spans = &ask.recent_handles_ms;
    let total: u64 = spans.iter().map(|span| u64::from(*span)).sum();
    if spans.len() < least || total == 0 {
        return Ok((stated_ms != 0).then_some(Handles {
            mean_ms: stated_ms.into(),
            variation: 1.0,
            samples: SETTING_WORTH,
        }));
    }
    let samples = spans.len() as f64;
    let mean_ms = total as f64 / samples;
    let from_mean = spans.iter().map(|span| f64::from(*span) - mean_ms);
    let squares: f64 = from_mean.map(|span| span * span).sum();
    let variation = (squares / (samples - 1.0) / (mean_ms * mean_ms)).min(4.0);
    Ok(Some(Handles { mean_ms, variation, samples }))
}

/// At what rate, per millisecond, a waiting contact gives up.
fn giving_up(ask: &EstimateAsk) -> f64 {
    let total: u64 = ask.recent_waits.iter().map(|past| u64::from(past.waited_ms)).sum();
    if total == 0 {
        return 0.0;
    }
    let mean = total as f64 / ask.recent_waits.len() as f64;
    ask.abandon_share.clamp(0.0, 1.0) / mean
}

#[cfg(test)]
mod tests;
