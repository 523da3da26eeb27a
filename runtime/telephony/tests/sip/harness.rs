//! An endpoint to be tested, and a peer that speaks literal SIP text.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jackfield_telephony::sip::{SipEndpoint, Tuning, start_tuned};
use jackfield_telephony::{
    Admission, Binding, Codec, Destination, DialRequest, Directory, Endpoint, EndpointEvent,
    InboundInvite, IncomingCall, Leg, LegEvent, RtpConfig, SipConfig,
};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Longer than anything here takes, even on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// T1 of the tests.
pub const T1: Duration = Duration::from_millis(40);

static NEXT: AtomicU64 = AtomicU64::new(1);
static PORTS: AtomicU16 = AtomicU16::new(20_000);

/// Who may call and register in the tests.
#[derive(Default)]
pub struct Phonebook {
    pub challenge: bool,
    pub saved: Mutex<HashMap<String, Vec<Binding>>>,
}

impl Directory for Phonebook {
    fn admit(&self, invite: &InboundInvite) -> Admission {
        if invite.dialled == "nobody" {
            return Admission::Refuse {
                status: 404,
                reason: "Not Found".to_owned(),
                retry_after: None,
            };
        }
        if self.challenge && invite.authenticated.is_none() {
            return Admission::Challenge;
        }
        Admission::Accept
    }

    /// At `*.example` an extension is one of that domain, elsewhere one of all.
    fn account(&self, user: &str, host: &str) -> Option<String> {
        let known = !user.contains('@') && host.ends_with(".example");
        Some(if known { format!("{user}@{host}") } else { user.to_owned() })
    }

    fn password(&self, user: &str) -> Option<String> {
        (user != "stranger").then(|| "secret".to_owned())
    }

    fn may_register(&self, account: &str, aor: &str) -> bool {
        account == aor
    }

    fn save_bindings(&self, account: &str, bindings: &[Binding]) {
        self.saved.lock().unwrap().insert(account.to_owned(), bindings.to_vec());
    }

    fn load_bindings(&self) -> Vec<(String, Vec<Binding>)> {
        self.saved.lock().unwrap().clone().into_iter().collect()
    }
}

/// The configuration of the tests.
pub fn config() -> (SipConfig, RtpConfig) {
    let low = PORTS.fetch_add(400, Ordering::Relaxed);
    let sip = SipConfig {
        bind: "127.0.0.1:0".parse().unwrap(),
        udp: true,
        tcp: true,
        advertise: None,
        user_agent: "jackfield-test".to_owned(),
        realm: "test".to_owned(),
        register_expires: (Duration::from_secs(2), Duration::from_secs(3600)),
        session_expires: Duration::ZERO,
        min_session_expires: Duration::from_secs(1),
        max_calls: 1000,
        max_calls_per_second: 0,
        max_lag: Duration::ZERO,
        max_backlog: 256,
        retry_after: Duration::from_secs(7),
    };
    let rtp = RtpConfig {
        bind: "127.0.0.1".parse().unwrap(),
        advertise: None,
        port_min: low,
        port_max: low + 398,
        codecs: vec![Codec::Pcmu, Codec::Pcma],
        jitter: Duration::from_millis(40),
        timeout: Duration::ZERO,
    };
    (sip, rtp)
}

/// An endpoint under test.
pub struct Subject {
    pub endpoint: Arc<SipEndpoint>,
    pub events: mpsc::Receiver<EndpointEvent>,
    pub book: Arc<Phonebook>,
}

impl Subject {
    pub async fn start() -> Self {
        Self::with(|_, _| (), Phonebook::default()).await
    }

    pub async fn with(
        change: impl FnOnce(&mut SipConfig, &mut RtpConfig),
        book: Phonebook,
    ) -> Self {
        let (mut sip, mut rtp) = config();
        change(&mut sip, &mut rtp);
        let book = Arc::new(book);
        let tuning = Tuning { t1: T1, t2: T1 * 8 };
        let directory: Arc<dyn Directory> = book.clone();
        let (endpoint, events) =
            start_tuned(sip, rtp, None, directory, tuning).await.expect("the endpoint starts");
        Self { endpoint, events, book }
    }

    pub fn addr(&self) -> SocketAddr {
        self.endpoint.local_addr()
    }

    pub async fn event(&mut self) -> EndpointEvent {
        timeout(PATIENCE, self.events.recv()).await.expect("an event in time").expect("an event")
    }

    pub async fn incoming(&mut self) -> IncomingCall {
        loop {
            if let EndpointEvent::Incoming(call) = self.event().await {
                return call;
            }
        }
    }

    pub async fn dial(&self, to: Destination) -> (Arc<dyn Leg>, mpsc::UnboundedReceiver<LegEvent>) {
        let request = DialRequest {
            to,
            from: "sip:100@127.0.0.1".to_owned(),
            from_name: Some("One \"Hundred\"".to_owned()),
            credentials: Some(("alice".to_owned(), "secret".to_owned())),
            headers: vec![("X-Queue".to_owned(), "sales".to_owned())],
        };
        self.endpoint.dial(request).await.expect("dialled")
    }

    /// Fails unless every map is empty and every port free.
    pub async fn assert_empty(&self) {
        for _ in 0..200 {
            if self.endpoint.held().await == 0 && self.endpoint.counters().legs == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{} entries are left", self.endpoint.held().await);
    }
}

/// The next event of a leg.
pub async fn next(events: &mut mpsc::UnboundedReceiver<LegEvent>) -> Option<LegEvent> {
    timeout(PATIENCE, events.recv()).await.expect("an event of the leg in time")
}

/// A peer that speaks literal SIP over UDP.
pub struct Peer {
    socket: UdpSocket,
    to: SocketAddr,
    pub addr: SocketAddr,
}

/// One call as the peer sees it.
#[derive(Clone)]
pub struct Script {
    pub call_id: String,
    pub from_tag: String,
    pub to_tag: Option<String>,
    pub peer: SocketAddr,
    pub user: String,
    /// Of the To header.
    pub host: String,
}

pub const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 40000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n";

impl Peer {
    pub async fn new(to: SocketAddr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let addr = socket.local_addr().unwrap();
        Self { socket, to, addr }
    }

    pub fn script(&self) -> Script {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Script {
            call_id: format!("call-{number}@test"),
            from_tag: format!("f{number}"),
            to_tag: None,
            peer: self.addr,
            user: "100".to_owned(),
            host: "127.0.0.1".to_owned(),
        }
    }

    pub async fn send(&self, text: &str) {
        self.send_to(text, self.to).await;
    }

    pub async fn send_to(&self, text: &str, to: SocketAddr) {
        self.socket.send_to(text.as_bytes(), to).await.unwrap();
    }

    pub async fn send_raw(&self, bytes: &[u8]) {
        self.socket.send_to(bytes, self.to).await.unwrap();
    }

    /// The next message, whatever it is.
    pub async fn receive(&self) -> (String, SocketAddr) {
        self.within(PATIENCE).await.expect("a message in time")
    }

    /// The next message, if one comes within this time.
    pub async fn within(&self, time: Duration) -> Option<(String, SocketAddr)> {
        let mut buffer = vec![0; 65_535];
        let (length, from) = timeout(time, self.socket.recv_from(&mut buffer)).await.ok()?.unwrap();
        Some((String::from_utf8_lossy(&buffer[..length]).into_owned(), from))
    }

    /// The next message that begins like this; 100 Trying is passed over, and so is what is asked
    /// to be.
    pub async fn expect(&self, start: &str) -> String {
        self.expect_from(start).await.0
    }

    pub async fn expect_from(&self, start: &str) -> (String, SocketAddr) {
        loop {
            let (text, from) = self.receive().await;
            if text.starts_with(start) {
                return (text, from);
            }
            assert!(
                text.starts_with("SIP/2.0 100"),
                "wanted `{start}`, got:\n{}",
                text.lines().take(12).collect::<Vec<_>>().join("\n")
            );
        }
    }

    /// The next message that begins like this; everything else is passed over.
    pub async fn skip_to(&self, start: &str) -> String {
        loop {
            let (text, _) = self.receive().await;
            if text.starts_with(start) {
                return text;
            }
        }
    }

    /// Answers a request literally.
    pub async fn respond(
        &self,
        request: &str,
        to: SocketAddr,
        status: &str,
        tag: &str,
        extra: &str,
        body: &str,
    ) {
        let mut out = format!("SIP/2.0 {status}\r\n");
        for line in request.lines().skip(1).take_while(|line| !line.is_empty()) {
            let name = line.split(':').next().unwrap().to_ascii_lowercase();
            match name.as_str() {
                "via" | "from" | "call-id" | "cseq" | "record-route" => {
                    out += &format!("{line}\r\n");
                }
                "to" if !line.contains(";tag=") && !tag.is_empty() => {
                    out += &format!("{line};tag={tag}\r\n");
                }
                "to" => out += &format!("{line}\r\n"),
                _ => (),
            }
        }
        out += extra;
        if !body.is_empty() {
            out += "Content-Type: application/sdp\r\n";
        }
        out += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.send_to(&out, to).await;
    }

    pub fn contact(&self) -> String {
        format!("Contact: <sip:peer@{}>\r\n", self.addr)
    }
}

impl Script {
    /// A request of the peer, with its branch derived from the sequence number and method.
    pub fn request(&self, method: &str, cseq: u32, extra: &str, body: &str) -> String {
        let branch = format!("z9hG4bK-{}-{cseq}-{method}", self.from_tag);
        self.request_by(method, method, cseq, &branch, extra, body)
    }

    pub fn request_by(
        &self,
        method: &str,
        cseq_method: &str,
        cseq: u32,
        branch: &str,
        extra: &str,
        body: &str,
    ) -> String {
        let Self { call_id, from_tag, peer, user, host, .. } = self;
        let to_tag = self.to_tag.as_ref().map(|tag| format!(";tag={tag}")).unwrap_or_default();
        let kind = if body.starts_with("v=0") { "Content-Type: application/sdp\r\n" } else { "" };
        format!(
            "{method} sip:{user}@127.0.0.1 SIP/2.0\r\n\
             Via: SIP/2.0/UDP {peer};branch={branch}\r\n\
             Max-Forwards: 70\r\nFrom: \"Bob\" <sip:bob@{peer}>;tag={from_tag}\r\n\
             To: <sip:{user}@{host}>{to_tag}\r\nCall-ID: {call_id}\r\n\
             CSeq: {cseq} {cseq_method}\r\nContact: <sip:bob@{peer}>\r\n{kind}{extra}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    pub fn invite(&self, cseq: u32, extra: &str, body: &str) -> String {
        self.request("INVITE", cseq, extra, body)
    }

    /// CANCEL and the ACK to a failure have the branch of the INVITE.
    pub fn cancel(&self, cseq: u32) -> String {
        let branch = format!("z9hG4bK-{}-{cseq}-INVITE", self.from_tag);
        self.request_by("CANCEL", "CANCEL", cseq, &branch, "", "")
    }

    /// The ACK to a 2xx.
    pub fn ack(&self, cseq: u32, body: &str) -> String {
        self.request("ACK", cseq, "", body)
    }

    /// The ACK to a failure.
    pub fn ack_failure(&self, cseq: u32, response: &str) -> String {
        let mut mine = self.clone();
        mine.take_tag(response);
        let branch = format!("z9hG4bK-{}-{cseq}-INVITE", self.from_tag);
        mine.request_by("ACK", "ACK", cseq, &branch, "", "")
    }

    /// Remembers the To tag of a response.
    pub fn take_tag(&mut self, response: &str) {
        self.to_tag = header(response, "To").split_once(";tag=").map(|(_, tag)| tag.to_owned());
    }
}

/// The value of a header in literal text.
pub fn header(text: &str, name: &str) -> String {
    text.lines()
        .find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
        .unwrap_or_default()
}
