//! SIP signalling.
//!
//! One task, the [dispatcher](dispatch), owns every call: requests of the network, orders of the
//! server and timers reach it one after another, so a CANCEL cannot race an answer. Transactions
//! and sockets are `sipx-transport`'s; dialogs, offers, registrar and trunks are ours. Each request
//! of ours runs in a short task of its own that ends with its response.
//!
//! ```text
//!  network -> sipx endpoint -> Incoming ----+
//!  server  -> Leg, Endpoint -> Order -------+-> dispatcher -> Handle::respond / send
//!  client tasks -> Invited, Replied --------+        |
//!  timers ----------------------------------+        +-> LegEvent, EndpointEvent -> server
//! ```

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sipx_transport::CleartextTransports;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::api::{Directory, Endpoint, EndpointEvent, RtpConfig, SipConfig, WebConfig};
use crate::media::MediaEngine;
use crate::web::Web;

mod client;
mod dialog;
mod digest;
mod dispatch;
mod endpoint;
mod inbound;
mod info;
mod leg;
mod leg_state;
mod limits;
mod message;
mod outbound;
mod registrar;
mod sdp;
mod session_timer;
mod transfer;
mod trunk;
mod within;

pub use endpoint::SipEndpoint;
pub(crate) use endpoint::outward;

/// Why the endpoint could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Neither transport is switched on.
    #[error("neither `sip.udp` nor `sip.tcp` is on, so nothing can be received; switch one on")]
    NoTransport,
    /// Another process listens there.
    #[error("the SIP address {0} is in use by another process; change `sip.bind`")]
    AddressInUse(SocketAddr),
    /// The address is not one of this machine's.
    #[error("the SIP address {0} is not an address of this machine; change `sip.bind`")]
    NotLocal(SocketAddr),
    /// Listening failed otherwise.
    #[error("cannot listen for SIP on {addr} (`sip.bind`): {reason}")]
    Listen {
        /// Where.
        addr: SocketAddr,
        /// Why.
        reason: String,
    },
    /// Media could not start.
    #[error("cannot use RTP ports on {addr} (`rtp.bind`)")]
    Media {
        /// Where.
        addr: std::net::IpAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The browsers' port cannot be used.
    #[error("cannot listen for browsers' voice on {addr} (`web.bind`)")]
    Web {
        /// Where.
        addr: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// RFC 3261's timers, shorter in tests.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    /// The estimate of a round trip.
    pub t1: Duration,
    /// The longest pause between repetitions.
    pub t2: Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { t1: Duration::from_millis(500), t2: Duration::from_secs(4) }
    }
}

/// Starts to listen. Calls and registrations arrive through the receiver. Without `web` there are no
/// lines for browsers.
///
/// # Errors
///
/// [`StartError`] says which address cannot be used and which configuration key to change.
pub async fn start(
    sip: SipConfig,
    rtp: RtpConfig,
    web: Option<WebConfig>,
    directory: Arc<dyn Directory>,
) -> Result<(Arc<dyn Endpoint>, mpsc::Receiver<EndpointEvent>), StartError> {
    let (endpoint, events) = start_tuned(sip, rtp, web, directory, Tuning::default()).await?;
    Ok((endpoint, events))
}

/// [`start`] with other timers, and with the endpoint's own type.
#[doc(hidden)]
pub async fn start_tuned(
    sip: SipConfig,
    rtp: RtpConfig,
    web: Option<WebConfig>,
    directory: Arc<dyn Directory>,
    tuning: Tuning,
) -> Result<(Arc<SipEndpoint>, mpsc::Receiver<EndpointEvent>), StartError> {
    let config = transport(&sip, tuning)?;
    let host = config.sent_by.clone();
    let (codecs, ports, rtp_addr) = (rtp.codecs.clone(), (rtp.port_min, rtp.port_max), rtp.bind);
    let media =
        MediaEngine::new(rtp).map_err(|source| StartError::Media { addr: rtp_addr, source })?;
    let web = web.map(|config| lines(config, &media)).transpose()?;
    let bind = sip.bind;
    let (handle, incoming) =
        sipx_transport::bind(config).await.map_err(|error| cannot_listen(bind, &error))?;
    let advertised = format!("{host}:{}", handle.local_addr().port());
    // Every admitted call may wait here at once, and a storm of registrations beside them.
    let waiting = sip.max_calls.saturating_mul(2).clamp(1024, 1 << 16);
    let (events, receiver) = mpsc::channel(waiting);
    let (orders, order_receiver) = mpsc::unbounded_channel();
    let timers = (tuning.t1, tuning.t2);
    let common =
        Arc::new(endpoint::Common::new(sip, (codecs, ports), media, directory, timers, advertised));
    let dispatcher = dispatch::Dispatcher {
        handle: handle.clone(),
        events: events.clone(),
        orders: orders.clone(),
        calls: HashMap::new(),
        tags: HashMap::new(),
        invites: HashMap::new(),
        merged: HashMap::new(),
        hasher: std::hash::RandomState::new(),
        timers: std::collections::BinaryHeap::new(),
        digest: digest::Digest::new(&common.sip.realm),
        bucket: limits::Bucket::new(common.sip.max_calls_per_second, Instant::now()),
        backlog: 0,
        draining: false,
        leave: None,
        common: Arc::clone(&common),
    };
    tokio::spawn(dispatcher.run(incoming, order_receiver));
    let endpoint = SipEndpoint {
        common,
        web,
        transport: handle,
        orders,
        events,
        stop: watch::Sender::new(false),
        trunks: Mutex::new(Vec::new()),
    };
    Ok((Arc::new(endpoint), receiver))
}

/// The lines of browsers.
fn lines(config: WebConfig, media: &MediaEngine) -> Result<Web, StartError> {
    let addr = config.bind;
    Web::start(config, media.clone()).map_err(|source| StartError::Web { addr, source })
}

/// The transport's configuration.
fn transport(sip: &SipConfig, tuning: Tuning) -> Result<sipx_transport::Config, StartError> {
    let mut config = sipx_transport::Config::new(sip.bind);
    config.cleartext = match (sip.udp, sip.tcp) {
        (true, true) => CleartextTransports::UdpAndTcp,
        (true, false) => CleartextTransports::Udp,
        (false, true) => CleartextTransports::Tcp,
        (false, false) => return Err(StartError::NoTransport),
    };
    config.sent_by = match &sip.advertise {
        Some(host) => host.clone(),
        None => match endpoint::outward(sip.bind.ip()) {
            // The transport writes the host as it is given.
            std::net::IpAddr::V6(ip) => format!("[{ip}]"),
            std::net::IpAddr::V4(ip) => ip.to_string(),
        },
    };
    config.timers.t1 = tuning.t1;
    config.timers.t2 = tuning.t2;
    // RFC 3261 §18.1.1 moves requests of more than 1300 bytes to TCP, which many a carrier does not
    // speak. What fits into an Ethernet frame stays on UDP, and all of it where we have no TCP. The
    // transport takes 200 bytes off.
    config.path_mtu = Some(if sip.tcp { 1472 + 200 } else { 65_000 });
    // A second's worth of requests may wait: each call brings an INVITE, an ACK and a BYE. Beyond
    // it the transport itself answers 503.
    let second = usize::try_from(sip.max_calls_per_second).unwrap_or(0).saturating_mul(4);
    config.capacity = if second == 0 { 8192 } else { second.clamp(1024, 1 << 16) };
    // A caller may wait long in a queue before the answer; 180 is repeated every minute, so this
    // is only for requests that a fault of ours left without a response.
    config.unanswered_limit = Duration::from_secs(600);
    // A phone on TCP is called over the connection it registered with.
    config.pool.reuse_inbound_for_outbound = true;
    config.pool.max_connections = sip.max_calls.clamp(1024, 1 << 16);
    config.pool.idle_timeout = sip.register_expires.1 + Duration::from_secs(60);
    Ok(config)
}

fn cannot_listen(addr: SocketAddr, error: &sipx_transport::Error) -> StartError {
    if let sipx_transport::Error::Io(error) = error {
        match error.kind() {
            std::io::ErrorKind::AddrInUse => return StartError::AddressInUse(addr),
            std::io::ErrorKind::AddrNotAvailable => return StartError::NotLocal(addr),
            _ => (),
        }
    }
    StartError::Listen { addr, reason: error.to_string() }
}
