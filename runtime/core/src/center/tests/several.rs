//! Several phones at once: ring-all and ringing in turn. The first who answers has the contact.

use expect_test::expect;

use super::check;

/// asterisk#1557: one agent answers or refuses and all the other phones are dropped.
#[test]
fn one_who_refuses_does_not_stop_the_other_phones() {
    check(
        "
        queue sales router=all
        agent ann sales
        agent ben sales
        agent cat sales
        0 ready ann
        1 ready ben
        2 ready cat
        3 call c1 sales
        3 reply 1 all=ann,ben,cat
        4 fail 1 declined
        5 accept 2
        6 call c2 sales
        6 reply 2 cat
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 ben is ready, was logged_out for 1s
            2.00 cat is ready, was logged_out for 2s
            3.00 c1 joins sales at 1
            3.00 ask all a1 about c1: ann, ben, cat
            3.00 offer o1: c1 to ann from sales by v1
            3.00 ann is reserved, was ready for 3s
            3.00 offer o2: c1 to ben from sales by v1
            3.00 ben is reserved, was ready for 2s
            3.00 offer o3: c1 to cat from sales by v1
            3.00 cat is reserved, was ready for 1s
            4.00 lost o1: c1 by ann: Declined
            4.00 ann is ready, was reserved for 1s
            5.00 withdraw o3: c1 from cat: AnsweredElsewhere
            5.00 cat is ready, was reserved for 2s
            5.00 connect c1 with ben after 2s, in target
            5.00 ben is busy, was reserved for 2s
            6.00 c2 joins sales at 1
            6.00 ask all a2 about c2: cat, ann
            6.00 offer o4: c2 to cat from sales by v1
            6.00 cat is reserved, was ready for 1s
        "#]],
    );
}

/// freeswitch#2901: the same phone rung twice, others not.
#[test]
fn the_same_phone_is_not_rung_twice_at_once() {
    check(
        "
        queue sales router=all
        agent ann sales
        agent ben sales
        0 ready ann
        0 ready ben
        1 call c1 sales
        1 reply 1 all=ann,ann,ben,ann
        2 accept 2
        2 accept 1
        3 part c1 agent
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask all a1 about c1: ann, ben
            1.00 offer o1: c1 to ann from sales by v1
            1.00 ann is reserved, was ready for 1s
            1.00 offer o2: c1 to ben from sales by v1
            1.00 ben is reserved, was ready for 1s
            2.00 withdraw o1: c1 from ann: AnsweredElsewhere
            2.00 ann is ready, was reserved for 1s
            2.00 connect c1 with ben after 1s, in target
            2.00 ben is busy, was reserved for 1s
            3.00 disconnect c1 from ben after 1s by Agent
            3.00 ben is ready, was busy for 1s
            3.00 c1 leaves sales after 1s: Served
        "#]],
    );
}

#[test]
fn who_was_rung_in_vain_with_others_keeps_the_idle_time() {
    check(
        "
        queue sales router=all
        queue help
        agent ann sales,help
        agent ben sales,help
        0 ready ann
        1 ready ben
        2 call c1 sales
        2 reply 1 all=ann,ben
        3 accept 2
        4 call c2 help
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 ben is ready, was logged_out for 1s
            2.00 c1 joins sales at 1
            2.00 ask all a1 about c1: ann, ben
            2.00 offer o1: c1 to ann from sales by v1
            2.00 ann is reserved, was ready for 2s
            2.00 offer o2: c1 to ben from sales by v1
            2.00 ben is reserved, was ready for 1s
            3.00 withdraw o1: c1 from ann: AnsweredElsewhere
            3.00 ann is ready, was reserved for 1s
            3.00 connect c1 with ben after 1s, in target
            3.00 ben is busy, was reserved for 1s
            4.00 c2 joins help at 1
            4.00 offer o3: c2 to ann from help
            4.00 ann is reserved, was ready for 1s
        "#]],
    );
}

#[test]
fn when_all_have_failed_the_contact_is_back_at_its_place() {
    check(
        "
        queue sales router=all
        agent ann sales
        agent ben sales
        0 ready ann
        0 ready ben
        1 call c1 sales
        1 reply 1 all=ann,ben
        1.5 call c2 sales
        2 fail 1 declined
        2.1 reply 2 ann
        3 fail 2 declined
        3.1 reply 3 ben
        4 wait
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask all a1 about c1: ann, ben
            1.00 offer o1: c1 to ann from sales by v1
            1.00 ann is reserved, was ready for 1s
            1.00 offer o2: c1 to ben from sales by v1
            1.00 ben is reserved, was ready for 1s
            1.50 c2 joins sales at 2
            2.00 lost o1: c1 by ann: Declined
            2.00 ann is ready, was reserved for 1s
            2.00 ask all a2 about c2: ann
            2.02 router failed a2: exceeded its deadline
            2.02 offer o3: c2 to ann from sales by fallback
            2.02 ann is reserved, was ready for 20ms
            3.00 lost o2: c1 by ben: Declined
            3.00 ben is ready, was reserved for 2s
        "#]],
    );
}

#[test]
fn the_caller_who_leaves_stops_all_phones() {
    check(
        "
        queue sales router=all
        agent ann sales
        agent ben sales
        0 ready ann
        0 ready ben
        1 call c1 sales
        1 reply 1 all=ann,ben
        2 hangup c1
        3 fail 1 declined
        3 accept 2
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask all a1 about c1: ann, ben
            1.00 offer o1: c1 to ann from sales by v1
            1.00 ann is reserved, was ready for 1s
            1.00 offer o2: c1 to ben from sales by v1
            1.00 ben is reserved, was ready for 1s
            2.00 withdraw o1: c1 from ann: CustomerLeft
            2.00 ann is ready, was reserved for 1s
            2.00 withdraw o2: c1 from ben: CustomerLeft
            2.00 ben is ready, was reserved for 1s
            2.00 c1 abandons sales after 1s, short
            2.00 c1 is closed after 1s: CustomerLeft
        "#]],
    );
}

#[test]
fn one_more_phone_rings_at_each_step() {
    check(
        "
        queue sales router=turn ring=9
        agent ann sales
        agent ben sales
        agent cat sales
        agent dan sales
        0 ready ann
        0 ready ben
        0 ready cat
        0 ready dan
        1 call c1 sales
        1 reply 1 turn=4000:ann,ben,cat,dan
        6 pause cat lunch
        20 accept 3
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            0.00 cat is ready, was logged_out for 0ns
            0.00 dan is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask turn a1 about c1: ann, ben, cat, dan
            1.00 offer o1: c1 to ann from sales by v1
            1.00 ann is reserved, was ready for 1s
            5.00 offer o2: c1 to ben from sales by v1
            5.00 ben is reserved, was ready for 5s
            6.00 cat is not_ready (lunch), was ready for 6s
            9.00 offer o3: c1 to dan from sales by v1
            9.00 dan is reserved, was ready for 9s
            10.00 withdraw o1: c1 from ann: NoAnswer
            10.00 ann is not_ready (no-answer), was reserved for 9s
            14.00 withdraw o2: c1 from ben: NoAnswer
            14.00 ben is not_ready (no-answer), was reserved for 9s
            18.00 withdraw o3: c1 from dan: NoAnswer
            18.00 dan is not_ready (no-answer), was reserved for 9s
        "#]],
    );
}

#[test]
fn when_none_rings_the_next_in_turn_is_rung_at_once() {
    check(
        "
        queue sales router=turn
        agent ann sales
        agent ben sales
        0 ready ann
        0 ready ben
        1 call c1 sales
        1 reply 1 turn=100:ann,ben
        1.5 fail 1 busy
        3 fail 2 declined
        9 wait
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask turn a1 about c1: ann, ben
            1.00 offer o1: c1 to ann from sales by v1
            1.00 ann is reserved, was ready for 1s
            1.50 lost o1: c1 by ann: Busy
            1.50 ann is not_ready (phone-busy), was reserved for 500ms
            1.50 offer o2: c1 to ben from sales by v1
            1.50 ben is reserved, was ready for 1.5s
            3.00 lost o2: c1 by ben: Declined
            3.00 ben is ready, was reserved for 1.5s
            5.00 ask turn a2 about c1: ben
            5.02 router failed a2: exceeded its deadline
            5.02 offer o3: c1 to ben from sales by fallback
            5.02 ben is reserved, was ready for 2.02s
        "#]],
    );
}

#[test]
fn an_agent_who_leaves_while_several_ring_is_one_less() {
    check(
        "
        queue sales router=all wait=10 over=help
        queue help
        agent ann sales
        agent ben sales
        0 ready ann
        0 ready ben
        1 call c1 sales
        1 reply 1 all=ann,ben
        2 logout ann
        12 fail 2 declined
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask all a1 about c1: ann, ben
            1.00 offer o1: c1 to ann from sales by v1
            1.00 ann is reserved, was ready for 1s
            1.00 offer o2: c1 to ben from sales by v1
            1.00 ben is reserved, was ready for 1s
            2.00 withdraw o1: c1 from ann: AgentLeft
            2.00 ann is logged_out, was reserved for 1s
            12.00 lost o2: c1 by ben: Declined
            12.00 ben is ready, was reserved for 11s
            12.00 c1 overflows from sales to help
        "#]],
    );
}
