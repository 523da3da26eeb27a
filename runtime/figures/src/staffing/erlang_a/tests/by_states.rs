//! Erlang A from its states: the number of calls in the system, one equation after the other, and
//! the wait by uniformisation. Slow, and another way to the same figures.

use crate::staffing::Load;

/// The states of an M/M/c+M queue, c whole.
pub struct ByStates {
    arrivals: f64,
    service: f64,
    impatience: f64,
    agents: f64,
    /// p₀, p₁, …
    chances: Vec<f64>,
}

impl ByStates {
    pub fn new(load: &Load, agents: f64, patience_seconds: f64) -> Self {
        let arrivals = load.arrivals_per_second();
        let (service, impatience) = (1.0 / load.handle_seconds(), 1.0 / patience_seconds);
        let leaving =
            |calls: f64| calls.min(agents) * service + (calls - agents).max(0.0) * impatience;
        // Logarithms first: the weights themselves overflow long before 10,000 agents.
        let (mut weights, mut weight, mut calls) = (vec![0.0], 0.0, 0.0);
        let mut greatest: f64 = 0.0;
        while calls <= agents || greatest - 45.0 < weight {
            calls += 1.0;
            weight += libm::log(arrivals / leaving(calls));
            greatest = greatest.max(weight);
            weights.push(weight);
        }
        let scaled: Vec<f64> = weights.iter().map(|weight| libm::exp(weight - greatest)).collect();
        let sum: f64 = scaled.iter().sum();
        let chances = scaled.into_iter().map(|chance| chance / sum).collect();
        Self { arrivals, service, impatience, agents, chances }
    }

    /// The chance of each number of callers that wait, from 0 on, all agents being busy.
    fn waiting(&self) -> impl Iterator<Item = (f64, f64)> {
        let busy = self.chances.iter().skip(self.agents as usize);
        busy.enumerate().map(|(waiting, &chance)| (waiting as f64, chance))
    }

    pub fn p_wait(&self) -> f64 {
        self.waiting().map(|(_, chance)| chance).sum()
    }

    pub fn queue_length(&self) -> f64 {
        self.waiting().map(|(waiting, chance)| waiting * chance).sum()
    }

    /// The shares of all callers who are served and who give up within `seconds`.
    ///
    /// A caller with j callers ahead moves on at cμ + jθ and leaves at θ. Steps are taken at the
    /// jumps of a Poisson process that is fast enough for all of them.
    pub fn ended_within(&self, seconds: f64) -> (f64, f64) {
        let served_rate = self.agents * self.service;
        let mut ahead: Vec<f64> = self.waiting().map(|(_, chance)| chance).collect();
        let last = ahead.len() as f64;
        let rate = (served_rate + (last + 1.0) * self.impatience) * 1.01 + self.arrivals * 0.0;
        let (mut served, mut gone) = (1.0 - self.p_wait(), 0.0);
        let (mut total_served, mut total_gone) = (0.0, 0.0);
        let mean = rate * seconds;
        // Poisson weights from the logarithm: e^-mean may be 0.
        let steps = (mean + 12.0 * mean.sqrt() + 60.0) as u64;
        let mut log_weight = -mean;
        for step in 0..=steps {
            let weight = libm::exp(log_weight);
            total_served += weight * served;
            total_gone += weight * gone;
            log_weight += libm::log(mean / (step as f64 + 1.0));
            let mut next = vec![0.0; ahead.len()];
            for (index, &chance) in ahead.iter().enumerate() {
                let (on, leave) = (
                    (served_rate + index as f64 * self.impatience) / rate * chance,
                    self.impatience / rate * chance,
                );
                gone += leave;
                next[index] += chance - on - leave;
                match index {
                    0 => served += on,
                    _ => next[index - 1] += on,
                }
            }
            ahead = next;
        }
        (total_served, total_gone)
    }
}
