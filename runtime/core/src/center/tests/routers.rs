//! Router plugins: good answers, bad ones, none, and answers that come too late.

use expect_test::expect;

use super::check;

#[test]
fn a_router_chooses_among_the_candidates() {
    check(
        "
        queue sales router=best
        agent ann sales
        agent ben sales russian:4
        agent cat sales russian:6
        0 ready ann
        1 ready ben
        2 ready cat
        3 call c1 sales skill=russian:4
        3.01 reply 1 cat,ben
        4 accept 1
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 ben is ready, was logged_out for 1s
            2.00 cat is ready, was logged_out for 2s
            3.00 c1 joins sales at 1
            3.00 ask best a1 about c1: ben, cat
            3.01 offer o1: c1 to cat from sales by v1
            3.01 cat is reserved, was ready for 1.01s
            4.00 connect c1 with cat after 1s, in target
            4.00 cat is busy, was reserved for 990ms
        "#]],
    );
}

#[test]
fn a_bad_answer_is_named_and_the_built_in_rule_decides() {
    check(
        "
        queue sales router=best
        agent ann sales
        agent ben sales
        agent cat sales
        0 ready ann
        0 ready ben
        0 ready cat
        1 call c1 sales
        1.01 reply 1 cat,zoe
        2 call c2 sales
        2.01 reply 2 nobody
        3 call c3 sales
        3.01 trap 3
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            0.00 cat is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask best a1 about c1: ann, ben, cat
            1.01 router failed a1: bad reply: `zoe` is no candidate
            1.01 offer o1: c1 to ann from sales by fallback
            1.01 ann is reserved, was ready for 1.01s
            2.00 c2 joins sales at 2
            2.00 ask best a2 about c2: ben, cat
            2.01 router failed a2: bad reply: the list of agents is empty
            2.01 offer o2: c2 to ben from sales by fallback
            2.01 ben is reserved, was ready for 2.01s
            3.00 c3 joins sales at 3
            3.00 ask best a3 about c3: cat
            3.01 router failed a3: trapped: unreachable
            3.01 offer o3: c3 to cat from sales by fallback
            3.01 cat is reserved, was ready for 3.01s
        "#]],
    );
}

#[test]
fn past_the_deadline_the_built_in_rule_decides_and_the_answer_is_ignored() {
    check(
        "
        queue sales router=best
        agent ann sales
        agent ben sales
        0 ready ann
        0 ready ben
        1 call c1 sales
        1.02 reply 1 ben
        1.03 reply 1 ben
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask best a1 about c1: ann, ben
            1.02 router failed a1: exceeded its deadline
            1.02 offer o1: c1 to ann from sales by fallback
            1.02 ann is reserved, was ready for 1.02s
        "#]],
    );
}

#[test]
fn an_answer_that_is_out_of_date_is_no_failure() {
    check(
        "
        queue sales router=best
        agent ann sales
        agent ben sales
        0 ready ann
        0 ready ben
        1 call c1 sales
        1.005 pause ben lunch
        1.01 reply 1 ben
        1.015 pause ann lunch
        1.016 reply 2 ann
        5 ready ben
        5.01 reply 3 ben
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask best a1 about c1: ann, ben
            1.00 ben is not_ready (lunch), was ready for 1.005s
            1.01 ask best a2 about c1: ann
            1.01 ann is not_ready (lunch), was ready for 1.015s
            5.00 ben is ready, was not_ready for 3.995s
            5.00 ask best a3 about c1: ben
            5.01 offer o1: c1 to ben from sales by v1
            5.01 ben is reserved, was ready for 10ms
        "#]],
    );
}

#[test]
fn a_question_about_a_contact_who_left_is_void() {
    check(
        "
        queue sales router=best
        agent ann sales
        0 ready ann
        1 call c1 sales
        1 call c2 sales
        1.005 hangup c1
        1.01 reply 1 ann
        1.015 reply 2 ann
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask best a1 about c1: ann
            1.00 c2 joins sales at 2
            1.00 c1 abandons sales after 5ms, short
            1.00 c1 is closed after 5ms: CustomerLeft
            1.00 ask best a2 about c2: ann
            1.01 offer o1: c2 to ann from sales by v1
            1.01 ann is reserved, was ready for 1.015s
        "#]],
    );
}

#[test]
fn a_better_place_takes_the_turn_of_an_open_question() {
    check(
        "
        queue sales router=best
        agent ann sales
        0 ready ann
        1 call c1 sales
        1.005 call c2 sales priority=5
        1.01 reply 1 ann
        1.015 reply 2 ann
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask best a1 about c1: ann
            1.00 c2 joins sales at 1
            1.00 ask best a2 about c2: ann
            1.01 offer o1: c2 to ann from sales by v1
            1.01 ann is reserved, was ready for 1.015s
        "#]],
    );
}

#[test]
fn a_router_may_leave_a_contact_waiting_and_those_behind_are_asked_about() {
    check(
        "
        queue sales router=best
        agent ann sales
        agent ben sales
        0 ready ann
        1 call c1 sales
        1 call c2 sales
        1.01 reply 1 wait=5000
        1.015 reply 2 wait=0
        1.12 reply 3 wait=60000
        2 ready ben
        2.01 reply 4 ben
        2.015 reply 5 ann
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask best a1 about c1: ann
            1.00 c2 joins sales at 2
            1.01 ask best a2 about c2: ann
            1.11 ask best a3 about c2: ann
            2.00 ben is ready, was logged_out for 2s
            2.00 ask best a4 about c1: ann, ben
            2.01 offer o1: c1 to ben from sales by v1
            2.01 ben is reserved, was ready for 10ms
            2.01 ask best a5 about c2: ann
            2.02 offer o2: c2 to ann from sales by v1
            2.02 ann is reserved, was ready for 2.015s
        "#]],
    );
}

#[test]
fn a_wait_is_no_longer_than_a_minute() {
    check(
        "
        queue sales router=best
        agent ann sales
        0 ready ann
        1 call c1 sales
        1.01 reply 1 wait=999999999
        100 wait
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask best a1 about c1: ann
            61.01 ask best a2 about c1: ann
            61.03 router failed a2: exceeded its deadline
            61.03 offer o1: c1 to ann from sales by fallback
            61.03 ann is reserved, was ready for 61.03s
            81.03 withdraw o1: c1 from ann: NoAnswer
            81.03 ann is not_ready (no-answer), was reserved for 20s
        "#]],
    );
}

#[test]
fn a_new_set_up_voids_the_questions() {
    check(
        "
        queue sales router=best
        agent ann sales
        0 ready ann
        1 call c1 sales
        queue sales
        1.005 configure
        1.01 reply 1 ann
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask best a1 about c1: ann
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1.005s
        "#]],
    );
}

#[test]
fn an_answer_does_not_take_the_agent_whom_a_better_place_is_asked_about() {
    check(
        "
        queue sales router=best
        queue help router=best
        agent ann sales,help
        0 ready ann
        1 call c1 sales
        1.005 call c2 help priority=5
        1.01 reply 1 ann
        1.015 reply 2 ann
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask best a1 about c1: ann
            1.00 c2 joins help at 1
            1.00 ask best a2 about c2: ann
            1.01 offer o1: c2 to ann from help by v1
            1.01 ann is reserved, was ready for 1.015s
        "#]],
    );
}

#[test]
fn a_built_in_queue_may_take_the_other_candidates() {
    check(
        "
        queue sales router=best
        queue help
        agent ann sales,help
        agent ben sales,help
        0 ready ann
        0 ready ben
        1 call c1 sales
        1.005 call c2 help
        1.006 call c3 help
        1.01 reply 1 ben
        1.015 reply 2 ann
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask best a1 about c1: ann, ben
            1.00 c2 joins help at 1
            1.00 offer o1: c2 to ben from help
            1.00 ben is reserved, was ready for 1.005s
            1.01 c3 joins help at 2
            1.01 ask best a2 about c1: ann
            1.01 offer o2: c1 to ann from sales by v1
            1.01 ann is reserved, was ready for 1.015s
        "#]],
    );
}

#[test]
fn a_deadline_does_not_overtake_a_better_place_that_came_back_before_it() {
    check(
        "
        queue help ring=10
        queue sales router=best
        agent ann help
        agent ben sales,help
        0 ready ann
        1 call c1 help
        10.99 call c2 sales
        10.99 ready ben
        12 late
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins help at 1
            1.00 offer o1: c1 to ann from help
            1.00 ann is reserved, was ready for 1s
            10.99 c2 joins sales at 1
            10.99 ben is ready, was logged_out for 10.99s
            10.99 ask best a1 about c2: ben
            12.00 withdraw o1: c1 from ann: NoAnswer
            12.00 ann is not_ready (no-answer), was reserved for 11s
            12.00 offer o2: c1 to ben from help
            12.00 ben is reserved, was ready for 1.01s
            12.00 router failed a1: exceeded its deadline
        "#]],
    );
}
