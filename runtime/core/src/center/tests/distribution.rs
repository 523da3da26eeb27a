//! The built-in rule: longest idle, mandatory skills, and what a failed offer does to the agent.

use expect_test::expect;

use super::check;

#[test]
fn the_longest_idle_agent_is_first() {
    check(
        "
        queue sales
        agent ann sales
        agent ben sales
        agent cat sales
        0 ready cat
        1 ready ann
        1 ready ben
        2 call c1 sales
        2 call c2 sales
        2 call c3 sales
        ",
        expect![[r#"
            0.00 cat is ready, was logged_out for 0ns
            1.00 ann is ready, was logged_out for 1s
            1.00 ben is ready, was logged_out for 1s
            2.00 c1 joins sales at 1
            2.00 offer o1: c1 to cat from sales
            2.00 cat is reserved, was ready for 2s
            2.00 c2 joins sales at 2
            2.00 offer o2: c2 to ann from sales
            2.00 ann is reserved, was ready for 1s
            2.00 c3 joins sales at 3
            2.00 offer o3: c3 to ben from sales
            2.00 ben is reserved, was ready for 1s
        "#]],
    );
}

#[test]
fn an_agent_keeps_its_turn_when_the_caller_leaves() {
    check(
        "
        queue sales
        agent ann sales
        agent ben sales
        0 ready ann
        1 ready ben
        2 call c1 sales
        5 hangup c1
        6 call c2 sales
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 ben is ready, was logged_out for 1s
            2.00 c1 joins sales at 1
            2.00 offer o1: c1 to ann from sales
            2.00 ann is reserved, was ready for 2s
            5.00 withdraw o1: c1 from ann: CustomerLeft
            5.00 ann is ready, was reserved for 3s
            5.00 c1 abandons sales after 3s
            5.00 c1 is closed after 3s: CustomerLeft
            6.00 c2 joins sales at 1
            6.00 offer o2: c2 to ann from sales
            6.00 ann is reserved, was ready for 1s
        "#]],
    );
}

#[test]
fn who_has_not_the_skill_is_not_offered_and_those_behind_are_served() {
    check(
        "
        queue sales
        agent ann sales
        agent ben sales russian:5
        0 call c1 sales skill=russian:6
        0 call c2 sales skill=russian:5
        0 call c3 sales
        1 ready ann
        2 ready ben
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            0.00 c2 joins sales at 2
            0.00 c3 joins sales at 3
            1.00 ann is ready, was logged_out for 1s
            1.00 offer o1: c3 to ann from sales
            1.00 ann is reserved, was ready for 0ns
            2.00 ben is ready, was logged_out for 2s
            2.00 offer o2: c2 to ben from sales
            2.00 ben is reserved, was ready for 0ns
        "#]],
    );
}

#[test]
fn failures_send_the_agent_where_they_belong() {
    check(
        "
        queue sales
        agent ann sales
        agent ben sales
        agent cat sales
        agent dan sales
        0 ready ann
        1 ready ben
        2 ready cat
        3 ready dan
        4 call c1 sales
        5 fail 1 busy
        6 fail 2 unreachable
        7 fail 3 no-answer
        8 fail 4 failed
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 ben is ready, was logged_out for 1s
            2.00 cat is ready, was logged_out for 2s
            3.00 dan is ready, was logged_out for 3s
            4.00 c1 joins sales at 1
            4.00 offer o1: c1 to ann from sales
            4.00 ann is reserved, was ready for 4s
            5.00 lost o1: c1 by ann: Busy
            5.00 ann is not_ready (phone-busy), was reserved for 1s
            5.00 offer o2: c1 to ben from sales
            5.00 ben is reserved, was ready for 4s
            6.00 lost o2: c1 by ben: Unreachable
            6.00 ben is not_ready (unreachable), was reserved for 1s
            6.00 offer o3: c1 to cat from sales
            6.00 cat is reserved, was ready for 4s
            7.00 lost o3: c1 by cat: NoAnswer
            7.00 cat is not_ready (no-answer), was reserved for 1s
            7.00 offer o4: c1 to dan from sales
            7.00 dan is reserved, was ready for 4s
            8.00 lost o4: c1 by dan: Failed
            8.00 dan is not_ready (unreachable), was reserved for 1s
        "#]],
    );
}

#[test]
fn ring_time_is_over() {
    check(
        "
        queue sales ring=10
        queue help ring=10 lenient
        agent ann sales
        agent ben help
        0 ready ann
        0 ready ben
        1 call c1 sales
        1 call c2 help
        11 accept 1
        20 wait
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            1.00 c2 joins help at 1
            1.00 offer o2: c2 to ben from help
            1.00 ben is reserved, was ready for 1s
            11.00 withdraw o1: c1 from ann: NoAnswer
            11.00 ann is not_ready (no-answer), was reserved for 10s
            11.00 withdraw o2: c2 from ben: NoAnswer
            11.00 ben is ready, was reserved for 10s
            13.00 offer o3: c2 to ben from help
            13.00 ben is reserved, was ready for 2s
        "#]],
    );
}
