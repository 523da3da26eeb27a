//! Digest credentials: challenging with them and checking them (RFC 7616).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sipx_sip::auth::Algorithm;
use sipx_sip::{HeaderName, Request};
use sipx_ua::challenge::{Authenticator, Presented, Verdict};

use crate::api::Directory;

/// How long a nonce is good for.
const LIFETIME: Duration = Duration::from_secs(300);

/// Issues and checks.
pub(super) struct Digest {
    authenticator: Authenticator,
    last: u64,
}

/// What a request proved.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Proof {
    /// No credentials for our realm, or wrong ones.
    None,
    /// The right ones, but the nonce is too old.
    Stale,
    /// This account's.
    Account(String),
}

impl Proof {
    /// The account proved, if any.
    pub(super) fn account(&self) -> Option<String> {
        match self {
            Self::Account(account) => Some(account.clone()),
            _ => None,
        }
    }

    /// Whether only the nonce was wrong.
    pub(super) fn is_stale(&self) -> bool {
        *self == Self::Stale
    }
}

impl Digest {
    /// With a secret of this process: its nonces are worth nothing to another.
    pub(super) fn new(realm: &str) -> Self {
        // MD5, because many phones know nothing else, and some give up on a second challenge
        // with another algorithm.
        //
        // The authenticator's nonce is its clock and a MAC of it. With seconds, all phones that
        // ask within one second get the same nonce and all but the first to answer count as
        // replays. So its clock is ours: microseconds, never twice the same.
        let lifetime = Duration::from_secs(LIFETIME.as_secs() * 1_000_000);
        let authenticator = Authenticator::with_random_secret(realm)
            .with_algorithm(Algorithm::Md5)
            .with_lifetime(lifetime);
        Self { authenticator, last: 0 }
    }

    /// The value of WWW-Authenticate.
    pub(super) fn challenge(&mut self, stale: bool) -> String {
        self.last = now().max(self.last + 1);
        self.authenticator.challenge_at(stale, self.last)
    }

    /// Checks the credentials of a request, if it has any for our realm. `host` is that of the
    /// address on whose behalf it is sent: it tells apart users of the same name.
    pub(super) fn check(
        &mut self,
        request: &Request,
        host: &str,
        directory: &dyn Directory,
    ) -> Proof {
        let realm = self.authenticator.realm();
        let presented = [HeaderName::Authorization, HeaderName::ProxyAuthorization]
            .iter()
            .flat_map(|name| request.headers.get_all(name))
            .filter_map(|header| Presented::parse(&header.value()))
            .find(|presented| presented.realm == realm);
        let Some(presented) = presented else { return Proof::None };
        let account = directory.account(&presented.username, host);
        let Some(account) = account else { return Proof::None };
        let Some(password) = directory.password(&account) else { return Proof::None };
        let method = request.method.to_string();
        match self.authenticator.verify_at(&presented, &method, &password, now()) {
            Verdict::Authenticated => Proof::Account(account),
            Verdict::Stale => Proof::Stale,
            Verdict::Rejected(reason) => {
                tracing::debug!(?reason, "credentials were refused");
                Proof::None
            }
        }
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
