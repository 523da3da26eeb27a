use super::super::erlang_a::bisect;
use super::super::shrinkage::Shrinkage;
use super::super::tests::{Uniform, per_half_hour, printed};
use super::super::{Redials, erlang_c};
use super::*;

#[track_caller]
fn fewest(model: Model, load: &Load, target: &Target) -> f64 {
    let found = smallest_agents(model, load, target).unwrap();
    assert!(target.is_met(&found));
    // One fewer is not enough: checked apart from the search.
    if 1.0 < found.agents {
        let fewer = Staffing::of(model, load, found.agents - 1.0, target.within_seconds).unwrap();
        assert!(!target.is_met(&fewer), "{} would do", fewer.agents);
    }
    found.agents
}

#[test]
fn published_numbers_of_agents() {
    let load = per_half_hour(100.0, 180.0);
    let target = Target::served_within(0.8, 20.0);
    assert_eq!(fewest(Model::ErlangC, &load, &target), 14.0);
    let busy = Target { occupancy_max: Some(0.70), ..target };
    assert_eq!(fewest(Model::ErlangC, &load, &busy), 15.0);
    let third = Shrinkage::new(0.30).unwrap();
    assert_eq!([14.0, 15.0].map(|agents| third.scheduled_heads(agents)), [20.0, 22.0]);

    let at = |erlangs: f64, handle: f64| Load::of_rate(erlangs / handle, handle).unwrap();
    let target = Target::served_within(0.9, 30.0);
    assert_eq!(fewest(Model::ErlangC, &at(25.0, 240.0), &target), 31.0);
    let target = Target::served_within(0.8, 20.0);
    assert_eq!(fewest(Model::ErlangC, &at(50.0, 180.0), &target), 56.0);
    let load = per_half_hour(100.0, 600.0);
    assert_eq!(fewest(Model::ErlangC, &load, &target), 40.0);
    let fewer = Staffing::of(Model::ErlangC, &load, 39.0, 20.0).unwrap();
    printed(100.0 * fewer.service_level, "78.97");

    // 17 trunks lose less than 2 % of 10 erlangs.
    let target = Target::served_within(0.98, 0.0);
    assert_eq!(fewest(Model::ErlangB, &at(10.0, 180.0), &target), 17.0);
    assert_eq!(third.scheduled_heads(17.0), 25.0);
}

#[test]
fn trap_approximations_do_not_pass_for_exact() {
    // OdeToErlang accepts "about 58" for 56, "about 32" for 31 (see above); its C(13, 10) is 0.456.
    printed(erlang_c::p_wait(13.0, 10.0), "0.28527");
}

#[test]
fn trap_23_agents_are_not_enough_for_400_calls() {
    // The example of the society says 23 for 400 calls an hour, 180 s each, 80/30.
    let load = Load::of_rate(400.0 / 3_600.0, 180.0).unwrap();
    let at = |agents| Staffing::of(Model::ErlangC, &load, agents, 30.0).unwrap().service_level;
    printed(100.0 * at(23.0), "74.8");
    printed(100.0 * at(24.0), "84.7");
    assert_eq!(fewest(Model::ErlangC, &load, &Target::served_within(0.8, 30.0)), 24.0);
}

#[test]
fn trap_a_flexible_agent_is_one_agent() {
    // pyworkforce staffs Billing 5 and Technical 3 with 5 agents, three of whom count twice. The
    // loads at the edge of 80/20 with 5 and 3 agents of 180 s are 3.05 and 1.50 erlangs; even if all
    // agents could do all, 5 would not do.
    let edge = |agents: f64| {
        let load = |erlangs: f64| Load::of_rate(erlangs / 180.0, 180.0).unwrap();
        bisect(0.1, agents, |erlangs| {
            let figures = Staffing::of(Model::ErlangC, &load(erlangs), agents, 20.0).unwrap();
            figures.service_level < 0.8
        })
    };
    printed(edge(5.0), "3.05");
    printed(edge(3.0), "1.50");
    printed(edge(5.0) + edge(3.0), "4.547");
    let pooled = Load::of_rate((edge(5.0) + edge(3.0)) / 180.0, 180.0).unwrap();
    let at = |agents| Staffing::of(Model::ErlangC, &pooled, agents, 20.0).unwrap();
    printed(100.0 * at(5.0).service_level, "25.5");
    printed(at(5.0).asa_seconds.unwrap(), "312");
    printed(100.0 * at(6.0).service_level, "62.9");
    printed(100.0 * at(7.0).service_level, "82.8");
    let target = Target::served_within(0.8, 20.0);
    assert_eq!(fewest(Model::ErlangC, &pooled, &target), 7.0);
}

#[test]
fn an_occupancy_that_is_met_exactly_is_met() {
    // 6.8 erlangs on 8 agents are 85 %, whatever the rounding of the rate.
    for calls in 1..400_u32 {
        let handle = 6.8 * 1_800.0 / f64::from(calls);
        let load = per_half_hour(f64::from(calls), handle);
        let target = Target { occupancy_max: Some(0.85), ..Target::default() };
        assert_eq!(fewest(Model::ErlangC, &load, &target), 8.0, "{calls}");
    }
}

#[test]
fn no_fewer_agents_will_do() {
    let mut uniform = Uniform(6);
    for _ in 0..40 {
        let load = Load::of_rate(uniform.between(0.2, 300.0) / 200.0, 200.0).unwrap();
        let target = Target {
            within_seconds: uniform.between(1.0, 120.0),
            service_level: Some(0.5 + 0.49 * uniform.next()),
            occupancy_max: Some(0.6 + 0.39 * uniform.next()),
            asa_seconds_max: Some(uniform.between(1.0, 60.0)),
            abandon_max: None,
        };
        let patience_seconds = uniform.between(10.0, 600.0);
        fewest(Model::ErlangC, &load, &target);
        let target = Target { abandon_max: Some(0.01 + 0.1 * uniform.next()), ..target };
        fewest(Model::ErlangA { patience_seconds }, &load, &target);
        let redials = Redials::Repeated;
        fewest(
            Model::ErlangX { patience_seconds, redial: 0.4, redials, lines: None },
            &load,
            &target,
        );
    }
}

#[test]
fn all_limits_grow_easier_with_each_agent() {
    let load = per_half_hour(100.0, 180.0);
    for model in [
        Model::ErlangC,
        Model::ErlangA { patience_seconds: 20.0 },
        Model::ErlangX {
            patience_seconds: 60.0,
            redial: 0.6,
            redials: Redials::Repeated,
            lines: None,
        },
    ] {
        let at = |agents: u32| Staffing::of(model, &load, f64::from(agents), 20.0).unwrap();
        for agents in 1..40 {
            let (fewer, more) = (at(agents), at(agents + 1));
            assert!(fewer.service_level <= more.service_level, "{model:?} {agents}");
            assert!(more.occupancy <= fewer.occupancy, "{model:?} {agents}");
            assert!(more.p_abandon <= fewer.p_abandon, "{model:?} {agents}");
            if fewer.stable {
                assert!(more.asa_seconds <= fewer.asa_seconds, "{model:?} {agents}");
            }
        }
    }
}

#[test]
fn ten_thousand_agents_are_found() {
    let load = Load::of_rate(9_950.0 / 300.0, 300.0).unwrap();
    let target = Target::served_within(0.8, 20.0);
    let agents = fewest(Model::ErlangC, &load, &target);
    assert!((9_951.0..10_100.0).contains(&agents), "{agents}");
    let agents = fewest(Model::ErlangA { patience_seconds: 120.0 }, &load, &target);
    // With fewer than a·e^(-T·θ) those who are served wait longer than T: a fluid.
    let fluid = 9_950.0 * libm::exp(-20.0 / 120.0);
    assert!((fluid..fluid * 1.03).contains(&agents), "{agents}");
}

#[test]
fn nonsense_is_refused_by_name() {
    let load = per_half_hour(100.0, 180.0);
    let said =
        |target: Target| smallest_agents(Model::ErlangC, &load, &target).unwrap_err().to_string();
    let text = said(Target::served_within(1.2, 20.0));
    assert_eq!(text, "target must be more than 0% and less than 100%, got 1.2");
    let text = said(Target { abandon_max: Some(0.03), ..Target::default() });
    assert!(text.contains("max-abandon: nobody gives up here"), "{text}");
    let text = said(Target { occupancy_max: Some(1e-9), ..Target::default() });
    assert_eq!(text, "no number of agents up to 100000 meets the target");
}
