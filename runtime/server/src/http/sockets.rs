//! WebSockets (RFC 6455): the same questions about who asks, and then a conversation.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawPathParams, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::auth::Principal;
use super::centre::Tenancy;
use super::desk;
use super::front::Front;
use super::problem::Problem;

/// The largest message, in bytes: an SDP offer is the longest.
const MESSAGE_MAX: usize = 64 * 1024;

/// A socket.
pub type Socket = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

/// Who opens a socket, where.
pub struct Opening {
    /// Who.
    pub principal: Principal,
    /// The tenant of the path.
    pub tenant: Box<dyn Tenancy>,
    /// The names in the path.
    pub path: BTreeMap<String, String>,
}

/// What is done on a socket once it is open.
pub type Talk = Box<dyn FnOnce(Socket) -> futures_util::future::BoxFuture<'static, ()> + Send>;

/// One kind of socket.
pub struct Kind {
    /// The path, with `{names}`.
    pub path: &'static str,
    /// The subprotocol.
    pub protocol: &'static str,
    /// Looks at who opens it, and says what is done.
    pub open: fn(Opening) -> Result<Talk, Problem>,
}

/// Every kind.
pub static KINDS: &[Kind] = &[Kind {
    path: "/api/v1/tenants/{tenant}/agents/{agent}/desk",
    protocol: crate::desk::PROTOCOL,
    open: desk::open,
}];

/// Answers a request for a socket.
pub async fn serve(
    front: Arc<Front>,
    kind: &'static Kind,
    path: RawPathParams,
    request: Request,
) -> Response {
    opened(&front, kind, path, request).unwrap_or_else(IntoResponse::into_response)
}

fn opened(
    front: &Arc<Front>,
    kind: &'static Kind,
    path: RawPathParams,
    mut request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers();
    let principal = front.keyring.identify(headers, front.centre.people())?;
    let path: BTreeMap<String, String> =
        path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let tenant = front.tenant(&principal, path.get("tenant").map_or("", String::as_str))?;
    let key = wanted(headers, kind.protocol)?;
    let talk = (kind.open)(Opening { principal, tenant, path })?;
    let permit = Arc::clone(&front.sockets).try_acquire_owned();
    let permit = permit.map_err(|_| Problem::busy("too many sockets are open"))?;
    let upgrade = request.extensions_mut().remove::<OnUpgrade>();
    let upgrade = upgrade.ok_or_else(|| not_upgraded(kind.protocol))?;
    let stop = front.stop.clone();
    tokio::spawn(async move {
        let _permit: OwnedSemaphorePermit = permit;
        let upgraded = match upgrade.await {
            Ok(upgraded) => TokioIo::new(upgraded),
            Err(error) => return tracing::debug!(%error, "a socket was not opened"),
        };
        let limits = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_MAX))
            .max_frame_size(Some(MESSAGE_MAX));
        let socket = WebSocketStream::from_raw_socket(upgraded, Role::Server, Some(limits)).await;
        tokio::select! {
            () = talk(socket) => {}
            () = stop.cancelled() => {}
        }
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let said = response.headers_mut();
    said.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    said.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    said.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(kind.protocol));
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes()));
    said.insert(
        header::SEC_WEBSOCKET_ACCEPT,
        accept.map_err(|error| Problem::internal(&error.to_string()))?,
    );
    Ok(response)
}

/// The key of a request that asks for a socket of this protocol.
fn wanted(headers: &HeaderMap, protocol: &str) -> Result<String, Problem> {
    let text = |name: header::HeaderName| {
        headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    };
    let asks = text(header::UPGRADE).eq_ignore_ascii_case("websocket")
        && text(header::SEC_WEBSOCKET_VERSION) == "13";
    let mut offered = text(header::SEC_WEBSOCKET_PROTOCOL).split(',').map(str::trim);
    let key = text(header::SEC_WEBSOCKET_KEY);
    if !asks || key.is_empty() || !offered.any(|one| one == protocol) {
        return Err(not_upgraded(protocol));
    }
    Ok(key.to_owned())
}

fn not_upgraded(protocol: &str) -> Problem {
    let detail = format!("this is a WebSocket (RFC 6455) of the subprotocol `{protocol}`");
    Problem::new(StatusCode::UPGRADE_REQUIRED, "upgrade-required", "A WebSocket is needed", detail)
        .with_header(header::UPGRADE, "websocket")
}

/// Places for so many sockets.
pub fn places(most: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(most))
}
