//! One RTP port: what is heard, what is said, and the tick.
//!
//! Locks are taken in the order `rx`, `tx`, `recorder`; of two ports, the receiving one's `rx` comes
//! before the other's `tx`, and no code takes an `rx` while it holds a `tx`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::codec::{self, FRAME};
use super::digits::{Merger, Recogniser, Way, code};
use super::packet::{Header, Window};
use super::recorder::Recorder;
use super::shard::{Counts, Shard};
use super::tx::Tx;
use super::{MediaEvent, MediaSettings};
use crate::api::Codec;

/// A source that was silent for this long may be replaced by another.
const RELATCH: Duration = Duration::from_secs(2);

/// Without a packet for this long, nothing is heard.
const SILENT: Duration = Duration::from_millis(200);

/// Locks; a panic elsewhere does not make the state of a port worthless.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How a port's packets leave it.
pub(super) enum Wire {
    /// Through a UDP socket of its own, bound to this number.
    Udp(UdpSocket, u16),
    /// To code of this process, such as the line of a browser.
    Within(Outlet),
}

/// Takes the packets of a port that has no socket. Called with the port locked: it must neither
/// wait nor call the port.
pub(crate) type Outlet = Box<dyn Fn(&[u8]) + Send + Sync>;

/// Where a port without a socket sends to and receives from, for the port's own book-keeping.
pub(super) const WITHIN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

/// A way for packets and the state of the call that uses it, if any.
pub(super) struct Port {
    pub wire: Wire,
    pub shard: Arc<Shard>,
    pub rx: Mutex<Rx>,
    pub tx: Mutex<Tx>,
    pub recorder: Mutex<Option<Box<Recorder>>>,
    /// Whether there is a recorder, so that most packets need not lock it.
    pub recording: AtomicBool,
}

/// The receiving half.
#[derive(Default)]
pub(super) struct Rx {
    session: Option<Session>,
    /// The port that hears what arrives here.
    pub peer: Option<Arc<Port>>,
}

struct Session {
    signalled: SocketAddr,
    codec: Codec,
    payload_type: u8,
    /// The payload types of telephone events, a bit each.
    event_types: u128,
    receive: bool,
    events: mpsc::UnboundedSender<MediaEvent>,
    source: Option<SocketAddr>,
    heard: Instant,
    timed_out: bool,
    /// The stream that the window is of.
    ssrc: u32,
    window: Window,
    recogniser: Recogniser,
    merger: Merger,
    last: ([u8; FRAME], usize, Codec),
}

impl Session {
    fn codec_of(&self, payload_type: u8) -> Option<Codec> {
        // A peer may change between the G.711 kinds it offered; both are understood at once.
        match payload_type {
            kind if kind == self.payload_type => Some(self.codec),
            0 => Some(Codec::Pcmu),
            8 => Some(Codec::Pcma),
            _ => None,
        }
    }

    fn is_event(&self, payload_type: u8) -> bool {
        self.event_types >> payload_type & 1 != 0
    }

    /// Whether a packet from `source` is this call's; `true` as second if sending moves there.
    ///
    /// The first source is taken, for behind NAT it differs from what was signalled. Another takes
    /// its place if it is the signalled one, or if the present one has been silent for 2 s.
    fn latch(&mut self, now: Instant, source: SocketAddr) -> (bool, bool) {
        match self.source {
            Some(present) if present == source => (true, false),
            Some(_) if source != self.signalled && now.duration_since(self.heard) < RELATCH => {
                (false, false)
            }
            _ => {
                self.source = Some(source);
                (true, true)
            }
        }
    }
}

impl Port {
    /// A port that no call uses yet.
    pub fn new(wire: Wire, shard: Arc<Shard>) -> Self {
        Self {
            wire,
            shard,
            rx: Mutex::default(),
            tx: Mutex::new(Tx::default()),
            recorder: Mutex::default(),
            recording: false.into(),
        }
    }

    /// Takes the settings of a call, or its new ones.
    pub fn start(
        self: &Arc<Self>,
        settings: &MediaSettings,
        events: mpsc::UnboundedSender<MediaEvent>,
    ) {
        let now = Instant::now();
        let event_types = settings
            .event_types
            .iter()
            .filter(|&&kind| kind < 128)
            .fold(0, |types, &kind| types | 1_u128 << kind);
        let mut rx = lock(&self.rx);
        let before = rx.session.take();
        let moved = before.as_ref().is_none_or(|old| old.signalled != settings.remote);
        let session = Session {
            signalled: settings.remote,
            codec: settings.codec,
            payload_type: settings.payload_type,
            event_types,
            receive: settings.receive,
            events: events.clone(),
            source: before.as_ref().and_then(|old| old.source).filter(|_| !moved),
            heard: now,
            timed_out: before.as_ref().is_some_and(|old| old.timed_out),
            ssrc: 0,
            window: Window::default(),
            recogniser: Recogniser::default(),
            merger: Merger::default(),
            last: ([0; FRAME], 0, settings.codec),
        };
        let dest = session.source.unwrap_or(settings.remote);
        let session = rx.session.insert(session);
        if let Some(old) = before {
            // A press may be under way, on this side of a re-INVITE as on the other.
            (session.recogniser, session.merger) = (old.recogniser, old.merger);
        }
        drop(rx);
        let mut tx = lock(&self.tx);
        tx.start(now, settings, dest, events);
        self.activate(&mut tx);
    }

    /// Makes the port part of the tick if it has something to do there.
    pub fn activate(self: &Arc<Self>, tx: &mut Tx) {
        let needed = tx.started() && (tx.busy() || self.recording.load(Ordering::Relaxed));
        if needed && !tx.ticking {
            tx.ticking = true;
            self.shard.add(Arc::clone(self));
        }
    }

    /// Does what is due each 20 ms; false if there is nothing more to do.
    pub fn tick(&self, now: Instant) -> bool {
        let mut tx = lock(&self.tx);
        let recording = self.recording.load(Ordering::Relaxed);
        tx.tick(now, self);
        if recording && let Some(recorder) = &mut *lock(&self.recorder) {
            recorder.tick();
        }
        tx.ticking = tx.started() && (tx.busy() || recording);
        tx.ticking
    }

    /// Sends a packet that is ready.
    pub fn send(&self, packet: &[u8], dest: SocketAddr) {
        match &self.wire {
            // A full buffer or an unreachable peer costs the packet, as it would on the way.
            Wire::Udp(socket, _) => {
                if socket.send_to(packet, dest).is_ok() {
                    Counts::add(&self.shard.counts.sent);
                }
            }
            Wire::Within(outlet) => outlet(packet),
        }
    }

    /// Takes one datagram from the socket; false if there was none.
    pub fn receive(&self, now: Instant, buffer: &mut [u8]) -> bool {
        let Wire::Udp(socket, _) = &self.wire else { return false };
        let Ok((length, source)) = socket.recv_from(buffer) else { return false };
        let counts = &self.shard.counts;
        Counts::add(&counts.received);
        let taken =
            buffer.get_mut(..length).and_then(|datagram| self.accept(now, source, datagram));
        if taken.is_none() {
            Counts::add(&counts.discarded);
        }
        true
    }

    /// Handles a datagram, from wherever; `None` if it is not wanted.
    pub fn accept(&self, now: Instant, source: SocketAddr, datagram: &mut [u8]) -> Option<()> {
        let (header, payload) = Header::parse(datagram)?;
        self.take(now, source, header, datagram, payload)
    }

    /// Handles an RTP packet; `None` if it is not wanted.
    fn take(
        &self,
        now: Instant,
        source: SocketAddr,
        header: Header,
        datagram: &mut [u8],
        range: Range<usize>,
    ) -> Option<()> {
        let mut rx = lock(&self.rx);
        let Rx { session, peer } = &mut *rx;
        let session = session.as_mut()?;
        let event = session.is_event(header.payload_type);
        let codec = session.codec_of(header.payload_type);
        // 13 is comfort noise: it is not played but shows that the party is there.
        if !event && codec.is_none() && header.payload_type != 13 {
            return None;
        }
        let (ours, moved) = session.latch(now, source);
        if !ours {
            return None;
        }
        session.heard = now;
        if moved {
            session.window = Window::default();
            lock(&self.tx).redirect(source);
        }
        if event {
            let payload = datagram.get(range)?;
            if let Some(digit) = session.recogniser.packet(now, &header, payload) {
                session.press(now, digit, Way::Media, peer.as_ref());
            }
            return Some(());
        }
        if session.ssrc != header.ssrc {
            // A new stream, such as a browser's after a reload, counts from anywhere.
            (session.ssrc, session.window) = (header.ssrc, Window::default());
        }
        if !session.window.accept(header.sequence) {
            return None;
        }
        let Some(codec) = codec else { return Some(()) };
        let payload = datagram.get(range.clone())?;
        session.keep(codec, payload);
        let mut in_time = true;
        if self.recording.load(Ordering::Relaxed)
            && let Some(recorder) = &mut *lock(&self.recorder)
        {
            in_time = recorder.heard(header.timestamp, codec, payload);
        }
        if let Some(peer) = peer {
            lock(&peer.tx).relay(now, peer, header, codec, datagram, range);
        }
        in_time.then_some(())
    }

    /// A digit that came by signalling.
    pub fn signalled_digit(&self, digit: char) {
        let mut rx = lock(&self.rx);
        let Rx { session, peer } = &mut *rx;
        if let Some(session) = session {
            session.press(Instant::now(), digit, Way::Signalling, peer.as_ref());
        }
    }

    /// Loudness of the last packet.
    pub fn level(&self) -> u16 {
        let rx = lock(&self.rx);
        let Some(session) = &rx.session else { return 0 };
        if session.heard.elapsed() > SILENT {
            return 0;
        }
        let (payload, length, codec) = &session.last;
        payload.get(..*length).map_or(0, |payload| codec::level(*codec, payload))
    }

    /// Reports the loss of media, once.
    pub fn check_timeout(&self, now: Instant, timeout: Duration) {
        let mut rx = lock(&self.rx);
        let Some(session) = &mut rx.session else { return };
        let silent = session.receive && now.duration_since(session.heard) >= timeout;
        if silent && !session.timed_out {
            session.timed_out = true;
            // Nobody listens when the leg is ending.
            let _ = session.events.send(MediaEvent::TimedOut);
        }
    }

    /// Forgets the call. What arrives is thrown away until the next.
    pub fn reset(&self) {
        *lock(&self.rx) = Rx::default();
        lock(&self.tx).reset();
        self.recording.store(false, Ordering::Relaxed);
        if let Some(recorder) = lock(&self.recorder).take() {
            drop(recorder.finish());
        }
    }
}

impl Session {
    fn press(&mut self, now: Instant, digit: char, way: Way, peer: Option<&Arc<Port>>) {
        if !self.merger.accept(now, digit, way) {
            return;
        }
        let _ = self.events.send(MediaEvent::Digit(digit));
        if let (Some(peer), Some(code)) = (peer, code(digit)) {
            let mut tx = lock(&peer.tx);
            tx.dial(code);
            peer.activate(&mut tx);
        }
    }

    fn keep(&mut self, codec: Codec, payload: &[u8]) {
        let (kept, length, kept_codec) = &mut self.last;
        *length = payload.len().min(FRAME);
        *kept_codec = codec;
        for (place, &code) in kept.iter_mut().zip(payload) {
            *place = code;
        }
    }
}
