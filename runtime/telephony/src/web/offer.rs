//! The browser's SDP offer: cut down to the one audio stream we take, and the answer put back into
//! the shape of the offer (RFC 3264: as many streams, in the same order).
//!
//! A page may offer more than we want: video, data, a second microphone. Candidates are left out as
//! well: being ICE-lite we answer whoever shows the credentials, and Chromium's TCP candidates and
//! `.local` names need not be understood.

use std::fmt::Write as _;

/// Octets of an offer at most. A browser's with audio, video and data has about 8 KiB.
pub(super) const OFFER_MAX: usize = 64 << 10;

/// Streams of an offer at most.
const STREAMS_MAX: usize = 32;

/// What each stream needs for DTLS-SRTP, from the session, itself, or the stream it is bundled with.
const TRANSPORT: [&str; 5] =
    ["a=ice-ufrag:", "a=ice-pwd:", "a=ice-options:", "a=fingerprint:", "a=setup:"];

/// An offer, cut into its parts.
pub(super) struct Offer<'a> {
    session: Vec<&'a str>,
    streams: Vec<Vec<&'a str>>,
    audio: usize,
}

impl<'a> Offer<'a> {
    /// Reads an offer and finds the audio stream.
    ///
    /// # Errors
    ///
    /// What the offer lacks, as text.
    pub fn parse(text: &'a str) -> Result<Self, String> {
        if OFFER_MAX < text.len() {
            return Err(format!(
                "it has {} octets, more than the {OFFER_MAX} that are taken",
                text.len()
            ));
        }
        if !text.starts_with("v=0") {
            return Err("it is no SDP: it does not begin with `v=0`".to_owned());
        }
        let mut session = Vec::new();
        let mut streams: Vec<Vec<&str>> = Vec::new();
        for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
            if line.starts_with("m=") {
                streams.push(Vec::new());
            }
            streams.last_mut().unwrap_or(&mut session).push(line);
        }
        if STREAMS_MAX < streams.len() {
            let count = streams.len();
            return Err(format!("it has {count} streams, more than the {STREAMS_MAX} taken"));
        }
        let audio = streams.iter().position(|stream| is_voice(stream)).ok_or_else(|| {
            "it has no audio stream over DTLS-SRTP (`m=audio … UDP/TLS/RTP/SAVPF …`)".to_owned()
        })?;
        let offer = Self { session, streams, audio };
        for (needed, why) in [
            ("a=ice-ufrag:", "ICE credentials"),
            ("a=ice-pwd:", "ICE credentials"),
            ("a=fingerprint:", "certificate fingerprint"),
        ] {
            if offer.transport(needed).is_none() {
                let name = needed.trim_end_matches(':');
                return Err(format!("it has no {why} (`{name}`)"));
            }
        }
        Ok(offer)
    }

    /// The session with the audio stream alone, without candidates.
    pub fn audio_only(&self) -> String {
        let mut out = String::new();
        let mut add = |line: &str| {
            out += line;
            out += "\r\n";
        };
        let session = self.session.iter().filter(|line| !line.starts_with("a=group:"));
        session.for_each(|line| add(line));
        let stream = self.stream();
        if let Some(mid) = stream.iter().find_map(|line| line.strip_prefix("a=mid:")) {
            add(&format!("a=group:BUNDLE {mid}"));
        }
        for (index, line) in stream.iter().enumerate() {
            let candidate = line.starts_with("a=candidate:") || *line == "a=end-of-candidates";
            // A stream that is offered only as part of a bundle has port 0 (RFC 8843 §6).
            match line.strip_prefix("m=audio 0 ").filter(|_| index == 0) {
                Some(rest) => add(&format!("m=audio 9 {rest}")),
                None if !candidate && *line != "a=bundle-only" => add(line),
                None => (),
            }
        }
        for needed in TRANSPORT {
            let here = |lines: &[&str]| lines.iter().any(|line| line.starts_with(needed));
            if !here(stream) && !here(&self.session) {
                self.transport(needed).into_iter().for_each(&mut add);
            }
        }
        out
    }

    /// The whole answer: `answer`'s stream at its place, the others refused.
    pub fn answer(&self, answer: &str) -> String {
        let (session, stream) = match answer.find("m=") {
            Some(at) => answer.split_at(at),
            None => (answer, ""),
        };
        let mut out = session.to_owned();
        for (index, offered) in self.streams.iter().enumerate() {
            if index == self.audio {
                out += stream;
                continue;
            }
            let mut head = offered.first().copied().unwrap_or_default().split(' ');
            let (media, _port) = (head.next().unwrap_or_default(), head.next());
            let rest: Vec<&str> = head.collect();
            let _ = write!(out, "{media} 0 {}\r\nc=IN IP4 0.0.0.0\r\n", rest.join(" "));
            if let Some(mid) = offered.iter().find(|line| line.starts_with("a=mid:")) {
                let _ = write!(out, "{mid}\r\n");
            }
            out += "a=inactive\r\n";
        }
        out
    }

    fn stream(&self) -> &[&'a str] {
        self.streams.get(self.audio).map_or(&[], Vec::as_slice)
    }

    /// The attribute of the audio stream's transport, wherever it stands.
    fn transport(&self, name: &str) -> Option<&'a str> {
        let own = std::iter::once(self.stream()).chain(std::iter::once(self.session.as_slice()));
        let others = self.streams.iter().map(Vec::as_slice);
        own.chain(others).flatten().copied().find(|line| line.starts_with(name))
    }
}

/// Whether a stream is audio over DTLS-SRTP, and not one that is refused or over.
fn is_voice(stream: &[&str]) -> bool {
    let mut head = stream.first().copied().unwrap_or_default().split(' ');
    let (media, port, protocol) = (head.next(), head.next(), head.next());
    let secure = matches!(protocol, Some("UDP/TLS/RTP/SAVPF" | "UDP/TLS/RTP/SAVP"));
    media == Some("m=audio") && secure && (port != Some("0") || stream.contains(&"a=bundle-only"))
}

/// The payload types of an answer: number, name, clock.
pub(super) fn payload_types(answer: &str) -> impl Iterator<Item = (u8, &str, u32)> {
    answer.lines().filter_map(|line| {
        let (number, kind) = line.trim_end().strip_prefix("a=rtpmap:")?.split_once(' ')?;
        let mut kind = kind.split('/');
        let (name, clock) = (kind.next()?, kind.next()?);
        Some((number.parse().ok()?, name, clock.parse().ok()?))
    })
}

#[cfg(test)]
mod tests;
