//! Whom a host trusts, and what a tenant accepts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::error::PackageError;
use crate::key::PublisherKey;
use crate::lock::Locked;
use crate::package::Package;

/// The publishers whose signatures count, and what was revoked. A TOML file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrustStore {
    /// Publishers by name.
    pub publishers: BTreeMap<String, Publisher>,
    /// Keys and packages that nobody may use any more.
    pub revoked: Vec<Revocation>,
}

/// Someone who signs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publisher {
    /// The keys: an old one stays until everything it signed is replaced.
    pub keys: Vec<PublisherKey>,
}

/// A key or a package that must not be used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// The name of a key, [`PublisherKey::id`], or the digest of a package or of a component.
    pub digest: Digest,
    /// Why, for whoever runs into it.
    pub reason: String,
}

/// What a tenant accepts.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Only packages that a known publisher signed.
    pub require_signature: bool,
    /// Only these publishers; empty is all of the trust store.
    pub publishers: Vec<String>,
    /// Permissions that only an operator may give: `crm.write`, `http *`.
    pub operator_grants: Vec<String>,
}

/// A package that was accepted.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Verified {
    /// Who signed it; `None` if nobody known did and nobody had to.
    pub publisher: Option<String>,
    /// The name of the key.
    pub key: Option<Digest>,
    /// The names of all keys of the trust store by which it is truly signed.
    pub signers: Vec<Digest>,
    /// Permissions that need an operator's consent.
    pub needs_operator: Vec<String>,
}

impl Verified {
    /// Nobody signed it, as far as is known.
    pub fn nobody() -> Self {
        Self { publisher: None, key: None, signers: Vec::new(), needs_operator: Vec::new() }
    }
}

impl TrustStore {
    /// Reads a trust store.
    ///
    /// # Errors
    ///
    /// [`PackageError::Malformed`] with line and column; one key of two publishers, a publisher
    /// without keys.
    pub fn parse(file: &str, text: &str) -> Result<Self, PackageError> {
        let malformed =
            |problem: String| PackageError::Malformed { file: file.to_owned(), problem };
        let store: Self =
            toml::from_str(text).map_err(|error| malformed(error.to_string().trim_end().into()))?;
        let mut owners: BTreeMap<Digest, &str> = BTreeMap::new();
        for (name, publisher) in &store.publishers {
            if publisher.keys.is_empty() {
                return Err(malformed(format!("the publisher `{name}` has no keys")));
            }
            for key in &publisher.keys {
                if let Some(other) = owners.insert(key.id(), name)
                    && other != name
                {
                    let problem = format!("`{name}` and `{other}` have the same key {}", key.id());
                    return Err(malformed(problem));
                }
            }
        }
        Ok(store)
    }

    /// Writes it as it is read.
    ///
    /// # Errors
    ///
    /// [`PackageError::Malformed`] if it cannot be written, which does not happen.
    pub fn to_toml(&self) -> Result<String, PackageError> {
        toml::to_string_pretty(self).map_err(|error| PackageError::Malformed {
            file: "the trust store".to_owned(),
            problem: error.to_string(),
        })
    }

    /// Decides whether a package may be used by a tenant with `policy`.
    ///
    /// # Errors
    ///
    /// [`PackageError::Refused`] says why and what would help.
    pub fn verify(&self, package: &Package, policy: &Policy) -> Result<Verified, PackageError> {
        let refuse = |reason: String| {
            Err(PackageError::Refused {
                name: package.manifest().name.clone(),
                version: package.version().to_string(),
                reason,
            })
        };
        let revoked = |digest: Digest| self.entry(digest);
        if let Some(entry) = revoked(package.digest()) {
            return refuse(format!("the package was revoked: {}", entry.reason));
        }
        if let Some(entry) = revoked(Digest::of(package.component())) {
            return refuse(format!("its component was revoked: {}", entry.reason));
        }
        let signed_by = package.signatures().iter().flat_map(|signature| signature.key_ids());
        let signed_by: Vec<Digest> = signed_by.collect();
        let mut revoked_key = None;
        let mut not_allowed = None;
        let mut wrong = None;
        let mut signer = None;
        for (name, key) in self.keys() {
            if !signed_by.contains(&key.id()) {
                continue;
            }
            if let Some(entry) = revoked(key.id()) {
                revoked_key = Some((name, entry));
                continue;
            }
            let statements = package.signatures().iter().filter_map(|s| s.verified_by(key));
            if !statements.into_iter().any(|statement| statement == package.statement()) {
                wrong = Some(name);
            } else if !policy.publishers.is_empty()
                && !policy.publishers.iter().any(|allowed| allowed == name)
            {
                not_allowed = Some(name);
            } else {
                signer = Some((name, key.id()));
                break;
            }
        }
        if let Some(entry) = signed_by.iter().find_map(|id| revoked(*id))
            && signer.is_none()
        {
            return refuse(match revoked_key {
                Some((name, _)) => {
                    format!("the key of `{name}` that signed it was revoked: {}", entry.reason)
                }
                None => format!("the key that signed it was revoked: {}", entry.reason),
            });
        }
        // A signature that is there and does not fit is worse than none.
        if let (Some(name), None) = (wrong, &signer) {
            return refuse(format!("the signature of `{name}` is not of this package"));
        }
        let must = policy.require_signature || !policy.publishers.is_empty();
        if must && signer.is_none() {
            return refuse(match (not_allowed, signed_by.is_empty()) {
                (Some(name), _) => {
                    let allowed = policy.publishers.join(", ");
                    format!("it is signed by `{name}`, this tenant accepts {allowed}")
                }
                (None, true) => "it is not signed, and this tenant requires a signature".to_owned(),
                (None, false) => {
                    let keys: Vec<String> = signed_by.iter().map(Digest::to_string).collect();
                    format!(
                        "it is signed by nobody of the trust store (keys {}): add the publisher if you \
                         trust it",
                        keys.join(", ")
                    )
                }
            });
        }
        let needs_operator = package.manifest().permissions();
        let needs_operator = needs_operator.into_iter().filter(|one| policy.needs_operator(one));
        Ok(Verified {
            publisher: signer.map(|(name, _)| name.to_owned()),
            key: signer.map(|(_, id)| id),
            signers: self.signers(package),
            needs_operator: needs_operator.collect(),
        })
    }

    /// Tells whether what was installed with this component must not be used any more, and why. `from`
    /// is the package that it came in, if it came in one.
    pub fn revoked(&self, component: Digest, from: Option<&Locked>) -> Option<&Revocation> {
        let of_package = |from: &Locked| {
            // Another publisher's signature still vouches for it.
            let vouches = |signer: &Digest| {
                let known = self.keys().any(|(_, key)| key.id() == *signer);
                known && self.entry(*signer).is_none()
            };
            let of_keys = || from.keys.iter().find_map(|key| self.entry(*key));
            let vouched = from.signers.iter().any(vouches);
            self.entry(from.package).or_else(|| if vouched { None } else { of_keys() })
        };
        self.entry(component).or_else(|| from.and_then(of_package))
    }

    fn entry(&self, digest: Digest) -> Option<&Revocation> {
        self.revoked.iter().find(|entry| entry.digest == digest)
    }

    fn signers(&self, package: &Package) -> Vec<Digest> {
        let signs = |key: &PublisherKey| {
            let statements = package.signatures().iter().filter_map(|one| one.verified_by(key));
            statements.into_iter().any(|statement| statement == package.statement())
        };
        self.keys().filter(|(_, key)| signs(key)).map(|(_, key)| key.id()).collect()
    }

    fn keys(&self) -> impl Iterator<Item = (&str, &PublisherKey)> {
        let each = self.publishers.iter();
        each.flat_map(|(name, publisher)| publisher.keys.iter().map(move |k| (name.as_str(), k)))
    }
}

impl Policy {
    /// Tells whether only an operator may give `permission`; `http *` stands for every host.
    pub fn needs_operator(&self, permission: &str) -> bool {
        self.operator_grants.iter().any(|grant| match grant.strip_suffix('*') {
            Some(start) => permission.starts_with(start),
            None => grant == permission,
        })
    }
}
