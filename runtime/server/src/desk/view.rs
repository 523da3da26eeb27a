//! What a page shows of the agent: all of it, at each change, so that nothing has to be pieced together.

use jackfield_core::{AgentSnapshot, AgentState, InteractionId, QueueId};
use serde_json::{Value, json};

use super::{Desk, State};
use crate::config::TenantConfig;
use crate::http::word;
use crate::rfc3339;

fn stated(state: &AgentState) -> Value {
    let reason = match state {
        AgentState::NotReady { reason } => Some(&reason.0),
        _ => None,
    };
    json!({ "state": state.name(), "reason": reason })
}

/// The view of an agent as the engine sees it, with what only the desk knows.
pub fn of(desk: &Desk, agent: &AgentSnapshot, config: &TenantConfig) -> Value {
    let mut state = desk.lock();
    let in_hand = |id: &InteractionId| {
        agent.works.iter().any(|work| work.interaction == *id)
            || agent.offer.as_ref().is_some_and(|offer| offer.interaction == *id)
    };
    state.since.retain(|id, _| in_hand(id));
    let since = agent.since.as_micros();
    json!({
        "type": "view",
        "agent": {
            "id": desk.agent,
            "state": stated(&agent.state),
            "since": (since != 0).then(|| rfc3339::format(since)),
            "next": agent.next.as_ref().map(stated),
            "load": agent.load,
            "contacts": agent.contacts,
            "talk_ms": u64::try_from(agent.talk.as_millis()).unwrap_or(u64::MAX),
        },
        "tasks": tasks(&state, agent, config),
        "supervised": state.supervised.as_ref().map(super::Supervised::view),
        "consult": state.consult.as_ref().map(super::Consult::view),
        "line": match (&state.line, state.line_up) {
            (None, _) => "none",
            (Some(_), true) => "up",
            (Some(_), false) => "lost",
        },
        "muted": state.muted,
    })
}

/// What rings and what is in hand, in the order it began.
fn tasks(state: &State, agent: &AgentSnapshot, config: &TenantConfig) -> Vec<Value> {
    let since = |id: &InteractionId| state.since.get(id).map(|at| rfc3339::format(at.as_micros()));
    let mut tasks: Vec<Value> = agent
        .works
        .iter()
        .map(|work| {
            let held = state.held.contains(&work.interaction);
            let doing = match (work.wrapping_up, work.aside_for) {
                (Some(_), _) => "wrapping_up",
                (None, Some(_)) => "put_aside",
                (None, None) if held => "held",
                (None, None) => "talking",
            };
            json!({
                "interaction": work.interaction,
                "channel": word(&work.channel),
                "queue": work.queue,
                "state": doing,
                "since": since(&work.interaction),
                "until": Value::Null,
                "wrap_up": wrap_up(&work.queue, config),
            })
        })
        .collect();
    if let Some(offer) = &agent.offer {
        tasks.push(json!({
            "interaction": offer.interaction,
            "channel": word(&offer.channel),
            "queue": offer.queue,
            "state": "offered",
            "since": since(&offer.interaction),
            "until": rfc3339::format(offer.until.as_micros()),
            "wrap_up": wrap_up(&offer.queue, config),
        }));
    }
    tasks
}

/// What an agent writes down after a contact of this queue.
fn wrap_up(queue: &QueueId, config: &TenantConfig) -> Value {
    let extras = config.queue_extras.get(queue).cloned().unwrap_or_default();
    json!({
        "codes": extras.wrap_up_codes,
        "required": extras.wrap_up_required,
        "fields": extras.wrap_up_fields,
    })
}
