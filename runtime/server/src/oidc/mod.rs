//! Sign-in by another provider of identity: OpenID Connect Core 1.0, the authorization code flow with
//! PKCE (RFC 7636).
//!
//! [`Oidc::begin`] sends a browser to the provider and remembers what it was sent with;
//! [`Oidc::finish`] takes what it comes back with, asks the provider for the ID token and checks it. Who
//! that is among our users is for [`People`](crate::access::People) to say.

mod provider;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::access::{Role, secret};
use crate::cli::escaped;
use crate::config::Secret;
use provider::Provider;
pub use provider::{Identity, check_address};

/// How long somebody may take at the provider.
const PATIENCE: Duration = Duration::from_secs(600);
/// People who are at providers at once.
const STARTED_MAX: usize = 10_000;

/// One provider of identity, as the configuration has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OidcConfig {
    /// Its name in paths.
    pub name: String,
    /// What stands on the button.
    pub label: String,
    /// Its issuer, an address.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// Our secret there, if we have one.
    pub client_secret: Option<Secret<String>>,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// Whose users it knows; empty for the provider's.
    pub tenant: String,
    /// The roles of users who are made at their first sign-in; without any nobody is.
    pub roles: Option<Vec<Role>>,
    /// The claim that has the user's name.
    pub claim: String,
    /// The address of the console as browsers know it; else as each request says.
    pub url: Option<String>,
}

/// Why somebody was not let in.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// There is no such provider.
    #[error("there is no provider of identity `{0}`")]
    UnknownProvider(String),
    /// Too many are on their way.
    #[error("{STARTED_MAX} sign-ins have begun and not ended")]
    Busy,
    /// The answer belongs to no sign-in that this browser began.
    #[error("the sign-in took more than 10 minutes, was done already or began in another browser")]
    State,
    /// The provider did not let the person in.
    #[error("the provider of identity says: {0}")]
    Refused(String),
    /// The provider was not reached, or does not speak as it should.
    #[error("{0}")]
    Unreachable(String),
    /// The token is not one for us.
    #[error("the token is not accepted: {0}")]
    Token(String),
    /// The token does not say who it is.
    #[error("the token has no {0}: the provider of identity must give it")]
    Nameless(String),
}

impl OidcError {
    /// What it is called in the address of the page that says it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UnknownProvider(_) => "oidc-provider",
            Self::Busy => "oidc-busy",
            Self::State => "oidc-state",
            Self::Refused(_) => "oidc-refused",
            Self::Unreachable(_) => "oidc-unreachable",
            Self::Token(_) => "oidc-token",
            Self::Nameless(_) => "oidc-nameless",
        }
    }
}

/// Somebody who was sent to a provider.
struct Started {
    provider: String,
    /// The digest of the cookie of the browser.
    browser: String,
    verifier: String,
    nonce: String,
    redirect: String,
    to: String,
    /// Microseconds since the Unix epoch.
    at: u64,
}

/// Where a browser is sent, and what it keeps meanwhile.
pub struct Begun {
    /// The address at the provider.
    pub location: String,
    /// The value of the cookie by which the browser is known again.
    pub browser: String,
}

/// Who came back, and where to go on.
pub struct Finished<'a> {
    /// The provider.
    pub provider: &'a OidcConfig,
    /// Who it is there.
    pub identity: Identity,
    /// A path of ours.
    pub to: String,
}

/// What a browser comes back with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Returned<'a> {
    /// Our own word.
    pub state: &'a str,
    /// What the token is asked for with.
    pub code: Option<&'a str>,
    /// Why there is no code.
    pub error: Option<&'a str>,
    /// The issuer (RFC 9207).
    pub issuer: Option<&'a str>,
    /// The cookie.
    pub browser: &'a str,
}

/// All providers of identity.
pub struct Oidc {
    providers: BTreeMap<String, Provider>,
    started: Mutex<HashMap<String, Started>>,
}

impl Oidc {
    /// Knows these; nobody is asked before somebody signs in.
    pub fn new(configs: Vec<OidcConfig>) -> Self {
        let provider = |config: OidcConfig| (config.name.clone(), Provider::new(config));
        Self { providers: configs.into_iter().map(provider).collect(), started: Mutex::default() }
    }

    /// The providers by name.
    pub fn configs(&self) -> impl Iterator<Item = &OidcConfig> {
        self.providers.values().map(|provider| &provider.config)
    }

    fn provider(&self, name: &str) -> Result<&Provider, OidcError> {
        self.providers.get(name).ok_or_else(|| OidcError::UnknownProvider(name.to_owned()))
    }

    /// Sends a browser to the provider `name`, to come back to the console at `origin` and go on at the
    /// path `to`. `now` in microseconds since the Unix epoch.
    ///
    /// # Errors
    ///
    /// [`OidcError::UnknownProvider`], [`OidcError::Busy`], or [`OidcError::Unreachable`].
    pub async fn begin(
        &self,
        name: &str,
        to: &str,
        origin: &str,
        now: u64,
    ) -> Result<Begun, OidcError> {
        let provider = self.provider(name)?;
        let at = provider.endpoint(now).await?;
        let [state, browser, verifier, nonce] = std::array::from_fn(|_| secret::random_token());
        let origin = provider.config.url.as_deref().unwrap_or(origin).trim_end_matches('/');
        let redirect = format!("{origin}/api/v1/oidc/{}/callback", escaped(name));
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        let scope =
            std::iter::once("openid").chain(provider.config.scopes.iter().map(String::as_str));
        let scope = scope.collect::<Vec<_>>().join(" ");
        let query = form(&[
            ("response_type", "code"),
            ("client_id", &provider.config.client_id),
            ("redirect_uri", &redirect),
            ("scope", &scope),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let joint = if at.contains('?') { '&' } else { '?' };
        let location = format!("{at}{joint}{query}");
        let started = Started {
            provider: name.to_owned(),
            browser: secret::digest(&browser),
            verifier,
            nonce,
            redirect,
            to: own_path(to).to_owned(),
            at: now,
        };
        let mut all = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        if STARTED_MAX <= all.len() {
            all.retain(|_, one| lasts(one, now));
        }
        if STARTED_MAX <= all.len() {
            return Err(OidcError::Busy);
        }
        all.insert(state, started);
        Ok(Begun { location, browser })
    }

    /// Looks at what a browser comes back with from the provider `name`, and asks the provider who it is.
    /// `now` in microseconds since the Unix epoch. Each sign-in is finished once at most.
    ///
    /// # Errors
    ///
    /// [`OidcError`].
    pub async fn finish(
        &self,
        name: &str,
        returned: Returned<'_>,
        now: u64,
    ) -> Result<Finished<'_>, OidcError> {
        let provider = self.provider(name)?;
        let started = {
            let mut all = self.started.lock().unwrap_or_else(PoisonError::into_inner);
            let browser = secret::digest(returned.browser);
            let ours = |one: &Started| one.browser == browser && one.provider == name;
            // Of another browser nothing is taken away.
            let known = all.get(returned.state).is_some_and(ours);
            if known { all.remove(returned.state) } else { None }
        };
        let started = started.filter(|one| lasts(one, now)).ok_or(OidcError::State)?;
        if let Some(error) = returned.error {
            return Err(OidcError::Refused(error.chars().take(200).collect()));
        }
        if returned.issuer.is_some_and(|issuer| issuer != provider.config.issuer) {
            return Err(OidcError::Token("the answer is of another issuer".to_owned()));
        }
        let code = returned.code.ok_or(OidcError::State)?;
        let exchange = form(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &started.redirect),
            ("code_verifier", &started.verifier),
        ]);
        let identity = provider.identity(exchange, &started.nonce, now).await?;
        Ok(Finished { provider: &provider.config, identity, to: started.to })
    }
}

fn lasts(started: &Started, now: u64) -> bool {
    Duration::from_micros(now.saturating_sub(started.at)) < PATIENCE
}

/// A path of the console, else its first page: nobody is sent elsewhere by a link.
fn own_path(to: &str) -> &str {
    let plain = |c: char| c.is_ascii_graphic() && c != '\\';
    if to.starts_with("/t/") && to.len() <= 1_000 && to.chars().all(plain) { to } else { "/" }
}

/// `application/x-www-form-urlencoded`
fn form(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", escaped(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn a_link_leads_nowhere_but_to_our_pages() {
        assert_eq!(own_path("/t/acme/wallboard?x=1"), "/t/acme/wallboard?x=1");
        for other in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/t/\r\nX: y",
            "/api/v1",
        ] {
            assert_eq!(own_path(other), "/", "{other}");
        }
    }
}
