//! Erlang X: Erlang A whose callers, having given up, call again.
//!
//! Source: G. Koole, "Call Center Optimization" (2013). Lines are not limited here: [`super::lines`]
//! has that. With λ first
//! calls and a chance r that one who gave up calls again, the attempts λ' solve
//!
//! ```text
//! λ' = λ / (1 - r·P_Ab(λ'))     each redial may fail and be redialled again
//! λ' = λ·(1 + r·P_Ab(λ'))       only a first attempt is redialled
//! ```
//!
//! Redials are taken for fresh arrivals at any time, as usual; in truth they follow soon after.

use super::erlang_a::{ErlangA, bisect};
use super::{Load, StaffingError};

/// Which of the callers who gave up call again.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Redials {
    /// Each who gives up, also on a redial, calls again with the same chance.
    #[default]
    Repeated,
    /// Only who gives up on the first call.
    FirstOnly,
}

/// A queue of Erlang X, solved: an Erlang A under the load of all attempts.
#[derive(Clone, Debug)]
pub struct ErlangX {
    /// The queue as the attempts find it. Its figures are per attempt.
    pub queue: ErlangA,
    /// λ': attempts per second, first calls and redials.
    pub attempts_per_second: f64,
    /// The share of customers who are never served, however often they call.
    pub lost: f64,
}

impl ErlangX {
    /// Solves the queue for callers who call again with chance `redial`.
    ///
    /// # Errors
    ///
    /// [`StaffingError::OutOfRange`] as [`ErlangA::solve`], or if `redial` is not in 0.0 ≤ r < 1.0.
    pub fn solve(
        load: &Load,
        agents: f64,
        patience_seconds: f64,
        redial: f64,
        redials: Redials,
    ) -> Result<Self, StaffingError> {
        if !(0.0..1.0).contains(&redial) {
            let accepted = "at least 0% and less than 100%";
            return Err(StaffingError::out_of_range("redial", accepted, redial));
        }
        let first = load.arrivals_per_second();
        let at =
            |attempts: f64| ErlangA::solve(&load.with_rate(attempts), agents, patience_seconds);
        at(first)?;
        // What is wrong with the numbers has been said by now: the rate alone changes.
        let abandon = |attempts: f64| at(attempts).map_or(1.0, |queue| queue.p_abandon());
        // Attempts less redials grow with the attempts, as the served do: there is one solution,
        // and it lies between no redial and a redial after each attempt.
        let attempts = match redials {
            _ if redial == 0.0 => first,
            Redials::Repeated => bisect(first, first / (1.0 - redial), |attempts| {
                first <= attempts * (1.0 - redial * abandon(attempts))
            }),
            Redials::FirstOnly => bisect(first, first * (1.0 + redial), |attempts| {
                first * (1.0 + redial * abandon(attempts)) <= attempts
            }),
        };
        let queue = at(attempts)?;
        let gone = queue.p_abandon();
        let lost = match redials {
            Redials::Repeated => (1.0 - redial) * gone / (1.0 - redial * gone),
            Redials::FirstOnly => gone * (1.0 - redial + redial * gone),
        };
        Ok(Self { queue, attempts_per_second: attempts, lost })
    }
}

#[cfg(test)]
mod tests;
