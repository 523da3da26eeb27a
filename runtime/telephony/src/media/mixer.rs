//! What one party of a mix hears: the sum of its sources.
//!
//! Every listener has a jitter buffer of its own for each of its sources, read by its own tick. So
//! ports of any thread mix without a clock of their own, and a change of the plan leaves the
//! sources that stay as they are. One source alone is not mixed: its packets are passed on, as in a
//! bridge, without delay.

use super::codec::FRAME;
use super::timeline::Timeline;
use crate::api::Codec;

/// A source is held no longer than its depth and this many samples, 100 ms: a sender whose clock is
/// fast would else be heard later and later.
const SLACK: u32 = 800;

/// The sources of a listener.
#[derive(Default)]
pub(super) struct Mixer {
    /// By the key of the port.
    sources: Vec<(usize, Timeline)>,
}

impl Mixer {
    /// Sets the sources; those that were there before stay as they are.
    pub fn set(&mut self, sources: &[usize], depth: u32) {
        let mut kept = std::mem::take(&mut self.sources);
        for &key in sources {
            let place = kept.iter().position(|(old, _)| *old == key);
            let source = match place {
                Some(place) => kept.swap_remove(place),
                None => (key, Timeline::bounded(depth, depth + SLACK)),
            };
            self.sources.push(source);
        }
    }

    /// Removes a source.
    pub fn forget(&mut self, source: usize) {
        self.sources.retain(|(key, _)| *key != source);
    }

    /// Whether there is something to add up.
    pub fn mixes(&self) -> bool {
        self.sources.len() > 1
    }

    /// Whether this is the only source.
    pub fn hears_only(&self, source: usize) -> bool {
        matches!(&*self.sources, [(key, _)] if *key == source)
    }

    /// Adds what a source said.
    pub fn push(&mut self, source: usize, timestamp: u32, codec: Codec, payload: &[u8]) {
        let place = self.sources.iter_mut().find(|(key, _)| *key == source);
        if let Some((_, timeline)) = place {
            timeline.push(timestamp, codec, payload);
        }
    }

    /// The next 20 ms; none before any source has begun.
    pub fn next(&mut self) -> Option<[i16; FRAME]> {
        let mut sum = [0_i16; FRAME];
        let mut begun = false;
        for (_, timeline) in &mut self.sources {
            begun |= timeline.has_begun();
            for (sum, sample) in sum.iter_mut().zip(timeline.pop()) {
                *sum = sum.saturating_add(sample);
            }
        }
        begun.then_some(sum)
    }
}
