//! The races that other engines lose: one named test for each, so none comes back.

use expect_test::expect;

use super::check;

#[test]
fn no_phone_rings_for_a_caller_who_has_left() {
    check(
        "
        queue sales
        agent ann sales
        0 ready ann
        1 call c1 sales
        2 hangup c1
        2 accept 1
        2 fail 1 declined
        3 call c2 sales
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            2.00 withdraw o1: c1 from ann: CustomerLeft
            2.00 ann is ready, was reserved for 1s
            2.00 c1 abandons sales after 1s, short
            2.00 c1 is closed after 1s: CustomerLeft
            3.00 c2 joins sales at 1
            3.00 offer o2: c2 to ann from sales
            3.00 ann is reserved, was ready for 1s
        "#]],
    );
}

#[test]
fn a_status_change_during_an_offer_does_not_start_a_loop() {
    check(
        "
        queue sales
        agent ann sales
        0 call c1 sales
        1 ready ann
        2 pause ann lunch
        2 ready ann
        2.1 pause ann lunch
        2.1 ready ann
        5 accept 2
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            1.00 ann is ready, was logged_out for 1s
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 0ns
            2.00 withdraw o1: c1 from ann: AgentLeft
            2.00 ann is not_ready (lunch), was reserved for 1s
            2.00 ann is ready, was not_ready for 0ns
            2.10 ann is not_ready (lunch), was ready for 100ms
            2.10 ann is ready, was not_ready for 0ns
            4.00 offer o2: c1 to ann from sales
            4.00 ann is reserved, was ready for 1.9s
            5.00 connect c1 with ann after 5s, in target
            5.00 ann is busy, was reserved for 1s
        "#]],
    );
}

#[test]
fn no_agent_stays_reserved() {
    check(
        "
        queue sales ring=10
        agent ann sales
        0 ready ann
        1 call c1 sales
        2 ready ann
        3 logout ann
        4 login ann
        5 ready ann
        20 ready ann
        21 key c1 #
        22 call c2 sales
        23 fail 4 unreachable
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            3.00 withdraw o1: c1 from ann: AgentLeft
            3.00 ann is logged_out, was reserved for 2s
            4.00 ann is not_ready (logged-in), was logged_out for 1s
            5.00 ann is ready, was not_ready for 1s
            5.00 offer o2: c1 to ann from sales
            5.00 ann is reserved, was ready for 0ns
            15.00 withdraw o2: c1 from ann: NoAnswer
            15.00 ann is not_ready (no-answer), was reserved for 10s
            20.00 ann is ready, was not_ready for 5s
            20.00 offer o3: c1 to ann from sales
            20.00 ann is reserved, was ready for 0ns
            21.00 withdraw o3: c1 from ann: CustomerLeft
            21.00 ann is ready, was reserved for 1s
            21.00 c1 leaves sales after 20s: LeftByKey('#')
            22.00 c2 joins sales at 1
            22.00 offer o4: c2 to ann from sales
            22.00 ann is reserved, was ready for 1s
            23.00 lost o4: c2 by ann: Unreachable
            23.00 ann is not_ready (unreachable), was reserved for 1s
        "#]],
    );
}

#[test]
fn the_same_phone_does_not_ring_twice_while_another_is_free() {
    check(
        "
        queue sales lenient ring=10
        agent ann sales
        agent ben sales
        0 ready ann
        1 ready ben
        2 call c1 sales
        3 fail 1 declined
        20 wait
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 ben is ready, was logged_out for 1s
            2.00 c1 joins sales at 1
            2.00 offer o1: c1 to ann from sales
            2.00 ann is reserved, was ready for 2s
            3.00 lost o1: c1 by ann: Declined
            3.00 ann is ready, was reserved for 1s
            3.00 offer o2: c1 to ben from sales
            3.00 ben is reserved, was ready for 2s
            13.00 withdraw o2: c1 from ben: NoAnswer
            13.00 ben is ready, was reserved for 10s
            13.00 offer o3: c1 to ann from sales
            13.00 ann is reserved, was ready for 10s
        "#]],
    );
}

#[test]
fn a_phone_never_rings_for_two_contacts() {
    check(
        "
        queue sales
        queue help
        agent ann sales,help
        0 ready ann
        1 call c1 sales
        1 call c2 help
        2 ready ann
        3 accept 1
        4 call c3 help
        5 accept 1
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            1.00 c2 joins help at 1
            3.00 connect c1 with ann after 2s, in target
            3.00 ann is busy, was reserved for 2s
            4.00 c3 joins help at 2
        "#]],
    );
}

#[test]
fn wrap_up_does_not_end_early() {
    check(
        "
        queue sales wrap=30
        queue help wrap=5
        agent ann sales,help
        0 ready ann
        1 call c1 sales
        2 accept 1
        3 ready ann
        10 part c1 agent
        11 call c2 help
        12 complete c1
        20 login ann
        60 wait
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            2.00 connect c1 with ann after 1s, in target
            2.00 ann is busy, was reserved for 1s
            10.00 disconnect c1 from ann after 8s by Agent
            10.00 ann is after_call_work, was busy for 8s
            10.00 c1 leaves sales after 1s: Served
            11.00 c2 joins help at 1
            12.00 c1 is closed after 11s: Completed
            40.00 ann has wrapped up c1 after 30s
            40.00 ann is ready, was after_call_work for 30s
            40.00 offer o2: c2 to ann from help
            40.00 ann is reserved, was ready for 0ns
            60.00 withdraw o2: c2 from ann: NoAnswer
            60.00 ann is not_ready (no-answer), was reserved for 20s
        "#]],
    );
}

#[test]
fn an_agent_may_end_wrap_up() {
    check(
        "
        queue sales wrap=30
        agent ann sales
        0 ready ann
        1 call c1 sales
        2 accept 1
        10 hangup c1
        12 pause ann lunch
        15 ready ann
        60 wait
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            2.00 connect c1 with ann after 1s, in target
            2.00 ann is busy, was reserved for 1s
            10.00 disconnect c1 from ann after 8s by Customer
            10.00 ann is after_call_work, was busy for 8s
            10.00 c1 is closed after 9s: CustomerLeft
            15.00 ann has wrapped up c1 after 5s
            15.00 ann is ready, was after_call_work for 5s
        "#]],
    );
}

#[test]
fn a_contact_is_counted_once() {
    check(
        "
        queue sales
        agent ann sales
        0 arrive c1
        0 arrive c1
        1 enqueue c1 sales
        1 enqueue c1 sales
        2 ready ann
        3 accept 1
        3 accept 1
        4 enqueue c1 sales
        5 hangup c1
        5 hangup c1
        5 part c1 agent
        ",
        expect![[r#"
            0.00 c1 is refused: the interaction arrived already
            1.00 c1 joins sales at 1
            1.00 c1 is refused: the interaction is queued already
            2.00 ann is ready, was logged_out for 2s
            2.00 offer o1: c1 to ann from sales
            2.00 ann is reserved, was ready for 0ns
            3.00 connect c1 with ann after 2s, in target
            3.00 ann is busy, was reserved for 1s
            4.00 c1 is refused: the interaction is queued already
            5.00 disconnect c1 from ann after 2s by Customer
            5.00 ann is ready, was busy for 2s
            5.00 c1 is closed after 5s: CustomerLeft
        "#]],
    );
}

#[test]
fn a_lower_priority_is_not_served_ahead_of_a_higher() {
    check(
        "
        queue sales
        queue help
        agent ann sales,help
        0 call c1 sales
        1 call c2 help priority=5
        2 call c3 help priority=-1
        3 ready ann
        4 accept 1
        5 hangup c2
        6 fail 2 declined
        7 call c4 sales priority=9
        9 wait
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            1.00 c2 joins help at 1
            2.00 c3 joins help at 2
            3.00 ann is ready, was logged_out for 3s
            3.00 offer o1: c2 to ann from help
            3.00 ann is reserved, was ready for 0ns
            4.00 connect c2 with ann after 3s, in target
            4.00 ann is busy, was reserved for 1s
            5.00 disconnect c2 from ann after 1s by Customer
            5.00 ann is ready, was busy for 1s
            5.00 c2 is closed after 4s: CustomerLeft
            5.00 offer o2: c1 to ann from sales
            5.00 ann is reserved, was ready for 0ns
            6.00 lost o2: c1 by ann: Declined
            6.00 ann is ready, was reserved for 1s
            6.00 offer o3: c3 to ann from help
            6.00 ann is reserved, was ready for 0ns
            7.00 c4 joins sales at 1
        "#]],
    );
}

#[test]
fn a_built_in_queue_does_not_win_against_a_better_place_that_asks_a_router() {
    check(
        "
        queue sales router=best
        queue help
        agent ann sales,help
        0 call c1 sales priority=5
        1 call c2 help
        2 ready ann
        2.01 reply 1 ann
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            1.00 c2 joins help at 1
            2.00 ann is ready, was logged_out for 2s
            2.00 ask best a1 about c1: ann
            2.01 offer o1: c1 to ann from sales by v1
            2.01 ann is reserved, was ready for 10ms
        "#]],
    );
}

#[test]
fn reservations_do_not_loop_when_everybody_declines() {
    check(
        "
        queue sales
        agent ann sales
        0 ready ann
        1 call c1 sales
        1.1 fail 1 declined
        3.2 fail 2 declined
        5.3 accept 3
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            1.10 lost o1: c1 by ann: Declined
            1.10 ann is ready, was reserved for 100ms
            3.10 offer o2: c1 to ann from sales
            3.10 ann is reserved, was ready for 2s
            3.20 lost o2: c1 by ann: Declined
            3.20 ann is ready, was reserved for 100ms
            5.20 offer o3: c1 to ann from sales
            5.20 ann is reserved, was ready for 2s
            5.30 connect c1 with ann after 4.3s, in target
            5.30 ann is busy, was reserved for 100ms
        "#]],
    );
}

#[test]
fn the_longest_waiting_is_offered_again_after_a_lost_offer() {
    check(
        "
        queue sales ring=10
        agent ann sales
        agent ben sales
        0 ready ann
        1 call c1 sales
        2 call c2 sales
        3 call c3 sales
        11 ready ben
        12 accept 2
        20 ready ann
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            2.00 c2 joins sales at 2
            3.00 c3 joins sales at 3
            11.00 withdraw o1: c1 from ann: NoAnswer
            11.00 ann is not_ready (no-answer), was reserved for 10s
            11.00 ben is ready, was logged_out for 11s
            11.00 offer o2: c1 to ben from sales
            11.00 ben is reserved, was ready for 0ns
            12.00 connect c1 with ben after 11s, in target
            12.00 ben is busy, was reserved for 1s
            20.00 ann is ready, was not_ready for 9s
            20.00 offer o3: c2 to ann from sales
            20.00 ann is reserved, was ready for 0ns
        "#]],
    );
}

#[test]
fn a_contact_is_assigned_the_moment_capacity_frees() {
    check(
        "
        queue sales wrap=5
        agent ann sales
        0 ready ann
        1 call c1 sales
        2 accept 1
        3 call c2 sales
        10 part c1 customer
        15 wait
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            2.00 connect c1 with ann after 1s, in target
            2.00 ann is busy, was reserved for 1s
            3.00 c2 joins sales at 1
            10.00 disconnect c1 from ann after 8s by Customer
            10.00 ann is after_call_work, was busy for 8s
            10.00 c1 leaves sales after 1s: Served
            15.00 ann has wrapped up c1 after 5s
            15.00 ann is ready, was after_call_work for 5s
            15.00 offer o2: c2 to ann from sales
            15.00 ann is reserved, was ready for 0ns
        "#]],
    );
}

#[test]
fn a_lost_bye_does_not_keep_the_agent_in_the_call() {
    check(
        "
        queue sales wrap=5
        agent ann sales
        0 ready ann
        1 call c1 sales
        2 accept 1
        3600 part c1 system
        3700 complete c1
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            2.00 connect c1 with ann after 1s, in target
            2.00 ann is busy, was reserved for 1s
            3600.00 disconnect c1 from ann after 3598s by System
            3600.00 ann is after_call_work, was busy for 3598s
            3600.00 c1 leaves sales after 1s: Served
            3605.00 ann has wrapped up c1 after 5s
            3605.00 ann is ready, was after_call_work for 5s
            3700.00 c1 is closed after 3699s: Completed
        "#]],
    );
}

#[test]
fn the_end_of_one_conversation_leaves_the_other_phones_ringing() {
    check(
        "
        queue sales
        agent ann sales
        agent ben sales
        0 ready ann
        0 ready ben
        1 call c1 sales
        1 call c2 sales
        2 accept 1
        3 part c1 agent
        4 accept 2
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            1.00 c2 joins sales at 2
            1.00 offer o2: c2 to ben from sales
            1.00 ben is reserved, was ready for 1s
            2.00 connect c1 with ann after 1s, in target
            2.00 ann is busy, was reserved for 1s
            3.00 disconnect c1 from ann after 1s by Agent
            3.00 ann is ready, was busy for 1s
            3.00 c1 leaves sales after 1s: Served
            4.00 connect c2 with ben after 3s, in target
            4.00 ben is busy, was reserved for 3s
        "#]],
    );
}

#[test]
fn limits_hold_in_a_burst() {
    check(
        "
        limit 3
        queue sales size=2
        0 call c1 sales
        0 call c2 sales
        0 call c3 sales
        0 call c4 sales
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            0.00 c2 joins sales at 2
            0.00 c3 joins sales at 3
            0.00 c3 leaves sales after 0ns: Full
            0.00 c4 is refused: the tenant has 3 interactions at once, as many as `limits.interactions` allows
        "#]],
    );
}
