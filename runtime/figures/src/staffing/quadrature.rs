//! Definite integrals of smooth functions, adaptive and deterministic.

/// Positive nodes and weights of the Gauss-Legendre rule with 16 points on [-1, 1].
const RULE: [(f64, f64); 8] = [
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_095),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_893),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_79),
    (0.755_404_408_355_003, 0.124_628_971_255_533_87),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_73),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_59),
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
];

/// How often a panel may be halved. 2⁻⁴⁰ of a panel is finer than anything integrated here.
const DEPTH_MAX: u32 = 40;

/// The error allowed to one panel, relative to the whole.
const TOLERANCE: f64 = 1e-14;

/// Integrates `f` over the panels between neighbouring `points`, which ascend.
///
/// The caller puts points where `f` changes its scale; inside of a panel the integral finds its own
/// steps. Returns about 13 digits for functions that are analytic inside of the panels.
pub fn integrate(points: &[f64], f: &impl Fn(f64) -> f64) -> f64 {
    let panels = || points.iter().zip(points.iter().skip(1)).filter(|(low, high)| low < high);
    let first: Vec<f64> = panels().map(|(&low, &high)| gauss(low, high, f)).collect();
    let scale: f64 = first.iter().map(|part| part.abs()).sum();
    let refined = panels().zip(&first);
    refined.map(|((&low, &high), &rough)| refine(low, high, rough, scale, DEPTH_MAX, f)).sum()
}

/// The points that cut [`low`, `high`] into equal panels, with `extra` points where they fall inside.
pub fn panels(low: f64, high: f64, count: u32, extra: &[f64]) -> Vec<f64> {
    let width = (high - low) / f64::from(count);
    let mut points: Vec<f64> = (0..count).map(|index| low + width * f64::from(index)).collect();
    points.push(high);
    points.extend(extra.iter().filter(|&&point| low < point && point < high));
    points.sort_by(f64::total_cmp);
    points
}

fn refine(low: f64, high: f64, rough: f64, scale: f64, depth: u32, f: &impl Fn(f64) -> f64) -> f64 {
    let middle = low + (high - low) / 2.0;
    let (left, right) = (gauss(low, middle, f), gauss(middle, high, f));
    let fine = left + right;
    if depth == 0 || (fine - rough).abs() <= TOLERANCE * scale.max(fine.abs()) {
        return fine;
    }
    refine(low, middle, left, scale, depth - 1, f)
        + refine(middle, high, right, scale, depth - 1, f)
}

fn gauss(low: f64, high: f64, f: &impl Fn(f64) -> f64) -> f64 {
    let (middle, half) = (low + (high - low) / 2.0, (high - low) / 2.0);
    let pair =
        |&(node, weight): &(f64, f64)| weight * (f(middle - half * node) + f(middle + half * node));
    half * RULE.iter().map(pair).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_integrals_are_met() {
        let exp = integrate(&panels(0.0, 60.0, 4, &[]), &|x| libm::exp(-x));
        assert!((exp - 1.0).abs() < 1e-13, "{exp}");
        let log = integrate(&panels(1.0, 1e6, 1, &[]), &|x| 1.0 / x);
        assert!((log - libm::log(1e6)).abs() < 1e-11, "{log}");
        let peak = integrate(&panels(-1.0, 1.0, 2, &[]), &|x| 1e-4 / (x * x + 1e-8));
        assert!((peak - 2.0 * libm::atan(1e4)).abs() < 1e-11, "{peak}");
    }

    #[test]
    fn panels_hold_their_extra_points() {
        assert_eq!(panels(0.0, 4.0, 2, &[1.0, 9.0, 0.0]), [0.0, 1.0, 2.0, 4.0]);
    }
}
