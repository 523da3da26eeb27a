//! Offers in, answers out.

use super::*;

const CODECS: [Codec; 2] = [Codec::Pcmu, Codec::Pcma];

fn offer(rest: &str) -> Described {
    read(
        format!("v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n{rest}")
            .as_bytes(),
    )
    .expect("a usable offer")
}

fn negotiation() -> Negotiation {
    Negotiation::new("127.0.0.1:4000".parse().expect("an address"), 2)
}

fn media_of(answer: &str) -> &str {
    &answer[answer.find("m=").expect("a stream")..]
}

#[test]
fn every_telephone_event_type_is_answered() {
    let offer = offer(
        "m=audio 6000 RTP/AVP 8 0 110 126\r\na=rtpmap:110 telephone-event/48000\r\n\
         a=rtpmap:126 telephone-event/8000\r\n",
    );
    let mut mine = negotiation();
    let answer = mine.answer(&offer, &CODECS).expect("an answer");
    assert_eq!(
        media_of(&answer),
        "m=audio 4000 RTP/AVP 0 126\r\na=rtpmap:0 PCMU/8000\r\n\
         a=rtpmap:126 telephone-event/8000\r\na=fmtp:126 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
    );
    let settings = mine.settings().expect("settings");
    assert_eq!((settings.event_types, settings.event_type_out), (vec![126], Some(126)));
}

#[test]
fn hold_is_answered_by_direction() {
    for (offered, answered, held) in [
        ("sendonly", "recvonly", true),
        ("inactive", "inactive", true),
        ("recvonly", "sendonly", false),
        ("sendrecv", "sendrecv", false),
    ] {
        let mut mine = negotiation();
        let answer = mine
            .answer(&offer(&format!("m=audio 6000 RTP/AVP 0\r\na={offered}\r\n")), &CODECS)
            .expect("an answer");
        assert!(answer.ends_with(&format!("a={answered}\r\n")), "{offered}: {answer}");
        assert_eq!(mine.held, held, "{offered}");
        assert_eq!(mine.settings().expect("settings").send, !held, "{offered}");
    }
}

#[test]
fn the_old_hold_by_address_is_one_too() {
    let mut mine = negotiation();
    let offer = offer("m=audio 6000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n");
    let answer = mine.answer(&offer, &CODECS).expect("an answer");
    assert!(answer.ends_with("a=recvonly\r\n"), "{answer}");
    assert!(mine.held);
}

#[test]
fn other_streams_are_refused_in_their_place() {
    let offer = offer(
        "m=video 7000 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\nm=audio 6000 RTP/AVP 8\r\n\
         m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
    );
    let answer = negotiation().answer(&offer, &CODECS).expect("an answer");
    assert!(media_of(&answer).starts_with("m=video 0 RTP/AVP 96\r\nm=audio 4000 RTP/AVP 8\r\n"));
    assert!(answer.ends_with("m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
}

#[test]
fn the_version_counts_changes_only() {
    let mut mine = negotiation();
    let version = |body: &str| body.split(' ').nth(2).map(str::to_owned);
    let first = version(&mine.offer(&CODECS));
    assert_eq!(version(&mine.offer(&CODECS)), first);
    mine.holding = true;
    assert_ne!(version(&mine.offer(&CODECS)), first);
}

#[test]
fn what_cannot_be_used_is_named() {
    assert_eq!(read(b"\xff\xfe").err(), Some(Unusable::Malformed));
    let head = "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n";
    let with = |rest: &str| read(format!("{head}{rest}").as_bytes()).err();
    assert_eq!(with("m=audio 6000 RTP/SAVP 0\r\n"), Some(Unusable::NoAudio));
    assert_eq!(with("m=audio 0 RTP/AVP 0\r\n"), Some(Unusable::NoAudio));
    assert_eq!(with("m=audio 6000 RTP/AVP 9\r\na=rtpmap:9 G722/8000\r\n"), Some(Unusable::NoCodec));
}
