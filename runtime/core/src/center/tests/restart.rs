//! What outlives the process: callbacks keep their places, closed queues stay closed.

use expect_test::expect;

use super::check;
use super::recall_property::{Draw, World, event, set_up};
use crate::*;

#[test]
fn callbacks_keep_their_places_over_a_restart() {
    check(
        "
        queue sales
        agent ann sales
        0 arrive c1 +371
        0 enqueue c1 sales
        1 arrive c2 +372
        1 enqueue c2 sales
        2 arrive c3 +373
        2 enqueue c3 sales priority=5
        10 callback c2
        10 complete c2
        11 callback c1
        11 complete c1
        12 callback c3
        12 complete c3
        20 crash
        21 call c4 sales
        22 arrive c5 +371
        22 callback c5 queue=sales
        22 complete c5
        30 ready ann
        31 accept 1
        32 miss b3 busy
        33 accept 2
        34 miss b2 busy
        35 accept 3
        36 miss b1 busy
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            1.00 c2 joins sales at 2
            2.00 c3 joins sales at 1
            10.00 b1 of c2 in sales waits: Queue, +372 until 14410.00
            10.00 c2 leaves sales after 9s: Callback
            10.00 c2 is closed after 9s: Completed
            11.00 b2 of c1 in sales waits: Queue, +371 until 14411.00
            11.00 c1 leaves sales after 11s: Callback
            11.00 c1 is closed after 11s: Completed
            12.00 b3 of c3 in sales waits: Queue, +373 until 14412.00
            12.00 c3 leaves sales after 10s: Callback
            12.00 c3 is closed after 10s: Completed
            20.00 a crash
            21.00 c4 joins sales at 4
            22.00 b4 of c5 in sales is Merged { into: CallbackId(2) }
            22.00 c5 is closed after 0ns: Completed
            30.00 ann is ready, was logged_out for 30s
            30.00 offer o1: b3 to ann from sales
            30.00 ann is reserved, was ready for 0ns
            31.00 b3 of c3 in sales is Dialling { attempt: 1 }
            31.00 dial +373 of b3 for ann
            31.00 ann is busy, was reserved for 1s
            32.00 ann is ready, was busy for 1s
            32.00 b3 of c3 in sales is tried again at 632.00: Busy
            32.00 offer o2: b2 to ann from sales
            32.00 ann is reserved, was ready for 0ns
            33.00 b2 of c1 in sales is Dialling { attempt: 1 }
            33.00 dial +371 of b2 for ann
            33.00 ann is busy, was reserved for 1s
            34.00 ann is ready, was busy for 1s
            34.00 b2 of c1 in sales is tried again at 634.00: Busy
            34.00 offer o3: b1 to ann from sales
            34.00 ann is reserved, was ready for 0ns
            35.00 b1 of c2 in sales is Dialling { attempt: 1 }
            35.00 dial +372 of b1 for ann
            35.00 ann is busy, was reserved for 1s
            36.00 ann is ready, was busy for 1s
            36.00 b1 of c2 in sales is tried again at 636.00: Busy
            36.00 offer o4: c4 to ann from sales
            36.00 ann is reserved, was ready for 0ns
        "#]],
    );
}

#[test]
fn owners_tries_and_alarms_outlive_the_process() {
    check(
        "
        queue sales attempts=2 retry=60 owner=100 deadline=50
        queue help customer-first attempts=2 retry=60
        agent ann sales
        agent bob sales,help
        0 ready bob
        0 callback c1 queue=sales to=+371 owner=ann
        0 callback c2 queue=help to=+372
        1 miss b2 busy
        10 crash
        51 crash
        61 wait
        62 crash
        90 wait
        100 accept 1
        110 crash
        200 wait
        ",
        expect![[r#"
            0.00 bob is ready, was logged_out for 0ns
            0.00 b1 of c1 in sales waits: Queue, +371 by ann until 50.00
            0.00 b2 of c2 in help waits: Queue, +372 until 14400.00
            0.00 b2 of c2 in help is Dialling { attempt: 1 }
            0.00 dial +372 of b2
            1.00 b2 of c2 in help is tried again at 61.00: Busy
            10.00 a crash
            10.00 bob is ready, was logged_out for 10s
            50.00 b1 of c1 in sales is Overdue
            51.00 a crash
            51.00 bob is ready, was logged_out for 51s
            61.00 b2 of c2 in help is Dialling { attempt: 2 }
            61.00 dial +372 of b2
            62.00 a crash
            62.00 bob is ready, was logged_out for 62s
            62.00 b2 of c2 in help is Failed
            100.00 offer o1: b1 to bob from sales
            100.00 bob is reserved, was ready for 38s
            100.00 b1 of c1 in sales is Dialling { attempt: 1 }
            100.00 dial +371 of b1 for bob
            100.00 bob is busy, was reserved for 0ns
            110.00 a crash
            110.00 bob is ready, was logged_out for 110s
            110.00 b1 of c1 in sales is tried again at 170.00: Failed
            170.00 offer o1: b1 to bob from sales
            170.00 bob is reserved, was ready for 60s
            190.00 withdraw o1: b1 from bob: NoAnswer
            190.00 bob is not_ready (no-answer), was reserved for 20s
        "#]],
    );
}

#[test]
fn a_closed_queue_stays_closed_and_calls_nobody() {
    check(
        "
        queue sales customer-first
        agent ann sales
        0 ready ann
        0 close sales we moved
        1 callback c1 queue=sales to=+371
        5 crash
        6 call c2 sales
        10 open sales
        11 crash
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 sales closes by eve
            1.00 b1 of c1 in sales waits: Queue, +371 until 14401.00
            5.00 a crash
            5.00 sales closes by eve
            5.00 ann is ready, was logged_out for 5s
            6.00 c2 joins sales at 2
            6.00 c2 leaves sales after 0ns: Closed, told "we moved"
            10.00 sales opens by eve
            10.00 b1 of c1 in sales is Dialling { attempt: 1 }
            10.00 dial +371 of b1
            11.00 a crash
            11.00 ann is ready, was logged_out for 11s
            11.00 b1 of c1 in sales is tried again at 611.00: Failed
        "#]],
    );
}

/// After a restart at any moment, the callbacks stand in line as they would without it, then and
/// later: place, priority, step of eligibility, tries, alarms.
#[test]
fn a_restart_at_any_step_leaves_the_order_as_without() {
    let config = set_up(
        "queue sales ring=20 retry=30 attempts=3 owner=40 deadline=90 age=25 age-limit=3 \
             step=15,lower,russian:1 step=45,drop,billing
         queue help ring=20 retry=45 attempts=3 customer-first age=35 age-limit=4
         agent ann sales,help
         agent bob sales,help
         agent eve help",
    );
    let mut compared = 0;
    for seed in 0..150 {
        let (mut world, mut draw) = (World::default(), Draw(seed));
        world.tell(Input::Configured { config: config.clone() });
        let steps = 20 + draw.below(100);
        for step in 0..steps {
            world.wait(draw.below(10));
            if let Some(input) = event(&mut world, &mut draw, step) {
                world.tell(input);
            }
        }
        let at = Instant::from_micros(world.now * 1_000_000);
        let mut again = World::default();
        again.now = world.now;
        again.tell(Input::Configured { config: config.clone() });
        let checkpoint = Box::new(world.reader.checkpoint(at));
        again.tell(Input::Restarted { agents: Vec::new(), checkpoint });
        everything_ends(&mut world);
        // What is due at once is done at once.
        world.wait(0);
        again.wait(0);
        for _ in 0..60 {
            let [one, other] = [&world, &again].map(|world| world.center.checkpoint());
            let pairs = one.callbacks.iter().zip(&other.callbacks);
            for (one, other) in pairs {
                assert_eq!(one, other, "seed {seed} at {}", world.now);
            }
            assert_eq!(one, other, "seed {seed} at {}", world.now);
            let (lines, same) = (lines_of(&world.center), lines_of(&again.center));
            assert_eq!(lines, same, "seed {seed} at {}", world.now);
            compared += lines.iter().map(|(_, line)| line.len()).sum::<usize>();
            world.wait(3);
            again.wait(3);
        }
    }
    assert!(10_000 < compared, "{compared}");
}

/// Calls end, agents go home: what a crash does at once.
fn everything_ends(world: &mut World) {
    for agent in ["ann", "bob", "eve"] {
        world.tell(Input::AgentLoggedOut { agent: agent.parse().unwrap() });
    }
    for callback in world.dials.clone() {
        world.tell(Input::CallbackNotReached { callback, failure: OfferFailure::Failed });
    }
    for interaction in world.contacts.clone() {
        let cause = EndCause::CustomerLeft;
        world.tell(Input::InteractionEnded { interaction, cause });
    }
}

/// Who stands in line, with priority and step.
type Line = Vec<(InteractionId, i8, u32)>;

fn lines_of(center: &Center) -> Vec<(QueueId, Line)> {
    let queues = center.snapshot().queues.into_iter();
    let line = |queue: QueueSnapshot| {
        let waiting = queue.waiting.into_iter();
        waiting.map(|one| (one.interaction, one.priority, one.step)).collect()
    };
    queues.map(|(name, queue)| (name, line(queue))).collect()
}
