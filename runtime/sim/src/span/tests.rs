use super::*;
use crate::chance::Seed;

/// Percentage points from tables of the normal distribution.
#[test]
fn normal_quantiles_are_those_of_the_tables() {
    for (share, quantile) in [
        (0.5, 0.0),
        (0.841_344_746_068_542_9, 1.0),
        (0.975, 1.959_963_984_540_054),
        (0.999, 3.090_232_306_167_813),
        (0.001, -3.090_232_306_167_813),
        (1e-10, -6.361_340_902_404_056),
    ] {
        assert!((normal(share) - quantile).abs() < 1e-9, "{share}: {}", normal(share));
    }
}

/// The mean of 200,000 draws lies within four standard errors of the distribution's.
#[test]
fn means_are_met() {
    let minute = Duration::from_secs(60);
    let seconds = |quantiles: &[u64]| quantiles.iter().map(|s| Duration::from_secs(*s)).collect();
    for (spans, deviation) in [
        (Spans::Fixed(minute), 0.0),
        (Spans::Exponential(minute), 60.0),
        (Spans::LogNormal(minute, 0.8), 48.0),
        (Spans::Uniform(minute, 3 * minute), 34.7),
        (Spans::Quantiles(seconds(&[0, 10, 60, 300])), 90.0),
    ] {
        let count = 200_000;
        let draws = (0..count).filter_map(|n| spans.draw(&mut Seed::new(3).leaf(n).pcg()));
        let mean = draws.map(|span| span.as_secs_f64()).sum::<f64>() / count as f64;
        let expected = spans.mean().map_or(0.0, |mean| mean.as_secs_f64());
        let limit = 4.0 * deviation / (count as f64).sqrt() + 1e-6;
        assert!((mean - expected).abs() < limit, "{spans:?}: {mean}");
    }
    assert_eq!(Spans::Never.draw(&mut Seed::new(3).pcg()), None);
}
