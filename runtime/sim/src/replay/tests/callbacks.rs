//! Days with callbacks, read from their journals and decided anew.

use jackfield_core::{CallbackMode, CallbackOrigin, CallbackRules, OfferFailure};

use super::super::tape::{Call, Moment, Said};
use super::*;

/// A made day whose abandons are called back: each address is reached at its second try.
fn with_callbacks(seed: u64, mode: CallbackMode) -> Tape {
    let mut tape = made(seed, 120);
    let rules = CallbackRules {
        after_abandon: Some(Duration::from_secs(1)),
        mode,
        retry: Duration::from_secs(120),
        ..CallbackRules::default()
    };
    let mut config = config();
    config.queues.values_mut().for_each(|queue| queue.callbacks = rules.clone());
    tape.fixed[0].1 = Input::Configured { config: Arc::new(config) };
    let callers: Vec<InteractionId> = tape.contacts.keys().copied().collect();
    let root = Seed::new(seed).branch("calls");
    for (number, id) in (0_u64..).zip(callers) {
        let mut dice = root.leaf(number).pcg();
        let address = format!("+4930{number:05}");
        let contact = tape.contacts.get_mut(&id).unwrap();
        contact.ani = Some(address.clone());
        let asked = Input::CallbackRequested {
            interaction: id,
            queue: None,
            address: None,
            origin: CallbackOrigin::Queue,
            owner: None,
            deadline: None,
        };
        if dice.happens(0.2) {
            let (moment, after) = (Moment::Waiting, Duration::from_millis(1 + dice.below(30_000)));
            contact.said.push(Said { stay: 1, moment, after, input: asked });
        }
        let mut back = contact.clone();
        back.said.clear();
        back.called_back = true;
        back.stays[0].lead = Duration::ZERO;
        back.stays[0].talk.as_mut().unwrap().talked = Some(Duration::from_secs(100 + number));
        // Names are in the order of the day, and these are made after all others.
        let called = InteractionId(at(7_300 + number).as_micros());
        let after = Duration::from_micros(3_000_000 + dice.below(9_000_000));
        let calls = vec![
            Call { after, answer: Err(OfferFailure::NoAnswer) },
            Call { after, answer: Ok(called) },
        ];
        for name in ["sales", "service"] {
            tape.calls.insert((queue(name), address.clone()), calls.clone());
        }
        tape.contacts.insert(called, back);
    }
    tape.until = at(40_000);
    tape
}

/// Who was called back is called back again, by the same tries, and talks as long.
#[test]
fn callbacks_of_the_day_are_made_again() {
    for mode in [CallbackMode::AgentFirst, CallbackMode::CustomerFirst] {
        for seed in 1..=6 {
            let tape = with_callbacks(seed, mode);
            let first = || change(Pick { last: false, asked: 0 });
            let records = rerun(&tape, whole(&tape), &mut first(), 1, true).records;
            let read = tape::read(records.clone());
            let of_calls = |end: fn(&Stay) -> bool| {
                let back = read.contacts.values().filter(|contact| contact.called_back);
                back.flat_map(|contact| &contact.stays).filter(|stay| end(stay)).count()
            };
            assert!(5 < of_calls(|stay| stay.talk.is_some()), "{mode:?}, seed {seed}");
            let tries: usize = read.calls.values().map(Vec::len).sum();
            assert!(of_calls(|_| true) < tries, "{mode:?}, seed {seed}: some were not reached");

            let again = rerun(&read, whole(&read), &mut first(), 9, true);
            similar_asserts(&log(&records), &log(&again.records), seed);
            let middle = Span { from: at(1_800), until: read.until };
            let again = rerun(&read, middle, &mut first(), 9, true);
            similar_asserts(&log(&records), &log(&again.records), seed);
        }
    }
}

/// A try that nobody recorded goes as some try did that somebody did.
#[test]
fn a_call_that_is_not_recorded_goes_as_others_went() {
    let mut tape = with_callbacks(2, CallbackMode::AgentFirst);
    let (_, all) = tape.calls.pop_first().unwrap();
    tape.calls = BTreeMap::from([((queue("sales"), "nobody".to_owned()), all)]);
    let records = rerun(&tape, whole(&tape), &mut change(Pick { last: false, asked: 0 }), 1, true);
    let count = |is: fn(&Input) -> bool| records.records.iter().filter(|r| is(&r.input)).count();
    let reached = count(|input| matches!(input, Input::CallbackReached { .. }));
    let missed = count(|input| matches!(input, Input::CallbackNotReached { .. }));
    assert!(5 < reached && 5 < missed, "{reached} reached, {missed} not");
    let late = tape.contacts.last_key_value().unwrap().0;
    let talks = records.outcomes.list.iter().filter(|one| late < &one.interaction);
    assert!(talks.filter(|one| one.talked.is_some()).count() > 5);

    tape.calls.clear();
    let records = rerun(&tape, whole(&tape), &mut change(Pick { last: false, asked: 0 }), 1, true);
    let reached = |r: &&JournalRecord| matches!(r.input, Input::CallbackReached { .. });
    assert_eq!(records.records.iter().filter(reached).count(), 0);
}
