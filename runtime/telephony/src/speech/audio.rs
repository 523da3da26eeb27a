//! Sound ready to be played.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;

use crate::api::Codec;
use crate::media::codec::{FRAME, encode};

/// Sound ready to be played: 8 kHz, mono, 16 bit.
///
/// It is encoded once for each codec, by the first call that plays it, and shared by all.
pub struct Audio {
    samples: Box<[i16]>,
    pcmu: OnceLock<Bytes>,
    pcma: OnceLock<Bytes>,
}

impl Audio {
    /// Samples a second.
    pub const RATE: u32 = 8000;

    /// Takes samples at 8 kHz.
    pub fn from_samples(samples: Vec<i16>) -> Self {
        let samples = samples.into_boxed_slice();
        Self { samples, pcmu: OnceLock::new(), pcma: OnceLock::new() }
    }

    /// The samples at 8 kHz.
    pub fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// How long it plays.
    pub fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.samples.len() as f64 / f64::from(Self::RATE))
    }

    /// Octets it takes in memory, as if encoded once.
    pub fn weight(&self) -> usize {
        self.samples.len() * 3
    }

    /// The audio as payload in whole packets of 20 ms, the last filled up with silence.
    pub fn encoded(&self, codec: Codec) -> Bytes {
        let place = match codec {
            Codec::Pcmu => &self.pcmu,
            Codec::Pcma => &self.pcma,
        };
        let encoded = place.get_or_init(|| {
            let mut octets = encode(codec, &self.samples);
            let silence = encode(codec, &[0]).first().copied().unwrap_or_default();
            octets.resize(octets.len().next_multiple_of(FRAME), silence);
            Bytes::from(octets)
        });
        encoded.clone()
    }
}

impl fmt::Debug for Audio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audio").field("duration", &self.duration()).finish_non_exhaustive()
    }
}
