//! What was: interactions, plugins' versions, figures. Blocks on the store's files.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use jackfield_core::{AgentId, Instant, InteractionId, JournalRecord, QueueId, Stats};
use jackfield_figures::kpi::{Folder, Parameters, Report};
use jackfield_store::{InteractionFilter as StoreFilter, InteractionRecord, Lsn};
use tokio::sync::mpsc;

use super::centre::Fault;
use super::live::{fault, word};
use super::standings;
use super::view::{
    Interaction, InteractionFilter, Page, PageRequest, PluginSummary, PluginVersion, TimelineEntry,
};
use crate::rfc3339;
use crate::session::{self, NotOpened, Opening};
use crate::tenant::Tenant;

/// Lists interactions, the latest first.
pub fn interactions(
    tenant: &Tenant,
    filter: &InteractionFilter,
    page: &PageRequest,
) -> Result<Page<Interaction>, Fault> {
    let nothing = || Ok(Page::whole(Vec::new()));
    let agent = filter.agent.as_deref().map(AgentId::new).transpose();
    let queue = filter.queue.as_deref().map(QueueId::new).transpose();
    // What is no name is nobody's name.
    let (Ok(agent), Ok(queue)) = (agent, queue) else { return nothing() };
    let wanted = StoreFilter {
        agent,
        queue,
        ani: filter.ani.clone(),
        from: filter.from_micros,
        to: filter.to_micros,
        only_open: filter.open == Some(true),
    };
    let mut cursor = page.cursor.as_deref().map(parse_cursor).transpose()?;
    let mut items = Vec::new();
    loop {
        let left = page.limit - items.len();
        let part = tenant.store.interactions(&wanted, cursor, left).map_err(fault)?;
        // The store knows "open" only: those in progress are few, and are left out here.
        let ended =
            |record: &InteractionRecord| filter.open != Some(false) || record.ended_at.is_some();
        items.extend(part.items.into_iter().filter(ended).map(view));
        cursor = part.next;
        if cursor.is_none() || page.limit <= items.len() {
            return Ok(Page { items, next: cursor.map(|id| id.to_string()) });
        }
    }
}

fn parse_cursor(text: &str) -> Result<InteractionId, Fault> {
    text.parse().map_err(|_| Fault::Invalid {
        field: "cursor".to_owned(),
        reason: "only `next` of an earlier answer is accepted".to_owned(),
    })
}

/// Returns one interaction.
pub fn interaction(tenant: &Tenant, id: &str) -> Result<Interaction, Fault> {
    let missing = || Fault::NotFound { what: "interaction", name: id.to_owned() };
    let name = id.parse().map_err(|_| missing())?;
    let record = tenant.store.interaction(name).map_err(fault)?;
    record.map(view).ok_or_else(missing)
}

/// Brings in a conversation that is not a call.
pub async fn create(tenant: &Arc<Tenant>, opening: Opening) -> Result<Interaction, Fault> {
    match session::open(tenant, opening).await {
        Ok(record) => Ok(view(record)),
        Err(NotOpened::Store(error)) => Err(fault(error)),
        Err(full @ NotOpened::Full) => Err(Fault::Busy(full.to_string())),
    }
}

fn view(record: InteractionRecord) -> Interaction {
    let flow = record.timeline.iter().find(|event| event.what == "arrived").and_then(|event| {
        let found = event.details.iter().find(|(name, _)| name == "flow");
        found.map(|(_, flow)| flow.clone())
    });
    let timeline = record.timeline.into_iter().map(|event| TimelineEntry {
        at: rfc3339::format(event.at_micros),
        what: event.what,
        details: event.details,
    });
    Interaction {
        id: record.id.to_string(),
        channel: word(&record.channel),
        ani: record.ani,
        dnis: record.dnis,
        contact: record.contact,
        arrived_at: rfc3339::format(record.arrived_at),
        answered_at: record.answered_at.map(rfc3339::format),
        ended_at: record.ended_at.map(rfc3339::format),
        end: record.end.as_ref().map(word),
        queue: record.queue.map(|queue| queue.to_string()),
        agent: record.agent.map(|agent| agent.to_string()),
        flow,
        flow_digest: record.flow_digest,
        recording: record.recording,
        language: record.language,
        wait_ms: record.wait_ms,
        talk_ms: record.talk_ms,
        attributes: record.attributes,
        timeline: timeline.collect(),
    }
}

fn active(tenant: &Tenant, plugin: &str) -> Result<Option<String>, Fault> {
    if let Some(digest) = standings::active_digest(tenant, plugin) {
        return Ok(Some(digest));
    }
    let kept = tenant.store.active_plugin(plugin).map_err(fault)?;
    Ok(kept.map(|version| version.digest))
}

/// Lists the plugins that are configured or installed.
pub fn plugins(tenant: &Tenant) -> Result<Vec<PluginSummary>, Fault> {
    let config = tenant.config();
    let named = |world: &'static str| move |name: &String| (name.clone(), (world.to_owned(), 0));
    let mut found: BTreeMap<String, (String, usize)> =
        config.routers.keys().map(named("router")).collect();
    found.extend(config.estimators.keys().map(named("estimator")));
    let called = config.plugins.iter();
    found.extend(called.map(|(name, entry)| (name.clone(), (entry.world.name().to_owned(), 0))));
    for version in tenant.store.plugins(None).map_err(fault)? {
        let entry = found.entry(version.name).or_insert_with(|| (version.world, 0));
        entry.1 += 1;
    }
    let summaries = found.into_iter().map(|(name, (world, versions))| {
        let active_digest = active(tenant, &name)?;
        let account = tenant.account.plugin(&name);
        let standing = standings::standing(&account, active_digest.as_deref()).to_owned();
        let revoked = active_digest.as_deref().and_then(|digest| account.revoked(digest));
        Ok(PluginSummary { name, world, active_digest, versions, standing, revoked })
    });
    summaries.collect()
}

/// Lists a plugin's versions, the latest first.
pub fn plugin_versions(tenant: &Tenant, plugin: &str) -> Result<Vec<PluginVersion>, Fault> {
    let mut known = tenant.store.plugins(Some(plugin)).map_err(fault)?;
    let config = tenant.config();
    let configured = config.routers.contains_key(plugin)
        || config.estimators.contains_key(plugin)
        || config.plugins.contains_key(plugin);
    if known.is_empty() && !configured {
        return Err(Fault::NotFound { what: "plugin", name: plugin.to_owned() });
    }
    known.sort_by(|a, b| (a.installed_at, &a.digest).cmp(&(b.installed_at, &b.digest)));
    let active = active(tenant, plugin)?;
    let versions = known.into_iter().enumerate().rev().map(|(place, version)| PluginVersion {
        version: place + 1,
        active: active.as_ref() == Some(&version.digest),
        digest: version.digest,
        world: version.world,
        installed_at: rfc3339::format(version.installed_at),
        size_bytes: version.size,
        imports: version.imports,
        grants: version.grants,
    });
    Ok(versions.collect())
}

/// Makes the figures of a time from the journal.
pub fn figures(
    tenant: &Tenant,
    from: Option<Instant>,
    to: Option<Instant>,
    parameters: &Parameters,
) -> Result<(Stats, Report), Fault> {
    let mut stats = Stats::default();
    let mut folder = Folder::new();
    for entry in tenant.journal.read_journal(&tenant.id, Lsn::ZERO) {
        let (lsn, bytes) = entry.map_err(fault)?;
        let record: JournalRecord = match serde_json::from_slice(&bytes) {
            Ok(record) => record,
            Err(error) => {
                tracing::warn!(tenant = %tenant.id, %lsn, %error, "a record of another version is passed over");
                continue;
            }
        };
        // What becomes of a contact after the range belongs to its report as well.
        folder.take(&record);
        if to.is_some_and(|to| to <= record.at) {
            continue;
        }
        if from.is_none_or(|from| from <= record.at) {
            for output in &record.outputs {
                stats.apply(record.at, output);
            }
        }
    }
    Ok((stats, folder.report(parameters)))
}

/// Bytes of the journal that are handed over at once.
const CHUNK: usize = 64 << 10;

/// The part of a record that tells where it belongs.
#[derive(serde::Deserialize)]
struct Head {
    at: Instant,
    input: HeadInput,
}

#[derive(serde::Deserialize)]
struct HeadInput {
    input: String,
}

fn head(bytes: &[u8]) -> Option<Head> {
    serde_json::from_slice(bytes).ok()
}

/// The first record of the last run of the process that began no later than `from`: the set-up that
/// is followed by `restarted`.
fn run_start(tenant: &Tenant, from: Instant) -> Lsn {
    let (mut start, mut configured) = (Lsn::ZERO, None);
    for entry in tenant.journal.read_journal(&tenant.id, Lsn::ZERO) {
        let Ok((lsn, bytes)) = entry else { break };
        let Some(head) = head(&bytes) else { continue };
        if from < head.at {
            break;
        }
        let first = configured.take();
        match head.input.input.as_str() {
            "restarted" => start = first.unwrap_or(start),
            "configured" => configured = Some(lsn),
            _ => (),
        }
    }
    start
}

/// Hands over the journal, a record a line, until it ends or nobody takes it any more: from the start
/// of the run that `from` lies in, up to `to`.
pub fn journal(
    tenant: &Tenant,
    from: Option<Instant>,
    to: Option<Instant>,
    chunks: &mpsc::Sender<Bytes>,
) {
    let start = from.map_or(Lsn::ZERO, |from| run_start(tenant, from));
    let mut chunk = Vec::with_capacity(CHUNK);
    for entry in tenant.journal.read_journal(&tenant.id, start) {
        let bytes = match entry {
            Ok((_, bytes)) => bytes,
            Err(error) => {
                tracing::error!(tenant = %tenant.id, %error, "the journal cannot be read to its end");
                break;
            }
        };
        if to.is_some_and(|to| head(&bytes).is_some_and(|head| to <= head.at)) {
            break;
        }
        chunk.extend_from_slice(&bytes);
        chunk.push(b'\n');
        if CHUNK <= chunk.len() {
            let full = std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK));
            if chunks.blocking_send(Bytes::from(full)).is_err() {
                return;
            }
        }
    }
    // Who does not listen any more misses nothing.
    let _ = chunks.blocking_send(Bytes::from(chunk));
}
