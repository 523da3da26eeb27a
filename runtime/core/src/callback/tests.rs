//! What happens to callbacks in, what becomes of them out.

use std::time::Duration;

use expect_test::{Expect, expect};

use super::*;
use crate::CallbackMode;

fn at(seconds: u64) -> Instant {
    Instant::default() + Duration::from_secs(seconds)
}

fn rules() -> CallbackRules {
    CallbackRules {
        after_abandon: None,
        mode: CallbackMode::AgentFirst,
        attempts: 2,
        retry: Duration::from_secs(600),
        deadline: Duration::from_secs(3_600),
        owner_only: Duration::from_secs(900),
    }
}

/// The book, and what was said of it.
#[derive(Default)]
struct Book {
    callbacks: Callbacks,
    log: String,
}

impl Book {
    /// Plays `SECONDS VERB ...`; what is due before comes first.
    fn play(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let seconds: u64 = words[0].parse().unwrap();
        while let Some(due) = self.callbacks.next_deadline().filter(|due| *due <= at(seconds)) {
            while let Some((id, what)) = self.callbacks.due(due) {
                self.log.push_str(&format!("{} b{id} {what:?}\n", due.as_micros() / 1_000_000));
            }
        }
        let now = at(seconds);
        let said = self.verb(now, &words[1..]);
        self.log.push_str(&format!("{line}: {said}\n"));
    }

    fn verb(&mut self, now: Instant, words: &[&str]) -> String {
        let id = |word: &str| CallbackId(word.trim_start_matches('b').parse().unwrap());
        let contact = |word: &str| InteractionId(word.trim_start_matches('c').parse().unwrap());
        let book = &mut self.callbacks;
        match *words {
            ["ask", who, queue, address, ref rest @ ..] => {
                let owner = rest.iter().find_map(|word| word.strip_prefix("owner="));
                let request = CallbackRequest {
                    interaction: contact(who),
                    on_the_line: rest.contains(&"on-the-line"),
                    queue: queue.parse().unwrap(),
                    address: address.to_owned(),
                    origin: CallbackOrigin::Queue,
                    joined: now,
                    options: QueueOptions::default(),
                    owner: owner.map(|owner| owner.parse().unwrap()),
                    deadline: now + rules().deadline,
                };
                match book.request(now, request, &rules(), 3) {
                    // The place is what was asked for.
                    Some((id, state)) => match format!("{state:?}").split_once(", place: ") {
                        Some((said, _)) => format!("b{id} {said} }}"),
                        None => format!("b{id} {state:?}"),
                    },
                    None => "too many".to_owned(),
                }
            }
            ["hangup", who] => format!("in line: {:?}", book.hung_up(contact(who))),
            ["offer", which, agent] => {
                format!("{}", book.offered(now, id(which), &agent.parse().unwrap()))
            }
            ["lose", which] => format!("{}", book.offer_lost(id(which))),
            ["dial", which, ref agent @ ..] => {
                let agent = agent.first().map(|agent| agent.parse().unwrap());
                format!("{:?}", book.dialled(id(which), agent))
            }
            ["reach", which, who] => format!("{:?}", book.reached(id(which), contact(who))),
            ["miss", which] => {
                format!("{:?}", book.not_reached(now, id(which), OfferFailure::NoAnswer))
            }
            ["done", which] => format!("{:?}", book.done(id(which))),
            ["cancel", which] => {
                let cancelled = book.cancelled(id(which), "ann");
                format!("{:?}", cancelled.map(|(was, state)| (was.phase, state)))
            }
            ["through", queue, address, who] => {
                let gone = book.got_through(&queue.parse().unwrap(), address, contact(who));
                format!("{:?}", gone.map(|(id, was)| (id, was.phase)))
            }
            ["wait"] => {
                let open = book.iter().map(|(id, callback)| format!("b{id} {:?}", callback.phase));
                format!("{:?}", open.collect::<Vec<_>>())
            }
            _ => panic!("unknown verb: {words:?}"),
        }
    }
}

#[track_caller]
fn check(script: &str, expected: Expect) {
    let mut book = Book::default();
    script.lines().map(str::trim).filter(|line| !line.is_empty()).for_each(|line| book.play(line));
    expected.assert_eq(&book.log);
}

#[test]
fn agent_first() {
    check(
        "
        0 ask c1 sales +371 on-the-line
        5 offer b1 ann
        9 hangup c1
        20 offer b1 ann
        20 offer b1 bob
        30 lose b1
        40 offer b1 bob
        45 dial b1 bob
        50 reach b1 c2
        50 done b1
        50 wait
        ",
        expect![[r#"
            0 ask c1 sales +371 on-the-line: b1 Waiting { address: "+371", origin: Queue, owner: None, deadline: Instant(3600000000) }
            5 offer b1 ann: false
            9 hangup c1: in line: [CallbackId(1)]
            20 offer b1 ann: true
            20 offer b1 bob: false
            30 lose b1: true
            40 offer b1 bob: true
            45 dial b1 bob: Some(Dialling { attempt: 1 })
            50 reach b1 c2: Some(Some(bob))
            50 done b1: Some(Done)
            50 wait: []
        "#]],
    );
}

#[test]
fn customer_first() {
    check(
        "
        0 ask c1 sales +371
        20 dial b1
        25 reach b1 c2
        30 miss b1
        629 dial b1
        630 dial b1
        640 reach b1 c3
        650 done b1
        ",
        expect![[r#"
            0 ask c1 sales +371: b1 Waiting { address: "+371", origin: Queue, owner: None, deadline: Instant(3600000000) }
            20 dial b1: Some(Dialling { attempt: 1 })
            25 reach b1 c2: Some(None)
            30 miss b1: Some(Retry { at: Instant(630000000), failure: NoAnswer })
            629 dial b1: None
            630 b1 Waiting
            630 dial b1: Some(Dialling { attempt: 2 })
            640 reach b1 c3: Some(None)
            650 done b1: Some(Done)
        "#]],
    );
}

#[test]
fn who_is_not_reached_is_tried_again_and_then_no_more() {
    check(
        "
        0 ask c1 sales +371
        10 offer b1 ann
        10 miss b1
        10 dial b1
        40 miss b1
        40 miss b1
        700 offer b1 ann
        700 dial b1 ann
        730 miss b1
        730 wait
        ",
        expect![[r#"
            0 ask c1 sales +371: b1 Waiting { address: "+371", origin: Queue, owner: None, deadline: Instant(3600000000) }
            10 offer b1 ann: true
            10 miss b1: None
            10 dial b1: Some(Dialling { attempt: 1 })
            40 miss b1: Some(Retry { at: Instant(640000000), failure: NoAnswer })
            40 miss b1: None
            640 b1 Waiting
            700 offer b1 ann: true
            700 dial b1 ann: Some(Dialling { attempt: 2 })
            730 miss b1: Some(Failed)
            730 wait: []
        "#]],
    );
}

#[test]
fn a_customer_has_one_callback_in_a_queue() {
    check(
        "
        0 ask c1 sales +371
        10 ask c2 sales +371 on-the-line
        20 offer b1 ann
        30 ask c3 support +371
        40 hangup c2
        50 offer b1 ann
        55 ask c4 sales +371 on-the-line
        60 dial b1 ann
        65 hangup c4
        70 ask c5 sales +372
        80 ask c6 sales +373
        80 wait
        ",
        expect![[r#"
            0 ask c1 sales +371: b1 Waiting { address: "+371", origin: Queue, owner: None, deadline: Instant(3600000000) }
            10 ask c2 sales +371 on-the-line: b2 Merged { into: CallbackId(1) }
            20 offer b1 ann: false
            30 ask c3 support +371: b3 Waiting { address: "+371", origin: Queue, owner: None, deadline: Instant(3630000000) }
            40 hangup c2: in line: [CallbackId(1)]
            50 offer b1 ann: true
            55 ask c4 sales +371 on-the-line: b4 Merged { into: CallbackId(1) }
            60 dial b1 ann: None
            65 hangup c4: in line: [CallbackId(1)]
            70 ask c5 sales +372: b5 Waiting { address: "+372", origin: Queue, owner: None, deadline: Instant(3670000000) }
            80 ask c6 sales +373: too many
            80 wait: ["b1 Waiting", "b3 Waiting", "b5 Waiting"]
        "#]],
    );
}

#[test]
fn who_gets_through_needs_no_callback() {
    check(
        "
        0 ask c1 sales +371
        1 ask c2 sales +372
        2 ask c3 sales +373 on-the-line
        3 offer b2 ann
        4 dial b2 ann
        5 through sales +371 c4
        6 through sales +372 c5
        7 through sales +373 c3
        8 through support +371 c6
        9 hangup c3
        10 ask c7 sales +371
        11 dial b4
        12 reach b4 c8
        13 through sales +371 c8
        14 done b4
        14 wait
        ",
        expect![[r#"
            0 ask c1 sales +371: b1 Waiting { address: "+371", origin: Queue, owner: None, deadline: Instant(3600000000) }
            1 ask c2 sales +372: b2 Waiting { address: "+372", origin: Queue, owner: None, deadline: Instant(3601000000) }
            2 ask c3 sales +373 on-the-line: b3 Waiting { address: "+373", origin: Queue, owner: None, deadline: Instant(3602000000) }
            3 offer b2 ann: true
            4 dial b2 ann: Some(Dialling { attempt: 1 })
            5 through sales +371 c4: Some((CallbackId(1), Waiting))
            6 through sales +372 c5: Some((CallbackId(2), Dialling(Some(ann))))
            7 through sales +373 c3: Some((CallbackId(3), OnTheLine(0000000000003)))
            8 through support +371 c6: None
            9 hangup c3: in line: []
            10 ask c7 sales +371: b4 Waiting { address: "+371", origin: Queue, owner: None, deadline: Instant(3610000000) }
            11 dial b4: Some(Dialling { attempt: 1 })
            12 reach b4 c8: Some(None)
            13 through sales +371 c8: None
            14 done b4: Some(Done)
            14 wait: []
        "#]],
    );
}

#[test]
fn an_owner_has_it_alone_for_a_while() {
    check(
        "
        0 ask c1 sales +371 owner=ann
        1 offer b1 bob
        2 offer b1 ann
        3 lose b1
        899 offer b1 bob
        900 offer b1 bob
        ",
        expect![[r#"
            0 ask c1 sales +371 owner=ann: b1 Waiting { address: "+371", origin: Queue, owner: Some(ann), deadline: Instant(3600000000) }
            1 offer b1 bob: false
            2 offer b1 ann: true
            3 lose b1: true
            899 offer b1 bob: false
            900 b1 Released
            900 offer b1 bob: true
        "#]],
    );
}

#[test]
fn a_deadline_raises_one_alarm_unless_a_try_is_under_way() {
    check(
        "
        0 ask c1 sales +371
        0 ask c2 sales +372
        3500 dial b2
        3700 miss b2
        4000 offer b1 ann
        9000 wait
        ",
        expect![[r#"
            0 ask c1 sales +371: b1 Waiting { address: "+371", origin: Queue, owner: None, deadline: Instant(3600000000) }
            0 ask c2 sales +372: b2 Waiting { address: "+372", origin: Queue, owner: None, deadline: Instant(3600000000) }
            3500 dial b2: Some(Dialling { attempt: 1 })
            3600 b1 Overdue
            3700 miss b2: Some(Retry { at: Instant(4300000000), failure: NoAnswer })
            3600 b2 Overdue
            4000 offer b1 ann: true
            4300 b2 Waiting
            9000 wait: ["b1 Offered(ann)", "b2 Waiting"]
        "#]],
    );
}

#[test]
fn what_does_not_fit_changes_nothing() {
    check(
        "
        0 lose b1
        0 dial b1
        0 cancel b1
        1 ask c1 sales +371
        1 lose b1
        1 reach b1 c2
        1 done b1
        1 cancel b1
        2 ask c2 sales +371
        2 dial b2
        2 offer b2 ann
        2 cancel b2
        3 ask c3 sales +371
        3 dial b3
        3 reach b3 c4
        3 cancel b3
        4 done b3
        4 miss b3
        ",
        expect![[r#"
            0 lose b1: false
            0 dial b1: None
            0 cancel b1: None
            1 ask c1 sales +371: b1 Waiting { address: "+371", origin: Queue, owner: None, deadline: Instant(3601000000) }
            1 lose b1: false
            1 reach b1 c2: None
            1 done b1: None
            1 cancel b1: Some((Waiting, Cancelled { by: "ann" }))
            2 ask c2 sales +371: b2 Waiting { address: "+371", origin: Queue, owner: None, deadline: Instant(3602000000) }
            2 dial b2: Some(Dialling { attempt: 1 })
            2 offer b2 ann: false
            2 cancel b2: Some((Dialling(None), Cancelled { by: "ann" }))
            3 ask c3 sales +371: b3 Waiting { address: "+371", origin: Queue, owner: None, deadline: Instant(3603000000) }
            3 dial b3: Some(Dialling { attempt: 1 })
            3 reach b3 c4: Some(None)
            3 cancel b3: None
            4 done b3: Some(Done)
            4 miss b3: None
        "#]],
    );
}

/// Whatever happens in whatever order: each callback ends once, its tries are counted, a customer has
/// one, and nothing is left on the agenda of those that are over.
#[test]
fn any_order_of_events_keeps_the_book() {
    let mut ends = BTreeMap::new();
    for seed in 0..300_u64 {
        let mut state = seed;
        let mut draw = |limit: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % limit
        };
        let mut book = Book::default();
        let mut now = 0;
        for contact in 1..80 {
            now += draw(400);
            let open: Vec<CallbackId> = book.callbacks.open.keys().copied().collect();
            let b = open.get(draw(4) as usize).map_or("b999".to_owned(), |id| format!("b{id}"));
            let c = format!("c{}", 1 + draw(contact));
            let (queue, customer) = (["sales", "support"][draw(2) as usize], draw(3));
            let line = match draw(20) {
                0 => format!("ask c{contact} {queue} +{customer} owner=ann"),
                1 => format!("ask c{contact} {queue} +{customer} on-the-line"),
                2 => format!("hangup {c}"),
                3..6 => format!("offer {b} ann"),
                6 => format!("lose {b}"),
                7..10 => format!("dial {b}"),
                10 | 11 => format!("reach {b} c{contact}"),
                12..16 => format!("miss {b}"),
                16 | 17 => format!("done {b}"),
                18 => format!("cancel {b}"),
                _ => format!("through {queue} +{customer} {c}"),
            };
            book.play(&format!("{now} {line}"));
            let Callbacks { open, by_customer, on_the_line, agenda, planned, .. } = &book.callbacks;
            assert_eq!(open.len(), by_customer.len(), "seed {seed}: {}", book.log);
            assert!(open.values().all(|callback| callback.attempts <= callback.rules.attempts));
            assert!(
                planned.len() == agenda.len() && planned.keys().all(|id| open.contains_key(id))
            );
            let held: BTreeSet<CallbackId> = on_the_line.values().flatten().copied().collect();
            let on_the_line = open
                .iter()
                .filter(|(_, callback)| matches!(callback.phase, CallbackPhase::OnTheLine(_)));
            assert_eq!(held, on_the_line.map(|(id, _)| *id).collect(), "seed {seed}: {}", book.log);
        }
        for end in ["Some(Done)", "Some(Failed)", "Cancelled", "Merged", "Overdue", "Released"] {
            *ends.entry(end).or_insert(0) += book.log.matches(end).count();
        }
    }
    // Every kind of end came up.
    assert!(ends.values().all(|number| 20 < *number), "{ends:?}");
}
