use super::super::tests::{Uniform, near, printed};
use super::*;

#[test]
fn reference_points() {
    printed(blocking(1.0, 1.0), "0.500000000000000");
    printed(blocking(2.0, 1.0), "0.200000000000000");
    printed(blocking(10.0, 10.0), "0.214582");
    printed(blocking(16.0, 10.0), "0.022302");
    printed(blocking(17.0, 10.0), "0.012949");
    printed(blocking(25.0, 20.0), "0.050222");
}

#[test]
fn no_agents_lose_all_and_no_loss_overflows() {
    assert_eq!(blocking(0.0, 7.0), 1.0);
    assert_eq!(blocking(10_000.0, 1.0), 0.0);
    let large = blocking(10_000.0, 10_000.0);
    // With as many agents as erlangs B is about sqrt(2 / πa).
    near(large, libm::sqrt(2.0 / (core::f64::consts::PI * 10_000.0)), 0.01);
}

#[test]
fn parts_of_an_agent_lie_on_the_same_curve() {
    // The recursion holds between numbers that are not whole, so the integral at f + 1 must agree
    // with one step from the integral at f.
    let mut uniform = Uniform(1);
    for _ in 0..200 {
        let (part, erlangs) = (uniform.next(), uniform.between(1e-3, 1e3));
        near(blocking(1.0 + part, erlangs), of_part(1.0 + part, erlangs), 1e-11);
    }
    // At whole numbers the integral is the recursion.
    for erlangs in [0.01, 1.0, 30.0, 10_000.0] {
        near(of_part(1.0, erlangs), blocking(1.0, erlangs), 1e-12);
    }
}

#[test]
fn each_part_of_an_agent_loses_less() {
    for erlangs in [0.5, 9.3, 240.0] {
        let mut before = 1.0;
        for tenths in 1..400 {
            let now = blocking(f64::from(tenths) / 10.0, erlangs);
            assert!(now < before, "{tenths} {erlangs}");
            before = now;
        }
    }
}
