//! The RTP header (RFC 3550 §5.1), read without a copy and written in place.

use std::ops::Range;

/// Octets of a header without contributors and extensions: the only kind we send.
pub(crate) const HEADER: usize = 12;

/// What we need of a header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Header {
    pub marker: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
}

impl Header {
    /// Reads the header of a datagram and finds its payload, or says that this is not RTP.
    pub fn parse(datagram: &[u8]) -> Option<(Self, Range<usize>)> {
        let &[first, second, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3] = datagram.first_chunk()?;
        if first >> 6 != 2 {
            return None;
        }
        let mut start = HEADER + usize::from(first & 0x0f) * 4;
        if first & 0x10 != 0 {
            let &[_, _, high, low] = datagram.get(start..)?.first_chunk()?;
            start += 4 + usize::from(u16::from_be_bytes([high, low])) * 4;
        }
        let mut end = datagram.len();
        if first & 0x20 != 0 {
            let padding = usize::from(*datagram.last()?);
            end = end.checked_sub(padding).filter(|_| padding != 0)?;
        }
        if end < start {
            return None;
        }
        let header = Self {
            marker: second & 0x80 != 0,
            payload_type: second & 0x7f,
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([c0, c1, c2, c3]),
        };
        Some((header, start..end))
    }

    /// The header's octets.
    pub fn to_bytes(self) -> [u8; HEADER] {
        let [s0, s1] = self.sequence.to_be_bytes();
        let [t0, t1, t2, t3] = self.timestamp.to_be_bytes();
        let [c0, c1, c2, c3] = self.ssrc.to_be_bytes();
        let second = self.payload_type & 0x7f | if self.marker { 0x80 } else { 0 };
        [0x80, second, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3]
    }
}

/// Which of the last 64 sequence numbers came: finds what comes twice.
#[derive(Debug, Default)]
pub(crate) struct Window {
    /// The highest number and, bit by bit below it, what came.
    seen: Option<(u16, u64)>,
}

impl Window {
    /// Takes note of a packet; false if it came before.
    pub fn accept(&mut self, sequence: u16) -> bool {
        let Some((highest, mask)) = self.seen else {
            self.seen = Some((sequence, 1));
            return true;
        };
        let ahead = sequence.wrapping_sub(highest);
        let behind = highest.wrapping_sub(sequence);
        if ahead == 0 {
            return false;
        }
        if ahead < 0x8000 {
            let mask = mask.checked_shl(u32::from(ahead)).unwrap_or(0) | 1;
            self.seen = Some((sequence, mask));
            return true;
        }
        if behind >= 64 {
            // Older than anything in flight: the sender began anew.
            self.seen = Some((sequence, 1));
            return true;
        }
        let bit = 1 << behind;
        self.seen = Some((highest, mask | bit));
        mask & bit == 0
    }
}

#[cfg(test)]
mod tests;
