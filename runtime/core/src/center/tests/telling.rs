//! Announcements and estimated waits.

use expect_test::expect;

use super::{check, script};

#[test]
fn who_waits_is_told_the_place_in_turn() {
    check(
        "
        queue sales tell=10,30,position,thank-you ring=5
        agent ann sales
        0 call c1 sales
        5 call c2 sales
        8 call c3 sales priority=1
        41 ready ann
        42 accept 1
        60 hangup c2
        90 wait
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            5.00 c2 joins sales at 2
            8.00 c3 joins sales at 1
            10.00 tell c1 place 2 "thank-you"
            15.00 tell c2 place 3 "thank-you"
            18.00 tell c3 place 1 "thank-you"
            40.00 tell c1 place 2 "thank-you"
            41.00 ann is ready, was logged_out for 41s
            41.00 offer o1: c3 to ann from sales
            41.00 ann is reserved, was ready for 0ns
            42.00 connect c3 with ann after 34s, late
            42.00 ann is busy, was reserved for 1s
            45.00 tell c2 place 2 "thank-you"
            60.00 c2 abandons sales after 55s
            60.00 c2 is closed after 55s: CustomerLeft
            70.00 tell c1 place 1 "thank-you"
        "#]],
    );
}

#[test]
fn while_a_phone_rings_nothing_is_told() {
    check(
        "
        queue sales tell=10,10,position
        agent ann sales
        0 call c1 sales
        9 ready ann
        12 fail 1 declined
        21 wait
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            9.00 ann is ready, was logged_out for 9s
            9.00 offer o1: c1 to ann from sales
            9.00 ann is reserved, was ready for 0ns
            12.00 lost o1: c1 by ann: Declined
            12.00 ann is ready, was reserved for 3s
            14.00 offer o2: c1 to ann from sales
            14.00 ann is reserved, was ready for 2s
        "#]],
    );
}

#[test]
fn one_announcement_is_enough_if_none_follows() {
    check(
        "
        queue sales tell=10,0,thank-you
        queue help tell=5,0,position
        0 call c1 sales
        60 enqueue c1 help
        60 complete c1
        60 call c2 help
        90 wait
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            10.00 tell c1 "thank-you"
            60.00 c1 is refused: the interaction is queued already
            60.00 c1 abandons sales after 60s
            60.00 c1 is closed after 60s: Completed
            60.00 c2 joins help at 1
            65.00 tell c2 place 1
        "#]],
    );
}

#[test]
fn an_estimator_is_asked_and_its_failures_cost_nothing_but_the_figure() {
    check(
        "
        queue sales tell=10,10,position,wait estimator=ewt
        agent ann sales
        agent bob sales
        agent eve sales
        0 ready ann
        0 pause bob lunch
        1 call c1 sales
        2 accept 1
        3 call c2 sales
        3 call c3 sales
        13.01 estimate 1 60 120
        13.01 estimate-trap 2
        23 late
        23.02 estimate 3 60 120
        23.02 estimate 4
        33 hangup c3
        33.01 estimate 5 60 120
        33.01 estimate 6 60 120
        40 part c1 customer
        40 accept 2
        50 wait
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            2.00 connect c1 with ann after 1s, in target
            2.00 ann is busy, was reserved for 1s
            3.00 c2 joins sales at 1
            3.00 c3 joins sales at 2
            13.00 ask ewt a1 about c2: at 1 after 10000 ms, 1 agents, 0 ready, waits [(1, 1000)], handles [], 0 abandon
            13.00 ask ewt a2 about c3: at 2 after 10000 ms, 1 agents, 0 ready, waits [(1, 1000)], handles [], 0 abandon
            13.01 c2 at 1 waits 60s to 120s says e1, not told
            13.01 tell c2 place 1
            13.01 estimator failed a2: trapped: unreachable
            13.01 tell c3 place 2
            23.00 ask ewt a3 about c2: at 1 after 20000 ms, 1 agents, 0 ready, waits [(1, 1000)], handles [], 0 abandon
            23.00 ask ewt a4 about c3: at 2 after 20000 ms, 1 agents, 0 ready, waits [(1, 1000)], handles [], 0 abandon
            23.02 estimator failed a3: exceeded its deadline
            23.02 tell c2 place 1
            23.02 estimator failed a4: exceeded its deadline
            23.02 tell c3 place 2
            33.00 ask ewt a5 about c2: at 1 after 30000 ms, 1 agents, 0 ready, waits [(1, 1000)], handles [], 0 abandon
            33.00 ask ewt a6 about c3: at 2 after 30000 ms, 1 agents, 0 ready, waits [(1, 1000)], handles [], 0 abandon
            33.00 c3 abandons sales after 30s
            33.00 c3 is closed after 30s: CustomerLeft
            33.01 c2 at 1 waits 60s to 120s says e1, not told
            33.01 tell c2 place 1
            40.00 disconnect c1 from ann after 38s by Customer
            40.00 ann is ready, was busy for 38s
            40.00 c1 leaves sales after 1s: Served
            40.00 offer o2: c2 to ann from sales
            40.00 ann is reserved, was ready for 0ns
            40.00 connect c2 with ann after 37s, late
            40.00 ann is busy, was reserved for 0ns
        "#]],
    );
}

#[test]
fn the_past_of_the_queue_is_told_to_the_estimator() {
    check(
        "
        queue sales tell=10,0,wait estimator=ewt
        agent ann sales
        0 call c1 sales
        20 ready ann
        22 accept 1
        25 call c2 sales
        26 hangup c2
        82 part c1 customer
        82 complete c1
        90 pause ann lunch
        100 call c3 sales
        110 wait
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            10.00 ask ewt a1 about c1: at 1 after 10000 ms, 0 agents, 0 ready, waits [], handles [], 0 abandon
            10.02 estimator failed a1: exceeded its deadline
            20.00 ann is ready, was logged_out for 20s
            20.00 offer o1: c1 to ann from sales
            20.00 ann is reserved, was ready for 0ns
            22.00 connect c1 with ann after 22s, late
            22.00 ann is busy, was reserved for 2s
            25.00 c2 joins sales at 1
            26.00 c2 abandons sales after 1s, short
            26.00 c2 is closed after 1s: CustomerLeft
            82.00 disconnect c1 from ann after 60s by Customer
            82.00 ann is ready, was busy for 60s
            82.00 c1 leaves sales after 22s: Served
            82.00 c1 is closed after 82s: Completed
            90.00 ann is not_ready (lunch), was ready for 8s
            100.00 c3 joins sales at 1
            110.00 ask ewt a2 about c3: at 1 after 10000 ms, 0 agents, 0 ready, waits [(1, 22000)], handles [60000], 0.5 abandon
        "#]],
    );
}

#[test]
fn a_contact_that_moves_on_is_told_of_its_new_queue() {
    check(
        "
        queue sales tell=10,10,position wait=25 over=help
        queue help tell=5,60,position
        0 call c1 help
        1 call c2 sales
        60 wait
        ",
        expect![[r#"
            0.00 c1 joins help at 1
            1.00 c2 joins sales at 1
            5.00 tell c1 place 1
            11.00 tell c2 place 1
            21.00 tell c2 place 1
            26.00 c2 overflows from sales to help
            31.00 tell c2 place 2
        "#]],
    );
}

#[test]
fn a_new_set_up_begins_and_ends_announcements() {
    check(
        "
        queue sales
        0 call c1 sales
        1 call c2 sales
        queue sales tell=10,10,position
        5 configure
        20 wait
        queue sales
        22 configure
        60 wait
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            1.00 c2 joins sales at 2
            15.00 tell c1 place 1
            15.00 tell c2 place 2
        "#]],
    );
}

/// One agent. Of two who call at once the second waits 40 to 59 s for the end of the first call.
/// With nothing to go by the figure is not told; after fifty waits it is, if it was right.
#[test]
fn a_figure_is_told_once_it_is_calibrated() {
    let first_told = |p50: u64, p90: u64| {
        let set_up = "queue sales tell=5,0,wait estimator=ewt\nagent ann sales\n0 ready ann\n";
        let round = |number: u64| {
            let (at, one, two) = (number * 200, number * 2 + 1, number * 2 + 2);
            let (estimate, part) = (at + 5, at + 40 + (number * 7) % 20);
            format!(
                "{at} call c{one} sales\n{at} accept {one}\n{at} call c{two} sales\n\
                 {estimate}.01 estimate {} {p50} {p90}\n\
                 {part} part c{one} customer\n{part} complete c{one}\n{part} accept {two}\n\
                 {part} part c{two} customer\n{part} complete c{two}\n",
                number + 1
            )
        };
        let script = set_up.to_owned() + &(0..70).map(round).collect::<String>();
        let played = script::play(&script);
        let says = played.log.lines().filter(|line| line.contains(" says e1, "));
        let told: Vec<bool> = says.map(|line| line.ends_with(", told")).collect();
        assert_eq!(told.len(), 70);
        assert_eq!(played.log.contains(" wait "), told.contains(&true));
        told.iter().position(|told| *told)
    };
    // From 5 s on they are 35 to 54 s: half within 44, nine in ten within 52. The verdict is made
    // after every fourth.
    assert_eq!(first_told(44, 52), Some(52));
    assert_eq!(first_told(30, 52), None);
    assert_eq!(first_told(44, 46), None);
}
