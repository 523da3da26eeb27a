//! Estimators against exact distributions and a queue that is played; announcements against the traps
//! of other systems.

use expect_test::expect;

use super::*;
use crate::Instant;

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn at(seconds: u64) -> Instant {
    Instant::default() + secs(seconds)
}

fn ask(position: u32) -> EstimateAsk {
    EstimateAsk {
        interaction: InteractionId(1),
        channel: Channel::Voice,
        queue: "sales".parse().unwrap(),
        position,
        waited_ms: 0,
        agents: 5,
        agents_ready: 0,
        recent_waits: Vec::new(),
        recent_handles_ms: Vec::new(),
        abandon_share: 0.0,
        attributes: Vec::new(),
        now_seconds: 0.0,
    }
}

fn estimate(p50: u64, p90: u64) -> Estimate {
    Estimate::new(secs(p50), secs(p90))
}

fn shown(estimate: Option<Estimate>) -> String {
    estimate.map_or("nothing".to_owned(), |e| {
        format!("{:.1} {:.1}", e.p50.as_secs_f64(), e.p90.as_secs_f64())
    })
}

/// One service a second, and so many samples that their mean is sure: the exact quantiles of the gamma
/// distribution of these shapes.
#[test]
fn erlang_like_is_near_the_gamma_distribution() {
    let exact = [
        (1, std::f64::consts::LN_2, std::f64::consts::LN_10),
        (2, 1.678_347, 3.889_720),
        (5, 4.670_909, 7.993_590),
        (10, 9.668_715, 14.205_990),
    ];
    for (position, p50, p90) in exact {
        let found =
            erlang_like(&EstimateAsk { recent_handles_ms: vec![5_000; 100_000], ..ask(position) });
        let found = found.unwrap();
        for (found, exact) in [(found.p50.as_secs_f64(), p50), (found.p90.as_secs_f64(), p90)] {
            assert!((found / exact - 1.0_f64).abs() < 0.015, "{position}: {found}, not {exact}");
        }
    }
}

#[test]
fn erlang_like_takes_what_it_knows() {
    let mut said = String::new();
    let handles = |seconds: u32, number| EstimateAsk {
        recent_handles_ms: vec![seconds * 1_000; number],
        ..ask(1)
    };
    let cases = [
        ("nothing", ask(1)),
        ("four samples", handles(100, 4)),
        ("five samples", handles(100, 5)),
        ("five agents, 100 s each", handles(100, 64)),
        ("ten agents", EstimateAsk { agents: 10, ..handles(100, 64) }),
        ("no agents", EstimateAsk { agents: 0, ..handles(100, 64) }),
        ("four of ten give up", EstimateAsk { abandon_share: 0.4, ..handles(100, 64) }),
        ("no time at all", handles(0, 64)),
        ("a day each", handles(86_400, 64)),
    ];
    for (name, ask) in cases {
        let at = |position| shown(erlang_like(&EstimateAsk { position, ..ask.clone() }));
        said.push_str(&format!("{name}: at 1 {}, at 11 {}\n", at(1), at(11)));
    }
    expect![[r#"
        nothing: at 1 nothing, at 11 nothing
        four samples: at 1 nothing, at 11 nothing
        five samples: at 1 13.0 47.5, at 11 199.3 378.3
        five agents, 100 s each: at 1 14.0 45.8, at 11 212.3 315.4
        ten agents: at 1 7.0 22.9, at 11 106.1 157.7
        no agents: at 1 nothing, at 11 nothing
        four of ten give up: at 1 14.0 45.8, at 11 132.7 214.3
        no time at all: at 1 nothing, at 11 nothing
        a day each: at 1 12065.3 39532.6, at 11 86400.0 86400.0
    "#]]
    .assert_eq(&said);
}

#[test]
fn empirical_scales_waits_by_places() {
    let mut said = String::new();
    let cases: [(&str, &[(u32, u32)]); 5] = [
        ("nothing", &[]),
        ("four", &[(1, 10), (1, 20), (1, 30), (1, 40)]),
        ("who did not wait tells nothing", &[(1, 0), (1, 20), (1, 30), (1, 40), (1, 50)]),
        ("five, ten seconds a place", &[(1, 10), (2, 20), (3, 30), (4, 40), (5, 50)]),
        ("six, 10 to 60", &[(1, 40), (1, 10), (2, 120), (1, 20), (1, 50), (1, 30)]),
    ];
    for (name, waits) in cases {
        let waits: Vec<_> = waits.iter().map(|(position, s)| (*position, s * 1_000)).collect();
        let at = |position| {
            shown(empirical(&EstimateAsk { recent_waits: waits.clone(), ..ask(position) }))
        };
        said.push_str(&format!("{name}: at 1 {}, at 3 {}\n", at(1), at(3)));
    }
    expect![[r#"
        nothing: at 1 nothing, at 3 nothing
        four: at 1 nothing, at 3 nothing
        who did not wait tells nothing: at 1 nothing, at 3 nothing
        five, ten seconds a place: at 1 10.0 10.0, at 3 30.0 30.0
        six, 10 to 60: at 1 35.0 55.0, at 3 105.0 165.0
    "#]]
    .assert_eq(&said);
}

#[test]
fn a_history_is_bounded_and_forgets() {
    let mut history = History::default();
    assert_eq!(history.abandon_share().to_bits(), 0.0_f64.to_bits());
    for second in 0..1_000 {
        history.completed(secs(second));
        match second % 4 {
            0 => history.abandoned(),
            _ => history.answered(2, secs(second)),
        }
    }
    assert!((history.abandon_share() - 0.25).abs() < 1e-9);
    assert_eq!((history.waits().len(), history.handles_ms().len()), (64, 64));
    assert_eq!(history.waits().last(), Some(&(2, 999_000)));
    assert_eq!(history.handles_ms().first(), Some(&936_000));
}

/// Asterisk announces `|hold time + 30 - elapsed|`: with a hold time of 60 s, who waits 0, 30, 60, 90,
/// 120, 180 and 300 s hears 90, 60, 30, 0, 30, 90 and 210. The rise must never happen here.
#[test]
fn who_is_overdue_hears_zero_not_a_growing_wait() {
    let theirs = |elapsed: u64| 90_u64.abs_diff(elapsed);
    let moments = [0, 30, 60, 90, 120, 180, 300];
    assert_eq!(moments.map(theirs), [90, 60, 30, 0, 30, 90, 210]);
    let mut announcer = Announcer::default();
    let ours = moments.map(|elapsed| {
        // The estimator itself errs in their way.
        let wrong = Some(estimate(theirs(elapsed), theirs(elapsed)));
        announcer.announce(at(elapsed), wrong, 3, 5, true).unwrap().p50.as_secs()
    });
    assert_eq!(ours, [90, 60, 30, 0, 0, 0, 0]);
}

#[test]
fn an_announcement_gets_worse_only_for_a_reason() {
    let mut announcer = Announcer::default();
    let mut said = String::new();
    for (reason, now, estimate, position, staff, calibrated) in [
        ("not calibrated", 0, Some(estimate(100, 200)), 5, 4, false),
        ("no estimate", 0, None, 5, 4, true),
        ("the first", 0, Some(estimate(100, 200)), 5, 4, true),
        ("time passes", 10, Some(estimate(100, 200)), 5, 4, true),
        ("not calibrated for a moment", 20, Some(estimate(10, 20)), 5, 4, false),
        ("a place better, estimate worse", 30, Some(estimate(300, 400)), 4, 4, true),
        ("estimate better", 40, Some(estimate(20, 30)), 4, 4, true),
        ("more staff, estimate worse", 50, Some(estimate(300, 400)), 4, 5, true),
        ("less staff", 60, Some(estimate(90, 180)), 4, 3, true),
        ("a place worse", 70, Some(estimate(120, 240)), 6, 3, true),
        ("overdue in half of the cases", 200, Some(estimate(120, 240)), 6, 3, true),
    ] {
        let heard = shown(announcer.announce(at(now), estimate, position, staff, calibrated));
        said.push_str(&format!("{now} {reason}: {heard}\n"));
    }
    expect![[r#"
        0 not calibrated: nothing
        0 no estimate: nothing
        0 the first: 100.0 200.0
        10 time passes: 90.0 190.0
        20 not calibrated for a moment: nothing
        30 a place better, estimate worse: 70.0 170.0
        40 estimate better: 20.0 30.0
        50 more staff, estimate worse: 10.0 20.0
        60 less staff: 90.0 180.0
        70 a place worse: 120.0 240.0
        200 overdue in half of the cases: 0.0 110.0
    "#]]
    .assert_eq(&said);
}

#[test]
fn what_is_spoken_is_rounded_up() {
    let spoken = [0, 1, 60, 61].map(|s| estimate(s, s).rounded_up(secs(60)).p50.as_secs());
    assert_eq!(spoken, [0, 60, 60, 120]);
    assert_eq!(estimate(61, 99).rounded_up(Duration::ZERO), estimate(61, 99));
    assert_eq!(estimate(100_000, 7), Estimate { p50: secs(86_400), p90: secs(86_400) });
}

/// A generator of its own: tests must not depend on a library's stream.
struct Draw(u64);

impl Draw {
    /// Uniform, 0 excluded.
    fn uniform(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 1.0) / (1_u64 << 53) as f64
    }

    fn below(&mut self, limit: u32) -> u32 {
        (self.uniform() * f64::from(limit)) as u32 % limit
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -self.uniform().ln() * mean
    }
}

/// Whatever an estimator says: as long as the place falls and the staff stays, no announcement is
/// later than the one before.
#[test]
fn no_announcement_breaks_the_last_one() {
    let mut excused = 0;
    for seed in 0..2_000 {
        let mut draw = Draw(seed);
        let (mut announcer, mut last) = (Announcer::default(), None);
        let (mut now, mut position, mut staff) = (0, 10, 5);
        for _ in 0..20 {
            let (before, passed) = ((position, staff), u64::from(draw.below(60)));
            now += passed;
            match draw.below(10) {
                0 => position += 1,
                1 => staff = draw.below(6),
                2..6 => position = (position - 1).max(1),
                _ => (),
            }
            let p50 = u64::from(draw.below(600));
            let wild = Some(estimate(p50, p50 + u64::from(draw.below(600))));
            let said = announcer.announce(at(now), wild, position, staff, true).unwrap();
            assert!(said.p50 <= said.p90, "seed {seed}");
            let due = (at(now) + said.p50, at(now) + said.p90);
            if let Some((p50, p90)) = last.replace(due) {
                let worse = before.0 < position || staff < before.1;
                let kept =
                    |due: Instant, last: Instant, said: Duration| due <= last || said.is_zero();
                let kept = kept(due.0, p50, said.p50) && kept(due.1, p90, said.p90);
                assert!(worse || kept, "seed {seed} at {now}");
                excused += u32::from(!kept);
            }
        }
    }
    // Something did get worse, and was said.
    assert!(100 < excused, "{excused}");
}

#[test]
fn calibration_counts_what_was_within() {
    let limits = CalibrationLimits { window: 20, minimum: 10, ..CalibrationLimits::default() };
    let mut calibration = Calibration::new(limits);
    let mut said = String::new();
    let note = |calibration: &Calibration| format!("{:?}\n", calibration.report());
    said.push_str(&note(&calibration));
    // Waits of 1 to 10 s, half of them within 5 s and nine within 9 s.
    for waited in 1..=9 {
        calibration.record(estimate(5, 9), secs(waited), true);
    }
    assert!(!calibration.is_calibrated());
    calibration.record(estimate(5, 9), secs(10), true);
    assert!(calibration.is_calibrated());
    said.push_str(&note(&calibration));
    // Ten that all waited too long, and the first ten are forgotten one by one.
    for _ in 0..10 {
        calibration.record(estimate(5, 9), secs(30), true);
    }
    assert!(!calibration.is_calibrated());
    said.push_str(&note(&calibration));
    for _ in 0..10 {
        calibration.record(estimate(5, 9), secs(30), true);
    }
    said.push_str(&note(&calibration));
    calibration.set_limits(CalibrationLimits { window: 5, ..limits });
    said.push_str(&note(&calibration));
    expect![[r#"
        CalibrationReport { answered: 0, censored: 0, p50_coverage: 0.0, p90_coverage: 0.0, p50_loss: 0ns, p90_loss: 0ns, calibrated: false }
        CalibrationReport { answered: 10, censored: 0, p50_coverage: 0.5, p90_coverage: 0.9, p50_loss: 1.25s, p90_loss: 450ms, calibrated: true }
        CalibrationReport { answered: 20, censored: 0, p50_coverage: 0.2500000000000002, p90_coverage: 0.45000000000000007, p50_loss: 6.875s, p90_loss: 9.675s, calibrated: false }
        CalibrationReport { answered: 20, censored: 0, p50_coverage: 0.0, p90_coverage: 0.0, p50_loss: 12.5s, p90_loss: 18.9s, calibrated: false }
        CalibrationReport { answered: 5, censored: 0, p50_coverage: 0.0, p90_coverage: 0.0, p50_loss: 12.5s, p90_loss: 18.9s, calibrated: false }
    "#]].assert_eq(&said);
}

/// Waits of 1 to 10 s; those of 4, 6 and 8 s gave up. By hand: of ten, three are served before 4 s
/// (survival 7/10), one of six at 5 s (x 5/6 = 7/12); then 7 s of four (x 3/4), 9 s of two (x 1/2).
#[test]
fn who_gave_up_is_neither_within_nor_beyond() {
    let limits = CalibrationLimits { window: 50, ..CalibrationLimits::default() };
    let mut calibration = Calibration::new(limits);
    for waited in 1..=10 {
        calibration.record(estimate(5, 9), secs(waited), ![4, 6, 8].contains(&waited));
    }
    let report = calibration.report();
    assert!((report.p50_coverage - (1.0 - 7.0 / 12.0)).abs() < 1e-12, "{report:?}");
    assert!((report.p90_coverage - (1.0 - 7.0 / 32.0)).abs() < 1e-12, "{report:?}");
    assert_eq!((report.answered, report.censored), (7, 3));
}

/// A queue of five agents, first come first served, played with exponential times; everyone who has
/// to wait is estimated when joining.
fn played(estimator: fn(&EstimateAsk) -> Option<Estimate>, seed: u64) -> CalibrationReport {
    let limits = CalibrationLimits { window: 1_000, ..CalibrationLimits::default() };
    let (mut calibration, mut history) = (Calibration::new(limits), History::default());
    let mut draw = Draw(seed);
    let (mut clock, mut free) = (0.0, [0.0_f64; 5]);
    // What the history is told once its time has come: an answer with its position, or an end.
    let mut pending: Vec<(f64, Option<u32>, Duration)> = Vec::new();
    let mut starts: Vec<f64> = Vec::new();
    for _ in 0..6_000 {
        clock += draw.exponential(180.0 / 5.0 / 0.85);
        pending.sort_by(|a, b| a.0.total_cmp(&b.0));
        let due = pending.partition_point(|event| event.0 <= clock);
        for (_, answered, span) in pending.drain(..due) {
            match answered {
                Some(position) => history.answered(position, span),
                None => history.completed(span),
            }
        }
        starts.retain(|start| clock < *start);
        let position = starts.len() as u32 + 1;
        free.sort_by(f64::total_cmp);
        let start = free[0].max(clock);
        let (handled, waited) = (draw.exponential(180.0), Duration::from_secs_f64(start - clock));
        if clock < start {
            let ask = EstimateAsk {
                recent_waits: history.waits(),
                recent_handles_ms: history.handles_ms(),
                ..ask(position)
            };
            if let Some(estimate) = estimator(&ask) {
                calibration.record(estimate, waited, true);
            }
            starts.push(start);
        }
        free[0] = start + handled;
        pending.push((start, Some(position), waited));
        pending.push((start + handled, None, Duration::from_secs_f64(handled)));
    }
    calibration.report()
}

/// Seeds 1 to 6 cover 0.52 to 0.55 and 0.87 to 0.92 (erlang-like), 0.47 to 0.52 and 0.85 to 0.87
/// (empirical).
#[test]
fn both_estimators_are_calibrated_on_a_steady_queue() {
    for seed in 1..=6 {
        for (name, estimator) in
            [("erlang-like", erlang_like as fn(&_) -> _), ("empirical", empirical)]
        {
            let report = played(estimator, seed);
            assert!(report.calibrated, "seed {seed}, {name}: {report:?}");
        }
    }
}

/// An estimator that is wrong by half is found out.
#[test]
fn an_estimator_that_halves_is_not_calibrated() {
    let halved = |ask: &EstimateAsk| {
        erlang_like(ask).map(|estimate| Estimate::new(estimate.p50 / 2, estimate.p90 / 2))
    };
    for seed in 1..=6 {
        let report = played(halved, seed);
        assert!(!report.calibrated, "seed {seed}: {report:?}");
    }
}
