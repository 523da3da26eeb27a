//! Agents.

use std::collections::BTreeMap;

use axum::response::Response;
use jackfield_core::{
    AgentId, AgentSnapshot, AgentState, Input, NotReadyReason, OfferSnapshot, WorkSnapshot,
};
use serde::{Deserialize, Serialize};

use super::call::{Answer, Call, ok};
use super::live::word;
use super::problem::Problem;
use super::tenants::stopped;
use super::view::Page;
use crate::rfc3339;

/// The reason of an agent who gave none.
const REASON_NONE: &str = "unspecified";
/// The longest reason, in characters.
const REASON_MAX: usize = 64;

#[derive(Serialize)]
struct State {
    state: &'static str,
    reason: Option<String>,
}

/// What is offered.
#[derive(Serialize)]
struct Offer {
    interaction: String,
    channel: String,
    queue: String,
    until: String,
}

/// Something in hand.
#[derive(Serialize)]
struct Work {
    interaction: String,
    channel: String,
    queue: String,
    state: &'static str,
    aside_for: Option<String>,
    wrapping_up_since: Option<String>,
}

/// One agent, as it is shown.
#[derive(Serialize)]
pub struct Agent {
    agent: String,
    #[serde(flatten)]
    state: State,
    since: Option<String>,
    next: Option<State>,
    interaction: Option<String>,
    offer: Option<Offer>,
    works: Vec<Work>,
    load: u8,
    queues: BTreeMap<String, u8>,
    skills: BTreeMap<String, u8>,
    contacts: u32,
    talk_ms: u128,
}

fn state(state: &AgentState) -> State {
    let reason = match state {
        AgentState::NotReady { reason } => Some(reason.0.clone()),
        _ => None,
    };
    State { state: state.name(), reason }
}

fn offer(offer: &OfferSnapshot) -> Offer {
    Offer {
        interaction: offer.interaction.to_string(),
        channel: word(&offer.channel),
        queue: offer.queue.to_string(),
        until: rfc3339::format(offer.until.as_micros()),
    }
}

/// What is done with something in hand.
pub fn work_state(work: &WorkSnapshot) -> &'static str {
    match (work.wrapping_up, work.aside_for) {
        (Some(_), _) => "wrapping_up",
        (None, Some(_)) => "put_aside",
        (None, None) => "talking",
    }
}

fn work(work: &WorkSnapshot) -> Work {
    Work {
        interaction: work.interaction.to_string(),
        channel: word(&work.channel),
        queue: work.queue.to_string(),
        state: work_state(work),
        aside_for: work.aside_for.map(|id| id.to_string()),
        wrapping_up_since: work.wrapping_up.map(|at| rfc3339::format(at.as_micros())),
    }
}

/// Shows an agent.
pub fn view(name: &AgentId, agent: &AgentSnapshot) -> Agent {
    let queues = agent.queues.iter().map(|(queue, level)| (queue.to_string(), level.get()));
    let skills = agent.skills.iter().map(|skill| (skill.name.clone(), skill.level.get()));
    Agent {
        agent: name.to_string(),
        state: state(&agent.state),
        // An agent who has never come has been away since no moment.
        since: Some(agent.since.as_micros()).filter(|at| *at != 0).map(rfc3339::format),
        next: agent.next.as_ref().map(state),
        interaction: agent.interaction.map(|id| id.to_string()),
        offer: agent.offer.as_ref().map(offer),
        works: agent.works.iter().map(work).collect(),
        load: agent.load,
        queues: queues.collect(),
        skills: skills.collect(),
        contacts: agent.contacts,
        talk_ms: agent.talk.as_millis(),
    }
}

/// `GET /agents`
pub fn list(call: Call) -> Answer {
    Box::pin(async move {
        let (snapshot, _) = call.tenant()?.snapshot().await.ok_or_else(stopped)?;
        let agents = snapshot.agents.iter().map(|(name, agent)| view(name, agent));
        ok(&Page::whole(agents.collect()))
    })
}

/// The agent of the path.
pub async fn find(call: &Call) -> Result<(AgentId, AgentSnapshot), Problem> {
    let (mut snapshot, _) = call.tenant()?.snapshot().await.ok_or_else(stopped)?;
    let name = call.name("agent");
    let id = AgentId::new(name).ok();
    let found = id.and_then(|id| {
        let agent = snapshot.agents.remove(&id)?;
        Some((id, agent))
    });
    found.ok_or_else(|| Problem::not_found("agent", name))
}

/// The agent of the path as an answer, after all that the engine was told before.
pub async fn shown(call: &Call) -> Result<Response, Problem> {
    let (name, agent) = find(call).await?;
    ok(&view(&name, &agent))
}

/// `GET /agents/{agent}`
pub fn show(call: Call) -> Answer {
    Box::pin(async move { shown(&call).await })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    state: Wanted,
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Clone, Copy, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    Ready,
    NotReady,
    LoggedOut,
}

impl Change {
    fn reason(&self) -> Result<Option<NotReadyReason>, Problem> {
        match (self.state, &self.reason) {
            (Wanted::NotReady, None) => Ok(Some(NotReadyReason(REASON_NONE.to_owned()))),
            (Wanted::NotReady, Some(reason)) => {
                let length = reason.chars().count();
                if reason.trim().is_empty()
                    || REASON_MAX < length
                    || reason.chars().any(char::is_control)
                {
                    let wanted = format!("1 to {REASON_MAX} printable characters are accepted");
                    return Err(Problem::invalid("reason", wanted));
                }
                Ok(Some(NotReadyReason(reason.clone())))
            }
            (_, Some(_)) => Err(Problem::invalid("reason", "only `not_ready` has one")),
            (_, None) => Ok(None),
        }
    }
}

/// `PUT /agents/{agent}/state`
pub fn set_state(call: Call) -> Answer {
    Box::pin(async move {
        let change: Change = call.json()?;
        let reason = change.reason()?;
        let (agent, before) = find(&call).await?;
        let tenant = call.tenant()?;
        match (change.state, reason) {
            (Wanted::Ready, _) => tenant.input(Input::AgentReady { agent }).await,
            (Wanted::LoggedOut, _) => tenant.input(Input::AgentLoggedOut { agent }).await,
            (Wanted::NotReady, reason) => {
                // Who is not at work has to come first; at work, coming changes nothing.
                if before.state == AgentState::LoggedOut {
                    tenant.input(Input::AgentLoggedIn { agent: agent.clone() }).await;
                }
                if let Some(reason) = reason {
                    tenant.input(Input::AgentNotReady { agent, reason }).await;
                }
            }
        }
        shown(&call).await
    })
}
