//! What happens, as server-sent events.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use super::auth::Principal;
use super::call::{Answer, Call};
use super::centre::Watched;
use super::problem::Problem;
use crate::access::Right;
use crate::rfc3339;

struct Watch {
    /// Told before the events.
    first: Option<String>,
    events: BoxStream<'static, Watched>,
    heartbeat: tokio::time::Interval,
    stop: CancellationToken,
    /// Moment of the last event, and how many were told of it.
    last: (u64, u32),
    _permit: OwnedSemaphorePermit,
}

impl Watch {
    async fn next(&mut self) -> Option<String> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            watched = self.events.next() => Some(self.tell(watched?)),
            _ = self.heartbeat.tick() => Some(": alive\n\n".to_owned()),
        }
    }

    fn tell(&mut self, watched: Watched) -> String {
        self.heartbeat.reset();
        match watched {
            Watched::Event { at_micros, kind, data } => {
                // One turn of the engine tells several things of the same moment.
                let count = if self.last.0 == at_micros { self.last.1 + 1 } else { 0 };
                self.last = (at_micros, count);
                let data = json!({ "at": rfc3339::format(at_micros), "data": data });
                format!("id: {at_micros}-{count}\nevent: {kind}\ndata: {data}\n\n")
            }
            Watched::Lagged(lost) => lagged(Some(lost)),
        }
    }
}

/// What somebody may be told: what customers write is for those who may read it.
fn told_to(
    principal: &Principal,
    events: BoxStream<'static, Watched>,
) -> BoxStream<'static, Watched> {
    if principal.rights().has(Right::ReadInteractions) {
        return events;
    }
    let written =
        |event: &Watched| matches!(event, Watched::Event { kind, .. } if kind == "message");
    events.filter(move |event| std::future::ready(!written(event))).boxed()
}

fn lagged(lost: Option<u64>) -> String {
    let data = json!({ "lost": lost });
    format!("event: lagged\ndata: {data}\n\n")
}

/// `GET /events`
pub fn watch(call: Call) -> Answer {
    Box::pin(async move {
        let front = &call.front;
        let permit = std::sync::Arc::clone(&front.streams).try_acquire_owned();
        let permit = permit.map_err(|_| Problem::busy("too many event streams are open"))?;
        // A reader who comes back has missed what happened meanwhile: how much is not known.
        let resumed = call.headers.contains_key("last-event-id");
        let watch = Watch {
            first: Some(if resumed { lagged(None) } else { ": watching\n\n".to_owned() }),
            events: told_to(&call.principal, call.tenant()?.watch()),
            heartbeat: tokio::time::interval_at(
                tokio::time::Instant::now() + front.limits.heartbeat,
                front.limits.heartbeat,
            ),
            stop: front.stop.clone(),
            last: (0, 0),
            _permit: permit,
        };
        let told = stream::unfold(watch, |mut watch| async move {
            let text = watch.next().await?;
            Some((Ok::<_, Infallible>(Bytes::from(text)), watch))
        });
        Ok(response(Body::from_stream(told)))
    })
}

/// An answer that is a stream of events.
pub fn response(events: Body) -> Response {
    let mut response = Response::new(events);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies of the nginx family hold events back without it.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
