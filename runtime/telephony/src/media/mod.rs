//! Media: RTP ports on one shared 20 ms tick.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::api::{Codec, LegError, PlayId, Repeat, RtpConfig};
use crate::speech::Audio;

/// All media of one process: the ports and the tick that serves them.
#[derive(Clone)]
pub struct MediaEngine {}

/// One leg's RTP port. Dropping the last handle frees it.
#[derive(Clone)]
pub struct MediaPort {}

/// What was negotiated.
#[derive(Clone, Debug)]
pub struct MediaSettings {
    /// Where to send.
    pub remote: SocketAddr,
    /// The codec both ways.
    pub codec: Codec,
    /// Its payload type in the answer.
    pub payload_type: u8,
    /// Every payload type that the answer maps to telephone-event: digits are read from all of them.
    pub event_types: Vec<u8>,
    /// The payload type to send digits with; none if the peer takes no events.
    pub event_type_out: Option<u8>,
    /// Whether we send (not held, not recvonly).
    pub send: bool,
    /// Whether the peer is expected to send; without it `rtp.timeout` does not run.
    pub receive: bool,
}

/// What happens on a port.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MediaEvent {
    /// A digit, once per press.
    Digit(char),
    /// A playing came to its end.
    Played(PlayId),
    /// Nothing was received for `rtp.timeout`. Said once.
    TimedOut,
}

/// All ports are in use.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("all RTP ports are in use")]
pub struct PortsExhausted;

/// Figures of the engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct MediaCounters {
    /// Packets received.
    pub received: u64,
    /// Packets sent.
    pub sent: u64,
    /// Packets too late, twice or not RTP.
    pub discarded: u64,
}

impl MediaEngine {
    /// Starts the engine on the current tokio runtime.
    pub fn new(_config: RtpConfig) -> std::io::Result<Self> {
        unimplemented!()
    }

    /// Binds a port. Cheap: sockets are kept and used again.
    pub fn allocate(&self) -> Result<MediaPort, PortsExhausted> {
        unimplemented!()
    }

    /// Lets two started ports hear each other; what plays on them stops. Digits cross over as
    /// telephone events and are reported as events too.
    pub fn bridge(&self, _one: &MediaPort, _other: &MediaPort) {
        unimplemented!()
    }

    /// Parts a port from the one it is bridged with, if any.
    pub fn unbridge(&self, _one: &MediaPort) {
        unimplemented!()
    }

    /// Figures since the start.
    pub fn counters(&self) -> MediaCounters {
        unimplemented!()
    }
}

impl MediaPort {
    /// The address for SDP.
    pub fn local(&self) -> SocketAddr {
        unimplemented!()
    }

    /// Starts sending and receiving, or changes what was negotiated.
    pub fn start(&self, _settings: MediaSettings, _events: mpsc::UnboundedSender<MediaEvent>) {
        unimplemented!()
    }

    /// Plays audio, replacing what plays; `MediaEvent::Played(id)` at its end.
    pub fn play(&self, _id: PlayId, _audio: Arc<Audio>, _repeat: Repeat) {
        unimplemented!()
    }

    /// Stops what plays, without an event.
    pub fn stop_playing(&self) {
        unimplemented!()
    }

    /// Queues digits to be sent as telephone events.
    pub fn send_digits(&self, _digits: &str) -> Result<(), LegError> {
        unimplemented!()
    }

    /// Starts a stereo WAV: left what is received here, right what this port's party hears.
    pub fn start_recording(&self, _path: PathBuf) -> Result<(), LegError> {
        unimplemented!()
    }

    /// Finishes the file; returns its length.
    pub async fn stop_recording(&self) -> Duration {
        unimplemented!()
    }

    /// Loudness of the last packet received.
    pub fn level(&self) -> u16 {
        unimplemented!()
    }

    /// Tells the port of a digit that came by signalling (SIP INFO), so that one press sent both
    /// ways is reported once.
    pub fn digit_from_signalling(&self, _digit: char) {
        unimplemented!()
    }
}
