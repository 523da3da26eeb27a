//! Sockets: accepting connections, and ending them in an orderly way.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt as _};

use super::front::{Front, Peer, router};

/// How long a client may take for the head of a request.
const HEAD_WITHIN: Duration = Duration::from_secs(15);
/// Bytes of a request's head.
const HEAD_MAX: usize = 64 * 1024;
/// How long requests at work may go on when the process ends.
const GRACE: Duration = Duration::from_secs(5);

/// Serves until `front.stop` is cancelled, then lets requests at work end.
pub async fn serve(front: Arc<Front>, listener: TcpListener) -> io::Result<()> {
    let router = router(&front);
    let places = Arc::new(Semaphore::new(front.limits.connections));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = tokio::select! {
            biased;
            () = front.stop.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        match accepted {
            Ok((stream, peer, place)) => {
                let service = TowerToHyperService::new(from(router.clone(), peer.ip()));
                connections.spawn(connection(stream, service, front.stop.clone(), place));
            }
            Err(error) => {
                // Out of files, or the client has gone: neither ends the server.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, ended).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests were cut off at the end");
    }
    Ok(())
}

/// Waits for a place first: who comes beyond the limit waits in the system's own queue.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, place))
}

/// Tells each request of a connection where it comes from.
fn from(router: axum::Router, peer: IpAddr) -> impl Requests {
    router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        request
    })
}

/// What answers the requests of one connection.
trait Requests:
    Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send>
    + Clone
    + Send
    + 'static
{
}

impl<S> Requests for S where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

async fn connection(
    stream: TcpStream,
    service: TowerToHyperService<impl Requests>,
    stop: CancellationToken,
    _place: OwnedSemaphorePermit,
) {
    // Small answers should not wait for more; without it they are only slower.
    let _ = stream.set_nodelay(true);
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN).max_buf_size(HEAD_MAX);
    let mut connection =
        std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}
