//! What is offered and answered about audio (RFC 3264).
//!
//! `sipx-sdp` reads; the writing and the choosing are ours, because its answer names only one of
//! several telephone-event payload types, and digits must be read from all of them.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::{IpAddr, SocketAddr};

use sipx_sdp::{Direction, MediaDescription};

use crate::api::Codec;
use crate::media::MediaSettings;

/// The payload type of telephone events in our offers.
const EVENTS: u8 = 101;

/// What the other side says about its audio.
#[derive(Clone, Debug)]
pub(super) struct Described {
    /// Where it receives.
    remote: SocketAddr,
    /// The codecs we know, in its order.
    codecs: Vec<(Codec, u8)>,
    /// Its telephone-event payload types at 8000 Hz, in its order.
    events: Vec<u8>,
    /// Whether it sends.
    sends: bool,
    /// Whether it receives.
    receives: bool,
    /// Kind, protocol and first format of every stream, to answer each.
    streams: Vec<(String, String, String)>,
    /// Which of them is ours.
    chosen: usize,
}

/// Why a description is of no use. The text is for a Warning header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unusable {
    /// Not SDP.
    Malformed,
    /// No audio over plain RTP.
    NoAudio,
    /// No codec of ours.
    NoCodec,
}

impl Unusable {
    /// The warning code and text of RFC 3261 §20.43.
    pub(super) const fn warning(self) -> (u16, &'static str) {
        match self {
            Self::Malformed => (399, "the session description cannot be read"),
            Self::NoAudio => (304, "audio over RTP/AVP is needed"),
            Self::NoCodec => (305, "PCMU or PCMA at 8000 Hz is needed"),
        }
    }
}

/// The media half of a leg's dialog: what was agreed and how it is written next.
#[derive(Debug)]
pub(super) struct Negotiation {
    local: SocketAddr,
    session: u32,
    version: u32,
    /// Hash of the last description without its version, to count versions as RFC 3264 §8 asks.
    last: u64,
    /// Whether we hold the party.
    pub(super) holding: bool,
    /// Whether the party holds us.
    pub(super) held: bool,
    /// What was agreed, once it was.
    agreed: Option<Agreed>,
}

#[derive(Clone, Debug)]
struct Agreed {
    codec: Codec,
    payload_type: u8,
    events: Vec<u8>,
    remote: SocketAddr,
    send: bool,
    receive: bool,
}

/// Reads a body.
pub(super) fn read(body: &[u8]) -> Result<Described, Unusable> {
    let text = String::from_utf8_lossy(body);
    let session = sipx_sdp::parse(&text).map_err(|_| Unusable::Malformed)?;
    let (chosen, media) = session
        .media
        .iter()
        .enumerate()
        .find(|(_, media)| {
            media.media == "audio" && !media.is_rejected() && media.protocol == "RTP/AVP"
        })
        .ok_or(Unusable::NoAudio)?;
    let address = session.address_for(media).ok_or(Unusable::NoAudio)?;
    let direction = media.declared_direction().unwrap_or_else(|| session.direction());
    let mut codecs = Vec::new();
    let mut events = Vec::new();
    for format in &media.formats {
        match kind(media, format) {
            Some(Kind::Voice(codec, number)) => codecs.push((codec, number)),
            Some(Kind::Events(number)) => events.push(number),
            None => (),
        }
    }
    if codecs.is_empty() {
        return Err(Unusable::NoCodec);
    }
    let streams = session
        .media
        .iter()
        .map(|media| {
            let first = media.formats.first().cloned().unwrap_or_else(|| "0".to_owned());
            (media.media.clone(), media.protocol.clone(), first)
        })
        .collect();
    Ok(Described {
        remote: SocketAddr::new(address, media.port),
        codecs,
        events,
        sends: direction.sends(),
        // RFC 2543 put a party on hold by the address 0.0.0.0; some phones still do.
        receives: direction.receives() && !address.is_unspecified(),
        streams,
        chosen,
    })
}

enum Kind {
    Voice(Codec, u8),
    Events(u8),
}

fn kind(media: &MediaDescription, format: &str) -> Option<Kind> {
    let number: u8 = format.parse().ok().filter(|number| *number < 128)?;
    let Some(map) = media.rtpmap(format) else {
        return match number {
            0 => Some(Kind::Voice(Codec::Pcmu, 0)),
            8 => Some(Kind::Voice(Codec::Pcma, 8)),
            _ => None,
        };
    };
    let mut parts = map.split('/');
    let name = parts.next()?.trim();
    if parts.next().map(str::trim) != Some("8000") {
        return None;
    }
    if name.eq_ignore_ascii_case("PCMU") {
        Some(Kind::Voice(Codec::Pcmu, number))
    } else if name.eq_ignore_ascii_case("PCMA") {
        Some(Kind::Voice(Codec::Pcma, number))
    } else if name.eq_ignore_ascii_case("telephone-event") {
        Some(Kind::Events(number))
    } else {
        None
    }
}

impl Negotiation {
    /// Nothing is agreed yet; we receive at `local`.
    pub(super) fn new(local: SocketAddr, session: u32) -> Self {
        Self {
            local,
            session: session >> 1,
            version: 0,
            last: 0,
            holding: false,
            held: false,
            agreed: None,
        }
    }

    /// Writes our offer: the first one, or one that changes the direction.
    pub(super) fn offer(&mut self, codecs: &[Codec]) -> String {
        let formats: Vec<(Codec, u8)> =
            codecs.iter().map(|&codec| (codec, codec.static_type())).collect();
        let direction = match (self.holding, self.held) {
            (false, _) => Direction::SendRecv,
            (true, false) => Direction::SendOnly,
            (true, true) => Direction::Inactive,
        };
        let body = stream(self.local.port(), "RTP/AVP", &formats, &[EVENTS], direction);
        self.describe(&body)
    }

    /// Takes the other side's offer and writes our answer.
    pub(super) fn answer(
        &mut self,
        offer: &Described,
        codecs: &[Codec],
    ) -> Result<String, Unusable> {
        let (codec, number) = codecs
            .iter()
            .find_map(|wanted| offer.codecs.iter().find(|(codec, _)| codec == wanted))
            .copied()
            .ok_or(Unusable::NoCodec)?;
        self.agree(offer, codec, number);
        let direction = direction(!self.held, offer.sends && !self.holding);
        let mut body = String::new();
        for (index, (media, protocol, first)) in offer.streams.iter().enumerate() {
            if index == offer.chosen {
                let formats = [(codec, number)];
                body += &stream(self.local.port(), protocol, &formats, &offer.events, direction);
            } else {
                let _ = write!(body, "m={media} 0 {protocol} {first}\r\n");
            }
        }
        Ok(self.describe(&body))
    }

    /// Takes the other side's answer to our offer.
    pub(super) fn answered(&mut self, answer: &Described) {
        if let Some(&(codec, number)) = answer.codecs.first() {
            self.agree(answer, codec, number);
        }
    }

    /// What the media port is told, once something was agreed.
    pub(super) fn settings(&self) -> Option<MediaSettings> {
        self.agreed.as_ref().map(|agreed| MediaSettings {
            remote: agreed.remote,
            codec: agreed.codec,
            payload_type: agreed.payload_type,
            event_types: agreed.events.clone(),
            event_type_out: agreed.events.first().copied(),
            send: agreed.send,
            receive: agreed.receive,
        })
    }

    /// Whether the other side takes telephone events.
    pub(super) fn takes_events(&self) -> bool {
        self.agreed.as_ref().is_some_and(|agreed| !agreed.events.is_empty())
    }

    fn agree(&mut self, peer: &Described, codec: Codec, payload_type: u8) {
        self.held = !peer.receives;
        self.agreed = Some(Agreed {
            codec,
            payload_type,
            events: peer.events.clone(),
            remote: peer.remote,
            send: peer.receives,
            receive: peer.sends && !self.holding,
        });
    }

    fn describe(&mut self, media: &str) -> String {
        let mut hasher = DefaultHasher::new();
        media.hash(&mut hasher);
        let hash = hasher.finish();
        if hash != self.last {
            self.version += 1;
            self.last = hash;
        }
        let family = match self.local.ip() {
            IpAddr::V4(_) => "IP4",
            IpAddr::V6(_) => "IP6",
        };
        let (ip, session, version) = (self.local.ip(), self.session, self.version);
        format!(
            "v=0\r\no=- {session} {version} IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\n\
             t=0 0\r\n{media}"
        )
    }
}

const fn direction(send: bool, receive: bool) -> Direction {
    match (send, receive) {
        (true, true) => Direction::SendRecv,
        (true, false) => Direction::SendOnly,
        (false, true) => Direction::RecvOnly,
        (false, false) => Direction::Inactive,
    }
}

const fn name(codec: Codec) -> &'static str {
    match codec {
        Codec::Pcmu => "PCMU",
        Codec::Pcma => "PCMA",
    }
}

fn stream(
    port: u16,
    protocol: &str,
    codecs: &[(Codec, u8)],
    events: &[u8],
    direction: Direction,
) -> String {
    let mut out = format!("m=audio {port} {protocol}");
    for number in codecs.iter().map(|(_, number)| number).chain(events) {
        let _ = write!(out, " {number}");
    }
    out += "\r\n";
    for (codec, number) in codecs {
        let _ = write!(out, "a=rtpmap:{number} {}/8000\r\n", name(*codec));
    }
    for number in events {
        let _ = write!(out, "a=rtpmap:{number} telephone-event/8000\r\na=fmtp:{number} 0-16\r\n");
    }
    let _ = write!(out, "a=ptime:20\r\na={}\r\n", direction.as_str());
    out
}

#[cfg(test)]
mod tests;
