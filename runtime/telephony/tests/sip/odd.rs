//! Odd cases, in literal SIP.

use jackfield_telephony::{Destination, Endpoint as _, IncomingCall, LegEnd, LegError, LegEvent};

use crate::harness::{Peer, SDP, Script, Subject, T1, header, next};

/// A call from the peer, answered and acknowledged.
async fn up(subject: &mut Subject, peer: &Peer, extra: &str) -> (Script, IncomingCall) {
    let mut script = peer.script();
    peer.send(&script.invite(1, extra, SDP)).await;
    let mut call = subject.incoming().await;
    call.leg.answer().await.unwrap();
    let answer = peer.expect("SIP/2.0 200").await;
    script.take_tag(&answer);
    peer.send(&script.ack(1, "")).await;
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Answered));
    (script, call)
}

#[tokio::test]
async fn a_cancel_ends_the_call_and_a_late_one_changes_nothing() {
    let mut subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let script = peer.script();
    peer.send(&script.invite(1, "", SDP)).await;
    let mut call = subject.incoming().await;
    peer.send(&script.cancel(1)).await;
    let ok = peer.expect("SIP/2.0 200").await;
    assert_eq!(header(&ok, "CSeq"), "1 CANCEL");
    let terminated = peer.expect("SIP/2.0 487").await;
    peer.send(&script.ack_failure(1, &terminated)).await;
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Ended(LegEnd::RemoteHangUp)));
    assert_eq!(call.leg.answer().await, Err(LegError::Ended));

    let mut late = peer.script();
    peer.send(&late.invite(1, "", SDP)).await;
    let call = subject.incoming().await;
    call.leg.answer().await.unwrap();
    let answer = peer.expect("SIP/2.0 200").await;
    late.take_tag(&answer);
    let mut cancel = late.clone();
    cancel.to_tag = None;
    peer.send(&cancel.cancel(1)).await;
    let ok = peer.skip_to("SIP/2.0 200").await;
    assert!(header(&ok, "CSeq").ends_with("CANCEL") || header(&ok, "CSeq").ends_with("INVITE"));
    peer.send(&late.ack(1, "")).await;
    peer.send(&late.request("BYE", 2, "", "")).await;
    while !header(&peer.skip_to("SIP/2.0 200").await, "CSeq").ends_with("BYE") {}
    drop(call);
    subject.assert_empty().await;
}

#[tokio::test]
async fn bye_before_the_answer_and_before_the_ack() {
    let mut subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let mut early = peer.script();
    peer.send(&early.invite(1, "", SDP)).await;
    let mut call = subject.incoming().await;
    call.leg.ring().await.unwrap();
    early.take_tag(&peer.expect("SIP/2.0 180").await);
    peer.send(&early.request("BYE", 2, "", "")).await;
    assert_eq!(header(&peer.expect("SIP/2.0 200").await, "CSeq"), "2 BYE");
    let terminated = peer.expect("SIP/2.0 487").await;
    peer.send(&early.ack_failure(1, &terminated)).await;
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Ended(LegEnd::RemoteHangUp)));

    let mut unacked = peer.script();
    peer.send(&unacked.invite(1, "", SDP)).await;
    let mut call = subject.incoming().await;
    call.leg.answer().await.unwrap();
    unacked.take_tag(&peer.expect("SIP/2.0 200").await);
    peer.send(&unacked.request("BYE", 2, "", "")).await;
    while header(&peer.skip_to("SIP/2.0 200").await, "CSeq") != "2 BYE" {}
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Ended(LegEnd::RemoteHangUp)));
    subject.assert_empty().await;
}

#[tokio::test]
async fn a_repeated_invite_is_one_call_and_a_merged_one_is_refused() {
    let mut subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let script = peer.script();
    let invite = script.invite(1, "", SDP);
    peer.send(&invite).await;
    let call = subject.incoming().await;
    call.leg.ring().await.unwrap();
    let first = peer.expect("SIP/2.0 180").await;
    peer.send(&invite).await;
    assert_eq!(peer.expect("SIP/2.0 180").await, first);
    peer.send(&script.request_by("INVITE", "INVITE", 1, "z9hG4bK-other-way", "", SDP)).await;
    peer.expect("SIP/2.0 482").await;
    assert_eq!(subject.endpoint.counters().legs, 1);
    drop(call);
    peer.skip_to("SIP/2.0 480").await;
    subject.assert_empty().await;
}

#[tokio::test]
async fn an_invite_without_an_offer_gets_ours() {
    let mut subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let mut script = peer.script();
    peer.send(&script.invite(1, "", "")).await;
    let mut call = subject.incoming().await;
    call.leg.answer().await.unwrap();
    let answer = peer.expect("SIP/2.0 200").await;
    assert!(answer.contains("RTP/AVP 0 8 101\r\n"), "{answer}");
    script.take_tag(&answer);
    peer.send(&script.ack(1, SDP)).await;
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Answered));

    let mut bad = peer.script();
    peer.send(&bad.invite(1, "", "")).await;
    let mut call = subject.incoming().await;
    call.leg.answer().await.unwrap();
    bad.take_tag(&peer.expect("SIP/2.0 200").await);
    peer.send(&bad.ack(1, "")).await;
    peer.skip_to("BYE ").await;
    assert!(matches!(next(&mut call.events).await, Some(LegEvent::Ended(LegEnd::Failed(_)))));
}

#[tokio::test]
async fn what_we_do_not_take_is_said_why() {
    let subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let ask = async |method: &str, extra: &str, body: &str| {
        let script = peer.script();
        peer.send(&script.request(method, 1, extra, body)).await;
        let (text, _) = peer.receive().await;
        if method == "INVITE" {
            peer.send(&script.ack_failure(1, &text)).await;
        }
        text
    };
    let video = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
                 m=audio 40000 RTP/AVP 9\r\n";
    let refused = ask("INVITE", "", video).await;
    assert!(refused.starts_with("SIP/2.0 488"), "{refused}");
    assert!(header(&refused, "Warning").starts_with("305 127.0.0.1"), "{refused}");
    let refused = ask("INVITE", "Require: 100rel, magic\r\n", SDP).await;
    assert!(refused.starts_with("SIP/2.0 420"), "{refused}");
    assert_eq!(header(&refused, "Unsupported"), "100rel, magic");
    let refused = ask("INVITE", "Content-Type: text/plain\r\n", "hello").await;
    assert!(refused.starts_with("SIP/2.0 415"), "{refused}");
    let options = ask("OPTIONS", "", "").await;
    assert!(options.starts_with("SIP/2.0 200"), "{options}");
    assert!(header(&options, "Allow").contains("INVITE"), "{options}");
    for (method, status) in [
        ("SUBSCRIBE", "489"),
        ("PUBLISH", "489"),
        ("MESSAGE", "405"),
        ("BYE", "481"),
        ("DANCE", "501"),
        ("REFER", "603"),
    ] {
        let answer = ask(method, "", "").await;
        assert!(answer.starts_with(&format!("SIP/2.0 {status}")), "{method}: {answer}");
    }
    let mut orphan = peer.script();
    orphan.to_tag = Some("0123456789abcdef".to_owned());
    peer.send(&orphan.request("BYE", 2, "", "")).await;
    peer.expect("SIP/2.0 481").await;
    subject.assert_empty().await;
}

#[tokio::test]
async fn too_much_is_refused_at_once() {
    let mut subject = Subject::with(|sip, _| sip.max_calls = 1, Default::default()).await;
    let peer = Peer::new(subject.addr()).await;
    peer.send(&peer.script().invite(1, "", SDP)).await;
    let call = subject.incoming().await;
    let late = peer.script();
    peer.send(&late.invite(1, "", SDP)).await;
    let refused = peer.expect("SIP/2.0 503").await;
    assert_eq!(header(&refused, "Retry-After"), "7");
    peer.send(&late.ack_failure(1, &refused)).await;
    assert_eq!(subject.endpoint.counters().overloaded, 1);
    drop(call);
    subject.assert_empty().await;

    let mut slow = Subject::with(|sip, _| sip.max_calls_per_second = 2, Default::default()).await;
    let peer = Peer::new(slow.addr()).await;
    let mut calls = Vec::new();
    for _ in 0..2 {
        peer.send(&peer.script().invite(1, "", SDP)).await;
        calls.push(slow.incoming().await);
    }
    peer.send(&peer.script().invite(1, "", SDP)).await;
    peer.expect("SIP/2.0 503").await;
}

#[tokio::test]
async fn hold_by_the_party_is_answered_by_direction() {
    let mut subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let (script, mut call) = up(&mut subject, &peer, "").await;
    for (cseq, offered, answered, event) in [
        (2, "sendonly", "recvonly", Some(LegEvent::Held)),
        (3, "inactive", "inactive", None),
        (4, "sendrecv", "sendrecv", Some(LegEvent::Resumed)),
    ] {
        let body = format!("{SDP}a={offered}\r\n");
        peer.send(&script.invite(cseq, "", &body)).await;
        let answer = peer.expect("SIP/2.0 200").await;
        assert!(answer.ends_with(&format!("a={answered}\r\n")), "{offered}: {answer}");
        peer.send(&script.ack(cseq, "")).await;
        if event.is_some() {
            assert_eq!(next(&mut call.events).await, event);
        }
    }
    let body = format!("{SDP}a=sendonly\r\n");
    peer.send(&script.request("UPDATE", 5, "", &body)).await;
    assert!(peer.expect("SIP/2.0 200").await.ends_with("a=recvonly\r\n"));
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Held));
    // Without an offer the answer carries ours.
    peer.send(&script.invite(6, "", "")).await;
    let offer = peer.expect("SIP/2.0 200").await;
    assert!(offer.contains("m=audio"), "{offer}");
    peer.send(&script.ack(6, SDP)).await;
    // Out of order.
    peer.send(&script.request("INFO", 3, "", "")).await;
    peer.expect("SIP/2.0 500").await;
}

#[tokio::test]
async fn crossing_offers_are_told_apart_and_ours_is_repeated() {
    let mut subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let (script, call) = up(&mut subject, &peer, "").await;
    let leg = call.leg.clone();
    let holding = tokio::spawn(async move { leg.hold(true).await });
    let (ours, from) = peer.expect_from("INVITE ").await;
    assert!(ours.ends_with("a=sendonly\r\n"), "{ours}");
    // Ours is under way: theirs is refused, and they refuse ours.
    peer.send(&script.invite(2, "", SDP)).await;
    let refused = peer.skip_to("SIP/2.0 491").await;
    peer.send(&script.ack_failure(2, &refused)).await;
    peer.respond(&ours, from, "491 Request Pending", "", "", "").await;
    peer.skip_to("ACK ").await;
    // The callee of the call waits less than two seconds (RFC 3261 §14.1).
    let (again, from) = peer.expect_from("INVITE ").await;
    assert_ne!(header(&again, "CSeq"), header(&ours, "CSeq"));
    let body = format!("{SDP}a=recvonly\r\n");
    peer.respond(&again, from, "200 OK", "", &peer.contact(), &body).await;
    peer.skip_to("ACK ").await;
    assert_eq!(holding.await.unwrap(), Ok(()));
}

#[tokio::test]
async fn digits_come_and_go_by_info() {
    let mut subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let mut script = peer.script();
    let body = SDP.replace(" 101\r\na=rtpmap:101 telephone-event/8000", "");
    peer.send(&script.invite(1, "", &body)).await;
    let mut call = subject.incoming().await;
    call.leg.answer().await.unwrap();
    script.take_tag(&peer.expect("SIP/2.0 200").await);
    peer.send(&script.ack(1, "")).await;
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Answered));
    let relay = "Content-Type: application/dtmf-relay\r\n";
    peer.send(&script.request("INFO", 2, relay, "Signal=5\r\nDuration=160\r\n")).await;
    peer.expect("SIP/2.0 200").await;
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Digit('5')));
    peer.send(&script.request("INFO", 3, "Content-Type: application/dtmf\r\n", "#")).await;
    peer.expect("SIP/2.0 200").await;
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Digit('#')));
    peer.send(&script.request("INFO", 4, "Content-Type: text/plain\r\n", "x")).await;
    peer.expect("SIP/2.0 415").await;
    call.leg.send_digits("1*").unwrap();
    for signal in ["Signal=1", "Signal=*"] {
        let (info, from) = peer.expect_from("INFO ").await;
        assert!(info.contains(signal), "{info}");
        peer.respond(&info, from, "200 OK", "", "", "").await;
    }
}

#[tokio::test]
async fn a_transfer_is_told_once() {
    let mut subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let (script, mut call) = up(&mut subject, &peer, "").await;
    let refer = async |peer: &Peer| {
        let leg = call.leg.clone();
        let task = tokio::spawn(async move { leg.transfer("sip:300@127.0.0.1").await });
        let (refer, from) = peer.expect_from("REFER ").await;
        assert_eq!(header(&refer, "Refer-To"), "<sip:300@127.0.0.1>");
        (task, refer, from)
    };
    let notify = |cseq, state: &str, line: &str| {
        let extra = format!(
            "Event: refer\r\nSubscription-State: {state}\r\nContent-Type: message/sipfrag\r\n"
        );
        script.request("NOTIFY", cseq, &extra, line)
    };
    let (task, refused, from) = refer(&peer).await;
    peer.respond(&refused, from, "603 Decline", "", "", "").await;
    let refusal = |status, reason: &str| LegError::Refused { status, reason: reason.to_owned() };
    assert_eq!(task.await.unwrap(), Err(refusal(603, "Decline")));

    let (task, taken, from) = refer(&peer).await;
    peer.respond(&taken, from, "202 Accepted", "", "", "").await;
    peer.send(&notify(2, "active", "SIP/2.0 180 Ringing")).await;
    peer.expect("SIP/2.0 200").await;
    peer.send(&notify(3, "terminated;reason=noresource", "SIP/2.0 486 Busy Here")).await;
    peer.expect("SIP/2.0 200").await;
    assert_eq!(task.await.unwrap(), Err(refusal(486, "Busy Here")));

    let (task, taken, from) = refer(&peer).await;
    peer.respond(&taken, from, "202 Accepted", "", "", "").await;
    peer.send(&notify(4, "terminated;reason=noresource", "SIP/2.0 200 OK")).await;
    peer.expect("SIP/2.0 200").await;
    assert_eq!(task.await.unwrap(), Ok(()));
    peer.expect("BYE ").await;
    assert_eq!(next(&mut call.events).await, Some(LegEvent::Ended(LegEnd::LocalHangUp)));
    subject.assert_empty().await;
}

#[tokio::test]
async fn a_lost_ack_ours_is_sent_again_and_a_fork_is_ended() {
    let subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let (leg, mut events) = subject.dial(Destination::Uri(format!("sip:200@{}", peer.addr))).await;
    let (invite, from) = peer.expect_from("INVITE ").await;
    assert_eq!(header(&invite, "X-Queue"), "sales");
    peer.respond(&invite, from, "200 OK", "one", &peer.contact(), SDP).await;
    assert!(header(&peer.expect("ACK ").await, "To").ends_with(";tag=one"));
    assert_eq!(next(&mut events).await, Some(LegEvent::Answered));
    peer.respond(&invite, from, "200 OK", "one", &peer.contact(), SDP).await;
    assert!(header(&peer.expect("ACK ").await, "To").ends_with(";tag=one"));
    peer.respond(&invite, from, "200 OK", "two", &peer.contact(), SDP).await;
    assert!(header(&peer.expect("ACK ").await, "To").ends_with(";tag=two"));
    let (bye, from) = peer.expect_from("BYE ").await;
    assert!(header(&bye, "To").ends_with(";tag=two"));
    peer.respond(&bye, from, "200 OK", "", "", "").await;
    leg.hang_up();
    let bye = peer.skip_to("BYE ").await;
    assert!(header(&bye, "To").ends_with(";tag=one"));
    subject.assert_empty().await;
}

#[tokio::test]
async fn an_answer_that_crosses_our_cancel_is_ended() {
    let subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let (leg, mut events) = subject.dial(Destination::Uri(format!("sip:200@{}", peer.addr))).await;
    let (invite, from) = peer.expect_from("INVITE ").await;
    // Nothing was heard yet, so no CANCEL may be sent (RFC 3261 §9.1).
    leg.hang_up();
    assert_eq!(next(&mut events).await, Some(LegEvent::Ended(LegEnd::LocalHangUp)));
    tokio::time::sleep(T1 / 2).await;
    peer.respond(&invite, from, "180 Ringing", "one", &peer.contact(), "").await;
    peer.skip_to("CANCEL ").await;
    peer.respond(&invite, from, "200 OK", "one", &peer.contact(), SDP).await;
    peer.skip_to("ACK ").await;
    peer.skip_to("BYE ").await;
    subject.assert_empty().await;
}

#[tokio::test]
async fn a_redirection_is_followed_once() {
    let subject = Subject::start().await;
    let (peer, other) = (Peer::new(subject.addr()).await, Peer::new(subject.addr()).await);
    let (_leg, mut events) = subject.dial(Destination::Uri(format!("sip:200@{}", peer.addr))).await;
    let (invite, from) = peer.expect_from("INVITE ").await;
    let contact = format!("Contact: <sip:300@{}>\r\n", other.addr);
    peer.respond(&invite, from, "302 Moved Temporarily", "one", &contact, "").await;
    let (second, from) = other.expect_from("INVITE sip:300@").await;
    assert_eq!(header(&second, "Call-ID"), header(&invite, "Call-ID"));
    other.respond(&second, from, "302 Moved Temporarily", "two", &contact, "").await;
    assert!(matches!(
        next(&mut events).await,
        Some(LegEvent::Ended(LegEnd::Refused { status: 302, .. }))
    ));
    subject.assert_empty().await;
}

/// Messages after RFC 4475, and worse: the endpoint survives and still answers.
#[tokio::test]
async fn torture_is_survived() {
    let subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let bad = |line: &str, via: &str, rest: &str| {
        format!(
            "{line}\r\nVia: {via}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: torture\r\n\
             {rest}\r\n"
        )
    };
    let via = format!("SIP/2.0/UDP {};branch=z9hG4bKtorture", peer.addr);
    let messages: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"\r\n\r\n\r\n".to_vec(),
        b"\0\xff\xfe\x80INVITE".to_vec(),
        // clerr, ncl: a Content-Length beyond the message, and below zero.
        bad("INVITE sip:x@y SIP/2.0", &via, "CSeq: 1 INVITE\r\nContent-Length: 9999\r\n").into(),
        bad("INVITE sip:x@y SIP/2.0", &via, "CSeq: 1 INVITE\r\nContent-Length: -9\r\n").into(),
        // ltgtruri, lwsruri
        bad("INVITE <sip:x@y> SIP/2.0", &via, "CSeq: 1 INVITE\r\n").into(),
        bad("INVITE sip:x@y; lr SIP/2.0", &via, "CSeq: 1 INVITE\r\n").into(),
        // multi01: two of what may be there once
        bad("INVITE sip:x@y SIP/2.0", &via, "CSeq: 1 INVITE\r\nCSeq: 5 BYE\r\nTo: <sip:e@f>\r\n")
            .into(),
        // mismatch, scalar02, quotbal
        bad("OPTIONS sip:x@y SIP/2.0", &via, "CSeq: 8 INVITE\r\n").into(),
        bad("REGISTER sip:x@y SIP/2.0", &via, "CSeq: 36893488147419103232 REGISTER\r\n").into(),
        bad("INVITE sip:x@y SIP/2.0", &via, "CSeq: 1 INVITE\r\nContact: \"Joe <sip:a@b>\r\n")
            .into(),
        // a response nobody waits for, and an ACK to nothing
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKx\r\nCSeq: 1 INVITE\r\n\r\n".to_vec(),
        bad("ACK sip:x@y SIP/2.0", &via, "CSeq: 1 ACK\r\n").into(),
        vec![b'A'; 60_000],
    ];
    for message in messages {
        peer.send_raw(&message).await;
    }
    let script = peer.script();
    let old =
        script.request("OPTIONS", 7, "", "").replace("127.0.0.1 SIP/2.0", "127.0.0.1 SIP/7.0");
    peer.send(&old).await;
    peer.skip_to("SIP/2.0 505").await;
    peer.send(&peer.script().request("OPTIONS", 1, "", "")).await;
    peer.skip_to("SIP/2.0 200").await;
    subject.assert_empty().await;
}
