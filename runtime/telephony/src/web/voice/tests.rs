use super::*;
use crate::media::phone::share;
use crate::speech::Audio;

/// A tone of a second, in packets with their times.
fn packets() -> Vec<(u64, Vec<u8>)> {
    let tone = Audio::tone(&[440.0], std::time::Duration::from_secs(1));
    let mut encoder = Encoder::new().unwrap();
    let mut packets = Vec::new();
    // Phones send 30 ms and 10 ms as well.
    for (n, part) in (0_u64..).zip(tone.samples().chunks(240)) {
        let samples = part.iter().copied();
        encoder.push(5000 + n * 240, samples, |time, packet| packets.push((time, packet.to_vec())));
    }
    packets
}

fn decode<'a>(packets: impl Iterator<Item = (usize, &'a (u64, Vec<u8>))>) -> Vec<Frame> {
    let mut decoder = Decoder::new().unwrap();
    let mut frames = Vec::new();
    for (sequence, (time, packet)) in packets {
        decoder.packet(sequence as u64, *time, packet, &mut frames);
    }
    frames
}

#[test]
fn packets_of_any_length_become_frames_of_20_ms() {
    let packets = packets();
    let times: Vec<u64> = packets.iter().map(|(time, _)| *time).collect();
    assert_eq!(times, (0..50).map(|n| 5000 + n * 160).collect::<Vec<_>>());
    let frames = decode(packets.iter().enumerate());
    let samples: Vec<i16> = frames.iter().flat_map(|frame| frame.samples.clone()).collect();
    assert_eq!(samples.len(), 8000);
    assert!(share(&samples[800..], 440.0) > 0.95);
}

#[test]
fn lost_packets_are_concealed_and_late_ones_left_out() {
    let packets = packets();
    let lost = [10, 20, 21, 30];
    let frames = decode(packets.iter().enumerate().filter(|(n, _)| !lost.contains(n)));
    let times: Vec<u64> = frames.iter().map(|frame| frame.time).collect();
    assert_eq!(times, (0..50).map(|n| 5000 + n * 160).collect::<Vec<_>>());
    let peak = |frame: &Frame| frame.samples.iter().max().copied().unwrap();
    // The packet after a lost one brings it along; what is guessed is at least no hole.
    assert!(frames[8..20].iter().all(|frame| peak(frame) > 4000));
    assert!(frames[20..].iter().all(|frame| peak(frame) > 200));

    let mut overtaken: Vec<_> = packets.iter().enumerate().collect();
    overtaken.swap(10, 11);
    assert_eq!(decode(overtaken.into_iter()).len(), 50);
}

#[test]
fn a_pause_is_no_loss_and_nonsense_is_nothing() {
    let packets = packets();
    let late = (packets[1].0 + 80_000, packets[1].1.clone());
    let frames = decode([(7, &packets[0]), (9, &late), (10, &(0, vec![0xff; 3]))].into_iter());
    assert_eq!(frames.len(), 2);

    let mut encoder = Encoder::new().unwrap();
    let mut times = Vec::new();
    for time in [1000, 1160, 1000, 9000] {
        encoder.push(time, [0; 160].into_iter(), |time, _| times.push(time));
    }
    assert_eq!(times, [1000, 1160, 9000]);
}
