//! `jackfield plugin new|test|bench|dev`: for those who write plugins.

mod bench;
mod dev;
mod new;
mod test;

use std::path::PathBuf;

use clap::Args;

pub use bench::run as bench;
pub use dev::run as dev;
pub use new::run as new;
pub use test::run as test;

/// What `plugin new` is told.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The plugin's name, and its folder's: lower case letters, digits and `-`
    pub name: String,
    /// What to write it in: rust, js, ts, python, c or go
    #[arg(long)]
    pub lang: String,
    /// What it is for: router, flow, estimator, chatbot, channel, connector, analyst or pacer
    #[arg(long, default_value = "router")]
    pub world: String,
    /// Where to put its folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub into: PathBuf,
}

/// What `plugin bench` is told.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// The component
    pub file: PathBuf,
    /// How many calls are measured; a tenth as many of fresh instances
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    pub calls: u32,
    /// How many agents a router is asked about
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub candidates: u32,
    /// What the questions to a chatbot, channel, connector, analyst or pacer are made of
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// A setting of the plugin, or of the queue it is asked about; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
}

/// What `plugin dev` is told.
#[derive(Debug, Args)]
pub struct DevArgs {
    /// The plugin's folder
    pub dir: PathBuf,
    /// The tenant it is to serve
    #[arg(long)]
    pub tenant: String,
    /// What it is called there: the name of a router, a flow, an estimator or a plugin
    #[arg(long)]
    pub name: String,
    /// Build, install and activate once, and do not watch
    #[arg(long)]
    pub once: bool,
}
