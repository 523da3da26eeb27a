//! Agents.

use std::collections::BTreeMap;

use jackfield_core::{AgentId, AgentSnapshot, AgentState, Input, NotReadyReason};
use serde::{Deserialize, Serialize};

use super::call::{Answer, Call, ok};
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

#[derive(Serialize)]
struct Agent {
    agent: String,
    #[serde(flatten)]
    state: State,
    since: Option<String>,
    next: Option<State>,
    interaction: Option<String>,
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

fn view(name: &AgentId, agent: &AgentSnapshot) -> Agent {
    let queues = agent.queues.iter().map(|(queue, level)| (queue.to_string(), level.get()));
    let skills = agent.skills.iter().map(|skill| (skill.name.clone(), skill.level.get()));
    Agent {
        agent: name.to_string(),
        state: state(&agent.state),
        // An agent who has never come has been away since no moment.
        since: Some(agent.since.as_micros()).filter(|at| *at != 0).map(rfc3339::format),
        next: agent.next.as_ref().map(state),
        interaction: agent.interaction.map(|id| id.to_string()),
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

async fn find(call: &Call) -> Result<(AgentId, Agent), Problem> {
    let (snapshot, _) = call.tenant()?.snapshot().await.ok_or_else(stopped)?;
    let name = call.name("agent");
    let id = AgentId::new(name).ok();
    let found = id.and_then(|id| {
        let agent = view(&id, snapshot.agents.get(&id)?);
        Some((id, agent))
    });
    found.ok_or_else(|| Problem::not_found("agent", name))
}

/// `GET /agents/{agent}`
pub fn show(call: Call) -> Answer {
    Box::pin(async move { ok(&find(&call).await?.1) })
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
                if before.state.state == AgentState::LoggedOut.name() {
                    tenant.input(Input::AgentLoggedIn { agent: agent.clone() }).await;
                }
                if let Some(reason) = reason {
                    tenant.input(Input::AgentNotReady { agent, reason }).await;
                }
            }
        }
        ok(&find(&call).await?.1)
    })
}
