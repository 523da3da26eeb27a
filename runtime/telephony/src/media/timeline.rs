//! The jitter buffer of recordings and mixes: samples on the time line of their RTP timestamps.
//!
//! Samples are put where their timestamp says and are read 20 ms at a time, so packets of any
//! length may come in any order, and what never came is silence.

use super::codec::{FRAME, decode};
use crate::api::Codec;

/// Room for half a second.
const ROOM: usize = 4096;

/// So many late packets in a row mean that the sender's clock stands elsewhere than we think.
const LATE_RUN: u8 = 5;

/// Received samples, waiting for their time.
pub(super) struct Timeline {
    ring: Box<[i16]>,
    /// The timestamp to be read next, once something came.
    read: Option<u32>,
    /// How far behind the first packet reading starts.
    depth: u32,
    /// What is further ahead than this is a new beginning.
    most: u32,
    late_run: u8,
}

impl Timeline {
    /// An empty one that holds audio for `depth` samples.
    pub fn new(depth: u32) -> Self {
        Self::bounded(depth, ROOM as u32)
    }

    /// One that holds no more than `most` samples.
    pub fn bounded(depth: u32, most: u32) -> Self {
        let ring = vec![0; ROOM].into_boxed_slice();
        let depth = depth.min(ROOM as u32 / 2);
        Self { ring, read: None, depth, most: most.min(ROOM as u32), late_run: 0 }
    }

    /// Whether anything came.
    pub fn has_begun(&self) -> bool {
        self.read.is_some()
    }

    /// Puts samples in their place; false if they came too late.
    pub fn push(&mut self, timestamp: u32, codec: Codec, payload: &[u8]) -> bool {
        let length = payload.len() as u32;
        let read = *self.read.get_or_insert(timestamp.wrapping_sub(self.depth));
        let ahead = timestamp.wrapping_sub(read) as i32;
        if (-(ROOM as i32)..0).contains(&ahead) && self.late_run < LATE_RUN {
            self.late_run += 1;
            return false;
        }
        self.late_run = 0;
        if ahead < 0 || ahead as u32 + length > self.most {
            self.ring.fill(0);
            self.read = Some(timestamp.wrapping_sub(self.depth));
        }
        for (offset, sample) in (0_u32..).zip(decode(codec, payload).take(ROOM)) {
            let place = timestamp.wrapping_add(offset) as usize % ROOM;
            if let Some(place) = self.ring.get_mut(place) {
                *place = sample;
            }
        }
        true
    }

    /// Takes the next 20 ms.
    pub fn pop(&mut self) -> [i16; FRAME] {
        let mut frame = [0; FRAME];
        let Some(read) = &mut self.read else { return frame };
        for sample in &mut frame {
            if let Some(place) = self.ring.get_mut(*read as usize % ROOM) {
                *sample = std::mem::take(place);
            }
            *read = read.wrapping_add(1);
        }
        frame
    }
}

#[cfg(test)]
mod tests;
