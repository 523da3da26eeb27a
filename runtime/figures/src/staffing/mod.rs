//! How many agents a load needs: Erlang B, C, A and X, chat, back office, shrinkage.
//!
//! Everything here is a function of numbers: no clock, no random number, no journal. Exponentials
//! and logarithms are those of `libm`, so the same load gives the same bits on every machine.
//! Agents may be fractional in the four Erlang models (30.5 is one agent present half of the time).
//! `STAFFING.md` beside the crate lists each formula with its source and a tested example.
//!
//! Not here: schedules, forecasts of the load, and queues with several skills. There is no closed
//! form for those queues; the simulator answers, and [`required::smallest_agents`] of dedicated
//! pools and of one common pool are its bounds.
//!
//! | symbol | meaning | in code |
//! | --- | --- | --- |
//! | λ | calls that arrive per second | [`Load::arrivals_per_second`] |
//! | 1/μ | average handle time | [`Load::handle_seconds`] |
//! | a = λ/μ | offered load, in erlangs | [`Load::erlangs`] |
//! | c | agents | `agents` |
//! | 1/θ | mean patience, exponential | `patience_seconds` |

pub mod back_office;
pub mod chat;
pub mod deadline;
pub mod erlang_a;
pub mod erlang_b;
pub mod erlang_c;
pub mod erlang_x;
mod figures;
pub mod lines;
mod quadrature;
pub mod required;
pub mod shrinkage;

pub use figures::{Model, Redials, Staffing};
pub use required::{Target, smallest_agents};

use std::time::Duration;

/// The most agents that are computed. All formulas are tested at 10,000.
pub const AGENTS_MAX: u32 = 100_000;

/// The longest interval, handle time, patience or target: a year.
pub const SECONDS_MAX: f64 = 366.0 * 86_400.0;

/// Work that arrives: how often, and how long each piece of it takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    arrivals_per_second: f64,
    handle_seconds: f64,
}

impl Load {
    /// `calls` arrive in each `interval`, and each takes an agent for `handle` (talk, hold and
    /// after-call work).
    ///
    /// # Errors
    ///
    /// [`StaffingError::OutOfRange`] if a number is not positive, a time is longer than
    /// [`SECONDS_MAX`], or the load is more than [`AGENTS_MAX`] erlangs.
    pub fn new(calls: f64, interval: Duration, handle: Duration) -> Result<Self, StaffingError> {
        let interval = seconds("interval", interval.as_secs_f64())?;
        if !(calls > 0.0 && calls.is_finite()) {
            return Err(StaffingError::out_of_range("calls", "a number above 0", calls));
        }
        Self::of_rate(calls / interval, handle.as_secs_f64())
    }

    /// A load by its rate, in calls per second, and its handle time, in seconds.
    ///
    /// # Errors
    ///
    /// As [`Load::new`].
    pub fn of_rate(arrivals_per_second: f64, handle_seconds: f64) -> Result<Self, StaffingError> {
        let handle_seconds = seconds("aht", handle_seconds)?;
        if !(arrivals_per_second > 0.0 && arrivals_per_second.is_finite()) {
            let accepted = "a number above 0";
            return Err(StaffingError::out_of_range("calls", accepted, arrivals_per_second));
        }
        let load = Self { arrivals_per_second, handle_seconds };
        if load.erlangs() > f64::from(AGENTS_MAX) {
            let accepted = "so few that calls × aht / interval is at most 100000 erlangs";
            return Err(StaffingError::out_of_range("calls", accepted, load.erlangs()));
        }
        Ok(load)
    }

    /// λ: calls per second.
    pub const fn arrivals_per_second(&self) -> f64 {
        self.arrivals_per_second
    }

    /// 1/μ: the average handle time, in seconds.
    pub const fn handle_seconds(&self) -> f64 {
        self.handle_seconds
    }

    /// a = λ/μ: the offered load, the mean number of agents that would be busy if there were enough.
    pub fn erlangs(&self) -> f64 {
        self.arrivals_per_second * self.handle_seconds
    }

    /// The same work at another rate of arrival.
    const fn with_rate(self, arrivals_per_second: f64) -> Self {
        Self { arrivals_per_second, ..self }
    }
}

/// Why a question about staff has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StaffingError {
    /// A number is outside of what makes sense.
    #[error("{what} must be {accepted}, got {got}")]
    OutOfRange {
        /// Which number, by the name of its option on the command line.
        what: &'static str,
        /// What would be accepted.
        accepted: &'static str,
        /// The number found.
        got: f64,
    },
    /// No number of agents is enough.
    #[error("no number of agents up to {AGENTS_MAX} meets {what}")]
    Unreachable {
        /// What cannot be met.
        what: &'static str,
    },
    /// More pieces of work than can be compared with each other.
    #[error("{what} must be at most {max} entries, got {got}")]
    TooMany {
        /// Which list.
        what: &'static str,
        /// How long it may be.
        max: usize,
        /// How long it is.
        got: usize,
    },
}

impl StaffingError {
    const fn out_of_range(what: &'static str, accepted: &'static str, got: f64) -> Self {
        Self::OutOfRange { what, accepted, got }
    }
}

/// Checks a length of time that must not be zero.
fn seconds(what: &'static str, got: f64) -> Result<f64, StaffingError> {
    if got > 0.0 && got <= SECONDS_MAX {
        return Ok(got);
    }
    Err(StaffingError::out_of_range(what, "more than 0s and at most 366d", got))
}

/// Checks a length of time that may be zero.
fn seconds_or_none(what: &'static str, got: f64) -> Result<f64, StaffingError> {
    if (0.0..=SECONDS_MAX).contains(&got) {
        return Ok(got);
    }
    Err(StaffingError::out_of_range(what, "0s to 366d", got))
}

/// Checks a number of agents, which need not be whole.
fn agents_in_range(got: f64) -> Result<f64, StaffingError> {
    if got > 0.0 && got <= f64::from(AGENTS_MAX) {
        return Ok(got);
    }
    Err(StaffingError::out_of_range("agents", "more than 0 and at most 100000", got))
}

/// Checks a share that is neither nothing nor all.
fn proper_share(what: &'static str, got: f64) -> Result<f64, StaffingError> {
    if got > 0.0 && got < 1.0 {
        return Ok(got);
    }
    Err(StaffingError::out_of_range(what, "more than 0% and less than 100%", got))
}

// The examples of the document are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../STAFFING.md")]
struct Document;

#[cfg(test)]
mod tests;
