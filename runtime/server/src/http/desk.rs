//! The socket of an agent's desk: [`crate::desk`] does what is said on it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::call::{Answer, Call};
use super::problem::Problem;
use super::sockets::Opening;
use crate::access::Right;
use crate::desk::{Asked, Desk, PROTOCOL, What, Who};
use crate::tenant::Tenant;

/// The largest message, in bytes: an SDP offer is the longest.
const MESSAGE_MAX: usize = 64 * 1024;
/// How often the page is asked whether it is there: proxies close what is silent for a minute.
const PING_EVERY: Duration = Duration::from_secs(20);
/// How long a page may take for its first message.
const HELLO_WITHIN: Duration = Duration::from_secs(10);

/// `GET /agents/{agent}/desk`
pub fn open(mut call: Call) -> Answer {
    Box::pin(async move {
        let opening = Opening::of(&mut call, PROTOCOL)?;
        let permit = Arc::clone(&call.front.sockets).try_acquire_owned();
        let permit = permit.map_err(|_| Problem::busy("too many desks are open"))?;
        let (tenant, desk) = call.tenant()?.desk(call.name("agent"))?;
        let supervises = call.principal.rights().has(Right::Supervise);
        let who = Who { name: call.principal.name().to_owned(), supervises };
        let stop = call.front.stop.clone();
        opening.accept(move |stream| async move {
            let _permit = permit;
            let limits = WebSocketConfig::default()
                .max_message_size(Some(MESSAGE_MAX))
                .max_frame_size(Some(MESSAGE_MAX));
            let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(limits)).await;
            tokio::select! {
                () = talk(tenant, desk, who, socket) => {}
                () = stop.cancelled() => {}
            }
        })
    })
}

/// Talks with a page until it goes, or another takes its place.
async fn talk(
    tenant: Arc<Tenant>,
    desk: Arc<Desk>,
    who: Who,
    socket: WebSocketStream<TokioIo<Upgraded>>,
) {
    let (mut out, mut heard) = socket.split();
    let first = tokio::time::timeout(HELLO_WITHIN, heard.next()).await;
    let Ok(Some(Ok(Message::Text(text)))) = first else { return };
    let hello = serde_json::from_str::<Asked>(&text);
    let Ok(Asked { what: What::Hello { desk: known, seen }, .. }) = hello else {
        let why = "the first message is `hello`";
        let _ = out.send(text_of(&json!({ "type": "refused", "why": why }))).await;
        return;
    };
    let welcome = desk.welcome(known.as_deref().map(|id| (id, seen)));
    let (page, mut last) = (welcome.page, welcome.last);
    for message in welcome.messages {
        if out.send(Message::Text(message.into())).await.is_err() {
            return desk.leave(page);
        }
    }
    let mut ping = tokio::time::interval(PING_EVERY);
    loop {
        tokio::select! {
            more = desk.more(page, last) => {
                let Some((messages, newest)) = more else { break };
                last = newest;
                for message in messages {
                    if out.send(Message::Text(message.into())).await.is_err() {
                        return desk.leave(page);
                    }
                }
            }
            said = heard.next() => match said {
                Some(Ok(Message::Text(text))) => take(&tenant, &desk, &who, &text).await,
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
            _ = ping.tick() => {
                if out.send(Message::Ping(Vec::new().into())).await.is_err() {
                    break;
                }
            }
        }
    }
    desk.leave(page);
    // What is left of it closes with the connection.
    let _ = out.close().await;
}

/// Does what the page asks, one after the other: nothing that is asked waits for another person.
async fn take(tenant: &Arc<Tenant>, desk: &Arc<Desk>, who: &Who, text: &Utf8Bytes) {
    match serde_json::from_str::<Asked>(text) {
        Ok(Asked { what: What::Ack { seq }, .. }) => desk.seen(seq),
        Ok(asked) => desk.ask(tenant, asked, who).await,
        Err(error) => desk.refuse(text, &error.to_string()),
    }
}

fn text_of(message: &serde_json::Value) -> Message {
    Message::Text(message.to_string().into())
}
