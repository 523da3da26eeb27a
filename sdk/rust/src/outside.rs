//! What plugins of the worlds that are asked once in a while may use besides: their settings, requests to
//! outside, secrets that they never see, messages, and the two ends of what is known of a customer.

pub use crate::host::customers::{
    Addresses, CustomerKind, kind as customer_kind, of as addresses_of,
};
pub use crate::host::outbound::{HttpError, Method, Request, Response, send};
pub use crate::host::{messaging, secrets, settings};

use crate::PluginError;

impl Request {
    /// A request with a JSON body.
    pub fn json(method: Method, url: String, body: String) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { method, url, headers, body: body.into_bytes(), timeout_ms: None }
    }

    /// A request for what is at `url`.
    pub fn get(url: String) -> Self {
        let (method, headers, body) = (Method::Get, Vec::new(), Vec::new());
        Self { method, url, headers, body, timeout_ms: None }
    }

    /// Adds a header; `{{secret:NAME}}` in its value is put in by the host.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl From<HttpError> for PluginError {
    /// What may go better later is `unavailable`.
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Invalid(why) | HttpError::NotAllowed(why) => Self::Configuration(why),
            HttpError::Limit(which) => Self::Unavailable(format!("limit reached: {which}")),
            HttpError::Timeout => Self::Unavailable("it took too long".to_owned()),
            HttpError::Unreachable(how) => Self::Unavailable(how),
        }
    }
}
