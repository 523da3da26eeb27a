//! What time ends: answers nobody acknowledges, sessions nobody refreshes, calls nobody takes.

use std::time::Duration;

use jackfield_telephony::{Destination, Endpoint as _, LegEnd, LegEvent};

use crate::harness::{Peer, SDP, Subject, T1, header, next};

#[tokio::test]
async fn an_answer_is_repeated_until_its_ack() {
    let mut subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let mut script = peer.script();
    peer.send(&script.invite(1, "", SDP)).await;
    let mut call = subject.incoming().await;
    call.leg.answer().await.unwrap();
    let first = peer.expect("SIP/2.0 200").await;
    assert_eq!(peer.expect("SIP/2.0 200").await, first);
    assert_eq!(peer.expect("SIP/2.0 200").await, first);
    script.take_tag(&first);
    peer.send(&script.ack(1, "")).await;
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Answered));
    while peer.within(T1 * 12).await.is_some_and(|(text, _)| text == first) {
        // At most what was on its way.
        assert!(peer.within(T1 * 12).await.is_none());
    }
}

#[tokio::test]
async fn an_answer_nobody_acknowledges_ends_the_call() {
    let mut subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    peer.send(&peer.script().invite(1, "", SDP)).await;
    let mut call = subject.incoming().await;
    call.leg.answer().await.unwrap();
    let end = next(&mut call.events).await;
    let lost = "the answer was not acknowledged".to_owned();
    assert_eq!(end, Some(LegEvent::Ended(LegEnd::Failed(lost))));
    peer.skip_to("BYE ").await;
    subject.assert_empty().await;
}

#[tokio::test]
async fn hanging_up_before_the_ack_waits_with_the_bye() {
    let mut subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let mut script = peer.script();
    peer.send(&script.invite(1, "", SDP)).await;
    let mut call = subject.incoming().await;
    call.leg.answer().await.unwrap();
    call.leg.hang_up();
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Ended(LegEnd::LocalHangUp)));
    assert_eq!(subject.endpoint.counters().legs, 0);
    script.take_tag(&peer.expect("SIP/2.0 200").await);
    peer.send(&script.ack(1, "")).await;
    peer.skip_to("BYE ").await;
    subject.assert_empty().await;
}

#[tokio::test]
async fn nobody_responds() {
    let subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let (_leg, mut events) = subject.dial(Destination::Uri(format!("sip:200@{}", peer.addr))).await;
    assert_eq!(next(&mut events).await, Some(LegEvent::Ended(LegEnd::NoResponse)));
    let refused = Destination::Uri("sip:200@127.0.0.1:1;transport=tcp".to_owned());
    let (_leg, mut events) = subject.dial(refused).await;
    assert!(matches!(next(&mut events).await, Some(LegEvent::Ended(LegEnd::Failed(_)))));
    subject.assert_empty().await;
}

#[tokio::test]
async fn media_that_stops_ends_the_call() {
    let mut subject =
        Subject::with(|_, rtp| rtp.timeout = Duration::from_millis(600), Default::default()).await;
    let peer = Peer::new(subject.addr()).await;
    let mut script = peer.script();
    peer.send(&script.invite(1, "", SDP)).await;
    let mut call = subject.incoming().await;
    call.leg.answer().await.unwrap();
    script.take_tag(&peer.expect("SIP/2.0 200").await);
    peer.send(&script.ack(1, "")).await;
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Answered));
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Ended(LegEnd::MediaTimeout)));
    peer.skip_to("BYE ").await;
    subject.assert_empty().await;
}

#[tokio::test]
async fn a_session_too_short_is_refused_and_a_silent_peer_is_hung_up_on() {
    let change = |sip: &mut jackfield_telephony::SipConfig, _: &mut _| {
        sip.session_expires = Duration::from_secs(60);
        sip.min_session_expires = Duration::from_secs(2);
    };
    let mut subject = Subject::with(change, Default::default()).await;
    let peer = Peer::new(subject.addr()).await;
    let brief = peer.script();
    peer.send(&brief.invite(1, "Supported: timer\r\nSession-Expires: 1\r\n", SDP)).await;
    let refused = peer.expect("SIP/2.0 422").await;
    assert_eq!(header(&refused, "Min-SE"), "2");
    peer.send(&brief.ack_failure(1, &refused)).await;

    let mut script = peer.script();
    peer.send(&script.invite(1, "Supported: timer\r\nSession-Expires: 3\r\n", SDP)).await;
    let mut call = subject.incoming().await;
    call.leg.answer().await.unwrap();
    let answer = peer.expect("SIP/2.0 200").await;
    assert_eq!(header(&answer, "Session-Expires"), "3;refresher=uac");
    assert_eq!(header(&answer, "Require"), "timer");
    script.take_tag(&answer);
    peer.send(&script.ack(1, "")).await;
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Answered));
    tokio::time::sleep(Duration::from_millis(1200)).await;
    let refresh = "Supported: timer\r\nSession-Expires: 3;refresher=uac\r\n";
    peer.send(&script.request("UPDATE", 2, refresh, "")).await;
    peer.expect("SIP/2.0 200").await;
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Ended(LegEnd::SessionExpired)));
    peer.skip_to("BYE ").await;
    subject.assert_empty().await;
}

#[tokio::test]
async fn we_refresh_by_update_or_by_a_new_invite() {
    for (allow, method) in [("Allow: INVITE, UPDATE\r\n", "UPDATE "), ("", "INVITE ")] {
        let change = |sip: &mut jackfield_telephony::SipConfig, _: &mut _| {
            sip.session_expires = Duration::from_secs(2);
        };
        let subject = Subject::with(change, Default::default()).await;
        let peer = Peer::new(subject.addr()).await;
        let (_leg, mut events) =
            subject.dial(Destination::Uri(format!("sip:200@{}", peer.addr))).await;
        let (invite, from) = peer.expect_from("INVITE ").await;
        assert_eq!(header(&invite, "Session-Expires"), "2");
        // It wants longer than that.
        peer.respond(&invite, from, "422 Small", "x", "Min-SE: 3\r\n", "").await;
        peer.skip_to("ACK ").await;
        let (invite, from) = peer.expect_from("INVITE ").await;
        assert_eq!(header(&invite, "Session-Expires"), "3");
        assert_eq!(header(&invite, "Min-SE"), "3");
        let agreed = format!(
            "{}{allow}Require: timer\r\nSession-Expires: 3;refresher=uac\r\n",
            peer.contact()
        );
        peer.respond(&invite, from, "200 OK", "one", &agreed, SDP).await;
        peer.skip_to("ACK ").await;
        assert_eq!(next(&mut events).await, Some(LegEvent::Answered));
        let (refresh, from) = peer.expect_from(method).await;
        assert_eq!(header(&refresh, "Session-Expires"), "3;refresher=uac");
        let body = if method == "INVITE " { SDP } else { "" };
        peer.respond(&refresh, from, "200 OK", "", &agreed, body).await;
        // The next one is refused: the peer has forgotten the call.
        let (refresh, from) = loop {
            let (text, from) = peer.receive().await;
            if text.starts_with(method) {
                break (text, from);
            }
        };
        peer.respond(&refresh, from, "481 Gone", "", "", "").await;
        assert_eq!(next(&mut events).await, Some(LegEvent::Ended(LegEnd::SessionExpired)));
        peer.skip_to("BYE ").await;
        subject.assert_empty().await;
    }
}

#[tokio::test]
async fn a_cancelled_call_whose_peer_falls_silent_is_forgotten() {
    let subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let (leg, mut events) = subject.dial(Destination::Uri(format!("sip:200@{}", peer.addr))).await;
    let (invite, from) = peer.expect_from("INVITE ").await;
    peer.respond(&invite, from, "180 Ringing", "one", &peer.contact(), "").await;
    assert_eq!(next(&mut events).await, Some(LegEvent::Ringing));
    drop(leg);
    assert_eq!(next(&mut events).await, Some(LegEvent::Ended(LegEnd::LocalHangUp)));
    peer.skip_to("CANCEL ").await;
    tokio::time::sleep(T1 * 64).await;
    subject.assert_empty().await;
}
