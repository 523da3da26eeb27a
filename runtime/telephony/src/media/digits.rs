//! Digits: telephone events (RFC 4733) in and out, and the merger with digits by signalling.
//!
//! Events are read from the packets as they arrive, before any jitter buffer, because a digit must
//! survive what audio need not: gaps of hundreds of sequence numbers, loss of all but one packet,
//! reordering. A press is known by source and RTP timestamp, which all its packets share; so it is
//! reported at the first of them, whichever that is.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::packet::Header;

/// The digit of each event code.
const CODES: &[u8; 16] = b"0123456789*#ABCD";

/// How many presses are remembered to recognise their late packets.
const REMEMBERED: usize = 16;

/// A press that is sent both in media and by signalling arrives within this time.
const SAME_PRESS: Duration = Duration::from_millis(200);

/// A marker on a press that has ended and was silent for this long is a new press: generators that
/// replay one capture for each press of a key repeat its timestamp. A packet of the old press that
/// is this late has been overtaken by three more, the repeated end among them.
const REPLAYED: Duration = Duration::from_millis(150);

/// The longest duration an event packet can tell; a longer event goes on in a new segment.
const SEGMENT: u32 = 0xffff;

/// The digit with an event code.
pub(super) fn digit(code: u8) -> Option<char> {
    CODES.get(usize::from(code)).map(|&digit| char::from(digit))
}

/// The event code of a digit.
pub(super) fn code(digit: char) -> Option<u8> {
    let digit = digit.to_ascii_uppercase();
    let position = CODES.iter().position(|&known| char::from(known) == digit)?;
    u8::try_from(position).ok()
}

/// Tells presses from packets.
#[derive(Debug, Default)]
pub(super) struct Recogniser {
    recent: VecDeque<Press>,
}

#[derive(Debug)]
struct Press {
    ssrc: u32,
    timestamp: u32,
    code: u8,
    seen: Instant,
    ended: bool,
}

impl Recogniser {
    /// Takes a telephone-event packet; returns the digit if this is the first of its press.
    pub fn packet(&mut self, now: Instant, header: &Header, payload: &[u8]) -> Option<char> {
        let &[code, flags, _, _] = payload.first_chunk()?;
        let digit = digit(code)?;
        let ended = flags & 0x80 != 0;
        let Header { ssrc, timestamp, marker, .. } = *header;
        let mine = |press: &&mut Press| press.ssrc == ssrc && press.code == code;

        let known = self.recent.iter_mut().filter(mine).find(|press| press.timestamp == timestamp);
        if let Some(press) = known {
            let replayed = marker && press.ended && now.duration_since(press.seen) > REPLAYED;
            press.seen = now;
            press.ended = ended || press.ended && !replayed;
            return replayed.then_some(digit);
        }
        let continued = self.recent.iter_mut().filter(mine).any(|press| {
            !marker && !press.ended && timestamp.wrapping_sub(press.timestamp) == SEGMENT
        });
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back(Press { ssrc, timestamp, code, seen: now, ended });
        (!continued).then_some(digit)
    }
}

/// How a digit came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Way {
    /// As telephone event.
    Media,
    /// By SIP INFO.
    Signalling,
}

/// Makes one press of two reports.
#[derive(Debug, Default)]
pub(super) struct Merger {
    /// Reported, with no counterpart from the other way so far.
    single: Vec<(char, Way, Instant)>,
}

impl Merger {
    /// Whether a digit is a press of its own, not the echo of one that came the other way.
    pub fn accept(&mut self, now: Instant, digit: char, way: Way) -> bool {
        self.single.retain(|&(_, _, at)| now.duration_since(at) < SAME_PRESS);
        let twin = self.single.iter().position(|&(other, by, _)| other == digit && by != way);
        match twin {
            Some(twin) => {
                self.single.remove(twin);
                false
            }
            None => {
                self.single.push((digit, way, now));
                true
            }
        }
    }
}

/// Digits on their way out, a packet each tick.
#[derive(Debug, Default)]
pub(super) struct Dialler {
    queue: VecDeque<u8>,
    /// The code, the tick within it and the timestamp of the digit being sent.
    current: Option<(u8, u8, u32)>,
}

/// What the dialler wants sent in this tick.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Dialled {
    /// No digit is being sent.
    Idle,
    /// The pause behind a digit.
    Pause,
    /// An event packet.
    Packet {
        /// Whether it is the first of its event.
        first: bool,
        /// The timestamp of the event.
        timestamp: u32,
        /// The payload.
        payload: [u8; 4],
    },
}

impl Dialler {
    /// A digit lasts 100 ms.
    const LENGTH: u8 = 5;
    /// Its end is told three times.
    const ENDS: u8 = 3;
    /// With the pause, 160 ms: 60 ms of silence between digits.
    const WHOLE: u8 = 8;
    /// The most digits that may wait.
    pub const LIMIT: usize = 64;

    /// Appends a digit; false if too many wait.
    pub fn push(&mut self, code: u8) -> bool {
        let room = self.queue.len() < Self::LIMIT;
        if room {
            self.queue.push_back(code);
        }
        room
    }

    /// How many more digits may wait.
    pub fn room(&self) -> usize {
        Self::LIMIT.saturating_sub(self.queue.len())
    }

    /// Whether nothing is to be sent.
    pub fn is_idle(&self) -> bool {
        self.current.is_none() && self.queue.is_empty()
    }

    /// Moves on by 20 ms. `timestamp` is that of this tick.
    pub fn tick(&mut self, timestamp: u32) -> Dialled {
        let (code, step, started) = match self.current {
            Some(current) => current,
            None => match self.queue.pop_front() {
                Some(code) => (code, 0, timestamp),
                None => return Dialled::Idle,
            },
        };
        let next = step + 1;
        self.current = (next < Self::WHOLE).then_some((code, next, started));
        if next >= Self::LENGTH + Self::ENDS {
            return Dialled::Pause;
        }
        let [high, low] = (u16::from(next.min(Self::LENGTH)) * 160).to_be_bytes();
        let end = if next >= Self::LENGTH { 0x80 } else { 0 };
        let payload = [code, end | 10, high, low];
        Dialled::Packet { first: step == 0, timestamp: started, payload }
    }
}

#[cfg(test)]
mod tests;
