//! A web chat: the site's program posts what visitors write and fetches what they are answered.

use jackfield_sdk::channel::{
    Capabilities, ChannelPlugin, Event, Incoming, Message, Outgoing, Receipt, Received, Reply,
};
use jackfield_sdk::outside::secrets;
use jackfield_sdk::{Channel, PluginError, state};
use serde_json::{Value, json};

struct WebChat;

/// The longest text of a message, in bytes.
const TEXT_BYTES: usize = 4_096;
/// Answers that wait for one visitor; the oldest make room.
const WAITING: usize = 50;
/// Tries to add an answer while others are added.
const TRIES: usize = 20;
/// Who may post knows this secret.
const SECRET: &str = "site";

impl ChannelPlugin for WebChat {
    fn describe() -> Result<Capabilities, PluginError> {
        Ok(Capabilities {
            kind: Channel::Chat,
            text_bytes_max: TEXT_BYTES as u32,
            choices: true,
            receipts: false,
            attributes: Vec::new(),
        })
    }

    fn receive(request: Incoming) -> Result<Received, PluginError> {
        let token = header(&request, "x-webchat-token").unwrap_or_default();
        let known = secrets::equals(SECRET, token).map_err(|_| {
            PluginError::Configuration(format!(
                "there is no secret `{SECRET}`: add it to `secrets`"
            ))
        })?;
        if !known {
            return Ok(answered(401, &json!({ "error": "x-webchat-token is wrong" }), None));
        }
        match read(&request.body) {
            Err(why) => Ok(answered(400, &json!({ "error": why }), None)),
            Ok(Post::Wrote(message)) => {
                Ok(answered(200, &json!({ "taken": message.id }), Some(Event::Message(message))))
            }
            Ok(Post::Left(session)) => {
                keep(&session, |list| list.clear())?;
                Ok(answered(200, &json!({}), Some(Event::Left(session))))
            }
            Ok(Post::Fetch { session, after }) => {
                let mut rest = Vec::new();
                keep(&session, |list| {
                    list.retain(|one| after < number(one));
                    rest.clone_from(list);
                })?;
                Ok(answered(200, &json!({ "messages": rest }), None))
            }
        }
    }

    fn send(message: Outgoing) -> Result<Receipt, PluginError> {
        let mut id = 0;
        keep(&message.to, |list| {
            id = last(list) + 1;
            list.push(json!({ "n": id, "text": message.text, "choices": message.choices }));
            let over = list.len().saturating_sub(WAITING);
            list.drain(..over);
        })?;
        Ok(Receipt { id: format!("{}-{id}", message.to), state: "accepted".to_owned() })
    }
}

jackfield_sdk::export_channel!(WebChat);

/// What a site posts.
#[derive(Debug, PartialEq)]
enum Post {
    Wrote(Message),
    Fetch { session: String, after: u64 },
    Left(String),
}

fn header<'a>(request: &'a Incoming, name: &str) -> Option<&'a str> {
    let found = request.headers.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

fn read(body: &[u8]) -> Result<Post, String> {
    let post: Value = serde_json::from_slice(body).map_err(|error| format!("no JSON: {error}"))?;
    let text = |name: &str, most: usize| match post.get(name).and_then(Value::as_str) {
        Some(text) if !text.is_empty() && text.len() <= most => Ok(text.to_owned()),
        _ => Err(format!("`{name}`: a text of 1 to {most} bytes is accepted")),
    };
    let session = text("session", 64)?;
    match post.get("type").and_then(Value::as_str) {
        Some("message") => Ok(Post::Wrote(Message {
            id: format!("{session}/{}", text("id", 64)?),
            from: session,
            name: text("name", 200).ok(),
            text: text("text", TEXT_BYTES)?,
            language: text("language", 35).ok(),
            attributes: text("page", 500)
                .map(|page| ("page".to_owned(), page))
                .into_iter()
                .collect(),
        })),
        Some("fetch") => {
            let after = post.get("after").and_then(Value::as_u64).unwrap_or(0);
            Ok(Post::Fetch { session, after })
        }
        Some("leave") => Ok(Post::Left(session)),
        _ => Err("`type`: `message`, `fetch` or `leave` is accepted".to_owned()),
    }
}

fn answered(status: u16, body: &Value, event: Option<Event>) -> Received {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let reply = Reply { status, headers, body: body.to_string().into_bytes() };
    Received { reply, events: event.into_iter().collect() }
}

fn number(one: &Value) -> u64 {
    one.get("n").and_then(Value::as_u64).unwrap_or(0)
}

fn last(list: &[Value]) -> u64 {
    list.last().map_or(0, number)
}

/// Changes the answers that wait for a visitor. The last number is kept, so that none is used twice.
fn keep(session: &str, mut change: impl FnMut(&mut Vec<Value>)) -> Result<(), PluginError> {
    let key = format!("out:{session}");
    let lost = |what: &str| PluginError::Unavailable(format!("the state is not {what}"));
    for _ in 0..TRIES {
        let kept = state::get(&key).map_err(|_| lost("readable"))?;
        let (mut number_before, mut list) = match &kept {
            Some(bytes) => unpack(bytes),
            None => (0, Vec::new()),
        };
        let before = (number_before, list.clone());
        if list.is_empty() && 0 < number_before {
            list.push(json!({ "n": number_before, "gone": true }));
        }
        change(&mut list);
        number_before = number_before.max(last(&list));
        list.retain(|one| one.get("gone").is_none());
        if (number_before, &list) == (before.0, &before.1) {
            return Ok(());
        }
        let value = json!([number_before, list]).to_string().into_bytes();
        match state::compare_and_set(&key, kept.as_deref(), &value) {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(_) => return Err(lost("kept")),
        }
    }
    Err(lost("quiet"))
}

fn unpack(bytes: &[u8]) -> (u64, Vec<Value>) {
    serde_json::from_slice(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests;
