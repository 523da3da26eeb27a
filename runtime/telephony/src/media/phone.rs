//! A phone for tests: real packets over the loopback.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::packet::Header;
use super::{MediaEvent, MediaPort, MediaSettings, codec};
use crate::api::{Codec, RtpConfig};
use crate::speech::Audio;

/// The payload type of its digits.
pub(crate) const EVENTS: u8 = 101;

/// A configuration with 11 ports.
pub(crate) fn config(port_min: u16) -> RtpConfig {
    RtpConfig {
        bind: [127, 0, 0, 1].into(),
        advertise: None,
        port_min,
        port_max: port_min + 20,
        codecs: vec![Codec::Pcmu, Codec::Pcma],
        jitter: Duration::from_millis(40),
        timeout: Duration::from_secs(1),
    }
}

/// A phone: a socket that sends and checks what it hears.
pub(crate) struct Phone {
    pub socket: UdpSocket,
    pub codec: Codec,
    sequence: u16,
    timestamp: u32,
    pub heard: Vec<(Header, Vec<u8>)>,
}

impl Phone {
    pub fn new(codec: Codec) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        // Close to the wrap of both, so that every test has it.
        Self { socket, codec, sequence: 65_530, timestamp: u32::MAX - 400, heard: Vec::new() }
    }

    pub fn payload_type(&self) -> u8 {
        if self.codec == Codec::Pcmu { 0 } else { 8 }
    }

    pub fn settings(&self) -> MediaSettings {
        MediaSettings {
            remote: self.socket.local_addr().unwrap(),
            codec: self.codec,
            payload_type: self.payload_type(),
            event_types: vec![EVENTS],
            event_type_out: Some(EVENTS),
            send: true,
            receive: true,
        }
    }

    pub fn connect(&self, port: &MediaPort) -> UnboundedReceiver<MediaEvent> {
        let (sender, events) = mpsc::unbounded_channel();
        port.start(self.settings(), sender);
        self.socket.connect(port.local()).unwrap();
        events
    }

    pub fn say(&mut self, payload: &[u8]) {
        let header = Header {
            marker: false,
            payload_type: self.payload_type(),
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: 7,
        };
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(payload.len() as u32);
        self.socket.send(&[&header.to_bytes()[..], payload].concat()).unwrap();
    }

    pub fn send_raw(&self, payload_type: u8, sequence: u16, timestamp: u32, payload: &[u8]) {
        let header = Header { marker: false, payload_type, sequence, timestamp, ssrc: 7 };
        self.socket.send(&[&header.to_bytes()[..], payload].concat()).unwrap();
    }

    /// Receives until nothing comes for 200 ms or `most` packets came.
    pub fn listen(&mut self, most: usize) {
        let mut buffer = [0; 2048];
        while self.heard.len() < most {
            let Ok(length) = self.socket.recv(&mut buffer) else { return };
            let (header, range) = Header::parse(&buffer[..length]).unwrap();
            self.heard.push((header, buffer[range].to_vec()));
        }
    }

    pub fn samples(&self) -> Vec<i16> {
        let audio = self.heard.iter().filter(|(header, _)| header.payload_type != EVENTS);
        audio.flat_map(|(_, payload)| codec::decode(self.codec, payload)).collect()
    }
}

/// Talks for as many packets in real time, from all phones at once.
pub(crate) fn talk(phones: &mut [(&mut Phone, f32)], packets: usize) {
    let tones: Vec<Vec<i16>> = phones
        .iter()
        .map(|(_, hertz)| {
            let length = Duration::from_millis(20 * packets as u64);
            Audio::tone(&[*hertz], length).samples().to_vec()
        })
        .collect();
    let start = Instant::now();
    for n in 0..packets {
        for ((phone, _), tone) in phones.iter_mut().zip(&tones) {
            let payload = codec::encode(phone.codec, &tone[n * 160..][..160]);
            phone.say(&payload);
        }
        std::thread::sleep(
            (start + Duration::from_millis(20) * n as u32)
                .saturating_duration_since(Instant::now()),
        );
    }
}

/// The part of the energy that is at a frequency, by Goertzel: 1 for a pure tone.
pub(crate) fn share(samples: &[i16], hertz: f32) -> f64 {
    let coefficient = 2.0 * (std::f64::consts::TAU * f64::from(hertz) / 8000.0).cos();
    let (mut one, mut two, mut energy) = (0.0, 0.0, 0.0);
    for &sample in samples {
        let sample = f64::from(sample);
        (one, two) = (sample + coefficient * one - two, one);
        energy += sample * sample;
    }
    let power = one * one + two * two - coefficient * one * two;
    power / (energy * samples.len() as f64 / 2.0).max(1.0)
}
