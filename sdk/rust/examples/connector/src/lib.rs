//! Posts what happens to another system as JSON, and asks it for customers.

use jackfield_sdk::connector::{
    Connector, Customer, Event, Incoming, InteractionLog, Lead, Recording, Reply,
};
use jackfield_sdk::outside::{Method, Request, send, settings};
use jackfield_sdk::{PluginError, metrics};
use serde_json::{Value, json};

struct Books;

jackfield_sdk::export_connector!(Books);

impl Connector for Books {
    fn handle_event(event: Event) -> Result<(), PluginError> {
        let data = json!({
            "kind": event.kind, "id": event.id, "at_seconds": event.at_seconds,
            "queue": event.queue, "agent": event.agent, "address": event.address,
        });
        tell("event", data).map(drop)
    }

    fn find_contact(address: String) -> Result<Option<Customer>, PluginError> {
        let url = format!("{}?address={}", url()?, in_url(&address));
        let Some(told) = ask(Request::get(url))? else { return Ok(None) };
        let text = |name: &str| told[name].as_str().map(str::to_owned);
        let missing = |name| PluginError::Failed(format!("the customer has no `{name}`"));
        Ok(Some(Customer {
            id: id_of(&told).ok_or_else(|| missing("id"))?,
            name: text("name").ok_or_else(|| missing("name"))?,
            language: text("language"),
            segment: text("segment"),
            url: text("url"),
            fields: Vec::new(),
        }))
    }

    fn create_lead(lead: Lead) -> Result<String, PluginError> {
        let data = json!({
            "interaction": lead.interaction, "address": lead.address, "name": lead.name,
            "text": lead.text,
        });
        let missing = || PluginError::Failed("the answer to a lead has no `id`".to_owned());
        id_of(&tell("lead", data)?).ok_or_else(missing)
    }

    fn log_interaction(log: InteractionLog) -> Result<Option<String>, PluginError> {
        let data = json!({
            "id": log.id, "customer": log.customer, "address": log.address, "queue": log.queue,
            "agent": log.agent, "started_seconds": log.started_seconds,
            "waited_ms": log.waited_ms, "talked_ms": log.talked_ms, "outcome": log.outcome,
        });
        Ok(id_of(&tell("log", data)?))
    }

    fn attach_recording(recording: Recording) -> Result<(), PluginError> {
        let data = json!({
            "interaction": recording.interaction, "entry": recording.entry,
            "url": recording.url, "length_ms": recording.length_ms,
        });
        tell("recording", data).map(drop)
    }

    fn receive(_: Incoming) -> Result<Reply, PluginError> {
        // Nobody has checked who sent it: a connector that does more than this checks first.
        Ok(Reply::empty(204))
    }

    fn run_schedule() -> Result<(), PluginError> {
        metrics::add("schedules", 1);
        Ok(())
    }
}

fn url() -> Result<String, PluginError> {
    settings::get("url").ok_or_else(|| PluginError::Configuration("`url` is not set".to_owned()))
}

/// Posts one message; what it is answered, null without a body.
fn tell(what: &str, data: Value) -> Result<Value, PluginError> {
    let body = json!({ "type": what, "data": data }).to_string();
    Ok(ask(Request::json(Method::Post, url()?, body))?.unwrap_or_default())
}

/// Sends a request; none if what it is about is not there. The host puts the secret in.
fn ask(request: Request) -> Result<Option<Value>, PluginError> {
    let answer = send(&request.header("authorization", "Bearer {{secret:token}}"))?;
    match answer.status {
        404 => Ok(None),
        200..=299 if answer.body.is_empty() => Ok(Some(Value::Null)),
        200..=299 => serde_json::from_slice(&answer.body)
            .map_err(|error| PluginError::Failed(format!("the answer is no JSON: {error}"))),
        // Tried again.
        status @ (408 | 429 | 500..=599) => {
            Err(PluginError::Unavailable(format!("it answered {status}")))
        }
        status => Err(PluginError::Failed(format!("it answered {status}"))),
    }
}

/// What the other system calls it: a text or a number.
fn id_of(told: &Value) -> Option<String> {
    match &told["id"] {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

/// A text as it may stand in a URL (RFC 3986).
fn in_url(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use jackfield_sdk::PluginError;
    use jackfield_sdk::connector::{Connector as _, Lead};
    use jackfield_sdk::testing::{MockHost, event, incoming};

    use super::Books;

    fn host() -> MockHost {
        let host = MockHost::new();
        host.set("url", "https://crm.example/in").secret("token", "t0ken");
        host
    }

    #[test]
    fn what_happens_is_posted() {
        let host = host();
        host.answer(204, "");
        Books::handle_event(event("arrived")).unwrap();
        let sent = &host.requests()[0];
        let told: serde_json::Value = serde_json::from_slice(&sent.body).unwrap();
        assert_eq!((&told["type"], &told["data"]["kind"]), (&"event".into(), &"arrived".into()));
        let bearer = ("authorization".to_owned(), "Bearer {{secret:token}}".to_owned());
        assert!(sent.headers.contains(&bearer));
    }

    #[test]
    fn customers_are_found_or_not() {
        let host = host();
        host.answer(200, r#"{"id":7,"name":"Eva"}"#).answer(404, "").answer(503, "");
        let found = Books::find_contact("+371 200".to_owned()).unwrap().unwrap();
        assert_eq!((&*found.id, &*found.name), ("7", "Eva"));
        assert_eq!(host.requests()[0].url, "https://crm.example/in?address=%2B371%20200");
        assert!(Books::find_contact("nobody".to_owned()).unwrap().is_none());
        let later = Books::find_contact("nobody".to_owned());
        assert!(matches!(later, Err(PluginError::Unavailable(_))));
    }

    #[test]
    fn a_lead_has_the_other_system_s_id() {
        let host = host();
        host.answer(201, r#"{"id":"L1"}"#).answer(201, "{}");
        let lead = || Lead {
            interaction: None,
            address: "+371200".to_owned(),
            name: None,
            text: "a call back".to_owned(),
            attributes: Vec::new(),
        };
        assert_eq!(Books::create_lead(lead()), Ok("L1".to_owned()));
        assert!(matches!(Books::create_lead(lead()), Err(PluginError::Failed(_))));
    }

    #[test]
    fn webhooks_and_schedules_are_taken() {
        let host = host();
        assert_eq!(Books::receive(incoming("{}")).unwrap().status, 204);
        Books::run_schedule().unwrap();
        assert_eq!(host.counted("schedules"), 1);
    }
}
