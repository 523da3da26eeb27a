//! Commands that have commands of their own.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::Range;
use crate::cli::commands::conversations::{CreateArgs, WorkArgs};

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

/// `jackfield user`
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// List users
    List {
        /// The tenant [default: the provider's users, who belong to none]
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Add a user; without a password one is made up and told
    Add {
        /// What the user signs in by, such as an e-mail address
        user: String,
        /// The tenant [default: a user of the provider, who belongs to none]
        #[arg(long)]
        tenant: Option<String>,
        /// agent, supervisor, quality, planner, flow-editor, admin; provider without a tenant
        #[arg(long = "role", required = true, value_name = "ROLE")]
        roles: Vec<String>,
        /// The name as shown
        #[arg(long)]
        full_name: Option<String>,
        /// Which of the tenant's agents it is
        #[arg(long)]
        agent: Option<String>,
        /// Read the password from the standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give a user a new password, without one-time codes, and end the sessions
    Reset {
        /// The user
        user: String,
        /// The tenant
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Remove a user and end the sessions
    Remove {
        /// The user
        user: String,
        /// The tenant
        #[arg(long)]
        tenant: Option<String>,
    },
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
