//! Who asks, and what they may do.

use axum::http::{HeaderMap, StatusCode, header};
use sha2::{Digest, Sha256};

use super::problem::Problem;

/// What a token may do. Every scope that changes something includes [`Scope::Read`].
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// Look at everything of the tenant.
    Read,
    /// Change agents' states.
    Agents,
    /// Change contacts.
    Contacts,
    /// Publish flows and roll them back.
    Flows,
    /// Install plugins, activate them and roll them back.
    Plugins,
}

impl Scope {
    /// Every scope.
    #[cfg(test)]
    pub const ALL: [Self; 5] =
        [Self::Read, Self::Agents, Self::Contacts, Self::Flows, Self::Plugins];

    /// Its name in the configuration and in refusals.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Agents => "agents",
            Self::Contacts => "contacts",
            Self::Flows => "flows",
            Self::Plugins => "plugins",
        }
    }
}

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

/// Who asks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Principal {
    /// This machine's administrator: everything, everywhere.
    Admin,
    /// A token of one tenant.
    Token {
        /// Whose.
        tenant: String,
        /// What it is called.
        name: String,
        /// What it may do.
        scopes: Vec<Scope>,
    },
}

impl Principal {
    /// What they are called in logs, and as the author of what they write.
    pub fn name(&self) -> &str {
        match self {
            Self::Admin => "admin",
            Self::Token { name, .. } => name,
        }
    }

    /// Tells apart who asks: no two tokens have the same.
    pub fn key(&self) -> String {
        match self {
            Self::Admin => String::new(),
            Self::Token { tenant, name, .. } => format!("{tenant}/{name}"),
        }
    }

    /// Whether they may know of `tenant`.
    pub fn sees(&self, tenant: &str) -> bool {
        match self {
            Self::Admin => true,
            Self::Token { tenant: own, .. } => own == tenant,
        }
    }

    /// Refuses unless they have `scope`.
    pub fn require(&self, scope: Scope) -> Result<(), Problem> {
        let Self::Token { scopes, .. } = self else { return Ok(()) };
        let has = scopes.contains(&scope) || (scope == Scope::Read && !scopes.is_empty());
        if has {
            return Ok(());
        }
        let name = scope.name();
        let detail = format!("the token lacks the scope `{name}`");
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{name}\"");
        Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed", detail)
            .with_header(header::WWW_AUTHENTICATE, &challenge))
    }
}

type Digested = [u8; 32];

/// All tokens, by their digests.
pub struct Keyring {
    known: Vec<(Digested, Principal)>,
}

impl Keyring {
    /// Keeps the digests of the administrator's token and of the tenants'.
    pub fn new(admin_token: &str, grants: Vec<Grant>) -> Self {
        let admin = (digest(admin_token), Principal::Admin);
        // An empty token would be anybody's.
        let admin = Some(admin).filter(|_| !admin_token.is_empty());
        let grants = grants.into_iter().filter(|grant| !grant.token.is_empty()).map(|grant| {
            let Grant { tenant, name, token, scopes } = grant;
            (digest(&token), Principal::Token { tenant, name, scopes })
        });
        Self { known: admin.into_iter().chain(grants).collect() }
    }

    /// Returns who presents the token in `headers`.
    ///
    /// # Errors
    ///
    /// 401 if there is no token, or one that is not known.
    pub fn identify(&self, headers: &HeaderMap) -> Result<Principal, Problem> {
        let Some(token) = bearer(headers) else {
            let detail = "this resource needs `Authorization: Bearer TOKEN`";
            return Err(unauthenticated(detail, "Bearer realm=\"jackfield\""));
        };
        let presented = digest(token);
        let mut found = None;
        // Every token is compared to its end: the time taken tells nothing.
        for (known, principal) in &self.known {
            if same(known, &presented) {
                found = Some(principal);
            }
        }
        found.cloned().ok_or_else(|| {
            let challenge = "Bearer realm=\"jackfield\", error=\"invalid_token\"";
            unauthenticated("the token is not known", challenge)
        })
    }
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
    use super::{Grant, Keyring, Principal, Scope};
    use axum::http::{HeaderMap, HeaderValue, header};

    fn presenting(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).expect("a header"));
        headers
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
        assert_eq!(ring.identify(&presenting("Bearer root")).ok(), Some(Principal::Admin));
        let token = ring.identify(&presenting("bearer  t0k3n")).expect("known");
        assert!(token.sees("acme") && !token.sees("romashka"));
        for wrong in ["Bearer", "Bearer ", "Basic t0k3n", "Bearer t0k3", "Bearer t0k3n1", "t0k3n"] {
            assert!(ring.identify(&presenting(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_empty_token_is_nobodys() {
        let ring = Keyring::new("", Vec::new());
        assert!(ring.identify(&presenting("Bearer ")).is_err());
        assert!(ring.identify(&HeaderMap::new()).is_err());
    }

    #[test]
    fn every_scope_includes_reading_and_no_other() {
        for scope in Scope::ALL {
            let token = Principal::Token {
                tenant: "acme".to_owned(),
                name: "one".to_owned(),
                scopes: vec![scope],
            };
            for wanted in Scope::ALL {
                let may = token.require(wanted).is_ok();
                assert_eq!(may, wanted == scope || wanted == Scope::Read, "{scope:?} {wanted:?}");
            }
        }
        let none =
            Principal::Token { tenant: "acme".to_owned(), name: "none".to_owned(), scopes: vec![] };
        assert!(none.require(Scope::Read).is_err());
    }
}
