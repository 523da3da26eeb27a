//! One request, as a handler sees it: identified, allowed, within the limits.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use hyper::upgrade::OnUpgrade;
use jackfield_core::InteractionId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;

use super::auth::Principal;
use super::centre::Tenancy;
use super::front::Front;
use super::problem::Problem;
use super::view::PageRequest;
use crate::rfc3339;

/// What a handler gives.
pub type Answer = BoxFuture<'static, Result<Response, Problem>>;

/// The items of a list without `limit`.
const LIMIT_DEFAULT: usize = 50;
/// The most items of a list.
pub const LIMIT_MAX: usize = 500;

/// One request.
pub struct Call {
    /// What all requests share.
    pub front: Arc<Front>,
    /// Who asks.
    pub principal: Principal,
    /// The tenant of the path; present on every route below `/tenants/{tenant}`.
    pub tenant: Option<Box<dyn Tenancy>>,
    /// The names in the path.
    pub path: BTreeMap<String, String>,
    /// The query; its keys are among those of the route.
    pub query: BTreeMap<String, String>,
    /// The headers.
    pub headers: HeaderMap,
    /// Where it came from.
    pub address: IpAddr,
    /// The body.
    pub body: Bytes,
    /// The connection beneath, if the client asks for another protocol on it.
    pub upgrade: Option<OnUpgrade>,
    /// Held while a large body is in memory.
    pub upload: Option<OwnedSemaphorePermit>,
}

impl Call {
    /// The tenant of the path.
    pub fn tenant(&self) -> Result<&dyn Tenancy, Problem> {
        self.tenant.as_deref().ok_or_else(|| Problem::internal("the route has no tenant"))
    }

    /// A name in the path.
    pub fn name(&self, part: &str) -> &str {
        self.path.get(part).map_or("", String::as_str)
    }

    /// The interaction in the path, which need not be known.
    pub fn interaction(&self) -> Result<InteractionId, Problem> {
        let name = self.name("interaction");
        name.parse().map_err(|_| Problem::not_found("interaction", name))
    }

    /// Reads the body as JSON, and says where it is not what it should be.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let mut reader = serde_json::Deserializer::from_slice(&self.body);
        let bad = |path: &str, message: String| {
            // Where the JSON itself breaks off there is no path.
            let path = if path == "?" { "." } else { path };
            let detail = if path == "." { message.clone() } else { format!("`{path}`: {message}") };
            Problem::new(StatusCode::BAD_REQUEST, "bad-json", "The body is not understood", detail)
                .with_error(json!({ "field": path, "message": message }))
        };
        let value = serde_path_to_error::deserialize(&mut reader)
            .map_err(|error| bad(&error.path().to_string(), error.inner().to_string()))?;
        reader.end().map_err(|error| bad(".", error.to_string()))?;
        Ok(value)
    }

    /// A query value.
    pub fn query(&self, key: &str) -> Option<&str> {
        self.query.get(key).map(String::as_str)
    }

    /// A query value as `true` or `false`.
    pub fn query_flag(&self, key: &str) -> Result<Option<bool>, Problem> {
        match self.query(key) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(Problem::bad_query(
                key,
                format!("`true` or `false` is accepted, got `{other}`"),
            )),
        }
    }

    /// A query value as a moment, in microseconds since the Unix epoch.
    pub fn query_moment(&self, key: &str) -> Result<Option<u64>, Problem> {
        let Some(text) = self.query(key) else { return Ok(None) };
        let moment = rfc3339::parse(text).ok_or_else(|| {
            let wanted =
                "a moment such as `2026-11-21T09:00:00Z` is accepted (in a query, `+` is `%2B`)";
            Problem::bad_query(key, format!("{wanted}, got `{text}`"))
        });
        moment.map(Some)
    }

    /// The moments `from` and `to`, which must be in this order.
    pub fn query_range(&self) -> Result<(Option<u64>, Option<u64>), Problem> {
        let (from, to) = (self.query_moment("from")?, self.query_moment("to")?);
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            return Err(Problem::bad_query("to", "it lies before `from`"));
        }
        Ok((from, to))
    }

    /// Which part of a list is wanted.
    pub fn page(&self) -> Result<PageRequest, Problem> {
        let limit = match self.query("limit") {
            None => LIMIT_DEFAULT,
            Some(text) => {
                let number = text.parse().ok().filter(|n| (1..=LIMIT_MAX).contains(n));
                number.ok_or_else(|| {
                    let reason = format!("1 to {LIMIT_MAX} is accepted, got `{text}`");
                    Problem::bad_query("limit", reason)
                })?
            }
        };
        Ok(PageRequest { cursor: self.query("cursor").map(str::to_owned), limit })
    }
}

/// 200 with a JSON body.
pub fn ok(value: &impl Serialize) -> Result<Response, Problem> {
    with_status(StatusCode::OK, value)
}

/// 201 with a JSON body and where the new thing is.
pub fn created(location: &str, value: &impl Serialize) -> Result<Response, Problem> {
    let mut response = with_status(StatusCode::CREATED, value)?;
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// 204 without a body.
pub fn done() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// 200 with a text of this type.
pub fn text(kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A JSON body with this status.
pub fn with_status(status: StatusCode, value: &impl Serialize) -> Result<Response, Problem> {
    let body =
        serde_json::to_string(value).map_err(|error| Problem::internal(&error.to_string()))?;
    let mut response = text("application/json", body);
    *response.status_mut() = status;
    Ok(response)
}
