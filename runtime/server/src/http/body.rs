//! Reading bodies, of the kind and size that the route accepts.

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::OwnedSemaphorePermit;

use super::front::Front;
use super::problem::{Problem, too_large};
use super::route_table::{Accepts, Route};

/// Reads the body of a request of `route`; a large one with the permit to hold it.
///
/// # Errors
///
/// 413, 415, or 503 when too many large bodies are in memory.
pub async fn read(
    front: &Front,
    route: &Route,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Problem> {
    let (kind, limit, large) = match route.accepts {
        Accepts::Nothing => return Ok((Bytes::new(), None)),
        Accepts::Json(_) => ("application/json", front.limits.json_max, false),
        Accepts::Csv => ("text/csv", front.limits.body_max, true),
        Accepts::Wasm => ("application/wasm", front.limits.body_max, true),
        Accepts::Anything => ("*/*", front.limits.json_max, false),
    };
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let length: Option<usize> = length.and_then(|value| value.parse().ok());
    if length.is_some_and(|length| limit < length) {
        return Err(over(limit));
    }
    let given = headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or("?"));
    let essence = given.map(|given| given.split(';').next().unwrap_or_default().trim());
    let empty =
        length == Some(0) || !headers.contains_key(header::CONTENT_TYPE) && length.is_none();
    let any = route.accepts == Accepts::Anything;
    if !any && !essence.is_some_and(|given| given.eq_ignore_ascii_case(kind)) && !empty {
        let given = given.unwrap_or("none");
        let detail = format!("`Content-Type: {kind}` is accepted, got `{given}`");
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let problem = Problem::new(status, "unsupported-media-type", "Not that kind", detail);
        return Err(problem.with_header(header::ACCEPT, kind));
    }
    let permit = if large { Some(front.upload_permit()?) } else { None };
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok((collected.to_bytes(), permit)),
        Err(error) if error.is::<LengthLimitError>() => Err(over(limit)),
        Err(_) => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "broken-body",
            "The body did not arrive",
            "the connection broke within the body",
        )),
    }
}

fn over(limit: usize) -> Problem {
    too_large(format!("the body may have {limit} bytes"))
}
