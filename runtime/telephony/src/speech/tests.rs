//! Files, filters, tones, and speech by a provider that counts.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use hound::{SampleFormat, WavSpec};

use super::*;
use crate::api::Codec;

const LIMIT: Duration = Duration::from_secs(10);

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("jackfield-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// Amplitude at a frequency, by Goertzel; 1 is full scale.
fn amplitude(samples: &[i16], hertz: f64) -> f64 {
    let coefficient = 2.0 * (std::f64::consts::TAU * hertz / 8000.0).cos();
    let (mut one, mut two) = (0.0, 0.0);
    for &sample in samples {
        (one, two) = (f64::from(sample) / 32768.0 + coefficient * one - two, one);
    }
    let power: f64 = one * one + two * two - coefficient * one * two;
    2.0 * power.max(0.0).sqrt() / samples.len() as f64
}

/// A WAV file of one second with a sine of half the full scale on each channel.
fn wav(spec: WavSpec, hertz: f64) -> Vec<u8> {
    let mut octets = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut octets, spec).unwrap();
    for n in 0..spec.sample_rate {
        let t = f64::from(n) / f64::from(spec.sample_rate);
        let value = 0.5 * (std::f64::consts::TAU * hertz * t).sin();
        for _ in 0..spec.channels {
            match spec.sample_format {
                SampleFormat::Float => writer.write_sample(value as f32).unwrap(),
                SampleFormat::Int => {
                    let full = (1_i64 << (spec.bits_per_sample - 1)) as f64;
                    writer.write_sample((value * full) as i32).unwrap();
                }
            }
        }
    }
    writer.finalize().unwrap();
    octets.into_inner()
}

fn spec(sample_rate: u32, channels: u16, bits_per_sample: u16) -> WavSpec {
    WavSpec { channels, sample_rate, bits_per_sample, sample_format: SampleFormat::Int }
}

fn read(octets: Vec<u8>) -> Result<Audio, AudioError> {
    Audio::from_wav_bytes(octets, Path::new("test.wav"), LIMIT)
}

#[test]
fn files_of_all_kinds_sound_the_same() {
    let mut specs: Vec<WavSpec> = [8, 16, 24, 32].map(|bits| spec(16_000, 2, bits)).to_vec();
    specs.push(WavSpec { sample_format: SampleFormat::Float, ..spec(48_000, 1, 32) });
    let rates = [8000, 11_025, 22_050, 44_100, 48_000, 96_000, 6000];
    specs.extend(rates.map(|rate| spec(rate, 1, 16)));
    for spec in specs {
        let audio = read(wav(spec, 1000.0)).unwrap();
        assert_eq!(audio.duration(), Duration::from_secs(1), "{spec:?}");
        let middle = &audio.samples()[400..7600];
        let heard = amplitude(middle, 1000.0);
        assert!((0.48..0.52).contains(&heard), "{spec:?}: {heard}");
    }
}

#[test]
fn what_is_above_the_telephone_band_does_not_fold_into_it() {
    for (rate, hertz) in [(48_000, 6000.0), (44_100, 5000.0), (22_050, 4600.0), (16_000, 7000.0)] {
        let audio = read(wav(spec(rate, 1, 16), hertz)).unwrap();
        let middle = &audio.samples()[400..7600];
        let alias = amplitude(middle, 8000.0 - hertz);
        // -60 dB of the half scale that went in; -40 was asked for.
        assert!(alias < 0.0005, "{rate} Hz, {hertz} Hz: {alias}");
    }
    let band = read(wav(spec(48_000, 1, 16), 3400.0)).unwrap();
    assert!(amplitude(&band.samples()[400..7600], 3400.0) > 0.45);
}

#[test]
fn errors_say_which_file_and_what_is_accepted() {
    let message = |octets| read(octets).unwrap_err().to_string();
    let text = message(b"ID3 is not a WAV file at all".to_vec());
    assert!(text.starts_with("`test.wav` is not usable audio") && text.contains("accepted are"));
    assert!(message(wav(spec(3000, 1, 16), 100.0)).contains("a rate of 3000 Hz"));
    assert!(message(wav(spec(8000, 9, 16), 100.0)).contains("9 channels"));
    let long = Audio::from_wav_bytes(
        wav(spec(8000, 1, 16), 100.0),
        Path::new("long.wav"),
        Duration::from_millis(999),
    );
    assert_eq!(
        long.unwrap_err().to_string(),
        "`long.wav` plays for 1s, longer than the 999ms allowed"
    );
    let missing = Audio::from_wav(Path::new("/no/such.wav"), LIMIT).unwrap_err();
    assert_eq!(missing.to_string(), "cannot read `/no/such.wav`");
}

#[test]
fn a_file_cut_short_is_read_as_far_as_it_goes() {
    let mut octets = wav(spec(8000, 2, 16), 1000.0);
    octets.truncate(44 + 4 * 4000 + 3);
    assert_eq!(read(octets).unwrap().samples().len(), 4000);
}

#[test]
fn no_octets_whatever_cause_a_panic() {
    let good = wav(spec(8000, 1, 16), 1000.0);
    let mut state = 7_u32;
    for _ in 0..3000 {
        let mut octets = good[..200].to_vec();
        for _ in 0..3 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            octets[(state >> 8) as usize % 60] = (state >> 24) as u8;
        }
        let _ = read(octets);
    }
}

#[test]
fn tones_are_what_they_say_and_packets_are_whole() {
    let tone = Audio::tone(&[350.0, 440.0], Duration::from_millis(990));
    for hertz in [350.0, 440.0] {
        assert!((amplitude(&tone.samples()[..7800], hertz) - 0.183).abs() < 0.01);
    }
    let encoded = tone.encoded(Codec::Pcmu);
    assert_eq!(encoded.len(), 8000);
    assert_eq!(encoded[7999], 0xff);
    let ring_back = Audio::ring_back();
    assert!(amplitude(&ring_back.samples()[..8000], 425.0) > 0.15);
    assert!(ring_back.samples()[8000..].iter().all(|&sample| sample == 0));
    assert_eq!(ring_back.duration(), Duration::from_secs(5));
}

#[test]
fn music_on_hold_is_soft_and_has_no_seam() {
    let music = Audio::music_on_hold();
    let samples = music.samples();
    assert_eq!(samples.len(), 153_600);
    let peak = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
    assert!((5000..25_000).contains(&peak), "{peak}");
    let step = |a: i16, b: i16| a.abs_diff(b);
    assert!(step(samples[0], samples[samples.len() - 1]) < 3000);
    for second in samples.chunks(8000) {
        let energy: f64 = second.iter().map(|&sample| f64::from(sample).powi(2)).sum();
        assert!((energy / second.len() as f64).sqrt() > 500.0);
    }
}

#[test]
fn prompts_fall_back_to_all_languages_and_name_near_matches() {
    let folder = Folder::new("prompts");
    std::fs::create_dir(folder.0.join("ru")).unwrap();
    for (name, hertz) in [("welcome", 500.0), ("ru/welcome", 900.0), ("closed", 500.0)] {
        std::fs::write(folder.0.join(format!("{name}.wav")), wav(spec(8000, 1, 16), hertz))
            .unwrap();
    }
    let library = PromptLibrary::new(folder.0.clone(), LIMIT);
    let pitch = |name, language, hertz| {
        amplitude(&library.get(name, language).unwrap().samples()[..7200], hertz) > 0.4
    };
    assert!(pitch("welcome", "ru", 900.0) && pitch("welcome", "en", 500.0));
    assert!(pitch("closed", "ru", 500.0));
    let again = library.get("closed", "en").unwrap();
    assert!(Arc::ptr_eq(&again, &library.get("closed", "ru").unwrap()));
    let unknown = library.get("welcom", "ru").unwrap_err().to_string();
    assert!(unknown.ends_with("did you mean `welcome`?"), "{unknown}");
    for name in ["../welcome", "/etc/x", "a//b", "", ".hidden"] {
        assert!(matches!(library.get(name, "ru"), Err(PromptError::BadName(_))), "{name}");
    }
}

/// Answers with a tone after a while, and counts.
struct Counting(AtomicUsize);

#[async_trait]
impl SpeechProvider for Counting {
    fn voice(&self, language: &str) -> String {
        format!("counting {language}")
    }

    fn speaks(&self, language: &str) -> bool {
        language == "en"
    }

    async fn synthesise(&self, text: &str, _language: &str) -> Result<Audio, SpeechError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(50)).await;
        if text == "fail" {
            return Err(SpeechError::NoVoice("none".to_owned()));
        }
        Ok(Audio::tone(&[440.0], Duration::from_millis(100)))
    }
}

#[tokio::test]
async fn equal_texts_are_spoken_once_and_kept_on_disk() {
    let folder = Folder::new("speech");
    let provider = Arc::new(Counting(AtomicUsize::new(0)));
    let config = SpeechConfig { folder: Some(folder.0.clone()), ..SpeechConfig::default() };
    let speech = Speech::new(config.clone(), vec![provider.clone()]);
    let (one, two) = tokio::join!(speech.say("hello", "en"), speech.say("hello", "en"));
    assert!(Arc::ptr_eq(&one.unwrap(), &two.unwrap()));
    speech.say("hello", "en").await.unwrap();
    assert_eq!(provider.0.load(Ordering::Relaxed), 1);
    // Another process with the same folder.
    let later = Speech::new(config, vec![provider.clone()]);
    assert_eq!(later.say("hello", "en").await.unwrap().samples().len(), 800);
    assert_eq!(provider.0.load(Ordering::Relaxed), 1);
    // A failure is not kept; who gives up does not spoil it for the next.
    assert!(later.say("fail", "en").await.is_err() && later.say("fail", "en").await.is_err());
    assert_eq!(provider.0.load(Ordering::Relaxed), 3);
    let given_up = tokio::time::timeout(Duration::from_millis(10), later.say("bye", "en")).await;
    assert!(given_up.is_err());
    assert!(later.say("bye", "en").await.is_ok());
    assert!(matches!(later.say("hello", "ru").await, Err(SpeechError::NoVoice(_))));
    let long = later.say(&"x".repeat(4001), "en").await.unwrap_err();
    assert_eq!(long.to_string(), "the text has 4001 characters, more than the 4000 allowed");
}

#[tokio::test]
async fn espeak_speaks_russian_and_english() {
    let espeak = Espeak::new(160, ProcessLimits::default());
    for (text, language) in [("Добрый день! Вы позвонили в банк.", "ru"), ("-v; rm `x` $(y)", "en")]
    {
        match espeak.synthesise(text, language).await {
            Ok(audio) => {
                assert!(audio.duration() > Duration::from_millis(700), "{:?}", audio.duration());
                assert!(audio.samples().iter().any(|sample| sample.unsigned_abs() > 3000));
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!(matches!(espeak.synthesise("x", "../x").await, Err(SpeechError::NoVoice(_))));
    let hurried = ProcessLimits { time: Duration::from_millis(1), ..ProcessLimits::default() };
    let error = Espeak::new(160, hurried).synthesise("Too slow", "en").await.unwrap_err();
    assert_eq!(error.to_string(), "`espeak-ng` did not finish within 1ms");
    let short = ProcessLimits { output: 5000, ..ProcessLimits::default() };
    let error = Espeak::new(160, short).synthesise("Too much", "en").await.unwrap_err();
    assert_eq!(error.to_string(), "`espeak-ng` gave more than 5000 octets");
}

#[tokio::test]
async fn a_missing_voice_names_its_package() {
    if Festival::is_installed() {
        let audio = Festival::new(ProcessLimits::default()).synthesise("Добрый день", "ru").await;
        assert!(audio.unwrap().duration() > Duration::from_millis(300));
        return;
    }
    let error = Festival::new(ProcessLimits::default()).synthesise("x", "ru").await.unwrap_err();
    assert!(error.to_string().contains("is in the Debian package `fest"), "{error}");
}
