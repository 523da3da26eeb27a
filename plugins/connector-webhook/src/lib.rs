//! Tells any other system what happens, by signed HTTP requests, and asks it for customers.

use std::fmt::Write as _;

use jackfield_sdk::connector::{
    Connector, Customer, Event, Incoming, InteractionLog, Lead, Recording, Reply,
};
use jackfield_sdk::outside::{Method, Request, Response, secrets, send, settings};
use jackfield_sdk::{Attribute, PluginError};
use serde_json::{Map, Value, json};

struct Webhook;

/// Both sides know this secret.
const SECRET: &str = "key";

impl Connector for Webhook {
    fn handle_event(event: Event) -> Result<(), PluginError> {
        let told = json!({
            "kind": event.kind, "id": event.id, "channel": event.channel.name(),
            "at": event.at_seconds, "queue": event.queue, "agent": event.agent,
            "address": event.address, "attributes": object(&event.attributes),
        });
        tell("event", told).map(drop)
    }

    fn find_contact(address: String) -> Result<Option<Customer>, PluginError> {
        customer(tell("find-contact", json!({ "address": address }))?)
    }

    fn create_lead(lead: Lead) -> Result<String, PluginError> {
        let told = json!({
            "interaction": lead.interaction, "address": lead.address, "name": lead.name,
            "text": lead.text, "attributes": object(&lead.attributes),
        });
        id_of(tell("create-lead", told)?)
            .ok_or_else(|| PluginError::Failed("the answer to a lead has no `id`".to_owned()))
    }

    fn log_interaction(log: InteractionLog) -> Result<Option<String>, PluginError> {
        let told = json!({
            "id": log.id, "channel": log.channel.name(), "customer": log.customer,
            "address": log.address, "queue": log.queue, "agent": log.agent,
            "started": log.started_seconds, "waited_ms": log.waited_ms,
            "talked_ms": log.talked_ms, "outcome": log.outcome,
            "attributes": object(&log.attributes),
        });
        tell("log-interaction", told).map(id_of)
    }

    fn attach_recording(recording: Recording) -> Result<(), PluginError> {
        let told = json!({
            "interaction": recording.interaction, "entry": recording.entry,
            "url": recording.url, "length_ms": recording.length_ms,
        });
        tell("attach-recording", told).map(drop)
    }

    fn receive(request: Incoming) -> Result<Reply, PluginError> {
        let signature = request.headers.iter().find(|(name, _)| name == "x-jackfield-signature");
        let code = signature.and_then(|(_, value)| unhex(value.strip_prefix("sha256=")?));
        let signed = match code {
            Some(code) => secrets::verify_hmac_sha256(SECRET, &request.body, &code)
                .map_err(|_| no_secret())?,
            None => false,
        };
        let status = if signed { 204 } else { 401 };
        Ok(Reply { status, headers: Vec::new(), body: Vec::new() })
    }

    fn run_schedule() -> Result<(), PluginError> {
        tell("schedule", json!({})).map(drop)
    }
}

jackfield_sdk::export_connector!(Webhook);

fn no_secret() -> PluginError {
    PluginError::Configuration(format!("there is no secret `{SECRET}`: add it to `secrets`"))
}

/// Sends one message to `url`; the answer's JSON, or null without one.
fn tell(what: &str, told: Value) -> Result<Value, PluginError> {
    let missing = || PluginError::Configuration("`url` is not set".to_owned());
    let url = settings::get("url").ok_or_else(missing)?;
    let body = json!({ "type": what, "data": told }).to_string();
    let code = secrets::hmac_sha256(SECRET, body.as_bytes()).map_err(|_| no_secret())?;
    let request = Request::json(Method::Post, url, body)
        .header("x-jackfield-type", what)
        .header("x-jackfield-signature", &format!("sha256={}", hex(&code)));
    understood(&send(&request)?)
}

fn understood(answer: &Response) -> Result<Value, PluginError> {
    match answer.status {
        404 | 204 => Ok(Value::Null),
        200..=299 if answer.body.is_empty() => Ok(Value::Null),
        200..=299 => serde_json::from_slice(&answer.body)
            .map_err(|error| PluginError::Failed(format!("the answer is no JSON: {error}"))),
        408 | 429 | 500..=599 => {
            Err(PluginError::Unavailable(format!("it answered {}", answer.status)))
        }
        status => Err(PluginError::Failed(format!("it answered {status}"))),
    }
}

fn customer(answer: Value) -> Result<Option<Customer>, PluginError> {
    if answer.is_null() {
        return Ok(None);
    }
    let text = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
    let missing = |name| PluginError::Failed(format!("the answer has no `{name}`"));
    let fields = answer.get("fields").and_then(Value::as_object);
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let fields = fields.into_iter().flatten().map(|(name, value)| (name.clone(), plain(value)));
    Ok(Some(Customer {
        id: id_of(answer.clone()).ok_or_else(|| missing("id"))?,
        name: text("name").ok_or_else(|| missing("name"))?,
        language: text("language"),
        segment: text("segment"),
        url: text("url"),
        fields: fields.collect(),
    }))
}

fn id_of(answer: Value) -> Option<String> {
    match answer.get("id")? {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

fn object(attributes: &[Attribute]) -> Value {
    let each = attributes.iter().map(|(name, value)| (name.clone(), Value::from(value.clone())));
    Value::Object(each.collect::<Map<_, _>>())
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = bytes.chunks(2).map(|pair| match pair {
        [high, low] => Some((digit(*high)? * 16 + digit(*low)?) as u8),
        _ => None,
    });
    pairs.collect()
}

#[cfg(test)]
mod tests;
