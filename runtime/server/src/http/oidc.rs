//! Sign-in by another provider of identity: a browser is sent there and comes back. Whoever is not let in
//! is sent to the page for signing in, which says why: people see these answers, no programs.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::json;

use super::auth::Principal;
use super::call::{Answer, Call, ok};
use super::cookie;
use super::problem::Problem;
use super::view::Page;
use crate::access::{PeopleError, Signed, Vouched};
use crate::cli::escaped;
use crate::oidc::{OidcError, Returned};
use crate::tenant::now;

/// For the audit log: somebody was not let in, although the answer leads to a page.
#[derive(Clone, Debug)]
pub struct NotLetIn {
    /// What a program would be answered.
    pub status: StatusCode,
    /// Whom the provider says it is; empty if that is not known.
    pub who: String,
    /// Whose users the provider knows; empty if they are ours.
    pub tenant: String,
}

/// `GET /oidc`
pub fn list(call: Call) -> Answer {
    Box::pin(async move {
        let all = call.front.centre.oidc().configs();
        let all = all.map(|one| json!({ "name": one.name, "label": one.label }));
        ok(&Page::whole(all.collect()))
    })
}

/// `GET /oidc/{provider}/start`
pub fn start(call: Call) -> Answer {
    Box::pin(async move {
        let to = call.query("to").unwrap_or_default();
        let name = call.name("provider");
        let begun =
            call.front.centre.oidc().begin(name, to, &origin(&call.headers), micros()).await;
        match begun {
            Ok(begun) => leads(&begun.location, &[cookie::set_visit(&begun.browser)]),
            Err(error) => refused(&call, &error),
        }
    })
}

/// `GET /oidc/{provider}/callback`
pub fn finish(call: Call) -> Answer {
    Box::pin(async move {
        let name = call.name("provider");
        let returned = Returned {
            state: call.query("state").unwrap_or_default(),
            code: call.query("code"),
            error: call.query("error_description").or(call.query("error")),
            issuer: call.query("iss"),
            browser: cookie::visit(&call.headers).unwrap_or_default(),
        };
        let centre = &call.front.centre;
        let found = match centre.oidc().finish(name, returned, micros()).await {
            Ok(found) => found,
            Err(error) => return refused(&call, &error),
        };
        let provider = found.provider;
        let said = found.identity.name.clone();
        let who = Vouched {
            external: found.identity.external,
            name: found.identity.name,
            full_name: found.identity.full_name,
        };
        let people = centre.people();
        let known =
            people.vouched(&provider.tenant, who, provider.roles.as_deref(), micros()).await;
        let user = match known {
            Ok(user) => user,
            Err(PeopleError::Store(error)) => return Err(Problem::internal(&error.to_string())),
            Err(error) => {
                return not_let_in(&call, "oidc-unknown", StatusCode::FORBIDDEN, said, &error);
            }
        };
        let browser = call.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let browser = browser.unwrap_or_default().to_owned();
        let (tenant, address) = (&user.tenant, call.address);
        let signed = people.begin(tenant, &user.name, None, address, browser, micros()).await;
        let Signed { cookie, session } =
            signed.map_err(|_| Problem::internal("a session was not begun"))?;
        tracing::info!(tenant, user = user.name, %address, provider = name, "signed in");
        let cookies = [cookie::set(&cookie), cookie::clear_visit()];
        let mut answer = leads(&found.to, &cookies)?;
        answer.extensions_mut().insert(Principal::user(user, session));
        Ok(answer)
    })
}

fn micros() -> u64 {
    now().as_micros()
}

/// The address of the console as the browser knows it: without TLS only on this machine, as cookies of
/// sessions are.
fn origin(headers: &HeaderMap) -> String {
    let host =
        headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or("localhost");
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let here = name == "localhost" || name == "[::1]" || name.starts_with("127.");
    format!("{}://{host}", if here { "http" } else { "https" })
}

/// 303.
fn leads(to: &str, cookies: &[String]) -> Result<Response, Problem> {
    let value = |text: &str| {
        HeaderValue::from_str(text).map_err(|error| Problem::internal(&error.to_string()))
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, value(to)?);
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, value(cookie)?);
    }
    Ok(response)
}

fn refused(call: &Call, error: &OidcError) -> Result<Response, Problem> {
    let status = match error {
        OidcError::UnknownProvider(_) => StatusCode::NOT_FOUND,
        OidcError::Busy => StatusCode::SERVICE_UNAVAILABLE,
        OidcError::Unreachable(_) => StatusCode::BAD_GATEWAY,
        OidcError::State | OidcError::Refused(_) | OidcError::Token(_) => StatusCode::UNAUTHORIZED,
        OidcError::Nameless(_) => StatusCode::FORBIDDEN,
    };
    not_let_in(call, error.name(), status, String::new(), error)
}

/// Leads to the page for signing in, which says why.
fn not_let_in(
    call: &Call,
    why: &str,
    status: StatusCode,
    who: String,
    error: &dyn std::error::Error,
) -> Result<Response, Problem> {
    let name = call.name("provider");
    tracing::warn!(provider = name, who, %error, "somebody was not let in");
    let mut all = call.front.centre.oidc().configs();
    let tenant = all.find(|one| one.name == name).map(|one| one.tenant.clone());
    let mut answer = leads(&format!("/signin?refused={}", escaped(why)), &[cookie::clear_visit()])?;
    let tenant = tenant.unwrap_or_default();
    answer.extensions_mut().insert(NotLetIn { status, who, tenant });
    Ok(answer)
}
