//! Prompts: audio from files and from speech providers.

mod audio;
mod front;
mod prompts;
mod provider;
mod resample;

mod synth;
mod wav;

pub use audio::Audio;
pub use front::{Speech, SpeechConfig};
pub use prompts::{PromptError, PromptLibrary};
pub use provider::{Espeak, Festival, ProcessLimits, SpeechError, SpeechProvider};
pub use wav::AudioError;

#[cfg(test)]
mod tests;
