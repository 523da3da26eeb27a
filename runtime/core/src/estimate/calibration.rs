//! Whether an estimator keeps its promise: the share of waits that were within its estimates.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Estimate;

/// When an estimator counts as calibrated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationLimits {
    /// How many outcomes are remembered, the newest; 1 to 1,000.
    pub window: u32,
    /// From how many answered outcomes on there is a verdict.
    pub minimum: u32,
    /// How far the coverage of P50 may be from 0.5.
    pub p50_tolerance: f64,
    /// How far the coverage of P90 may be from 0.9.
    pub p90_tolerance: f64,
}

// The tolerances are parsed from a file and never NaN, which is all that `Eq` asks for.
impl Eq for CalibrationLimits {}

impl Default for CalibrationLimits {
    fn default() -> Self {
        Self { window: 200, minimum: 50, p50_tolerance: 0.1, p90_tolerance: 0.05 }
    }
}

const WINDOW_MAX: u32 = 1_000;

/// A report is made anew once for each so many parts of the window: sorting a long one for every
/// outcome would cost more than the figure changes.
const VERDICTS: usize = 50;

/// The outcomes of an estimator's estimates, as many as the window holds.
#[derive(Clone, Debug)]
pub struct Calibration {
    limits: CalibrationLimits,
    outcomes: VecDeque<Outcome>,
    report: CalibrationReport,
    /// Outcomes since the report was made.
    unjudged: usize,
}

#[derive(Clone, Copy, Debug)]
struct Outcome {
    estimate: Estimate,
    waited: Duration,
    answered: bool,
}

/// How well an estimator did, as it is published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CalibrationReport {
    /// Outcomes in the window that ended with an agent.
    pub answered: u32,
    /// Outcomes in the window that ended otherwise, so that the whole wait is not known.
    pub censored: u32,
    /// The share of waits within P50, 0.0 to 1.0; 0.5 is perfect.
    pub p50_coverage: f64,
    /// The share of waits within P90, 0.0 to 1.0; 0.9 is perfect.
    pub p90_coverage: f64,
    /// The mean pinball loss of P50 over the answered: half of the mean error.
    pub p50_loss: Duration,
    /// The mean pinball loss of P90 over the answered.
    pub p90_loss: Duration,
    /// Whether the estimates may be announced.
    pub calibrated: bool,
}

// Shares are quotients of counts and never NaN, which is all that `Eq` asks for.
impl Eq for CalibrationReport {}

impl Calibration {
    /// Starts without outcomes: not calibrated.
    pub fn new(limits: CalibrationLimits) -> Self {
        Self {
            limits,
            outcomes: VecDeque::new(),
            report: CalibrationReport::default(),
            unjudged: 0,
        }
    }

    /// Takes other limits; the outcomes stay as far as the window holds them.
    pub fn set_limits(&mut self, limits: CalibrationLimits) {
        // The same ones change nothing, not even when the next report is due.
        if self.limits == limits {
            return;
        }
        self.limits = limits;
        self.shorten();
        self.judge();
    }

    /// Adds the outcome of one estimate: how long the contact still waited after it, and whether an
    /// agent ended the wait.
    ///
    /// Who gave up or left otherwise would have waited longer. Leaving these out would make every
    /// estimator look too pessimistic, so they count as censored (Kaplan and Meier 1958).
    pub fn record(&mut self, estimate: Estimate, waited: Duration, answered: bool) {
        self.outcomes.push_back(Outcome { estimate, waited, answered });
        self.unjudged += 1;
        self.shorten();
        if self.window() / VERDICTS <= self.unjudged {
            self.judge();
        }
    }

    /// Returns whether the estimates may be announced.
    pub fn is_calibrated(&self) -> bool {
        self.report.calibrated
    }

    /// Returns how well the estimator did in the window.
    pub fn report(&self) -> CalibrationReport {
        self.report
    }

    fn window(&self) -> usize {
        self.limits.window.clamp(1, WINDOW_MAX) as usize
    }

    fn shorten(&mut self) {
        let surplus = self.outcomes.len().saturating_sub(self.window());
        self.outcomes.drain(..surplus);
    }

    fn judge(&mut self) {
        self.unjudged = 0;
        let limits = self.limits;
        let answered = self.outcomes.iter().filter(|outcome| outcome.answered).count();
        let mut report = CalibrationReport {
            answered: answered as u32,
            censored: (self.outcomes.len() - answered) as u32,
            p50_coverage: self.coverage(|estimate| estimate.p50),
            p90_coverage: self.coverage(|estimate| estimate.p90),
            p50_loss: self.loss(5, |estimate| estimate.p50),
            p90_loss: self.loss(9, |estimate| estimate.p90),
            calibrated: false,
        };
        report.calibrated = limits.minimum <= report.answered
            && 0 < report.answered
            && (report.p50_coverage - 0.5).abs() <= limits.p50_tolerance
            && (report.p90_coverage - 0.9).abs() <= limits.p90_tolerance;
        self.report = report;
    }

    /// The share of waits within the quantile: one less the Kaplan-Meier survival of the waits, each
    /// as a multiple of its own quantile, at 1.
    fn coverage(&self, quantile: impl Fn(&Estimate) -> Duration) -> f64 {
        let multiple = |outcome: &Outcome| {
            (
                outcome.waited.as_micros(),
                quantile(&outcome.estimate).as_micros().max(1),
                outcome.answered,
            )
        };
        let mut waits: Vec<_> = self.outcomes.iter().map(multiple).collect();
        // An answer and a hang-up at the same time: the answer came first.
        waits.sort_by(|(waited, within, answered), (other, other_within, other_answered)| {
            let order = (waited * other_within).cmp(&(other * within));
            order.then(if answered == other_answered {
                Ordering::Equal
            } else {
                other_answered.cmp(answered)
            })
        });
        let mut survival = 1.0;
        let at_risk = (1..=waits.len()).rev();
        let within = waits.iter().take_while(|(waited, within, _)| waited <= within);
        for (_, at_risk) in within.zip(at_risk).filter(|((_, _, answered), _)| *answered) {
            survival *= (at_risk - 1) as f64 / at_risk as f64;
        }
        1.0 - survival
    }

    /// The mean pinball loss at a quantile of so many tenths (Koenker and Bassett 1978).
    fn loss(&self, tenths: u128, quantile: impl Fn(&Estimate) -> Duration) -> Duration {
        let mut sum = 0;
        let mut number = 0;
        for Outcome { estimate, waited, .. } in self.outcomes.iter().filter(|o| o.answered) {
            let (waited, quantile) = (waited.as_micros(), quantile(estimate).as_micros());
            sum += match waited.checked_sub(quantile) {
                Some(over) => tenths * over,
                None => (10 - tenths) * (quantile - waited),
            };
            number += 1;
        }
        Duration::from_micros(u64::try_from(sum / (10 * number).max(1)).unwrap_or(u64::MAX))
    }
}
