use super::*;

fn packet(value: i16) -> Vec<u8> {
    super::super::codec::encode(Codec::Pcma, &[value; FRAME])
}

/// The first sample of each of the next frames, coarsely: G.711 rounds.
fn frames(timeline: &mut Timeline, count: usize) -> Vec<i16> {
    (0..count).map(|_| (f32::from(timeline.pop()[0]) / 1000.0).round() as i16).collect()
}

#[test]
fn order_is_restored_across_the_wrap_of_timestamps() {
    let mut timeline = Timeline::new(320);
    let start = 0_u32.wrapping_sub(320);
    for n in [0_u32, 2, 1, 3] {
        let payload = packet((n as i16 + 1) * 1000);
        assert!(timeline.push(start.wrapping_add(n * 160), Codec::Pcma, &payload));
    }
    assert_eq!(frames(&mut timeline, 7), [0, 0, 1, 2, 3, 4, 0]);
}

#[test]
fn what_comes_late_is_left_out_and_what_is_lost_is_silence() {
    let mut timeline = Timeline::new(160);
    timeline.push(1000, Codec::Pcma, &packet(1000));
    timeline.push(1320, Codec::Pcma, &packet(3000));
    assert_eq!(frames(&mut timeline, 3), [0, 1, 0]);
    assert!(!timeline.push(1160, Codec::Pcma, &packet(2000)));
    assert_eq!(frames(&mut timeline, 2), [3, 0]);
}

#[test]
fn a_jump_of_the_clock_costs_at_most_five_packets() {
    let mut timeline = Timeline::new(160);
    timeline.push(1_000_000, Codec::Pcma, &packet(1000));
    // Forwards: taken at once.
    assert!(timeline.push(5_000_000, Codec::Pcma, &packet(2000)));
    assert_eq!(frames(&mut timeline, 2), [0, 2]);
    // A little backwards: first thought late.
    let taken = (0..8_u32)
        .filter(|n| timeline.push(4_999_000 + n * 160, Codec::Pcma, &packet(3000)))
        .count();
    assert_eq!(taken, 3);
}
