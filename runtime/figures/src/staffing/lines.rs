//! Erlang X with finite lines (M/M/c/N+M with redials): who finds all lines taken is turned away.
//!
//! Source: G. Koole, "Call Center Optimization" (2013), whose Erlang X has finite lines, abandonment
//! and redials. A line is held by whoever talks and by whoever waits. In state n calls arrive at λ'
//! while n < N, and leave at min(n, c)μ + max(n - c, 0)θ. Who gave up and who was turned away calls
//! again with the same chance r:
//!
//! ```text
//! λ' = λ / (1 - r·(P_Ab(λ') + P_block(λ')))
//! ```
//!
//! A caller with k others ahead in the queue has the offered wait V = Exp(cμ) + … + Exp(cμ + kθ),
//! so e^-θV has the beta distribution with parameters cμ/θ and k + 1: the tails are sums of negative
//! binomial terms, and nothing is integrated.

use super::erlang_a::bisect;
use super::{Load, StaffingError, agents_in_range, seconds};

/// The most lines that are computed.
pub const LINES_MAX: u32 = 200_000;

/// A queue with finite lines, solved. All shares are of all attempts, also those turned away.
#[derive(Clone, Debug)]
pub struct Lines {
    /// λ': attempts per second, first calls and redials.
    pub attempts_per_second: f64,
    /// The share of customers who are never served, however often they call.
    pub lost: f64,
    handle_seconds: f64,
    agents: f64,
    /// c, or N if there are more agents than lines.
    useful: u32,
    /// θ, per second.
    impatience: f64,
    /// The chance of each state, 0 to N: what an attempt finds.
    states: Vec<f64>,
}

impl Lines {
    /// Solves the queue of `agents`, a whole number, with `lines` for callers of a mean patience of
    /// `patience_seconds` who call again with chance `redial`.
    ///
    /// # Errors
    ///
    /// [`StaffingError::OutOfRange`] for numbers that make no sense.
    pub fn solve(
        load: &Load,
        agents: f64,
        lines: u32,
        patience_seconds: f64,
        redial: f64,
    ) -> Result<Self, StaffingError> {
        let agents = agents_in_range(agents)?;
        if agents.fract() != 0.0 {
            let accepted = "a whole number with --lines";
            return Err(StaffingError::out_of_range("agents", accepted, agents));
        }
        if !(1..=LINES_MAX).contains(&lines) {
            let got = f64::from(lines);
            return Err(StaffingError::out_of_range("lines", "1 to 200000", got));
        }
        if !(0.0..1.0).contains(&redial) {
            let accepted = "at least 0% and less than 100%";
            return Err(StaffingError::out_of_range("redial", accepted, redial));
        }
        let first = load.arrivals_per_second();
        let mut queue = Self {
            attempts_per_second: first,
            lost: 0.0,
            handle_seconds: load.handle_seconds(),
            agents,
            useful: (agents as u32).min(lines),
            impatience: 1.0 / seconds("patience", patience_seconds)?,
            states: vec![0.0; lines as usize + 1],
        };
        if 0.0 < redial {
            // Attempts less redials are the served and the lost, which grow with the attempts.
            queue.attempts_per_second = bisect(first, first / (1.0 - redial), |attempts| {
                let mut tried = queue.clone();
                tried.attempts_per_second = attempts;
                tried.balance();
                first <= attempts * (1.0 - redial * tried.gone())
            });
        }
        queue.balance();
        let gone = queue.gone();
        queue.lost = (1.0 - redial) * gone / (1.0 - redial * gone);
        Ok(queue)
    }

    /// The share turned away: all lines were taken.
    pub fn p_block(&self) -> f64 {
        self.states.last().copied().unwrap_or_default()
    }

    /// The share that finds no free agent and enters the queue.
    pub fn p_wait(&self) -> f64 {
        self.waiting().map(|(_, chance)| chance).sum()
    }

    /// The share that gives up.
    pub fn p_abandon(&self) -> f64 {
        self.impatience * self.queue_length() / self.attempts_per_second
    }

    /// The share that is served, at once or later.
    pub fn p_served(&self) -> f64 {
        self.busy() / self.handle_seconds / self.attempts_per_second
    }

    /// The mean number of callers who wait.
    pub fn queue_length(&self) -> f64 {
        (0_u32..).zip(&self.states).map(|(n, p)| f64::from(n.saturating_sub(self.useful)) * p).sum()
    }

    /// The mean wait of all attempts, in seconds; those turned away wait for nothing.
    pub fn mean_wait(&self) -> f64 {
        self.queue_length() / self.attempts_per_second
    }

    /// The mean wait of the served, in seconds.
    pub fn mean_wait_served(&self) -> f64 {
        // E[V e^-θV] with k ahead: s/(s+k+1) times the sum of 1/(cμ+θ+jθ), j from 0 to k.
        let (rate, mut harmonic, mut sum) = (self.rate(), 0.0, 0.0);
        for (ahead, chance) in self.waiting() {
            let ahead = f64::from(ahead);
            harmonic += 1.0 / (rate + (ahead + 1.0) * self.impatience);
            sum += chance * rate / (rate + (ahead + 1.0) * self.impatience) * harmonic;
        }
        sum / self.p_served()
    }

    /// The share of the agents' time spent on calls.
    pub fn occupancy(&self) -> f64 {
        self.busy() / self.agents
    }

    /// The share served within `seconds`.
    pub fn served_within(&self, seconds: f64) -> f64 {
        self.at_once() + self.within(seconds).0
    }

    /// The share that gives up within `seconds`.
    pub fn abandoned_within(&self, seconds: f64) -> f64 {
        let stay = libm::exp(-self.impatience * seconds);
        let (served, later) = self.within(seconds);
        (self.p_wait() - served - stay * later).max(0.0)
    }

    /// The share that waits longer than `seconds`, whatever ends the wait.
    pub fn wait_exceeds(&self, seconds: f64) -> f64 {
        libm::exp(-self.impatience * seconds) * self.within(seconds).1
    }

    /// The wait that a share `share` of all attempts does not exceed, in seconds.
    pub fn wait_percentile(&self, share: f64) -> f64 {
        let rest = 1.0 - share;
        if self.p_wait() <= rest {
            return 0.0;
        }
        let mut high = self.handle_seconds;
        while rest < self.wait_exceeds(high) {
            high *= 2.0;
        }
        bisect(0.0, high, |seconds| self.wait_exceeds(seconds) <= rest)
    }

    /// Who neither gets through nor waits till served: given up or turned away.
    fn gone(&self) -> f64 {
        self.p_abandon() + self.p_block()
    }

    /// cμ: how many are served in a second when all agents are busy.
    fn rate(&self) -> f64 {
        f64::from(self.useful) / self.handle_seconds
    }

    fn busy(&self) -> f64 {
        (0_u32..).zip(&self.states).map(|(n, p)| f64::from(n.min(self.useful)) * p).sum()
    }

    fn at_once(&self) -> f64 {
        self.states.iter().take(self.useful as usize).sum()
    }

    /// How many are ahead of who comes into the queue, and the chance of it.
    fn waiting(&self) -> impl Iterator<Item = (u32, f64)> {
        let ends = self.states.len() - 1;
        (0_u32..).zip(self.states[..ends].iter().skip(self.useful as usize).copied())
    }

    /// The chances of all states, from the likeliest on both ways: nothing overflows.
    fn balance(&mut self) {
        let lines = self.states.len() - 1;
        let (useful, rate) = (self.useful as usize, self.rate());
        let leave = |n: usize| {
            let served = n.min(useful) as f64 / self.handle_seconds;
            if useful < n { rate + (n - useful) as f64 * self.impatience } else { served }
        };
        // What leaves grows with the state: the likeliest is the last that is entered faster.
        let (mut low, mut high) = (0, lines);
        while low < high {
            let middle = (low + high).div_ceil(2);
            if leave(middle) <= self.attempts_per_second {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        let peak = low;
        let mut states = vec![0.0; lines + 1];
        states[peak] = 1.0;
        for n in peak + 1..=lines {
            states[n] = states[n - 1] * self.attempts_per_second / leave(n);
        }
        for n in (0..peak).rev() {
            states[n] = states[n + 1] * leave(n + 1) / self.attempts_per_second;
        }
        let sum: f64 = states.iter().sum();
        states.iter_mut().for_each(|weight| *weight /= sum);
        self.states = states;
    }

    /// Of those who come into the queue: the share served within `seconds`, and the share whose
    /// offered wait is longer.
    fn within(&self, seconds: f64) -> (f64, f64) {
        let ratio = self.rate() / self.impatience;
        let stay = -self.impatience * seconds;
        // Chances of Beta(s, k+1) and of Beta(s+1, k+1) below e^-θT, grown term by term with k.
        let (mut longer, mut weighed) = (Tail::new(ratio, stay), Tail::new(ratio + 1.0, stay));
        let (mut served, mut later) = (0.0, 0.0);
        for (ahead, chance) in self.waiting() {
            let share = ratio / (ratio + f64::from(ahead) + 1.0);
            served += chance * share * (1.0 - weighed.grow(ahead));
            later += chance * longer.grow(ahead);
        }
        (served, later)
    }
}

/// The chance that a Beta(b, k+1) is below x: the sum over i ≤ k of C(b+i-1, i)·x^b·(1-x)^i.
struct Tail {
    b: f64,
    /// ln(1 - x).
    other: f64,
    /// ln of the next term.
    term: f64,
    sum: f64,
}

impl Tail {
    fn new(b: f64, log_x: f64) -> Self {
        Self { b, other: libm::log(-libm::expm1(log_x)), term: b * log_x, sum: 0.0 }
    }

    /// Adds the term of k = `ahead`; they come in order.
    fn grow(&mut self, ahead: u32) -> f64 {
        if 0 < ahead {
            let i = f64::from(ahead);
            self.term += self.other + libm::log((self.b + i - 1.0) / i);
        }
        self.sum += libm::exp(self.term);
        self.sum.min(1.0)
    }
}

#[cfg(test)]
mod tests;
