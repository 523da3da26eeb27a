//! What goes over the wire. It is not what the store keeps: either may change without the other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::rollout::{DrainView, RolloutView, StepView};

/// A part of a list.
#[derive(Clone, Debug, Serialize)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next part begins; `None` at the end.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A list that is never in parts.
    pub const fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

/// Which part of a list is wanted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PageRequest {
    /// `next` of the part before.
    pub cursor: Option<String>,
    /// How many items at most.
    pub limit: usize,
}

/// A tenant's set-up in brief.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tenant {
    /// Its name in paths.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The language of its prompts.
    pub language: String,
    /// The country code put before national numbers.
    pub country_code: Option<String>,
    /// How many interactions it may have at once.
    pub max_interactions: u32,
    /// Its flows.
    pub flows: Vec<String>,
    /// Its routers.
    pub routers: Vec<String>,
    /// How many agents it has.
    pub agents: usize,
}

/// A customer.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Contact {
    /// Its name in paths.
    pub id: String,
    /// What the customer is called.
    pub name: String,
    /// Numbers in international form.
    pub phones: Vec<String>,
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// The customer's id elsewhere.
    pub external_id: Option<String>,
    /// A BCP 47 tag.
    pub language: Option<String>,
    /// The segment.
    pub segment: Option<String>,
    /// The tenant's own fields.
    pub fields: BTreeMap<String, String>,
    /// Notes, the earliest first.
    pub notes: Vec<KeptNote>,
    /// When it was created.
    pub created_at: Option<String>,
    /// When it was changed last.
    pub updated_at: Option<String>,
}

/// A note as it is kept.
#[derive(Clone, Debug, Serialize)]
pub struct KeptNote {
    /// When.
    pub at: String,
    /// Who wrote it.
    pub author: String,
    /// About which interaction.
    pub interaction: Option<String>,
    /// What it says.
    pub text: String,
}

/// What may be said of a customer: the whole of it, what is left out is forgotten.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ContactChange {
    /// What the customer is called.
    pub name: String,
    /// Numbers as written.
    #[serde(default)]
    pub phones: Vec<String>,
    /// E-mail addresses.
    #[serde(default)]
    pub emails: Vec<String>,
    /// The customer's id elsewhere.
    #[serde(default)]
    pub external_id: Option<String>,
    /// A BCP 47 tag.
    #[serde(default)]
    pub language: Option<String>,
    /// The segment.
    #[serde(default)]
    pub segment: Option<String>,
    /// The tenant's own fields.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// A note to be kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// What it says.
    pub text: String,
    /// About which interaction.
    #[serde(default)]
    pub interaction: Option<String>,
}

/// One line of an import's answer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportLine {
    /// How far it is.
    Progress(ImportProgress),
    /// What became of it: the last line.
    Report(ImportReport),
    /// It was given up: the last line. What was imported before stays.
    Failed {
        /// Why.
        reason: String,
    },
}

/// How far an import is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportProgress {
    /// Lines read, without the header.
    pub lines: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Contacts that are new or changed.
    pub imported: u64,
    /// Lines that were not taken.
    pub rejected: u64,
}

/// What became of an import.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportReport {
    /// Whether nothing was kept.
    pub dry_run: bool,
    /// New contacts.
    pub imported: u64,
    /// Contacts that were known and changed.
    pub updated: u64,
    /// Lines that were not taken; at most the first thousand.
    pub rejected: Vec<RejectedLine>,
    /// How many were not taken.
    pub rejected_total: u64,
}

/// A line of a CSV file that was not taken.
#[derive(Clone, Debug, Serialize)]
pub struct RejectedLine {
    /// Its number, from 1; the header is line 1.
    pub line: u64,
    /// The column.
    pub field: String,
    /// The value.
    pub value: String,
    /// Why.
    pub reason: String,
}

/// Which interactions are wanted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct InteractionFilter {
    /// Served by this agent.
    pub agent: Option<String>,
    /// In this queue last.
    pub queue: Option<String>,
    /// From this address.
    pub ani: Option<String>,
    /// Arrived at or after, in microseconds since the Unix epoch.
    pub from_micros: Option<u64>,
    /// Arrived before.
    pub to_micros: Option<u64>,
    /// In progress, or ended.
    pub open: Option<bool>,
}

/// A conversation with a customer, from arrival to end.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Interaction {
    /// Its name.
    pub id: String,
    /// The kind of conversation.
    pub channel: String,
    /// The customer's address, if not withheld.
    pub ani: Option<String>,
    /// What the customer dialled.
    pub dnis: String,
    /// The customer, if known.
    pub contact: Option<String>,
    /// When it came.
    pub arrived_at: String,
    /// When an agent answered.
    pub answered_at: Option<String>,
    /// When it ended.
    pub ended_at: Option<String>,
    /// Why it ended.
    pub end: Option<String>,
    /// The last queue.
    pub queue: Option<String>,
    /// The last agent.
    pub agent: Option<String>,
    /// The flow.
    pub flow: Option<String>,
    /// The digest of the flow's version.
    pub flow_digest: Option<String>,
    /// The path of its recording.
    pub recording: Option<String>,
    /// The language spoken.
    pub language: Option<String>,
    /// How long it waited.
    pub wait_ms: u64,
    /// How long an agent talked.
    pub talk_ms: u64,
    /// What the flow kept.
    pub attributes: Vec<(String, String)>,
    /// What happened, the earliest first.
    pub timeline: Vec<TimelineEntry>,
}

/// One thing that happened to an interaction.
#[derive(Clone, Debug, Serialize)]
pub struct TimelineEntry {
    /// When.
    pub at: String,
    /// What: `queued`.
    pub what: String,
    /// Names and values.
    pub details: Vec<(String, String)>,
}

/// A flow.
#[derive(Clone, Debug, Serialize)]
pub struct FlowSummary {
    /// Its name.
    pub name: String,
    /// The version that takes calls.
    pub active_version: Option<u32>,
    /// Its component's digest.
    pub digest: Option<String>,
}

/// A version of a flow.
#[derive(Clone, Debug, Serialize)]
pub struct FlowVersion {
    /// Its number.
    pub version: u32,
    /// Its component's digest.
    pub digest: String,
    /// Who published it.
    pub author: String,
    /// What the author said.
    pub comment: String,
    /// When.
    pub published_at: String,
    /// Whether it takes calls.
    pub active: bool,
}

/// A version of a flow, with its script.
#[derive(Clone, Debug, Serialize)]
pub struct FlowScript {
    /// The version.
    #[serde(flatten)]
    pub version: FlowVersion,
    /// Its script.
    pub script: String,
}

/// A flow that was published or rolled back.
#[derive(Clone, Debug, Serialize)]
pub struct Published {
    /// The version that takes calls.
    pub version: u32,
    /// Its component's digest.
    pub digest: String,
}

/// A draft that takes calls.
#[derive(Clone, Debug, Serialize)]
pub struct Draft {
    /// What to dial for it, if a number leads to its flow.
    pub dial: Option<String>,
    /// All that may be dialled for it; a pattern ends with `*`.
    pub numbers: Vec<String>,
}

/// A plugin.
#[derive(Clone, Debug, Serialize)]
pub struct PluginSummary {
    /// Its name.
    pub name: String,
    /// What kind it is.
    pub world: String,
    /// The version that decides.
    pub active_digest: Option<String>,
    /// How many versions are installed.
    pub versions: usize,
    /// Whether the active version is asked: `serving`, `quarantined`, `trial`, `disabled`, `revoked`;
    /// `missing` if there is none.
    pub standing: String,
    /// Why the active version was revoked, if it was.
    pub revoked: Option<String>,
}

/// Whether a plugin is asked, what it uses, which limits it met: since the process started.
#[derive(Clone, Debug, Serialize)]
pub struct PluginState {
    /// Its name.
    pub name: String,
    /// As in its summary.
    pub standing: String,
    /// Why an operator stopped it, if one did.
    pub disabled: Option<String>,
    /// Versions that serve although they were revoked, by digest, and why.
    pub revoked: BTreeMap<String, String>,
    /// The versions that were asked.
    pub versions: Vec<VersionStanding>,
    /// How often each limit was met; those that were not are left out.
    pub limits_met: BTreeMap<String, u64>,
    /// What it has used.
    pub used: PluginUse,
    /// Who switched it off and on, the latest first.
    pub switched: Vec<SwitchTurn>,
    /// The candidate that is tried, if one is.
    pub rollout: Option<RolloutView>,
    /// Versions that were replaced and still lead contacts.
    pub draining: Vec<DrainView>,
    /// What was tried, promoted and taken back, the latest first.
    pub steps: Vec<StepView>,
}

/// Whether one version is asked.
#[derive(Clone, Debug, Serialize)]
pub struct VersionStanding {
    /// Its digest.
    pub digest: String,
    /// `serving`, `quarantined`, `trial`.
    pub standing: String,
    /// How long a quarantine still lasts.
    pub seconds_left: f64,
    /// Failures that count now.
    pub failures: u32,
}

/// What a plugin has used.
#[derive(Clone, Debug, Serialize)]
pub struct PluginUse {
    /// Calls that were let in.
    pub calls: u64,
    /// Host calls.
    pub host_calls: u64,
    /// Log bytes kept.
    pub log_bytes: u64,
    /// The largest memory of one instance.
    pub memory_peak_bytes: u64,
}

/// One turn of a plugin's switch.
#[derive(Clone, Debug, Serialize)]
pub struct SwitchTurn {
    /// When.
    pub at: String,
    /// Whether it stopped the plugin.
    pub disabled: bool,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
}

/// A version of a plugin.
#[derive(Clone, Debug, Serialize)]
pub struct PluginVersion {
    /// Its number: the first that was installed is 1.
    pub version: usize,
    /// Its digest.
    pub digest: String,
    /// What kind it is.
    pub world: String,
    /// When it was installed.
    pub installed_at: String,
    /// Its size.
    pub size_bytes: u64,
    /// What it imports.
    pub imports: Vec<String>,
    /// What it may import.
    pub grants: Vec<String>,
    /// Whether it decides.
    pub active: bool,
}

/// A plugin that was installed.
#[derive(Clone, Debug, Serialize)]
pub struct Installed {
    /// Its number: the first that was installed is 1.
    pub version: usize,
    /// Its digest.
    pub digest: String,
    /// Whether it had been compiled before.
    pub cached: bool,
    /// What the configuration does not give it although it asks for it, or does not do with it: each in a
    /// sentence, with the lines to add.
    pub lacks: Vec<String>,
}

/// A plugin that was activated.
#[derive(Clone, Debug, Serialize)]
pub struct Activated {
    /// The digest of the version that decides.
    pub digest: String,
}
