//! Reading WAV files of any kind.

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hound::{SampleFormat, WavReader};

use super::Audio;
use super::resample::to_8k;

/// The largest file read: 45 minutes at 48 kHz, mono.
const LARGEST: u64 = 256 << 20;

/// Why audio could not be taken. Each message names the file and what is accepted.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AudioError {
    /// The file could not be read.
    #[error("cannot read `{path}`")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// It is not a WAV file, or of a kind that is not understood.
    #[error(
        "`{path}` is not usable audio: {problem}; accepted are WAV files with 8, 16, 24 or 32 bit \
         integer or 32 bit float samples, 1 to 8 channels, 4 to 192 kHz"
    )]
    NotAccepted {
        /// Which.
        path: PathBuf,
        /// What was wrong.
        problem: String,
    },
    /// It plays for too long.
    #[error("`{path}` plays for {length:?}, longer than the {limit:?} allowed")]
    TooLong {
        /// Which.
        path: PathBuf,
        /// How long it plays.
        length: Duration,
        /// How long it may.
        limit: Duration,
    },
}

impl Audio {
    /// Reads a WAV file of any rate and kind, mixes its channels and converts it to 8 kHz.
    ///
    /// # Errors
    ///
    /// [`AudioError`] if it cannot be read, is not understood or plays for longer than `limit`.
    pub fn from_wav(path: &Path, limit: Duration) -> Result<Self, AudioError> {
        let unreadable =
            |source| AudioError::Unreadable { path: path.to_owned(), source: Arc::new(source) };
        let file = std::fs::File::open(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        if size > LARGEST {
            let problem = format!("{size} octets, more than {LARGEST}");
            return Err(AudioError::NotAccepted { path: path.to_owned(), problem });
        }
        let mut octets = Vec::new();
        file.take(LARGEST).read_to_end(&mut octets).map_err(unreadable)?;
        Self::from_wav_bytes(octets, path, limit)
    }

    /// The same from memory; `name` is what errors call it.
    pub fn from_wav_bytes(
        mut octets: Vec<u8>,
        name: &Path,
        limit: Duration,
    ) -> Result<Self, AudioError> {
        let path = name.to_owned();
        let not_accepted =
            |problem: String| AudioError::NotAccepted { path: path.clone(), problem };
        mend_length(&mut octets);
        let reader =
            WavReader::new(Cursor::new(octets)).map_err(|error| not_accepted(error.to_string()))?;
        let spec = reader.spec();
        if !(1..=8).contains(&spec.channels) {
            return Err(not_accepted(format!("{} channels", spec.channels)));
        }
        if !(4000..=192_000).contains(&spec.sample_rate) {
            return Err(not_accepted(format!("a rate of {} Hz", spec.sample_rate)));
        }
        let seconds = f64::from(reader.duration()) / f64::from(spec.sample_rate);
        let length = Duration::from_secs_f64(seconds);
        if length > limit {
            return Err(AudioError::TooLong { path, length, limit });
        }
        let samples = read(reader).map_err(|error| not_accepted(error.to_string()))?;
        let channels = usize::from(spec.channels);
        let mono: Vec<f32> = samples
            .chunks_exact(channels)
            .map(|all| all.iter().sum::<f32>() / channels as f32)
            .collect();
        Ok(Self::from_samples(to_8k(&mono, spec.sample_rate)))
    }

    /// The audio as a WAV file.
    pub(super) fn to_wav(&self) -> Result<Vec<u8>, hound::Error> {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: Self::RATE,
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        let mut octets = Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut octets, spec)?;
        for &sample in self.samples() {
            writer.write_sample(sample)?;
        }
        writer.finalize()?;
        Ok(octets.into_inner())
    }
}

/// All samples, from -1 to 1.
fn read(reader: WavReader<Cursor<Vec<u8>>>) -> Result<Vec<f32>, hound::Error> {
    let spec = reader.spec();
    match spec.sample_format {
        SampleFormat::Float => reader.into_samples::<f32>().collect(),
        SampleFormat::Int => {
            let full = (1_u64 << (spec.bits_per_sample.clamp(1, 32) - 1)) as f32;
            reader
                .into_samples::<i32>()
                .map(|sample| sample.map(|sample| sample as f32 / full))
                .collect()
        }
    }
}

/// Sets the length of the `data` chunk to what is there, if less is there than it says: programs
/// that write into a pipe put a placeholder, and a killed recorder leaves an old length.
fn mend_length(octets: &mut [u8]) {
    let mut at = 12;
    let mut block = 1;
    while let Some(&[a, b, c, d, e, f, g, h]) = octets.get(at..).and_then(|rest| rest.first_chunk())
    {
        let length = u32::from_le_bytes([e, f, g, h]) as usize;
        let body = at + 8;
        if [a, b, c, d] == *b"data" {
            let present = octets.len() - body;
            if length > present {
                // A sample that was cut would be an error.
                let whole = present - present % block;
                if let Some(field) = octets.get_mut(at + 4..body) {
                    field.copy_from_slice(&(whole as u32).to_le_bytes());
                }
            }
            return;
        }
        if [a, b, c, d] == *b"fmt "
            && let Some(&[low, high]) = octets.get(body + 12..).and_then(|rest| rest.first_chunk())
        {
            block = usize::from(u16::from_le_bytes([low, high])).max(1);
        }
        at = body.saturating_add(length.next_multiple_of(2));
    }
}
