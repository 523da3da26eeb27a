use jackfield_sdk::estimator::{EstimateAsk, WaitEstimate};
use jackfield_sdk::order::Lots;
use jackfield_sdk::testing::{ask, check_estimate, estimate_ask};

use super::estimate;

fn lots(seed: u32) -> Lots {
    ask(&format!("seed {seed}")).lots()
}

/// A number above 0 and at most 1.
fn unit(lots: &mut Lots) -> f64 {
    (lots.below(1 << 53) + 1) as f64 / (1_u64 << 53) as f64
}

fn answered(ask: &EstimateAsk) -> WaitEstimate {
    estimate(ask).unwrap().unwrap()
}

#[test]
fn one_agent_with_handle_times_of_five_minutes() {
    // All alike and one agent: f = c² = 0, the residual time is uniform up to 300 s.
    check_estimate(
        estimate,
        "ask position=1 agents=1\nhandles 300s 300s 300s 300s 300s",
        "p50=133943ms p90=265470ms",
    );
    check_estimate(
        estimate,
        "ask position=12 agents=3 ready=2\nhandles 300s 100s 200s 150s 250s",
        "p50=629693ms p90=857663ms",
    );
}

#[test]
fn who_gives_up_shortens_the_wait() {
    let with = |share: &str| {
        answered(&estimate_ask(&format!(
            "ask position=10 agents=5 abandon={share}
            handles 300s 100s 200s 150s 250s
            waits 3:60s 4:100s 1:20s"
        )))
    };
    let (none, some) = (with("0"), with("0.2"));
    assert!(some.p50_ms < none.p50_ms && some.p90_ms < none.p90_ms, "{some:?} {none:?}");
}

#[test]
fn an_agent_who_is_ready_takes_the_next() {
    check_estimate(
        estimate,
        "ask position=2 agents=3 ready=2\nhandles 1s 2s 3s 4s 5s",
        "p50=0ms p90=0ms",
    );
}

#[test]
fn without_data_there_is_no_estimate() {
    check_estimate(estimate, "ask position=1 agents=3\nhandles 1s 2s 3s 4s", "none");
    check_estimate(estimate, "ask position=1 agents=0\nhandles 1s 2s 3s 4s 5s", "none");
    check_estimate(estimate, "ask position=1 agents=1\nhandles 0 0 0 0 0", "none");
    check_estimate(estimate, "ask position=10001 agents=1\nhandles 1s 2s 3s 4s 5s", "none");
    // The setting stands in for handle times: exponential, and worth five of them.
    check_estimate(
        estimate,
        "ask position=1 agents=3\nset estimate-handle-time = 5m",
        "p50=65097ms p90=237726ms",
    );
}

#[test]
fn settings_are_checked() {
    check_estimate(
        estimate,
        "ask agents=1\nset estimate-handle-time = 0",
        "configuration: `estimate-handle-time` is a span such as `500ms`, `15s`, `2m` or `1h`, \
         at most 24h, not `0`",
    );
    check_estimate(
        estimate,
        "ask agents=1\nset estimate-least-handles = 1",
        "configuration: `estimate-least-handles` is a whole number from 2 to 1000, not `1`",
    );
}

/// With the same agents and the same past, a better place never has a longer wait.
#[test]
fn it_does_not_rise_while_the_position_falls() {
    for seed in 0..200 {
        let mut lots = lots(seed);
        let mut ask = estimate_ask("ask position=1");
        ask.agents = 1 + lots.below(40) as u32;
        ask.agents_ready = lots.below(3) as u32;
        ask.abandon_share = lots.below(60) as f64 / 100.0;
        let longest = 1 + lots.below(600_000);
        let count = 5 + lots.below(60);
        ask.recent_handles_ms = (0..count).map(|_| 1 + lots.below(longest) as u32).collect();
        ask.recent_waits = estimate_ask("waits 1:9s 5:30s").recent_waits;
        let mut before = WaitEstimate { p50_ms: 0, p90_ms: 0 };
        for position in 1..=150 {
            ask.position = position;
            let now = answered(&ask);
            assert!(now.p50_ms <= now.p90_ms, "seed {seed}, position {position}: {now:?}");
            assert!(
                before.p50_ms <= now.p50_ms && before.p90_ms <= now.p90_ms,
                "seed {seed}, position {position}: {before:?} then {now:?}"
            );
            before = now;
        }
    }
}

/// How handle times are distributed, all with a mean of 300 s.
#[derive(Clone, Copy, Debug)]
enum Law {
    Exponential,
    /// Two exponential phases: c² = 1/2.
    Erlang2,
    /// Half of them with a mean of 100 s, half with one of 500 s: c² = 1.89.
    Mixed,
}

impl Law {
    fn whole(self, lots: &mut Lots) -> f64 {
        match self {
            Self::Exponential => -300_000.0 * unit(lots).ln(),
            Self::Erlang2 => -150_000.0 * (unit(lots) * unit(lots)).ln(),
            Self::Mixed if lots.below(2) == 0 => -500_000.0 * unit(lots).ln(),
            Self::Mixed => -100_000.0 * unit(lots).ln(),
        }
    }

    /// What is left when somebody looks at any time: the equilibrium distribution.
    fn rest(self, lots: &mut Lots) -> f64 {
        match self {
            Self::Exponential => self.whole(lots),
            Self::Erlang2 if lots.below(2) == 0 => self.whole(lots),
            Self::Erlang2 => -150_000.0 * unit(lots).ln(),
            // Five times out of six one looks into a long one.
            Self::Mixed if lots.below(6) != 0 => -500_000.0 * unit(lots).ln(),
            Self::Mixed => -100_000.0 * unit(lots).ln(),
        }
    }
}

/// Simulates the wait of a contact at `position` behind `agents` busy ones.
fn waits(law: Law, position: u32, agents: u32, lots: &mut Lots) -> f64 {
    let mut free: Vec<f64> = (0..agents).map(|_| law.rest(lots)).collect();
    let mut now = 0.0;
    for _ in 0..position {
        free.sort_by(f64::total_cmp);
        now = free[0];
        free[0] = now + law.whole(lots);
    }
    now
}

/// Half of the simulated waits are within P50 and nine in ten within P90, give or take four points:
/// two for the approximation, two for the 4,000 waits and the 100,000 handle times of each case.
#[test]
fn it_is_calibrated_against_simulated_queues() {
    for law in [Law::Exponential, Law::Erlang2, Law::Mixed] {
        for (position, agents) in [(1, 5), (5, 5), (20, 5), (10, 30), (60, 30)] {
            let mut lots = lots(position * 100 + agents);
            let mut ask = estimate_ask("ask position=1");
            ask.position = position;
            ask.agents = agents;
            ask.recent_handles_ms = (0..100_000).map(|_| law.whole(&mut lots) as u32).collect();
            let said = answered(&ask);
            let (mut half, mut most) = (0, 0);
            for _ in 0..4_000 {
                let wait = waits(law, position, agents, &mut lots);
                half += u32::from(wait <= said.p50_ms.into());
                most += u32::from(wait <= said.p90_ms.into());
            }
            let case = format!("{law:?} {position}/{agents}: {half} and {most} of 4000, {said:?}");
            println!("{case}");
            assert!((1_840..=2_160).contains(&half), "{case}");
            assert!((3_440..=3_760).contains(&most), "{case}");
        }
    }
}
