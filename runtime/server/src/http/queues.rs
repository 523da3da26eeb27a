//! Queues, live and in figures.

use std::collections::BTreeMap;
use std::time::Duration;

use jackfield_core::{QueueSnapshot, QueueStats, ServiceLevelTarget, StatsError, WaitingSnapshot};
use serde::Serialize;
use serde_json::json;

use super::call::{Answer, Call, ok};
use super::tenants::stopped;
use super::view::Page;

/// How many of those who wait are shown, next first.
const LINE_SHOWN: usize = 50;

#[derive(Serialize)]
struct Waiting {
    interaction: String,
    position: u32,
    priority: i8,
    waited_ms: u128,
    ringing: Option<String>,
}

/// A queue now.
#[derive(Serialize)]
pub struct Live {
    waiting: usize,
    longest_wait_ms: u128,
    ready: u32,
    busy: u32,
    logged_in: u32,
    line: Vec<Waiting>,
}

/// Returns a queue as it is now.
pub fn live(queue: &QueueSnapshot) -> Live {
    let ringing = |contact: &WaitingSnapshot| {
        let agents: Vec<&str> = contact.ringing.iter().map(|(_, agent)| agent.as_str()).collect();
        (!agents.is_empty()).then(|| agents.join(", "))
    };
    let line = queue.waiting.iter().take(LINE_SHOWN).map(|contact| Waiting {
        interaction: contact.interaction.to_string(),
        position: contact.position,
        priority: contact.priority,
        waited_ms: contact.waited.as_millis(),
        ringing: ringing(contact),
    });
    Live {
        waiting: queue.waiting.len(),
        longest_wait_ms: queue.longest_wait.as_millis(),
        ready: queue.ready,
        busy: queue.busy,
        logged_in: queue.logged_in,
        line: line.collect(),
    }
}

/// A queue's figures. `None` is "no data": neither 0 nor 1 would be true.
#[derive(Serialize)]
pub struct Figures {
    offered: u64,
    answered: u64,
    answered_in_target: u64,
    abandoned: u64,
    short_abandoned: u64,
    left: BTreeMap<&'static str, u64>,
    overflowed_in: u64,
    overflowed_out: u64,
    handled: u64,
    service_level: Option<f64>,
    average_speed_of_answer_ms: Option<u128>,
    average_handle_time_ms: Option<u128>,
    router_failures: BTreeMap<String, u64>,
}

/// Returns the figures of a queue.
pub fn figures(stats: &QueueStats) -> Figures {
    let left = &stats.left;
    let millis = |span: Result<Duration, StatsError>| span.ok().map(|span| span.as_millis());
    Figures {
        offered: stats.offered,
        answered: stats.answered,
        answered_in_target: stats.answered_in_target,
        abandoned: stats.abandoned,
        short_abandoned: stats.short_abandoned,
        left: BTreeMap::from([
            ("timed_out", left.timed_out),
            ("full", left.full),
            ("closed", left.closed),
            ("no_agents", left.no_agents),
            ("by_key", left.by_key),
        ]),
        overflowed_in: stats.overflowed_in,
        overflowed_out: stats.overflowed_out,
        handled: stats.handled,
        service_level: stats.service_level().ok(),
        average_speed_of_answer_ms: millis(stats.average_speed_of_answer()),
        average_handle_time_ms: millis(stats.average_handle_time()),
        router_failures: stats.router_failures.clone(),
    }
}

/// Returns what a queue is measured against.
pub fn target(target: &ServiceLevelTarget) -> serde_json::Value {
    json!({ "share": target.share, "within_ms": target.within.as_millis() })
}

/// `GET /queues`
pub fn list(call: Call) -> Answer {
    Box::pin(async move {
        let tenant = call.tenant()?;
        let (snapshot, stats) = tenant.snapshot().await.ok_or_else(stopped)?;
        let none = QueueStats::default();
        let queues = snapshot.queues.iter().map(|(name, queue)| {
            let config = tenant.center().queues.get(name);
            json!({
                "queue": name,
                "target": config.map(|config| target(&config.service_level)),
                "live": live(queue),
                "figures": figures(stats.queues.get(name).unwrap_or(&none)),
            })
        });
        ok(&Page::whole(queues.collect()))
    })
}
