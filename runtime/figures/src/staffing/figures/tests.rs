use super::super::tests::{near, per_half_hour, printed};
use super::*;

#[test]
fn worked_examples_of_erlang_c() {
    let load = per_half_hour(100.0, 180.0);
    let rows = [
        (11.0, "0.3896138", "0.9091"),
        (12.0, "0.6401580", "0.8333"),
        (13.0, "0.7955948", "0.7692"),
        (14.0, "0.8883500", "0.7142857"),
        (15.0, "0.9414528", "0.6667"),
    ];
    for (agents, service_level, occupancy) in rows {
        let figures = Staffing::of(Model::ErlangC, &load, agents, 20.0).unwrap();
        printed(figures.service_level, service_level);
        printed(figures.occupancy, occupancy);
    }

    let figures = Staffing::of(Model::ErlangC, &per_half_hour(360.0, 240.0), 55.0, 15.0).unwrap();
    printed(figures.load.erlangs(), "48");
    printed(figures.occupancy, "0.8727");
    printed(figures.p_wait.unwrap(), "0.238701");
    printed(figures.asa_seconds.unwrap(), "8.184");
    printed(figures.service_level, "0.845883");

    let figures = Staffing::of(Model::ErlangC, &per_half_hour(30.0, 300.0), 8.0, 20.0).unwrap();
    printed(figures.p_wait.unwrap(), "0.167267");
    printed(figures.service_level, "0.863054");
    printed(figures.asa_seconds.unwrap(), "16.7267");
}

#[test]
fn what_a_model_excludes_is_zero_and_what_it_does_not_know_is_not_given() {
    let load = per_half_hour(100.0, 180.0);
    let loss = Staffing::of(Model::ErlangB, &load, 10.0, 20.0).unwrap();
    printed(loss.service_level, "0.785418");
    printed(loss.p_block.unwrap(), "0.214582");
    let none = Some(0.0);
    assert_eq!((loss.asa_seconds, loss.mean_wait_seconds, loss.p_wait), (none, none, none));
    assert_eq!((loss.p_abandon, loss.queue_length), (none, none));
    assert_eq!(loss.wait_percentile(0.9), Ok(None));

    let delay = Staffing::of(Model::ErlangC, &load, 14.0, 20.0).unwrap();
    assert_eq!((delay.p_abandon, delay.p_block, delay.p_lost), (none, None, none));
    assert_eq!(delay.asa_seconds, delay.mean_wait_seconds);
}

#[test]
fn an_overload_without_abandons_has_no_balance() {
    let load = per_half_hour(100.0, 180.0);
    for agents in [0.5, 9.5, 10.0] {
        let figures = Staffing::of(Model::ErlangC, &load, agents, 20.0).unwrap();
        assert!(!figures.stable);
        assert_eq!((figures.service_level, figures.p_wait), (0.0, Some(1.0)));
        assert_eq!((figures.asa_seconds, figures.queue_length), (None, None));
        assert_eq!(figures.occupancy, 1.0);
        assert_eq!(figures.wait_percentile(0.9), Ok(None));
    }
    // With abandons the same load has one.
    let model = Model::ErlangA { patience_seconds: 120.0 };
    assert!(Staffing::of(model, &load, 9.5, 20.0).unwrap().stable);
}

#[test]
fn no_redials_are_erlang_a() {
    let load = per_half_hour(100.0, 180.0);
    let without = Staffing::of(Model::ErlangA { patience_seconds: 90.0 }, &load, 11.0, 20.0);
    let without = without.unwrap();
    let redials = Redials::Repeated;
    let model = Model::ErlangX { patience_seconds: 90.0, redial: 0.0, redials, lines: None };
    let with = Staffing::of(model, &load, 11.0, 20.0).unwrap();
    near(with.p_lost.unwrap(), without.p_lost.unwrap(), 1e-9);
    let named = Staffing { model: without.model, p_lost: without.p_lost, ..with };
    assert_eq!(named, without);
}

#[test]
fn percentiles_of_all_callers() {
    let load = Load::of_rate(0.8, 60.0).unwrap();
    let at = |model| {
        let figures = Staffing::of(model, &load, 50.0, 20.0).unwrap();
        figures.wait_percentile(0.9).unwrap().unwrap()
    };
    printed(at(Model::ErlangA { patience_seconds: 120.0 }), "12.44");
    printed(at(Model::ErlangC), "58.139");
    let figures = Staffing::of(Model::ErlangC, &load, 50.0, 20.0).unwrap();
    assert!(figures.wait_percentile(1.0).is_err());
}
