//! The simulator against the formulas, where there are any.

use std::time::Duration;

use jackfield_figures::staffing::Load;
use jackfield_figures::staffing::{erlang_a::ErlangA, erlang_c::ErlangC};
use jackfield_sim::{Cast, Checks, Options, Scenario, Study, trial};

const RUNS: u64 = 20;

fn study(scenario: &Scenario) -> Study {
    let options = Options { checks: Checks::Off, ..Options::default() };
    let mut study = Study::default();
    for seed in 1..=RUNS {
        let plan = scenario.plan(seed);
        let trial = trial(plan, scenario.warm_up, Cast::native(), options, |_, _| ());
        study.add(&trial.report);
    }
    study
}

fn bundled(name: &str) -> Scenario {
    Scenario::read(Scenario::bundled(name).expect("bundled")).expect("read")
}

/// The formula's value lies in the interval of the runs, which is narrow enough to mean something.
#[track_caller]
fn agrees(study: &Study, id: &str, formula: f64, widest: f64) {
    let line = study.total().into_iter().find(|line| line.id == id).expect("a figure");
    let (low, high) = (line.low.expect("runs"), line.high.expect("runs"));
    assert!(low <= formula && formula <= high, "{id}: {formula} is not in {low} to {high}");
    assert!(high - low < widest, "{id}: {low} to {high} says nothing");
}

fn mean(study: &Study, id: &str) -> f64 {
    let line = study.total().into_iter().find(|line| line.id == id).expect("a figure");
    line.mean.expect("data")
}

/// 100 calls in 30 minutes of 180 s, 14 agents: the published 88.835 % and 7.836 s.
#[test]
fn one_queue_without_abandons_is_erlang_c() {
    let load = Load::of_rate(200.0 / 3_600.0, 180.0).expect("a load");
    let erlang = ErlangC::solve(&load, 14.0).expect("stable");
    let study = study(&bundled("single-queue"));
    agrees(&study, "SL1", 1.0 - erlang.wait_exceeds(20.0), 0.06);
    agrees(&study, "asa_seconds", erlang.mean_wait(), 8.0);
    agrees(&study, "occupancy", 10.0 / 14.0, 0.03);
}

#[test]
fn one_queue_with_abandons_is_erlang_a() {
    let mut text = Scenario::bundled("patience").expect("bundled").to_owned();
    text = text.replace("redial = \"40%\"", "");
    let scenario = Scenario::read(&text).expect("read");
    let load = Load::of_rate(200.0 / 3_600.0, 180.0).expect("a load");
    let erlang = ErlangA::solve(&load, 11.0, 120.0).expect("a solution");
    let study = study(&scenario);
    agrees(&study, "abandon_rate", erlang.p_abandon(), 0.03);
    agrees(&study, "SL3", erlang.served_within(20.0), 0.05);
    // P(Ab) = θ E[W].
    agrees(&study, "mean_wait_seconds", erlang.p_abandon() * 120.0, 4.0);
    agrees(&study, "occupancy", erlang.occupancy(), 0.03);
}

/// Two skills: worse than if everybody had both, better than two groups that help nobody else.
#[test]
fn two_skills_lie_between_separate_and_pooled() {
    let text = Scenario::bundled("two-skills").expect("bundled");
    let mixed = study(&Scenario::read(text).expect("read"));
    let both = "{ english = 5, russian = 5 }";
    let pooled = text.replace("{ english = 8 }", both).replace("{ russian = 8 }", both);
    let pooled = study(&Scenario::read(&pooled).expect("read"));
    // Four who speak both become two more of each.
    let apart = text.replace("count = 5", "count = 7").replace("count = 4", "count = 0");
    let apart = study(&Scenario::read(&apart).expect("read"));
    let [worst, between, best] = [&apart, &mixed, &pooled].map(|study| mean(study, "SL1"));
    assert!(worst + 0.01 < between && between < best, "SL1: {worst}, {between}, {best}");
    let waits = [&pooled, &mixed, &apart].map(|study| mean(study, "mean_wait_seconds"));
    assert!(waits.is_sorted(), "mean waits: {waits:?}");
    // A little of both skills does nearly what all of both does (Wallace and Whitt 2004).
    assert!(best - between < between - worst, "SL1: {worst}, {between}, {best}");
}

#[test]
fn the_length_of_a_run_bounds_its_contacts() {
    let scenario = bundled("busy-day");
    let plan = scenario.plan(1);
    let last = plan.contacts.last().expect("somebody").at;
    assert!(last - plan.start < Duration::from_secs(10 * 3_600));
}
