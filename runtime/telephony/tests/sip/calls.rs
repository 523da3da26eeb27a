//! Two of our own endpoints against each other.

use std::sync::Arc;
use std::time::Duration;

use jackfield_telephony::speech::Audio;
use jackfield_telephony::{
    Destination, DialError, DialRequest, Endpoint as _, Hears, Leg, LegEnd, LegError, LegEvent,
    LegId, LineError, MixId, Repeat,
};

use crate::harness::{Phonebook, Subject, next};

fn to(subject: &Subject, user: &str) -> Destination {
    Destination::Uri(format!("sip:{user}@{}", subject.addr()))
}

#[tokio::test]
async fn a_call_is_answered_and_the_caller_hangs_up() {
    let (caller, mut callee) = (Subject::start().await, Subject::start().await);
    let (leg, mut events) = caller.dial(to(&callee, "200")).await;
    let mut call = callee.incoming().await;
    assert_eq!(call.invite.dialled, "200");
    assert_eq!(call.invite.from_user, "100");
    assert_eq!(call.invite.from_name.as_deref(), Some("One \"Hundred\""));
    call.leg.ring().await.unwrap();
    assert_eq!(next(&mut events).await, Some(LegEvent::Ringing));
    call.leg.answer().await.unwrap();
    call.leg.answer().await.unwrap();
    assert_eq!(next(&mut events).await, Some(LegEvent::Answered));
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Answered));
    leg.hang_up();
    leg.hang_up();
    assert_eq!(next(&mut events).await, Some(LegEvent::Ended(LegEnd::LocalHangUp)));
    assert_eq!(next(&mut events).await, None);
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Ended(LegEnd::RemoteHangUp)));
    assert_eq!(call.leg.answer().await, Err(LegError::Ended));
    caller.assert_empty().await;
    callee.assert_empty().await;
}

#[tokio::test]
async fn a_call_over_tcp_is_ended_by_the_callee() {
    let (caller, mut callee) = (Subject::start().await, Subject::start().await);
    let uri = format!("sip:200@{};transport=tcp", callee.addr());
    let (_leg, mut events) = caller.dial(Destination::Uri(uri)).await;
    let call = callee.incoming().await;
    call.leg.answer().await.unwrap();
    assert_eq!(next(&mut events).await, Some(LegEvent::Answered));
    drop(call);
    assert_eq!(next(&mut events).await, Some(LegEvent::Ended(LegEnd::RemoteHangUp)));
    caller.assert_empty().await;
    callee.assert_empty().await;
}

#[tokio::test]
async fn refusals_reach_the_caller() {
    let (caller, mut callee) = (Subject::start().await, Subject::start().await);
    let (_leg, mut events) = caller.dial(to(&callee, "200")).await;
    let mut call = callee.incoming().await;
    call.leg.refuse(486, "Busy Here", None).await;
    let refused = |status, reason: &str| {
        Some(LegEvent::Ended(LegEnd::Refused { status, reason: reason.to_owned() }))
    };
    assert_eq!(next(&mut events).await, refused(486, "Busy Here"));
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Ended(LegEnd::LocalHangUp)));
    let (_leg, mut events) = caller.dial(to(&callee, "nobody")).await;
    assert_eq!(next(&mut events).await, refused(404, "Not Found"));
    let (_leg, mut events) = caller.dial(to(&callee, "200")).await;
    drop(callee.incoming().await);
    assert_eq!(next(&mut events).await, refused(480, "Temporarily Unavailable"));
    caller.assert_empty().await;
    callee.assert_empty().await;
}

#[tokio::test]
async fn a_call_is_cancelled_while_it_rings() {
    let (caller, mut callee) = (Subject::start().await, Subject::start().await);
    let (leg, mut events) = caller.dial(to(&callee, "200")).await;
    let mut call = callee.incoming().await;
    call.leg.ring().await.unwrap();
    assert_eq!(next(&mut events).await, Some(LegEvent::Ringing));
    drop(leg);
    assert_eq!(next(&mut events).await, Some(LegEvent::Ended(LegEnd::LocalHangUp)));
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Ended(LegEnd::RemoteHangUp)));
    caller.assert_empty().await;
    callee.assert_empty().await;
}

#[tokio::test]
async fn credentials_are_asked_for_and_given() {
    let caller = Subject::start().await;
    let book = Phonebook { challenge: true, ..Phonebook::default() };
    let mut callee = Subject::with(|_, _| (), book).await;
    // Many within one second: each must get a nonce of its own.
    for _ in 0..5 {
        let (_leg, mut events) = caller.dial(to(&callee, "200")).await;
        let call = callee.incoming().await;
        assert_eq!(call.invite.authenticated.as_deref(), Some("alice"));
        call.leg.answer().await.unwrap();
        assert_eq!(next(&mut events).await, Some(LegEvent::Answered));
    }
    caller.assert_empty().await;
}

#[tokio::test]
async fn hold_and_back() {
    let (caller, mut callee) = (Subject::start().await, Subject::start().await);
    let (leg, mut events) = caller.dial(to(&callee, "200")).await;
    let mut call = callee.incoming().await;
    call.leg.answer().await.unwrap();
    assert_eq!(next(&mut events).await, Some(LegEvent::Answered));
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Answered));
    leg.hold(true).await.unwrap();
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Held));
    leg.hold(false).await.unwrap();
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Resumed));
    call.leg.hold(true).await.unwrap();
    assert_eq!(next(&mut events).await, Some(LegEvent::Held));
}

#[tokio::test]
async fn digits_cross_a_real_media_path() {
    let (caller, mut callee) = (Subject::start().await, Subject::start().await);
    let (leg, mut events) = caller.dial(to(&callee, "200")).await;
    let mut call = callee.incoming().await;
    call.leg.answer().await.unwrap();
    assert_eq!(next(&mut events).await, Some(LegEvent::Answered));
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Answered));
    leg.send_digits("15#").unwrap();
    for digit in ['1', '5', '#'] {
        assert_eq!(next(&mut call.events).await, Some(LegEvent::Digit(digit)));
    }
    assert!(matches!(leg.send_digits("x"), Err(LegError::NotPossible(_))));
}

#[tokio::test]
async fn what_cannot_be_dialled_is_said_at_once() {
    let subject = Subject::start().await;
    let dial = async |to| {
        let request = DialRequest {
            to,
            from: "sip:100@127.0.0.1".to_owned(),
            from_name: None,
            credentials: None,
            headers: Vec::new(),
        };
        subject.endpoint.dial(request).await.err()
    };
    let missing = dial(Destination::Registered("200".to_owned())).await;
    assert!(matches!(missing, Some(DialError::NotRegistered(user)) if user == "200"));
    for bad in ["", "nonsense", "sip:", "tel:123", "sips:a@127.0.0.1"] {
        let error = dial(Destination::Uri(bad.to_owned())).await;
        assert!(matches!(error, Some(DialError::BadAddress(_))), "{bad}: {error:?}");
    }
    subject.assert_empty().await;
}

#[tokio::test]
async fn nothing_is_left_of_many_calls() {
    let (caller, mut callee) = (Subject::start().await, Subject::start().await);
    for round in 0..60 {
        let (leg, mut events) = caller.dial(to(&callee, "200")).await;
        let call = callee.incoming().await;
        if round % 3 > 0 {
            call.leg.answer().await.unwrap();
            assert_eq!(next(&mut events).await, Some(LegEvent::Answered));
        }
        if round % 2 == 0 {
            drop(leg)
        } else {
            drop(call)
        }
        loop {
            if let Some(LegEvent::Ended(_)) = next(&mut events).await {
                break;
            }
        }
    }
    caller.assert_empty().await;
    callee.assert_empty().await;
}

#[tokio::test]
async fn shutting_down_refuses_and_hangs_up() {
    let (caller, mut callee) = (Subject::start().await, Subject::start().await);
    let (_leg, mut events) = caller.dial(to(&callee, "200")).await;
    let call = callee.incoming().await;
    call.leg.answer().await.unwrap();
    assert_eq!(next(&mut events).await, Some(LegEvent::Answered));
    let endpoint = callee.endpoint.clone();
    let done = tokio::spawn(async move { endpoint.shut_down(Duration::from_millis(400)).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let (_late, mut late) = caller.dial(to(&callee, "200")).await;
    assert!(matches!(
        next(&mut late).await,
        Some(LegEvent::Ended(LegEnd::Refused { status: 503, .. }))
    ));
    assert_eq!(next(&mut events).await, Some(LegEvent::Ended(LegEnd::RemoteHangUp)));
    done.await.unwrap();
}

/// Whether something is heard, or else silence, within a few seconds.
async fn hears(leg: &Arc<dyn Leg>, sound: bool) -> bool {
    for _ in 0..100 {
        if (leg.level() > 1000) == sound {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    false
}

#[tokio::test]
async fn bridged_parties_hear_each_other_until_they_are_parted() {
    let mut hub = Subject::start().await;
    let (one, other) = (Subject::start().await, Subject::start().await);
    let (first, mut first_events) = one.dial(to(&hub, "200")).await;
    let first_call = hub.incoming().await;
    let (second, mut second_events) = other.dial(to(&hub, "200")).await;
    let second_call = hub.incoming().await;
    let early = hub.endpoint.bridge(first_call.leg.id(), second_call.leg.id());
    assert!(matches!(early, Err(LegError::NotPossible(_))));
    for call in [&first_call, &second_call] {
        call.leg.answer().await.unwrap();
    }
    assert_eq!(next(&mut first_events).await, Some(LegEvent::Answered));
    assert_eq!(next(&mut second_events).await, Some(LegEvent::Answered));
    hub.endpoint.bridge(first_call.leg.id(), second_call.leg.id()).unwrap();
    let square = (0..8000).map(|at| if at % 20 < 10 { 8000 } else { -8000 }).collect();
    let tone = Arc::new(Audio::from_samples(square));
    assert!(hears(&second, false).await);
    first.play(tone.clone(), Repeat::Forever);
    assert!(hears(&second, true).await, "the second hears the first");
    first.stop_playing();
    assert!(hears(&second, false).await);
    second.play(tone.clone(), Repeat::Forever);
    assert!(hears(&first, true).await, "the first hears the second");
    // On hold the party is sent nothing of the other's.
    first.hold(true).await.unwrap();
    first.hold(false).await.unwrap();
    assert!(hears(&first, true).await, "and again after hold");
    hub.endpoint.unbridge(first_call.leg.id());
    assert!(hears(&first, false).await, "parted");
    second.hang_up();
    drop((first, first_call, second_call));
    for subject in [&hub, &one, &other] {
        subject.assert_empty().await;
    }
    let gone = hub.endpoint.bridge(LegId(1), LegId(2));
    assert_eq!(gone, Err(LegError::Ended));
}

#[tokio::test]
async fn three_calls_are_mixed_as_planned() {
    const MIX: MixId = MixId(1);
    let mut hub = Subject::start().await;
    let mut parties = Vec::new();
    for _ in 0..3 {
        let subject = Subject::start().await;
        let (leg, mut events) = subject.dial(to(&hub, "200")).await;
        let call = hub.incoming().await;
        call.leg.answer().await.unwrap();
        assert_eq!(next(&mut events).await, Some(LegEvent::Answered));
        parties.push((subject, leg, call));
    }
    let legs: Vec<LegId> = parties.iter().map(|(_, _, call)| call.leg.id()).collect();
    let hears_all = |leg: usize, heard: &[usize]| Hears {
        leg: legs[leg],
        hears: heard.iter().map(|&other| legs[other]).collect(),
    };
    // The third listens to the first two, who hear each other.
    let plan = [hears_all(0, &[1]), hears_all(1, &[0]), hears_all(2, &[0, 1])];
    hub.endpoint.mix(MIX, &plan).unwrap();
    let square = (0..8000).map(|at| if at % 20 < 10 { 8000 } else { -8000 }).collect();
    let tone = Arc::new(Audio::from_samples(square));
    let [(_, first, _), (_, second, _), (_, third, _)] = &parties[..] else { panic!("three") };
    first.play(tone.clone(), Repeat::Forever);
    assert!(hears(second, true).await && hears(third, true).await);
    assert!(hears(first, false).await);
    first.stop_playing();
    assert!(hears(second, false).await && hears(third, false).await);
    third.play(tone, Repeat::Forever);
    assert!(hears(first, false).await, "who listens is not heard");
    hub.endpoint.mix(MIX, &[hears_all(0, &[1, 2]), hears_all(1, &[0])]).unwrap();
    assert!(hears(first, true).await && hears(second, false).await);
    hub.endpoint.mix(MIX, &[]).unwrap();
    assert!(hears(first, false).await, "the mix is over");

    let many = Hears { leg: legs[0], hears: (100..108).map(LegId).collect() };
    for wrong in [vec![hears_all(0, &[0])], vec![plan[0].clone(), plan[0].clone()], vec![many]] {
        assert!(matches!(hub.endpoint.mix(MIX, &wrong), Err(LegError::NotPossible(_))));
    }
    let gone = Hears { leg: legs[0], hears: vec![LegId(u64::MAX)] };
    assert_eq!(hub.endpoint.mix(MIX, &[gone]), Err(LegError::Ended));
    assert_eq!(hub.endpoint.open_line().err(), Some(LineError::Disabled));
}
