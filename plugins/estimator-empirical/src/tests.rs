use jackfield_sdk::estimator::{PastWait, WaitEstimate};
use jackfield_sdk::testing::{ask, check_estimate, estimate_ask};

use super::{ends, estimate};

#[test]
fn classes_are_half_as_long_again() {
    assert_eq!(ends()[..8], [1, 2, 3, 5, 8, 12, 18, 27]);
}

/// Ten, twenty and so on up to a hundred seconds, at position 4: 2.5 to 25 s a place.
const TENS: &str = "
    set estimate-least-waits = 10
    waits 4:10s 4:20s 4:30s 4:40s 4:50s
    waits 4:60s 4:70s 4:80s 4:90s 4:100s";

#[test]
fn quantiles_of_those_who_joined_here() {
    let at = |position: u32, expected: &str| {
        check_estimate(estimate, &format!("ask position={position}\n{TENS}"), expected);
    };
    at(4, "p50=55000ms p90=91000ms");
    at(5, "p50=68750ms p90=113750ms");
    at(1, "p50=13750ms p90=22750ms");
    at(400, "p50=5500000ms p90=9100000ms");
}

#[test]
fn classes_beside_are_taken_in_only_if_needed() {
    let script = |least: u32| {
        format!(
            "ask position=1
            set estimate-least-waits = {least}
            waits 1:10s 1:10s 1:10s 1:10s 1:10s
            waits 8:800s 8:800s 8:800s 8:800s 8:800s"
        )
    };
    check_estimate(estimate, &script(5), "p50=10000ms p90=10000ms");
    check_estimate(estimate, &script(6), "p50=55000ms p90=100000ms");
}

#[test]
fn who_was_answered_at_once_tells_nothing() {
    check_estimate(
        estimate,
        &format!("ask position=4\n{TENS}\nwaits 1:0 2:0"),
        "p50=55000ms p90=91000ms",
    );
    check_estimate(estimate, "set estimate-least-waits = 5\nwaits 1:0 1:0 1:0 1:0 1:0", "none");
    check_estimate(estimate, "ask position=4\nwaits 4:1s 4:2s 4:3s", "none");
}

#[test]
fn agents_who_are_ready_take_the_next() {
    check_estimate(estimate, &format!("ask position=6 ready=2\n{TENS}"), "p50=55000ms p90=91000ms");
    check_estimate(estimate, &format!("ask position=2 ready=2\n{TENS}"), "p50=0ms p90=0ms");
}

#[test]
fn settings_are_checked() {
    check_estimate(
        estimate,
        "set estimate-least-waits = 4",
        "configuration: `estimate-least-waits` is a whole number from 5 to 1000, not `4`",
    );
}

/// With the same past, a better place never has a longer wait, however odd the past is.
#[test]
fn it_does_not_rise_while_the_position_falls() {
    for seed in 0..30 {
        let mut lots = ask(&format!("seed {seed}")).lots();
        let mut question = estimate_ask("ask position=1");
        question.recent_waits = (0..20 + lots.below(80))
            .map(|_| PastWait {
                position: 1 + lots.below(30) as u32,
                waited_ms: lots.below(600_000) as u32,
            })
            .collect();
        let mut before = WaitEstimate { p50_ms: 0, p90_ms: 0 };
        for position in 1..=150 {
            question.position = position;
            let Some(now) = estimate(&question).unwrap() else { break };
            assert!(now.p50_ms <= now.p90_ms, "seed {seed}, position {position}: {now:?}");
            assert!(
                before.p50_ms <= now.p50_ms && before.p90_ms <= now.p90_ms,
                "seed {seed}, position {position}: {before:?} then {now:?}"
            );
            before = now;
        }
    }
}
