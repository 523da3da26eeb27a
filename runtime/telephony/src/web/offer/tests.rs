use expect_test::expect;

use super::*;

/// A page that offers more than its voice, in an order of its own: the voice is offered only as a
/// part of the bundle, whose transport stands with the video.
const OFFER: &str = "\
v=0\r
o=- 42 2 IN IP4 127.0.0.1\r
s=-\r
t=0 0\r
a=group:BUNDLE v a d\r
m=video 9 UDP/TLS/RTP/SAVPF 96 97\r
c=IN IP4 0.0.0.0\r
a=ice-ufrag:abcd\r
a=ice-pwd:abcdefghijklmnopqrstuvwx\r
a=fingerprint:sha-256 00:11\r
a=setup:actpass\r
a=mid:v\r
a=rtpmap:96 VP8/90000\r
m=audio 0 UDP/TLS/RTP/SAVPF 111 0 110 126\r
c=IN IP4 0.0.0.0\r
a=bundle-only\r
a=candidate:1 1 udp 2113937151 4c1f.local 54321 typ host\r
a=candidate:2 1 tcp 1518283007 192.0.2.7 9 typ host tcptype active\r
a=end-of-candidates\r
a=mid:a\r
a=rtpmap:111 opus/48000/2\r
m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r
a=mid:d\r
";

#[test]
fn the_voice_alone_is_looked_at() {
    let offer = Offer::parse(OFFER).unwrap();
    expect![[r#"
        v=0
        o=- 42 2 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE a
        m=audio 9 UDP/TLS/RTP/SAVPF 111 0 110 126
        c=IN IP4 0.0.0.0
        a=mid:a
        a=rtpmap:111 opus/48000/2
        a=ice-ufrag:abcd
        a=ice-pwd:abcdefghijklmnopqrstuvwx
        a=fingerprint:sha-256 00:11
        a=setup:actpass
    "#]]
    .assert_eq(&offer.audio_only().replace('\r', ""));
}

#[test]
fn what_is_not_taken_is_refused_at_its_place() {
    let offer = Offer::parse(OFFER).unwrap();
    let answer = "v=0\r\na=group:BUNDLE a\r\na=ice-lite\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:a\r\na=rtpmap:111 opus/48000/2\r\n";
    expect![[r#"
        v=0
        a=group:BUNDLE a
        a=ice-lite
        m=video 0 UDP/TLS/RTP/SAVPF 96 97
        c=IN IP4 0.0.0.0
        a=mid:v
        a=inactive
        m=audio 9 UDP/TLS/RTP/SAVPF 111
        a=mid:a
        a=rtpmap:111 opus/48000/2
        m=application 0 UDP/DTLS/SCTP webrtc-datachannel
        c=IN IP4 0.0.0.0
        a=mid:d
        a=inactive
    "#]]
    .assert_eq(&offer.answer(answer).replace('\r', ""));
    let types: Vec<_> = payload_types(answer).collect();
    assert_eq!(types, [(111, "opus", 48_000)]);
}

#[test]
fn an_offer_that_is_all_refused_is_no_voice() {
    let over = OFFER.replace("a=bundle-only\r\n", "");
    assert!(Offer::parse(&over).is_err());
}
