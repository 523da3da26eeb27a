//! Conversion to 8 kHz by a windowed-sinc low-pass.

use std::f64::consts::PI;

use super::Audio;

/// Zero crossings of the sinc on each side: a transition band of about 500 Hz.
const CROSSINGS: f64 = 24.0;
/// The shape of the Kaiser window: 80 dB down in the stop band.
const BETA: f64 = 8.0;
/// Where the low-pass is 6 dB down, as part of the smaller half rate: 3.7 kHz.
const CUT_OFF: f64 = 0.925;

/// Converts samples at `rate` to 8 kHz.
pub(super) fn to_8k(samples: &[f32], rate: u32) -> Vec<i16> {
    let to_i16 = |sample: f32| (sample * 32768.0).round().clamp(-32768.0, 32767.0) as i16;
    if rate == Audio::RATE {
        return samples.iter().map(|&sample| to_i16(sample)).collect();
    }
    let common = gcd(rate, Audio::RATE);
    let (up, down) = (u64::from(Audio::RATE / common), u64::from(rate / common));
    let (half, filters) = filters(up, rate);
    let length = (samples.len() as u64 * up).div_ceil(down);
    let mut out = Vec::with_capacity(length as usize);
    for n in 0..length {
        let position = n * down;
        let (centre, phase) = ((position / up) as i64, (position % up) as usize);
        let Some(filter) = filters.get(phase) else { break };
        let sum: f32 = (centre - half + 1..)
            .zip(filter)
            .map(|(k, tap)| {
                let sample = usize::try_from(k).ok().and_then(|k| samples.get(k));
                sample.copied().unwrap_or(0.0) * tap
            })
            .sum();
        out.push(to_i16(sum));
    }
    out
}

/// A filter for each position of an output sample between two input samples, and half its length.
fn filters(up: u64, rate: u32) -> (i64, Vec<Vec<f32>>) {
    // The bandwidth in cycles per input sample.
    let cut = CUT_OFF * 0.5 * (f64::from(Audio::RATE.min(rate)) / f64::from(rate));
    let half = (CROSSINGS / (2.0 * cut)).ceil();
    let filter = |phase: u64| {
        let fraction = phase as f64 / up as f64;
        let taps: Vec<f64> = (0..2 * half as i64)
            .map(|k| {
                let t = (k - half as i64 + 1) as f64 - fraction;
                let sinc =
                    if t == 0.0 { 1.0 } else { (2.0 * PI * cut * t).sin() / (2.0 * PI * cut * t) };
                sinc * kaiser(t / half)
            })
            .collect();
        // Each phase passes a constant unchanged, else there would be a tone at the phase rate.
        let gain: f64 = taps.iter().sum();
        taps.into_iter().map(|tap| (tap / gain) as f32).collect()
    };
    (half as i64, (0..up).map(filter).collect())
}

fn kaiser(x: f64) -> f64 {
    if x.abs() > 1.0 { 0.0 } else { bessel(BETA * (1.0 - x * x).sqrt()) / bessel(BETA) }
}

/// The modified Bessel function of the first kind, order zero.
fn bessel(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..40 {
        term *= (x / 2.0 / f64::from(k)).powi(2);
        sum += term;
    }
    sum
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}
