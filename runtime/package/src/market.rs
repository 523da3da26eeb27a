//! Catalogues: an OCI artifact that lists packages, and what an update would be allowed anew.

use std::collections::BTreeSet;

use semver::Version;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::error::PackageError;
use crate::package::Package;

/// The kind of artifact that a catalogue is, and of its one layer.
pub(crate) const INDEX: &str = "application/vnd.jackfield.index.v1+json";

/// A catalogue.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// One entry for each version of each package, sorted by name, newest first.
    pub packages: Vec<Listing>,
}

/// One version of a package in a catalogue.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// The plugin.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// What it is for.
    pub world: String,
    /// One line.
    pub summary: String,
    /// SPDX expression.
    pub licence: String,
    /// The languages it speaks.
    #[serde(default)]
    pub languages: Vec<String>,
    /// Words it is found by.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Grants and hosts.
    pub permissions: Vec<String>,
    /// JSON Schema of its settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<serde_json::Value>,
    /// What happens to the contact when it traps.
    pub on_trap: String,
    /// Where it lies: `registry.example/plugins/name`, without tag or digest.
    pub repository: String,
    /// The package: what is pulled is compared with it.
    pub package: Digest,
    /// What the certification report in it says, in a line; none if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certified: Option<String>,
}

impl Index {
    /// Reads a catalogue.
    ///
    /// # Errors
    ///
    /// [`PackageError::Malformed`].
    pub fn parse(from: &str, bytes: &[u8]) -> Result<Self, PackageError> {
        serde_json::from_slice(bytes).map_err(|error| PackageError::Malformed {
            file: from.to_owned(),
            problem: error.to_string(),
        })
    }

    /// Lists a package that lies in `repository`; the same version is replaced.
    pub fn list(&mut self, package: &Package, repository: &str) {
        let manifest = package.manifest();
        let listing = Listing {
            name: manifest.name.clone(),
            version: package.version().clone(),
            world: manifest.world.clone(),
            summary: manifest.summary.clone().unwrap_or_default(),
            licence: manifest.licence.clone().unwrap_or_default(),
            languages: manifest.languages.clone(),
            keywords: manifest.keywords.clone(),
            permissions: manifest.permissions(),
            config: manifest.config.clone(),
            on_trap: manifest.on_trap.clone(),
            repository: repository.to_owned(),
            package: package.digest(),
            certified: package.certification().ok().flatten().map(|report| report.in_short()),
        };
        let same = |old: &Listing| old.name == listing.name && old.version == listing.version;
        self.packages.retain(|old| !same(old));
        self.packages.push(listing);
        self.packages.sort_by(|a, b| a.name.cmp(&b.name).then(b.version.cmp(&a.version)));
    }

    /// Returns the newest version of every package in which each word of `query` is found, those
    /// with a word in their name first.
    pub fn search(&self, query: &str) -> Vec<&Listing> {
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        let mut seen = BTreeSet::new();
        let mut found: Vec<&Listing> = self.packages.iter().collect();
        found.retain(|listing| {
            let text = [
                &listing.name,
                &listing.world,
                &listing.summary,
                &listing.keywords.join(" "),
                &listing.languages.join(" "),
            ];
            let text = text.map(|part| part.to_lowercase()).join(" ");
            let fits = words.iter().all(|word| text.contains(word.as_str()));
            fits && listing.version.pre.is_empty() && seen.insert(listing.name.clone())
        });
        let in_name = |listing: &&Listing| words.iter().any(|word| listing.name.contains(word));
        found.sort_by_key(|listing| !in_name(listing));
        found
    }

    /// Returns a package: of that version, or the newest that is no pre-release.
    pub fn find(&self, name: &str, version: Option<&Version>) -> Option<&Listing> {
        self.packages.iter().find(|listing| {
            let fits = match version {
                Some(version) => listing.version == *version,
                None => listing.version.pre.is_empty(),
            };
            listing.name == name && fits
        })
    }
}

/// What an update may do that the installed version may not, and the other way round.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Permissions that are new.
    pub added: Vec<String>,
    /// Permissions that are asked for no more.
    pub removed: Vec<String>,
    /// Permissions that stay.
    pub kept: Vec<String>,
}

impl Difference {
    /// Compares what is installed with what comes; nothing installed has no permissions.
    pub fn between(installed: &[String], coming: &[String]) -> Self {
        let (old, new): (BTreeSet<_>, BTreeSet<_>) =
            (installed.iter().collect(), coming.iter().collect());
        let owned = |set: Vec<&&String>| set.into_iter().map(|one| (*one).clone()).collect();
        Self {
            added: owned(new.difference(&old).collect()),
            removed: owned(old.difference(&new).collect()),
            kept: owned(new.intersection(&old).collect()),
        }
    }
}
