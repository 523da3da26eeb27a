use super::super::Load;
use super::super::tests::{near, per_half_hour, printed};
use super::*;

#[test]
fn exact_fractions() {
    for rho in [0.1, 0.5, 0.99] {
        near(p_wait(1.0, rho), rho, 1e-14);
    }
    near(p_wait(2.0, 1.0), 1.0 / 3.0, 1e-14);
    near(p_wait(3.0, 1.0), 1.0 / 11.0, 1e-14);
    near(p_wait(3.0, 2.0), 4.0 / 9.0, 1e-14);
    near(p_wait(4.0, 2.0), 4.0 / 23.0, 1e-14);
}

#[test]
fn reference_points() {
    printed(p_wait(8.0, 3.87), "0.05009");
    printed(libm::exp(-4.13), "0.016");
    printed(p_wait(10.0, 4.08), "0.01005");
    printed(p_wait(5.0, 3.0), "0.236152");
    printed(100.0 * (1.0 - p_wait(5.0, 3.0)), "76.4");
}

#[test]
fn tetra_example_with_ten_channels_uses_another_load_in_its_exponent() {
    // The page prints e^-6.13 = 0.0022 beside C(10, 4.08). The exponent of that load is 10 - 4.08 =
    // 5.92, which gives 0.0027; 6.13 belongs to a load of 3.87, the one of the example before it.
    printed(libm::exp(-6.13), "0.0022");
    let load = Load::of_rate(4.08, 1.0).unwrap();
    let queue = ErlangC::solve(&load, 10.0).unwrap();
    printed(queue.wait_exceeds(1.0) / queue.p_wait(), "0.0027");
}

#[test]
fn grid_of_loads() {
    let grid = [
        (5.0, ["0.587516", "0.324150", "0.036105", "0.000236"]),
        (10.0, ["0.682118", "0.449388", "0.102042", "0.003731"]),
        (20.0, ["0.760642", "0.567915", "0.209103", "0.024950"]),
        (50.0, ["0.839727", "0.699614", "0.384547", "0.117302"]),
        (100.0, ["0.883315", "0.777097", "0.515707", "0.237008"]),
    ];
    for (erlangs, row) in grid {
        for (more, text) in [1.0, 2.0, 5.0, 10.0].into_iter().zip(row) {
            printed(p_wait(erlangs + more, erlangs), text);
        }
    }
    printed(p_wait(100.0, 95.0), "0.506457");
    printed(p_wait(200.0, 190.0), "0.365264");
    printed(p_wait(1_000.0, 980.0), "0.412200");
}

#[test]
fn overload_and_ten_thousand_agents() {
    assert_eq!(p_wait(10.0, 10.0), 1.0);
    assert_eq!(p_wait(10.0, 11.0), 1.0);
    let load = Load::of_rate(10.0, 1.0).unwrap();
    assert!(ErlangC::solve(&load, 10.0).is_none());
    // Halfin and Whitt 1981: with c = a + β·sqrt(a), C tends to 1 / (1 + βΦ(β)/φ(β)); β = 1.
    let large = p_wait(10_100.0, 10_000.0);
    near(large, 1.0 / (1.0 + 0.841_344_746 / 0.241_970_725), 0.01);
    assert_eq!(p_wait(10_000.0, 100.0), 0.0);
}

#[test]
fn figures_of_a_half_hour() {
    let load = per_half_hour(100.0, 180.0);
    for (agents, p_wait, asa) in [
        (11.0, "0.6821182", "122.781"),
        (12.0, "0.4493882", "40.445"),
        (13.0, "0.2852705", "17.116"),
        (14.0, "0.1741319", "7.835937"),
        (15.0, "0.1020424", "3.674"),
    ] {
        let queue = ErlangC::solve(&load, agents).unwrap();
        printed(queue.p_wait(), p_wait);
        printed(queue.mean_wait(), asa);
        // Little's law.
        near(queue.queue_length(), load.arrivals_per_second() * queue.mean_wait(), 1e-13);
    }
}

#[test]
fn a_percentile_undoes_the_tail() {
    let load = per_half_hour(100.0, 180.0);
    let queue = ErlangC::solve(&load, 12.5).unwrap();
    for share in [0.7, 0.8, 0.9, 0.99] {
        let wait = queue.wait_percentile(share);
        near(queue.wait_exceeds(wait), 1.0 - share, 1e-12);
    }
    assert_eq!(queue.wait_percentile(0.1), 0.0);
}
