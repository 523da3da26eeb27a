//! What goes wrong with packages: what, where, and what would be accepted.

use std::path::Path;

use crate::digest::Digest;

/// Why a package was not made, moved or accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// A file cannot be read or written.
    #[error("cannot use `{path}`")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A `plugin.toml`, trust store, lock file or index cannot be read.
    #[error("{file}: {problem}")]
    Malformed {
        /// Which file or part.
        file: String,
        /// What is wrong, with line and column where there are any.
        problem: String,
    },
    /// A field of `plugin.toml` is not as it must be.
    #[error("plugin.toml: `{field}` {problem}")]
    Manifest {
        /// The field.
        field: &'static str,
        /// What is wrong and what is accepted.
        problem: String,
    },
    /// Text that should be a digest.
    #[error("`{got}` is no digest: `sha256:` and 64 lower case hexadecimal digits are accepted")]
    BadDigest {
        /// What was given.
        got: String,
    },
    /// More bytes than are accepted.
    #[error("{what} has {got} bytes, at most {limit} are accepted")]
    TooLarge {
        /// Which part.
        what: String,
        /// Its size.
        got: u64,
        /// The limit.
        limit: u64,
    },
    /// Contents that are not what their digest says.
    #[error("{what} was changed: it is {found}, the package says {expected}")]
    Tampered {
        /// Which part.
        what: String,
        /// What the package says.
        expected: Digest,
        /// What the bytes are.
        found: Digest,
    },
    /// A file that is no package, or not written as one.
    #[error("not a package: {problem}")]
    NotAPackage {
        /// What is wrong.
        problem: String,
    },
    /// Text that should be a key.
    #[error("{what} is no Ed25519 key: {problem}")]
    BadKey {
        /// Which.
        what: String,
        /// What is wrong and what is accepted.
        problem: String,
    },
    /// The trust store or the policy refuses the package.
    #[error("{name} {version} is refused: {reason}")]
    Refused {
        /// The package.
        name: String,
        /// Its version.
        version: String,
        /// Why, and what would help.
        reason: String,
    },
    /// A reference to a registry cannot be read.
    #[error(
        "`{got}` is no reference: `registry.example/path/name:1.2.0` or `…@sha256:…` is accepted"
    )]
    BadReference {
        /// What was given.
        got: String,
    },
    /// The registry does not do what is asked.
    #[error("the registry `{registry}` {problem}")]
    Registry {
        /// Which.
        registry: String,
        /// What it said.
        problem: String,
    },
}

impl PackageError {
    /// Says which file could not be used.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn not_a_package(problem: impl Into<String>) -> Self {
        Self::NotAPackage { problem: problem.into() }
    }
}
