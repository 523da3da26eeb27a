//! Shrinkage: of the paid staff some are on leave, in training, at lunch. And whole heads.
//!
//! A share that is computed is rarely the share that is meant: (1 - 0.9)·10 is 0.9999999999999998,
//! which `floor` makes no agent at all. [`whole_up`] and [`whole_down`] take a number that is within
//! a billionth of a whole one for that one.

use super::StaffingError;

/// How near a number must be to a whole one to be taken for it.
const NEARLY: f64 = 1e-9;

/// The share of paid time in which staff are not available, 0.0 ≤ s < 1.0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shrinkage(f64);

impl Shrinkage {
    /// Nobody is ever away.
    pub const NONE: Self = Self(0.0);

    /// Takes a share.
    ///
    /// # Errors
    ///
    /// [`StaffingError::OutOfRange`] if it is not in 0.0 ≤ s < 1.0.
    pub fn new(share: f64) -> Result<Self, StaffingError> {
        if (0.0..1.0).contains(&share) {
            return Ok(Self(share));
        }
        Err(StaffingError::out_of_range("shrinkage", "at least 0% and less than 100%", share))
    }

    /// Absences that exclude each other, each a share of all paid time (who is on leave is not in
    /// training): s = Σ sᵢ.
    ///
    /// # Errors
    ///
    /// As [`Shrinkage::new`], for the sum and for each of the parts.
    pub fn of_disjoint(parts: &[f64]) -> Result<Self, StaffingError> {
        for &part in parts {
            Self::new(part)?;
        }
        Self::new(parts.iter().sum())
    }

    /// Absences one after the other, each a share of what the ones before have left (10 % are on
    /// leave; of those who came 20 % are at lunch): s = 1 - Π(1 - sᵢ).
    ///
    /// # Errors
    ///
    /// As [`Shrinkage::new`], for each of the parts.
    pub fn of_sequential(parts: &[f64]) -> Result<Self, StaffingError> {
        let mut present = 1.0;
        for &part in parts {
            present *= 1.0 - Self::new(part)?.0;
        }
        Self::new(1.0 - present)
    }

    /// The hours away of the hours paid.
    ///
    /// # Errors
    ///
    /// As [`Shrinkage::new`]; also if nothing is paid.
    pub fn of_hours(away: f64, paid: f64) -> Result<Self, StaffingError> {
        Self::new(away / paid)
    }

    /// The share.
    pub const fn share(self) -> f64 {
        self.0
    }

    /// How many must be scheduled (and paid) so that `agents` are there: n / (1 - s), not rounded.
    pub fn scheduled(self, agents: f64) -> f64 {
        agents / (1.0 - self.0)
    }

    /// The same in whole heads, rounded up.
    pub fn scheduled_heads(self, agents: f64) -> f64 {
        whole_up(self.scheduled(agents))
    }

    /// How many of `scheduled` are there, in whole heads, rounded down.
    pub fn present_heads(self, scheduled: f64) -> f64 {
        whole_down(scheduled * (1.0 - self.0))
    }
}

/// Rounds up to a whole number, unless the next one below is meant.
pub fn whole_up(number: f64) -> f64 {
    libm::ceil(number - NEARLY * number.abs().max(1.0)).max(0.0)
}

/// Rounds down to a whole number, unless the next one above is meant.
pub fn whole_down(number: f64) -> f64 {
    libm::floor(number + NEARLY * number.abs().max(1.0))
}

#[cfg(test)]
mod tests;
