//! Calls and the lines of agents' browsers.

use std::sync::Arc;
use std::time::Duration;

use jackfield_telephony::speech::Audio;
use jackfield_telephony::{
    Destination, Endpoint as _, Leg, LegEnd, LegEvent, LineEnd, LineEvent, Repeat,
};
use tokio::time::timeout;

use crate::browser::{Browser, Voice};
use crate::harness::{PATIENCE, Subject, next};

async fn until(what: &str, so: impl Fn() -> bool) {
    let waiting = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("{what}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_line_has_many_calls() {
    let mut hub = Subject::with_lines().await;
    let customer = Subject::start().await;
    let (line, mut events) = hub.endpoint.open_line().unwrap();
    let mut browser = Browser::new(Voice::Opus, 400, true);
    browser.talk(&line.connect(&browser.offer).await.unwrap());
    let connected = timeout(PATIENCE, events.recv()).await.expect("connected in time");
    assert_eq!(connected, Some(LineEvent::Connected));
    let leg: Arc<dyn Leg> = line.clone();
    let square = (0..8000).map(|at| if at % 20 < 10 { 8000 } else { -8000 }).collect();
    let tone = Arc::new(Audio::from_samples(square));
    for _ in 0..2 {
        let to = Destination::Uri(format!("sip:200@{}", hub.addr()));
        let (call, mut call_events) = customer.dial(to).await;
        let mut incoming = hub.incoming().await;
        incoming.leg.answer().await.unwrap();
        assert_eq!(next(&mut call_events).await, Some(LegEvent::Answered));
        assert_eq!(next(&mut incoming.events).await, Some(LegEvent::Answered));
        hub.endpoint.bridge(incoming.leg.id(), leg.id()).unwrap();
        until("the customer hears the agent", || call.level() > 1000).await;
        browser.forget();
        call.play(Arc::clone(&tone), Repeat::Forever);
        let loud = || browser.heard().iter().filter(|sample| sample.abs() > 4000).count() > 2000;
        until("the agent hears the customer", loud).await;
        call.hang_up();
        assert_eq!(next(&mut incoming.events).await, Some(LegEvent::Ended(LegEnd::RemoteHangUp)));
    }
    assert!(events.try_recv().is_err(), "the line knows nothing of calls");
    hub.assert_empty().await;
    assert_eq!(hub.endpoint.counters().lines, 1);
    hub.endpoint.shut_down(Duration::ZERO).await;
    let closed = timeout(PATIENCE, events.recv()).await.expect("closed in time");
    assert_eq!(closed, Some(LineEvent::Closed(LineEnd::Closed)));
}
