//! From a request to a call: identity, limits, idempotency, refusals, the access log.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{Query, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use hyper::upgrade::OnUpgrade;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::access::Right;

use super::audit::Act;
use super::auth::{Keyring, Principal, forbidden};
use super::body;
use super::call::Call;
use super::centre::{Centre, Limits, Tenancy};
use super::console;
use super::exposition::{Exposition, Kind};
use super::idempotency::{Keys, Ticket, Turn};
use super::problem::Problem;
use super::route_table::{Access, Gives, Patience, ROUTES, Route, Verb};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest request id taken from a client.
const REQUEST_ID_MAX: usize = 64;

/// What all requests share.
pub struct Front {
    /// The centre.
    pub centre: Arc<dyn Centre>,
    /// The limits.
    pub limits: Limits,
    /// Cancelled when the process ends: streams end then.
    pub stop: CancellationToken,
    /// A permit for each desk.
    pub sockets: Arc<Semaphore>,
    /// A permit for each event stream.
    pub streams: Arc<Semaphore>,
    requests: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
    /// The access tokens.
    pub keyring: Keyring,
    keys: Keys,
    /// Requests answered, by operation and status.
    answered: Mutex<BTreeMap<(&'static str, u16), u64>>,
    last_request: AtomicU64,
    /// Tells the request ids of one run from those of another.
    run: u64,
}

/// The other end of the connection that a request came by.
#[derive(Clone, Copy)]
pub struct Peer(pub IpAddr);

/// The id of a request.
#[derive(Clone)]
pub struct RequestId(pub String);

/// Marks an answer with the operation that gave it.
#[derive(Clone, Copy)]
struct Operation(&'static str);

impl Front {
    /// Reads the tokens and opens the limits.
    pub fn new(centre: Arc<dyn Centre>, limits: Limits, stop: CancellationToken) -> Arc<Self> {
        let keyring = Keyring::new(&centre.admin_token(), centre.grants());
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Arc::new(Self {
            centre,
            stop,
            sockets: Arc::new(Semaphore::new(limits.sockets)),
            streams: Arc::new(Semaphore::new(limits.streams)),
            requests: Arc::new(Semaphore::new(limits.requests)),
            uploads: Arc::new(Semaphore::new(limits.uploads)),
            limits,
            keyring,
            keys: Keys::default(),
            answered: Mutex::default(),
            last_request: AtomicU64::new(0),
            run: since.map_or(0, |since| since.as_secs()),
        })
    }

    /// Takes a place among the large bodies.
    pub fn upload_permit(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let permit = Arc::clone(&self.uploads).try_acquire_owned();
        permit.map_err(|_| Problem::busy("too many imports and installations are at work"))
    }

    fn principal(&self, route: &Route, headers: &HeaderMap) -> Result<Principal, Problem> {
        let open = match route.access {
            Access::Public | Access::Plugin | Access::Visitor => true,
            Access::Metrics => self.limits.open_metrics,
            Access::Admin | Access::Known | Access::Tenant(_) | Access::Rollout | Access::Agent => {
                false
            }
        };
        if open {
            // Nothing that needs a right is behind these.
            return Ok(Principal::anybody());
        }
        let principal = self.keyring.identify(headers, self.centre.people())?;
        let only_admin = match route.access {
            Access::Metrics => Some("metrics show every tenant"),
            Access::Admin => Some("this concerns every tenant"),
            _ => None,
        };
        if let Some(why) = only_admin.filter(|_| !principal.is_provider()) {
            let detail = format!("{why}: only the administrator's token and the provider open it");
            return Err(forbidden(detail));
        }
        Ok(principal)
    }

    /// Where a request came from: what a proxy of ours says, or else the other end of the connection.
    fn address(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> IpAddr {
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let ours = |address: &IpAddr| self.limits.proxies.iter().any(|net| net.contains(*address));
        if !ours(&peer) {
            return peer;
        }
        let all = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let said: Vec<IpAddr> = all
            .flat_map(|value| value.split(','))
            .filter_map(|one| one.trim().parse().ok())
            .collect();
        // Each proxy adds whom it heard: the last that is none of ours cannot have made it up.
        said.into_iter().rev().find(|address| !ours(address)).unwrap_or(peer)
    }

    /// The tenant, if the caller may know of it: else there is none, whoever asks.
    pub fn tenant(&self, principal: &Principal, name: &str) -> Result<Box<dyn Tenancy>, Problem> {
        let seen = principal.sees(name).then(|| self.centre.tenant(name)).flatten();
        seen.ok_or_else(|| Problem::not_found("tenant", name))
    }

    /// The interface's own metrics.
    pub fn metrics(&self) -> String {
        let mut page = Exposition::default();
        page.metric(
            "jackfield_http_requests_total",
            Kind::Counter,
            "Requests answered, by operation of the API and status.",
        );
        for ((operation, status), count) in
            self.answered.lock().unwrap_or_else(PoisonError::into_inner).iter()
        {
            let labels = [("operation", *operation), ("status", &status.to_string())];
            page.sample(&labels, *count as f64);
        }
        let limits = [
            ("requests", self.limits.requests, &self.requests),
            ("sockets", self.limits.sockets, &self.sockets),
            ("streams", self.limits.streams, &self.streams),
            ("uploads", self.limits.uploads, &self.uploads),
        ];
        page.metric(
            "jackfield_http_in_progress",
            Kind::Gauge,
            "What the limits of HTTP count now.",
        );
        for (what, limit, permits) in limits {
            let used = limit.saturating_sub(permits.available_permits());
            page.sample(&[("limit", what)], used as f64);
        }
        page.metric("jackfield_http_limit", Kind::Gauge, "The limits of HTTP.");
        for (what, limit, _) in limits {
            page.sample(&[("limit", what)], limit as f64);
        }
        let (entries, left_out) = self.centre.audit().counts();
        let help = "Entries of the audit log.";
        page.only("jackfield_audit_entries", Kind::Gauge, help, entries as f64);
        let help =
            "Acts that are not in the audit log: too many by strangers, or the store failed.";
        page.only("jackfield_audit_left_out_total", Kind::Counter, help, left_out as f64);
        let (users, sessions) = self.centre.people().counts();
        page.only("jackfield_users", Kind::Gauge, "Users of all tenants.", users as f64);
        let help = "Sessions of browsers that are kept.";
        page.only("jackfield_sessions", Kind::Gauge, help, sessions as f64);
        let help = "Idempotency keys kept, of 10000.";
        page.only("jackfield_http_idempotency_keys", Kind::Gauge, help, self.keys.len() as f64);
        page.finish()
    }

    fn request_id(&self, headers: &HeaderMap) -> String {
        let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
        let fits = |id: &&str| {
            let plain = |c: u8| c.is_ascii_alphanumeric() || b"-_.".contains(&c);
            !id.is_empty() && id.len() <= REQUEST_ID_MAX && id.bytes().all(plain)
        };
        given.filter(fits).map(str::to_owned).unwrap_or_else(|| {
            let number = self.last_request.fetch_add(1, Ordering::Relaxed);
            format!("{:x}-{number:x}", self.run)
        })
    }
}

/// Makes the router of the route table.
pub fn router(front: &Arc<Front>) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        let filter = match route.verb {
            Verb::Get => MethodFilter::GET,
            Verb::Post => MethodFilter::POST,
            Verb::Put => MethodFilter::PUT,
            Verb::Delete => MethodFilter::DELETE,
        };
        let front = Arc::clone(front);
        let handler = move |path, request| serve_route(front, route, path, request);
        router = router.route(route.path, on(filter, handler));
    }
    let router = router.fallback(console::serve);
    // Around the whole router: a layer within it does not see the `Allow` of a 405.
    let layer = middleware::from_fn_with_state(Arc::clone(front), outermost);
    Router::new().fallback_service(router).layer(layer)
}

/// Gives every answer an id, a log line, and, if it is a refusal, a body.
async fn outermost(State(front): State<Arc<Front>>, mut request: Request, next: Next) -> Response {
    let id = front.request_id(request.headers());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    request.extensions_mut().insert(RequestId(id.clone()));
    let began = tokio::time::Instant::now();
    let mut response = next.run(request).await;
    let operation = response.extensions().get::<Operation>().map_or("none", |known| known.0);
    let problem = response.extensions_mut().remove::<Problem>();
    let refused =
        problem.or_else(|| Problem::of_status(response.status(), &path, response.headers()));
    if let Some(problem) = refused.filter(|_| method != axum::http::Method::HEAD) {
        let replayed = response.headers_mut().remove("idempotency-replayed");
        response = problem.render(&id);
        if let Some(replayed) = replayed {
            response.headers_mut().insert("idempotency-replayed", replayed);
        }
    }
    let status = response.status().as_u16();
    {
        let mut answered = front.answered.lock().unwrap_or_else(PoisonError::into_inner);
        *answered.entry((operation, status)).or_default() += 1;
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let took_ms = began.elapsed().as_millis();
    // Without the query, which may have a customer's number.
    tracing::debug!(request = id, %method, operation, status, took_ms, "request");
    response
}

type PathParams = Result<RawPathParams, RawPathParamsRejection>;

async fn serve_route(
    front: Arc<Front>,
    route: &'static Route,
    path: PathParams,
    request: Request,
) -> Response {
    let answer = dispatch(front, route, path, request).await;
    let mut response = answer.unwrap_or_else(IntoResponse::into_response);
    response.extensions_mut().insert(Operation(route.operation));
    response
}

/// What remains to be done of a request that is let through.
enum Admitted {
    /// It was done before, under its `Idempotency-Key`.
    Done(Response),
    /// The call, and what is held while it is done.
    Call(Box<Call>, Option<OwnedSemaphorePermit>, Option<Ticket>),
}

async fn dispatch(
    front: Arc<Front>,
    route: &'static Route,
    path: PathParams,
    request: Request,
) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let upgrade = parts.extensions.remove::<OnUpgrade>();
    let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
    let address = front.address(&parts.headers, peer);
    let mut act = Act::begun(&front, route, &parts, address);
    let admitted = admit(&front, route, path, (parts, body, address, upgrade), &mut act).await;
    let (call, permit, ticket) = match admitted {
        Ok(Admitted::Call(call, permit, ticket)) => (*call, permit, ticket),
        Ok(Admitted::Done(response)) => return Ok(response),
        Err(problem) => {
            let refused = Err(problem);
            if let Some(mut act) = act {
                act.ended(&refused);
                act.kept().await;
            }
            return refused;
        }
    };
    // A task of its own: a client who goes away does not stop it half-way.
    let work = tokio::spawn(async move {
        let _permit = permit;
        let answer = match act {
            Some(act) => act.done(call).await,
            None => (route.run)(call).await,
        };
        match ticket {
            Some(ticket) => ticket.answered(answer).await,
            None => answer,
        }
    });
    let done = within(&front, route, work).await?;
    done.unwrap_or_else(|error| Err(Problem::internal(&error.to_string())))
}

/// Looks at who asks for what, and reads the body; `act` learns what is known even of what is refused.
async fn admit(
    front: &Arc<Front>,
    route: &'static Route,
    path: PathParams,
    (parts, body, address, upgrade): (Parts, Body, IpAddr, Option<OnUpgrade>),
    act: &mut Option<Act>,
) -> Result<Admitted, Problem> {
    let principal = front.principal(route, &parts.headers)?;
    if let Some(act) = act {
        act.by(&principal);
    }
    let path = names(path)?;
    let tenant = path.get("tenant").map(|name| match route.access {
        Access::Plugin | Access::Visitor => {
            front.centre.tenant(name).ok_or_else(|| Problem::not_found("tenant", name))
        }
        _ => front.tenant(&principal, name),
    });
    let tenant = tenant.transpose()?;
    if let (Some(act), Some(name)) = (act.as_mut(), path.get("tenant")) {
        act.within(name);
    }
    match route.access {
        Access::Tenant(right) => principal.require(right)?,
        Access::Rollout => {
            let name = path.get("plugin").map_or("", String::as_str);
            let flows = tenant.as_ref().map(|tenant| tenant.summary().flows).unwrap_or_default();
            let of_flow = flows.iter().any(|flow| flow == name);
            let editor = of_flow && principal.require(Right::EditFlows).is_ok();
            if !editor {
                principal.require(Right::ManagePlugins)?;
            }
        }
        Access::Agent => principal.require_agent(path.get("agent").map_or("", String::as_str))?,
        _ => {}
    }
    // What another system puts behind the `?` is for the plugin to read.
    let query = match route.access {
        Access::Plugin => {
            BTreeMap::from([(String::new(), parts.uri.query().unwrap_or_default().to_owned())])
        }
        _ => read_query(route, &parts.uri)?,
    };
    let permit = match route.access {
        // Whoever watches the process must be answered when it is busy.
        Access::Public | Access::Metrics => None,
        Access::Admin
        | Access::Known
        | Access::Tenant(_)
        | Access::Rollout
        | Access::Agent
        | Access::Plugin
        | Access::Visitor => {
            let permit = Arc::clone(&front.requests).try_acquire_owned();
            Some(permit.map_err(|_| Problem::busy("too many requests are at work"))?)
        }
    };
    let (body, upload) =
        within(front, route, body::read(front, route, &parts.headers, body)).await??;
    if let Some(act) = act {
        act.with_body(&body);
    }
    let key = parts.headers.get("idempotency-key");
    // Nobody in particular has no keys of their own: an answer to one would be given to another.
    let anybodys = matches!(route.access, Access::Plugin | Access::Public);
    let key = key.filter(|_| route.verb == Verb::Post && !anybodys);
    let ticket = match key {
        None => None,
        Some(key) => {
            let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
            let content = [target.as_bytes(), &body];
            let key = key.to_str().unwrap_or_default();
            match front.keys.begin(&principal.key(), key, &content)? {
                Turn::Done(response) => return Ok(Admitted::Done(response)),
                Turn::Do(ticket) => Some(ticket),
            }
        }
    };
    let (front, headers) = (Arc::clone(front), parts.headers);
    let call =
        Call { front, principal, tenant, path, query, headers, address, body, upgrade, upload };
    Ok(Admitted::Call(Box::new(call), permit, ticket))
}

/// Waits for as long as the route's patience lasts.
async fn within<T>(
    front: &Front,
    route: &Route,
    work: impl Future<Output = T>,
) -> Result<T, Problem> {
    let patience = match route.patience {
        Patience::Usual => front.limits.patience,
        Patience::Long => front.limits.long_patience,
    };
    tokio::time::timeout(patience, work).await.map_err(|_| {
        let detail = format!("it is not done after {} s; it may still be done", patience.as_secs());
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Problem::new(status, "timeout", "It takes too long", detail)
            .with_header(header::RETRY_AFTER, "5")
    })
}

fn names(path: PathParams) -> Result<BTreeMap<String, String>, Problem> {
    let path = path.map_err(|error| {
        let title = "The path is not understood";
        Problem::new(StatusCode::BAD_REQUEST, "bad-path", title, error.body_text())
    })?;
    Ok(path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn read_query(route: &Route, uri: &Uri) -> Result<BTreeMap<String, String>, Problem> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
    let Query(pairs) = pairs.map_err(|error| Problem::bad_query("query", error.body_text()))?;
    let mut query = BTreeMap::new();
    for (key, value) in pairs {
        if !route.query.iter().any(|known| known.name == key) {
            // Providers of identity send more than the standard has.
            if route.gives == Gives::Elsewhere {
                continue;
            }
            let names: Vec<_> =
                route.query.iter().map(|known| format!("`{}`", known.name)).collect();
            let accepted = match names.as_slice() {
                [] => "this resource has no query".to_owned(),
                names => format!("accepted are {}", names.join(", ")),
            };
            return Err(Problem::bad_query(&key, accepted));
        }
        if query.insert(key.clone(), value).is_some() {
            return Err(Problem::bad_query(&key, "it is there twice"));
        }
    }
    Ok(query)
}
