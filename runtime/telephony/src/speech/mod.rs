//! Prompts: audio from files and from speech providers.

/// Sound ready to be played: 8 kHz, mono, 16 bit.
#[derive(Debug)]
pub struct Audio {}
