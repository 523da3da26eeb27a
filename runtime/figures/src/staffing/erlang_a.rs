//! Erlang A (M/M/c+M): callers wait, and give up after an exponential patience.
//!
//! Sources: C. Palm, 1957; Garnett, Mandelbaum, Reiman, "Designing a call center with impatient
//! customers" (2002); the integrals are those of Zeltyn and Mandelbaum, "Call centers with impatient
//! customers: many-server asymptotics of the M/M/n+G queue" (2005), which are exact.
//!
//! A caller who would wait V for an agent (the *offered* wait) has V = 0 if an agent is free, and
//! else the density
//!
//! ```text
//! f(x) = cμ·p_c·e^φ(x),   φ(x) = λH(x) - cμx,   H(x) = (1 - e^-θx) / θ
//! ```
//!
//! where p_c is the chance that just c calls are in the system. The caller's patience τ does not
//! depend on V, so that every figure is one integral over f: served within T is V ≤ T and V < τ;
//! the wait is min(V, τ). φ has one peak; all is computed relative to it, and nothing overflows
//! whatever the number of agents, the overload or the patience. Agents need not be whole: p_c then
//! comes from the continuous Erlang B.

use super::quadrature::{integrate, panels};
use super::{Load, StaffingError, agents_in_range, erlang_b, seconds};

/// e^-60 is nothing to 16 digits: so far from its peak the density ends.
const NEGLIGIBLE: f64 = 60.0;
/// In how many panels the density is cut at first.
const PANELS: u32 = 16;

/// A queue of Erlang A, solved.
#[derive(Clone, Debug)]
pub struct ErlangA {
    load: Load,
    agents: f64,
    /// θ, per second.
    impatience: f64,
    density: Density,
    p_wait: f64,
    /// 1 - p_wait, and the share served, computed without differences: under a heavy overload both
    /// are small.
    p_free: f64,
    served: f64,
    mean_wait: f64,
}

/// e^(φ(x) - φ(peak)), the shape of the offered wait of those who find no free agent.
#[derive(Clone, Debug)]
struct Density {
    /// Where φ is greatest, in seconds.
    peak: f64,
    /// φ' at the peak: 0 inside, negative if the peak is at 0.
    slope: f64,
    /// -φ'' at the peak is this times θ.
    curvature: f64,
    impatience: f64,
    /// Between these the density is not negligible.
    low: f64,
    high: f64,
    /// The integral over all of it, in seconds.
    mass: f64,
}

impl ErlangA {
    /// Solves the queue for callers whose mean patience is `patience_seconds`.
    ///
    /// # Errors
    ///
    /// [`StaffingError::OutOfRange`] if `agents` or `patience_seconds` is not positive or too large.
    pub fn solve(load: &Load, agents: f64, patience_seconds: f64) -> Result<Self, StaffingError> {
        let agents = agents_in_range(agents)?;
        let impatience = 1.0 / seconds("patience", patience_seconds)?;
        let arrivals = load.arrivals_per_second();
        let served = agents / load.handle_seconds();
        let density = Density::new(arrivals, served, impatience);

        // P(V > 0) = B·A / (1 - B + B·A) with A = cμ·∫e^φ, divided by e^φ(peak).
        let blocking = erlang_b::blocking(agents, load.erlangs());
        let busy = blocking * served * density.mass;
        let height = (arrivals - served) * density.peak
            - arrivals / impatience * bend(impatience * density.peak);
        let idle = (1.0 - blocking) * libm::exp(-height);
        let (p_wait, p_free) = (busy / (idle + busy), idle / (idle + busy));

        let served = p_free + p_wait * density.mean(|x| libm::exp(-impatience * x));
        let mean_wait = p_wait * density.mean(|x| -libm::expm1(-impatience * x) / impatience);
        Ok(Self { load: *load, agents, impatience, density, p_wait, p_free, served, mean_wait })
    }

    /// The share of callers who find no free agent. Some of them will give up.
    pub const fn p_wait(&self) -> f64 {
        self.p_wait
    }

    /// The share of callers who give up: θ·E\[W].
    pub fn p_abandon(&self) -> f64 {
        (self.impatience * self.mean_wait).min(1.0)
    }

    /// The share of callers who are served, at once or later.
    pub const fn p_served(&self) -> f64 {
        self.served
    }

    /// The mean wait of **all** callers, also of those who give up, in seconds.
    pub const fn mean_wait(&self) -> f64 {
        self.mean_wait
    }

    /// The mean wait of the callers who are **served**, in seconds: the ASA of a report.
    pub fn mean_wait_served(&self) -> f64 {
        let theta = self.impatience;
        let served = self.density.mean(|x| x * libm::exp(-theta * x));
        self.p_wait * served / self.served
    }

    /// The mean number of callers who wait: λ·E\[W], by Little's law.
    pub fn queue_length(&self) -> f64 {
        self.load.arrivals_per_second() * self.mean_wait
    }

    /// The share of the agents' time spent on calls: λ(1 - P(Ab)) / (cμ).
    pub fn occupancy(&self) -> f64 {
        self.load.erlangs() * self.served / self.agents
    }

    /// The share of all callers who are served within `seconds`.
    pub fn served_within(&self, seconds: f64) -> f64 {
        let theta = self.impatience;
        let weight = |x: f64| libm::exp(-theta * x);
        self.p_free + self.p_wait * self.density.share(0.0, seconds, weight)
    }

    /// The share of all callers who give up within `seconds`.
    pub fn abandoned_within(&self, seconds: f64) -> f64 {
        let theta = self.impatience;
        let gone = |x: f64| -libm::expm1(-theta * x);
        let sooner = self.density.share(0.0, seconds, gone);
        let later = self.density.share(seconds, f64::INFINITY, |_| 1.0) * gone(seconds);
        self.p_wait * (sooner + later)
    }

    /// The share of **all** callers who wait longer than `seconds`, whatever ends their wait.
    pub fn wait_exceeds(&self, seconds: f64) -> f64 {
        let offered = self.density.share(seconds, f64::INFINITY, |_| 1.0);
        self.p_wait * offered * libm::exp(-self.impatience * seconds)
    }

    /// The share of the **served** callers who waited longer than `seconds`.
    pub fn served_wait_exceeds(&self, seconds: f64) -> f64 {
        let theta = self.impatience;
        let later = self.density.share(seconds, f64::INFINITY, |x| libm::exp(-theta * x));
        self.p_wait * later / self.served
    }

    /// The wait that a share `share` of **all** callers does not exceed, in seconds.
    pub fn wait_percentile(&self, share: f64) -> f64 {
        self.percentile(share, |seconds| self.wait_exceeds(seconds))
    }

    /// The wait that a share `share` of the **served** callers does not exceed, in seconds.
    pub fn served_wait_percentile(&self, share: f64) -> f64 {
        self.percentile(share, |seconds| self.served_wait_exceeds(seconds))
    }

    fn percentile(&self, share: f64, exceeds: impl Fn(f64) -> f64) -> f64 {
        let rest = 1.0 - share;
        if exceeds(0.0) <= rest {
            return 0.0;
        }
        bisect(0.0, self.density.high, |seconds| exceeds(seconds) <= rest)
    }
}

impl Density {
    /// `arrivals` is λ, `served` is cμ, both per second.
    fn new(arrivals: f64, served: f64, impatience: f64) -> Self {
        let peak = libm::log(arrivals / served).max(0.0) / impatience;
        // At a peak inside of the range λe^-θx = cμ, exactly.
        let inside = served < arrivals;
        let slope = if inside { 0.0 } else { arrivals - served };
        let curvature = arrivals.min(served);
        let unbounded =
            Self { peak, slope, curvature, impatience, low: 0.0, high: peak, mass: 0.0 };
        let negligible = |x: f64| unbounded.log_height(x) < -NEGLIGIBLE;

        let low = if negligible(0.0) { bisect(0.0, peak, |x| !negligible(x)) } else { 0.0 };
        let mut step = 1.0 / served;
        while !negligible(peak + step) {
            step *= 2.0;
        }
        let high = bisect(peak, peak + step, negligible);
        let mut density = Self { low, high, ..unbounded };
        density.mass = density.integral(low, high, |_| 1.0);
        density
    }

    /// φ(x) - φ(peak), at most 0.
    fn log_height(&self, x: f64) -> f64 {
        let from_peak = x - self.peak;
        let bent = self.curvature / self.impatience * bend(self.impatience * from_peak);
        self.slope * from_peak - bent
    }

    /// The mean of `weight` over the offered wait, given that it is not zero.
    fn mean(&self, weight: impl Fn(f64) -> f64) -> f64 {
        self.integral(self.low, self.high, weight) / self.mass
    }

    /// The part of that mean between `from` and `to` seconds.
    fn share(&self, from: f64, to: f64, weight: impl Fn(f64) -> f64) -> f64 {
        let (low, high) = (from.max(self.low), to.min(self.high));
        if high <= low {
            return 0.0;
        }
        self.integral(low, high, weight) / self.mass
    }

    fn integral(&self, low: f64, high: f64, weight: impl Fn(f64) -> f64) -> f64 {
        // Patience may be far shorter than the waits there would be: its own scale, near zero.
        let patience = 1.0 / self.impatience;
        let extra = [0.25, 1.0, 4.0, 16.0, 64.0].map(|times| times * patience);
        integrate(&panels(low, high, PANELS, &extra), &|x| {
            libm::exp(self.log_height(x)) * weight(x)
        })
    }
}

/// e^-z - 1 + z, exact to the last digits also where z is small.
fn bend(z: f64) -> f64 {
    if 0.1 < z.abs() {
        return libm::expm1(-z) + z;
    }
    // z²/2 - z³/6 + z⁴/24 - …
    let mut term = z * z / 2.0;
    let mut sum = term;
    for power in 3..=14 {
        term *= -z / f64::from(power);
        sum += term;
    }
    sum
}

/// Finds where `reached` turns true between `low` and `high`, as exactly as numbers allow.
pub(super) fn bisect(low: f64, high: f64, reached: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (low, high);
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || high <= middle || high - low <= 1e-14 * high {
            return high;
        }
        if reached(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
}

#[cfg(test)]
mod tests;
