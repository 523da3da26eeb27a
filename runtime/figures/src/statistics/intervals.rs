//! Confidence intervals.

use super::{Moments, StatisticsError, normal_quantile, student_quantile};

/// A value, and between which two numbers it lies with the confidence that was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The estimate.
    pub mean: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Of how many independent values (replications, batches, pairs, trials).
    pub count: u64,
}

impl Interval {
    /// Whether `value` lies between the ends, or on one of them.
    pub fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Half of the distance between the ends.
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }
}

/// The mean of independent `values`, such as one figure of each of several replications, with its
/// interval by Student's t. `confidence` is 0.95 for 95 %.
///
/// # Errors
///
/// [`StatisticsError`] of fewer than two values, a value that is no number, or a confidence that is
/// not between 0 and 1.
pub fn mean_interval(values: &[f64], confidence: f64) -> Result<Interval, StatisticsError> {
    let tail = tail(confidence)?;
    if let Some(&got) = values.iter().find(|value| !value.is_finite()) {
        let (what, accepted) = ("a value", "a finite number");
        return Err(StatisticsError::OutOfRange { what, accepted, got });
    }
    let moments = Moments::of(values);
    let (Some(mean), Some(variance)) = (moments.mean(), moments.variance()) else {
        let what = "an interval";
        return Err(StatisticsError::TooFew { what, least: 2, got: values.len() });
    };
    let count = moments.count();
    let half = -student_quantile(tail, count - 1) * (variance / count as f64).sqrt();
    Ok(Interval { mean, low: mean - half, high: mean + half, count })
}

/// The mean of one long series whose neighbours depend on each other: it is cut into `batches` of
/// equal length, whose means are all but independent. What is left over at the **start** is dropped,
/// where a simulation is least in balance.
///
/// # Errors
///
/// As [`mean_interval`], for the batches; [`StatisticsError::TooFew`] if there are fewer values than
/// batches.
pub fn batch_means(
    values: &[f64],
    batches: usize,
    confidence: f64,
) -> Result<Interval, StatisticsError> {
    if batches < 2 {
        return Err(StatisticsError::TooFew { what: "an interval", least: 2, got: batches });
    }
    let length = values.len() / batches;
    if length == 0 {
        let what = "a division into batches";
        return Err(StatisticsError::TooFew { what, least: batches, got: values.len() });
    }
    let whole = &values[values.len() - length * batches..];
    let means: Vec<f64> =
        whole.chunks(length).filter_map(|batch| Moments::of(batch).mean()).collect();
    mean_interval(&means, confidence)
}

/// The mean of `after` - `before`, pair by pair: of two systems under the same random numbers.
///
/// # Errors
///
/// As [`mean_interval`]; [`StatisticsError::Unpaired`] if the lists differ in length.
pub fn paired_difference(
    before: &[f64],
    after: &[f64],
    confidence: f64,
) -> Result<Interval, StatisticsError> {
    if before.len() != after.len() {
        return Err(StatisticsError::Unpaired { left: before.len(), right: after.len() });
    }
    let differences: Vec<f64> =
        before.iter().zip(after).map(|(before, after)| after - before).collect();
    mean_interval(&differences, confidence)
}

/// The share of `successes` in independent `trials`, with the interval of Wilson (1927), which stays
/// within 0 and 1 and is right also near them.
///
/// # Errors
///
/// [`StatisticsError`] of no trials, more successes than trials, or a confidence that is not between
/// 0 and 1.
pub fn wilson(successes: u64, trials: u64, confidence: f64) -> Result<Interval, StatisticsError> {
    let z = -normal_quantile(tail(confidence)?);
    if trials == 0 {
        return Err(StatisticsError::TooFew { what: "a share", least: 1, got: 0 });
    }
    if trials < successes {
        let (what, accepted) = ("successes", "at most the trials");
        return Err(StatisticsError::OutOfRange { what, accepted, got: successes as f64 });
    }
    let (n, share) = (trials as f64, successes as f64 / trials as f64);
    let spread = 1.0 + z * z / n;
    let middle = (share + z * z / (2.0 * n)) / spread;
    let half = z / spread * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    // At the ends the formula is exact, its rounding is not.
    let low = if successes == 0 { 0.0 } else { middle - half };
    let high = if successes == trials { 1.0 } else { middle + half };
    Ok(Interval { mean: share, low, high, count: trials })
}

/// The share beyond one end.
fn tail(confidence: f64) -> Result<f64, StatisticsError> {
    if 0.0 < confidence && confidence < 1.0 {
        return Ok((1.0 - confidence) / 2.0);
    }
    let (what, accepted) = ("confidence", "more than 0 and less than 1, such as 0.95");
    Err(StatisticsError::OutOfRange { what, accepted, got: confidence })
}
