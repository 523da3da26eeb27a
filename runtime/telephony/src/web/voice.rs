//! Opus, to and from the 8 kHz of the media engine.
//!
//! The codec itself takes and gives 8 kHz, so nothing is resampled here. What the browser sends in
//! its full band is cut to the telephone's by the decoder.

use ropus::{Application, Bitrate, Channels, DecodeMode, InbandFec};

use crate::media::codec::FRAME;

/// Samples of the longest Opus packet, 120 ms.
const LONGEST: usize = 960;

/// So many packets in a row are concealed at most; what is longer is a pause.
const CONCEALED_MAX: u64 = 5;

/// Bits a second towards the browser: telephone-band speech at which Opus leaves nothing to be
/// heard, redundancy against loss included.
const BITRATE: u32 = 24_000;

/// The loss that the redundancy in the stream is made for, in percent.
const LOSS: u8 = 5;

/// How hard the encoder tries, 0 to 10: beyond this the telephone band gains nothing.
const COMPLEXITY: u8 = 3;

/// Opus could not be set up or refused its input.
pub(super) type Refused = String;

/// A decoded packet.
pub(super) struct Frame {
    /// The packet's number.
    pub sequence: u64,
    /// Its time in samples at 8 kHz.
    pub time: u64,
    /// The voice.
    pub samples: Vec<i16>,
}

/// Decodes what the browser says.
pub(super) struct Decoder {
    opus: ropus::Decoder,
    /// The number that comes next, and the length and time of the packet before.
    after: Option<(u64, usize, u64)>,
}

impl Decoder {
    /// A decoder that has heard nothing.
    pub fn new() -> Result<Self, Refused> {
        let opus = ropus::Decoder::new(8000, Channels::Mono).map_err(|error| error.to_string())?;
        Ok(Self { opus, after: None })
    }

    /// Decodes a packet, and before it those that were lost, as well as can be guessed. What comes
    /// late or is no Opus gives nothing.
    pub fn packet(&mut self, sequence: u64, time: u64, payload: &[u8], out: &mut Vec<Frame>) {
        if let Some((next, length, before)) = self.after {
            let Some(missing) = sequence.checked_sub(next) else { return };
            // The sender's clock tells loss from a pause in which it sent nothing.
            let lost = time.checked_sub(before) == Some((missing + 1) * length as u64);
            if (1..=CONCEALED_MAX).contains(&missing) && lost {
                self.conceal((next..sequence, before), length, payload, out);
            }
        }
        if let Some(samples) = self.decode(payload, LONGEST, DecodeMode::Normal) {
            self.after = Some((sequence + 1, samples.len(), time));
            out.push(Frame { sequence, time, samples });
        }
    }

    /// Fills the places of lost packets: the last by the redundancy in the packet after it.
    fn conceal(
        &mut self,
        (missing, before): (std::ops::Range<u64>, u64),
        length: usize,
        following: &[u8],
        out: &mut Vec<Frame>,
    ) {
        let mut time = before;
        for sequence in missing.clone() {
            time += length as u64;
            let last = sequence + 1 == missing.end;
            let samples = if last {
                self.decode(following, length, DecodeMode::Fec)
            } else {
                self.decode(&[], length, DecodeMode::Normal)
            };
            out.extend(samples.map(|samples| Frame { sequence, time, samples }));
        }
    }

    fn decode(&mut self, payload: &[u8], room: usize, mode: DecodeMode) -> Option<Vec<i16>> {
        let mut samples = vec![0; room];
        let length = self.opus.decode(payload, &mut samples, mode).ok()?;
        samples.truncate(length);
        Some(samples)
    }
}

/// Encodes what the browser hears, in packets of 20 ms whatever the length of what comes.
pub(super) struct Encoder {
    opus: ropus::Encoder,
    pending: Vec<i16>,
    /// The time of the first sample that waits.
    time: u64,
}

impl Encoder {
    /// An encoder that has said nothing.
    pub fn new() -> Result<Self, Refused> {
        let opus = ropus::Encoder::builder(8000, Channels::Mono, Application::Voip)
            .bitrate(Bitrate::Bits(BITRATE))
            .complexity(COMPLEXITY)
            .inband_fec(InbandFec::Enabled)
            .packet_loss_perc(LOSS)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { opus, pending: Vec::with_capacity(2 * FRAME), time: 0 })
    }

    /// Adds samples of a time at 8 kHz and gives the packets that are full, with their times.
    pub fn push(
        &mut self,
        time: u64,
        samples: impl Iterator<Item = i16>,
        mut packet: impl FnMut(u64, &[u8]),
    ) {
        let expected = self.time + self.pending.len() as u64;
        if time != expected {
            // A pause, or loss: the time stamp tells the browser. What was overtaken is not sent.
            if time < expected && expected - time < LONGEST as u64 {
                return;
            }
            self.pending.clear();
            self.time = time;
        }
        self.pending.extend(samples.take(LONGEST));
        while let Some(frame) = self.pending.first_chunk::<FRAME>() {
            let mut encoded = [0; 1275];
            // It refuses no frame of the right length; if it did, the frame would be lost.
            if let Some(encoded) =
                self.opus.encode(frame, &mut encoded).ok().and_then(|length| encoded.get(..length))
            {
                packet(self.time, encoded);
            }
            self.pending.drain(..FRAME);
            self.time += FRAME as u64;
        }
    }
}

#[cfg(test)]
mod tests;
