//! A browser for tests and measurements: a WebRTC peer that says a tone and keeps what it hears.
//!
//! It knows nothing of this crate. Chromium is the proof that browsers agree with it.

use std::net::{SocketAddr, UdpSocket};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::{Codec, FormatParams};
use str0m::media::{Direction, Frequency, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc};

const PACKET: Duration = Duration::from_millis(20);
/// The payload types of this peer.
const OPUS: u8 = 111;
const PCMU: u8 = 0;
const EVENTS: u8 = 110;

/// What the browser offers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Voice {
    Opus,
    Pcmu,
}

enum Control {
    /// Sends a digit.
    Digit(u8),
    /// Goes on from another address.
    Move,
    /// Neither sends nor receives, or again.
    Away(bool),
    /// Ends as a closed page does.
    Close,
    /// Ends as a machine that loses its power.
    Vanish,
}

/// A browser.
pub struct Browser {
    /// Its SDP offer.
    pub offer: String,
    ready: Option<Peer>,
    control: Sender<Control>,
    heard: Arc<Mutex<Vec<i16>>>,
    thread: Option<JoinHandle<()>>,
}

struct Peer {
    rtc: Rtc,
    mid: Mid,
    pending: Option<SdpPendingOffer>,
    socket: UdpSocket,
    local: SocketAddr,
    voice: Voice,
    /// A second of what it says.
    loop_of_packets: Vec<Vec<u8>>,
    decoder: Option<ropus::Decoder>,
    sequence: u64,
    /// Packets said.
    said: u64,
    /// Packets of a digit that are to be sent: the event, its start, how many were sent.
    digit: Option<(u8, u32, u8)>,
    away: bool,
    control: Receiver<Control>,
    heard: Arc<Mutex<Vec<i16>>>,
}

impl Browser {
    /// A browser that will say a tone of a whole number of hertz. Without `listen` it does not
    /// decode what it receives.
    pub fn new(voice: Voice, hertz: u32, listen: bool) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let local = socket.local_addr().expect("an address");
        let reports = Duration::from_secs(1);
        let mut config = Rtc::builder().set_rtp_mode(true).clear_codecs();
        config = config.set_rtcp_report_interval_audio(reports);
        config = match voice {
            Voice::Opus => config.enable_opus(true, false),
            Voice::Pcmu => config.enable_pcmu(true, false),
        };
        let clock = match voice {
            Voice::Opus => Frequency::FORTY_EIGHT_KHZ,
            Voice::Pcmu => Frequency::EIGHT_KHZ,
        };
        let format = FormatParams { telephone_event_max: Some(16), ..FormatParams::default() };
        config.codec_config().add_config(EVENTS.into(), None, Codec::Tele, clock, None, format);
        let mut rtc = config.build(Instant::now());
        rtc.add_local_candidate(Candidate::host(local, Protocol::Udp).expect("a candidate"));
        let mut changes = rtc.sdp_api();
        let mid = changes.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let (offer, pending) = changes.apply().expect("an offer");
        let (sender, control) = channel();
        let heard = Arc::<Mutex<Vec<i16>>>::default();
        let decoder = || ropus::Decoder::new(8000, ropus::Channels::Mono).expect("a decoder");
        let peer = Peer {
            rtc,
            mid,
            pending: Some(pending),
            socket,
            local,
            voice,
            loop_of_packets: packets(voice, hertz),
            decoder: listen.then(decoder),
            sequence: 100,
            said: 0,
            digit: None,
            away: false,
            control,
            heard: Arc::clone(&heard),
        };
        let offer = offer.to_sdp_string();
        Self { offer, ready: Some(peer), control: sender, heard, thread: None }
    }

    /// Takes the answer and begins to talk.
    pub fn talk(&mut self, answer: &str) {
        let mut peer = self.ready.take().expect("connected once");
        let answer = SdpAnswer::from_sdp_string(answer).expect("an SDP answer");
        let pending = peer.pending.take().expect("an offer");
        peer.rtc.sdp_api().accept_answer(pending, answer).expect("an answer to the offer");
        self.thread = Some(std::thread::spawn(move || peer.run()));
    }

    /// Presses a key: its RFC 4733 event code.
    pub fn press(&self, code: u8) {
        self.tell(Control::Digit(code));
    }

    /// Goes on from another address, as after a change of the network.
    pub fn move_on(&self) {
        self.tell(Control::Move);
    }

    /// Loses the network, or has it back.
    pub fn away(&self, away: bool) {
        self.tell(Control::Away(away));
    }

    /// Closes the connection as a page does that is left.
    pub fn close(&self) {
        self.tell(Control::Close);
    }

    /// Forgets what was heard.
    pub fn forget(&self) {
        self.heard.lock().expect("no panic").clear();
    }

    /// What was heard since, at 8 kHz.
    pub fn heard(&self) -> Vec<i16> {
        self.heard.lock().expect("no panic").clone()
    }

    fn tell(&self, control: Control) {
        let _ = self.control.send(control);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.tell(Control::Vanish);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Peer {
    fn run(mut self) {
        let mut buffer = [0; 2048];
        let mut next_packet = Instant::now();
        loop {
            while let Ok(control) = self.control.try_recv() {
                match control {
                    Control::Digit(code) => self.digit = Some((code, self.timestamp(), 0)),
                    Control::Move => {
                        self.socket = UdpSocket::bind("127.0.0.1:0").expect("a socket")
                    }
                    Control::Away(away) => self.away = away,
                    Control::Close => self.rtc.close().expect("closed"),
                    Control::Vanish => return,
                }
            }
            let now = Instant::now();
            if next_packet <= now {
                next_packet += PACKET;
                self.say(now);
            }
            let Some(due) = self.drain() else { return };
            let wait = due.min(next_packet).saturating_duration_since(Instant::now());
            let wait = wait.max(Duration::from_micros(500));
            self.socket.set_read_timeout(Some(wait)).expect("a time limit");
            let received = self.socket.recv_from(&mut buffer);
            let now = Instant::now();
            let input = match received {
                Ok((length, source)) if !self.away => {
                    Receive::new(Protocol::Udp, source, self.local, &buffer[..length])
                        .map(|receive| Input::Receive(now, receive))
                        .unwrap_or(Input::Timeout(now))
                }
                _ => Input::Timeout(now),
            };
            self.rtc.handle_input(input).expect("no protocol error");
        }
    }

    /// Sends and takes what is ready; `None` once the connection is over.
    fn drain(&mut self) -> Option<Instant> {
        loop {
            match self.rtc.poll_output().expect("no protocol error") {
                Output::Timeout(at) => return self.rtc.is_alive().then_some(at),
                Output::Transmit(transmit) if !self.away => {
                    let _ = self.socket.send_to(&transmit.contents, transmit.destination);
                }
                Output::Event(Event::RtpPacket(packet)) => self.hear(&packet),
                _ => (),
            }
        }
    }

    fn hear(&mut self, packet: &RtpPacket) {
        let Some(decoder) = &mut self.decoder else { return };
        let samples: Vec<i16> = match *packet.header.payload_type {
            OPUS => {
                let mut samples = vec![0; 960];
                let mode = ropus::DecodeMode::Normal;
                let length =
                    decoder.decode(&packet.payload, &mut samples, mode).expect("an Opus packet");
                samples.truncate(length);
                samples
            }
            PCMU => {
                packet.payload.iter().map(|&code| sipx_audio::g711::ulaw_decode(code)).collect()
            }
            other => panic!("payload type {other} was not agreed"),
        };
        self.heard.lock().expect("no panic").extend(samples);
    }

    fn timestamp(&self) -> u32 {
        let step = if self.voice == Voice::Opus { 960 } else { 160 };
        1000 + (self.said * step) as u32
    }

    fn say(&mut self, now: Instant) {
        let timestamp = self.timestamp();
        self.said += 1;
        if !self.rtc.is_connected() {
            return;
        }
        let (number, timestamp, payload) = match self.digit {
            // A digit has the stream for itself: three packets of the press, three of its end.
            Some((code, started, sent)) => {
                self.digit = (sent < 5).then_some((code, started, sent + 1));
                let end = if sent >= 3 { 0x80 } else { 0 };
                (EVENTS, started, vec![code, end | 10, 0, 160])
            }
            None => {
                let number = if self.voice == Voice::Opus { OPUS } else { PCMU };
                let place = self.said as usize % self.loop_of_packets.len();
                (number, timestamp, self.loop_of_packets[place].clone())
            }
        };
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_tx_by_mid(self.mid, None).expect("a stream");
        let sequence = self.sequence.into();
        stream.write_rtp(RtpWrite::new(number.into(), sequence, timestamp, now, payload));
        self.sequence += 1;
    }
}

/// A second of a tone, which may be repeated.
fn packets(voice: Voice, hertz: u32) -> Vec<Vec<u8>> {
    let tone = |rate: u32, count: u32| -> Vec<i16> {
        let step = std::f64::consts::TAU * f64::from(hertz) / f64::from(rate);
        (0..count).map(|n| ((f64::from(n) * step).sin() * 8000.0) as i16).collect()
    };
    match voice {
        Voice::Pcmu => {
            tone(8000, 8000).chunks(160).map(sipx_audio::g711::ulaw_encode_all).collect()
        }
        Voice::Opus => {
            let mut encoder =
                ropus::Encoder::builder(48_000, ropus::Channels::Mono, ropus::Application::Voip)
                    .bitrate(ropus::Bitrate::Bits(32_000))
                    .build()
                    .expect("an encoder");
            let mut encoded = [0; 1275];
            let mut packets: Vec<Vec<u8>> = tone(48_000, 96_000)
                .chunks(960)
                .map(|frame| {
                    let length = encoder.encode(frame, &mut encoded).expect("encoded");
                    encoded[..length].to_vec()
                })
                .collect();
            // By the second second the encoder has settled.
            packets.split_off(50)
        }
    }
}
