//! Business hours, branches, and supervisors who close a queue.

use expect_test::expect;

use super::check;

#[test]
fn who_finds_a_queue_closed_is_told_so() {
    check(
        "
        queue sales hours=9:00-17:00 closed=come-back
        agent ann sales
        8:00 ready ann
        8:59 call c1 sales
        9:00 call c2 sales
        17:00 call c3 sales
        ",
        expect![[r#"
            0.00 sales closes by hours
            28800.00 ann is ready, was logged_out for 28800s
            32340.00 c1 joins sales at 1
            32340.00 c1 leaves sales after 0ns: Closed, told "come-back"
            32400.00 sales opens by hours
            32400.00 c2 joins sales at 1
            32400.00 offer o1: c2 to ann from sales
            32400.00 ann is reserved, was ready for 3600s
            32420.00 withdraw o1: c2 from ann: NoAnswer
            32420.00 ann is not_ready (no-answer), was reserved for 20s
            61200.00 sales closes by hours
            61200.00 c3 joins sales at 2
            61200.00 c3 leaves sales after 0ns: Closed, told "come-back"
        "#]],
    );
}

#[test]
fn who_waits_at_closing_time_is_served() {
    check(
        "
        queue sales hours=9:00-17:00
        agent ann sales
        16:59 call c1 sales
        17:00 call c2 sales
        17:01 ready ann
        17:01 accept 1
        17:02 part c1 customer
        ",
        expect![[r#"
            0.00 sales closes by hours
            32400.00 sales opens by hours
            61140.00 c1 joins sales at 1
            61200.00 sales closes by hours
            61200.00 c2 joins sales at 2
            61200.00 c2 leaves sales after 0ns: Closed
            61260.00 ann is ready, was logged_out for 61260s
            61260.00 offer o1: c1 to ann from sales
            61260.00 ann is reserved, was ready for 0ns
            61260.00 connect c1 with ann after 120s, late
            61260.00 ann is busy, was reserved for 0ns
            61320.00 disconnect c1 from ann after 60s by Customer
            61320.00 ann is ready, was busy for 60s
            61320.00 c1 leaves sales after 120s: Served
        "#]],
    );
}

#[test]
fn a_queue_may_let_go_who_waits_at_closing_time() {
    check(
        "
        queue sales hours=9:00-17:00 release closed=too-late ring=90
        agent ann sales
        16:59 call c1 sales
        16:59 call c2 sales
        16:59 call c3 sales priority=1
        16:59 ready ann
        17:00 wait
        17:00 fail 1 declined
        ",
        expect![[r#"
            0.00 sales closes by hours
            32400.00 sales opens by hours
            61140.00 c1 joins sales at 1
            61140.00 c2 joins sales at 2
            61140.00 c3 joins sales at 1
            61140.00 ann is ready, was logged_out for 61140s
            61140.00 offer o1: c3 to ann from sales
            61140.00 ann is reserved, was ready for 0ns
            61200.00 sales closes by hours
            61200.00 c1 leaves sales after 60s: Closed, told "too-late"
            61200.00 c2 leaves sales after 60s: Closed, told "too-late"
            61200.00 lost o1: c3 by ann: Declined
            61200.00 ann is ready, was reserved for 60s
            61200.00 c3 leaves sales after 60s: Closed, told "too-late"
        "#]],
    );
}

#[test]
fn a_phone_that_rings_at_closing_time_may_be_answered() {
    check(
        "
        queue sales hours=9:00-17:00 release ring=90
        agent ann sales
        16:59 ready ann
        16:59 call c1 sales
        17:00 accept 1
        ",
        expect![[r#"
            0.00 sales closes by hours
            32400.00 sales opens by hours
            61140.00 ann is ready, was logged_out for 61140s
            61140.00 c1 joins sales at 1
            61140.00 offer o1: c1 to ann from sales
            61140.00 ann is reserved, was ready for 0ns
            61200.00 sales closes by hours
            61200.00 connect c1 with ann after 60s, late
            61200.00 ann is busy, was reserved for 60s
        "#]],
    );
}

#[test]
fn branches_follow_the_sun() {
    check(
        "
        queue berlin hours=9:00-17:00 branches=london,boston release
        queue london hours=10:00-18:00 branches=berlin,boston
        queue boston hours=14:00-22:00 size=1
        9:30 call c1 london
        9:31 enqueue c1 london
        16:59 call c2 berlin
        17:01 call c3 berlin
        18:01 call c4 berlin
        18:02 call c5 berlin
        ",
        expect![[r#"
            0.00 berlin closes by hours
            0.00 boston closes by hours
            0.00 london closes by hours
            32400.00 berlin opens by hours
            34200.00 c1 joins london at 1
            34200.00 c1 overflows from london to berlin
            34260.00 c1 is refused: the interaction is queued already
            36000.00 london opens by hours
            50400.00 boston opens by hours
            61140.00 c2 joins berlin at 2
            61200.00 berlin closes by hours
            61200.00 c1 overflows from berlin to boston
            61200.00 c2 overflows from berlin to london
            61260.00 c3 joins berlin at 1
            61260.00 c3 overflows from berlin to london
            64800.00 london closes by hours
            64860.00 c4 joins berlin at 1
            64860.00 c4 leaves berlin after 0ns: Closed
            64920.00 c5 joins berlin at 1
            64920.00 c5 leaves berlin after 0ns: Closed
        "#]],
    );
}

#[test]
fn a_closed_queue_takes_no_overflow() {
    check(
        "
        queue sales wait=60 over=help
        queue help hours=9:00-17:00 over=night
        queue night
        9:00 call c1 sales
        17:00 call c2 sales
        17:30 wait
        ",
        expect![[r#"
            0.00 help closes by hours
            32400.00 help opens by hours
            32400.00 c1 joins sales at 1
            32460.00 c1 overflows from sales to help
            61200.00 help closes by hours
            61200.00 c2 joins sales at 1
            61260.00 c2 overflows from sales to night
        "#]],
    );
}

#[test]
fn a_supervisor_closes_a_queue_at_once() {
    check(
        "
        queue sales hours=9:00-17:00 closed=come-back ring=60
        agent ann sales
        10:00 ready ann
        10:00 call c1 sales
        10:00 call c2 sales
        10:00 close sales the house is on fire
        10:00 accept 1
        10:01 call c3 sales
        10:02 close sales
        10:02 call c4 sales
        10:03 open sales
        10:03 call c5 sales
        10:03 close elsewhere
        ",
        expect![[r#"
            0.00 sales closes by hours
            32400.00 sales opens by hours
            36000.00 ann is ready, was logged_out for 36000s
            36000.00 c1 joins sales at 1
            36000.00 offer o1: c1 to ann from sales
            36000.00 ann is reserved, was ready for 0ns
            36000.00 c2 joins sales at 2
            36000.00 sales closes by eve
            36000.00 withdraw o1: c1 from ann: Moved
            36000.00 ann is ready, was reserved for 0ns
            36000.00 c1 leaves sales after 0ns: Closed, told "the house is on fire"
            36000.00 c2 leaves sales after 0ns: Closed, told "the house is on fire"
            36060.00 c3 joins sales at 1
            36060.00 c3 leaves sales after 0ns: Closed, told "the house is on fire"
            36120.00 c4 joins sales at 1
            36120.00 c4 leaves sales after 0ns: Closed, told "come-back"
            36180.00 sales opens by eve
            36180.00 c5 joins sales at 1
            36180.00 offer o2: c5 to ann from sales
            36180.00 ann is reserved, was ready for 180s
        "#]],
    );
}

#[test]
fn hours_count_again_when_a_supervisor_opens() {
    check(
        "
        queue sales hours=9:00-17:00
        16:00 close sales
        17:30 open sales
        18:00 call c1 sales
        33:00 call c2 sales
        ",
        expect![[r#"
            0.00 sales closes by hours
            32400.00 sales opens by hours
            57600.00 sales closes by eve
            64800.00 c1 joins sales at 1
            64800.00 c1 leaves sales after 0ns: Closed
            118800.00 sales opens by hours
            118800.00 c2 joins sales at 1
        "#]],
    );
}

#[test]
fn a_new_set_up_brings_new_hours() {
    check(
        "
        queue sales
        10:00 call c1 sales
        queue sales hours=11:00-12:00 release
        10:01 configure
        11:00 call c2 sales
        queue sales
        12:30 configure
        13:00 call c3 sales
        remove queue sales
        14:00 configure
        ",
        expect![[r#"
            36000.00 c1 joins sales at 1
            36060.00 sales closes by hours
            36060.00 c1 leaves sales after 60s: Closed
            39600.00 sales opens by hours
            39600.00 c2 joins sales at 1
            43200.00 sales closes by hours
            43200.00 c2 leaves sales after 3600s: Closed
            45000.00 sales opens by hours
            46800.00 c3 joins sales at 1
            50400.00 c3 leaves sales after 3600s: Closed
        "#]],
    );
}
