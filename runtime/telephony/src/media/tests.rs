//! Real sockets on the loopback: what a party hears, and what is understood of what it sends.

use tokio::sync::mpsc::UnboundedReceiver;

use super::phone::{EVENTS, Phone, config, share, talk};
use super::*;

async fn next(events: &mut UnboundedReceiver<MediaEvent>) -> Option<MediaEvent> {
    tokio::time::timeout(Duration::from_secs(2), events.recv()).await.ok().flatten()
}

#[tokio::test]
async fn a_prompt_is_heard_whole_and_its_end_is_told() {
    let engine = MediaEngine::new(config(41_000)).unwrap();
    let port = engine.allocate().unwrap();
    let mut phone = Phone::new(Codec::Pcma);
    let mut events = phone.connect(&port);
    let audio = Arc::new(Audio::tone(&[440.0], Duration::from_millis(395)));
    port.play(PlayId(3), Arc::clone(&audio), Repeat::Once);
    assert_eq!(next(&mut events).await, Some(MediaEvent::Played(PlayId(3))));
    phone.listen(usize::MAX);

    assert_eq!(phone.heard.len(), 20);
    let first = phone.heard[0].0;
    for (n, (header, payload)) in (0_u16..).zip(&phone.heard) {
        assert_eq!(header.marker, n == 0);
        assert_eq!((header.payload_type, header.ssrc), (8, first.ssrc));
        assert_eq!(header.sequence, first.sequence.wrapping_add(n));
        assert_eq!(header.timestamp, first.timestamp.wrapping_add(u32::from(n) * 160));
        assert_eq!(payload.len(), 160);
    }
    let heard: Vec<u8> = phone.heard.iter().flat_map(|(_, payload)| payload.clone()).collect();
    assert_eq!(heard, audio.encoded(Codec::Pcma));
    assert!(share(&phone.samples()[..3000], 440.0) > 0.95);
    assert_eq!(engine.counters().sent, 20);
}

/// The RTP packets of one of SIPp's captures, as datagrams.
fn capture(name: &str) -> Vec<Vec<u8>> {
    let path = format!("/usr/share/sip-tester/dtmf_2833_{name}.pcap");
    let file = std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{path}: {error}; install the Debian package sip-tester"));
    assert_eq!(file[..4], [0xd4, 0xc3, 0xb2, 0xa1], "{path} is a little-endian capture");
    let mut datagrams = Vec::new();
    let mut rest = &file[24..];
    while let Some((head, body)) = rest.split_at_checked(16) {
        let length = u32::from_le_bytes(head[8..12].try_into().unwrap()) as usize;
        let (frame, next) = body.split_at(length);
        // Ethernet, IPv4 and UDP headers; the frame is padded to the least an Ethernet takes.
        let udp = u16::from_be_bytes(frame[38..40].try_into().unwrap());
        datagrams.push(frame[42..34 + usize::from(udp)].to_vec());
        rest = next;
    }
    datagrams
}

#[tokio::test]
async fn every_digit_of_real_captures_is_told_once() {
    let engine = MediaEngine::new(config(41_100)).unwrap();
    let port = engine.allocate().unwrap();
    let mut phone = Phone::new(Codec::Pcmu);
    let mut events = phone.connect(&port);
    let keys = "5901234678*#";
    for key in keys.chars() {
        phone.say(&[0xff; 160]);
        let name = match key {
            '*' => "star".to_owned(),
            '#' => "pound".to_owned(),
            digit => digit.to_string(),
        };
        for datagram in capture(&name) {
            phone.socket.send(&datagram).unwrap();
        }
    }
    for key in keys.chars() {
        assert_eq!(next(&mut events).await, Some(MediaEvent::Digit(key)));
    }
    port.digit_from_signalling('#');
    port.digit_from_signalling('A');
    assert_eq!(next(&mut events).await, Some(MediaEvent::Digit('A')));
    assert!(events.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn bridged_parties_hear_each_other_and_both_are_recorded() {
    let engine = MediaEngine::new(config(41_200)).unwrap();
    let (a, b) = (engine.allocate().unwrap(), engine.allocate().unwrap());
    let (mut caller, mut agent) = (Phone::new(Codec::Pcmu), Phone::new(Codec::Pcma));
    let (mut caller_events, mut agent_events) = (caller.connect(&a), agent.connect(&b));
    a.play(PlayId(1), Arc::new(Audio::music_on_hold()), Repeat::Forever);
    let folder = std::env::temp_dir().join(format!("jackfield-media-{}", std::process::id()));
    let path = folder.join("call.wav");
    a.start_recording(path.clone()).unwrap();
    engine.bridge(&a, &b);
    talk(&mut [(&mut caller, 440.0), (&mut agent, 1000.0)], 50);
    assert!(a.level() > 1000);
    a.send_digits("7").unwrap();
    caller.send_raw(EVENTS, 5000, 77, &[4, 0x8a, 0, 160]);
    caller.listen(usize::MAX);
    agent.listen(usize::MAX);
    // As a killed process would leave it: at most about a second is missing.
    let told = hound::WavReader::open(&path).unwrap().duration();
    assert!(told >= 2400, "{told}");
    let length = a.stop_recording().await;

    assert!(share(&agent.samples(), 440.0) > 0.95, "{}", share(&agent.samples(), 440.0));
    let from_bridge = caller.samples().len() - 7000;
    assert!(share(&caller.samples()[from_bridge..], 1000.0) > 0.95);
    assert!(agent.samples().len() >= 49 * 160);
    for phone in [&caller, &agent] {
        let audio: Vec<_> = phone.heard.iter().map(|(header, _)| header).collect();
        for pair in audio.windows(2) {
            assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
            assert_eq!(pair[1].ssrc, pair[0].ssrc);
        }
    }
    let digits = |phone: &Phone| {
        let events = phone.heard.iter().filter(|(header, _)| header.payload_type == EVENTS);
        events.map(|(_, payload)| payload[0]).collect::<Vec<_>>()
    };
    assert_eq!((digits(&caller), digits(&agent)), (vec![7; 7], vec![4; 7]));
    assert_eq!(next(&mut caller_events).await, Some(MediaEvent::Digit('4')));
    assert!(agent_events.try_recv().is_err());
    check_recording(&path, length);
    std::fs::remove_dir_all(folder).unwrap();
}

fn check_recording(path: &std::path::Path, length: Duration) {
    let mut reader = hound::WavReader::open(path).unwrap();
    assert_eq!((reader.spec().channels, reader.spec().sample_rate), (2, 8000));
    let told = Duration::from_secs_f64(f64::from(reader.duration()) / 8000.0);
    assert_eq!(told, length);
    assert!(Duration::from_millis(1200) < length, "{length:?}");
    let samples: Vec<i16> = reader.samples().collect::<Result<_, _>>().unwrap();
    let left: Vec<i16> = samples.iter().step_by(2).copied().skip(1600).take(4800).collect();
    let right: Vec<i16> =
        samples.iter().skip(1).step_by(2).copied().skip(1600).take(4800).collect();
    assert!(share(&left, 440.0) > 0.95, "left: {}", share(&left, 440.0));
    assert!(share(&right, 1000.0) > 0.95, "right: {}", share(&right, 1000.0));
}

#[tokio::test]
async fn digits_interrupt_a_prompt_and_the_stream_goes_on() {
    let engine = MediaEngine::new(config(41_300)).unwrap();
    let port = engine.allocate().unwrap();
    let mut phone = Phone::new(Codec::Pcmu);
    let mut events = phone.connect(&port);
    port.send_digits("1a").unwrap();
    port.play(PlayId(1), Arc::new(Audio::silence(Duration::from_secs(9))), Repeat::Once);
    port.play(PlayId(2), Arc::new(Audio::silence(Duration::from_millis(100))), Repeat::Once);
    assert!(matches!(port.send_digits("1x"), Err(LegError::NotPossible(_))));
    assert_eq!(next(&mut events).await, Some(MediaEvent::Played(PlayId(2))));
    assert!(events.try_recv().is_err(), "a replaced playing has no end");
    phone.listen(usize::MAX);
    assert_eq!(phone.heard.len(), 14 + 5);
    for pair in phone.heard.windows(2) {
        let ahead = pair[1].0.timestamp.wrapping_sub(pair[0].0.timestamp);
        assert_eq!(pair[1].0.sequence, pair[0].0.sequence.wrapping_add(1));
        assert!(ahead < 8000);
    }
    let marked: Vec<usize> = (0..19).filter(|&n| phone.heard[n].0.marker).collect();
    assert_eq!(marked, [0, 7, 14]);
    let deaf = MediaSettings { event_type_out: None, ..phone.settings() };
    port.start(deaf, mpsc::unbounded_channel().0);
    assert!(matches!(port.send_digits("1"), Err(LegError::NotPossible(_))));
}

#[tokio::test]
async fn media_goes_where_it_comes_from_and_strangers_are_not_heard() {
    let engine = MediaEngine::new(config(41_400)).unwrap();
    let port = engine.allocate().unwrap();
    let (mut phone, mut natted) = (Phone::new(Codec::Pcmu), Phone::new(Codec::Pcmu));
    let mut events = phone.connect(&port);
    natted.socket.connect(port.local()).unwrap();
    natted.say(&[0x80; 160]);
    port.play(PlayId(1), Arc::new(Audio::silence(Duration::from_secs(9))), Repeat::Forever);
    natted.listen(3);
    assert_eq!(natted.heard.len(), 3);
    // A stranger with a digit.
    let mut stranger = Phone::new(Codec::Pcmu);
    stranger.socket.connect(port.local()).unwrap();
    stranger.say(&[0x80; 160]);
    stranger.send_raw(EVENTS, 9, 9, &[1, 0, 0, 160]);
    stranger.listen(1);
    assert!(stranger.heard.is_empty() && events.try_recv().is_err());
    // The signalled address has authority at once.
    phone.say(&[0x80; 160]);
    phone.heard.clear();
    phone.listen(3);
    assert_eq!(phone.heard.len(), 3);
    // Held: nothing is sent.
    port.start(MediaSettings { send: false, ..phone.settings() }, mpsc::unbounded_channel().0);
    phone.listen(usize::MAX);
    phone.heard.clear();
    phone.listen(1);
    assert!(phone.heard.is_empty());
}

#[tokio::test]
async fn silence_of_the_party_is_told_once() {
    let engine = MediaEngine::new(config(41_500)).unwrap();
    let port = engine.allocate().unwrap();
    let phone = Phone::new(Codec::Pcmu);
    let mut events = phone.connect(&port);
    let start = Instant::now();
    assert_eq!(
        tokio::time::timeout(Duration::from_secs(4), events.recv()).await,
        Ok(Some(MediaEvent::TimedOut))
    );
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert!(tokio::time::timeout(Duration::from_millis(1200), events.recv()).await.is_err());
}

#[tokio::test]
async fn ports_run_out_and_come_back_the_longest_rested_first() {
    let engine = MediaEngine::new(config(41_600)).unwrap();
    let mut ports: Vec<_> = std::iter::from_fn(|| engine.allocate().ok()).collect();
    assert_eq!(ports.len(), 11);
    assert!(ports.iter().all(|port| port.local().port() % 2 == 0));
    let first = ports.remove(3).local();
    let second = ports.remove(7).local();
    assert_eq!(engine.allocate().unwrap().local(), first);
    assert_eq!(engine.allocate().unwrap().local(), second);
}
