//! Refusals as RFC 9457 problems.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::centre::Fault;

/// A refusal. The outermost layer writes it with the request's id.
#[derive(Clone, Debug)]
pub struct Problem(Box<Facts>);

#[derive(Clone, Debug)]
struct Facts {
    status: StatusCode,
    name: &'static str,
    title: &'static str,
    detail: String,
    errors: Vec<Value>,
    headers: HeaderMap,
}

impl Problem {
    /// A refusal with this status; `name` ends its type, `urn:jackfield:problem:NAME`.
    pub fn new(
        status: StatusCode,
        name: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        let detail = detail.into();
        let (errors, headers) = (Vec::new(), HeaderMap::new());
        Self(Box::new(Facts { status, name, title, detail, errors, headers }))
    }

    /// 404: there is no such thing, or none that the caller may know of.
    pub fn not_found(what: &str, name: &str) -> Self {
        let detail = format!("there is no {what} `{name}`");
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }

    /// 422: a field of the request has a value that is not accepted.
    pub fn invalid(field: &str, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        let detail = format!("`{field}`: {reason}");
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "A value is not accepted", detail)
            .with_error(json!({ "field": field, "message": reason }))
    }

    /// 400: the query is not understood.
    pub fn bad_query(key: &str, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        let detail = format!("`{key}`: {reason}");
        Self::new(StatusCode::BAD_REQUEST, "bad-query", "The query is not understood", detail)
            .with_error(json!({ "field": key, "message": reason }))
    }

    /// 409: it cannot be done as things stand.
    pub fn not_now(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "not-now", "Not as things stand", detail)
    }

    /// 503: not now.
    pub fn busy(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "Try again later", detail)
            .with_header(header::RETRY_AFTER, "1")
    }

    /// 500: the reason is logged, not told.
    pub fn internal(reason: &str) -> Self {
        tracing::error!(reason, "a request failed");
        let detail = "the log of the server has the reason under the request's id";
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "The server made a mistake",
            detail,
        )
    }

    /// Adds an entry to `errors`.
    #[must_use]
    pub fn with_error(mut self, error: Value) -> Self {
        self.0.errors.push(error);
        self
    }

    /// Adds a header. A value that is none is left out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers.insert(name, value);
        }
        self
    }

    /// The refusal of an answer that a layer below made without a body.
    pub fn of_status(status: StatusCode, path: &str, headers: &HeaderMap) -> Option<Self> {
        match status {
            StatusCode::NOT_FOUND => Some(Self::not_found("resource", path)),
            StatusCode::METHOD_NOT_ALLOWED => {
                let allow = headers.get(header::ALLOW).and_then(|value| value.to_str().ok());
                let allow = allow.unwrap_or_default();
                let detail = format!("`{path}` accepts {allow}");
                let problem = Self::new(status, "method-not-allowed", "Method not allowed", detail);
                Some(problem.with_header(header::ALLOW, allow))
            }
            _ => None,
        }
    }

    /// The status of the answer.
    pub const fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Whether it is not known who asks.
    pub fn is_unauthenticated(&self) -> bool {
        self.0.status == StatusCode::UNAUTHORIZED
    }

    /// Whether the same request may be taken later.
    pub fn is_passing(&self) -> bool {
        self.0.status.is_server_error() || self.0.status == StatusCode::TOO_MANY_REQUESTS
    }

    /// Writes the refusal of the request with this id.
    pub fn render(self, request_id: &str) -> Response {
        let facts = *self.0;
        let mut body = json!({
            "type": format!("urn:jackfield:problem:{}", facts.name),
            "title": facts.title,
            "status": facts.status.as_u16(),
            "detail": facts.detail,
            "instance": format!("urn:jackfield:request:{request_id}"),
        });
        if !facts.errors.is_empty() {
            body["errors"] = Value::Array(facts.errors);
        }
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = facts.status;
        *response.headers_mut() = facts.headers;
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NotFound { what, name } => Self::not_found(what, &name),
            Fault::Invalid { field, reason } => Self::invalid(&field, reason),
            Fault::Conflict { field, reason } => {
                let detail = format!("`{field}`: {reason}");
                Self::new(StatusCode::CONFLICT, "conflict", "It belongs to another", detail)
                    .with_error(json!({ "field": field, "message": reason }))
            }
            Fault::Script(mistakes) => {
                let detail = match mistakes.first() {
                    Some(first) => {
                        format!("line {}, column {}: {}", first.line, first.column, first.message)
                    }
                    None => "the script has a mistake".to_owned(),
                };
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                let problem = Self::new(status, "script-error", "The script has mistakes", detail);
                mistakes.iter().fold(problem, |problem, mistake| problem.with_error(json!(mistake)))
            }
            Fault::Config(found) => {
                let detail = match &found[..] {
                    [(_, message)] => message.clone(),
                    found => format!("{} keys are wrong or need a restart", found.len()),
                };
                let title = "The configuration is as it was";
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                let problem = Self::new(status, "config-error", title, detail);
                found.iter().fold(problem, |problem, (field, message)| {
                    problem.with_error(json!({ "field": field, "message": message }))
                })
            }
            Fault::Refused(detail) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "refused",
                "A step failed; what served before still serves",
                detail,
            ),
            Fault::TooLarge(detail) => too_large(detail),
            Fault::Forbidden(detail) => super::auth::forbidden(detail),
            Fault::Busy(detail) => Self::busy(detail),
            Fault::Internal(reason) => Self::internal(&reason),
        }
    }
}

/// 413: the body, or a part of it, is larger than accepted.
pub fn too_large(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too large", detail)
}
