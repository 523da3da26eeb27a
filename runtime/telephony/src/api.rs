//! What the server sees of telephony.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use tokio::sync::mpsc;

mod line;

pub use line::{Line, LineEnd, LineError, LineEvent, LineQuality, WebConfig};

pub use crate::sip::{StartError, start};
use crate::speech::Audio;

/// Names a leg within this process.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LegId(pub u64);

impl LegId {
    /// A name that no leg has had.
    pub(crate) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Names one playing of audio within a leg; the event that ends it carries the same.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PlayId(pub u64);

impl PlayId {
    /// A name that no playing has had.
    pub(crate) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// How SIP is spoken. All of it is configuration.
#[derive(Clone, Debug)]
pub struct SipConfig {
    /// Where to listen.
    pub bind: SocketAddr,
    /// Whether to listen on UDP.
    pub udp: bool,
    /// Whether to listen on TCP.
    pub tcp: bool,
    /// The host to put into Via and Contact, if not the bound address.
    pub advertise: Option<String>,
    /// The User-Agent and Server header.
    pub user_agent: String,
    /// The realm of digest challenges.
    pub realm: String,
    /// Registrations: shortest and longest expiry granted.
    pub register_expires: (Duration, Duration),
    /// Session-Expires offered and accepted (RFC 4028); zero switches session timers off.
    pub session_expires: Duration,
    /// The least Session-Expires accepted.
    pub min_session_expires: Duration,
    /// INVITEs in progress and calls up at once; beyond it a 503 with Retry-After.
    pub max_calls: usize,
    /// New calls a second that are admitted; beyond it a 503 with Retry-After. Zero is no limit.
    pub max_calls_per_second: u32,
    /// How late the process may be in doing what is due before new calls get a 503 with Retry-After:
    /// those let in are served in time, whatever is offered. Zero switches it off.
    pub max_lag: Duration,
    /// SIP messages that may wait to be looked at before new calls get a 503 with Retry-After.
    pub max_backlog: usize,
    /// What a refused caller is told to wait.
    pub retry_after: Duration,
}

/// How media is carried.
#[derive(Clone, Debug)]
pub struct RtpConfig {
    /// The local address to receive on.
    pub bind: IpAddr,
    /// The address to put into SDP, if not the bound one.
    pub advertise: Option<IpAddr>,
    /// The lowest port.
    pub port_min: u16,
    /// The highest port, inclusive. A call uses an even port (RTP).
    pub port_max: u16,
    /// Codecs in order of preference.
    pub codecs: Vec<Codec>,
    /// How much received audio is held to even out its arrival, at least.
    pub jitter: Duration,
    /// Without a packet for this long while the other side ought to send, the leg is lost. Zero
    /// switches it off.
    pub timeout: Duration,
}

/// An audio codec.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Codec {
    /// G.711 µ-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
}

impl Codec {
    /// Its payload type (RFC 3551 §6).
    pub(crate) const fn static_type(self) -> u8 {
        match self {
            Self::Pcmu => 0,
            Self::Pcma => 8,
        }
    }
}

/// An INVITE that starts a call, before it is let in.
#[derive(Clone, Debug)]
pub struct InboundInvite {
    /// Where it came from.
    pub source: SocketAddr,
    /// The user part of the From header.
    pub from_user: String,
    /// The host part of the From header.
    pub from_host: String,
    /// The display name of the From header.
    pub from_name: Option<String>,
    /// The user part of P-Asserted-Identity, if there is one.
    pub asserted: Option<String>,
    /// The user part of the request URI.
    pub dialled: String,
    /// The host part of the request URI.
    pub host: String,
    /// The Call-ID.
    pub call_id: String,
    /// The account whose digest credentials came with it and were found right.
    pub authenticated: Option<String>,
}

/// What to do with an INVITE.
#[derive(Clone, Debug)]
pub enum Admission {
    /// Let it in.
    Accept,
    /// Ask for digest credentials.
    Challenge,
    /// Refuse it with this status.
    Refuse {
        /// 400 to 699.
        status: u16,
        /// The reason phrase.
        reason: String,
        /// For 503 and 480.
        retry_after: Option<Duration>,
    },
}

/// Who may call and register. Asked by the endpoint, answered at once and from memory.
pub trait Directory: Send + Sync {
    /// Decides about an INVITE outside a dialog.
    fn admit(&self, invite: &InboundInvite) -> Admission;
    /// The account that `user` means at `host`, if it is one: the name under which its password
    /// and its bindings are known. The host is that of the address of record or of the From
    /// header, because two tenants may have the same extension. A user name of digest credentials
    /// may carry a host of its own, as in `anna@example.com`.
    fn account(&self, user: &str, host: &str) -> Option<String>;
    /// The password of an account that registers or calls with digest credentials.
    fn password(&self, account: &str) -> Option<String>;
    /// Whether `account`, who has shown the password, may register a phone for the account `aor`.
    fn may_register(&self, account: &str, aor: &str) -> bool;
    /// Keeps the bindings of an account: all of them, or none. Called on each change.
    fn save_bindings(&self, account: &str, bindings: &[Binding]);
    /// Reads all bindings kept, by account, once, at the start.
    fn load_bindings(&self) -> Vec<(String, Vec<Binding>)>;
}

/// Where a phone of an address of record is reached.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Binding {
    /// The Contact URI.
    pub contact: String,
    /// Where the REGISTER came from.
    pub source: SocketAddr,
    /// Whether over TCP.
    pub tcp: bool,
    /// The Call-ID of the registration.
    pub call_id: String,
    /// Its sequence number.
    pub cseq: u32,
    /// When it ends.
    pub expires_at: SystemTime,
    /// What the phone calls itself.
    pub user_agent: String,
}

/// A trunk to register with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Registration {
    /// Names it in events.
    pub name: String,
    /// The registrar: `sip:host:port` with an optional `;transport=tcp`.
    pub registrar: String,
    /// The address of record: `sip:user@domain`.
    pub aor: String,
    /// The user of the digest credentials.
    pub user: String,
    /// The password.
    pub password: String,
    /// The expiry asked for.
    pub expires: Duration,
}

/// What an endpoint reports.
pub enum EndpointEvent {
    /// A call came in and was admitted. Until `ring` or `answer` only 100 was sent.
    Incoming(IncomingCall),
    /// An account gained or refreshed a binding.
    Registered {
        /// Its name, as [`Directory::account`] gave it.
        account: String,
    },
    /// An account lost its last binding, by request or by expiry.
    Unregistered {
        /// Its name, as [`Directory::account`] gave it.
        account: String,
    },
    /// A registration of ours with a trunk changed.
    Trunk {
        /// Its name.
        name: String,
        /// Whether it is up; otherwise why not.
        state: Result<(), String>,
    },
}

/// A call that came in.
pub struct IncomingCall {
    /// The leg towards the caller.
    pub leg: Arc<dyn Leg>,
    /// What happens on it.
    pub events: mpsc::UnboundedReceiver<LegEvent>,
    /// How it asked.
    pub invite: InboundInvite,
}

/// A call to be placed.
#[derive(Clone, Debug)]
pub struct DialRequest {
    /// The address: a SIP URI, or an account that registered here.
    pub to: Destination,
    /// The URI of the From header, such as `sip:100@127.0.0.1`.
    pub from: String,
    /// The display name of the From header.
    pub from_name: Option<String>,
    /// Digest credentials, if the other side asks.
    pub credentials: Option<(String, String)>,
    /// Further headers: names and values.
    pub headers: Vec<(String, String)>,
}

/// Whom to dial.
#[derive(Clone, Debug)]
pub enum Destination {
    /// A SIP URI, dialled as it is.
    Uri(String),
    /// A URI sent through a next hop, such as a trunk's proxy.
    Via {
        /// The request URI.
        uri: String,
        /// Where it is sent: `host:port`, with an optional `;transport=tcp`.
        proxy: String,
    },
    /// The newest binding of an account that registered here.
    Registered(String),
}

/// Why a call could not be placed at all.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// No phone has registered for this account.
    #[error("no phone is registered for `{0}`")]
    NotRegistered(String),
    /// The address is not one.
    #[error("`{0}` is not a SIP address")]
    BadAddress(String),
    /// All RTP ports are in use.
    #[error("no RTP port is free between {0} and {1}")]
    NoPort(u16, u16),
    /// The network refused it.
    #[error("cannot send to {to}")]
    Send {
        /// Where.
        to: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// The one place that accepts and places calls.
#[async_trait]
pub trait Endpoint: Send + Sync {
    /// Where it listens.
    fn local_addr(&self) -> SocketAddr;
    /// Sends an INVITE. What becomes of it is told by events: [`LegEvent::Ringing`],
    /// [`LegEvent::Answered`] or [`LegEvent::Ended`].
    async fn dial(
        &self,
        request: DialRequest,
    ) -> Result<(Arc<dyn Leg>, mpsc::UnboundedReceiver<LegEvent>), DialError>;
    /// Lets two answered legs of this endpoint hear each other. Playing on either stops. Digits are
    /// passed on. Ends with [`Endpoint::unbridge`] or with either leg.
    fn bridge(&self, one: LegId, other: LegId) -> Result<(), LegError>;
    /// Parts two legs; each hears silence until something is played.
    fn unbridge(&self, one: LegId);
    /// Opens a line for an agent's browser: a leg that stays up over many conversations, and over
    /// many connections of the browser. Must be called within a Tokio runtime.
    ///
    /// # Errors
    ///
    /// [`LineError::Disabled`] or [`LineError::TooMany`].
    fn open_line(&self) -> Result<(Arc<dyn Line>, mpsc::UnboundedReceiver<LineEvent>), LineError>;
    /// The bindings of an account that have not expired.
    fn bindings(&self, account: &str) -> Vec<Binding>;
    /// Keeps a registration with a trunk up until the endpoint shuts down.
    fn register(&self, registration: Registration);
    /// Figures for metrics.
    fn counters(&self) -> Counters;
    /// Refuses new calls with 503 and hangs up what is left after `grace`.
    async fn shut_down(&self, grace: Duration);
}

/// Figures of an endpoint.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counters {
    /// INVITEs received outside a dialog.
    pub invites: u64,
    /// Calls refused with 503 by a limit.
    pub overloaded: u64,
    /// How late the process is in doing what is due.
    pub lag: Duration,
    /// Legs that exist now.
    pub legs: u64,
    /// RTP packets received.
    pub rtp_received: u64,
    /// RTP packets sent.
    pub rtp_sent: u64,
    /// RTP packets that came too late or twice.
    pub rtp_discarded: u64,
    /// Accounts with a binding.
    pub registered: u64,
    /// Lines of browsers that are open now; they are not among `legs`.
    pub lines: u64,
    /// Datagrams to the browsers' port that no line wanted or that came too fast.
    pub web_discarded: u64,
}

/// One party's call. Dropping the last handle hangs up.
#[async_trait]
pub trait Leg: Send + Sync {
    /// Its name.
    fn id(&self) -> LegId;
    /// Sends 180 Ringing (inbound legs before the answer; otherwise does nothing).
    async fn ring(&self) -> Result<(), LegError>;
    /// Answers an inbound leg: 200 with SDP. Answering twice does nothing.
    async fn answer(&self) -> Result<(), LegError>;
    /// Refuses an inbound leg before the answer.
    async fn refuse(&self, status: u16, reason: &str, retry_after: Option<Duration>);
    /// Ends the leg in whatever state it is: CANCEL, BYE or a final response. Idempotent.
    /// [`LegEvent::Ended`] follows.
    fn hang_up(&self);
    /// Plays audio, replacing what plays. [`LegEvent::Played`] follows unless it is replaced.
    fn play(&self, audio: Arc<Audio>, repeat: Repeat) -> PlayId;
    /// Stops what plays, without an event.
    fn stop_playing(&self);
    /// Sends digits by RFC 4733, or by INFO if the other side does not take events.
    fn send_digits(&self, digits: &str) -> Result<(), LegError>;
    /// Records both voices into a stereo WAV file (left: this leg's party; right: what it hears)
    /// from now until [`Leg::stop_recording`] or the end of the leg. A bridged agent is the right
    /// channel.
    fn start_recording(&self, path: PathBuf) -> Result<(), LegError>;
    /// Finishes the file; returns its length in time, zero if nothing was recorded.
    async fn stop_recording(&self) -> Duration;
    /// Puts the party on hold (re-INVITE sendonly) or takes it back.
    async fn hold(&self, on: bool) -> Result<(), LegError>;
    /// Blind transfer by REFER: resolves when the other side has reported the outcome.
    async fn transfer(&self, to: &str) -> Result<(), LegError>;
    /// Loudness of what was received in the last 20 ms packet, 0 to 32767; for silence detection.
    fn level(&self) -> u16;
}

/// Whether audio starts again at its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Repeat {
    /// Plays once.
    Once,
    /// Plays until it is replaced or stopped, as music on hold does.
    Forever,
}

/// Why a leg did not do as told.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LegError {
    /// The leg has ended.
    #[error("the leg has ended")]
    Ended,
    /// Not possible in this state or with this peer; the text says why.
    #[error("not possible: {0}")]
    NotPossible(String),
    /// The other side said no.
    #[error("refused with {status} {reason}")]
    Refused {
        /// The SIP status.
        status: u16,
        /// The reason phrase.
        reason: String,
    },
    /// A file could not be written.
    #[error("cannot write the recording: {0}")]
    File(String),
}

/// What happens on a leg.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LegEvent {
    /// An outbound leg rings.
    Ringing,
    /// An outbound leg was answered, or an inbound leg's answer was acknowledged.
    Answered,
    /// The party pressed a digit: `0`-`9`, `*`, `#`, `A`-`D`. Once per press, however it was sent.
    Digit(char),
    /// A playing came to its end.
    Played(PlayId),
    /// The party put us on hold.
    Held,
    /// The party took us back.
    Resumed,
    /// The leg is over. Exactly once, and the last event.
    Ended(LegEnd),
}

/// Why a leg is over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LegEnd {
    /// The party hung up, or cancelled before the answer.
    RemoteHangUp,
    /// We hung up, cancelled or refused.
    LocalHangUp,
    /// The party refused our INVITE: 300 to 699.
    Refused {
        /// The SIP status.
        status: u16,
        /// The reason phrase.
        reason: String,
    },
    /// Nobody responded.
    NoResponse,
    /// No media came for as long as `rtp.timeout`.
    MediaTimeout,
    /// The session timer ran out.
    SessionExpired,
    /// The network or the peer broke the protocol; the text says how.
    Failed(String),
}
