//! Who asks, and what they may do.

use axum::http::{HeaderMap, StatusCode, header};
use jackfield_store::{Session, User};
use sha2::{Digest, Sha256};

use super::cookie;
use super::problem::Problem;
use crate::access::{People, Right, Rights, Scope, rights_of};

/// A tenant's token and what it may do there.
#[derive(Clone)]
pub struct Grant {
    /// Whose.
    pub tenant: String,
    /// What the token is called in logs.
    pub name: String,
    /// The token.
    pub token: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

/// Who somebody is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Who {
    /// Nobody in particular: the route is open.
    Anybody,
    /// This machine's administrator.
    Operator,
    /// An access token of one tenant.
    Token {
        /// Whose.
        tenant: String,
        /// What it is called.
        name: String,
    },
    /// Somebody who has signed in.
    User(Box<User>),
}

/// Who asks, and what they may do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Principal {
    /// Who it is.
    pub who: Who,
    /// The session, if a browser's cookie says who it is.
    pub session: Option<Box<Session>>,
    rights: Rights,
}

impl Principal {
    /// Whoever asks what is open to anybody.
    pub fn anybody() -> Self {
        Self { who: Who::Anybody, session: None, rights: Rights::default() }
    }

    fn operator() -> Self {
        Self { who: Who::Operator, session: None, rights: Rights::all() }
    }

    fn token(tenant: String, name: String, scopes: &[Scope]) -> Self {
        let rights = scopes.iter().fold(Rights::default(), |all, scope| all.with(scope.rights()));
        Self { who: Who::Token { tenant, name }, session: None, rights }
    }

    /// Somebody who has signed in: until a given password is changed, without rights.
    pub fn user(user: User, session: Session) -> Self {
        let rights = if user.must_change { Rights::default() } else { rights_of(&user) };
        Self { who: Who::User(Box::new(user)), session: Some(Box::new(session)), rights }
    }

    /// What they are called in logs, and as the author of what they write.
    pub fn name(&self) -> &str {
        match &self.who {
            Who::Anybody => "public",
            Who::Operator => "admin",
            Who::Token { name, .. } => name,
            Who::User(user) => &user.name,
        }
    }

    /// Tells apart who asks: no two tokens or users have the same.
    pub fn key(&self) -> String {
        match &self.who {
            Who::Anybody => "-".to_owned(),
            Who::Operator => String::new(),
            Who::Token { tenant, name } => format!("{tenant}/{name}"),
            Who::User(user) => format!("{}/user/{}", user.tenant, user.name),
        }
    }

    /// The tenant they are of; `None` if of all.
    pub fn tenant(&self) -> Option<&str> {
        match &self.who {
            Who::Token { tenant, .. } => Some(tenant),
            Who::User(user) if !user.tenant.is_empty() => Some(&user.tenant),
            Who::Anybody | Who::Operator | Who::User(_) => None,
        }
    }

    /// Which agent of their tenant they are.
    pub fn agent(&self) -> Option<&str> {
        match &self.who {
            Who::User(user) => user.agent.as_deref(),
            _ => None,
        }
    }

    /// Whether they may do everything everywhere.
    pub fn is_provider(&self) -> bool {
        match &self.who {
            Who::Operator => true,
            Who::User(user) => user.tenant.is_empty() && self.rights == Rights::all(),
            Who::Anybody | Who::Token { .. } => false,
        }
    }

    /// Whether they may know of `tenant`.
    pub fn sees(&self, tenant: &str) -> bool {
        self.is_provider() || self.tenant() == Some(tenant)
    }

    /// What they may do in the tenants that they see.
    pub const fn rights(&self) -> Rights {
        self.rights
    }

    /// Refuses unless they have `right`.
    ///
    /// # Errors
    ///
    /// 403 that names it.
    pub fn require(&self, right: Right) -> Result<(), Problem> {
        if self.rights.has(right) {
            return Ok(());
        }
        Err(self.lacks(right))
    }

    /// Refuses unless they may act on `agent`: on all agents, or on the one they are.
    ///
    /// # Errors
    ///
    /// 403 that says which right is lacking.
    pub fn require_agent(&self, agent: &str) -> Result<(), Problem> {
        let own = self.rights.has(Right::Serve) && self.agent() == Some(agent);
        if own || self.rights.has(Right::Supervise) {
            return Ok(());
        }
        Err(self.lacks(Right::Supervise))
    }

    fn lacks(&self, right: Right) -> Problem {
        let name = right.name();
        if let Who::User(user) = &self.who {
            let detail = match user.must_change {
                true => "the password was given by somebody else: change it first".to_owned(),
                false => format!("none of your roles has the right `{name}`"),
            };
            return forbidden(detail);
        }
        let detail = format!("the token lacks the right `{name}`");
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{name}\"");
        forbidden(detail).with_header(header::WWW_AUTHENTICATE, &challenge)
    }
}

/// 403.
pub fn forbidden(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed", detail)
}

type Digested = [u8; 32];

/// All tokens, by their digests.
pub struct Keyring {
    known: Vec<(Digested, Principal)>,
}

impl Keyring {
    /// Keeps the digests of the administrator's token and of the tenants'.
    pub fn new(admin_token: &str, grants: Vec<Grant>) -> Self {
        let admin = (digest(admin_token), Principal::operator());
        // An empty token would be anybody's.
        let admin = Some(admin).filter(|_| !admin_token.is_empty());
        let grants = grants.into_iter().filter(|grant| !grant.token.is_empty()).map(|grant| {
            let Grant { tenant, name, token, scopes } = grant;
            (digest(&token), Principal::token(tenant, name, &scopes))
        });
        Self { known: admin.into_iter().chain(grants).collect() }
    }

    /// Returns who presents the token in `headers`, or else the cookie of a session.
    ///
    /// # Errors
    ///
    /// 401 if there is neither, or one that is not known; 403 if a page of another site sent the cookie.
    pub fn identify(&self, headers: &HeaderMap, people: &People) -> Result<Principal, Problem> {
        if let Some(token) = bearer(headers) {
            return self.holder(&digest(token)).ok_or_else(|| {
                let challenge = "Bearer realm=\"jackfield\", error=\"invalid_token\"";
                unauthenticated("the token is not known", challenge)
            });
        }
        let realm = "Bearer realm=\"jackfield\"";
        let Some(cookie) = cookie::of(headers) else {
            let detail = "this resource needs `Authorization: Bearer TOKEN`, or that you sign in";
            return Err(unauthenticated(detail, realm));
        };
        cookie::same_site(headers)?;
        let now = crate::tenant::now().as_micros();
        let over = || unauthenticated("the session is over: sign in again", realm);
        let (session, user) = people.session(cookie, now).ok_or_else(over)?;
        if let Some(user) = user {
            return Ok(Principal::user(user, session));
        }
        // The token may have been taken out of the configuration meanwhile.
        let token = session.token.as_deref().unwrap_or_default();
        let known = self.known.iter().find(|(known, _)| hexadecimal(known) == token);
        let mut principal = known.map(|(_, principal)| principal.clone()).ok_or_else(over)?;
        principal.session = Some(Box::new(session));
        Ok(principal)
    }

    /// Whose token has this digest.
    fn holder(&self, presented: &Digested) -> Option<Principal> {
        let mut found = None;
        // Every token is compared to its end: the time taken tells nothing.
        for (known, principal) in &self.known {
            if same(known, presented) {
                found = Some(principal);
            }
        }
        found.cloned()
    }

    /// Whose token it is, and its digest in hexadecimal.
    pub fn of_token(&self, token: &str) -> Option<(Principal, String)> {
        let digest = digest(token.trim());
        Some((self.holder(&digest)?, hexadecimal(&digest)))
    }
}

fn hexadecimal(digest: &Digested) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unauthenticated(detail: &str, challenge: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthenticated", "Who are you?", detail)
        .with_header(header::WWW_AUTHENTICATE, challenge)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn digest(token: &str) -> Digested {
    Sha256::digest(token.as_bytes()).into()
}

fn same(one: &Digested, other: &Digested) -> bool {
    one.iter().zip(other).fold(0_u8, |seen, (a, b)| seen | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::{Grant, Keyring, Who};
    use crate::access::{People, Policy, Right, Scope};
    use axum::http::{HeaderMap, HeaderValue, header};

    fn presenting(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).expect("a header"));
        headers
    }

    fn people() -> People {
        People::open(None, Policy::default()).expect("no store")
    }

    #[test]
    fn a_token_is_known_by_its_digest_only() {
        let grant = Grant {
            tenant: "acme".to_owned(),
            name: "wallboard".to_owned(),
            token: "t0k3n".to_owned(),
            scopes: vec![Scope::Read],
        };
        let ring = Keyring::new("root", vec![grant]);
        let root = ring.identify(&presenting("Bearer root"), &people()).expect("known");
        assert_eq!(root.who, Who::Operator);
        assert!(root.is_provider() && root.sees("acme"));
        let token = ring.identify(&presenting("bearer  t0k3n"), &people()).expect("known");
        assert!(token.sees("acme") && !token.sees("romashka") && !token.is_provider());
        assert!(token.require(Right::Look).is_ok() && token.require(Right::Supervise).is_err());
        for wrong in ["Bearer", "Bearer ", "Basic t0k3n", "Bearer t0k3", "Bearer t0k3n1", "t0k3n"] {
            assert!(ring.identify(&presenting(wrong), &people()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_empty_token_is_nobodys() {
        let ring = Keyring::new("", Vec::new());
        assert!(ring.identify(&presenting("Bearer "), &people()).is_err());
        assert!(ring.identify(&HeaderMap::new(), &people()).is_err());
    }
}
