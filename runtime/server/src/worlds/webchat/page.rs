//! One page: its WebSocket, subprotocol `webchat.v1`.
//!
//! The page begins with `hello`, which has the visitor's token if the browser has kept one; the answer,
//! `welcome`, has the token to keep and what was written before. A message of the page has an id of the
//! page's own; it is acknowledged by coming back as a message of its conversation, which is when it is kept.
//! After a reconnect the page sends again what has not come back: an id is taken once.

use std::ops::ControlFlow;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use jackfield_core::Channel;
use jackfield_plugin_host::asked::channels;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::sync::CancellationToken;

use super::{CHANNEL, Seat, past, people, state_frame};
use crate::access::secret::{digest, random_token};
use crate::worlds::chats::{self, NotTaken, Taken};

/// The name of the protocol.
pub const PROTOCOL: &str = "webchat.v1";
/// Bytes of one frame of a page: more than any message that is accepted.
const FRAME_MAX: usize = 32 << 10;
/// How long a page may take to say who it is, and to take a frame.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a page is told that the connection lives; browsers answer the ping that goes with it.
const BEAT: Duration = Duration::from_secs(20);
/// A page that was not heard of for so long is gone.
const SILENCE: Duration = Duration::from_secs(65);
/// How often the agent is told that the visitor types.
const TYPING_EVERY: Duration = Duration::from_secs(2);
/// Characters of the id that a page gives a message.
const ID_MAX: usize = 64;
/// Bytes of a visitor's address: more than enough of a digest to tell visitors apart.
const ADDRESS_CHARS: usize = 24;

/// What a page says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Said {
    /// Who it is, once, first.
    Hello {
        /// What the browser has kept.
        #[serde(default)]
        visitor: Option<String>,
        /// The last message it has: `INTERACTION/SEQ`.
        #[serde(default)]
        after: Option<String>,
        /// The browser's language.
        #[serde(default)]
        language: Option<String>,
    },
    /// The visitor wrote.
    Message {
        /// The page's own name for it.
        id: String,
        /// What.
        text: String,
    },
    /// The visitor is writing.
    Typing,
    /// The visitor ends the conversation.
    Leave,
}

/// A visitor's token: 256 random bits, which only the visitor's browser has. What the visitor is called here
/// is made of its digest: who sees a conversation cannot take the visitor's place.
fn address_of(token: &str) -> String {
    let digest = digest(token);
    format!("visitor-{}", digest.get(..ADDRESS_CHARS).unwrap_or(&digest))
}

fn is_token(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    text.len() == random_token().len() && text.bytes().all(plain)
}

/// What of a message is kept: without what no page can show.
fn cleaned(text: &str) -> String {
    let shown = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().filter(shown).collect::<String>().trim().to_owned()
}

struct Page<S> {
    seat: Seat,
    socket: WebSocketStream<S>,
    visitor: String,
    language: Option<String>,
    /// Of the last `typing`.
    typed: Option<Instant>,
    /// What the page knows of people being there.
    people: &'static str,
}

impl Seat {
    /// Serves the page at the other end of `stream`, to its end or that of the process.
    pub async fn serve<S>(self, stream: S, stop: CancellationToken)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let limits = WebSocketConfig::default()
            .max_message_size(Some(FRAME_MAX))
            .max_frame_size(Some(FRAME_MAX));
        let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(limits)).await;
        let Ok(Some(Said::Hello { visitor, after, language })) =
            timeout(PATIENCE, first(&mut socket)).await
        else {
            let _ = close(&mut socket, CloseCode::Policy, "`hello` is awaited first").await;
            return;
        };
        let token = visitor.filter(|token| is_token(token)).unwrap_or_else(random_token);
        let visitor = address_of(&token);
        // Listens before it looks at what was: what comes between is told twice and shown once.
        let (number, frames) = self.tenant.webchat.listen(&visitor);
        let people = people(&self.tenant);
        let language = language.filter(|tag| !tag.is_empty() && tag.len() <= 35);
        let mut page = Page { seat: self, socket, visitor, language, typed: None, people };
        if let Err(error) = page.run(&token, after.as_deref(), frames, stop).await {
            tracing::debug!(tenant = %page.seat.tenant.id, %error, "a page of the web chat broke off");
        }
        page.seat.tenant.webchat.leave(&page.visitor, number);
    }
}

/// What a page says first.
async fn first<S>(socket: &mut WebSocketStream<S>) -> Option<Said>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        match socket.next().await?.ok()? {
            Message::Text(text) => return serde_json::from_str(&text).ok(),
            Message::Ping(_) | Message::Pong(_) => {}
            _ => return None,
        }
    }
}

async fn close<S>(
    socket: &mut WebSocketStream<S>,
    code: CloseCode,
    why: &'static str,
) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let closed = socket.close(Some(CloseFrame { code, reason: why.into() }));
    timeout(PATIENCE, closed).await.unwrap_or(Ok(()))
}

impl<S> Page<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    async fn run(
        &mut self,
        token: &str,
        after: Option<&str>,
        mut frames: mpsc::Receiver<String>,
        stop: CancellationToken,
    ) -> Result<(), Error> {
        self.welcome(token, after).await?;
        let mut beat = interval_at(Instant::now() + BEAT, BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => {
                    return close(&mut self.socket, CloseCode::Restart, "the server ends").await;
                }
                frame = frames.recv() => match frame {
                    Some(frame) => self.send(Message::text(frame)).await?,
                    None => return close(&mut self.socket, CloseCode::Again, "too slow").await,
                },
                _ = beat.tick() => {
                    if SILENCE < heard.elapsed() {
                        return close(&mut self.socket, CloseCode::Away, "nothing was heard").await;
                    }
                    self.beat().await?;
                }
                said = self.socket.next() => {
                    heard = Instant::now();
                    let Some(said) = said.transpose()? else { return Ok(()) };
                    if self.take(said).await?.is_break() {
                        return Ok(());
                    }
                }
            }
        }
    }

    async fn send(&mut self, message: Message) -> Result<(), Error> {
        let late = || Error::Io(std::io::ErrorKind::TimedOut.into());
        timeout(PATIENCE, self.socket.send(message)).await.map_err(|_| late())?
    }

    async fn tell(&mut self, frame: Value) -> Result<(), Error> {
        self.send(Message::text(frame.to_string())).await
    }

    async fn welcome(&mut self, token: &str, after: Option<&str>) -> Result<(), Error> {
        let tenant = &self.seat.tenant;
        let config = tenant.config();
        let after = after.and_then(past::place);
        let history = past::frames(tenant, &self.visitor, config.webchat.history, after);
        let history = history.unwrap_or_else(|error| {
            tracing::error!(tenant = %tenant.id, %error, "the past of a visitor cannot be read");
            Vec::new()
        });
        let frame = json!({
            "type": "welcome",
            "visitor": token,
            "name": config.name,
            "messages": history,
            "state": state_frame(tenant, &tenant.webchat.stage(&self.visitor)),
            "message_max": config.webchat.message_max,
            "beat_ms": BEAT.as_millis(),
        });
        self.tell(frame).await
    }

    /// Says that the connection lives, and whether people are there if that has changed.
    async fn beat(&mut self) -> Result<(), Error> {
        self.send(Message::Ping(Vec::new().into())).await?;
        let tenant = &self.seat.tenant;
        let people = people(tenant);
        let frame = if people == self.people {
            json!({ "type": "beat" })
        } else {
            self.people = people;
            state_frame(tenant, &tenant.webchat.stage(&self.visitor))
        };
        self.tell(frame).await
    }

    async fn take(&mut self, said: Message) -> Result<ControlFlow<()>, Error> {
        let text = match said {
            Message::Text(text) => text,
            Message::Ping(_) | Message::Pong(_) => return Ok(ControlFlow::Continue(())),
            _ => return Ok(ControlFlow::Break(())),
        };
        match serde_json::from_str(&text) {
            Ok(Said::Message { id, text }) => self.message(id, &text).await?,
            Ok(Said::Typing) => self.typing(),
            Ok(Said::Leave) => {
                chats::left(&self.seat.tenant, CHANNEL, &self.visitor).await;
            }
            Ok(Said::Hello { .. }) | Err(_) => {
                let why = "`message`, `typing` and `leave` are accepted after `hello`";
                close(&mut self.socket, CloseCode::Policy, why).await?;
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Tells the watchers that the visitor writes, and the visitor's other pages nothing.
    fn typing(&mut self) {
        if self.typed.is_none_or(|typed| TYPING_EVERY <= typed.elapsed()) {
            self.typed = Some(Instant::now());
            chats::customer_types(&self.seat.tenant, CHANNEL, &self.visitor);
        }
    }

    async fn message(&mut self, id: String, text: &str) -> Result<(), Error> {
        let tenant = &self.seat.tenant;
        let config = tenant.config();
        let text = cleaned(text);
        let most = config.webchat.message_max;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let open = chats::is_open(tenant, CHANNEL, &self.visitor);
        let why = if id.is_empty() || ID_MAX < id.len() || !id.bytes().all(plain) {
            Some("bad_id")
        } else if !config.webchat.enabled {
            // It was switched off while the page was connected.
            Some("disabled")
        } else if text.is_empty() {
            Some("empty")
        } else if most < text.chars().count() {
            Some("too_long")
        } else if !open && config.webchat.conversations <= tenant.webchat.conversations() {
            Some("full")
        } else if !tenant.webchat.may_write(&config.webchat, &self.visitor, self.seat.address) {
            Some("too_many")
        } else {
            None
        };
        if let Some(why) = why {
            return self.refuse(&id, why).await;
        }
        let message = channels::Message {
            id: format!("{}/{id}", self.visitor),
            from: self.visitor.clone(),
            name: None,
            text,
            language: self.language.clone(),
            attributes: Vec::new(),
        };
        match chats::wrote(tenant, CHANNEL, Channel::Chat, message).await {
            Ok(Taken::New) => Ok(()),
            Ok(Taken::Known) => self.again(&id).await,
            Err(NotTaken::Full) => self.refuse(&id, "full").await,
            Err(NotTaken::Unknown(_) | NotTaken::Failed(_)) => self.refuse(&id, "failed").await,
        }
    }

    /// Tells a page once more of a message that it has sent before: it has missed the acknowledgement. One
    /// that is not kept yet is told of when it is.
    async fn again(&mut self, id: &str) -> Result<(), Error> {
        let tenant = &self.seat.tenant;
        let history = tenant.config().webchat.history;
        let known = past::frames(tenant, &self.visitor, history, None).unwrap_or_default();
        let known = known.into_iter().find(|frame| frame["id"] == id);
        match known {
            Some(frame) => self.tell(frame).await,
            None => Ok(()),
        }
    }

    async fn refuse(&mut self, id: &str, why: &'static str) -> Result<(), Error> {
        self.seat.tenant.webchat.refused(why);
        self.tell(json!({ "type": "refused", "id": id, "why": why })).await
    }
}

#[cfg(test)]
mod tests {
    use super::{address_of, cleaned, is_token};
    use crate::access::secret::random_token;

    #[test]
    fn a_token_is_known_by_its_shape_and_shown_as_a_digest() {
        let token = random_token();
        assert!(is_token(&token));
        for wrong in ["", "short", &format!("{token}x"), &token.replace(&token[..1], "é")] {
            assert!(!is_token(wrong), "{wrong}");
        }
        let address = address_of(&token);
        assert_eq!(address.len(), "visitor-".len() + 24);
        assert!(!address.contains(&token[..8]) && address != address_of(&random_token()));
    }

    #[test]
    fn what_cannot_be_shown_is_not_kept() {
        assert_eq!(cleaned(" a\u{0}b\r\n\tc\u{1b}[1m \n"), "ab\n\tc[1m");
        assert_eq!(cleaned("\u{7}\n "), "");
    }
}
