//! Erlang C (M/M/c): calls wait as long as it takes, nobody gives up.
//!
//! Source: A. K. Erlang, 1917. Valid only while the load is below the number of agents: otherwise
//! the queue grows without end and there is no mean wait.

use super::erlang_b;

/// Returns C, the share of calls that wait, 0.0 to 1.0: B / (1 - ρ(1 - B)); 1.0 if agents ≤ load.
pub fn p_wait(agents: f64, erlangs: f64) -> f64 {
    if agents <= erlangs {
        return 1.0;
    }
    let blocking = erlang_b::blocking(agents, erlangs);
    let free = (agents - erlangs) / agents;
    // 1 - ρ(1 - B), without a difference of two numbers that are nearly equal.
    blocking / (free + (1.0 - free) * blocking)
}

/// A queue of Erlang C that is in balance.
#[derive(Clone, Copy, Debug)]
pub struct ErlangC {
    agents: f64,
    erlangs: f64,
    handle_seconds: f64,
    p_wait: f64,
}

impl ErlangC {
    /// Solves the queue; `None` if agents ≤ load, because then it has no balance.
    pub fn solve(load: &super::Load, agents: f64) -> Option<Self> {
        let erlangs = load.erlangs();
        let p_wait = p_wait(agents, erlangs);
        let handle_seconds = load.handle_seconds();
        (erlangs < agents).then_some(Self { agents, erlangs, handle_seconds, p_wait })
    }

    /// The share of calls that wait.
    pub const fn p_wait(&self) -> f64 {
        self.p_wait
    }

    /// The mean wait of those who wait, in seconds: AHT / (c - a).
    pub fn mean_wait_of_delayed(&self) -> f64 {
        self.handle_seconds / (self.agents - self.erlangs)
    }

    /// The mean wait of all callers, in seconds: C·AHT / (c - a). All are served, so this is the ASA.
    pub fn mean_wait(&self) -> f64 {
        self.p_wait * self.mean_wait_of_delayed()
    }

    /// The mean number of calls that wait: C·ρ / (1 - ρ).
    pub fn queue_length(&self) -> f64 {
        self.p_wait * self.erlangs / (self.agents - self.erlangs)
    }

    /// The share of calls that wait longer than `seconds`: C·e^(-(c - a)·T / AHT).
    pub fn wait_exceeds(&self, seconds: f64) -> f64 {
        self.p_wait * libm::exp(-seconds / self.mean_wait_of_delayed())
    }

    /// The wait that a share `share` of the calls does not exceed, in seconds; 0 if they do not wait.
    pub fn wait_percentile(&self, share: f64) -> f64 {
        let rest = 1.0 - share;
        if self.p_wait <= rest {
            return 0.0;
        }
        self.mean_wait_of_delayed() * libm::log(self.p_wait / rest)
    }
}

#[cfg(test)]
mod tests;
