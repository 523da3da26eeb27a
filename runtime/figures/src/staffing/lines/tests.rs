use super::super::erlang_b;
use super::super::erlang_x::{ErlangX, Redials};
use super::super::tests::{Uniform, near, per_half_hour};
use super::*;

/// The chain as it is: the state of the centre and of one caller, stepped through time by brute force.
struct Brute {
    block: f64,
    wait: f64,
    abandon: f64,
    served_within: f64,
    abandoned_within: f64,
}

/// Steady state by iterating the uniformised chain; then each caller's wait by a chain of its own.
fn brute(load: &Load, agents: usize, lines: usize, patience: f64, within: f64) -> Brute {
    let (arrive, serve) = (load.arrivals_per_second(), 1.0 / load.handle_seconds());
    let leave =
        |n: usize| n.min(agents) as f64 * serve + n.saturating_sub(agents) as f64 / patience;
    let pace = 1.01 * (arrive + leave(lines));
    let mut states = vec![1.0 / (lines as f64 + 1.0); lines + 1];
    for _ in 0..200_000 {
        let before = states.clone();
        for (n, chance) in states.iter_mut().enumerate() {
            let comes = if n < lines { arrive } else { 0.0 };
            *chance *= 1.0 - (comes + leave(n)) / pace;
            if 0 < n {
                *chance += before[n - 1] * arrive / pace;
            }
            if n < lines {
                *chance += before[n + 1] * leave(n + 1) / pace;
            }
        }
    }
    let mut brute = Brute {
        block: states[lines],
        wait: (agents..lines).map(|n| states[n]).sum(),
        abandon: 0.0,
        served_within: (0..agents.min(lines)).map(|n| states[n]).sum(),
        abandoned_within: 0.0,
    };
    // How many are ahead of the caller; Euler's steps are refined by halving (Richardson).
    for (n, state) in states.iter().enumerate().take(lines).skip(agents) {
        let coarse = caller(n - agents, agents as f64 * serve, 1.0 / patience, within, 20_000);
        let fine = caller(n - agents, agents as f64 * serve, 1.0 / patience, within, 40_000);
        brute.served_within += state * (2.0 * fine.0 - coarse.0);
        brute.abandoned_within += state * (2.0 * fine.1 - coarse.1);
        // Served in the end with chance Π (rate of the others) / (that and one's own impatience).
        let stays: f64 = (0..=n - agents)
            .map(|k| {
                let ahead = agents as f64 * serve + k as f64 / patience;
                ahead / (ahead + 1.0 / patience)
            })
            .product();
        brute.abandon += state * (1.0 - stays);
    }
    brute
}

/// Served and given up within the time, with so many ahead.
fn caller(ahead: usize, serve: f64, impatience: f64, within: f64, steps: u32) -> (f64, f64) {
    let step = within / f64::from(steps);
    let mut places = vec![0.0; ahead + 1];
    places[ahead] = 1.0;
    let (mut served, mut gone) = (0.0, 0.0);
    for _ in 0..steps {
        let before = places.clone();
        served += before[0] * serve * step;
        for (k, chance) in places.iter_mut().enumerate() {
            let moves = serve + k as f64 * impatience;
            gone += before[k] * impatience * step;
            *chance -= before[k] * (moves + impatience) * step;
            if k < ahead {
                *chance += before[k + 1] * (serve + (k + 1) as f64 * impatience) * step;
            }
        }
    }
    (served, gone)
}

#[test]
fn brute_force_agrees() {
    for (calls, agents, lines, patience) in
        [(100.0, 10, 14, 120.0), (60.0, 5, 9, 45.0), (20.0, 3, 3, 60.0), (30.0, 1, 4, 300.0)]
    {
        let load = per_half_hour(calls, 180.0);
        let solved = Lines::solve(&load, agents as f64, lines as u32, patience, 0.0).unwrap();
        let brute = brute(&load, agents, lines, patience, 20.0);
        near(solved.p_block(), brute.block, 1e-9);
        near(solved.p_wait(), brute.wait, 1e-9);
        near(solved.p_abandon(), brute.abandon, 1e-9);
        near(solved.served_within(20.0), brute.served_within, 1e-6);
        near(solved.abandoned_within(20.0), brute.abandoned_within, 1e-6);
        near(solved.p_served() + solved.p_abandon() + solved.p_block(), 1.0, 1e-12);
    }
}

#[test]
fn lines_without_end_are_erlang_x_and_lines_as_agents_erlang_b() {
    let mut uniform = Uniform(11);
    for _ in 0..20 {
        let agents = (uniform.between(1.0, 60.0)).round();
        let load = Load::of_rate(agents * uniform.between(0.5, 1.5) / 200.0, 200.0).unwrap();
        let (patience, redial) = (uniform.between(20.0, 400.0), uniform.next() * 0.9);
        let endless = Lines::solve(&load, agents, 2_000, patience, redial).unwrap();
        let known = ErlangX::solve(&load, agents, patience, redial, Redials::Repeated).unwrap();
        near(endless.attempts_per_second, known.attempts_per_second, 1e-9);
        near(endless.lost, known.lost, 1e-9);
        near(endless.p_wait(), known.queue.p_wait(), 1e-9);
        near(endless.p_abandon(), known.queue.p_abandon(), 1e-9);
        near(endless.mean_wait_served(), known.queue.mean_wait_served(), 1e-8);
        near(endless.served_within(20.0), known.queue.served_within(20.0), 1e-8);
        near(endless.abandoned_within(20.0), known.queue.abandoned_within(20.0), 1e-8);
        near(endless.wait_percentile(0.9), known.queue.wait_percentile(0.9), 1e-6);

        let full = Lines::solve(&load, agents, agents as u32, patience, 0.0).unwrap();
        near(full.p_block(), erlang_b::blocking(agents, load.erlangs()), 1e-12);
        near(full.served_within(0.0), 1.0 - full.p_block(), 1e-12);
        // Agents beyond the lines have nothing to do.
        let more = Lines::solve(&load, agents + 5.0, agents as u32, patience, 0.0).unwrap();
        near(more.p_block(), full.p_block(), 1e-12);
    }
}

#[test]
fn redials_solve_their_equation() {
    let load = per_half_hour(100.0, 180.0);
    for (agents, lines, redial) in [(10.0, 12, 0.4), (8.0, 8, 0.9), (12.0, 40, 0.2)] {
        let solved = Lines::solve(&load, agents, lines, 120.0, redial).unwrap();
        let gone = solved.p_abandon() + solved.p_block();
        let first = load.arrivals_per_second();
        near(solved.attempts_per_second * (1.0 - redial * gone), first, 1e-10);
        near(solved.attempts_per_second * solved.p_served() + solved.lost * first, first, 1e-10);
    }
}

#[test]
fn ten_thousand_agents_and_nonsense() {
    let load = Load::of_rate(10_500.0 / 300.0, 300.0).unwrap();
    let solved = Lines::solve(&load, 10_000.0, 10_200, 120.0, 0.5).unwrap();
    near(solved.lost, 500.0 / 10_500.0, 1e-5);
    assert!(solved.served_within(20.0) < 1.0 && solved.mean_wait_served() > 0.0);

    let refused = |agents, lines, redial| {
        Lines::solve(&load, agents, lines, 120.0, redial).unwrap_err().to_string()
    };
    assert_eq!(refused(10.5, 20, 0.0), "agents must be a whole number with --lines, got 10.5");
    assert_eq!(refused(10.0, 0, 0.0), "lines must be 1 to 200000, got 0");
    assert!(refused(10.0, 20, 1.0).starts_with("redial must be at least 0%"));
}
