//! A figure: a fraction of whole numbers, or the honest answer that there is none.

/// What a definition makes of a tally.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Figure {
    /// Nothing it could be made of: neither 0 % nor 100 % would be true.
    NoData,
    /// It can change until a window of time has passed.
    NotYetKnown,
    /// The exact value: `over / under`, where `under` is never 0.
    Fraction {
        /// The numerator.
        over: i64,
        /// The denominator.
        under: u64,
    },
    /// A value that is no fraction, such as the bound of an interval.
    Real(f64),
}

impl Figure {
    /// Returns a count.
    pub fn count(count: u64) -> Self {
        Self::Fraction { over: i64::try_from(count).unwrap_or(i64::MAX), under: 1 }
    }

    /// Returns a ratio, or no data if `under` is 0.
    pub fn ratio(over: u64, under: u64) -> Self {
        Self::signed(i64::try_from(over).unwrap_or(i64::MAX), under)
    }

    /// Returns a ratio that may be negative, or no data if `under` is 0.
    pub const fn signed(over: i64, under: u64) -> Self {
        if under == 0 { Self::NoData } else { Self::Fraction { over, under } }
    }

    /// Returns the mean, in seconds, of `count` lengths whose sum is `micros`.
    pub fn mean(micros: u64, count: u64) -> Self {
        Self::ratio(micros, count.saturating_mul(MICROS))
    }

    /// Returns a length in seconds.
    pub fn seconds(micros: u64) -> Self {
        Self::ratio(micros, MICROS)
    }

    /// Returns the value, or `None` if there is none. The nearest `f64` to the fraction.
    pub fn value(self) -> Option<f64> {
        match self {
            Self::NoData | Self::NotYetKnown => None,
            Self::Fraction { over, under } => Some(over as f64 / under as f64),
            Self::Real(value) => Some(value),
        }
    }
}

/// Microseconds in a second.
pub(crate) const MICROS: u64 = 1_000_000;

/// What a figure is measured in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// A ratio; 0.0 to 1.0 in JSON and CSV, a percentage in a table.
    Ratio,
    /// Seconds.
    Seconds,
    /// Points of a scale.
    Points,
}

impl Unit {
    /// Returns the unit's name in definitions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Ratio => "ratio",
            Self::Seconds => "seconds",
            Self::Points => "points",
        }
    }
}
