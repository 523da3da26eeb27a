//! A dialog: who talks to whom, in which order, and by which way (RFC 3261 §12).

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use sipx_sip::headers::{Address, ContactValue, RecordRoute};
use sipx_sip::{HeaderName, Headers, Host, Method, Request, Response, TypedHeader as _, Uri};
use sipx_transport::{Target, TransportKind};

use super::message;

/// One side's view of a dialog. Everything is a copy: a slice of the datagram would keep all of it.
#[derive(Clone, Debug)]
pub(super) struct Dialog {
    /// The Call-ID.
    pub(super) call_id: Box<[u8]>,
    /// Our From or To, with our tag.
    pub(super) local: Box<[u8]>,
    /// The other side's From or To, with its tag if it has one yet.
    pub(super) remote: Box<[u8]>,
    /// The other side's tag; none before it has answered.
    pub(super) remote_tag: Option<Box<[u8]>>,
    /// The other side's Contact.
    pub(super) remote_target: Box<[u8]>,
    /// The proxies that want to stay in the way, nearest first.
    pub(super) routes: Box<[Box<[u8]>]>,
    /// Our Contact.
    pub(super) contact: Box<str>,
    /// Our last sequence number.
    pub(super) local_seq: u32,
    /// The other side's last sequence number, once it has sent a request.
    pub(super) remote_seq: Option<u32>,
    /// Where requests go.
    pub(super) target: Target,
}

impl Dialog {
    /// The dialog that an INVITE to us begins.
    pub(super) fn uas(
        request: &Request,
        source: SocketAddr,
        transport: TransportKind,
        tag: u64,
        contact: Box<str>,
    ) -> Option<Self> {
        let from = message::from(&request.headers)?;
        let mut local = request.headers.value(&HeaderName::To)?.into_owned();
        local.extend_from_slice(format!(";tag={tag:016x}").as_bytes());
        let remote_target = contact_of(&request.headers)?.uri;
        let routes = record_routes(&request.headers);
        let target =
            next_hop(routes.first().map(|route| &**route), &remote_target, source, transport);
        Some(Self {
            call_id: (&*request.headers.value(&HeaderName::CallId)?).into(),
            local: local.into(),
            remote: (&*request.headers.value(&HeaderName::From)?).into(),
            remote_tag: from.tag().map(Into::into),
            remote_target: (&*remote_target.to_bytes()).into(),
            routes: routes.into(),
            contact,
            local_seq: 0,
            remote_seq: Some(message::sequence(&request.headers)?),
            target,
        })
    }

    /// Takes what a 2xx to our INVITE says: tag, Contact and route (RFC 3261 §12.1.2).
    pub(super) fn confirm(&mut self, response: &Response) {
        if let Some(to) = response.headers.value(&HeaderName::To) {
            self.remote = (&*to).into();
        }
        self.remote_tag = message::to(&response.headers).and_then(|to| to.tag().map(Into::into));
        let mut routes = record_routes(&response.headers);
        routes.reverse();
        self.routes = routes.into();
        self.refresh_target(&response.headers, self.target.addr, self.target.transport);
    }

    /// Takes a new Contact from a target refresh (RFC 3261 §12.2).
    pub(super) fn refresh_target(
        &mut self,
        headers: &Headers,
        source: SocketAddr,
        transport: TransportKind,
    ) {
        if let Some(contact) = contact_of(headers) {
            self.remote_target = (&*contact.uri.to_bytes()).into();
            self.target = next_hop(
                self.routes.first().map(|route| &**route),
                &contact.uri,
                source,
                transport,
            );
        }
    }

    /// Builds a request within the dialog with the next sequence number.
    ///
    /// Leaves a gap of one in the sequence: the number with which the request is repeated if it
    /// is challenged, without asking the dialog again.
    pub(super) fn request(&mut self, method: Method, user_agent: &str) -> Option<Request> {
        self.local_seq += 2;
        self.request_as(method, self.local_seq - 1, user_agent)
    }

    /// Builds a request with a given sequence number: an ACK has that of its INVITE.
    pub(super) fn request_as(
        &self,
        method: Method,
        sequence: u32,
        user_agent: &str,
    ) -> Option<Request> {
        let uri = message::uri(&self.remote_target)?;
        let mut request = message::request(method, uri, sequence, user_agent);
        let headers = &mut request.headers;
        for route in &self.routes {
            message::push(headers, HeaderName::Route, copy(route));
        }
        message::push(headers, HeaderName::From, copy(&self.local));
        message::push(headers, HeaderName::To, copy(&self.remote));
        message::push(headers, HeaderName::CallId, copy(&self.call_id));
        if !matches!(request.method, Method::Ack | Method::Bye) {
            message::push(&mut request.headers, HeaderName::Contact, self.contact.to_string());
        }
        Some(request)
    }
}

fn copy(bytes: &[u8]) -> Bytes {
    Bytes::copy_from_slice(bytes)
}

/// The first Contact that is an address.
pub(super) fn contact_of(headers: &Headers) -> Option<Address> {
    let value = headers.value(&HeaderName::Contact)?;
    ContactValue::decode_list(&value).ok()?.into_iter().find_map(|contact| match contact {
        ContactValue::Address(address) => Some(address),
        ContactValue::Wildcard => None,
    })
}

fn record_routes(headers: &Headers) -> Vec<Box<[u8]>> {
    let mut routes = Vec::new();
    for header in headers.get_all(&HeaderName::RecordRoute) {
        let Ok(list) = RecordRoute::parse_list(&header.value()) else { continue };
        for route in list {
            let mut value = vec![b'<'];
            value.extend_from_slice(&route.uri.to_bytes());
            value.push(b'>');
            routes.push(value.into());
        }
    }
    routes
}

/// Where a request of the dialog is sent: the first route, or else the Contact.
///
/// Falls back to where the other side's message came from when the address is a name, which is
/// not looked up within a dialog, or private and not the source's: that is a phone behind NAT. A
/// peer on TCP is reached over the connection it opened.
fn next_hop(
    route: Option<&[u8]>,
    contact: &Uri,
    source: SocketAddr,
    transport: TransportKind,
) -> Target {
    if let Some(route) = route.and_then(|route| Address::parse(route, "Route").ok()) {
        return literal(&route.uri).unwrap_or_else(|| Target::new(source, transport));
    }
    if transport == TransportKind::Tcp {
        return Target::new(source, transport);
    }
    match literal(contact) {
        Some(target) if !behind_nat(target.addr.ip(), source.ip()) => target,
        _ => Target::new(source, transport),
    }
}

/// The address a URI names without a look-up.
pub(super) fn literal(uri: &Uri) -> Option<Target> {
    let Some(Host::Ip(ip)) = uri.host() else { return None };
    let transport = uri_transport(uri)?;
    Some(Target::new(SocketAddr::new(*ip, uri.port().unwrap_or(5060)), transport))
}

/// The transport of a URI; none if it is one we do not speak.
pub(super) fn uri_transport(uri: &Uri) -> Option<TransportKind> {
    if uri.scheme().is_secure() {
        return None;
    }
    match uri.transport() {
        None => Some(TransportKind::Udp),
        Some(token) => TransportKind::parse(token)
            .filter(|kind| matches!(kind, TransportKind::Udp | TransportKind::Tcp)),
    }
}

/// Whether `contact` is an address of a private network that cannot be reached from here, judging
/// by the packet having come from elsewhere.
pub(super) fn behind_nat(contact: IpAddr, source: IpAddr) -> bool {
    let private = match contact {
        IpAddr::V4(ip) => {
            let [first, second, ..] = ip.octets();
            ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                // RFC 6598: carrier-grade NAT.
                || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local(),
    };
    private && contact != source
}
