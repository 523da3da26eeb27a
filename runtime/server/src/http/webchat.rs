//! Web chats: the WebSocket of a visitor's page, and what a desk shows of a conversation.

use axum::http::header;
use serde::Serialize;

use super::call::{Answer, Call, done, ok};
use super::sockets::Opening;
use super::view::{Page, TimelineEntry};
use crate::worlds::webchat::PROTOCOL;

/// One message of a conversation.
#[derive(Serialize)]
struct Message {
    /// Its place, from 1.
    seq: usize,
    at: String,
    /// `customer`, `bot`, `agent`.
    from: String,
    agent: Option<String>,
    text: String,
}

/// `GET /interactions/{interaction}/messages`
pub fn messages(call: Call) -> Answer {
    Box::pin(async move {
        let known = call.tenant()?.interaction(call.name("interaction")).await?;
        let said = known.timeline.into_iter().filter(|entry| entry.what == "message");
        let message = |(place, entry): (usize, TimelineEntry)| {
            let detail = |wanted: &str| {
                let found = entry.details.iter().find(|(name, _)| name == wanted);
                found.map(|(_, value)| value.clone())
            };
            Message {
                seq: place + 1,
                from: detail("by").unwrap_or_default(),
                agent: detail("agent"),
                text: detail("text").unwrap_or_default(),
                at: entry.at,
            }
        };
        ok(&Page::whole(said.enumerate().map(message).collect::<Vec<_>>()))
    })
}

/// `POST /interactions/{interaction}/typing`
pub fn typing(call: Call) -> Answer {
    Box::pin(async move {
        call.tenant()?.tell_typing(call.name("interaction")).await?;
        Ok(done())
    })
}

/// `GET /webchat`
pub fn open(mut call: Call) -> Answer {
    Box::pin(async move {
        let opening = Opening::of(&mut call, PROTOCOL)?;
        let origin = call.headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
        let seat = call.tenant()?.webchat(origin, call.address)?;
        let stop = call.front.stop.clone();
        opening.accept(move |stream| seat.serve(stream, stop))
    })
}
