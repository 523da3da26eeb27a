//! Commands that have commands of their own.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::Range;
use crate::cli::commands::certify::CertifyArgs;
use crate::cli::commands::conversations::{CreateArgs, WorkArgs};
use crate::cli::commands::sdk::{BenchArgs, DevArgs, NewArgs};

/// `jackfield config`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Report every mistake in the configuration, or sum it up
    Check,
    /// Print the reference of all keys (Markdown)
    Keys,
    /// Let the running server read it again: all of a change takes effect, or none
    Reload,
}

/// `jackfield tenant`
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// List all tenants
    List,
    /// Show one tenant
    Show {
        /// The tenant
        tenant: String,
    },
}

/// `jackfield agent`
#[derive(Debug, Subcommand)]
pub enum AgentCommand {
    /// List a tenant's agents and what they are doing
    List {
        /// The tenant
        tenant: String,
    },
    /// Show one agent
    Show {
        /// The tenant
        tenant: String,
        /// The agent
        agent: String,
    },
    /// Change an agent's state
    State {
        /// The tenant
        tenant: String,
        /// The agent
        agent: String,
        /// The state
        state: StateArg,
        /// Why not ready, such as lunch
        #[arg(long)]
        reason: Option<String>,
    },
    /// Accept the chat, e-mail or task that is offered
    Accept(WorkArgs),
    /// Decline what is offered; it keeps its place in line
    Decline(WorkArgs),
    /// End a conversation
    End(WorkArgs),
    /// Finish the after-call work of a conversation
    Finish(WorkArgs),
}

/// `jackfield schedule`
#[derive(Debug, Subcommand)]
pub enum ScheduleCommand {
    /// Plan from a CSV file with agent,from,to,activity (and paid): takes the place of what was planned
    /// for each agent from the first entry to the last
    Import {
        /// The tenant
        #[arg(long)]
        tenant: String,
        /// The file; activities are work, break, meal, meeting, training, leave
        file: PathBuf,
    },
    /// Show what agents are planned to do
    Show {
        /// The tenant
        #[arg(long)]
        tenant: String,
        /// Only this agent
        #[arg(long)]
        agent: Option<String>,
        /// What range of time
        #[command(flatten)]
        range: Range,
    },
}

/// A state an agent can be set to.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum StateArg {
    /// Takes calls.
    Ready,
    /// Takes no calls just now.
    NotReady,
    /// Not at work.
    LoggedOut,
}

/// `jackfield queue`
#[derive(Debug, Subcommand)]
pub enum QueueCommand {
    /// List a tenant's queues as they are now
    List {
        /// The tenant
        tenant: String,
    },
    /// Show one queue and who waits in it
    Show {
        /// The tenant
        tenant: String,
        /// The queue
        queue: String,
    },
    /// Close a queue at once, whatever its hours
    Close {
        /// The tenant
        tenant: String,
        /// The queue
        queue: String,
        /// What callers are told [default: closed_message of the queue]
        #[arg(long, short = 'm')]
        message: Option<String>,
    },
    /// Open a queue that was closed: its hours count again
    Open {
        /// The tenant
        tenant: String,
        /// The queue
        queue: String,
    },
}

/// `jackfield callback`
#[derive(Debug, Subcommand)]
pub enum CallbackCommand {
    /// List who is to be called back
    List {
        /// The tenant
        tenant: String,
        /// Only those of this queue
        #[arg(long)]
        queue: Option<String>,
    },
    /// Have a customer called
    Add {
        /// The tenant
        tenant: String,
        /// In whose line
        queue: String,
        /// The number, a SIP address or an agent
        number: String,
        /// The agent who is to call
        #[arg(long)]
        owner: Option<String>,
        /// How long until the alarm that nobody has called, such as 30m [default: the queue's]
        #[arg(long)]
        deadline: Option<String>,
    },
    /// Call a callback off
    Cancel {
        /// The tenant
        tenant: String,
        /// The callback
        callback: String,
    },
}

/// `jackfield router`
#[derive(Debug, Subcommand)]
pub enum RouterCommand {
    /// Publish a script as the router's next version: the next contact is routed by it
    Publish {
        /// The tenant
        tenant: String,
        /// The router
        router: String,
        /// The script
        script: PathBuf,
    },
    /// Go back to the version before
    Rollback {
        /// The tenant
        tenant: String,
        /// The router
        router: String,
    },
    /// List a router's versions
    Versions {
        /// The tenant
        tenant: String,
        /// The router
        router: String,
    },
}

/// `jackfield journal`
#[derive(Debug, Subcommand)]
pub enum JournalCommand {
    /// Write it to the standard output, a record a line (JSON)
    Export {
        /// The tenant
        tenant: String,
        /// One day in UTC: 2026-01-31, `today` or `yesterday`, from the start of the run it begins in
        #[arg(long, conflicts_with_all = ["from", "to"])]
        day: Option<String>,
        /// What range of time
        #[command(flatten)]
        range: Range,
    },
}

/// `jackfield contact`
#[derive(Debug, Subcommand)]
pub enum ContactCommand {
    /// Import contacts from a CSV file
    Import {
        /// The tenant
        tenant: String,
        /// The file; its first line names the fields
        file: PathBuf,
        /// Say what would happen and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Find a contact by number or address
    Find {
        /// The tenant
        tenant: String,
        /// A phone number or an e-mail address
        address: String,
    },
}

/// `jackfield flow`
#[derive(Debug, Subcommand)]
pub enum FlowCommand {
    /// List a tenant's flows
    List {
        /// The tenant
        tenant: String,
    },
    /// Check a script without publishing it
    Check {
        /// The tenant
        tenant: String,
        /// The flow
        flow: String,
        /// The script
        script: PathBuf,
    },
    /// Publish a script as the flow's next version: the next call hears it
    Publish {
        /// The tenant
        tenant: String,
        /// The flow
        flow: String,
        /// The script
        script: PathBuf,
        /// Who publishes
        #[arg(long, env = "USER", hide_env = true)]
        author: Option<String>,
        /// What has changed
        #[arg(long, short = 'm', default_value = "")]
        comment: String,
        /// What the script must reach on the last day's calls, candidate minus active, or it stays
        /// out: "SL1 >= -0.5pp, abandon <= +0.2pp"
        #[arg(long)]
        gate: Option<String>,
    },
    /// Try a script on the telephone before it is published: dial * and the flow's number
    Draft {
        /// The tenant
        tenant: String,
        /// The flow
        flow: String,
        /// The script
        #[arg(required_unless_present = "remove", conflicts_with = "remove")]
        script: Option<PathBuf>,
        /// Remove the draft
        #[arg(long)]
        remove: bool,
    },
    /// Go back to the version before, or to another
    Rollback {
        /// The tenant
        tenant: String,
        /// The flow
        flow: String,
        /// The version
        version: Option<u64>,
    },
    /// List a flow's versions
    Versions {
        /// The tenant
        tenant: String,
        /// The flow
        flow: String,
    },
}

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
    /// version's at the same time, after each contact; `plugin show` tells how they stand. What is given
    /// besides --percent narrows the contacts that it may have.
    Canary(CanaryArgs),
    /// Ask an installed router what the active one is asked, and do not obey it; `show` tells the differences
    Shadow {
        /// The tenant
        tenant: String,
        /// The router
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
    /// Ask a connector for a customer, or a pacer how many calls to place
    Ask {
        /// The tenant
        tenant: String,
        /// The connector or pacer
        name: String,
        /// Whom to look up: a number, an e-mail address or an id of the other system
        #[arg(long, value_name = "ADDRESS", required_unless_present = "campaign")]
        contact: Option<String>,
        /// A file with the campaign, in JSON
        #[arg(long, value_name = "FILE", conflicts_with = "contact")]
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
    /// The router, flow or chatbot
    pub name: String,
    /// The version's digest, or its start
    pub digest: String,
    /// How many of a hundred contacts; 100 if another choice is given
    #[arg(long, required_unless_present_any = ["queue", "number", "segment"])]
    pub percent: Option<f64>,
    /// Only contacts of this queue, for a router
    #[arg(long)]
    pub queue: Option<String>,
    /// Only calls to this number, for a flow; `371*` stands for all that begin like it. For a chatbot the
    /// name of the channel
    #[arg(long)]
    pub number: Option<String>,
    /// Only contacts with this attribute: `segment=vip`. A flow's and a chatbot's are what is known of the customer
    #[arg(long, value_name = "ATTR=VALUE")]
    pub segment: Option<String>,
}

/// `jackfield interaction`
#[derive(Debug, Subcommand)]
pub enum InteractionCommand {
    /// List calls, the newest first
    List {
        /// The tenant; all of them if left out
        tenant: Option<String>,
        /// Only calls of this agent
        #[arg(long)]
        agent: Option<String>,
        /// Only calls of this queue
        #[arg(long)]
        queue: Option<String>,
        /// What range of time
        #[command(flatten)]
        range: Range,
        /// How many
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Tell the story of one call
    #[command(override_usage = "jackfield interaction show [TENANT] <ID|latest> [--why [AGENT]]")]
    Show {
        /// The tenant, which may be left out, and the id or `latest`
        #[arg(num_args = 1..=2, required = true, value_name = "ID")]
        which: Vec<String>,
        /// Tell why each agent was chosen; with an agent, why that one was not
        #[arg(long, value_name = "AGENT", num_args = 0..=1, default_missing_value = "")]
        why: Option<String>,
    },
    /// Bring a chat, an e-mail, a message or a task into a queue
    Create(Box<CreateArgs>),
    /// Write to the customer of a conversation on a channel
    Write {
        /// The tenant
        tenant: String,
        /// The interaction
        id: String,
        /// The text
        text: String,
        /// The agent who writes
        #[arg(long)]
        agent: Option<String>,
    },
    /// Have the tenant's analysts read what was said in an interaction that is over
    Transcript {
        /// The tenant
        tenant: String,
        /// The interaction
        id: String,
        /// A file in JSON: `{"utterances": [{"speaker": "customer", "start_ms": 0, ...}]}`
        file: PathBuf,
    },
    /// End a chat, an e-mail, a message or a task at the customer's side
    End {
        /// The tenant
        tenant: String,
        /// The interaction
        id: String,
    },
    /// Move a waiting call to another queue; it keeps its waiting time
    Move {
        /// The tenant
        tenant: String,
        /// The interaction
        id: String,
        /// The queue
        queue: String,
    },
    /// Keep what the customer thought of a call, also after its end
    Rate {
        /// The interaction, or `latest`
        id: String,
        /// The tenant; the one that has the call if left out
        #[arg(long)]
        tenant: Option<String>,
        /// Satisfaction, 1 to 5
        #[arg(long, value_parser = clap::value_parser!(u8).range(1..=5))]
        csat: Option<u8>,
        /// How likely a recommendation is, 0 to 10
        #[arg(long, value_parser = clap::value_parser!(u8).range(0..=10))]
        nps: Option<u8>,
        /// The effort, 1 to 7; 7 is easy
        #[arg(long, value_parser = clap::value_parser!(u8).range(1..=7))]
        ces: Option<u8>,
    },
    /// Keep what a call was about, also after its end
    Reason {
        /// The interaction, or `latest`
        id: String,
        /// What it was about, such as invoice
        reason: String,
        /// The tenant; the one that has the call if left out
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Change the priority of a waiting call: higher is served earlier
    Prioritise {
        /// The tenant
        tenant: String,
        /// The interaction
        id: String,
        /// -128 to 127; 0 is ordinary
        #[arg(allow_negative_numbers = true)]
        priority: i8,
    },
}
