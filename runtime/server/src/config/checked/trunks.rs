//! Trunks: who may call in from outside, and where calls go out.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

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
    /// The digest user and password that its calls come with.
    pub credentials: Option<(String, Secret<String>)>,
    /// The numbers that may be reached; `None` is all.
    pub numbers: Option<Vec<Pattern>>,
    /// Where calls go out.
    pub outbound: Option<Outbound>,
}

impl Trunk {
    /// Whether calls from `address` are let in without a password.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.sources.iter().any(|network| network.contains(address))
    }

    /// Whether the number `dialled` may be reached.
    pub fn allows(&self, dialled: &str) -> bool {
        self.numbers.as_ref().is_none_or(|all| all.iter().any(|number| number.fits(dialled)))
    }
}

/// Where calls go out.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// The next hop: `host:port` with an optional `;transport=tcp`.
    pub proxy: String,
    /// The URI of the From header, if not the tenant's number.
    pub from: Option<String>,
    /// The digest user and password.
    pub credentials: Option<(String, Secret<String>)>,
    /// How to register, if at all: registrar, address of record, expiry.
    pub register: Option<(String, String, Duration)>,
}

impl Outbound {
    /// Returns the registration to keep up, if there is one, under the trunk's `name`.
    pub fn registration(&self, name: &str) -> Option<Registration> {
        let (registrar, aor, expires) = self.register.clone()?;
        let (user, password) = self.credentials.as_ref()?;
        Some(Registration {
            name: name.to_owned(),
            registrar,
            aor,
            user: user.clone(),
            password: password.expose().clone(),
            expires,
        })
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
        let parse = |all: Vec<String>| all.iter().filter_map(|text| Pattern::parse(text)).collect();
        Trunk {
            sources: raw.sources.iter().filter_map(|text| Network::parse(text)).collect(),
            credentials,
            numbers: raw.numbers.map(parse),
            outbound: raw.outbound.and_then(|raw| self.outbound(&format!("{key}.outbound"), raw)),
            name,
        }
    }

    fn outbound(&mut self, key: &str, raw: raw::Outbound) -> Option<Outbound> {
        let credentials = self.credentials(key, raw.user, raw.password);
        let proxy = raw.proxy?;
        let aor = raw.aor.or_else(|| raw.from.clone());
        let register = match (raw.register, aor) {
            (false, _) => None,
            (true, Some(aor)) => {
                let registrar = raw.registrar.unwrap_or_else(|| format!("sip:{proxy}"));
                Some((registrar, aor, raw.expires.0))
            }
            (true, None) => {
                self.problem(key, "has `register` without `aor` or `from`: what to register");
                None
            }
        };
        if register.is_some() && credentials.is_none() {
            self.problem(key, "has `register` without `user` and `password`");
        }
        Some(Outbound { proxy, from: raw.from, credentials, register })
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
