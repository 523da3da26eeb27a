//! Channels, connectors, analysts and pacers: what other systems send to them, and what they are asked.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use jackfield_core::AgentId;
use jackfield_plugin_host::World;
use jackfield_plugin_host::asked::analysis::{Speaker, Utterance};
use jackfield_plugin_host::asked::connecting::Lead;
use jackfield_plugin_host::asked::pacing::Campaign;
use jackfield_plugin_host::asked::webhook::{Incoming, Reply};
use serde::Deserialize;
use serde_json::json;

use super::auth::forbidden;
use super::call::{Answer, Call, done, ok};
use super::problem::Problem;
use super::tenants::stopped;
use crate::access::Right;

/// Headers that say who somebody is to Jackfield, and the connection's own.
const NOT_FOR_PLUGINS: [&str; 6] =
    ["authorization", "cookie", "connection", "transfer-encoding", "te", "upgrade"];
/// Headers of an answer that are not a plugin's to set.
const NOT_BY_PLUGINS: [&str; 6] =
    ["set-cookie", "connection", "transfer-encoding", "content-length", "upgrade", "te"];
/// The longest message to a customer, in bytes.
const TEXT_MAX: usize = 64 << 10;
/// The most utterances of a transcript.
const UTTERANCES_MAX: usize = 2_000;

/// `POST /channels/{plugin}/webhook`
pub fn channel_webhook(call: Call) -> Answer {
    webhook_of(call, World::Channel)
}

/// `POST /connectors/{plugin}/webhook`
pub fn connector_webhook(call: Call) -> Answer {
    webhook_of(call, World::Connector)
}

fn webhook_of(call: Call, world: World) -> Answer {
    Box::pin(async move {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let kept =
            call.headers.iter().filter(|(name, _)| !NOT_FOR_PLUGINS.contains(&name.as_str()));
        let request = Incoming {
            method: "POST".to_owned(),
            query: call.query("").unwrap_or_default().to_owned(),
            headers: kept.map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: call.body.to_vec(),
        };
        let reply = call.tenant()?.webhook(world, call.name("plugin"), request).await?;
        Ok(response(reply))
    })
}

/// A plugin's answer; what it may not set is left out.
fn response(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    let status = StatusCode::from_u16(reply.status).ok();
    let status = status.filter(|status| 200 <= status.as_u16());
    *response.status_mut() = status.unwrap_or(StatusCode::BAD_GATEWAY);
    for (name, value) in reply.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) else { continue };
        if !NOT_BY_PLUGINS.contains(&name.as_str()) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// `GET /connectors/{plugin}/contact`
pub fn look_up(call: Call) -> Answer {
    Box::pin(async move {
        let address = call.query("address").unwrap_or_default();
        if address.is_empty() {
            return Err(Problem::bad_query(
                "address",
                "a number, an e-mail address or an id is accepted",
            ));
        }
        let found = call.tenant()?.look_up(call.name("plugin"), address).await?;
        ok(&found.ok_or_else(|| Problem::not_found("contact", address))?)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToLead {
    address: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    interaction: Option<String>,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
}

/// `POST /connectors/{plugin}/leads`
pub fn create_lead(call: Call) -> Answer {
    Box::pin(async move {
        let ToLead { address, text, name, interaction, attributes } = call.json()?;
        if address.trim().is_empty() {
            let reason = "a number or an e-mail address is accepted";
            return Err(Problem::invalid("address", reason.to_owned()));
        }
        let attributes = attributes.into_iter().collect();
        let lead = Lead { interaction, address, name, text, attributes };
        let id = call.tenant()?.create_lead(call.name("plugin"), lead).await?;
        ok(&json!({ "id": id }))
    })
}

/// `POST /pacers/{plugin}/decide`
pub fn pace(call: Call) -> Answer {
    Box::pin(async move {
        let campaign: Campaign = call.json()?;
        ok(&call.tenant()?.pace(call.name("plugin"), campaign).await?)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToWrite {
    text: String,
    #[serde(default)]
    agent: Option<String>,
}

/// `POST /interactions/{interaction}/messages`
pub fn write_message(call: Call) -> Answer {
    Box::pin(async move {
        let ToWrite { text, agent } = call.json()?;
        if text.is_empty() || TEXT_MAX < text.len() {
            let reason = format!("1 to {TEXT_MAX} bytes are accepted, got {}", text.len());
            return Err(Problem::invalid("text", reason));
        }
        in_hand(&call).await?;
        let agent = agent.or_else(|| call.principal.agent().map(str::to_owned));
        call.tenant()?.write_message(call.name("interaction"), agent, text).await?;
        Ok(done())
    })
}

/// Who is no supervisor writes in the conversations that the agent they are has in hand, in no other.
async fn in_hand(call: &Call) -> Result<(), Problem> {
    if call.principal.rights().has(Right::Supervise) {
        return Ok(());
    }
    let (snapshot, _) = call.tenant()?.snapshot().await.ok_or_else(stopped)?;
    let own = call.principal.agent().and_then(|agent| AgentId::new(agent).ok());
    let works = own.and_then(|agent| Some(&snapshot.agents.get(&agent)?.works));
    let interaction = call.interaction()?;
    let has = works.is_some_and(|works| works.iter().any(|work| work.interaction == interaction));
    if has { Ok(()) } else { Err(forbidden("you do not have this conversation in hand")) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToAnalyse {
    utterances: Vec<ToHear>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToHear {
    speaker: Who,
    start_ms: u32,
    end_ms: u32,
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Who {
    Customer,
    Agent,
    Bot,
}

/// `POST /interactions/{interaction}/transcript`
pub fn add_transcript(call: Call) -> Answer {
    Box::pin(async move {
        let ToAnalyse { utterances } = call.json()?;
        if utterances.is_empty() || UTTERANCES_MAX < utterances.len() {
            let reason = format!("1 to {UTTERANCES_MAX} are accepted, got {}", utterances.len());
            return Err(Problem::invalid("utterances", reason));
        }
        let heard = |one: ToHear| Utterance {
            speaker: match one.speaker {
                Who::Customer => Speaker::Customer,
                Who::Agent => Speaker::Agent,
                Who::Bot => Speaker::Bot,
            },
            start_ms: one.start_ms,
            end_ms: one.end_ms,
            text: one.text,
        };
        let utterances = utterances.into_iter().map(heard).collect();
        let tenancy = call.tenant()?;
        ok(&tenancy.add_transcript(call.name("interaction"), utterances).await?)
    })
}
