//! One connection of a browser: ICE, DTLS-SRTP and the codecs between it and the line's port.
//!
//! A reload of the page makes a new one; the line and its port outlive it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::change::SdpOffer;
use str0m::format::{Codec as Kind, FormatParams};
use str0m::ice::IceCreds;
use str0m::media::{Frequency, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{Extension, ExtensionMap, RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

use super::offer::{Offer, payload_types};
use super::quality;
use super::voice::{Decoder, Encoder, Frame};
use crate::api::{Codec, LineError, LineQuality};
use crate::media::MediaPort;
use crate::media::codec;
use crate::media::packet::{HEADER, Header};

/// How often figures are taken and reports are sent to the browser.
const REPORTS: Duration = Duration::from_secs(2);
/// The port of a line speaks this.
pub(super) const CODEC: Codec = Codec::Pcmu;
/// µ-law's silence.
const SILENCE: u8 = 0xff;
/// Samples of one packet at most: 120 ms.
const LONGEST: usize = 960;

/// What came of an input.
pub(super) enum Outcome {
    /// To be sent.
    Transmit(SocketAddr, Vec<u8>),
    /// DTLS is done: voice can pass.
    Connected,
    /// The browser showed that it is there, from the address that the last datagram came from.
    Alive,
    /// The browser has ended the connection.
    Gone,
}

/// A connection.
pub(super) struct Connection {
    rtc: Rtc,
    /// What the browser's STUN requests call us.
    pub ufrag: String,
    local: SocketAddr,
    mid: Option<Mid>,
    /// Payload types of the answer.
    opus: Option<u8>,
    pcmu: Option<u8>,
    events: Vec<u8>,
    encoder: Encoder,
    decoder: Decoder,
    frames: Vec<Frame>,
    out: Outward,
    /// Where the voice came from last, which its authentication proved. ICE tells of a browser's new
    /// address only when the old one has been silent for long.
    heard_from: Option<SocketAddr>,
    quality: LineQuality,
}

/// The numbers of the stream to the browser.
#[derive(Default)]
struct Outward {
    sequence: u64,
    /// The last time stamp of the port, and the time at 8 kHz that it stands for.
    last: Option<(u32, u64)>,
}

impl Outward {
    /// The time of a packet of the port, which never jumps back by a wrap.
    fn time(&mut self, timestamp: u32) -> u64 {
        let time = match self.last {
            // The beginning leaves room for packets that were overtaken.
            None => 1 << 32,
            Some((last, time)) => {
                let step = i64::from(timestamp.wrapping_sub(last) as i32);
                time.saturating_add_signed(step)
            }
        };
        self.last = Some((timestamp, time));
        time
    }
}

impl Connection {
    /// Takes an offer. Returns the connection and the answer.
    ///
    /// # Errors
    ///
    /// [`LineError::BadOffer`].
    pub fn answer(
        offer: &str,
        local: SocketAddr,
        taken: impl Fn(&str) -> bool,
        now: Instant,
    ) -> Result<(Self, String), LineError> {
        let bad = |text: String| LineError::BadOffer(text);
        let offer = Offer::parse(offer).map_err(bad)?;
        let reduced = SdpOffer::from_sdp_string(&offer.audio_only()).map_err(|error| {
            // Its first line is a place in memory.
            let why: Vec<String> = error.to_string().lines().skip(1).map(str::to_owned).collect();
            bad(format!("it is no SDP: {}", why.join(" ").trim()))
        })?;
        let credentials = credentials(taken);
        let ufrag = credentials.ufrag.clone();
        let mut rtc = config(credentials).build(now);
        let candidate =
            Candidate::host(local, Protocol::Udp).map_err(|error| bad(error.to_string()))?;
        rtc.add_local_candidate(candidate);
        let answer = rtc.sdp_api().accept_offer(reduced).map_err(|error| bad(error.to_string()))?;
        let answer = answer.to_sdp_string();
        let number = |wanted: &str| {
            let mut found =
                payload_types(&answer).filter(|(_, name, _)| name.eq_ignore_ascii_case(wanted));
            found.next().map(|(number, ..)| number)
        };
        let (opus, pcmu) = (number("opus"), number("PCMU"));
        if opus.is_none() && pcmu.is_none() {
            return Err(bad("its audio is neither Opus nor PCMU".to_owned()));
        }
        let events = payload_types(&answer)
            .filter(|(_, name, _)| name.eq_ignore_ascii_case("telephone-event"))
            .map(|(number, ..)| number)
            .collect();
        let connection = Self {
            ufrag,
            local,
            mid: None,
            opus,
            pcmu,
            events,
            encoder: Encoder::new().map_err(bad)?,
            decoder: Decoder::new().map_err(bad)?,
            frames: Vec::new(),
            out: Outward::default(),
            heard_from: None,
            quality: LineQuality::default(),
            rtc,
        };
        let answer = offer.answer(&answer);
        Ok((connection, answer))
    }

    /// Whether voice can pass.
    pub fn is_ready(&self) -> bool {
        self.rtc.is_connected()
    }

    /// What was measured last.
    pub fn quality(&self) -> LineQuality {
        self.quality
    }

    /// Takes a datagram that the browser may have sent.
    pub fn receive(
        &mut self,
        now: Instant,
        source: SocketAddr,
        datagram: &[u8],
    ) -> Result<(), String> {
        // Anyone can send what cannot be read: it is no reason to end a connection.
        let Ok(receive) = Receive::new(Protocol::Udp, source, self.local, datagram) else {
            return Ok(());
        };
        self.rtc.handle_input(Input::Receive(now, receive)).map_err(|error| error.to_string())
    }

    /// Lets time pass.
    pub fn timeout(&mut self, now: Instant) -> Result<(), String> {
        self.rtc.handle_input(Input::Timeout(now)).map_err(|error| error.to_string())
    }

    /// Sends a packet of the port to the browser.
    pub fn say(&mut self, now: Instant, packet: &[u8]) {
        let Some((header, range)) = Header::parse(packet) else { return };
        let Some(payload) = packet.get(range) else { return };
        let Some(mid) = self.mid.filter(|_| self.rtc.is_connected()) else { return };
        let time = self.out.time(header.timestamp);
        let sequence = &mut self.out.sequence;
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_tx_by_mid(mid, None) else { return };
        let mut write = |number: u8, timestamp: u64, payload: &[u8]| {
            let packet =
                RtpWrite::new(number.into(), (*sequence).into(), timestamp as u32, now, payload);
            stream.write_rtp(packet.marker(header.marker));
            *sequence += 1;
        };
        match (self.opus, self.pcmu) {
            (Some(number), _) => {
                let samples = codec::decode(CODEC, payload);
                self.encoder.push(time, samples, |time, encoded| write(number, time * 6, encoded));
            }
            (None, Some(number)) => write(number, time, payload),
            (None, None) => (),
        }
    }

    /// Does what is due; returns when there is more to do. Voice goes to the port, silence instead
    /// if the line is muted.
    pub fn drain(
        &mut self,
        from: Option<SocketAddr>,
        (port, muted): (&MediaPort, bool),
        mut outcome: impl FnMut(Outcome),
    ) -> Result<Instant, String> {
        loop {
            match self.rtc.poll_output().map_err(|error| error.to_string())? {
                Output::Timeout(at) => return Ok(at),
                Output::Transmit(transmit) => {
                    let contents = Vec::from(transmit.contents);
                    let mut to = transmit.destination;
                    if !is_stun(&contents) {
                        to = self.heard_from.unwrap_or(to);
                    } else if from == Some(to) {
                        // Only a request with our password is answered.
                        outcome(Outcome::Alive);
                    }
                    outcome(Outcome::Transmit(to, contents));
                }
                Output::Event(Event::RtpPacket(packet)) => {
                    self.heard_from = from.or(self.heard_from);
                    outcome(Outcome::Alive);
                    self.hear(&packet, port, muted);
                }
                Output::Event(Event::MediaAdded(media)) => self.mid = Some(media.mid),
                Output::Event(Event::Connected) => outcome(Outcome::Connected),
                Output::Event(Event::Closed) => outcome(Outcome::Gone),
                Output::Event(event) => self.measure(&event),
            }
        }
    }

    fn hear(&mut self, packet: &RtpPacket, port: &MediaPort, muted: bool) {
        let header = &packet.header;
        let number = *header.payload_type;
        let mut out = Header {
            marker: header.marker,
            payload_type: CODEC.static_type(),
            sequence: header.sequence_number,
            timestamp: header.timestamp,
            ssrc: *header.ssrc,
        };
        let mut buffer = [0; HEADER + LONGEST];
        if self.events.contains(&number) {
            out.payload_type = MediaPort::EVENTS;
            deliver(port, &mut buffer, out, &packet.payload);
        } else if self.opus == Some(number) {
            let time = packet.time.numer() / 6;
            self.decoder.packet(*packet.seq_no, time, &packet.payload, &mut self.frames);
            for frame in self.frames.drain(..) {
                (out.sequence, out.timestamp) = (frame.sequence as u16, frame.time as u32);
                let mut payload = codec::encode(CODEC, &frame.samples);
                if muted {
                    payload.fill(SILENCE);
                }
                deliver(port, &mut buffer, out, &payload);
            }
        } else if self.pcmu == Some(number) {
            let silence = [SILENCE; LONGEST];
            let length = packet.payload.len().min(LONGEST);
            let payload = silence.get(..length).filter(|_| muted);
            deliver(port, &mut buffer, out, payload.unwrap_or(&packet.payload));
        }
    }

    fn measure(&mut self, event: &Event) {
        let clock = if self.opus.is_some() { 48 } else { 8 };
        let jitter = |ticks: u32| Duration::from_micros(u64::from(ticks) * 1000 / clock);
        let known = &mut self.quality;
        match event {
            Event::MediaIngressStats(stats) => {
                known.jitter_in = Some(jitter(stats.jitter));
                known.loss_in = stats.loss.or(known.loss_in);
            }
            Event::MediaEgressStats(stats) => {
                known.rtt = stats.rtt.or(known.rtt);
                known.loss_out = stats.loss.or(known.loss_out);
                let remote = stats.remote.as_ref();
                known.jitter_out = remote.map(|remote| jitter(remote.jitter)).or(known.jitter_out);
            }
            _ => return,
        }
        quality::judge(known);
    }
}

/// Hands a packet to the port.
fn deliver(port: &MediaPort, buffer: &mut [u8; HEADER + LONGEST], header: Header, payload: &[u8]) {
    let (head, body) = buffer.split_at_mut(HEADER);
    head.copy_from_slice(&header.to_bytes());
    for (place, &octet) in body.iter_mut().zip(payload) {
        *place = octet;
    }
    let end = HEADER + payload.len().min(LONGEST);
    if let Some(packet) = buffer.get_mut(..end) {
        port.deliver(packet);
    }
}

/// Whether a datagram is STUN (RFC 7983 §7).
pub(super) fn is_stun(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|&first| first < 4)
}

/// Credentials whose name no other connection has.
fn credentials(taken: impl Fn(&str) -> bool) -> IceCreds {
    loop {
        let credentials = IceCreds::new();
        if !taken(&credentials.ufrag) {
            return credentials;
        }
    }
}

fn config(credentials: IceCreds) -> RtcConfig {
    let mut extensions = ExtensionMap::empty();
    extensions.set(4, Extension::RtpMid);
    let mut config = RtcConfig::new()
        .set_ice_lite(true)
        .set_local_ice_credentials(credentials)
        .set_rtp_mode(true)
        .set_stats_interval(Some(REPORTS))
        .set_rtcp_report_interval_audio(REPORTS)
        .set_extension_map(extensions)
        .clear_codecs()
        .enable_opus(true, false)
        .enable_pcmu(true, false);
    // A browser sends digits at the clock of the voice. The numbers are the browser's, after the
    // answer.
    for (number, clock) in [(110, Frequency::FORTY_EIGHT_KHZ), (126, Frequency::EIGHT_KHZ)] {
        let format = FormatParams { telephone_event_max: Some(16), ..FormatParams::default() };
        config.codec_config().add_config(number.into(), None, Kind::Tele, clock, None, format);
    }
    config
}
