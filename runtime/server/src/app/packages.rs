//! Packages that come to be installed: opened, verified against the trust store and the tenant's
//! policy, compared with what is installed, and entered into the tenant's lock file.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use jackfield_package::{Digest, Limits, Lock, Package, PackageError, TrustStore, Verified};
use jackfield_plugin_host::{Grant, inspect};

use super::App;
use super::plugins::PluginError;
use crate::tenant::Tenant;

/// Every component begins so, and no package does.
const WASM_MAGIC: &[u8] = b"\0asm";

/// What is to be installed.
#[derive(Debug)]
pub struct Arrival {
    /// A package, or a bare component.
    pub bytes: bytes::Bytes,
    /// What it is granted besides the configuration.
    pub grants: Vec<String>,
    /// Whether the operator of the host brings it.
    pub by_operator: bool,
    /// Whether an older version than the installed one is meant.
    pub downgrade: bool,
}

/// What was accepted.
#[derive(Debug)]
pub struct Arrived {
    /// The component.
    pub component: bytes::Bytes,
    /// The package it came in, and who signed it; `None` for a bare component.
    pub package: Option<(Box<Package>, Verified)>,
    downgrade: bool,
}

impl Arrived {
    /// A component that came in no package.
    pub fn bare(component: bytes::Bytes) -> Self {
        Self { component, package: None, downgrade: false }
    }
}

impl App {
    /// Opens what is to be installed for a tenant, and refuses what its policy does not accept.
    /// Blocks: a package is hashed whole.
    pub fn open_package(
        &self,
        tenant: &Arc<Tenant>,
        arrival: Arrival,
    ) -> Result<Arrived, PluginError> {
        let policy = tenant.config().packages.clone();
        let Arrival { bytes, grants, by_operator, downgrade } = arrival;
        let kept = grants.iter().find(|grant| policy.operator_grants.contains(grant));
        if let Some(grant) = kept.filter(|_| !by_operator) {
            return Err(refused("the plugin", "", &format!("only the operator grants `{grant}`")));
        }
        let config = self.config();
        if bytes.starts_with(WASM_MAGIC) {
            let trust = trust_store(config.plugins.trust.as_deref())?;
            if let Some(entry) = trust.revoked(Digest::of(&bytes), None) {
                let reason = format!("it was revoked: {}", entry.reason);
                return Err(refused("a component", "", &reason));
            }
            if policy.require_signature || !policy.publishers.is_empty() {
                return Err(refused(
                    "a component",
                    "",
                    "it is no package, and this tenant requires \
                    signed ones: `jackfield plugin pack` and `sign` make one",
                ));
            }
            return Ok(Arrived::bare(bytes));
        }
        let limits = Limits { package_bytes: config.plugins.package_bytes, ..Limits::default() };
        let package = Package::from_archive(&bytes, &limits)?;
        let trust = trust_store(config.plugins.trust.as_deref())?;
        let verified = trust.verify(&package, &policy)?;
        let manifest = package.manifest();
        let no = |reason: &str| refused(&manifest.name, &package.version().to_string(), reason);
        if !by_operator && !verified.needs_operator.is_empty() {
            let wanted = verified.needs_operator.join("`, `");
            return Err(no(&format!("only the operator installs a package that wants `{wanted}`")));
        }
        let unasked = unasked(&package)?;
        if !unasked.is_empty() {
            let names = unasked.join("`, `");
            return Err(no(&format!(
                "it imports `{names}`, for which its plugin.toml does not ask"
            )));
        }
        // Refused before anything is compiled; entered once it is installed.
        let mut lock = self.lock_of(tenant)?;
        lock.enter(&package, &verified, downgrade)?;
        let component = bytes::Bytes::copy_from_slice(package.component());
        Ok(Arrived { component, package: Some((Box::new(package), verified)), downgrade })
    }

    /// Enters an installed package into the tenant's lock file. Durable when it returns; blocks.
    pub fn enter_package(
        &self,
        tenant: &Arc<Tenant>,
        arrived: &Arrived,
    ) -> Result<(), PluginError> {
        let Some((package, verified)) = &arrived.package else { return Ok(()) };
        let _one_at_a_time = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lock = self.lock_of(tenant)?;
        lock.enter(package, verified, arrived.downgrade)?;
        let path = self.lock_path(tenant);
        let text = lock.to_toml()?;
        write_whole(&path, &text).map_err(|source| {
            PluginError::from(PackageError::Io { path: path.display().to_string(), source })
        })
    }

    /// What is installed for a tenant, by package.
    pub fn lock_of(&self, tenant: &Arc<Tenant>) -> Result<Lock, PluginError> {
        let path = self.lock_path(tenant);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Lock::default()),
            Err(source) => {
                let path = path.display().to_string();
                return Err(PluginError::from(PackageError::Io { path, source }));
            }
        };
        Lock::parse(&path.display().to_string(), &text).map_err(PluginError::from)
    }

    fn lock_path(&self, tenant: &Arc<Tenant>) -> PathBuf {
        self.config().store.path.join("packages").join(format!("{}.lock", tenant.id))
    }
}

/// Reads the trust store; without one nobody is trusted.
pub fn trust_store(path: Option<&Path>) -> Result<TrustStore, PackageError> {
    let Some(path) = path else { return Ok(TrustStore::default()) };
    let text = fs::read_to_string(path)
        .map_err(|source| PackageError::Io { path: path.display().to_string(), source })?;
    TrustStore::parse(&path.display().to_string(), &text)
}

/// Grants that the component needs and `plugin.toml` does not want.
pub fn unasked(package: &Package) -> Result<Vec<String>, PluginError> {
    let found = inspect(package.component()).map_err(PluginError::Install)?;
    let wants = &package.manifest().wants;
    let names = found.grants.iter().map(|grant: &Grant| grant.name().to_owned());
    Ok(names.filter(|name| !wants.contains(name)).collect())
}

pub fn refused(name: &str, version: &str, reason: &str) -> PluginError {
    let (name, version, reason) = (name.to_owned(), version.to_owned(), reason.to_owned());
    PluginError::from(PackageError::Refused { name, version, reason })
}

/// Writes a file so that a crash leaves the old one or the new one.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let aside = path.with_extension("lock.tmp");
    let mut file = fs::File::create(&aside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&aside, path)?;
    fs::File::open(folder)?.sync_all()
}
