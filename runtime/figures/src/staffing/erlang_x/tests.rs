use super::super::tests::{Uniform, near, per_half_hour, printed};
use super::*;

#[test]
fn reference_table() {
    let load = per_half_hour(100.0, 180.0);
    let rows = [
        (
            10.0,
            ["0.13746", "16.496"],
            ["107.2331", "0.16863", "20.236"],
            ["106.6419", "0.16605", "19.926"],
        ),
        (
            11.0,
            ["0.09416", "11.299"],
            ["104.6403", "0.11086", "13.304"],
            ["104.3989", "0.10997", "13.197"],
        ),
        (
            12.0,
            ["0.06160", "7.392"],
            ["102.8646", "0.06962", "8.355"],
            ["102.7745", "0.06936", "8.323"],
        ),
    ];
    for (agents, none, repeated, first) in rows {
        let solve = |redial: f64, redials: Redials| {
            ErlangX::solve(&load, agents, 120.0, redial, redials).unwrap()
        };
        let queue = solve(0.0, Redials::Repeated);
        printed(queue.queue.p_abandon(), none[0]);
        printed(queue.queue.mean_wait(), none[1]);
        for (redials, row) in [(Redials::Repeated, repeated), (Redials::FirstOnly, first)] {
            let queue = solve(0.4, redials);
            printed(queue.attempts_per_second * 1_800.0, row[0]);
            printed(queue.queue.p_abandon(), row[1]);
            printed(queue.queue.mean_wait(), row[2]);
        }
    }
}

#[test]
fn the_solution_solves() {
    let mut uniform = Uniform(5);
    for _ in 0..30 {
        let agents = uniform.between(1.0, 100.0);
        let load = Load::of_rate(agents * uniform.between(0.5, 3.0) / 200.0, 200.0).unwrap();
        let (patience, redial) = (uniform.between(10.0, 600.0), uniform.next() * 0.95);
        let first = load.arrivals_per_second();

        let solved = ErlangX::solve(&load, agents, patience, redial, Redials::Repeated).unwrap();
        let abandon = solved.queue.p_abandon();
        near(solved.attempts_per_second, first / (1.0 - redial * abandon), 1e-10);
        kept(&solved, first);

        let solved = ErlangX::solve(&load, agents, patience, redial, Redials::FirstOnly).unwrap();
        let abandon = solved.queue.p_abandon();
        near(solved.attempts_per_second, first * (1.0 + redial * abandon), 1e-10);
        kept(&solved, first);
    }
}

/// Customers who come are served in one of their attempts, or lost.
#[track_caller]
fn kept(solved: &ErlangX, first: f64) {
    let served = solved.attempts_per_second * solved.queue.p_served();
    near(served + solved.lost * first, first, 1e-10);
}

#[test]
fn ten_thousand_agents() {
    let load = Load::of_rate(10_500.0 / 300.0, 300.0).unwrap();
    let solved = ErlangX::solve(&load, 10_000.0, 120.0, 0.5, Redials::Repeated).unwrap();
    // All agents are busy, so that 10,000 of 10,500 erlangs are served whatever is redialled.
    near(solved.lost, 500.0 / 10_500.0, 1e-6);
    assert!(load.arrivals_per_second() < solved.attempts_per_second);
}

#[test]
fn nonsense_is_refused_by_name() {
    let load = per_half_hour(100.0, 180.0);
    for redial in [1.0, 1.5, -0.1, f64::NAN] {
        let solved = ErlangX::solve(&load, 12.0, 60.0, redial, Redials::Repeated);
        let said = solved.unwrap_err().to_string();
        assert!(said.starts_with("redial must be at least 0% and less than 100%"), "{said}");
    }
}
