//! Legs: SIP signalling and media, driven by commands, reporting events.
//!
//! The rest of Jackfield sees only [`api`]: an [`Endpoint`] that accepts and places calls, a [`Leg`]
//! for each, and events. Nothing outside this crate names a type of the SIP crates, so that they can
//! be replaced.
//!
//! * [`sip`]: signalling over UDP and TCP, dialogs, registrar, trunks;
//! * [`media`]: RTP, codecs, digits, playing, recording, bridging;
//! * `web`: agents' browsers, by WebRTC;
//! * [`speech`]: prompts from files and from speech providers.

pub mod api;
pub mod media;
pub mod sip;
pub mod speech;
mod web;

pub use api::*;
