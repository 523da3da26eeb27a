//! What can be written on the command line.

mod packages;
mod plugins;
mod subcommands;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use super::commands::report::ReportArgs;
use super::error::CliError;
use super::phone::PhoneArgs;
use super::staff::StaffArgs;

pub use packages::{MarketArgs, MarketCommand, PackageCommand, RegistryArgs, TrustArgs};
pub use plugins::{CanaryArgs, PluginCommand};
pub use subcommands::{
    AgentCommand, CallbackCommand, ConfigCommand, ContactCommand, FlowCommand, InteractionCommand,
    JournalCommand, QueueCommand, RouterCommand, ScheduleCommand, StateArg, TenantCommand,
    UserCommand,
};

/// A contact centre in one program: calls, queues, agents, flows.
#[derive(Debug, Parser)]
#[command(
    name = "jackfield",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "Exit codes: 0 done, 1 refused or not found, 2 wrong usage, 3 the server cannot be reached."
)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Clone, Debug, Default, Args)]
pub struct Global {
    /// The configuration [default: ./jackfield.toml, else ./examples/demo/jackfield.toml]
    #[arg(
        long,
        global = true,
        env = "JACKFIELD_CONFIG",
        value_name = "FILE",
        hide_env_values = true
    )]
    pub config: Option<PathBuf>,
    /// Where the server is [default: http.bind and http.port of the configuration]
    #[arg(long, global = true, env = "JACKFIELD_URL", hide_env_values = true)]
    pub url: Option<String>,
    /// The token to show [default: the file admin.token in store.path]
    #[arg(long, global = true, env = "JACKFIELD_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the contact centre until it is told to stop
    Serve,
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look at tenants
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Add users, give them new passwords, remove them
    #[command(subcommand)]
    User(UserCommand),
    /// Show who changed what, the latest first
    Audit(AuditArgs),
    /// Look at agents, change their states
    #[command(subcommand)]
    Agent(AgentCommand),
    /// Say what agents are planned to do, for adherence and conformance
    #[command(subcommand)]
    Schedule(ScheduleCommand),
    /// Look at queues, close and open them
    #[command(subcommand)]
    Queue(QueueCommand),
    /// Look at callbacks, add and cancel them
    #[command(subcommand)]
    Callback(CallbackCommand),
    /// Import and find contacts
    #[command(subcommand)]
    Contact(ContactCommand),
    /// Check, publish and roll back call flows
    #[command(subcommand)]
    Flow(FlowCommand),
    /// Publish and roll back routers that are scripts
    #[command(subcommand)]
    Router(RouterCommand),
    /// Build, install and roll back plugins
    #[command(subcommand)]
    Plugin(PluginCommand),
    /// Find plugins in catalogues, see what they may do, install them
    #[command(subcommand)]
    Market(MarketCommand),
    /// Look at calls: who called, who answered, what happened when
    #[command(subcommand)]
    Interaction(InteractionCommand),
    /// Print the figures of queues and agents
    Report(Box<ReportArgs>),
    /// Replay a recorded day: to the byte, or with another router or flow
    ///
    /// Without a candidate the day runs again through the versions that decided then and must give
    /// the same decisions and figures to the byte. With --router or --flow the same customers meet the
    /// candidate; the answer says what would have changed, with 95 % intervals. Nothing is changed.
    ///
    /// Examples:
    ///   jackfield replay --tenant acme --day yesterday
    ///   jackfield replay --tenant acme --day 2026-11-27 --router skills=new.wasm --gate "SL1 >= -0.5pp"
    ///   jackfield replay --tenant acme --day today --flow main=new.rhai
    ///   jackfield replay --tenant acme --day today --interaction 01jd8x2k4m7qa --step 3 --router skills=new.wasm
    #[command(verbatim_doc_comment)]
    Replay(Box<ReplayArgs>),
    /// Compute how many agents a load needs: Erlang B, C, A, X, back office
    Staff(Box<StaffArgs>),
    /// Copy the record of what the engine was told and what it said
    #[command(subcommand)]
    Journal(JournalCommand),
    /// Prove a journal: every output and certificate made again, every digest followed
    Verify {
        /// The file that `jackfield journal export` wrote
        file: PathBuf,
        /// Ask this router again what its version was asked
        #[arg(long, value_name = "WASM")]
        plugin: Option<PathBuf>,
    },
    /// Play a whole centre, its customers and agents, and print the figures
    ///
    /// A scenario is a TOML file (runtime/sim/SCENARIOS.md has every key) or the name of a bundled
    /// one; without one the busy day is played and the bundled ones are listed. `chaos` makes up
    /// another centre for each seed, in which everything breaks.
    ///
    /// Examples:
    ///   jackfield simulate busy-day --runs 20
    ///   jackfield simulate my-centre.toml --runs 20 --router round-robin --json
    ///   jackfield simulate --scenario storm --seed 4711 --steps 312 --trace
    #[command(verbatim_doc_comment)]
    Simulate(Box<SimulateArgs>),
    /// A small SIP phone: place a call, or register and answer
    Phone(Box<PhoneArgs>),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the API's description (OpenAPI)
    Openapi,
    /// Print the version
    Version,
    /// Compile one plugin, with limits; the server starts it
    #[command(hide = true)]
    PluginWorker {
        /// What the server says to it
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

/// What `replay` is told.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// Whose day
    #[arg(long, conflicts_with = "journal")]
    pub tenant: Option<String>,
    /// Replay an exported journal instead; needs no server
    #[arg(long)]
    pub journal: Option<PathBuf>,
    /// Which day: 2026-11-27, yesterday or today
    #[arg(long, conflicts_with_all = ["from", "to"])]
    pub day: Option<String>,
    /// The offset of the day's midnight from UTC
    #[arg(long, requires = "day", allow_hyphen_values = true)]
    pub utc_offset: Option<String>,
    /// What range of time, instead of a day
    #[command(flatten)]
    pub range: Range,
    /// A candidate router: FILE.wasm or FILE.rhai in stead of every router, or NAME=FILE of one
    #[arg(long)]
    pub router: Option<String>,
    /// Queues that are to have the candidate router, if not those that have it already
    #[arg(long, requires = "router")]
    pub queue: Vec<String>,
    /// A candidate flow: FILE.rhai, or NAME=FILE.rhai for the flow NAME (else `main`)
    #[arg(long)]
    pub flow: Option<String>,
    /// Components that decided, with --journal: their answers are asked for again
    #[arg(long, requires = "journal")]
    pub plugin: Vec<PathBuf>,
    /// What the candidate must reach: "SL1 >= -0.5pp, abandon <= +0.2pp"
    #[arg(long)]
    pub gate: Option<String>,
    /// T of the service levels
    #[arg(long, default_value = "20s")]
    pub within: String,
    /// Who abandons sooner is short
    #[arg(long, default_value = "5s")]
    pub short_abandon: String,
    /// How often what the record does not know is imputed, 1 to 100
    #[arg(long, default_value_t = 10)]
    pub imputations: u64,
    /// The seed of the first imputation
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many of the contacts that changed most are listed
    #[arg(long, default_value_t = 10)]
    pub most: usize,
    /// One contact's story
    #[arg(long)]
    pub interaction: Option<String>,
    /// Go back to this step of the story and run on from there
    #[arg(long, requires = "interaction")]
    pub step: Option<usize>,
    /// Write the decision log to this file
    #[arg(long)]
    pub log: Option<PathBuf>,
}

impl ReplayArgs {
    /// T in milliseconds.
    pub fn within_ms(&self) -> Result<u64, CliError> {
        milliseconds("--within", &self.within)
    }

    /// s in milliseconds.
    pub fn short_abandon_ms(&self) -> Result<u64, CliError> {
        milliseconds("--short-abandon", &self.short_abandon)
    }
}

fn milliseconds(flag: &str, text: &str) -> Result<u64, CliError> {
    let time = crate::config::units::parse_time(text);
    time.and_then(|time| u64::try_from(time.as_millis()).ok()).ok_or_else(|| {
        CliError::Usage(format!("{flag} is a time such as `20s` or `1500ms`, got `{text}`"))
    })
}

/// What `simulate` is told.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// A scenario: a file, or the name of a bundled one [default: busy-day, and a list of them]
    #[arg(value_name = "SCENARIO")]
    pub file: Option<String>,
    /// The same
    #[arg(long, value_name = "SCENARIO", conflicts_with = "file")]
    pub scenario: Option<String>,
    /// The seed that settles all chance
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Stop after so many steps
    #[arg(long)]
    pub steps: Option<u64>,
    /// How many runs, with one seed after the other: two or more give intervals
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub runs: u64,
    /// End after the run in which so much time has passed
    #[arg(long, value_name = "TIME")]
    pub at_most: Option<String>,
    /// The router of all queues: a name, or a component, FILE.wasm
    #[arg(long, value_name = "ROUTER")]
    pub router: Option<String>,
    /// The estimator of all queues that tell waits, or the one that queues call NAME: a name, or a
    /// component, FILE.wasm
    #[arg(long = "estimator", value_name = "[NAME=]ESTIMATOR")]
    pub estimators: Vec<String>,
    /// Write the journal of the run, as `journal export` does: `replay --journal` reads it
    #[arg(long, value_name = "FILE")]
    pub journal: Option<std::path::PathBuf>,
    /// Tell every step
    #[arg(long)]
    pub trace: bool,
    /// Do not check each step against the rules: faster
    #[arg(long)]
    pub unchecked: bool,
}

/// `jackfield audit`
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// The tenant [default: all of them, and the provider]
    pub tenant: Option<String>,
    /// By whoever is called so: a user, an access token, admin
    #[arg(long)]
    pub who: Option<String>,
    /// Of this operation of the OpenAPI document, such as addUser
    #[arg(long)]
    pub operation: Option<String>,
    /// What range of time
    #[command(flatten)]
    pub range: Range,
    /// How many at most
    #[arg(long, default_value_t = 50)]
    pub limit: u32,
}

/// A range of time.
#[derive(Clone, Debug, Default, Args)]
pub struct Range {
    /// Since when: 2026-01-31, 2026-01-31T08:00:00Z, or how long ago such as 2h
    #[arg(long)]
    pub from: Option<String>,
    /// Until when
    #[arg(long)]
    pub to: Option<String>,
}
