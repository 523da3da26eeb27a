//! `plugin.toml`: what a plugin is, wants and may be configured with.

use std::collections::BTreeMap;

use semver::Version;
use serde::{Deserialize, Serialize};

use crate::error::PackageError;

/// The longest summary.
const SUMMARY_MAX: usize = 200;
/// The longest name.
const NAME_MAX: usize = 64;

/// What a `plugin.toml` says.
///
/// `name`, `world`, `wants` and `on_trap` are needed by a host, `version`, `summary` and `licence`
/// also by a package.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluginManifest {
    /// How it is called: lower case letters, digits and `-`, 64 at most.
    pub name: String,
    /// Semantic version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// What it is for: a world of the contract.
    pub world: String,
    /// The grants it asks for.
    #[serde(default)]
    pub wants: Vec<String>,
    /// What happens to the contact when the plugin traps, in a sentence for the buyer.
    pub on_trap: String,
    /// One line for the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// SPDX expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// The languages it speaks with customers or agents: `en`, `ru`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// Hosts it wants to reach: `api.example.com`, `*.example.com`, with `:port` if not 443.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Where more is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
    /// JSON Schema of its configuration; shown as a form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<serde_json::Value>,
    /// Words it is found by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
}

impl PluginManifest {
    /// Reads a `plugin.toml`.
    ///
    /// # Errors
    ///
    /// [`PackageError::Malformed`] with line and column, [`PackageError::Manifest`] with the field
    /// and what it accepts.
    pub fn parse(text: &str) -> Result<Self, PackageError> {
        let manifest: Self = toml::from_str(text).map_err(|error| PackageError::Malformed {
            file: "plugin.toml".to_owned(),
            problem: error.to_string().trim_end().to_owned(),
        })?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Returns the version that a package must have.
    ///
    /// # Errors
    ///
    /// [`PackageError::Manifest`] if `version`, `summary` or `licence` is missing.
    pub fn publishable(&self) -> Result<&Version, PackageError> {
        let missing = |field, accepted: &str| PackageError::Manifest {
            field,
            problem: format!("is missing: a package has one, such as {accepted}"),
        };
        if self.summary.is_none() {
            return Err(missing("summary", "\"Longest idle agent first\""));
        }
        if self.licence.is_none() {
            return Err(missing("licence", "\"Apache-2.0\""));
        }
        self.version.as_ref().ok_or_else(|| missing("version", "\"1.0.0\""))
    }

    /// Returns everything a buyer must agree to, sorted: grants, and `http` with each host.
    pub fn permissions(&self) -> Vec<String> {
        let mut all: Vec<String> = self.wants.clone();
        all.extend(self.hosts.iter().map(|host| format!("http {host}")));
        all.sort();
        all.dedup();
        all
    }

    fn check(&self) -> Result<(), PackageError> {
        let bad = |field, problem: String| Err(PackageError::Manifest { field, problem });
        let fits = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let name = &self.name;
        if name.is_empty() || NAME_MAX < name.len() || !name.bytes().all(fits) {
            let accepted = "1 to 64 lower case letters, digits and `-`";
            return bad("name", format!("is `{name}`: {accepted} are accepted"));
        }
        if self.on_trap.trim().is_empty() {
            let accepted = "a sentence on what happens to the contact is accepted";
            return bad("on_trap", format!("is empty: {accepted}"));
        }
        if let Some(summary) = &self.summary
            && (summary.contains('\n') || SUMMARY_MAX < summary.len())
        {
            return bad("summary", format!("is too long: one line of {SUMMARY_MAX} bytes at most"));
        }
        for host in &self.hosts {
            let wild = host.strip_prefix("*.").unwrap_or(host);
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:".contains(&byte);
            if wild.is_empty() || !wild.bytes().all(fits) {
                let accepted = "`api.example.com`, `*.example.com` or `host:port` is accepted";
                return bad("hosts", format!("has `{host}`: {accepted}"));
            }
        }
        match &self.config {
            Some(schema) if !schema.is_object() => {
                bad("config", "is no JSON Schema: a table is accepted".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// What the manifest of the artifact says of it, by OCI's names of annotations.
    pub(crate) fn annotations(&self) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        let mut put = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                all.insert(format!("org.opencontainers.image.{key}"), value);
            }
        };
        put("title", Some(self.name.clone()));
        put("version", self.version.as_ref().map(Version::to_string));
        put("description", self.summary.clone());
        put("licenses", self.licence.clone());
        put("url", self.homepage.clone());
        all
    }
}
