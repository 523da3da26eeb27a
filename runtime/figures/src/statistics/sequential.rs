//! Is one of two shares higher than the other? Looked at after every observation, as often as one likes.

use core::f64::consts::PI;

/// How many were observed, and how many of them had what is counted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Trials {
    /// Observations.
    pub count: u64,
    /// Those with what is counted; at most `count`.
    pub hits: u64,
}

impl Trials {
    /// Takes one more.
    pub const fn add(&mut self, hit: bool) {
        self.count += 1;
        self.hits += hit as u64;
    }

    /// The share of hits; `None` of no observation.
    pub fn share(self) -> Option<f64> {
        (0 < self.count).then(|| self.hits as f64 / self.count as f64)
    }

    const fn misses(self) -> u64 {
        self.count.saturating_sub(self.hits)
    }

    /// The logarithm of the likelihood of these observations if the share is `share`.
    fn log_likelihood(self, share: f64) -> f64 {
        let term = |count: u64, share: f64| match count {
            0 => 0.0,
            count => count as f64 * libm::log(share),
        };
        term(self.hits, share) + term(self.misses(), 1.0 - share)
    }

    /// The logarithm of their probability before anything is known of the share: the mean over all
    /// shares by Jeffreys' prior Beta(1/2, 1/2), which Krichevsky and Trofimov (1981) give one
    /// observation at a time.
    fn log_mixture(self) -> f64 {
        let (hits, misses) = (self.hits as f64, self.misses() as f64);
        libm::lgamma(hits + 0.5) + libm::lgamma(misses + 0.5)
            - libm::lgamma(hits + misses + 1.0)
            - libm::log(PI)
    }
}

/// A sequential test of "the share of a candidate is at most the share of what it is compared with,
/// plus what is tolerated", two streams of hits and misses that come in any order.
///
/// Its evidence is an e-process: a test martingale of the mixture of all alternatives, divided by the
/// largest likelihood that the hypothesis allows (Wasserman, Ramdas and Balakrishnan, "Universal
/// inference", PNAS 117 (2020), the sequential form of its section on anytime-valid tests; the method
/// of mixtures is Robbins', 1970). By Ville's inequality the probability that it ever reaches 1/alpha
/// while the hypothesis is true is at most alpha: whoever looks after each observation and stops at
/// will makes no more false alarms than one who looks once. Which stream an observation belongs to may
/// depend on all that came before, not on the observation itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    candidate: Trials,
    active: Trials,
    tolerated: f64,
    most: f64,
}

impl Comparison {
    /// Begins without observations. `tolerated` is the difference of shares that is no harm: 0.02 is
    /// two points; less than 0 counts as 0.
    pub const fn new(tolerated: f64) -> Self {
        Self {
            candidate: Trials { count: 0, hits: 0 },
            active: Trials { count: 0, hits: 0 },
            tolerated: tolerated.max(0.0),
            most: 0.0,
        }
    }

    /// Takes one observation of the candidate.
    pub fn add_candidate(&mut self, hit: bool) {
        self.candidate.add(hit);
        self.most = self.most.max(self.log_evidence());
    }

    /// Takes one observation of what the candidate is compared with.
    pub fn add_active(&mut self, hit: bool) {
        self.active.add(hit);
        self.most = self.most.max(self.log_evidence());
    }

    /// The candidate's observations.
    pub const fn candidate(&self) -> Trials {
        self.candidate
    }

    /// The observations of what it is compared with.
    pub const fn active(&self) -> Trials {
        self.active
    }

    /// What is tolerated.
    pub const fn tolerated(&self) -> f64 {
        self.tolerated
    }

    /// The natural logarithm of the evidence so far that the candidate's share is higher by more than
    /// is tolerated.
    pub fn log_evidence(&self) -> f64 {
        self.candidate.log_mixture() + self.active.log_mixture() - self.log_likelihood_allowed()
    }

    /// A p-value that is valid at every moment: the probability of at least as much evidence, ever, if
    /// the candidate's share is at most what is tolerated. 0.0 to 1.0; it never grows.
    pub fn p_value(&self) -> f64 {
        libm::exp(-self.most).min(1.0)
    }

    /// Whether the candidate's share is higher by more than is tolerated, with at most `alpha` as the
    /// probability to say so in error, over all the times that this is asked.
    pub fn is_worse(&self, alpha: f64) -> bool {
        self.p_value() <= alpha
    }

    /// The largest likelihood of the observations if the candidate's share is at most the other's plus
    /// what is tolerated.
    fn log_likelihood_allowed(&self) -> f64 {
        let (candidate, active) = (self.candidate, self.active);
        // A stream without observations has the share that suits the hypothesis best.
        let (high, low) = (candidate.share().unwrap_or(0.0), active.share().unwrap_or(1.0));
        if high <= low + self.tolerated {
            return candidate.log_likelihood(high) + active.log_likelihood(low);
        }
        // The best is on the border, between the two shares: there the sum of the two slopes falls
        // from above zero to below.
        let (mut from, mut to) = (low, high - self.tolerated);
        let slope =
            |of: Trials, share: f64| of.hits as f64 / share - of.misses() as f64 / (1.0 - share);
        for _ in 0..60 {
            let middle = 0.5 * (from + to);
            if middle <= from || to <= middle {
                break;
            }
            if 0.0 < slope(candidate, middle + self.tolerated) + slope(active, middle) {
                from = middle;
            } else {
                to = middle;
            }
        }
        let at = |share: f64| {
            candidate.log_likelihood(share + self.tolerated) + active.log_likelihood(share)
        };
        // An end may be the best itself, and the likelihood of a share of 0 or 1 is none at all.
        [0.5 * (from + to), from, to].map(at).into_iter().fold(f64::NEG_INFINITY, f64::max)
    }
}

#[cfg(test)]
mod tests;
