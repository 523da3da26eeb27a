//! The sending half of a port: one stream of packets, whatever feeds it.
//!
//! Sequence numbers and the source never jump when a prompt gives way to music or to a bridged
//! agent: phones take such a jump for a new call or for loss.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::codec::{self, FRAME};
use super::digits::{Dialled, Dialler};
use super::mixer::Mixer;
use super::packet::{HEADER, Header};
use super::port::{Port, lock};
use super::{MediaEvent, MediaSettings};
use crate::api::{Codec, PlayId, Repeat};
use crate::speech::Audio;

/// A jump of the incoming stream beyond this is a new beginning, not loss.
const SEQUENCE_JUMP: u16 = 100;
/// The same in samples: 10 s.
const TIMESTAMP_JUMP: u32 = 80_000;

/// The sending half.
#[derive(Default)]
pub(super) struct Tx {
    session: Option<Session>,
    playing: Option<Playing>,
    dialler: Dialler,
    relay: Option<Relay>,
    /// What is heard, if the port is in a mix.
    mixer: Option<Mixer>,
    /// Whether the port is in the list of the tick.
    pub ticking: bool,
}

struct Session {
    dest: SocketAddr,
    send: bool,
    codec: Codec,
    payload_type: u8,
    event_type: Option<u8>,
    events: mpsc::UnboundedSender<MediaEvent>,
    ssrc: u32,
    /// The next sequence number.
    sequence: u16,
    /// The timestamp that follows what was sent.
    timestamp: u32,
    /// The timestamp at `epoch`.
    base: u32,
    epoch: Instant,
    /// Whether the packet before was audio of the same spurt.
    talking: bool,
}

struct Playing {
    id: PlayId,
    audio: Arc<Audio>,
    repeat: Repeat,
    /// The audio in the codec of the call, once the first packet was sent.
    encoded: Option<(Codec, Bytes)>,
    position: usize,
}

/// How a bridged stream's numbers become ours.
#[derive(Clone, Copy)]
struct Relay {
    ssrc: u32,
    /// The first packet taken: what is older would get numbers already used.
    first: u16,
    last: u16,
    last_timestamp: u32,
    sequence_offset: u16,
    timestamp_offset: u32,
}

impl Tx {
    /// Takes the settings of a call; a stream that runs goes on.
    pub fn start(
        &mut self,
        now: Instant,
        settings: &MediaSettings,
        dest: SocketAddr,
        events: mpsc::UnboundedSender<MediaEvent>,
    ) {
        let (ssrc, sequence, base, epoch, timestamp) = match &self.session {
            Some(old) => (old.ssrc, old.sequence, old.base, old.epoch, old.timestamp),
            None => {
                // The standard library's hasher keys are random: enough for an SSRC.
                let random = RandomState::new().build_hasher().finish();
                let base = (random >> 32) as u32 & 0x7fff_ffff;
                (random as u32, (random >> 16) as u16 & 0x7fff, base, now, base)
            }
        };
        // An address of zeros or port 0 is a way to say hold (RFC 2543, RFC 3264 §8.4).
        let nowhere = settings.remote.ip().is_unspecified() || settings.remote.port() == 0;
        self.session = Some(Session {
            dest,
            send: settings.send && !nowhere,
            codec: settings.codec,
            payload_type: settings.payload_type,
            event_type: settings.event_type_out,
            events,
            ssrc,
            sequence,
            timestamp,
            base,
            epoch,
            talking: false,
        });
    }

    /// Forgets the call; the tick finds out by itself.
    pub fn reset(&mut self) {
        *self = Self { ticking: self.ticking, ..Self::default() };
    }

    /// Whether settings are known.
    pub fn started(&self) -> bool {
        self.session.is_some()
    }

    /// Whether something is to be sent by the tick.
    pub fn busy(&self) -> bool {
        let mixes = self.mixer.as_ref().is_some_and(Mixer::mixes);
        mixes || self.speaks()
    }

    /// Whether something is to be sent that has the stream for itself: what plays, and digits.
    fn speaks(&self) -> bool {
        self.playing.is_some() || !self.dialler.is_idle()
    }

    /// Hears these ports and no others, each held for so many samples; or is in no mix.
    pub fn hear(&mut self, sources: Option<(&[usize], u32)>) {
        match sources {
            Some((keys, depth)) => {
                self.mixer.get_or_insert_default().set(keys, depth);
            }
            None => self.mixer = None,
        }
    }

    /// Hears a port no longer.
    pub fn forget(&mut self, source: usize) {
        if let Some(mixer) = &mut self.mixer {
            mixer.forget(source);
        }
    }

    /// Takes what a port said that this one hears in a mix.
    pub fn heard(
        &mut self,
        now: Instant,
        port: &Port,
        source: usize,
        (header, codec): (Header, Codec),
        (datagram, range): (&[u8], Range<usize>),
    ) {
        let Some(mixer) = &mut self.mixer else { return };
        if mixer.hears_only(source) {
            // Others hear it too and need it as it is.
            self.relay(now, port, header, codec, &mut datagram.to_vec(), range);
        } else if let Some(payload) = datagram.get(range) {
            mixer.push(source, header.timestamp, codec, payload);
        }
    }

    /// Whether the peer takes telephone events.
    pub fn takes_events(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.event_type.is_some())
    }

    /// Sends to another address.
    pub fn redirect(&mut self, dest: SocketAddr) {
        if let Some(session) = &mut self.session {
            session.dest = dest;
        }
    }

    /// Plays audio instead of what plays.
    pub fn play(&mut self, id: PlayId, audio: Arc<Audio>, repeat: Repeat) {
        self.playing = Some(Playing { id, audio, repeat, encoded: None, position: 0 });
    }

    /// Plays nothing.
    pub fn stop_playing(&mut self) {
        self.playing = None;
    }

    /// Queues a digit; false if there is no room or the peer takes none.
    pub fn dial(&mut self, code: u8) -> bool {
        self.takes_events() && self.dialler.push(code)
    }

    /// Queues digits, all or none.
    pub fn dial_all(&mut self, codes: &[u8]) -> bool {
        let room = self.dialler.room() >= codes.len();
        room && codes.iter().all(|&code| self.dialler.push(code))
    }

    /// Sends what is due: an event packet if digits are being sent, else the next 20 ms of what
    /// plays, else of the mix.
    pub fn tick(&mut self, now: Instant, port: &Port) {
        // The mix goes on under what is heard instead of it.
        let mixed = self.mixer.as_mut().filter(|mixer| mixer.mixes()).map(Mixer::next);
        let Some(session) = &mut self.session else { return };
        match self.dialler.tick(session.now_timestamp(now)) {
            Dialled::Idle => (),
            Dialled::Pause => {
                session.talking = false;
                return;
            }
            Dialled::Packet { first, timestamp, payload } => {
                self.relay = None;
                session.event(port, first, timestamp, payload);
                return;
            }
        }
        let Some(playing) = &mut self.playing else {
            match mixed {
                Some(Some(frame)) => {
                    self.relay = None;
                    session.audio(now, port, &codec::encode(session.codec, &frame));
                }
                // The stream goes on where it stands once the first source has begun.
                Some(None) => (),
                None => session.talking = false,
            }
            return;
        };
        self.relay = None;
        let mut over = true;
        if let Some((frame, last)) = playing.next(session.codec) {
            session.audio(now, port, frame);
            over = last;
        }
        if over && playing.repeat == Repeat::Once {
            let _ = session.events.send(MediaEvent::Played(playing.id));
            self.playing = None;
        } else if over {
            playing.position = 0;
        }
    }

    /// Passes on a packet that arrived at the port this one is bridged with.
    pub fn relay(
        &mut self,
        now: Instant,
        port: &Port,
        header: Header,
        codec: Codec,
        datagram: &mut [u8],
        range: Range<usize>,
    ) {
        // What plays and digits have the stream for themselves.
        if self.busy() {
            return;
        }
        let Some(session) = &mut self.session else { return };
        if !session.send {
            return;
        }
        let (relay, marker) = match self.relay {
            Some(relay) if relay.goes_on(&header) => (relay, header.marker),
            _ => (session.anchor(now, &header), true),
        };
        if (header.sequence.wrapping_sub(relay.first) as i16) < 0 {
            return;
        }
        let length = range.len();
        let out = Header {
            marker,
            payload_type: session.payload_type,
            sequence: header.sequence.wrapping_add(relay.sequence_offset),
            timestamp: header.timestamp.wrapping_add(relay.timestamp_offset),
            ssrc: session.ssrc,
        };
        self.relay = Some(relay.after(&header));
        session.sent(&out, length as u32);
        // Contributors and extensions are left out: the payload moves up to the short header.
        if range.start != HEADER {
            datagram.copy_within(range, HEADER);
        }
        let Some(packet) = datagram.get_mut(..HEADER + length) else { return };
        let (head, payload) = packet.split_at_mut(HEADER);
        if codec != session.codec {
            codec::transcode(codec, payload);
        }
        head.copy_from_slice(&out.to_bytes());
        session.record(port, out.timestamp, payload);
        port.send(packet, session.dest);
    }
}

impl Session {
    /// The timestamp of the present, never one that was used.
    fn now_timestamp(&self, now: Instant) -> u32 {
        let elapsed = now.duration_since(self.epoch).as_millis() as u32;
        let clock = self.base.wrapping_add(elapsed.wrapping_mul(8));
        if (clock.wrapping_sub(self.timestamp) as i32) < 0 { self.timestamp } else { clock }
    }

    /// Keeps the numbers that follow a packet.
    fn sent(&mut self, header: &Header, samples: u32) {
        if (header.sequence.wrapping_sub(self.sequence) as i16) >= 0 {
            self.sequence = header.sequence.wrapping_add(1);
        }
        let end = header.timestamp.wrapping_add(samples);
        if (end.wrapping_sub(self.timestamp) as i32) > 0 {
            self.timestamp = end;
        }
        self.talking = true;
    }

    fn audio(&mut self, now: Instant, port: &Port, frame: &[u8]) {
        // Time passes while the party has us on hold, so that a prompt's end always comes.
        if !self.send {
            self.talking = false;
            return;
        }
        let timestamp = if self.talking { self.timestamp } else { self.now_timestamp(now) };
        let header = Header {
            marker: !self.talking,
            payload_type: self.payload_type,
            sequence: self.sequence,
            timestamp,
            ssrc: self.ssrc,
        };
        let mut packet = [0; HEADER + FRAME];
        let (head, payload) = packet.split_at_mut(HEADER);
        head.copy_from_slice(&header.to_bytes());
        for (place, &code) in payload.iter_mut().zip(frame) {
            *place = code;
        }
        self.record(port, timestamp, payload);
        self.sent(&header, FRAME as u32);
        port.send(&packet, self.dest);
    }

    fn event(&mut self, port: &Port, first: bool, timestamp: u32, payload: [u8; 4]) {
        self.talking = false;
        let Some(payload_type) = self.event_type.filter(|_| self.send) else { return };
        let header = Header {
            marker: first,
            payload_type,
            sequence: self.sequence,
            timestamp,
            ssrc: self.ssrc,
        };
        self.sequence = self.sequence.wrapping_add(1);
        let mut packet = [0; HEADER + 4];
        let (head, body) = packet.split_at_mut(HEADER);
        head.copy_from_slice(&header.to_bytes());
        body.copy_from_slice(&payload);
        port.send(&packet, self.dest);
    }

    fn record(&self, port: &Port, timestamp: u32, payload: &[u8]) {
        if port.recording.load(Ordering::Relaxed)
            && let Some(recorder) = &mut *lock(&port.recorder)
        {
            recorder.said(timestamp, self.codec, payload);
        }
    }

    fn anchor(&self, now: Instant, header: &Header) -> Relay {
        Relay {
            ssrc: header.ssrc,
            first: header.sequence,
            last: header.sequence,
            last_timestamp: header.timestamp,
            sequence_offset: self.sequence.wrapping_sub(header.sequence),
            timestamp_offset: self.now_timestamp(now).wrapping_sub(header.timestamp),
        }
    }
}

impl Relay {
    fn goes_on(&self, header: &Header) -> bool {
        let jump = (header.sequence.wrapping_sub(self.last) as i16).unsigned_abs();
        let time = (header.timestamp.wrapping_sub(self.last_timestamp) as i32).unsigned_abs();
        header.ssrc == self.ssrc && jump <= SEQUENCE_JUMP && time <= TIMESTAMP_JUMP
    }

    fn after(mut self, header: &Header) -> Self {
        if (header.sequence.wrapping_sub(self.last) as i16) > 0 {
            (self.last, self.last_timestamp) = (header.sequence, header.timestamp);
            // The window of numbers is half the circle: what is far behind cannot be told apart.
            if header.sequence.wrapping_sub(self.first) > 0x4000 {
                self.first = header.sequence.wrapping_sub(0x2000);
            }
        }
        self
    }
}

impl Playing {
    /// The next frame, and whether it is the last.
    fn next(&mut self, codec: Codec) -> Option<(&[u8], bool)> {
        let fits = self.encoded.as_ref().is_some_and(|&(of, _)| of == codec);
        if !fits {
            self.encoded = Some((codec, self.audio.encoded(codec)));
        }
        let (_, encoded) = self.encoded.as_ref()?;
        let end = self.position + FRAME;
        let frame = encoded.get(self.position..end)?;
        self.position = end;
        Some((frame, end >= encoded.len()))
    }
}
