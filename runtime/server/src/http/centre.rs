//! What the interface asks of the centre: everything behind it is reached through these two traits,
//! so that routes and refusals are tested without a store or a phone.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use jackfield_core::{AgentId, CenterConfig, CenterSnapshot, Input, Instant, InteractionId, Stats};
use jackfield_figures::kpi::record::ScheduleSpan;
use jackfield_figures::kpi::{Parameters, Report};
use jackfield_package::Locked;
use jackfield_plugin_host::World;
use jackfield_plugin_host::asked::analysis::Utterance;
use jackfield_plugin_host::asked::connecting::Lead;
use jackfield_plugin_host::asked::pacing::Campaign;
use jackfield_plugin_host::asked::webhook::{Incoming, Reply};
use tokio::sync::mpsc;

use crate::config::figures::FiguresConfig;
use crate::desk::Desk;
use crate::tenant::{LiveReport, Tenant as RunningTenant};
use crate::worlds::pacers::Decided;
use crate::worlds::webchat::Seat;

use super::auth::Grant;
use super::decisions::Decision;
use super::studio::Studio;
use super::view::{
    Activated, Contact, ContactChange, Draft, FlowScript, FlowSummary, FlowVersion, ImportLine,
    Installed, Interaction, InteractionFilter, Note, Page, PageRequest, PluginState, PluginSummary,
    PluginVersion, Published, Tenant,
};
use crate::access::{AuditLog, People};
use crate::app::{Arrival, Arrived};
use crate::config::network::Network;
use crate::oidc::Oidc;
use crate::replay::Order;
use crate::rollout::Share;
use crate::session::Opening;

use crate::tenant::Standing;

/// Why the centre did not do what it was asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fault {
    /// There is nothing of this name.
    NotFound {
        /// `contact`, `flow`.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A value cannot be accepted.
    Invalid {
        /// The field, as in the request.
        field: String,
        /// Why, for people.
        reason: String,
    },
    /// The value belongs to something else.
    Conflict {
        /// The field, as in the request.
        field: String,
        /// Why, for people.
        reason: String,
    },
    /// A script has mistakes.
    Script(Vec<Mistake>),
    /// The configuration cannot be read again: each key, if it is one's, with what is wrong.
    Config(Vec<(String, String)>),
    /// A step of an installation or a publication failed; the old version serves.
    Refused(String),
    /// It is larger than accepted.
    TooLarge(String),
    /// Whoever asks may not.
    Forbidden(String),
    /// Not now: try again later.
    Busy(String),
    /// It should not have happened. The text is for the log, not for the client.
    Internal(String),
}

/// A mistake in a script.
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize)]
pub struct Mistake {
    /// The line, from 1; 0 if it is not known.
    pub line: u32,
    /// The column, from 1; 0 if it is not known.
    pub column: u32,
    /// What is wrong.
    pub message: String,
}

/// Whether the centre can serve.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Readiness {
    /// `None` if a write has just become durable, else why not.
    pub store: Option<String>,
    /// `None` if calls can arrive, else why not.
    pub telephony: Option<String>,
}

/// Something a watcher is told.
#[derive(Clone, Debug)]
pub enum Watched {
    /// An event.
    Event {
        /// Microseconds since the Unix epoch.
        at_micros: u64,
        /// `offer`, `agent_changed`.
        kind: String,
        /// The rest.
        data: serde_json::Value,
    },
    /// The watcher was too slow for so many events.
    Lagged(u64),
}

/// The centre as the interface sees it.
#[async_trait]
pub trait Centre: Send + Sync {
    /// The token with every right over every tenant.
    fn admin_token(&self) -> String;
    /// The tenants' own tokens.
    fn grants(&self) -> Vec<Grant>;
    /// Who signs in.
    fn people(&self) -> &People;
    /// The other providers of identity.
    fn oidc(&self) -> &Oidc;
    /// Who changed what.
    fn audit(&self) -> &AuditLog;
    /// The tenants' names, sorted.
    fn tenants(&self) -> Vec<String>;
    /// One tenant.
    fn tenant(&self, name: &str) -> Option<Box<dyn Tenancy>>;
    /// Reads the configuration again; returns the keys that changed.
    async fn reload(&self) -> Result<Vec<String>, Fault>;
    /// Whether calls can be served now. Writes to the store.
    async fn readiness(&self) -> Readiness;
    /// The centre's part of the metrics, in Prometheus' text format.
    async fn metrics(&self) -> String;
}

/// One tenant as the interface sees it.
#[async_trait]
pub trait Tenancy: Studio {
    /// The set-up in brief.
    fn summary(&self) -> Tenant;
    /// The set-up of queues and agents.
    fn center(&self) -> &CenterConfig;
    /// What its figures depend on.
    fn figures_config(&self) -> &FiguresConfig;
    /// What agents are planned to do, by agent and time, from as far back as live figures go.
    async fn schedule(&self) -> Result<Vec<ScheduleSpan>, Fault>;
    /// State and figures, or `None` when the engine has stopped.
    async fn snapshot(&self) -> Option<(CenterSnapshot, Stats)>;
    /// What the engine's outputs have left standing.
    fn standing(&self) -> Standing;
    /// Makes a name for an interaction that no call has.
    fn new_interaction(&self) -> InteractionId;
    /// The decisions about an interaction, the oldest first; with an agent, why each was not for it.
    async fn decisions(
        &self,
        interaction: InteractionId,
        agent: Option<AgentId>,
    ) -> Result<Vec<Decision>, Fault>;
    /// Tells the engine of a past event.
    async fn input(&self, input: Input);
    /// The desk of an agent, begun if there is none.
    fn desk(&self, agent: &str) -> Result<(Arc<RunningTenant>, Arc<Desk>), Fault>;
    /// What happens from now on, to the end of the process.
    fn watch(&self) -> BoxStream<'static, Watched>;

    /// Contacts by id; with an address, the one that has it.
    async fn contacts(
        &self,
        address: Option<String>,
        page: PageRequest,
    ) -> Result<Page<Contact>, Fault>;
    /// One contact with its notes.
    async fn contact(&self, id: &str) -> Result<Contact, Fault>;
    /// Creates a contact. Durable when it returns.
    async fn create_contact(&self, contact: ContactChange) -> Result<Contact, Fault>;
    /// Replaces what is known of a contact. Durable when it returns.
    async fn replace_contact(&self, id: &str, contact: ContactChange) -> Result<Contact, Fault>;
    /// Forgets a contact. Durable when it returns.
    async fn delete_contact(&self, id: &str) -> Result<(), Fault>;
    /// Adds a note by `author`. Durable when it returns.
    async fn add_note(&self, id: &str, author: &str, note: Note) -> Result<(), Fault>;
    /// Imports a CSV file, telling `lines` how it goes; the last line is the report.
    async fn import(
        &self,
        csv: Bytes,
        dry_run: bool,
        lines: mpsc::Sender<ImportLine>,
    ) -> Result<(), Fault>;

    /// Interactions, the latest first.
    async fn interactions(
        &self,
        filter: InteractionFilter,
        page: PageRequest,
    ) -> Result<Page<Interaction>, Fault>;
    /// One interaction.
    async fn interaction(&self, id: &str) -> Result<Interaction, Fault>;
    /// Brings a conversation that is not a call into its queue. Durable when it returns.
    async fn create_interaction(&self, opening: Opening) -> Result<Interaction, Fault>;
    /// Ends such a conversation at the customer's side. Durable when it returns.
    async fn end_interaction(&self, id: &str) -> Result<Interaction, Fault>;

    /// The flows.
    async fn flows(&self) -> Result<Vec<FlowSummary>, Fault>;
    /// A flow's versions, the latest first.
    async fn flow_versions(&self, flow: &str) -> Result<Vec<FlowVersion>, Fault>;
    /// One version with its script.
    async fn flow_version(&self, flow: &str, version: u32) -> Result<FlowScript, Fault>;
    /// Parses a script as publishing it would.
    async fn check_flow(&self, flow: &str, script: &str) -> Result<(), Fault>;
    /// Publishes a script. Durable when it returns.
    async fn publish_flow(
        &self,
        flow: &str,
        script: &str,
        author: &str,
        comment: &str,
    ) -> Result<Published, Fault>;
    /// Lets an earlier version serve again. Durable when it returns.
    async fn roll_back_flow(&self, flow: &str, version: Option<u32>) -> Result<Published, Fault>;
    /// Lets a script take the calls to the flow's draft, to the end of the process.
    async fn put_draft(&self, flow: &str, script: &str) -> Result<Draft, Fault>;
    /// Removes the flow's draft.
    async fn remove_draft(&self, flow: &str) -> Result<(), Fault>;
    /// Checks, compiles and keeps a flow that is a component. Durable when it returns.
    async fn install_flow(
        &self,
        flow: &str,
        component: Bytes,
        author: &str,
    ) -> Result<Installed, Fault>;
    /// Lets the version with this digest take calls. Durable when it returns.
    async fn activate_flow(
        &self,
        flow: &str,
        digest: &str,
        author: &str,
    ) -> Result<Activated, Fault>;

    /// The plugins.
    async fn plugins(&self) -> Result<Vec<PluginSummary>, Fault>;
    /// Whether a plugin is asked, what it uses, which limits it met.
    async fn plugin_state(&self, plugin: &str) -> Result<PluginState, Fault>;
    /// Stops every version of a plugin, or lets them be asked again. Durable when it returns.
    async fn switch_plugin(
        &self,
        plugin: &str,
        disabled: bool,
        reason: &str,
        by: &str,
    ) -> Result<(), Fault>;
    /// A plugin's versions, the latest first.
    async fn plugin_versions(&self, plugin: &str) -> Result<Vec<PluginVersion>, Fault>;
    /// Opens what is to be installed, and refuses what the tenant's policy does not accept.
    async fn open_package(&self, arrival: Arrival) -> Result<Arrived, Fault>;
    /// Enters what was installed into the tenant's lock file. Durable when it returns.
    async fn enter_package(&self, arrived: Arrived) -> Result<(), Fault>;
    /// The packages that are installed, by name.
    async fn packages(&self) -> Result<Vec<Locked>, Fault>;
    /// Makes a router of a script and lets it decide. Durable when it returns.
    async fn publish_router(
        &self,
        router: &str,
        script: &str,
        author: &str,
    ) -> Result<Activated, Fault>;
    /// Lets an installed version decide. Durable when it returns.
    async fn activate_router(
        &self,
        plugin: &str,
        digest: &str,
        author: &str,
    ) -> Result<Activated, Fault>;
    /// Takes back a candidate, or the active version. Durable when it returns.
    async fn roll_back_plugin(&self, plugin: &str, by: &str) -> Result<Activated, Fault>;
    /// Gives a candidate a part of the contacts. Durable when it returns.
    async fn begin_canary(
        &self,
        plugin: &str,
        digest: &str,
        share: Share,
        by: &str,
    ) -> Result<(), Fault>;
    /// Asks a candidate and does not obey it. Durable when it returns.
    async fn begin_shadow(&self, plugin: &str, digest: &str, by: &str) -> Result<(), Fault>;
    /// Makes the candidate the active version. Durable when it returns.
    async fn promote_plugin(&self, plugin: &str, by: &str) -> Result<Activated, Fault>;

    /// Checks, compiles and keeps a plugin of any world but flows, with grants for this version
    /// alone. Durable when it returns.
    async fn install_plugin(
        &self,
        plugin: &str,
        world: World,
        component: Bytes,
        grants: &[String],
    ) -> Result<Installed, Fault>;
    /// Has a channel or a connector take what another system sent.
    async fn webhook(&self, world: World, plugin: &str, request: Incoming) -> Result<Reply, Fault>;
    /// Asks a connector for a customer.
    async fn look_up(
        &self,
        connector: &str,
        address: &str,
    ) -> Result<Option<serde_json::Value>, Fault>;
    /// Has a connector create a lead; what the other system calls it.
    async fn create_lead(&self, connector: &str, lead: Lead) -> Result<String, Fault>;
    /// Asks a pacer how many calls to place now.
    async fn pace(&self, pacer: &str, campaign: Campaign) -> Result<Decided, Fault>;
    /// Writes to the customer of a conversation on a channel.
    async fn write_message(
        &self,
        interaction: &str,
        agent: Option<String>,
        text: String,
    ) -> Result<(), Fault>;
    /// Lets the visitor of a web chat see that an agent is writing.
    async fn tell_typing(&self, interaction: &str) -> Result<(), Fault>;
    /// Lets a page of the site `origin` at `address` into the web chat.
    fn webchat(&self, origin: Option<&str>, address: IpAddr) -> Result<Seat, Fault>;
    /// Has the analysts read what was said in an interaction that is over; returns it with their
    /// findings.
    async fn add_transcript(
        &self,
        interaction: &str,
        utterances: Vec<Utterance>,
    ) -> Result<Interaction, Fault>;

    /// Replays a time of the past, telling `lines` how far it is; returns the report.
    async fn replay(
        &self,
        order: Order,
        lines: mpsc::Sender<serde_json::Value>,
    ) -> Result<serde_json::Value, Fault>;
    /// Refuses a candidate that does worse on the recorded past than `gate` allows.
    async fn pass_gate(&self, order: Order) -> Result<(), Fault>;
    /// The figures of outputs said from `from` up to, not including, `to`, and the report that the
    /// parameters ask for; both from the journal.
    async fn figures(
        &self,
        from: Option<Instant>,
        to: Option<Instant>,
        parameters: Parameters,
    ) -> Result<(Stats, Report), Fault>;
    /// The report as it was counted live; `None` if nothing has happened since `seen` records.
    async fn live_report(
        &self,
        parameters: Parameters,
        seen: Option<u64>,
    ) -> Result<Option<LiveReport>, Fault>;
    /// The journal, a record a line, from its beginning or the start of the run of the process that
    /// `from` lies in, up to `to`; ends early where it cannot be read.
    async fn journal(
        &self,
        from: Option<Instant>,
        to: Option<Instant>,
    ) -> Result<BoxStream<'static, Bytes>, Fault>;
}

/// Limits of the interface itself.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest body of an import or a plugin, in bytes.
    pub body_max: usize,
    /// The largest JSON body, in bytes.
    pub json_max: usize,
    /// Requests at once, without streams.
    pub requests: usize,
    /// Imports and installations at once: their bodies are held in memory.
    pub uploads: usize,
    /// Event streams at once.
    pub streams: usize,
    /// Desks at once.
    pub sockets: usize,
    /// Connections at once.
    pub connections: usize,
    /// How long a request may take.
    pub patience: Duration,
    /// How long a publication, an installation or a report may take.
    pub long_patience: Duration,
    /// How often a silent event stream says that it is alive.
    pub heartbeat: Duration,
    /// Whether `/metrics` is shown without a token.
    pub open_metrics: bool,
    /// The networks of the proxies in front, whose word about where a request came from counts.
    pub proxies: Vec<Network>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_max: 64 << 20,
            json_max: 1 << 20,
            requests: 256,
            uploads: 4,
            streams: 128,
            sockets: 2000,
            connections: 4096,
            patience: Duration::from_secs(30),
            long_patience: Duration::from_secs(300),
            heartbeat: Duration::from_secs(15),
            open_metrics: false,
            proxies: Vec::new(),
        }
    }
}

/// Says a fault in a line, for answers that have no status left to say it with.
pub fn describe(fault: &Fault) -> String {
    match fault {
        Fault::NotFound { what, name } => format!("there is no {what} `{name}`"),
        Fault::Invalid { field, reason } | Fault::Conflict { field, reason } => {
            format!("`{field}`: {reason}")
        }
        Fault::Script(_) => "the script has mistakes".to_owned(),
        Fault::Config(_) => "the configuration cannot be read again".to_owned(),
        Fault::Refused(reason)
        | Fault::TooLarge(reason)
        | Fault::Forbidden(reason)
        | Fault::Busy(reason) => reason.clone(),
        Fault::Internal(reason) => {
            tracing::error!(reason, "a request failed");
            "the server made a mistake; its log has the reason".to_owned()
        }
    }
}
