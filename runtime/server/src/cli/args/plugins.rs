//! `jackfield plugin` and its commands.

use std::path::PathBuf;

use clap::Subcommand;

use crate::cli::commands::certify::CertifyArgs;
use crate::cli::commands::sdk::{BenchArgs, DevArgs, NewArgs};

/// `jackfield plugin`
#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// Begin a plugin: a folder with source, test and description that builds at once
    New(NewArgs),
    /// Build a plugin, or a Cargo workspace of them, into plugins.path
    ///
    /// The files in the folder tell the language: Cargo.toml (Rust), package.json (JavaScript, or
    /// TypeScript with tsconfig.json), pyproject.toml (Python), go.mod (Go), src/*.c (C). Tools of
    /// npm and PyPI are fetched once into the user's cache, or into JACKFIELD_TOOLS.
    Build {
        /// The folder
        dir: PathBuf,
        /// Where to put them [default: plugins.path of the configuration]
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Run a plugin's unit tests
    Test {
        /// The folder
        dir: PathBuf,
    },
    /// Measure what a call of a plugin costs: time, fuel, memory
    Bench(BenchArgs),
    /// Let a plugin meet made-up worlds and report what held in all of them
    ///
    /// A router or an estimator decides in made-up centres in which everything breaks, and is asked what is
    /// hardly ever asked; a flow leads made-up customers. What does not hold is shown by the smallest
    /// trace. The same command makes the same report, to the byte: there are no times in it.
    ///
    /// Examples:
    ///   jackfield plugin certify my-router.wasm --out certification.json
    ///   jackfield plugin certify my-router.wasm --verify certification.json
    ///   jackfield plugin certify flow-rhai.wasm --script main.rhai
    #[command(verbatim_doc_comment)]
    Certify(CertifyArgs),
    /// Build and swap into a running tenant at each save; show what it logs and decides
    Dev(DevArgs),
    /// Check a built plugin as an installation would
    Check {
        /// The component
        file: PathBuf,
        /// Check it against the contract of this version of the host instead
        #[arg(long, value_name = "VERSION", conflicts_with = "conformance")]
        target: Option<String>,
        /// Put made-up questions to it: a chatbot, channel, connector, analyst or pacer
        #[arg(long)]
        conformance: bool,
        /// What the questions are made of
        #[arg(long, default_value_t = 1, requires = "conformance")]
        seed: u64,
        /// A setting of the plugin; may be given several times
        #[arg(long, alias = "setting", value_name = "NAME=VALUE", requires = "conformance")]
        set: Vec<String>,
    },
    #[command(flatten)]
    Package(super::packages::PackageCommand),
    /// Install a plugin, a component or a package; it serves once it is activated
    Install {
        /// The tenant
        tenant: String,
        /// What it is called there: the name of its table in the configuration
        name: String,
        /// The component, or the package
        file: PathBuf,
        /// Install an older version than the installed one
        #[arg(long)]
        downgrade: bool,
        /// Grant this to the version besides what the configuration grants; may be repeated
        #[arg(long, value_name = "NAME")]
        grant: Vec<String>,
        /// What it is to be: `router`, `estimator`, `flow`, `chatbot`, `channel`, `connector`, `analyst` or
        /// `pacer` [default: what the file is]
        #[arg(long)]
        world: Option<String>,
    },
    /// List the packages that are installed, as the lock file has them
    Packages {
        /// The tenant
        tenant: String,
    },
    /// Make an installed version the active one
    Activate {
        /// The tenant
        tenant: String,
        /// The plugin or flow
        name: String,
        /// The version's digest, or its start
        digest: String,
        /// What it is to be, as at its installation [default: what was installed]
        #[arg(long)]
        world: Option<String>,
        /// What a router must reach on the last day, candidate minus active, or it stays out:
        /// "SL1 >= -0.5pp, abandon <= +0.2pp"
        #[arg(long)]
        gate: Option<String>,
        /// Since when the gate judges, if not the last day
        #[arg(long, requires = "gate")]
        gate_from: Option<String>,
        /// Until when the gate judges
        #[arg(long, requires = "gate")]
        gate_to: Option<String>,
    },
    /// Give an installed version a part of the contacts; it is rolled back by itself if it does worse
    ///
    /// Service level, abandons and failures of its contacts are compared with those of the active
    /// version's at the same time, after each contact; of a plugin that leads no contact its failures are,
    /// after each call. `plugin show` tells how they stand. What is given besides --percent narrows the
    /// contacts that it may have.
    Canary(CanaryArgs),
    /// Ask an installed version what the active one is asked, and do not obey it; `show` tells the differences
    ///
    /// For routers, estimators, analysts and pacers: others do something by themselves when they are asked.
    Shadow {
        /// The tenant
        tenant: String,
        /// The router, estimator, analyst or pacer
        name: String,
        /// The version's digest, or its start
        digest: String,
    },
    /// Make the candidate of a canary or a shadow the active version
    Promote {
        /// The tenant
        tenant: String,
        /// The router, flow or chatbot
        name: String,
    },
    /// Take back what was done last: a canary or a shadow, or else the active version
    Rollback {
        /// The tenant
        tenant: String,
        /// The plugin or flow
        name: String,
    },
    /// Stop every version of a plugin, or of a flow, at once; what is built in serves
    Disable {
        /// The tenant
        tenant: String,
        /// The plugin or flow
        name: String,
        /// Why, for whoever looks later
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Let a plugin be asked again; quarantines are forgotten
    Enable {
        /// The tenant
        tenant: String,
        /// The plugin or flow
        name: String,
        /// Why, for whoever looks later
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Ask a connector for a customer or to create a lead, or a pacer how many calls to place
    Ask {
        /// The tenant
        tenant: String,
        /// The connector or pacer
        name: String,
        /// Whom to look up: a number, an e-mail address or an id of the other system
        #[arg(long, value_name = "ADDRESS", required_unless_present_any = ["campaign", "lead"])]
        contact: Option<String>,
        /// A file with the lead, in JSON: `{"address": "+37120000009", "name": "Eva", "text": "wants fibre"}`
        #[arg(long, value_name = "FILE", conflicts_with = "contact")]
        lead: Option<PathBuf>,
        /// A file with the campaign, in JSON
        #[arg(long, value_name = "FILE", conflicts_with_all = ["contact", "lead"])]
        campaign: Option<PathBuf>,
    },
    /// Tell whether a plugin is asked, what it has used and which limits it has met
    Show {
        /// The tenant
        tenant: String,
        /// The plugin or flow
        name: String,
    },
    /// List a tenant's plugins, or the versions of one
    List {
        /// The tenant
        tenant: String,
        /// The plugin
        name: Option<String>,
    },
}

/// `jackfield plugin canary`
#[derive(Debug, clap::Args)]
pub struct CanaryArgs {
    /// The tenant
    pub tenant: String,
    /// The plugin or flow
    pub name: String,
    /// The version's digest, or its start
    pub digest: String,
    /// How many of a hundred contacts; 100 if another choice is given
    #[arg(long, required_unless_present_any = ["queue", "number", "segment"])]
    pub percent: Option<f64>,
    /// Only contacts of this queue, for a router, estimator or analyst
    #[arg(long)]
    pub queue: Option<String>,
    /// Only calls to this number, for a flow, connector or analyst; `371*` stands for all that begin like it.
    /// For a chatbot the name of the channel
    #[arg(long)]
    pub number: Option<String>,
    /// Only contacts with this attribute: `segment=vip`. Of a flow, chatbot or connector what is known of the
    /// customer, of a pacer the campaign's
    #[arg(long, value_name = "ATTR=VALUE")]
    pub segment: Option<String>,
}
