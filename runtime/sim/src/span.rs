//! Lengths of time as chance has them: patience, handle times, delays.

use std::time::Duration;

use crate::chance::Pcg;

/// No drawn time is longer: 30 days.
pub const SPAN_MAX: Duration = Duration::from_secs(30 * 24 * 3600);

/// A distribution of lengths of time.
#[derive(Clone, Debug, PartialEq)]
pub enum Spans {
    /// Longer than anything: a customer who never hangs up.
    Never,
    /// Always the same.
    Fixed(Duration),
    /// Without memory, by the mean.
    Exponential(Duration),
    /// Skewed as conversations are: by the mean and the coefficient of variation (standard
    /// deviation / mean).
    LogNormal(Duration, f64),
    /// All alike between two lengths.
    Uniform(Duration, Duration),
    /// By its quantiles at equal steps from 0 % to 100 %, straight between them.
    Quantiles(Vec<Duration>),
}

impl Spans {
    /// Draws one length, or `None` for never. One number is drawn whatever the distribution, and a
    /// greater one gives a longer time.
    pub fn draw(&self, pcg: &mut Pcg) -> Option<Duration> {
        let share = pcg.share();
        let span = match self {
            Self::Never => return None,
            Self::Fixed(span) => *span,
            Self::Exponential(mean) => times(*mean, exponential(share)),
            Self::LogNormal(mean, variation) => {
                let variance = libm::log1p(variation * variation);
                times(*mean, libm::exp(libm::sqrt(variance) * normal(share) - variance / 2.0))
            }
            Self::Uniform(from, to) => *from + times(to.saturating_sub(*from), share),
            Self::Quantiles(quantiles) => between(quantiles, share),
        };
        Some(span.min(SPAN_MAX))
    }

    /// Returns the mean, or `None` for never.
    pub fn mean(&self) -> Option<Duration> {
        Some(match self {
            Self::Never => return None,
            Self::Fixed(span) | Self::Exponential(span) | Self::LogNormal(span, _) => *span,
            Self::Uniform(from, to) => (*from + *to) / 2,
            Self::Quantiles(quantiles) => {
                let pairs = quantiles.windows(2).map(|pair| (pair[0] + pair[1]) / 2);
                let count = u32::try_from(quantiles.len().saturating_sub(1)).unwrap_or(u32::MAX);
                pairs.sum::<Duration>() / count.max(1)
            }
        })
    }
}

/// Returns `span` times `factor` to the microsecond, at most [`SPAN_MAX`].
pub(crate) fn times(span: Duration, factor: f64) -> Duration {
    let micros = span.as_micros() as f64 * factor;
    Duration::from_micros(micros.max(0.0).min(SPAN_MAX.as_micros() as f64) as u64)
}

/// The quantile of the unit exponential distribution at `share`; 1.0 counts as the last step below.
pub(crate) fn exponential(share: f64) -> f64 {
    -libm::log1p(-share.min(1.0 - f64::EPSILON / 2.0))
}

fn between(quantiles: &[Duration], share: f64) -> Duration {
    let steps = quantiles.len().saturating_sub(1);
    let at = share * steps as f64;
    let below = (at as usize).min(steps.saturating_sub(1));
    let from = quantiles.get(below).copied().unwrap_or_default();
    let to = quantiles.get(below + 1).copied().unwrap_or(from);
    from + times(to.saturating_sub(from), at - below as f64)
}

/// The quantile of the standard normal distribution: algorithm AS 241 (PPND16) of Wichura, "The
/// Percentage Points of the Normal Distribution" (1988); sound to about 16 digits.
fn normal(share: f64) -> f64 {
    let q = share - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * ratio(r, &CENTRE);
    }
    let tail = if q < 0.0 { share } else { 1.0 - share };
    let r = libm::sqrt(-libm::log(tail.max(f64::EPSILON / 4.0)));
    let value = if r <= 5.0 { ratio(r - 1.6, &MIDDLE) } else { ratio(r - 5.0, &FAR) };
    if q < 0.0 { -value } else { value }
}

type Coefficients = ([f64; 8], [f64; 8]);

fn ratio(r: f64, (above, below): &Coefficients) -> f64 {
    let sum = |terms: &[f64; 8]| terms.iter().rev().fold(0.0, |sum, term| sum * r + term);
    sum(above) / sum(below)
}

#[expect(clippy::excessive_precision, reason = "as published")]
const CENTRE: Coefficients = (
    [
        3.387_132_872_796_366_608_0,
        133.141_667_891_784_377_45,
        1_971.590_950_306_551_442_7,
        13_731.693_765_509_461_125,
        45_921.953_931_549_871_457,
        67_265.770_927_008_700_853,
        33_430.575_583_588_128_105,
        2_509.080_928_730_122_672_7,
    ],
    [
        1.0,
        42.313_330_701_600_911_252,
        687.187_007_492_057_908_30,
        5_394.196_021_424_751_107_7,
        21_213.794_301_586_595_867,
        39_307.895_800_092_710_610,
        28_729.085_735_721_942_674,
        5_226.495_278_852_854_561_0,
    ],
);

#[expect(clippy::excessive_precision, reason = "as published")]
const MIDDLE: Coefficients = (
    [
        1.423_437_110_749_683_577_34,
        4.630_337_846_156_545_295_90,
        5.769_497_221_460_691_405_50,
        3.647_848_324_763_204_605_04,
        1.270_458_252_452_368_382_58,
        0.241_780_725_177_450_611_770,
        0.022_723_844_989_269_184_583_7,
        7.745_450_142_783_414_076_40e-4,
    ],
    [
        1.0,
        2.053_191_626_637_758_821_87,
        1.676_384_830_183_803_849_40,
        0.689_767_334_985_100_004_550,
        0.148_103_976_427_480_074_590,
        0.015_198_666_563_616_457_194_4,
        5.475_938_084_995_344_946_00e-4,
        1.050_750_071_644_416_843_24e-9,
    ],
);

#[expect(clippy::excessive_precision, reason = "as published")]
const FAR: Coefficients = (
    [
        6.657_904_643_501_103_777_20,
        5.463_784_911_164_114_369_90,
        1.784_826_539_917_291_335_80,
        0.296_560_571_828_504_891_230,
        0.026_532_189_526_576_123_093_0,
        0.001_242_660_947_388_078_438_60,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ],
    [
        1.0,
        0.599_832_206_555_887_937_690,
        0.136_929_880_922_735_805_310,
        0.014_875_361_290_850_614_852_5,
        7.868_691_311_456_132_591_00e-4,
        1.846_318_317_510_054_681_80e-5,
        1.421_511_758_316_445_888_70e-7,
        2.044_263_103_389_939_785_64e-15,
    ],
);

#[cfg(test)]
mod tests;
