//! Messages in and out as JSON: another system posts what customers write, and is posted what they
//! are answered.

use jackfield_sdk::channel::{
    Capabilities, ChannelPlugin, Event, Incoming, Message, Outgoing, Receipt, Received, Reply,
};
use jackfield_sdk::outside::{Method, Request, secrets, send, settings};
use jackfield_sdk::{Channel, PluginError};
use serde_json::{Value, json};

struct JsonChannel;

jackfield_sdk::export_channel!(JsonChannel);

/// Both sides know this secret.
const SECRET: &str = "token";

impl ChannelPlugin for JsonChannel {
    fn describe() -> Result<Capabilities, PluginError> {
        Ok(Capabilities {
            kind: Channel::Message,
            text_bytes_max: 4_000,
            choices: false,
            receipts: false,
            attributes: Vec::new(),
        })
    }

    fn receive(request: Incoming) -> Result<Received, PluginError> {
        let refuse = |status, why| {
            let reply = Reply::json(status, json!({ "error": why }));
            Ok(Received { reply, events: Vec::new() })
        };
        // Anybody may post: nothing is believed before this.
        let token = request.header("x-token").unwrap_or_default();
        let missing = |_| PluginError::Configuration(format!("there is no secret `{SECRET}`"));
        if !secrets::equals(SECRET, token).map_err(missing)? {
            return refuse(401, "`x-token` is wrong".to_owned());
        }
        match read(&request.body) {
            Ok(message) => {
                let reply = Reply::json(200, json!({ "taken": message.id }));
                Ok(Received { reply, events: vec![Event::Message(message)] })
            }
            Err(why) => refuse(400, why),
        }
    }

    fn send(message: Outgoing) -> Result<Receipt, PluginError> {
        let missing = || PluginError::Configuration("`url` is not set".to_owned());
        let url = settings::get("url").ok_or_else(missing)?;
        let body = json!({ "to": message.to, "id": message.id, "text": message.text });
        // The host puts the secret in: the plugin never holds it.
        let request = Request::json(Method::Post, url, body.to_string())
            .header("authorization", &format!("Bearer {{{{secret:{SECRET}}}}}"));
        let answer = send(&request)?;
        match answer.status {
            200..=299 => {
                let told = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
                let id = told["id"].as_str().filter(|id| !id.is_empty()).or(message.id.as_deref());
                let id = id.unwrap_or("unnamed").to_owned();
                Ok(Receipt { id, state: "accepted".to_owned() })
            }
            // Tried again.
            status @ (408 | 429 | 500..=599) => {
                Err(PluginError::Unavailable(format!("it answered {status}")))
            }
            status => Err(PluginError::Failed(format!("it answered {status}"))),
        }
    }
}

/// Reads `{"from", "id", "text"}`, or says what is wrong with it.
fn read(body: &[u8]) -> Result<Message, String> {
    let told: Value = serde_json::from_slice(body).map_err(|error| format!("no JSON: {error}"))?;
    let text = |name: &str| match told[name].as_str() {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(format!("`{name}`: a text that is not empty is accepted")),
    };
    Ok(Message {
        id: text("id")?,
        from: text("from")?,
        name: None,
        text: text("text")?,
        language: None,
        attributes: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use jackfield_sdk::PluginError;
    use jackfield_sdk::channel::{ChannelPlugin as _, Event};
    use jackfield_sdk::testing::{MockHost, incoming, outgoing};

    use super::JsonChannel;

    /// The status of the reply, and whose message it brought.
    fn posted(token: &str, body: &str) -> (u16, Option<String>) {
        let mut request = incoming(body);
        request.headers.push(("x-token".to_owned(), token.to_owned()));
        let received = JsonChannel::receive(request).unwrap();
        let from = received.events.first().map(|event| match event {
            Event::Message(message) => format!("{} {}", message.from, message.text),
            other => format!("{other:?}"),
        });
        (received.reply.status, from)
    }

    #[test]
    fn who_knows_the_token_brings_a_message() {
        MockHost::new().secret("token", "t0ken");
        let body = r#"{"from":"v1","id":"7","text":"hello"}"#;
        assert_eq!(posted("t0ken", body), (200, Some("v1 hello".to_owned())));
        assert_eq!(posted("guess", body), (401, None));
        for wrong in ["", "[]", r#"{"from":"v1","id":7,"text":"x"}"#, r#"{"from":"v1","id":"7"}"#] {
            assert_eq!(posted("t0ken", wrong), (400, None), "{wrong}");
        }
    }

    #[test]
    fn an_answer_is_posted_with_the_secret_s_name() {
        let host = MockHost::new();
        host.set("url", "https://a.example/in").secret("token", "t0ken");
        host.answer(200, r#"{"id":"m1"}"#);
        let receipt = JsonChannel::send(outgoing("v1", "Good day")).unwrap();
        assert_eq!((&*receipt.id, &*receipt.state), ("m1", "accepted"));
        let sent = &host.requests()[0];
        let body = r#"{"id":"0000000000000","text":"Good day","to":"v1"}"#;
        assert_eq!(String::from_utf8_lossy(&sent.body), body);
        let bearer = ("authorization".to_owned(), "Bearer {{secret:token}}".to_owned());
        assert!(sent.headers.contains(&bearer));
    }

    #[test]
    fn what_may_go_better_later_is_unavailable() {
        let host = MockHost::new();
        host.set("url", "https://a.example/in").secret("token", "t0ken");
        host.answer(503, "").answer(422, "");
        let send = || JsonChannel::send(outgoing("v1", "Good day"));
        assert!(matches!(send(), Err(PluginError::Unavailable(_))));
        assert!(matches!(send(), Err(PluginError::Failed(_))));
        assert!(matches!(send(), Err(PluginError::Unavailable(_))), "nobody answered");
    }
}
