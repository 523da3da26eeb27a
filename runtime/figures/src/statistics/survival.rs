//! How long callers would have waited: survival from waits that were cut short by an answer.
//!
//! A caller who was answered after 30 s has a patience of more than 30 s; nothing else is known of
//! it. To leave such callers out, or to take their wait for their patience, makes callers look less
//! patient than they are.

use std::time::Duration;

use super::StatisticsError;

/// One wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Observed {
    /// How long it was.
    pub time: Duration,
    /// Whether it ended with what is studied (the caller gave up), or was cut short (answered).
    pub ended: bool,
}

/// A time at which at least one wait ended, and what is known just after it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SurvivalStep {
    /// When.
    pub time: Duration,
    /// How many were still waiting just before.
    pub at_risk: u64,
    /// How many of them gave up at that time.
    pub ended: u64,
    /// S(t): the chance to have more patience than this.
    pub survival: f64,
    /// Its variance (Greenwood 1926).
    pub variance: f64,
}

/// The survival curve of Kaplan and Meier, "Nonparametric estimation from incomplete observations"
/// (1958).
#[derive(Clone, Debug, PartialEq)]
pub struct KaplanMeier {
    steps: Vec<SurvivalStep>,
    longest: Duration,
    /// The mean of the exponential that continues the curve; `None` if nobody gave up.
    tail: Option<Duration>,
}

/// A patience that was drawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Draw {
    /// One that was seen in the data.
    At(Duration),
    /// More than the longest wait in the data, which do not say by how much.
    Beyond(Duration),
}

impl KaplanMeier {
    /// Estimates the curve. The order of the observations does not matter; where a wait ended and
    /// another was cut short at the same time, the latter is taken to have been the longer.
    ///
    /// # Errors
    ///
    /// [`StatisticsError::TooFew`] of none.
    pub fn fit(observations: &[Observed]) -> Result<Self, StatisticsError> {
        let mut sorted = observations.to_vec();
        sorted.sort_by_key(|observed| observed.time);
        let Some(longest) = sorted.last().map(|observed| observed.time) else {
            return Err(StatisticsError::TooFew { what: "a survival curve", least: 1, got: 0 });
        };
        let (mut steps, mut survival, mut greenwood) = (Vec::new(), 1.0, 0.0);
        let mut at_risk = sorted.len() as u64;
        for group in sorted.chunk_by(|one, next| one.time == next.time) {
            let ended = group.iter().filter(|observed| observed.ended).count() as u64;
            if 0 < ended {
                let (risk, left) = (at_risk as f64, (at_risk - ended) as f64);
                survival *= left / risk;
                // Where the curve reaches 0 its variance is 0, not 0 · ∞.
                greenwood += if left == 0.0 { 0.0 } else { ended as f64 / (risk * left) };
                let variance = survival * survival * greenwood;
                let time = group.first().map_or(longest, |observed| observed.time);
                steps.push(SurvivalStep { time, at_risk, ended, survival, variance });
            }
            at_risk -= group.len() as u64;
        }
        Ok(Self { steps, longest, tail: exponential_patience(observations).ok() })
    }

    /// The steps of the curve, in the order of time. Before the first it is 1.
    pub fn steps(&self) -> &[SurvivalStep] {
        &self.steps
    }

    /// The longest wait in the data, however it ended.
    pub const fn longest(&self) -> Duration {
        self.longest
    }

    /// S(t): the chance of a patience longer than `time`. After the last step it stays what it was
    /// there, for want of data.
    pub fn survival(&self, time: Duration) -> f64 {
        self.before(time).map_or(1.0, |step| step.survival)
    }

    /// The variance of S(t), by Greenwood's formula.
    pub fn variance(&self, time: Duration) -> f64 {
        self.before(time).map_or(0.0, |step| step.variance)
    }

    /// The patience that a share `share` does not exceed: the first time at which S ≤ 1 - share.
    /// `None` if the data do not reach that far.
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let rest = 1.0 - share;
        self.steps.iter().find(|step| step.survival <= rest + 1e-12).map(|step| step.time)
    }

    /// Draws a patience from `uniform`, 0.0 ≤ u < 1.0: the smaller, the shorter.
    pub fn sample(&self, uniform: f64) -> Draw {
        self.draw(0, 1.0 - uniform)
    }

    /// Draws the patience of a caller who has waited for `waited` already and was still there: from
    /// the curve beyond that time.
    pub fn sample_beyond(&self, waited: Duration, uniform: f64) -> Draw {
        let from = self.steps.partition_point(|step| step.time <= waited);
        let draw = self.draw(from, self.survival(waited) * (1.0 - uniform));
        match draw {
            Draw::Beyond(longest) => Draw::Beyond(longest.max(waited)),
            at => at,
        }
    }

    /// As [`KaplanMeier::sample_beyond`], and beyond the data by an exponential of the mean patience
    /// (Brown, Hollander, Korwar 1974). `None` if nobody gave up, so that no patience is known.
    pub fn impute(&self, waited: Duration, uniform: f64) -> Option<Duration> {
        let longest = match self.sample_beyond(waited, uniform) {
            Draw::At(time) => return Some(time),
            Draw::Beyond(longest) => longest,
        };
        let tail = self.tail?.as_secs_f64();
        // What is left of the chance once the curve has been used up, as a share of its last step.
        let used = self.steps.last().filter(|last| waited < last.time);
        let used = used.map_or(1.0, |last| last.survival / self.survival(waited));
        let left = (1.0 - uniform) / used;
        let more = -libm::log(left.clamp(f64::MIN_POSITIVE, 1.0)) * tail;
        Some(longest + Duration::from_micros((more * 1e6) as u64))
    }

    /// The first of the steps from `from` on at which the curve is no higher than `height`.
    fn draw(&self, from: usize, height: f64) -> Draw {
        let rest = self.steps.get(from..).unwrap_or_default();
        // The curve falls, so that the place can be found by halving. A height is met when the curve
        // has fallen below it: P(patience ≤ t) = 1 - S(t) > uniform.
        let place = rest.partition_point(|step| height <= step.survival);
        rest.get(place).map_or(Draw::Beyond(self.longest), |step| Draw::At(step.time))
    }

    fn before(&self, time: Duration) -> Option<&SurvivalStep> {
        let place = self.steps.partition_point(|step| step.time <= time);
        self.steps.get(place.checked_sub(1)?)
    }
}

/// The mean patience if patience is exponential: all waits together / how many gave up. The estimate
/// of greatest likelihood under right-censoring.
///
/// # Errors
///
/// [`StatisticsError::TooFew`] if nobody gave up: callers may then have any patience.
pub fn exponential_patience(observations: &[Observed]) -> Result<Duration, StatisticsError> {
    let ended = observations.iter().filter(|observed| observed.ended).count();
    let waited: Duration = observations.iter().map(|observed| observed.time).sum();
    let Some(ended) = u32::try_from(ended).ok().filter(|&ended| 0 < ended) else {
        let what = "a mean patience";
        return Err(StatisticsError::TooFew { what, least: 1, got: 0 });
    };
    Ok(waited / ended)
}
