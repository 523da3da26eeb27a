use super::*;

/// SplitMix64, numbers between 0 and 1.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// One stream of `length` observations; after how many the alarm went off, if it did.
fn alarm(
    seed: u64,
    length: u32,
    (share, tolerated): (f64, f64),
    hit: impl Fn(u32, bool) -> f64,
) -> Option<u32> {
    let mut state = seed.wrapping_mul(0x2545_F491_4F6C_DD1D);
    let mut test = Comparison::new(tolerated);
    (1..=length).find(|&at| {
        let to_candidate = uniform(&mut state) < share;
        let hit = uniform(&mut state) < hit(at, to_candidate);
        if to_candidate {
            test.add_candidate(hit)
        } else {
            test.add_active(hit)
        }
        test.is_worse(ALPHA)
    })
}

const ALPHA: f64 = 0.05;

#[test]
fn no_more_false_alarms_than_alpha_however_often_one_looks() {
    const STREAMS: u64 = 300;
    for (share, tolerated, candidate, active) in [
        (0.5, 0.0, 0.2, 0.2),
        (0.1, 0.0, 0.2, 0.2),
        (0.1, 0.0, 0.01, 0.01),
        (0.05, 0.02, 0.22, 0.2),
        (0.5, 0.01, 0.01, 0.0),
    ] {
        let alarms = (0..STREAMS).filter(|seed| {
            let hit = |_, to_candidate| if to_candidate { candidate } else { active };
            alarm(*seed, 2_000, (share, tolerated), hit).is_some()
        });
        let alarms = alarms.count() as f64;
        assert!(alarms <= ALPHA * STREAMS as f64, "{share} {tolerated} {active}: {alarms}");
    }
}

#[test]
fn rushes_that_meet_both_alike_raise_no_alarm() {
    // A third of the time nearly everybody is served late: contacts of one rush depend on each other,
    // and chance alone says who of them meets the candidate.
    let hit = |at: u32, _| if (at / 50).is_multiple_of(3) { 0.9 } else { 0.05 };
    let alarms = (0..200).filter(|seed| alarm(*seed, 2_000, (0.1, 0.0), hit).is_some()).count();
    assert!(alarms as f64 <= ALPHA * 200.0, "{alarms}");
}

#[test]
fn what_is_worse_is_found() {
    // Shares of the candidate and of the active version, and after how many contacts of the centre the
    // alarm has gone off in nine of ten streams.
    for (share, candidate, active, within) in [
        (0.1, 0.5, 0.2, 1_000),
        (0.1, 1.0, 0.0, 100),
        (0.5, 0.3, 0.2, 4_000),
        (0.2, 0.1, 0.01, 1_500),
    ] {
        let hit = |_, to_candidate| if to_candidate { candidate } else { active };
        let found =
            (0..50).filter(|seed| alarm(*seed, within, (share, 0.01), hit).is_some()).count();
        assert!(45 <= found, "{share} {candidate} {active}: {found} of 50");
    }
}

#[test]
fn what_is_better_never_is_worse() {
    for seed in 0..50 {
        let hit = |_, to_candidate| if to_candidate { 0.1 } else { 0.2 };
        assert_eq!(alarm(seed, 1_000, (0.3, 0.0), hit), None);
    }
}

/// The evidence by hand: mixtures one observation at a time, the largest likelihood by trying.
fn by_hand(candidate: Trials, active: Trials, tolerated: f64) -> f64 {
    let mixture = |of: Trials| {
        let mut log = 0.0;
        for place in 0..of.count {
            let hits = place.min(of.hits) as f64;
            let seen = place as f64;
            // The order does not matter: first all hits, then all misses.
            let next = if place < of.hits { hits + 0.5 } else { seen - hits + 0.5 };
            log += (next / (seen + 1.0)).ln();
        }
        log
    };
    let mut best = f64::NEG_INFINITY;
    for at in 0..=20_000 {
        let low = f64::from(at) / 20_000.0;
        let high = candidate.share().unwrap_or(0.0).min(low + tolerated).min(1.0);
        best = best.max(candidate.log_likelihood(high) + active.log_likelihood(low));
    }
    mixture(candidate) + mixture(active) - best
}

#[test]
fn the_formula_is_the_definition() {
    let mut state = 7;
    for _ in 0..60 {
        let mut draw = |most: u64| (uniform(&mut state) * (most + 1) as f64) as u64;
        let (candidate, active) = (draw(30), draw(80));
        let candidate = Trials { count: candidate, hits: draw(candidate) };
        let active = Trials { count: active, hits: draw(active) };
        let tolerated = draw(10) as f64 / 100.0;
        let test = Comparison { candidate, active, ..Comparison::new(tolerated) };
        let (got, want) = (test.log_evidence(), by_hand(candidate, active, tolerated));
        assert!((got - want).abs() < 1e-3, "{candidate:?} {active:?} {tolerated}: {got} {want}");
    }
}

#[test]
fn nothing_observed_says_nothing() {
    let mut test = Comparison::new(0.0);
    assert_eq!(test.p_value(), 1.0);
    // Without anything to compare with, nothing can be worse.
    (0..1_000).for_each(|_| test.add_candidate(true));
    assert_eq!(test.p_value(), 1.0);
    assert_eq!((test.candidate().share(), test.active().share()), (Some(1.0), None));
}
