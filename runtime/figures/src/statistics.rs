//! What a simulation or a replay says, and how sure it is: means with intervals, survival, losses.
//!
//! Pure functions of numbers in a given order; no random number is drawn here. Where one is needed,
//! as in [`KaplanMeier::sample`], the caller brings it.

mod intervals;
mod sequential;
mod student;
mod survival;

pub use intervals::{Interval, batch_means, mean_interval, paired_difference, wilson};
pub use sequential::{Comparison, Trials};
pub use student::{normal_quantile, student_quantile};
pub use survival::{Draw, KaplanMeier, Observed, SurvivalStep, exponential_patience};

/// Why a figure cannot be made of these numbers.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatisticsError {
    /// There are too few of them.
    #[error("{what} needs at least {least} values, got {got}")]
    TooFew {
        /// Of what.
        what: &'static str,
        /// How many are needed.
        least: usize,
        /// How many there are.
        got: usize,
    },
    /// A number is outside of what makes sense.
    #[error("{what} must be {accepted}, got {got}")]
    OutOfRange {
        /// Which number.
        what: &'static str,
        /// What would be accepted.
        accepted: &'static str,
        /// The number found.
        got: f64,
    },
    /// Two lists that go together have different lengths.
    #[error("pairs need lists of equal length, got {left} and {right}")]
    Unpaired {
        /// The length of the first.
        left: usize,
        /// The length of the second.
        right: usize,
    },
}

/// Count, mean and variance, taken one value at a time (Welford 1962): no large sums, no loss where
/// the mean is far from zero.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Takes all of them.
    pub fn of(values: &[f64]) -> Self {
        let mut moments = Self::default();
        for &value in values {
            moments.add(value);
        }
        moments
    }

    /// Takes one more.
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
    }

    /// How many there were.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Their mean; `None` of none.
    pub fn mean(&self) -> Option<f64> {
        (0 < self.count).then_some(self.mean)
    }

    /// Their variance as a sample (divided by n - 1); `None` of fewer than two.
    pub fn variance(&self) -> Option<f64> {
        (1 < self.count).then(|| self.squares / (self.count - 1) as f64)
    }

    /// The square root of the variance.
    pub fn deviation(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }
}

/// The quantile of `sorted` values (ascending) at `share`, 0.0 to 1.0, between neighbours by
/// proportion: type 7 of Hyndman and Fan, "Sample quantiles in statistical packages" (1996).
///
/// Returns `None` of no values, or if `share` is outside of 0.0 to 1.0.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&share) {
        return None;
    }
    let place = share * sorted.len().checked_sub(1)? as f64;
    let below = place.floor();
    let low = *sorted.get(below as usize)?;
    let high = sorted.get(below as usize + 1).copied().unwrap_or(low);
    Some(low + (place - below) * (high - low))
}

/// The loss of having announced `forecast` as the quantile `share` when `actual` came: pinball loss.
///
/// Its mean is smallest for the true quantile (Koenker and Bassett 1978), so that it ranks forecasts
/// of P50 and P90. In the unit of the values, at least 0.
pub fn pinball_loss(share: f64, forecast: f64, actual: f64) -> f64 {
    let missed = actual - forecast;
    if missed < 0.0 { (share - 1.0) * missed } else { share * missed }
}

#[cfg(test)]
mod tests;
