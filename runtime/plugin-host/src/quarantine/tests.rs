use std::fmt::Write as _;

use expect_test::expect;

use super::*;

const RULES: QuarantineRules = QuarantineRules {
    failures: 3,
    window: Duration::from_secs(10),
    back_off: Duration::from_secs(5),
    back_off_max: Duration::from_secs(12),
    trials: 2,
};

fn second(at: u64) -> Instant {
    Instant::from_micros(at * 1_000_000)
}

/// Plays lines of `SECOND EVENT`: `ok` and `fail` are calls that are admitted or not, `late-fail` and
/// `late-ok` the ends of calls admitted while it served, `reject` an answer found impossible, `ask` a
/// call that does not end yet, `drop` its being broken off.
fn play(script: &str) -> String {
    let mut version = Quarantine::new(RULES);
    let mut open = None;
    let mut told = String::new();
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (at, event) = line.split_once(' ').unwrap();
        let now = second(at.parse().unwrap());
        let mut admitted = "";
        let mut admit = |version: &mut Quarantine| {
            let may = version.admit(now);
            admitted = match may {
                Admitted::Call => " asked,",
                Admitted::Trial { .. } => " tried,",
                Admitted::No => " not asked,",
            };
            may
        };
        match event {
            "ok" | "fail" => match (admit(&mut version), event) {
                (Admitted::No, _) => {}
                (may, "ok") => version.succeeded(now, may),
                (may, _) => version.failed(now, may),
            },
            "ask" => open = Some(admit(&mut version)),
            "drop" => version.dropped(open.take().unwrap()),
            "late-ok" => version.succeeded(now, Admitted::Call),
            "late-fail" => version.failed(now, Admitted::Call),
            "reject" => version.rejected(now),
            other => panic!("`{other}` is no event"),
        }
        let standing = match version.standing() {
            Standing::Serving => format!("serving, {} failures", version.failures(now)),
            Standing::Quarantined { until } => {
                format!("quarantined until {}", until.as_micros() / 1_000_000)
            }
            Standing::Trial { passed } => format!("trial, {passed} passed"),
        };
        writeln!(told, "{at} {event}:{admitted} {standing}, {} in a row", version.times()).unwrap();
    }
    told
}

#[test]
fn failures_count_within_the_window_only() {
    expect![[r#"
        0 fail: asked, serving, 1 failures, 0 in a row
        9 fail: asked, serving, 2 failures, 0 in a row
        10 fail: asked, serving, 2 failures, 0 in a row
        11 ok: asked, serving, 2 failures, 0 in a row
        12 reject: quarantined until 17, 1 in a row
    "#]]
    .assert_eq(&play("0 fail\n 9 fail\n 10 fail\n 11 ok\n 12 reject"));
}

#[test]
fn it_is_tried_one_call_at_a_time_and_quarantined_for_longer() {
    let script = "
        0 fail
        0 fail
        0 fail
        1 late-fail
        4 ok
        5 ask
        5 ok
        6 drop
        6 ask
        6 late-fail
        6 late-ok
        7 drop
        7 fail
        8 ok
        17 ok
        17 reject
        28 ok
        29 ok
        29 ok
        30 late-fail
        41 ok
        42 fail
        42 fail
        46 ok
        55 ok
    ";
    expect![[r#"
        0 fail: asked, serving, 1 failures, 0 in a row
        0 fail: asked, serving, 2 failures, 0 in a row
        0 fail: asked, quarantined until 5, 1 in a row
        1 late-fail: quarantined until 5, 1 in a row
        4 ok: not asked, quarantined until 5, 1 in a row
        5 ask: tried, trial, 0 passed, 1 in a row
        5 ok: not asked, trial, 0 passed, 1 in a row
        6 drop: trial, 0 passed, 1 in a row
        6 ask: tried, trial, 0 passed, 1 in a row
        6 late-fail: trial, 0 passed, 1 in a row
        6 late-ok: trial, 0 passed, 1 in a row
        7 drop: trial, 0 passed, 1 in a row
        7 fail: tried, quarantined until 17, 2 in a row
        8 ok: not asked, quarantined until 17, 2 in a row
        17 ok: tried, trial, 1 passed, 2 in a row
        17 reject: quarantined until 29, 3 in a row
        28 ok: not asked, quarantined until 29, 3 in a row
        29 ok: tried, trial, 1 passed, 3 in a row
        29 ok: tried, serving, 0 failures, 3 in a row
        30 late-fail: serving, 1 failures, 3 in a row
        41 ok: asked, serving, 0 failures, 0 in a row
        42 fail: asked, serving, 1 failures, 0 in a row
        42 fail: asked, serving, 2 failures, 0 in a row
        46 ok: asked, serving, 2 failures, 0 in a row
        55 ok: asked, serving, 0 failures, 0 in a row
    "#]]
    .assert_eq(&play(script));
}

#[test]
fn without_a_number_of_failures_it_serves_for_ever() {
    let mut version = Quarantine::new(QuarantineRules { failures: 0, ..RULES });
    for at in 0..100 {
        assert_eq!(version.admit(second(at)), Admitted::Call);
        version.failed(second(at), Admitted::Call);
    }
}

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

/// Whatever happens in whatever order: a quarantine is at most as long as the longest and keeps its
/// moment, nobody is asked within it, one trial is open at a time, and who never fails serves again.
#[test]
fn whatever_happens_it_keeps_its_promises() {
    for seed in 0..2_000 {
        let mut chance = Chance(seed);
        let mut version = Quarantine::new(RULES);
        let (mut now, mut open, mut until) = (Instant::default(), Vec::new(), None);
        for _ in 0..200 {
            now = now + Duration::from_millis(chance.below(3_000));
            match chance.below(4) {
                0 | 1 => match version.admit(now) {
                    Admitted::No => assert_ne!(version.standing(), Standing::Serving, "{seed}"),
                    may => {
                        assert!(until.is_none_or(|until| until <= now), "{seed}: asked within it");
                        open.push(may);
                    }
                },
                2 if !open.is_empty() => {
                    let ended = open.swap_remove(chance.below(open.len() as u64) as usize);
                    match chance.below(5) {
                        0 => version.dropped(ended),
                        1 | 2 => version.succeeded(now, ended),
                        _ => version.failed(now, ended),
                    }
                }
                3 if chance.below(8) == 0 => version.rejected(now),
                _ => {}
            }
            if let Standing::Trial { passed } = version.standing() {
                assert!(passed < RULES.trials, "{seed}");
                let current = |may: &&Admitted| **may == version.current_trial();
                assert!(open.iter().filter(current).count() <= 1, "{seed}: two trials at once");
            }
            until = match version.standing() {
                Standing::Quarantined { until: new } => {
                    assert!(new.saturating_since(now) <= RULES.back_off_max, "{seed}");
                    Some(new)
                }
                _ => None,
            };
        }
        // From here on it is well: it serves after the quarantine and its trials.
        now = now + RULES.back_off_max;
        version.dropped(version.current_trial());
        for _ in 0..=RULES.trials {
            let may = version.admit(now);
            assert_ne!(may, Admitted::No, "{seed}");
            version.succeeded(now, may);
        }
        assert_eq!(version.standing(), Standing::Serving, "{seed}");
    }
}
