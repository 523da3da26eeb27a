//! Callbacks in line are nobody on the phone, stay in their queue, and are counted once.

use expect_test::expect;

use super::{check, script};
use crate::*;

/// A queue that begins to announce speaks to who is there, and not to a callback.
#[test]
fn a_callback_is_told_nothing() {
    check(
        "
        queue sales
        agent ann sales
        0 callback c1 queue=sales to=+371
        1 call c2 sales
        queue sales tell=5,10,position
        2 configure
        20 wait
        ",
        expect![[r#"
            0.00 b1 of c1 in sales waits: Queue, +371 until 14400.00
            1.00 c2 joins sales at 2
            7.00 tell c2 place 2
            17.00 tell c2 place 2
        "#]],
    );
}

#[test]
fn a_callback_stays_in_its_queue() {
    let mut play = script::play(
        "
        queue sales
        queue help
        agent ann help
        0 ready ann
        0 callback c1 queue=sales to=+371
        ",
    );
    let interaction = InteractionId::of_callback(CallbackId(1));
    let (queue, by) = ("help".parse().unwrap(), "supervisor".to_owned());
    let at = Instant::from_micros(5_000_000);
    play.step(at, Input::InteractionMoved { interaction, queue, by });
    expect![[r#"
        0.00 ann is ready, was logged_out for 0ns
        0.00 b1 of c1 in sales waits: Queue, +371 until 14400.00
        5.00 b1 is refused: the interaction does not wait in a queue
    "#]]
    .assert_eq(&play.log);
}

/// A queue that goes while a customer is dialled and comes back has all its agents for others.
#[test]
fn a_queue_that_comes_back_dials_for_all_its_agents() {
    check(
        "
        queue sales customer-first attempts=1
        agent ann sales
        0 ready ann
        0 callback c1 queue=sales to=+371
        remove queue sales
        1 configure
        2 miss b1 busy
        queue sales customer-first attempts=1
        3 configure
        4 callback c2 queue=sales to=+372
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 b1 of c1 in sales waits: Queue, +371 until 14400.00
            0.00 b1 of c1 in sales is Dialling { attempt: 1 }
            0.00 dial +371 of b1
            2.00 b1 of c1 in sales is Failed
            4.00 b2 of c2 in sales waits: Queue, +372 until 14404.00
            4.00 b2 of c2 in sales is Dialling { attempt: 1 }
            4.00 dial +372 of b2
        "#]],
    );
}

/// Who is called back from one queue and gets through in another needs no callback there either.
#[test]
fn a_callback_that_is_moved_gets_through_where_it_arrives() {
    check(
        "
        queue sales customer-first
        queue help
        agent ann sales
        agent bob help
        agent cat help
        0 callback c1 queue=help to=+371
        1 ready ann
        1 callback c2 queue=sales to=+371
        2 reach b2 c3 +371
        3 move c3 help
        4 ready bob
        4 ready cat
        5 accept 3
        ",
        expect![[r#"
            0.00 b1 of c1 in help waits: Queue, +371 until 14400.00
            1.00 ann is ready, was logged_out for 1s
            1.00 b2 of c2 in sales waits: Queue, +371 until 14401.00
            1.00 b2 of c2 in sales is Dialling { attempt: 1 }
            1.00 dial +371 of b2
            2.00 c3 joins sales at 1
            2.00 offer o1: c3 to ann from sales
            2.00 ann is reserved, was ready for 1s
            3.00 withdraw o1: c3 from ann: Moved
            3.00 ann is ready, was reserved for 1s
            3.00 c3 is moved from sales to help by eve
            4.00 bob is ready, was logged_out for 4s
            4.00 offer o2: b1 to bob from help
            4.00 bob is reserved, was ready for 0ns
            4.00 cat is ready, was logged_out for 4s
            4.00 offer o3: c3 to cat from help
            4.00 cat is reserved, was ready for 0ns
            5.00 connect c3 with cat after 3s, in target
            5.00 cat is busy, was reserved for 1s
            5.00 b2 of c2 in sales is Done
            5.00 withdraw o2: b1 from bob: CustomerLeft
            5.00 bob is ready, was reserved for 1s
            5.00 b1 of c1 in help is GotThrough
        "#]],
    );
}

/// A router is asked about a callback, and the queue closes before it answers.
#[test]
fn an_answer_after_the_queue_has_closed_rings_nobody() {
    check(
        "
        queue sales router=skills
        agent ann sales
        0 ready ann
        1 callback c1 queue=sales to=+371
        1 close sales
        1 reply 1 ann
        2 open sales
        2 reply 2 ann
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 b1 of c1 in sales waits: Queue, +371 until 14401.00
            1.00 ask skills a1 about b1: ann
            1.00 sales closes by eve
            2.00 sales opens by eve
            2.00 ask skills a2 about b1: ann
            2.00 offer o1: b1 to ann from sales by v1
            2.00 ann is reserved, was ready for 2s
        "#]],
    );
}
