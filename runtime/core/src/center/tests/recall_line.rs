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
