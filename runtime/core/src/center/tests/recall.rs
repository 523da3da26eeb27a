//! Callbacks: asked for in the queue or made of an abandon, in line with the others, made and ended.

use expect_test::expect;

use super::{check, script};
use crate::*;

#[test]
fn agent_first_in_the_place_of_the_contact() {
    check(
        "
        queue sales
        agent ann sales
        0 arrive c1 +371
        0 enqueue c1 sales
        5 call c2 sales
        10 callback c1
        12 complete c1
        60 ready ann
        62 accept 1
        75 reach b1 c3 +371
        100 part c3 customer
        100 complete c3
        110 accept 2
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            5.00 c2 joins sales at 2
            10.00 b1 of c1 in sales waits: Queue, +371 until 14410.00
            10.00 c1 leaves sales after 10s: Callback
            12.00 c1 is closed after 12s: Completed
            60.00 ann is ready, was logged_out for 60s
            60.00 offer o1: b1 to ann from sales
            60.00 ann is reserved, was ready for 0ns
            62.00 b1 of c1 in sales is Dialling { attempt: 1 }
            62.00 dial +371 of b1 for ann
            62.00 ann is busy, was reserved for 2s
            75.00 c3 joins sales at 1
            75.00 connect c3 with ann after 0ns, in target
            75.00 b1 of c1 in sales is Done
            100.00 disconnect c3 from ann after 25s by Customer
            100.00 ann is ready, was busy for 38s
            100.00 c3 leaves sales after 0ns: Served
            100.00 offer o2: c2 to ann from sales
            100.00 ann is reserved, was ready for 0ns
            100.00 c3 is closed after 25s: Completed
            110.00 connect c2 with ann after 105s, late
            110.00 ann is busy, was reserved for 10s
        "#]],
    );
}

#[test]
fn customer_first_waits_at_the_place_but_only_from_the_answer() {
    check(
        "
        queue sales customer-first
        agent ann sales
        0 arrive c1 +371
        0 enqueue c1 sales
        1 arrive c2 +372
        1 enqueue c2 sales
        2 call c4 sales
        5 callback c1
        5 complete c1
        5 callback c2
        5 complete c2
        60 ready ann
        61 accept 1
        70 reach b1 c5 +371
        75 part c4 customer
        76 accept 2
        100 part c5 customer
        100 complete c5
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            1.00 c2 joins sales at 2
            2.00 c4 joins sales at 3
            5.00 b1 of c1 in sales waits: Queue, +371 until 14405.00
            5.00 c1 leaves sales after 5s: Callback
            5.00 c1 is closed after 5s: Completed
            5.00 b2 of c2 in sales waits: Queue, +372 until 14405.00
            5.00 c2 leaves sales after 4s: Callback
            5.00 c2 is closed after 4s: Completed
            60.00 ann is ready, was logged_out for 60s
            60.00 b1 of c1 in sales is Dialling { attempt: 1 }
            60.00 dial +371 of b1
            60.00 offer o1: c4 to ann from sales
            60.00 ann is reserved, was ready for 0ns
            61.00 connect c4 with ann after 59s, late
            61.00 ann is busy, was reserved for 1s
            70.00 c5 joins sales at 1
            75.00 disconnect c4 from ann after 14s by Customer
            75.00 ann is ready, was busy for 14s
            75.00 c4 leaves sales after 59s: Served
            75.00 offer o2: c5 to ann from sales
            75.00 ann is reserved, was ready for 0ns
            76.00 connect c5 with ann after 6s, in target
            76.00 ann is busy, was reserved for 1s
            76.00 b1 of c1 in sales is Done
            100.00 disconnect c5 from ann after 24s by Customer
            100.00 ann is ready, was busy for 24s
            100.00 c5 leaves sales after 6s: Served
            100.00 b2 of c2 in sales is Dialling { attempt: 1 }
            100.00 dial +372 of b2
            100.00 c5 is closed after 30s: Completed
        "#]],
    );
}

#[test]
fn nobody_is_called_who_is_on_the_line() {
    check(
        "
        queue sales
        agent ann sales
        0 ready ann
        0 arrive c1 +371
        1 callback c1 queue=sales
        30 complete c1
        31 fail 1 declined
        32 arrive c2 +371
        33 callback c2 queue=sales
        40 complete c2
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 b1 of c1 in sales waits: Queue, +371 until 14401.00
            30.00 c1 is closed after 30s: Completed
            30.00 offer o1: b1 to ann from sales
            30.00 ann is reserved, was ready for 30s
            31.00 lost o1: b1 by ann: Declined
            31.00 ann is ready, was reserved for 1s
            33.00 offer o2: b1 to ann from sales
            33.00 ann is reserved, was ready for 2s
            33.00 withdraw o2: b1 from ann: CustomerLeft
            33.00 ann is ready, was reserved for 0ns
            33.00 b2 of c2 in sales is Merged { into: CallbackId(1) }
            40.00 c2 is closed after 8s: Completed
            40.00 offer o3: b1 to ann from sales
            40.00 ann is reserved, was ready for 7s
        "#]],
    );
}

#[test]
fn who_is_not_reached_is_tried_again_and_the_agent_is_free() {
    check(
        "
        queue sales retry=60 attempts=2 wrap=10
        agent ann sales
        0 ready ann
        0 callback c1 queue=sales to=+371
        1 accept 1
        20 miss b1 busy
        81 accept 2
        90 miss b1 no-answer
        91 reach b1 c2 +371
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 b1 of c1 in sales waits: Queue, +371 until 14400.00
            0.00 offer o1: b1 to ann from sales
            0.00 ann is reserved, was ready for 0ns
            1.00 b1 of c1 in sales is Dialling { attempt: 1 }
            1.00 dial +371 of b1 for ann
            1.00 ann is busy, was reserved for 1s
            20.00 ann is ready, was busy for 19s
            20.00 b1 of c1 in sales is tried again at 80.00: Busy
            80.00 offer o2: b1 to ann from sales
            80.00 ann is reserved, was ready for 60s
            81.00 b1 of c1 in sales is Dialling { attempt: 2 }
            81.00 dial +371 of b1 for ann
            81.00 ann is busy, was reserved for 1s
            90.00 ann is ready, was busy for 9s
            90.00 b1 of c1 in sales is Failed
        "#]],
    );
}

#[test]
fn silence_is_not_reached() {
    check(
        "
        queue sales retry=60
        queue help customer-first retry=60
        agent ann sales
        agent bob help
        0 ready ann
        0 ready bob
        0 callback c1 queue=sales to=+371
        0 callback c2 queue=help to=+372
        1 accept 1
        130 wait
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 bob is ready, was logged_out for 0ns
            0.00 b1 of c1 in sales waits: Queue, +371 until 14400.00
            0.00 offer o1: b1 to ann from sales
            0.00 ann is reserved, was ready for 0ns
            0.00 b2 of c2 in help waits: Queue, +372 until 14400.00
            0.00 b2 of c2 in help is Dialling { attempt: 1 }
            0.00 dial +372 of b2
            1.00 b1 of c1 in sales is Dialling { attempt: 1 }
            1.00 dial +371 of b1 for ann
            1.00 ann is busy, was reserved for 1s
            120.00 stop dialling b2
            120.00 b2 of c2 in help is tried again at 180.00: NoAnswer
            121.00 stop dialling b1
            121.00 ann is ready, was busy for 120s
            121.00 b1 of c1 in sales is tried again at 181.00: NoAnswer
        "#]],
    );
}

#[test]
fn an_agent_who_hangs_up_while_the_phone_rings_ends_the_try() {
    let mut play = script::play(
        "
        queue sales retry=60
        agent ann sales
        0 ready ann
        0 callback c1 queue=sales to=+371
        1 accept 1
        ",
    );
    let interaction = InteractionId::of_callback(CallbackId(1));
    let at = Instant::from_micros(5_000_000);
    play.step(at, Input::ConversationEnded { interaction, by: Party::Agent });
    expect![[r#"
        0.00 ann is ready, was logged_out for 0ns
        0.00 b1 of c1 in sales waits: Queue, +371 until 14400.00
        0.00 offer o1: b1 to ann from sales
        0.00 ann is reserved, was ready for 0ns
        1.00 b1 of c1 in sales is Dialling { attempt: 1 }
        1.00 dial +371 of b1 for ann
        1.00 ann is busy, was reserved for 1s
        5.00 stop dialling b1
        5.00 ann is ready, was busy for 4s
        5.00 b1 of c1 in sales is tried again at 65.00: Failed
    "#]]
    .assert_eq(&play.log);
}

#[test]
fn an_abandon_after_a_long_wait_is_called_back() {
    check(
        "
        queue sales abandoned=30
        agent ann sales
        0 arrive c1 +371
        0 enqueue c1 sales
        1 arrive c2 +372
        1 enqueue c2 sales
        1 call c3 sales
        29 hangup c1
        31 hangup c2
        40 hangup c3
        50 ready ann
        51 accept 1
        60 reach b1 c4 +372
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            1.00 c2 joins sales at 2
            1.00 c3 joins sales at 3
            29.00 c1 abandons sales after 29s
            29.00 c1 is closed after 29s: CustomerLeft
            31.00 c2 abandons sales after 30s
            31.00 b1 of c2 in sales waits: Abandon, +372 until 14431.00
            31.00 c2 is closed after 30s: CustomerLeft
            40.00 c3 abandons sales after 39s
            40.00 c3 is closed after 39s: CustomerLeft
            50.00 ann is ready, was logged_out for 50s
            50.00 offer o1: b1 to ann from sales
            50.00 ann is reserved, was ready for 0ns
            51.00 b1 of c2 in sales is Dialling { attempt: 1 }
            51.00 dial +372 of b1 for ann
            51.00 ann is busy, was reserved for 1s
            60.00 c4 joins sales at 1
            60.00 connect c4 with ann after 0ns, in target
            60.00 b1 of c2 in sales is Done
        "#]],
    );
}

#[test]
fn who_gets_through_is_not_called_back() {
    check(
        "
        queue sales ring=100
        agent ann sales
        agent bob sales
        0 arrive c1 +371
        0 enqueue c1 sales
        1 callback c1
        1 hangup c1
        10 ready ann
        12 arrive c2 +371
        12 enqueue c2 sales
        13 ready bob
        15 accept 2
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            1.00 b1 of c1 in sales waits: Queue, +371 until 14401.00
            1.00 c1 leaves sales after 1s: Callback
            1.00 c1 is closed after 1s: CustomerLeft
            10.00 ann is ready, was logged_out for 10s
            10.00 offer o1: b1 to ann from sales
            10.00 ann is reserved, was ready for 0ns
            12.00 c2 joins sales at 2
            13.00 bob is ready, was logged_out for 13s
            13.00 offer o2: c2 to bob from sales
            13.00 bob is reserved, was ready for 0ns
            15.00 connect c2 with bob after 3s, in target
            15.00 bob is busy, was reserved for 2s
            15.00 withdraw o1: b1 from ann: CustomerLeft
            15.00 ann is ready, was reserved for 5s
            15.00 b1 of c1 in sales is GotThrough
        "#]],
    );
}

#[test]
fn who_gets_through_while_dialled_is_dialled_no_more() {
    check(
        "
        queue sales
        agent ann sales
        agent bob sales
        0 callback c1 queue=sales to=+371
        10 ready ann
        11 accept 1
        12 arrive c2 +371
        12 enqueue c2 sales
        13 ready bob
        15 accept 2
        16 reach b1 c3 +371
        ",
        expect![[r#"
            0.00 b1 of c1 in sales waits: Queue, +371 until 14400.00
            10.00 ann is ready, was logged_out for 10s
            10.00 offer o1: b1 to ann from sales
            10.00 ann is reserved, was ready for 0ns
            11.00 b1 of c1 in sales is Dialling { attempt: 1 }
            11.00 dial +371 of b1 for ann
            11.00 ann is busy, was reserved for 1s
            12.00 c2 joins sales at 1
            13.00 bob is ready, was logged_out for 13s
            13.00 offer o2: c2 to bob from sales
            13.00 bob is reserved, was ready for 0ns
            15.00 connect c2 with bob after 3s, in target
            15.00 bob is busy, was reserved for 2s
            15.00 stop dialling b1
            15.00 ann is ready, was busy for 4s
            15.00 b1 of c1 in sales is GotThrough
        "#]],
    );
}

#[test]
fn an_owner_calls_alone_at_first() {
    check(
        "
        queue sales owner=60 ring=5
        agent ann sales
        agent bob sales
        0 ready bob
        0 callback c1 queue=sales to=+371 owner=ann
        10 ready ann
        20 ready ann
        20 pause ann lunch
        59 wait
        60 wait
        61 accept 2
        ",
        expect![[r#"
            0.00 bob is ready, was logged_out for 0ns
            0.00 b1 of c1 in sales waits: Queue, +371 by ann until 14400.00
            10.00 ann is ready, was logged_out for 10s
            10.00 offer o1: b1 to ann from sales
            10.00 ann is reserved, was ready for 0ns
            15.00 withdraw o1: b1 from ann: NoAnswer
            15.00 ann is not_ready (no-answer), was reserved for 5s
            20.00 ann is ready, was not_ready for 5s
            20.00 offer o2: b1 to ann from sales
            20.00 ann is reserved, was ready for 0ns
            20.00 withdraw o2: b1 from ann: AgentLeft
            20.00 ann is not_ready (lunch), was reserved for 0ns
            60.00 offer o3: b1 to bob from sales
            60.00 bob is reserved, was ready for 60s
        "#]],
    );
}

#[test]
fn callbacks_wait_for_the_queue_to_open_and_the_deadline_is_told() {
    check(
        "
        queue sales hours=9:00-17:00 deadline=600 release
        agent ann sales
        8:00 ready ann
        8:00 callback c1 queue=sales to=+371
        9:00 accept 1
        9:01 reach b1 c2 +371
        ",
        expect![[r#"
            0.00 sales closes by hours
            28800.00 ann is ready, was logged_out for 28800s
            28800.00 b1 of c1 in sales waits: Queue, +371 until 29400.00
            29400.00 b1 of c1 in sales is Overdue
            32400.00 sales opens by hours
            32400.00 offer o1: b1 to ann from sales
            32400.00 ann is reserved, was ready for 3600s
            32400.00 b1 of c1 in sales is Dialling { attempt: 1 }
            32400.00 dial +371 of b1 for ann
            32400.00 ann is busy, was reserved for 0ns
            32460.00 c2 joins sales at 1
            32460.00 connect c2 with ann after 0ns, in target
            32460.00 b1 of c1 in sales is Done
        "#]],
    );
}

#[test]
fn a_callback_neither_fills_a_queue_nor_leaves_it_by_its_limits() {
    check(
        "
        queue sales size=1 wait=30 staffed ring=5
        agent ann sales
        0 ready ann
        0 pause ann lunch
        0 callback c1 queue=sales to=+371
        1 call c2 sales
        2 call c3 sales
        40 logout ann
        41 ready ann
        42 accept 1
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ann is not_ready (lunch), was ready for 0ns
            0.00 b1 of c1 in sales waits: Queue, +371 until 14400.00
            1.00 c2 joins sales at 2
            2.00 c3 joins sales at 3
            2.00 c3 leaves sales after 0ns: Full
            31.00 c2 leaves sales after 30s: TimedOut
            40.00 ann is logged_out, was not_ready for 40s
            41.00 ann is ready, was logged_out for 1s
            41.00 offer o1: b1 to ann from sales
            41.00 ann is reserved, was ready for 0ns
            42.00 b1 of c1 in sales is Dialling { attempt: 1 }
            42.00 dial +371 of b1 for ann
            42.00 ann is busy, was reserved for 1s
        "#]],
    );
}

#[test]
fn what_cannot_be_is_refused() {
    check(
        "
        queue sales
        0 arrive c1
        0 callback c1
        0 callback c1 queue=nowhere to=+371
        0 callback c1 queue=sales
        0 callback c1 queue=sales to=+371
        1 uncallback b1
        1 uncallback b1
        1 uncallback b7
        2 miss b1 busy
        2 reach b1 c2 +371
        3 arrive c9223372036854775809
        ",
        expect![[r#"
            0.00 c1 is refused: the interaction does not wait in a queue
            0.00 c1 is refused: there is no queue `nowhere`
            0.00 c1 is refused: there is no number to call back: the caller's is withheld and none was given
            0.00 b1 of c1 in sales waits: Queue, +371 until 14400.00
            1.00 b1 of c1 in sales is Cancelled { by: "eve" }
            3.00 b1 is refused: the interaction arrived already
        "#]],
    );
}

#[test]
fn a_callback_is_cancelled_wherever_it_is() {
    check(
        "
        queue sales
        agent ann sales
        0 callback c1 queue=sales to=+371
        1 uncallback b1
        2 ready ann
        2 callback c2 queue=sales to=+371
        3 uncallback b2
        4 callback c3 queue=sales to=+371
        5 accept 2
        6 uncallback b3
        7 reach b3 c4 +371
        8 callback c5 queue=sales to=+372
        9 fail 3 declined
        remove queue sales
        10 configure
        ",
        expect![[r#"
            0.00 b1 of c1 in sales waits: Queue, +371 until 14400.00
            1.00 b1 of c1 in sales is Cancelled { by: "eve" }
            2.00 ann is ready, was logged_out for 2s
            2.00 b2 of c2 in sales waits: Queue, +371 until 14402.00
            2.00 offer o1: b2 to ann from sales
            2.00 ann is reserved, was ready for 0ns
            3.00 withdraw o1: b2 from ann: CustomerLeft
            3.00 ann is ready, was reserved for 1s
            3.00 b2 of c2 in sales is Cancelled { by: "eve" }
            4.00 b3 of c3 in sales waits: Queue, +371 until 14404.00
            4.00 offer o2: b3 to ann from sales
            4.00 ann is reserved, was ready for 1s
            5.00 b3 of c3 in sales is Dialling { attempt: 1 }
            5.00 dial +371 of b3 for ann
            5.00 ann is busy, was reserved for 1s
            6.00 stop dialling b3
            6.00 ann is ready, was busy for 1s
            6.00 b3 of c3 in sales is Cancelled { by: "eve" }
            8.00 b4 of c5 in sales waits: Queue, +372 until 14408.00
            8.00 offer o3: b4 to ann from sales
            8.00 ann is reserved, was ready for 2s
            9.00 lost o3: b4 by ann: Declined
            9.00 ann is ready, was reserved for 1s
            10.00 b4 of c5 in sales is Cancelled { by: "configuration" }
        "#]],
    );
}

#[test]
fn a_reached_customer_who_leaves_the_line_is_called_again() {
    check(
        "
        queue sales customer-first retry=60
        agent ann sales
        0 ready ann
        0 callback c1 queue=sales to=+371
        5 reach b1 c2 +371
        7 hangup c2
        67 reach b1 c3 +371
        68 accept 2
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 b1 of c1 in sales waits: Queue, +371 until 14400.00
            0.00 b1 of c1 in sales is Dialling { attempt: 1 }
            0.00 dial +371 of b1
            5.00 c2 joins sales at 1
            5.00 offer o1: c2 to ann from sales
            5.00 ann is reserved, was ready for 5s
            7.00 withdraw o1: c2 from ann: CustomerLeft
            7.00 ann is ready, was reserved for 2s
            7.00 c2 abandons sales after 2s
            7.00 c2 is closed after 2s: CustomerLeft
            7.00 b1 of c1 in sales is tried again at 67.00: NoAnswer
            67.00 b1 of c1 in sales is Dialling { attempt: 2 }
            67.00 dial +371 of b1
            67.00 c3 joins sales at 1
            67.00 offer o2: c3 to ann from sales
            67.00 ann is reserved, was ready for 60s
            68.00 connect c3 with ann after 1s, in target
            68.00 ann is busy, was reserved for 1s
            68.00 b1 of c1 in sales is Done
        "#]],
    );
}

/// No more customers are dialled at once than agents are free for them.
#[test]
fn customers_are_dialled_for_who_is_free() {
    check(
        "
        queue sales customer-first
        agent ann sales
        agent bob sales
        0 callback c1 queue=sales to=+371
        0 callback c2 queue=sales to=+372
        0 callback c3 queue=sales to=+373
        0 callback c4 queue=sales to=+374
        1 ready ann
        2 ready bob
        3 miss b1 busy
        4 reach b2 c5 +372
        5 accept 1
        6 part c5 customer
        ",
        expect![[r#"
            0.00 b1 of c1 in sales waits: Queue, +371 until 14400.00
            0.00 b2 of c2 in sales waits: Queue, +372 until 14400.00
            0.00 b3 of c3 in sales waits: Queue, +373 until 14400.00
            0.00 b4 of c4 in sales waits: Queue, +374 until 14400.00
            1.00 ann is ready, was logged_out for 1s
            1.00 b1 of c1 in sales is Dialling { attempt: 1 }
            1.00 dial +371 of b1
            2.00 bob is ready, was logged_out for 2s
            2.00 b2 of c2 in sales is Dialling { attempt: 1 }
            2.00 dial +372 of b2
            3.00 b1 of c1 in sales is tried again at 603.00: Busy
            3.00 b3 of c3 in sales is Dialling { attempt: 1 }
            3.00 dial +373 of b3
            4.00 c5 joins sales at 1
            4.00 offer o1: c5 to ann from sales
            4.00 ann is reserved, was ready for 3s
            5.00 connect c5 with ann after 1s, in target
            5.00 ann is busy, was reserved for 1s
            5.00 b2 of c2 in sales is Done
            6.00 disconnect c5 from ann after 1s by Customer
            6.00 ann is ready, was busy for 1s
            6.00 c5 leaves sales after 1s: Served
            6.00 b4 of c4 in sales is Dialling { attempt: 1 }
            6.00 dial +374 of b4
        "#]],
    );
}
