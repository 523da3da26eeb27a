use super::*;

/// A seeded generator: enough for shuffling packets.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn header(marker: bool, timestamp: u32) -> Header {
    Header { marker, payload_type: 101, sequence: 0, timestamp, ssrc: 5 }
}

fn payload(code: u8, end: bool, duration: u16) -> [u8; 4] {
    let [high, low] = duration.to_be_bytes();
    [code, if end { 0x8a } else { 10 }, high, low]
}

/// The packets of one press as a phone sends them: first, updates, three ends.
fn press(code: u8, timestamp: u32) -> Vec<(Header, [u8; 4])> {
    let mut packets: Vec<_> =
        (0..5).map(|n| (header(n == 0, timestamp), payload(code, false, n * 160))).collect();
    packets.extend([(header(false, timestamp), payload(code, true, 800)); 3]);
    packets
}

fn recognise(packets: &[(Header, [u8; 4])]) -> String {
    let (mut recogniser, now) = (Recogniser::default(), Instant::now());
    packets.iter().filter_map(|(header, payload)| recogniser.packet(now, header, payload)).collect()
}

#[test]
fn a_press_is_known_by_any_of_its_packets() {
    let whole = press(5, 4000);
    for (n, &packet) in whole.iter().enumerate() {
        assert_eq!(recognise(&[packet]), "5", "packet {n} alone");
    }
    assert_eq!(recognise(&whole), "5");
    assert_eq!(recognise(&[whole.clone(), whole].concat()), "5", "all of it twice");
}

#[test]
fn the_same_digit_twice_is_two_presses_with_or_without_ends_and_markers() {
    let (one, two) = (press(9, 4000), press(9, 5280));
    assert_eq!(recognise(&[one.clone(), two.clone()].concat()), "99");
    assert_eq!(recognise(&[&one[..3], &two[1..]].concat()), "99");
    // Late packets of the first amid the second.
    assert_eq!(recognise(&[&one[..3], &two[..2], &one[3..], &two[2..]].concat()), "99");
}

#[test]
fn a_long_event_in_segments_is_one_press() {
    let mut packets = vec![(header(true, 100), payload(3, false, 0))];
    for segment in 0..3_u32 {
        let timestamp = 100 + segment * SEGMENT;
        packets.push((header(false, timestamp), payload(3, false, 8000)));
        packets.push((header(false, timestamp), payload(3, false, 0xffff)));
    }
    packets.push((header(false, 100 + 2 * SEGMENT), payload(3, true, 900)));
    assert_eq!(recognise(&packets), "3");
}

#[test]
fn a_capture_replayed_for_each_press_counts_each_time() {
    let (mut recogniser, start) = (Recogniser::default(), Instant::now());
    let mut heard = String::new();
    for at in [start, start + Duration::from_millis(1500), start + Duration::from_secs(4)] {
        for (header, payload) in press(1, 4000) {
            heard.extend(recogniser.packet(at, &header, &payload));
        }
    }
    assert_eq!(heard, "111");
}

#[test]
fn short_packets_and_events_that_are_no_digits_are_ignored() {
    let (mut recogniser, now) = (Recogniser::default(), Instant::now());
    assert_eq!(recogniser.packet(now, &header(true, 1), &[1, 0, 0]), None);
    assert_eq!(recogniser.packet(now, &header(true, 1), &payload(16, false, 0)), None);
}

#[test]
fn thousands_of_digits_survive_loss_duplication_and_reordering() {
    for seed in 0..1000 {
        let mut random = Random(seed);
        let codes: Vec<u8> = (0..4).map(|_| random.below(16) as u8).collect();
        // Each packet with the time of its arrival.
        let mut arrivals: Vec<(u64, Header, [u8; 4])> = Vec::new();
        for (n, &code) in (0_u32..).zip(&codes) {
            let packets = press(code, (u32::MAX - 2000).wrapping_add(n * 1280));
            let kept = random.below(packets.len() as u64) as usize;
            for (k, (header, payload)) in packets.into_iter().enumerate() {
                let sent = u64::from(n) * 160 + k as u64 * 20;
                let copies = if k == kept { 1 + random.below(2) } else { random.below(5) / 2 };
                for _ in 0..copies {
                    arrivals.push((sent + random.below(100), header, payload));
                }
            }
        }
        arrivals.sort_by_key(|&(at, ..)| at);
        let packets: Vec<_> =
            arrivals.iter().map(|&(_, header, payload)| (header, payload)).collect();
        // The order is that in which the first packets of each came.
        let mut expected: Vec<(u32, u8)> = Vec::new();
        for (header, [code, ..]) in &packets {
            if !expected.contains(&(header.timestamp, *code)) {
                expected.push((header.timestamp, *code));
            }
        }
        let expected: String = expected.iter().filter_map(|&(_, code)| digit(code)).collect();
        assert_eq!(expected.len(), 4, "seed {seed}");
        assert_eq!(recognise(&packets), expected, "seed {seed}");
    }
}

#[test]
fn a_press_sent_both_ways_is_one() {
    use Way::{Media, Signalling};
    let (mut merger, start) = (Merger::default(), Instant::now());
    let mut accept =
        |after, digit, way| merger.accept(start + Duration::from_millis(after), digit, way);
    assert!(accept(0, '5', Media) && !accept(50, '5', Signalling));
    assert!(accept(100, '5', Signalling) && !accept(299, '5', Media));
    assert!(accept(400, '1', Signalling) && accept(450, '1', Signalling), "two INFOs are two");
    assert!(!accept(460, '1', Media) && !accept(470, '1', Media) && accept(480, '1', Media));
    assert!(accept(1000, '2', Media) && accept(1200, '2', Signalling), "200 ms apart");
    assert!(accept(2000, '3', Media) && accept(2010, '4', Signalling));
}

#[test]
fn what_the_dialler_sends_is_recognised() {
    let mut dialler = Dialler::default();
    for digit in "00#D".chars() {
        assert!(dialler.push(code(digit).unwrap()));
    }
    let (mut packets, mut ends) = (Vec::new(), 0);
    for tick in 0..40 {
        if let Dialled::Packet { first, timestamp, payload } = dialler.tick(tick * 160) {
            packets.push((header(first, timestamp), payload));
            ends += u32::from(payload[1] & 0x80 != 0);
        }
    }
    assert!(dialler.is_idle());
    assert_eq!((packets.len(), ends), (28, 12));
    assert_eq!(packets[4].1, payload(0, true, 800));
    assert_eq!(recognise(&packets), "00#D");
}
