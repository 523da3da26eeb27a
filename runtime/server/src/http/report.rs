//! Figures of a time, from the journal.

use jackfield_core::{AgentStats, Instant};
use serde_json::{Value, json};

use super::call::{Answer, Call, ok};
use super::queues;
use crate::rfc3339;

/// How each figure is made: so that nobody has to guess what another system means by it.
const DEFINITIONS: &[(&str, &str)] = &[
    (
        "offered",
        "contacts that joined the queue, by their flow or from another queue; = answered + abandoned + short_abandoned + left + overflowed_out + still waiting",
    ),
    ("answered", "contacts that an agent answered"),
    ("answered_in_target", "of these, within the queue's service level target"),
    ("abandoned", "customers who left while they waited, without the short ones"),
    ("short_abandoned", "customers who left sooner than the queue's `short_abandon`; in no ratio"),
    ("left", "contacts that left without an agent and without hanging up, by reason"),
    (
        "service_level",
        "answered_in_target / (answered + abandoned), a ratio from 0 to 1; null is no data",
    ),
    (
        "average_speed_of_answer_ms",
        "ASA: mean wait of answered contacts, from joining the first queue of the stay; null is no data",
    ),
    (
        "average_handle_time_ms",
        "AHT: (talk + after-call work) / conversations that ended; null is no data",
    ),
    ("handled", "conversations that ended"),
    ("contacts", "an agent's conversations that ended"),
    (
        "range",
        "a figure counts when it happens: a call that began before `from` and was answered within the range is in answered, not in offered",
    ),
];

/// `GET /report`
pub fn show(call: Call) -> Answer {
    Box::pin(async move {
        let (from, to) = call.query_range()?;
        let tenant = call.tenant()?;
        let stats = tenant.figures(from.map(Instant::from_micros), to.map(Instant::from_micros));
        let stats = stats.await?;
        let moment = |at: Option<Instant>| at.map(|at| rfc3339::format(at.as_micros()));
        let queues = stats.queues.iter().map(|(name, queue)| {
            let config = tenant.center().queues.get(name);
            json!({
                "queue": name,
                "target": config.map(|config| queues::target(&config.service_level)),
                "figures": queues::figures(queue),
            })
        });
        let agents = stats.agents.iter().map(|(name, stats)| agent(name.as_str(), stats));
        ok(&json!({
            "from": from.map(rfc3339::format),
            "to": to.map(rfc3339::format),
            "first": moment(stats.since),
            "last": moment(stats.until),
            "queues": queues.collect::<Vec<_>>(),
            "agents": agents.collect::<Vec<_>>(),
            "definitions": DEFINITIONS.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
        }))
    })
}

fn agent(name: &str, stats: &AgentStats) -> Value {
    json!({
        "agent": name,
        "contacts": stats.contacts,
        "talk_ms": stats.talk.as_millis(),
        "after_call_work_ms": stats.wrap_up.as_millis(),
        "ready_ms": stats.ready.as_millis(),
        "not_ready_ms": stats.not_ready.as_millis(),
    })
}
