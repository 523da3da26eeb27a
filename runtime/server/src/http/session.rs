//! Signing in and out, and what somebody changes of themselves.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::auth::{Principal, Who, forbidden};
use super::call::{Answer, Call, done, ok};
use super::cookie;
use super::problem::Problem;
use crate::access::{Attempt, PeopleError, Refused, Signed, secret};
use crate::rfc3339;
use crate::tenant::now;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToSignIn {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    token: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    old: String,
    new: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TotpProof {
    secret: String,
    code: String,
}

/// What a page needs to know of who looks at it.
fn view(principal: &Principal) -> Value {
    let user = match &principal.who {
        Who::User(user) => Some(user),
        _ => None,
    };
    json!({
        "name": principal.name(),
        "full_name": user.map_or("", |user| user.full_name.as_str()),
        "kind": if user.is_some() { "user" } else { "token" },
        "tenant": principal.tenant(),
        "roles": user.map_or(&[][..], |user| &user.roles),
        "rights": principal.rights().names(),
        "provider": principal.is_provider(),
        "agent": principal.agent(),
        "must_change": user.is_some_and(|user| user.must_change),
        "totp": user.is_some_and(|user| user.totp.is_some()),
        "recovery_codes": user.map_or(0, |user| user.recovery.len()),
    })
}

fn with_cookie(mut response: Response, cookie: &str) -> Result<Response, Problem> {
    let value =
        HeaderValue::from_str(cookie).map_err(|error| Problem::internal(&error.to_string()))?;
    response.headers_mut().insert(header::SET_COOKIE, value);
    Ok(response)
}

fn not_let_in(refused: Refused) -> Problem {
    let unknown = |name, title, detail| Problem::new(StatusCode::UNAUTHORIZED, name, title, detail);
    match refused {
        Refused::Wrong => {
            unknown("wrong-password", "Not let in", "the name or the password is wrong")
        }
        Refused::CodeNeeded => {
            unknown("code-needed", "A code is needed", "the one-time code of your authenticator")
        }
        Refused::WrongCode => unknown(
            "wrong-code",
            "Not let in",
            "the code is wrong, or was used before; it changes every 30 seconds",
        ),
        Refused::Wait(wait) => {
            let seconds = wait.as_secs() + 1;
            let detail = format!("too many failures: try again in {seconds} s");
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-failures", "Wait", detail)
                .with_header(header::RETRY_AFTER, &seconds.to_string())
        }
        Refused::Store(error) => Problem::internal(&error.to_string()),
    }
}

/// Refusals of what is changed of users.
pub fn refusal(error: PeopleError) -> Problem {
    match error {
        PeopleError::Unknown(name) => Problem::not_found("user", &name),
        PeopleError::Invalid { field, reason } => Problem::invalid(field, reason),
        PeopleError::Taken(_) => {
            Problem::new(StatusCode::CONFLICT, "conflict", "It is there", error.to_string())
        }
        PeopleError::Full(_) => Problem::not_now(error.to_string()),
        PeopleError::Store(error) => Problem::internal(&error.to_string()),
    }
}

/// `POST /session`
pub fn begin(call: Call) -> Answer {
    Box::pin(async move {
        cookie::same_site(&call.headers)?;
        let ToSignIn { name, password, code, token } = call.json()?;
        let browser = call.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let (address, browser, now) =
            (call.address, browser.unwrap_or_default().to_owned(), now().as_micros());
        let people = call.front.centre.people();
        let signed = match token {
            Some(token) => {
                let known = call.front.keyring.of_token(&token);
                let (principal, digest) = known.ok_or_else(|| not_let_in(Refused::Wrong))?;
                let tenant = principal.tenant().unwrap_or_default();
                people.begin(tenant, "", Some(digest), address, browser, now).await
            }
            None => {
                let attempt = Attempt { name, password, code, address, browser, now };
                people.sign_in(attempt).await
            }
        };
        let Signed { cookie, session } = signed.map_err(not_let_in)?;
        tracing::info!(tenant = session.tenant, user = session.user, %address, "signed in");
        let mut headers = axum::http::HeaderMap::new();
        let own = cookie::set(&cookie);
        let pair = own.split(';').next().unwrap_or_default();
        if let Ok(value) = HeaderValue::from_str(pair) {
            headers.insert(header::COOKIE, value);
        }
        let principal = call.front.keyring.identify(&headers, people)?;
        let mut answer = ok(&view(&principal))?;
        // For the audit log: until now it was not known who it is.
        answer.extensions_mut().insert(principal);
        with_cookie(answer, &own)
    })
}

/// `GET /session`: nobody is no failure, for a page asks this first.
pub fn show(call: Call) -> Answer {
    Box::pin(async move {
        match call.front.keyring.identify(&call.headers, call.front.centre.people()) {
            Ok(principal) => ok(&view(&principal)),
            Err(problem) if problem.is_unauthenticated() => Ok(done()),
            Err(problem) => Err(problem),
        }
    })
}

/// `DELETE /session`
pub fn end(call: Call) -> Answer {
    Box::pin(async move {
        if let Some(session) = &call.principal.session {
            call.front.centre.people().sign_out(&session.id).await.map_err(refusal)?;
        }
        with_cookie(done(), &cookie::clear())
    })
}

/// The session of a user: an access token has no password to change.
fn own(call: &Call) -> Result<&jackfield_store::Session, Problem> {
    let session = call.principal.session.as_deref().filter(|session| !session.user.is_empty());
    session.ok_or_else(|| forbidden("this is for users who have signed in by name"))
}

/// Who asks, as they are after a change.
fn after(call: &Call) -> Result<Response, Problem> {
    let principal = call.front.keyring.identify(&call.headers, call.front.centre.people())?;
    ok(&view(&principal))
}

/// `PUT /session/password`
pub fn change_password(call: Call) -> Answer {
    Box::pin(async move {
        let session = own(&call)?;
        let NewPassword { old, new } = call.json()?;
        let people = call.front.centre.people();
        let changed = people.change_password(session, old, new, now().as_micros()).await;
        changed.map_err(refusal)?;
        after(&call)
    })
}

/// `POST /session/totp`
pub fn propose_totp(call: Call) -> Answer {
    Box::pin(async move {
        let session = own(&call)?;
        let secret = secret::totp_secret();
        let account = match session.tenant.as_str() {
            "" => session.user.clone(),
            tenant => format!("{}@{tenant}", session.user),
        };
        let address = secret::totp_address(&secret, &account);
        ok(&json!({ "secret": secret, "address": address }))
    })
}

/// `PUT /session/totp`
pub fn switch_totp_on(call: Call) -> Answer {
    Box::pin(async move {
        let session = own(&call)?;
        let TotpProof { secret, code } = call.json()?;
        let people = call.front.centre.people();
        let codes = people.switch_totp_on(session, &secret, &code, now().as_micros()).await;
        ok(&json!({ "codes": codes.map_err(refusal)? }))
    })
}

/// `POST /session/totp/off`
pub fn switch_totp_off(call: Call) -> Answer {
    Box::pin(async move {
        let session = own(&call)?;
        let Proof { password } = call.json()?;
        let people = call.front.centre.people();
        let off = people.switch_totp_off(session, password, now().as_micros()).await;
        off.map_err(refusal)?;
        after(&call)
    })
}

/// A moment of a user's record, `null` if it never was.
pub fn moment(micros: u64) -> Option<String> {
    (micros != 0).then(|| rfc3339::format(micros))
}
