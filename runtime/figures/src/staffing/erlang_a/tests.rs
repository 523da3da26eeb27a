use super::super::tests::{Uniform, near, per_half_hour, printed};
use super::super::{erlang_c, erlang_c::ErlangC};
use super::*;

mod by_states;
use by_states::ByStates;

/// 48 calls a minute, a minute each, 2 minutes of patience, 50 agents: the example of Garnett,
/// Mandelbaum and Reiman.
fn garnett() -> (Load, ErlangA) {
    let load = Load::of_rate(48.0 / 60.0, 60.0).unwrap();
    (load, ErlangA::solve(&load, 50.0, 120.0).unwrap())
}

#[test]
fn comparison_of_garnett_mandelbaum_reiman() {
    let (load, queue) = garnett();
    printed(queue.p_abandon(), "0.030912");
    printed(queue.mean_wait(), "3.7095");
    printed(queue.wait_percentile(0.9), "12.44");
    printed(queue.queue_length(), "2.968");
    printed(queue.occupancy(), "0.93032");
    printed(queue.p_wait(), "0.467774");
    printed(queue.served_within(20.0), "0.943019");
    printed(queue.abandoned_within(20.0), "0.02985");

    let patient = ErlangC::solve(&load, 50.0).unwrap();
    printed(patient.mean_wait(), "20.834");
    printed(patient.wait_percentile(0.9), "58.139");
    printed(patient.queue_length(), "17");
    printed(100.0 * load.erlangs() / 50.0, "96");
    printed(patient.p_wait(), "0.694456");

    // Fewer calls, as if those who give up had not come: still not the same queue.
    let fewer = Load::of_rate(48.0 / 60.0 * (1.0 - queue.p_abandon()), 60.0).unwrap();
    let fewer_patient = ErlangC::solve(&fewer, 50.0).unwrap();
    printed(fewer_patient.mean_wait(), "8.832");
    printed(fewer_patient.wait_percentile(0.9), "28.154");
    printed(fewer_patient.queue_length(), "6.85");
    printed(100.0 * fewer.erlangs() / 50.0, "93");
    // Our source prints 0.5123 here. The wait it prints, 8.832 s, is C·AHT / (c - a) with 0.5128.
    printed(fewer_patient.p_wait(), "0.5128");
}

#[test]
fn trap_two_things_are_called_asa() {
    let (_, queue) = garnett();
    printed(queue.mean_wait(), "3.71");
    printed(queue.mean_wait_served(), "3.62");
}

#[test]
fn trap_four_things_are_called_service_level() {
    let (_, queue) = garnett();
    let (served, gone) = (queue.served_within(20.0), queue.abandoned_within(20.0));
    printed(100.0 * (served + gone), "97.286");
    printed(100.0 * served / (1.0 - queue.p_abandon()), "97.310");
    printed(100.0 * served, "94.302");
    printed(100.0 * served / (1.0 - gone), "97.203");
}

#[test]
fn snapshot_of_another_library() {
    let load = per_half_hour(100.0, 180.0);
    let queue = ErlangA::solve(&load, 14.0, 300.0).unwrap();
    printed(queue.p_wait(), "0.1452601");
    printed(queue.p_abandon(), "0.0139837");
    printed(queue.occupancy(), "0.7042973");
    printed(queue.mean_wait() / 60.0, "0.0699187");
    printed(queue.served_within(20.0), "0.9167921");
    let queue = ErlangA::solve(&load, 13.0, 300.0).unwrap();
    printed(queue.served_within(20.0), "0.858178");
    printed(queue.occupancy(), "0.750028");
    printed(queue.p_abandon(), "0.024963");
    printed(queue.p_wait(), "0.225797");
    printed(queue.mean_wait() / 60.0, "0.124817");
}

#[test]
fn exact_where_patience_is_the_handle_time() {
    let at = |agents: f64, erlangs: f64| {
        ErlangA::solve(&Load::of_rate(erlangs, 1.0).unwrap(), agents, 1.0).unwrap()
    };
    printed(at(1.0, 2.0).p_wait(), "0.864664717");
    printed(at(1.0, 2.0).p_abandon(), "0.567667642");
    printed(at(2.0, 3.0).p_wait(), "0.800851727");
    // Then the number of calls is that of M/M/∞, so that P(N ≥ c) is the tail of Poisson.
    for (agents, erlangs) in [(1_u32, 0.3), (5, 5.0), (40, 31.0), (40, 60.0), (300, 290.0)] {
        let mut term = libm::exp(-erlangs);
        let mut below = 0.0;
        for count in 0..agents {
            below += term;
            term *= erlangs / f64::from(count + 1);
        }
        near(at(f64::from(agents), erlangs).p_wait(), 1.0 - below, 1e-11);
    }
}

#[test]
fn the_integrals_agree_with_the_states() {
    let mut uniform = Uniform(3);
    for _ in 0..60 {
        let agents = (uniform.between(1.0, 60.0)).floor();
        let handle = uniform.between(10.0, 600.0);
        let load = Load::of_rate(agents * uniform.between(0.3, 3.0) / handle, handle).unwrap();
        let patience = uniform.between(5.0, 2_000.0);
        let within = uniform.between(1.0, 300.0);
        let queue = ErlangA::solve(&load, agents, patience).unwrap();
        let states = ByStates::new(&load, agents, patience);
        near(queue.p_wait(), states.p_wait(), 1e-10);
        near(queue.queue_length(), states.queue_length(), 1e-9);
        let (served, gone) = states.ended_within(within);
        assert!((queue.served_within(within) - served).abs() < 1e-12 + 1e-9 * served);
        assert!((queue.abandoned_within(within) - gone).abs() < 1e-13 + 1e-8 * gone);
    }
}

#[test]
fn what_holds_for_every_queue() {
    let mut uniform = Uniform(4);
    for _ in 0..100 {
        let agents = uniform.between(0.5, 500.0);
        let handle = uniform.between(10.0, 600.0);
        let load = Load::of_rate(agents * uniform.between(0.3, 3.0) / handle, handle).unwrap();
        let patience = uniform.between(1.0, 5_000.0);
        let queue = ErlangA::solve(&load, agents, patience).unwrap();
        let theta = 1.0 / patience;
        // P(Ab) = θE[W]; Little; what arrives is served or gives up.
        near(queue.p_abandon(), theta * queue.mean_wait(), 1e-12);
        near(queue.queue_length(), load.arrivals_per_second() * queue.mean_wait(), 1e-12);
        let served = queue.p_served();
        near(served + queue.p_abandon(), 1.0, 1e-12);
        near(queue.occupancy() * agents, load.erlangs() * served, 1e-12);
        // All end at last, and none at once but those who find a free agent.
        near(queue.served_within(1e7), served, 1e-9);
        assert!((queue.served_within(0.0) - (1.0 - queue.p_wait())).abs() < 1e-12);
        near(queue.abandoned_within(1e7), queue.p_abandon(), 1e-9);
        assert_eq!(queue.abandoned_within(0.0), 0.0);
        near(queue.wait_exceeds(0.0), queue.p_wait(), 1e-12);
        // Within any time a caller was served, gave up, or waits still.
        for within in [1.0, 20.0, 90.0, 600.0] {
            let (ended, waits) = (
                queue.served_within(within) + queue.abandoned_within(within),
                queue.wait_exceeds(within),
            );
            near(ended + waits, 1.0, 1e-10);
        }
        // The served wait less than or as long as all, weighed by the share served.
        assert!(served * queue.mean_wait_served() <= queue.mean_wait() * (1.0 + 1e-12));
        for share in [0.5, 0.9, 0.99] {
            let wait = queue.wait_percentile(share);
            assert!(queue.wait_exceeds(wait) <= 1.0 - share + 1e-12);
            if 0.0 < wait {
                near(queue.wait_exceeds(wait), 1.0 - share, 1e-9);
            }
            let wait = queue.served_wait_percentile(share);
            assert!(queue.served_wait_exceeds(wait) <= 1.0 - share + 1e-12);
        }
    }
}

#[test]
fn endless_patience_is_erlang_c() {
    for (agents, erlangs) in [(2.0, 1.0), (14.0, 10.0), (30.5, 29.0), (1_000.0, 980.0)] {
        let load = Load::of_rate(erlangs / 180.0, 180.0).unwrap();
        let queue = ErlangA::solve(&load, agents, 3e7).unwrap();
        let patient = ErlangC::solve(&load, agents).unwrap();
        near(queue.p_wait(), patient.p_wait(), 1e-3);
        near(queue.mean_wait(), patient.mean_wait(), 1e-3);
        near(queue.mean_wait_served(), patient.mean_wait(), 1e-3);
        near(queue.wait_percentile(0.9), patient.wait_percentile(0.9), 1e-3);
    }
}

#[test]
fn no_patience_is_erlang_b() {
    for (agents, erlangs) in [(1.0, 1.0), (10.0, 10.0), (30.5, 40.0), (1_000.0, 1_020.0)] {
        let load = Load::of_rate(erlangs / 180.0, 180.0).unwrap();
        let queue = ErlangA::solve(&load, agents, 1e-7).unwrap();
        near(queue.p_wait(), erlang_b::blocking(agents, erlangs), 1e-5);
        near(queue.p_abandon(), erlang_b::blocking(agents, erlangs), 1e-5);
    }
}

#[test]
fn a_part_of_an_agent_helps_a_little() {
    let load = per_half_hour(100.0, 180.0);
    let at = |agents: f64| ErlangA::solve(&load, agents, 120.0).unwrap();
    let mut before = at(8.0);
    for tenths in 81..150 {
        let now = at(f64::from(tenths) / 10.0);
        assert!(now.p_wait() < before.p_wait());
        assert!(now.p_abandon() < before.p_abandon());
        assert!(before.served_within(20.0) < now.served_within(20.0));
        assert!(now.mean_wait_served() < before.mean_wait_served());
        before = now;
    }
}

#[test]
fn ten_thousand_agents() {
    // Garnett et al.: with c = a + β·sqrt(a) and patience as long as the calls, P(W > 0) tends to
    // Φ(-β), exactly a Poisson tail; at β = 0 it is a half.
    let at = |erlangs: f64, patience: f64| {
        ErlangA::solve(&Load::of_rate(erlangs / 300.0, 300.0).unwrap(), 10_000.0, patience).unwrap()
    };
    near(at(10_000.0, 300.0).p_wait(), 0.5, 0.01);
    let overload = at(15_000.0, 60.0);
    // A fluid: what cannot be served gives up, and a third of 15,000 cannot be served.
    near(overload.p_abandon(), 1.0 / 3.0, 1e-9);
    near(overload.mean_wait(), 20.0, 1e-9);
    near(overload.occupancy(), 1.0, 1e-9);
    // All who are served wait about as long as it takes for a third to leave: θx = ln 1.5.
    near(overload.mean_wait_served(), 60.0 * libm::log(1.5), 1e-3);
    let ample = at(5_000.0, 60.0);
    assert_eq!((ample.p_wait(), ample.p_abandon(), ample.served_within(0.0)), (0.0, 0.0, 1.0));
    // The states agree, at a size at which their weights would overflow if they were not scaled.
    let load = Load::of_rate(10_050.0 / 300.0, 300.0).unwrap();
    let queue = ErlangA::solve(&load, 10_000.0, 120.0).unwrap();
    let states = ByStates::new(&load, 10_000.0, 120.0);
    near(queue.p_wait(), states.p_wait(), 1e-9);
    near(queue.queue_length(), states.queue_length(), 1e-9);
}

#[test]
fn extremes_stay_numbers() {
    for agents in [0.001, 1.0, 100_000.0] {
        for erlangs in [1e-9, 1.0, 1e5] {
            for patience in [1e-6, 1.0, 3e7] {
                let load = Load::of_rate(erlangs / 300.0, 300.0).unwrap();
                let queue = ErlangA::solve(&load, agents, patience).unwrap();
                let what = format!("{agents} agents, {erlangs} erlangs, {patience} s");
                let shares = [
                    queue.p_wait(),
                    queue.p_abandon(),
                    queue.served_within(20.0),
                    queue.abandoned_within(20.0),
                    queue.occupancy(),
                ];
                let fine = |share: f64| (-1e-12..=1.0 + 1e-12).contains(&share);
                assert!(shares.into_iter().all(fine), "{what}: {shares:?}");
                assert!(queue.mean_wait().is_finite(), "{what}");
                assert!(queue.wait_percentile(0.9).is_finite(), "{what}");
            }
        }
    }
}

#[test]
fn trap_p_abandon_must_fall_with_patience() {
    // A published "Erlang A" has P(Ab) ≈ P(W)·(1 - e^(-patience / AHT)), which grows with patience.
    let load = per_half_hour(100.0, 180.0);
    let mut before = 1.0;
    for patience in [10.0, 30.0, 60.0, 120.0, 300.0, 900.0] {
        let now = ErlangA::solve(&load, 12.0, patience).unwrap().p_abandon();
        assert!(now < before, "{patience}");
        before = now;
    }
    assert!(erlang_c::p_wait(13.0, 10.0) < 0.2853, "and its C(13, 10) is 0.456");
}

#[test]
fn nonsense_is_refused_by_name() {
    let load = per_half_hour(100.0, 180.0);
    for patience in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let said = ErlangA::solve(&load, 12.0, patience).unwrap_err().to_string();
        assert!(said.starts_with("patience must be more than 0s and at most 366d"), "{said}");
    }
    for agents in [0.0, -1.0, f64::NAN, 100_001.0] {
        let said = ErlangA::solve(&load, agents, 60.0).unwrap_err().to_string();
        assert!(said.starts_with("agents must be more than 0 and at most 100000"), "{said}");
    }
}
