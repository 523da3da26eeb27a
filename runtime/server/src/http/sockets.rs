//! WebSockets (RFC 6455): a request like any other, and then a conversation on its connection.

use std::future::Future;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::call::Call;
use super::problem::Problem;

/// A handshake that is accepted once whoever is asked agrees.
pub struct Opening {
    accept: HeaderValue,
    protocol: &'static str,
    upgrade: OnUpgrade,
}

impl Opening {
    /// Looks at a request for a socket of this subprotocol (RFC 6455, section 4.2).
    ///
    /// # Errors
    ///
    /// 426 if it is no handshake that can be accepted.
    pub fn of(call: &mut Call, protocol: &'static str) -> Result<Self, Problem> {
        let accept = accepted(&call.headers, protocol)?;
        let upgrade = call.upgrade.take().ok_or_else(|| upgrade_required("HTTP/1.1"))?;
        Ok(Self { accept, protocol, upgrade })
    }

    /// Accepts it: `talk` has the connection from then on.
    ///
    /// # Errors
    ///
    /// None so far: a connection that does not come through is noted in the log.
    pub fn accept<T: Future<Output = ()> + Send + 'static>(
        self,
        talk: impl FnOnce(TokioIo<Upgraded>) -> T + Send + 'static,
    ) -> Result<Response, Problem> {
        let Self { accept, protocol, upgrade } = self;
        tokio::spawn(async move {
            match upgrade.await {
                Ok(stream) => talk(TokioIo::new(stream)).await,
                Err(error) => tracing::debug!(%error, protocol, "a socket did not come through"),
            }
        });
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let said = [
            (header::UPGRADE, HeaderValue::from_static("websocket")),
            (header::CONNECTION, HeaderValue::from_static("upgrade")),
            (header::SEC_WEBSOCKET_ACCEPT, accept),
            (header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol)),
        ];
        response.headers_mut().extend(said);
        Ok(response)
    }
}

/// What the handshake is answered by, if it is one that is accepted.
fn accepted(headers: &HeaderMap, protocol: &str) -> Result<HeaderValue, Problem> {
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
    if !has(header::SEC_WEBSOCKET_PROTOCOL, protocol) {
        return Err(upgrade_required(&format!("the subprotocol `{protocol}`")));
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
        let answer = accepted(&headers(&FINE), "webchat.v1").expect("accepted");
        assert_eq!(answer, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        for (left_out, (name, _)) in FINE.iter().enumerate() {
            let mut some = FINE.to_vec();
            some.remove(left_out);
            assert!(accepted(&headers(&some), "webchat.v1").is_err(), "without {name}");
        }
    }
}
