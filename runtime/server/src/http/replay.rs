//! Replays: how far they are, a line each, and the report at the end.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::call::{Answer, Call};
use super::centre::describe;
use super::problem::Problem;
use crate::replay::Order;

/// Lines that may wait for a slow reader.
const LINES_WAITING: usize = 64;

/// `POST /replay`
pub fn replay(mut call: Call) -> Answer {
    Box::pin(async move {
        let order: Order = call.json()?;
        let tenant = call.tenant.take().ok_or_else(|| Problem::internal("no tenant"))?;
        let (lines, mut listen) = mpsc::channel(LINES_WAITING);
        let work = tokio::spawn(async move { tenant.replay(order, lines).await });
        // What is refused before the work begins has a status.
        let Some(first) = listen.recv().await else {
            let ended = work.await.map_err(|error| Problem::internal(&error.to_string()))?;
            let report = ended?;
            return Ok(lines_of(Body::from(line(&json!({ "report": report })))));
        };
        let told = stream::unfold((Some(first), listen, Some(work)), |state| async move {
            let (next, mut listen, mut work) = state;
            let value = match next {
                Some(value) => value,
                None => match listen.recv().await {
                    Some(value) => value,
                    None => match work.take()?.await {
                        Ok(Ok(report)) => json!({ "report": report }),
                        Ok(Err(fault)) => json!({ "error": describe(&fault) }),
                        Err(error) => json!({ "error": error.to_string() }),
                    },
                },
            };
            Some((Ok::<_, Infallible>(Bytes::from(line(&value))), (None, listen, work)))
        });
        Ok(lines_of(Body::from_stream(told)))
    })
}

fn line(value: &Value) -> String {
    format!("{value}\n")
}

fn lines_of(body: Body) -> Response {
    let mut response = Response::new(body);
    let kind = HeaderValue::from_static("application/x-ndjson");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
