//! Browsers on the loopback: what each side hears, and what a line survives.

use std::net::UdpSocket;
use std::time::Instant;

use expect_test::expect;
use tokio::sync::mpsc::UnboundedReceiver;

#[path = "../../tests/browser/mod.rs"]
mod browser;

use super::*;
use crate::api::{Codec, LegError, Repeat};
use crate::media::phone::{self, Phone, share, talk};
use crate::speech::Audio;
use browser::{Browser, Voice};

/// Nothing here takes longer.
const PATIENCE: Duration = Duration::from_secs(10);
const LOST: Duration = Duration::from_secs(1);

/// A process with lines and RTP ports.
struct Site {
    media: MediaEngine,
    web: Web,
}

impl Site {
    fn start(port_min: u16) -> Self {
        let media = MediaEngine::new(phone::config(port_min)).unwrap();
        let config = WebConfig {
            bind: "127.0.0.1:0".parse().unwrap(),
            advertise: None,
            lines_max: 2,
            lost_after: LOST,
            grace: Duration::from_secs(4),
        };
        let web = Web::start(config, media.clone()).unwrap();
        Self { media, web }
    }

    /// A line and a browser on it that is connected.
    async fn line(
        &self,
        voice: Voice,
        hertz: u32,
    ) -> (Arc<dyn Line>, UnboundedReceiver<LineEvent>, Browser) {
        let (line, mut events) = self.web.open().unwrap();
        let browser = connect(&line, voice, hertz).await;
        assert_eq!(next(&mut events).await, LineEvent::Connected);
        (line, events, browser)
    }

    /// A phone whose port is bridged with the line.
    fn phone(&self, line: &Arc<dyn Line>) -> (Phone, MediaPort) {
        let port = self.media.allocate().unwrap();
        let phone = Phone::new(Codec::Pcma);
        drop(phone.connect(&port));
        self.media.bridge(&port, &self.web.port(line.id()).unwrap());
        (phone, port)
    }
}

async fn connect(line: &Arc<dyn Line>, voice: Voice, hertz: u32) -> Browser {
    let mut browser = Browser::new(voice, hertz, true);
    let answer = line.connect(&browser.offer).await.unwrap();
    browser.talk(&answer);
    browser
}

async fn next(events: &mut UnboundedReceiver<LineEvent>) -> LineEvent {
    tokio::time::timeout(PATIENCE, events.recv()).await.expect("an event in time").unwrap()
}

/// Waits until something is so.
async fn until(what: &str, mut so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until the browser has heard half a second more; returns it.
async fn hear(browser: &Browser) -> Vec<i16> {
    browser.forget();
    until("the browser hears something", || browser.heard().len() >= 4800).await;
    browser.heard()[800..].to_vec()
}

#[track_caller]
fn assert_tone(samples: &[i16], hertz: f32) {
    let share = share(samples, hertz);
    assert!(share > 0.9, "{share} of the energy is at {hertz} Hz");
}

async fn heard_both_ways(port_min: u16, voice: Voice) {
    let site = Site::start(port_min);
    let (line, mut events, browser) = site.line(voice, 440).await;
    let play = line.play(Arc::new(Audio::tone(&[1000.0], Duration::from_secs(1))), Repeat::Once);
    assert_tone(&hear(&browser).await, 1000.0);
    assert!(line.level() > 2000, "{}", line.level());
    assert_eq!(next(&mut events).await, LineEvent::Played(play));

    let (mut phone, _port) = site.phone(&line);
    browser.forget();
    talk(&mut [(&mut phone, 700.0)], 50);
    phone.listen(40);
    assert_tone(&phone.samples()[800..], 440.0);
    let heard = browser.heard();
    assert!(heard.len() >= 45 * 160, "{} samples of 8000 came", heard.len());
    assert_tone(&heard[1600..], 700.0);
    // Each packet once, each 20 ms after the one before.
    for pair in phone.heard.windows(2) {
        assert_eq!(pair[1].0.sequence, pair[0].0.sequence.wrapping_add(1));
        assert_eq!(pair[1].0.timestamp, pair[0].0.timestamp.wrapping_add(160));
    }

    line.mute(true);
    phone.heard.clear();
    until("silence", || line.level() < 10).await;
    browser.press(5);
    assert_eq!(next(&mut events).await, LineEvent::Digit('5'));
    line.mute(false);
    until("voice", || line.level() > 2000).await;
    until("a judgement of both directions", || {
        let quality = line.quality();
        quality.rtt.is_some() && quality.loss_out.is_some() && quality.mos.is_some()
    })
    .await;
    let quality = line.quality();
    assert!(quality.mos > Some(4.2) && quality.loss_in == Some(0.0), "{quality:?}");
    assert!(quality.rtt < Some(Duration::from_millis(200)), "{quality:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn opus_is_heard_both_ways() {
    heard_both_ways(43_000, Voice::Opus).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pcmu_is_heard_both_ways() {
    heard_both_ways(43_100, Voice::Pcmu).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_loaded_anew_keeps_the_call() {
    let site = Site::start(43_200);
    let (line, mut events, first) = site.line(Voice::Opus, 440).await;
    let (mut phone, _port) = site.phone(&line);
    phone.listen(25);
    assert_tone(&phone.samples()[800..], 440.0);
    first.close();
    assert_eq!(next(&mut events).await, LineEvent::Lost);
    let second = connect(&line, Voice::Pcmu, 600).await;
    assert_eq!(next(&mut events).await, LineEvent::Connected);
    phone.heard.clear();
    phone.listen(25);
    assert_tone(&phone.samples()[800..], 600.0);
    // Without a farewell: the page before just stops.
    let third = connect(&line, Voice::Opus, 900).await;
    assert_eq!(next(&mut events).await, LineEvent::Connected);
    until("the third is heard", || {
        phone.heard.clear();
        phone.listen(25);
        share(&phone.samples(), 900.0) > 0.9
    })
    .await;
    let ssrc = phone.heard[0].0.ssrc;
    assert!(phone.heard.iter().all(|(header, _)| header.ssrc == ssrc));
    talk(&mut [(&mut phone, 700.0)], 40);
    assert_tone(&third.heard()[1600..], 700.0);
    drop(second);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_network_is_waited_for_as_long_as_the_grace() {
    let site = Site::start(43_300);
    let (line, mut events, browser) = site.line(Voice::Opus, 440).await;
    let (mut phone, _port) = site.phone(&line);
    browser.away(true);
    assert_eq!(next(&mut events).await, LineEvent::Lost);
    browser.away(false);
    assert_eq!(next(&mut events).await, LineEvent::Connected);
    phone.heard.clear();
    phone.listen(25);
    assert_tone(&phone.samples()[800..], 440.0);
    browser.away(true);
    assert_eq!(next(&mut events).await, LineEvent::Lost);
    assert_eq!(next(&mut events).await, LineEvent::Closed(LineEnd::NoBrowser));
    assert_eq!(events.recv().await, None);
    assert_eq!(site.web.lines(), 0);
    assert_eq!(line.connect(&browser.offer).await, Err(LineError::Closed));
    assert!(!site.web.shared.routes().knows_anyone());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_whose_address_changes_goes_on() {
    let site = Site::start(43_400);
    let (line, mut events, browser) = site.line(Voice::Opus, 440).await;
    let (mut phone, _port) = site.phone(&line);
    browser.move_on();
    until("the browser is heard from its new address", || {
        phone.heard.clear();
        phone.listen(25);
        phone.heard.len() == 25
    })
    .await;
    assert_tone(&phone.samples()[800..], 440.0);
    talk(&mut [(&mut phone, 700.0)], 50);
    let heard = browser.heard();
    assert_tone(&heard[heard.len() - 4800..], 700.0);
    assert!(events.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_asked_for_is_dropped() {
    let site = Site::start(43_500);
    let (line, mut events, browser) = site.line(Voice::Opus, 440).await;
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    stranger.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    stranger.connect(site.web.shared.local).unwrap();
    let before = site.web.discarded();
    let mut stun = b"\x00\x01\x00\x10\x21\x12\xa4\x42twelve-bytes".to_vec();
    stun.extend_from_slice(b"\x00\x06\x00\x09nobody:me\x00\x00\x00");
    let mut random = 1_u64;
    for n in 0..2000_usize {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        let noise: Vec<u8> =
            (0..n % 300).map(|at| (random >> (at % 57)) as u8 ^ at as u8).collect();
        for datagram in [&noise[..], &stun, &[], &[0x80; 40], &[22, 254, 253, 0]] {
            let _ = stranger.send(datagram);
        }
        // Faster, and the socket's buffer would drop them before we can.
        if n % 20 == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    until("all are dropped", || site.web.discarded() - before > 5000).await;
    assert!(stranger.recv(&mut [0; 64]).is_err(), "a stranger gets no answer");
    assert_tone(
        &{
            line.play(Arc::new(Audio::tone(&[1000.0], PATIENCE)), Repeat::Once);
            hear(&browser).await
        },
        1000.0,
    );
    // The same from the browser's own address ends nothing either.
    for datagram in [&stun[..], &[0x80; 40], &[22, 254, 253, 0], &[0x90, 0xc8, 1], &[0; 9]] {
        let job = Job::Datagram {
            line: line.id(),
            source: stranger.local_addr().unwrap(),
            at: Instant::now(),
            datagram: datagram.to_vec(),
        };
        assert!(site.web.shared.give(0, job));
    }
    assert_tone(&hear(&browser).await, 1000.0);
    assert!(events.try_recv().is_err());
}

#[tokio::test]
async fn lines_are_limited_and_free_when_closed() {
    let site = Site::start(43_600);
    let (first, mut events) = site.web.open().unwrap();
    let (second, _) = site.web.open().unwrap();
    assert_eq!(site.web.open().err(), Some(LineError::TooMany(2)));
    first.hang_up();
    assert_eq!(next(&mut events).await, LineEvent::Closed(LineEnd::Closed));
    assert!(site.web.port(first.id()).is_none());
    let (third, _) = site.web.open().unwrap();
    drop(second);
    assert_eq!(site.web.lines(), 1);
    assert!(matches!(third.hold(true).await, Err(LegError::NotPossible(_))));
    assert_eq!((third.ring().await, third.answer().await), (Ok(()), Ok(())));
}

#[tokio::test]
async fn a_bad_offer_is_told_what_it_lacks() {
    let site = Site::start(43_700);
    let (line, _events) = site.web.open().unwrap();
    let good = Browser::new(Voice::Opus, 440, false).offer.clone();
    let without = |part: &str| {
        let lines: Vec<&str> = good.lines().filter(|line| !line.contains(part)).collect();
        lines.join("\r\n")
    };
    let mut told = String::new();
    for offer in [
        "hello".to_owned(),
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n".to_owned(),
        without("ice-pwd"),
        without("fingerprint"),
        good.replace("opus", "speex"),
        good.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
        good.replace("s=-", "\u{1}"),
        "v=0\r\n".repeat(20_000),
        format!("{good}{}", "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n".repeat(40)),
    ] {
        told += &line.connect(&offer).await.expect_err("a bad offer").to_string();
        told += "\n";
    }
    expect![[r#"
        the browser's offer cannot be answered: it is no SDP: it does not begin with `v=0`
        the browser's offer cannot be answered: it has no audio stream over DTLS-SRTP (`m=audio … UDP/TLS/RTP/SAVPF …`)
        the browser's offer cannot be answered: it has no ICE credentials (`a=ice-pwd`)
        the browser's offer cannot be answered: it has no certificate fingerprint (`a=fingerprint`)
        the browser's offer cannot be answered: its audio is neither Opus nor PCMU
        the browser's offer cannot be answered: it has no audio stream over DTLS-SRTP (`m=audio … UDP/TLS/RTP/SAVPF …`)
        the browser's offer cannot be answered: it is no SDP: Unexpected `` Expected `s` sdp line
        the browser's offer cannot be answered: it has 100000 octets, more than the 65536 that are taken
        the browser's offer cannot be answered: it has 41 streams, more than the 32 taken
    "#]].assert_eq(&told);
}
