//! `jackfield plugin pack|sign|push|pull|verify|key` and `jackfield market`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What is done with packages.
#[derive(Debug, Subcommand)]
pub enum PackageCommand {
    /// Make a key pair that signs packages
    Key {
        /// What the publisher is called in trust stores
        name: String,
        /// Where the secret half goes [default: NAME.pem]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Make a package of a plugin's folder: component, plugin.toml and what is beside it
    ///
    /// README.md, CHANGELOG.md, icon.svg and certification.json go in if they are there. The same
    /// contents make the same bytes.
    Pack {
        /// The folder with plugin.toml
        dir: PathBuf,
        /// The component [default: NAME.wasm of plugins.path]
        #[arg(long, value_name = "WASM")]
        component: Option<PathBuf>,
        /// Where the package goes [default: NAME-VERSION.tar]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Sign a package; signatures of several publishers add up
    Sign {
        /// The package
        file: PathBuf,
        /// The secret half of the key
        #[arg(long, value_name = "PEM")]
        key: PathBuf,
    },
    /// Put a package into a registry
    Push {
        /// The package
        file: PathBuf,
        /// Where to: registry.example/path/name, under its version if no tag is written
        reference: String,
        /// List it in this catalogue as well
        #[arg(long, value_name = "REFERENCE")]
        index: Option<String>,
        #[command(flatten)]
        registry: RegistryArgs,
    },
    /// Get a package from a registry, verified
    Pull {
        /// Which: registry.example/path/name:1.2.0 or …@sha256:…
        reference: String,
        /// Where it goes [default: NAME-VERSION.tar]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// A lock file: refuse older versions and other bytes than it says, and enter this one
        #[arg(long, value_name = "FILE")]
        lock: Option<PathBuf>,
        #[command(flatten)]
        trust: TrustArgs,
        #[command(flatten)]
        registry: RegistryArgs,
    },
    /// Check a package: every byte, its signatures, what it may do
    Verify {
        /// A file, or a reference to a registry
        package: String,
        /// Make the certification report in it again, and compare; takes as long as it took
        #[arg(long)]
        rerun: bool,
        #[command(flatten)]
        trust: TrustArgs,
        #[command(flatten)]
        registry: RegistryArgs,
    },
}

/// How a registry is asked.
#[derive(Args, Clone, Debug, Default)]
pub struct RegistryArgs {
    /// Who asks; the password is read from JACKFIELD_REGISTRY_PASSWORD
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Ask this registry (host:port) without TLS; those on this machine always are
    #[arg(long, value_name = "HOST")]
    pub plain_http: Vec<String>,
}

/// Whom to trust.
#[derive(Args, Clone, Debug, Default)]
pub struct TrustArgs {
    /// The trust store [default: plugins.trust of the configuration]
    #[arg(long, value_name = "FILE")]
    pub trust: Option<PathBuf>,
    /// Refuse what nobody of the trust store signed
    #[arg(long)]
    pub require_signature: bool,
    /// Refuse what this publisher did not sign; may be given several times
    #[arg(long, value_name = "NAME")]
    pub publisher: Vec<String>,
}

/// What is done with catalogues.
#[derive(Debug, Subcommand)]
pub enum MarketCommand {
    /// Find packages; without words all are listed
    Search {
        /// Words of their names, worlds, summaries and keywords
        words: Vec<String>,
        #[command(flatten)]
        market: MarketArgs,
    },
    /// Show one package: what it is, what it may do, what happens when it fails
    Show {
        /// Its name
        name: String,
        /// Which version [default: the newest]
        #[arg(long)]
        version: Option<String>,
        /// Compare its permissions with what is installed for this tenant
        #[arg(long)]
        tenant: Option<String>,
        #[command(flatten)]
        market: MarketArgs,
    },
    /// Show what a package may do, ask, and install it
    Install {
        /// Its name
        name: String,
        /// Which version [default: the newest]
        #[arg(long)]
        version: Option<String>,
        /// The tenant
        #[arg(long)]
        tenant: String,
        /// What it is called there: the name of its table in the configuration [default: NAME]
        #[arg(long = "as", value_name = "NAME")]
        slot: Option<String>,
        /// Agree to its permissions without being asked
        #[arg(long, short)]
        yes: bool,
        /// Install an older version than the installed one
        #[arg(long)]
        downgrade: bool,
        #[command(flatten)]
        market: MarketArgs,
    },
}

/// Where to look.
#[derive(Args, Clone, Debug, Default)]
pub struct MarketArgs {
    /// A catalogue; may be given several times [default: plugins.indexes of the configuration]
    #[arg(long, value_name = "REFERENCE")]
    pub index: Vec<String>,
    #[command(flatten)]
    pub registry: RegistryArgs,
}
