//! All figures of one queue by one model, in one place: for a table, and to compare with a simulation.

use super::erlang_a::ErlangA;
use super::erlang_c::ErlangC;
use super::erlang_x::ErlangX;
use super::lines::Lines;
use super::{Load, StaffingError, agents_in_range, erlang_b, seconds_or_none};

pub use super::erlang_x::Redials;

/// What becomes of a caller who finds no free agent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Model {
    /// Is lost: there is no queue.
    ErlangB,
    /// Waits as long as it takes.
    ErlangC,
    /// Waits, and gives up after an exponential patience.
    ErlangA {
        /// Its mean, in seconds.
        patience_seconds: f64,
    },
    /// As Erlang A, and may call again.
    ErlangX {
        /// The mean patience, in seconds.
        patience_seconds: f64,
        /// The chance that a caller who gave up calls again, 0.0 ≤ r < 1.0.
        redial: f64,
        /// Who calls again.
        redials: Redials,
        /// How many can talk and wait at once; `None` is no limit. Who finds all lines taken is
        /// turned away, and calls again as who gave up does, repeatedly.
        lines: Option<u32>,
    },
}

/// The figures of one queue. `None` where the model has no such thing: Erlang B has no wait, Erlang C
/// nobody who gives up, and a queue that grows without end no mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Staffing {
    /// By which model.
    pub model: Model,
    /// For which load. With redials these are the first calls.
    pub load: Load,
    /// How many agents are there, not necessarily a whole number.
    pub agents: f64,
    /// The time T of the service level, in seconds.
    pub within_seconds: f64,
    /// Served within T / all offered (variant SL3: every abandon counts as missed), 0.0 to 1.0. With
    /// redials: of all attempts. Of Erlang B: served at all.
    pub service_level: f64,
    /// The mean wait of the callers who are **served**, in seconds: the average speed of answer.
    pub asa_seconds: Option<f64>,
    /// The mean wait of **all** callers, served or not, in seconds.
    pub mean_wait_seconds: Option<f64>,
    /// The share of the agents' time that is spent on calls, 0.0 to 1.0.
    pub occupancy: f64,
    /// The share of callers who find no free agent and enter the queue.
    pub p_wait: Option<f64>,
    /// The share of callers who give up. With redials: of all attempts.
    pub p_abandon: Option<f64>,
    /// The share of callers who give up within T.
    pub p_abandon_within: Option<f64>,
    /// The share of callers who are turned away: Erlang B's loss, or all lines were taken.
    pub p_block: Option<f64>,
    /// The mean number of callers who wait.
    pub queue_length: Option<f64>,
    /// All attempts per second, first calls and redials.
    pub attempts_per_second: f64,
    /// The share of customers who are never served, with all their redials.
    pub p_lost: Option<f64>,
    /// Whether the queue has a balance. If not it grows without end, and nobody is served in time.
    pub stable: bool,
}

impl Staffing {
    /// Computes all figures of `agents` under `load`.
    ///
    /// # Errors
    ///
    /// [`StaffingError::OutOfRange`] if `agents`, the patience, the redials or T make no sense. An
    /// overload of Erlang C is an answer, not an error: see [`Staffing::stable`].
    pub fn of(
        model: Model,
        load: &Load,
        agents: f64,
        within_seconds: f64,
    ) -> Result<Self, StaffingError> {
        let agents = agents_in_range(agents)?;
        let within_seconds = seconds_or_none("within", within_seconds)?;
        let nothing = Self {
            model,
            load: *load,
            agents,
            within_seconds,
            service_level: 0.0,
            asa_seconds: None,
            mean_wait_seconds: None,
            occupancy: 1.0,
            p_wait: None,
            p_abandon: None,
            p_abandon_within: None,
            p_block: None,
            queue_length: None,
            attempts_per_second: load.arrivals_per_second(),
            p_lost: None,
            stable: true,
        };
        match model {
            Model::ErlangB => Ok(nothing.loss()),
            Model::ErlangC => Ok(nothing.delay()),
            Model::ErlangA { patience_seconds } => {
                let queue = ErlangA::solve(load, agents, patience_seconds)?;
                Ok(Self { p_lost: Some(queue.p_abandon()), ..nothing.impatient(&queue) })
            }
            Model::ErlangX { patience_seconds, redial, lines: Some(lines), .. } => {
                Ok(nothing.lines(&Lines::solve(load, agents, lines, patience_seconds, redial)?))
            }
            Model::ErlangX { patience_seconds, redial, redials, lines: None } => {
                let solved = ErlangX::solve(load, agents, patience_seconds, redial, redials)?;
                Ok(Self {
                    attempts_per_second: solved.attempts_per_second,
                    p_lost: Some(solved.lost),
                    ..nothing.impatient(&solved.queue)
                })
            }
        }
    }

    /// The wait that a share `share` of all callers does not exceed, in seconds; `None` if the model
    /// has no queue or the queue no balance.
    ///
    /// # Errors
    ///
    /// As [`Staffing::of`].
    pub fn wait_percentile(&self, share: f64) -> Result<Option<f64>, StaffingError> {
        let share = super::proper_share("percentile", share)?;
        Ok(match self.model {
            Model::ErlangB => None,
            Model::ErlangC => {
                ErlangC::solve(&self.load, self.agents).map(|queue| queue.wait_percentile(share))
            }
            Model::ErlangX { patience_seconds, redial, lines: Some(lines), .. } => {
                let (load, agents) = (&self.load, self.agents);
                let queue = Lines::solve(load, agents, lines, patience_seconds, redial)?;
                Some(queue.wait_percentile(share))
            }
            Model::ErlangA { patience_seconds } | Model::ErlangX { patience_seconds, .. } => {
                let load = self.load.with_rate(self.attempts_per_second);
                let queue = ErlangA::solve(&load, self.agents, patience_seconds)?;
                Some(queue.wait_percentile(share))
            }
        })
    }

    fn loss(self) -> Self {
        let blocking = erlang_b::blocking(self.agents, self.load.erlangs());
        Self {
            service_level: 1.0 - blocking,
            occupancy: self.load.erlangs() * (1.0 - blocking) / self.agents,
            p_block: Some(blocking),
            p_lost: Some(blocking),
            // There is no queue: who is served is served at once, and nobody gives up.
            asa_seconds: Some(0.0),
            mean_wait_seconds: Some(0.0),
            p_wait: Some(0.0),
            p_abandon: Some(0.0),
            p_abandon_within: Some(0.0),
            queue_length: Some(0.0),
            ..self
        }
    }

    fn delay(self) -> Self {
        // Callers of this model wait as long as it takes.
        let (p_abandon, p_abandon_within) = (Some(0.0), Some(0.0));
        let Some(queue) = ErlangC::solve(&self.load, self.agents) else {
            let p_wait = Some(1.0);
            return Self { p_wait, p_abandon, p_abandon_within, stable: false, ..self };
        };
        Self {
            service_level: 1.0 - queue.wait_exceeds(self.within_seconds),
            asa_seconds: Some(queue.mean_wait()),
            mean_wait_seconds: Some(queue.mean_wait()),
            occupancy: self.load.erlangs() / self.agents,
            p_wait: Some(queue.p_wait()),
            p_abandon,
            p_abandon_within,
            p_lost: Some(0.0),
            queue_length: Some(queue.queue_length()),
            ..self
        }
    }

    fn lines(self, queue: &Lines) -> Self {
        Self {
            service_level: queue.served_within(self.within_seconds),
            asa_seconds: Some(queue.mean_wait_served()),
            mean_wait_seconds: Some(queue.mean_wait()),
            occupancy: queue.occupancy(),
            p_wait: Some(queue.p_wait()),
            p_abandon: Some(queue.p_abandon()),
            p_abandon_within: Some(queue.abandoned_within(self.within_seconds)),
            p_block: Some(queue.p_block()),
            queue_length: Some(queue.queue_length()),
            attempts_per_second: queue.attempts_per_second,
            p_lost: Some(queue.lost),
            ..self
        }
    }

    fn impatient(self, queue: &ErlangA) -> Self {
        Self {
            service_level: queue.served_within(self.within_seconds),
            asa_seconds: Some(queue.mean_wait_served()),
            mean_wait_seconds: Some(queue.mean_wait()),
            occupancy: queue.occupancy(),
            p_wait: Some(queue.p_wait()),
            p_abandon: Some(queue.p_abandon()),
            p_abandon_within: Some(queue.abandoned_within(self.within_seconds)),
            queue_length: Some(queue.queue_length()),
            ..self
        }
    }
}

#[cfg(test)]
mod tests;
