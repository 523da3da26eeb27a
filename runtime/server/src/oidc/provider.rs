//! One provider: where it is, its keys, and the tokens that it gives.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jackfield_egress::{Egress, EgressConfig, HostRule, Network, Policy, Request};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;

use super::{OidcConfig, OidcError, form};
use crate::cli::escaped;

/// How long what a provider says of itself counts; keys that are not among those known are asked for at
/// once.
const KNOWN_FOR: Duration = Duration::from_secs(600);
/// How far clocks may be apart, in seconds.
const LEEWAY: u64 = 60;
/// The longest token, in bytes.
const TOKEN_MAX: usize = 64 * 1024;
/// Signatures by public keys: a secret that both know proves nothing to a third, and `none` nothing at all.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// Who somebody is at a provider.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identity {
    /// Issuer and subject, by which the person is known for ever.
    pub external: String,
    /// The name of the user.
    pub name: String,
    /// The name as shown; may be empty.
    pub full_name: String,
}

/// OpenID Connect Discovery 1.0, section 3: what we need of it.
#[derive(Clone, Debug, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    #[serde(default)]
    access_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// OpenID Connect Core 1.0, section 2. What has another type is no token.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: u64,
    #[serde(default)]
    nbf: Option<u64>,
    #[serde(default)]
    azp: Option<String>,
    #[serde(default)]
    nonce: Option<String>,
}

struct Known {
    metadata: Metadata,
    keys: JwkSet,
    /// Microseconds since the Unix epoch.
    at: u64,
}

/// One provider of identity.
pub struct Provider {
    pub config: OidcConfig,
    egress: Egress,
    known: RwLock<Option<Arc<Known>>>,
}

impl Provider {
    pub fn new(config: OidcConfig) -> Self {
        // Whom the operator names may be in the operator's own network.
        let everywhere = ["0.0.0.0/0", "::/0"].iter().filter_map(|all| Network::parse(all));
        let egress =
            EgressConfig { allow_networks: everywhere.collect(), ..EgressConfig::default() };
        Self { config, egress: Egress::new(egress), known: RwLock::default() }
    }

    /// Where people are sent.
    pub async fn endpoint(&self, now: u64) -> Result<String, OidcError> {
        Ok(self.known(now).await?.metadata.authorization_endpoint.clone())
    }

    async fn known(&self, now: u64) -> Result<Arc<Known>, OidcError> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        let fresh =
            |known: &Arc<Known>| Duration::from_micros(now.saturating_sub(known.at)) < KNOWN_FOR;
        match known.filter(fresh) {
            Some(known) => Ok(known),
            None => self.discover(now).await,
        }
    }

    async fn discover(&self, now: u64) -> Result<Arc<Known>, OidcError> {
        let issuer = &self.config.issuer;
        let at = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let metadata: Metadata = self.get(&at).await?;
        if metadata.issuer != *issuer {
            let said = &metadata.issuer;
            let why = format!("`{at}` is of the issuer `{said}`, not of `{issuer}`");
            return Err(OidcError::Unreachable(why));
        }
        check_address(&metadata.authorization_endpoint).map_err(OidcError::Unreachable)?;
        let keys = self.get(&metadata.jwks_uri).await?;
        let known = Arc::new(Known { metadata, keys, at: now });
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&known));
        Ok(known)
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, url: &str) -> Result<T, OidcError> {
        self.get_as(url, None).await
    }

    async fn get_as<T: serde::de::DeserializeOwned>(
        &self,
        url: &str,
        token: Option<&str>,
    ) -> Result<T, OidcError> {
        let bearer = token.map(|token| ("authorization".to_owned(), format!("Bearer {token}")));
        let accept = ("accept".to_owned(), "application/json".to_owned());
        let headers = bearer.into_iter().chain([accept]).collect();
        let (status, body) = self.send("GET", url, headers, String::new()).await?;
        let bad = |why: String| OidcError::Unreachable(format!("`{url}` {why}"));
        if status != 200 {
            return Err(bad(format!("answers with {status}")));
        }
        serde_json::from_slice(&body).map_err(|error| bad(format!("is not understood: {error}")))
    }

    async fn send(
        &self,
        method: &'static str,
        url: &str,
        headers: Vec<(String, String)>,
        body: String,
    ) -> Result<(u16, Vec<u8>), OidcError> {
        let host = check_address(url).and_then(HostRule::parse).map_err(OidcError::Unreachable)?;
        let policy =
            Policy { owner: self.config.name.clone(), hosts: vec![host], ..Policy::default() };
        let (url, body) = (url.to_owned(), body.into_bytes());
        let sent = Request { method, url: url.clone(), headers, body, timeout: None };
        let answered = self.egress.send(&policy, sent).await;
        let answered =
            answered.map_err(|error| OidcError::Unreachable(format!("`{url}`: {error}")))?;
        Ok((answered.status, answered.body))
    }

    /// Asks for the ID token that `exchange` stands for, and reads who it is about.
    pub async fn identity(
        &self,
        exchange: String,
        nonce: &str,
        now: u64,
    ) -> Result<Identity, OidcError> {
        let known = self.known(now).await?;
        let Tokens { id_token: token, access_token } = self.token(&known, exchange).await?;
        let header = decode_header(&token).map_err(|error| OidcError::Token(error.to_string()))?;
        let has = |known: &Known| key_of(&known.keys, header.kid.as_deref()).is_some();
        let known = match has(&known) {
            true => known,
            // Keys change.
            false => self.discover(now).await?,
        };
        let key = key_of(&known.keys, header.kid.as_deref());
        let key =
            key.ok_or_else(|| OidcError::Token("it is signed by an unknown key".to_owned()))?;
        let (subject, mut all) = self.read(&token, header.alg, key, nonce, now / 1_000_000)?;
        // Core, 5.4: where there is an access token, the claims of a scope need not be in the ID token.
        let asks = known.metadata.userinfo_endpoint.as_ref().zip(access_token);
        if let (None, Some((at, access))) = (all.get(&self.config.claim), asks) {
            let more: Value = self.get_as(at, Some(&access)).await?;
            // Core, 5.3.2: of another subject nothing counts.
            if more.get("sub").and_then(Value::as_str) != Some(&subject) {
                return Err(OidcError::Token(
                    "the user's claims are of another subject".to_owned(),
                ));
            }
            all = more;
        }
        self.named(&subject, &all)
    }

    async fn token(&self, known: &Known, mut body: String) -> Result<Tokens, OidcError> {
        let (id, at) = (&self.config.client_id, &known.metadata.token_endpoint);
        let mut headers = vec![
            ("accept".to_owned(), "application/json".to_owned()),
            ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
        ];
        let methods = known.metadata.token_endpoint_auth_methods_supported.as_ref();
        let basic = methods.is_none_or(|all| all.iter().any(|one| one == "client_secret_basic"));
        match &self.config.client_secret {
            Some(secret) if basic => {
                // RFC 6749, 2.3.1: encoded as in a form first.
                let pair = format!("{}:{}", escaped(id), escaped(secret.expose()));
                let value = format!("Basic {}", STANDARD.encode(pair));
                headers.push(("authorization".to_owned(), value));
            }
            Some(secret) => {
                let pairs = [("client_id", id.as_str()), ("client_secret", secret.expose())];
                body = format!("{body}&{}", form(&pairs));
            }
            None => body = format!("{body}&{}", form(&[("client_id", id)])),
        }
        let (status, answer) = self.send("POST", at, headers, body).await?;
        if status != 200 {
            let said: Value = serde_json::from_slice(&answer).unwrap_or_default();
            let said = said.get("error").and_then(Value::as_str).unwrap_or("no reason");
            let said: String = said.chars().take(200).collect();
            return Err(OidcError::Refused(format!("{said} ({status})")));
        }
        let tokens = serde_json::from_slice::<Tokens>(&answer);
        let tokens = tokens.map_err(|error| OidcError::Token(error.to_string()))?;
        let fits = tokens.id_token.len() <= TOKEN_MAX;
        fits.then_some(tokens).ok_or_else(|| OidcError::Token("it is too long".to_owned()))
    }

    /// Checks a token as OpenID Connect Core 1.0, section 3.1.3.7, says; returns its subject and all claims.
    /// `now` in seconds.
    fn read(
        &self,
        token: &str,
        algorithm: Algorithm,
        key: DecodingKey,
        nonce: &str,
        now: u64,
    ) -> Result<(String, Value), OidcError> {
        let bad = |why: &str| OidcError::Token(why.to_owned());
        if !ALGORITHMS.contains(&algorithm) {
            return Err(bad("it is not signed by a public key"));
        }
        // Only the signature is left to the library; the claims are read below, by their types.
        let mut signed = Validation::new(algorithm);
        signed.validate_exp = false;
        signed.validate_aud = false;
        signed.required_spec_claims.clear();
        let all = decode::<Value>(token, &key, &signed).map_err(|error| bad(&error.to_string()))?;
        let all = all.claims;
        let claims = serde_json::from_value::<Claims>(all.clone());
        let claims = claims.map_err(|error| bad(&error.to_string()))?;
        let us = &self.config.client_id;
        let (ours, alone) = match &claims.aud {
            Audience::One(one) => (one == us, true),
            Audience::Many(many) => (many.contains(us), many.len() == 1),
        };
        if claims.iss != self.config.issuer {
            return Err(bad("it is of another issuer"));
        }
        if !ours || claims.azp.as_ref().map_or(!alone, |party| party != us) {
            return Err(bad("it is for another audience"));
        }
        if claims.exp.saturating_add(LEEWAY) <= now {
            return Err(bad("it has expired"));
        }
        if claims.nbf.is_some_and(|since| now.saturating_add(LEEWAY) < since) {
            return Err(bad("it is not valid yet"));
        }
        if claims.nonce.as_deref() != Some(nonce) {
            return Err(bad("it is for another sign-in"));
        }
        if claims.sub.is_empty() || 255 < claims.sub.len() {
            return Err(bad("its subject is empty or too long"));
        }
        Ok((claims.sub, all))
    }

    /// Who the claims say it is.
    fn named(&self, subject: &str, all: &Value) -> Result<Identity, OidcError> {
        let claim = self.config.claim.as_str();
        // Some write it as a text.
        let verified = matches!(all.get("email_verified"), Some(Value::Bool(true)))
            || all.get("email_verified").and_then(Value::as_str) == Some("true");
        if claim == "email" && !verified {
            return Err(OidcError::Nameless("`email` that is verified".to_owned()));
        }
        let name = all.get(claim).and_then(Value::as_str).filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| OidcError::Nameless(format!("`{claim}`")))?;
        let full_name = all.get("name").and_then(Value::as_str).unwrap_or_default();
        Ok(Identity {
            external: format!("{} {subject}", self.config.issuer),
            name: name.to_owned(),
            full_name: full_name.chars().take(100).collect(),
        })
    }
}

/// The key with this id, or the only one there is.
fn key_of(keys: &JwkSet, id: Option<&str>) -> Option<DecodingKey> {
    let key = match (id, keys.keys.as_slice()) {
        (Some(id), _) => keys.find(id)?,
        (None, [only]) => only,
        (None, _) => return None,
    };
    DecodingKey::from_jwk(key).ok()
}

/// Host and port of an address that secrets may be sent to: `https`, or `http` on this machine.
///
/// # Errors
///
/// What would be accepted.
pub fn check_address(url: &str) -> Result<&str, String> {
    let bad =
        || format!("`{url}`: `https://HOST` is accepted, and `http://` on this machine alone");
    let (tls, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return Err(bad()),
    };
    let host =
        rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty()).ok_or_else(bad)?;
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => name,
        _ => host,
    };
    let address = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    let here = name == "localhost" || address.is_ok_and(|address| address.is_loopback());
    if host.contains('@') || !tls && !here { Err(bad()) } else { Ok(host) }
}

#[cfg(test)]
mod tests;
