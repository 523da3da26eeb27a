//! The endpoint: what the server calls, and what its tasks share.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use sipx_sip::Uri;
use sipx_transport::{Handle as Transport, Target, TransportKind};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::dialog;
use super::dispatch::Message;
use super::leg::{Handle, Shared};
use super::limits::Lag;
use super::message;
use super::outbound::NewCall;
use super::registrar::Bindings;
use super::session_timer::Policy;
use super::trunk;
use crate::api::{
    Binding, Codec, Counters, Destination, DialError, DialRequest, Directory, Endpoint,
    EndpointEvent, Leg, LegError, LegEvent, LegId, Line, LineError, LineEvent, Registration,
    SipConfig,
};
use crate::media::{MediaEngine, MediaPort};
use crate::web::Web;

/// What all tasks of an endpoint share.
pub(super) struct Common {
    pub(super) sip: SipConfig,
    pub(super) codecs: Vec<Codec>,
    pub(super) ports: (u16, u16),
    pub(super) media: MediaEngine,
    pub(super) directory: Arc<dyn Directory>,
    /// RFC 3261's T1.
    pub(super) t1: Duration,
    /// RFC 3261's T2.
    pub(super) t2: Duration,
    /// `host:port` of Via and Contact.
    pub(super) advertised: String,
    pub(super) invites: AtomicU64,
    pub(super) overloaded: AtomicU64,
    pub(super) lag: Arc<Lag>,
    live: Mutex<HashMap<LegId, Arc<Shared>>>,
    bindings: Mutex<Bindings>,
}

impl Common {
    /// Puts together what is shared.
    pub(super) fn new(
        sip: SipConfig,
        (codecs, ports): (Vec<Codec>, (u16, u16)),
        media: MediaEngine,
        directory: Arc<dyn Directory>,
        (t1, t2): (Duration, Duration),
        advertised: String,
    ) -> Self {
        let bindings = Bindings::restore(directory.load_bindings(), SystemTime::now());
        Self {
            sip,
            codecs,
            ports,
            media,
            directory,
            t1,
            t2,
            advertised,
            invites: AtomicU64::new(0),
            overloaded: AtomicU64::new(0),
            lag: Lag::watch(),
            live: Mutex::new(HashMap::new()),
            bindings: Mutex::new(bindings),
        }
    }

    /// The legs that are not over.
    pub(super) fn live(&self) -> MutexGuard<'_, HashMap<LegId, Arc<Shared>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The registrations.
    pub(super) fn bindings(&self) -> MutexGuard<'_, Bindings> {
        self.bindings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session timer's policy.
    pub(super) fn session_policy(&self) -> Policy {
        Policy { interval: self.sip.session_expires, min: self.sip.min_session_expires }
    }

    /// Our URI.
    pub(super) fn uri(&self) -> String {
        format!("sip:{}", self.advertised)
    }

    /// Our Contact for a user.
    pub(super) fn contact(&self, user: &str, transport: TransportKind) -> Box<str> {
        let at = if user.is_empty() { "" } else { "@" };
        let user = escape(user);
        let tail = if transport == TransportKind::Tcp { ";transport=tcp" } else { "" };
        format!("<sip:{user}{at}{}{tail}>", self.advertised).into()
    }

    /// The host of Via and Contact.
    pub(super) fn advertised_host(&self) -> &str {
        self.advertised.rsplit_once(':').map_or(&self.advertised, |(host, _)| host)
    }
}

/// Escapes what may not stand in the user part of a URI (RFC 3261 §25.1).
fn escape(user: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(user.len());
    for byte in user.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The address others see when we listen on all: that of the interface towards the world.
pub(crate) fn outward(bind: IpAddr) -> IpAddr {
    if !bind.is_unspecified() {
        return bind;
    }
    // Connecting a datagram socket sends nothing; it only asks for the route.
    let (any, far) = match bind {
        IpAddr::V4(_) => ("0.0.0.0:0", "192.0.2.1:9"),
        IpAddr::V6(_) => ("[::]:0", "[2001:db8::1]:9"),
    };
    let found = UdpSocket::bind(any)
        .and_then(|socket| socket.connect(far).and_then(|()| socket.local_addr()));
    match (found, bind) {
        (Ok(addr), _) => addr.ip(),
        (Err(_), IpAddr::V4(_)) => IpAddr::from([127, 0, 0, 1]),
        (Err(_), IpAddr::V6(_)) => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
    }
}

/// Where a URI leads. Names are looked up by A and AAAA; SRV is not asked.
pub(super) async fn resolve(uri: &Uri) -> Result<Target, DialError> {
    if let Some(target) = dialog::literal(uri) {
        return Ok(target);
    }
    let bad = || DialError::BadAddress(uri.to_string());
    let transport = dialog::uri_transport(uri).ok_or_else(bad)?;
    let host = message::host(uri);
    if host.is_empty() {
        return Err(bad());
    }
    let port = uri.port().unwrap_or(5060);
    let failed = |source| DialError::Send { to: format!("{host}:{port}"), source };
    let mut found = tokio::net::lookup_host((host.as_str(), port)).await.map_err(failed)?;
    let first = found.next();
    let missing = || failed(std::io::Error::new(std::io::ErrorKind::NotFound, "no address"));
    Ok(Target::new(first.ok_or_else(missing)?, transport))
}

/// An endpoint.
pub struct SipEndpoint {
    pub(super) common: Arc<Common>,
    pub(super) web: Option<Web>,
    pub(super) transport: Transport,
    pub(super) orders: mpsc::UnboundedSender<Message>,
    pub(super) events: mpsc::Sender<EndpointEvent>,
    pub(super) stop: watch::Sender<bool>,
    pub(super) trunks: Mutex<Vec<JoinHandle<()>>>,
}

impl SipEndpoint {
    /// How many entries the endpoint's maps have together: zero when nothing happens. For tests
    /// that look for leaks.
    #[doc(hidden)]
    pub async fn held(&self) -> usize {
        let (reply, size) = oneshot::channel();
        let _ = self.orders.send(Message::Size(reply));
        size.await.unwrap_or_default()
    }

    /// The request URI, where it is sent, and where else if that fails.
    async fn address(&self, to: &Destination) -> Result<(Uri, Target, Option<Target>), DialError> {
        let parse = |text: &str| {
            message::uri(text.as_bytes())
                .filter(|uri| uri.scheme().is_sip())
                .ok_or_else(|| DialError::BadAddress(text.to_owned()))
        };
        match to {
            Destination::Uri(text) => {
                let uri = parse(text)?;
                let target = resolve(&uri).await?;
                Ok((uri, target, None))
            }
            Destination::Via { uri, proxy } => {
                let hop = parse(&format!("sip:{proxy}"))?;
                Ok((parse(uri)?, resolve(&hop).await?, None))
            }
            Destination::Registered(user) => {
                let newest = self.bindings(user).pop();
                let binding = newest.ok_or_else(|| DialError::NotRegistered(user.clone()))?;
                let uri = parse(&binding.contact)?;
                let source = binding.source;
                if binding.tcp {
                    // Over the connection the phone opened: behind NAT there is no other way. If
                    // it has closed, the phone may still listen where its contact says.
                    let fallback = dialog::literal(&uri);
                    return Ok((uri, Target::new(source, TransportKind::Tcp), fallback));
                }
                let target = match dialog::literal(&uri) {
                    Some(target) if !dialog::behind_nat(target.addr.ip(), source.ip()) => target,
                    Some(_) => Target::udp(source),
                    None => resolve(&uri).await.unwrap_or_else(|_| Target::udp(source)),
                };
                Ok((uri, target, None))
            }
        }
    }

    fn port_of(&self, leg: LegId) -> Result<MediaPort, LegError> {
        if let Some(port) = self.web.as_ref().and_then(|web| web.port(leg)) {
            return Ok(port);
        }
        let shared = self.common.live().get(&leg).cloned().ok_or(LegError::Ended)?;
        if !shared.answered.load(Ordering::Relaxed) {
            return Err(LegError::NotPossible("the leg is not answered".to_owned()));
        }
        shared.port().ok_or(LegError::Ended)
    }

    fn legs(&self) -> usize {
        self.common.live().len()
    }
}

impl Drop for SipEndpoint {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        let _ = self.orders.send(Message::HangUpAll);
        let _ = self.orders.send(Message::Stop);
    }
}

#[async_trait]
impl Endpoint for SipEndpoint {
    fn local_addr(&self) -> SocketAddr {
        self.transport.local_addr()
    }

    async fn dial(
        &self,
        request: DialRequest,
    ) -> Result<(Arc<dyn Leg>, mpsc::UnboundedReceiver<LegEvent>), DialError> {
        let (uri, target, fallback) = self.address(&request.to).await?;
        let from = message::uri(request.from.as_bytes())
            .ok_or_else(|| DialError::BadAddress(request.from.clone()))?;
        let (low, high) = self.common.ports;
        let port = self.common.media.allocate().map_err(|_| DialError::NoPort(low, high))?;
        let (shared, events) = Shared::new(port);
        self.common.live().insert(shared.id, Arc::clone(&shared));
        let call = NewCall {
            shared: Arc::clone(&shared),
            uri,
            target: target.clone(),
            fallback,
            from,
            from_name: request.from_name,
            login: request.credentials.map(Arc::new),
            headers: request.headers,
        };
        if self.orders.send(Message::Dial(Box::new(call))).is_err() {
            self.common.live().remove(&shared.id);
            let source = std::io::Error::new(std::io::ErrorKind::NotConnected, "shut down");
            return Err(DialError::Send { to: target.addr.to_string(), source });
        }
        Ok((Arc::new(Handle { shared, orders: self.orders.clone() }), events))
    }

    fn bridge(&self, one: LegId, other: LegId) -> Result<(), LegError> {
        let (one, other) = (self.port_of(one)?, self.port_of(other)?);
        self.common.media.bridge(&one, &other);
        Ok(())
    }

    fn unbridge(&self, one: LegId) {
        if let Ok(port) = self.port_of(one) {
            self.common.media.unbridge(&port);
        }
    }

    fn open_line(&self) -> Result<(Arc<dyn Line>, mpsc::UnboundedReceiver<LineEvent>), LineError> {
        self.web.as_ref().ok_or(LineError::Disabled)?.open()
    }

    fn bindings(&self, account: &str) -> Vec<Binding> {
        self.common.bindings().of(account, SystemTime::now())
    }

    fn register(&self, registration: Registration) {
        let task = tokio::spawn(trunk::keep(
            self.transport.clone(),
            Arc::clone(&self.common),
            registration,
            self.events.clone(),
            self.stop.subscribe(),
        ));
        self.trunks.lock().unwrap_or_else(PoisonError::into_inner).push(task);
    }

    fn counters(&self) -> Counters {
        let media = self.common.media.counters();
        Counters {
            invites: self.common.invites.load(Ordering::Relaxed),
            // Calls that the transport itself turned away were too many as well.
            lag: self.common.lag.now(),
            overloaded: self.common.overloaded.load(Ordering::Relaxed)
                + self.transport.shed().requests,
            legs: self.legs() as u64,
            rtp_received: media.received,
            rtp_sent: media.sent,
            rtp_discarded: media.discarded,
            registered: self.common.bindings().len() as u64,
            lines: self.web.as_ref().map_or(0, Web::lines) as u64,
            web_discarded: self.web.as_ref().map_or(0, Web::discarded),
        }
    }

    async fn shut_down(&self, grace: Duration) {
        let _ = self.orders.send(Message::Drain);
        let _ = self.stop.send(true);
        let deadline = Instant::now() + grace;
        while self.legs() > 0 && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let _ = self.orders.send(Message::HangUpAll);
        if let Some(web) = &self.web {
            web.close_all();
        }
        let trunks =
            std::mem::take(&mut *self.trunks.lock().unwrap_or_else(PoisonError::into_inner));
        for trunk in trunks {
            let _ = trunk.await;
        }
        // Lets the last BYE and its answer pass; what is lost then, the other side's timers end.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let _ = self.orders.send(Message::Stop);
        self.transport.shutdown().await;
    }
}
