//! The lock file: which package each plugin is, so that a later install is the same one.

use std::cmp::Ordering;

use semver::Version;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::error::PackageError;
use crate::package::Package;
use crate::trust::Verified;

/// What was installed. A TOML file.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// One entry a plugin, by name.
    #[serde(default, rename = "plugin")]
    pub plugins: Vec<Locked>,
    /// What was installed before, oldest first: it serves again after a step back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Locked>,
}

/// How many earlier packages are remembered for each plugin.
const EARLIER: usize = 100;

/// One plugin that was installed.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locked {
    /// The plugin.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The package's digest.
    pub package: Digest,
    /// The component's digest: how the host names it.
    pub component: Digest,
    /// Who signed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// The names of the keys that its signatures claim.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<Digest>,
    /// Those of them that were in the trust store and had truly signed it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signers: Vec<Digest>,
    /// What it was allowed.
    pub permissions: Vec<String>,
}

impl Lock {
    /// Reads a lock file.
    ///
    /// # Errors
    ///
    /// [`PackageError::Malformed`] with line and column.
    pub fn parse(file: &str, text: &str) -> Result<Self, PackageError> {
        toml::from_str(text).map_err(|error| PackageError::Malformed {
            file: file.to_owned(),
            problem: error.to_string().trim_end().to_owned(),
        })
    }

    /// Writes it as it is read.
    ///
    /// # Errors
    ///
    /// [`PackageError::Malformed`] if it cannot be written, which does not happen.
    pub fn to_toml(&self) -> Result<String, PackageError> {
        toml::to_string_pretty(self).map_err(|error| PackageError::Malformed {
            file: "the lock file".to_owned(),
            problem: error.to_string(),
        })
    }

    /// Returns what is installed of `name`.
    pub fn get(&self, name: &str) -> Option<&Locked> {
        self.plugins.iter().find(|locked| locked.name == name)
    }

    /// Returns the package that a component came in, the latest if there were several.
    pub fn of_component(&self, component: Digest) -> Option<&Locked> {
        let all = self.plugins.iter().chain(self.earlier.iter().rev());
        all.into_iter().find(|locked| locked.component == component)
    }

    /// Enters a package in stead of what was installed of it.
    ///
    /// An older version is refused unless `downgrade`, other bytes under the same version always:
    /// whoever can make either chooses a version with a known hole.
    ///
    /// # Errors
    ///
    /// [`PackageError::Refused`].
    pub fn enter(
        &mut self,
        package: &Package,
        verified: &Verified,
        downgrade: bool,
    ) -> Result<(), PackageError> {
        let manifest = package.manifest();
        let refuse = |reason: String| {
            Err(PackageError::Refused {
                name: manifest.name.clone(),
                version: package.version().to_string(),
                reason,
            })
        };
        if let Some(old) = self.get(&manifest.name) {
            match package.version().cmp_precedence(&old.version) {
                Ordering::Less if !downgrade => {
                    let reason = format!("{} is installed, and it is older", old.version);
                    return refuse(format!("{reason}: `--downgrade` if that is meant"));
                }
                Ordering::Equal if package.digest() != old.package => {
                    let reason = format!("this version is pinned to {}", old.package);
                    return refuse(format!("{reason}, and this is {}", package.digest()));
                }
                _ => (),
            }
            let publisher = old.publisher.as_ref();
            if publisher.is_some() && publisher != verified.publisher.as_ref() {
                let was = old.publisher.as_deref().unwrap_or("nobody");
                let now = verified.publisher.as_deref().unwrap_or("nobody known");
                return refuse(format!("`{was}` signed what is installed, and {now} signed this"));
            }
        }
        self.set_aside(&manifest.name, package.digest());
        let claimed = package.signatures().iter().flat_map(|signature| signature.key_ids());
        self.plugins.push(Locked {
            name: manifest.name.clone(),
            version: package.version().clone(),
            package: package.digest(),
            component: Digest::of(package.component()),
            publisher: verified.publisher.clone(),
            keys: claimed.collect(),
            signers: verified.signers.clone(),
            permissions: manifest.permissions(),
        });
        self.plugins.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(())
    }

    /// Puts what is installed of `name` among what was, unless it is `coming` again.
    fn set_aside(&mut self, name: &str, coming: Digest) {
        let old = self.plugins.extract_if(.., |locked| locked.name == name);
        self.earlier.extend(old);
        self.earlier.retain(|locked| locked.package != coming);
        let kept = self.earlier.iter().filter(|locked| locked.name == name).count();
        let mut over = kept.saturating_sub(EARLIER);
        self.earlier.retain(|locked| {
            let goes = 0 < over && locked.name == name;
            over -= usize::from(goes);
            !goes
        });
    }
}
