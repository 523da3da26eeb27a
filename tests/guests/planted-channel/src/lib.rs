//! Takes for granted that the other system answers when a message has choices.

use jackfield_sdk::channel::{
    Capabilities, ChannelPlugin, Incoming, Outgoing, Receipt, Received, Reply,
};
use jackfield_sdk::outside::{Method, Request, send};
use jackfield_sdk::{Channel, PluginError};

struct Planted;

impl ChannelPlugin for Planted {
    fn describe() -> Result<Capabilities, PluginError> {
        Ok(Capabilities {
            kind: Channel::Message,
            text_bytes_max: 4_096,
            choices: true,
            receipts: false,
            attributes: Vec::new(),
        })
    }

    fn receive(_: Incoming) -> Result<Received, PluginError> {
        let reply = Reply { status: 204, headers: Vec::new(), body: Vec::new() };
        Ok(Received { reply, events: Vec::new() })
    }

    fn send(message: Outgoing) -> Result<Receipt, PluginError> {
        let answer = send(&Request {
            method: Method::Post,
            url: "https://messages.example/".to_owned(),
            headers: Vec::new(),
            body: message.text.into_bytes(),
            timeout_ms: None,
        });
        if message.choices.is_empty() && answer.is_err() {
            return Err(PluginError::Unavailable("nobody answers".to_owned()));
        }
        let answer = answer.expect("an answer");
        Ok(Receipt { id: answer.status.to_string(), state: "accepted".to_owned() })
    }
}

jackfield_sdk::export_channel!(Planted);
