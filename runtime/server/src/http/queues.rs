//! Queues, live and in figures.

use std::collections::BTreeMap;
use std::time::Duration;

use jackfield_core::{
    CalibrationReport, Input, QueueId, QueueSnapshot, QueueStats, ServiceLevelTarget, StatsError,
    WaitingSnapshot,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Answer, Call, ok};
use super::problem::Problem;
use super::tenants::stopped;
use super::view::Page;

/// How many of those who wait are shown, next first.
const LINE_SHOWN: usize = 50;
/// The longest message of a closed queue, in characters.
const MESSAGE_MAX: usize = 1_000;

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
    open: bool,
    waiting: usize,
    longest_wait_ms: u128,
    ready: u32,
    busy: u32,
    logged_in: u32,
    calibration: Option<serde_json::Value>,
    line: Vec<Waiting>,
}

/// How well a queue's waits are estimated: the coverage that P50 and P90 had, and what they cost.
fn calibration(report: &CalibrationReport) -> serde_json::Value {
    json!({
        "calibrated": report.calibrated,
        "answered": report.answered,
        "censored": report.censored,
        "p50_coverage": report.p50_coverage,
        "p90_coverage": report.p90_coverage,
        "p50_pinball_loss_ms": report.p50_loss.as_millis(),
        "p90_pinball_loss_ms": report.p90_loss.as_millis(),
    })
}

/// Returns a queue as it is now; `open` says whether it takes contacts.
pub fn live(queue: &QueueSnapshot, open: bool) -> Live {
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
        open,
        waiting: queue.waiting.len(),
        longest_wait_ms: queue.longest_wait.as_millis(),
        ready: queue.ready,
        busy: queue.busy,
        logged_in: queue.logged_in,
        calibration: queue.calibration.as_ref().map(calibration),
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
            ("callback", left.callback),
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

/// Returns a queue with its target, its state and its figures.
async fn whole(call: &Call) -> Result<Vec<(QueueId, serde_json::Value)>, Problem> {
    let tenant = call.tenant()?;
    let (snapshot, stats) = tenant.snapshot().await.ok_or_else(stopped)?;
    let standing = tenant.standing();
    let none = QueueStats::default();
    let queues = snapshot.queues.iter().map(|(name, queue)| {
        let config = tenant.center().queues.get(name);
        let shown = json!({
            "queue": name,
            "target": config.map(|config| target(&config.service_level)),
            "live": live(queue, !standing.closed.contains(name)),
            "figures": figures(stats.queues.get(name).unwrap_or(&none)),
        });
        (name.clone(), shown)
    });
    Ok(queues.collect())
}

/// `GET /queues`
pub fn list(call: Call) -> Answer {
    Box::pin(async move {
        let queues = whole(&call).await?;
        ok(&Page::whole(queues.into_iter().map(|(_, queue)| queue).collect()))
    })
}

async fn one(call: &Call) -> Result<(QueueId, serde_json::Value), Problem> {
    let name = call.name("queue");
    let found = whole(call).await?.into_iter().find(|(queue, _)| queue.as_str() == name);
    found.ok_or_else(|| Problem::not_found("queue", name))
}

/// `GET /queues/{queue}`
pub fn show(call: Call) -> Answer {
    Box::pin(async move { ok(&one(&call).await?.1) })
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Closing {
    #[serde(default)]
    message: Option<String>,
}

/// `POST /queues/{queue}/close`
pub fn close(call: Call) -> Answer {
    Box::pin(async move {
        // Without a body customers are told what the queue's configuration says.
        let wanted: Closing = if call.body.is_empty() { Closing::default() } else { call.json()? };
        if wanted.message.as_ref().is_some_and(|text| MESSAGE_MAX < text.chars().count()) {
            let reason = format!("at most {MESSAGE_MAX} characters are accepted");
            return Err(Problem::invalid("message", reason));
        }
        let (queue, _) = one(&call).await?;
        let by = call.principal.name().to_owned();
        let message = wanted.message.filter(|text| !text.trim().is_empty());
        call.tenant()?.input(Input::QueueClosed { queue, message, by }).await;
        ok(&one(&call).await?.1)
    })
}

/// `POST /queues/{queue}/open`
pub fn open(call: Call) -> Answer {
    Box::pin(async move {
        let (queue, _) = one(&call).await?;
        let by = call.principal.name().to_owned();
        call.tenant()?.input(Input::QueueOpened { queue, by }).await;
        ok(&one(&call).await?.1)
    })
}
