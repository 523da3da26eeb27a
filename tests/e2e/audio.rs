//! Hearing by frequency.

use std::path::Path;

/// Writes a WAV of one tone: 8 kHz, mono.
pub fn write_tone(path: &Path, hertz: f64, seconds: f64) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavWriter::create(path, spec).unwrap();
    for at in 0..(seconds * 8_000.0) as u32 {
        let angle = std::f64::consts::TAU * hertz * f64::from(at) / 8_000.0;
        file.write_sample((angle.sin() * 8_000.0) as i16).unwrap();
    }
    file.finalize().unwrap();
}

/// The channels of a WAV at 8 kHz.
pub fn read(path: &Path) -> Vec<Vec<f64>> {
    let mut file =
        hound::WavReader::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let spec = file.spec();
    assert_eq!(spec.sample_rate, 8_000, "{}", path.display());
    let mut channels = vec![Vec::new(); usize::from(spec.channels)];
    for (place, sample) in file.samples::<i16>().enumerate() {
        channels[place % usize::from(spec.channels)].push(f64::from(sample.unwrap()));
    }
    channels
}

/// The share of half-second windows in which `hertz` carries most of the power (Goertzel 1958).
pub fn share_of_tone(samples: &[f64], hertz: f64) -> f64 {
    let windows: Vec<_> = samples.chunks_exact(4_000).collect();
    let heard = windows.iter().filter(|window| {
        let power: f64 = window.iter().map(|x| x * x).sum();
        10_000.0 < power && 0.5 < tone_power(window, hertz) / power
    });
    heard.count() as f64 / windows.len().max(1) as f64
}

/// The share of half-second windows in which `hertz` is there at all, among others.
pub fn share_with_tone(samples: &[f64], hertz: f64) -> f64 {
    let windows: Vec<_> = samples.chunks_exact(4_000).collect();
    let heard = windows.iter().filter(|window| {
        let power: f64 = window.iter().map(|x| x * x).sum();
        10_000.0 < power && 0.1 < tone_power(window, hertz) / power
    });
    heard.count() as f64 / windows.len().max(1) as f64
}

fn tone_power(window: &[f64], hertz: f64) -> f64 {
    let omega = std::f64::consts::TAU * hertz / 8_000.0;
    let (mut one, mut two) = (0.0, 0.0);
    for x in window {
        let zero = x + 2.0 * omega.cos() * one - two;
        two = one;
        one = zero;
    }
    let magnitude = one * one + two * two - 2.0 * omega.cos() * one * two;
    2.0 * magnitude / window.len() as f64
}
