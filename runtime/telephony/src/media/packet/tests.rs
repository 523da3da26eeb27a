use super::*;

const PLAIN: Header =
    Header { marker: true, payload_type: 101, sequence: 0xfffe, timestamp: 0x8000_0001, ssrc: 9 };

#[test]
fn a_header_survives_the_wire() {
    let datagram = [&PLAIN.to_bytes()[..], b"voice"].concat();
    assert_eq!(Header::parse(&datagram), Some((PLAIN, 12..17)));
}

#[test]
fn contributors_extension_and_padding_are_stepped_over() {
    let mut datagram = PLAIN.to_bytes().to_vec();
    datagram[0] = 0x80 | 0x20 | 0x10 | 2;
    datagram.extend([0; 8]);
    datagram.extend([0xbe, 0xde, 0, 1, 1, 2, 3, 4]);
    datagram.extend(b"voice");
    datagram.extend([0, 0, 3]);
    assert_eq!(Header::parse(&datagram), Some((PLAIN, 28..33)));
}

#[test]
fn no_octets_whatever_cause_a_panic() {
    let mut state = 1_u32;
    for length in (0..64).cycle().take(20_000) {
        let mut datagram: Vec<u8> = (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        if let Some(first) = datagram.first_mut() {
            *first = *first & 0x3f | 0x80;
        }
        if let Some((_, range)) = Header::parse(&datagram) {
            assert!(range.start <= range.end && range.end <= datagram.len());
        }
    }
}

#[test]
fn a_packet_that_comes_twice_is_found_across_the_wrap() {
    let mut window = Window::default();
    for sequence in [65_534, 65_535, 1, 0, 2] {
        assert!(window.accept(sequence), "{sequence} came for the first time");
    }
    for sequence in [65_534, 65_535, 0, 1, 2] {
        assert!(!window.accept(sequence), "{sequence} came before");
    }
}

#[test]
fn a_sender_that_begins_anew_is_heard() {
    let mut window = Window::default();
    assert!(window.accept(20_000) && window.accept(20_001));
    assert!(window.accept(5_000) && window.accept(5_001) && !window.accept(5_000));
    assert!(window.accept(30_000));
}
