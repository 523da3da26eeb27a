//! Tones and the music that needs no file.

use std::f32::consts::TAU;
use std::time::Duration;

use super::Audio;

const RATE: f32 = Audio::RATE as f32;

/// Each tone of a call-progress signal alone; together they stay clear of clipping.
const TONE_LEVEL: f32 = 6000.0;

fn count(duration: Duration) -> usize {
    (duration.as_secs_f64() * f64::from(Audio::RATE)).round() as usize
}

impl Audio {
    /// Silence.
    pub fn silence(duration: Duration) -> Self {
        Self::from_samples(vec![0; count(duration)])
    }

    /// The sum of sines at these frequencies in hertz.
    pub fn tone(frequencies: &[f32], duration: Duration) -> Self {
        let sample = |n: usize| {
            let t = n as f32 / RATE;
            // The phase is taken modulo one before the sine, for precision in long tones.
            let sum: f32 = frequencies.iter().map(|hertz| ((hertz * t).fract() * TAU).sin()).sum();
            (sum * TONE_LEVEL).clamp(-32767.0, 32767.0) as i16
        };
        Self::from_samples((0..count(duration)).map(sample).collect())
    }

    /// The ring-back of most of Europe and of Russia: 425 Hz, 1 s on, 4 s off.
    pub fn ring_back() -> Self {
        let mut samples = Self::tone(&[425.0], Duration::from_secs(1)).samples().to_vec();
        samples.resize(count(Duration::from_secs(5)), 0);
        Self::from_samples(samples)
    }

    /// Busy: 425 Hz, 350 ms on and off.
    pub fn busy() -> Self {
        let mut samples = Self::tone(&[425.0], Duration::from_millis(350)).samples().to_vec();
        samples.resize(count(Duration::from_millis(700)), 0);
        Self::from_samples(samples)
    }

    /// Music on hold, 19.2 s, made to be repeated: soft broken chords (C, a, F, G with their fifths
    /// in the bass).
    pub fn music_on_hold() -> Self {
        const NOTE: f32 = 0.3;
        const CHORDS: [[f32; 5]; 4] = [
            [130.81, 261.63, 329.63, 392.00, 523.25],
            [110.00, 220.00, 261.63, 329.63, 440.00],
            [174.61, 261.63, 349.23, 440.00, 523.25],
            [98.00, 246.94, 293.66, 392.00, 493.88],
        ];
        /// The order of the upper notes in a bar of eight.
        const FIGURE: [usize; 8] = [1, 2, 3, 4, 3, 2, 3, 2];
        let total = (NOTE * 64.0 * RATE) as usize;
        let mut mix = vec![0.0_f32; total];
        for bar in 0..8 {
            let chord = CHORDS[bar / 2 % CHORDS.len()];
            let start = bar as f32 * NOTE * 8.0;
            pluck(&mut mix, start, chord[0], 2.2, 3200.0);
            for (step, &note) in FIGURE.iter().enumerate() {
                pluck(&mut mix, start + step as f32 * NOTE, chord[note], 0.9, 2600.0);
            }
        }
        Self::from_samples(mix.into_iter().map(|sample| sample.clamp(-30e3, 30e3) as i16).collect())
    }
}

/// Adds a struck string, dying away over about `length` seconds; what rings on beyond the end is
/// heard at the beginning, so that a repetition has no seam.
fn pluck(mix: &mut [f32], start: f32, hertz: f32, length: f32, level: f32) {
    let first = (start * RATE) as usize;
    let samples = (length * 2.0 * RATE) as usize;
    let total = mix.len().max(1);
    for n in 0..samples {
        let t = n as f32 / RATE;
        let attack = (t / 0.015).min(1.0);
        let release = (1.0 - n as f32 / samples as f32).min(1.0);
        let envelope = attack * release * (-2.5 * t / length).exp();
        let wave = |harmonic: f32| ((hertz * harmonic * t).fract() * TAU).sin();
        let tone = wave(1.0) + 0.25 * wave(2.0) + 0.08 * wave(3.0);
        if let Some(sample) = mix.get_mut((first + n) % total) {
            *sample += tone * envelope * level;
        }
    }
}
