//! Building and reading SIP messages: the little that every other file here needs.

use std::borrow::Cow;

use bytes::Bytes;
use sipx_sip::headers::{Address, From, To};
use sipx_sip::{CSeq, Header, HeaderName, Headers, Method, Request, Response, StatusCode, Uri};

/// The methods we act on. REFER is left out: an incoming one is declined.
pub(super) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, NOTIFY, REGISTER";
/// The bodies we read.
pub(super) const ACCEPT: &str =
    "application/sdp, application/dtmf-relay, application/dtmf, message/sipfrag";

/// A response under construction. Copies what RFC 3261 §8.2.6.2 asks for.
pub(super) struct Reply(Response);

impl Reply {
    /// Starts a response to `request`.
    pub(super) fn new(request: &Request, status: u16) -> Self {
        Self::with_reason(request, status, reason(status))
    }

    /// Starts a response with a reason phrase of its own; line breaks in it are dropped.
    pub(super) fn with_reason(request: &Request, status: u16, text: &str) -> Self {
        let code = StatusCode::new(status).or_else(|| StatusCode::new(500));
        // 500 is in range, so the fallback always exists.
        let code = code.unwrap_or_else(|| unreachable!("500 is a status code"));
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        let mut response = Response::new(code, text);
        for name in [
            HeaderName::Via,
            HeaderName::From,
            HeaderName::To,
            HeaderName::CallId,
            HeaderName::CSeq,
        ] {
            for header in request.headers.get_all(&name) {
                response.headers.push(header.clone());
            }
        }
        Self(response)
    }

    /// Adds our tag to To, unless it has one (RFC 3261 §8.2.6.2).
    pub(super) fn tag(mut self, tag: u64) -> Self {
        let has_tag = matches!(self.0.headers.typed::<To>(), Some(Ok(to)) if to.tag().is_some());
        if has_tag {
            return self;
        }
        let Some(value) = self.0.headers.value(&HeaderName::To).map(Cow::into_owned) else {
            return self;
        };
        let mut value = value;
        value.extend_from_slice(format!(";tag={tag:016x}").as_bytes());
        self.0.headers.remove_all(&HeaderName::To);
        push(&mut self.0.headers, HeaderName::To, value);
        self
    }

    /// Adds a header; a value that would break the line is left out.
    pub(super) fn header(mut self, name: HeaderName, value: impl Into<Bytes>) -> Self {
        push(&mut self.0.headers, name, value);
        self
    }

    /// Copies every header of this name from the request.
    pub(super) fn copy(mut self, request: &Request, name: &HeaderName) -> Self {
        for header in request.headers.get_all(name) {
            self.0.headers.push(header.clone());
        }
        self
    }

    /// Finishes without a body.
    pub(super) fn done(mut self) -> Response {
        push(&mut self.0.headers, HeaderName::ContentLength, "0");
        self.0
    }

    /// Finishes with a body.
    pub(super) fn body(mut self, kind: &'static str, body: impl Into<Bytes>) -> Response {
        let body = body.into();
        push(&mut self.0.headers, HeaderName::ContentType, kind);
        push(&mut self.0.headers, HeaderName::ContentLength, body.len().to_string());
        self.0.set_body(body);
        self.0
    }
}

/// Adds a header; a value that would break the line is left out and logged.
pub(super) fn push(headers: &mut Headers, name: HeaderName, value: impl Into<Bytes>) {
    match Header::build(name, value) {
        Ok(header) => headers.push(header),
        Err(error) => tracing::warn!(%error, "a header was left out"),
    }
}

/// Replaces a header.
pub(super) fn set(headers: &mut Headers, name: HeaderName, value: impl Into<Bytes>) {
    headers.remove_all(&name);
    push(headers, name, value);
}

/// The value of a header as text, if there is one.
pub(super) fn text(headers: &Headers, name: &HeaderName) -> Option<String> {
    headers.value(name).map(|value| String::from_utf8_lossy(&value).into_owned())
}

/// Whether one of the comma-separated tokens of these headers is `token`.
pub(super) fn lists(headers: &Headers, name: &HeaderName, token: &str) -> bool {
    tokens(headers, name).iter().any(|found| found.eq_ignore_ascii_case(token))
}

/// All comma-separated tokens of these headers.
pub(super) fn tokens(headers: &Headers, name: &HeaderName) -> Vec<String> {
    headers
        .get_all(name)
        .flat_map(|header| {
            String::from_utf8_lossy(&header.value())
                .split(',')
                .map(|token| token.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|token| !token.is_empty())
        .collect()
}

/// The From address.
pub(super) fn from(headers: &Headers) -> Option<Address> {
    headers.typed::<From>()?.ok().map(|from| from.0)
}

/// The To address.
pub(super) fn to(headers: &Headers) -> Option<Address> {
    headers.typed::<To>()?.ok().map(|to| to.0)
}

/// The sequence number.
pub(super) fn sequence(headers: &Headers) -> Option<u32> {
    headers.typed::<CSeq>()?.ok().map(|cseq| cseq.sequence)
}

/// The tag of To, if it is one of ours.
pub(super) fn our_tag(tag: &[u8]) -> Option<u64> {
    let tag = std::str::from_utf8(tag).ok()?;
    (tag.len() == 16).then(|| u64::from_str_radix(tag, 16).ok())?
}

/// Whether the body is of this type. Parameters are not looked at.
pub(super) fn content_is(headers: &Headers, kind: &str) -> bool {
    text(headers, &HeaderName::ContentType).is_some_and(|value| {
        value.split(';').next().is_some_and(|found| found.trim().eq_ignore_ascii_case(kind))
    })
}

/// The user part of a URI with its escapes undone.
pub(super) fn user(uri: &Uri) -> String {
    if let Some(tel) = uri.tel_parts() {
        return String::from_utf8_lossy(tel.subscriber()).into_owned();
    }
    uri.decoded_user().map(|user| String::from_utf8_lossy(&user).into_owned()).unwrap_or_default()
}

/// The host part of a URI.
pub(super) fn host(uri: &Uri) -> String {
    uri.host()
        .map(|host| String::from_utf8_lossy(&host.to_bytes()).into_owned())
        .unwrap_or_default()
}

/// Parses a URI.
pub(super) fn uri(text: &[u8]) -> Option<Uri> {
    Uri::parse(Bytes::copy_from_slice(text)).ok()
}

/// A request with the headers that every one has but Via, which the transport adds.
pub(super) fn request(method: Method, uri: Uri, sequence: u32, user_agent: &str) -> Request {
    let mut request = Request::new(method, uri);
    push(&mut request.headers, HeaderName::MaxForwards, "70");
    let cseq = format!("{sequence} {}", request.method);
    push(&mut request.headers, HeaderName::CSeq, cseq);
    push(&mut request.headers, HeaderName::UserAgent, user_agent.to_owned());
    request
}

/// Sets the body and its length.
pub(super) fn with_body(mut request: Request, body: Option<(&'static str, Bytes)>) -> Request {
    match body {
        Some((kind, body)) => {
            set(&mut request.headers, HeaderName::ContentType, kind);
            set(&mut request.headers, HeaderName::ContentLength, body.len().to_string());
            request.set_body(body);
        }
        None => set(&mut request.headers, HeaderName::ContentLength, "0"),
    }
    request
}

/// A random number from the operating system's generator.
pub(super) fn random() -> u64 {
    u64::from_str_radix(&sipx_ua::auth::new_cnonce(), 16).unwrap_or_default()
}

/// The usual reason phrase.
pub(super) fn reason(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        180 => "Ringing",
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        415 => "Unsupported Media Type",
        420 => "Bad Extension",
        422 => "Session Interval Too Small",
        423 => "Interval Too Brief",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        489 => "Bad Event",
        491 => "Request Pending",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "Version Not Supported",
        603 => "Decline",
        _ => "Unknown",
    }
}
