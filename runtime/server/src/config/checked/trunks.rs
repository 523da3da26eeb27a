//! Trunks: who may call in from outside, and where calls go out.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use jackfield_telephony::Registration;

use super::super::document::join;
use super::super::network::Network;
use super::super::numbers::Pattern;
use super::super::problems::Origin;
use super::super::secret::Secret;
use super::{Checker, raw};

/// One trunk.
#[derive(Clone, Debug)]
pub struct Trunk {
    /// What it is called.
    pub name: String,
    /// Networks whose calls are let in without a password.
    pub sources: Vec<Network>,
    /// The digest user that its calls come with, wherever they come from.
    pub inbound_user: Option<String>,
    /// The password of that user.
    pub inbound_password: Option<Secret<String>>,
    /// The numbers that may be reached; `None` is all.
    pub numbers: Option<Vec<Pattern>>,
    /// Where calls go out.
    pub outbound: Option<Outbound>,
}

impl Trunk {
    /// Whether `address` lies in one of its networks.
    pub fn has_source(&self, address: IpAddr) -> bool {
        self.sources.iter().any(|network| network.contains(address))
    }

    /// Whether the number `dialled` may be reached.
    pub fn may_reach(&self, dialled: &str) -> bool {
        self.numbers.as_ref().is_none_or(|all| all.iter().any(|number| number.fits(dialled)))
    }
}

/// Where calls go out.
#[derive(Clone)]
pub struct Outbound {
    /// The next hop: `host:port` with an optional `;transport=tcp`.
    pub proxy: String,
    /// The URI of the From header, if not the tenant's number.
    pub from: Option<String>,
    /// The digest user and password.
    pub credentials: Option<(String, Secret<String>)>,
    /// The host in the addresses of numbers called.
    pub domain: String,
    /// The registration to keep up, under the trunk's name.
    pub registration: Option<Registration>,
}

// By hand, because a registration would show its password.
impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound")
            .field("proxy", &self.proxy)
            .field("from", &self.from)
            .field("credentials", &self.credentials)
            .field("domain", &self.domain)
            .field("registers", &self.registration.is_some())
            .finish()
    }
}

impl Checker<'_> {
    /// Builds `[trunks]` in the order of the file, because the first that fits is taken.
    pub(super) fn trunks(&mut self, raw: BTreeMap<String, raw::Trunk>) -> Vec<Trunk> {
        let mut trunks: Vec<(Origin, Trunk)> = raw
            .into_iter()
            .map(|(name, trunk)| {
                let key = join("trunks", &name);
                (self.document.origin(&key), self.trunk(&key, name, trunk))
            })
            .collect();
        trunks.sort_by(|one, other| one.0.cmp(&other.0));
        trunks.into_iter().map(|(_, trunk)| trunk).collect()
    }

    fn trunk(&mut self, key: &str, name: String, raw: raw::Trunk) -> Trunk {
        let credentials = self.credentials(key, raw.user, raw.password);
        if raw.sources.is_empty() && credentials.is_none() && raw.outbound.is_none() {
            self.problem(key, "lets no call pass: give it `sources`, a `user` or `outbound`");
        }
        let (inbound_user, inbound_password) = credentials.unzip();
        let parse = |all: Vec<String>| all.iter().filter_map(|text| Pattern::parse(text)).collect();
        Trunk {
            sources: raw.sources.iter().filter_map(|text| Network::parse(text)).collect(),
            inbound_user,
            inbound_password,
            numbers: raw.numbers.map(parse),
            outbound: raw
                .outbound
                .and_then(|raw| self.outbound(&format!("{key}.outbound"), &name, raw)),
            name,
        }
    }

    fn outbound(&mut self, key: &str, name: &str, raw: raw::Outbound) -> Option<Outbound> {
        let credentials = self.credentials(key, raw.user, raw.password);
        let proxy = raw.proxy?;
        let aor = raw.aor.or_else(|| raw.from.clone());
        let registration = match (raw.register, aor, &credentials) {
            (false, _, _) => None,
            (true, Some(aor), Some((user, password))) => Some(Registration {
                name: name.to_owned(),
                registrar: raw.registrar.unwrap_or_else(|| format!("sip:{proxy}")),
                aor,
                user: user.clone(),
                password: password.expose().clone(),
                expires: raw.expires.0,
            }),
            (true, None, _) => {
                self.problem(key, "has `register` without `aor` or `from`: what to register");
                None
            }
            (true, _, None) => {
                self.problem(key, "has `register` without `user` and `password`");
                None
            }
        };
        let host = proxy.split([':', ';']).next().unwrap_or(&proxy).to_owned();
        let domain = raw.domain.unwrap_or(host);
        Some(Outbound { proxy, from: raw.from, credentials, domain, registration })
    }

    /// Pairs a user with a password: one without the other is a mistake.
    fn credentials(
        &mut self,
        key: &str,
        user: Option<String>,
        password: Option<Secret<String>>,
    ) -> Option<(String, Secret<String>)> {
        match (user, password) {
            (Some(user), Some(password)) => Some((user, password)),
            (Some(_), None) => {
                self.problem(key, "has a `user` without a `password`");
                None
            }
            (None, Some(_)) => {
                self.problem(key, "has a `password` without a `user`");
                None
            }
            (None, None) => None,
        }
    }
}
