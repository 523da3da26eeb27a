use std::fmt::Write as _;
use std::time::Duration;

use expect_test::expect;

use super::*;

#[track_caller]
fn near(got: f64, want: f64, absolute: f64) {
    assert!((got - want).abs() <= absolute, "{got} is not {want}");
}

/// SplitMix64, numbers between 0 and 1.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

#[test]
fn moments_far_from_zero() {
    let moments = Moments::of(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]);
    assert_eq!((moments.count(), moments.mean()), (4, Some(1e9 + 10.0)));
    near(moments.variance().unwrap(), 30.0, 1e-9);
    near(moments.deviation().unwrap(), 30_f64.sqrt(), 1e-9);
    assert_eq!(Moments::default().mean(), None);
    assert_eq!(Moments::of(&[3.0]).variance(), None);
}

#[test]
fn quantiles_of_the_tables() {
    // Of the tables in every textbook.
    near(normal_quantile(0.975), 1.959_963_984_540_054, 1e-12);
    near(normal_quantile(0.5), 0.0, 0.0);
    near(normal_quantile(0.9), 1.281_551_565_544_6, 1e-12);
    near(normal_quantile(1e-9), -5.997_807_015_007_687, 1e-9);
    for (share, degrees, want) in [
        (0.975, 1, 12.706_204_736),
        (0.975, 2, 4.302_652_730),
        (0.975, 4, 2.776_445_105),
        (0.95, 9, 1.833_112_933),
        (0.975, 29, 2.045_229_642),
        (0.995, 100, 2.625_890_521),
        (0.975, 1_000_000, 1.959_966_357),
    ] {
        near(student_quantile(share, degrees), want, 2e-9);
        near(student_quantile(1.0 - share, degrees), -want, 2e-9);
    }
    // With one degree it is Cauchy's, with two it has a closed form.
    for share in [0.6, 0.77, 0.99] {
        let angle = core::f64::consts::PI * (share - 0.5);
        near(student_quantile(share, 1), libm::tan(angle), 1e-9);
        let odds = 2.0 * share - 1.0;
        near(student_quantile(share, 2), odds * (2.0 / (1.0 - odds * odds)).sqrt(), 1e-9);
    }
    assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
    assert!(normal_quantile(1.5).is_nan());
}

#[test]
fn intervals_by_hand() {
    let got = mean_interval(&[10.0, 12.0, 14.0, 16.0, 18.0], 0.95).unwrap();
    // Mean 14, deviation sqrt(10), t = 2.776: 14 ± 2.776·sqrt(2).
    near(got.mean, 14.0, 1e-12);
    near(got.half_width(), 2.776_445_105 * 2_f64.sqrt(), 1e-8);
    assert!(got.contains(14.0) && !got.contains(18.0));

    let got = paired_difference(&[10.0, 20.0, 30.0], &[11.0, 22.0, 33.0], 0.90).unwrap();
    near(got.mean, 2.0, 1e-12);
    near(got.half_width(), 2.919_985_580 / 3_f64.sqrt(), 1e-8);

    // Newcombe 1998: 81 of 263 and 0 of 20.
    let got = wilson(81, 263, 0.95).unwrap();
    assert_eq!(format!("{:.4} {:.4}", got.low, got.high), "0.2553 0.3662");
    let got = wilson(0, 20, 0.95).unwrap();
    assert_eq!(format!("{:.4} {:.4}", got.low, got.high), "0.0000 0.1611");
    assert_eq!(wilson(20, 20, 0.95).unwrap().high, 1.0);
}

#[test]
fn batches_drop_the_start() {
    let values = [100.0, 1.0, 3.0, 2.0, 4.0, 3.0, 5.0];
    let got = batch_means(&values, 3, 0.95).unwrap();
    assert_eq!(got, mean_interval(&[2.0, 3.0, 4.0], 0.95).unwrap());
}

#[test]
fn intervals_cover_as_often_as_they_say() {
    let (mut state, mut covered, mut shares) = (7, 0, 0);
    const TRIALS: u32 = 4_000;
    for _ in 0..TRIALS {
        let values: Vec<f64> = (0..8).map(|_| normal_quantile(uniform(&mut state))).collect();
        covered += u32::from(mean_interval(&values, 0.9).unwrap().contains(0.0));
        let successes = (0..60).filter(|_| uniform(&mut state) < 0.3).count();
        shares += u32::from(wilson(successes as u64, 60, 0.9).unwrap().contains(0.3));
    }
    // Four deviations of a binomial of 0.9; Wilson's steps are coarse at 60 trials.
    let rate = |count: u32| f64::from(count) / f64::from(TRIALS);
    near(rate(covered), 0.9, 0.019);
    near(rate(shares), 0.9, 0.03);
}

fn observed(text: &str) -> Vec<Observed> {
    let one = |word: &str| Observed {
        time: Duration::from_secs(word.trim_end_matches('+').parse().unwrap()),
        ended: !word.ends_with('+'),
    };
    text.split_whitespace().map(one).collect()
}

/// The remission times of Freireich et al. 1963, the example of every text on survival; a plus
/// marks what was cut short.
const REMISSION: &str = "6 6 6 7 10 13 16 22 23 6+ 9+ 10+ 11+ 17+ 19+ 20+ 25+ 32+ 32+ 34+ 35+";

#[test]
fn survival_of_a_published_example() {
    let curve = KaplanMeier::fit(&observed(REMISSION)).unwrap();
    let mut text = String::new();
    for step in curve.steps() {
        let SurvivalStep { time, at_risk, ended, survival, variance } = step;
        let error = variance.sqrt();
        let seconds = time.as_secs();
        writeln!(text, "{seconds:2} {at_risk:2} {ended} {survival:.4} {error:.4}").unwrap();
    }
    expect![[r#"
         6 21 3 0.8571 0.0764
         7 17 1 0.8067 0.0869
        10 15 1 0.7529 0.0963
        13 12 1 0.6902 0.1068
        16 11 1 0.6275 0.1141
        22  7 1 0.5378 0.1282
        23  6 1 0.4482 0.1346
    "#]]
    .assert_eq(&text);
    assert_eq!(curve.survival(Duration::from_secs(5)), 1.0);
    near(curve.survival(Duration::from_secs(12)), 0.7529, 5e-5);
    assert_eq!(curve.variance(Duration::from_secs(5)), 0.0);
    assert_eq!(curve.quantile(0.5), Some(Duration::from_secs(23)));
    assert_eq!(curve.quantile(0.25), Some(Duration::from_secs(13)));
    assert_eq!(curve.quantile(0.9), None, "the data end at a survival of 0.45");
    assert_eq!(curve.longest(), Duration::from_secs(35));
    // 359 weeks in all, 9 relapses.
    assert_eq!(exponential_patience(&observed(REMISSION)), Ok(Duration::from_secs(359) / 9));
}

#[test]
fn without_censoring_it_is_the_empirical_distribution() {
    let curve = KaplanMeier::fit(&observed("4 1 3 2 2")).unwrap();
    for (seconds, left) in [(0, 1.0), (1, 0.8), (2, 0.4), (3, 0.2), (4, 0.0), (9, 0.0)] {
        near(curve.survival(Duration::from_secs(seconds)), left, 1e-15);
    }
    // The variance is that of a binomial.
    near(curve.variance(Duration::from_secs(2)), 0.4 * 0.6 / 5.0, 1e-15);
    assert_eq!(curve.variance(Duration::from_secs(4)), 0.0);
}

#[test]
fn draws_follow_the_curve() {
    let curve = KaplanMeier::fit(&observed(REMISSION)).unwrap();
    let (mut state, mut beyond_10, mut after_23) = (11, 0, 0);
    const DRAWS: u32 = 20_000;
    for _ in 0..DRAWS {
        beyond_10 += u32::from(match curve.sample(uniform(&mut state)) {
            Draw::At(time) => Duration::from_secs(10) < time,
            Draw::Beyond(longest) => longest == Duration::from_secs(35),
        });
        // One who was still there at 13 is there after 23 with chance S(23) / S(13).
        let draw = curve.sample_beyond(Duration::from_secs(13), uniform(&mut state));
        match draw {
            Draw::At(time) => assert!(Duration::from_secs(13) < time),
            Draw::Beyond(_) => after_23 += 1,
        }
    }
    near(f64::from(beyond_10) / f64::from(DRAWS), 0.7529, 0.015);
    near(f64::from(after_23) / f64::from(DRAWS), 0.4482 / 0.6902, 0.015);
    assert_eq!(curve.sample(0.0), Draw::At(Duration::from_secs(6)));
    let late = Duration::from_secs(50);
    assert_eq!(curve.sample_beyond(late, 0.3), Draw::Beyond(late));
}

#[test]
fn imputed_patience_is_longer_than_the_wait_and_has_no_gap() {
    let curve = KaplanMeier::fit(&observed(REMISSION)).unwrap();
    let mut state = 12;
    for _ in 0..2_000 {
        let waited = Duration::from_secs((uniform(&mut state) * 60.0) as u64);
        let (one, other) = (uniform(&mut state), uniform(&mut state));
        let (less, more) = (one.min(other), one.max(other));
        let short = curve.impute(waited, less).unwrap();
        assert!(waited <= short);
        assert!(short <= curve.impute(waited, more).unwrap(), "a greater number, a longer wait");
    }
    // Beyond the data by the exponential: its median is the mean times ln 2.
    let waited = Duration::from_secs(40);
    let median = curve.impute(waited, 0.5).unwrap() - waited;
    near(median.as_secs_f64(), 359.0 / 9.0 * core::f64::consts::LN_2, 1e-5);
    // Also where all in the data gave up, and one has waited longer than any of them.
    let all_gone = KaplanMeier::fit(&observed("10 20 30")).unwrap();
    let median = all_gone.impute(waited, 0.5).unwrap() - waited;
    near(median.as_secs_f64(), 20.0 * core::f64::consts::LN_2, 1e-5);
    assert_eq!(KaplanMeier::fit(&observed("5+ 6+")).unwrap().impute(waited, 0.5), None);
}

#[test]
fn censored_waits_give_back_the_patience_behind_them() {
    let (mut state, mut waits) = (13, Vec::new());
    for _ in 0..20_000 {
        let patience = -120.0 * libm::log(1.0 - uniform(&mut state));
        let offered = -60.0 * libm::log(1.0 - uniform(&mut state));
        let time = Duration::from_secs_f64(patience.min(offered));
        waits.push(Observed { time, ended: patience < offered });
    }
    let mean = exponential_patience(&waits).unwrap().as_secs_f64();
    // 6,667 gave up, which leaves an error of 1.2 %.
    near(mean, 120.0, 5.0);
    let curve = KaplanMeier::fit(&waits).unwrap();
    for seconds in [10, 60, 120, 200] {
        let time = Duration::from_secs(seconds);
        let deviation = curve.variance(time).sqrt();
        near(curve.survival(time), libm::exp(-(seconds as f64) / 120.0), 4.0 * deviation);
    }
    // The mean wait of those who gave up is 40 s: to take it for the patience is the usual mistake.
    let gone: Vec<f64> =
        waits.iter().filter(|wait| wait.ended).map(|wait| wait.time.as_secs_f64()).collect();
    near(Moments::of(&gone).mean().unwrap(), 40.0, 2.0);
}

#[test]
fn quantiles_of_values() {
    let values = [1.0, 2.0, 3.0, 4.0];
    assert_eq!(quantile(&values, 0.0), Some(1.0));
    assert_eq!(quantile(&values, 0.5), Some(2.5));
    assert_eq!(quantile(&values, 0.9), Some(3.7));
    assert_eq!(quantile(&values, 1.0), Some(4.0));
    assert_eq!(quantile(&[], 0.5), None);
    assert_eq!(quantile(&values, 1.1), None);
}

#[test]
fn pinball_loss_is_least_at_the_quantile() {
    assert_eq!(pinball_loss(0.9, 60.0, 70.0), 9.0);
    near(pinball_loss(0.9, 60.0, 50.0), 1.0, 1e-12);
    let mut state = 14;
    let waits: Vec<f64> = (0..5_000).map(|_| 100.0 * uniform(&mut state)).collect();
    let loss = |forecast: f64| -> f64 {
        waits.iter().map(|&wait| pinball_loss(0.9, forecast, wait)).sum()
    };
    let best = (0..=100).map(f64::from).min_by(|a, b| loss(*a).total_cmp(&loss(*b))).unwrap();
    near(best, 90.0, 3.0);
}

#[test]
fn nonsense_is_refused() {
    let mut said = String::new();
    for error in [
        mean_interval(&[1.0], 0.95),
        mean_interval(&[1.0, f64::NAN], 0.95),
        mean_interval(&[1.0, 2.0], 1.0),
        batch_means(&[1.0, 2.0], 3, 0.95),
        batch_means(&[1.0, 2.0], 1, 0.95),
        paired_difference(&[1.0], &[1.0, 2.0], 0.95),
        wilson(1, 0, 0.95),
        wilson(3, 2, 0.95),
    ] {
        writeln!(said, "{}", error.unwrap_err()).unwrap();
    }
    writeln!(said, "{}", KaplanMeier::fit(&[]).unwrap_err()).unwrap();
    writeln!(said, "{}", exponential_patience(&observed("5+")).unwrap_err()).unwrap();
    expect![[r#"
        an interval needs at least 2 values, got 1
        a value must be a finite number, got NaN
        confidence must be more than 0 and less than 1, such as 0.95, got 1
        a division into batches needs at least 3 values, got 2
        an interval needs at least 2 values, got 1
        pairs need lists of equal length, got 1 and 2
        a share needs at least 1 values, got 0
        successes must be at most the trials, got 3
        a survival curve needs at least 1 values, got 0
        a mean patience needs at least 1 values, got 0
    "#]]
    .assert_eq(&said);
}
