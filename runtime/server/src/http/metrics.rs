//! The centre's metrics, in the words of the glossary.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jackfield_core::{CenterSnapshot, Channel, QueueStats, Stats, TenantId};

use super::agents::work_state;
use super::exposition::{Exposition, Kind};
use super::live::word;
use super::plugin_metrics;
use crate::app::App;
use crate::tenant::{Counted, Tenant};
use Kind::{Counter, Gauge};

/// How long an engine may take to say how it is before it is left out.
const SNAPSHOT_WITHIN: Duration = Duration::from_secs(2);
/// Characters of a digest shown in labels.
const DIGEST_SHOWN: usize = 12;

type Engine<'a> = (&'a Tenant, CenterSnapshot, Stats);

/// Writes the metrics of everything but the interface itself.
pub async fn expose(app: &App) -> String {
    let mut engines = BTreeMap::new();
    for (id, tenant) in &app.tenants {
        // An engine that is stuck must not hide the others.
        if let Ok(Some((snapshot, stats))) =
            tokio::time::timeout(SNAPSHOT_WITHIN, tenant.snapshot()).await
        {
            engines.insert(id, (tenant.as_ref(), snapshot, stats));
        }
    }
    let mut page = Exposition::default();
    queue_counters(&mut page, &engines);
    queue_gauges(&mut page, &engines);
    tenants(&mut page, app, &engines);
    standing(&mut page, app);
    desks(&mut page, app);
    webchat(&mut page, app);
    plugins(&mut page, app);
    plugin_metrics::expose(&mut page, app);
    egress(&mut page, app);
    telephony(&mut page, app);
    store(&mut page, app);
    process(&mut page);
    page.finish()
}

/// The web chats.
fn webchat(page: &mut Exposition, app: &App) {
    let all: Vec<_> = app
        .tenants
        .iter()
        .filter(|(_, tenant)| tenant.config().webchat.enabled)
        .map(|(id, tenant)| (id.as_str(), tenant.webchat.counts(), tenant.config()))
        .collect();
    page.metric("jackfield_webchat_in_progress", Gauge, "What the limits of web chats count now.");
    for (tenant, counts, _) in &all {
        let now = [("connections", counts.connected), ("conversations", counts.conversations)];
        for (what, count) in now {
            page.sample(&[("tenant", tenant), ("limit", what)], count as f64);
        }
    }
    page.metric("jackfield_webchat_limit", Gauge, "These limits.");
    for (tenant, _, config) in &all {
        let limits = [
            ("connections", config.webchat.connections),
            ("conversations", config.webchat.conversations),
        ];
        for (what, limit) in limits {
            page.sample(&[("tenant", tenant), ("limit", what)], limit as f64);
        }
    }
    page.metric("jackfield_webchat_messages_total", Counter, "Messages, by who wrote them.");
    for (tenant, counts, _) in &all {
        for (from, count) in &counts.messages {
            page.sample(&[("tenant", tenant), ("from", from)], *count as f64);
        }
    }
    let help = "Pages and messages that were refused, by reason.";
    page.metric("jackfield_webchat_refused_total", Counter, help);
    for (tenant, counts, _) in &all {
        for (reason, count) in &counts.refused {
            page.sample(&[("tenant", tenant), ("reason", reason)], *count as f64);
        }
    }
}

/// Requests of plugins to the world outside.
fn egress(page: &mut Exposition, app: &App) {
    let figures = app.egress.figures();
    let help = "Requests of plugins to outside, by plugin and outcome.";
    page.metric("jackfield_plugin_http_requests_total", Counter, help);
    for (owner, outcome, count) in figures.outcomes() {
        let (tenant, plugin) = owner.split_once('/').unwrap_or((&owner, ""));
        let labels = [("tenant", tenant), ("plugin", plugin), ("outcome", outcome)];
        page.sample(&labels, count as f64);
    }
    let (sent, received) = figures.bytes();
    let help = "Bytes of bodies that plugins sent and received.";
    page.metric("jackfield_plugin_http_bytes_total", Counter, help);
    page.sample(&[("direction", "sent")], sent as f64);
    page.sample(&[("direction", "received")], received as f64);
    let (now, most) = app.egress.at_once();
    let help = "Requests of plugins at work.";
    page.only("jackfield_plugin_http_in_progress", Gauge, help, now as f64);
    page.only("jackfield_plugin_http_limit", Gauge, "How many there may be.", most as f64);
}

type QueueCounter = (&'static str, &'static str, fn(&QueueStats) -> f64);

const QUEUE_COUNTERS: &[QueueCounter] = &[
    (
        "jackfield_queue_offered_total",
        "Contacts that joined the queue, by their flow or from another queue.",
        |queue| queue.offered as f64,
    ),
    (
        "jackfield_queue_answered_total",
        "Contacts that an agent answered; also the count of waits.",
        |queue| queue.answered as f64,
    ),
    (
        "jackfield_queue_answered_in_target_total",
        "Contacts answered within the service level target.",
        |queue| queue.answered_in_target as f64,
    ),
    (
        "jackfield_queue_abandoned_total",
        "Customers who left while they waited, without the short ones.",
        |queue| queue.abandoned as f64,
    ),
    (
        "jackfield_queue_short_abandoned_total",
        "Customers who left sooner than short_abandon.",
        |queue| queue.short_abandoned as f64,
    ),
    ("jackfield_queue_overflowed_in_total", "Contacts that came from another queue.", |queue| {
        queue.overflowed_in as f64
    }),
    ("jackfield_queue_overflowed_out_total", "Contacts that moved on to another queue.", |queue| {
        queue.overflowed_out as f64
    }),
    (
        "jackfield_queue_wait_seconds_total",
        "The waits of all that were answered; by answered_total it is the ASA.",
        |queue| queue.wait_of_answered.as_secs_f64(),
    ),
    ("jackfield_queue_handled_total", "Conversations that ended.", |queue| queue.handled as f64),
    ("jackfield_queue_talk_seconds_total", "Their talk time.", |queue| queue.talk.as_secs_f64()),
    ("jackfield_queue_wrap_up_seconds_total", "The after-call work that followed.", |queue| {
        queue.wrap_up.as_secs_f64()
    }),
];

fn queue_counters(page: &mut Exposition, engines: &BTreeMap<&TenantId, Engine<'_>>) {
    for (name, help, value) in QUEUE_COUNTERS {
        page.metric(name, Counter, help);
        each_queue(engines, |labels, queue| {
            page.sample(&labels, value(queue));
        });
    }
    let help = "Contacts that left without an agent and without hanging up, by reason.";
    page.metric("jackfield_queue_left_total", Counter, help);
    each_queue(engines, |[tenant, queue], stats| {
        let left = &stats.left;
        for (reason, count) in [
            ("timed_out", left.timed_out),
            ("full", left.full),
            ("closed", left.closed),
            ("no_agents", left.no_agents),
            ("by_key", left.by_key),
            ("callback", left.callback),
        ] {
            page.sample(&[tenant, queue, ("reason", reason)], count as f64);
        }
    });
    let help = "Answers that routers did not give; the built-in rule decided.";
    page.metric("jackfield_queue_router_failures_total", Counter, help);
    each_queue(engines, |[tenant, queue], stats| {
        for (failure, count) in &stats.router_failures {
            page.sample(&[tenant, queue, ("failure", failure)], *count as f64);
        }
    });
}

/// Visits every queue that is configured or has figures: what has not happened yet is 0.
fn each_queue<'a>(
    engines: &'a BTreeMap<&TenantId, Engine<'_>>,
    mut each: impl FnMut([(&'static str, &'a str); 2], &QueueStats),
) {
    let none = QueueStats::default();
    for (tenant, (_, snapshot, stats)) in engines {
        let names: BTreeSet<_> = snapshot.queues.keys().chain(stats.queues.keys()).collect();
        for queue in names {
            let labels = [("tenant", tenant.as_str()), ("queue", queue.as_str())];
            each(labels, stats.queues.get(queue).unwrap_or(&none));
        }
    }
}

fn queue_gauges(page: &mut Exposition, engines: &BTreeMap<&TenantId, Engine<'_>>) {
    let each = |page: &mut Exposition, value: fn(&jackfield_core::QueueSnapshot) -> f64| {
        for (tenant, (_, snapshot, _)) in engines {
            for (name, queue) in &snapshot.queues {
                let labels = [("tenant", tenant.as_str()), ("queue", name.as_str())];
                page.sample(&labels, value(queue));
            }
        }
    };
    page.metric("jackfield_queue_waiting", Gauge, "Contacts that wait or ring.");
    each(page, |queue| queue.waiting.len() as f64);
    page.metric("jackfield_queue_longest_wait_seconds", Gauge, "The longest wait now.");
    each(page, |queue| queue.longest_wait.as_secs_f64());
    page.metric("jackfield_queue_agents_ready", Gauge, "The queue's agents who are Ready.");
    each(page, |queue| f64::from(queue.ready));
    let help = "The queue's agents who are Reserved, Busy or in AfterCallWork.";
    page.metric("jackfield_queue_agents_busy", Gauge, help);
    each(page, |queue| f64::from(queue.busy));
    page.metric("jackfield_queue_limit", Gauge, "How many may wait: max_size.");
    for (id, (tenant, _, _)) in engines {
        for (name, queue) in &tenant.config().center.queues {
            let labels = [("tenant", id.as_str()), ("queue", name.as_str())];
            page.sample(&labels, f64::from(queue.max_size));
        }
    }
}

fn tenants(page: &mut Exposition, app: &App, engines: &BTreeMap<&TenantId, Engine<'_>>) {
    page.metric("jackfield_tenant_up", Gauge, "Whether the tenant's engine answers.");
    for id in app.tenants.keys() {
        let up = if engines.contains_key(id) { 1.0 } else { 0.0 };
        page.sample(&[("tenant", id.as_str())], up);
    }
    page.metric("jackfield_agents", Gauge, "Agents by state.");
    for (tenant, (_, snapshot, _)) in engines {
        let states = ["logged_out", "not_ready", "ready", "reserved", "busy", "after_call_work"];
        for state in states {
            let agents = snapshot.agents.values();
            let count = agents.filter(|agent| agent.state.name() == state).count();
            page.sample(&[("tenant", tenant.as_str()), ("state", state)], count as f64);
        }
    }
    let help = "Conversations and after-call work that agents have in hand.";
    page.metric("jackfield_agent_works", Gauge, help);
    for (tenant, (_, snapshot, _)) in engines {
        for channel in Channel::ALL {
            for state in ["talking", "put_aside", "wrapping_up"] {
                let works = snapshot.agents.values().flat_map(|agent| &agent.works);
                let count = works
                    .filter(|work| work.channel == channel && work_state(work) == state)
                    .count();
                let channel = word(&channel);
                let labels =
                    [("tenant", tenant.as_str()), ("channel", &*channel), ("state", state)];
                page.sample(&labels, count as f64);
            }
        }
    }
    page.metric("jackfield_interactions_open", Gauge, "Interactions in the centre now.");
    for (id, tenant) in &app.tenants {
        let open = tenant.open.load(Ordering::Relaxed);
        page.sample(&[("tenant", id.as_str())], f64::from(open));
    }
    page.metric("jackfield_interactions_limit", Gauge, "Interactions at once: max_interactions.");
    for (id, tenant) in &app.tenants {
        let limit = tenant.config().center.limits.interactions;
        page.sample(&[("tenant", id.as_str())], f64::from(limit));
    }
}

/// What the engine's outputs have left standing, and how often.
const COUNTED: &[(Counted, &str, &str, &str)] = &[
    (
        Counted::Callbacks,
        "jackfield_queue_callbacks_total",
        "state",
        "Callbacks, by what became of them.",
    ),
    (
        Counted::Announcements,
        "jackfield_queue_announcements_total",
        "told",
        "What those who wait were told.",
    ),
    (
        Counted::Estimates,
        "jackfield_queue_estimates_total",
        "told",
        "Estimates of waits; they are silent while the estimator is not calibrated.",
    ),
    (
        Counted::EstimatorFailures,
        "jackfield_queue_estimator_failures_total",
        "failure",
        "Answers that estimators did not give; no wait was told.",
    ),
    (
        Counted::Interventions,
        "jackfield_queue_interventions_total",
        "kind",
        "Contacts moved, priorities changed, needs relaxed: by supervisors, routers and rules.",
    ),
    (Counted::Doors, "jackfield_queue_doors_total", "to", "Openings and closings of the queue."),
];

fn standing(page: &mut Exposition, app: &App) {
    let all: Vec<_> =
        app.tenants.iter().map(|(id, tenant)| (id, tenant, tenant.standing().clone())).collect();
    for (counted, name, label, help) in COUNTED {
        page.metric(name, Counter, help);
        for (id, _, standing) in &all {
            for ((what, queue, how), count) in &standing.counts {
                if what == counted {
                    let labels =
                        [("tenant", id.as_str()), ("queue", queue.as_str()), (label, *how)];
                    page.sample(&labels, *count as f64);
                }
            }
        }
    }
    page.metric("jackfield_queue_open", Gauge, "Whether the queue takes contacts.");
    for (id, tenant, standing) in &all {
        for queue in tenant.config().center.queues.keys() {
            let open = if standing.closed.contains(queue) { 0.0 } else { 1.0 };
            page.sample(&[("tenant", id.as_str()), ("queue", queue.as_str())], open);
        }
    }
    page.metric("jackfield_callbacks_open", Gauge, "Customers who are to be called.");
    for (id, _, standing) in &all {
        page.sample(&[("tenant", id.as_str())], standing.callbacks.len() as f64);
    }
    page.metric("jackfield_callbacks_overdue", Gauge, "Of these, past their deadline.");
    for (id, _, standing) in &all {
        let overdue = standing.callbacks.values().filter(|open| open.overdue).count();
        page.sample(&[("tenant", id.as_str())], overdue as f64);
    }
    page.metric("jackfield_callbacks_limit", Gauge, "How many may be open: max_callbacks.");
    for (id, tenant, _) in &all {
        let limit = tenant.config().center.limits.callbacks;
        page.sample(&[("tenant", id.as_str())], f64::from(limit));
    }
    limits(page, app);
    page.metric("jackfield_interruptions_total", Counter, "Work put aside for a call.");
    for (id, _, standing) in &all {
        page.sample(&[("tenant", id.as_str())], standing.interruptions as f64);
    }
    page.metric("jackfield_blend_peak", Gauge, "Whether a blend leaves deferred work alone.");
    for (id, tenant, standing) in &all {
        for blend in tenant.config().center.blends.keys() {
            let peak = if standing.peaks.contains(blend) { 1.0 } else { 0.0 };
            page.sample(&[("tenant", id.as_str()), ("blend", blend)], peak);
        }
    }
}

/// Agents' desks.
fn desks(page: &mut Exposition, app: &App) {
    let counts: Vec<_> =
        app.tenants.iter().map(|(id, tenant)| (id.as_str(), tenant.desks.counts())).collect();
    page.metric("jackfield_desks", Gauge, "Desks of agents in browsers.");
    for (tenant, (there, _)) in &counts {
        page.sample(&[("tenant", tenant)], *there as f64);
    }
    page.metric("jackfield_desks_with_voice", Gauge, "Desks that calls ring at.");
    for (tenant, (_, voice)) in &counts {
        page.sample(&[("tenant", tenant)], *voice as f64);
    }
}

/// Limits of what is noted for figures.
fn limits(page: &mut Exposition, app: &App) {
    let help = "Entries of a schedule that are set at once: max_schedule_entries.";
    page.metric("jackfield_schedule_entries_limit", Gauge, help);
    for (id, tenant) in &app.tenants {
        let limit = tenant.config().figures.max_schedule_entries;
        page.sample(&[("tenant", id.as_str())], limit as f64);
    }
    page.metric("jackfield_reason_limit_characters", Gauge, "The longest reason: max_reason.");
    for (id, tenant) in &app.tenants {
        page.sample(&[("tenant", id.as_str())], tenant.config().figures.max_reason as f64);
    }
    page.metric("jackfield_live_figures_seconds", Gauge, "How far live figures go: figures.kept.");
    for (id, tenant) in &app.tenants {
        page.sample(&[("tenant", id.as_str())], tenant.config().figures.kept.as_secs_f64());
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn plugins(page: &mut Exposition, app: &App) {
    let mut figures = Vec::new();
    for (tenant, state) in &app.tenants {
        for (plugin, kept) in locked(&state.figures).iter() {
            figures.push((tenant.as_str(), plugin.clone(), std::sync::Arc::clone(kept)));
        }
    }
    let help = "Failures of plugins; what is built in served instead.";
    page.metric("jackfield_plugin_failures_total", Counter, help);
    for (tenant, plugin, kept) in &figures {
        for ((failure, digest), count) in locked(&kept.failures).iter() {
            let digest = digest.get(..DIGEST_SHOWN).unwrap_or(digest);
            let labels =
                [("tenant", *tenant), ("plugin", plugin), ("digest", digest), ("failure", failure)];
            page.sample(&labels, *count as f64);
        }
    }
    page.metric("jackfield_plugin_counter_total", Counter, "Counters of plugins' own.");
    for (tenant, plugin, kept) in &figures {
        for (counter, count) in locked(&kept.counters).iter() {
            let labels = [("tenant", *tenant), ("plugin", plugin), ("counter", counter)];
            page.sample(&labels, *count as f64);
        }
    }
    let help = "Values of plugins' own distributions: how many.";
    page.metric("jackfield_plugin_observations_total", Counter, help);
    for (tenant, plugin, kept) in &figures {
        for (name, (count, _)) in locked(&kept.distributions).iter() {
            let labels = [("tenant", *tenant), ("plugin", plugin), ("distribution", name)];
            page.sample(&labels, *count as f64);
        }
    }
    let help = "Values of plugins' own distributions: their sum.";
    page.metric("jackfield_plugin_observed_sum", Gauge, help);
    for (tenant, plugin, kept) in &figures {
        for (name, (_, sum)) in locked(&kept.distributions).iter() {
            let labels = [("tenant", *tenant), ("plugin", plugin), ("distribution", name)];
            page.sample(&labels, *sum);
        }
    }
    let (running, limit) = app.replays.running();
    page.only("jackfield_replays", Gauge, "Replays that run now.", running as f64);
    let help = "How many replays may run at once: runtime.replays.";
    page.only("jackfield_replays_limit", Gauge, help, limit as f64);
    let help = "Flows that could start now, within the limit of instances.";
    page.only("jackfield_plugin_flows_free", Gauge, help, app.plugins.flows_free() as f64);
}

fn telephony(page: &mut Exposition, app: &App) {
    let figures = app.endpoint.counters();
    let limit = app.config().sip.max_calls as f64;
    for (name, kind, help, value) in [
        ("jackfield_sip_invites_total", Counter, "INVITEs outside a dialog.", figures.invites),
        ("jackfield_sip_overloaded_total", Counter, "Calls refused with 503.", figures.overloaded),
        (
            "jackfield_sip_registered",
            Gauge,
            "Addresses of record with a phone.",
            figures.registered,
        ),
        ("jackfield_legs", Gauge, "Legs that exist now.", figures.legs),
        ("jackfield_rtp_packets_received_total", Counter, "RTP received.", figures.rtp_received),
        ("jackfield_rtp_packets_sent_total", Counter, "RTP sent.", figures.rtp_sent),
        (
            "jackfield_rtp_packets_discarded_total",
            Counter,
            "RTP that came too late or twice.",
            figures.rtp_discarded,
        ),
    ] {
        page.only(name, kind, help, value as f64);
    }
    let help = "How late the process is in doing what is due; limited by sip.max_lag.";
    page.only("jackfield_lag_seconds", Gauge, help, figures.lag.as_secs_f64());
    page.only("jackfield_legs_limit", Gauge, "Calls at once: sip.max_calls.", limit);
}

fn store(page: &mut Exposition, app: &App) {
    let figures = app.store.metrics();
    let limit = app.config().store.pending_bytes_max as f64;
    for (name, kind, help, value) in [
        ("jackfield_store_records_total", Counter, "Records committed.", figures.appends as f64),
        ("jackfield_store_commits_total", Counter, "Groups synced.", figures.commits as f64),
        (
            "jackfield_store_commit_seconds_total",
            Counter,
            "Time spent in writing and syncing groups.",
            figures.commit_seconds,
        ),
        ("jackfield_store_written_bytes_total", Counter, "Bytes logged.", figures.bytes as f64),
        (
            "jackfield_store_pending_bytes",
            Gauge,
            "Bytes that wait for the disk or the key-value engine.",
            figures.pending_bytes as f64,
        ),
        ("jackfield_store_pending_limit_bytes", Gauge, "How many may: pending_bytes_max.", limit),
        ("jackfield_store_log_bytes", Gauge, "Size of the log's files.", figures.wal_bytes as f64),
        (
            "jackfield_store_state_bytes",
            Gauge,
            "Size of the key-value engine's files.",
            figures.sled_bytes as f64,
        ),
        ("jackfield_store_checkpoints_total", Counter, "Checkpoints.", figures.checkpoints as f64),
        (
            "jackfield_store_durable_lsn",
            Gauge,
            "Newest durable record.",
            figures.durable_lsn as f64,
        ),
        (
            "jackfield_store_applied_lsn",
            Gauge,
            "Newest record in the key-value engine.",
            figures.applied_lsn as f64,
        ),
        (
            "jackfield_store_last_commit_timestamp_seconds",
            Gauge,
            "When the last group was synced, since the Unix epoch; 0 is never.",
            figures.last_commit_micros as f64 / 1e6,
        ),
    ] {
        page.only(name, kind, help, value);
    }
}

fn process(page: &mut Exposition) {
    if let Some(bytes) = resident_bytes(&read("/proc/self/status")) {
        page.only("process_resident_memory_bytes", Gauge, "Resident memory.", bytes);
    }
    if let Some(seconds) = cpu_seconds(&read("/proc/self/stat")) {
        page.only("process_cpu_seconds_total", Counter, "CPU time, user and system.", seconds);
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        page.only("process_open_fds", Gauge, "Open files and sockets.", files.count() as f64);
    }
}

fn read(path: &str) -> String {
    // Where there is no such file, these samples are not there either.
    std::fs::read_to_string(path).unwrap_or_default()
}

fn resident_bytes(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0)
}

fn cpu_seconds(stat: &str) -> Option<f64> {
    // The name, in parentheses, may hold spaces. After it, user and system time are the 12th and
    // 13th field, in hundredths of a second on every Linux that Rust's std supports.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::{cpu_seconds, resident_bytes};

    #[test]
    fn the_kernels_figures_are_read() {
        assert_eq!(resident_bytes("Name:\tx\nVmRSS:\t    2048 kB\n"), Some(2_097_152.0));
        let stat = "1 (a b) c) S 0 1 1 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 1 0 1";
        assert_eq!(cpu_seconds(stat), Some(2.0));
        assert_eq!((resident_bytes(""), cpu_seconds("")), (None, None));
    }
}
