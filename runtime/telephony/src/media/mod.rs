//! Media: RTP ports on one shared 20 ms tick.
//!
//! * A few threads of our own (`shard`) serve all ports. A port costs nothing in the tick while it
//!   neither plays nor records; bridged packets are passed on as they arrive.
//! * `port` is what is heard: source, digits, loudness; `tx` what is said.
//! * `pool` keeps the sockets, `recorder` writes the files.

pub(crate) mod codec;
mod digits;
mod held;
pub(crate) mod packet;
#[cfg(test)]
pub(crate) mod phone;
mod pool;
mod port;
mod recorder;
mod shard;
mod timeline;
mod tx;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::api::{Codec, LegError, PlayId, Repeat, RtpConfig};
use crate::speech::Audio;
pub(crate) use held::Held;
use pool::Pool;
pub(crate) use port::Outlet;
use port::{Port, WITHIN, Wire, lock};
use recorder::Writer;
use shard::Shard;

/// All media of one process: the ports and the tick that serves them.
#[derive(Clone)]
pub struct MediaEngine {
    inner: Arc<Engine>,
}

/// One leg's RTP port. Dropping the last handle frees it.
#[derive(Clone)]
pub struct MediaPort {
    lease: Arc<Lease>,
}

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

struct Engine {
    config: RtpConfig,
    shards: Vec<Arc<Shard>>,
    pool: Pool,
    writer: Writer,
    /// Ports without a socket made so far: they take the shards in turn.
    within: AtomicUsize,
    /// Held while ports are joined or parted, so that it happens to both sides at once.
    topology: Mutex<()>,
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shards.iter().for_each(|shard| shard.stop());
    }
}

/// The use of a port by one call.
struct Lease {
    port: Arc<Port>,
    engine: Arc<Engine>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.engine.part(&self.port);
        self.port.reset();
        self.engine.pool.give(Arc::clone(&self.port));
    }
}

impl Engine {
    /// Ends the bridge of a port, on both sides.
    fn part(&self, port: &Arc<Port>) {
        let _held = lock(&self.topology);
        let peer = lock(&port.rx).peer.take();
        if let Some(peer) = peer {
            lock(&peer.rx).peer = None;
        }
    }
}

impl MediaEngine {
    /// Starts the engine: its threads, which need no runtime and end with the last handle.
    pub fn new(config: RtpConfig) -> std::io::Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        // Half the cores are left to signalling, flows and storage.
        let shards = (0..(cores / 2).clamp(1, 8))
            .map(|index| Shard::start(index, config.timeout))
            .collect::<Result<Vec<_>, _>>()?;
        let (pool, writer) = (Pool::new(&config), Writer::start()?);
        let within = AtomicUsize::new(0);
        let inner = Engine { config, shards, pool, writer, within, topology: Mutex::new(()) };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Binds a port. Cheap: sockets are kept and used again.
    ///
    /// # Errors
    ///
    /// [`PortsExhausted`] if all even ports of the range, or all file handles, are in use.
    pub fn allocate(&self) -> Result<MediaPort, PortsExhausted> {
        let engine = Arc::clone(&self.inner);
        let port = engine.pool.take(&engine.config, &engine.shards).ok_or(PortsExhausted)?;
        Ok(MediaPort { lease: Arc::new(Lease { port, engine }) })
    }

    /// Makes a port without a socket: it sends to `outlet` and receives by [`MediaPort::deliver`].
    /// It carries `codec` under its static number and takes digits of number
    /// [`MediaPort::EVENTS`]; it is started already.
    pub(crate) fn within(
        &self,
        codec: Codec,
        outlet: Outlet,
        events: mpsc::UnboundedSender<MediaEvent>,
    ) -> Option<MediaPort> {
        let engine = Arc::clone(&self.inner);
        let next = engine.within.fetch_add(1, Ordering::Relaxed);
        let shard = engine.shards.get(next % engine.shards.len().max(1))?;
        let port = Arc::new(Port::new(Wire::Within(outlet), Arc::clone(shard)));
        let settings = MediaSettings {
            remote: WITHIN,
            codec,
            payload_type: codec.static_type(),
            event_types: vec![MediaPort::EVENTS],
            event_type_out: None,
            send: true,
            receive: false,
        };
        port.start(&settings, events);
        Some(MediaPort { lease: Arc::new(Lease { port, engine }) })
    }

    /// Lets two started ports hear each other; what plays on them stops. Digits cross over as
    /// telephone events and are reported as events too. What is played on a bridged port later is
    /// heard instead of the other side until it ends.
    pub fn bridge(&self, one: &MediaPort, other: &MediaPort) {
        let (one, other) = (&one.lease.port, &other.lease.port);
        if Arc::ptr_eq(one, other) {
            return;
        }
        self.inner.part(one);
        self.inner.part(other);
        let _held = lock(&self.inner.topology);
        for (port, peer) in [(one, other), (other, one)] {
            lock(&port.tx).stop_playing();
            lock(&port.rx).peer = Some(Arc::clone(peer));
        }
    }

    /// Parts a port from the one it is bridged with, if any.
    pub fn unbridge(&self, one: &MediaPort) {
        self.inner.part(&one.lease.port);
    }

    /// Figures since the start.
    pub fn counters(&self) -> MediaCounters {
        let sum = |pick: fn(&shard::Counts) -> &std::sync::atomic::AtomicU64| {
            self.inner.shards.iter().map(|shard| pick(&shard.counts).load(Ordering::Relaxed)).sum()
        };
        MediaCounters {
            received: sum(|counts| &counts.received),
            sent: sum(|counts| &counts.sent),
            discarded: sum(|counts| &counts.discarded),
        }
    }
}

impl MediaPort {
    /// The payload type of digits for a port without a socket.
    pub(crate) const EVENTS: u8 = 101;

    /// The address for SDP.
    pub fn local(&self) -> SocketAddr {
        let config = &self.lease.engine.config;
        let number = match &self.lease.port.wire {
            Wire::Udp(_, number) => *number,
            Wire::Within(_) => 0,
        };
        SocketAddr::new(config.advertise.unwrap_or(config.bind), number)
    }

    /// Hands an RTP packet to a port that was made by [`MediaEngine::within`], as if it had come by
    /// the network. What lies in the buffer afterwards is of no use.
    pub(crate) fn deliver(&self, packet: &mut [u8]) {
        // What the port does not want, such as a number that came twice, is no error.
        let _ = self.lease.port.accept(Instant::now(), WITHIN, packet);
    }

    /// Starts sending and receiving, or changes what was negotiated: the stream goes on with its
    /// numbers, and a new `remote` is sent to at once.
    pub fn start(&self, settings: MediaSettings, events: mpsc::UnboundedSender<MediaEvent>) {
        self.lease.port.start(&settings, events);
    }

    /// Plays audio, replacing what plays; `MediaEvent::Played(id)` at its end. Before
    /// [`MediaPort::start`] it waits for it.
    pub fn play(&self, id: PlayId, audio: Arc<Audio>, repeat: Repeat) {
        let port = &self.lease.port;
        let mut tx = lock(&port.tx);
        tx.play(id, audio, repeat);
        port.activate(&mut tx);
    }

    /// Stops what plays, without an event.
    pub fn stop_playing(&self) {
        lock(&self.lease.port.tx).stop_playing();
    }

    /// Queues digits to be sent as telephone events: each lasts 100 ms with 60 ms between them.
    ///
    /// # Errors
    ///
    /// [`LegError::NotPossible`] if the peer takes no events, before the start, if something is not
    /// a digit, or if too many wait; nothing is sent then.
    pub fn send_digits(&self, digits: &str) -> Result<(), LegError> {
        let not_possible = |text: String| Err(LegError::NotPossible(text));
        let mut codes = Vec::new();
        for digit in digits.chars() {
            match digits::code(digit) {
                Some(code) => codes.push(code),
                None => return not_possible(format!("`{digit}` is not one of 0-9, *, #, A-D")),
            }
        }
        let port = &self.lease.port;
        let mut tx = lock(&port.tx);
        if !tx.takes_events() {
            return not_possible("the other side takes no telephone events".to_owned());
        }
        if !tx.dial_all(&codes) {
            let limit = digits::Dialler::LIMIT;
            return not_possible(format!("more than {limit} digits would wait to be sent"));
        }
        port.activate(&mut tx);
        Ok(())
    }

    /// Starts a stereo WAV: left what is received here, right what this port's party hears. A
    /// recording that runs is finished first.
    ///
    /// # Errors
    ///
    /// [`LegError::File`] if the file or its folder cannot be created.
    pub fn start_recording(&self, path: PathBuf) -> Result<(), LegError> {
        let Lease { port, engine } = &*self.lease;
        let depth = (engine.config.jitter.as_millis() as u32).saturating_mul(8);
        let shown = path.display().to_string();
        let recorder = engine
            .writer
            .record(path, depth)
            .map_err(|error| LegError::File(format!("{shown}: {error}")))?;
        let before = lock(&port.recorder).replace(Box::new(recorder));
        drop(before.map(|before| before.finish()));
        port.recording.store(true, Ordering::Relaxed);
        port.activate(&mut lock(&port.tx));
        Ok(())
    }

    /// Finishes the file; returns its length, zero if nothing was recorded.
    pub async fn stop_recording(&self) -> Duration {
        let port = &self.lease.port;
        port.recording.store(false, Ordering::Relaxed);
        let recorder = lock(&port.recorder).take();
        match recorder {
            Some(recorder) => recorder.finish().await.unwrap_or_default(),
            None => Duration::ZERO,
        }
    }

    /// Loudness of the last packet received: its root mean square, 0 to 32767; zero if nothing came
    /// for 200 ms.
    pub fn level(&self) -> u16 {
        self.lease.port.level()
    }

    /// Tells the port of a digit that came by signalling (SIP INFO), so that one press sent both
    /// ways within 200 ms is reported once.
    pub fn digit_from_signalling(&self, digit: char) {
        self.lease.port.signalled_digit(digit);
    }
}

#[cfg(test)]
mod tests;
