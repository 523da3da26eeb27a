//! Lines: the voice of agents' browsers.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use async_trait::async_trait;

use super::{Leg, PlayId};

/// How agents' browsers are served (WebRTC).
#[derive(Clone, Debug)]
pub struct WebConfig {
    /// The one UDP address for all browsers. Port 0 takes any that is free.
    pub bind: SocketAddr,
    /// The address to put into SDP, if not the bound one: that of the NAT in front.
    pub advertise: Option<IpAddr>,
    /// Lines that may be open at once.
    pub lines_max: usize,
    /// Without a sign of life for this long a browser is lost. One that is there sends voice 50
    /// times a second and asks by STUN every 2.5 s, so 5 s is a good choice.
    pub lost_after: Duration,
    /// How long a line is kept without a browser: before the first, while a page loads anew, while
    /// the network is away.
    pub grace: Duration,
}

/// The line of an agent's browser. It is a leg that is answered from the start: `ring` and `answer`
/// do nothing, `hold`, `transfer` and `send_digits` are not possible. Dropping the last handle closes
/// it.
#[async_trait]
pub trait Line: Leg {
    /// Takes a browser's SDP offer and returns the answer. The offer carries all that is needed (no
    /// trickling); of its streams the first audio is used, the others are refused. A later call, of
    /// a page that was loaded anew or after an ICE restart, replaces the connection; what the line
    /// is bridged with, plays or records goes on.
    ///
    /// # Errors
    ///
    /// [`LineError::BadOffer`] says what the offer lacks; the connection before stays then.
    async fn connect(&self, offer: &str) -> Result<String, LineError>;
    /// How well the network carries the voice, as measured over the last seconds.
    fn quality(&self) -> LineQuality;
    /// Lets nobody hear the agent, or again: silence is sent instead of the voice. Digits pass.
    fn mute(&self, on: bool);
}

/// What happens on a line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LineEvent {
    /// A browser is connected: voice can pass.
    Connected,
    /// Nothing has come from the browser for [`WebConfig::lost_after`], or it ended the connection. [`LineEvent::Connected`] follows if it comes back
    /// within the grace, or another takes its place.
    Lost,
    /// The agent pressed a digit: `0`-`9`, `*`, `#`, `A`-`D`. Once per press.
    Digit(char),
    /// A playing came to its end.
    Played(PlayId),
    /// The line is over. Exactly once, and the last event.
    Closed(LineEnd),
}

/// Why a line is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LineEnd {
    /// We closed it.
    Closed,
    /// No browser was there for as long as the grace.
    NoBrowser,
}

/// Why a line was not opened or connected.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LineError {
    /// The endpoint was started without a [`WebConfig`].
    #[error("voice in the browser is switched off")]
    Disabled,
    /// As many lines are open as may be.
    #[error("{0} lines are open, which is all there may be")]
    TooMany(usize),
    /// The offer cannot be answered.
    #[error("the browser's offer cannot be answered: {0}")]
    BadOffer(String),
    /// The thread that serves the line has more to do than it can.
    #[error("too much is going on; try again")]
    Busy,
    /// The line is closed.
    #[error("the line is closed")]
    Closed,
}

/// How well the network carries a line's voice. What was not measured yet is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LineQuality {
    /// The round trip, from the browser's receiver reports (RFC 3550 §6.4.1).
    pub rtt: Option<Duration>,
    /// The jitter of what comes from the browser (RFC 3550 §6.4.1).
    pub jitter_in: Option<Duration>,
    /// The jitter of what the browser receives, as it reports.
    pub jitter_out: Option<Duration>,
    /// The part of the packets from the browser that is lost, 0 to 1.
    pub loss_in: Option<f32>,
    /// The part of the packets to the browser that is lost, 0 to 1, as it reports.
    pub loss_out: Option<f32>,
    /// The mean opinion score that the worse of both directions lets expect, 1 to 4.5: a model's
    /// estimate (ITU-T G.107), not a measurement.
    pub mos: Option<f32>,
}
