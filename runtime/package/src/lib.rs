//! Plugins as packages: OCI artifacts that are signed, pushed, pulled, verified and listed.
//!
//! A [`Package`] is one component in the CNCF layout for Wasm, so that `wkg` and every registry
//! know it, and beside it, as OCI referrers, its files (`plugin.toml`, README, changelog, icon,
//! certification) and its signatures. The digest of the component's manifest names all of it: the
//! files' digests are in its annotations.
//!
//! Knows registries ([`Registry`]) and files; knows neither wasmtime nor tenants. What a tenant
//! accepts is a [`TrustStore`] and a [`Policy`], what it has is a [`Lock`].

mod archive;
mod certification;
mod digest;
mod error;
mod key;
mod lock;
mod manifest;
mod market;
mod package;
mod registry;
mod signature;
mod trust;

pub use archive::Limits;
pub use certification::{Certification, Cost, FORMAT, Limited, Property, Spread, differences};
pub use digest::Digest;
pub use error::PackageError;
pub use key::{PublisherKey, SecretKey};
pub use lock::{Lock, Locked};
pub use manifest::PluginManifest;
pub use market::{Difference, Index, Listing};
pub use package::{Contents, FileKind, Package, Surface};
pub use registry::{Credentials, Reference, Registry};
pub use signature::{Envelope, Statement};
pub use trust::{Policy, Publisher, Revocation, TrustStore, Verified};
