//! Moves and priorities: by routers, by supervisors, by the wait.

use expect_test::expect;

use super::check;

#[test]
fn a_router_moves_a_contact_which_keeps_its_waiting_time() {
    check(
        "
        queue sales router=best
        queue help
        agent ann sales
        agent ben help
        0 ready ann
        1 call c1 sales
        1 reply 1 move=help
        2 call c2 help
        9 ready ben
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask best a1 about c1: ann
            1.00 c1 is moved from sales to help by v1
            2.00 c2 joins help at 2
            9.00 ben is ready, was logged_out for 9s
            9.00 offer o1: c1 to ben from help
            9.00 ben is reserved, was ready for 0ns
        "#]],
    );
}

#[test]
fn a_move_that_cannot_be_is_a_bad_reply() {
    check(
        "
        queue sales router=best
        queue small size=1
        queue staffed staffed
        queue shut hours=12:00-13:00
        agent ann sales
        agent ben sales
        agent cat sales
        agent dan sales
        agent eve sales
        0 ready ann
        0 ready ben
        0 ready cat
        0 ready dan
        0 ready eve
        0 call c9 small
        1 call c1 sales
        1 reply 1 move=nowhere
        2 call c2 sales
        2 reply 2 move=sales
        3 call c3 sales
        3 reply 3 move=small
        4 call c4 sales
        4 reply 4 move=staffed
        5 call c5 sales
        5 reply 5 move=shut
        ",
        expect![[r#"
            0.00 shut closes by hours
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            0.00 cat is ready, was logged_out for 0ns
            0.00 dan is ready, was logged_out for 0ns
            0.00 eve is ready, was logged_out for 0ns
            0.00 c9 joins small at 1
            1.00 c1 joins sales at 1
            1.00 ask best a1 about c1: ann, ben, cat, dan, eve
            1.00 router failed a1: bad reply: there is no queue `nowhere` to move to
            1.00 offer o1: c1 to ann from sales by fallback
            1.00 ann is reserved, was ready for 1s
            2.00 c2 joins sales at 2
            2.00 ask best a2 about c2: ben, cat, dan, eve
            2.00 router failed a2: bad reply: the contact is in `sales` already
            2.00 offer o2: c2 to ben from sales by fallback
            2.00 ben is reserved, was ready for 2s
            3.00 c3 joins sales at 3
            3.00 ask best a3 about c3: cat, dan, eve
            3.00 router failed a3: bad reply: the queue `small` is full
            3.00 offer o3: c3 to cat from sales by fallback
            3.00 cat is reserved, was ready for 3s
            4.00 c4 joins sales at 4
            4.00 ask best a4 about c4: dan, eve
            4.00 router failed a4: bad reply: nobody of the queue `staffed` could serve the contact
            4.00 offer o4: c4 to dan from sales by fallback
            4.00 dan is reserved, was ready for 4s
            5.00 c5 joins sales at 5
            5.00 ask best a5 about c5: eve
            5.00 router failed a5: bad reply: the queue `shut` is closed
            5.00 offer o5: c5 to eve from sales by fallback
            5.00 eve is reserved, was ready for 5s
        "#]],
    );
}

#[test]
fn moves_do_not_go_round_in_circles() {
    check(
        "
        queue sales router=a
        queue help router=b
        agent ann sales,help
        0 ready ann
        1 call c1 sales
        1 reply 1 move=help
        1 reply 2 move=sales
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask a a1 about c1: ann
            1.00 c1 is moved from sales to help by v1
            1.00 ask b a2 about c1: ann
            1.00 router failed a2: bad reply: the contact was moved from or to `sales` before
            1.00 offer o1: c1 to ann from help by fallback
            1.00 ann is reserved, was ready for 1s
        "#]],
    );
}

#[test]
fn a_router_may_change_the_priority_three_times_in_a_row() {
    check(
        "
        queue sales router=best
        agent ann sales
        0 ready ann
        1 call c1 sales
        1 call c2 sales
        1 reply 1 priority=-1
        1 reply 2 ann
        2 fail 1 declined
        2 reply 3 priority=2
        2 reply 4 priority=2
        2 reply 5 priority=3
        2 reply 6 priority=4
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask best a1 about c1: ann
            1.00 c2 joins sales at 2
            1.00 c1 has priority -1, had 0, by v1
            1.00 ask best a2 about c2: ann
            1.00 offer o1: c2 to ann from sales by v1
            1.00 ann is reserved, was ready for 1s
            2.00 lost o1: c2 by ann: Declined
            2.00 ann is ready, was reserved for 1s
            2.00 ask best a3 about c1: ann
            2.00 c1 has priority 2, had -1, by v1
            2.00 ask best a4 about c1: ann
            2.00 ask best a5 about c1: ann
            2.00 router failed a5: bad reply: the priority was changed 3 times in a row
            2.00 offer o2: c1 to ann from sales by fallback
            2.00 ann is reserved, was ready for 0ns
        "#]],
    );
}

#[test]
fn a_supervisor_moves_and_prioritises_who_waits() {
    check(
        "
        queue sales
        queue help
        queue shut hours=12:00-13:00
        agent ann sales
        0 ready ann
        1 call c1 sales
        2 move c1 help
        2 move c1 nowhere
        3 move c7 help
        3 call c2 help
        4 prioritise c2 3
        4 prioritise c1 3
        4 prioritise c7 3
        5 move c2 shut
        6 move c1 sales
        7 accept 2
        8 move c1 help
        ",
        expect![[r#"
            0.00 shut closes by hours
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            2.00 withdraw o1: c1 from ann: Moved
            2.00 ann is ready, was reserved for 1s
            2.00 c1 is moved from sales to help by eve
            2.00 c1 is refused: there is no queue `nowhere`
            3.00 c7 is refused: the interaction does not wait in a queue
            3.00 c2 joins help at 2
            4.00 c2 has priority 3, had 0, by eve
            4.00 c1 has priority 3, had 0, by eve
            4.00 c7 is refused: the interaction does not wait in a queue
            5.00 c2 is moved from help to shut by eve
            5.00 c2 leaves shut after 2s: Closed
            6.00 c1 is moved from help to sales by eve
            6.00 offer o2: c1 to ann from sales
            6.00 ann is reserved, was ready for 4s
            7.00 connect c1 with ann after 6s, in target
            7.00 ann is busy, was reserved for 1s
            8.00 c1 is refused: the interaction does not wait in a queue
        "#]],
    );
}

#[test]
fn priority_rises_with_the_wait_up_to_a_limit() {
    check(
        "
        queue sales age=10 age-limit=2
        queue help
        agent ann sales,help
        0 call c1 sales
        1 call c2 help priority=1
        25 ready ann
        26 accept 1
        27 hangup c1
        40 wait
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            1.00 c2 joins help at 1
            10.00 c1 has priority 1, had 0, by ageing
            20.00 c1 has priority 2, had 1, by ageing
            25.00 ann is ready, was logged_out for 25s
            25.00 offer o1: c1 to ann from sales
            25.00 ann is reserved, was ready for 0ns
            26.00 connect c1 with ann after 26s, late
            26.00 ann is busy, was reserved for 1s
            27.00 disconnect c1 from ann after 1s by Customer
            27.00 ann is ready, was busy for 1s
            27.00 c1 is closed after 27s: CustomerLeft
            27.00 offer o2: c2 to ann from help
            27.00 ann is reserved, was ready for 0ns
        "#]],
    );
}

/// TaskRouter CCIS-1719: sometimes low priority tasks are assigned ahead of high priority ones.
#[test]
fn a_heavier_queue_goes_first_whatever_priority_and_wait() {
    check(
        "
        queue sales
        queue vip weight=1
        agent ann sales,vip
        0 call c1 sales priority=9
        5 call c2 vip priority=-3
        6 ready ann
        7 fail 1 declined
        9 wait
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            5.00 c2 joins vip at 1
            6.00 ann is ready, was logged_out for 6s
            6.00 offer o1: c2 to ann from vip
            6.00 ann is reserved, was ready for 0ns
            7.00 lost o1: c2 by ann: Declined
            7.00 ann is ready, was reserved for 1s
            7.00 offer o2: c1 to ann from sales
            7.00 ann is reserved, was ready for 0ns
        "#]],
    );
}

#[test]
fn an_open_question_moves_with_its_contact() {
    check(
        "
        queue sales router=best age=1
        queue help router=best
        agent ann sales,help
        0 ready ann
        0.99 call c1 sales
        1.98 call c2 sales priority=1
        1.985 reply 1 ann
        1.992 wait
        2 reply 2 ann
        2.001 move c2 help
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.99 c1 joins sales at 1
            0.99 ask best a1 about c1: ann
            1.01 router failed a1: exceeded its deadline
            1.01 offer o1: c1 to ann from sales by fallback
            1.01 ann is reserved, was ready for 1.01s
            1.98 c2 joins sales at 1
            1.99 c1 has priority 1, had 0, by ageing
            2.00 c2 is moved from sales to help by eve
        "#]],
    );
}
