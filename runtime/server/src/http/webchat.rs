//! Web chats: the WebSocket of a visitor's page, and what a desk shows of a conversation.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::call::{Answer, Call, done, ok};
use super::problem::Problem;
use super::view::{Page, TimelineEntry};
use crate::worlds::webchat::PROTOCOL;

/// One message of a conversation.
#[derive(Serialize)]
struct Message {
    /// Its place, from 1.
    seq: usize,
    at: String,
    /// `customer`, `bot`, `agent`.
    from: String,
    agent: Option<String>,
    text: String,
}

/// `GET /interactions/{interaction}/messages`
pub fn messages(call: Call) -> Answer {
    Box::pin(async move {
        let known = call.tenant()?.interaction(call.name("interaction")).await?;
        let said = known.timeline.into_iter().filter(|entry| entry.what == "message");
        let message = |(place, entry): (usize, TimelineEntry)| {
            let detail = |wanted: &str| {
                let found = entry.details.iter().find(|(name, _)| name == wanted);
                found.map(|(_, value)| value.clone())
            };
            Message {
                seq: place + 1,
                from: detail("by").unwrap_or_default(),
                agent: detail("agent"),
                text: detail("text").unwrap_or_default(),
                at: entry.at,
            }
        };
        ok(&Page::whole(said.enumerate().map(message).collect::<Vec<_>>()))
    })
}

/// `POST /interactions/{interaction}/typing`
pub fn typing(call: Call) -> Answer {
    Box::pin(async move {
        call.tenant()?.tell_typing(call.name("interaction")).await?;
        Ok(done())
    })
}

/// `GET /webchat`: the handshake of a WebSocket (RFC 6455, section 4.2).
pub fn open(mut call: Call) -> Answer {
    Box::pin(async move {
        let accept = accepted(&call.headers)?;
        let upgrade = call.upgrade.take().ok_or_else(|| upgrade_required("HTTP/1.1"))?;
        let origin = call.headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
        let seat = call.tenant()?.webchat(origin, call.address)?;
        let stop = call.front.stop.clone();
        tokio::spawn(async move {
            match upgrade.await {
                Ok(stream) => seat.serve(TokioIo::new(stream), stop).await,
                Err(error) => {
                    tracing::debug!(%error, "a page of the web chat did not come through")
                }
            }
        });
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let said = [
            (header::UPGRADE, HeaderValue::from_static("websocket")),
            (header::CONNECTION, HeaderValue::from_static("upgrade")),
            (header::SEC_WEBSOCKET_ACCEPT, accept),
            (header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL)),
        ];
        response.headers_mut().extend(said);
        Ok(response)
    })
}

/// What the handshake is answered by, if it is one that is accepted.
fn accepted(headers: &HeaderMap) -> Result<HeaderValue, Problem> {
    let has = |name: header::HeaderName, wanted: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        let mut words = values.flat_map(|value| value.split(','));
        words.any(|word| word.trim().eq_ignore_ascii_case(wanted))
    };
    if !has(header::UPGRADE, "websocket") || !has(header::CONNECTION, "upgrade") {
        return Err(upgrade_required("a WebSocket"));
    }
    if !has(header::SEC_WEBSOCKET_VERSION, "13") {
        return Err(upgrade_required("version 13"));
    }
    if !has(header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL) {
        return Err(upgrade_required("the subprotocol `webchat.v1`"));
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    let accept = key.map(|key| derive_accept_key(key.as_bytes()));
    let accept = accept.and_then(|accept| HeaderValue::from_str(&accept).ok());
    accept.ok_or_else(|| upgrade_required("a `Sec-WebSocket-Key`"))
}

/// 426: it is no handshake that is accepted.
fn upgrade_required(wanted: &str) -> Problem {
    let status = StatusCode::UPGRADE_REQUIRED;
    let detail = format!("{wanted} is awaited here (RFC 6455)");
    Problem::new(status, "upgrade-required", "Another protocol is spoken here", detail)
        .with_header(header::UPGRADE, "websocket")
        .with_header(header::SEC_WEBSOCKET_VERSION, "13")
}

#[cfg(test)]
mod tests {
    use super::accepted;
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    /// The handshake of RFC 6455, section 1.3, with our protocol.
    const FINE: [(&str, &str); 5] = [
        ("upgrade", "websocket"),
        ("connection", "keep-alive, Upgrade"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-version", "13"),
        ("sec-websocket-protocol", "webchat.v1"),
    ];

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn the_handshake_is_answered_as_the_standard_says() {
        let answer = accepted(&headers(&FINE)).expect("accepted");
        assert_eq!(answer, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        for (left_out, (name, _)) in FINE.iter().enumerate() {
            let mut some = FINE.to_vec();
            some.remove(left_out);
            assert!(accepted(&headers(&some)).is_err(), "without {name}");
        }
    }
}
