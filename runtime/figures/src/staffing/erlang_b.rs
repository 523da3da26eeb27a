//! Erlang B: calls that find all agents (or lines) busy are lost; there is no queue.
//!
//! Source: A. K. Erlang, 1917; for agents that are not whole: D. L. Jagerman, "Some properties of
//! the Erlang loss function", Bell System Technical Journal 53 (1974).

use super::quadrature::{integrate, panels};

/// Beyond this point e^-u is nothing to 16 digits, even times a square root.
const TAIL: f64 = 64.0;

/// Returns the share of calls that find all of `agents` busy, 0.0 to 1.0.
///
/// `agents` ≥ 0, whole or not, `erlangs` > 0. Whole steps are B(c) = a·B(c-1) / (c + a·B(c-1)),
/// which is stable and cannot overflow; what is left of a whole agent comes from the integral
/// 1/B(f, a) = ∫ a·e^(-at)·(1+t)^f dt over t ≥ 0.
pub fn blocking(agents: f64, erlangs: f64) -> f64 {
    let part = agents - libm::floor(agents);
    let mut servers = part;
    let mut blocking = if part == 0.0 { 1.0 } else { of_part(part, erlangs) };
    while servers + 0.5 < agents {
        servers += 1.0;
        blocking = erlangs * blocking / (servers + erlangs * blocking);
    }
    blocking
}

/// B(f, a) for 0 < f < 1: with u = at the integral is ∫ e^(-u)·(1 + u/a)^f du.
pub(super) fn of_part(part: f64, erlangs: f64) -> f64 {
    // The second factor changes its nature where u is about a, which may be far below 1.
    let mut extra = Vec::new();
    let mut point = erlangs.max(1e-18);
    while point < TAIL {
        extra.push(point);
        point *= 4.0;
    }
    let inverse = integrate(&panels(0.0, TAIL, 16, &extra), &|u| {
        libm::exp(part * libm::log1p(u / erlangs) - u)
    });
    1.0 / inverse
}

#[cfg(test)]
mod tests;
