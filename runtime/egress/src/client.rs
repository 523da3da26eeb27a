//! One request at a time, each over a connection of its own to an address that was checked.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use crate::address_of::Target;
use crate::figures::Figures;
use crate::{HostRule, Network, refused_address, secrets};

/// Headers of a request, in bytes.
const HEADER_BYTES_MAX: usize = 16 << 10;
/// The header by which a plugin says that secrets are to be put into the body; it stays here.
const SECRETS_IN: &str = "jackfield-secrets-in";
/// What is the connection's, and what speaks of it.
const NOT_THE_GUESTS: [&str; 11] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "upgrade",
    "te",
    "trailer",
    "keep-alive",
    "expect",
    "proxy-connection",
    "proxy-authorization",
];

/// Limits of requests. Each is a configuration key of the server.
#[derive(Clone, Debug)]
pub struct EgressConfig {
    /// Networks that are not public and may be reached all the same.
    pub allow_networks: Vec<Network>,
    /// Longest request, from the look-up of the name to the last byte.
    pub time_max: Duration,
    /// Largest body of a request.
    pub request_bytes_max: usize,
    /// Largest body of an answer.
    pub response_bytes_max: usize,
    /// Requests at once, of all plugins.
    pub at_once_max: usize,
    /// Requests at once of one plugin of one tenant.
    pub at_once_each_max: usize,
}

impl Default for EgressConfig {
    fn default() -> Self {
        Self {
            allow_networks: Vec::new(),
            time_max: Duration::from_secs(10),
            request_bytes_max: 1 << 20,
            response_bytes_max: 1 << 20,
            at_once_max: 64,
            at_once_each_max: 8,
        }
    }
}

/// Whose request it is and what it may do.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Tenant and plugin, for limits and figures.
    pub owner: String,
    /// The hosts that may be reached.
    pub hosts: Vec<HostRule>,
    /// What `{{secret:NAME}}` stands for.
    pub secrets: BTreeMap<String, String>,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// In upper case.
    pub method: &'static str,
    /// Absolute.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// A shorter time than any request may take.
    pub timeout: Option<Duration>,
}

/// An answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EgressError {
    /// The request cannot be sent.
    #[error("{0}")]
    Invalid(String),
    /// The host may not be reached.
    #[error("{0}")]
    NotAllowed(String),
    /// A limit was reached.
    #[error("{0}")]
    Limit(String),
    /// It took too long.
    #[error("it took too long")]
    Timeout,
    /// The host was not reached, or did not speak HTTP.
    #[error("{0}")]
    Unreachable(String),
}

impl EgressError {
    const fn outcome(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::NotAllowed(_) => "not_allowed",
            Self::Limit(_) => "limit",
            Self::Timeout => "timeout",
            Self::Unreachable(_) => "unreachable",
        }
    }
}

/// Where names are looked up.
pub trait Resolve: Send + Sync {
    /// Returns every address of `host`.
    fn resolve<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>>;
}

/// The machine's own resolver.
#[derive(Debug)]
pub struct SystemNames;

impl Resolve for SystemNames {
    fn resolve<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }
}

/// Sends requests. One for the process.
pub struct Egress {
    config: EgressConfig,
    names: Arc<dyn Resolve>,
    tls: tokio_rustls::TlsConnector,
    all: Semaphore,
    each: Mutex<BTreeMap<String, Weak<Semaphore>>>,
    figures: Figures,
}

impl std::fmt::Debug for Egress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Egress").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Egress {
    /// Trusts the machine's certificate authorities and resolver.
    pub fn new(config: EgressConfig) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Self::with(config, roots, Arc::new(SystemNames))
    }

    /// Trusts `roots`, and `names`.
    pub fn with(
        config: EgressConfig,
        roots: rustls::RootCertStore,
        names: Arc<dyn Resolve>,
    ) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions();
        let Ok(tls) = tls else { unreachable!("ring has all that TLS 1.2 and 1.3 need") };
        let tls = tls.with_root_certificates(roots).with_no_client_auth();
        Self {
            all: Semaphore::new(config.at_once_max),
            config,
            names,
            tls: tokio_rustls::TlsConnector::from(Arc::new(tls)),
            each: Mutex::default(),
            figures: Figures::default(),
        }
    }

    /// What was counted.
    pub const fn figures(&self) -> &Figures {
        &self.figures
    }

    /// Requests at work now, and how many there may be.
    pub fn at_once(&self) -> (usize, usize) {
        let most = self.config.at_once_max;
        (most - self.all.available_permits().min(most), most)
    }

    /// Sends one request and waits for the whole answer.
    ///
    /// # Errors
    ///
    /// [`EgressError`]. No text of it holds a secret.
    pub async fn send(&self, policy: &Policy, request: Request) -> Result<Response, EgressError> {
        let answered = self.try_send(policy, request).await;
        let outcome = answered.as_ref().map_or_else(EgressError::outcome, |_| "answered");
        self.figures.count(&policy.owner, outcome);
        answered
    }

    async fn try_send(&self, policy: &Policy, request: Request) -> Result<Response, EgressError> {
        let target = Target::parse(&request.url).map_err(EgressError::Invalid)?;
        let allowed = |rule: &HostRule| rule.allows(&target.host, target.port, target.tls);
        if !policy.hosts.iter().any(allowed) {
            return Err(EgressError::NotAllowed(self.refusal(policy, &target)));
        }
        let mut used = Vec::new();
        let headers = headers(&request, policy, &target, &mut used)?;
        let body = match wants_secrets_in_body(&request) {
            true => put_in(&request.body, policy, &mut used)?,
            // What a customer wrote may be in it, and is not to fetch a secret.
            false => request.body.clone(),
        };
        let most = self.config.request_bytes_max;
        if most < body.len() {
            return Err(EgressError::Limit(format!("the body has more than {most} bytes")));
        }
        let each = self.each(&policy.owner);
        let busy = |whose| EgressError::Limit(format!("{whose} requests at once"));
        let _own = each.try_acquire().map_err(|_| busy("the plugin's"))?;
        let _all = self.all.try_acquire().map_err(|_| busy("all plugins'"))?;
        let sent = body.len();
        let exchange = self.exchange(&target, request.method, headers, body);
        let time =
            request.timeout.map_or(self.config.time_max, |time| time.min(self.config.time_max));
        let answered = tokio::time::timeout(time, exchange).await;
        let response = answered.map_err(|_| EgressError::Timeout)??;
        self.figures.carried(sent, response.body.len());
        Ok(hidden(response, &used))
    }

    fn refusal(&self, policy: &Policy, target: &Target) -> String {
        let listed: Vec<String> = policy.hosts.iter().map(|rule| format!("\"{rule}\"")).collect();
        let scheme = if target.tls { "https" } else { "http" };
        let port = match (target.tls, target.port) {
            (true, 443) => String::new(),
            (_, port) => format!(":{port}"),
        };
        format!(
            "{scheme} to `{}:{}` is not granted: add \"{}{port}\" to `hosts` of the plugin's entry, which has [{}]",
            target.host,
            target.port,
            target.host,
            listed.join(", ")
        )
    }

    /// The permits of one owner, kept only while they are in use.
    fn each(&self, owner: &str) -> Arc<Semaphore> {
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = each.get(owner).and_then(Weak::upgrade) {
            return known;
        }
        each.retain(|_, permits| permits.strong_count() != 0);
        let permits = Arc::new(Semaphore::new(self.config.at_once_each_max));
        each.insert(owner.to_owned(), Arc::downgrade(&permits));
        permits
    }

    async fn exchange(
        &self,
        target: &Target,
        method: &'static str,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Response, EgressError> {
        let stream = self.connect(target).await?;
        if !target.tls {
            return self.speak(stream, target, method, headers, body).await;
        }
        let name = ServerName::try_from(target.host.trim_matches(['[', ']']).to_owned()).map_err(
            |_| EgressError::Invalid(format!("`{}` is no name of a server", target.host)),
        )?;
        let stream = self.tls.connect(name, stream).await;
        let stream = stream.map_err(|error| EgressError::Unreachable(format!("TLS: {error}")))?;
        self.speak(stream, target, method, headers, body).await
    }

    /// Looks the name up, once, checks every address, and connects to one of these.
    async fn connect(&self, target: &Target) -> Result<TcpStream, EgressError> {
        let host = target.host.trim_matches(['[', ']']);
        let addresses = match target.address() {
            Some(address) => vec![SocketAddr::new(address, target.port)],
            None => {
                let found = self.names.resolve(host, target.port).await;
                found.map_err(|error| {
                    EgressError::Unreachable(format!("`{host}` is not found: {error}"))
                })?
            }
        };
        for address in &addresses {
            // One that is refused spoils the others: nobody has a public service there as well.
            if let Some(why) = refused_address(address.ip(), &self.config.allow_networks) {
                let address = address.ip();
                return Err(EgressError::NotAllowed(format!(
                    "`{host}` is at {address}, which is {why}: an operator may open its network with `plugins.http.allow_networks`"
                )));
            }
        }
        let mut last = format!("`{host}` has no address");
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = format!("`{host}` at {address}: {error}"),
            }
        }
        Err(EgressError::Unreachable(last))
    }

    async fn speak(
        &self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        target: &Target,
        method: &'static str,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Response, EgressError> {
        let broken = |error: hyper::Error| EgressError::Unreachable(format!("HTTP: {error}"));
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.map_err(broken)?;
        let mut request = hyper::Request::builder().method(method).uri(target.path.as_str());
        if let Some(all) = request.headers_mut() {
            *all = headers;
        }
        let request = request.body(Full::new(Bytes::from(body)));
        let request = request.map_err(|error| EgressError::Invalid(error.to_string()))?;
        let most = self.config.response_bytes_max;
        let exchange = async {
            let response = sender.send_request(request).await.map_err(broken)?;
            let (parts, body) = response.into_parts();
            let collected = Limited::new(body, most).collect().await;
            let body = collected.map_err(|error| match error.downcast::<hyper::Error>() {
                Ok(error) => broken(*error),
                Err(_) => EgressError::Limit(format!("the answer has more than {most} bytes")),
            })?;
            let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let named =
                |(name, value): (&HeaderName, &HeaderValue)| (name.to_string(), text(value));
            Ok(Response {
                status: parts.status.as_u16(),
                headers: parts.headers.iter().map(named).collect(),
                body: body.to_bytes().to_vec(),
            })
        };
        // Both on this task: what is broken off leaves no connection behind.
        let mut exchange = std::pin::pin!(exchange);
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            answer = &mut exchange => answer,
            ended = &mut connection => match ended {
                Ok(()) => exchange.await,
                Err(error) => Err(broken(error)),
            },
        }
    }
}

fn headers<'a>(
    request: &Request,
    policy: &'a Policy,
    target: &Target,
    used: &mut Vec<&'a str>,
) -> Result<HeaderMap, EgressError> {
    let invalid = |name: &str, why: &str| {
        let name: String = name.chars().take(64).collect();
        EgressError::Invalid(format!("the header `{name}` {why}"))
    };
    let (mut all, mut bytes) = (HeaderMap::new(), 0);
    for (name, value) in &request.headers {
        if name.eq_ignore_ascii_case(SECRETS_IN) {
            continue;
        }
        let known = HeaderName::from_bytes(name.as_bytes());
        let known = known.map_err(|_| invalid(name, "has no such name"))?;
        if NOT_THE_GUESTS.contains(&known.as_str()) {
            return Err(invalid(name, "is the host's to set"));
        }
        let value = put_in(value.as_bytes(), policy, used)?;
        bytes += name.len() + value.len();
        let mut value = HeaderValue::from_bytes(&value)
            .map_err(|_| invalid(name, "has a value that no header can have"))?;
        value.set_sensitive(true);
        all.append(known, value);
    }
    if HEADER_BYTES_MAX < bytes {
        return Err(EgressError::Limit(format!(
            "the headers have more than {HEADER_BYTES_MAX} bytes"
        )));
    }
    let usual = matches!((target.tls, target.port), (true, 443) | (false, 80));
    let host = if usual { target.host.clone() } else { format!("{}:{}", target.host, target.port) };
    let host = HeaderValue::from_str(&host);
    all.insert("host", host.map_err(|_| invalid("host", "cannot be written"))?);
    let agent = concat!("jackfield/", env!("CARGO_PKG_VERSION"));
    all.entry("user-agent").or_insert(HeaderValue::from_static(agent));
    // What is packed could grow without end when it is unpacked.
    all.insert("accept-encoding", HeaderValue::from_static("identity"));
    all.insert("connection", HeaderValue::from_static("close"));
    Ok(all)
}

/// Whether secrets are to be put into the body, too.
fn wants_secrets_in_body(request: &Request) -> bool {
    let says = |(name, value): &(String, String)| {
        name.eq_ignore_ascii_case(SECRETS_IN) && value.eq_ignore_ascii_case("body")
    };
    request.headers.iter().any(says)
}

fn put_in<'a>(
    text: &[u8],
    policy: &'a Policy,
    used: &mut Vec<&'a str>,
) -> Result<Vec<u8>, EgressError> {
    secrets::put_in(text, &policy.secrets, used).map_err(|name| {
        EgressError::Invalid(format!(
            "there is no secret `{name}`: add it to `secrets` of the plugin's entry"
        ))
    })
}

fn hidden(response: Response, used: &[&str]) -> Response {
    if used.is_empty() {
        return response;
    }
    let text = |value: String| {
        String::from_utf8_lossy(&secrets::hide(value.into_bytes(), used)).into_owned()
    };
    let headers = response.headers.into_iter().map(|(name, value)| (name, text(value)));
    Response {
        status: response.status,
        headers: headers.collect(),
        body: secrets::hide(response.body, used),
    }
}
