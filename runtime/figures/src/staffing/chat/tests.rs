use super::super::tests::{near, printed};
use super::super::{Model, Staffing, erlang_c};
use super::*;

/// Measured: two at once take half as long again, and from four on nothing is gained.
fn measured() -> ChatHandling {
    ChatHandling::new(&[300.0, 450.0, 640.0, 900.0]).unwrap()
}

#[test]
fn more_at_once_is_not_as_much_more_done() {
    let handling = measured();
    let per_hour = |k: usize| handling.rate(k) * 3_600.0;
    assert_eq!([1, 2, 3, 4].map(|k| per_hour(k).round()), [12.0, 16.0, 17.0, 16.0]);
    assert_eq!(handling.most_productive(), 3);
    assert_eq!(ChatHandling::new(&[300.0, 600.0]).unwrap().most_productive(), 1);
}

#[test]
fn one_at_a_time_is_erlang_c() {
    let handling = ChatHandling::new(&[180.0]).unwrap();
    let load = Load::of_rate(100.0 / 1_800.0, 180.0).unwrap();
    // At 10 agents, the load, rounding decides.
    for agents in (8..10).chain(11..30) {
        let chat = handling.staffing(load.arrivals_per_second(), agents, 20.0).unwrap();
        let voice = Staffing::of(Model::ErlangC, &load, f64::from(agents), 20.0).unwrap();
        near(chat.p_wait, voice.p_wait.unwrap(), 1e-12);
        near(chat.service_level, voice.service_level, 1e-12);
        near(chat.occupancy, voice.occupancy, 1e-12);
        assert_eq!(chat.asa_seconds.is_some(), voice.stable);
    }
}

#[test]
fn a_handle_time_that_does_not_grow_is_erlang_c_with_more_agents() {
    let handling = ChatHandling::new(&[180.0; 3]).unwrap();
    let chat = handling.staffing(10.0 / 180.0, 4, 20.0).unwrap();
    near(chat.p_wait, erlang_c::p_wait(12.0, 10.0), 1e-12);
    near(chat.concurrency, 10.0 / 4.0, 1e-12);
}

#[test]
fn trap_a_over_k_is_not_the_number_of_agents() {
    // 120 conversations an hour of 300 s are 10 erlangs; "three at once" would make 10 / 3 agents
    // and some to spare, four or five. They would drown: each of them finishes 17 an hour, not 36.
    let handling = ChatHandling::new(&[300.0, 450.0, 640.0]).unwrap();
    let arrivals = 120.0 / 3_600.0;
    for agents in [4, 5, 7] {
        let figures = handling.staffing(arrivals, agents, 30.0).unwrap();
        assert_eq!((figures.service_level, figures.asa_seconds), (0.0, None), "{agents}");
    }
    let target = Target::served_within(0.8, 30.0);
    let found = handling.smallest_agents(arrivals, &target).unwrap();
    assert_eq!(found.agents, 8);
    assert!(0.8 <= found.service_level);
    // With the handle time of one at a time even a third of that would seem to do.
    let constant = ChatHandling::new(&[300.0; 3]).unwrap();
    assert_eq!(constant.smallest_agents(arrivals, &target).unwrap().agents, 5);
}

#[test]
fn one_agent_by_hand() {
    // λ = 1, r(1) = 2, r(2) = 3: weights 1, 1/2, 1/6, then 1/18, …: 1.5 + (1/6)·(3/2) = 1.75.
    let handling = ChatHandling::new(&[0.5, 2.0 / 3.0]).unwrap();
    let figures = handling.staffing(1.0, 1, 0.0).unwrap();
    near(figures.p_wait, 0.25 / 1.75, 1e-12);
    near(figures.concurrency, (0.5 + 2.0 * 0.25) / 1.75, 1e-12);
    near(figures.occupancy, 0.75 / 1.75, 1e-12);
    near(figures.asa_seconds.unwrap(), 0.25 / 1.75 / 2.0, 1e-12);
}

#[test]
fn what_arrives_is_finished() {
    // In balance the conversations in slots are finished as fast as they come. With a rate that is
    // linear from 1 on, r(k) = r(1) + s·(k - 1), the mean rate follows from the two means.
    let handling = ChatHandling::new(&[1.0 / 0.01, 2.0 / 0.014, 3.0 / 0.018, 4.0 / 0.022]).unwrap();
    for agents in [1, 3, 20, 200] {
        let arrivals = 0.8 * f64::from(agents) * 0.022;
        let figures = handling.staffing(arrivals, agents, 30.0).unwrap();
        let finished =
            f64::from(agents) * (0.006 * figures.occupancy + 0.004 * figures.concurrency);
        near(finished, arrivals, 1e-12);
    }
}

#[test]
fn ten_thousand_agents() {
    let handling = measured();
    let figures = handling.staffing(10_000.0 * 0.0040, 10_000, 30.0).unwrap();
    assert!((0.0..1.0).contains(&figures.p_wait), "{figures:?}");
    let ample = handling.staffing(1.0, 10_000, 30.0).unwrap();
    assert_eq!((ample.p_wait, ample.service_level), (0.0, 1.0));
    printed(ample.concurrency, "0.03");
}

#[test]
fn nonsense_is_refused_by_name() {
    assert!(ChatHandling::new(&[]).is_err());
    assert!(ChatHandling::new(&[1.0; 21]).is_err());
    let said = ChatHandling::new(&[300.0, 0.0]).unwrap_err().to_string();
    assert_eq!(said, "aht must be more than 0s and at most 366d, got 0");
    assert!(measured().staffing(1.0, 0, 30.0).is_err());
    assert!(measured().staffing(-1.0, 3, 30.0).is_err());
}
